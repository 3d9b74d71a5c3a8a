"""DC401-DC404: silent over an unchanged product, loud over what was planted, and cases named."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.benchmarks.history import NAMES, PLANTED, Past, comparison_of, drawn, outcomes_of, statuses
from tests.checks.worlds import make_comparison

from driftcheck.checks import CHECKS, name_of
from driftcheck.checks.regressions import measure as measure_regressions
from driftcheck.errors import NotMeasurable
from driftcheck.findings import Measurement

DRAWS = range(12)


def measured(name: str, past: Past, seed: int = 0) -> Measurement:
    return next(check for check in CHECKS if name_of(check) == name).measure(drawn(past, seed))


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("n_runs", [6, 26])
def test_an_unchanged_product_is_no_finding(named: bool, n_runs: int) -> None:
    past = Past(150, n_runs, 0.85, 1 if named else None)
    said = [statuses(drawn(past, seed)) for seed in range(40)]
    for name in NAMES:
        assert sum(one[name] in ("warn", "fail") for one in said) <= 2, name


@pytest.mark.parametrize("n_runs", [6, 26])
def test_a_new_version_every_week_and_outcomes_of_chance_are_no_finding(n_runs: int) -> None:
    """No case fails or passes for a reason that stays, and the score moves by chance: nothing stands still."""
    past = Past(150, n_runs, 0.85, n_runs, noise=1.0)
    said = [statuses(drawn(past, seed)) for seed in range(40)]
    for name in NAMES:
        assert sum(one[name] in ("warn", "fail") for one in said) <= 2, name
        assert sum(one[name] == "pass" for one in said) >= 36, name


def test_outcomes_of_chance_that_no_version_moves_stand_still_after_a_quarter() -> None:
    """Expected of stable-score: the means of long versions agree, so the bench does not tell them apart."""
    said = [statuses(drawn(Past(600, 27, 0.85, 3, noise=1.0), seed)) for seed in DRAWS]
    assert sum(one["stable-score"] == "warn" for one in said) >= 10
    for name in ("saturated-cases", "regressions"):
        assert {one[name] for one in said} == {"pass"}, name
    assert not {one["chronic-failures"] for one in said} & {"warn", "fail"}
    said = [statuses(drawn(Past(600, 12, 0.85, 3, noise=1.0), seed)) for seed in DRAWS]
    assert {one["stable-score"] for one in said} == {"pass"}


@pytest.mark.parametrize(
    ("name", "cell"),
    [(name, cell) for name, cells in PLANTED.items() for cell in cells if "80%" not in cell and "2 runs" not in cell],
)
def test_what_was_planted_is_found(name: str, cell: str) -> None:
    said = [statuses(drawn(PLANTED[name][cell], seed))[name] for seed in DRAWS]
    assert sum(one in ("warn", "fail") for one in said) >= 8


def test_a_bench_that_moves_is_no_finding() -> None:
    past = Past(300, 20, 0.78, 5, moves=0.04)
    for seed in DRAWS:
        said = statuses(drawn(past, seed))
        assert not {"warn", "fail"} & {said[name] for name in NAMES}


@pytest.mark.parametrize("name", ["stable-score", "chronic-failures", "saturated-cases"])
def test_without_versions_they_say_what_to_name(name: str) -> None:
    with pytest.raises(NotMeasurable, match=r"names its model or prompt.*columns: \{runs: \{model"):
        measured(name, Past(100, 12, 0.9, None))
    with pytest.raises(NotMeasurable, match=r"12 runs of 2 versions.*at least 3"):
        measured(name, Past(100, 12, 0.9, 2))


def test_chronic_failures_are_the_planted_cases() -> None:
    past = Past(300, 12, 0.97, 4, chronic=0.08, noise=0.05)
    passes = outcomes_of(past, np.random.default_rng([0, 401]))
    always = {f"c{case:05d}" for case in np.flatnonzero(~passes.any(axis=1))}
    rows = measured("chronic-failures", past).evidence
    named = {case for row in rows for case in row.case_ids}
    assert named <= always
    assert sum(int(row.numbers["cases"] or 0) for row in rows) == len(always)  # type: ignore[arg-type]  # a count
    assert rows[0].label.startswith("since 20")
    assert rows[0].numbers["first"] == "model-0"


def test_few_failures_are_not_called_chronic() -> None:
    passes = np.ones((60, 6), dtype=bool)
    passes[0] = False
    comparison = comparison_of(passes, ["a", "a", "b", "b", "c", "c"])
    with pytest.raises(NotMeasurable, match=r"2 failures after the last 2 changes.*at least 10"):
        next(check for check in CHECKS if name_of(check) == "chronic-failures").measure(comparison)


def test_saturated_cases_are_told_apart_and_a_smaller_set_is_named() -> None:
    rng = np.random.default_rng(0)
    skill = np.linspace(0.2, 0.9, 8)
    moving = rng.random((40, 8)) < skill
    passes = np.vstack([np.ones((150, 8), dtype=bool), moving, np.zeros((10, 8), dtype=bool)])
    comparison = comparison_of(passes, [f"m{run}" for run in range(8)])
    found = next(check for check in CHECKS if name_of(check) == "saturated-cases").measure(comparison)
    by_label = {row.label: row for row in found.evidence}
    assert by_label["always fail: suspects"].case_ids == tuple(f"c{case:05d}" for case in range(190, 200))
    assert by_label["always pass: may retire"].numbers["cases"] == 150
    smaller = next(row for label, row in by_label.items() if label.startswith("rank 8 runs alike, tau 0.9"))
    assert {int(case[1:]) for case in smaller.case_ids} <= set(range(150, 190))
    assert found.value == pytest.approx(160 / 200)


def test_a_case_that_came_late_is_not_called_saturated() -> None:
    rng = np.random.default_rng(0)
    passes = np.vstack([rng.random((60, 4)) < 0.5, np.ones((5, 4), dtype=bool)])
    passes[:60, :2] = [True, False]
    comparison = comparison_of(passes, ["a", "b", "c", "d"])
    assert comparison.runs is not None
    frame = comparison.runs.frame
    late = frame[(frame["case_id"] != "c00064") | (frame["run_id"] >= "r0002")]
    comparison = replace(comparison, runs=replace(comparison.runs, frame=late))
    found = next(check for check in CHECKS if name_of(check) == "saturated-cases").measure(comparison)
    rows = {row.label: row.case_ids for row in found.evidence}
    assert rows["always pass: may retire"] == tuple(f"c{case:05d}" for case in range(60, 64))


def test_a_case_that_passes_half_of_a_version_passes_it() -> None:
    passes = np.ones((60, 4), dtype=bool)
    passes[:10] = [True, False, False, False]
    found = next(check for check in CHECKS if name_of(check) == "stable-score").measure(
        comparison_of(passes, ["a", "a", "b", "c"])
    )
    # passes 1 of 3 versions: 10 cases worth 4 / 3 * 2 / 3 each
    assert "Of 60 cases 10 ever changed, worth 8.9 of the most telling kind" in found.summary


def test_a_regression_after_an_outage_names_the_cases() -> None:
    passes = np.ones((200, 17), dtype=bool)
    passes[:15, [1, 16]] = False
    found = measure_regressions(comparison_of(passes, [None] * 17))
    assert found.value == pytest.approx(15 / 200)
    assert found.p_value is not None
    assert found.p_value < 0.001
    rows = {row.label: row.case_ids for row in found.evidence}
    assert rows == {"failed before too: investigate": tuple(f"c{case:05d}" for case in range(15))}


def test_the_standstill_is_told_in_weeks_and_versions() -> None:
    found = measured("stable-score", Past(300, 21, 0.9, 3))
    assert found.value == pytest.approx(20)
    assert [row.label for row in found.evidence] == ["model-2", "model-1", "model-0"]
    assert "Between two runs it would show a change of" in found.summary
    assert measured("stable-score", Past(300, 21, 0.78, 3, moves=0.05)).value == 0


def test_regressions_name_newly_failing_newly_passing_and_flaky_cases() -> None:
    rng = np.random.default_rng(0)
    passes = np.ones((200, 10), dtype=bool)
    passes[:20] = rng.random((20, 10)) < 0.5  # flaky
    passes[:20, -2:] = [True, False]
    passes[30:42, -1] = False
    passes[50:53, :-1] = False
    found = measure_regressions(comparison_of(passes, [None] * 10))
    by_label = {row.label: row.case_ids for row in found.evidence}
    assert by_label["newly failing: investigate"] == tuple(f"c{case:05d}" for case in range(30, 42))
    assert by_label["newly passing: keep as guard or retire"] == tuple(f"c{case:05d}" for case in range(50, 53))
    assert set(by_label["flaky: no regression"]) <= {f"c{case:05d}" for case in range(20)}
    assert found.value == pytest.approx(9 / 200)
    assert found.p_value is not None
    assert found.p_value < 0.001


def test_slices_say_where_and_add_up_to_no_more_than_the_whole() -> None:
    comparison = make_comparison(broken_share=0.1)
    found = measure_regressions(comparison)
    slices = [row for row in found.evidence if row.slice_id]
    assert slices
    assert sum(row.contribution or 0 for row in slices) <= found.value + 1e-9
    members = comparison.traffic.partition
    ids = comparison.eval_set.frame["case_id"].tolist()
    for row in slices:
        for case in row.case_ids:
            assert members.slices[members.slice_of_case[ids.index(case)]].id == row.slice_id


def test_a_smoke_run_is_no_regression() -> None:
    passes = np.ones((200, 4), dtype=bool)
    comparison = comparison_of(passes, [None] * 4)
    assert comparison.runs is not None
    frame = comparison.runs.frame
    few = frame[(frame["run_id"] != "r0003") | (frame["case_id"] <= "c00009")].copy()
    few.loc[few["run_id"] == "r0003", "status"] = "fail"
    comparison = replace(comparison, runs=replace(comparison.runs, frame=few))
    assert [run.run_id for run in comparison.history.runs] == ["r0000", "r0001", "r0002"]
    assert measure_regressions(comparison).value == 0
