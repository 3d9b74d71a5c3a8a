"""The same cases in two runs: exact McNemar, the interval of the difference, chance given each case's own flakiness."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import bdtrc, ndtri

from driftcheck.sizes import POWER
from driftcheck.stats.intervals import Interval
from driftcheck.stats.permutation import upper_p_value

_STEPS = 60
_FLIPS = 9_999


def mcnemar_p_value(n_worse: int, n_better: int) -> float:
    """One-sided exact p: of all cases that changed, at least so many got worse where each was as likely to get better.

    Source: McNemar (1947), Psychometrika 12, 153; the exact binomial form of it.

    >>> mcnemar_p_value(5, 0), mcnemar_p_value(0, 0), round(mcnemar_p_value(10, 3), 3)
    (0.03125, 1.0, 0.046)
    """
    return 1.0 if n_worse == 0 else float(bdtrc(n_worse - 1, n_worse + n_better, 0.5))


def paired_difference(n_worse: int, n_better: int, n: int, level: float = 0.95) -> Interval:
    """Share that passes later minus share that passes earlier, of `n` cases in both, with its interval.

    Raises
    ------
    ValueError
        If more cases changed than there are.

    Source: Bonett and Price (2012), Adjusted Wald confidence interval for a difference of binomial proportions based
    on paired data, J. Educ. Behav. Stat. 37, 479: one is added to both kinds of change.

    >>> d = paired_difference(15, 5, 300)
    >>> round(d.value, 3), round(d.low, 3), round(d.high, 3)
    (-0.033, -0.063, -0.003)

    """
    if n_worse + n_better > n:
        raise ValueError(f"{n_worse} + {n_better} cases changed, of {n}")
    if n == 0:
        return Interval(0.0, -1.0, 1.0, 0.0)
    worse, better = (n_worse + 1) / (n + 2), (n_better + 1) / (n + 2)
    z = float(ndtri(0.5 + level / 2))
    half = z * math.sqrt(max(0.0, worse + better - (better - worse) ** 2) / (n + 2))
    centre, value = better - worse, (n_better - n_worse) / n
    return Interval(value, max(-1.0, min(value, centre - half)), min(1.0, max(value, centre + half)), float(n))


def paired_mean_difference(differences: ArrayLike, level: float = 0.95) -> Interval:
    """Mean of later minus earlier, each -1..1, with its interval: of outcomes 0 and 1 that of `paired_difference`.

    Source: as there; one case that got worse and one that got better are added, whatever the others did.

    >>> d = paired_mean_difference([-1.0] * 15 + [1.0] * 5 + [0.0] * 280)
    >>> round(d.value, 3), round(d.low, 3), round(d.high, 3)
    (-0.033, -0.063, -0.003)
    """
    x = np.asarray(differences, dtype=np.float64)
    if len(x) == 0:
        return Interval(0.0, -1.0, 1.0, 0.0)
    value, padded = float(x.mean()), np.append(x, [-1.0, 1.0])
    half = float(ndtri(0.5 + level / 2)) * float(padded.std()) / math.sqrt(len(padded))
    centre = float(padded.mean())
    return Interval(value, max(-1.0, min(value, centre - half)), min(1.0, max(value, centre + half)), float(len(x)))


def sign_flip_p_value(differences: ArrayLike) -> float:
    """One-sided p that the mean of `differences` (later minus earlier) is below 0 by chance alone.

    Every difference is as likely to have had the other sign. Where all are -1, 0 or 1 it is exact McNemar; else
    `_FLIPS` draws with a fixed seed, the observed one counted among them. Equal sizes are drawn together.

    Source: Fisher (1935), The design of experiments, section 21; Phipson and Smyth (2010) for counting the observed.

    >>> sign_flip_p_value([-1.0] * 5 + [0.0]), sign_flip_p_value([0.0]), sign_flip_p_value([-0.4] * 60) < 0.001
    (0.03125, 1.0, True)
    """
    x = np.asarray(differences, dtype=np.float64).round(9)
    x = x[x != 0]
    if np.all(np.abs(x) == 1):
        return mcnemar_p_value(int(np.sum(x < 0)), int(np.sum(x > 0)))
    sizes, n = np.unique(np.abs(x), return_counts=True)
    rng = np.random.default_rng(0)
    sums = np.zeros(_FLIPS)
    for size, times in zip(sizes.tolist(), n.tolist(), strict=True):
        sums += size * (2 * rng.binomial(times, 0.5, _FLIPS) - times)
    # sums that tie may differ in their last digits
    return upper_p_value(round(-float(x.sum()), 6), sums.round(6))


def chance_of_as_many(probabilities: ArrayLike, n_seen: int) -> float:
    """Chance that at least `n_seen` of independent events happen, each with its own probability: exact.

    Source: Poisson's binomial distribution by convolution; Hong (2013), Comput. Stat. Data Anal. 59, 41.

    >>> round(chance_of_as_many([0.5, 0.5, 0.1], 2), 3), chance_of_as_many([0.3], 0)
    (0.3, 1.0)
    """
    law = np.zeros(len(np.atleast_1d(probabilities)) + 1)
    law[0] = 1.0
    for number, p in enumerate(np.asarray(probabilities, dtype=np.float64).tolist(), start=1):
        law[1 : number + 1] = law[1 : number + 1] * (1 - p) + law[:number] * p
        law[0] *= 1 - p
    return float(min(1.0, law[max(n_seen, 0) :].sum()))


def smallest_paired_change(noise: float, n: int, alpha: float, power: float = POWER) -> float | None:
    """Smallest net share of cases newly failing that one-sided exact McNemar finds; None where none is.

    Parameters
    ----------
    noise : float
        Share of cases that change between two runs, in either direction, without any change.
    n : int
        Cases in both runs.
    alpha : float
        Level of the test.
    power : float
        Share of comparisons in which it is to be found.

    Source: Connor (1987), Sample size for testing differences in proportions for the paired-sample design,
    Biometrics 43, 207; the binomial's smallest count bounds it from below.

    >>> round(smallest_paired_change(0.04, 300, 0.05), 3), smallest_paired_change(0.0, 4, 0.05)
    (0.041, None)

    """
    if n == 0:
        return None
    least = math.ceil(-math.log2(alpha)) / n
    z, z_power = float(ndtri(1 - alpha)), float(ndtri(power))

    def found(change: float) -> bool:
        changed = min(1.0, noise + change)
        return change * n >= z * math.sqrt(n * changed) + z_power * math.sqrt(n * max(0.0, changed - change**2))

    return _bisect(found, least)


def smallest_beyond_noise(variance: float, n: int, n_runs: float, alpha: float, power: float = POWER) -> float | None:
    """Smallest share of cases newly failing that is found beyond the noise of `n_runs` other runs; None where none is.

    Parameters
    ----------
    variance : float
        Of the number of cases that fail by chance.
    n : int
        Cases in both runs.
    n_runs : float
        Other runs by which each case's own chance is known, the new one among them.
    alpha : float
        Level of the test.
    power : float
        Share of comparisons in which it is to be found.

    """
    if n == 0 or n_runs <= 1:
        return None
    z, spread = float(ndtri(1 - alpha)), 1 / n_runs * (1 - 1 / n_runs)

    def found(change: float) -> bool:
        own = math.sqrt(variance + change * n * spread)
        return change * n * (1 - 1 / n_runs) >= (z + float(ndtri(power))) * own

    # all of x cases that had never failed fail: chance gives them n_runs^-x
    return _bisect(found, math.ceil(-math.log(alpha) / math.log(n_runs)) / n)


def _bisect(found: Callable[[float], bool], least: float) -> float | None:
    if least > 1 or not found(1.0):
        return None
    if found(least):
        return least
    low, high = least, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if found(middle) else (middle, high)
    return high
