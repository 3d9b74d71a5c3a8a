"""Numbers with their units: lengths of time, money, percentages, sizes, counts of things, versions.

Whatever is measured in comparable units is converted; what is not is another dimension and never compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from driftcheck.contradictions.clauses import CACHED, STOP, stem, words
from driftcheck.contradictions.units import CURRENCIES, NUMBER_WORDS, ONLY_WITH_UNIT, UNITS

Values = tuple[float, float]
"""From, to: of one number twice the same."""
_NUMERAL = r"\d{1,3}(?:[,.' ]\d{3})+(?:[.,]\d{1,2})?(?!\d)|\d+(?:[.,]\d+)*"
_SPELLED = "|".join(sorted((re.escape(word) for word in NUMBER_WORDS), key=len, reverse=True))
_NUMBER = rf"(?:{_NUMERAL})(?:(?:k|m)\b)?|\b(?:{_SPELLED})\b"
_SYMBOL = r"us\$|[$€£¥₹]|\b(?:chf|usd|eur|gbp|cad|aud|inr|sek|nok|dkk|pln)\b"
_BETWEEN = r"\s?(?:-|\u2013|\u2014|~)\s?|\s(?:to|and|bis|à|or|until)\s"
_QUANTITY = re.compile(
    rf"(?P<before>{_SYMBOL})?\s?(?<![\w.])(?P<one>{_NUMBER})"
    rf"(?:(?P<between>{_BETWEEN})(?:{_SYMBOL})?\s?(?P<two>{_NUMBER}))?",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"(?P<plus>\s?\+)?[\s-]?(?P<business>(?:business|working|work|full|calendar|consecutive|whole|extra|more|further"
    r"|swiss|us|degrees|grad)[\s-])?"
    r"(?P<unit>°\s?[cf]\b|°|%|[€£$]|per\s?cent\b|mbit/s|[^\W\d_]+\.?)?",
    re.IGNORECASE,
)
_NOUN = re.compile(r"[\s-]([^\W\d_]+)")
_LABEL = re.compile(r"([^\W\d_]{2,})[\s:#-]{1,2}(?:v(?:ersion)?\.?\s?)?$", re.IGNORECASE)
_VERSION = re.compile(r"\b(?:version|release|v\.?)\s?$", re.IGNORECASE)
_NO_NOUN = frozenset(
    words(
        """to and or of in on at a an the per for is are was will be by with from each every if when after before
        until then you we they it our your as than not but so total"""
    )
)
_NO_LABEL = _NO_NOUN | frozenset(
    words(
        """have has about around exactly only minimum maximum least most up takes take costs cost than another over
        under within between pays pay save get gets give first last next these those all any older be may can up
        needs need is seats holds lasts charge charges weigh"""
    )
)
_NUMBERED = frozenset(
    words(
        """version bus lin tram train flight rout room gat platform terminal zon step section chapter pag articl
        level tier track floor option phas stag releas unit building window python window android io node jav"""
    )
)
"""Stems of what goes by numbers, so that the word after the number counts nothing: `bus 7 runs`."""
_AND_A_HALF = re.compile(r"\s?and a half\b", re.IGNORECASE)
MAX_QUANTITIES = 20
"""Quantities read of a clause."""
_NEAR = 60
"""Characters before a number that are looked at for what it bounds."""
_LONGEST = 20
"""Characters of a numeral; what is longer is no quantity."""
_COMBINED = re.compile(r"\s?(?:,|and)?\s?")
_RATE = re.compile(r"\s?(?:/|per\s|an?\s|each\s|every\s)\s?([^\W\d_]+)", re.IGNORECASE)
_BOUND_BEFORE = re.compile(
    r"\b(?:(?P<most>up to|at most|no more than|not more than|maximum(?: of)?|max\.?|within|under|below|less than"
    r"|bis zu)|(?P<least>at least|no less than|minimum(?: of)?|min\.?|from|over|more than|above|as of|not before"
    r"|starting at))"
    r"\s(?:the\s|age of\s|(?:the )?age\s)?$",
    re.IGNORECASE,
)
_BOUND_AFTER = re.compile(
    r"\s?(?:(?P<most>or (?:less|fewer|below)|at (?:the )?most|at maximum|max\b|maximum)"
    r"|(?P<least>\+|or (?:more|newer|later|above|older|higher)|at least|at minimum|and (?:up|above|later|older)"
    r"|(?:long )?at least|minimum))",
    re.IGNORECASE,
)
_ROUGH = re.compile(
    r"\b(?:about|around|approximately|approx\.?|roughly|usually|typically|normally|often|on average|some|nearly|almost"
    r"|in most cases|generally|mostly|circa|ca\.?|sometimes|can be as)\b[^.]{0,24}$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Quantity:
    """A number of something, at a place in a text."""

    dimension: str
    """What it can be compared with: `time`, `money usd`, `count`, `label version`, `number`."""
    readings: tuple[Values, ...]
    """What it may be, in the dimension's unit: `1.500` is two numbers."""
    things: frozenset[str]
    """What is counted, of a count: stems of the words that follow."""
    per: str
    """The time or thing that it goes by, as in `$5 a month`; empty without one."""
    bound: str
    """`most`, `least`, or empty."""
    is_rough: bool
    text: str
    start: int
    end: int
    unit: str = ""
    """As written."""

    def is_comparable(self, other: Quantity) -> bool:
        """Whether the two measure the same sort of thing."""
        if self.dimension != other.dimension or (self.per and other.per and self.per != other.per):
            return False
        return self.dimension != "count" or bool(self.things & other.things)

    def agrees(self, other: Quantity) -> bool:
        """Whether both may be said of one thing: equal but for rounding, one inside the other, or overlapping."""
        slack = 0.0 if self.unit == other.unit or not (self.unit and other.unit) else _SLACK.get(self.dimension, 0.0)
        return any(_overlap(self, mine, other, theirs, slack) for mine in self.readings for theirs in other.readings)


