"""Blocks: some rows of a table at a time, by column, since a call a column costs less than a call a cell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

BLOCK = 128
"""Rows of a block: enough to make the calls a block cheap, few enough to stay in the processor's cache."""

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class ColumnBlock:
    """Some rows of a container that keeps its columns: CSV, Parquet."""

    where: Sequence[str]
    columns: Mapping[str, Sequence[Any]]

    def column(self, name: str) -> Sequence[Any] | None:
        """Values of a column; None where there is no such column."""
        return self.columns.get(name)


@dataclass(frozen=True, slots=True)
class RowBlock:
    """Some rows of a container that keeps its records, each with keys of its own: JSON."""

    where: Sequence[str]
    rows: Sequence[Mapping[str, Any]]

    def column(self, name: str) -> Sequence[Any] | None:
        """Values of a column, None in rows that lack it; None where all do."""
        values = [row.get(name) for row in self.rows]
        return None if values.count(None) == len(values) else values


Block = ColumnBlock | RowBlock


def row_blocks(rows: Iterable[tuple[str, Mapping[str, Any]]], n: int = BLOCK) -> Iterator[RowBlock]:
    """Gather (where, row) into blocks of `n` rows."""
    for some in batches(rows, n):
        yield RowBlock([where for where, _ in some], [row for _, row in some])


def batches(items: Iterable[Item], n: int = BLOCK) -> Iterator[list[Item]]:
    """Gather items into lists of `n`; the last may be shorter.

    >>> list(batches("abcde", 2))
    [['a', 'b'], ['c', 'd'], ['e']]
    """
    rest = iter(items)
    while some := list(islice(rest, n)):
        yield some
