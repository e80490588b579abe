"""What the person at the keyboard sees. Colours and spinners on a terminal, the same lines elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from demo.load import REQUESTS_PER_SECOND
from demo.results import ChapterResult, WalkResult
from demo.stack_file import explain_edit
from demo.story import Chapter, Story
from demo.summary import LEGEND, explain_counts, explain_shares, make_bar, make_table, stage_title
from local_cluster.api import Cluster, Progress

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
        self._line("set-up", f"mesh, gateway and Bookinfo by `pulumi up` in {seconds:.1f} s")
        self._line("", f"{story.service} {story.running} answers at {gateway}/productpage")

    def load_runs(self) -> None:
        """From here on every failed answer counts."""
        self._line("load", f"{REQUESTS_PER_SECOND} requests a second from here to the end")

    def chapter(self, number: int, chapter: Chapter, story: Story) -> None:
        """A new stage begins, with the operator's edit."""
        head = f"{number}/{len(story.chapters)} {story.service} {stage_title(chapter)}"
        self._say(f"\n[bold]── {head} ──[/]")
        self._line("edit", explain_edit(chapter.edit))

    def preview(self, changes: tuple[str, ...], seconds: float) -> None:
        """What `up` is going to change."""
        for index, change in enumerate(changes or ("nothing",)):
            self._line(f"preview {seconds:.1f} s" if index == 0 else "", change)

    def up(self, notice: str, seconds: float) -> None:
        """`up` is done."""
        self._line(f"up {seconds:.1f} s", notice)

    def measured(self, found: ChapterResult) -> None:
        """The stage's figures, and what is wrong with them."""
        measured, chapter = found.measured, found.chapter
        answers = measured.answers
        rate = answers.sent / max(answers.seconds, 0.001)
        bar = make_bar(answers.by_version, self._versions)
        self._line("traffic", f"{bar} {explain_counts(answers.by_version)}", markup=True)
        self._line("requests", f"{answers.sent}, {answers.failed} failed, {rate:.0f} a second")
        seen = explain_counts(measured.testers.by_version)
        self._line("testers", f"{measured.testers.sent} views logged in: {seen}")
        if measured.direct:
            direct = measured.direct
            stars = f"{direct.stars or 'no'} stars"
            self._line(
                "direct",
                f"client pod to {direct.address}: {explain_counts(direct.by_version)}, {stars}",
            )
        if chapter.copies_to and measured.posts is not None:
            copied = measured.copies(chapter.copies_to)
            posts = ", ".join(f"{v} {n}" for v, n in measured.posts.items())
            self._line(
                "copies", f"{copied} of {answers.sent} GETs at {chapter.copies_to}; POSTs: {posts}"
            )
        self._line("load", f"{found.load_sent} sent, {found.load_failed} failed")
        for complaint in found.complaints:
            self._line("NOT INTENDED", complaint, style="bold red")

    def settled(self, *, settled: bool) -> None:
        """Whether a further preview found nothing."""
        text = "nothing to do" if settled else "finds changes"
        self._say("")
        self._line("preview", f"--expect-no-changes: {text}")

    def end(self, result: WalkResult, cluster: Cluster, stack_file: Path) -> None:
        """The summary, the verdict and what to try next."""
        self.summary(result)
        self._verdict(result)
        shown = stack_file.relative_to(cluster.place.clone)
        self._say("\nThe cluster is still up. Next:")
        self._say(f"  {cluster.gateway_url}/productpage")
        self._say(f"  make shell, edit {shown}, then: pulumi up --stack demo --config-file {shown}")
        self._say("  make down")

    def summary(self, result: WalkResult) -> None:
        """One row and one bar per stage that was walked, and the load as a whole."""
        if result.chapters:
            self._say("")
            self._console.print(make_table(result))
            self._say(f"[dim]{LEGEND}[/]\n")
        for found in result.chapters:
            counts = found.measured.answers.by_version
            bar = make_bar(counts, self._versions)
            title = stage_title(found.chapter)
            self._say(f"{title:<17} {bar} {explain_shares(counts)}")
        if result.load:
            load = result.load
            lost = f"{load.broken_connections} broken connections"
            self._say(f"\nload over the whole walk: {load.sent} sent, {load.failed} failed, {lost}")

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
        self._say("`make demo` starts over, `make down` ends the cluster.")

    def _line(self, label: str, text: str, *, style: str = "", markup: bool = False) -> None:
        shown = text if markup else escape(text)
        opened, closed = (f"[{style}]", "[/]") if style else ("", "")
        self._say(f"{opened}{label:<13}{closed} {shown}")

    def _say(self, text: str) -> None:
        self._console.print(text)
