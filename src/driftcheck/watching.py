"""Being told how far long work is."""

from __future__ import annotations

from typing import Protocol


class Watcher(Protocol):
    """Someone who wants to know how far the audit is: the progress bar."""

    def stage(self, text: str) -> None:
        """Tell that a stage begins."""
        ...

    def step(self, done: int, total: int | None) -> None:
        """Tell how far the stage is; the total is None where nobody knows it."""
        ...

    def warn(self, text: str) -> None:
        """Tell of something that costs time, and changes no result."""
        ...


class Unwatched:
    """A watcher that does nothing."""

    def stage(self, text: str) -> None:
        """Ignore."""

    def step(self, done: int, total: int | None) -> None:
        """Ignore."""

    def warn(self, text: str) -> None:
        """Ignore."""
