"""Walks a story: set-up, then for every chapter edit, preview, `pulumi up`, measure, judge; and the end of it.

Nothing is tried again: what a chapter shows the first time is what counts.
"""

import time

from demo.ground import make_ground
from demo.load import now
from demo.loads import NONE, Loads
from demo.measure import Measurement, measure
from demo.pulumi_stack import Stack
from demo.removal import look_after_removal
from demo.report import Report
from demo.results import ChapterResult, Seen, WalkResult
from demo.scene import Check, Scene
from demo.setting_up import set_up
from demo.story import Chapter, Story
from demo.turning import Turned, refuse, turn
from demo.verdict import judge, judge_load
from local_cluster.api import Cluster

_HEARD_SECONDS = 1.0
"""`up` ends when its last route is written; proxies hear of it about 0.1 s later, and what is
measured is what holds from then on. The background load goes on meanwhile, and may never fail."""


class Walk:
    """One walk of a story on the clone's local cluster."""

    def __init__(
        self, story: Story, report: Report, *, destroy: bool = False, cluster: Cluster | None = None
    ) -> None:
        """Nothing happens yet. `destroy`: at the end. `cluster`: one that is up, instead of this clone's."""
        self.story, self.report = story, report
        self.result = WalkResult(story.name, story.checks, len(story.chapters))
        self._destroy, self._cluster = destroy, cluster

    def run(self) -> WalkResult:
        """The story is walked to its end and the cluster left up.

        Raises GroundError, LocalClusterError, PulumiError or KeyboardInterrupt where it cannot be;
        `result` then has what was found until then, and the load is ended.
        """
        started = time.monotonic()
        self.report.begin(self.story)
        cluster = self._cluster or make_ground(self.report.progress)
        self.result.cluster_seconds = time.monotonic() - started
        with Scene.on(cluster, self.story) as scene:
            before = frozenset(scene.kube.everything()) if self._destroy else frozenset()
            self._set_up(scene)
            loads = Loads(cluster, self.story.loads)
            try:
                with loads:
                    self.report.load_runs(loads.targets)
                    for chapter in self.story.chapters:
                        self._walk(chapter, scene, loads)
            finally:
                self._end_load(loads)
            self._check_end(scene.stack)
            if self._destroy:
                self._remove(scene, before)
        self.result.seconds = time.monotonic() - started
        self.report.end(self.story, self.result, scene)
        return self.result

    def _set_up(self, scene: Scene) -> None:
        """The story's starting point, without a release; everything that will be asked answers."""
        prepared = self._look(self.story.prepared_by, scene)
        started = time.monotonic()
        with self.report.working(f"pulumi up: {self.story.sets_up}"):
            set_up(self.story, scene)
        self.result.setup_seconds = time.monotonic() - started
        self.report.set_up(self.story, self.result.setup_seconds, scene.cluster.gateway_url)
        self.result.first_seen = prepared + self._look(self.story.first_checks, scene)
        for seen in self.result.first_seen:
            self.result.complaints += seen.finding.complaints

    def _walk(self, chapter: Chapter, scene: Scene, loads: Loads) -> None:
        """One chapter, from the edit to the verdict."""
        began = now()
        self.report.chapter(len(self.result.chapters) + 1, chapter, self.story)
        loads.run(chapter.loads, chapter.faults)
        seen = self._look(chapter.before, scene)
        turned = self._turn(chapter, scene)
        measured = self._measure(chapter, scene)
        self.report.measured(chapter, measured, self.story)
        seen += self._look(chapter.checks, scene)
        sent, failed = loads.counted_between(began, now())
        found = ChapterResult(
            chapter,
            turned.changes,
            turned.notice,
            turned.preview_seconds,
            turned.up_seconds,
            measured,
            sent,
            failed,
            (*turned.complaints, *self._judge(chapter, measured), *_complaints_of(seen)),
            tuple(seen),
        )
        self.result.chapters.append(found)
        self.report.chapter_ends(found)

    def _turn(self, chapter: Chapter, scene: Scene) -> Turned:
        """The chapter's edit is applied, or refused where that is intended."""
        if not chapter.edit and not chapter.edits:
            return Turned()
        service = self.story.service_of(chapter)
        if chapter.refused:
            return refuse(chapter, service, scene, self.report)
        turned = turn(chapter, service, scene, self.report)
        time.sleep(_HEARD_SECONDS)
        return turned

    def _measure(self, chapter: Chapter, scene: Scene) -> Measurement | None:
        if not chapter.shares:
            return None
        service = self.story.service_of(chapter)
        inside = scene.inside(service.namespace)
        with self.report.working("measuring"):
            return measure(service, chapter, self.story.checks, scene.cluster.gateway_url, inside)

    def _judge(self, chapter: Chapter, measured: Measurement | None) -> list[str]:
        if measured is None:
            return []
        return judge(chapter, self.story.service_of(chapter), measured, self.story.checks)

    def _look(self, checks: tuple[Check, ...], scene: Scene) -> list[Seen]:
        """What the checks say, printed as they come."""
        seen = []
        for check in checks:
            with self.report.working(check.name):
                found = Seen(check.name, check.look(scene))
            self.report.seen(found)
            seen.append(found)
        return seen

    def _end_load(self, loads: Loads) -> None:
        self.result.load = loads.judged
        self.result.intended = loads.intended if loads.intended != NONE else None
        if loads.asked_anything:
            self.result.complaints += judge_load(loads.judged, loads.intended)

    def _check_end(self, stack: Stack) -> None:
        """A further preview finds nothing to do."""
        with self.report.working("pulumi preview --expect-no-changes"):
            self.result.settled = stack.changes_nothing()
        self.report.settled(settled=self.result.settled)
        if not self.result.settled:
            self.result.complaints.append("`pulumi preview --expect-no-changes` finds changes")

    def _remove(self, scene: Scene, before: frozenset[str]) -> None:
        """Everything that the walk made is gone again."""
        with self.report.working("pulumi destroy"):
            ran = scene.stack.destroy()
            stays = self.story.crds_stay
            removal = look_after_removal(scene.kube, before, ran.seconds, crds_stay=stays)
        self.result.removal = removal
        self.report.removed(removal)
        self.result.complaints += [f"left after `pulumi destroy`: {name}" for name in removal.left]


def _complaints_of(seen: list[Seen]) -> list[str]:
    return [f"{one.name}: {said}" for one in seen for said in one.finding.complaints]
