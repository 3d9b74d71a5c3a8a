"""The terminal: the console of the report, and the progress of long work."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID


def make_console(*, color: bool = True) -> Console:
    """Make the console for reports; nothing in what is printed is read as markup, emoji or a link."""
    from rich.console import Console

    return Console(no_color=not color, highlight=False, markup=False, emoji=False, soft_wrap=False)


class ProgressWatcher:
    """Shows stages and progress on standard error, only where someone can see it."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet or not sys.stderr.isatty()
        self._progress: Progress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        if not self._quiet:
            from rich.console import Console
            from rich.progress import (
                BarColumn,
                MofNCompleteColumn,
                Progress,
                SpinnerColumn,
                TextColumn,
                TimeElapsedColumn,
            )

            self._progress = Progress(
                SpinnerColumn(),
                TextColumn("{task.description}", markup=False),
                BarColumn(bar_width=24),
                MofNCompleteColumn(),
                TextColumn("{task.fields[rate]}", markup=False),
                TimeElapsedColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._progress:
            self._progress.stop()

    def stage(self, text: str) -> None:
        """Begin a stage."""
        if self._progress is None:
            return
        if self._task is not None:
            self._progress.remove_task(self._task)
        self._task = self._progress.add_task(text[:60], total=None, rate="")

    def step(self, done: int, total: int | None) -> None:
        """Show how far the stage is, its rate, and the time left where the total is known."""
        if self._progress is None or self._task is None:
            return
        task = next(task for task in self._progress.tasks if task.id == self._task)
        elapsed = task.elapsed or 0.0
        rate = ""
        if done and elapsed > 0.5:
            speed = done / elapsed
            rate = f"{speed:,.0f}/s"
            if total:
                left = (total - done) / speed
                rate += f", {left // 60:.0f}:{left % 60:02.0f} left"
        self._progress.update(self._task, completed=done, total=total, rate=rate)
