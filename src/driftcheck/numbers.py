"""Numbers as people read them: shares in per cent, differences of shares in points, p-values, counts, dates.

Shares and rates come in as 0..1, times as unix seconds (UTC). Nothing here is locale-dependent.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

UNKNOWN = "–"
"""What stands where a number is not known."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def percent(share: float) -> str:
    """A share in per cent; one decimal below 10 %.

    >>> percent(0.182), percent(0.0715), percent(0.02), percent(0.0002), percent(0.999)
    ('18 %', '7.2 %', '2 %', '<0.1 %', '>99 %')
    """
    return f"{percent_number(share)} %"


def percent_number(share: float) -> str:
    """A share in per cent without the sign, for intervals.

    >>> percent_number(0.08), percent_number(1.0), percent_number(-0.113)
    ('8', '100', '-11')
    """
    if 0 < share < 0.0005:
        return "<0.1"
    if 0.995 <= share < 1:
        return ">99"
    return points_number(share)


def points(difference: float) -> str:
    """A difference of two shares in percentage points.

    >>> points(0.14), points(-0.013)
    ('14 points', '-1.3 points')
    """
    number_text = points_number(difference)
    return f"{number_text} point" if number_text in {"1", "-1"} else f"{number_text} points"


def points_number(difference: float) -> str:
    """A difference of two shares in percentage points, the bare number.

    >>> points_number(0.0996), points_number(-0.0001)
    ('10', '0')
    """
    if not math.isfinite(difference):
        return UNKNOWN
    # Adding a hair rounds halves away from zero, as readers do: 0.0715 is 7.2 %.
    scaled = difference * 100 + math.copysign(1e-9, difference)
    if abs(round(scaled, 1)) >= 10:
        return f"{scaled:.0f}"
    return _trimmed(f"{scaled:.1f}")


def number(value: float) -> str:
    """A plain number with as many decimals as its size deserves.

    >>> number(13.0), number(0.2345), number(12.34), number(1234.5), number(0.0001), number(-0.004)
    ('13', '0.23', '12.3', '1,234', '<0.001', '-0.004')
    """
    if not math.isfinite(value):
        return UNKNOWN
    size = abs(value)
    if size >= 100 or value == int(value):
        return f"{value:,.0f}"
    if size >= 10:
        return _trimmed(f"{value:.1f}")
    if size >= 0.01:
        return _trimmed(f"{value:.2f}")
    if size >= 0.0005:
        return f"{value:.3f}"
    return "<0.001" if value > 0 else ">-0.001"


def p_value(p: float) -> str:
    """A p-value.

    >>> p_value(0.0004), p_value(0.004), p_value(0.0412), p_value(1.0)
    ('<0.001', '0.004', '0.04', '1')
    """
    if not math.isfinite(p):
        return UNKNOWN
    if p < 0.001:
        return "<0.001"
    return f"{p:.3f}" if p < 0.01 else _trimmed(f"{p:.2f}")


def count(n: float, noun: str = "", nouns: str = "") -> str:
    """A count with its noun.

    >>> count(183204), count(1, "case"), count(2, "case"), count(1200, "entry", "entries")
    ('183,204', '1 case', '2 cases', '1,200 entries')
    """
    if not math.isfinite(n):
        return UNKNOWN
    if not noun:
        return f"{n:,.0f}"
    return f"{n:,.0f} {noun if n == 1 else nouns or noun + 's'}"


def interval(low: float, high: float, bound: Callable[[float], str]) -> str:
    """Two bounds, spelled so that the dash is never taken for a minus sign or part of an arrow.

    >>> interval(0.15, 0.21, percent_number), interval(-0.11, -0.07, points_number)
    ('15-21', '-11 to -7')
    >>> interval(0.94, 0.997, percent_number)
    '94 to >99'
    """
    lower, upper = bound(low), bound(high)
    bare = lower[:1].isdigit() and upper[:1].isdigit()
    return f"{lower}-{upper}" if bare else f"{lower} to {upper}"


def quantity(value: float, unit: str) -> str:
    """A measured value with its unit: shares and rates in per cent, `points` in points, all else as it is.

    >>> quantity(0.182, "share of traffic"), quantity(0.14, "points"), quantity(0.2345, "nats"), quantity(21, "weeks")
    ('18 % of traffic', '14 points', '0.23 nats', '21 weeks')
    >>> quantity(1, "weeks"), quantity(0.5, "")
    ('1 week', '0.5')
    """
    kind, _, rest = unit.partition(" ")
    if kind in _SHARES:
        return f"{percent(value)} {rest}".rstrip()
    if kind in _POINTS:
        return f"{points(value)} {rest}".rstrip()
    text = number(value)
    single = text == "1" and kind.endswith("s") and not rest
    return f"{text} {kind[:-1] if single else unit}".rstrip()


def bound_of(unit: str) -> Callable[[float], str]:
    """How the bounds of an interval in `unit` are written: the bare number."""
    kind = unit.partition(" ")[0]
    if kind in _SHARES:
        return percent_number
    return points_number if kind in _POINTS else number


def threshold(value: float, unit: str) -> str:
    """A threshold, with only as much of the unit as it needs.

    >>> threshold(0.1, "share of traffic"), threshold(0.1, "points"), threshold(13, "weeks"), threshold(0.2, "nats")
    ('10 %', '10 points', '13 weeks', '0.2')
    """
    kind = unit.partition(" ")[0]
    if kind in _SHARES:
        return percent(value)
    return quantity(value, unit) if kind in {*_POINTS, "weeks", "days"} else number(value)


def date(seconds: float | None) -> str:
    """A day in UTC.

    >>> date(1780272000), date(None), date(1e30)
    ('2026-06-01', '–', '–')
    """
    moment = _moment(seconds)
    return UNKNOWN if moment is None else moment.date().isoformat()


def iso(seconds: float | None) -> str | None:
    """A moment as ISO 8601 in UTC to the second; None where it is not known or no calendar holds it.

    >>> iso(1780315200.75)
    '2026-06-01T12:00:00Z'
    """
    moment = _moment(seconds)
    return None if moment is None else moment.replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def days(first: float | None, last: float | None) -> str:
    """From when to when, or what is known of it.

    >>> days(1780272000, 1780358400), days(None, None), days(1780272000, 1780272001)
    ('2026-06-01 to 2026-06-02', 'no times', '2026-06-01')
    """
    start, end = date(first), date(last)
    if start == end:
        return "no times" if start == UNKNOWN else start
    return f"{start} to {end}"


_SHARES = frozenset({"share", "shares", "rate", "%"})
_POINTS = frozenset({"points", "point"})


def _moment(seconds: float | None) -> datetime | None:
    if seconds is None or not math.isfinite(seconds):
        return None
    try:
        return _EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        return None


def _trimmed(text: str) -> str:
    trimmed = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if trimmed in {"-0", ""} else trimmed
