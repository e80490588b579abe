"""Istio from nothing: set up beside a running Bookinfo, switched on pod by pod, and switched off again."""

from typing import Any

from demo.add_ons import ADD_ONS_CHAPTER, BOOKINFO_CHAIN, RUN_ADD_ONS
from demo.bookinfo import PAGE, REVIEWS, REVIEWS_API
from demo.https_checks import DOMAIN, hidden, make_certificate, redirected, served
from demo.mesh_checks import PRECHECK, remembers_pods, restarted, runs_twice, sidecars
from demo.prometheus import HOST as PROMETHEUS_HOST
from demo.prometheus import reads, shows
from demo.scene import Check, Finding, Scene
from demo.service import Target
from demo.stack_file import GONE
from demo.story import Chapter, Story
from demo.zipkin import shows_chain

_HERE = "bookinfo"
_IMAGE = "docker.io/istio/examples-bookinfo-reviews-{}:1.20.3"
_EVERYBODY = ("productpage", "details", "ratings", "reviews", "sleep")
_ISTIO = {
    "kind": "istio",
    "install": True,
    "charts": ".local-cluster/charts",
    "tag": "1.31.1",
    "replicas": 2,
    "access_log": True,
}
_CERTIFICATE, _KEY = make_certificate(DOMAIN)
_ALONE = {"workload": "productpage", "service_type": "LoadBalancer"}
_BY_ITSELF = Target("/productpage", kept_connections=False)
"""productpage's own load balancer: a pod that stops closes its connections in good order."""


def _version(version: str) -> dict[str, Any]:
    return {"version": version, "image": _IMAGE.format(version)}


def _sessions(scene: Scene) -> Finding:
    """A user signs in, is known, and signs out."""
    known = "Signed in as" in scene.look_at(PAGE, user="jason").text
    out = scene.look_at(Target("/logout"))
    after = "Signed in as" in scene.look_at(PAGE).text
    status = f"page {scene.look_at(PAGE).status_code}, logout {out.status_code}"
    wrong = () if known and not after and not out.is_error else ("nobody can sign in or out",)
    return Finding(f"jason is known after signing in; {status}", wrong)


def _access_log(scene: Scene) -> Finding:
    """What istiod tells every proxy."""
    found = scene.kube.get("/api/v1/namespaces/istio-system/configmaps/istio") or {}
    written = "accessLogFile: /dev/stdout" in found["data"]["mesh"]
    return Finding(
        "accessLogFile: /dev/stdout in the mesh's config" if written else "none",
        () if written else ("the access log is off",),
    )


_ON = (
    Chapter(
        "Istio beside the running app",
        edits={
            "mesh": _ISTIO,
            "gateway": {"name": "istio-ingressgateway", "replicas": 2},
            "egress_gateway": {"replicas": 2},
        },
        before=(PRECHECK, remembers_pods(_HERE)),
        checks=(
            runs_twice(
                "istio-system/istiod",
                "istio-ingress/istio-ingressgateway",
                "istio-egress/istio-egressgateway",
            ),
            Check("access log", _access_log),
            restarted(_HERE),
            sidecars(_HERE, have=()),
        ),
    ),
    Chapter(
        "the gateway is the only way in",
        edits={"apps.bookinfo.expose": {"workload": "productpage"}},
        loads=(),
        checks=(Check("pages", _sessions),),
    ),
    ADD_ONS_CHAPTER,
    Chapter(
        "a sidecar for productpage",
        edits={"apps.bookinfo.sidecars": ["productpage"]},
        loads=(REVIEWS_API,),
        before=(remembers_pods(_HERE),),
        checks=(restarted(_HERE, "productpage"), sidecars(_HERE, have=("productpage",))),
    ),
    Chapter(
        "sidecars for the namespace",
        edits={"apps.bookinfo.sidecars": True},
        before=(remembers_pods(_HERE),),
        checks=(
            restarted(_HERE, *(app for app in _EVERYBODY if app != "productpage")),
            sidecars(_HERE, have=_EVERYBODY),
            Check("pages", _sessions),
        ),
    ),
)

