"""The verdict on traffic: level, power, determinism."""

import dataclasses

import numpy as np
import pytest

from driftcheck.slices.space import fit_space
from driftcheck.slices.traffic import compare_traffic, slice_p_value

SHARES = [3.0, 2, 2, 1, 1, 1, 1, 1]
NEW_TOPIC = [*SHARES, 1.5]


def test_keeps_its_level_when_nothing_moved(draw) -> None:
    tests = [
        compare_traffic(
            fit_space(draw(60, SHARES, i).vectors, draw(300, SHARES, 1000 + i).vectors),
            n_trees=2, n_permutations=99, seed=i,
        )
        for i in range(40)
    ]  # fmt: skip
    assert np.mean([t.p_value <= 0.1 for t in tests]) <= 0.25
    assert np.mean([t.scan_p_value <= 0.1 for t in tests]) <= 0.22
    assert np.mean([t.divergence.excess for t in tests]) == pytest.approx(0, abs=0.05)


def test_finds_the_planted_topic_and_its_members(draw) -> None:
    cases, traces = draw(200, SHARES, 1), draw(1000, NEW_TOPIC, 2)
    test = compare_traffic(fit_space(cases.vectors, traces.vectors))
    assert test.p_value <= 0.001
    assert test.scan_p_value <= 0.001
    assert test.divergence.excess > 0.1
    assert test.divergence.low < test.divergence.excess < test.divergence.high
    scan, tree = test.scans[0], test.trees[0]
    top = tree.membership[int(scan.statistic.argmax())]
    found, new = top[tree.leaf_of_trace], traces.topics == 8
    assert np.mean(new[found]) > 0.95
    assert np.mean(found[new]) > 0.95


def test_more_drift_measures_more(draw) -> None:
    cases = draw(200, SHARES, 1)
    excess = [
        compare_traffic(
            fit_space(cases.vectors, draw(1000, [*SHARES, weight], 2).vectors), n_permutations=199
        ).divergence.excess
        for weight in (0.0, 1.0, 4.0)
    ]
    assert excess[0] < excess[1] < excess[2]


def test_same_seed_same_result(draw) -> None:
    space = fit_space(draw(80, SHARES, 1).vectors, draw(300, SHARES, 2).vectors)
    a, b = (compare_traffic(space, n_permutations=99, seed=7) for _ in range(2))
    assert a.p_value == b.p_value
    assert dataclasses.asdict(a.divergence) == dataclasses.asdict(b.divergence)


def test_a_copy_of_the_eval_set_has_not_moved(draw) -> None:
    cases = draw(150, SHARES, 1)
    test = compare_traffic(fit_space(cases.vectors, np.tile(cases.vectors, (4, 1))))
    assert test.p_value > 0.9
    assert test.divergence.excess <= 0


def test_identical_texts_cannot_differ() -> None:
    ones = np.ones((40, 8), dtype=np.float32)
    test = compare_traffic(fit_space(ones, np.ones((200, 8), dtype=np.float32)), n_permutations=99)
    assert test.p_value == 1.0
    assert test.scan_p_value == 1.0
    assert test.divergence.excess == pytest.approx(0)


def test_p_of_a_slice_is_one_sided_towards_its_deviation(draw) -> None:
    space = fit_space(draw(100, SHARES, 1).vectors, draw(400, SHARES, 2).vectors)
    test = compare_traffic(space, n_permutations=199)
    assert slice_p_value(test, 0, 200) == 1 / 200
    assert slice_p_value(test, 60, 40) == 1 / 200
    assert slice_p_value(test, 10, 40) == 1.0


def test_needs_two_of_each() -> None:
    space = fit_space(np.ones((1, 4), dtype=np.float32), np.ones((9, 4), dtype=np.float32))
    with pytest.raises(ValueError, match="at least 2"):
        compare_traffic(space)


def test_rows_in_canonical_order_make_the_order_of_arrival_irrelevant(draw) -> None:
    cases, traces = draw(60, SHARES, 1).vectors, draw(300, SHARES, 2).vectors
    shuffled = np.random.default_rng(3).permutation(300)
    key = np.lexsort(traces.T)
    again = traces[shuffled][np.lexsort(traces[shuffled].T)]
    a, b = (compare_traffic(fit_space(cases, rows), n_permutations=99) for rows in (traces[key], again))
    assert a.p_value == b.p_value
    assert a.divergence == b.divergence


def test_excess_is_centred_although_the_best_cut_is_chosen(draw) -> None:
    excess = [
        compare_traffic(
            fit_space(draw(40, SHARES, i).vectors, draw(200, SHARES, 700 + i).vectors), n_trees=1, n_permutations=99
        ).divergence.excess
        for i in range(20)
    ]
    assert np.mean(excess) == pytest.approx(0, abs=2.5 * np.std(excess) / 20**0.5)
