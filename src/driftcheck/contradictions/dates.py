"""Days and times of day: `31 July`, `end of March`, `2026-01-01`, `Q1`, `Tuesdays`, `9 am to 5 pm`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from driftcheck.contradictions.clauses import CACHED

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar janvier enero",
            "february feb februar février fevrier febrero",
            "march mar märz maerz mars marzo",
            "april apr avril abril",
            "may mai mayo",
            "june jun juni juin junio",
            "july jul juli juillet julio",
            "august aug août aout agosto",
            "september sept sep septembre septiembre",
            "october oct oktober okt octobre octubre",
            "november nov novembre noviembre",
            "december dec dezember dez décembre decembre diciembre",
        ),
        1,
    )
    for name in names.split()
}
_WEEKDAYS = {
    name: number
    for number, names in enumerate(
        (
            "monday mon montag lundi lunes",
            "tuesday tue tues dienstag mardi martes",
            "wednesday wed mittwoch mercredi miércoles",
            "thursday thu thur thurs donnerstag jeudi jueves",
            "friday fri freitag vendredi viernes",
            "saturday sat samstag samedi sábado",
            "sunday sun sonntag dimanche domingo",
        )
    )
    for name in names.split()
}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_WEEKDAY = "|".join(sorted(_WEEKDAYS, key=len, reverse=True))
_DATE = re.compile(
    rf"(?<!\w)(?:(?P<part>end|beginning|start|middle|mid|early|late)[\s-](?:of\s)?(?:the\s)?)?(?:"
    rf"(?P<y1>\d{{4}})-(?P<m1>\d{{1,2}})(?:-(?P<d1>\d{{1,2}}))?(?!\w)"
    rf"|(?P<a>\d{{1,2}})[./](?P<b>\d{{1,2}})[./](?P<y2>\d{{4}}|\d{{2}})(?!\w)"
    rf"|(?P<d3>\d{{1,2}})(?:st|nd|rd|th|\.)?\s(?:of\s|de\s)?(?P<m3>{_MONTH})\b\.?(?:,?\s(?:de\s)?(?P<y3>\d{{4}}))?"
    rf"|(?P<m4>{_MONTH})\.?\s(?:the\s)?(?P<d4>\d{{1,2}})(?:st|nd|rd|th)?(?!\w)(?:,?\s(?P<y4>\d{{4}})(?!\w))?"
    rf"|(?P<m5>{_MONTH})\b\.?(?:,?\s(?:of\s)?(?P<y5>\d{{4}})(?!\w))?"
    rf"|q(?P<q>[1-4])(?:[\s/](?P<y6>\d{{4}}))?(?!\w)"
    rf"|(?:the\s)?(?P<d7>\d{{1,2}})(?:st|nd|rd|th)(?!\w)(?!\s(?:floor|time|century|party|generation|edition))"
    rf"|(?P<y8>(?:19|20)\d{{2}})(?![\w%]|[.,]\d|\s?[-:/]\s?\d))",
    re.IGNORECASE,
)
_YEAR_BEFORE = re.compile(
    r"\b(?:in|of|since|from|year|until|by|before|after|early|late|end|beginning|to)\s$", re.IGNORECASE
)
_TIME = re.compile(
    r"(?<![\w:.,/-])(?:(?P<h>\d{1,2})(?:[:.](?P<m>[0-5]\d))?\s?(?P<half>a\.?m\b\.?|p\.?m\b\.?)|(?P<h2>[01]?\d|2[0-4]):(?P<m2>[0-5]\d)"
    r"(?![:\d])(?:\s?(?:h|uhr|o'clock))?|(?P<noon>noon|midnight)|(?P<h3>\d{1,2})\s(?:o'clock|uhr))(?!\w)",
    re.IGNORECASE,
)
_BARE_START = re.compile(r"(?<![\w:.,])(\d{1,2})\s?(?:-|\u2013|to|until)\s?$", re.IGNORECASE)
_NEAR = re.compile(r"\b(?:before|by|until|till|from|after|as of|through|end)\b[^.\d]{0,12}$", re.IGNORECASE)
_MAY_AS_WORD = re.compile(r"\bmay\b(?!\s\d)|\bmar\b|\bsun\b|\bsat\b|\bmars\b|\bmon\b")
_DAYS = re.compile(
    rf"\b(?P<first>{_WEEKDAY})s?\b(?:\s?(?:-|\u2013|to|through|until)\s?(?P<last>{_WEEKDAY})s?\b)?", re.IGNORECASE
)
_GROUPS = re.compile(
    r"\b(?P<week>weekdays?)\b|\b(?P<end>weekends?)\b|\b(?P<all>every day|seven days a week)\b", re.IGNORECASE
)

MAX_MOMENTS = 10
"""Of each sort in a clause: days, weekdays, times."""


@dataclass(frozen=True)
class Moment:
    """A day, or the part of a calendar that is said of one."""

    kind: str
    """`date`, `time`, `hours` (from, to) or `weekday`."""
    readings: tuple[tuple[int | None, int | None, tuple[int, int] | None], ...]
    """What it may be, of a date: year, month, first and last day; of times (None, None, minutes)."""
    is_bound: bool
    """Whether it is said of a day before or after it: the end of March is the day before 1 April."""
    text: str
    start: int
    end: int
    days: frozenset[int] = frozenset()

    def is_comparable(self, other: Moment) -> bool:
        """Whether both say something of the same part of the calendar."""
        if self.kind != other.kind:
            return False
        if self.kind != "date":
            return True
        return any(_common(mine, theirs) for mine in self.readings for theirs in other.readings)

    def agrees(self, other: Moment) -> bool:
        """Whether both may be one day, or one time."""
        if {self.kind, other.kind} == {"time", "hours"}:
            return bool(self._ends & other._ends)
        if self.kind != other.kind:
            return False
        if self.kind == "weekday":
            if len(self.days) > 1 and len(other.days) > 1:
                return self.days == other.days
            return bool(self.days & other.days)
        if self.kind != "date":
            return bool({one[2] for one in self.readings} & {one[2] for one in other.readings})
        near = 1 if self.is_bound or other.is_bound else 0
        return any(_same_day(mine, theirs, near) for mine in self.readings for theirs in other.readings)

    @property
    def _ends(self) -> frozenset[int]:
        """Of times: the minutes named."""
        return frozenset(minute for one in self.readings if one[2] for minute in one[2])


_Day = tuple[int | None, int | None, tuple[int, int] | None]


def _common(one: _Day, other: _Day) -> bool:
    return any(a is not None and b is not None for a, b in zip(one, other, strict=True))


def _same_day(one: _Day, other: _Day, near: int) -> bool:
    if not _common(one, other):
        return False
    if one[0] is not None and other[0] is not None and one[0] != other[0]:
        return near > 0 and _turn(one) == _turn(other) is not None
    if one[1] is not None and other[1] is not None and one[1] != other[1]:
        return near > 0 and _follow(one, other)
    if one[2] is not None and other[2] is not None:
        return max(one[2][0], other[2][0]) <= min(one[2][1], other[2][1]) + near
    return True


def _turn(day: _Day) -> int | None:
    """The year that begins with the day, or ends with it."""
    if day[0] is None or day[1] is None or day[2] is None:
        return None
    if day[1] == 1 and day[2][0] == 1:
        return day[0]
    return day[0] + 1 if day[1] == 12 and day[2][1] == 31 else None


def _follow(one: _Day, other: _Day) -> bool:
    """Whether one is the last of a month and the other the first of the next."""
    for first, second in ((one, other), (other, one)):
        if first[1] is None or second[1] is None or second[2] is None or second[2][0] != 1:
            continue
        if second[1] == first[1] % 12 + 1 and (first[2] is None or first[2][1] >= 28):
            return True
    return False


@lru_cache(maxsize=CACHED)
def moments_in(text: str) -> tuple[Moment, ...]:
    """Find days, weekdays and times of day in a clause.

    >>> [(one.kind, one.text) for one in moments_in("Until the end of March 2026, on Tuesdays from 9 am to 5 pm")]
    [('date', 'end of March 2026'), ('weekday', 'Tuesdays'), ('hours', '9 am to 5 pm')]
    """
    return (*_dates(text)[:MAX_MOMENTS], *_weekdays(text)[:MAX_MOMENTS], *_times(text)[:MAX_MOMENTS])


def _dates(text: str) -> list[Moment]:
    made = []
    for match in _DATE.finditer(text):
        readings = _readings(match)
        said = match[0]
        if not readings or _MAY_AS_WORD.match(said):
            continue
        if match["y8"] and not (
            _YEAR_BEFORE.search(text[max(0, match.start() - 20) : match.start()])
            or match["part"]
            or text.strip(" .") == said
        ):
            continue
        if match["d7"] and text[match.end() : match.end() + 1] == "-":
            continue
        near = _NEAR.search(text[max(0, match.start() - 30) : match.start()]) is not None or bool(match["part"])
        made.append(Moment("date", readings, near, said.strip(), match.start(), match.end()))
    return made


def _readings(match: re.Match[str]) -> tuple[_Day, ...]:
    def number(name: str) -> int | None:
        return int(match[name]) if match[name] else None

    part = (match["part"] or "").lower()
    if match["y1"]:
        day = number("d1")
        return _valid(number("y1"), number("m1"), (day, day) if day else _span(part))
    if match["a"]:
        a, b, of = int(match["a"]), int(match["b"]), int(match["y2"])
        of += 2000 if of < 100 else 0
        return _valid(of, b, (a, a)) + (_valid(of, a, (b, b)) if "/" in match[0] else ())
    for suffix in ("3", "4"):
        if match[f"m{suffix}"]:
            day = number(f"d{suffix}")
            return _valid(number(f"y{suffix}"), _MONTHS[match[f"m{suffix}"].lower()], (day, day) if day else None)
    if match["m5"]:
        return _valid(number("y5"), _MONTHS[match["m5"].lower()], _span(part))
    if match["q"]:
        first = 3 * int(match["q"]) - 2
        return tuple((number("y6"), month, None) for month in range(first, first + 3))
    if match["d7"]:
        day = number("d7")
        return _valid(None, None, (day, day) if day else None)
    year = number("y8")
    if part in ("end", "late"):
        return ((year, 12, (25, 31)),)
    return ((year, 1, (1, 10)),) if part in ("beginning", "start", "early") else ((year, None, None),)


def _valid(year: int | None, month: int | None, days: tuple[int, int] | None) -> tuple[_Day, ...]:
    fits = (month is None or 1 <= month <= 12) and (days is None or 1 <= days[0] <= 31)
    return ((year, month, days),) if fits else ()


def _span(part: str) -> tuple[int, int] | None:
    if part in ("end", "late"):
        return 25, 31
    if part in ("beginning", "start", "early"):
        return 1, 10
    return (10, 20) if part in ("middle", "mid") else None


def _weekdays(text: str) -> list[Moment]:
    made = []
    for match in _DAYS.finditer(text):
        if _MAY_AS_WORD.fullmatch(match[0]):
            continue
        first = _WEEKDAYS[match["first"].lower()]
        last = _WEEKDAYS[match["last"].lower()] if match["last"] else first
        days = frozenset((first + step) % 7 for step in range((last - first) % 7 + 1))
        made.append(Moment("weekday", (), False, match[0], match.start(), match.end(), days))
    for match in _GROUPS.finditer(text):
        days = frozenset(range(5) if match["week"] else (5, 6) if match["end"] else range(7))
        made.append(Moment("weekday", (), False, match[0], match.start(), match.end(), days))
    return made


def _times(text: str) -> list[Moment]:
    found = []
    for match in _TIME.finditer(text):
        minutes = _minutes(match)
        if minutes:
            found.append((minutes, match.start(), match.end(), match["half"] or ""))
    made: list[Moment] = []
    skip = False
    for place, (minutes, start, end, half) in enumerate(found):
        if skip:
            skip = False
            continue
        if place + 1 < len(found) and re.fullmatch(
            r"\s?(?:-|\u2013|to|until|till|and|and closes at|through)\s?",
            text[end : found[place + 1][1]],
            re.IGNORECASE,
        ):
            later, _, stop, _ = found[place + 1]
            made.append(_hours(minutes, later, text[start:stop], start, stop))
            skip = True
        elif half and (bare := _BARE_START.search(text[:start], max(0, start - 12))):
            hour = int(bare[1])
            opening = tuple(60 * h for h in (hour, hour + 12) if h < 24 and 60 * h < max(minutes))
            made.append(_hours(opening or (60 * hour,), minutes, text[bare.start() : end], bare.start(), end))
        else:
            readings = tuple((None, None, (m, m)) for m in minutes)
            made.append(Moment("time", readings, False, text[start:end], start, end))
    return made


def _hours(opening: tuple[int, ...], closing: tuple[int, ...], text: str, start: int, end: int) -> Moment:
    readings = tuple((None, None, (a, b)) for a in opening for b in closing)
    return Moment("hours", readings, False, text, start, end)


def _minutes(match: re.Match[str]) -> tuple[int, ...]:
    if match["noon"]:
        return (720,) if match["noon"].lower() == "noon" else (0, 1440)
    hour = int(match["h"] or match["h2"] or match["h3"])
    minute = int(match["m"] or match["m2"] or 0)
    if match["half"]:
        if not 1 <= hour <= 12:
            return ()
        return (60 * (hour % 12 + (12 if match["half"].lower().startswith("p") else 0)) + minute,)
    if match["h3"] and hour <= 12:
        return 60 * hour + minute, 60 * (hour + 12) + minute
    return (60 * hour + minute,)
