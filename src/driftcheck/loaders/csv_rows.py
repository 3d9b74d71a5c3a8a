"""CSV rows: delimiter and header by content, cells of any size, damaged rows reported."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from itertools import accumulate, chain, islice

from driftcheck.loaders.blocks import BLOCK

DELIMITERS = ",;\t|"
MAX_CELL = 64 << 20
"""Largest cell in characters."""
_MANY = 4 << 20
"""Characters of a block of rows above which the next has fewer rows."""

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
        self._text = open_pieces()
        pieces = map(self._noted, self._text)
        self._reader = csv.reader(chain(chain.from_iterable(pieces), self._end()), delimiter=delimiter)
        self._n_read = 0
        """Characters read so far."""
        self._ended = False
        self._broken: CsvError | None = None
        self._has_escapes = False
        try:
            header = self._header()
            if header and _SEP.match(header[0]):
                header = self._header()
        except BaseException:
            self.close()
            raise
        self.header = tuple(header)
        """Names as written, repeated and empty ones too."""

    def close(self) -> None:
        """Close the text: a reader that its own pieces refer to is not freed when it is dropped."""
        if isinstance(self._text, Generator):
            self._text.close()

    def read(self, damaged: Callable[[int, str], None]) -> Iterator[tuple[Sequence[int], list[list[str]]]]:
        """Yield a few rows at a time as (lines, rows), each row of as many cells as the header.

        Of a damaged row the line is told, and what is wrong with it.

        Raises:
            CsvError: a quote is opened and never closed, which swallows all rows behind it.

        """
        n_cells = len(self.header)
        lines: Sequence[int]
        for lines, rows in self._blocks():
            if set(map(len, rows)) != {n_cells} or not all(map(any, rows)):
                whole = []
                for line, cells in zip(lines, rows, strict=True):
                    if any(cells[n_cells:]):
                        damaged(line, f"{len(cells)} cells where the header has {n_cells}")
                    elif any(cells):
                        whole.append((line, [*cells[:n_cells], *[""] * (n_cells - len(cells))]))
                lines, rows = [line for line, _ in whole], [cells for _, cells in whole]
            if self._has_escapes:
                rows = [[_unescaped(cell) if cell[:1] == "'" else cell for cell in cells] for cells in rows]
            if rows:
                yield lines, rows
        if self._broken:
            raise self._broken

    def _header(self) -> list[str]:
        """Read the first row that is not blank."""
        while rows := self._some(1):
            if rows[0]:
                return rows[0]
        if self._broken:
            raise self._broken
        return []

    def _blocks(self) -> Iterator[tuple[Sequence[int], list[list[str]]]]:
        """Yield rows as they are written, with the line of each; fewer at a time where they are long."""
        n = 1
        while True:
            n_read, start = self._n_read, self._reader.line_num + 1
            if not (rows := self._some(n)):
                return
            yield _lines_of(rows, start, self._reader.line_num + 1 - self._ended), rows
            n = min(2 * n, BLOCK) if self._n_read - n_read < _MANY else max(n // 2, 1)

    def _some(self, n: int) -> list[list[str]]:
        """Read up to `n` rows, none at the end; a blank line is a row of no cells."""
        start = self._reader.line_num + 1
        rows: list[list[str]] = []
        try:
            rows.extend(islice(self._reader, n))
        except csv.Error as error:
            self._broken = CsvError(start + sum(map(_n_lines, rows)), str(error))
        if self._ended and rows and (last := rows.pop()):  # the empty line of the end is within its quotes
            start += sum(map(_n_lines, rows))
            if "\n" in last[-1] and self._has_open_quote(start):
                self._broken = CsvError(start, "a quote is opened and never closed")
            else:
                rows.append(last)
        return rows

    def _noted(self, piece: str) -> Iterable[str]:
        """Split a piece into lines, and note whether a cell in it may be escaped."""
        self._n_read += len(piece)
        self._has_escapes = self._has_escapes or ("'" in piece and _ESCAPED.search(piece) is not None)
        return io.StringIO(piece, newline="\n")

    def _end(self) -> Iterator[str]:
        """Mark the end by an empty line, which makes a row of no cells, but where a quote is still open."""
        self._ended = True
        yield ""

    def _has_open_quote(self, start: int) -> bool:
        """Tell whether the text from a line to its end has an odd number of quotes."""
        lines = chain.from_iterable(io.StringIO(piece, newline="\n") for piece in self._open())
        return sum(line.count('"') for line in islice(lines, start - 1, None)) % 2 == 1


def _lines_of(rows: Sequence[list[str]], start: int, end: int) -> Sequence[int]:
    """Line at which each row starts, of rows that fill the lines from `start` to `end`."""
    if end - start == len(rows):
        return range(start, end)
    return list(accumulate(map(_n_lines, rows[:-1]), initial=start))


def _n_lines(row: list[str]) -> int:
    return 1 + sum(cell.count("\n") for cell in row)


def _unescaped(cell: str) -> str:
    """Drop the apostrophe that spreadsheet exports put before a cell that looks like a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in ("=", "+", "-", "@") and cell[1:] else cell
