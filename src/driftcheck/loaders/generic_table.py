"""Tables: the rows of a file that no tool's format explains, wherever the file keeps them.

CSV, Parquet, JSON lines, JSON and YAML lists have rows by nature. A JSON or YAML object may be a wrapper
(`{"data": [...]}`), one list of rows per slice (`{"billing": [...], "returns": [...]}`), rows by id
(`{"q1": {...}}`), one list per column (`{"input": [...], "output": [...]}`), or a single row.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from driftcheck.errors import InputError
from driftcheck.loaders.columns import aliases_of, find_column
from driftcheck.loaders.containers import keys_seen
from driftcheck.loaders.csv_rows import keys_of
from driftcheck.loaders.document import Document, Shape
from driftcheck.loaders.read_log import ReadLog
from driftcheck.loaders.text import is_message

SLICE_COLUMN = "group"
"""Column made of the keys of an object that holds one list of rows per slice."""

Row = Mapping[str, Any]
Rows = Iterable[tuple[str, Any]]

_WRAPPERS = frozenset(
    (
        *("data", "rows", "records", "items", "examples", "cases", "test_cases", "testcases", "tests", "samples"),
        *("questions", "dataset", "traces", "runs", "results", "logs", "events", "entries", "evaluations", "evals"),
        *("conversations", "sessions", "interactions", "instances", "prompts"),
    )
)
_NESTED = 3
_CUT = 20
"""Rows of which a head has fewer only where there are no more: lists inside of an object are cut there."""
IS_KNOWN, _TABLE, _LOOKED_THROUGH = "is known", "table", "table, looked through"
_EMPTY = (None, "")
_DEPTH = 5_000
"""Rows in which columns are looked for."""
_DEPTH_BYTES = 32 << 20
"""Roughly the bytes of those rows, where rows are long."""
_MOST = 50
"""Rows kept of those; a file whose every row has keys of its own is no table."""


@dataclass(frozen=True)
class Table:
    """Where the rows of a document are, and what the first of them look like."""

    columns: tuple[str, ...]
    """Keys of the rows."""
    head: tuple[Row, ...]
    """The first rows, and of rows further down the cells that are the first of their column."""
    _read: Callable[[Document, ReadLog], Rows]

    def rows(self, doc: Document, log: ReadLog) -> Iterator[tuple[str, Row]]:
        """Stream (where, row); what is no row is told to the log."""
        for where, row in self._read(doc, log):
            if isinstance(row, dict):
                yield where, row
            elif isinstance(row, str):
                yield where, {"input": row}
            else:
                log.skip(where, f"no object: {type(row).__name__}")

    def values(self, column: str) -> list[Any]:
        """Values of a column in the first rows, without those that are missing."""
        return [row[column] for row in self.head if row.get(column) not in (None, "")]


def table_of(doc: Document) -> Table | None:
    """Find the rows of a document; None where it has none.

    While `doc.memo` has IS_KNOWN, since a tool's own format explains the document, only its first rows are looked at.
    """
    if _TABLE not in doc.memo:
        doc.memo[_TABLE] = _table_of(doc)
    table: Table | None = doc.memo[_TABLE]
    if table is None or IS_KNOWN in doc.memo:
        return table
    if _LOOKED_THROUGH not in doc.memo:
        doc.memo[_LOOKED_THROUGH] = _looked_through(table, doc)
    found: Table = doc.memo[_LOOKED_THROUGH]
    return found


def _looked_through(table: Table, doc: Document) -> Table:
    """Look further down for columns that the first rows lack or leave empty: few users rate, few answers fail."""
    if len(table.head) < _CUT:
        return table
    filled = {column for row in table.head for column, value in row.items() if value not in _EMPTY}
    size = len(json.dumps(table.head, default=str)) // len(table.head)
    depth = min(_DEPTH, _DEPTH_BYTES // max(size, 1))
    later: list[Row] = []
    try:
        for _, row in islice(table.rows(doc, ReadLog()), depth):
            if not filled.issuperset(row) or len(filled) < len(table.columns):
                new = {column: row[column] for column in row.keys() - filled if row[column] not in _EMPTY}
                if new:
                    later.append(dict(sorted(new.items())))
                    filled.update(new)
            if len(later) == _MOST or (doc.shape in (Shape.CSV, Shape.PARQUET) and len(filled) == len(table.columns)):
                break
    except InputError:  # what is broken further down is told when it is read
        pass
    if not later:
        return table
    head = (*table.head, *later)
    return replace(table, head=head, columns=tuple(dict.fromkeys((*table.columns, *keys_seen(later)))))


def _table_of(doc: Document) -> Table | None:
    match doc.shape:
        case Shape.CSV:
            return Table(keys_of(doc.columns), tuple(doc.head), Document.records)
        case Shape.PARQUET:
            return Table(doc.columns, tuple(doc.head), Document.records)
        case Shape.JSON | Shape.JSONL | Shape.CONCATENATED | Shape.YAML:
            head = doc.head if isinstance(doc.head, list) else None
            if head is None:
                return _of_object(doc.head) if isinstance(doc.head, dict) else None
            return _of_list(head)
        case _:
            return None


def _of_list(head: list[Any]) -> Table | None:
    texts_as_rows = [{"input": row} if isinstance(row, str) else row for row in head]
    rows: list[Row] = [row for row in texts_as_rows if isinstance(row, dict)]
    if len(rows) < 0.5 * len(head) or not rows:
        return None
    if all(map(_is_wrapped, rows)):
        return _table([row["row"] for row in rows], _unwrapped(""))
    return _table(rows, Document.records)


def _of_object(head: Mapping[str, Any]) -> Table | None:
    lists = dict(_lists_of_rows(head, (), 1))
    readable = {path: rows for path, rows in lists.items() if _has_input(rows)}
    wrapped = [path for path in readable if path[-1].casefold() in _WRAPPERS]
    if (
        not wrapped
        and find_column(head, [*aliases_of("input"), *aliases_of("conversation")])
        and not _is_columnar(head)
    ):
        return _table([head], Document.records)
    for path in wrapped or ([] if len(readable) != 1 else list(readable)):
        found = readable[path]
        if all(map(_is_wrapped, found)):
            return _table([row["row"] for row in found], _unwrapped(".".join(path)))
        return _table(found, _under(".".join(path)))
    if len({path[:-1] for path in readable}) == 1:
        paths = {".".join(path): path[-1] for path in readable}
        sliced: list[Row] = [{SLICE_COLUMN: path[-1], **row} for path, found in readable.items() for row in found]
        return _table(sliced, _sliced(paths))
    for transpose in (_by_column, _by_id):
        rows = [row for _, row in transpose(head)]
        if rows and (transpose is _by_column or _has_input(rows)):
            return _table(rows[:50], _loaded(transpose))
    if lists:
        path = max(lists, key=lambda path: len(lists[path]))
        return _table(lists[path], _under(".".join(path)))
    return _table([head], Document.records)


def _table(rows: Iterable[Row], read: Callable[[Document, ReadLog], Rows]) -> Table:
    rows = tuple(rows)
    return Table(keys_seen(rows), rows, read)


def _lists_of_rows(
    value: Mapping[str, Any], path: tuple[str, ...], depth: int
) -> Iterator[tuple[tuple[str, ...], list[Row]]]:
    for key, inner in value.items():
        if isinstance(inner, list) and inner and all(isinstance(row, dict) for row in inner):
            if not all(is_message(row) for row in inner) and not (key == "errors" and "message" in inner[0]):
                yield (*path, str(key)), inner
        elif isinstance(inner, dict) and depth < _NESTED:
            yield from _lists_of_rows(inner, (*path, str(key)), depth + 1)


def _has_input(rows: Iterable[Row]) -> bool:
    keys = {str(key) for row in rows for key in (row["row"] if _is_wrapped(row) else row)}
    return find_column(keys, [*aliases_of("input"), *aliases_of("conversation")]) is not None


def _is_wrapped(row: Row) -> bool:
    """Tell a row of Hugging Face's viewer, which holds the row itself."""
    return set(row) >= {"row_idx", "row"} and isinstance(row["row"], dict)


