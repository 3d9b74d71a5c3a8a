"""Two runs compared: noise is no regression, and a regression is not noise."""

from __future__ import annotations

import numpy as np
import pytest

from driftcheck.history import History, RunPoint
from driftcheck.run_noise import LEVEL
from driftcheck.sizes import ALPHA
from driftcheck.stats.paired import mcnemar_p_value
from driftcheck.upgrade import Upgrade, by_slice, compare_runs


def made(shares: np.ndarray, versions: list[int] | None = None) -> History:
    n_cases, n_runs = shares.shape
    runs = tuple(
        RunPoint(f"r{run}", float(run), None, None, 0 if versions is None else versions[run], versions is not None)
        for run in range(n_runs)
    )
    return History(runs, tuple(f"c{case:03d}" for case in range(n_cases)), shares.astype(float))


def latest(shares: np.ndarray, versions: list[int] | None = None) -> Upgrade:
    return compare_runs(made(shares, versions), shares.shape[1] - 2, shares.shape[1] - 1)


def unchanged(seed: int, n_cases: int, n_runs: int, rate: float, broken: int = 0) -> np.ndarray:
    """Each case keeps its own outcome in 4 of 5 runs and redraws it otherwise."""
    rng = np.random.default_rng([seed, n_runs])
    own = rng.random(n_cases) < rate
    shares = np.where(rng.random((n_cases, n_runs)) < 0.8, own[:, None], rng.random((n_cases, n_runs)) < rate)
    shares[np.flatnonzero(own)[:broken], -1] = False
    return shares.astype(float)


def test_two_runs_are_plain_mcnemar() -> None:
    shares = np.repeat([[1, 0], [0, 1], [1, 1], [0, 0]], [9, 2, 20, 5], axis=0)
    upgrade = latest(shares)
    assert upgrade.newly_failing == tuple(f"c{case:03d}" for case in range(9))
    assert upgrade.newly_passing == ("c009", "c010")
    assert len(upgrade.still_failing) == 5
    assert upgrade.flaky == ()
    assert upgrade.p_noise is None
    assert upgrade.p_gate == upgrade.p_mcnemar == mcnemar_p_value(9, 2)
    assert upgrade.change.value == pytest.approx(-7 / 36)
    assert (upgrade.old_rate.value, upgrade.new_rate.value) == (pytest.approx(29 / 36), pytest.approx(22 / 36))


def test_a_case_that_flips_all_the_time_is_apart() -> None:
    steady, flaky = np.ones((40, 9)), np.tile([1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0], (5, 1))
    upgrade = latest(np.vstack([steady, flaky]))
    assert upgrade.newly_failing == ()
    assert [(case.case_id, case.n_passes, case.n_runs, case.fails_now) for case in upgrade.flaky][:1] == [
        ("c040", 4, 9, True)
    ]
    assert upgrade.p_mcnemar == 1
    assert min(upgrade.p_gate, upgrade.p_worse) > LEVEL
    assert upgrade.net_failing == 0


def test_a_first_failure_is_no_flake() -> None:
    shares = np.ones((40, 9))
    shares[:3, -1] = 0
    assert latest(shares).newly_failing == ("c000", "c001", "c002")


def test_repeats_that_move_a_little_are_apart_from_those_that_move_much() -> None:
    upgrade = latest(np.array([[0.6, 0.4], [1.0, 0.2], [0.4, 0.6], [0.0, 1.0], [1.0, 1.0]]))
    assert (upgrade.newly_failing, upgrade.newly_passing) == (("c001",), ("c003",))
    assert upgrade.flaky == ()
    assert [(case.case_id, case.old, case.new) for case in upgrade.moved] == [("c000", 0.6, 0.4), ("c002", 0.4, 0.6)]


@pytest.mark.parametrize("now", [0.5, 0.45])
def test_a_fall_by_part_of_the_repeats_is_a_fall(now: float) -> None:
    shares = np.full((200, 3), 0.9)
    shares[:60, 2] = now
    upgrade = latest(shares)
    assert (upgrade.newly_failing, upgrade.flaky) == ((), ())
    assert len(upgrade.moved) == 60
    assert upgrade.is_worse
    assert upgrade.p_gate <= ALPHA
    assert upgrade.change.value == pytest.approx(upgrade.new_rate.value - upgrade.old_rate.value)
    assert upgrade.change.high < 0
    assert latest(shares[:, [0, 2, 1]]).p_better <= LEVEL


def test_one_of_three_models_that_breaks_is_a_regression() -> None:
    shares = np.ones((200, 5))
    shares[:, 4] = 2 / 3
    assert latest(shares).p_gate <= ALPHA


def test_new_cases_that_break_are_a_regression() -> None:
    shares = np.ones((200, 3))
    shares[110:, 0] = np.nan
    shares[120:180, 2] = 0
    upgrade = latest(shares)
    assert upgrade.p_noise == 1
    assert upgrade.p_gate < 1e-6
    assert upgrade.smallest is not None
    assert upgrade.smallest < 0.05


