"""Intervals after selection: ordinary where selection was certain, wider where it was luck."""

import math

import numpy as np
import pytest

from driftcheck.stats.intervals import newcombe_difference, wilson
from driftcheck.stats.permutation import upper_p_value
from driftcheck.stats.selection import (
    SelectedSlice,
    critical_value,
    difference_after_selection,
    selection_margin,
    share_after_selection,
)

REACH = 4.0


@pytest.mark.parametrize("level", [0.005, 0.025, 0.5])
def test_critical_value_is_the_smallest_that_is_significant(level: float) -> None:
    null = np.random.default_rng(0).normal(size=999)
    value = critical_value(null, level)
    assert upper_p_value(value, null) <= level < upper_p_value(np.nextafter(value, -np.inf), null)


def test_nothing_is_significant_with_too_few_permutations() -> None:
    assert critical_value(np.arange(9.0), 0.05) == math.inf
    assert critical_value(np.arange(9.0), 1.0) == -math.inf


def test_what_was_not_selected_has_the_ordinary_interval() -> None:
    part = SelectedSlice(30, 50, math.inf)
    assert difference_after_selection(part, 300, 1000, REACH) == newcombe_difference(wilson(30, 300), wilson(50, 1000))
    assert share_after_selection([part], 300, 1000, REACH) == wilson(50, 1000)
    assert share_after_selection([], 300, 1000, REACH) == wilson(0, 1000)


@pytest.mark.parametrize(("n_cases", "n_traces"), [(2, 90), (40, 3)])
def test_limits_close_in_on_the_ordinary_ones_with_the_margin(n_cases: int, n_traces: int) -> None:
    widths, inner = [], []
    for margin in (0.0, 0.005, 0.02, 0.1, 10.0):
        interval = difference_after_selection(SelectedSlice(n_cases, n_traces, margin), 300, 1000, REACH)
        assert interval.low <= interval.value <= interval.high
        widths.append(interval.high - interval.low)
        inner.append(min(abs(interval.low), abs(interval.high)))
    ordinary = newcombe_difference(wilson(n_cases, 300), wilson(n_traces, 1000))
    assert widths[-1] == pytest.approx(ordinary.high - ordinary.low)
    assert np.all(np.diff(inner) > -1e-4)


def test_the_slice_nearest_to_the_threshold_decides_the_share() -> None:
    sure, lucky = SelectedSlice(1, 100, 1.0), SelectedSlice(1, 30, 0.001)
    assert share_after_selection([sure], 300, 1000, REACH) == wilson(100, 1000)
    both = share_after_selection([sure, lucky], 300, 1000, REACH)
    assert both.low < wilson(130, 1000).low < both.value == 0.13


def test_margin_counts_the_ratio_as_well() -> None:
    by_test = selection_margin((400, 4000), (70, 1000), over=1.0, ratio=1.0)
    by_ratio = selection_margin((400, 4000), (66, 1000), over=1.0, ratio=1.5)
    assert by_test > 0.005 > by_ratio > 0
    assert selection_margin((400, 4000), (70, 1000), over=1.0, ratio=1.5) == 0.0


def test_covers_after_selection_where_the_ordinary_interval_does_not() -> None:
    rng = np.random.default_rng(4)
    n, m, p, q, critical = 1000, 300, 0.04, 0.02, 3.6
    aware, ordinary = [], []
    while len(aware) < 400:
        b, a = int(rng.binomial(n, p)), int(rng.binomial(m, q))
        error = math.sqrt((b + 0.5) / n**2 + (a + 0.5) / m**2)
        statistic = (b / n - a / m) / error
        if statistic < critical:
            continue
        margin = selection_margin((b, n), (a, m), statistic - critical, ratio=1.0)
        interval = difference_after_selection(SelectedSlice(a, b, margin), m, n, REACH)
        plain = newcombe_difference(wilson(a, m), wilson(b, n))
        aware.append(interval.low <= q - p <= interval.high)
        ordinary.append(plain.low <= q - p <= plain.high)
    assert np.mean(ordinary) < 0.85
    assert np.mean(aware) >= 0.93
