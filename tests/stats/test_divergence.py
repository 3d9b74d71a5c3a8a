"""Divergences of histograms, P production and Q the eval set."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import entropy

from driftcheck.stats.divergence import kl_divergence, shares, total_variation

COUNTS = st.lists(st.integers(0, 1000), min_size=4, max_size=4)


@given(COUNTS, COUNTS)
def test_smoothed_kl_is_finite_and_not_negative(p: list[int], q: list[int]) -> None:
    kl = float(kl_divergence(p, q))
    assert np.isfinite(kl)
    assert kl >= 0


@given(COUNTS)
def test_kl_of_itself_is_zero(p: list[int]) -> None:
    assert kl_divergence(p, p) == pytest.approx(0, abs=1e-12)


def test_kl_is_of_production_against_the_eval_set() -> None:
    p, q = np.array([70.0, 20, 10]), np.array([10.0, 20, 70])
    assert kl_divergence(p, q, pseudo_count=0) == pytest.approx(entropy(p / 100, q / 100))
    assert np.isinf(kl_divergence([1, 1], [2, 0], pseudo_count=0))
    assert np.isfinite(kl_divergence([2, 0], [1, 1], pseudo_count=0))


def test_leading_axes_broadcast() -> None:
    q = np.random.default_rng(0).integers(1, 9, (7, 5))
    together = kl_divergence(np.arange(5), q)
    assert together == pytest.approx([float(kl_divergence(np.arange(5), row)) for row in q])


@given(COUNTS, COUNTS)
def test_total_variation_lies_between_0_and_1(p: list[int], q: list[int]) -> None:
    value = float(total_variation(np.add(p, 1), np.add(q, 1)))
    assert 0 <= value <= 1


def test_shares_refuse_an_empty_histogram() -> None:
    with pytest.raises(ValueError, match="positive sum"):
        shares([0, 0])