def test_an_outage_long_ago_does_not_make_a_regression_flaky() -> None:
    shares = np.ones((200, 17))
    shares[:40, [1, 16]] = 0
    upgrade = latest(shares)
    assert upgrade.newly_failing == ()
    assert len(upgrade.flaky) == 40
    assert upgrade.is_worse
    assert upgrade.p_gate < 1e-6
    assert upgrade.counts_all
    assert upgrade.net_failing == pytest.approx(0.2)


def test_a_regression_is_found_among_flaky_cases() -> None:
    found = 0
    for seed in range(40):
        rng = np.random.default_rng([seed, 12])
        rate = np.where(np.arange(200) < 40, rng.random(200), 1.0)
        shares = (rng.random((200, 12)) < rate[:, None]).astype(float)
        shares[40:50, -1] = 0
        found += latest(shares).p_gate <= ALPHA
    assert found >= 38


def test_repeats_of_an_unchanged_product_are_no_regression() -> None:
    drawn = []
    for seed in range(150):
        rng = np.random.default_rng([seed, 5])
        drawn.append(latest(rng.binomial(5, rng.random(100)[:, None], (100, 6)) / 5))
    assert np.mean([upgrade.p_gate <= LEVEL for upgrade in drawn]) <= 0.08
    assert np.mean([upgrade.p_worse <= LEVEL for upgrade in drawn]) <= 0.08


def test_noise_of_another_version_is_not_held_against_this_one() -> None:
    flips = np.tile([1.0, 0.0, 1.0, 0.0, 1.0, 1.0, 1.0, 0.0], (6, 1))
    shares = np.vstack([flips, np.ones((40, 8))])
    assert latest(shares).newly_failing == ()
    upgrade = latest(shares, [0, 0, 0, 0, 1, 1, 1, 2])
    assert len(upgrade.newly_failing) == 6
    assert upgrade.n_reference == 3


def test_a_regression_of_last_time_is_not_one_of_this_time() -> None:
    shares = unchanged(0, 300, 20, 0.95, broken=20)
    shares[:, -2] = shares[:, -1]
    assert latest(shares).p_gate > ALPHA
    assert compare_runs(made(shares), 17, 18).p_gate <= ALPHA


def test_cases_of_one_run_are_not_compared() -> None:
    upgrade = latest(np.array([[1.0, np.nan], [np.nan, 0.0], [1.0, 0.0]]))
    assert (upgrade.n, upgrade.went, upgrade.came) == (1, ("c000",), ("c001",))
    nothing = latest(np.array([[1.0, np.nan]]))
    assert (nothing.n, nothing.p_mcnemar, nothing.smallest) == (0, 1.0, None)


@pytest.mark.parametrize("rate", [0.8, 0.95])
@pytest.mark.parametrize("n_runs", [2, 6, 26])
def test_an_unchanged_product_is_no_regression(rate: float, n_runs: int) -> None:
    drawn = [latest(unchanged(seed, 200, n_runs, rate)) for seed in range(150)]
    assert np.mean([upgrade.p_gate <= ALPHA for upgrade in drawn]) <= 0.03
    assert np.mean([upgrade.p_mcnemar <= LEVEL for upgrade in drawn]) <= 0.09
    # leaving flaky cases out makes neither direction likelier
    net = [len(upgrade.newly_failing) - len(upgrade.newly_passing) for upgrade in drawn]
    assert abs(np.mean(net)) < 3 * np.std(net) / np.sqrt(len(net)) + 0.05


def test_earlier_runs_make_a_regression_of_five_per_cent_plain() -> None:
    found = {
        n_runs: np.mean([latest(unchanged(seed, 300, n_runs, 0.95, broken=15)).p_gate <= ALPHA for seed in range(60)])
        for n_runs in (2, 8, 26)
    }
    assert found[8] > 0.9
    assert found[26] > 0.9
    assert found[2] < found[8]


def test_what_could_have_been_noticed_is_about_what_is() -> None:
    upgrade = latest(unchanged(1, 300, 12, 0.95))
    assert upgrade.noticeable is not None
    broken = round(upgrade.noticeable * 300)
    found = np.mean([latest(unchanged(seed, 300, 12, 0.95, broken=broken)).p_gate <= ALPHA for seed in range(80)])
    assert 0.6 < found <= 1


def test_slices_that_lost_most_come_first_and_are_adjusted_together() -> None:
    shares = np.repeat([[1, 0], [1, 1], [0, 1], [1, 1]], [8, 12, 2, 8], axis=0)
    upgrade = latest(shares)
    ids = [f"c{case:03d}" for case in range(30)]
    first, second, third = by_slice(upgrade, {"a": ids[20:], "b": ids[:20], "c": ids[25:]})
    assert [row.name for row in (first, second, third)] == ["b", "c", "a"]
    assert (len(first.newly_failing), first.n) == (8, 20)
    assert first.p_value == pytest.approx(3 * mcnemar_p_value(8, 0))
    assert third.newly_passing == ("c020", "c021")
    assert by_slice(upgrade, {}) == ()
