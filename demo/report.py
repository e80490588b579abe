"""What the person at the keyboard sees. Colours and spinners on a terminal, the same lines elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape

from demo.load import REQUESTS_PER_SECOND
from demo.measure import Measurement
from demo.removal import Removal
from demo.results import ChapterResult, Seen, WalkResult
from demo.scene import Scene
from demo.service import Target
from demo.stack_file import explain_edit
from demo.story import Chapter, Story
from demo.summary import (
    LEGEND,
    explain_counts,
    explain_direct,
    explain_shares,
    explain_tester,
    explain_way,
    make_bar,
    make_table,
    stage_title,
)
from local_cluster.api import Progress

_WIDTH = 150
"""Of plain lines: nothing is wrapped where no terminal says how wide it is."""


class Report:
    """Writes as the walk goes on."""

    def __init__(self, *, stderr: bool = False) -> None:
        """`stderr`: leave standard output to others."""
        console = Console(stderr=stderr, highlight=False, soft_wrap=True)
        self._console = console
        if not console.is_terminal:
            self._console = Console(stderr=stderr, highlight=False, soft_wrap=True, width=_WIDTH)
        self.progress = Progress(self._console)
        self._versions: tuple[str, ...] = ()

    def begin(self, story: Story) -> None:
        """Which walk this is."""
        self._versions = story.versions
        self._say(f"[bold]{story.name}[/]: {story.summary}")

    @contextmanager
    def working(self, what: str) -> Iterator[None]:
        """Shows on a terminal what is waited for."""
        if self._console.is_terminal:
            with self._console.status(what):
                yield
        else:
            yield

    def set_up(self, story: Story, seconds: float, gateway: str) -> None:
        """The operator's starting point."""
        self._line("set-up", f"{story.sets_up} by `pulumi up` in {seconds:.1f} s")
        page = story.page
        if page:
            host = f" (host {page.host})" if page.host else ""
            self._line("", f"{story.answers_first} answers at {gateway}{page.path}{host}")

    def load_runs(self, targets: tuple[Target, ...]) -> None:
        """From here on every failed answer counts."""
        if targets:
            rate = REQUESTS_PER_SECOND * len(targets)
            self._line("load", f"{rate} requests a second from here to the end")

    def chapter(self, number: int, chapter: Chapter, story: Story) -> None:
        """A new stage begins, with the operator's edit."""
        of = f"{story.service_of(chapter).name} " if chapter.shares else ""
        head = f"{number}/{len(story.chapters)} {of}{stage_title(chapter)}"
        self._say(f"\n[bold]── {head} ──[/]")
        if chapter.faults:
            self._line("faults", f"failures are intended: {chapter.faults}")
        if chapter.loads is not None:
            asked = ", ".join(map(str, chapter.loads)) or "nothing"
            self._line("load", f"from here on asks {asked}")
        if chapter.edit or chapter.edits:
            self._line("edit", explain_edit({**chapter.edit, **chapter.edits}))

    def preview(self, changes: tuple[str, ...], seconds: float) -> None:
        """What `up` is going to change."""
        for index, change in enumerate(changes or ("nothing",)):
            self._line(f"preview {seconds:.1f} s" if index == 0 else "", change)

    def refused(self, said: str) -> None:
        """The preview said no, as it was to; or did not."""
        for index, line in enumerate(said.splitlines()[1:] or ("nothing",)):
            self._line("refused" if index == 0 else "", line)

    def up(self, notice: str, seconds: float) -> None:
        """`up` is done."""
        self._line(f"up {seconds:.1f} s", notice)

    def measured(self, chapter: Chapter, measured: Measurement | None, story: Story) -> None:
        """The figures of a chapter, where it has shares."""
        if measured is None:
            return
        answers = measured.answers
        rate = answers.sent / max(answers.seconds, 0.001)
        bar = make_bar(answers.by_version, self._versions)
        self._line("traffic", f"{bar} {explain_counts(answers.by_version)}", markup=True)
        way = explain_way(story.service_of(chapter))
        self._line("requests", f"{answers.sent}{way}, {answers.failed} failed, {rate:.0f} a second")
        if measured.testers:
            how = explain_tester(story.service_of(chapter))
            seen = explain_counts(measured.testers.by_version)
            self._line("testers", f"{measured.testers.sent} {how}: {seen}")
        if measured.direct:
            self._line("direct", explain_direct(measured.direct, story.service_of(chapter)))
        if chapter.copies_to and measured.posts is not None:
            copied = measured.copies(chapter.copies_to)
            posts = ", ".join(f"{v} {n}" for v, n in measured.posts.items())
            self._line(
                "copies", f"{copied} of {answers.sent} GETs at {chapter.copies_to}; POSTs: {posts}"
            )

    def seen(self, seen: Seen) -> None:
        """What a check says."""
        for index, line in enumerate(seen.finding.said.splitlines() or [""]):
            self._line("look" if index == 0 else "", f"{seen.name}: {line}" if index == 0 else line)
        for complaint in seen.finding.complaints:
            self._line("NOT INTENDED", complaint, style="bold red")

    def chapter_ends(self, found: ChapterResult) -> None:
        """The load of a chapter, and what is wrong with its figures."""
        if found.load_sent:
            self._line("load", f"{found.load_sent} sent, {found.load_failed} failed")
        told = {said for seen in found.seen for said in seen.finding.complaints}
        for complaint in found.complaints:
            if complaint.partition(": ")[2] not in told:
                self._line("NOT INTENDED", complaint, style="bold red")

    def settled(self, *, settled: bool) -> None:
        """Whether a further preview found nothing."""
        text = "nothing to do" if settled else "finds changes"
        self._say("")
        self._line("preview", f"--expect-no-changes: {text}")

    def removed(self, removal: Removal) -> None:
        """What `pulumi destroy` left."""
        left = f"{len(removal.left)} objects left" if removal.left else "nothing left"
        stays = f", {len(removal.kept)} stay with the cluster" if removal.kept else ""
        self._line("destroy", f"{left}{stays}, in {removal.seconds:.1f} s")

    def end(self, story: Story, result: WalkResult, scene: Scene) -> None:
        """The summary, the verdict and what to try next."""
        self.summary(result)
        self._verdict(result)
        shown = scene.file.path.relative_to(scene.cluster.place.clone)
        if result.removal:
            return self._say("\nThe cluster is still up, and empty; `make down` ends it.")
        self._say("\nThe cluster is still up. Next:")
        page = story.page
        if page:
            host = f"-H 'Host: {page.host}' " if page.host else ""
            self._say(f"  {'curl ' if host else ''}{host}{scene.cluster.gateway_url}{page.path}")
        command = f"pulumi up --stack {story.stack} --config-file {shown}"
        self._say(f"  make shell, edit {shown}, then: {command}")
        self._say("  make down")
        return None

    def summary(self, result: WalkResult) -> None:
        """One row and one bar per stage that was walked, and the load as a whole."""
        if result.chapters:
            self._say("")
            self._console.print(make_table(result))
            self._say(f"[dim]{LEGEND}[/]\n")
        bars = [
            (stage_title(found.chapter), found.measured.answers.by_version)
            for found in result.chapters
            if found.measured
        ]
        width = max((len(title) for title, _ in bars), default=0)
        for title, counts in bars:
            self._say(
                f"{title:<{width}} {make_bar(counts, self._versions)} {explain_shares(counts)}"
            )
        if result.load and result.load.sent:
            load = result.load
            lost = f"{load.broken_connections} broken connections"
            self._say(f"\nload over the whole walk: {load.sent} sent, {load.failed} failed, {lost}")

        if result.intended:
            intended = f"{result.intended.sent} sent, {result.intended.failed} failed"
            self._say(f"load where failures are intended: {intended}")

    def _verdict(self, result: WalkResult) -> None:
        complaints = result.all_complaints
        for complaint in complaints:
            self._line("NOT INTENDED", complaint, style="bold red")
        if not complaints:
            self._say(f"[bold green]Everything as intended[/], in {result.seconds:.0f} s.")

    def stopped(self, result: WalkResult, why: str) -> None:
        """The walk ended early; what stands."""
        self.summary(result)
        self._line("STOPPED", why, style="bold red")
        done = stage_title(result.chapters[-1].chapter) if result.chapters else "none"
        self._say(f"Last stage that was measured: {done}. The cluster is left as it is;")
        again = "make demo" + ("" if result.story == "release" else f" SCENARIO={result.story}")
        self._say(f"`{again}` starts over, `make down` ends the cluster.")

    def _line(self, label: str, text: str, *, style: str = "", markup: bool = False) -> None:
        shown = text if markup else escape(text)
        opened, closed = (f"[{style}]", "[/]") if style else ("", "")
        self._say(f"{opened}{label:<13}{closed} {shown}")

    def _say(self, text: str) -> None:
        self._console.print(text)
