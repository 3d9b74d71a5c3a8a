"""Rating scales: what the values of one feedback field mean, and which of them say satisfied.

The first scale of `_SCALES` is taken that the field's name allows, that holds at least 98 % of its values, and of
which they reach the good end; of 0 to 7 nobody knows what is good, and drift.yaml has to say it.
Satisfied means three quarters up the scale or more, which is the customary top two boxes of CSAT 1 to 5 (>= 4);
NPS takes its promoters (>= 9), a 0 to 1 rate its better half (>= 0.5). Names such as `escalated` or `thumbs_down`
are bad when high and turn the rule round. Labels are read by lists of words.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MIN_RATED = 30
"""Ratings below which nothing is concluded from what did not occur among them."""
_ON_SCALE = 0.98
"""Share of a field's values that a scale has to hold."""

Floats = NDArray[np.float64]
Rule = tuple[str, float] | frozenset[str]
"""An operator with its threshold, or the accepted labels."""

OUTCOME = re.compile(
    r"resol|solved|escalat|hand_?(?:off|over)|transfer|conver(?:t|sion)|reopen|abandon|refund|deflect|contain(?:ed|ment)",
    re.IGNORECASE,
)
"""Names of what came of a conversation, rather than of what its user thought of it."""
BAD_HIGH = re.compile(
    r"escalat|hand_?-?(?:off|over)|transfer|complain|abandon|reopen|refund|churn|frustrat"
    r"|dis_?-?(?:satisf|like|agree)|dsat|unresolved|unsatisf|unsolved|unhelpful"
    r"|thumbs?_?-?\s?down|down_?-?vote|negative|hallucinat|toxic|error|wrong|reject|flag",
    re.IGNORECASE,
)
_NPS = re.compile(r"nps|promoter|recommend", re.IGNORECASE)
_STARS = re.compile(r"csat|sat[ie]sf|stars?\b|rating|zufrieden|bewertung|valora|califica", re.IGNORECASE)


_NUMBERED = re.compile(r"^\d{1,2}\s*[-\u2013\u2014:.)=]\s*(?=[^\W\d])|(?<=[^\W\d])\s*\(\d{1,2}\)$")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


GOOD_LABELS = _words(
    """
    good very_good great excellent perfect positive pos up thumbs_up satisfied very_satisfied happy very_happy
    helpful very_helpful like liked love loved correct right accept accepted approve approved agree
    strongly_agree resolved solved fixed success successful yes y true pass passed promoter converted completed
    complete fully contained deflected resolved_by_bot resolved_by_ai resolved_by_agent
    👍 ❤ 😀 😃 😊 🙂 😍 gut sehr_gut zufrieden ja bueno
    """
)
BAD_LABELS = _words(
    """
    bad very_bad terrible awful poor very_poor negative neg down thumbs_down dissatisfied very_dissatisfied
    unsatisfied unhappy unhelpful very_unhappy not_helpful dislike disliked hate hated incorrect wrong reject
    rejected disagree strongly_disagree unresolved not_resolved no not_solved unsolved failure failed fail n
    false detractor not escalated escalated_to_human escalated_to_agent abandoned handed_off handed_over handoff
    handover transferred reopened incomplete 👎 😡 😠 😞 🙁 ☹ schlecht unzufrieden nein malo
    """
)
ANSWERS = _words("yes no y n true false ja nein")
"""Labels that answer the field's name, so that they are bad where its name is."""
MIDDLE_LABELS = _words(
    """
    neutral ok okay fair average mixed partial partially so_so partially_resolved partially_correct passive
    neither acceptable 😐 meh
    """
)


@dataclass(frozen=True)
class Scale:
    """A scale that ratings may be on."""

    words: str
    """As shown to the user."""
    holds: Callable[[Floats], NDArray[np.bool_]]
    """Which values lie on it."""
    good: tuple[str, float]
    """What satisfied means, where high is good."""
    bad: tuple[str, float]
    """What satisfied means, where high is bad."""
    names: re.Pattern[str] | None = None
    """Names it is reserved for."""
    whole: bool = False
    """True where one value off the scale rules it out."""
    blank: tuple[float, ...] = ()
    """Values off the scale that stand for no rating, and do not rule it out."""


def _between(low: float, high: float) -> Callable[[Floats], NDArray[np.bool_]]:
    return lambda values: (values >= low) & (values <= high)


