"""What cases tell apart."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import kendalltau

from driftcheck.stats.discrimination import effective_cases, kendall_tau, smaller_set

scores = arrays(np.float64, 9, elements=st.integers(0, 4).map(float))


@given(scores, scores)
def test_tau_is_kendalls_tau_b(a: np.ndarray, b: np.ndarray) -> None:
    expected = kendalltau(a, b).statistic
    assert np.isclose(kendall_tau(a, b), 0.0 if np.isnan(expected) else expected)


def test_saturated_cases_are_worth_nothing_and_even_ones_a_case_each() -> None:
    assert effective_cases(np.array([0.0, 1.0] * 50)) == 0
    assert effective_cases(np.full(40, 0.5)) == 40


def test_the_smaller_set_ranks_the_runs_and_leaves_out_what_tells_nothing() -> None:
    rng = np.random.default_rng(0)
    skill = np.linspace(-2, 2, 12)
    telling = (rng.logistic(size=(60, 12)) * 0.2 + skill > rng.normal(size=(60, 1))).astype(float)
    outcomes = np.vstack([np.ones((200, 12)), telling, np.zeros((20, 12))])
    found = smaller_set(outcomes, 0.9)
    assert found is not None
    assert set(found.rows) <= set(range(200, 260))
    assert len(found.rows) < 40
    assert found.tau >= 0.9
    assert np.isclose(found.tau, kendalltau(outcomes[found.rows].sum(0), outcomes.sum(0)).statistic)


def test_without_movement_there_is_no_smaller_set() -> None:
    assert smaller_set(np.ones((30, 6)), 0.9) is None
