"""A service of one's own, from its entry in a stack file alone: two releases, one kept and one rolled back."""

from typing import Any

from demo.scene import Check, Finding, Scene
from demo.service import Service, Target, Tester
from demo.stack_file import GONE
from demo.story import Chapter, Story

_IMAGES = "registry.example.com/shop"
_HOST = "cart.shop.example.com"

CART = Service(
    name="cart",
    namespace="shop",
    asked=Target(host=_HOST),
    port=8080,
    tester=Tester(Target(host=_HOST, headers={"x-tester": "cart"})),
    client=False,
)


def _version(version: str) -> dict[str, Any]:
    return {"version": version, "image": f"{_IMAGES}/cart:{version}"}


def _pods(scene: Scene, version: str) -> dict[str, int]:
    """Restarts by the name of the pod."""
    return {
        name: sum(status["restartCount"] for status in pod["status"]["containerStatuses"])
        for name, pod in scene.kube.pods("shop", "cart").items()
        if pod["metadata"]["labels"]["version"] == version
    }


def _remembers(version: str) -> Check:
    """Keeps which pods of a version run, for `_kept`."""

    def look(scene: Scene) -> Finding:
        scene.notes[version] = pods = _pods(scene, version)
        return Finding(f"{len(pods)} of {version}, run")

    return Check("pods", look)


def _kept(version: str) -> Check:
    """Whether the same pods run, without a restart."""

    def look(scene: Scene) -> Finding:
        pods, before = _pods(scene, version), scene.notes[version]
        wrong = () if pods == before else (f"{sorted(before)} became {sorted(pods)}",)
        return Finding(
            f"the {len(pods)} of {version} are the ones from before, not restarted", wrong
        )

    return Check("pods", look)


def _deployed(*versions: str) -> Check:
    """Whether exactly these versions have a Deployment."""

    def look(scene: Scene) -> Finding:
        found = sorted(scene.kube.deployments("shop", "cart"))
        intended = [f"cart-{version.replace('.', '-')}" for version in versions]
        wrong = () if found == intended else (f"{', '.join(intended)} are intended",)
        return Finding(", ".join(found), wrong)

    return Check("Deployments", look)


_FIRST = (
    Chapter(
        "dark",
        {"stage": "dark"},
        {"1.4.0": 100, "1.5.0": 0},
        testers_see="1.5.0",
        before=(_remembers("1.4.0"),),
        checks=(_kept("1.4.0"), _deployed("1.4.0", "1.5.0")),
    ),
    Chapter(
        "promoted at once: refused",
        {"stage": "promoted"},
        refused=(
            "releases.cart.stage: promoted - may not follow dark",
            "hint: next: stage: mirror",
        ),
    ),
    Chapter(
        "mirror 100",
        {"stage": "mirror", "mirror_percent": 100},
        {"1.4.0": 100, "1.5.0": 0},
        testers_see="1.5.0",
        copies_to="1.5.0",
    ),
    Chapter(
        "weighted 10",
        {"stage": "weighted", "canary_weight": 10},
        {"1.4.0": 90, "1.5.0": 10},
        testers_see="1.5.0",
    ),
    Chapter("weighted 50", {"canary_weight": 50}, {"1.4.0": 50, "1.5.0": 50}, testers_see="1.5.0"),
    Chapter(
        "promoted",
        {"stage": "promoted"},
        {"1.4.0": 0, "1.5.0": 100},
        testers_see="1.5.0",
        checks=(_deployed("1.4.0", "1.5.0"),),
    ),
    Chapter(
        "retired",
        {"retire_stable": True},
        {"1.5.0": 100},
        checks=(_deployed("1.5.0"),),
    ),
)

_SECOND = (
    Chapter(
        "dark",
        {
            "stable": _version("1.5.0"),
            "canary": _version("1.6.0"),
            "stage": "dark",
            "retire_stable": GONE,
        },
        {"1.5.0": 100, "1.6.0": 0},
        testers_see="1.6.0",
    ),
    Chapter(
        "weighted 10",
        {"stage": "weighted", "canary_weight": 10},
        {"1.5.0": 90, "1.6.0": 10},
        testers_see="1.6.0",
    ),
    Chapter(
        "rolled back",
        {"stage": "rolled_back"},
        {"1.5.0": 100, "1.6.0": 0},
        testers_see="1.5.0",
        checks=(_deployed("1.5.0"),),
        back=True,
    ),
    Chapter(
        "handed back",
        edits={
            "apps.shop.workloads.cart.version": "1.5.0",
            "apps.shop.workloads.cart.image": f"{_IMAGES}/cart:1.5.0",
            "releases.cart": GONE,
        },
        shares={"1.5.0": 100},
        before=(_remembers("1.5.0"),),
        checks=(_kept("1.5.0"), _deployed("1.5.0")),
        back=True,
    ),
)

STORY = Story(
    name="own-service",
    summary="a service of your own, from its entry in a stack file alone",
    chapters=(*_FIRST, *_SECOND),
    service=CART,
    loads=(CART.asked,),
    sets_up="mesh, gateway and the service",
    answers_first="cart 1.4.0",
    images=(f"{_IMAGES}/*",),
)
