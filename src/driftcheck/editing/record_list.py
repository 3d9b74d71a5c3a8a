"""Lists of records in a JSON or YAML document: the one that there is, or one per slice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from driftcheck.editing.container import Change
from driftcheck.editing.values import in_order_of, list_with
from driftcheck.errors import InputError
from driftcheck.loaders.generic_table import SLICE_COLUMN


@dataclass(frozen=True)
class RecordList:
    """One list of records, as values."""

    path: tuple[str, ...]
    """Keys from the document to the list."""
    values: list[Any]
    numbers: Mapping[int, int]
    """Number of the record by its place in the list; an item that is no record has none."""

    def gone(self, change: Change) -> set[int]:
        """Places of the items that go."""
        return {place for place, number in self.numbers.items() if number in change.gone}


def shared_out(lists: Sequence[RecordList], new: Sequence[dict[str, Any]], name: str) -> list[list[dict[str, Any]]]:
    """Share new records out to the lists, by their slice and else to the last, with keys in the order of the others'.

    Raises:
        InputError: a record's slice is none of the lists.

    """
    shares: list[list[dict[str, Any]]] = [[] for _ in lists]
    for record in new:
        at, own = len(lists) - 1, record
        if len(lists) > 1 and SLICE_COLUMN in record:
            own = {key: value for key, value in record.items() if key != SLICE_COLUMN}
            named = [number for number, one in enumerate(lists) if one.path[-1] == record[SLICE_COLUMN]]
            if len(named) != 1:
                there = ", ".join(one.path[-1] for one in lists)
                raise InputError(name, f"has no list {record[SLICE_COLUMN]!r}", f"there are: {there}")
            at = named[0]
        neighbour = next((lists[at].values[place] for place in reversed(lists[at].numbers)), None)
        shares[at].append(in_order_of(own, neighbour))
    return shares


def document_with(whole: Any, lists: Sequence[RecordList], change: Change, name: str) -> Any:
    """Return the value of a document with the change; `whole` is written over."""
    for one, new in zip(lists, shared_out(lists, change.new, name), strict=True):
        trees = {place: change.trees[number] for place, number in one.numbers.items() if number in change.trees}
        items = list_with(one.values, one.gone(change), trees, new, name)
        if not one.path:
            return items
        holder = whole
        for key in one.path[:-1]:
            holder = holder[key]
        holder[one.path[-1]] = items
    return whole
