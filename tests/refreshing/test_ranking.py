"""Needs of slices, and the order in which traces would become cases."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.checks.worlds import make_comparison, vectors
from tests.fakes import NEW_TOPIC, TOPICS

from driftcheck.comparison import SIMILAR, Comparison
from driftcheck.proposals import Why
from driftcheck.refreshing.needs import Needs, find_needs
from driftcheck.refreshing.ranking import Ranked, Ranking

NONE = np.zeros((0, 48), dtype=np.float32)
NEW = set(NEW_TOPIC.split())


@pytest.fixture(scope="module")
def drifted() -> Comparison:
    return make_comparison(new_share=0.12, with_runs=False)


def rank(comparison: Comparison, needs: Needs | None, limit: int, slices: tuple[str, ...] = ()) -> list[Ranked]:
    usable = np.ones(len(comparison.trace_vectors), dtype=bool)
    ranking = Ranking(comparison.trace_vectors, comparison.case_vectors, usable, limit)
    if needs:
        ranking.by_need(needs, slices)
    else:
        ranking.by_chance()
    return ranking.ranked


def is_new(comparison: Comparison, row: int) -> bool:
    return bool(NEW & set(comparison.production.sample["text"].iloc[row].split()))


def test_what_has_no_case_comes_first_and_differs(drifted: Comparison) -> None:
    ranked = rank(drifted, find_needs(drifted, NONE), 60)
    first = [one for one in ranked if one.why is Why.UNCOVERED]
    assert len(first) >= 15
    assert ranked[: len(first)] == first
    assert np.mean([is_new(drifted, one.row) for one in first]) >= 0.95
    chosen = drifted.trace_vectors[[one.row for one in ranked]]
    alike = chosen @ chosen.T - np.eye(len(chosen))
    assert alike.max() < SIMILAR
    assert (chosen @ drifted.case_vectors.T).max() < SIMILAR
    assert len({one.row for one in ranked}) == len(ranked)


def test_a_beginning_does_not_hang_on_the_limit(drifted: Comparison) -> None:
    needs = find_needs(drifted, NONE)
    assert rank(drifted, needs, 90)[:25] == rank(drifted, needs, 25)


def test_the_order_of_rows_does_not_matter(drifted: Comparison) -> None:
    def ids(comparison: Comparison) -> list[str]:
        ranked = rank(comparison, find_needs(comparison, NONE), 40)
        return [str(comparison.production.sample["trace_id"].iloc[one.row]) for one in ranked]

    assert ids(make_comparison(new_share=0.12, with_runs=False, shuffle=3)) == ids(drifted)


def test_without_drift_proposals_follow_traffic() -> None:
    still = make_comparison(with_runs=False, n_traces=1500)
    ranked = rank(still, find_needs(still, NONE), 200)
    rest = [one for one in ranked if one.why is Why.PROPORTIONAL]
    assert len(rest) > 60
    topics = list(TOPICS)
    told = np.array(
        [
            max(topics, key=lambda topic: len(set(TOPICS[topic].split()) & set(text.split())))
            for text in still.production.sample["text"].iloc[[one.row for one in ranked]]
        ]
    )
    shares = np.array([np.mean(told == topic) for topic in topics])
    assert shares == pytest.approx(np.full(8, 1 / 8), abs=0.06)


def test_dissatisfaction_weighs_and_is_shrunk() -> None:
    world = make_comparison(new_share=0.12, bad_topic="hotel", with_runs=False, rated=0.8)
    needs = find_needs(world, NONE)
    by_rate = sorted(
        (need for need in needs.slices if need.satisfaction),
        key=lambda need: need.satisfaction.value,  # type: ignore[union-attr]
    )
    assert by_rate[0].dissatisfaction > 3 * by_rate[-1].dissatisfaction
    assert by_rate[-1].dissatisfaction > 0
    unrated = find_needs(make_comparison(new_share=0.12, rated=0.0, with_runs=False), NONE)
    assert {need.dissatisfaction for need in unrated.slices} == {1.0}
    for need in needs.slices:
        if need.under_covered:
            assert need.weight == pytest.approx(need.share_production * need.short * need.dissatisfaction)


def test_what_lies_in_the_proposals_file_counts_as_if_it_were_accepted(drifted: Comparison) -> None:
    bare = find_needs(drifted, NONE)
    (needy,) = [need for need in bare.slices if need.under_covered]
    rows = [one.row for one in rank(drifted, bare, needy.n_short)]
    sample = drifted.production.sample
    ids = [str(one) for one in sample["trace_id"].iloc[rows]]
    # masked, they lie elsewhere: what they were taken from says to which slice they belong
    masked = vectors(["[PERSON]"] * len(rows))
    after = find_needs(drifted, masked, ids)
    (same,) = [need for need in after.slices if need.id == needy.id]
    assert same.n_pending == len(rows)
    assert same.weight < 0.1 * needy.weight
    assert same.n_short == 0
    assert same.n_cases == needy.n_cases
    unknown = find_needs(drifted, drifted.trace_vectors[rows], [None] * len(rows))
    assert [need.n_pending for need in unknown.slices] == [need.n_pending for need in after.slices]


def test_slices_can_be_named(drifted: Comparison) -> None:
    needs = find_needs(drifted, NONE)
    named = needs.slices[3].id
    ranked = rank(drifted, needs, 30, (named,))
    assert {needs.slices[one.slice].id for one in ranked if one.slice is not None} == {named}
    assert len(ranked) == 30


def test_what_may_not_be_used_is_not(drifted: Comparison) -> None:
    usable = np.zeros(len(drifted.trace_vectors), dtype=bool)
    usable[::7] = True
    ranking = Ranking(drifted.trace_vectors, drifted.case_vectors, usable, 1000)
    ranking.by_need(find_needs(drifted, NONE), ())
    assert all(one.row % 7 == 0 for one in ranking.ranked)
    assert ranking.n_near == int(
        (usable & ((drifted.trace_vectors @ drifted.case_vectors.T).max(axis=1) >= SIMILAR)).sum()
    )


def test_without_slices_the_sample_is_taken_in_its_own_order(drifted: Comparison) -> None:
    few = replace(drifted, case_vectors=drifted.case_vectors[:3])
    rows = [one.row for one in rank(few, None, 20)]
    assert rows == sorted(rows)
    assert len(rows) == 20
