"""Whether two questions that read alike ask the same: they may differ in words, not in numbers, names or negations."""

from __future__ import annotations

import re

from driftcheck.contradictions.clauses import MAX_EXPECTED, cleaned, content_of
from driftcheck.contradictions.dates import moments_in
from driftcheck.contradictions.polarity import is_polar
from driftcheck.contradictions.quantities import quantities_in

_NEGATION = re.compile(r"\b(?:not|cannot|never|no|without|except|besides)\b|n't\b", re.IGNORECASE)
_NAME = re.compile(r"(?<![.!?]\s)(?<!^)\b(?:[A-Z][\w'-]*|[A-Z][A-Z\d]+)\b")
_HOUR = re.compile(r"\b[a-z]+ (?:am|pm|o'clock)\b")
_PRONOUNS = frozenset(["i", "i'm", "i'd", "i'll", "i've", "hi", "hello", "ok"])
_OPPOSED = tuple(
    (frozenset(one.split()), frozenset(other.split()))
    for one, other in (
        ("before earlier early during in", "after later late"),
        ("month monthly months", "year yearly annual annually years"),
        ("day daily", "week weekly"),
        ("increase raise raising higher upgrade", "decrease lower reduce reducing downgrade"),
        ("incoming receive received receiving", "outgoing send sending sent"),
        ("open opening start starting activate", "close closing end ending deactivate"),
        ("minimum least min cheapest smallest lowest", "maximum most max largest highest dearest"),
        ("deposit deposits", "withdraw withdrawal withdrawals"),
        ("first", "last second third"),
        ("add adding enable", "remove removing delete disable"),
        ("adult adults", "child children kids student students senior seniors"),
        ("domestic national", "international abroad"),
        ("buy buying purchase", "sell selling"),
        ("arrive arrival check-in", "depart departure leave check-out"),
        ("import", "export"),
        ("morning", "evening afternoon night"),
        ("standard basic free", "express premium pro enterprise"),
    )
)
_KINDS_ASKED = (
    (
        "time",
        re.compile(
            r"\bhow (?:long|soon|fast|quickly)\b|\bwhen\b|\buntil when\b|\bwhat time\b|\bdeadline\b", re.IGNORECASE
        ),
    ),
    ("number", re.compile(r"\bhow (?:much|many)\b|\bcosts?\b|\bprice\b|\bfees?\b|\bcharge\b", re.IGNORECASE)),
    ("place", re.compile(r"\bwhere\b", re.IGNORECASE)),
    ("person", re.compile(r"\bwho\b|\bwhom\b", re.IGNORECASE)),
    ("reason", re.compile(r"\bwhy\b", re.IGNORECASE)),
    ("way", re.compile(r"\bhow (?:do|can|should|to|would)\b", re.IGNORECASE)),
)


def asks_the_same(one: str, other: str) -> bool:
    """Whether nothing that matters tells the two questions apart; how alike they are is for embeddings to say.

    >>> asks_the_same("Refund for an EU order?", "Can I get a refund for my order in the EU?")
    True
    >>> asks_the_same("Refund for an EU order?", "Refund for a US order?")
    False
    """
    one, other = cleaned(one, MAX_EXPECTED), cleaned(other, MAX_EXPECTED)
    if _figures(one) != _figures(other) or bool(_NEGATION.search(one)) != bool(_NEGATION.search(other)):
        return False
    if _tell_apart(_names(one), _names(other), one, other):
        return False
    mine, theirs = set(re.findall(r"[\w'-]+", one.lower())), set(re.findall(r"[\w'-]+", other.lower()))
    for left, right in _OPPOSED:
        if (mine & left and theirs & right and not theirs & left and not mine & right) or (
            mine & right and theirs & left and not theirs & right and not mine & left
        ):
            return False
    return not (_asks_otherwise(one, other) or _is_of_another(one, other))


def _is_of_another(one: str, other: str) -> bool:
    """Whether the same is asked of another thing: one word of each stands for the other's, all else is alike."""
    mine, theirs = content_of(one), content_of(other)
    return len(mine - theirs) == 1 == len(theirs - mine)


def _figures(text: str) -> frozenset[str]:
    """Numbers and days, whatever they are written like."""
    days = frozenset(str((one.kind, one.readings, sorted(one.days))) for one in moments_in(text))
    numbers = frozenset(str(one.readings) for one in quantities_in(text) if one.text.lower() not in _SMALL)
    return days | numbers | frozenset(_HOUR.findall(text.lower()))


_SMALL = frozenset(["a", "an", "one", "a day", "a week", "a month", "a year", "an hour", "a minute", "one day", "once"])


def _names(text: str) -> frozenset[str]:
    found = (name.lower().removesuffix("'s") for name in _NAME.findall(text))
    return frozenset(name for name in found if name not in _PRONOUNS)


def _tell_apart(mine: frozenset[str], theirs: frozenset[str], one: str, other: str) -> bool:
    """Whether a name of one question is not in the other, in capitals or not."""
    return any(name not in other.lower() for name in mine) or any(name not in one.lower() for name in theirs)


def _asks_otherwise(one: str, other: str) -> bool:
    """Whether one asks when and the other how much; yes-or-no questions may ask for either."""
    mine = {kind for kind, pattern in _KINDS_ASKED if pattern.search(one)}
    theirs = {kind for kind, pattern in _KINDS_ASKED if pattern.search(other)}
    return bool(mine and theirs and not mine & theirs) and not (is_polar(one) or is_polar(other))
