"""Progress of long work: a bar with rate and remaining time on a terminal, a line a minute anywhere else."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

LINE_SECONDS: Final = 60.0
"""Time between two lines where there is no terminal."""

Advance = Callable[[int], None]
"""Called with the number of items that were just done."""


@contextmanager
def progress(what: str, total: int | None = None, console: Console | None = None) -> Iterator[Advance]:
    """Show how far work is, on standard error.

    Args:
        what: The work, as in "extracting".
        total: Items that there are; None where nobody knows, and then there is no remaining time.
        console: Where to show it.
    """
    console = console or Console(stderr=True)
    if not console.is_terminal:
        yield _Lines(what, total, console)
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _RateColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda count: bar.advance(task, count)


def on_terminal() -> bool:
    """Whether somebody watches standard error."""
    return sys.stderr.isatty()


class _RateColumn(TextColumn):
    """Items a second, or seconds an item."""

    def __init__(self) -> None:
        super().__init__("")

    def render(self, task: Task) -> Text:
        return Text(_rate(task.speed or 0.0))


class _Lines:
    """Says after a while, and then at most once in so many seconds, how far the work is."""

    def __init__(self, what: str, total: int | None, console: Console) -> None:
        self._what, self._total, self._console = what, total, console
        self._done = 0
        self._started = self._said = time.monotonic()

    def __call__(self, count: int) -> None:
        self._done += count
        now = time.monotonic()
        if now - self._said >= LINE_SECONDS:
            self._said = now
            self._console.print(self._line(self._done / (now - self._started)), highlight=False, soft_wrap=True)

    def _line(self, speed: float) -> str:
        if self._total is None or not speed:
            return f"{self._what}: {self._done:,}, {_rate(speed)}"
        minutes = (self._total - self._done) / speed / 60
        return f"{self._what}: {self._done:,} of {self._total:,}, {_rate(speed)}, {minutes:.0f} min left"


def _rate(speed: float) -> str:
    if not speed:
        return "–"
    return f"{speed:.1f}/s" if speed >= 1 else f"{1 / speed:.1f} s each"
