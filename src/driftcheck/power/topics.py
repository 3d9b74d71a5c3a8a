"""The topics of production that are taken out of a pseudo eval set, and the mixes of them that shift."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from driftcheck.slices.space import Floats, Space, fit_space
from driftcheck.slices.tree import SliceTree, grow_trees

Rows = NDArray[np.int64]

N_TREES = 4
"""Clusterings from which topics are taken."""
GRAINS = (8, 16, 32)
"""Topics in a mix that is shifted."""
LARGEST = 0.5
"""Share of the pool that a topic may hold: the rest has to make an eval set."""
BROADEST = 0.08
"""Share of the pool from which on a topic is taken for several: used only where no smaller one will do."""
ROOM = 2.0
"""Sessions of a topic per session needed, at most, beyond those that BROADEST allows."""
BLUR = 0.5
"""Noise added before topics are grown, in root mean squares of a session's distance to the middle of the pool.

What people call a topic is no cluster of the embedding: a topic cut out along the very lines by which the tests cut
would be noticed too easily.
"""


@dataclass(frozen=True, slots=True)
class Topics:
    """Topics at every grain, each as the sessions that belong to it."""

    members: tuple[Rows, ...]
    """Rows of the pool in each topic, fewest first; topics of one tree may hold each other."""
    mixes: tuple[NDArray[np.int32], ...]
    """Topic of each session of the pool, (n,), at several grains of several trees."""

    @property
    def _broadest(self) -> float:
        return BROADEST * len(self.mixes[0])

    def most_sessions(self, share: float) -> int:
        """Sessions of which a topic can be `share` without being broader than BROADEST.

        needed_members(share, n) <= broadest, solved for n.
        """
        root = math.sqrt(1 + self._broadest) - 1
        return int(root * root / share)

    def choose(self, least: float, rng: np.random.Generator) -> int | None:
        """Draw a topic of at least so many sessions, and as few more as there are; None where all are smaller."""
        sizes = np.array([len(rows) for rows in self.members])
        first = int(np.searchsorted(sizes, least, side="left"))
        if first == len(sizes):
            return None
        beyond = int(np.searchsorted(sizes, max(ROOM * least, self._broadest), side="right"))
        return int(rng.integers(first, max(beyond, min(first + N_TREES, len(sizes)))))


def grow_topics(vectors: Floats, seed: int, blur: float = BLUR) -> Topics:
    """Grow topics in the sessions of production.

    Parameters
    ----------
    vectors : array (n, d)
        Unit embeddings of the sessions.
    seed : int
        Of noise and clusterings.
    blur : float
        See `BLUR`; with 0 topics are clusters of the space that the tests use.

    """
    points = fit_space(vectors, vectors[:1], seed=seed).cases
    rng = np.random.default_rng([seed, 201])
    spread = float(np.sqrt(np.mean(points.astype(np.float64) ** 2)))
    trees: list[SliceTree] = []
    for number in range(N_TREES):
        noisy = points + rng.standard_normal(points.shape, dtype=np.float32) * np.float32(blur * spread)
        trees += grow_trees(Space(noisy[:0], noisy, len(noisy)), 1, seed * N_TREES + number)
    members: dict[bytes, Rows] = {}
    mixes = []
    for tree in trees:
        inside = tree.membership[:, tree.leaf_of_trace]
        for node in range(tree.n_nodes):
            rows = np.flatnonzero(inside[node])
            if 0 < len(rows) <= LARGEST * len(points):
                members.setdefault(rows.tobytes(), rows)
        for grain in GRAINS:
            label = np.zeros(len(points), dtype=np.int32)
            for topic, node in enumerate(tree.cut(grain)):
                label[inside[node]] = topic
            mixes.append(label)
    ordered = sorted(members.values(), key=lambda rows: (len(rows), rows.tobytes()))
    return Topics(tuple(ordered), tuple(mixes))
