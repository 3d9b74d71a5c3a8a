"""Containers: what the kinds of files have in common once they can be edited."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from driftcheck.editing.splices import Splice
from driftcheck.editing.values import Tree


@dataclass(frozen=True)
class Record:
    """One record of a file: a test, a row, an object."""

    number: int
    """From 0, in the order of the file."""
    line: int
    """Line that it begins at, from 1."""
    value: Mapping[str, Any] = field(repr=False)
    """Plain values; of a CSV, column to cell."""


@dataclass(frozen=True)
class Spot:
    """Where a loader says that a record stands: at a line, or the nth of its list; both counted from one."""

    line: int | None = None
    nth: int | None = None
    within: str | None = None
    """Key of its list, of a document that has several."""


@dataclass(frozen=True)
class Change:
    """What is to happen to a file's records."""

    gone: frozenset[int]
    """Numbers of the records that go."""
    trees: Mapping[int, Tree]
    """Changes of records by their number."""
    new: Sequence[dict[str, Any]]
    """Records to come last."""


class Container(Protocol):
    """The text of a file of one kind, understood as far as it takes to edit it."""

    @property
    def records(self) -> tuple[Record, ...]:
        """The records, in order."""
        ...

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of a CSV; nothing else has any."""
        ...

    def splices(self, change: Change) -> list[Splice]:
        """Say where the text changes.

        Raises:
            InputError: it cannot be done in this file.

        """
        ...

    def meant(self, change: Change) -> Any:
        """Say what the whole text is to stand for once it has changed."""
        ...

    def value_of(self, text: str) -> Any:
        """Say what a whole text of this kind stands for, to be compared with what was meant.

        Raises:
            InputError: it is broken.

        """
        ...

    def numbers_at(self, spot: Spot) -> Collection[int]:
        """Find the records at a spot; more than one where several begin on its line."""
        ...

    def written(self, records: Sequence[dict[str, Any]]) -> str:
        """Write a new text of this kind, in this one's style, that holds these records alone."""
        ...
