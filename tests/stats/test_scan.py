"""The scan statistic and its lookup."""

import numpy as np
import pytest

from driftcheck.stats.scan import PossibleCounts, signed_root_llr


def test_sign_says_who_has_more() -> None:
    under, even, over = signed_root_llr([0, 10, 20], [110, 110, 110], 100, 1100)
    assert under > 0
    assert abs(even) < 1e-9
    assert over < 0


def test_lookup_equals_computation() -> None:
    rng = np.random.default_rng(3)
    totals = np.array([5, 40, 300, 1000])
    counts = rng.integers(0, np.minimum(totals, 200) + 1, (50, 4))
    possible = PossibleCounts.of(totals, 200)
    looked_up = signed_root_llr(possible.case_counts, possible.totals, 200, 1000)[possible.places(counts)]
    assert looked_up == pytest.approx(signed_root_llr(counts, totals, 200, 1000), abs=1e-6)


def test_about_standard_normal_when_shares_are_equal() -> None:
    rng = np.random.default_rng(4)
    counts = rng.hypergeometric(1000, 9000, 500, size=5000)
    statistic = signed_root_llr(counts, np.full(5000, 1000), 500, 10000)
    assert abs(statistic.mean()) < 0.1
    assert 0.9 < statistic.std() < 1.1
