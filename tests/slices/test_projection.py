"""The map: near texts stay near, everybody has a place, and no data breaks it."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.manifold import trustworthiness

from driftcheck.slices import projection
from driftcheck.slices.projection import project
from driftcheck.slices.space import Space, fit_space


def clouds(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Points of six tight clouds in 32 dimensions, shape (n, 32), and the cloud of each."""
    rng = np.random.default_rng(seed)
    centres = np.random.default_rng(0).normal(size=(6, 32))
    label = rng.integers(0, 6, n)
    return (centres[label] + 0.2 * rng.normal(size=(n, 32))).astype(np.float32), label


def space_of(n_cases: int, n_traces: int) -> tuple[Space, np.ndarray, np.ndarray]:
    (cases, case_cloud), (traces, trace_cloud) = clouds(n_cases, 1), clouds(n_traces, 2)
    return fit_space(cases, traces), case_cloud, trace_cloud


@pytest.mark.parametrize(("n_cases", "n_traces"), [(60, 300), (400, 150)])
def test_near_texts_stay_near(n_cases: int, n_traces: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(projection, "N_LANDMARKS", 200)  # so that most points are placed among others
    space, case_cloud, trace_cloud = space_of(n_cases, n_traces)
    cases, traces = project(space)
    assert cases.shape == (n_cases, 2)
    assert traces.shape == (n_traces, 2)
    plane = np.concatenate([cases, traces])
    assert np.abs(plane).max() <= 1
    assert trustworthiness(np.concatenate([space.cases, space.traces]), plane, n_neighbors=10) > 0.9
    cloud = np.concatenate([case_cloud, trace_cloud])
    centre = np.stack([plane[cloud == number].mean(axis=0) for number in range(6)])
    nearest = np.linalg.norm(plane[:, None] - centre[None], axis=2).argmin(axis=1)
    assert (nearest == cloud).mean() > 0.95


def test_the_same_seed_gives_the_same_plane() -> None:
    space, _, _ = space_of(40, 120)
    for one, two in zip(project(space, seed=3), project(space, seed=3), strict=True):
        assert np.array_equal(one, two)


@pytest.mark.parametrize(("n_cases", "n_traces"), [(1, 1), (2, 2), (3, 4), (30, 1)])
def test_few_points_have_a_place(n_cases: int, n_traces: int) -> None:
    space, _, _ = space_of(n_cases, n_traces)
    cases, traces = project(space)
    assert cases.shape == (n_cases, 2)
    assert traces.shape == (n_traces, 2)
    assert np.isfinite(cases).all()
    assert np.isfinite(traces).all()


def test_texts_that_are_all_the_same_lie_together() -> None:
    same = np.ones((40, 8), np.float32)
    cases, traces = project(fit_space(same, same))
    assert np.isfinite(cases).all()
    assert np.isfinite(traces).all()
