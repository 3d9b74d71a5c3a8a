"""How large a gap between score and users must be to be noticed: exact, from the binomials of both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import bdtr, gammaln, xlog1py, xlogy  # scipy.stats takes a second to import

from driftcheck.findings import FindingStatus, Measurement
from driftcheck.policy import Plan, judge
from driftcheck.power.curves import Array
from driftcheck.power_report import NOTICED, GapCell, GapNeed, GapPower
from driftcheck.sizes import MIN_CASES, MIN_RATINGS
from driftcheck.stats.intervals import newcombe_difference, wilson

GAPS = (0.05, 0.10, 0.15, 0.20, 0.25, 0.30)
RATINGS = (30, 100, 300, 1_000, 3_000)
MOST_RATINGS = 100_000
"""More ratings are no answer."""
MOST_CASES = 20_000
_NEGLIGIBLE = 1e-7
"""Numbers of passes less likely than this are left out of the sum."""


@dataclass(frozen=True)
class Counts:
    """What is known of score and users."""

    pass_rate: float
    """0..1."""
    n_cases: int
    """Cases with an outcome."""
    n_ratings: int
    design_effect: float
    """Ratings that say as much as one independent one: ratings of one session are alike."""


@dataclass(frozen=True)
class GapTest:
    """The rule of csat-gap, as drift.yaml sets it, for one number of cases and ratings."""

    plan: Plan
    pass_rate: float
    """The true one."""
    n_cases: int
    n_ratings: int
    design_effect: float

    @property
    def _n_effective(self) -> int:
        return max(1, round(self.n_ratings / self.design_effect))

    @cached_property
    def _limits(self) -> tuple[Array, Array]:
        """Probability of each likely number of passes, and the most satisfied ratings at which it is an alarm."""
        passes = np.arange(self.n_cases + 1)
        log_likely = (
            gammaln(self.n_cases + 1)
            - gammaln(passes + 1)
            - gammaln(self.n_cases - passes + 1)
            + xlogy(passes, self.pass_rate)
            + xlog1py(self.n_cases - passes, -self.pass_rate)
        )
        likely = np.exp(log_likely)
        kept = likely >= _NEGLIGIBLE
        most: list[int] = []
        for n_passes in passes[kept].tolist():
            # more passes raise the alarm at more satisfied ratings too
            most.append(self._most_satisfied(n_passes, most[-1] if most else -1))
        return likely[kept], np.array(most, dtype=np.float64)

    def _most_satisfied(self, n_passes: int, least: int) -> int:
        """Largest number of satisfied ratings with an alarm, `least` or more; -1 where there is none."""
        low, step = least, 1
        while low + step <= self._n_effective and self._alarm(n_passes, low + step):
            low, step = low + step, 2 * step
        high = min(low + step - 1, self._n_effective)
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if self._alarm(n_passes, middle) else (low, middle - 1)
        return low

    def _alarm(self, n_passes: int, n_satisfied: int) -> bool:
        gap = newcombe_difference(wilson(n_passes, self.n_cases), wilson(n_satisfied, self._n_effective))
        measured = Measurement(value=max(0.0, gap.value), summary="", low=gap.low, high=gap.high)
        return judge(self.plan, measured).status is FindingStatus.FAIL

    def power(self, gap: float) -> float:
        """Share of audits with an alarm when users are satisfied `gap` less often than the eval set passes."""
        if self.n_ratings < MIN_RATINGS or gap > self.pass_rate:
            return 0.0
        likely, most = self._limits
        satisfied = self.pass_rate - gap
        below = np.where(most < 0, 0.0, bdtr(np.maximum(most, 0), self._n_effective, satisfied))
        return min(1.0, float(likely @ below))


def measure_gap_power(plan: Plan, counts: Counts) -> GapPower:
    """Power of csat-gap with the user's own counts.

    Raises
    ------
    ValueError
        If the plan has no threshold from which it fails.

    """
    if plan.thresholds.fail is None:
        raise ValueError("the check never fails")

    tests = _Tests(plan, counts)
    sizes = sorted({*RATINGS, counts.n_ratings})
    gaps = [gap for gap in GAPS if gap <= counts.pass_rate]

    def now(gap: float) -> float:
        return tests.power(gap, counts.n_cases, counts.n_ratings)

    noticed = (step / 1000 for step in range(1, int(counts.pass_rate * 1000) + 1))
    return GapPower(
        fail=plan.thresholds.fail,
        pass_rate=counts.pass_rate,
        n_cases=counts.n_cases,
        n_ratings=counts.n_ratings,
        design_effect=counts.design_effect,
        smallest=next((gap for gap in noticed if now(gap) >= NOTICED), None),
        cells=tuple(GapCell(gap, n, tests.power(gap, counts.n_cases, n)) for n in sizes for gap in (0.0, *gaps)),
        needs=tuple(GapNeed(gap, now(gap), *_needed(tests, counts, gap)) for gap in gaps),
    )


class _Tests:
    """Tests of one product by their numbers of cases and ratings: what is worked out for one gap serves all."""

    def __init__(self, plan: Plan, counts: Counts) -> None:
        self._plan = plan
        self._counts = counts
        self._made: dict[tuple[int, int], GapTest] = {}

    def power(self, gap: float, n_cases: int, n_ratings: int) -> float:
        key = n_cases, n_ratings
        if key not in self._made:
            self._made[key] = GapTest(self._plan, self._counts.pass_rate, *key, self._counts.design_effect)
        return self._made[key].power(gap)


def _needed(tests: _Tests, counts: Counts, gap: float) -> tuple[int | None, int | None]:
    """Ratings needed with the cases there are, and cases needed with the ratings there are."""
    return (
        _fewest(lambda n: tests.power(gap, counts.n_cases, n), MIN_RATINGS, MOST_RATINGS),
        _fewest(lambda n: tests.power(gap, n, counts.n_ratings), MIN_CASES, MOST_CASES),
    )


def _fewest(power: Callable[[int], float], low: int, high: int) -> int | None:
    """Smallest number with enough power, to 2 %; None where even `high` has too little."""
    if power(low) >= NOTICED:
        return low
    known = low
    while power(known) < NOTICED:
        if known == high:
            return None
        low, known = known, min(2 * known, high)
    high = known
    while high - low > max(1, low // 50):
        middle = (low + high) // 2
        low, high = (low, middle) if power(middle) >= NOTICED else (middle, high)
    return high
