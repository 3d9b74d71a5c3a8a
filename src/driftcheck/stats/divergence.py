"""Distances between two histograms over slices: production P against eval set Q."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

PSEUDO_COUNT = 0.5
"""Added to every slice's count on both sides (Jeffreys); 0 cases then give a finite divergence."""


def shares(counts: ArrayLike, pseudo_count: float = 0.0) -> NDArray[np.float64]:
    """Counts (..., k) as shares of the last axis, after adding `pseudo_count` to each.

    Raises
    ------
    ValueError
        If a count is negative or a row sums to 0.

    >>> shares([1, 3]).tolist()
    [0.25, 0.75]

    """
    x = np.asarray(counts, dtype=np.float64) + pseudo_count
    total = x.sum(axis=-1, keepdims=True)
    if bool(np.any(x < 0)) or bool(np.any(total <= 0)):
        raise ValueError("counts must be >= 0 with a positive sum")
    result: NDArray[np.float64] = x / total
    return result


def kl_divergence(p_counts: ArrayLike, q_counts: ArrayLike, pseudo_count: float = PSEUDO_COUNT) -> NDArray[np.float64]:
    """KL(P||Q) in nats of smoothed histograms: large where P has mass that Q lacks.

    The plug-in value is biased upwards by about (k-1)/2 * (1/n_p + 1/n_q): subtract the mean
    under permuted labels before reading anything into it.

    Parameters
    ----------
    p_counts, q_counts : array (..., k)
        Production and eval counts per slice; leading axes broadcast (permutations).
    pseudo_count : float
        Added to each slice on both sides. With 0, KL is infinite where Q has none of P.

    Returns
    -------
    array (...)
        KL(P||Q) >= 0, nats.

    Raises
    ------
    ValueError
        If a count is negative or a row sums to 0.

    Source: Kullback and Leibler (1951); smoothing: Krichevsky and Trofimov (1981).

    >>> float(kl_divergence([50, 50], [50, 50]))
    0.0
    >>> round(float(kl_divergence([50, 50], [90, 10], pseudo_count=0)), 4)
    0.5108

    """
    p, q = shares(p_counts, pseudo_count), shares(q_counts, pseudo_count)
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(p > 0, p * np.log(p / q), 0.0)
    result: NDArray[np.float64] = np.maximum(terms.sum(axis=-1), 0.0)
    return result


def kl_terms(p_counts: ArrayLike, q_counts: ArrayLike) -> NDArray[np.float64]:
    """What each slice adds to KL(P||Q) before the counts are made shares: see `kl_of_terms`.

    It depends on the slice alone, not on the slices beside it: one table serves every cut of a tree.
    """
    p = np.asarray(p_counts, dtype=np.float64) + PSEUDO_COUNT
    q = np.asarray(q_counts, dtype=np.float64) + PSEUDO_COUNT
    result: NDArray[np.float64] = p * np.log(p / q)
    return result


def kl_of_terms(terms: NDArray[np.float64], n_p: int, n_q: int) -> NDArray[np.float64]:
    """KL(P||Q) in nats, as `kl_divergence`, from the `kl_terms` (..., k) of a partition of `n_p` and `n_q` counts.

    >>> p, q = np.array([3, 7]), np.array([5, 1])
    >>> bool(np.isclose(kl_of_terms(kl_terms(p, q), 10, 6), kl_divergence(p, q)))
    True
    """
    k = terms.shape[-1]
    smoothed_p, smoothed_q = n_p + k * PSEUDO_COUNT, n_q + k * PSEUDO_COUNT
    total = terms.sum(axis=-1) / smoothed_p + np.log(smoothed_q / smoothed_p)
    result: NDArray[np.float64] = np.maximum(total, 0.0)
    return result


def total_variation(p_counts: ArrayLike, q_counts: ArrayLike) -> NDArray[np.float64]:
    """Total variation distance 0..1 of two histograms (..., k): the share that must move.

    >>> float(total_variation([5, 5], [9, 1]))
    0.4
    """
    difference = np.abs(shares(p_counts) - shares(q_counts))
    result: NDArray[np.float64] = difference.sum(axis=-1) / 2
    return result
