"""Curves rise with size and samples, and say how sure they are."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtr

from driftcheck.power.curves import Observed, fit_curve, fit_probit
from driftcheck.power.wishes import needed_for_topic, smallest_noticed

LIMITS = (0.002, 0.6)


def planted(n_draws: int, seed: int = 0) -> list[Observed]:
    """Draws of a gate that notices a share of traffic with Phi(3 log(share n / 12)), and fails from 2 % on."""
    rng = np.random.default_rng(seed)
    draws = []
    for _ in range(n_draws):
        share, n_cases = float(rng.choice([0.01, 0.02, 0.05, 0.1, 0.2])), int(rng.choice([50, 100, 200, 400]))
        significant = bool(rng.random() < ndtr(3 * np.log(share * n_cases / 12)))
        draws.append(Observed(share, n_cases, 20 * n_cases, significant, significant and share >= 0.02))
    return draws


def test_a_probit_finds_the_coefficients_it_was_drawn_from() -> None:
    rng = np.random.default_rng(1)
    features = np.column_stack([np.ones(4000), rng.standard_normal(4000)])
    outcomes = rng.random(4000) < ndtr(features @ [0.5, -1.5])
    fit = fit_probit(features, outcomes, np.zeros(2), np.full(2, 10.0))
    assert np.abs(fit.mode - [0.5, -1.5]).max() < 4 * np.sqrt(np.diag(fit.covariance)).max() < 0.3


@pytest.mark.parametrize("outcome", [True, False])
def test_priors_keep_it_finite_where_all_draws_are_alike(outcome: bool) -> None:
    draws = [Observed(0.05, n, 20 * n, outcome, outcome) for n in (50, 100)]
    power = fit_curve(draws, 0.03).power([0.001, 0.05, 0.9], 100, 2000)
    assert np.isfinite(power).all()
    assert (power[1] > 0.5) is np.bool_(outcome)


def test_without_draws_the_curve_is_the_prior() -> None:
    assert 0 <= float(fit_curve([], 0.03).power(0.05, 100, 2000)) <= 1


def test_power_rises_with_share_cases_and_sessions() -> None:
    curve = fit_curve(planted(300), 0.03)
    shares = np.geomspace(0.005, 0.5, 30)
    assert (np.diff(curve.power(shares, 100, 2000)) >= 0).all()
    assert curve.power(0.08, 50, 1000) < curve.power(0.08, 100, 2000) < curve.power(0.08, 400, 8000)
    assert curve.power(0.08, 100, 300) < curve.power(0.08, 100, 2000)
    # more sessions than the tests use add nothing
    assert float(curve.power(0.08, 100, 2000)) == float(curve.power(0.08, 100, 50_000))


def test_the_smallest_share_is_the_planted_one() -> None:
    curve = fit_curve(planted(600), 0.03)
    truth = 12 * np.exp(0.8416 / 3) / 200  # Phi(0.8416) = 0.8
    found = smallest_noticed(curve, 200, 4000, LIMITS, seed=0)
    assert found.size is not None
    assert found.low is not None
    assert found.high is not None
    assert found.low < truth < found.high
    assert found.size == pytest.approx(truth, rel=0.2)


def test_fewer_draws_are_less_sure() -> None:
    few, many = (smallest_noticed(fit_curve(planted(n), 0.03), 200, 4000, LIMITS, seed=0) for n in (60, 600))
    assert few.low is not None
    assert many.low is not None
    assert many.high is not None
    assert few.high is None or few.high / few.low > many.high / many.low


def test_what_a_wish_takes_is_enough_and_not_more() -> None:
    curve = fit_curve(planted(600), 0.03)
    wish = needed_for_topic(curve, 0.05, 100_000, (50, 400), seed=0)
    assert wish.n_cases is not None
    assert wish.n_sessions is not None
    assert curve.power(0.05, wish.n_cases, wish.n_sessions) >= 0.8
    assert curve.power(0.05, 0.95 * wish.n_cases, 20 * wish.n_cases) < 0.8
    assert not wish.more_sessions
    assert not wish.extrapolated
    assert wish.low is not None
    assert wish.low <= wish.n_cases


def test_where_sessions_are_short_more_are_wished_for() -> None:
    curve = fit_curve(planted(600), 0.03)
    wish = needed_for_topic(curve, 0.05, 100, (50, 400), seed=0)
    assert wish.more_sessions
    assert wish.n_sessions is not None
    assert wish.n_sessions > 100


def test_no_number_of_cases_helps_below_the_threshold() -> None:
    # everything is significant, but nothing below 2 % is large enough to fail
    draws = [
        Observed(share, n, 20 * n, significant=True, alarm=share > 0.02)
        for share in (0.005, 0.01, 0.02, 0.03, 0.05)
        for n in (100, 300, 1000, 3000)
        for _ in range(10)
    ]
    wish = needed_for_topic(fit_curve(draws, 0.03), 0.005, 100_000, (100, 3000), seed=0)
    assert wish.n_cases is None
