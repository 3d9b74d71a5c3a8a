"""Interval of the excess KL(P||Q) over one partition, P production and Q the eval set.

What it covers is the excess without sampling noise: KL of the *expected* counts, smoothed as the reported one is, minus
the same where both sides have the pooled mix. It is 0 without drift, and finite where Q has nothing of a slice that P
has (there KL itself is infinite, and any interval of it would be a matter of taste).

Resampling the observed counts is no help near 0: they differ by chance, and a bootstrap takes that for drift, so its
interval covered 0 in all draws and was nearly twice as wide. So the limits are found by inverting a test. A
family of pairs leads from the pooled mix through the observed pair (an exponential family, as in Efron's least
favourable one): the limits are the excess of the members at which the observed KL lies in the tails. KL at a member is
taken to follow a gamma distribution, as it nearly does without drift (a multiple of chi square), with its mean and
variance exact for Poisson counts and corrected for their fixed sum.

Source: test inversion: Carpenter (1999), Stat. Med. 18, 1177; least favourable family: Efron (1987), JASA 82, 171;
gamma with two moments: Satterthwaite (1946), Biometrics Bulletin 2, 110; fixed sums: Holst (1972), Biometrika 59, 137.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammainc, gammaincc, gammaln, ndtri

from driftcheck.stats.divergence import PSEUDO_COUNT, kl_divergence

Floats = NDArray[np.float64]

_STRENGTHS = np.array([0.0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.2, 1.5, 2.0, 3.0])
"""Members of the family: 0 is the pooled mix on both sides, 1 the observed pair."""
_SUMMED_TO = 25.0
"""Up to this mean, Poisson moments are sums over all counts; above, over points of the smooth density."""


@dataclass(frozen=True, slots=True)
class ExcessInterval:
    """Limits of the excess KL(P||Q), nats."""

    low: float
    """Lower limit; below 0 only where the excess itself is."""
    high: float
    """Upper limit."""


def excess_interval(p_counts: ArrayLike, q_counts: ArrayLike, null_mean: float, level: float = 0.95) -> ExcessInterval:
    """Interval of KL(P||Q) - `null_mean`.

    Parameters
    ----------
    p_counts, q_counts : array (k,)
        Production and eval counts of each slice of the reported cut.
    null_mean : float
        Mean under permuted labels of what `kl_divergence` gives, nats. What it holds above the mean of this one cut
        is taken for the luck of choosing the best of several cuts, and fades as drift, not luck, decides which is best.
    level : float
        Confidence level.

    Raises
    ------
    ValueError
        If the counts differ in shape, a side has none, or `level` is not inside (0, 1).

    >>> i = excess_interval([510, 490], [60, 40], null_mean=0.006)
    >>> i.low <= 0 < i.high < 0.1
    True

    """
    p, q = np.asarray(p_counts, dtype=np.float64), np.asarray(q_counts, dtype=np.float64)
    if p.ndim != 1 or p.shape != q.shape or not 0 < level < 1:
        raise ValueError(f"need two rows of counts of one length and 0 < level < 1: {p.shape}, {q.shape}, {level}")
    observed = float(kl_divergence(p, q))
    excess = observed - null_mean
    if len(p) < 2:
        return ExcessInterval(min(0.0, excess), max(0.0, excess))
    n, m = float(p.sum()), float(q.sum())
    family_p, family_q = _family(p, q)
    pooled = (n * family_p + m * family_q) / (n + m)
    true = kl_divergence(n * family_p, m * family_q) - kl_divergence(n * pooled, m * pooled)
    mean, variance = _kl_moments(family_p, family_q, n, m)
    true = (true - true[0]).clip(min=0)  # the first is 0 but for rounding errors, which would print as "<0.001"
    luck = max(0.0, null_mean - mean[0]) * np.exp(-true / np.sqrt(variance[0]))
    z = _normal_score(observed - luck, mean, variance)
    # the further from the pooled mix, the larger the excess and the lower the score of what was observed
    true, z = np.maximum.accumulate(true), np.minimum.accumulate(z)
    reach = float(ndtri(0.5 + level / 2))
    low, high = np.interp([-reach, reach], -z, true)
    return ExcessInterval(min(float(low), excess), max(float(high), excess))


def _family(p: Floats, q: Floats) -> tuple[Floats, Floats]:
    """Shares of both sides at every strength, (n_strengths, k) each."""
    pooled = np.log(p + q + 2 * PSEUDO_COUNT)
    shares = []
    for counts in (p, q):
        tilt = np.log(counts + PSEUDO_COUNT) - pooled
        tilt -= np.log(np.sum(counts + PSEUDO_COUNT))
        weight = np.exp(pooled + _STRENGTHS[:, None] * tilt)
        shares.append(weight / weight.sum(axis=1, keepdims=True))
    return shares[0], shares[1]


def _normal_score(x: Floats, mean: Floats, variance: Floats) -> Floats:
    """Where `x` lies in a gamma distribution of that mean and variance, in standard normal units."""
    shape, scale = mean**2 / variance, variance / mean
    at = np.maximum(x, 1e-12) / scale
    above, below = gammaincc(shape, at), gammainc(shape, at)
    smaller = np.clip(np.minimum(above, below), 1e-300, 0.5)
    result: Floats = np.where(above < below, -1.0, 1.0) * ndtri(smaller)
    return result


def _kl_moments(p: Floats, q: Floats, n: float, m: float) -> tuple[Floats, Floats]:
    """Mean and variance of `kl_divergence` of multinomial counts of `n` and `m`, shares (..., k), (...,) each.

    With X and Y the counts of a slice, V = X + 1/2, U = V log V and L = log(Y + 1/2), KL is the sum over slices of
    U - V L, over the smoothed total, plus a constant. Poisson moments; the fixed sums take from the variance what X and
    Y explain of KL linearly, and one k-th of the variance without drift.
    """
    k = p.shape[-1]
    smoothed_n, smoothed_m = n + k * PSEUDO_COUNT, m + k * PSEUDO_COUNT
    x, y = _poisson_moments(n * p), _poisson_moments(m * q)
    v, w = n * p + PSEUDO_COUNT, m * q + PSEUDO_COUNT
    mean_u = v * np.log(v) + (x.mean_vlog - v * np.log(v)) * (1 - p)
    mean_l = np.log(w) + (y.mean_log - np.log(w)) * (1 - q)
    mean = (mean_u - v * mean_l).sum(axis=-1) / smoothed_n + np.log(smoothed_m / smoothed_n)
    with_x = x.vlog_with_count - n * p * y.mean_log
    with_y = -v * y.log_with_count
    poisson = (
        x.variance_vlog
        - 2 * x.vlog_with_count * y.mean_log
        + n * p * (y.variance_log + y.mean_log**2)
        + v**2 * y.variance_log
    )
    variance = poisson.sum(axis=-1) - with_x.sum(axis=-1) ** 2 / n - with_y.sum(axis=-1) ** 2 / m
    variance = variance / smoothed_n**2
    variance = variance - variance[..., :1] / k
    return np.maximum(mean, 1e-12), np.maximum(variance, 1e-18)


@dataclass(frozen=True, slots=True)
class _PoissonMoments:
    """Moments of V log V and log V, V = X + 1/2, X Poisson; one value a mean."""

    mean_vlog: Floats
    mean_log: Floats
    variance_vlog: Floats
    variance_log: Floats
    vlog_with_count: Floats
    """Covariance of V log V and X."""
    log_with_count: Floats
    """Covariance of log V and X."""


def _poisson_moments(mean: Floats) -> _PoissonMoments:
    flat = mean.ravel()
    moments = np.empty((6, len(flat)))
    few = flat <= _SUMMED_TO
    counts = np.arange(2.5 * _SUMMED_TO)
    moments[:, few] = _moments_over(flat[few], np.tile(counts, (int(few.sum()), 1)), gammaln(counts + 1))
    many = flat[~few]
    points = many[:, None] + np.linspace(-4.8, 6, 25) * np.sqrt(many)[:, None]
    moments[:, ~few] = _moments_over(many, points, gammaln(points + 1))
    return _PoissonMoments(*moments.reshape(6, *mean.shape))


def _moments_over(mean: Floats, x: Floats, log_factorial: Floats) -> Floats:
    """Moments (6, n) in the order of `_PoissonMoments` of Poisson `mean` (n,) summed over the counts x (n, j)."""
    away = x - mean[:, None]
    weight = np.exp(np.log(np.maximum(mean, 1e-300))[:, None] * x - mean[:, None] - log_factorial)
    weight /= weight.sum(axis=1, keepdims=True)
    logs = np.log(x + PSEUDO_COUNT)
    vlogs = (x + PSEUDO_COUNT) * logs
    mean_log, mean_vlog = (weight * logs).sum(axis=1), (weight * vlogs).sum(axis=1)
    return np.stack(
        [
            mean_vlog,
            mean_log,
            (weight * (vlogs - mean_vlog[:, None]) ** 2).sum(axis=1),
            (weight * (logs - mean_log[:, None]) ** 2).sum(axis=1),
            (weight * vlogs * away).sum(axis=1),
            (weight * logs * away).sum(axis=1),
        ]
    )
