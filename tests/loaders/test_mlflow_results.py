"""MLflow evaluation results: the logged table of MLflow 2, scorers of MLflow 3."""

from pathlib import Path

from tests.loaders.reading import load

from driftcheck.loaders import mlflow_results


def test_the_logged_table(tmp_path: Path) -> None:
    names = ["question", "ground_truth", "outputs", "exact_match/v1/score", "latency/v1/score", "quality/v1/score"]
    table = {"columns": names, "data": [["Q1", "A", "A", 1, 3.0, 4], ["Q2", "A", "B", 0, 3.0, 5], ["short"]]}
    found = load(tmp_path, mlflow_results, "eval_results_table.json", table)
    assert (found.statuses, found.log.n_skipped) == (["pass", "fail"], 1)
    assert found.results[0].input_text == "Q1"
    assert any("quality/v1 has no scale of 0 to 1" in warning for warning in found.log.warnings)


def test_a_table_of_more_columns_than_the_head_shows(tmp_path: Path) -> None:
    names = [f"c{number}" for number in range(30)]
    table = {"columns": ["inputs", "ok/v1/score", *names], "data": [["Q1", 1, *names], ["Q2", 0, *names]]}
    assert load(tmp_path, mlflow_results, "t.json", table).statuses == ["pass", "fail"]


def test_scorers_of_mlflow_3(tmp_path: Path) -> None:
    text = (
        "trace_id,request,response,correctness/value,safety/value,state,request_time\n"
        't1,"{""question"": ""Q1""}",A,yes,yes,OK,2026-08-11T06:07:08Z\n'
        't2,"{""question"": ""Q2""}",A,yes,no,OK,\n'
        't3,"{""question"": ""Q3""}",,,,ERROR,\n'
    )
    found = load(tmp_path, mlflow_results, "r.csv", text)
    assert found.statuses == ["pass", "fail", "error"]
    assert (found.results[0].input_text, found.results[0].run_time) == ("Q1", 1786428428.0)
