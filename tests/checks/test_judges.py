"""What the checks of judges say, of judges made up for it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from tests.benchmarks.judges import Rated, agreeing, at_kappa, comparison_with, drawn
from tests.checks.worlds import make_comparison

from driftcheck.checks import judge_agreement, judge_taste
from driftcheck.comparison import Comparison
from driftcheck.errors import NotMeasurable
from driftcheck.findings import Finding, FindingStatus, Thresholds
from driftcheck.policy import Plan, judge


def agreement(comparison: Comparison, warn: float | None = 0.4, fail: float | None = None) -> Finding:
    plan = Plan(judge_agreement, Thresholds(warn, fail), (), required=False)
    return judge(plan, judge_agreement.measure(comparison))


def with_judges(comparison: Comparison, **changes: object) -> Comparison:
    judges = tuple(replace(one, **changes) for one in comparison.production.judges)  # type: ignore[arg-type]  # its fields
    return replace(comparison, production=replace(comparison.production, judges=judges))


def test_agreement_is_silent_where_the_interval_reaches_the_threshold() -> None:
    comparison = agreeing(at_kappa(0.5, 0.7, 0.7), 50, 1)
    found = agreement(comparison)
    assert found.measurement is not None
    assert found.measurement.value >= 0.4
    assert (found.measurement.low or 0) < 0.4
    assert (found.status, found.reason) == (
        FindingStatus.PASS,
        "the interval reaches below the threshold: chance alone may do the rest",
    )
    assert agreement(comparison, warn=0.1).status is FindingStatus.WARN
    assert agreement(comparison, warn=None, fail=0.1).status is FindingStatus.FAIL
    assert agreement(comparison, warn=None, fail=0.4).status is FindingStatus.PASS


def test_a_bad_judge_is_named_with_what_to_read_first() -> None:
    comparison = agreeing(at_kappa(0.2, 0.7, 0.8), 300, 0)
    found = agreement(comparison)
    assert found.status is FindingStatus.WARN
    assert found.measurement is not None
    assert (
        "judge0 agrees with reviewers' correct by kappa 0.19 (0.08-0.31): on 69 % of answers."
        in found.measurement.summary
    )
    head, lenient, strict = found.measurement.evidence
    frame = comparison.production.judged.set_index("trace_id")
    assert head.label.endswith(", reviewers' correct (== 1)")
    assert list(head.numbers) == ["pairs", "kappa", "kappa CI", "agree"]  # a column of names would cut the labels
    assert head.numbers["pairs"] == 300
    assert all(tuple(frame.loc[trace, ["verdict", "people"]]) == (1, 0) for trace in lenient.trace_ids)
    assert all(tuple(frame.loc[trace, ["verdict", "people"]]) == (0, 1) for trace in strict.trace_ids)
    assert len(lenient.trace_ids) == 10
    assert lenient.numbers["pairs"] == int(((frame["verdict"] == 1) & (frame["people"] == 0)).sum())


def test_of_several_judges_the_worst_counts() -> None:
    good, bad = agreeing(at_kappa(0.9, 0.7, 0.7), 300, 0), agreeing(at_kappa(0.1, 0.7, 0.7), 300, 1)
    frame = good.production.judged
    both = comparison_with(
        pd.concat([frame.assign(judge="a"), bad.production.judged.assign(judge="b")], ignore_index=True),
        ("a", "b"),
    )
    measured = judge_agreement.measure(both)
    assert measured.summary.startswith("b agrees")
    alone = judge_agreement.measure(comparison_with(bad.production.judged.assign(judge="b"), ("b",)))
    assert alone.value == measured.value
    assert (measured.high or 0) - (measured.low or 0) > (alone.high or 0) - (alone.low or 0)


def test_a_low_kappa_of_a_few_answers_hides_no_other_judge() -> None:
    few, many = agreeing(np.array([0.5, 0.2, 0.2, 0.1]), 30, 0), agreeing(at_kappa(0.45, 0.7, 0.7), 1_000, 1)
    frames = (few.production.judged.assign(judge="few"), many.production.judged.assign(judge="many"))
    comparison = comparison_with(pd.concat(frames, ignore_index=True), ("few", "many"))
    found = agreement(comparison)
    assert found.status is FindingStatus.WARN
    assert found.measurement is not None
    assert found.measurement.summary.startswith("many agrees")


def test_rare_labels_and_turned_scales_are_said() -> None:
    rare = judge_agreement.measure(agreeing(np.array([0.88, 0.05, 0.04, 0.03]), 400, 0)).summary
    assert "Few answers are bad, which lowers kappa" in rare
    turned = judge_agreement.measure(agreeing(np.array([0.05, 0.3, 0.6, 0.05]), 200, 0)).summary
    assert "is high really good there?" in turned


def test_what_is_missing_is_said() -> None:
    table = at_kappa(0.5, 0.7, 0.7)
    with pytest.raises(NotMeasurable, match=r"29 sessions rated by both judge0 and reviewers' correct: at least 30"):
        judge_agreement.measure(agreeing(table, 29, 0))
    with pytest.raises(NotMeasurable, match=r"calls 50 good and 0 bad of what judge0 scored: at least 5 of each"):
        judge_agreement.measure(agreeing(np.array([0.5, 0.0, 0.5, 0.0]), 50, 0))
    with pytest.raises(NotMeasurable, match=r"judge0.*at least 30 traces under the judge's own name"):
        judge_agreement.measure(with_judges(agreeing(table, 50, 0), is_alike=False))
    with pytest.raises(NotMeasurable, match="the scores of judge0 fill no customary scale"):
        judge_agreement.measure(with_judges(agreeing(table, 50, 0), good=None))
    with pytest.raises(NotMeasurable, match="0 traces or results"):
        judge_taste.measure(make_comparison(rated=0.0))
    with pytest.raises(NotMeasurable, match="0 sessions scored by judge0 and rated carry the answer: at least 100"):
        judge_taste.measure(agreeing(table, 200, 0))
    lenient = drawn(Rated(200), 0)
    frame = lenient.production.judged.assign(verdict=1.0)
    with pytest.raises(NotMeasurable, match="calls 200 good and 0 bad"):
        judge_taste.measure(comparison_with(frame, ("judge0",)))
    alike = lenient.production.judged.assign(n_words=9.0, n_bullets=0.0, n_headings=0.0, n_hedges=0.0)
    with pytest.raises(NotMeasurable, match="differ in length or layout"):
        judge_taste.measure(comparison_with(alike, ("judge0",)))


def test_an_aspect_is_shown_and_does_not_count() -> None:
    comparison = agreeing(at_kappa(0.8, 0.7, 0.7), 300, 0, n_judges=2)
    first, second = comparison.production.judges
    frame = comparison.production.judged.copy()
    frame.loc[frame["judge"] == "judge1", "verdict"] = 1.0
    judges = (first, replace(second, is_alike=False))
    comparison = replace(comparison, production=replace(comparison.production, judged=frame, judges=judges))
    measured = judge_agreement.measure(comparison)
    assert measured.summary.startswith("judge0")
    assert measured.evidence[-1].label == "judge1 (not counted: one aspect), reviewers' correct (== 1)"
    assert measured.n["judges"] == 1
    assert judge_taste.measure(drawn(Rated(), 0)).n["judges"] == 1


def test_a_taste_for_length_is_found_at_equal_label() -> None:
    measured = judge_taste.measure(drawn(Rated(500, by_length=0.4), 0))
    assert measured.summary.startswith("judge0 likes length: one standard deviation more")
    assert (measured.p_value or 1) < 1e-6
    assert 0.05 < (measured.low or 0) < measured.value < (measured.high or 0) < 0.4
    assert [bool(row.trace_ids) for row in measured.evidence] == [True, False, False, False]
    disliked = drawn(Rated(500, by_length=0.4), 0).production.judged
    disliked["n_words"] = 1e5 / disliked["n_words"]
    assert "dislikes length" in judge_taste.measure(comparison_with(disliked, ("judge0",))).summary


def test_a_feature_that_settles_every_verdict_is_found() -> None:
    measured = judge_taste.measure(drawn(Rated(150, by_headings=1.0), 0))
    assert measured.summary.startswith("judge0 likes headings")
    assert (measured.p_value or 1) < 1e-10
    assert np.isfinite([measured.value, measured.low, measured.high]).all()


def test_features_of_one_template_are_measured_and_named_together() -> None:
    comparison = drawn(Rated(400), 0)
    rng = np.random.default_rng(0)
    frame = comparison.production.judged
    dressed = rng.random(len(frame)) < 0.5
    verdict = np.where(rng.random(len(frame)) < 0.4, dressed, frame["people"] == 1).astype(float)
    frame = frame.assign(n_headings=dressed * 1.0, n_bullets=dressed * 3.0, n_hedges=0.0, verdict=verdict)
    found = judge_taste.measure(comparison_with(frame, ("judge0",)))
    assert found.summary.startswith("judge0 likes bullets and headings (always together): ")
    assert [row.label for row in found.evidence] == [
        "judge0: length",
        "judge0: bullets and headings (always together)",
    ]
    # by people's label alone, a feature that goes with it cannot be told from it
    with pytest.raises(NotMeasurable, match="cannot be told apart"):
        judge_taste.measure(comparison_with(frame.assign(people=dressed * 1.0), ("judge0",)))


def test_length_that_only_goes_with_good_answers_is_no_taste() -> None:
    values = [judge_taste.measure(drawn(Rated(300, with_label=1.0), seed)).value for seed in range(40)]
    assert sum(value > 0 for value in values) <= 2


def test_results_that_reviewers_labelled_count_as_cases() -> None:
    comparison = agreeing(at_kappa(0.2, 0.7, 0.7), 100, 0)
    production = comparison.production
    assert comparison.runs is not None
    runs = replace(comparison.runs, judged=production.judged, judges=production.judges)
    empty = replace(production, judged=production.judged.iloc[:0], judges=())
    measured = judge_agreement.measure(replace(comparison, production=empty, runs=runs))
    assert measured.n == {"cases": 100, "judges": 1}
    assert measured.summary.startswith("judge0 of the runs agrees")
    assert all(not row.trace_ids for row in measured.evidence)
    assert measured.evidence[1].case_ids
