"""Rated fields: the ratings of one field, and how they are read: by the declared rule, as labels, or on a scale.

A rule of drift.yaml is followed as it stands. Where most ratings are labels, lists of words say which of them are
good; else `rating_scales` finds the scale. Whatever had to be guessed is said as a doubt.
"""

from __future__ import annotations

import math
import re
from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from driftcheck.rating_scales import (
    ANSWERS,
    BAD_HIGH,
    BAD_LABELS,
    CUSTOMARY,
    GOOD_LABELS,
    MIDDLE_LABELS,
    MIN_RATED,
    OPERATORS,
    OUTCOME,
    TWO_VALUED,
    Floats,
    Rule,
    label_key,
    scale_of,
)
from driftcheck.records import Feedback, FeedbackSource

MAX_LABELS = 200
"""Distinct labels that a field may have; more are comments."""
Codes = NDArray[np.int32]


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
    """Scores by judges under this name, not kept but for their range."""
    judged: tuple[float, float] = (math.inf, -math.inf)
    """Lowest and highest score by a judge."""
    n_user: int = 0
    n_annotator: int = 0
    n_comments: int = 0
    """Labels beyond MAX_LABELS, not kept."""

    def add(self, row: int, rating: Feedback) -> None:
        """Keep one rating of the trace at `row`; a judge's is only counted."""
        if rating.source is FeedbackSource.JUDGE:
            self.n_judged += 1
            if rating.value is not None:
                low, high = self.judged
                self.judged = min(low, rating.value), max(high, rating.value)
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

    @property
    def direction(self) -> str:
        """Which end is good, in words."""
        if self.good in ("== 0", "== -1") or self.good.startswith("<"):
            return "low is good"
        return "high is good" if self.good[:1] in (">", "=") else "by label"


def likely_good(held: RatedField) -> str:
    """Write what could be declared good: three quarters up from 0 to the highest number seen, or a label seen."""
    values = np.frombuffer(held.values, np.float64)
    numbers = values[~np.isnan(values)]
    if not len(numbers):
        return f"[{min(held.names, default='...')}]"
    highest = float(numbers.max())
    return f">= {round(0.75 * highest) if highest >= 3 else highest:g}"


def examples(held: RatedField) -> str:
    """Show a few of the values and labels seen."""
    values = np.frombuffer(held.values, np.float64)
    numbers = np.unique(values[~np.isnan(values)])
    shown = [f"{number:g}" for number in (*numbers[:3], *numbers[3:][-2:])]
    labels = _quoted(held, sorted(held.names)[:5], np.frombuffer(held.labels, np.int32))
    return ", ".join((*shown, *dict.fromkeys(labels)))


_SHORT = re.compile(r"[\w.+/-]{1,16}|\W{1,4}")
_MANY = 3


def _quoted(held: RatedField, labels: Iterable[str], codes: Codes) -> list[str]:
    """Labels as a message may show them: a comment that strayed into a field of ratings is a user's text."""
    counts = np.bincount(codes[codes >= 0], minlength=len(held.names))
    return [
        label if _SHORT.fullmatch(label) or counts[held.names[label]] >= _MANY else f"a text of {len(label)} characters"
        for label in labels
    ]


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
    lookup = np.array([*(label_key(label) in good for label in held.names), False], dtype=float)
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
    return bool(good & (GOOD_LABELS | BAD_LABELS | MIDDLE_LABELS)) and (
        bool(held.names) or bool(np.isin(values, (0, 1)).all())
    )


def _by_rule(name: str, held: RatedField, values: Floats, codes: Codes, rule: tuple[str, float]) -> Reading | None:
    sign, threshold = rule
    known = ~np.isnan(values)
    if not known.any():
        return None
    satisfied = np.where(known, OPERATORS[sign](values, threshold), np.nan)
    scale = scale_of(name, values[known])
    seen = f"{values[known].min():g} to {values[known].max():g}"
    off = _quoted(held, sorted(label for label, code in held.names.items() if code in codes[~known]), codes)
    return Reading(
        scale.words if scale else seen,
        f"{sign} {threshold:g}",
        satisfied,
        tuple(off[:3]),
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
    turned = bool(BAD_HIGH.search(name))
    meaning: list[float] = []
    good: list[str] = []
    for label in held.names:
        key = label_key(label)
        if key in GOOD_LABELS or key in BAD_LABELS:
            is_good = (key in GOOD_LABELS) != (turned and key in ANSWERS)
            meaning.append(float(is_good))
            good += [label] if is_good else []
        else:
            meaning.append(0.0 if key in MIDDLE_LABELS else math.nan)
    if not any(meaning_ == meaning_ for meaning_ in meaning):
        return None
    satisfied = np.array([*meaning, math.nan])[codes]
    lost = np.isnan(satisfied)
    if lost.mean() > 0.5:  # too little of it is understood to speak for the users
        return None
    unknown = sorted(label for label, code in held.names.items() if math.isnan(meaning[code]))
    bare = [f"{value:g}" for value in np.unique(values[codes < 0])[:3]]
    shown = ", ".join(sorted(good)) or "none of the labels seen"
    return Reading("labels", shown, satisfied, tuple((unknown + bare)[:3]), int(lost.sum()))


def _by_scale(name: str, held: RatedField, values: Floats, codes: Codes) -> Reading | None:
    known = ~np.isnan(values)
    bare = known & (codes < 0)
    if not np.isin(values[bare], (-1, 0, 1)).all():
        known = bare  # a thumb among stars: its 1 is not one star
    numbers = values[known]
    scale = scale_of(name, numbers)
    if scale is None:
        return None
    turned = bool(BAD_HIGH.search(name))
    sign, threshold = scale.bad if turned else scale.good
    on_scale = known.copy()
    on_scale[known] = on = scale.holds(numbers)
    satisfied = np.where(on_scale, OPERATORS[sign](values, threshold), np.nan)
    off = [f"{value:g}" for value in np.unique(numbers[~on])[:3]]
    off += _quoted(held, sorted(label for label, code in held.names.items() if code in codes[~known])[:3], codes)
    if scale.words not in TWO_VALUED and not (satisfied == 1).any():
        return None  # the scale is a guess, and 0 % satisfied would follow from the guess alone
    doubts = [] if (~on_scale).any() else list(_one_sided(satisfied))
    if turned:
        doubts.append(f"taken as bad when high, from its name: satisfied is {sign} {threshold:g}")
    elif scale.words not in CUSTOMARY:
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
