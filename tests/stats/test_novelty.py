"""Novelty: share of traffic with no case near."""

import numpy as np
import pytest

from driftcheck.stats.novelty import Neighbourhood, novelty
from driftcheck.stats.permutation import permuted_cases


def _novelty(cases: np.ndarray, traces: np.ndarray, seed: int):
    pool = np.concatenate([cases, traces])
    far = np.abs(pool[:, None] - pool[None, :]).astype(np.float32)
    np.fill_diagonal(far, np.inf)
    index = np.argsort(far, axis=1)[:, :-1].astype(np.int32)
    n = len(cases)
    neighbourhood = Neighbourhood(index, np.take_along_axis(far, index, axis=1), n)
    permuted = permuted_cases(len(pool), n, 99, np.random.default_rng(seed))
    return novelty(far[n:, :n].min(axis=1), far[:n, :n].min(axis=1), neighbourhood, permuted)


def test_keeps_its_level_on_one_population() -> None:
    rng = np.random.default_rng(10)
    results = [_novelty(rng.normal(size=40), rng.normal(size=120), i) for i in range(120)]
    assert np.mean([r.p_value <= 0.05 for r in results]) <= 0.09
    assert np.mean([r.excess for r in results]) == pytest.approx(0, abs=0.015)


def test_finds_what_no_case_is_near() -> None:
    rng = np.random.default_rng(11)
    traces = np.concatenate([rng.normal(size=160), 20 + rng.normal(size=40)])
    result = _novelty(rng.normal(size=100), traces, 0)
    assert result.p_value == 0.01
    assert result.share == pytest.approx(0.25, abs=0.05)
    assert result.low > 0.05
    assert result.low < result.excess < result.high


def test_needs_two_cases() -> None:
    with pytest.raises(ValueError, match="at least 2 cases"):
        _novelty(np.zeros(1), np.ones(5), 0)
