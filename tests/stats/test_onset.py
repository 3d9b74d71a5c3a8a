"""The first group that differs: found where it was planted, and not before."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from driftcheck.stats.onset import differs_p_values, falls_p_values, first_that_differs

K, N_WEEKS, N_WEEK, N_CASES = 40, 10, 200, 200


def drawn(
    seed: int, onset: int | None, n_weeks: int = N_WEEKS, *, step: bool = False
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Leaves of an eval set and ten weeks; a mix that moves in a line from week `onset` (from 1) on."""
    rng = np.random.default_rng(seed)
    mix = rng.dirichlet(np.full(K, 3.0))
    end = mix * np.exp(1.2 * rng.choice([-1.0, 1.0], K))
    end /= end.sum()
    leaves, group = [rng.choice(K, N_CASES, p=mix)], [np.zeros(N_CASES, np.int32)]
    for week in range(1, n_weeks + 1):
        moved = 0.0 if onset is None else max(0.0, (week - onset + 1) / (n_weeks - onset + 1))
        moved = float(moved > 0) if step else moved
        leaves.append(rng.choice(K, N_WEEK, p=(1 - moved) * mix + moved * end))
        group.append(np.full(N_WEEK, week, np.int32))
    leaf = np.concatenate(leaves).astype(np.int32)
    return np.stack([leaf, leaf // 2]), np.concatenate(group)


def test_the_onset_is_named_within_two_weeks_of_where_it_was_planted() -> None:
    named = np.array([first_that_differs(differs_p_values(*drawn(seed, 4))) for seed in range(20)])
    assert named.min() >= 4
    assert np.mean(named <= 6) >= 0.9


def test_a_step_long_ago_is_named_where_it_was() -> None:
    named = [first_that_differs(differs_p_values(*drawn(seed, 5, 40, step=True))) for seed in range(8)]
    assert all(5 <= week <= 6 for week in named)


def test_without_drift_p_values_are_uniform_enough() -> None:
    p_values = np.concatenate([differs_p_values(*drawn(seed, None)) for seed in range(40)])
    assert np.mean(p_values <= 0.01) <= 0.03
    assert 0.01 <= np.mean(p_values <= 0.05) <= 0.1
    assert np.mean(p_values) == pytest.approx(0.5, abs=0.07)


def test_before_the_onset_the_direction_of_later_weeks_raises_no_alarm() -> None:
    p_values = np.array([differs_p_values(*drawn(seed, 7))[5] for seed in range(100, 200)])
    assert np.mean(p_values <= 0.05) <= 0.11
    assert np.mean(p_values <= 0.01) <= 0.04


def test_the_order_of_points_changes_nothing() -> None:
    leaves, group = drawn(0, 4)
    order = np.random.default_rng(0).permutation(len(group))
    assert np.allclose(differs_p_values(leaves[:, order], group[order]), differs_p_values(leaves, group))


def test_slices_that_tell_nothing_apart_give_no_alarm() -> None:
    group = np.repeat(np.arange(4, dtype=np.int32), 50)
    assert differs_p_values(np.zeros((1, 200), np.int32), group).tolist() == [1.0, 1.0]


def test_two_groups_have_no_week_before_the_last() -> None:
    assert len(differs_p_values(np.zeros((1, 20), np.int32), np.repeat(np.arange(2, dtype=np.int32), 10))) == 0
    assert first_that_differs(np.array([])) == 1


def test_a_fall_is_named_where_it_began_and_a_rise_is_none() -> None:
    rng = np.random.default_rng(0)
    group = np.repeat(np.arange(12, dtype=np.int32), 60)
    named = [
        first_that_differs(
            falls_p_values((rng.random(720) < np.where(group >= 6, 0.65, 0.9)).astype(float), group, seed)
        )
        for seed in range(20)
    ]
    assert np.mean([week < 6 for week in named]) <= 0.1, "at most 2 % of histories"
    assert np.mean([6 <= week <= 7 for week in named]) >= 0.75
    risen = falls_p_values((rng.random(720) < np.where(group >= 6, 0.95, 0.7)).astype(float), group)
    assert first_that_differs(risen) == 12, "the last one does not differ: none is named"
    nulls = np.concatenate([falls_p_values((rng.random(720) < 0.9).astype(float), group, seed) for seed in range(40)])
    assert np.mean(nulls <= 0.01) <= 0.035
