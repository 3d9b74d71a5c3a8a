"""Windows as people name them at options: an ISO week, two days, or so many weeks before."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from driftcheck.cli.dates import parse_moment
from driftcheck.errors import ConfigError

_WEEK = re.compile(r"(\d{4})-?W(\d{1,2})", re.IGNORECASE)
_DURATION = re.compile(r"(\d+)\s*([dw])", re.IGNORECASE)
_LAST = dt.timedelta(microseconds=1)
_FIRST = dt.datetime.min.replace(tzinfo=dt.UTC).timestamp()
_HINT = "write 2026-W45, 2026-11-02..2026-11-08 or 4w"


@dataclass(frozen=True)
class NamedWindow:
    """Both ends, inclusive, unix seconds, and what the window is called."""

    name: str
    since: float
    until: float


def parse_week(text: str, option: str) -> NamedWindow:
    """Read an ISO 8601 week, in UTC.

    >>> week = parse_week("2026-W45", "--week")
    >>> week.name, dt.datetime.fromtimestamp(week.since, dt.UTC).date().isoformat()
    ('2026-W45', '2026-11-02')

    Raises:
        ConfigError: no week of that year.

    """
    found = _WEEK.fullmatch(text.strip())
    try:
        if not found:
            raise ValueError
        start = dt.datetime.fromisocalendar(int(found[1]), int(found[2]), 1).replace(tzinfo=dt.UTC)
        end = start + dt.timedelta(days=7) - _LAST
    except (ValueError, OverflowError):  # the last week of the year 9999 has no end
        raise ConfigError(option, f"not a week: {text!r}", "write 2026-W45") from None
    return NamedWindow(f"{found[1]}-W{int(found[2]):02d}", start.timestamp(), end.timestamp())


def parse_baseline(text: str | None, before: float, default: float, option: str = "--baseline") -> NamedWindow:
    """Read the window that another one is held against.

    Args:
        text: a week, `SINCE..UNTIL`, or a time such as `4w` that ends where the other begins; None takes `default`.
        before: start of the other one, unix seconds.
        default: seconds.
        option: for errors.

    Raises:
        ConfigError: not a window, or one that does not end before the other begins.

    """
    until = before - _LAST.total_seconds()
    if text is None:
        days = default / 86_400
        window = NamedWindow(f"the {days:g} days before", before - default, until)
    elif _WEEK.fullmatch(text.strip()):
        window = parse_week(text, option)
    elif found := _DURATION.fullmatch(text.strip()):
        days = int(found[1]) * (7 if found[2].lower() == "w" else 1)
        if not 0 < days <= 3_660:
            raise ConfigError(option, f"no time that a baseline may last: {text!r}", _HINT)
        window = NamedWindow(f"the {days} days before", before - days * 86_400, until)
    elif ".." in text:
        start, _, end = text.partition("..")
        since = parse_moment(start.strip(), option)
        ends = parse_moment(end.strip(), option, end_of_day=True)
        if since is None or ends is None or since > ends:
            raise ConfigError(option, f"{text!r} ends before it begins", _HINT)
        window = NamedWindow(f"{start.strip()} to {end.strip()}", since, ends)
    else:
        raise ConfigError(option, f"not a window: {text!r}", _HINT)
    if window.since < _FIRST:
        raise ConfigError(option, f"{window.name} begins before the year 1", _HINT)
    if window.until >= before:
        raise ConfigError(option, f"{text!r} reaches into the window that it is held against", _HINT)
    return window
