"""Cases and traces on a plane, for the eye alone: no number of the report is measured there."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from driftcheck.slices.space import Floats, Space

N_LANDMARKS = 2_000
"""Points laid out by t-SNE; the others are placed among their neighbours. On 10,000 texts of banking77 2,000 keep the
ten nearest neighbours nearly as well (trustworthiness .964) as 5,000 (.980) in less than half the time."""

_PERPLEXITY = 30.0
_N_STEPS = 300
"""250 of them exaggerated, as in the paper; 500 gained .003 of trustworthiness for twice the time."""
_N_NEIGHBORS = 5
_LEAST = 5
"""Fewer points than this have no layout."""


def project(space: Space, seed: int = 0) -> tuple[Floats, Floats]:
    """Lay cases and traces out on one plane so that near texts stay near; distances between far groups mean nothing.

    t-SNE (van der Maaten and Hinton 2008) from the first two principal components, on at most 2,000 landmarks: half of
    them cases at most, then the first traces. Every other point lies among its five nearest landmarks, weighted by
    inverse square distance.

    Parameters
    ----------
    space : Space
        Traces must come in an order that makes the first ones a uniform sample.
    seed : int
        Of t-SNE, and of the cases that are landmarks where not all are.

    Returns
    -------
    cases, traces : array (n_cases, 2), (n_traces, 2)
        In no unit, each axis within -1..1.

    """
    from sklearn.manifold import TSNE

    rng = np.random.default_rng(seed)
    n_cases = min(space.n_cases, max(N_LANDMARKS // 2, N_LANDMARKS - len(space.traces)))
    chosen = np.sort(rng.permutation(space.n_cases)[:n_cases])
    landmarks = np.concatenate([space.cases[chosen], space.traces[: N_LANDMARKS - n_cases]])
    if len(landmarks) < _LEAST:
        return np.zeros((space.n_cases, 2), np.float32), np.zeros((len(space.traces), 2), np.float32)
    # points on a line, or all the same, have a component without variance, which the start is divided by
    with warnings.catch_warnings(), threadpool_limits(1), np.errstate(invalid="ignore", divide="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)
        layout = TSNE(
            n_components=2,
            perplexity=min(_PERPLEXITY, (len(landmarks) - 1) / 3),
            init=_start(landmarks),
            max_iter=_N_STEPS,
            random_state=seed,
        ).fit_transform(landmarks)
    scale = np.abs(layout - layout.mean(axis=0)).max() or 1.0
    plane: Floats = ((layout - layout.mean(axis=0)) / scale).astype(np.float32)
    cases = _place(space.cases, landmarks, plane)
    cases[chosen] = plane[:n_cases]
    traces = _place(space.traces, landmarks, plane)
    traces[: len(plane) - n_cases] = plane[n_cases:]
    return cases, traces


def _start(points: Floats) -> Floats:
    """The first two components, small: from there far groups keep their places (Kobak and Berens 2019)."""
    start = np.zeros((len(points), 2), np.float32)
    width = min(2, points.shape[1])
    start[:, :width] = points[:, :width]
    return start / (start.std() or 1.0) * np.float32(1e-4)


def _place(points: Floats, landmarks: Floats, plane: Floats) -> Floats:
    """Weighted mean of where the nearest landmarks lie, (n_points, 2)."""
    from sklearn.neighbors import NearestNeighbors

    if len(points) == 0:
        return np.zeros((0, 2), np.float32)
    distance: NDArray[np.float32]
    nearest: NDArray[np.int64]
    distance, nearest = (
        NearestNeighbors(n_neighbors=min(_N_NEIGHBORS, len(landmarks))).fit(landmarks).kneighbors(points)
    )
    weight = 1.0 / np.maximum(distance, 1e-6) ** 2
    placed: Floats = np.average(plane[nearest], axis=1, weights=np.broadcast_to(weight[:, :, None], (*weight.shape, 2)))
    return placed.astype(np.float32)
