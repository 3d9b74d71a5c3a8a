"""A tree of slices at every grain: KMeans leaves joined by Ward linkage."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import linkage
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits

from driftcheck.slices.space import Floats, Space

POINTS_PER_LEAF = 12
MIN_LEAVES, MAX_LEAVES = 16, 256
_MAX_FIT_POINTS = 6000
_MAX_ITERATIONS = 8
_ROWS_AT_ONCE = 8192


@dataclass(frozen=True, slots=True)
class SliceTree:
    """Leaves and the nodes that join them; nodes 0..k-1 are the leaves, the last is the root."""

    leaf_of_case: NDArray[np.int32]
    """Leaf of each case, (n_cases,)."""
    leaf_of_trace: NDArray[np.int32]
    """Leaf of each tested trace, (n_tested,)."""
    centroids: Floats
    """Leaf centroids in the space, (k, c)."""
    children: NDArray[np.int32]
    """The two children of each node, (n_nodes, 2); -1 for a leaf."""
    height: NDArray[np.float64]
    """Ward height at which a node was joined, (n_nodes,); 0 for a leaf."""
    membership: NDArray[np.bool_]
    """Which leaves a node holds, (n_nodes, k)."""

    @property
    def n_leaves(self) -> int:
        """Number of leaves, k."""
        return len(self.centroids)

    @property
    def n_nodes(self) -> int:
        """Number of nodes, 2k - 1."""
        return len(self.children)

    def cut(self, n_slices: int) -> list[int]:
        """Nodes, ascending, that hold each leaf once: the tree cut into `n_slices`."""
        nodes = [self.n_nodes - 1]
        while len(nodes) < min(n_slices, self.n_leaves):
            tallest = max(nodes)  # Ward heights rise with the node's number
            nodes.remove(tallest)
            nodes.extend(int(child) for child in self.children[tallest])
        return sorted(nodes)

    def assign(self, points: Floats) -> NDArray[np.int32]:
        """Leaf nearest to each point (n, c) of the space, (n,)."""
        with threadpool_limits(1):
            return nearest_centroid(points, self.centroids)


def grow_trees(space: Space, n_trees: int, seed: int) -> tuple[SliceTree, ...]:
    """Several trees over the same points, differing by the seed of their leaves.

    k = min(256, max(16, n / 12)) leaves for n pooled points, fewer where fewer differ. KMeans is
    fitted on at most 6,000 of the points, drawn blind to which are cases. Same points and seed,
    same trees, whatever the number of threads.
    """
    pool = space.pool
    with _one_blas_thread():
        distinct = distinct_rows(pool)
        with ThreadPoolExecutor(max_workers=2) as threads:
            grown = threads.map(lambda i: _grow(pool, distinct, space.n_cases, [seed, i]), range(n_trees))
            return tuple(grown)


def distinct_rows(points: Floats) -> Floats:
    """The different rows of `points`, after rounding to 1e-5, in sorted order."""
    return np.unique(np.round(points, 5), axis=0)


def nearest_centroid(points: Floats, centroids: Floats) -> NDArray[np.int32]:
    """Index of the nearest centroid (k, c) of each point (n, c), (n,)."""
    half_norms = (centroids * centroids).sum(axis=1) / 2
    label = np.empty(len(points), dtype=np.int32)
    for i in range(0, len(points), _ROWS_AT_ONCE):
        rows = points[i : i + _ROWS_AT_ONCE]
        label[i : i + _ROWS_AT_ONCE] = (half_norms - rows @ centroids.T).argmin(axis=1)
    return label


def _grow(pool: Floats, distinct: Floats, n_cases: int, seed: list[int]) -> SliceTree:
    rng = np.random.default_rng(seed)
    k = min(MAX_LEAVES, max(MIN_LEAVES, len(pool) // POINTS_PER_LEAF))
    centroids = distinct if len(distinct) <= k else _leaf_centroids(pool, k, rng)
    leaf = nearest_centroid(pool, centroids)
    used, dense = np.unique(leaf, return_inverse=True)
    centroids = np.ascontiguousarray(centroids[used])
    children, height = _ward(centroids)
    membership = _membership(children, len(centroids))
    leaf = dense.astype(np.int32)
    return SliceTree(leaf[:n_cases], leaf[n_cases:], centroids, children, height, membership)


def _leaf_centroids(pool: Floats, k: int, rng: np.random.Generator) -> Floats:
    size = min(len(pool), _MAX_FIT_POINTS)
    sample = pool[rng.choice(len(pool), size, replace=False)]
    # seeds are points drawn at random: ten such trees cost what two seeded by k-means++ do, and say as much each
    means = KMeans(
        n_clusters=k,
        init="random",
        n_init=1,
        max_iter=_MAX_ITERATIONS,
        algorithm="lloyd",
        random_state=int(rng.integers(2**31)),
    )
    with threadpool_limits(1, user_api="openmp"):  # OpenMP counts its threads per caller
        means.fit(sample)
    centroids: Floats = means.cluster_centers_.astype(np.float32)
    return centroids


def _ward(centroids: Floats) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    k = len(centroids)
    children = np.full((2 * k - 1, 2), -1, dtype=np.int32)
    height = np.zeros(2 * k - 1)
    if k > 1:
        joined = linkage(centroids.astype(np.float64), method="ward")
        children[k:] = joined[:, :2].astype(np.int32)
        height[k:] = joined[:, 2]
    return children, height


def _membership(children: NDArray[np.int32], k: int) -> NDArray[np.bool_]:
    membership = np.zeros((len(children), k), dtype=np.bool_)
    membership[:k] = np.eye(k, dtype=np.bool_)
    for node in range(k, len(children)):
        a, b = children[node]
        membership[node] = membership[a] | membership[b]
    return membership


@contextmanager
def _one_blas_thread() -> Iterator[None]:
    """One BLAS thread, and quiet about fewer clusters than asked: unused leaves are dropped."""
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        yield
