"""Firth's regression: the maximum is one, it is finite under separation, its tests keep their level."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from driftcheck.stats.logistic import fit_logistic, sums_of_others


def drawn(seed: int, n: int, *slopes: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n, len(slopes)))
    chance = 1 / (1 + np.exp(-(0.5 + x @ np.array(slopes))))
    return x, (rng.random(n) < chance).astype(float)


def penalised(at: NDArray[np.float64], design: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    eta = design @ at
    p = 1 / (1 + np.exp(-eta))
    _, half = np.linalg.slogdet(design.T @ (design * (p * (1 - p))[:, None]))
    return -float(np.sum(y * eta - np.logaddexp(0, eta)) + half / 2)


@pytest.mark.parametrize("seed", range(4))
def test_it_is_the_maximum_that_a_general_optimiser_finds(seed: int) -> None:
    x, y = drawn(seed, 60, 1.0, -0.5, 0.0)
    found = fit_logistic(x, y)
    general = minimize(penalised, np.zeros(4), args=(found.columns, y), tol=1e-12)
    assert found.coefficients == pytest.approx(general.x, abs=1e-4)
    assert found.log_likelihood == pytest.approx(-general.fun, abs=1e-8)
    without = minimize(
        lambda at: penalised(np.array([at[0], at[1], 0.0, at[2]]), found.columns, y), np.zeros(3), tol=1e-12
    )
    from scipy.stats import chi2

    assert found.p_value([2]) == pytest.approx(chi2.sf(2 * (without.fun - general.fun), 1), abs=1e-4)


def test_with_much_data_it_is_maximum_likelihood() -> None:
    x, y = drawn(0, 20_000, 0.8, -0.3)
    plain = LogisticRegression(C=1e12, tol=1e-10).fit((x - x.mean(axis=0)) / x.std(axis=0), y)
    assert fit_logistic(x, y).coefficients[1:] == pytest.approx(plain.coef_[0], rel=2e-3)


def test_separation_has_a_finite_answer_and_a_test() -> None:
    rng = np.random.default_rng(0)
    heading = (rng.random(100) < 0.4).astype(float)
    found = fit_logistic(np.column_stack([heading, rng.standard_normal(100)]), heading)
    assert np.abs(found.coefficients).max() < 20
    assert found.p_value([1]) < 1e-10
    assert found.p_value([2]) > 0.05
    effect = found.marginal_effect(1, 1.96)
    assert np.isfinite([effect.low, effect.high]).all()


def test_no_effect_is_found_as_often_as_the_level_says() -> None:
    rng = np.random.default_rng(77)
    p_values = []
    for _ in range(400):
        cause = rng.standard_normal(80)
        beside = 0.5 * cause + rng.standard_normal(80)
        outcome = (rng.random(80) < 1 / (1 + np.exp(-0.5 - 1.2 * cause))).astype(float)
        p_values.append(fit_logistic(np.column_stack([cause, beside]), outcome).p_value([2]))
    assert 0.03 < np.mean(np.array(p_values) <= 0.05) < 0.07
    assert 0.43 < np.mean(np.array(p_values) <= 0.5) < 0.57


def test_the_marginal_effect_covers_what_was_planted() -> None:
    x, y = drawn(0, 400_000, 0.7, 0.0)
    truth = fit_logistic(x, y).marginal_effect(1, 1.96).value
    held = 0
    for seed in range(200):
        effect = fit_logistic(*drawn(seed + 1, 300, 0.7, 0.0)).marginal_effect(1, 1.96)
        held += effect.low <= truth <= effect.high
    assert held >= 182


def test_columns_that_say_nothing_or_the_same_are_refused() -> None:
    x, y = drawn(0, 50, 1.0)
    with pytest.raises(ValueError, match="constant"):
        fit_logistic(np.column_stack([x, np.ones(50)]), y)
    with pytest.raises(ValueError, match="sum of the others"):
        fit_logistic(np.column_stack([x, 2 * x]), y)


def test_columns_that_are_sums_of_those_before_them_are_found() -> None:
    x, _ = drawn(0, 50, 1.0, 0.0)
    both = np.column_stack([x, x @ [2.0, -1.0] + 3, -x[:, 1], x[:, 0] + 0.01 * x[:, 1] ** 2])
    assert sums_of_others(both) == {2: (0, 1), 3: (1,)}
    assert fit_logistic(both[:, [0, 1, 4]], np.arange(50) % 2).coefficients.shape == (4,)
