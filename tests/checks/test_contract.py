"""What every check keeps to, whoever wrote it."""

from __future__ import annotations

import math
import re
from functools import cache
from pathlib import Path

import pytest
from tests.checks.worlds import make_comparison

import driftcheck.checks
from driftcheck.checks import CHECKS, Check, name_of
from driftcheck.comparison import Comparison
from driftcheck.errors import NotMeasurable
from driftcheck.findings import FindingStatus
from driftcheck.policy import Plan, judge
from driftcheck.renderers.manual import sections

HEADINGS = ("What is measured", "Why it matters", "How to fix it", "Source")

MORE_AND_MORE: dict[str, tuple[dict[str, object], ...]] = {
    "topic-divergence": ({"new_share": 0.08}, {"new_share": 0.3}),
    "novel-traffic": ({"new_share": 0.15}, {"new_share": 0.3}),
    "language-mix": ({"foreign_share": 0.15}, {"foreign_share": 0.4}),
    "length-shift": ({"longer": 2}, {"longer": 6}),
    "error-mix": ({"error_share": 0.1}, {"error_share": 0.3}),
    "metadata-mix": ({"new_share": 0.2}, {"new_share": 0.5}),
    "slice-coverage": ({"new_share": 0.1}, {"new_share": 0.3}),
    "dead-cases": ({"dead_topic_cases": 16}, {"dead_topic_cases": 60}),
    "thin-slices": ({"n_cases": 160},),
    "csat-gap": ({"bad_topic": "refund"},),
    "blind-slices": ({"bad_topic": "refund"},),
    "restated-pass-rate": ({"failing_topic": "refund", "seed": 3, "new_share": 0.3},),
    "duplicate-cases": ({"repeat_cases": 20}, {"repeat_cases": 120}),
}
"""Worlds in which more and more of what the check measures was planted."""

each_check = pytest.mark.parametrize("check", CHECKS, ids=name_of)


@cache
def world(key: tuple[tuple[str, object], ...] = ()) -> Comparison:
    return make_comparison(**dict(key))  # type: ignore[arg-type]  # keys are those of make_comparison


def planted(**what: object) -> Comparison:
    return world(tuple(sorted(what.items())))


def status(check: Check, comparison: Comparison) -> FindingStatus:
    return judge(Plan(check, check.DEFAULT, (), required=False), check.measure(comparison)).status


def test_every_module_of_a_check_is_registered_once_and_in_order() -> None:
    folder = Path(driftcheck.checks.__file__).parent
    with_code = {
        path.stem.replace("_", "-") for path in folder.glob("*.py") if re.search(r"^CODE = ", path.read_text(), re.M)
    }
    assert {name_of(check) for check in CHECKS} == with_code
    codes = [check.CODE for check in CHECKS]
    assert codes == sorted(set(codes))


@each_check
def test_the_docstring_is_a_manual(check: Check) -> None:
    manual = sections(check.__doc__ or "")
    assert manual[0].lines, "begins with the one sentence the report prints"
    assert tuple(section.heading for section in manual[1:]) == HEADINGS
    assert all(section.lines for section in manual)


@pytest.mark.parametrize(
    "check",
    # 160 cases in 8 topics are thin: that is no drift
    [check for check in CHECKS if name_of(check) != "thin-slices"],
    ids=name_of,
)
def test_without_drift_nothing_is_said(check: Check) -> None:
    measurement = check.measure(planted())
    assert check.DEFAULT.warn is not None
    assert measurement.value >= 0
    assert status(check, planted()) is FindingStatus.PASS


@each_check
def test_planted_drift_is_found_and_more_of_it_measures_more(check: Check) -> None:
    values = [0.0]
    for what in MORE_AND_MORE[name_of(check)]:
        comparison = planted(**what)
        values.append(check.measure(comparison).value)
        assert status(check, comparison) in (FindingStatus.WARN, FindingStatus.FAIL), what
    assert values == sorted(values)


@each_check
def test_the_order_of_rows_changes_nothing(check: Check) -> None:
    what = MORE_AND_MORE[name_of(check)][0]
    assert check.measure(planted(**what)) == check.measure(planted(**what, shuffle=5))


@each_check
def test_too_little_data_is_said_with_the_number_needed(check: Check) -> None:
    comparison = planted(n_cases=1, n_traces=3, with_runs=False, rated=0.0)
    if name_of(check) == "duplicate-cases":
        with pytest.raises(NotMeasurable, match="at least 2"):
            check.measure(comparison)
        return
    with pytest.raises(NotMeasurable, match=r"\d+|no results|no slice|no ratings"):
        check.measure(comparison)


@each_check
def test_numbers_are_numbers(check: Check) -> None:
    for what in ({}, *MORE_AND_MORE[name_of(check)]):
        measurement = check.measure(planted(**what))
        for value in (measurement.value, measurement.low, measurement.high, measurement.p_value):
            assert value is None or math.isfinite(value)
        if measurement.low is not None and measurement.high is not None and measurement.value > 0:
            assert measurement.low <= measurement.value <= measurement.high
        assert all(count >= 0 for count in measurement.n.values())
        assert measurement.summary.endswith(".")


def test_without_runs_or_ratings_the_checks_of_the_score_say_what_to_name() -> None:
    by_name = {name_of(check): check for check in CHECKS}
    for name in ("csat-gap", "blind-slices", "restated-pass-rate"):
        with pytest.raises(NotMeasurable, match="runs"):
            by_name[name].measure(planted(with_runs=False))
    with pytest.raises(NotMeasurable, match="ratings"):
        by_name["csat-gap"].measure(planted(rated=0.0))


def test_a_slice_that_fails_on_the_bench_too_is_not_blind() -> None:
    by_name = {name_of(check): check for check in CHECKS}
    assert by_name["blind-slices"].measure(planted(failing_topic="refund")).value == 0
    assert by_name["blind-slices"].measure(planted(bad_topic="refund")).value > 0.05


def test_evidence_names_the_planted_slice() -> None:
    by_name = {name_of(check): check for check in CHECKS}
    comparison = planted(new_share=0.3)
    rows = by_name["slice-coverage"].measure(comparison).evidence
    topic = comparison.production.sample.set_index("trace_id")["slice:topic"]
    assert rows
    assert all(topic[trace] == "new" for row in rows for trace in row.trace_ids)
    assert sum(row.contribution or 0 for row in rows) == pytest.approx(0.3, abs=0.05)


def test_the_change_since_the_baseline_is_told() -> None:
    by_name = {name_of(check): check for check in CHECKS}
    comparison = make_comparison(new_share=0.3, bad_topic="refund", before={"slice-coverage": 0.02, "csat-gap": 0.5})
    assert "At the baseline it was 2 %: " in by_name["slice-coverage"].measure(comparison).summary
    assert by_name["slice-coverage"].measure(comparison).summary.endswith("more now.")
    assert by_name["csat-gap"].measure(comparison).summary.endswith("less now.")
