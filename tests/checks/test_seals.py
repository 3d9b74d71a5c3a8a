"""What the checks of the seal say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import pandas as pd
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
    assert comparison.seal is not None
    comparison = replace(comparison, seal=replace(comparison.seal, batches={0: 31}))
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


def outcomes(run: str, model: str, fails: float, ids: Sequence[str], time: float) -> pd.DataFrame:
    """A run of cases of which a share fails."""
    status = ["fail" if number < fails * len(ids) else "pass" for number in range(len(ids))]
    rows = {"run_id": run, "run_time": time, "case_id": None, "own_id": ids, "status": status, "model": model}
    return pd.DataFrame({**rows, "score": None, "prompt_id": None, "variant": None, "repeat": 0, "path": run})


def with_runs(comparison: Comparison, tuned: Sequence[pd.DataFrame], sealed: Sequence[pd.DataFrame]) -> Comparison:
    """A comparison of these runs, the oldest first."""
    assert comparison.runs is not None
    frame = pd.concat(tuned, ignore_index=True).assign(error=None)
    frame["case_id"] = frame["own_id"]
    opened = pd.concat(sealed, ignore_index=True).assign(error=None)
    opened = opened if "batch" in opened else opened.assign(batch=0)
    order = tuple(str(one["run_id"].iloc[0]) for one in tuned)
    return replace(comparison, runs=replace(comparison.runs, frame=frame, run_ids=order, sealed=opened))


TUNED = [f"c{number:04d}" for number in range(160)]
HELD = [f"h{number:03d}" for number in range(100)]


def test_each_model_is_held_against_its_own_nearest_run() -> None:
    """One sealed run of two models, whose tuned runs are two."""
    tuned = [outcomes("t2", "m2", 0.45, TUNED, RUN_TIME - WEEK), outcomes("t1", "m1", 0.05, TUNED, RUN_TIME)]
    sealed = [outcomes("s", "m1", 0.05, HELD, RUN_TIME), outcomes("s", "m2", 0.45, HELD, RUN_TIME)]
    found = gap(with_runs(make_comparison(), tuned, sealed))
    assert found.status is FindingStatus.PASS
    assert found.measurement is not None
    assert found.measurement.value == pytest.approx(0)
    assert found.measurement.n == {"sealed cases": 100, "tuned cases": 160}
    assert "(2 runs until" in found.measurement.summary
    both = with_runs(make_comparison(), tuned[1:], sealed)
    found = gap(both)
    assert found.status is FindingStatus.PASS, "the model that was never tuned is on neither side"
    assert found.measurement is not None
    assert "with m1." in found.measurement.summary


def test_a_tuned_run_of_a_model_on_few_cases_is_not_the_nearest() -> None:
    tuned = [outcomes("t1", "m1", 0.05, TUNED, RUN_TIME - WEEK), outcomes("t2", "m2", 0.05, TUNED, RUN_TIME)]
    tuned[1] = pd.concat([tuned[1], outcomes("t2", "m1", 1.0, TUNED[:40], RUN_TIME)], ignore_index=True)
    found = gap(with_runs(make_comparison(), tuned, [outcomes("s", "m1", 0.3, HELD, RUN_TIME)])).measurement
    assert found is not None
    assert found.evidence[0].numbers["run"] == "t1"


def test_a_run_of_a_part_of_the_sample_does_not_take_the_place_of_the_whole() -> None:
    tuned = [outcomes("t", "m", 0.05, TUNED, RUN_TIME)]
    whole = outcomes("whole", "m", 0.38, HELD, RUN_TIME)
    failures = outcomes("again", "m", 0.7, HELD[:38], RUN_TIME + 60)
    five = outcomes("five", "m", 0.0, HELD[:5], RUN_TIME + 120)
    for later in ([failures], [five], [failures, five]):
        found = gap(with_runs(make_comparison(), tuned, [whole, *later])).measurement
        assert found is not None
        assert found.n["sealed cases"] == 100
        assert found.value == pytest.approx(0.33, abs=0.01)
    with pytest.raises(NotMeasurable, match="38 of 100 at the most, two thirds of them are needed"):
        gap(with_runs(make_comparison(), tuned, [failures, five]))


def test_a_fresh_sample_is_whole_by_itself() -> None:
    comparison = make_comparison()
    assert comparison.seal is not None
    comparison = replace(comparison, seal=replace(comparison.seal, batches={0: 100, 1: 40}))
    fresh = [f"n{number:02d}" for number in range(40)]
    first = outcomes("first", "m", 0.05, HELD, RUN_TIME).assign(batch=0)
    # some failures of the sample before beside them
    second = outcomes("second", "m", 0.5, fresh, RUN_TIME + 60).assign(batch=1)
    beside = outcomes("second", "m", 1.0, HELD[:5], RUN_TIME + 60).assign(batch=0)
    tuned = [outcomes("t", "m", 0.05, TUNED, RUN_TIME)]
    found = gap(with_runs(comparison, tuned, [first, second, beside])).measurement
    assert found is not None
    assert found.n["sealed cases"] == 40
    assert found.value == pytest.approx(0.45)


def test_models_that_the_tuned_cases_never_saw_are_not_compared() -> None:
    with pytest.raises(NotMeasurable, match="run with m9, the tuned ones never"):
        sealed_gap.measure(with_sealed(make_comparison(), model="m9"))


def test_without_opened_results_the_command_is_named() -> None:
    comparison = make_comparison()
    assert comparison.runs is not None
    none = replace(comparison.runs, sealed=comparison.runs.sealed.head(0))
    with pytest.raises(NotMeasurable, match="driftcheck unseal --release"):
        sealed_gap.measure(replace(comparison, runs=none))
    few = replace(comparison.runs, sealed=comparison.runs.sealed.head(12).assign(batch=1))
    assert comparison.seal is not None
    comparison = replace(comparison, seal=replace(comparison.seal, batches={0: 100, 1: 12}))
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


def with_marked(comparison: Comparison, *case_ids: str) -> Comparison:
    frame = comparison.eval_set.frame
    split = ["Sealed" if one in case_ids else "tuned" for one in frame["case_id"]]
    return replace(comparison, eval_set=replace(comparison.eval_set, frame=frame.assign(split=split)))


def test_cases_marked_and_never_sealed_warn_and_are_named() -> None:
    marked = with_marked(make_comparison(), "c0003", "c0007")
    for comparison, of in ((marked, "Of 100 sealed cases: "), (replace(marked, seal=None), "Nothing is sealed: ")):
        plan = Plan(seal_integrity, seal_integrity.DEFAULT, (), required=False)
        found = judge(plan, seal_integrity.measure(comparison))
        assert found.status is FindingStatus.WARN
        assert found.measurement is not None
        assert found.measurement.value == 0.5
        said = f"{of}2 cases are marked for the seal and lie in the clear, scored as tuned."
        assert found.measurement.summary == said
        assert [row.case_ids for row in found.measurement.evidence] == [("c0003",), ("c0007",)]
        assert "driftcheck seal" in found.measurement.fix
    later = replace(marked, upkeep=replace(marked.upkeep, refreshed=TODAY + dt.timedelta(1)))
    assert integrity(later).status is FindingStatus.WARN, "one round that was not ended is one half"


def test_nothing_sealed_is_no_pass() -> None:
    with pytest.raises(NotMeasurable, match="nothing is sealed that the ledger knows of"):
        seal_integrity.measure(replace(make_comparison(), seal=None))


def test_a_copy_is_to_be_deleted_and_not_retired() -> None:
    comparison = make_comparison(leaked=1)
    assert comparison.seal is not None
    measured = integrity(comparison).measurement
    assert measured is not None
    assert measured.fix.startswith("Delete the copies (retired ones count too)")


def test_the_seal_of_another_drift_yaml_is_told_as_such() -> None:
    measured = integrity(make_comparison(), other="other.yaml").measurement
    assert measured is not None
    assert measured.summary.startswith("100 sealed cases of other.yaml, opened once, for v1: ")
