"""From ratings on any scale to satisfied or not: which field, which scale, which direction.

Nothing here is silent: `Ratings.decide` returns how the ratings were read as a `Satisfaction`
record, and every doubtful choice as a warning.

Which field, where drift.yaml names none:

1. Only ratings by users and human reviewers; judges never count, and a field that is not known to
   be feedback counts only when it is declared.
2. Fields with MIN_RATED rated traces or more come before the others.
3. Ratings of the answer (CSAT, stars, NPS, thumbs) come before outcomes (resolved, escalated,
   converted), and those before reviewers' labels.
4. Then the field with the most rated traces, then the first by name.

Which scale: the first in `_SCALES` that the field's name allows and that holds at least 98 % of its
values. Satisfied means three quarters up the scale or more, which is the customary top two boxes of
CSAT 1 to 5 (>= 4); NPS takes its promoters (>= 9), a 0 to 1 rate its better half (>= 0.5). Names
such as `escalated` or `thumbs_down` are bad when high and turn the rule round.

A trace with several ratings in the field is satisfied where most of them are; an even split says
nothing and is left out.
"""

from __future__ import annotations

import math
import operator
import re
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from driftcheck.records import Feedback, FeedbackSource, Satisfaction

MIN_RATED = 30
"""Rated traces from which a group of fields is preferred to the next."""
MAX_FIELDS = 200
"""Fields that are kept; more are keys made of data (ids, dates), not feedback."""
MAX_LABELS = 200
"""Distinct labels that a field may have; more are comments."""
_ON_SCALE = 0.98
"""Share of a field's values that a scale has to hold."""

Floats = NDArray[np.float64]
Codes = NDArray[np.int32]
Rule = tuple[str, float] | frozenset[str]
"""An operator with its threshold, or the accepted labels."""


class _Group(IntEnum):
    """Preference of a field: the lower is taken first."""

    RATING = 0
    OUTCOME = 1
    REVIEW = 2
    OTHER = 3


_OUTCOME = re.compile(
    r"resol|solved|escalat|hand_?(?:off|over)|transfer|conver(?:t|sion)|reopen|abandon|refund|deflect",
    re.IGNORECASE,
)
_REVIEW = re.compile(r"review|annotat|agree|approv|accept|label", re.IGNORECASE)
_BAD_HIGH = re.compile(
    r"escalat|hand_?-?(?:off|over)|transfer|complain|abandon|reopen|refund|churn|frustrat"
    r"|dis_?-?(?:satisf|like|agree)|unresolved|unsatisf|unsolved|unhelpful"
    r"|thumbs?_?-?\s?down|down_?-?vote|negative|hallucinat|toxic|error|wrong|reject|flag",
    re.IGNORECASE,
)
_NPS = re.compile(r"nps|promoter|recommend", re.IGNORECASE)
_STARS = re.compile(r"csat|sat[ie]sf|stars?\b|rating|zufrieden|bewertung|valora|califica", re.IGNORECASE)

