"""Braintrust experiments: rows with the spans below them, CSV, the result of Eval()."""

from pathlib import Path
from typing import Any

from tests.loaders.reading import jsonl, load, recognised

from driftcheck.loaders import braintrust_experiment


def row(number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": f"s{number}",
        "span_id": f"s{number}",
        "root_span_id": f"s{number}",
        "experiment_id": "e1",
        "dataset_record_id": f"r{number}",
        "input": {"question": f"Q{number}"},
        "output": "A",
        "expected": "A",
        "scores": {"Factuality": 1, "Levenshtein": 0.6, "Later": None},
        "metadata": {"model": "m"},
        "created": "2026-08-11T06:07:08Z",
        "error": None,
        **more,
    }


def test_root_rows_are_results(tmp_path: Path) -> None:
    rows = [
        row(1),
        row(2, scores={"Factuality": 0, "Levenshtein": 0.6}),
        row(3, scores={}, error={"message": "no answer"}),
        row(4, scores={"Factuality": None}),
        row(5, root_span_id="s1", scores={"Factuality": 0}),
    ]
    found = load(tmp_path, braintrust_experiment, "e.jsonl", jsonl(*rows))
    assert found.statuses == ["pass", "fail", "error", "unscored"]
    assert found.log.n_counted == 5
    first = found.results[0]
    assert (first.run_id, first.case_id, first.model, first.score) == ("e1", "r1", "m", 0.8)
    assert (first.input_text, first.run_time) == ("Q1", 1786428428.0)
    assert found.results[2].error == "no answer"


def test_csv_with_a_column_a_score(tmp_path: Path) -> None:
    text = "input,output,expected,scores.exact,experiment_id,is_root\nQ,A,A,1,e1,true\nQ,A,A,,e1,false\n"
    assert load(tmp_path, braintrust_experiment, "e.csv", text).statuses == ["pass"]


def test_the_result_of_eval(tmp_path: Path) -> None:
    content = {
        "summary": {"experimentName": "nightly"},
        "results": [{"input": "Q", "output": "A", "expected": "A", "scores": {"exact": 0}, "error": None}],
    }
    found = load(tmp_path, braintrust_experiment, "e.json", content)
    assert (found.statuses, found.results[0].run_id) == (["fail"], "nightly")


def test_logs_are_no_experiment(tmp_path: Path) -> None:
    log = row(1, experiment_id=None, log_id="g", project_id="p", scores={"thumbs": 1}, is_root=True)
    assert recognised(tmp_path, "l.jsonl", jsonl(log)) != braintrust_experiment.FORMAT
