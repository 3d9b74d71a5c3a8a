"""CSV rows: delimiter and header by content, cells of any size, damaged rows reported."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from itertools import islice

DELIMITERS = ",;\t|"
MAX_CELL = 64 << 20
"""Largest cell in characters."""

_SEP = re.compile(r"sep=.?$", re.IGNORECASE)
"""First line by which Excel is told the delimiter."""

csv.field_size_limit(MAX_CELL)

Row = dict[str, str]


def sniff_delimiter(text: str) -> str:
    r"""Find the delimiter of a CSV text from its start: the one that gives all rows as many cells as the header.

    >>> sniff_delimiter("a;b\n1,5;2\n")
    ';'
    """
    text = re.sub(r"\A\ufeff?sep=.?\s*", "", text, flags=re.IGNORECASE)
    return max(DELIMITERS, key=lambda delimiter: _fit(text, delimiter))


def regularity(text: str, delimiter: str) -> float:
    r"""Return the share of rows with as many cells as the header; 0 where that is only one.

    >>> regularity("a,b\n1,2\n3\n4,5\n", ",")
    0.75
    """
    return _fit(text, delimiter)[0]


def _fit(text: str, delimiter: str) -> tuple[float, int]:
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        rows = [row for row in islice(reader, 100) if row]
    except csv.Error:
        return 0.0, 0
    if not rows or len(rows[0]) < 2:
        return 0.0, 1
    if len(text) >= 1 << 20 and len(rows) > 2:
        rows = rows[:-1]  # the last row may be cut
    n_cells = len(rows[0])
    return sum(len(row) == n_cells for row in rows) / len(rows), n_cells


def keys_of(header: Iterable[str]) -> tuple[str, ...]:
    """Make the header's names unique, as keys of a row.

    A repeated name gets `#2`, `#3`; an empty one is `column N`, counted from one.

    >>> keys_of(["", "Status", "Status"])
    ('column 1', 'Status', 'Status#2')
    """
    seen: dict[str, int] = {}
    keys = []
    for number, name in enumerate(header, start=1):
        key = name.strip() or f"column {number}"
        seen[key] = seen.get(key, 0) + 1
        keys.append(key if seen[key] == 1 else f"{key}#{seen[key]}")
    return tuple(keys)


class CsvError(ValueError):
    """A text from whose `line` on no row can be told from the next."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(what)
        self.line = line


class CsvRows:
    """The rows of a CSV text below its header, with the line each starts at."""

    def __init__(self, lines: Iterable[str], delimiter: str) -> None:
        self._reader = csv.reader(self._noted(lines), delimiter=delimiter)
        self._n_lines = 0
        self._n_quotes = 0
        self._ended = False
        header = next(self._rows(), [])
        if header and _SEP.match(header[0]):
            header = next(self._rows(), [])
        self.header = tuple(header)
        """Names as written, repeated and empty ones too."""

    def __iter__(self) -> Iterator[tuple[int, Row | str]]:
        """Yield (line, row); for a damaged row its line and what is wrong with it.

        Raises:
            CsvError: a quote is opened and never closed, which swallows all rows behind it.

        """
        keys = keys_of(self.header)
        n_keys = len(keys)
        line = self._reader.line_num + 1
        for cells in self._rows():
            if any(cells):
                if len(cells) > n_keys and any(cells[n_keys:]):
                    yield line, f"{len(cells)} cells where the header has {n_keys}"
                else:
                    cells += [""] * (n_keys - len(cells))
                    if "\0'" in "\0".join(["", *cells]):  # which few rows have, and is found faster than cell by cell
                        cells = list(map(_unescaped, cells))
                    yield line, dict(zip(keys, cells, strict=False))
            line = self._reader.line_num + 1

    def _rows(self) -> Iterator[list[str]]:
        row: list[str]
        try:
            for row in self._reader:
                if self._ended and self._n_lines > 1 and self._n_quotes % 2:
                    raise CsvError(self._reader.line_num - self._n_lines + 1, "a quote is opened and never closed")
                self._n_lines = self._n_quotes = 0
                if row:
                    yield row
        except csv.Error as error:
            raise CsvError(self._reader.line_num - self._n_lines + 1, str(error)) from None

    def _noted(self, lines: Iterable[str]) -> Iterator[str]:
        """Pass the lines on, and note how many, and how many quotes, go into the row being read."""
        for line in lines:
            self._n_lines += 1
            self._n_quotes += line.count('"')
            yield line
        self._ended = True


def _unescaped(cell: str) -> str:
    """Drop the apostrophe that spreadsheet exports put before a cell that looks like a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in ("=", "+", "-", "@") and cell[1:] else cell
