"""Thresholds, significance, waivers, verdicts."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest
from tests.checks.worlds import make_comparison

from driftcheck.checks import csat_gap, slice_coverage, topic_divergence, traffic_shift
from driftcheck.config import Config, Waiver, parse_config
from driftcheck.errors import ConfigError, ExitCode
from driftcheck.findings import Evidence, FindingStatus, Measurement, Thresholds, Verdict
from driftcheck.policy import Plan, judge, make_plan, run_checks, verdict

TODAY = dt.date(2026, 11, 22)


def config(text: str) -> Config:
    return parse_config(text, Path("drift.yaml"))


def plan(*waivers: Waiver, warn: float | None = 0.05, fail: float | None = 0.10) -> Plan:
    return Plan(slice_coverage, Thresholds(warn, fail), waivers, required=True)


def measured(value: float, p: float | None = 0.001, low: float | None = None, **slices: float) -> Measurement:
    rows = tuple(Evidence(label=name, slice_id=name, contribution=share) for name, share in slices.items())
    return Measurement(value=value, summary="s.", p_value=p, low=low, evidence=rows)


@pytest.mark.parametrize(
    ("measurement", "status"),
    [
        (measured(0.20), FindingStatus.FAIL),
        (measured(0.10), FindingStatus.FAIL),
        (measured(0.07), FindingStatus.WARN),
        (measured(0.01), FindingStatus.PASS),
        (measured(0.20, p=0.04), FindingStatus.PASS),
        (measured(0.20, p=None, low=-0.01), FindingStatus.PASS),
        (measured(0.20, p=None, low=0.02), FindingStatus.WARN),
        (measured(0.20, p=None, low=0.06), FindingStatus.WARN),  # 95 % above where it warns, 99 % not: 0.016
        (measured(0.20, p=None, low=0.09), FindingStatus.FAIL),
    ],
)
def test_effect_and_significance_are_both_needed(measurement: Measurement, status: FindingStatus) -> None:
    finding = judge(plan(), measurement)
    assert finding.status is status
    if status is FindingStatus.PASS and measurement.value > 0.05:
        assert "chance alone" in finding.reason


def waiver(slice_id: str | None = None) -> Waiver:
    return Waiver(check="slice-coverage", slice=slice_id, until=dt.date(2026, 12, 31), owner="ana", reason="known")


def test_a_waiver_holds_back_the_finding_and_says_who_until_when_and_why() -> None:
    finding = judge(plan(waiver()), measured(0.2))
    assert finding.status is FindingStatus.WAIVED
    assert finding.reason == "waived until 2026-12-31 by ana: known"


def test_a_waived_slice_takes_away_its_share_and_no_more() -> None:
    both = measured(0.30, s1=0.16, s2=0.14)
    assert judge(plan(waiver("s1"), waiver("s2")), both).status is FindingStatus.WAIVED
    assert judge(plan(waiver("s1")), both).status is FindingStatus.FAIL
    assert judge(plan(waiver("s1")), measured(0.22, s1=0.16, s2=0.06)).status is FindingStatus.WARN
    strange = judge(plan(waiver("s9")), both)
    assert strange.status is FindingStatus.FAIL
    assert strange.reason == "the waiver of s9 names no slice behind this finding"


def test_a_waiver_ends_on_its_day() -> None:
    text = "waivers: [{check: DC301, until: 2026-11-22, owner: a, reason: b}]"
    on_the_day = {p.name: p.waivers for p in make_plan(config(text), as_of=TODAY)}
    day_after = {p.name: p.waivers for p in make_plan(config(text), as_of=TODAY + dt.timedelta(days=1))}
    assert len(on_the_day["csat-gap"]) == 1
    assert day_after["csat-gap"] == ()


def test_waivers_that_do_not_hold_are_told() -> None:
    text = (
        "waivers: [{check: DC201, until: 2026-01-01, owner: ana, reason: b},"
        " {check: DC201, slice: s1, until: 2027-01-01, owner: b, reason: b}]"
    )
    (coverage,) = make_plan(config(text), as_of=TODAY, select=["DC201"])
    finding = judge(coverage, measured(0.3, s1=0.3))
    assert finding.status is FindingStatus.FAIL
    assert finding.reason == (
        "the waiver of ana ended on 2026-01-01; the waiver of s1 needs an audit in the ledger or `baseline:`,"
        " which make ids last"
    )
    (lasting,) = make_plan(config(text + "\nbaseline: b.json"), as_of=TODAY, select=["DC201"])
    assert judge(lasting, measured(0.3, s1=0.3)).status is FindingStatus.WAIVED
    known = {"s1": True, "s2": False}
    (lasting,) = make_plan(config(text), as_of=TODAY, select=["DC201"], is_lasting=known.__getitem__)
    assert judge(lasting, measured(0.3, s1=0.3)).status is FindingStatus.WAIVED


def test_null_means_never_and_what_is_left_out_keeps_the_default() -> None:
    (gap,) = make_plan(config("checks: {csat-gap: {fail: null}}"), as_of=TODAY, select=["csat-gap"])
    assert gap.thresholds == Thresholds(csat_gap.DEFAULT.warn, None)
    with pytest.raises(ConfigError, match="finite"):
        config("checks: {csat-gap: {fail: .nan}}")
    with pytest.raises(ConfigError, match="not a duration"):
        config("window: 28")


def test_a_check_cannot_be_required_and_off() -> None:
    with pytest.raises(ConfigError, match="csat-gap is required and off"):
        make_plan(config("required: [csat-gap]\nchecks: {DC301: off}"), as_of=TODAY)


def test_drift_yaml_sets_thresholds_by_code_or_name_and_turns_off() -> None:
    plans = {
        p.name: p
        for p in make_plan(
            config("checks: {DC301: {fail: 0.3}, topic-divergence: {warn: 0.5}, dead-cases: off}"), as_of=TODAY
        )
    }
    assert plans["csat-gap"].thresholds == Thresholds(csat_gap.DEFAULT.warn, 0.3)
    assert plans["topic-divergence"].thresholds == Thresholds(
        topic_divergence.DEFAULT.fail, topic_divergence.DEFAULT.fail
    )
    assert "dead-cases" not in plans


def test_a_stratified_set_is_not_gated_on_its_mix_unless_it_says_so() -> None:
    plans = {p.name: p for p in make_plan(config("design: stratified"), as_of=TODAY)}
    assert plans["topic-divergence"].thresholds.fail is None
    assert plans["slice-coverage"].thresholds.fail == slice_coverage.DEFAULT.fail
    said = make_plan(config("design: stratified\nchecks: {topic-divergence: {fail: 0.4}}"), as_of=TODAY)
    assert next(p for p in said if p.name == "topic-divergence").thresholds.fail == 0.4


def test_traffic_since_the_refresh_gates_a_stratified_set_alone() -> None:
    def fail(text: str) -> float | None:
        return next(p for p in make_plan(config(text), as_of=TODAY) if p.name == "traffic-shift").thresholds.fail

    assert fail("") is None
    assert fail("design: stratified") == traffic_shift.DEFAULT.fail
    assert fail("checks: {DC107: {fail: 0.3}}") == 0.3


def test_select_and_ignore_take_codes_names_and_beginnings() -> None:
    names = {p.name for p in make_plan(config(""), as_of=TODAY, select=["DC20", "blind"], ignore=["thin-slices"])}
    assert names == {"blind-slices", "slice-coverage", "dead-cases"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("checks:\n  csat-gab: off", "drift.yaml:2: no check called 'csat-gab' (did you mean csat-gap?)"),
        ("required: [slice-coverag]", "drift.yaml:1: no check called 'slice-coverag' (did you mean slice-coverage?)"),
        (
            "waivers: [{check: x1, until: 2026-01-01, owner: a, reason: b}]",
            "drift.yaml:1: no check called 'x1' (known:",
        ),
    ],
)
def test_unknown_checks_are_named_with_their_line(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as error:
        make_plan(config(text), as_of=TODAY)
    assert str(error.value).startswith(message)


def test_verdicts_and_exit_codes() -> None:
    plans = make_plan(config(""), as_of=TODAY)
    quiet = [p for p in plans if p.name != "thin-slices"]
    clean = run_checks(quiet, make_comparison())
    assert verdict(clean, quiet) == (Verdict.PASS, ExitCode.OK)
    drifted = run_checks(plans, make_comparison(new_share=0.3))
    assert verdict(drifted, plans) == (Verdict.FAIL, ExitCode.BLOCKED)
    assert drifted[0].status is FindingStatus.FAIL
    little = run_checks(plans, make_comparison(n_cases=10))
    assert verdict(little, plans) == (Verdict.BLIND, ExitCode.BLIND)
    assert "at least 30 cases" in next(finding.reason for finding in little if finding.name == "topic-divergence")
    assert {finding.name for finding in little if finding.blinds} == {"topic-divergence", "slice-coverage"}
    assert {finding.name for finding in drifted if finding.required} == {"topic-divergence", "slice-coverage"}
    unneeded = make_plan(config("required: []"), as_of=TODAY)
    assert verdict(little, unneeded)[1] is ExitCode.OK


@pytest.mark.parametrize("other", ["DC301", "dc301"])
def test_a_check_that_is_here_under_two_names_is_refused(other: str) -> None:
    with pytest.raises(ConfigError) as error:
        make_plan(config(f"checks:\n  csat-gap: {{fail: 0.3}}\n  {other}: off"), as_of=TODAY)
    assert str(error.value) == f"drift.yaml:3: '{other}' is the same check as 'csat-gap' (keep one)"


@pytest.mark.parametrize(
    ("value", "low", "warn", "fail", "status"),
    [
        (0.5, 0.45, 0.4, None, FindingStatus.WARN),
        (0.5, 0.35, 0.4, None, FindingStatus.PASS),
        (0.7, 0.65, 0.4, 0.6, FindingStatus.FAIL),
        (0.7, 0.42, 0.4, 0.6, FindingStatus.WARN),
        (0.7, 0.5, None, 0.6, FindingStatus.PASS),
        (0.3, 0.2, 0.4, None, FindingStatus.PASS),
    ],
)
def test_what_is_never_zero_has_to_lie_above_its_threshold(
    value: float, low: float, warn: float | None, fail: float | None, status: FindingStatus
) -> None:
    measurement = replace(measured(value, p=None, low=low), is_beyond_threshold=True, noticeable=0.0, spread=0.1)
    finding = judge(plan(warn=warn, fail=fail), measurement)
    assert finding.status is status
    if finding.status is FindingStatus.PASS:
        assert finding.measurement is not None
        least = fail if warn is None else warn
        assert finding.measurement.noticeable == pytest.approx((least or 0) + (1.96 + 0.8416) * 0.1, abs=1e-3)
