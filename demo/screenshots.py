"""`python -m demo.screenshots`: photographs Bookinfo and a trace on the local cluster into `docs/screenshots`.

The browser is Debian's Chromium, without a window; it is installed where it is missing and this account may. It finds
every host at the local gateway and none anywhere else.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from demo.add_ons import BOOKINFO_CHAIN, RUN_ADD_ONS
from demo.bookinfo import PAGE, REVIEWS
from demo.ground import GroundError, make_ground
from demo.prometheus import DOMAIN
from demo.pulumi_stack import PulumiError
from demo.scene import Scene
from demo.setting_up import set_up
from demo.story import Story
from demo.zipkin import HOST as TRACING_HOST
from demo.zipkin import trace
from local_cluster.api import Progress, require_command
from local_cluster.errors import ImpossibleHereError, LocalClusterError

FOLDER = Path(__file__).parents[1] / "docs" / "screenshots"
SHOTS = {"v1": "no-stars.png", "v2": "black-stars.png", "v3": "red-stars.png"}
"""What the page looks like by version of reviews."""
TRACE = "trace.png"
_IMAGE = "docker.io/istio/examples-bookinfo-reviews-{}:1.20.3"
_PAGE_SIZE, _TRACE_SIZE = "1000,700", "1200,700"
_SHOT_SECONDS = 120
_FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--hide-scrollbars", "--force-color-profile=srgb", "--virtual-time-budget=15000"),
)

STORY = Story(
    name="screenshots",
    summary="productpage by version of reviews, and a trace",
    chapters=(),
    service=REVIEWS,
    loads=(PAGE,),
    template="Pulumi.dev.yaml",
    prepared_by=(RUN_ADD_ONS,),
    starts_with={
        "addons": {"domain": DOMAIN, "tracing": {"expose": True}},
        "mesh.trace_sampling_percent": 100,
    },
)


def main() -> int:
    """Exit status: 0 done, 1 failed, 2 impossible on this machine."""
    progress = Progress()
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    try:
        require_command("chromium", "chromium", progress)
        cluster = make_ground(progress)
        with Scene.on(cluster, STORY) as scene, tempfile.TemporaryDirectory() as profile:
            for check in STORY.prepared_by:
                check.look(scene)
            with progress.step("pulumi up: mesh, gateway, Zipkin and Bookinfo"):
                set_up(STORY, scene)
            for version, name in SHOTS.items():
                with progress.step(f"photographing reviews {version}"):
                    _show(scene, version)
                    shoot(scene, f"http://bookinfo.{DOMAIN}{PAGE.path}", name, _PAGE_SIZE, profile)
            with progress.step("photographing a trace"):
                services = frozenset(callee for _, callee in BOOKINFO_CHAIN)
                traced = trace(scene, PAGE, services)
                url = f"http://{TRACING_HOST}/zipkin/traces/{traced.trace_id}"
                shoot(scene, url, TRACE, _TRACE_SIZE, profile)
    except ImpossibleHereError as error:
        console.print(f"mesh-canary: {error}", markup=False)
        return 2
    except (GroundError, LocalClusterError, PulumiError, OSError, RuntimeError) as error:
        console.print(f"mesh-canary: {error}", markup=False)
        return 1
    console.print(f"{FOLDER}: {', '.join([*SHOTS.values(), TRACE])}; look at them", markup=False)
    return 0


def browser_command(url: str, file: Path, size: str, gateway_port: int, profile: str) -> list[str]:
    """Chromium that writes one picture of `url`; hosts below the domain are the gateway, all others nowhere."""
    hosts = f"MAP *.{DOMAIN} 127.0.0.1:{gateway_port}, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    return [
        "chromium",
        *_FLAGS,
        f"--user-data-dir={profile}",
        f"--host-resolver-rules={hosts}",
        f"--window-size={size}",
        f"--screenshot={file}",
        url,
    ]


def shoot(scene: Scene, url: str, name: str, size: str, profile: str) -> None:
    """The picture is in the folder. Raises RuntimeError where the browser made none."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    draft = Path(profile) / name
    command = browser_command(url, draft, size, scene.cluster.gateway_port, f"{profile}/browser")
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=_SHOT_SECONDS, check=False
    )
    if not draft.exists():
        message = f"chromium made no picture of {url}:\n{done.stderr[-500:]}"
        raise RuntimeError(message)
    shutil.move(draft, FOLDER / name)


def _show(scene: Scene, version: str) -> None:
    """Bookinfo's page shows this version of reviews, and only this one."""
    running = {"reviews": {"version": version, "image": _IMAGE.format(version)}}
    scene.file.edit({"apps.bookinfo.versions": running})
    scene.stack.up()


if __name__ == "__main__":
    sys.exit(main())
