"""The shared space: blind to labels, robust to odd shapes."""

import numpy as np
import pytest

from driftcheck.slices.space import TRACES_PER_CASE, fit_space, normalise


@pytest.mark.parametrize(("n_cases", "n_traces", "d"), [(2, 3, 8), (50, 100, 16), (10, 400, 384), (1, 1, 4)])
def test_keeps_rows_whatever_the_shape(n_cases: int, n_traces: int, d: int) -> None:
    rng = np.random.default_rng(0)
    space = fit_space(
        rng.normal(size=(n_cases, d)).astype(np.float32), rng.normal(size=(n_traces, d)).astype(np.float32)
    )
    assert space.cases.shape[0] == n_cases
    assert space.traces.shape[0] == n_traces
    assert 1 <= space.cases.shape[1] <= min(64, d)
    assert space.n_tested == min(n_traces, TRACES_PER_CASE * n_cases)
    assert space.cases.dtype == space.traces.dtype == np.float32


def test_keeps_distances_when_nothing_is_cut_off() -> None:
    rows = normalise(np.random.default_rng(1).normal(size=(40, 10)).astype(np.float32))
    space = fit_space(rows[:10], rows[10:])
    assert np.linalg.norm(space.cases[3] - space.traces[7]) == pytest.approx(
        float(np.linalg.norm(rows[3] - rows[17])), abs=1e-5
    )


def test_identical_texts_have_one_place() -> None:
    space = fit_space(np.ones((20, 8), dtype=np.float32), np.ones((30, 8), dtype=np.float32))
    assert np.allclose(space.pool, space.pool[0])


def test_is_blind_to_which_is_which() -> None:
    rows = np.random.default_rng(2).normal(size=(60, 12)).astype(np.float32)
    a, b = fit_space(rows[:30], rows[30:]), fit_space(rows[30:], rows[:30])
    assert np.allclose(a.cases, b.traces, atol=1e-5)


def test_traces_beyond_the_fit_are_projected_alike() -> None:
    rows = np.random.default_rng(3).normal(size=(100, 12)).astype(np.float32)
    rows[-1] = rows[2]
    space = fit_space(rows[:2], rows[2:])
    assert space.n_tested == 40
    assert np.allclose(space.traces[0], space.traces[-1], atol=1e-5)


@pytest.mark.parametrize(
    ("cases", "traces", "match"),
    [
        (np.ones((2, 3)), np.ones((2, 4)), "one width"),
        (np.ones((0, 3)), np.ones((2, 3)), "at least one"),
        (np.full((2, 3), np.nan), np.ones((2, 3)), "not finite"),
    ],
)
def test_refuses(cases: np.ndarray, traces: np.ndarray, match: str) -> None:
    with pytest.raises(ValueError, match=match):
        fit_space(cases, traces)


def test_memory_layout_and_precision_of_the_input_change_no_bit() -> None:
    rows = np.random.default_rng(4).normal(size=(60, 12)).astype(np.float32)
    plain = fit_space(rows[:20], rows[20:])
    other = fit_space(np.asfortranarray(rows[:20]), np.asfortranarray(rows[20:].astype(np.float64)))
    assert plain.pool.tobytes() == other.pool.tobytes()
