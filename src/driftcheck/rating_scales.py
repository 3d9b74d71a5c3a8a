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
from array import array
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from driftcheck.records import Feedback, FeedbackSource

MIN_RATED = 30
"""Ratings below which nothing is concluded from what did not occur among them."""
MAX_LABELS = 200
"""Distinct labels that a field may have; more are comments."""
_ON_SCALE = 0.98
"""Share of a field's values that a scale has to hold."""

Floats = NDArray[np.float64]
Codes = NDArray[np.int32]
Rule = tuple[str, float] | frozenset[str]
"""An operator with its threshold, or the accepted labels."""

OUTCOME = re.compile(
    r"resol|solved|escalat|hand_?(?:off|over)|transfer|conver(?:t|sion)|reopen|abandon|refund|deflect",
    re.IGNORECASE,
)
"""Names of what came of a conversation, rather than of what its user thought of it."""
_BAD_HIGH = re.compile(
    r"escalat|hand_?-?(?:off|over)|transfer|complain|abandon|reopen|refund|churn|frustrat"
    r"|dis_?-?(?:satisf|like|agree)|unresolved|unsatisf|unsolved|unhelpful"
    r"|thumbs?_?-?\s?down|down_?-?vote|negative|hallucinat|toxic|error|wrong|reject|flag",
    re.IGNORECASE,
)
_NPS = re.compile(r"nps|promoter|recommend", re.IGNORECASE)
_STARS = re.compile(r"csat|sat[ie]sf|stars?\b|rating|zufrieden|bewertung|valora|califica", re.IGNORECASE)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_GOOD_LABELS = _words(
    """
    good very_good great excellent perfect positive pos up thumbs_up satisfied very_satisfied happy very_happy
    helpful very_helpful like liked love loved correct right accept accepted approve approved agree
    strongly_agree resolved solved fixed success successful yes y true pass passed promoter converted completed
    complete fully 👍 ❤ 😀 😃 😊 🙂 😍 gut sehr_gut zufrieden ja bueno
    """
)
_BAD_LABELS = _words(
    """
    bad very_bad terrible awful poor very_poor negative neg down thumbs_down dissatisfied very_dissatisfied
    unsatisfied unhappy unhelpful very_unhappy not_helpful dislike disliked hate hated incorrect wrong reject
    rejected disagree strongly_disagree unresolved not_resolved no not_solved unsolved failure failed fail n
    false detractor not escalated abandoned incomplete 👎 😡 😠 😞 🙁 ☹ schlecht unzufrieden nein malo
    """
)
_ANSWERS = _words("yes no y n true false ja nein")
"""Labels that answer the field's name, so that they are bad where its name is."""
_MIDDLE_LABELS = _words(
    """
    neutral ok okay fair average mixed partial partially so_so partially_resolved partially_correct passive
    neither acceptable 😐 meh
    """
)


@dataclass(frozen=True)
class _Scale:
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
    _Scale("0 to 10 (NPS)", _between(0, 10), (">=", 9), ("<=", 6), names=_NPS),
    _Scale("0 or 1", lambda v: np.isin(v, (0, 1)), ("==", 1), ("==", 0), whole=True),
    _Scale("-1 or 1", lambda v: np.isin(v, (-1, 1)), ("==", 1), ("==", -1), blank=(0,)),
    _Scale("0 to 1", _between(0, 1), (">=", 0.5), ("<", 0.5), whole=True),
    _Scale("1 to 5", _between(1, 5), (">=", 4), ("<=", 2), blank=(0,)),
    _Scale("1 to 7", lambda v: (v >= 1) & (v <= 7) & (v == np.round(v)), (">=", 6), ("<=", 2)),
    _Scale("1 to 10", _between(1, 10), (">=", 8), ("<=", 3)),
    _Scale("0 to 10", _between(0, 10), (">=", 8), ("<=", 2)),
    _Scale("0 to 100", _between(0, 100), (">=", 75), ("<=", 25)),
)
_OPERATORS: dict[str, Callable[[Floats, float], NDArray[np.bool_]]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    ">": operator.gt,
    "<": operator.lt,
}


def _label_key(label: str) -> str:
    return re.sub(r"[\s_-]+", "_", re.sub("[\U0001f3fb-\U0001f3ff\ufe0f]", "", label).strip().lower())


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
    labels = frozenset(_label_key(part.strip().strip("'\"")) for part in text.split(",")) - {""}
    if not labels:
        raise ValueError(f"good: {good!r} names no label; {_FORMS}")
    return labels


