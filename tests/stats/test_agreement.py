"""Cohen's kappa: published numbers, degenerate tables, limits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from driftcheck.stats.agreement import Agreement, kappa, kappa_error

counts = st.integers(0, 200)
tables = st.builds(Agreement, counts, counts, counts, counts).filter(lambda table: table.n > 0)


@given(tables)
def test_it_is_scikit_learns_and_lies_within_its_limits(table: Agreement) -> None:
    first = [1] * (table.both_good + table.only_first) + [0] * (table.only_second + table.both_bad)
    second = [1] * table.both_good + [0] * table.only_first + [1] * table.only_second + [0] * table.both_bad
    found = kappa(table)
    if len({*first, *second}) > 1:
        assert found.value == pytest.approx(cohen_kappa_score(first, second), abs=1e-9)
    else:
        assert found.value == 0
    assert -1 <= found.low <= found.value <= found.high <= 1


@given(tables)
def test_who_is_first_and_what_is_good_change_nothing(table: Agreement) -> None:
    turned = Agreement(table.both_bad, table.only_first, table.only_second, table.both_good)
    swapped = Agreement(table.both_good, table.only_second, table.only_first, table.both_bad)
    for other in (turned, swapped):
        assert kappa(other).value == pytest.approx(kappa(table).value)
        assert kappa(other).high == pytest.approx(kappa(table).high)


def test_the_error_is_that_of_many_draws() -> None:
    rng = np.random.default_rng(0)
    shares = np.array([0.6, 0.08, 0.07, 0.25])
    drawn = [kappa(Agreement(*row)).value for row in rng.multinomial(400, shares, 4_000).tolist()]
    table = Agreement(*(400 * shares).astype(int).tolist())
    found = kappa(table)
    assert (found.high - found.low) / 3.92 == pytest.approx(np.std(drawn), rel=0.04)
    assert kappa_error(table, found.value) == pytest.approx(np.std(drawn), rel=0.04)


def test_a_table_with_an_empty_cell_is_not_known_exactly() -> None:
    assert kappa(Agreement(25, 0, 0, 5)).low < 0.95
    blind = kappa(Agreement(25, 5, 0, 0))
    assert blind.value == 0
    assert blind.low < -0.03
    assert blind.high > 0.1


def test_nothing_rated_is_refused() -> None:
    with pytest.raises(ValueError, match="no answer"):
        kappa(Agreement(0, 0, 0, 0))


def test_rare_labels_lower_kappa_at_equal_raw_agreement() -> None:
    even, rare = Agreement(45, 5, 5, 45), Agreement(85, 5, 5, 5)
    assert even.raw == rare.raw == 0.9
    assert even.adjusted == rare.adjusted == pytest.approx(kappa(even).value)
    assert kappa(rare).value < 0.5
    assert (rare.first_good, rare.second_good, rare.n_second_bad) == (0.9, 0.9, 10)
