"""CSV rows: delimiter and header by content, cells of any size, damaged rows reported."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice

DELIMITERS = ",;\t|"
MAX_CELL = 64 << 20
"""Largest cell in characters."""

_SEP = re.compile(r"sep=.?$", re.IGNORECASE)
"""First line by which Excel is told the delimiter."""

_ESCAPED = re.compile("'[=+@-]")
"""An apostrophe before what looks like a formula."""

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

    def __init__(self, open_pieces: Callable[[], Iterable[str]], delimiter: str) -> None:
        """Read the pieces of a text, each of whole lines; where a quote is never closed they are opened once more."""
        self._open = open_pieces
        pieces = map(self._noted, open_pieces())
        self._reader = csv.reader(chain(chain.from_iterable(pieces), self._end()), delimiter=delimiter)
        self._start = 1
        """Line at which the row being read starts."""
        self._ended = False
        self._has_escapes = False
        header = next(self._rows(), [])
        if header and _SEP.match(header[0]):
            header = next(self._rows(), [])
        self.header = tuple(header)
        """Names as written, repeated and empty ones too."""

    def read(self, damaged: Callable[[int, str], None]) -> Iterator[tuple[int, list[str]]]:
        """Yield (line, cells), as many as the header has; tell the line of a damaged row, and what is wrong with it.

        Raises:
            CsvError: a quote is opened and never closed, which swallows all rows behind it.

        """
        n_cells = len(self.header)
        for cells in self._rows():
            if len(cells) != n_cells:
                if any(cells[n_cells:]):
                    damaged(self._start, f"{len(cells)} cells where the header has {n_cells}")
                    continue
                cells = [*cells[:n_cells], *[""] * (n_cells - len(cells))]
            if any(cells):
                yield self._start, list(map(_unescaped, cells)) if self._has_escapes else cells

    def _rows(self) -> Iterator[list[str]]:
        reader = self._reader
        row: list[str]
        self._start = reader.line_num + 1
        try:
            for row in reader:
                if self._ended and reader.line_num > self._start and self._has_open_quote():
                    raise CsvError(self._start, "a quote is opened and never closed")
                if row:
                    yield row
                self._start = reader.line_num + 1
        except csv.Error as error:
            raise CsvError(self._start, str(error)) from None

    def _noted(self, piece: str) -> Iterable[str]:
        """Split a piece into lines, and note whether a cell in it may be escaped."""
        self._has_escapes = self._has_escapes or _ESCAPED.search(piece) is not None
        return io.StringIO(piece, newline="\n")

    def _end(self) -> Iterator[str]:
        self._ended = True
        yield from ()

    def _has_open_quote(self) -> bool:
        """Tell whether the last row, from its start to the end of the text, has an odd number of quotes."""
        lines = chain.from_iterable(io.StringIO(piece, newline="\n") for piece in self._open())
        return sum(line.count('"') for line in islice(lines, self._start - 1, None)) % 2 == 1


def _unescaped(cell: str) -> str:
    """Drop the apostrophe that spreadsheet exports put before a cell that looks like a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in ("=", "+", "-", "@") and cell[1:] else cell
