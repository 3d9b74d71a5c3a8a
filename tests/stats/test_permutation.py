"""Permutation p-values are never 0 and keep their level."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftcheck.stats.permutation import (
    column_p_values,
    counts_by_leaf,
    fisher_sums,
    hypergeometric_counts,
    max_adjusted_p_values,
    permuted_cases,
    tippett_combined_p_value,
    upper_p_value,
)


@given(st.floats(-5, 5), st.lists(st.floats(-5, 5), min_size=1, max_size=30))
def test_p_is_never_0_and_counts_ties(observed: float, null: list[float]) -> None:
    p = upper_p_value(observed, null)
    assert 1 / (len(null) + 1) <= p <= 1
    assert p >= upper_p_value(observed + 1, null)
    assert p == max_adjusted_p_values([observed], null)[0]


def test_p_is_uniform_when_nothing_differs() -> None:
    rng = np.random.default_rng(5)
    p = [upper_p_value(rng.normal(), rng.normal(size=199)) for _ in range(2000)]
    for alpha in (0.01, 0.05, 0.2):
        assert np.mean(np.array(p) <= alpha) == pytest.approx(alpha, abs=4 * (alpha / 2000) ** 0.5)


def test_permuted_counts_keep_their_totals() -> None:
    rng = np.random.default_rng(6)
    leaf = rng.integers(0, 5, 200).astype(np.int32)
    drawn = permuted_cases(200, 30, 50, rng)
    assert all(len(set(row)) == 30 for row in drawn.tolist())
    counts = counts_by_leaf(drawn, leaf, 5)
    assert np.all(counts.sum(axis=1) == 30)
    assert np.all(counts <= np.bincount(leaf))
    assert counts[7].tolist() == np.bincount(leaf[drawn[7]], minlength=5).tolist()


def test_both_ways_of_permuting_agree() -> None:
    rng = np.random.default_rng(7)
    leaf = np.repeat(np.arange(4, dtype=np.int32), [10, 20, 30, 140])
    a = counts_by_leaf(permuted_cases(200, 40, 4000, rng), leaf, 4)
    b = hypergeometric_counts(np.bincount(leaf), 40, 4000, rng)
    assert a.mean(axis=0) == pytest.approx(b.mean(axis=0), abs=0.2)
    assert a.var(axis=0) == pytest.approx(b.var(axis=0), rel=0.15)


def test_column_p_values_rank_within_columns() -> None:
    p = column_p_values(np.array([[3.0, 0.0], [2.0, 1.0], [2.0, 2.0]]))
    assert p[:, 0] == pytest.approx([1 / 3, 1, 1])
    assert p[:, 1] == pytest.approx([1, 2 / 3, 1 / 3])


def test_fisher_keeps_its_level_with_dependent_parts() -> None:
    rng = np.random.default_rng(8)
    p = []
    for _ in range(1000):
        shared = rng.normal(size=(200, 1))
        parts = shared + 0.3 * rng.normal(size=(200, 3))
        total = fisher_sums(parts)
        p.append(upper_p_value(float(total[0]), total[1:]))
    assert np.mean(np.array(p) <= 0.05) == pytest.approx(0.05, abs=0.025)


def test_fisher_adds_up_weak_evidence() -> None:
    null = np.random.default_rng(9).normal(size=(999, 6))
    alone = upper_p_value(1.4, null[:, 0])
    total = fisher_sums(np.vstack([np.full(6, 1.4), null]))
    assert upper_p_value(float(total[0]), total[1:]) < alone / 4


def test_tippett_keeps_its_level_with_dependent_parts() -> None:
    rng = np.random.default_rng(10)
    p = []
    for _ in range(1000):
        shared = rng.normal(size=(200, 1))
        p.append(tippett_combined_p_value(shared + 0.3 * rng.normal(size=(200, 3))))
    assert np.mean(np.array(p) <= 0.05) == pytest.approx(0.05, abs=0.025)


def test_tippett_hears_one_loud_part() -> None:
    null = np.random.default_rng(11).normal(size=(999, 6))
    loud = np.vstack([[4.0, 0, 0, 0, 0, 0], null])
    total = fisher_sums(loud)
    assert tippett_combined_p_value(loud) < 0.02 < upper_p_value(float(total[0]), total[1:])
