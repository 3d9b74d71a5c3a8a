"""YAML documents: the records are the items of a list, in brackets or below each other, or of one list per slice."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from driftcheck.editing.container import Change, Record, Spot
from driftcheck.editing.record_list import RecordList, document_with, shared_out
from driftcheck.editing.splices import Span, Splice, eol_of, line_end, line_start, list_splices, next_line
from driftcheck.editing.yaml_lines import own_end, own_start, said_again, said_before
from driftcheck.editing.yaml_nodes import ALIAS, LIST, MAP, Node, read_nodes
from driftcheck.editing.yaml_records import RecordEdit, colon_behind
from driftcheck.editing.yaml_writing import YamlStyle, style_of
from driftcheck.errors import InputError
from driftcheck.loaders.generic_table import SLICE_COLUMN
from driftcheck.loaders.yaml_text import YamlError, YamlText

_DASH = re.compile(r"^[ \t]*(-)(?=\s)", re.MULTILINE)


@dataclass(frozen=True)
class _List(RecordList):
    """One list of records, and where it stands."""

    key: Node | None
    """Key that it stands under; None where it is the document."""
    node: Node


class YamlLists:
    """A YAML document whose records stand in lists."""

    columns: tuple[str, ...] = ()

    def __init__(
        self, text: str, name: str, paths: Sequence[tuple[str, ...]], is_record: Callable[[Mapping[str, Any]], bool]
    ) -> None:
        """Find the lists at `paths`; with more than one, a record's slice is the last key of its path.

        Raises:
            InputError: the text is broken, holds several documents, or a list cannot be told from its text.

        """
        self._text = text
        self._name = name
        self._root = read_nodes(text, name)
        self._anchors = {node.anchor: node for node in self._root.nodes() if node.anchor and node.kind != ALIAS}
        self._aliases = [node for node in self._root.nodes() if node.kind == ALIAS]
        self._lists: list[_List] = []
        whole = self.value_of(text)
        records: list[Record] = []
        for path in paths:
            key, node, values = None, self._root, whole
            for part in path:
                pair = node.pair(part)
                if pair is None:
                    raise InputError(name, f"its {part} come from elsewhere (an alias, a merge), and are not edited")
                (key, node), values = pair, values[part]
            if node.kind != LIST or len(node.items) != len(values):
                raise InputError(name, f"its {path[-1] if path else 'list'} is an alias, and is not edited")
            numbers: dict[int, int] = {}
            for place, value in enumerate(values):
                if isinstance(value, Mapping) and is_record(value):
                    item = node.items[place]
                    line = self._anchors[item.anchor].line if item.kind == ALIAS and item.anchor else item.line
                    numbers[place] = len(records)
                    shown = {SLICE_COLUMN: path[-1], **value} if len(paths) > 1 else value
                    records.append(Record(len(records), line, shown))
            self._lists.append(_List(path, values, numbers, key, node))
        self.records = tuple(records)
        self._at: dict[tuple[str | None, int | None], list[int]] = {}
        """Numbers by key of the list (None: any) and line."""
        for one in self._lists:
            for within in {None, *one.path[-1:]}:
                for number in one.numbers.values():
                    self._at.setdefault((within, records[number].line), []).append(number)

    def splices(self, change: Change) -> list[Splice]:
        """Say where the text changes."""
        found: list[Splice] = []
        gone_spans: list[Span] = []
        for one, new in zip(self._lists, shared_out(self._lists, change.new, self._name), strict=True):
            style = self._style(one)
            for place, number in one.numbers.items():
                if number in change.trees:
                    edit = RecordEdit(self._text, self._name, style, self._aliases)
                    found += edit.splices(one.node.items[place], change.trees[number], one.values[place])
            gone = one.gone(change)
            gone_spans += [Span(one.node.items[place].start, one.node.items[place].end) for place in gone]
            if gone or new:
                found += (
                    self._in_brackets(one, gone, new, style) if one.node.flow else self._below(one, gone, new, style)
                )
        self._check_anchors(gone_spans)
        return found

    def meant(self, change: Change) -> Any:
        """Say what the whole text is to stand for."""
        return document_with(self.value_of(self._text), self._lists, change, self._name)

    def value_of(self, text: str) -> Any:
        """Read a whole text, as the loaders do."""
        try:
            return YamlText(text).value
        except YamlError as error:
            where = f"{self._name}:{error.line}" if error.line else self._name
            raise InputError(where, f"broken YAML: {error}") from None

    def numbers_at(self, spot: Spot) -> Collection[int]:
        """Find the records that begin at a line."""
        return self._at.get((spot.within, spot.line), ())

    def written(self, records: Sequence[dict[str, Any]]) -> str:
        """Write a list of records; under the same key, where that is what a tool of its own reads."""
        one = self._lists[-1]
        style = self._style(one)
        wraps = one.path if len(self._lists) == 1 and one.path != ("tests",) else ()
        lead, column = "", 0
        for depth, key in enumerate(wraps):
            lead += f"{' ' * (column if depth else 0)}{style.key(key, flow=False)}:{style.eol}"
            column += style.step if depth + 1 < len(wraps) else style.dash
        if not records:
            return (lead.removesuffix(style.eol) + " " if wraps else "") + "[]" + style.eol
        return lead + "".join(f"{' ' * column}{row}{style.eol}" for row in self._rows(one, records, column, style))

    def _style(self, one: _List) -> YamlStyle:
        records = [one.node.items[place] for place in one.numbers]
        style = style_of(self._root, [node for node in records if node.kind == MAP], self._text)
        style = replace(style, eol=eol_of(self._text, one.node.start))
        if one.key is not None and not one.node.flow and one.node.items:
            style = replace(
                style, dash=self._dash(one, 0) - line_start(self._text, self._dash(one, 0)) - one.key.column
            )
        last = next((node for node in reversed(records) if node.kind == MAP and node.pairs), None)
        if last is not None and not one.node.flow and not last.flow:
            place = one.node.items.index(last)
            column = self._dash(one, place) - line_start(self._text, self._dash(one, place))
            style = replace(style, behind=last.pairs[0][0].column - column)
        return style

    def _like(self, one: _List) -> Node | None:
        """Find the record that new ones are written like: the last that is written out."""
        records = (one.node.items[place] for place in reversed(one.numbers))
        return next((node for node in records if node.kind == MAP), None)

    def _rows(self, one: _List, records: Sequence[dict[str, Any]], column: int, style: YamlStyle) -> list[str]:
        """Write items with their dashes, at `column`; the first line is not indented."""
        like = self._like(one)
        behind = max(style.behind, 2)
        return [f"-{' ' * (behind - 1)}{style.behind_dash(record, column + behind, like)}" for record in records]

    def _in_brackets(self, one: _List, gone: set[int], new: list[dict[str, Any]], style: YamlStyle) -> list[Splice]:
        text, node = self._text, one.node
        inside = Span(text.index("[", node.start) + 1, node.end - 1)
        if not node.items and not text[inside.start : inside.end].strip():
            return self._first_below(one, new, style)
        like = self._like(one)
        items = [Span(item.start, item.end) for item in node.items]
        before = items[-2].end if len(items) > 1 else inside.start
        between = text[before : items[-1].start].replace(",", "", 1)
        gap = between if not between.strip() else style.eol + " " * node.items[-1].column
        if "\n" not in gap and len(items) == 1:
            gap = " "
        return list_splices(items, inside, gone, [style.flow(record, like) for record in new], gap=gap, ends=("", ""))

    def _first_below(self, one: _List, new: list[dict[str, Any]], style: YamlStyle) -> list[Splice]:
        """Make the first items of a list that is `[]`."""
        text, node = self._text, one.node
        column = (one.key.column + style.dash) if one.key is not None else 0
        rows = self._rows(one, new, column, style)
        if one.key is None:
            return [Splice(node.start, node.end, f"{style.eol}".join(rows))]
        start, end = colon_behind(text, one.key, self._name), line_end(text, node.end)
        lines = "".join(f"{style.eol}{' ' * column}{row}" for row in rows)
        return [Splice(start, node.end), Splice(end, end, lines)]

    def _below(self, one: _List, gone: set[int], new: list[dict[str, Any]], style: YamlStyle) -> list[Splice]:
        text, items = self._text, one.node.items
        dashes = [self._dash(one, place) for place in range(len(items))]
        column = dashes[0] - line_start(text, dashes[0])
        ends = [own_end(text, max(item.end, dash + 1), column) for item, dash in zip(items, dashes, strict=True)]
        starts = [own_start(text, dash, column, ends[place - 1] if place else 0) for place, dash in enumerate(dashes)]
        rows = self._rows(one, new, column, style)
        kept = [place for place in range(len(items)) if place not in gone]
        if not kept:
            if rows:
                return [Splice(starts[0] + column, ends[-1], f"{style.eol}{' ' * column}".join(rows))]
            return self._emptied(one, starts[0], ends[-1])
        found = []
        for first, last in _runs(gone):
            if last < kept[-1]:
                found.append(Splice(starts[first], said_again(text, next_line(text, ends[last]))))
            else:
                found.append(Splice(said_before(text, starts[first]), ends[last]))
        if rows:
            n_blank = text[ends[-2] : starts[-1]].count("\n") - 1 if len(items) > 1 else 0
            n_blank = n_blank if len(items) > 1 and not text[ends[-2] : starts[-1]].strip() else 0
            part = style.eol * (1 + n_blank) + " " * column
            found.append(Splice(ends[kept[-1]], ends[kept[-1]], "".join(part + row for row in rows)))
        return found

    def _emptied(self, one: _List, start: int, end: int) -> list[Splice]:
        """Write `[]` in the place of all items."""
        text = self._text
        if one.key is None:
            return [Splice(start, end, "[]")]
        at = colon_behind(text, one.key, self._name)
        return [Splice(at, at, " []"), Splice(said_before(text, start), end)]

    def _dash(self, one: _List, place: int) -> int:
        """Where the dash of an item stands.

        Raises:
            InputError: not on a line of its own.

        """
        item = one.node.items[place]
        start = one.node.items[place - 1].end if place else line_start(self._text, one.node.start)
        found = _DASH.search(self._text, start, max(item.end, item.start + 1))
        if found is None or found.start(1) > item.start:
            raise InputError(f"{self._name}:{item.line}", "its list is written in a way that is not edited")
        return found.start(1)

    def _check_anchors(self, gone: Sequence[Span]) -> None:
        """Refuse to take out what others refer to.

        Raises:
            InputError: it names the anchor and the line of the alias.

        """
        if not gone or not self._anchors:
            return
        nodes = list(self._root.nodes())
        lost = {
            node.anchor
            for node in nodes
            if node.anchor and node.kind != ALIAS and any(span.start <= node.start < span.end for span in gone)
        }
        for node in nodes:
            is_kept = not any(span.start <= node.start < span.end for span in gone)
            if node.kind == ALIAS and node.anchor in lost and is_kept:
                what = f"&{node.anchor} cannot be taken out: line {node.line} refers to it"
                raise InputError(f"{self._name}:{self._anchors[node.anchor].line}", what, "write it out there first")


def _runs(places: Collection[int]) -> list[tuple[int, int]]:
    """Gather numbers that follow each other, as (first, last)."""
    runs: list[tuple[int, int]] = []
    for place in sorted(places):
        if runs and runs[-1][1] == place - 1:
            runs[-1] = (runs[-1][0], place)
        else:
            runs.append((place, place))
    return runs
