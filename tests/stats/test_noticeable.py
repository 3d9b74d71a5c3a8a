"""What could have been noticed: right where it can be simulated, and sensible everywhere."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftcheck.sizes import ALPHA
from driftcheck.stats.intervals import newcombe_difference, wilson
from driftcheck.stats.noticeable import (
    above_zero,
    dead_topic_share,
    location_shift,
    mix_shift,
    new_topic_share,
    new_value_share,
    noticeable_gap,
    slice_share_with_gap,
)

SIZES = ((50, 1000), (300, 1000), (1000, 5000))
DRAWS = 200


def _positive_sums(share: float, law: np.ndarray, n_cases: int, n_traces: int, rng: np.random.Generator) -> float:
    """Share of draws in which a new label of `share` is significant, by a permutation test of each."""
    q = np.append(law, 0.0)
    p = np.append(law * (1 - share), share)
    noticed = 0
    for _ in range(DRAWS):
        a, b = rng.multinomial(n_cases, q), rng.multinomial(n_traces, p)
        null = rng.multivariate_hypergeometric(a + b, n_cases, size=399, method="marginals")
        sums = ((a + b - null) / n_traces - null / n_cases).clip(min=0).sum(axis=1)
        noticed += (1 + np.count_nonzero(sums >= (b / n_traces - a / n_cases).clip(min=0).sum())) / 400 <= ALPHA
    return noticed / DRAWS


@pytest.mark.parametrize("law", [[1.0], [0.7, 0.3], [0.5, 0.2, 0.1, 0.1, 0.05, 0.05], [0.02] * 50])
@pytest.mark.parametrize(("n_cases", "n_traces"), [(100, 1000), (1000, 5000)])
def test_a_new_label_is_noticed_in_8_of_10_draws(law: list[float], n_cases: int, n_traces: int) -> None:
    rng = np.random.default_rng(len(law))
    share = new_value_share(law, n_cases, n_traces)
    assert share is not None
    assert _positive_sums(share, np.array(law), n_cases, n_traces, rng) >= 0.6
    assert _positive_sums(share / 1.5, np.array(law), n_cases, n_traces, rng) <= 0.75


@pytest.mark.parametrize(("n_cases", "n_ratings"), [(40, 60), (300, 400), (1000, 5000)])
@pytest.mark.parametrize("rate", [0.7, 0.95])
def test_a_gap_is_noticed_in_8_of_10_draws(n_cases: int, n_ratings: int, rate: float) -> None:
    gap = noticeable_gap(wilson(rate * n_cases, n_cases), wilson(rate * n_ratings, n_ratings))
    assert gap is not None
    rng = np.random.default_rng(0)
    passed = rng.binomial(n_cases, rate, 4000)
    satisfied = rng.binomial(n_ratings, rate - gap, 4000)
    above = [
        newcombe_difference(wilson(int(x), n_cases), wilson(int(y), n_ratings)).low > 0
        for x, y in zip(passed, satisfied, strict=True)
    ]
    assert np.mean(above) == pytest.approx(0.8, abs=0.06)


def test_a_gap_of_a_slice_is_noticed_in_8_of_10_draws() -> None:
    level = 1 - 2 * 0.05 / 20
    share = slice_share_with_gap(0.5, wilson(285, 300), wilson(380, 400), margin=0.1, level=level, least=0.01)
    assert share is not None
    n_cases, n_ratings = round(share * 300), round(share * 400)
    rng = np.random.default_rng(0)
    passed, satisfied = rng.binomial(n_cases, 0.95, 4000), rng.binomial(n_ratings, 0.45, 4000)
    above = [
        newcombe_difference(wilson(int(x), n_cases, level), wilson(int(y), n_ratings, level)).low > 0.1
        for x, y in zip(passed, satisfied, strict=True)
    ]
    assert np.mean(above) == pytest.approx(0.8, abs=0.1)


def test_what_no_size_would_show_is_none() -> None:
    assert noticeable_gap(wilson(2, 3), wilson(2, 3)) is None
    assert noticeable_gap(wilson(0, 30), wilson(20, 30)) is None
    assert new_topic_share(4.0, 5, 1000) is None
    assert slice_share_with_gap(0.5, wilson(9, 9), wilson(9, 9), margin=0.1, level=0.99, least=0.5) is None


@given(st.integers(30, 2000), st.integers(100, 10_000), st.integers(1, 20))
def test_shares_are_shares(n_cases: int, n_traces: int, n_labels: int) -> None:
    for share in (
        new_topic_share(4.0, n_cases, n_traces),
        dead_topic_share(4.0, n_cases, n_traces),
        new_value_share([1 / n_labels] * n_labels, n_cases, n_traces),
    ):
        assert share is None or 0 < share < 1


def test_more_data_notices_less() -> None:
    for sizes in (SIZES[:2], SIZES[1:]):
        few, many = sizes
        assert (new_topic_share(4.0, *many) or 0) < (new_topic_share(4.0, *few) or 0)
        assert (dead_topic_share(4.0, *many) or 0) < (dead_topic_share(4.0, *few) or 1)
        assert (new_value_share([0.5, 0.5], *many) or 0) < (new_value_share([0.5, 0.5], *few) or 0)
        assert mix_shift(*many) < mix_shift(*few)


def test_shifts_lie_beyond_what_chance_does() -> None:
    null = np.random.default_rng(0).exponential(0.05, 500)
    assert location_shift(null, 0.02) > np.quantile(null, 1 - ALPHA)
    assert above_zero(-0.1, 0.1) == pytest.approx(2.8 * 0.1 / 1.96, rel=0.01)
