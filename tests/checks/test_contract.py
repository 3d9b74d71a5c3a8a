"""What every check keeps to, whoever wrote it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
import re
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.checks.worlds import make_comparison

import driftcheck.checks
from driftcheck.checks import CHECKS, Check, name_of
from driftcheck.comparison import Comparison
from driftcheck.config import parse_config
from driftcheck.errors import NotMeasurable
from driftcheck.findings import FindingStatus, Measurement, Thresholds
from driftcheck.headline import headline
from driftcheck.policy import Plan, judge, make_plan, run_checks, verdict
from driftcheck.renderers.manual import sections
from driftcheck.reporting import make_scores
from driftcheck.sizes import ALPHA

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
    "judge-agreement": ({"judge_errs": 0.25}, {"judge_errs": 0.4}),
    "judge-taste": ({"judge_taste": 0.4}, {"judge_taste": 0.9}),
    "traffic-shift": ({"shifted": 0.4}, {"shifted": 0.9}),
    "score-up-gap-up": ({"rising": 0.1}, {"rising": 0.2}),
    "stable-score": ({"still_versions": 6}, {"still_versions": 9}),
    "chronic-failures": ({"chronic_share": 0.2}, {"chronic_share": 0.4}),
    "saturated-cases": ({"saturated_share": 0.8}, {"saturated_share": 0.95}),
    "regressions": ({"broken_share": 0.1}, {"broken_share": 0.25}),
    "sealed-gap": ({"sealed_fails": 0.2}, {"sealed_fails": 0.5}),
    "seal-integrity": ({"leaked": 1}, {"leaked": 5}),
    "duplicate-cases": ({"repeat_cases": 20}, {"repeat_cases": 120}),
    "set-age": ({"neglected": 1}, {"neglected": 3}),
    "expired-cases": ({"neglected": 1}, {"neglected": 3}),
    "rubric-age": ({"neglected": 1}, {"neglected": 3}),
    "unowned": ({"neglected": 1}, {"neglected": 2}),
    "expired-waivers": ({"neglected": 1}, {"neglected": 3}),
    "decayed-answers": ({"decayed": 0.5}, {"decayed": 1.0}),
    "idle-rubric": ({"idle_items": 3}, {"idle_items": 5}),
    "unlisted-complaints": ({"unlisted": 0.3}, {"unlisted": 0.6}),
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
    comparison = planted(n_cases=1, n_traces=3, with_runs=False, rated=0.0, kept=False)
    if name_of(check) == "duplicate-cases":
        with pytest.raises(NotMeasurable, match="at least 2"):
            check.measure(comparison)
        return
    with pytest.raises(NotMeasurable, match=r"\d+|no results|no slice|no ratings|no day"):
        check.measure(comparison)


@each_check
def test_numbers_are_numbers(check: Check) -> None:
    for what in ({}, *MORE_AND_MORE[name_of(check)]):
        measurement = check.measure(planted(**what))
        for value in (measurement.value, measurement.low, measurement.high, measurement.p_value):
            assert value is None or math.isfinite(value)
        if measurement.low is not None and measurement.high is not None:
            assert measurement.low <= measurement.value <= measurement.high
        assert all(count >= 0 for count in measurement.n.values())
        assert measurement.summary.endswith(".")


def as_passed(check: Check, measurement: Measurement, thresholds: Thresholds) -> Measurement:
    """The measurement as the policy leaves it where nothing is wrong (160 cases in 8 topics are thin)."""
    finding = judge(Plan(check, thresholds, (), required=False), dataclasses.replace(measurement, value=0.0))
    assert finding.status is FindingStatus.PASS
    assert finding.measurement is not None
    return finding.measurement


@each_check
def test_a_pass_says_what_it_could_have_noticed(check: Check) -> None:
    measurement = check.measure(planted())
    assert measurement.could_have_noticed == "", "the threshold has its word in it: the policy writes the sentence"
    passed = as_passed(check, measurement, check.DEFAULT)
    assert passed.noticeable is not None
    assert passed.noticeable >= (check.DEFAULT.warn or 0.0)
    assert passed.could_have_noticed == check.noticed(passed.noticeable)
    assert 10 < len(check.noticed(0.062)) <= 52, "fits beside a name, at 100 columns"
    assert not passed.could_have_noticed.endswith(".")


@each_check
def test_what_could_have_been_noticed_follows_the_threshold(check: Check) -> None:
    measurement = check.measure(planted())
    high = as_passed(check, measurement, Thresholds(0.7, None))
    assert high.noticeable is not None
    assert 0.7 <= high.noticeable < 0.9
    assert as_passed(check, measurement, Thresholds(None, 0.7)) == high
    beyond = as_passed(check, measurement, Thresholds(1.5, None)).could_have_noticed
    assert beyond.startswith("nothing") is check.UNIT.startswith(("share", "points"))
    never = as_passed(check, measurement, Thresholds(None, None))
    assert (never.noticeable, never.could_have_noticed) == (None, "nothing: it has no threshold")


@pytest.mark.parametrize("name", sorted(MORE_AND_MORE.keys() - {"thin-slices", "duplicate-cases", "blind-slices"}))
def test_what_is_found_says_nothing_of_what_could_have_been(name: str) -> None:
    check = next(check for check in CHECKS if name_of(check) == name)
    found = judge(
        Plan(check, check.DEFAULT, (), required=False), check.measure(planted(**MORE_AND_MORE[name][-1]))
    ).measurement
    assert found is not None
    assert found.could_have_noticed == ""
    assert found.noticeable is not None
    assert found.value > 0.7 * found.noticeable, "what was found is about noticeable by the check's own word"


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


def test_errors_of_one_law_are_no_finding_however_many_classes() -> None:
    rng = np.random.default_rng(0)
    by_name = {name_of(check): check for check in CHECKS}
    statuses = []
    for seed in range(12):
        comparison = make_comparison(seed=seed, n_cases=100, n_traces=1_000)
        kinds = np.array(["", *(f"E{k}" for k in range(20))])
        law = [0.92, *[0.004] * 20]
        comparison.production.traffic["error"] = pd.Categorical(rng.choice(kinds, 1_000, p=law), categories=kinds)
        results = comparison.latest_results
        drawn = rng.choice(kinds, len(results), p=law)
        comparison.runs.frame.loc[results.index[drawn != ""], "status"] = "error"
        comparison.runs.frame.loc[results.index, "error"] = drawn
        del comparison.__dict__["latest_results"]
        statuses.append(status(by_name["error-mix"], comparison))
    assert statuses.count(FindingStatus.PASS) >= 11


def test_a_column_of_many_values_does_not_hide_one_that_moved() -> None:
    comparison = make_comparison(new_share=0.4, slices=("topic", "noise"))
    rng = np.random.default_rng(0)
    for frame in (comparison.eval_set.frame, comparison.production.sample):
        frame["slice:noise"] = rng.integers(0, 400, len(frame)).astype(str)
    by_name = {name_of(check): check for check in CHECKS}
    measurement = by_name["metadata-mix"].measure(comparison)
    assert measurement.summary.startswith("topic differs most")
    assert status(by_name["metadata-mix"], comparison) is FindingStatus.WARN


def test_cases_to_add_bring_every_slice_to_parity_together() -> None:
    comparison = planted(new_share=0.3)
    short = [part for part in comparison.traffic.partition.slices if part.under_covered]
    total = comparison.eval_set.n_cases + sum(part.cases_to_add for part in short)
    for part in short:
        assert (part.n_cases + part.cases_to_add) / total == pytest.approx(part.share_production, abs=0.01)


def test_the_gap_says_which_slice_it_comes_from() -> None:
    by_name = {name_of(check): check for check in CHECKS}
    comparison = planted(bad_topic="refund")
    rows = by_name["csat-gap"].measure(comparison).evidence
    topic = comparison.production.sample.set_index("trace_id")["slice:topic"]
    assert {topic[trace] for trace in rows[0].trace_ids} == {"refund"}
    assert (rows[0].contribution or 0) > 0.03


def test_a_run_of_a_few_cases_is_no_score() -> None:
    comparison = make_comparison()
    frame = comparison.runs.frame
    few = frame.head(2).assign(run_id="smoke", run_time=2e9, status="fail")
    runs = dataclasses.replace(
        comparison.runs, frame=pd.concat([frame, few]), run_ids=(*comparison.runs.run_ids, "smoke")
    )
    assert dataclasses.replace(comparison, runs=runs).pass_rate.value > 0.9
    later = dataclasses.replace(comparison.runs, frame=frame.assign(run_time=2e9))
    with pytest.raises(NotMeasurable, match="no run has outcomes of enough cases"):
        _ = dataclasses.replace(comparison, runs=later, runs_until=1e9).pass_rate


def test_the_headline_agrees_with_the_findings() -> None:
    def say(text: str, **what: object) -> str:
        comparison = planted(**what)
        plans = make_plan(parse_config(text, Path("drift.yaml")), as_of=dt.date(2026, 1, 1))
        findings = run_checks(plans, comparison)
        word, _ = verdict(findings, plans)
        return headline(word, findings, make_scores(comparison), {plan.name for plan in plans if plan.required})

    drift = {"new_share": 0.3}
    assert "looks like its traffic, and users are about as satisfied" in say("")
    assert say("", broken_share=0.1).startswith("This release breaks what worked: ")
    demoted = "checks: {topic-divergence: {fail: null}, novel-traffic: off, slice-coverage: off}\nrequired: []"
    assert say(demoted, **drift).startswith("This eval set is drifting from its traffic")
    waived = demoted + "\nwaivers: [{check: DC101, until: 2030-01-01, owner: a, reason: b}]"
    assert "does not look like its traffic, which is waived" in say(waived, **drift)
    assert "could not be compared" in say("required: []", n_cases=10)
    blind = say("", n_cases=10)
    assert blind.startswith("This audit is blind: 10 cases")
    assert "slice columns" not in blind
    assert "cannot be trusted" in say("", **drift)


@each_check
def test_the_manual_names_the_level_that_holds(check: Check) -> None:
    named = re.findall(r"p <= ([\d.]+\d)", check.__doc__ or "")
    assert {float(level) for level in named} <= {ALPHA}


def test_languages_are_detected_on_both_sides_unless_both_declare() -> None:
    comparison = make_comparison()
    assert set(comparison.case_languages) == {"en"}
    sample = comparison.production.sample.assign(language=None)
    half = dataclasses.replace(comparison, production=dataclasses.replace(comparison.production, sample=sample))
    assert list(half.case_languages) != list(comparison.case_languages)
