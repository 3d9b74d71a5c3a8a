"""Phi of two items, and whether its interval holds what it says."""

import numpy as np
import pytest

from driftcheck.stats.agreement import Agreement
from driftcheck.stats.phi import phi


def test_it_is_the_correlation_of_two_columns() -> None:
    rng = np.random.default_rng(0)
    first = rng.random(500) < 0.7
    second = np.where(rng.random(500) < 0.8, first, rng.random(500) < 0.5)
    table = Agreement(
        int(np.sum(first & second)),
        int(np.sum(first & ~second)),
        int(np.sum(~first & second)),
        int(np.sum(~first & ~second)),
    )
    found = phi(table)
    assert found.value == pytest.approx(np.corrcoef(first, second)[0, 1])
    assert found.low < found.value < found.high


def test_opposites_are_minus_one_and_what_never_changes_says_nothing() -> None:
    assert phi(Agreement(0, 50, 50, 0)).value == -1
    assert (phi(Agreement(40, 0, 10, 0)).value, phi(Agreement(40, 0, 10, 0)).low) == (0, -1)


@pytest.mark.parametrize("n", [60, 300])
@pytest.mark.parametrize("truth", [0.0, 0.6, 0.8, 0.95])
def test_the_interval_covers(n: int, truth: float) -> None:
    rng = np.random.default_rng([n, round(100 * truth)])
    fails = 0.2
    both = fails**2 + truth * fails * (1 - fails)
    law = [1 - 2 * fails + both, fails - both, fails - both, both]
    intervals = [phi(Agreement(*map(int, row))) for row in rng.multinomial(n, law, size=1_000)]
    assert np.mean([one.low <= truth <= one.high for one in intervals]) >= 0.93
    assert np.mean([one.low > truth for one in intervals]) <= 0.04
