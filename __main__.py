"""The Pulumi program: read the stack file, refuse what may not follow, then build what it asks for."""

import pulumi

from stacks.access import build_access
from stacks.addons import build_addons
from stacks.adoption import check_adoptions
from stacks.apps import build_apps, start_last
from stacks.cluster import Cluster
from stacks.config import load_settings, require_none
from stacks.faults import tell_faults
from stacks.legal import require_legal
from stacks.linkerd import record_trust, warn_of_expiry
from stacks.live_routes import LiveRoutes
from stacks.load_tests import build_load_tests
from stacks.pages import tell_kept, tell_pages
from stacks.records import namespaces_in, read_state, records_in
from stacks.releases import build_releases, plan_releases
from stacks.sidecars import Injection

settings = load_settings()
state = read_state()
records = records_in(state)
known = namespaces_in(state)
routes = LiveRoutes(settings, records, known)
injection = Injection(settings, state)
require_legal(settings, state)
warn_of_expiry(settings, state)
tell_kept(settings, state)
plans = plan_releases(settings, records, routes.wait())
require_none(check_adoptions(settings, plans, injection, routes.wait()))

cluster = Cluster(settings)
addons = build_addons(settings, cluster)
apps = build_apps(settings, cluster, injection)
releases = build_releases(settings, plans, cluster, apps, injection)
start_last(settings, apps, releases)
build_access(settings, cluster, apps, releases, known)
record_trust(settings, cluster, apps)
load_tests = build_load_tests(settings, cluster, apps, releases)

if cluster.gateway:
    pulumi.export("gateway", cluster.gateway.address)
if addons:
    pulumi.export("addons", addons.reach)
pulumi.export("releases", {name: release.described for name, release in releases.items()})
if pages := tell_pages(settings):
    pulumi.export("pages", pages)
if load_tests:
    pulumi.export("load_tests", load_tests)
if faults := tell_faults(settings):
    pulumi.export("faults", faults)