@dataclass
class RatedField:
    """The ratings of one field, 20 bytes each."""

    rows: array[int] = field(default_factory=lambda: array("q"))
    values: array[float] = field(default_factory=lambda: array("d"))
    """NaN where the rating is a label."""
    labels: array[int] = field(default_factory=lambda: array("i"))
    """Index into `names`, -1 where the rating is a bare number."""
    names: dict[str, int] = field(default_factory=dict)
    n_judged: int = 0
    """Scores by judges under this name, not kept."""
    n_user: int = 0
    n_annotator: int = 0
    n_comments: int = 0
    """Labels beyond MAX_LABELS, not kept."""

    def add(self, row: int, rating: Feedback) -> None:
        """Keep one rating of the trace at `row`; a judge's is only counted."""
        if rating.source is FeedbackSource.JUDGE:
            self.n_judged += 1
            return
        code = -1
        if rating.label is not None:
            code = self.names.get(rating.label, -1)
            if code < 0 and len(self.names) < MAX_LABELS:
                code = self.names[rating.label] = len(self.names)
            if code < 0 and rating.value is None:
                self.n_comments += 1
                return
        self.n_user += rating.source is FeedbackSource.USER
        self.n_annotator += rating.source is FeedbackSource.ANNOTATOR
        self.rows.append(row)
        self.values.append(math.nan if rating.value is None else rating.value)
        self.labels.append(code)

    @property
    def n(self) -> int:
        """Ratings kept."""
        return len(self.rows)


@dataclass(frozen=True)
class Reading:
    """One way to read a field."""

    scale: str
    good: str
    satisfied: Floats
    """1, 0, or NaN where the rating says nothing or is off the scale."""
    off: tuple[str, ...] = ()
    """Examples of ratings off the scale."""
    n_off: int = 0
    doubts: tuple[str, ...] = ()


def likely_good(held: RatedField) -> str:
    """Write what could be declared good: three quarters up from 0 to the highest number seen, or a label seen."""
    values = np.frombuffer(held.values, np.float64)
    numbers = values[~np.isnan(values)]
    if not len(numbers):
        return f"[{next(iter(held.names), '...')}]"
    highest = float(numbers.max())
    return f">= {round(0.75 * highest) if highest >= 3 else highest:g}"


def examples(held: RatedField) -> str:
    """Show a few of the values and labels seen."""
    values = np.frombuffer(held.values, np.float64)
    numbers = np.unique(values[~np.isnan(values)])
    shown = [f"{number:g}" for number in (*numbers[:3], *numbers[3:][-2:])]
    return ", ".join((*shown, *list(held.names)[:5]))


def read_field(name: str, held: RatedField, rule: Rule | None) -> Reading | None:
    """Read a field by the declared rule, else by the scale that fits; None where none does."""
    values = np.frombuffer(held.values, np.float64)
    codes = np.frombuffer(held.labels, np.int32)
    if isinstance(rule, frozenset):
        return _by_labels(held, values, codes, rule)
    if rule is not None:
        return _by_rule(name, held, values, codes, rule)
    if held.names and np.isnan(values).any() and (codes >= 0).mean() >= 0.5:
        return _by_words(name, held, values, codes)
    return _by_scale(name, held, values, codes)


def _by_labels(held: RatedField, values: Floats, codes: Codes, good: frozenset[str]) -> Reading | None:
    lookup = np.array([*(_label_key(label) in good for label in held.names), False], dtype=float)
    satisfied = lookup[codes]
    bare = codes < 0
    if bare.any():  # bare numbers match labels such as "5" or "true"
        as_text = {"true" if "true" in good else "1": 1.0, "false" if "false" in good else "0": 0.0}
        accepted = [number for text, number in as_text.items() if text in good]
        for text in good:
            try:
                accepted.append(float(text))
            except ValueError:
                continue
        satisfied[bare] = np.isin(values[bare], accepted)
    if not satisfied.any() and not _known(good, held, values):
        return None
    return Reading("labels", ", ".join(sorted(good)), satisfied)


def _known(good: frozenset[str], held: RatedField, values: Floats) -> bool:
    """Say whether a declared label may be right though nobody gave it (all are unhappy)."""
    return bool(good & (_GOOD_LABELS | _BAD_LABELS | _MIDDLE_LABELS)) and (
        bool(held.names) or bool(np.isin(values, (0, 1)).all())
    )


