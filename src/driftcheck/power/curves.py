"""Power as a smooth function of the size of a drift and of the samples, fitted to single draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import log_ndtr, ndtr

from driftcheck.slices.space import TRACES_PER_CASE

Array = NDArray[np.float64]

N_POSTERIOR = 500
"""Curves drawn from the fit's normal approximation: what intervals are made of."""
LAPSE = 0.02
"""Share of audits that are significant without drift: three checks at ALPHA, and as much again for the fit's sake."""
_MAX_STEPS = 100


@dataclass(frozen=True, slots=True)
class Probit:
    """Coefficients of a probit regression with normal priors: posterior mode and covariance."""

    mode: Array
    """(k,)."""
    covariance: Array
    """(k, k), the inverse information at the mode."""


def fit_probit(
    features: Array, outcomes: NDArray[np.bool_], prior_mean: Array, prior_sd: Array, lapse: float = 0.0
) -> Probit:
    """Fit P(outcome) = lapse + (1 - lapse) Phi(features @ beta) with independent normal priors on beta.

    The priors keep the fit finite where every draw or none had the outcome; the lapse keeps one false alarm from
    flattening the whole curve. Without draws the fit is the prior.

    Parameters
    ----------
    features : array (n, k)
        One row a draw.
    outcomes : array (n,)
        What came of it.
    prior_mean, prior_sd : array (k,)
        Of the coefficients.
    lapse : float
        Share of draws with the outcome whatever the features, 0..1.

    Source: Bliss (1934), The method of probits; lapses: Wichmann and Hill (2001), The psychometric function; Fisher
    scoring from the prior mean.

    """
    sign = np.where(outcomes, 1.0, -1.0)
    precision = np.diag(1 / prior_sd**2)
    beta = prior_mean.copy()

    def log_probability(eta: Array, of: float) -> Array:
        rest = np.log1p(-lapse) + log_ndtr(of * eta)
        return np.asarray(np.logaddexp(np.log(lapse), rest) if lapse and of > 0 else rest)

    def height(at: Array) -> float:
        eta = features @ at
        fit = np.where(outcomes, log_probability(eta, 1.0), log_probability(eta, -1.0)).sum()
        return float(fit - 0.5 * (at - prior_mean) @ precision @ (at - prior_mean))

    information = precision
    for _ in range(_MAX_STEPS):
        eta = features @ beta
        log_density = np.log1p(-lapse) - 0.5 * eta**2 - 0.5 * np.log(2 * np.pi)
        with_it, without = log_probability(eta, 1.0), log_probability(eta, -1.0)
        weight = np.exp(2 * log_density - with_it - without)
        information = features.T @ (weight[:, None] * features) + precision
        residual = sign * np.exp(log_density - np.where(outcomes, with_it, without))
        step = np.linalg.solve(information, features.T @ residual - precision @ (beta - prior_mean))
        length = 1.0
        while height(beta + length * step) < height(beta) and length > 1e-6:
            length /= 2
        beta = beta + length * step
        if float(np.abs(step).max()) < 1e-9:
            break
    return Probit(beta, np.asarray(np.linalg.inv(information), dtype=np.float64))


@dataclass(frozen=True, slots=True)
class Observed:
    """One draw, as the curve sees it."""

    size: float
    """Share of traffic, or nats."""
    n_cases: int
    n_sessions: int
    significant: bool
    alarm: bool


