"""The gate on splits of a made-up world: quiet without drift, louder with more of it and with more cases."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from tests.checks.worlds import vectors
from tests.fakes import EVEN, draw

from driftcheck.config import Config, Policy, Settings
from driftcheck.policy import make_plan
from driftcheck.power.gate import Gate, traffic_plans
from driftcheck.power.simulating import drawn_sizes, told_sizes
from driftcheck.power.splits import new_topic, undrifted

N_POOL = 800
LABELS, TEXTS = zip(*draw(np.random.default_rng(0), N_POOL, EVEN), strict=True)


@pytest.fixture(scope="module")
def gate() -> Gate:
    plans = make_plan(Config(Settings(), None), as_of=dt.date(2026, 1, 1))
    return Gate(vectors(TEXTS), traffic_plans(plans))


def n_alarms(gate: Gate, n_cases: int, share: float, n_draws: int) -> int:
    members = np.flatnonzero(np.array(LABELS) == "visa")
    found = 0
    for seed in range(n_draws):
        split = new_topic(N_POOL, members, n_cases, 250, share, np.random.default_rng(seed))
        assert split is not None
        found += bool(gate.audit(split, seed).failed)
    return found


def test_no_alarm_without_drift(gate: Gate) -> None:
    outcomes = [gate.audit(undrifted(N_POOL, 80, 250, np.random.default_rng(seed)), seed) for seed in range(6)]
    # two alarms of six have a chance of 0.003 at 1.5 % each
    assert sum(bool(outcome.failed) for outcome in outcomes) <= 1


def test_power_rises_with_share_and_cases(gate: Gate) -> None:
    assert n_alarms(gate, 200, 0.2, 3) == 3
    assert n_alarms(gate, 200, 0.02, 3) == 0
    assert n_alarms(gate, 40, 0.12, 3) < 3


def test_waivers_off_and_never_failing_are_heeded() -> None:
    checks = {"novel-traffic": Policy(off=True), "topic-divergence": Policy(warn=0.05, fail=None)}
    plans = make_plan(Config(Settings(checks=checks), None), as_of=dt.date(2026, 1, 1))
    assert [plan.name for plan in traffic_plans(plans)] == ["slice-coverage"]
    lax = {name: Policy(fail=9.0) for name in ("novel-traffic", "topic-divergence", "slice-coverage")}
    plans = make_plan(Config(Settings(checks=lax), None), as_of=dt.date(2026, 1, 1))
    assert n_alarms(Gate(vectors(TEXTS), traffic_plans(plans)), 200, 0.2, 1) == 0


@pytest.mark.parametrize(
    ("n_cases", "n_pool"),
    [(12, 10_000), (120, 700), (300, 10_000), (5000, 10_000), (5000, 130), (60, 155), (35, 133)],
)
def test_sizes_fit_the_pool(n_cases: int, n_pool: int) -> None:
    sizes = drawn_sizes(n_cases, n_pool)
    assert sizes
    assert all(n >= 30 and n + max(100, n) <= n_pool for n in sizes)
    assert set(sizes) <= {*told_sizes(n_cases), 30}
    assert drawn_sizes(n_cases, 129) == ()
