"""Intervals of what was singled out because it stood out: a slice is flagged only where its counts say so.

Flagged slices are winners: the luck that helped them over the threshold is in their counts, and an ordinary interval
does not know it (it held the true share of dead cases in 4 of 10 draws where it said 95 %). Here the limits are
conditional on having been selected, as of a normal estimate that would not have been seen below a threshold. The upper
limit is not let fall below the estimate, which the conditional one does near the threshold; what that gives away is
spent on the lower one. No limit goes beyond the reach of the family-wise test, which holds for all slices at once.

Far above the threshold the limits are the ordinary ones.

Source: Zhong and Prentice (2008), Biostatistics 9, 621; Lee, Sun, Sun and Taylor (2016), Ann. Stat. 44, 907 (several
constraints, and targets that are only correlated with what was selected by); Andrews, Kitagawa and McCloskey (2024),
Inference on winners, Q. J. Econ. 139, 305 (hybrid with the simultaneous interval).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr, ndtri

from driftcheck.stats.intervals import Interval, newcombe_difference, score_limit, wilson

_CERTAIN = 30.0
"""Standard errors above the threshold from which on selection is no condition."""


@dataclass(frozen=True, slots=True)
class SelectedSlice:
    """Counts of a slice, and how far it is from not having been selected."""

    n_cases: int
    """Cases in it."""
    n_traces: int
    """Traces in it."""
    margin: float
    """By how much the difference of shares, 0..1, could be smaller and the slice still be selected; infinite where it
    was not selected by its counts."""


def critical_value(null_maxima: NDArray[np.float64], level: float) -> float:
    """Smallest statistic whose p-value against `null_maxima` (n_permutations,) is at most `level`.

    Infinite where there are too few permutations for any.

    >>> critical_value(np.arange(1.0, 100.0), 0.05)
    95.00000000000001
    """
    allowed = math.floor(level * (len(null_maxima) + 1) + 1e-9) - 1
    if allowed < 0:
        return math.inf
    if allowed >= len(null_maxima):
        return -math.inf
    return float(np.nextafter(np.sort(null_maxima)[len(null_maxima) - 1 - allowed], np.inf))


def selection_margin(more: tuple[int, int], less: tuple[int, int], over: float, ratio: float) -> float:
    """`SelectedSlice.margin` of a slice of which one side has significantly more.

    Parameters
    ----------
    more, less : (int, int)
        Its count and the size of the side that has more of it, and of the other, as tested.
    over : float
        Root of the log-likelihood ratio above its critical value.
    ratio : float
        Share of `more` over share of `less` that it had to reach as well.

    >>> round(selection_margin((100, 1000), (3, 300), over=0.5, ratio=1.5), 4)
    0.0057

    """
    (n_more, size_more), (n_less, size_less) = more, less
    of_more, of_less = _variance(n_more, size_more), _variance(n_less, size_less)
    by_test = over * math.sqrt(of_more + of_less)
    beyond = n_more / size_more - ratio * n_less / size_less
    by_ratio = beyond * (of_more + of_less) / (of_more + ratio * of_less)
    return max(0.0, min(by_test, by_ratio))


def difference_after_selection(
    part: SelectedSlice, n_cases: int, n_traces: int, reach: float, level: float = 0.95
) -> Interval:
    """Eval share minus production share of a slice: Newcombe's interval, conditional where the slice was selected.

    `n_cases` and `n_traces` are the sizes of the two sides, `reach` the critical value of the family-wise test.

    >>> sure = SelectedSlice(n_cases=3, n_traces=100, margin=math.inf)
    >>> lucky = SelectedSlice(n_cases=3, n_traces=100, margin=0.002)
    >>> ordinary = difference_after_selection(sure, 300, 1000, reach=4.0)
    >>> aware = difference_after_selection(lucky, 300, 1000, reach=4.0)
    >>> ordinary.value == aware.value and ordinary.high < aware.high < 0
    True
    """
    a, b = wilson(part.n_cases, n_cases, level), wilson(part.n_traces, n_traces, level)
    plain = newcombe_difference(a, b)
    if math.isinf(part.margin):
        return plain
    error = math.sqrt(_variance(part.n_cases, n_cases) + _variance(part.n_traces, n_traces))
    inward, outward = _conditional_reach(part.margin / error, reach, level)
    ordinary = float(ndtri(0.5 + level / 2))
    if plain.value < 0:
        low = plain.value - outward / ordinary * (plain.value - plain.low)
        high = plain.value + inward / ordinary * (plain.high - plain.value)
    else:
        low = plain.value - inward / ordinary * (plain.value - plain.low)
        high = plain.value + outward / ordinary * (plain.high - plain.value)
    return Interval(plain.value, max(-1.0, low), min(1.0, high), plain.n)


def share_after_selection(
    parts: Sequence[SelectedSlice],
    n_cases: int,
    n_traces: int,
    reach: float,
    *,
    of_cases: bool = False,
    level: float = 0.95,
) -> Interval:
    """Share of the traces (or `of_cases`) in the slices together: Wilson's interval, conditional on their selection.

    The slice nearest to not being selected decides, so far as the share moves with its counts.
    """
    counts = [part.n_cases if of_cases else part.n_traces for part in parts]
    size = n_cases if of_cases else n_traces
    plain = wilson(sum(counts), size, level)
    error = math.sqrt(_variance(sum(counts), size))
    distance = _CERTAIN
    for part, count in zip(parts, counts, strict=True):
        # covariance of the share of all of them with this slice's, and so with its difference
        together = (count + 0.5) / (size + 1) * (1 - plain.value) / size
        if math.isfinite(part.margin) and together > 0:
            distance = min(distance, part.margin * error / together)
    if distance >= _CERTAIN:
        return plain
    inward, outward = _conditional_reach(distance, reach, level)
    return Interval(
        plain.value, score_limit(sum(counts), size, inward), score_limit(sum(counts), size, -outward), plain.n
    )


def _variance(count: int, size: int) -> float:
    """Of a share; half a count keeps an empty slice from being certain."""
    share = (count + 0.5) / (size + 1)
    return share * (1 - share) / size


def _conditional_reach(distance: float, reach: float, level: float) -> tuple[float, float]:
    """Standard errors from the estimate to its limits: towards what was not selected, and away from it.

    The estimate is normal, `distance` standard errors above what would not have been seen, and at most `reach` above
    its mean.
    """
    ordinary = float(ndtri(0.5 + level / 2))
    if distance >= _CERTAIN or reach <= ordinary:
        return ordinary, ordinary
    above = np.linspace(-9.0, reach, 1801)  # how far the estimate may lie above its mean
    out_of_reach = math.exp(log_ndtr(-reach))
    seen = np.exp(log_ndtr(-(above - distance))) - out_of_reach
    # probability of an estimate as large or larger, once selected: falls from 1 to 0
    larger = np.minimum.accumulate((np.exp(log_ndtr(-above)) - out_of_reach).clip(min=0) / np.maximum(seen, 1e-300))
    missed = 1 - level
    outward = max(0.0, -float(np.interp(missed / 2 - 1, -larger, above)))
    spent = 1 - float(np.interp(-outward, above, larger))
    inward = float(np.interp(spent - missed, -larger, above))
    return inward, outward
