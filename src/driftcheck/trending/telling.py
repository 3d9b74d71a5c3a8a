"""What goes with what over the rows of a trend: correlations, rises, and since when traffic differs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from driftcheck.checks.topic_divergence import DEFAULT
from driftcheck.numbers import count
from driftcheck.sizes import ALPHA
from driftcheck.stats.intervals import holm
from driftcheck.stats.rises import MIN_POINTS, Rise, bend, rank_correlation, rise
from driftcheck.trend import JointRise, Lagged, Onset, Reading, TrendPoint

MAX_LAG = 4
LEVEL = 0.05
"""Level at which a rise counts."""
LEAST_RATINGS = 10
"""Ratings from which on a row's satisfaction is set against its score: with fewer it is mostly luck."""
LEAST_RISE = 0.01
"""Rises of score and gap under a point are not worth a sentence."""
_ENDS = 3
"""Rows at either end of a rise whose mean is told: one alone is noisy."""
THE_EVAL_SET = "the eval set"


def correlate(points: Sequence[TrendPoint], seed: int) -> tuple[Lagged, ...]:
    """Rank correlation of score and satisfaction in the same row, and of the score with satisfaction 1-4 rows later.

    A score that is carried over from an earlier row is none.
    """
    score = [point.own_score for point in points]
    users = [_satisfaction(point) for point in points]
    found = []
    for lag in range(MAX_LAG + 1):
        pairs = [(a, b) for a, b in zip(score, users[lag:], strict=False) if a is not None and b is not None]
        correlation = rank_correlation([a for a, _ in pairs], [b for _, b in pairs], seed)
        if correlation is not None:
            found.append((lag, correlation))
    adjusted = holm([one.p_value for _, one in found]) if found else ()
    return tuple(Lagged(lag, one, float(p)) for (lag, one), p in zip(found, adjusted, strict=True))


def why_no_correlation(points: Sequence[TrendPoint]) -> str:
    """The reason why score and satisfaction cannot be correlated."""
    both = [point for point in points if point.own_score is not None and _satisfaction(point) is not None]
    if len(both) >= MIN_POINTS:
        return "the score or satisfaction never changes"
    return (
        f"{count(len(both), 'row has', 'rows have')} a run of its own and {LEAST_RATINGS} ratings or more: "
        f"{MIN_POINTS} are needed"
    )


def rise_together(points: Sequence[TrendPoint]) -> JointRise | None:
    """The score's rise beside that of the gap or of divergence; None where they do not rise together."""
    pairs = [pair for pair in (_pair(points, _gap), _pair(points, _divergence)) if pair is not None]
    if not pairs:
        return None
    # the better of two is looked for: twice its p; both the score and the other must rise: the larger of theirs
    best = min(pairs, key=lambda pair: max(pair.score.p_value, pair.other.p_value))
    p_value = max(best.score.p_value, min(1.0, len(pairs) * best.other.p_value))
    least = [best.score.size, best.other.size if best.measure is _gap else LEAST_RISE]
    if p_value > LEVEL or min(least) < LEAST_RISE:
        return None
    start = bend(_times(best.rows), _values(best.rows, best.measure))
    if _reading(best.rows, start, _score, best.score).last <= _reading(best.rows, start, _score, best.score).first:
        start = 0  # the score had risen before: told over the whole of it
    since = best.rows[start]
    told = {
        pair.measure: _reading(pair.rows, _place(pair.rows, since), pair.measure, pair.other)
        for pair in pairs
        if pair.other.p_value <= LEVEL
    }
    return JointRise(
        since=since.name,
        until=best.rows[-1].name,
        score=_reading(best.rows, start, _score, best.score),
        gap=told.get(_gap),
        divergence=told.get(_divergence),
        p_value=p_value,
    )


def onset_of_audits(points: Sequence[TrendPoint]) -> Onset | None:
    """Since which audit traffic differs from the eval set, by each audit's own p; None where none was measured.

    Told from the last one back: while every later audit is significant, the next is looked at, at the same level.
    """
    measured = [(index, point.scores.divergence) for index, point in enumerate(points) if point.scores.divergence]
    if not measured:
        return None
    name = None
    if differs(points[measured[-1][0]]):
        for index, divergence in reversed(measured):
            if divergence is None or divergence.p_value > ALPHA:
                break
            name = points[index].name
    p_values: list[float | None] = [None] * len(points)
    for index, divergence in measured:
        p_values[index] = divergence.p_value if divergence else None
    return Onset(name, THE_EVAL_SET, ALPHA, tuple(p_values))


def above_since(points: Sequence[TrendPoint]) -> str | None:
    """The row since which the score lies above satisfaction by more than chance, told from the last one back."""
    name = None
    for point in reversed(points):
        gap = point.scores.gap
        if gap is not None and gap.low <= 0:
            break
        name = point.name if gap is not None else name
    return name


def differs(point: TrendPoint, level: float = ALPHA) -> bool:
    """Whether divergence is significant, and large enough for the audit to warn of it."""
    divergence = point.scores.divergence
    return divergence is not None and is_worth_a_word(divergence.p_value, divergence.excess, level)


def is_worth_a_word(p_value: float, excess: float, level: float = ALPHA) -> bool:
    """The audit's own rule for divergence: p at ALPHA, and at least what it warns of."""
    return p_value <= level and excess >= (DEFAULT.warn or 0.0)


def _satisfaction(point: TrendPoint) -> float | None:
    users = point.scores.satisfaction
    return users.value if users is not None and point.n_rated >= LEAST_RATINGS else None


def _gap(point: TrendPoint) -> float | None:
    users = _satisfaction(point)
    return None if point.own_score is None or users is None else point.own_score - users


def _divergence(point: TrendPoint) -> float | None:
    return point.scores.divergence.excess if point.scores.divergence else None


def _score(point: TrendPoint) -> float | None:
    return point.own_score


_Measure = Callable[[TrendPoint], float | None]


@dataclass(frozen=True)
class _Pair:
    """The score beside something that gets worse, over the rows that have both."""

    rows: tuple[TrendPoint, ...]
    measure: _Measure
    score: Rise
    other: Rise


def _pair(points: Sequence[TrendPoint], measure: _Measure) -> _Pair | None:
    rows = tuple(point for point in points if point.own_score is not None and measure(point) is not None)
    if len(rows) < MIN_POINTS:
        return None
    times = _times(rows)
    return _Pair(rows, measure, rise(times, _values(rows, _score)), rise(times, _values(rows, measure)))


def _times(rows: Sequence[TrendPoint]) -> list[float]:
    """Times of rows; their positions where two share one, or none has any."""
    times = [row.time for row in rows]
    return times if len(set(times)) == len(times) else [float(position) for position in range(len(times))]


def _values(rows: Sequence[TrendPoint], measure: _Measure) -> list[float]:
    return [value for row in rows if (value := measure(row)) is not None]


def _place(rows: Sequence[TrendPoint], since: TrendPoint) -> int:
    """First row at or after another one; at the latest the last but one."""
    return next((index for index, row in enumerate(rows[:-2]) if row.time >= since.time), max(0, len(rows) - 2))


def _reading(rows: Sequence[TrendPoint], start: int, measure: _Measure, whole: Rise) -> Reading:
    values = _values(rows, measure)
    n = min(_ENDS, max(1, (len(values) - start) // 2))
    return Reading(
        first=float(np.mean(values[start : start + n])),
        last=float(np.mean(values[-n:])),
        rise=whole.size,
        p_value=whole.p_value,
    )
