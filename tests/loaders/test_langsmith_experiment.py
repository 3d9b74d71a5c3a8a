"""LangSmith experiments: runs of examples, tables, rows of evaluate(), examples with runs."""

from pathlib import Path
from typing import Any

from tests.loaders.reading import jsonl, load, recognised

from driftcheck.loaders import langsmith_experiment


def run(number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": f"r{number}",
        "trace_id": f"r{number}",
        "parent_run_id": None,
        "run_type": "chain",
        "session_id": "p1",
        "start_time": "2026-08-11T06:07:08",
        "inputs": {"question": f"Q{number}"},
        "outputs": {"output": "A"},
        "error": None,
        "status": "success",
        "extra": {"metadata": {"ls_model_name": "m"}},
        "reference_example_id": f"x{number}",
        "feedback_stats": {"correctness": {"n": 1, "avg": 1.0}},
        **more,
    }


def test_runs_of_examples(tmp_path: Path) -> None:
    label = {"verdict": {"n": 1, "avg": None, "values": {"incorrect": 1}}}
    rows = [
        run(1),
        run(2, feedback_stats=label),
        run(3, error="boom", status="error", feedback_stats=None),
        run(4, feedback_stats={"latency_s": {"n": 1, "avg": 9.0}}),
        run(5, trace_id="r1", parent_run_id="r1", reference_example_id=None),
    ]
    found = load(tmp_path, langsmith_experiment, "e.jsonl", jsonl(*rows))
    assert found.statuses == ["pass", "fail", "error", "unscored"]
    assert found.log.n_counted == 5
    first = found.results[0]
    assert (first.run_id, first.case_id, first.input_text, first.model) == ("p1", "x1", "Q1", "m")
    assert (first.run_time, found.results[2].error) == (1786428428.0, "boom")


def test_to_pandas(tmp_path: Path) -> None:
    text = (
        "inputs.question,outputs.output,error,reference.answer,feedback.correctness,feedback.tone,execution_time,example_id,id\n"
        "Q1,A,,A,True,0.75,1.5,x1,r1\n"
        "Q2,A,boom,A,,,1.5,x2,r2\n"
    )
    found = load(tmp_path, langsmith_experiment, "e.csv", text)
    assert (found.statuses, found.results[0].score) == (["pass", "error"], 0.875)
    assert [(result.input_text, result.case_id) for result in found.results] == [("Q1", "x1"), ("Q2", "x2")]


def test_csv_of_the_view(tmp_path: Path) -> None:
    header = "id,inputs,outputs,reference_outputs,correctness,latency,status"
    text = header + '\nx1,"{""question"": ""Q1""}",A,A,0,1.5,success\n'
    found = load(tmp_path, langsmith_experiment, "e.csv", text)
    assert (found.statuses, found.results[0].input_text) == (["fail"], "Q1")


def test_rows_of_evaluate_and_examples_with_runs(tmp_path: Path) -> None:
    example = {"id": "x1", "inputs": {"question": "Q1"}, "outputs": {"answer": "A"}}
    scored = {"results": [{"key": "correctness", "score": None, "value": "correct"}]}
    bare = {"id": "r1", "error": None, "outputs": {"output": "A"}}
    found = load(
        tmp_path, langsmith_experiment, "e.json", [{"run": bare, "example": example, "evaluation_results": scored}]
    )
    assert (found.statuses, found.results[0].case_id, found.results[0].input_text) == (["pass"], "x1", "Q1")
    repeated = [{**example, "runs": [{**bare, "feedback_stats": {"c": {"avg": score}}} for score in (0, 1)]}]
    found = load(tmp_path, langsmith_experiment, "e.json", repeated)
    assert [(result.status.value, result.repeat, result.case_id) for result in found.results] == [
        ("fail", 0, "x1"),
        ("pass", 1, "x1"),
    ]


def test_production_runs_are_no_experiment(tmp_path: Path) -> None:
    rows = [run(number, reference_example_id=None) for number in range(5)]
    assert recognised(tmp_path, "p.jsonl", jsonl(*rows, run(9))) != langsmith_experiment.FORMAT
