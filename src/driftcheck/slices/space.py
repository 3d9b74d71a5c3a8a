"""The space in which cases and traces are compared: pooled principal components."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

Floats = NDArray[np.float32]

TRACES_PER_CASE = 20
"""Traces per case that enter the fit and the tests: with more, the eval side's noise dominates."""

_MAX_FIT_POINTS = 20000
_ROWS_AT_ONCE = 16384


@dataclass(frozen=True, slots=True)
class Space:
    """Cases and traces as points of one space, made without looking at which is which."""

    cases: Floats
    """Eval cases, (n_cases, c)."""
    traces: Floats
    """Production traces, one per session, (n_traces, c)."""
    n_tested: int
    """The first traces, this many, entered the fit and enter the tests."""

    @property
    def pool(self) -> Floats:
        """Cases, then the tested traces: (n_cases + n_tested, c)."""
        return np.concatenate([self.cases, self.traces[: self.n_tested]])

    @property
    def n_cases(self) -> int:
        """Number of eval cases."""
        return len(self.cases)


def fit_space(cases: Floats, traces: Floats, n_components: int = 64, seed: int = 0) -> Space:
    """L2-normalise, centre and project on the principal components of both samples together.

    The fit sees cases and the first 20 x n_cases traces, blind to which is which, so permuting
    that label afterwards is an exact test. Traces must come in an order that makes the first ones
    a uniform sample (the order of their hash).

    Parameters
    ----------
    cases, traces : array (n_cases, d), (n_traces, d)
        Embeddings of the inputs; rows need not have unit norm.
    n_components : int
        Dimensions kept at most; fewer where the data has fewer.
    seed : int
        Of the sample of 20,000 points on which the axes are fitted where there are more.

    Raises
    ------
    ValueError
        If a side is empty, the widths differ, or a value is not finite.

    """
    if cases.ndim != 2 or traces.ndim != 2 or cases.shape[1] != traces.shape[1]:
        raise ValueError(f"need two matrices of one width, got {cases.shape} and {traces.shape}")
    if len(cases) == 0 or len(traces) == 0:
        raise ValueError("need at least one case and one trace")
    n_tested = min(len(traces), TRACES_PER_CASE * len(cases))
    # one thread: the order in which threads add up would change the last bits, then a label
    with threadpool_limits(1):
        pool = normalise(np.concatenate([cases, traces[:n_tested]]))
        mean: Floats = pool.mean(axis=0, dtype=np.float64).astype(np.float32)
        fitted = pool
        if len(pool) > _MAX_FIT_POINTS:
            rng = np.random.default_rng(seed)
            fitted = pool[rng.choice(len(pool), _MAX_FIT_POINTS, replace=False)]
        axes = _principal_axes(fitted - mean, n_components)
        pooled = (pool - mean) @ axes
        rest = [
            (normalise(traces[i : i + _ROWS_AT_ONCE]) - mean) @ axes
            for i in range(n_tested, len(traces), _ROWS_AT_ONCE)
        ]
    projected = np.concatenate([pooled[len(cases) :], *rest]).astype(np.float32)
    return Space(pooled[: len(cases)].astype(np.float32), projected, n_tested)


def normalise(rows: Floats) -> Floats:
    """Rows of unit L2 norm; a zero row stays zero. Raises ValueError if a value is not finite."""
    x: Floats = np.ascontiguousarray(rows, dtype=np.float32)
    norms = np.linalg.norm(x, axis=1, keepdims=True)
    if not bool(np.isfinite(norms).all()):
        raise ValueError("embeddings hold values that are not finite")
    return (x / np.where(norms > 0, norms, 1)).astype(np.float32)


def _principal_axes(centred: Floats, n_components: int) -> Floats:
    """Leading eigenvectors of the covariance, (d, c), largest first, 1 <= c <= n_components."""
    covariance = (centred.T @ centred).astype(np.float64) / len(centred)
    values, vectors = np.linalg.eigh(covariance)
    values, vectors = values[::-1], vectors[:, ::-1]
    informative = int(np.count_nonzero(values > 1e-7 * max(values[0], 1e-6)))
    keep = max(1, min(n_components, informative))
    axes = vectors[:, :keep]
    largest = np.abs(axes).argmax(axis=0)
    signs = np.sign(axes[largest, np.arange(keep)])
    result: Floats = (axes * signs).astype(np.float32)
    return result
