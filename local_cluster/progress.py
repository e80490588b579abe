"""Showing what is being done: a spinner on a terminal, plain lines with seconds elsewhere."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console


class Progress:
    """Tells the person waiting what happens and how long it took."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True, highlight=False)

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        """Shows that this goes on and, once it has succeeded, how long it took."""
        start = time.monotonic()
        if self._console.is_terminal:
            with self._console.status(what):
                yield
        else:
            self._console.print(f"{what} ...")
            yield
        self._console.print(f"{what}: {time.monotonic() - start:.1f} s")

    def say(self, text: str) -> None:
        """One line."""
        self._console.print(text)
