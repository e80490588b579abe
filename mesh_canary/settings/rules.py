"""The rules between the parts of a stack: each part is fine, and they do not fit together.

Every rule says in `RULES` which parts it has to know completely; it is left out while one of them is broken, so that
the other rules can still be asked and one run shows as much as possible. Rules of one area are in a file of their own,
`rules_<area>.py`, with `RULES` of its own that `check_parts` joins.
"""

from collections import Counter
from collections.abc import Iterator
from itertools import combinations, product

from mesh_canary.settings.apps import AppSettings
from mesh_canary.settings.fields import label_of
from mesh_canary.settings.gateway import EgressGatewaySettings, GatewaySettings
from mesh_canary.settings.mesh import NoMeshSettings
from mesh_canary.settings.parts import Parts, Rules
from mesh_canary.settings.problems import Problem
from mesh_canary.settings.rules_access import RULES as ACCESS_RULES
from mesh_canary.settings.rules_addons import RULES as ADDON_RULES
from mesh_canary.settings.rules_disabled import RULES as DISABLED_RULES
from mesh_canary.settings.rules_faults import RULES as FAULT_RULES
from mesh_canary.settings.rules_gateway import RULES as GATEWAY_RULES
from mesh_canary.settings.rules_linkerd import RULES as LINKERD_RULES
from mesh_canary.settings.rules_load_tests import RULES as LOAD_TEST_RULES
from mesh_canary.settings.rules_pitstop import RULES as PITSTOP_RULES
from mesh_canary.settings.rules_secrets import RULES as SECRET_RULES
from mesh_canary.settings.rules_sidecars import RULES as SIDECAR_RULES
from mesh_canary.settings.rules_unrouted import RULES as UNROUTED_RULES
from mesh_canary.settings.rules_without_mesh import RULES as WITHOUT_MESH_RULES
from mesh_canary.settings.rules_workloads import RULES as WORKLOAD_RULES


def check_parts(parts: Parts) -> list[Problem]:
    """What does not fit between the parts that are known."""
    own = (
        ACCESS_RULES,
        ADDON_RULES,
        DISABLED_RULES,
        FAULT_RULES,
        GATEWAY_RULES,
        LOAD_TEST_RULES,
        LINKERD_RULES,
        PITSTOP_RULES,
        SECRET_RULES,
        SIDECAR_RULES,
        WITHOUT_MESH_RULES,
        UNROUTED_RULES,
        WORKLOAD_RULES,
    )
    every = (*RULES, *(rule for rules in own for rule in rules))
    parts = parts.switched()
    return [
        problem for needs, check in every if not parts.broken & needs for problem in check(parts)
    ]


def check_namespaces(parts: Parts) -> list[Problem]:
    """A namespace is set up once: by one app, the mesh or a gateway."""
    owners: dict[str, str] = {}
    if parts.mesh:
        owners |= dict.fromkeys(parts.mesh.installed_namespaces, "mesh")
    gateways = {"gateway": parts.gateway, "egress_gateway": parts.egress_gateway}
    wanted: dict[str, GatewaySettings | EgressGatewaySettings | AppSettings] = {
        **{key: gateway for key, gateway in gateways.items() if gateway},
        **{f"apps.{name}": app for name, app in parts.apps.items()},
    }
    problems = []
    for key, part in wanted.items():
        if not part.install:
            continue
        if owner := owners.get(part.namespace):
            hint = "give it a namespace of its own (for apps: or put the workloads together)"
            rule = f"set up by `{owner}` already; a namespace is set up once"
            problems.append(Problem(f"{key}.namespace", part.namespace, rule, hint))
        owners.setdefault(part.namespace, key)
    return problems


def check_workloads_are_known_once(parts: Parts) -> list[Problem]:
    """A service belongs to one app, also where only one of two apps is installed here."""
    owners: dict[tuple[str, str], str] = {}
    problems = []
    for name, app in parts.apps.items():
        for workload in app.workload_names:
            owner = owners.setdefault((app.namespace, workload), name)
            if owner != name:
                key = f"apps.{name}.workloads.{workload}"
                rule = f"a workload of app {owner} in namespace {app.namespace} already"
                problems.append(Problem(key, "", rule, "name it in one of the two"))
    return problems


def check_app_names_its_own(parts: Parts) -> list[Problem]:
    """What an app exposes or leaves to another stack is one of its workloads."""
    problems = []
    for name, app in parts.apps.items():
        named = {f"released_elsewhere[{i}]": w for i, w in enumerate(app.released_elsewhere)}
        named |= {f"versions.{workload}": workload for workload in app.versions}
        if app.expose:
            named = {"expose.workload": app.expose.workload, **named}
        rule, hint = f"not a workload of app {name}", f"one of: {', '.join(app.workload_names)}"
        problems += [
            Problem(f"apps.{name}.{key}", workload, rule, hint)
            for key, workload in named.items()
            if workload not in app.workload_names
        ]
    return problems


def check_mesh_for_releases(parts: Parts) -> list[Problem]:
    """A release needs something that splits its traffic, said in so many words."""
    hint = (
        "describe the mesh under `mesh` (install: false if it is there already),"
        " or say mesh: {kind: none} to release by pod counts"
    )
    rule = "a release needs a mesh that splits its traffic"
    return [
        Problem(f"releases.{name}", "", rule, hint) for name in parts.releases if not parts.mesh
    ]


