"""Record lists: where the records of a tool's export stand in a document, and the fields they have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from driftcheck.loaders.document import Document, Shape
from driftcheck.loaders.read_log import ReadLog
from driftcheck.loaders.text import parsed

_TABLES = (Shape.CSV, Shape.PARQUET)
_LISTS = (Shape.JSON, Shape.JSONL, Shape.CONCATENATED, Shape.YAML, *_TABLES)
_MOST = 0.8
"""Share of the first records that must be objects, or have a field, for all to count as such."""

Record = Mapping[str, Any]


@dataclass(frozen=True)
class RecordList:
    """One list of objects in a document."""

    path: str
    """Dotted path of the list; empty where the document itself is the list, or its lines."""
    head: tuple[Record, ...]
    """The first records."""

    @property
    def keys(self) -> frozenset[str]:
        """Names of the fields that any of the first records has."""
        return frozenset(str(key) for record in self.head for key in record)

    def most_have(self, *keys: str) -> bool:
        """Tell whether most records have all of these fields."""
        return sum(record.keys() >= set(keys) for record in self.head) >= _MOST * len(self.head)


def find_records(doc: Document, *paths: str) -> RecordList | None:
    """Find the objects of a document: its own list, lines or rows, else the first of the paths that holds some.

    A single object without any of the paths is a list of one. None where most are no objects.
    """
    if doc.shape not in _LISTS:
        return None
    if isinstance(doc.head, list):
        return _of(doc.head, "")
    if not isinstance(doc.head, Mapping):
        return None
    for path in paths:
        found: Any = doc.head
        for key in path.split("."):
            found = found.get(key) if isinstance(found, Mapping) else None
        if isinstance(found, list) and (records := _of(found, path)):
            return records
    return _of([doc.head], "")


def read_records(doc: Document, log: ReadLog, path: str, what: str) -> Iterator[tuple[str, Record]]:
    """Stream (where, object) of a list; what is no object is told to the log, as no `what`."""
    for where, record in doc.records(log, path):
        if isinstance(record, Mapping):
            yield where, record
        else:
            log.skip(where, f"no {what}: an object was expected")


def records_at(doc: Document, log: ReadLog, paths: tuple[str, ...], what: str) -> Iterator[tuple[str, Record]]:
    """Stream (where, object) of the list that `find_records` finds; none where it finds none."""
    if (records := find_records(doc, *paths)) is not None:
        yield from read_records(doc, log, records.path, what)


def part(record: Record, name: str) -> Any:
    """Return a field, read where it is JSON in a cell; else an object of the columns that a table made of it.

    >>> part({"inputs.question": "Hi", "inputs.lang": "en"}, "inputs")
    {'question': 'Hi', 'lang': 'en'}
    >>> part({"inputs": '{"question": "Hi"}'}, "inputs")
    {'question': 'Hi'}
    """
    if name in record:
        return parsed(record[name])
    flat = {
        str(key)[len(name) + 1 :]: parsed(value)
        for key, value in record.items()
        if str(key).startswith((f"{name}.", f"{name}/", f"{name}_")) and not is_blank(value)
    }
    return flat or None


def is_blank(value: Any) -> bool:
    """Tell a missing value: null, NaN, an empty text.

    >>> is_blank(float("nan")), is_blank(" "), is_blank(0)
    (True, True, False)
    """
    return value is None or value != value or (isinstance(value, str) and not value.strip())


def mapping(value: Any) -> Record:
    """Return an object as it is, and anything else as an empty one."""
    return value if isinstance(value, Mapping) else {}


def word(value: Any) -> str | None:
    """Write an id, a name or a number as text; None where it is none of them, or empty.

    >>> word(7), word(7.0), word(" a "), word(""), word({"a": 1})
    ('7', '7', 'a', None, None)
    """
    if isinstance(value, float) and value.is_integer():  # a column of ids with a gap, which pandas made floats
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value).strip() or None


def _of(items: list[Any], path: str) -> RecordList | None:
    records = tuple(item for item in items if isinstance(item, Mapping))
    return RecordList(path, records) if records and len(records) >= _MOST * len(items) else None
