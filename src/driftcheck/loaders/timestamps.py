"""Timestamps: whatever an export writes as a time, as unix seconds in UTC."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import Any

_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")
_ZONE = re.compile(r"(Z|UTC|GMT|[+-]\d\d:?\d\d)\s*$")
_SLASHED = re.compile(r"^(\d{4})/(\d\d?)/(\d\d?)")
_DOTTED = re.compile(r"^(\d\d?)\.(\d\d?)\.(\d{4})")
_DASHED_TIME = re.compile(r"^(\d{4}-\d\d-\d\d)[T_ ](\d\d)-(\d\d)-(\d\d)")
_FLOATS = frozenset([float, type(None)])
_MISSING = frozenset({"", "-", "0", "nan", "nat", "none", "null", "n/a", "na"})
_EARLIEST, _LATEST = 946_684_800.0, 4_102_444_800.0
"""2000 to 2100: what lies outside is no time of a trace or of a run, but a counter or a default."""

_EARLIEST_COUNTED, _LATEST_COUNTED = 1_420_070_400.0, 2_082_758_400.0
"""2015 to 2036: what is counted as something else rarely looks like a moment in these years."""


def parse_timestamp(value: Any) -> float | None:
    """Read a time as unix seconds; None where it is none.

    Takes ISO 8601 (without a zone: UTC), `YYYY-MM-DD HH:MM:SS.ffffff`, epoch seconds, milli-, micro- and
    nanoseconds by their magnitude as number or text, `[seconds, nanoseconds]`, dates, and `datetime`.

    >>> parse_timestamp("2026-01-02T03:04:05Z") == parse_timestamp("1767323045000")
    True
    """
    if isinstance(value, str):
        text = value.strip()
        if not text:
            return None
        if text.isdigit() and len(text) != 8:  # fromisoformat would read some epochs as dates
            return _from_number(int(text)) if len(text) < 25 else None
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            return _from_text(text)
        return _seconds(moment)
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return _from_number(value)
    if isinstance(value, datetime):
        return _seconds(value)
    if isinstance(value, date):
        return _seconds(datetime(value.year, value.month, value.day))
    if isinstance(value, list | tuple) and len(value) == 2:
        seconds, nanos = value
        if isinstance(seconds, int) and isinstance(nanos, int):
            return _within(seconds + nanos / 1e9)
    return None


def parse_timestamps(values: Sequence[Any]) -> list[float | None]:
    """Read a column of times; one that is ISO 8601 throughout, or unix seconds, as most are, in half the time.

    >>> parse_timestamps(["2026-01-02T03:04:05Z"]) == parse_timestamps([1767323045.0])
    True
    """
    if set(map(type, values)) <= _FLOATS:
        return [one if one is None or _EARLIEST < one < _LATEST else _from_number(one) for one in values]
    try:
        if not any(map(str.isdigit, values)):
            moments = map(datetime.fromisoformat, values)
            return [m.timestamp() if m.tzinfo and 2000 < m.year < 2099 else _seconds(m) for m in moments]
    except (TypeError, ValueError):  # some are no text, or no ISO 8601
        pass
    return list(map(parse_timestamp, values))


def is_missing(value: Any) -> bool:
    """Tell whether a value stands for no time at all, rather than for one that cannot be read.

    >>> is_missing(" "), is_missing("NaT"), is_missing("yesterday")
    (True, True, False)
    """
    if isinstance(value, str):
        return value.strip().casefold() in _MISSING
    return value is None or value != value or value == 0


def looks_like_time(value: Any) -> bool:
    """Tell whether a value is written as only times are; a bare number is one only if it counts from 1970 to today.

    >>> [looks_like_time(value) for value in ("2026-01-02", 1767323045, "1767323045000", 1_000_000_001, "4")]
    [True, True, True, False, False]
    """
    seconds = parse_timestamp(value)
    if seconds is None:
        return False
    is_number = isinstance(value, int | float) or (isinstance(value, str) and _NUMBER.fullmatch(value.strip()))
    return not is_number or _EARLIEST_COUNTED < seconds < _LATEST_COUNTED


def lacks_zone(value: Any) -> bool:
    """Tell whether a time is written without a zone, so that UTC is a guess.

    >>> lacks_zone("2026-01-02 03:04:05"), lacks_zone("2026-01-02T03:04:05+01:00"), lacks_zone(1767323045)
    (True, False, False)
    """
    if isinstance(value, str):
        text = value.strip()
        return ":" in text and _ZONE.search(text) is None and _NUMBER.fullmatch(text) is None
    return isinstance(value, datetime) and value.tzinfo is None


def _seconds(moment: datetime) -> float | None:
    try:
        zoned = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return _within(zoned.timestamp())
    except (ValueError, OverflowError, OSError):
        return None


def _from_text(text: str) -> float | None:
    if _NUMBER.fullmatch(text):
        # nanoseconds do not fit a float: keep whole numbers whole until the division
        return _from_number(int(text) if text.lstrip("+-").isdigit() else float(text))
    for pattern, repl in (
        (_DASHED_TIME, r"\1T\2:\3:\4"),
        (_SLASHED, r"\1-\2-\3"),
        (_DOTTED, r"\3-\2-\1"),
    ):
        if pattern.match(text):
            return _from_iso(pattern.sub(repl, text))
    if text.endswith((" UTC", " GMT")) and text[:4].isdigit():
        return _from_iso(text[:-4] + "+00:00")
    try:
        return _seconds(parsedate_to_datetime(text))
    except (ValueError, TypeError, IndexError):
        return None


def _from_iso(text: str) -> float | None:
    padded = re.sub(r"(?<!\d)(\d)(?=[-T :]|$)", r"0\1", text.replace(", ", " "))
    try:
        return _seconds(datetime.fromisoformat(padded))
    except ValueError:
        return None


def _from_number(value: float) -> float | None:
    size = abs(value)
    if size < 1e11:
        seconds = float(value)
    elif size < 1e14:
        seconds = value / 1e3
    elif size < 1e17:
        seconds = value / 1e6
    else:
        seconds = value / 1e9
    return _within(seconds)


def _within(seconds: float) -> float | None:
    return seconds if math.isfinite(seconds) and _EARLIEST < seconds < _LATEST else None