_SLACK = {"time": 0.1, "bytes": 0.05, "length": 0.03, "mass": 0.02, "temperature": 0.01}
"""Share by which two values of different units may differ: 4 weeks are a month."""


def _overlap(one: Quantity, mine: Values, other: Quantity, theirs: Values, slack: float) -> bool:
    reach = slack * max(abs(mine[1]), abs(theirs[1])) + 1e-9
    low, high = max(mine[0], theirs[0]), min(mine[1], theirs[1])
    if mine[0] == mine[1] or theirs[0] == theirs[1]:
        if low <= high + reach:
            return True
        # what is usual lies below the most and above the least
        for bounded, at, free, value in ((one, mine, other, theirs), (other, theirs, one, mine)):
            if free.is_rough and not free.bound:
                if bounded.bound == "most" and value[1] <= at[1]:
                    return True
                if bounded.bound == "least" and value[0] >= at[0]:
                    return True
        return False
    return high - low > reach or (abs(mine[0] - theirs[0]) <= reach and abs(mine[1] - theirs[1]) <= reach)


@lru_cache(maxsize=CACHED)
def quantities_in(text: str) -> tuple[Quantity, ...]:
    """Find the quantities of a clause.

    >>> [(one.dimension, one.readings[0]) for one in quantities_in("Within 2 weeks, or $1,500.50 and 5 free seats")]
    [('time', (14.0, 14.0)), ('money usd', (1500.5, 1500.5)), ('count', (5.0, 5.0))]
    """
    found: list[Quantity] = []
    position = 0
    while match := _QUANTITY.search(text, position):
        position = match.end()
        made = _made(text, match) if len(match["one"]) <= _LONGEST and len(match["two"] or "") <= _LONGEST else None
        if made is None:
            continue
        position = max(made.end, match.end("one"))
        if found and made.dimension == "time" == found[-1].dimension and _joins(text, found[-1], made):
            last = found.pop()
            total = (last.readings[0][0] + made.readings[0][0], last.readings[0][1] + made.readings[0][1])
            made = _replaced(made, (total,), text, last.start)
        found.append(made)
        if len(found) == MAX_QUANTITIES:
            break
    return tuple(found)


def _joins(text: str, last: Quantity, made: Quantity) -> bool:
    """Whether `1 hour 30 minutes` is one length of time."""
    smaller = made.readings[0][1] < last.readings[0][0] and made.unit != last.unit
    return smaller and made.start > last.end and _COMBINED.fullmatch(text[last.end : made.start]) is not None


def _replaced(made: Quantity, readings: tuple[Values, ...], text: str, start: int) -> Quantity:
    return Quantity(
        made.dimension,
        readings,
        made.things,
        made.per,
        made.bound,
        made.is_rough,
        text[start : made.end],
        start,
        made.end,
        "combined",
    )


