"""CSV rows: delimiter and header by content, cells of any size, damaged rows reported."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from itertools import islice

DELIMITERS = ",;\t|"
MAX_CELL = 64 << 20
"""Largest cell in characters."""

csv.field_size_limit(MAX_CELL)

Row = dict[str, str]


def sniff_delimiter(text: str) -> str:
    r"""Find the delimiter of a CSV text from its start: the one that gives all rows as many cells as the header.

    >>> sniff_delimiter("a;b\n1,5;2\n")
    ';'
    """
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


class CsvRows:
    """The rows of a CSV text below its header, with the line each starts at."""

    def __init__(self, lines: Iterable[str], delimiter: str) -> None:
        self._reader = csv.reader(lines, delimiter=delimiter)
        self.header = tuple(next(self._rows(), []))
        """Names as written, repeated and empty ones too."""

    def __iter__(self) -> Iterator[tuple[int, Row | str]]:
        """Yield (line, row); for a damaged row its line and what is wrong with it."""
        keys = keys_of(self.header)
        n_keys = len(keys)
        line = self._reader.line_num + 1
        for cells in self._rows():
            if any(cells):
                if len(cells) > n_keys and any(cells[n_keys:]):
                    yield line, f"{len(cells)} cells where the header has {n_keys}"
                else:
                    cells += [""] * (n_keys - len(cells))
                    yield line, dict(zip(keys, map(_unescaped, cells), strict=False))
            line = self._reader.line_num + 1

    def _rows(self) -> Iterator[list[str]]:
        return (row for row in self._reader if row)


def _unescaped(cell: str) -> str:
    """Drop the apostrophe that spreadsheet exports put before a cell that looks like a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in ("=", "+", "-", "@") and cell[1:] else cell
