"""Dates as people type them at options."""

from __future__ import annotations

import datetime as dt

from driftcheck.errors import ConfigError


def parse_moment(text: str | None, option: str, *, end_of_day: bool = False) -> float | None:
    """Unix seconds of an ISO date or time, UTC where no zone is given; a bare date is its start, or its end.

    Raises:
        ConfigError: not a date.

    """
    if text is None:
        return None
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        raise ConfigError(option, f"not a date: {text!r}", "write 2026-11-22 or 2026-11-22T14:00Z") from None
    if len(text.strip()) <= 10 and end_of_day:
        moment += dt.timedelta(days=1, microseconds=-1)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.UTC)
    return moment.timestamp()


def parse_day(text: str | None, option: str) -> dt.date | None:
    """Read a day.

    Raises:
        ConfigError: not a day.

    """
    if text is None:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise ConfigError(option, f"not a day: {text!r}", "write 2026-11-22") from None