def check_one_release_per_service(parts: Parts) -> list[Problem]:
    """Two releases would write the same route."""
    targets = Counter((release.namespace, release.service) for release in parts.releases.values())
    problems = []
    for target in (target for target, count in targets.items() if count > 1):
        namespace, service = target
        names = [n for n, r in parts.releases.items() if (r.namespace, r.service) == target]
        rule = f"under release in namespace {namespace} as {' and '.join(names)}"
        hint = "a service has one release at a time: keep one of them"
        problems += [Problem(f"releases.{name}.service", service, rule, hint) for name in names[1:]]
    return problems


def check_released_workloads(parts: Parts) -> list[Problem]:
    """What is released is a workload of an app, and released in this stack."""
    problems = []
    for name, release in parts.releases.items():
        key, service, namespace = f"releases.{name}.service", release.service, release.namespace
        below = [app for app in parts.apps.values() if app.namespace == namespace]
        known = sorted({workload for app in below for workload in app.workload_names})
        if service not in known:
            hint = f"describe an app in namespace {namespace} under `apps` (install: false if it is there already)"
            if known:
                hint = f"one of: {', '.join(known)}"
            rule = f"not a workload of an app in namespace {namespace}"
            problems.append(Problem(key, service, rule, hint))
        if any(service in app.released_elsewhere for app in below):
            rule = "released_elsewhere says that another stack releases it"
            hint = "take it out of released_elsewhere, or remove the release here"
            problems.append(Problem(key, service, rule, hint))
    return problems


def check_hosts(parts: Parts) -> list[Problem]:
    """Two apps on one host and path: the gateway would send requests to one of them, undefined which."""
    problems = []
    if isinstance(parts.mesh, NoMeshSettings):
        return []
    hosts = {name: app.expose.host for name, app in parts.apps.items() if app.expose}
    for name, other in combinations(hosts, 2):
        pairs = product(parts.apps[name].exposed_paths, parts.apps[other].exposed_paths)
        if hosts[name] == hosts[other] and any(_overlap(one, two) for one, two in pairs):
            rule = f"exposed by app {name} as well, with paths that overlap"
            hint = "give each its own host, or paths of which none begins with the other"
            problems.append(Problem(f"apps.{other}.expose.host", hosts[other], rule, hint))
    return problems


def _overlap(one: str, two: str) -> bool:
    return one.startswith(two) or two.startswith(one)


def check_deployment_names(parts: Parts) -> list[Problem]:
    """A Deployment is named service-version: a at b-c and a-b at c would be one object."""
    owners: dict[tuple[str, str], str] = {}
    problems = []
    for key, namespace, service, version in _deployments(parts):
        name = f"{service}-{label_of(version)}"
        owner = owners.setdefault((namespace, name), service)
        if owner != service:
            rule = f"its Deployment {name} is {owner}'s in namespace {namespace}"
            problems.append(Problem(key, version, rule, "give one of the two another version name"))
    return problems


def check_route_names(parts: Parts) -> list[Problem]:
    """The gateway's route to an exposed service is named service-gateway: no service under release has that name."""
    exposed = {
        (app.namespace, f"{app.expose.workload}-gateway"): app.expose.workload
        for app in parts.apps.values()
        if app.expose
    }
    hint = "give the service another name, or release it in a namespace of its own"
    return [
        Problem(
            f"releases.{name}.service",
            release.service,
            f"the gateway's route to {exposed[target]} has this name already",
            hint,
        )
        for name, release in parts.releases.items()
        if (target := (release.namespace, release.service)) in exposed
    ]


def _deployments(parts: Parts) -> Iterator[tuple[str, str, str, str]]:
    """Key, namespace, service and version of everything that runs or may run."""
    for name, app in parts.apps.items():
        for service, workload in app.workloads.items():
            key = f"apps.{name}.workloads.{service}.version"
            yield key, app.namespace, service, workload.version
    for name, release in parts.releases.items():
        for role, version in release.versions.items():
            key = f"releases.{name}.{role}.version"
            yield key, release.namespace, release.service, version.version


def check_replicas_are_ours(parts: Parts) -> list[Problem]:
    """A version's replicas are the autoscaler's business where its workload has one."""
    return [
        Problem(
            f"releases.{name}.{role}.replicas",
            str(version.replicas),
            f"the autoscaler of {release.service} sets them",
            "leave it out, or take autoscale out of the workload",
        )
        for name, release in parts.releases.items()
        for app in parts.apps.values()
        if app.namespace == release.namespace
        and (workload := app.workloads.get(release.service))
        and workload.autoscale
        for role, version in release.versions.items()
        if version.replicas
    ]


RULES: Rules = (
    (frozenset(), check_namespaces),
    (frozenset(), check_workloads_are_known_once),
    (frozenset(), check_app_names_its_own),
    (frozenset({"mesh"}), check_mesh_for_releases),
    (frozenset(), check_one_release_per_service),
    (frozenset(), check_deployment_names),
    (frozenset({"mesh"}), check_hosts),
    (frozenset(), check_route_names),
    (frozenset({"apps"}), check_released_workloads),
    (frozenset(), check_replicas_are_ours),
)
