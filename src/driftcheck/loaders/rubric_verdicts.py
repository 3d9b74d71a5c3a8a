"""Rubric verdicts: which items of a rubric (metrics, assertions, scorers) the results of one file met."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from driftcheck.loaders.read_log import ReadLog
from driftcheck.loaders.statuses import read_status
from driftcheck.numbers import count
from driftcheck.records import Status

MAX_ITEMS = 200
"""Items of one file that are kept: more are no rubric but texts of the cases, such as each one's expected answer."""
MAX_NAME = 200
"""Characters of an item's name."""
_MAX_MADE = 10_000
"""Patterns of verdicts that are shared: most results of a run meet the same items."""
NO_VERDICTS: Mapping[str, bool] = MappingProxyType({})
"""Of a result that tells no items apart: one for all, so that it costs nothing."""


class RubricItems:
    """Reads the verdicts of one file; results that meet the same items share them.

    What turns out to be a degree (0.7) anywhere in the file is no item: of a score whose values run from 0 to 1, those
    that happen to be 1 say nothing about how often it fails.

    >>> items = RubricItems()
    >>> first = items.of({"polite": True, "cites": "fail", "closeness": 1})
    >>> dict(first), dict(items.of({"polite": None, "closeness": 0.7})), dict(first)
    ({'polite': True, 'cites': False, 'closeness': True}, {}, {'polite': True, 'cites': False})
    """

    def __init__(self) -> None:
        self.names: list[str] = []
        """Of each item, in the order of the file."""
        self.degrees: set[int] = set()
        """Numbers of those that are no items."""
        self._numbers: dict[str, int] = {}
        self._made: dict[tuple[int, ...], Mapping[str, bool]] = {}
        self._n_beyond = 0

    def of(self, values: Mapping[str, Any] | Iterable[tuple[str, Any]]) -> Mapping[str, bool]:
        """Verdicts on one result: booleans, words of pass and fail, 1 and 0; the worst of several on one item."""
        met: dict[int, bool] = {}
        known = self._numbers
        for name, value in values.items() if isinstance(values, Mapping) else values:
            if (value is True or value is False) and (number := known.get(name)) is not None:
                met[number] = met.get(number, True) and value  # as most are: a run has many times as many as results
                continue
            if value is None:
                continue
            said = read_status(value)
            if said is None and not _is_degree(value):
                continue
            number = self._number(name)
            if number is None:
                continue
            if said is None:
                self.degrees.add(number)
            elif said in (Status.PASS, Status.FAIL):
                met[number] = met.get(number, True) and said is Status.PASS
        if not met:
            return NO_VERDICTS
        key = tuple(2 * number + met[number] for number in sorted(met))
        made = self._made.get(key)
        if made is None:
            made = _Verdicts(self, key)
            if len(self._made) < _MAX_MADE:
                self._made[key] = made
        return made

    def say(self, log: ReadLog) -> None:
        """Tell the log what was not kept."""
        if self._n_beyond:
            verdicts = count(self._n_beyond, "verdict on an item", "verdicts on items")
            log.warn(f"{verdicts} beyond the first {MAX_ITEMS} of the rubric are not used")

    def _number(self, name: str) -> int | None:
        known = self._numbers.get(name)
        if known is not None:
            return known
        called = item_name(name)
        known = self._numbers.get(called) if called else None
        if known is not None or not called:
            return known
        if len(self.names) >= MAX_ITEMS:
            self._n_beyond += 1
            return None
        self._numbers[called] = known = len(self.names)
        self.names.append(called)
        return known


class _Verdicts(Mapping[str, bool]):
    """Verdicts on the items of one result; not on those that a later result shows to be degrees."""

    __slots__ = ("_items", "_key")

    def __init__(self, items: RubricItems, key: tuple[int, ...]) -> None:
        self._items = items
        self._key = key

    def __getitem__(self, name: str) -> bool:
        for code in self._codes():
            if self._items.names[code >> 1] == name:
                return bool(code & 1)
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return (self._items.names[code >> 1] for code in self._codes())

    def __len__(self) -> int:
        return sum(1 for _ in self._codes())

    def __repr__(self) -> str:
        return repr(dict(self))

    def _codes(self) -> Iterator[int]:
        degrees = self._items.degrees
        return (code for code in self._key if code >> 1 not in degrees)


def item_name(text: str) -> str:
    r"""Name of an item on one line, cut to MAX_NAME characters.

    >>> item_name("llm-rubric:  is polite\n and short")
    'llm-rubric: is polite and short'
    """
    line = " ".join(text[: 4 * MAX_NAME].split())
    return line if len(line) <= MAX_NAME else f"{line[: MAX_NAME - 1]}…"


def _is_degree(value: Any) -> bool:
    """Tell a number that is no verdict; a text such as a judge's reason is neither."""
    if isinstance(value, int | float):
        return math.isfinite(value)
    if not isinstance(value, str) or len(value) > 32:
        return False
    try:
        return math.isfinite(float(value))
    except ValueError:
        return False
