"""The labelling bill: what the next audit would measure, had the first so many ranked traces become cases.

Measured, not guessed: each point of the curve is the audit's own comparison and checks, on the set with these cases and
the same production. A gate that opens as soon as a p-value has passed ALPHA shuts again on the next sample of the same
traffic: so a number of cases is enough where thresholds are kept even with the evidence that, in 8 of 10 samples, does
not become as strong as ALPHA. Between two points the least number is found by halving, to a twentieth of itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from driftcheck.baseline import Baseline
from driftcheck.comparison import Comparison
from driftcheck.errors import NotMeasurable
from driftcheck.findings import FindingStatus, Measurement
from driftcheck.policy import Plan, judge
from driftcheck.refresh_report import Bill, BillPoint, Step
from driftcheck.sizes import ALPHA, MIN_CASES
from driftcheck.slices.partition import build_partition
from driftcheck.stats.intervals import Interval
from driftcheck.stats.noticeable import Z_POWER
from driftcheck.watching import Watcher

DIVERGENCE, COVERAGE = "topic-divergence", "slice-coverage"
PRICED = (DIVERGENCE, COVERAGE)
"""Checks whose thresholds the bill is about."""
BESIDE = ("novel-traffic",)
"""Others that further cases may mend: the bill says which of them would block even so."""
LASTING = float(ndtr(ndtri(ALPHA) + Z_POWER))
"""P-value below which another sample of the same traffic has one of ALPHA or less more often than 2 times in 10."""
_FIRST = 5
_PRECISION = 20

Floats = NDArray[np.float32]


def with_cases(comparison: Comparison, texts: Sequence[str], vectors: Floats) -> Comparison:
    """The comparison of the set with further cases, as far as checks of traffic look at it: without runs."""
    frame = comparison.eval_set.frame
    n = len(frame)
    rows = np.concatenate([np.arange(n), np.zeros(len(texts), dtype=np.int64)])
    longer = frame.iloc[rows].reset_index(drop=True)
    for name in ("text", "input"):
        longer[name] = [*frame[name], *texts]
    longer["case_id"] = [*frame["case_id"], *(f"+{number}" for number in range(len(texts)))]
    return replace(
        comparison,
        eval_set=replace(comparison.eval_set, frame=longer),
        case_vectors=np.concatenate([comparison.case_vectors, vectors]),
        runs=None,
        baseline=Baseline(),
    )


def price(
    comparison: Comparison,
    rows: Sequence[int],
    slice_of_row: Sequence[str],
    plans: Sequence[Plan],
    *,
    n_wanted: int,
    n_pending: int,
    minutes_per_case: float | None,
    watcher: Watcher,
    n_left: int = 0,
    is_limited: bool = False,
    beside: Sequence[Plan] = (),
) -> Bill:
    """The bill for a ranking.

    Args:
        comparison: the set, with open proposals as cases, against production.
        rows: of the sample, in the order in which they would become cases.
        slice_of_row: id of the slice of each.
        plans: of the checks that are priced.
        n_wanted: proposals that were asked for: a point of the curve.
        n_pending: open proposals among the cases.
        minutes_per_case: what labelling one takes.
        watcher: told how far it is.
        n_left: usable traces behind those of `rows`, where these are not all.
        is_limited: the ranking is of slices that somebody named.
        beside: plans of checks that are not priced.

    """
    watcher.stage("Pricing the labelling")
    search = _Search(comparison, rows, plans, watcher)
    unblocks, quiets = search.least()
    search.point(min(n_wanted, len(rows)))
    dead = _dead(comparison)
    retired: tuple[int | None, int | None] = (None, None)
    outlive = int((~dead).sum()) >= MIN_CASES
    if dead.any() and quiets is None and outlive:
        retired = _Search(_without(comparison, dead), rows, plans, watcher).least()
    return Bill(
        checks=tuple(plan.name for plan in plans),
        points=search.points,
        unblocks=_step(unblocks, slice_of_row),
        quiets=_step(quiets, slice_of_row),
        n_ranked=len(rows),
        n_usable=len(rows) + n_left,
        is_limited=is_limited,
        n_pending=n_pending,
        minutes_per_case=minutes_per_case,
        n_dead=int(dead.sum()),
        may_retire=bool(dead.any()) and outlive,
        unblocks_retired=retired[0],
        quiets_retired=retired[1],
        block_beside=search.blocking(beside, len(rows) if unblocks is None else unblocks),
    )


class _Search:
    def __init__(self, comparison: Comparison, rows: Sequence[int], plans: Sequence[Plan], watcher: Watcher) -> None:
        self._comparison = comparison
        self._rows = rows
        self._texts = comparison.production.sample["text"].tolist()
        self._plans = plans
        self._watcher = watcher
        self._points: dict[int, BillPoint] = {}

    @property
    def points(self) -> tuple[BillPoint, ...]:
        """What was measured, fewest cases first."""
        return tuple(self._points[n] for n in sorted(self._points))

    def least(self) -> tuple[int | None, int | None]:
        """Fewest cases from which on nothing blocks, and nothing warns."""
        sizes = [0]
        while sizes[-1] < len(self._rows) and not (sizes[-1] and _is_quiet(self.point(sizes[-1]))):
            doubled = 2 * sizes[-1] if len(sizes) > 1 else max(_FIRST, self._comparison.eval_set.n_cases // 20)
            sizes.append(min(doubled, len(self._rows)))
        return self._least(sizes, _is_open), self._least(sizes, _is_quiet)

    def _least(self, sizes: Sequence[int], reached: Callable[[BillPoint], bool]) -> int | None:
        """Fewest cases that reach it, and reach it still with a tenth more: at the edge of a p-value it may flicker."""
        short = [place for place, n in enumerate(sizes) if not reached(self.point(n))]
        if not short:
            return 0
        if short[-1] == len(sizes) - 1:
            return None
        low, high = sizes[short[-1]], sizes[short[-1] + 1]
        while high - low > max(1, high // _PRECISION):
            middle = (low + high) // 2
            low, high = (low, middle) if reached(self.point(middle)) else (middle, high)
        most = len(self._rows)
        while high < most:
            beyond = min(high + max(1, high // 10), most)
            if reached(self.point(high)) and reached(self.point(beyond)):
                return high
            high = beyond
        return high if reached(self.point(high)) else None

    def point(self, n: int) -> BillPoint:
        """The next audit with the first `n` as cases."""
        if n not in self._points:
            self._points[n] = self._measured(n)
            self._watcher.step(len(self._points), None)
        return self._points[n]

    def blocking(self, plans: Sequence[Plan], n: int) -> tuple[str, ...]:
        """Which of other checks would block with the first `n` as cases."""
        if not plans:
            return ()
        grown = self._grown(n)
        found = []
        for plan in plans:
            try:
                finding = judge(plan, plan.check.measure(grown))
            except NotMeasurable:
                continue  # by what the priced ones are blind to as well
            if finding.status is FindingStatus.FAIL:
                found.append(plan.name)
        return tuple(found)

    def _grown(self, n: int) -> Comparison:
        rows = list(self._rows[:n])
        vectors = self._comparison.trace_vectors[rows]
        return with_cases(self._comparison, [self._texts[row] for row in rows], vectors)

    def _measured(self, n: int) -> BillPoint:
        grown = self._grown(n)
        values: dict[str, Interval] = {}
        today: dict[str, FindingStatus] = {}
        lasting: dict[str, FindingStatus] = {}
        for plan in self._plans:
            try:
                measurement = plan.check.measure(grown)
            except NotMeasurable:
                today[plan.name] = lasting[plan.name] = FindingStatus.FAIL  # a gate that cannot see does not open
                continue
            plain = replace(plan, waivers=(), idle_waivers=())
            today[plan.name] = judge(plain, measurement).status
            lasting[plan.name] = _lasting(plain, measurement, grown)
            values[plan.name] = Interval(
                measurement.value,
                measurement.value if measurement.low is None else measurement.low,
                measurement.value if measurement.high is None else measurement.high,
                n,
            )
        covered = values.get(COVERAGE)
        return BillPoint(
            n=n,
            divergence=values.get(DIVERGENCE),
            under_covered=covered.value if covered else None,
            blocking=_named(today, FindingStatus.FAIL),
            warning=_named(today, FindingStatus.WARN),
            may_block=_named(lasting, FindingStatus.FAIL),
            may_warn=_named(lasting, FindingStatus.WARN),
        )


def _lasting(plan: Plan, measurement: Measurement, comparison: Comparison) -> FindingStatus:
    """What another sample of the same traffic may make of a check, more often than 2 times in 10."""
    value = measurement.value
    if plan.name == COVERAGE:
        traffic = comparison.traffic
        value = build_partition(
            traffic.space,
            traffic.test,
            comparison.case_vectors,
            comparison.trace_vectors,
            comparison.eval_set.frame["text"].tolist(),
            comparison.production.sample["text"].tolist(),
            alpha=LASTING,
        ).under_covered_share
    elif measurement.p_value is not None and measurement.p_value > LASTING:
        value = 0.0
    for status, least in ((FindingStatus.FAIL, plan.thresholds.fail), (FindingStatus.WARN, plan.thresholds.warn)):
        if least is not None and value >= least:
            return status
    return FindingStatus.PASS


def _named(statuses: Mapping[str, FindingStatus], wanted: FindingStatus) -> tuple[str, ...]:
    return tuple(name for name, status in statuses.items() if status is wanted)


def _is_open(point: BillPoint) -> bool:
    return not point.blocking and not point.may_block


def _is_quiet(point: BillPoint) -> bool:
    return _is_open(point) and not point.warning and not point.may_warn


def _step(n: int | None, slice_of_row: Sequence[str]) -> Step | None:
    return None if n is None else Step(n, dict(Counter(slice_of_row[:n]).most_common()))


def _dead(comparison: Comparison) -> NDArray[np.bool_]:
    """Which cases ask what production no longer does, (n_cases,)."""
    try:
        partition = comparison.traffic.partition
    except NotMeasurable:
        return np.zeros(comparison.eval_set.n_cases, dtype=bool)
    dead: NDArray[np.bool_] = np.array([part.dead for part in partition.slices])[partition.slice_of_case]
    return dead


def _without(comparison: Comparison, rows: NDArray[np.bool_]) -> Comparison:
    frame = comparison.eval_set.frame[~rows].reset_index(drop=True)
    return replace(
        comparison,
        eval_set=replace(comparison.eval_set, frame=frame),
        case_vectors=comparison.case_vectors[~rows],
        runs=None,
    )
