"""The partition people read."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driftcheck.slices.partition import Partition, build_partition
from driftcheck.slices.space import fit_space
from driftcheck.slices.traffic import compare_traffic
from driftcheck.stats.poststratify import restated_pass_rate

SHARES = [3.0, 2, 2, 1, 1, 1, 1, 1]


def _partition(cases, traces, n_permutations: int = 499, **options) -> Partition:
    space = fit_space(cases.vectors, traces.vectors)
    test = compare_traffic(space, n_permutations=n_permutations)
    return build_partition(space, test, cases.vectors, traces.vectors, cases.texts, traces.texts, **options)


@settings(max_examples=8, deadline=None)
@given(n_cases=st.integers(2, 60), n_traces=st.integers(2, 200), seed=st.integers(0, 99))
def test_shares_add_up_to_one(draw, n_cases: int, n_traces: int, seed: int) -> None:
    cases, traces = draw(n_cases, SHARES, seed), draw(n_traces, SHARES, seed + 1)
    partition = _partition(cases, traces, 19)
    slices = partition.slices
    assert sum(s.share_eval for s in slices) == pytest.approx(1)
    assert sum(s.share_production for s in slices) == pytest.approx(1)
    assert [s.n_cases for s in slices] == np.bincount(partition.slice_of_case, minlength=len(slices)).tolist()
    assert [s.n_traces for s in slices] == np.bincount(partition.slice_of_trace, minlength=len(slices)).tolist()
    assert len(slices) <= 30
    assert len({s.name for s in slices}) == len({s.id for s in slices}) == len(slices)
    for s in slices:
        assert s.delta == pytest.approx(s.share_eval - s.share_production)
        assert np.linalg.norm(s.centroid) == pytest.approx(1, abs=1e-5)


def test_the_new_topic_is_a_slice_of_its_own(draw) -> None:
    cases, traces = draw(300, SHARES, 1), draw(1500, [*SHARES, 1.5], 2)
    partition = _partition(cases, traces)
    (new,) = [s for s in partition.slices if s.under_covered]
    assert new.coverage == "uncovered"
    assert new.p_adjusted <= 0.01
    assert "gift" not in new.name
    assert "crash" in new.name
    assert new.cases_to_add == pytest.approx(300 * new.share_production / (1 - new.share_production), abs=2)
    assert all(traces.topics[row] == 8 for row in new.trace_rows)
    assert partition.under_covered_share == pytest.approx(np.mean(traces.topics == 8), abs=0.02)


def test_a_topic_gone_from_production_is_dead(draw) -> None:
    cases, traces = draw(300, [*SHARES, 2.0], 1), draw(1500, SHARES, 2)
    partition = _partition(cases, traces)
    (dead,) = [s for s in partition.slices if s.dead]
    assert dead.coverage == "dead"
    assert dead.cases_to_add == dead.cases_to_know == 0
    assert partition.dead_share == pytest.approx(np.mean(cases.topics == 8), abs=0.02)
    assert not any(s.under_covered for s in partition.slices)


def test_nothing_moved_nothing_flagged(draw) -> None:
    partition = _partition(draw(300, SHARES, 3), draw(1500, SHARES, 4))
    assert partition.under_covered_share == partition.dead_share == 0
    assert {s.coverage for s in partition.slices} <= {"covered", "thin"}
    assert len(partition.slices) >= 6
    assert min(s.share_production for s in partition.slices) >= 0.01


def test_traces_beyond_the_test_are_placed_too(draw) -> None:
    cases, traces = draw(10, SHARES, 1), draw(600, SHARES, 2)
    partition = _partition(cases, traces, 99)
    assert len(partition.slice_of_trace) == 600
    assert sum(s.n_traces for s in partition.slices) == 600


def test_ids_last(draw) -> None:
    first = _partition(draw(200, SHARES, 5), draw(800, SHARES, 6))
    previous = {s.id: s.centroid for s in first.slices}
    same = _partition(draw(200, SHARES, 5), draw(800, SHARES, 6), previous=previous)
    assert [s.id for s in same.slices] == [s.id for s in first.slices]
    other = _partition(draw(200, SHARES, 7), draw(800, [*SHARES, 3.0], 8), previous=previous)
    (new,) = [s for s in other.slices if s.under_covered]
    assert new.id not in previous


def test_its_tree_serves_poststratification(draw) -> None:
    partition = _partition(draw(200, SHARES, 5), draw(800, SHARES, 6))
    n = [s.n_cases for s in partition.slices]
    r = restated_pass_rate(
        [0.9 * a for a in n], n, [s.n_traces for s in partition.slices], parent=partition.parent
    )  # fmt: skip
    assert r.value == pytest.approx(0.9, abs=1e-6)


def test_one_text_is_one_slice() -> None:
    ones = np.ones((40, 8), dtype=np.float32)
    space = fit_space(ones, ones)
    test = compare_traffic(space, n_permutations=19)
    partition = build_partition(space, test, ones, ones, ["hi"] * 40, ["hi"] * 40)
    (only,) = partition.slices
    assert (only.name, only.delta, only.case_rows) == ("hi", 0.0, (0,))


def test_refuses_texts_of_other_rows(draw) -> None:
    cases, traces = draw(20, SHARES, 1), draw(60, SHARES, 2)
    space = fit_space(cases.vectors, traces.vectors)
    test = compare_traffic(space, n_permutations=19)
    with pytest.raises(ValueError, match="same rows"):
        build_partition(space, test, cases.vectors, traces.vectors, cases.texts[:-1], traces.texts)


def test_much_drift_still_makes_a_readable_partition(draw) -> None:
    cases, traces = draw(300, [1.0] * 6, 1, 0.6), draw(1500, [0.2] * 6 + [3.0] * 6, 2, 0.6)
    partition = _partition(cases, traces, max_slices=9)
    assert len(partition.slices) <= 9
    assert partition.under_covered_share > 0.8
