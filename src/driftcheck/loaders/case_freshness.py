"""Freshness of cases: what their metadata or columns say of age, origin and owner, whatever an eval set calls it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from driftcheck.loaders.columns import normal
from driftcheck.loaders.document import Document, Shape
from driftcheck.loaders.generic_table import Row, Table
from driftcheck.loaders.read_log import ReadLog
from driftcheck.loaders.text import parsed
from driftcheck.loaders.timestamps import is_missing, parse_timestamp
from driftcheck.records import UNDATED, Freshness

T = TypeVar("T")

_NAMES = {
    "created": "created created_at creation_date date_created created_on added_at create_time created_time",
    "validated": "validated validated_at last_validated last_validated_at validated_on reviewed reviewed_at "
    "last_reviewed last_reviewed_at",
    "expires": "expires expires_at expires_on expiry expiry_date expiration_date valid_until",
    "owner": "owner case_owner",
    "trace": "source_trace_id trace_id source_trace source_run_id",
    "provenance": "provenance origin source source_type",
    "split": "split partition",
}
"""What eval sets call each, the first that a case has wins."""
_FIELD_OF = {name: (rank, field) for field, names in _NAMES.items() for rank, name in enumerate(names.split())}
_DATES = frozenset({"created", "validated", "expires"})
_ORIGINS = frozenset(
    (
        *("production", "traffic", "user", "users", "customer", "synthetic", "generated", "llm", "handwritten"),
        *("hand-written", "human", "manual", "expert", "code", "document", "trace"),
    )
)
"""Values by which `source`, which mostly names a document, says where a case comes from."""
_VAGUE = frozenset({"origin", "source", "source_type"})
_YES_OR_NO = frozenset({"true", "false", "yes", "no", "y", "n", "1"})
_NEVER = frozenset({"never", "none", "unlimited"})
_MAX_WORD = 200
_MAX_SILENT = 10_000
_DAY = 86_400.0


class Dated(NamedTuple):
    """What a case says of itself."""

    created_at: float | None
    """Unix seconds, UTC."""
    freshness: Freshness


NOTHING = Dated(None, UNDATED)


def freshness_of(log: ReadLog, where: str, *places: Any) -> Dated:
    """Read what a case says of its age and origin from its metadata, its record, or whatever else may say it.

    The first place that says a thing wins; a place that is no object says nothing. A date that cannot be read is told
    to the log; a yes or no, which says that but not when, is none.

    >>> from driftcheck.loaders.read_log import ReadLog
    >>> freshness_of(ReadLog(), "a.yaml:1", {"owner": "ana", "split": "tuned"}).freshness.owner
    'ana'
    """
    found: dict[str, Any] = {}
    for place in places:
        if isinstance(place, Mapping):
            found = {**_read(place, log, where), **found}
    if not found:
        return NOTHING
    created = found.pop("created_at", None)
    return Dated(created, Freshness(**found) if found else UNDATED)


def aliases_of(field: str) -> tuple[str, ...]:
    """What eval sets call a date, owner, trace, provenance or split; ours first.

    >>> aliases_of("owner")
    ('owner', 'case_owner')
    """
    return tuple(_NAMES[field].split())


def is_tag(name: str, value: Any) -> bool:
    """Tell whether a field of a case may be a slice: dates and traces are not; a bare `reviewed: yes` may.

    >>> is_tag("valid until", "2026-03-30"), is_tag("reviewed", "yes"), is_tag("topic", "billing")
    (False, True, True)
    """
    field = _field_of(name)
    if field is None or field[1] not in (*_DATES, "trace"):
        return True
    return field[1] in _DATES and _says_no_day(normal(name), value)


def tags_among(metadata: Mapping[str, T]) -> dict[str, T]:
    """Leave out of metadata what is no tag (`is_tag`)."""
    return {name: value for name, value in metadata.items() if is_tag(str(name), value)}


class FreshColumns:
    """The columns of a generic table that speak of freshness, found once, so that other rows cost nothing."""

    def __init__(self, table: Table, doc: Document, taken: frozenset[str], metadata: str) -> None:
        """`taken` are columns that play another role; `metadata` is the one that holds objects."""
        self._metadata = metadata
        self._taken = taken
        self._grows = doc.shape not in (Shape.CSV, Shape.PARQUET)
        self._known: set[str] = set()
        self._silent: set[str] = set()
        """Keys of metadata that say nothing of freshness."""
        self._found = self._new(table.columns)
        self.no_tags = frozenset(
            column for column in self._found if not all(is_tag(column, value) for value in table.values(column))
        )
        """Those that can be no slice: dates and traces."""

    def of(self, row: Row, log: ReadLog, where: str) -> Dated:
        """What a row says; NOTHING where it has no field for it."""
        if self._grows and not self._known.issuperset(row):
            self._found += self._new(row)
        metadata = parsed(row.get(self._metadata))
        if not isinstance(metadata, Mapping) or self._silent.issuperset(metadata) or not self._speaks(metadata):
            if not self._found:
                return NOTHING
            metadata = None
        dated = freshness_of(log, where, metadata, {column: row[column] for column in self._found if column in row})
        return Dated(*dated)  # not NOTHING itself: where a date cannot be read, it is still no tag

    def _speaks(self, metadata: Mapping[str, Any]) -> bool:
        silent = {name for name in metadata if not _field_of(str(name))}
        if len(self._silent) < _MAX_SILENT:
            self._silent |= silent
        return len(silent) < len(metadata)

    def _new(self, columns: Iterable[str]) -> tuple[str, ...]:
        new = [column for column in columns if column not in self._known]
        self._known.update(new)
        return tuple(column for column in new if column not in self._taken and _field_of(column))


def _read(place: Mapping[str, Any], log: ReadLog, where: str) -> dict[str, Any]:
    named: dict[str, list[tuple[int, str, Any]]] = {}
    for name, value in place.items():
        field = _field_of(str(name))
        if field is not None and not is_missing(value):
            named.setdefault(field[1], []).append((field[0], normal(str(name)), value))
    found: dict[str, Any] = {}
    for field_name, candidates in named.items():
        for _, name, value in sorted(candidates, key=lambda one: one[0]):
            read = _date(value, ends=field_name == "expires") if field_name in _DATES else _word(name, value)
            if read is not None:
                found[_ATTRIBUTE.get(field_name, f"{field_name}_at")] = read
                break
            if field_name in _DATES and not _says_no_day(name, value) and not _is_never(value):
                log.no_date(name, where)
    return found


_ATTRIBUTE = {"owner": "owner", "trace": "source_trace_id", "provenance": "provenance", "split": "split"}


def _date(value: Any, *, ends: bool) -> float | None:
    """Read a date as unix seconds; where it `ends` something, a bare day counts to its end."""
    if isinstance(value, int) and not isinstance(value, bool) and 19_000_101 <= value <= 21_001_231:
        value = str(value)  # 20260330, which YAML and JSON make a number of
    seconds = parse_timestamp(value)
    return seconds + _DAY if seconds is not None and ends and _is_day(value, seconds) else seconds


def _is_day(value: Any, seconds: float) -> bool:
    """Tell a day from a moment: midnight without a zone is how frames and sheets write a day."""
    if isinstance(value, dt.datetime):
        return value.tzinfo is None and seconds % _DAY == 0
    if isinstance(value, dt.date):
        return True
    if not isinstance(value, str) or seconds % _DAY:
        return False
    text = value.strip()
    return (text.isdigit() and len(text) == 8) or not (text.isdigit() or text.endswith(("Z", "z")) or "+" in text)


def _word(name: str, value: Any) -> str | None:
    if isinstance(value, list | tuple) and value and all(isinstance(item, str) for item in value):
        value = ", ".join(sorted(value))
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    text = " ".join(str(value).split())
    if name in _VAGUE and text.casefold() not in _ORIGINS:
        return None
    return text if 0 < len(text) <= _MAX_WORD else None


def _says_no_day(name: str, value: Any) -> bool:
    """Tell a yes or no, and of `reviewed` also a person's name, from a date that somebody tried to write."""
    if name == "reviewed" and isinstance(value, str) and not any(map(str.isdigit, value)):
        return True
    return isinstance(value, bool) or str(value).strip().casefold() in _YES_OR_NO


def _is_never(value: Any) -> bool:
    return isinstance(value, str) and value.strip().casefold() in _NEVER


@lru_cache(4096)  # a column's name comes with every row
def _field_of(name: str) -> tuple[int, str] | None:
    return _FIELD_OF.get(normal(name)) if len(name) < 40 else None
