"""JSON documents: the records are the items of one list, or of one list per slice, or values one after another."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from driftcheck.editing.container import Change, Record, Spot
from driftcheck.editing.json_text import (
    JsonStyle,
    after_space,
    indent_of,
    is_escaped,
    items_of,
    object_splices,
    seek,
    style_of,
    value_end,
)
from driftcheck.editing.record_list import RecordList, document_with, shared_out
from driftcheck.editing.splices import Span, Splice, lines_at, list_splices
from driftcheck.editing.values import in_order_of, list_with
from driftcheck.errors import InputError
from driftcheck.loaders.generic_table import SLICE_COLUMN


@dataclass(frozen=True)
class _List(RecordList):
    """One list of records, and where it stands."""

    span: Span
    inside: Span
    items: list[Span]


class JsonLists:
    """A JSON document whose records stand in lists."""

    columns: tuple[str, ...] = ()

    def __init__(
        self, text: str, name: str, paths: Sequence[tuple[str, ...]], is_record: Callable[[Mapping[str, Any]], bool]
    ) -> None:
        """Find the lists at `paths`; with more than one, a record's slice is the last key of its path.

        Raises:
            InputError: the text is broken, or a path leads to no list.

        """
        self._text = text
        self._name = name
        self._lists: list[_List] = []
        records: list[Record] = []
        whole = self.value_of(text)
        for path in paths:
            values = whole
            for key in path:
                values = values[key]
            try:
                span = seek(text, path)
            except KeyError as error:
                raise InputError(name, f"holds {error} twice, and cannot be edited") from None
            inside, items = items_of(text, span)
            numbers: dict[int, int] = {}
            lines = lines_at(text, [item.start for item in items])
            for place, (line, value) in enumerate(zip(lines, values, strict=True)):
                if isinstance(value, Mapping) and is_record(value):
                    numbers[place] = len(records)
                    shown = {SLICE_COLUMN: path[-1], **value} if len(paths) > 1 else value
                    records.append(Record(len(records), line, shown))
            self._lists.append(_List(path, values, numbers, span, inside, items))
        self.records = tuple(records)

    def splices(self, change: Change) -> list[Splice]:
        """Say where the text changes."""
        found: list[Splice] = []
        for one, new in zip(self._lists, shared_out(self._lists, change.new, self._name), strict=True):
            style = self._style(one)
            for place, number in one.numbers.items():
                if number in change.trees:
                    found += object_splices(self._text, one.items[place], change.trees[number], style, self._name)
            gone = one.gone(change)
            found += self._of_list(one, gone, new, style)
        return found

    def meant(self, change: Change) -> Any:
        """Say what the whole text is to stand for."""
        return document_with(self.value_of(self._text), self._lists, change, self._name)

    def value_of(self, text: str) -> Any:
        """Read a whole text, strictly."""
        try:
            return json.loads(text)
        except (ValueError, RecursionError) as error:
            raise InputError(self._name, f"is broken JSON, and cannot be edited: {error}", "mend it first") from None

    def numbers_at(self, spot: Spot) -> Collection[int]:
        """Find the nth item of a list, counted from one."""
        lists = [one for one in self._lists if spot.within in (None, *one.path[-1:])]
        if spot.nth is None or len(lists) != 1:
            return ()
        number = lists[0].numbers.get(spot.nth - 1)
        return () if number is None else (number,)

    def written(self, records: Sequence[dict[str, Any]]) -> str:
        """Write a list of records; under the same key, where they stand in an object of a tool's own."""
        one = self._lists[-1]
        style = self._style(one)
        wraps = one.path if len(self._lists) == 1 else ()
        value: Any = list(records)
        for key in reversed(wraps):
            value = {key: value}
        if style.unit is None:
            rows = f",{style.eol}".join(map(style.dumps, records))
            text = f"[{style.eol}{rows}{style.eol}]" if records else "[]"
            for key in reversed(wraps):
                text = f"{{{style.dumps(key)}{style.colon}{text}}}"
            return text + style.eol
        return style.written(value, "") + style.eol

    def _style(self, one: _List) -> JsonStyle:
        last = next((item.items[place] for item in (one, *self._lists) for place in reversed(item.numbers)), None)
        return style_of(self._text, last, is_ascii=is_escaped(self._text))

    def _of_list(self, one: _List, gone: set[int], new: list[dict[str, Any]], style: JsonStyle) -> list[Splice]:
        text = self._text
        unit = style.unit if style.unit is not None else "  "
        outer = indent_of(text, one.span.start)
        if one.items:
            before = one.items[-2].end if len(one.items) > 1 else one.inside.start
            gap = text[before : one.items[-1].start].replace(",", "", 1)
            ends = (text[one.inside.start : one.items[0].start], text[one.items[-1].end : one.inside.end])
            indent = indent_of(text, one.items[-1].start)
            if "\n" not in gap:
                gap = gap if len(one.items) > 1 else style.comma.partition(",")[2]
        else:
            indent = outer + unit
            gap = style.eol + indent
            ends = (gap, style.eol + outer)
        like = (text, one.items[max(one.numbers)]) if one.numbers else None
        rows = [style.written(record, indent, like) for record in new]
        return list_splices(one.items, one.inside, gone, rows, gap=gap, ends=ends)


