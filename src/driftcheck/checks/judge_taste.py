"""A judge likes answers for their dress, not for what people see in them.

What is measured
    Points by which the judge's share of good changes with one standard deviation more of an answer's length (log
    words), bullets, headings or hedges (log of 1 + count), at equal label by people and equal other three: average
    marginal effect of a logistic regression. The value is the largest such effect, either way, that holds over all
    features and judges (Holm); 0 where none does. p is that of the four together (likelihood ratio, times the number of
    judges): warns only with p <= 0.005 as well. A judge needs 100 answers, of one session or case each, and 10 verdicts
    of either kind. Hedges are known in English, German, French and Spanish. Features that always go together, as in
    answers of one template, count as one and are named together.

Why it matters
    A judge that likes long answers and bullets is won over by dressing: every prompt that adds them raises the score
    and helps nobody. Tuning against such a judge is tuning its taste.

How to fix it
    Say in the judge's prompt what length and layout are worth, or that they are worth nothing; show it two dresses of
    one answer; report the score at equal length. Read a few before you blame it: people's label may be the one with
    the taste, and where it is noisy what is left of quality looks like taste. Of 300 answers that people mislabel in 15
    %, a judge without taste was blamed in 2.5 % of draws where good answers are half a standard deviation longer, and
    in 31 % where they are a whole one; with right labels in at most 0.7 %.

Source
    Dubois, Galambosi, Liang and Hashimoto (2024), Length-controlled AlpacaEval; Zheng et al. (2023), Judging
    LLM-as-a-judge with MT-Bench and Chatbot Arena, for verbosity; Firth (1993) and Heinze and Schemper (2002), for
    estimates and tests where a feature settles the verdict; Holm (1979).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtri, chndtrinc, ndtri

from driftcheck.checks.judge_rows import JudgedBy, judged_by
from driftcheck.errors import NotMeasurable
from driftcheck.findings import Evidence, Measurement, Thresholds
from driftcheck.numbers import count, interval, points, points_number
from driftcheck.sizes import ALPHA, POWER
from driftcheck.stats.intervals import Interval, holm
from driftcheck.stats.logistic import Logistic, fit_logistic, sums_of_others
from driftcheck.stats.noticeable import Z_95, Z_POWER, standard_error

if TYPE_CHECKING:  # checks are listed and explained without loading what they measure with
    from driftcheck.comparison import Comparison

CODE = "DC306"
TITLE = "A judge with a taste for how answers are dressed"
UNIT = "points"
DEFAULT = Thresholds(warn=0.05, fail=None)
MIN_PAIRS = 100
MIN_EACH = 10
"""Verdicts of either kind; and answers that have any of a feature."""
_FEATURES = {"n_words": "length", "n_bullets": "bullets", "n_headings": "headings", "n_hedges": "hedges"}


@dataclass(frozen=True)
class _Fitted:
    """The regression of one judge."""

    by: JudgedBy
    model: Logistic
    columns: Mapping[str, int]
    """Feature -> its column; those that always go together are one."""
    fields: Mapping[str, str]
    """Feature -> its column of the frame."""
    p_joint: float


@dataclass(frozen=True)
class _Effect:
    """What one feature does to a judge."""

    fitted: _Fitted
    feature: str
    interval: Interval
    p_adjusted: float
    """By Holm, over all features of all judges."""


def measure(comparison: Comparison) -> Measurement:
    """The largest significant effect of a feature on a judge."""
    fits, refused = [], []
    for by in judged_by(comparison, MIN_PAIRS):
        if by.judge.is_alike:
            try:
                fits.append(_fit(by))
            except NotMeasurable as problem:
                refused.append(problem)
    if not fits:
        raise refused[0]
    effects = _effects(fits)
    significant = [one for one in effects if one.p_adjusted <= ALPHA and one.fitted.p_joint * len(fits) <= ALPHA]
    lead = max(significant or effects, key=lambda effect: abs(effect.interval.value))
    sign = math.copysign(1.0, lead.interval.value)
    ends = sorted((sign * lead.interval.low, sign * lead.interval.high))
    widest = max(effects, key=lambda effect: _error(effect))
    return Measurement(
        value=abs(lead.interval.value) if significant else 0.0,
        low=max(0.0, ends[0]) if significant else 0.0,
        high=ends[1] if significant else max(max(-one.interval.low, one.interval.high) for one in effects),
        p_value=min(1.0, lead.fitted.p_joint * len(fits)),
        n={f"{lead.fitted.by.what}s": len(lead.fitted.by.frame), "judges": len(fits)},
        summary=_summary(lead, is_found=bool(significant)),
        evidence=tuple(row for one in fits for row in _rows(one, effects)),
        fix="Say in the judge's prompt what length and layout are worth, and judge the same answers again."
        if significant
        else "",
        spread=_error(widest),
        noticeable=_error(widest) * _reach(len(effects), len(widest.fitted.columns), len(fits)),
    )


def noticed(value: float) -> str:
    """What would have been noticed 8 times in 10, from this value on."""
    return f"a taste worth about {points(value)} of verdicts"


def _fit(by: JudgedBy) -> _Fitted:
    """Regress the verdict on the features and people's label.

    Raises:
        NotMeasurable: too few answers, or verdicts, or nothing to tell them apart by.

    """
    name = by.name
    frame = by.frame[by.frame["n_words"].notna()]
    if len(frame) < MIN_PAIRS:
        raise NotMeasurable(
            f"{count(len(frame), by.what)} scored by {name} and rated carry the answer: at least {MIN_PAIRS} are needed"
        )
    good = frame["verdict"].to_numpy(dtype=np.float64)
    n_good = int(good.sum())
    if min(n_good, len(good) - n_good) < MIN_EACH:
        raise NotMeasurable(
            f"{name} calls {count(n_good)} good and {count(len(good) - n_good)} bad of what people rated: at least "
            f"{MIN_EACH} of each are needed"
        )
    people = frame["people"].to_numpy(dtype=np.float64)
    columns, fields = [], []
    for field in _FEATURES:
        values = frame[field].to_numpy(dtype=np.float64)
        logs = np.log(values) if field == "n_words" else np.log1p(values)
        if _n_rarest(logs) >= MIN_EACH:
            columns.append(logs)
            fields.append(field)
    if not columns:
        raise NotMeasurable(f"fewer than {MIN_EACH} of the answers that {name} scored differ in length or layout")
    # in answers of one template a second feature says nothing that the first did not
    sums = sums_of_others(np.column_stack(columns))
    kept = [number for number in range(len(columns)) if number not in sums]
    names = [_together(fields[number], [fields[one] for one, of in sums.items() if number in of]) for number in kept]
    columns = [columns[number] for number in kept]
    if 0 < people.mean() < 1:
        columns.append(people)
    try:
        model = fit_logistic(np.column_stack(columns), good)
    except ValueError as problem:
        raise NotMeasurable(
            f"length, layout and people's labels of {count(len(good), 'answer')} scored by {name} cannot be told "
            f"apart: {problem}"
        ) from None
    numbers = {feature: number for number, feature in enumerate(names, start=1)}
    field_of = {name: fields[number] for name, number in zip(names, kept, strict=True)}
    return _Fitted(replace(by, frame=frame), model, numbers, field_of, model.p_value(list(numbers.values())))


def _together(field: str, others: list[str]) -> str:
    names = [_FEATURES[one] for one in (field, *others)]
    return names[0] if not others else f"{', '.join(names[:-1])} and {names[-1]} (always together)"


def _n_rarest(values: NDArray[np.float64]) -> int:
    """Answers that differ from the most frequent value."""
    _, counts = np.unique(values, return_counts=True)
    return len(values) - int(counts.max())


def _effects(fits: list[_Fitted]) -> list[_Effect]:
    cells = [(one, feature, column) for one in fits for feature, column in one.columns.items()]
    adjusted = holm([one.model.p_value([column]) for one, _, column in cells]).tolist()
    return [
        _Effect(one, feature, one.model.marginal_effect(column, Z_95), p)
        for (one, feature, column), p in zip(cells, adjusted, strict=True)
    ]


def _error(effect: _Effect) -> float:
    return standard_error(effect.interval.low, effect.interval.high)


def _reach(n_effects: int, n_features: int, n_judges: int) -> float:
    """Standard errors from which on both tests find one effect 8 times in 10."""
    single = float(ndtri(1 - ALPHA / (2 * n_effects))) + Z_POWER
    joint = float(chndtrinc(chdtri(n_features, ALPHA / n_judges), n_features, 1 - POWER))
    return max(single, math.sqrt(joint))


def _summary(lead: _Effect, *, is_found: bool) -> str:
    judge, people = lead.fitted.by.name, lead.fitted.by.people_field
    said = interval(lead.interval.low, lead.interval.high, points_number)
    if not is_found:
        return (
            f"No feature of how answers are dressed moves a judge beyond chance at equal {people}; most is "
            f"{lead.feature} with {judge}: {points(lead.interval.value)} per standard deviation ({said})."
        )
    likes = "likes" if lead.interval.value > 0 else "dislikes"
    return (
        f"{judge} {likes} {lead.feature}: one standard deviation more moves its share of good by "
        f"{points(lead.interval.value)} ({said}) at equal {people}."
    )


def _rows(one: _Fitted, effects: list[_Effect]) -> tuple[Evidence, ...]:
    """A row for each feature; with an effect, answers with most of it on which the judge's taste outvotes people."""
    frame = one.by.frame
    rows = []
    for effect in effects:
        if effect.fitted is not one:
            continue
        favoured = 1.0 if effect.interval.value > 0 else 0.0
        against = frame[(frame["verdict"] == favoured) & (frame["people"] == 1 - favoured)]
        ordered = against.sort_values([one.fields[effect.feature], "trace_id"], ascending=[False, True], kind="stable")
        rows.append(
            one.by.row(
                f"{one.by.name}: {effect.feature}",
                {
                    "people": one.by.people,
                    "answers": len(frame),
                    "change per sd": effect.interval.value,
                    "change CI": interval(effect.interval.low, effect.interval.high, points_number),
                    "p (Holm)": effect.p_adjusted,
                },
                ordered["trace_id"] if effect.p_adjusted <= ALPHA else (),
            )
        )
    return tuple(rows)
