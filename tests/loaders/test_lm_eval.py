"""lm-evaluation-harness: samples of 0.4 and older, results of whole tasks."""

from pathlib import Path
from typing import Any

from tests.loaders.reading import jsonl, load

from driftcheck.loaders import lm_eval

NAME = "samples_quiz_2026-08-11T06-07-08.123456.jsonl"


def sample(number: int, **more: Any) -> dict[str, Any]:
    return {
        "doc_id": number,
        "doc": {"question": f"What is {number}?"},
        "target": "x",
        "arguments": {"gen_args_0": {"arg_0": "Q: What?", "arg_1": {"until": []}}},
        "resps": [["x"]],
        "filtered_resps": ["x"],
        "filter": "none",
        "metrics": ["exact_match"],
        "exact_match": 1.0,
        **more,
    }


def test_one_result_a_document_and_filter(tmp_path: Path) -> None:
    rows = [sample(0, filter="strict"), sample(0, filter="loose", exact_match=0.0), sample(1)]
    found = load(tmp_path, lm_eval, f"org__model/{NAME}", jsonl(*rows))
    assert found.statuses == ["pass", "fail", "pass"]
    first = found.results[0]
    assert (first.case_id, first.input_text, first.variant) == ("quiz/0", "What is 0?", "strict")
    assert (first.model, first.run_id, first.run_time) == (
        "org/model",
        "org/model 2026-08-11T06-07-08.123456",
        1786428428,
    )
    assert found.results[2].variant is None


def test_choices_prompts_and_own_ids(tmp_path: Path) -> None:
    choice = {"gen_args_0": {"arg_0": "Lima is in", "arg_1": " Peru"}, "gen_args_1": {"arg_0": "Lima is in"}}
    rows = [
        sample(0, doc={"id": "q-7", "ctx_a": "?"}, arguments=choice, metrics=["acc"], exact_match=None, acc=1.0),
        sample(1, doc={}, arguments=[["Old prompt", {"until": []}]], exact_match=[0.0]),
    ]
    found = load(tmp_path, lm_eval, "samples.jsonl", jsonl(*rows))
    assert [(result.case_id, result.input_text) for result in found.results] == [
        ("q-7", "Lima is in"),
        ("1", "Old prompt"),
    ]
    assert found.statuses == ["pass", "fail"]
    assert (found.results[0].run_id, found.results[0].model) == (None, None)


def test_a_degree_is_no_verdict(tmp_path: Path) -> None:
    found = load(tmp_path, lm_eval, "s.jsonl", jsonl(sample(0, exact_match=None, metrics=["f1"], f1=0.4)))
    assert (found.statuses, found.results[0].score) == (["unscored"], 0.4)
    assert "f1 is no verdict but a degree" in found.log.warnings[0]


def test_write_out_of_0_3(tmp_path: Path) -> None:
    rows = [{"doc_id": 0, "prompt_0": "Q: 1+1?", "logit_0": "2", "truth": "2", "acc": "True"}]
    found = load(tmp_path, lm_eval, "w.json", rows)
    assert (found.statuses, found.results[0].input_text) == (["pass"], "Q: 1+1?")


def test_results_of_tasks_are_counted_and_left_out(tmp_path: Path) -> None:
    tasks = {"quiz": {"acc,none": 0.5, "alias": "quiz"}, "group": {" ": " "}}
    for beside in ({"versions": {"quiz": 1}}, {"configs": {}, "config": {"model": "hf"}}):
        found = load(tmp_path, lm_eval, "results.json", {"results": tasks, **beside})
        assert (found.results, found.log.n_counted, found.log.n_skipped) == ([], 2, 2)
        assert "--log_samples" in found.log.warnings[0]


def test_samples_within_results(tmp_path: Path) -> None:
    listed = {"quiz": [sample(0), sample(1, exact_match=None, **{"exact_match,none": 0.0})]}
    content = {"results": {"quiz": {"exact_match,none": 0.5}}, "versions": {"quiz": 1}, "samples": listed}
    found = load(tmp_path, lm_eval, "r.json", content)
    assert found.statuses == ["pass", "fail"]
    assert (found.results[0].case_id, found.results[0].where) == ("quiz/0", "r.json#1 in samples.quiz")