class JsonValues:
    """JSON values one after another in one text, each on any number of lines."""

    columns: tuple[str, ...] = ()

    def __init__(self, text: str, name: str) -> None:
        """Find the values.

        Raises:
            InputError: one is broken, or a comma stands between two.

        """
        self._text = text
        self._name = name
        self._spans = self._read(text)
        values = [json.loads(text[span.start : span.end]) for span in self._spans]
        self._places = [place for place, value in enumerate(values) if isinstance(value, Mapping)]
        self._values = values
        lines = lines_at(text, [span.start for span in self._spans])
        self.records = tuple(Record(number, lines[place], values[place]) for number, place in enumerate(self._places))

    def _read(self, text: str) -> list[Span]:
        spans = []
        at = after_space(text, 0)
        try:
            while at < len(text):
                spans.append(Span(at, value_end(text, at)))
                at = after_space(text, spans[-1].end)
        except (ValueError, RecursionError) as error:
            raise InputError(self._name, f"is broken JSON, and cannot be edited: {error}", "mend it first") from None
        return spans

    def splices(self, change: Change) -> list[Splice]:
        """Say where the text changes."""
        text, spans = self._text, self._spans
        style = style_of(text, spans[self._places[-1]] if self._places else None, is_ascii=is_escaped(text))
        found: list[Splice] = []
        for number, tree in change.trees.items():
            found += object_splices(text, spans[self._places[number]], tree, style, self._name)
        gone = {self._places[number] for number in change.gone}
        kept = [place for place in range(len(spans)) if place not in gone]
        found += [Splice(spans[place].start, spans[place + 1].start) for place in gone if kept and place < kept[-1]]
        last = kept[-1] if kept else -1
        at = spans[last].end if kept else spans[0].start if spans else len(text)
        gap = text[spans[-2].end : spans[-1].start] if len(spans) > 1 else style.eol
        if last + 1 < len(spans):
            found.append(Splice(at, spans[-1].end))
        neighbour = self._values[self._places[-1]] if self._places else None
        rows = [style.written(in_order_of(record, neighbour), "") for record in change.new]
        if rows:
            found.append(Splice(at, at, (gap if kept else "") + gap.join(rows)))
        return found

    def meant(self, change: Change) -> Any:
        """Say what the values are to be."""
        neighbour = self._values[self._places[-1]] if self._places else None
        gone = {self._places[number] for number in change.gone}
        trees = {self._places[number]: tree for number, tree in change.trees.items()}
        return list_with(self._values, gone, trees, [in_order_of(one, neighbour) for one in change.new], self._name)

    def value_of(self, text: str) -> Any:
        """Read the values of a text."""
        return [json.loads(text[span.start : span.end]) for span in self._read(text)]

    def numbers_at(self, spot: Spot) -> Collection[int]:
        """Find the nth value, counted from one."""
        place = (spot.nth or 0) - 1
        number = bisect_left(self._places, place)
        return [number] if self._places[number : number + 1] == [place] else []

    def written(self, records: Sequence[dict[str, Any]]) -> str:
        """Write records one after another."""
        style = style_of(
            self._text, self._spans[self._places[-1]] if self._places else None, is_ascii=is_escaped(self._text)
        )
        return "".join(style.written(record, "") + style.eol for record in records)