_GOOD_LABELS = frozenset(
    [
        *(
            "good",
            "very_good",
            "great",
            "excellent",
            "perfect",
            "positive",
            "pos",
            "up",
            "thumbs_up",
        ),
        *("satisfied", "very_satisfied", "happy", "very_happy", "helpful", "very_helpful", "like"),
        *(
            "liked",
            "love",
            "loved",
            "correct",
            "right",
            "accept",
            "accepted",
            "approve",
            "approved",
        ),
        *("agree", "strongly_agree", "resolved", "solved", "fixed", "success", "successful", "yes"),
        *("y", "true", "pass", "passed", "promoter", "converted", "completed", "complete", "fully"),
        *("👍", "❤", "😀", "😃", "😊", "🙂", "😍", "gut", "sehr_gut", "zufrieden", "ja", "bueno"),
    ]
)
_BAD_LABELS = frozenset(
    [
        *("bad", "very_bad", "terrible", "awful", "poor", "very_poor", "negative", "neg", "down"),
        *(
            "thumbs_down",
            "dissatisfied",
            "very_dissatisfied",
            "unsatisfied",
            "unhappy",
            "unhelpful",
        ),
        *(
            "very_unhappy",
            "not_helpful",
            "dislike",
            "disliked",
            "hate",
            "hated",
            "incorrect",
            "wrong",
        ),
        *(
            "reject",
            "rejected",
            "disagree",
            "strongly_disagree",
            "unresolved",
            "not_resolved",
            "no",
        ),
        *("not_solved", "unsolved", "failure", "failed", "fail", "n", "false", "detractor", "not"),
        *("escalated", "abandoned", "incomplete", "👎", "😡", "😠", "😞", "🙁", "☹", "schlecht"),
        *("unzufrieden", "nein", "malo"),
    ]
)
_MIDDLE_LABELS = frozenset(
    [
        *("neutral", "ok", "okay", "fair", "average", "mixed", "partial", "partially", "so_so"),
        *(
            "partially_resolved",
            "partially_correct",
            "passive",
            "neither",
            "acceptable",
            "😐",
            "meh",
        ),
    ]
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
class _Field:
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
        return len(self.rows)


@dataclass(frozen=True)
class _Reading:
    """One way to read a field."""

    scale: str
    good: str
    satisfied: Floats
    """1, 0, or NaN where the rating says nothing or is off the scale."""
    off: tuple[str, ...] = ()
    """Examples of ratings off the scale."""
    n_off: int = 0
    doubts: tuple[str, ...] = ()


class Ratings:
    """Collects every rating of the production, then decides which of them are satisfaction.

    >>> from driftcheck.records import Feedback, FeedbackSource
    >>> ratings = Ratings()
    >>> for row, stars in enumerate([5, 4, 2]):
    ...     ratings.add(row, [Feedback("csat", stars, None, FeedbackSource.USER)])
    >>> satisfaction, rows, satisfied, warnings = ratings.decide(None, None)
    >>> satisfaction.scale, satisfaction.good, rows.tolist(), satisfied.tolist()
    ('1 to 5', '>= 4', [0, 1, 2], [1.0, 1.0, 0.0])
    """

    def __init__(self) -> None:
        self._fields: dict[str, _Field] = {}
        self._n_beyond = 0

    def add(self, trace_index: int, feedback: Sequence[Feedback]) -> None:
        """Add the ratings of one trace; `trace_index` is its row in the caller's frame."""
        for rating in feedback:
            held = self._fields.get(rating.name)
            if held is None:
                if len(self._fields) >= MAX_FIELDS:
                    self._n_beyond += 1
                    continue
                held = self._fields[rating.name] = _Field()
            held.add(trace_index, rating)

    @property
    def counts(self) -> dict[str, int]:
        """Ratings by people (or by nobody knows whom) per field, judges left out."""
        return {name: held.n for name, held in self._fields.items() if held.n}

    def decide(
        self, declared_field: str | None, good: str | None
    ) -> tuple[Satisfaction | None, NDArray[np.int64], Floats, tuple[str, ...]]:
        """Choose the field, its scale and its direction.

        `declared_field` and `good` are what drift.yaml says, None where it says nothing. Returns
        the record (None where nobody rated anything), the row indices of the rated traces in
        ascending order, 1 or 0 for each of them, and warnings, one sentence each. Raises ValueError
        where the declaration cannot be followed.
        """
        rule = parse_good(good) if good is not None else None
        warnings: list[str] = []
        if self._n_beyond:
            warnings.append(f"{self._n_beyond} ratings beyond the first {MAX_FIELDS} fields are not used")
        if declared_field is not None:
            chosen = self._declared(declared_field)
            others: list[str] = []
        else:
            chosen, others = self._chosen(rule)
        if chosen is None:
            return (
                None,
                np.empty(0, np.int64),
                np.empty(0),
                (*warnings, *self._nothing(declared_field)),
            )
        held = self._fields[chosen]
        reading = _read(chosen, held, rule)
        if reading is None:
            seen = f"seen are {_examples(held)}"
            if good is not None:
                raise ValueError(f"no rating in {chosen!r} can be compared with {good!r}; {seen}")
            raise ValueError(
                f"the ratings in {chosen!r} fit no known scale ({seen}); "
                "say what counts as satisfied, such as good: '>= 4' or good: '[good, great]'"
            )
        warnings += self._said(chosen, held, reading, others)
        rows, satisfied, n_split = _per_trace(held, reading.satisfied)
        if n_split:
            warnings.append(f"{n_split} traces have as many good as bad ratings in {chosen!r}: taken as unrated")
        satisfaction = Satisfaction(
            field=chosen,
            scale=reading.scale,
            good=reading.good,
            inferred=declared_field is None or rule is None,
        )
        return satisfaction, rows, satisfied, tuple(warnings)

    def _declared(self, name: str) -> str | None:
        by_lower = {known.lower(): known for known in self._fields}
        found = name if name in self._fields else by_lower.get(name.lower())
        if found is None:
            if not self.counts:
                return None
            raise ValueError(
                f"no trace has a rating named {name!r}; rated fields are "
                + ", ".join(f"{field} ({n})" for field, n in sorted(self.counts.items()))
            )
        if not self._fields[found].n and self._fields[found].n_judged:
            raise ValueError(f"{name!r} is scored by a judge, not by users, and cannot be satisfaction")
        return found if self._fields[found].n else None

    def _chosen(self, rule: Rule | None) -> tuple[str | None, list[str]]:
        ranked: list[tuple[bool, int, int, str]] = []
        for name, held in self._fields.items():
            if not held.n_user and not held.n_annotator:
                continue
            if _read(name, held, rule) is None or not _within(held, rule):
                continue
            n_rated = len(set(held.rows))
            ranked.append((n_rated < MIN_RATED, _group(name, held), -n_rated, name))
        few = [entry for entry in ranked if entry[0]]
        enough = [entry for entry in ranked if not entry[0]]
        order = sorted(enough) + sorted(few, key=lambda entry: (entry[2], entry[1], entry[3]))
        names = [entry[3] for entry in order]
        return (names[0], names[1:]) if names else (None, [])

    def _nothing(self, declared: str | None) -> list[str]:
        judged = sorted(name for name, held in self._fields.items() if held.n_judged and not held.n)
        unread = sorted(self.counts)
        if declared is not None:
            return [f"no trace has a rating named {declared!r}, or any other rating"]
        if unread:
            return [
                f"{', '.join(unread)} may be ratings, but it is not sure whose or on what scale; "
                "name the field, and what is good, under satisfaction: in drift.yaml"
            ]
        if judged:
            return [f"only judges scored the traces ({', '.join(judged)}); judges are not users"]
        return []

    def _said(self, name: str, held: _Field, reading: _Reading, others: list[str]) -> list[str]:
        said = [f"{name!r}: {doubt}" for doubt in reading.doubts]
        if others:
            listed = ", ".join(f"{other} ({self._fields[other].n})" for other in others[:5])
            said.append(
                f"satisfaction is read from {name!r} ({held.n} ratings), not from {listed}; "
                "satisfaction.field in drift.yaml chooses another"
            )
        if reading.n_off:
            said.append(
                f"{reading.n_off} of {held.n} ratings in {name!r} are off the scale "
                f"{reading.scale} (such as {', '.join(reading.off)}) and are not used"
            )
        if held.n_judged:
            said.append(f"{held.n_judged} scores of {name!r} by judges are not used")
        if held.n_comments:
            said.append(f"{held.n_comments} comments in {name!r} are not used")
        return said


def _within(held: _Field, rule: Rule | None) -> bool:
    """Say whether a declared threshold lies among the values: `>= 4` is not meant for thumbs."""
    if rule is None or isinstance(rule, frozenset):
        return True
    values = np.frombuffer(held.values, np.float64)
    return bool(np.nanmin(values) <= rule[1] <= np.nanmax(values))


def _group(name: str, held: _Field) -> _Group:
    if _OUTCOME.search(name):
        return _Group.OUTCOME
    if not held.n_user or _REVIEW.search(name):
        return _Group.REVIEW
    return _Group.RATING


def _examples(held: _Field) -> str:
    values = np.frombuffer(held.values, np.float64)
    numbers = np.unique(values[~np.isnan(values)])
    shown = [f"{number:g}" for number in (*numbers[:3], *numbers[3:][-2:])]
    return ", ".join((*shown, *list(held.names)[:5]))


def _read(name: str, held: _Field, rule: Rule | None) -> _Reading | None:
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


def _by_labels(held: _Field, values: Floats, codes: Codes, good: frozenset[str]) -> _Reading | None:
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
    return _Reading("labels", ", ".join(sorted(good)), satisfied)


def _known(good: frozenset[str], held: _Field, values: Floats) -> bool:
    """Say whether a declared label may be right though nobody gave it (all are unhappy)."""
    return bool(good & (_GOOD_LABELS | _BAD_LABELS | _MIDDLE_LABELS)) and (
        bool(held.names) or bool(np.isin(values, (0, 1)).all())
    )


def _by_rule(name: str, held: _Field, values: Floats, codes: Codes, rule: tuple[str, float]) -> _Reading | None:
    sign, threshold = rule
    known = ~np.isnan(values)
    if not known.any():
        return None
    satisfied = np.where(known, _OPERATORS[sign](values, threshold), np.nan)
    scale = _scale_of(name, values[known])
    seen = f"{values[known].min():g} to {values[known].max():g}"
    off = tuple(dict.fromkeys(label for label, code in held.names.items() if code in codes[~known]))
    return _Reading(
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


def _by_words(name: str, held: _Field, values: Floats, codes: Codes) -> _Reading | None:
    """Read labels: good, bad and in between; labels in no list are off the scale."""
    turned = bool(_BAD_HIGH.search(name))
    meaning: list[float] = []
    good: list[str] = []
    for label in held.names:
        key = _label_key(label)
        if key in _GOOD_LABELS or key in _BAD_LABELS:
            is_good = (key in _GOOD_LABELS) != turned
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
    return _Reading("labels", shown, satisfied, tuple((unknown + bare)[:3]), int(lost.sum()))


def _by_scale(name: str, held: _Field, values: Floats, codes: Codes) -> _Reading | None:
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
    doubts = list(_one_sided(satisfied))
    if turned:
        doubts.append(f"taken as bad when high, from its name: satisfied is {sign} {threshold:g}")
    elif scale.words not in _CUSTOMARY:
        doubts.append(f"satisfied is taken to be {sign} {threshold:g} on a scale of {scale.words}")
    words = scale.words
    if (codes[known] >= 0).any():
        words = "yes or no" if _OUTCOME.search(name) else "thumbs (up or down)"
    elif scale.words in ("0 or 1", "-1 or 1") and "thumb" in name.lower():
        words = f"thumbs ({scale.words})"
    return _Reading(
        words,
        f"{sign} {threshold:g}",
        satisfied,
        tuple(off[:3]),
        int((~on_scale).sum()),
        tuple(doubts),
    )


_CUSTOMARY = ("0 to 10 (NPS)", "0 or 1", "-1 or 1", "0 to 1", "1 to 5")
"""Scales whose good end everybody agrees on."""


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
    return True


def _per_trace(held: _Field, satisfied: Floats) -> tuple[NDArray[np.int64], Floats, int]:
    """Join several ratings of a trace: the majority; an even split is no rating."""
    known = ~np.isnan(satisfied)
    rows, inverse = np.unique(np.frombuffer(held.rows, np.int64)[known], return_inverse=True)
    counts = np.bincount(inverse, minlength=len(rows))
    share = np.bincount(inverse, weights=satisfied[known], minlength=len(rows)) / np.maximum(counts, 1)
    decided = share != 0.5
    return rows[decided], (share[decided] > 0.5).astype(np.float64), int((~decided).sum())
