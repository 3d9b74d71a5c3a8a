"""Splits never use a session twice, and plant what they say."""

from __future__ import annotations

import numpy as np
import pytest
from tests.checks.worlds import vectors
from tests.fakes import EVEN, draw

from driftcheck.power.splits import Split, needed_members, new_topic, shifted_mix, tilted, undrifted
from driftcheck.power.topics import BROADEST, ROOM, Topics, grow_topics
from driftcheck.stats.divergence import kl_divergence


def check_disjoint(split: Split, n_cases: int, n_pool: int) -> None:
    rows = np.concatenate([split.cases, split.sessions])
    assert len(split.cases) == n_cases
    assert len(np.unique(rows)) == len(rows)
    assert rows.min() >= 0
    assert rows.max() < n_pool


@pytest.fixture(scope="module")
def topics() -> Topics:
    return grow_topics(vectors([text for _, text in draw(np.random.default_rng(0), 600, EVEN)]), seed=0)


def test_undrifted() -> None:
    split = undrifted(500, 100, 400, np.random.default_rng(0))
    check_disjoint(split, 100, 500)
    assert len(split.sessions) == 400
    with pytest.raises(ValueError, match="101"):
        undrifted(500, 101, 400, np.random.default_rng(0))


def test_a_new_topic_is_in_production_alone() -> None:
    members = np.arange(0, 200)
    n_new = []
    for seed in range(40):
        split = new_topic(2000, members, 100, 1000, 0.1, np.random.default_rng(seed))
        assert split is not None
        check_disjoint(split, 100, 2000)
        assert len(split.sessions) == 1000
        assert not np.isin(split.cases, members).any()
        n_new.append(np.isin(split.sessions, members).sum())
    assert np.mean(n_new) == pytest.approx(100, abs=6)
    assert np.std(n_new) > 3  # a week's share is what chance makes of it


def test_a_pool_too_small_makes_no_split() -> None:
    rng = np.random.default_rng(0)
    assert new_topic(2000, np.arange(20), 100, 1000, 0.1, rng) is None
    assert new_topic(1000, np.arange(400), 300, 1000, 0.1, rng) is None


def test_a_shifted_mix_is_as_far_as_it_says() -> None:
    topic_of = np.repeat(np.arange(10, dtype=np.int32), 400)
    far = []
    for seed in range(20):
        split = shifted_mix(topic_of, 200, 1500, 0.2, np.random.default_rng(seed))
        assert split is not None
        check_disjoint(split, 200, 4000)
        p = np.bincount(topic_of[split.sessions], minlength=10)
        far.append(float(kl_divergence(p, np.full(10, 1.0), pseudo_count=0)))
    assert np.mean(far) == pytest.approx(0.2, abs=0.03)


@pytest.mark.parametrize("nats", [0.02, 0.1, 0.4])
def test_tilting_meets_its_target(nats: float) -> None:
    q = np.array([0.4, 0.3, 0.2, 0.1])
    p = tilted(q, nats, np.random.default_rng(3))
    assert p is not None
    assert p.sum() == pytest.approx(1)
    assert float(kl_divergence(p, q, pseudo_count=0)) == pytest.approx(nats, abs=1e-9)


def test_tilting_beyond_what_a_mix_can_do() -> None:
    assert tilted(np.array([0.5, 0.5]), 5.0, np.random.default_rng(0)) is None


def test_topics_are_of_about_the_size_needed(topics: Topics) -> None:
    rng = np.random.default_rng(0)
    for share in (0.02, 0.05):
        needed = needed_members(share, 300)
        for _ in range(20):
            chosen = topics.choose(needed, rng)
            assert chosen is not None
            assert needed <= len(topics.members[chosen]) <= max(ROOM * needed, BROADEST * 600)
    assert topics.choose(10_000, rng) is None
    n = topics.most_sessions(0.1)
    assert needed_members(0.1, n) <= BROADEST * 600 < needed_members(0.1, n + 11)


def test_topics_are_parts_of_the_pool_at_several_grains(topics: Topics) -> None:
    assert all(len(np.unique(rows)) == len(rows) for rows in topics.members)
    assert all(0 < len(rows) <= 300 for rows in topics.members)
    assert {len(np.unique(mix)) for mix in topics.mixes} >= {8, 16}
    assert all(mix.shape == (600,) for mix in topics.mixes)


def test_topics_are_those_that_were_planted(topics: Topics) -> None:
    """Most sessions of a topic are of one of the eight kinds that the world was drawn from."""
    labels = np.array([name for name, _ in draw(np.random.default_rng(0), 600, EVEN)])
    sized = [rows for rows in topics.members if 20 <= len(rows) <= 60]
    purity = [np.unique(labels[rows], return_counts=True)[1].max() / len(rows) for rows in sized]
    assert np.mean(purity) > 0.5