@dataclass(frozen=True, slots=True)
class Curve:
    """P(alarm) = P(significant) P(large enough to fail | significant), each a probit in logarithms.

    Two factors, because the gate wants both: more cases make a speck significant, but never large enough to fail.
    """

    scale: float
    """The size at which the check's own threshold lies, about."""
    significant: Probit
    large: Probit

    def power(self, size: ArrayLike, n_cases: ArrayLike, n_sessions: ArrayLike) -> Array:
        """Share of audits with an alarm, 0..1; arguments broadcast."""
        return self._power(self.significant.mode, self.large.mode, size, n_cases, n_sessions)

    def power_draws(self, size: ArrayLike, n_cases: ArrayLike, n_sessions: ArrayLike, seed: int) -> Array:
        """The same for N_POSTERIOR curves that the draws allow as well: (N_POSTERIOR, ...)."""
        rng = np.random.default_rng([seed, 203])
        first, second = _rising(self.significant, rng), _rising(self.large, rng)
        return np.stack([self._power(a, b, size, n_cases, n_sessions) for a, b in zip(first, second, strict=True)])

    def _power(self, significant: Array, large: Array, size: ArrayLike, cases: ArrayLike, sessions: ArrayLike) -> Array:
        one, two = _features(size, cases, sessions, self.scale)
        result: Array = ndtr(one @ significant) * ndtr(two @ large)
        return result


def _rising(fit: Probit, rng: np.random.Generator) -> Array:
    """Coefficients that the draws allow as well, (N_POSTERIOR, k): a larger drift is never noticed less."""
    several = rng.multivariate_normal(fit.mode, fit.covariance, 20 * N_POSTERIOR, method="eigh")
    rising = several[several[:, 1] > 0][:N_POSTERIOR]
    return rising if len(rising) == N_POSTERIOR else np.repeat(fit.mode[None, :], N_POSTERIOR, axis=0)


def fit_curve(draws: Sequence[Observed], scale: float) -> Curve:
    """Fit the curve to single draws; `scale` is the size at which the check's own threshold lies."""
    size = np.array([draw.size for draw in draws])
    cases = np.array([draw.n_cases for draw in draws])
    sessions = np.array([draw.n_sessions for draw in draws])
    significant = np.array([draw.significant for draw in draws], dtype=np.bool_)
    alarm = np.array([draw.alarm for draw in draws], dtype=np.bool_)
    one, two = _features(size, cases, sessions, scale)
    return Curve(
        scale,
        fit_probit(one, significant, *_PRIOR_SIGNIFICANT, lapse=LAPSE),
        fit_probit(two[significant], alarm[significant], *_PRIOR_LARGE),
    )


# Mean and standard deviation of each coefficient in `_features`. What is noticed depends on the cases that a drift
# ought to have and has not, size x n: so size and n share one slope, and n alone departs from it with reluctance. 760
# draws of banking77 and hwu64 (100 and 300 cases, a new topic of 3 to 13 %) gave 2.4 (0.17) for that slope and -0.4
# (0.13) for n alone; 1.3 (0.25) for size and 0.5 (0.5) for n in what is large enough. Wider here: other products, other
# slopes.
_PRIOR_SIGNIFICANT = (np.array([0.0, 2.4, -0.3, 0.0]), np.array([5.0, 1.0, 0.5, 0.5]))
_PRIOR_LARGE = (np.array([-0.3, 1.4, 0.5]), np.array([0.7, 0.6, 0.4]))


def _features(size: ArrayLike, cases: ArrayLike, sessions: ArrayLike, scale: float) -> tuple[Array, Array]:
    """Features of the two probits, (..., 4) and (..., 3).

    The second sharpens with n: with very many cases the check's threshold alone decides.
    """
    effect, q, p = np.broadcast_arrays(
        np.asarray(size, dtype=np.float64), np.asarray(cases, dtype=np.float64), np.asarray(sessions, dtype=np.float64)
    )
    p = np.minimum(p, TRACES_PER_CASE * q)  # more do not enter the tests
    n = 1 / (1 / q + 1 / p)
    one = np.ones_like(effect)
    relative, root = np.log(effect / scale), np.sqrt(n / 100)
    return (
        np.stack([one, relative + np.log(n / 100), np.log(n / 100), np.log(p / q / 10)], axis=-1),
        np.stack([one, root * relative, root], axis=-1),
    )
