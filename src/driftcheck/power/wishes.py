"""Read off a curve: the smallest drift that is noticed, and the data that it takes to notice a wished one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from driftcheck.power.curves import Array, Curve
from driftcheck.power_report import NOTICED, CurvePoint, TopicWish
from driftcheck.sizes import MIN_CASES, MIN_SESSIONS
from driftcheck.slices.space import TRACES_PER_CASE

N_GRID = 240
MOST_CASES = 20_000
"""Larger eval sets are no answer."""


@dataclass(frozen=True, slots=True)
class Smallest:
    """Smallest size that is noticed, and its 95 % interval; None where the sizes asked for end before."""

    size: float | None
    low: float | None
    high: float | None


def smallest_noticed(
    curve: Curve, n_cases: int, n_sessions: int, limits: tuple[float, float], seed: int, level: float = NOTICED
) -> Smallest:
    """Smallest size within `limits` from which on the alarm is raised in `level` of audits."""
    grid = np.geomspace(*limits, N_GRID)
    value = _first(grid, curve.power(grid, n_cases, n_sessions) >= level)
    several = _firsts(grid, curve.power_draws(grid, n_cases, n_sessions, seed) >= level)
    low, high = np.quantile(several, [0.025, 0.975], method="closest_observation")
    return Smallest(_finite(value), _finite(float(low)), _finite(float(high)))


def curve_points(curve: Curve, n_cases: int, n_sessions: int, sizes: Array, seed: int) -> tuple[CurvePoint, ...]:
    """The curve at some sizes, with 95 % intervals."""
    power = curve.power(sizes, n_cases, n_sessions)
    low, high = np.quantile(curve.power_draws(sizes, n_cases, n_sessions, seed), [0.025, 0.975], axis=0)
    return tuple(CurvePoint(*map(float, row)) for row in zip(sizes, power, low, high, strict=True))


def needed_for_topic(
    curve: Curve, share: float, n_sessions: int, simulated: tuple[int, int], seed: int, level: float = NOTICED
) -> TopicWish:
    """Cases and sessions with which a new topic of `share` is noticed.

    With the sessions there are, if any number of cases will then do; else with as many as the tests would use.

    Args:
        curve: of new topics.
        share: share of traffic of the topic.
        n_sessions: sessions there are.
        simulated: smallest and largest number of cases with draws.
        seed: of the interval.
        level: share of audits.

    """
    cases = np.unique(np.geomspace(MIN_CASES, MOST_CASES, 400).astype(np.int64)).astype(np.float64)
    for most in (float(n_sessions), np.inf):
        sessions = np.minimum(most, TRACES_PER_CASE * cases)
        needed = _first(cases, curve.power(share, cases, sessions) >= level)
        if np.isfinite(needed):
            several = _firsts(cases, curve.power_draws(share, cases, sessions, seed) >= level)
            low, high = np.quantile(several, [0.025, 0.975], method="closest_observation")
            return TopicWish(
                share=share,
                n_cases=int(needed),
                low=int(low) if np.isfinite(low) else None,
                high=int(high) if np.isfinite(high) else None,
                n_sessions=_sessions_for(curve, share, needed, min(most, TRACES_PER_CASE * needed), level),
                more_sessions=not np.isfinite(most),
                extrapolated=not simulated[0] <= needed <= simulated[1],
            )
    return TopicWish(share, None, None, None, None, more_sessions=False, extrapolated=False)


def _sessions_for(curve: Curve, share: float, n_cases: float, most: float, level: float) -> int:
    """Fewest sessions, up to `most`, with which that number of cases will do."""
    sessions = np.unique(np.geomspace(MIN_SESSIONS, max(most, MIN_SESSIONS), 200).round())
    found = _first(sessions, curve.power(share, n_cases, sessions) >= level)
    return int(found) if np.isfinite(found) else int(most)


def _first(grid: Array, noticed: NDArray[np.bool_]) -> float:
    """First value of the grid from which on all are noticed; infinite where the last is not."""
    return float(_firsts(grid, noticed[None, :])[0])


def _firsts(grid: Array, noticed: NDArray[np.bool_]) -> Array:
    """`_first` of each row, (m, n_grid) -> (m,)."""
    tail = np.logical_and.accumulate(noticed[:, ::-1], axis=1).sum(axis=1)
    result: Array = np.append(grid, np.inf)[len(grid) - tail]
    return result


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None
