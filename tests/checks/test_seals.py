"""What the checks of the seal say."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from tests.checks.worlds import RUN_TIME, TODAY, WEEK, make_comparison

from driftcheck.checks import seal_integrity, sealed_gap
from driftcheck.comparison import Comparison
from driftcheck.errors import NotMeasurable
from driftcheck.findings import Finding, FindingStatus
from driftcheck.policy import Plan, judge
from driftcheck.seals import Leak, Opening


def gap(comparison: Comparison) -> Finding:
    return judge(Plan(sealed_gap, sealed_gap.DEFAULT, (), required=False), sealed_gap.measure(comparison))


def integrity(comparison: Comparison, **changes: object) -> Finding:
    assert comparison.seal is not None
    changed = replace(comparison, seal=replace(comparison.seal, **changes))  # type: ignore[arg-type]  # its fields
    plan = Plan(seal_integrity, seal_integrity.DEFAULT, (), required=False)
    return judge(plan, seal_integrity.measure(changed))


def again(release: str, *, forced: bool, days: int = 1) -> Opening:
    return Opening(release, TODAY + dt.timedelta(days), RUN_TIME + days * 86_400, is_forced=forced)


def with_sealed(comparison: Comparison, **columns: object) -> Comparison:
    assert comparison.runs is not None
    return replace(comparison, runs=replace(comparison.runs, sealed=comparison.runs.sealed.assign(**columns)))


def test_a_sealed_score_that_is_lower_fails_with_both_rates() -> None:
    found = gap(make_comparison(sealed_fails=0.4))
    assert found.status is FindingStatus.FAIL
    assert found.measurement is not None
    assert found.measurement.value == pytest.approx(0.33, abs=0.08)
    assert found.measurement.n == {"sealed cases": 100, "tuned cases": 160}
    assert [row.label for row in found.measurement.evidence] == ["tuned", "sealed"]
    assert "with m3." in found.measurement.summary


def test_sealed_cases_that_pass_more_often_are_no_gap() -> None:
    found = gap(with_sealed(make_comparison(), status="pass"))
    assert found.status is FindingStatus.PASS
    assert found.measurement is not None
    assert found.measurement.value == 0
    assert found.measurement.low is not None
    assert found.measurement.low < 0


def test_a_small_sealed_sample_does_not_block_by_chance() -> None:
    comparison = make_comparison()
    assert comparison.runs is not None
    few = comparison.runs.sealed.sort_values("own_id").head(31)
    few = few.assign(status=["fail"] * 6 + ["pass"] * 25)
    found = gap(replace(comparison, runs=replace(comparison.runs, sealed=few)))
    assert found.measurement is not None
    assert found.measurement.value > 0.10
    assert found.status is not FindingStatus.FAIL


def test_the_opened_run_is_held_against_the_tuned_run_of_its_own_model() -> None:
    comparison = with_sealed(make_comparison(), model="m1")
    found = gap(comparison).measurement
    assert found is not None
    assert "with m1." in found.summary
    assert comparison.runs is not None
    tuned_of = comparison.runs.frame.loc[comparison.runs.frame["model"] == "m1"]
    last = tuned_of[tuned_of["run_time"] == tuned_of["run_time"].max()]
    assert found.evidence[0].numbers["run"] == last["run_id"].iloc[0] if found.evidence else True
    assert found.n["tuned cases"] == len(last)


def test_nearest_in_time_is_taken_not_the_latest() -> None:
    comparison = with_sealed(make_comparison(sealed_fails=0.5), run_time=RUN_TIME - 3.2 * WEEK, model=None)
    found = gap(comparison).measurement
    assert found is not None
    assert found.evidence[0].numbers["run"] == "q22"


def test_models_that_the_tuned_cases_never_saw_are_not_compared() -> None:
    with pytest.raises(NotMeasurable, match="run with m9, the tuned ones never"):
        sealed_gap.measure(with_sealed(make_comparison(), model="m9"))


def test_without_opened_results_the_command_is_named() -> None:
    comparison = make_comparison()
    assert comparison.runs is not None
    none = replace(comparison.runs, sealed=comparison.runs.sealed.head(0))
    with pytest.raises(NotMeasurable, match="driftcheck unseal --release"):
        sealed_gap.measure(replace(comparison, runs=none))
    few = replace(comparison.runs, sealed=comparison.runs.sealed.head(12))
    with pytest.raises(
        NotMeasurable, match="12 sealed cases and 160 tuned cases with an outcome are too few: at least 30"
    ):
        sealed_gap.measure(replace(comparison, runs=few))
    with pytest.raises(NotMeasurable, match="nothing is sealed"):
        sealed_gap.measure(replace(comparison, seal=None))
    with pytest.raises(NotMeasurable, match="no results of the 100 sealed cases"):
        sealed_gap.measure(replace(comparison, runs_until=RUN_TIME - 1))


def test_a_whole_seal_is_said_to_hold() -> None:
    found = integrity(make_comparison())
    assert found.status is FindingStatus.PASS
    assert found.measurement is not None
    assert found.measurement.summary.startswith("100 sealed cases, opened once, for v1: ")


def test_each_fault_counts_and_is_named() -> None:
    comparison = make_comparison(leaked=2)
    assert comparison.seal is not None
    found = integrity(
        comparison,
        problem="a.sealed is missing",
        leaks=(*comparison.seal.leaks, Leak("prompts/a.txt:12", 1)),
        openings=(*comparison.seal.openings, again("v2", forced=True)),
    )
    assert found.status is FindingStatus.FAIL
    assert found.measurement is not None
    assert found.measurement.value == 5
    labels = [row.label for row in found.measurement.evidence]
    assert labels == ["sealed file", "c0000", "c0001", "prompts/a.txt:12", "release v2, 2026-06-16"]


def test_openings_of_two_branches_that_were_merged_are_one_too_many() -> None:
    comparison = make_comparison()
    assert comparison.seal is not None
    openings = (*comparison.seal.openings, again("v1b", forced=False))
    found = integrity(comparison, openings=openings)
    assert found.measurement is not None
    assert found.measurement.value == 1
    assert integrity(comparison, openings=(again("v1", forced=True),)).status is FindingStatus.FAIL


def test_a_seal_older_than_the_refresh_warns_alone() -> None:
    comparison = make_comparison()
    later = replace(comparison, upkeep=replace(comparison.upkeep, refreshed=TODAY + dt.timedelta(1)))
    found = integrity(later)
    assert (found.status, found.measurement and found.measurement.value) == (FindingStatus.WARN, 0.5)
    assert (
        integrity(replace(comparison, upkeep=replace(comparison.upkeep, refreshed=TODAY))).status is FindingStatus.PASS
    )


def test_nothing_sealed_is_no_pass() -> None:
    with pytest.raises(NotMeasurable, match="nothing is sealed that the ledger knows of"):
        seal_integrity.measure(replace(make_comparison(), seal=None))
