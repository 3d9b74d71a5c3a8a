"""CSV: rows are the lines that they fill, and cells of a row are changed where they stand.

A new column concerns every row: readers as strict as promptfoo's refuse a table whose rows are of several lengths (RFC
4180, section 2). So each row gets an empty cell, and no more: `git_dates` looks through it.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from driftcheck.editing.container import Change, Record, Spot
from driftcheck.editing.splices import Span, Splice, lines_at, row_splices
from driftcheck.editing.values import New, Tree
from driftcheck.errors import InputError
from driftcheck.loaders.csv_rows import keys_of, sniff_delimiter

_SEP = re.compile(r"sep=.?$", re.IGNORECASE)
_START = 1 << 20
"""Characters in which the loaders look for the delimiter."""
_FEW = 200
"""Rows that show which columns are quoted."""
_FORMULA = ("=", "+", "-", "@")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?%?")


class CsvTable:
    """The text of a CSV file."""

    def __init__(self, text: str, name: str) -> None:
        """Find the rows, and which of them are records.

        Raises:
            InputError: the text is no CSV, or has no header.

        """
        self._text = text
        self._name = name
        self._delimiter = sniff_delimiter(text[:_START])
        self._rows, self._spans = self._read(text)
        said = [place for place, cells in enumerate(self._rows) if cells]
        if said and _SEP.match(self._rows[said[0]][0]):
            del said[0]
        if not said:
            raise InputError(name, "has no header")
        self._head = said[0]
        self.columns: tuple[str, ...] = keys_of(self._rows[self._head])
        n = len(self.columns)
        self._places = [
            place
            for place, cells in enumerate(self._rows)
            if place > self._head and any(cells[:n]) and not any(cells[n:])
        ]
        lines = lines_at(text, [span.start for span in self._spans])
        self.records = tuple(
            Record(number, lines[place], dict(zip(self.columns, self._cells(place), strict=True)))
            for number, place in enumerate(self._places)
        )
        self._by_line = {record.line: record.number for record in self.records}
        self._quotes = self._quoted_columns()

    def splices(self, change: Change) -> list[Splice]:
        """Say where the text changes."""
        columns = self._columns_with(change)
        added = columns[len(self.columns) :]
        found: list[Splice] = []
        gone = [self._places[number] for number in change.gone]
        trees = {self._places[number]: tree for number, tree in change.trees.items()}
        for place, span in enumerate(self._spans):
            if place in gone or place < self._head or not self._rows[place] or not (added or place in trees):
                continue
            cells = dict(enumerate(added, start=len(self.columns))) if place == self._head else {}
            if added and place != self._head:
                if any(self._rows[place][len(self.columns) :]):
                    line = self._text.count("\n", 0, span.start) + 1
                    what = f"has more cells than the header, so that no column can be added: {', '.join(added)}"
                    raise InputError(f"{self._name}:{line}", what, "mend it first")
                cells[len(columns) - 1] = ""
            cells |= {columns.index(key): _cell(new) for key, new in _leaves(trees.get(place, {}))}
            found += self._of_row(place, cells)
        rows = [self._row([_cell(record.get(key)) for key in columns]) for record in change.new]
        return found + row_splices(self._text, self._spans, gone, rows)

    def meant(self, change: Change) -> Any:
        """Say what the cells are to be, row by row."""
        columns = self._columns_with(change)
        added = columns[len(self.columns) :]
        trees = {self._places[number]: tree for number, tree in change.trees.items()}
        gone = {self._places[number] for number in change.gone}
        rows = []
        for place, written in enumerate(self._rows):
            cells = list(written)
            if place in gone:
                continue
            if place == self._head:
                cells += added
            elif place > self._head and cells:
                changes = {columns.index(key): _cell(new) for key, new in _leaves(trees.get(place, {}))}
                n_wanted = max([len(cells), *(at + 1 for at in changes), len(columns) if added else 0])
                cells += [""] * (n_wanted - len(cells))
                for at, cell in changes.items():
                    cells[at] = cell
            rows.append(cells)
        rows += [[_cell(record.get(key)) for key in columns] for record in change.new]
        return list(filter(_is_said, rows))

    def value_of(self, text: str) -> Any:
        """Read the cells of a text, row by row, without blank lines."""
        return list(filter(_is_said, self._read(text)[0]))

    def numbers_at(self, spot: Spot) -> Collection[int]:
        """Find the row that begins at a line."""
        return [self._by_line[spot.line]] if spot.line in self._by_line else []

    def written(self, records: Sequence[dict[str, Any]]) -> str:
        """Write a header and rows; columns that this file has not come last."""
        columns = [
            *self.columns,
            *dict.fromkeys(key for record in records for key in record if key not in self.columns),
        ]
        self._check_names(columns)
        head = self._spans[self._head]
        kept = self._text[head.start : head.end].rstrip("\r\n")
        more = [self._quoted(name, always=self._head_is_quoted()) for name in columns[len(self.columns) :]]
        eol = "\r\n" if self._text[head.start : head.end].endswith("\r\n") else "\n"
        rows = [self._row([_cell(record.get(key)) for key in columns]) for record in records]
        lead = self._text[: head.start]
        return lead + eol.join([self._delimiter.join([kept, *more]), *rows]) + eol

    def _read(self, text: str) -> tuple[list[list[str]], list[Span]]:
        """Read rows and the lines that they fill; a blank line is a row of no cells."""
        lines = list(io.StringIO(text, newline="\n"))
        ends = [0]
        for line in lines:
            ends.append(ends[-1] + len(line))
        reader = csv.reader(lines, delimiter=self._delimiter)
        rows, spans, start = [], [], 0
        try:
            for cells in reader:
                rows.append([_unescaped(cell) for cell in cells])
                spans.append(Span(ends[start], ends[reader.line_num]))
                start = reader.line_num
        except csv.Error as error:
            raise InputError(f"{self._name}:{reader.line_num}", f"broken CSV, and cannot be edited: {error}") from None
        return rows, spans

    def _cells(self, place: int) -> list[str]:
        n = len(self.columns)
        cells = self._rows[place][:n]
        return cells + [""] * (n - len(cells))

    def _columns_with(self, change: Change) -> list[str]:
        """List the columns with those that the changes add."""
        keys = [key for record in change.new for key, value in record.items()]
        for tree in change.trees.values():
            for key, new in tree.items():
                if not isinstance(new, New):
                    raise InputError(self._name, f"is a CSV, and {key} is a cell: no key can be set in it")
                if key in self.columns or new.value is not None:
                    keys.append(key)
        columns = [*self.columns, *dict.fromkeys(key for key in keys if key not in self.columns)]
        self._check_names(columns)
        return columns

    def _check_names(self, columns: Sequence[str]) -> None:
        """Refuse names of new columns that would be read back as others."""
        header = [*self._rows[self._head], *columns[len(self.columns) :]]
        if list(keys_of(header)) != list(columns) or any(
            name.startswith(_FORMULA) for name in columns[len(self.columns) :]
        ):
            raise InputError(self._name, f"{', '.join(columns[len(self.columns) :])} cannot be the name of a column")

    def _of_row(self, place: int, cells: Mapping[int, str]) -> list[Splice]:
        """Change cells of one row; a row that is too short for one gets the delimiters up to it."""
        span = self._spans[place]
        end, spans = self._row_end(span), self._cell_spans(place)
        if len(spans) != len(self._rows[place]):
            line = self._text.count("\n", 0, span.start) + 1
            raise InputError(f"{self._name}:{line}", "its cells cannot be told apart, and are not edited")
        found = []
        behind: list[str] = []
        for at, cell in sorted(cells.items()):
            always = self._head_is_quoted() if place == self._head else at < len(self._quotes) and self._quotes[at]
            if at < len(spans):
                was_quoted = self._text[spans[at].start : spans[at].end].startswith('"')
                if cell != self._rows[place][at]:
                    found.append(
                        Splice(spans[at].start, spans[at].end, self._quoted(cell, always=always or was_quoted))
                    )
            else:
                behind += [self._delimiter] * (at - len(spans) + 1 - behind.count(self._delimiter))
                behind.append(self._quoted(cell, always=always) if cell else "")
        if behind:
            found.append(Splice(end, end, "".join(behind)))
        return found

    def _row(self, cells: Sequence[str]) -> str:
        always = [*self._quotes, *[False] * (len(cells) - len(self._quotes))]
        row = self._delimiter.join(self._quoted(cell, always=quote) for cell, quote in zip(cells, always, strict=True))
        if not row.strip():
            raise InputError(self._name, "a row without any text cannot be told from a blank line")
        return row

    def _quoted(self, cell: str, *, always: bool) -> str:
        """Write a cell; one that a spreadsheet would take for a formula gets an apostrophe, which the loaders drop."""
        if cell.startswith(_FORMULA) and not _NUMBER.fullmatch(cell):
            cell = f"'{cell}"
        if (always and cell) or any(sign in cell for sign in (self._delimiter, '"', "\n", "\r")):
            return '"' + cell.replace('"', '""') + '"'
        return cell

    def _quoted_columns(self) -> list[bool]:
        """Tell of each column whether all of its cells that are not empty stand in quotes."""
        found: list[set[bool]] = [set() for _ in self.columns]
        for place in self._places[:_FEW]:
            spans = self._cell_spans(place)
            for column, span in zip(found, spans, strict=False):
                if span.end > span.start:
                    column.add(self._text[span.start] == '"')
        return [column == {True} for column in found]

    def _cell_spans(self, place: int) -> list[Span]:
        span = self._spans[place]
        return _cell_spans(self._text, span.start, self._row_end(span), self._delimiter)

    def _row_end(self, span: Span) -> int:
        """Where a row ends, before its line end."""
        end = span.start + len(self._text[span.start : span.end].rstrip("\r\n"))
        if self._text.count('"', span.start, end) % 2:  # its last cell ends in line ends, within quotes
            end = span.end - (2 if self._text[span.start : span.end].endswith("\r\n") else 1)
        return end

    def _head_is_quoted(self) -> bool:
        span = self._spans[self._head]
        return self._text[span.start : span.start + 1] == '"'


def _cell_spans(text: str, start: int, end: int, delimiter: str) -> list[Span]:
    """Find the cells of a row as `csv.reader` does: a quote counts only where a cell begins with it."""
    spans: list[Span] = []
    at = start
    while True:
        begin = at
        if text.startswith('"', at, end):
            at = text.find('"', at + 1, end)
            while at >= 0 and text.startswith('"', at + 1, end):
                at = text.find('"', at + 2, end)
        at = text.find(delimiter, at, end) if at >= 0 else -1
        if at < 0:
            return [*spans, Span(begin, end)]
        spans.append(Span(begin, at))
        at += 1


def _leaves(tree: Tree) -> list[tuple[str, Any]]:
    return [(key, new.value) for key, new in tree.items() if isinstance(new, New)]


def _cell(value: Any) -> str:
    """Write a value as the text of a cell."""
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value, ensure_ascii=False)


def _is_said(cells: Sequence[str]) -> bool:
    """Tell a row that is not a blank line: neither no cells nor white space alone."""
    return len(cells) > 1 or bool(cells and cells[0].strip())


def _unescaped(cell: str) -> str:
    """Drop the apostrophe before what looks like a formula, as the loaders do."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in _FORMULA else cell
