"""The score rises, and so does what it should have noticed.

What is measured
    Over this audit and those before it in the ledger whose windows do not overlap, at least 6: how far the pass rate
    rose (slope of Theil and Sen times the span), and how far the gap to satisfaction rose; the value is the smaller of
    the two, in share points. Where divergence rises more clearly than the gap, or nobody rates, it stands in for the
    gap and the value is the rise of the score. 0 where one of them does not rise. The p-value is the larger of the
    two of Mann-Kendall (score, and gap or divergence, the better of them times 2). Warns only with p <= 0.005 as well.

Why it matters
    An eval set that is mended case by case gets easier to pass while traffic moves on. Each score alone looks like
    progress; only beside satisfaction and divergence does it show that it is not.

How to fix it
    Look at the rows: `driftcheck trend` says since when. Add cases from the traffic that came since then, and read the
    cases that lifted the score: were they mended, or was the product? Where the ledger is young,
    `driftcheck trend --backfill --record` adds past weeks to it.

Source
    Mann (1945), Nonparametric tests against trend; Sen (1968), Estimates of the regression coefficient based on
    Kendall's tau; both must rise: Berger (1982), Multiparameter hypothesis testing and acceptance sampling.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from driftcheck.errors import NotMeasurable, measurable
from driftcheck.findings import Evidence, Measurement, Thresholds
from driftcheck.numbers import count, date, points
from driftcheck.sizes import ALPHA, POWER
from driftcheck.stats.rises import MIN_POINTS, Rise, noticeable_rise, rise, rise_error

if TYPE_CHECKING:  # checks are listed and explained without loading what they measure with
    from driftcheck.comparison import Comparison
    from driftcheck.past import PastAudit

CODE = "DC304"
TITLE = "The score rises while it says less of users"
UNIT = "points"
DEFAULT = Thresholds(warn=0.03, fail=None)

_ROWS = 3
_IDS = 5


@dataclass(frozen=True)
class _Point:
    """One audit; shares 0..1, divergence in nats."""

    name: str
    time: float
    score: float
    gap: float | None
    divergence: float | None


@dataclass(frozen=True)
class _Pair:
    """The score beside what gets worse, over the points that have both."""

    what: str
    points: tuple[_Point, ...]
    score: Rise
    other: Rise
    n_tests: int

    @property
    def p_value(self) -> float:
        """Of both rising by chance alone."""
        return max(self.score.p_value, min(1.0, self.n_tests * self.other.p_value))

    @property
    def value(self) -> float:
        """The smaller rise in points; 0 where one of the two does not rise."""
        if min(self.score.size, self.other.size) <= 0:
            return 0.0
        return min(self.score.size, self.other.size) if self.what == "gap" else self.score.size


def measure(comparison: Comparison) -> Measurement:
    """The smaller rise of score and gap over the audits."""
    points_of_time = _points(comparison)
    pairs = _pairs(points_of_time)
    if not pairs:
        raise NotMeasurable(
            f"too few audits of windows that do not overlap, {len(points_of_time)}: {MIN_POINTS} are needed, each with "
            "a score, and with ratings or a divergence (driftcheck trend --backfill --record adds past weeks)"
        )
    best = min(pairs, key=lambda pair: pair.p_value)
    times = [point.time for point in best.points]
    alpha = ALPHA / best.n_tests
    noticeable = noticeable_rise(best.score.scatter, len(times), ALPHA, POWER)
    if best.what == "gap":
        noticeable = max(noticeable, noticeable_rise(best.other.scatter, len(times), alpha, POWER))
    value = best.value
    scatter = max(best.score.scatter, best.other.scatter) if best.what == "gap" else best.score.scatter
    return Measurement(
        value=value,
        p_value=best.p_value,
        n={"audits": len(best.points)},
        summary=_summary(best),
        evidence=(*_rows(best), *_lifted(comparison, best)) if value > 0 else (),
        fix="See `driftcheck trend` for since when; add cases from the traffic that came since." if value > 0 else "",
        spread=rise_error(scatter, times),
        noticeable=noticeable,
    )


def noticed(value: float) -> str:
    """What would have been noticed 8 times in 10, from this value on."""
    return f"score and gap rising by about {points(value)}"


def _summary(pair: _Pair) -> str:
    since = pair.points[0].name
    if pair.value <= 0:
        return f"Score and {pair.what} did not rise together over {count(len(pair.points), 'audit')} since {since}."
    beside = f"the gap to satisfaction by {points(pair.other.size)}" if pair.what == "gap" else "divergence with it"
    return (
        f"Over {count(len(pair.points), 'audit')} since {since} the score rose by {points(pair.score.size)}, {beside}."
    )


def _points(comparison: Comparison) -> tuple[_Point, ...]:
    """Audits with a score, oldest first: the one made now, and back from it those that end before the next begins."""
    production = comparison.production
    pass_rate = measurable(lambda: comparison.pass_rate)
    gap = measurable(lambda: comparison.gap)
    traffic = measurable(lambda: comparison.traffic)
    if pass_rate is None:
        return ()
    until = production.until
    now = _Point(
        name="this audit",
        time=0.0 if until is None else until,
        score=pass_rate.value,
        gap=gap.value if gap else None,
        divergence=traffic.test.divergence.excess if traffic else None,
    )
    found, begins = [now], production.since
    for audit in reversed(comparison.baseline.audits):
        if audit.scores.pass_rate is None or audit.time is None or until is None:
            continue
        if audit.time >= found[-1].time or (begins is not None and audit.time > begins):
            continue
        found.append(_past_point(audit))
        begins = audit.since
    return tuple(reversed(found))


def _past_point(audit: PastAudit) -> _Point:
    scores = audit.scores
    return _Point(
        name=date(audit.time),
        time=audit.time or 0.0,
        score=scores.pass_rate.value if scores.pass_rate else 0.0,
        gap=scores.gap.value if scores.gap else None,
        divergence=scores.divergence.excess if scores.divergence else None,
    )


def _pairs(found: Sequence[_Point]) -> list[_Pair]:
    measures: dict[str, Callable[[_Point], float | None]] = {
        "gap": lambda point: point.gap,
        "divergence": lambda point: point.divergence,
    }
    told = {what: tuple(point for point in found if measures[what](point) is not None) for what in measures}
    told = {what: rows for what, rows in told.items() if len(rows) >= MIN_POINTS}
    pairs = []
    for what, rows in told.items():
        times = [point.time for point in rows]
        others = [value for point in rows if (value := measures[what](point)) is not None]
        pairs.append(_Pair(what, rows, rise(times, [point.score for point in rows]), rise(times, others), len(told)))
    return pairs


def _rows(pair: _Pair) -> tuple[Evidence, ...]:
    """The first and the last audits."""
    first, last = pair.points[:_ROWS], pair.points[-_ROWS:]
    return tuple(
        Evidence(label=point.name, numbers={"pass": point.score, "gap": point.gap, "excess nats": point.divergence})
        for point in (*first, *last)
    )


def _lifted(comparison: Comparison, pair: _Pair) -> tuple[Evidence, ...]:
    """The cases that pass now and did not in the last run before the first of these audits."""
    history = measurable(lambda: comparison.history)
    if history is None:
        return ()
    first = pair.points[0].time
    before = [number for number, run in enumerate(history.runs) if run.time is not None and run.time <= first]
    moves = history.moves(before[-1] if before else 0, len(history.runs) - 1)
    if not len(moves.newly_passing):
        return ()
    return (
        Evidence(
            label="cases that lifted the score",
            numbers={"newly passing": len(moves.newly_passing), "newly failing": len(moves.newly_failing)},
            case_ids=history.ids(moves.newly_passing[:_IDS]),
        ),
    )
