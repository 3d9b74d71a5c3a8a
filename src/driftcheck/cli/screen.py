"""The terminal: the console of the report, and the progress of long work."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

from driftcheck.cli.error_line import print_error

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID

_LOG_EVERY = 30.0
"""Seconds between two lines where standard error is no terminal: a CI log must not look dead."""


def make_console(*, color: bool = True) -> Console:
    """Make the console for reports; nothing in what is printed is read as markup, emoji or a link."""
    from rich.console import Console

    class _Console(Console):
        def on_broken_pipe(self) -> None:
            raise  # Rich calls this while it handles the error, and would exit with 1

    return _Console(no_color=not color, highlight=False, markup=False, emoji=False, soft_wrap=False)


class ProgressWatcher:
    """Shows stages and progress on standard error: a bar on a terminal, a line now and then in a log."""

    def __init__(self, *, quiet: bool, color: bool = True) -> None:
        self._quiet = quiet
        self._color = color
        self._progress: Progress | None = None
        self._task: TaskID | None = None
        self._stage = ""
        self._began = self._told = 0.0

    def __enter__(self) -> Self:
        if not self._quiet and sys.stderr.isatty():
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
                console=Console(stderr=True, no_color=not self._color),
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
        from driftcheck.renderers.plain import show

        self._stage = show(text, 60)
        self._began = self._told = time.monotonic()
        if self._progress is None:
            return
        if self._task is not None:
            self._progress.remove_task(self._task)
        self._task = self._progress.add_task(self._stage, total=None, rate="")

    def step(self, done: int, total: int | None) -> None:
        """Show how far the stage is, its rate, and the time left where the total is known."""
        now = time.monotonic()
        elapsed = now - self._began
        rate = ""
        if done and elapsed > 0.5:
            speed = done / elapsed
            rate = f"{speed:,.0f}/s"
            if total:
                left = (total - done) / speed
                rate += f", {left // 60:.0f}:{left % 60:02.0f} left"
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, completed=done, total=total, rate=rate)
        elif not self._quiet and now - self._told >= _LOG_EVERY:
            self._told = now
            of = f" of {total:,}" if total else ""
            print(f"driftcheck: {self._stage}: {done:,}{of} ({rate})", file=sys.stderr, flush=True)

    def warn(self, text: str) -> None:
        """Print a line that stays."""
        if not self._quiet:
            print_error(f"warning: {text}")
