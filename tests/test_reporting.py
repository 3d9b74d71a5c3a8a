"""Every case and every sampled trace of an audit, as frames."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from tests.checks.worlds import make_comparison

from driftcheck.checks import duplicate_cases, novel_traffic
from driftcheck.comparison import Comparison
from driftcheck.members import CASE_COLUMNS, TRACE_COLUMNS, column_of
from driftcheck.reporting import make_case_frame, make_inputs, make_slice_rows, make_trace_frame


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    return make_comparison(new_share=0.2, repeat_cases=5, error_share=0.1)


def test_the_columns_are_those_declared(comparison: Comparison) -> None:
    for frame, columns in (
        (make_case_frame(comparison), CASE_COLUMNS),
        (make_trace_frame(comparison), TRACE_COLUMNS),
    ):
        assert [name for name in frame if not name.startswith("slice:")] == list(columns)
        assert [name for name in frame if name.startswith("slice:")] == ["slice:topic"]
        assert all(str(frame[name].dtype) == column_of(columns, name).dtype for name in frame)


def test_shares_of_slices_are_the_reports(comparison: Comparison) -> None:
    cases = make_case_frame(comparison)["slice_id"].value_counts(normalize=True)
    traces = make_trace_frame(comparison)["slice_id"].value_counts(normalize=True)
    rows = make_slice_rows(comparison)
    assert len(rows) > 4
    for row in rows:
        assert cases.get(row.id, 0.0) == pytest.approx(row.share_eval)
        assert traces.get(row.id, 0.0) == pytest.approx(row.share_production)


def test_numbers_of_the_checks_follow_from_the_frames(comparison: Comparison) -> None:
    cases, traces = make_case_frame(comparison), make_trace_frame(comparison)
    assert cases["near_duplicate_of"].notna().mean() == pytest.approx(duplicate_cases.measure(comparison).value)
    excess = novel_traffic.measure(comparison).value
    expected = comparison.traffic.novel.novelty.expected
    assert traces["novel"].mean() - expected == pytest.approx(excess)
    assert traces.loc[traces["slice:topic"] == "new", "novel"].mean() > 0.9
    assert cases["passed"].mean() == pytest.approx(comparison.pass_rate.value)
    rated = traces["satisfied"].dropna()
    assert 0 < len(rated) < len(traces)
    assert set(traces["error"].dropna()) == {"ToolTimeout"}


def test_what_was_read(comparison: Comparison) -> None:
    inputs = make_inputs(comparison)
    times = comparison.production.traffic["timestamp"]
    assert (inputs.production.first_time, inputs.production.last_time) == (times.min(), times.max())
    assert inputs.places == {}
    assert any(row.cases_to_know for row in make_slice_rows(comparison))
    frame = comparison.eval_set.frame.assign(own_id=None)
    nameless = replace(comparison, eval_set=replace(comparison.eval_set, frame=frame))
    assert make_inputs(nameless).places == dict(zip(frame["case_id"], frame["where"], strict=True))


def test_a_case_is_no_neighbour_of_its_own(comparison: Comparison) -> None:
    cases = make_case_frame(comparison).set_index("case_id")
    assert not (cases["nearest_other_case"] == cases.index).any()
    first = cases["near_duplicate_of"].dropna()
    assert (first < first.index).all()
    assert cases.loc[first, "near_duplicate_of"].isna().all()


def test_rows_keep_their_own_values(comparison: Comparison) -> None:
    traces = make_trace_frame(comparison)
    assert traces["session"].is_monotonic_increasing
    assert traces["session"].str.fullmatch("[0-9a-f]{16}").all()
    number = traces["trace_id"].str.removeprefix("t").astype(int)
    expected = pd.to_datetime(1_780_272_000 + number * 1_000, unit="s", utc=True)
    assert (traces["timestamp"] == expected).all()
    assert traces["text"].tolist() == comparison.production.sample["text"].tolist()


def test_too_little_data_leaves_what_needs_slices_null() -> None:
    comparison = make_comparison(n_cases=12, n_traces=150, with_runs=False)
    cases, traces = make_case_frame(comparison), make_trace_frame(comparison)
    assert (len(cases), len(traces)) == (12, 150)
    for frame, names in (
        (cases, ["slice_id", "slice_name", "nearest_other_case", "nearest_other_distance", "passed"]),
        (traces, ["slice_id", "slice_name", "coverage_distance", "nearest_case", "novel"]),
    ):
        assert frame[names].isna().all(axis=None)
    assert set(traces["language"]) == {"en"}
    assert traces["satisfied"].notna().any()


def test_the_order_of_the_inputs_does_not_matter(comparison: Comparison) -> None:
    other = make_comparison(new_share=0.2, repeat_cases=5, error_share=0.1, shuffle=3)
    pd.testing.assert_frame_equal(make_case_frame(other), make_case_frame(comparison))
    pd.testing.assert_frame_equal(make_trace_frame(other), make_trace_frame(comparison))


def test_a_time_that_is_unknown_is_null() -> None:
    comparison = make_comparison(n_cases=12, n_traces=150)
    comparison.production.sample.loc[3, "timestamp"] = np.nan
    assert make_trace_frame(comparison)["timestamp"].isna().tolist() == [row == 3 for row in range(150)]


def test_errors_in_words_lose_what_they_tell_of_a_user(comparison: Comparison) -> None:
    sample = comparison.production.sample.assign(error="Ana Lopez (ana@corp.example) is locked")
    errors = make_trace_frame(replace(comparison, production=replace(comparison.production, sample=sample)))["error"]
    assert set(errors) == {"[PERSON] ([EMAIL]) is locked"}
