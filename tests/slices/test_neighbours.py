"""Novel traffic by nearest cases."""

import numpy as np
import pytest

from driftcheck.slices.neighbours import find_novel, group_alike
from driftcheck.slices.space import fit_space

SHARES = [1.0] * 6


def test_distances_are_to_the_nearest_case(draw) -> None:
    space = fit_space(draw(60, SHARES, 1).vectors, draw(200, SHARES, 2).vectors)
    found = find_novel(space, n_permutations=19)
    far = np.linalg.norm(space.traces[:, None] - space.cases[None], axis=2)
    assert found.distance == pytest.approx(far.min(axis=1), abs=1e-3)
    assert np.array_equal(found.nearest_case, far.argmin(axis=1))
    apart = np.linalg.norm(space.cases[:, None] - space.cases[None], axis=2)
    np.fill_diagonal(apart, np.inf)
    assert found.case_distance == pytest.approx(apart.min(axis=1), abs=1e-3)
    assert np.array_equal(found.nearest_other_case, apart.argmin(axis=1))
    assert found.is_novel.mean() == pytest.approx(found.novelty.share)


def test_names_the_traces_of_a_new_topic(draw) -> None:
    traces = draw(400, [*SHARES, 1.0], 2)
    found = find_novel(fit_space(draw(100, SHARES, 1).vectors, traces.vectors), n_permutations=199)
    assert found.novelty.p_value <= 0.01
    assert found.is_novel[traces.topics == 6].mean() > 0.95
    assert found.is_novel[traces.topics != 6].mean() < 0.15


def test_keeps_its_level(draw) -> None:
    p = [
        find_novel(
            fit_space(draw(50, SHARES, i).vectors, draw(200, SHARES, 500 + i).vectors), n_permutations=99, seed=i
        ).novelty.p_value
        for i in range(60)
    ]
    assert np.mean(np.array(p) <= 0.1) <= 0.22


def test_copies_are_not_novel() -> None:
    rows = np.random.default_rng(0).normal(size=(50, 8)).astype(np.float32)
    found = find_novel(fit_space(rows, np.tile(rows, (4, 1))), n_permutations=99)
    assert found.novelty.share == 0
    assert found.novelty.p_value > 0.5


def test_groups_what_is_alike_through_others_too() -> None:
    angles = np.radians([0, 90, 10, 20, 180, 90])
    rows = np.column_stack([np.cos(angles), np.sin(angles)]).astype(np.float32)
    assert group_alike(rows, 0.98).tolist() == [0, 1, 0, 0, 2, 1]
    assert group_alike(rows[:1], 0.98).tolist() == [0]
