"""Walks a story: set-up, then for every chapter edit, preview, `pulumi up`, measure, judge.

Nothing is tried again: what a stage shows the first time is what counts.
"""

import time
from dataclasses import dataclass

from demo.changes import explain_changes
from demo.gateway_requests import page_answers
from demo.ground import make_ground
from demo.inside import Inside
from demo.load import BackgroundLoad, now
from demo.measure import measure
from demo.pulumi_stack import Stack
from demo.report import Report
from demo.results import ChapterResult, WalkResult
from demo.stack_file import StackFile
from demo.story import Chapter, Story
from demo.verdict import judge, judge_load
from local_cluster.api import Cluster

STACK = "demo"
STACK_FILE = "demo.yaml"
_TEMPLATE = "Pulumi.dev.yaml"
_API = "/api/v1/products/0"
_PAGE_SECONDS = 60
_HEARD_SECONDS = 1.0
"""`up` ends when its last route is written; proxies hear of it about 0.1 s later, and what is
measured is what holds from then on. The background load goes on meanwhile, and may never fail."""


@dataclass(frozen=True)
class Scene:
    """Where a walk takes place."""

    cluster: Cluster
    stack: Stack
    file: StackFile


class Walk:
    """One walk of a story on the clone's local cluster."""

    def __init__(self, story: Story, report: Report) -> None:
        """Nothing happens yet."""
        self.story, self.report = story, report
        self.result = WalkResult(story.name, story.checks)

    def run(self) -> WalkResult:
        """The story is walked to its end and the cluster left up.

        Raises GroundError, LocalClusterError, PulumiError or KeyboardInterrupt where it cannot be;
        `result` then has what was found until then, and the load is ended.
        """
        started = time.monotonic()
        self.report.begin(self.story)
        cluster = make_ground(self.report.progress)
        self.result.cluster_seconds = time.monotonic() - started
        scene = self._set_up(cluster)
        fortio = cluster.tools.bin_dir / "fortio"
        url = f"{cluster.gateway_url}{_API}/{self.story.service}"
        load = BackgroundLoad(fortio, url, cluster.run_dir, "demo-background")
        try:
            with load, Inside(cluster, self.story.namespace) as inside:
                self.report.load_runs()
                for chapter in self.story.chapters:
                    self._walk(chapter, scene, inside, load)
        finally:
            self._end_load(load)
        self._check_end(scene.stack)
        self.result.seconds = time.monotonic() - started
        self.report.end(self.result, cluster, scene.file.path)
        return self.result

    def _set_up(self, cluster: Cluster) -> Scene:
        """Mesh, gateway and apps are there, without a release; the page answers."""
        started = time.monotonic()
        path = cluster.place.clone_dir / STACK_FILE
        stack = Stack(STACK, cluster, path)
        file = StackFile(path, cluster.place.clone / _TEMPLATE, stack.create())
        file.write_without_releases()
        with self.report.working("pulumi up: mesh, gateway and Bookinfo, without a release"):
            stack.up()
            wait_for_page(cluster.gateway_url)
        self.result.setup_seconds = time.monotonic() - started
        self.report.set_up(self.story, self.result.setup_seconds, cluster.gateway_url)
        return Scene(cluster, stack, file)

    def _walk(self, chapter: Chapter, scene: Scene, inside: Inside, load: BackgroundLoad) -> None:
        """One chapter, from the edit to the verdict."""
        began = now()
        self.report.chapter(len(self.result.chapters) + 1, chapter, self.story)
        scene.file.edit_release(self.story.release, chapter.edit)
        with self.report.working("pulumi preview"):
            preview, preview_seconds = scene.stack.preview()
        changes = tuple(explain_changes(preview))
        self.report.preview(changes, preview_seconds)
        with self.report.working("pulumi up"):
            up = scene.stack.up()
        time.sleep(_HEARD_SECONDS)
        notice = str(scene.stack.outputs()["releases"][self.story.release]["notice"])
        self.report.up(notice, up.seconds)
        with self.report.working("measuring"):
            measured = measure(self.story, chapter, scene.cluster.gateway_url, inside)
        sent, failed = load.counted_between(began, now())
        complaints = tuple(judge(chapter, measured, self.story.checks))
        found = ChapterResult(
            chapter,
            changes,
            notice,
            preview_seconds,
            up.seconds,
            measured,
            sent,
            failed,
            complaints,
        )
        self.result.chapters.append(found)
        self.report.measured(found)

    def _end_load(self, load: BackgroundLoad) -> None:
        self.result.load = load.result
        if load.result:
            self.result.complaints += judge_load(load.result)

    def _check_end(self, stack: Stack) -> None:
        """A further preview finds nothing to do."""
        with self.report.working("pulumi preview --expect-no-changes"):
            settled = stack.changes_nothing()
        self.report.settled(settled=settled)
        if not settled:
            self.result.complaints.append("`pulumi preview --expect-no-changes` finds changes")


def wait_for_page(gateway: str) -> None:
    """The page answers through the gateway. Raises TimeoutError when it does not in a minute."""
    deadline = time.monotonic() + _PAGE_SECONDS
    while not page_answers(gateway):
        if time.monotonic() > deadline:
            message = (
                f"{gateway}/productpage did not answer within {_PAGE_SECONDS} s of `pulumi up`"
            )
            raise TimeoutError(message)
        time.sleep(0.1)