_SCALES = (
    Scale("0 to 10 (NPS)", _between(0, 10), (">=", 9), ("<=", 6), names=_NPS),
    Scale("0 or 1", lambda v: np.isin(v, (0, 1)), ("==", 1), ("==", 0), whole=True),
    Scale("-1 or 1", lambda v: np.isin(v, (-1, 1)), ("==", 1), ("==", -1), blank=(0,)),
    Scale("0 to 1", _between(0, 1), (">=", 0.5), ("<", 0.5), whole=True),
    Scale("1 to 5", _between(1, 5), (">=", 4), ("<=", 2), blank=(0,)),
    Scale("1 to 7", lambda v: (v >= 1) & (v <= 7) & (v == np.round(v)), (">=", 6), ("<=", 2)),
    Scale("1 to 10", _between(1, 10), (">=", 8), ("<=", 3)),
    Scale("0 to 10", _between(0, 10), (">=", 8), ("<=", 2)),
    Scale("0 to 100", _between(0, 100), (">=", 75), ("<=", 25)),
)
OPERATORS: dict[str, Callable[[Floats, float], NDArray[np.bool_]]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    ">": operator.gt,
    "<": operator.lt,
}


def label_key(label: str) -> str:
    """Reduce a label to what is compared: lower case, without a skin colour, or the number a survey puts beside it.

    >>> label_key("5 - Very satisfied"), label_key("Good (4)"), label_key("👍🏽")
    ('very_satisfied', 'good', '👍')
    """
    text = _NUMBERED.sub("", re.sub("[\U0001f3fb-\U0001f3ff\ufe0f]", "", label).strip())
    return re.sub(r"[\s_-]+", "_", text.lower())


def parse_good(good: str) -> Rule:
    """Parse what drift.yaml counts as satisfied: a comparison, or a list of labels.

    >>> parse_good(">= 4")
    ('>=', 4.0)
    >>> sorted(parse_good("in [solved, Very good]"))
    ['solved', 'very_good']

    Raises ValueError with the accepted forms where it is neither.
    """
    text = good.strip()
    comparison = re.fullmatch(r"(>=|<=|==|=|>|<)\s*(\S.*)", text)
    if comparison:
        sign, number = comparison.groups()
        try:
            threshold = float(number.rstrip("%"))
        except ValueError:
            if sign in ("==", "=") and number[0] not in "<>=":
                return _labels(number, good)
            threshold = math.nan
        if math.isfinite(threshold):
            return ("==" if sign == "=" else sign, threshold)
        raise ValueError(f"good: {good!r} compares with {number!r}, which is no number; {_FORMS}")
    listed = re.fullmatch(r"(?:in\s*)?[\[({](.*)[\])}]|in\s+(.+)", text, re.DOTALL)
    if listed:
        return _labels(listed.group(1) or listed.group(2) or "", good)
    if re.fullmatch(r"[+-]?[\d.]+", text):
        raise ValueError(f"good: {good!r} has no operator; write '>= {text}' or '== {text}'")
    if re.match(r"[<>=!~]", text) or not text:
        raise ValueError(f"good: {good!r} is not understood; {_FORMS}")
    return _labels(text, good)


_FORMS = "write a comparison such as '>= 4' (>=, >, <=, <, ==) or labels such as '[good, great]'"


def _labels(text: str, good: str) -> frozenset[str]:
    labels = frozenset(label_key(part.strip().strip("'\"")) for part in text.split(",")) - {""}
    if not labels:
        raise ValueError(f"good: {good!r} names no label; {_FORMS}")
    return labels


CUSTOMARY = ("0 to 10 (NPS)", "0 or 1", "-1 or 1", "0 to 1", "1 to 5")
"""Scales whose good end everybody agrees on."""
TWO_VALUED = ("0 or 1", "-1 or 1")
"""Scales that are no guess: nothing lies between good and bad, so that all may be bad."""


def scale_of(name: str, numbers: Floats) -> Scale | None:
    """Find the scale that the numbers under a name are on; None where they fill none."""
    if not len(numbers):
        return None
    for scale in _SCALES:
        if scale.names is not None and not scale.names.search(name):
            continue
        on = scale.holds(numbers)
        share = (on | np.isin(numbers, scale.blank)).mean()
        if not on.any() or share < (1.0 if scale.whole else _ON_SCALE):
            continue
        if _plausible(name, scale, numbers):
            return scale
    return None


def _plausible(name: str, scale: Scale, numbers: Floats) -> bool:
    """Rule out scales that hold the values by chance."""
    highest = float(numbers.max())
    if scale.words == "0 to 10 (NPS)":  # thumbs under an NPS name, or promoters as -100..100
        return highest > 1
    if scale.words == "-1 or 1":
        return float(numbers.min()) == -1
    if scale.words in ("0 or 1", "0 to 1"):  # a CSAT of nothing but 1 is a disaster, not a thumb
        return not (_STARS.search(name) and float(numbers.min()) == 1)
    if scale.words == "1 to 7":  # few answers up to 7 are as likely out of ten
        return highest > 5 and len(numbers) >= MIN_RATED
    if scale.words in ("1 to 10", "0 to 10"):  # what ends at 8 fills a scale of its own
        return highest > 8
    if scale.words == "0 to 100":  # a few above 10 are no per cent, but strays of a smaller scale
        return highest >= 20
    return True