def _by_rule(name: str, held: RatedField, values: Floats, codes: Codes, rule: tuple[str, float]) -> Reading | None:
    sign, threshold = rule
    known = ~np.isnan(values)
    if not known.any():
        return None
    satisfied = np.where(known, _OPERATORS[sign](values, threshold), np.nan)
    scale = _scale_of(name, values[known])
    seen = f"{values[known].min():g} to {values[known].max():g}"
    off = tuple(dict.fromkeys(label for label, code in held.names.items() if code in codes[~known]))
    return Reading(
        scale.words if scale else seen,
        f"{sign} {threshold:g}",
        satisfied,
        off[:3],
        int((~known).sum()),
        _one_sided(satisfied, declared=True),
    )


def _one_sided(satisfied: Floats, *, declared: bool = False) -> tuple[str, ...]:
    known = satisfied[~np.isnan(satisfied)]
    if len(known) < MIN_RATED or 0 < known.mean() < 1:
        return ()
    what = "good" if known[0] else "bad"
    hint = "is the rule right?" if declared else "perhaps only these are recorded"
    return (f"all {len(known)} ratings are {what}; {hint}",)


def _by_words(name: str, held: RatedField, values: Floats, codes: Codes) -> Reading | None:
    """Read labels: good, bad and in between; labels in no list are off the scale."""
    turned = bool(_BAD_HIGH.search(name))
    meaning: list[float] = []
    good: list[str] = []
    for label in held.names:
        key = _label_key(label)
        if key in _GOOD_LABELS or key in _BAD_LABELS:
            is_good = (key in _GOOD_LABELS) != (turned and key in _ANSWERS)
            meaning.append(float(is_good))
            good += [label] if is_good else []
        else:
            meaning.append(0.0 if key in _MIDDLE_LABELS else math.nan)
    if not any(meaning_ == meaning_ for meaning_ in meaning):
        return None
    satisfied = np.array([*meaning, math.nan])[codes]
    lost = np.isnan(satisfied)
    if lost.mean() > 0.5:  # too little of it is understood to speak for the users
        return None
    unknown = [label for label, code in held.names.items() if math.isnan(meaning[code])]
    bare = [f"{value:g}" for value in np.unique(values[codes < 0])[:3]]
    shown = ", ".join(good) or "none of the labels seen"
    return Reading("labels", shown, satisfied, tuple((unknown + bare)[:3]), int(lost.sum()))


def _by_scale(name: str, held: RatedField, values: Floats, codes: Codes) -> Reading | None:
    known = ~np.isnan(values)
    bare = known & (codes < 0)
    if not np.isin(values[bare], (-1, 0, 1)).all():
        known = bare  # a thumb among stars: its 1 is not one star
    numbers = values[known]
    scale = _scale_of(name, numbers)
    if scale is None:
        return None
    turned = bool(_BAD_HIGH.search(name))
    sign, threshold = scale.bad if turned else scale.good
    on_scale = known.copy()
    on_scale[known] = on = scale.holds(numbers)
    satisfied = np.where(on_scale, _OPERATORS[sign](values, threshold), np.nan)
    off = [f"{value:g}" for value in np.unique(numbers[~on])[:3]]
    off += [label for label, code in held.names.items() if code in codes[~known]][:3]
    if scale.words not in _TWO_VALUED and not (satisfied == 1).any():
        return None  # the scale is a guess, and 0 % satisfied would follow from the guess alone
    doubts = [] if (~on_scale).any() else list(_one_sided(satisfied))
    if turned:
        doubts.append(f"taken as bad when high, from its name: satisfied is {sign} {threshold:g}")
    elif scale.words not in _CUSTOMARY:
        doubts.append(f"satisfied is taken to be {sign} {threshold:g} on a scale of {scale.words}")
    words = scale.words
    if (codes[known] >= 0).any():
        thumbs = "up or down" if "thumb" in name.lower() else "thumbs up or down"
        words = "yes or no" if OUTCOME.search(name) else thumbs
    return Reading(
        words,
        f"{sign} {threshold:g}",
        satisfied,
        tuple(off[:3]),
        int((~on_scale).sum()),
        tuple(doubts),
    )


_CUSTOMARY = ("0 to 10 (NPS)", "0 or 1", "-1 or 1", "0 to 1", "1 to 5")
"""Scales whose good end everybody agrees on."""
_TWO_VALUED = ("0 or 1", "-1 or 1")
"""Scales that are no guess: nothing lies between good and bad, so that all may be bad."""


def _scale_of(name: str, numbers: Floats) -> _Scale | None:
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


def _plausible(name: str, scale: _Scale, numbers: Floats) -> bool:
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