def _is_columnar(head: Mapping[str, Any]) -> bool:
    return next(iter(_by_column(head)), None) is not None


def _by_column(value: Mapping[str, Any]) -> Iterator[tuple[str, Row]]:
    """Read `{"input": [..], "output": [..]}`, or the same with `{"0": .., "1": ..}` (pandas) for each list."""
    columns: dict[str, list[Any]] = {}
    for key, inner in value.items():
        if isinstance(inner, dict) and inner and all(str(index).isdigit() for index in inner):
            inner = list(inner.values())
        if isinstance(inner, list) and not any(isinstance(item, dict) and is_message(item) for item in inner):
            columns[str(key)] = inner
    if len(columns) < 2 or len(columns) < len(value) or len({len(cells) for cells in columns.values()}) != 1:
        return
    for number, cells in enumerate(zip(*columns.values(), strict=True), start=1):
        yield f"#{number}", dict(zip(columns, cells, strict=True))


def _by_id(value: Mapping[str, Any]) -> Iterator[tuple[str, Row]]:
    """Read `{"q1": {..}, "q2": {..}}`."""
    if len(value) > 1 and all(isinstance(inner, dict) for inner in value.values()):
        for number, (key, row) in enumerate(value.items(), start=1):
            yield f"#{number}", {"id": key, **row}


def _under(path: str) -> Callable[[Document, ReadLog], Rows]:
    return lambda doc, log: doc.records(log, path)


def _unwrapped(path: str) -> Callable[[Document, ReadLog], Rows]:
    return lambda doc, log: (
        (where, row.get("row") if isinstance(row, dict) else row) for where, row in doc.records(log, path)
    )


def _sliced(paths: Mapping[str, str]) -> Callable[[Document, ReadLog], Rows]:
    def read(doc: Document, log: ReadLog) -> Rows:
        for path, key in paths.items():
            for where, row in doc.records(log, path):
                yield f"{where} in {key}", {SLICE_COLUMN: key, **row} if isinstance(row, dict) else row

    return read


def _loaded(transpose: Callable[[Mapping[str, Any]], Iterator[tuple[str, Row]]]) -> Callable[[Document, ReadLog], Rows]:
    return lambda doc, _: ((doc.source.name + where, row) for where, row in transpose(doc.load()))
