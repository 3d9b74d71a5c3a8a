"""Power of the gap between score and users: exact, and in step with the rule of csat-gap."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from driftcheck.checks import csat_gap
from driftcheck.config import Config, Policy, Settings
from driftcheck.findings import FindingStatus, Measurement
from driftcheck.policy import Plan, judge, make_plan
from driftcheck.power.ratings import Counts, GapTest, measure_gap_power
from driftcheck.stats.intervals import newcombe_difference, wilson


def plan_of(**policy: float) -> Plan:
    checks = {"csat-gap": Policy(**policy)} if policy else {}
    plans = make_plan(Config(Settings(checks=checks), None), as_of=dt.date(2026, 1, 1))
    return next(plan for plan in plans if plan.check is csat_gap)


def test_the_sum_is_what_simulation_gives() -> None:
    plan = plan_of()
    n_cases, n_ratings, pass_rate, gap = 150, 120, 0.9, 0.18
    rng = np.random.default_rng(0)
    alarms = 0
    for _ in range(2000):
        passed = wilson(rng.binomial(n_cases, pass_rate), n_cases)
        satisfied = wilson(rng.binomial(n_ratings, pass_rate - gap), n_ratings)
        difference = newcombe_difference(passed, satisfied)
        measured = Measurement(max(0.0, difference.value), "", difference.low, difference.high)
        alarms += judge(plan, measured).status is FindingStatus.FAIL
    exact = GapTest(plan, pass_rate, n_cases, n_ratings, 1.0).power(gap)
    assert 0.3 < exact < 0.95
    assert exact == pytest.approx(alarms / 2000, abs=0.035)


def test_power_rises_with_gap_and_ratings_and_falls_with_the_design_effect() -> None:
    plan = plan_of()
    power = [GapTest(plan, 0.9, 200, 200, 1.0).power(gap) for gap in (0.0, 0.05, 0.1, 0.2, 0.3)]
    assert power == sorted(power)
    assert power[0] < 0.01
    assert power[-1] > 0.99
    by_ratings = [GapTest(plan, 0.9, 200, n, 1.0).power(0.2) for n in (30, 100, 1000)]
    assert by_ratings == sorted(by_ratings)
    assert GapTest(plan, 0.9, 200, 200, 3.0).power(0.15) < GapTest(plan, 0.9, 200, 200, 1.0).power(0.15)


def test_under_30_ratings_nothing_is_noticed() -> None:
    assert GapTest(plan_of(), 0.9, 200, 29, 1.0).power(0.5) == 0.0


def test_a_rate_of_one_is_no_trouble() -> None:
    assert GapTest(plan_of(), 1.0, 50, 100, 1.0).power(0.3) > 0.9


def test_what_is_needed_is_enough() -> None:
    counts = Counts(pass_rate=0.9, n_cases=120, n_ratings=60, design_effect=1.2)
    gap = measure_gap_power(plan_of(), counts)
    needs = {need.gap: need for need in gap.needs}
    assert needs[0.05].n_ratings is None  # below the threshold no number will do
    assert needs[0.1].n_ratings is None  # and at it half the weeks are the most
    needed = needs[0.2].n_ratings
    assert needed is not None
    assert GapTest(plan_of(), 0.9, 120, needed, 1.2).power(0.2) >= 0.8
    assert GapTest(plan_of(), 0.9, 120, int(0.9 * needed), 1.2).power(0.2) < 0.82
    assert gap.smallest is not None
    assert GapTest(plan_of(), 0.9, 120, 60, 1.2).power(gap.smallest) >= 0.8
    assert GapTest(plan_of(), 0.9, 120, 60, 1.2).power(gap.smallest - 0.001) < 0.8


def test_the_threshold_of_drift_yaml_holds() -> None:
    counts = Counts(pass_rate=0.9, n_cases=300, n_ratings=1000, design_effect=1.0)
    lax, strict = (measure_gap_power(plan_of(fail=fail), counts).smallest for fail in (0.2, 0.1))
    assert lax is not None
    assert strict is not None
    assert strict < 0.2 < lax


def test_a_check_that_never_fails_has_no_power() -> None:
    plans = make_plan(
        Config(Settings(checks={"csat-gap": Policy(warn=0.05, fail=None)}), None), as_of=dt.date(2026, 1, 1)
    )
    plan = next(plan for plan in plans if plan.check is csat_gap)
    with pytest.raises(ValueError, match="never fails"):
        measure_gap_power(plan, Counts(0.9, 100, 100, 1.0))
