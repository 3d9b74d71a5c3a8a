"""The parts of a change add up to it, for any data, and go where the change was planted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftcheck.stats.decomposition import decompose


@st.composite
def windows(draw: st.DrawFn) -> tuple[np.ndarray, ...]:
    k = draw(st.integers(1, 30))
    sizes = st.lists(st.integers(0, 100_000), min_size=k, max_size=k)
    before, after = np.array(draw(sizes)), np.array(draw(sizes))
    before[draw(st.integers(0, k - 1))] += 1
    after[draw(st.integers(0, k - 1))] += 1
    rates = st.lists(st.floats(0, 1), min_size=k, max_size=k)
    return before * np.array(draw(rates)), before, after * np.array(draw(rates)), after


@given(windows())
def test_the_parts_sum_to_the_change(counts: tuple[np.ndarray, ...]) -> None:
    parts = decompose(*counts)
    good_before, before, good_after, after = counts
    change = good_after.sum() / after.sum() - good_before.sum() / before.sum()
    assert parts.mix.sum() + parts.within.sum() == pytest.approx(change, abs=1e-9)
    assert parts.change == pytest.approx(change, abs=1e-9)


@given(windows())
def test_the_order_of_groups_does_not_matter(counts: tuple[np.ndarray, ...]) -> None:
    there, back = decompose(*counts), decompose(*(count[::-1] for count in counts))
    assert there.mix == pytest.approx(back.mix[::-1], abs=1e-12)
    assert there.within == pytest.approx(back.within[::-1], abs=1e-12)


def test_nothing_changes_where_nothing_changed() -> None:
    parts = decompose([3, 4], [10, 5], [6, 8], [20, 10])
    assert parts.change == pytest.approx(0)
    assert parts.mix == pytest.approx([0, 0])
    assert parts.within == pytest.approx([0, 0])


def test_a_group_that_gets_worse_is_within_it() -> None:
    parts = decompose([90, 90], [100, 100], [90, 40], [100, 100])
    assert parts.within == pytest.approx([0, -0.25])
    assert parts.mix == pytest.approx([0, 0])


def test_a_bad_group_that_grows_is_mix() -> None:
    parts = decompose([90, 5], [100, 10], [90, 50], [100, 100])
    assert parts.within == pytest.approx([0, 0])
    assert parts.mix[1] < 0
    assert parts.mix.sum() == pytest.approx(parts.change)


def test_a_group_that_appears_is_all_mix() -> None:
    parts = decompose([90, 0], [100, 0], [90, 10], [100, 50])
    assert parts.within == pytest.approx([0, 0])
    assert parts.mix[1] < 0


@pytest.mark.parametrize("empty", [([0], [0], [1], [2]), ([1], [2], [0], [0])])
def test_a_window_without_ratings_is_refused(empty: tuple[list[int], ...]) -> None:
    with pytest.raises(ValueError, match="no rating"):
        decompose(*empty)
