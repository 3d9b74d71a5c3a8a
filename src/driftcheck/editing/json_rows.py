"""JSON lines: a record a line."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from driftcheck.editing.container import Change, Record, Spot
from driftcheck.editing.json_text import JsonStyle, is_escaped, object_splices, style_of, value_end
from driftcheck.editing.splices import Span, Splice, line_spans, row_splices
from driftcheck.editing.values import in_order_of, list_with


class JsonRows:
    """A text with a JSON object on each line; other lines stay as they are."""

    columns: tuple[str, ...] = ()

    def __init__(self, text: str, name: str) -> None:
        """Find the lines that are objects."""
        self._text = text
        self._name = name
        self._lines = line_spans(text)
        self._is_ascii = is_escaped(text)
        self._values = [_value(text[line.start : line.end]) for line in self._lines]
        self._places = [place for place, value in enumerate(self._values) if isinstance(value, Mapping)]
        self.records = tuple(
            Record(number, place + 1, self._values[place]) for number, place in enumerate(self._places)
        )

    def splices(self, change: Change) -> list[Splice]:
        """Say where the text changes."""
        found: list[Splice] = []
        for number, tree in change.trees.items():
            span = self._object(number)
            style = style_of(self._text, span, is_ascii=self._is_ascii, one_line=True)
            found += object_splices(self._text, span, tree, style, self._name)
        style = self._style()
        rows = [style.dumps(record) for record in self._ordered(change.new)]
        gone = [self._places[number] for number in change.gone]
        return found + row_splices(self._text, self._lines, gone, rows)

    def meant(self, change: Change) -> Any:
        """Say what the lines are to hold."""
        gone = {self._places[number] for number in change.gone}
        trees = {self._places[number]: tree for number, tree in change.trees.items()}
        rows = list_with(self._values, gone, trees, self._ordered(change.new), self._name)
        return [row for row in rows if row != ""]

    def value_of(self, text: str) -> Any:
        """Read the value of each line that is not blank: a text where it is broken."""
        return [value for line in line_spans(text) if (value := _value(text[line.start : line.end])) != ""]

    def numbers_at(self, spot: Spot) -> Collection[int]:
        """Find the record at a line; or, of a file with one line that is read as a document, the nth."""
        if spot.line is not None:
            number = bisect_left(self._places, spot.line - 1)
            return [number] if self._places[number : number + 1] == [spot.line - 1] else []
        return [spot.nth - 1] if spot.nth and spot.nth <= len(self.records) else []

    def written(self, records: Sequence[dict[str, Any]]) -> str:
        """Write records, one a line."""
        style = self._style()
        return "".join(style.dumps(record) + style.eol for record in records)

    def _style(self) -> JsonStyle:
        last = self._object(len(self._places) - 1) if self._places else None
        return style_of(self._text, last, is_ascii=self._is_ascii, one_line=True)

    def _object(self, number: int) -> Span:
        line = self._lines[self._places[number]]
        start = self._text.index("{", line.start)
        return Span(start, value_end(self._text, start))

    def _ordered(self, new: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        neighbour = self._values[self._places[-1]] if self._places else None
        return [in_order_of(record, neighbour) for record in new]


def _value(line: str) -> Any:
    """Read the value of a line: a text where it is broken, an empty one where it is blank."""
    text = line.strip(" \t\r\n\x1e").rstrip(",")
    if not text:
        return ""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return line.rstrip("\r\n")