def _made(text: str, match: re.Match[str]) -> Quantity | None:
    begin = match.start("before") if match["before"] else match.start("one")
    before = text[max(0, begin - _NEAR) : begin]
    first, second = _numbers(match["one"]), _numbers(match["two"]) if match["two"] else []
    between = (match["between"] or "").strip().lower()
    if second and between in ("and", "or") and not before.lower().rstrip().endswith(("between", "from")):
        second = []  # `2 and 3` are two numbers; the search goes on after the first
    stop = match.end() if second else match.end("one")
    after = _AFTER.match(text, stop)
    word = (after["unit"] or "").lower().rstrip(".") if after else ""
    end = after.end() if after and word else stop
    symbol = (match["before"] or "").lower()
    spelled = not match["one"][0].isdigit()
    readings = tuple((a, b) for a in first for b in second if a < b) or tuple((a, a) for a in first)
    unit = re.sub(r"\s", "", word)
    dimension, things = "number", frozenset[str]()
    if symbol or (unit in CURRENCIES and not (spelled and not unit[0].isalpha())):
        dimension = f"money {CURRENCIES[symbol or unit]}"
        stop = stop if symbol else end
    elif unit in UNITS and not (spelled and unit in ("s", "m", "h", "g", "l", "w")):
        dimension, factor = UNITS[unit]
        readings = tuple((_converted(a, unit, factor), _converted(b, unit, factor)) for a, b in readings)
        stop = end
    elif unit in ("°", "degree", "degrees", "grad") or (
        after and (after["business"] or "").lower().startswith("degrees")
    ):
        dimension, unit, stop = "temperature", "°c", end
    elif re.fullmatch(r"[.,)]?\s?(?:am|pm|a\.m|p\.m|o'clock|uhr)", word) or text[stop : stop + 1] == ":":
        return None  # a time of day
    elif spelled and match["one"].lower() in ONLY_WITH_UNIT:
        return None
    elif (label := _label(text, match)) is not None and (label in _NUMBERED or not unit or unit in _NO_NOUN):
        dimension, unit = f"label {label}", ""
    elif unit and unit not in _NO_NOUN and match["one"].lower() != "twice":
        things = frozenset([stem(unit), *_nouns_after(text, end)])
        dimension, stop = "count", end
    elif match["one"].lower() == "twice" or unit in ("times", "time"):
        dimension, things = "count", frozenset(["time"])
    if dimension == "number":
        unit = ""
    half = _AND_A_HALF.match(text, stop) if dimension == "time" else None
    if half:
        more = UNITS[unit][1] / 2
        readings, stop = tuple((a + more, b + more) for a, b in readings), half.end()
    rate = _RATE.match(text, stop)
    bounds = _BOUND_BEFORE.search(before), _BOUND_AFTER.match(text, stop)
    bound = next((found.lastgroup or "" for found in bounds if found), "") or (
        "least" if after and after["plus"] else ""
    )
    return Quantity(
        dimension,
        readings,
        things,
        stem(rate[1].lower()) if rate else "",
        bound,
        _ROUGH.search(before) is not None,
        text[begin:stop].strip().rstrip("."),
        begin,
        rate.end() if rate else stop,
        unit,
    )


def _label(text: str, match: re.Match[str]) -> str | None:
    """What the number is the name of: `version 3.9`, `Bluetooth 5.0`, `room 12`."""
    before = text[max(0, match.start("one") - 40) : match.start("one")]
    if _VERSION.search(before):
        before = _VERSION.sub("", before)
        named = re.search(r"([^\W\d_]{2,})\s$", before)
        return named[1].lower() if named and named[1].lower() not in _NO_LABEL | STOP else "version"
    named = _LABEL.search(before)
    if named is None or named[1].lower() in _NO_LABEL | STOP or not match["one"][0].isdigit():
        return None
    return stem(named[1].lower())


def _nouns_after(text: str, end: int) -> Iterator[str]:
    """Two more words that may say what is counted: `5 free team members`."""
    for _ in range(2):
        found = _NOUN.match(text, end)
        if found is None or found[1].lower() in _NO_NOUN | STOP:
            return
        yield stem(found[1].lower())
        end = found.end()


def _converted(value: float, unit: str, factor: float) -> float:
    return (value - 32) / 1.8 if unit in ("°f", "fahrenheit") else value * factor


def _numbers(text: str) -> list[float]:
    """What a numeral may be: `1.500` is a thousand and a half, or one and a half."""
    text = text.lower().strip()
    if text in NUMBER_WORDS:
        return [NUMBER_WORDS[text]]
    factor = {"k": 1e3, "m": 1e6}.get(text[-1], 1.0)
    bare = text.rstrip("km").replace(" ", "").replace("'", "")
    separators = re.findall(r"[.,]", bare)
    if not separators:
        return [float(bare) * factor]
    last = separators[-1]
    as_decimal = bare.replace("," if last == "." else ".", "")
    if as_decimal.count(last) > 1:  # only thousands repeat: or a version, which is compared by the same readings
        return [float(re.sub(r"[.,]", "", bare)) * factor]
    decimal = float(as_decimal.replace(",", ".")) * factor
    if len(set(separators)) == 1 and re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", bare):
        whole = float(re.sub(r"[.,]", "", bare)) * factor
        return [whole, decimal] if last == "." else [whole]
    return [decimal]
