"""Slices pass on the eval set and disappoint users.

What is measured
    Share of sampled sessions in slices where pass rate minus satisfaction is above 10 points by more than chance:
    one-sided test on Newcombe's interval of the slice's gap, Holm-adjusted over slices (0.05). Slices without cases are
    counted by slice-coverage instead. Share of traffic, 0..1; 0 = no slice is blind.

Why it matters
    Here the bench looks and does not see: the expected answer, the rubric or the judge is wrong, or out of date.

How to fix it
    Compare badly rated traces of the slice with the expected answers of its cases; correct the answers that a change of
    policy or product has overtaken, then the rubric.

Source
    Newcombe (1998), as in csat-gap; Holm (1979), A simple sequentially rejective multiple test procedure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from driftcheck.checks.slice_rows import slice_evidence
from driftcheck.errors import NotMeasurable
from driftcheck.findings import Measurement, Thresholds
from driftcheck.numbers import count, percent, points
from driftcheck.stats.intervals import Interval, holm, newcombe_difference, wilson
from driftcheck.stats.noticeable import share_error, slice_share_with_gap

if TYPE_CHECKING:  # checks are listed and explained without loading what they measure with
    from driftcheck.comparison import Comparison

CODE = "DC302"
TITLE = "Slices that pass on the eval set and disappoint users"
UNIT = "share of traffic"
DEFAULT = Thresholds(warn=0.01, fail=0.03)
MARGIN = 0.10
"""Gap of a slice that is still put up with: raters select themselves."""
MIN_SLICE_CASES = 3
MIN_SLICE_RATINGS = 5
FAMILY_ALPHA = 0.05
"""Level of the family of slices where every gap is just the margin; where users and score agree it is far below."""
CLEAR_GAP = 0.50
"""Gap of the slice that a passing check says it would have noticed."""


def measure(comparison: Comparison) -> Measurement:
    """Share of traffic in blind slices."""
    _ = comparison.gap  # says what is missing
    slices = comparison.traffic.partition.slices
    tested: list[tuple[int, Interval, Interval]] = []
    for index in range(len(slices)):
        passed, satisfied = comparison.pass_by_slice[index], comparison.satisfaction_by_slice[index]
        if passed and satisfied and passed.n >= MIN_SLICE_CASES and satisfied.n >= MIN_SLICE_RATINGS:
            tested.append((index, passed, satisfied))
    if not tested:
        raise NotMeasurable(
            f"no slice holds {MIN_SLICE_CASES} cases with an outcome and {MIN_SLICE_RATINGS} rated sessions"
        )
    adjusted = holm([gap_p_value(passed, satisfied, MARGIN) for _, passed, satisfied in tested])
    blind = {
        index: (passed, p) for (index, passed, _), p in zip(tested, adjusted.tolist(), strict=True) if p <= FAMILY_ALPHA
    }
    n = len(comparison.production.sample)
    share = wilson(sum(slices[index].n_traces for index in blind), n)
    return Measurement(
        value=share.value,
        low=share.low if blind else 0.0,
        high=share.high,
        n={"slices": len(tested), "sessions": n, "ratings": round(sum(satisfied.n for _, _, satisfied in tested))},
        summary=(
            f"{percent(share.value)} of traffic is in {count(len(blind), 'slice')} of which the cases pass "
            "while users are not satisfied."
            if blind
            else f"In none of {count(len(tested), 'slice')} do users rate clearly below the pass rate."
        ),
        evidence=slice_evidence(
            comparison,
            list(blind),
            contributions={index: slices[index].share_production for index in blind},
            extra={index: {"pass": passed.value, "p": p} for index, (passed, p) in blind.items()},
        ),
        fix=(
            "Compare the traces with the expected answers of the cases listed; correct what a change has overtaken."
            if blind
            else ""
        ),
        spread=share_error(DEFAULT.warn or 0.0, n),
        noticeable=_noticeable(comparison, len(tested)),
    )


def noticed(value: float) -> str:
    """What would have been noticed 8 times in 10, from this value on."""
    return f"a gap of {points(CLEAR_GAP)} in about {percent(value)} of traffic"


def _noticeable(comparison: Comparison, n_tested: int) -> float | None:
    """Share of traffic of a slice in which a clear gap survives the correction for all slices."""
    passes = comparison.pass_of_case[~np.isnan(comparison.pass_of_case)]
    rated = comparison.production.sample["satisfied"].dropna().to_numpy(dtype=np.float64)
    return slice_share_with_gap(
        CLEAR_GAP,
        wilson(float(passes.sum()), len(passes)),
        wilson(float(rated.sum()), len(rated)),
        margin=MARGIN,
        level=1 - 2 * FAMILY_ALPHA / n_tested,
        least=max(MIN_SLICE_CASES / len(passes), MIN_SLICE_RATINGS / len(rated)),
    )


def gap_p_value(passed: Interval, satisfied: Interval, margin: float) -> float:
    """One-sided p of a gap no larger than the margin: the level at which Newcombe's interval just reaches it.

    >>> gap_p_value(wilson(20, 20), wilson(3, 30), 0.10) < 0.001 < gap_p_value(wilson(18, 20), wilson(26, 30), 0.10)
    True
    """
    low, high = 1e-9, 1 - 1e-9
    if passed.value - satisfied.value <= margin:
        return 1.0
    for _ in range(50):
        level = (low + high) / 2
        bound = newcombe_difference(
            wilson(passed.value * passed.n, passed.n, level), wilson(satisfied.value * satisfied.n, satisfied.n, level)
        ).low
        if bound > margin:
            low = level
        else:
            high = level
    return (1 - low) / 2
