"""Which judge is held against whom, and what is kept of it."""

from __future__ import annotations

import numpy as np
import pytest

from driftcheck import judged as judged_module
from driftcheck.config import TextChoice
from driftcheck.joining import make_eval_set, make_runs
from driftcheck.production import Gatherer
from driftcheck.records import JUDGED_COLUMNS, Case, Feedback, FeedbackSource, Production, Result, Runs, Status, Trace
from driftcheck.sampling import Sampler

START = 1_780_272_000.0
DAY = 86_400.0


def by_judge(value: float, name: str = "quality", label: str | None = None) -> Feedback:
    return Feedback(name, value, label, FeedbackSource.JUDGE)


def by_reviewer(value: float, name: str = "review") -> Feedback:
    return Feedback(name, value, source=FeedbackSource.ANNOTATOR)


def by_user(value: float, name: str = "csat") -> Feedback:
    return Feedback(name, value, source=FeedbackSource.USER)


def gathered(*traces: Trace, declared: tuple[str | None, str | None] = (None, None)) -> Production:
    gatherer = Gatherer(Sampler(1_000, 28 * DAY), text=TextChoice.LAST_TURN, slices=(), declared_rating=declared)
    for one in traces:
        gatherer.add(one)
    (production,) = gatherer.finish(())
    return production


def trace(number: int, *feedback: Feedback, **more: object) -> Trace:
    given = {"trace_id": f"t{number}", "input_text": f"text {number}", "where": "", "timestamp": START + number}
    return Trace(**{**given, "feedback": feedback, "output_text": "- one\n- two", **more})  # type: ignore[arg-type]


def many(n: int, *feedback: Feedback) -> list[Trace]:
    return [trace(number, *feedback) for number in range(n)]


def test_verdicts_of_both_are_read_on_their_own_scales() -> None:
    traces = [trace(n, by_judge([0.9, 0.2][n % 2]), by_reviewer([5.0, 2.0][n % 3 == 0])) for n in range(60)]
    production = gathered(*traces)
    frame = production.judged.set_index("trace_id")
    assert list(production.judged.columns) == list(JUDGED_COLUMNS)
    assert [frame["verdict"][f"t{n}"] for n in range(4)] == [1, 0, 1, 0]
    assert [frame["people"][f"t{n}"] for n in range(4)] == [0, 1, 1, 0]
    assert (frame["n_words"] == 2).all()
    assert (frame["n_bullets"] == 2).all()
    (judge,) = production.judges
    assert (judge.name, judge.good, judge.people, judge.people_good) == ("quality", ">= 0.5", "review", ">= 4")
    assert judge.by_reviewers
    assert judge.is_alike


def test_a_label_under_the_judges_name_comes_before_others_and_reviewers_before_users() -> None:
    other, own = by_reviewer(1.0), by_reviewer(0.0, "quality")
    mixed = [trace(n, by_judge(1.0), other, own, by_user(5.0)) for n in range(40)]
    mixed += [trace(100 + n, by_judge(0.0), other, by_user(2.0)) for n in range(40)]
    assert gathered(*mixed).judges[0].people == "quality"
    few = [trace(n, by_judge(1.0), other, *([own] if n < 5 else [])) for n in range(40)]
    assert gathered(*few).judges[0].people == "review"
    users = [trace(n, by_judge(n % 2), by_user([5.0, 1.0][n % 2])) for n in range(40)]
    (judge,) = gathered(*users).judges
    assert (judge.people, judge.by_reviewers, judge.people_good) == ("csat", False, ">= 4")


def test_a_judge_of_one_aspect_is_alike_only_to_its_own_label() -> None:
    aspect = [trace(n, by_judge(n % 2, "toxicity"), by_reviewer(n % 2)) for n in range(40)]
    assert not gathered(*aspect).judges[0].is_alike
    own = [trace(n, by_judge(n % 2, "toxicity"), by_reviewer(n % 2, "toxicity")) for n in range(40)]
    assert gathered(*own).judges[0].is_alike
    assert gathered(*[trace(n, by_judge(n % 2, "informative"), by_reviewer(1.0)) for n in range(40)]).judges[0].is_alike


def test_scores_on_no_customary_scale_are_named_and_not_used() -> None:
    production = gathered(*[trace(n, by_judge(float(n % 8)), by_reviewer(n % 2)) for n in range(60)])
    assert [(judge.name, judge.good) for judge in production.judges] == [("quality", None)]
    assert production.judged.empty


def test_without_a_judge_or_without_people_nothing_is_kept() -> None:
    for feedback in ((by_judge(1.0),), (by_reviewer(1.0),), (by_user(5.0),), ()):
        production = gathered(*many(40, *feedback))
        assert production.judged.empty
        assert production.judges == ()


def test_one_trace_of_a_session_counts_and_only_within_the_window() -> None:
    rated = (by_judge(1.0), by_reviewer(1.0))
    sessions = [trace(n, *rated, session_id=f"s{n // 4}") for n in range(80)]
    old = [trace(200 + n, *rated, timestamp=START - 90 * DAY) for n in range(40)]
    again = [trace(n, *rated, session_id=f"s{n // 4}") for n in range(80)]
    production = gathered(*sessions, *old, *again)
    assert len(production.judged) == 20
    assert production.judged["trace_id"].is_unique


def test_the_order_of_an_export_changes_nothing_though_only_some_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judged_module, "MAX_JUDGED", 60)
    rng = np.random.default_rng(0)
    traces = [
        trace(n, by_judge(float(rng.random() < 0.7)), by_reviewer(float(rng.random() < 0.7)), session_id=f"s{n // 2}")
        for n in range(700)
    ]
    production = gathered(*traces)
    first = production.judged
    assert any("judges and people both rated" in warning for warning in production.warnings)
    assert 25 <= len(first) <= 60
    for seed in range(3):
        shuffled = [traces[place] for place in np.random.default_rng(seed).permutation(len(traces))]
        assert gathered(*shuffled).judged.equals(first)


def test_an_answer_that_was_not_captured_has_no_style() -> None:
    production = gathered(*[trace(n, by_judge(n % 2), by_reviewer(1.0), output_text=None) for n in range(40)])
    assert production.judged["n_words"].isna().all()
    assert len(production.judged) == 40


def run_of(*results: Result) -> Runs:
    cases = [Case(f"c{n}", f"input {n}", "") for n in range(40)]
    eval_set = make_eval_set(cases, (), text=TextChoice.LAST_TURN)
    return make_runs([("runs.csv", result) for result in results], (), eval_set)


def test_a_run_without_a_judge_of_its_own_is_judged_by_its_verdict() -> None:
    results = [
        Result(
            run,
            f"c{n}",
            None,
            Status.PASS if n % 4 else Status.FAIL,
            "",
            feedback=(by_reviewer(float(n % 2)),),
            output_text="fine",
        )
        for run in ("a", "b")
        for n in range(40)
    ]
    runs = run_of(*results)
    assert [judge.name for judge in runs.judges] == ["pass or fail"]
    frame = runs.judged.set_index("trace_id")
    assert len(frame) == 40, "of two runs, one result of each case"
    assert frame["verdict"]["c4"] == 0
    assert frame["people"]["c3"] == 1
    assert run_of(Result("a", "c0", None, Status.PASS, "")).judges == ()
