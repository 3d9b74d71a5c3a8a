"""Traces that differ, and where production has no case nearby."""

from __future__ import annotations

import numpy as np
import pytest

from driftcheck.refreshing.spreading import farthest_first, local_ratio, nearness


def unit(points: np.ndarray) -> np.ndarray:
    return (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32)


def blobs(rng: np.random.Generator, sizes: list[int], spread: float = 0.15, d: int = 24) -> np.ndarray:
    """Groups of points around orthogonal directions."""
    parts = [np.eye(d)[k] + rng.normal(0, spread / np.sqrt(d), (n, d)) for k, n in enumerate(sizes)]
    return unit(np.concatenate(parts))


def test_each_next_is_the_one_least_like_all_before_and_like_what_is_there() -> None:
    points = unit(np.array([[1.0, 0.0], [0.98, 0.2], [0.0, 1.0], [-1.0, 0.0]]))
    there = unit(np.array([[0.0, 1.0]]))
    order = farthest_first(points, nearness(points, there), 4)
    assert sorted(order) == [0, 1, 2, 3]
    alike = points @ points.T
    known = nearness(points, there)
    for place in range(1, 4):
        nearest = np.maximum(known, alike[order[:place]].max(axis=0))
        left = [row for row in range(4) if row not in order[:place]]
        assert nearest[order[place]] == pytest.approx(min(nearest[row] for row in left))


def test_the_first_is_central_and_what_lies_alone_comes_last() -> None:
    rng = np.random.default_rng(0)
    group = blobs(rng, [60])
    alone = unit(np.eye(24)[20:23])
    points = np.concatenate([alone, group])
    order = farthest_first(points, np.full(len(points), -1.0, np.float32), len(points))
    assert (group @ group.mean(axis=0)).argmax() == order[0] - 3
    assert min(order.index(row) for row in range(3)) >= len(points) * 0.85
    # without the trim the three would come second to fourth
    assert set(order[1:4]).isdisjoint({0, 1, 2})


def test_a_beginning_does_not_hang_on_how_many_are_asked_for() -> None:
    points = blobs(np.random.default_rng(1), [40, 30])
    there = np.full(len(points), -1.0, np.float32)
    assert farthest_first(points, there, 50)[:7] == farthest_first(points, there, 7)
    assert farthest_first(points[:0], there[:0], 3) == []
    assert farthest_first(points[:1], there[:1], 3) == [0]


def test_a_topic_without_a_case_has_none_nearby_and_the_others_about_what_is_due() -> None:
    rng = np.random.default_rng(2)
    traces, cases = blobs(rng, [400, 400, 80]), blobs(rng, [150, 150])
    ratio = local_ratio(traces, cases)
    assert (ratio[800:] == 0).all()
    assert 0.7 < ratio[:800].mean() < 1.4
    assert (ratio[:800] == 0).mean() < 0.02


def test_more_cases_than_traces_still_have_a_neighbourhood() -> None:
    rng = np.random.default_rng(3)
    ratio = local_ratio(blobs(rng, [50, 50]), blobs(rng, [1000]))
    assert (ratio[50:] == 0).all()
    assert (ratio[:50] > 0.5).mean() > 0.9


def test_nothing_is_near_nothing() -> None:
    points = blobs(np.random.default_rng(4), [5])
    assert nearness(points, points[:0]).tolist() == [-1.0] * 5