_HTTPS = (
    Chapter(
        "HTTPS beside HTTP",
        edits={"gateway.https.redirect": False},
        secrets={"gateway.https.certificate": _CERTIFICATE, "gateway.https.key": _KEY},
        checks=(
            served(PAGE.path, _CERTIFICATE),
            served("/-/ready", _CERTIFICATE, PROMETHEUS_HOST),
            hidden(_KEY),
        ),
    ),
    Chapter(
        "port 80 only redirects",
        edits={"gateway.https.redirect": True},
        loads=(),
        checks=(redirected(PAGE.path), served(PAGE.path, _CERTIFICATE)),
    ),
)

_RELEASES = (
    Chapter(
        "dark, and v3 unrouted",
        {"stage": "dark", "unrouted": [_version("v3")]},
        {"v1": 100, "v2": 0, "v3": 0},
        edits={"gateway.https.redirect": False},
        testers_see="v2",
        called_directly="v3",
    ),
    Chapter(
        "weighted 10",
        {"stage": "weighted", "canary_weight": 10},
        {"v1": 90, "v2": 10},
        testers_see="v2",
        loads=(REVIEWS_API,),
    ),
    Chapter("promoted", {"stage": "promoted"}, {"v1": 0, "v2": 100}, testers_see="v2"),
    Chapter(
        "dark",
        {
            "stable": _version("v2"),
            "canary": _version("v3"),
            "stage": "dark",
            "unrouted": GONE,
        },
        {"v2": 100, "v3": 0},
        testers_see="v3",
    ),
    Chapter(
        "weighted 10",
        {"stage": "weighted", "canary_weight": 10},
        {"v2": 90, "v3": 10},
        testers_see="v3",
        checks=(
            reads("istiod", "istio-ingressgateway", "productpage", "reviews"),
            shows(REVIEWS, {"v2": 90, "v3": 10}),
            shows_chain(PAGE, BOOKINFO_CHAIN),
        ),
    ),
    Chapter(
        "rolled back", {"stage": "rolled_back"}, {"v2": 100, "v3": 0}, testers_see="v2", back=True
    ),
)

_OFF = (
    Chapter(
        "sidecars for nobody",
        edits={
            "apps.bookinfo.versions.reviews": _version("v2"),
            "releases.reviews": GONE,
            "apps.bookinfo.sidecars": False,
        },
        shares={"v2": 100},
        before=(remembers_pods(_HERE),),
        checks=(restarted(_HERE, *_EVERYBODY), sidecars(_HERE, have=())),
        back=True,
    ),
    Chapter(
        "users come by the Service again",
        edits={"apps.bookinfo.expose": _ALONE},
        loads=(),
        back=True,
    ),
    Chapter(
        "no add-ons",
        edits={"addons": GONE, "mesh.trace_sampling_percent": GONE},
        back=True,
    ),
    Chapter(
        "no mesh",
        edits={"mesh": GONE, "gateway": GONE, "egress_gateway": GONE},
        loads=(_BY_ITSELF,),
        before=(remembers_pods(_HERE),),
        checks=(restarted(_HERE), sidecars(_HERE, have=())),
        back=True,
    ),
)

STORY = Story(
    name="istio-from-nothing",
    summary="Istio beside a running Bookinfo: add-ons, a sidecar for one, for all, HTTPS, a release, and off again",
    chapters=(*_ON, *_HTTPS, *_RELEASES, *_OFF),
    service=REVIEWS,
    loads=(_BY_ITSELF,),
    sets_up="Bookinfo without a mesh",
    answers_first="Bookinfo",
    prepared_by=(RUN_ADD_ONS,),
    starts_with={
        "addons": GONE,
        "mesh": GONE,
        "gateway": GONE,
        "egress_gateway": GONE,
        "apps.bookinfo.sidecars": False,
        "apps.bookinfo.expose": _ALONE,
    },
    first_checks=(sidecars(_HERE, have=()),),
)
