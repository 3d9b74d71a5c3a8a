"""Trees over leaves."""

import numpy as np
import pytest

from driftcheck.slices.space import Space, fit_space
from driftcheck.slices.tree import grow_trees


@pytest.fixture(scope="module")
def space(draw) -> Space:
    shares = [1.0] * 8
    return fit_space(draw(100, shares, 1).vectors, draw(500, shares, 2).vectors)


def test_every_level_holds_every_leaf_once(space: Space) -> None:
    (tree,) = grow_trees(space, 1, 0)
    assert tree.n_nodes == 2 * tree.n_leaves - 1
    assert tree.membership[-1].all()
    assert np.all(np.diff(tree.height[tree.n_leaves :]) >= -1e-9)
    for n in (1, 2, 7, tree.n_leaves, 10 * tree.n_leaves):
        nodes = tree.cut(n)
        assert len(nodes) == min(n, tree.n_leaves)
        assert np.all(tree.membership[nodes].sum(axis=0) == 1)
    for node in range(tree.n_leaves, tree.n_nodes):
        a, b = tree.children[node]
        assert np.array_equal(tree.membership[node], tree.membership[a] ^ tree.membership[b])


def test_same_seed_same_trees_whatever_the_threads(space: Space) -> None:
    from threadpoolctl import threadpool_limits

    first = grow_trees(space, 2, 5)
    with threadpool_limits(1):
        again = grow_trees(space, 2, 5)
    for a, b in zip(first, again, strict=True):
        assert np.array_equal(a.leaf_of_trace, b.leaf_of_trace)
        assert a.centroids.tobytes() == b.centroids.tobytes()
    assert not np.array_equal(first[0].leaf_of_trace, first[1].leaf_of_trace)


def test_points_are_assigned_to_their_leaf(space: Space) -> None:
    (tree,) = grow_trees(space, 1, 0)
    assert np.array_equal(tree.assign(space.cases), tree.leaf_of_case)


@pytest.mark.parametrize("distinct", [1, 2, 5])
def test_fewer_points_than_leaves(distinct: int) -> None:
    rows = np.random.default_rng(0).normal(size=(distinct, 8)).astype(np.float32)
    space = fit_space(rows[np.arange(40) % distinct], rows[np.arange(200) % distinct])
    for tree in grow_trees(space, 2, 0):
        assert tree.n_leaves == distinct
        assert tree.n_nodes == 2 * distinct - 1
