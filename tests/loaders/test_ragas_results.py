"""Ragas results: one row a sample, aggregates, annotated runs."""

from pathlib import Path

import pytest
from tests.loaders.reading import load

from driftcheck.loaders import ragas_results


def test_rows_pass_by_all_of_their_metrics(tmp_path: Path) -> None:
    text = (
        "user_input,retrieved_contexts,response,reference,faithfulness,answer_relevancy,own_metric\n"
        "Q1,\"['c']\",A,A,1.0,0.5,1\n"
        "Q2,\"['c']\",A,A,0.25,0.75,1\n"
        "Q3,\"['c']\",A,A,,,\n"
        "Q4,\"['c']\",A,A,,0.9,\n"
    )
    found = load(tmp_path, ragas_results, "r.csv", text)
    assert found.statuses == ["pass", "fail", "unscored", "pass"]
    assert [result.score for result in found.results[:2]] == [pytest.approx(2.5 / 3), pytest.approx(2 / 3)]
    assert found.results[0].input_text == "Q1"
    assert "0.5 or more of answer_relevancy, faithfulness, own_metric counts as a pass" in found.log.warnings[0]
    assert "1 result is unscored" in found.log.warnings[1]


def test_0_1_with_modes_and_noise(tmp_path: Path) -> None:
    row = {"question": "Q", "contexts": ["c"], "answer": "A", "ground_truth": "A"}
    scores = {"factual_correctness(mode=f1)": 0.9, "noise_sensitivity(mode=relevant)": 0.0}
    found = load(tmp_path, ragas_results, "r.json", [{**row, **scores}])
    assert (found.statuses, found.results[0].score) == (["pass"], 0.9)
    assert any("high may be good or bad in noise_sensitivity" in warning for warning in found.log.warnings)


def test_one_score_can_be_named_to_decide(tmp_path: Path) -> None:
    rows = [{"user_input": "Q", "response": "A", "faithfulness": 0.1, "answer_correctness": 0.9}]
    assert load(tmp_path, ragas_results, "r.json", rows, {"score": "answer_correctness"}).statuses == ["pass"]
    assert load(tmp_path, ragas_results, "r.json", rows).statuses == ["fail"]


@pytest.mark.parametrize("names", ["query,response,correctness", "question,response,score"])
def test_experiments_with_discrete_metrics(tmp_path: Path, names: str) -> None:
    found = load(tmp_path, ragas_results, "e.csv", f"{names}\nQ1,A,pass\nQ2,A,fail\nQ3,A,\n")
    assert found.statuses == ["pass", "fail", "unscored"]
    assert found.results[0].input_text == "Q1"


@pytest.mark.parametrize(
    ("name", "content", "n_rows"),
    [
        ("a.csv", "\ufeff버전,Faithfulness,Answer Relevancy\nA,0.7,0.4\nB,0.8,0.5\n", 2),
        ("b.csv", "metric,score\nfaithfulness,0.7\ncontext_recall,0.8\n", 2),
        ("c.json", {"faithfulness": 0.7, "answer_relevancy": 0.4}, 1),
        ("d.json", {"variant": "A", "metrics": {"faithfulness": 0.7, "context_recall": 0.4}}, 1),
    ],
)
def test_aggregates_have_no_cases(tmp_path: Path, name: str, content: object, n_rows: int) -> None:
    found = load(tmp_path, ragas_results, name, content)
    assert (found.results, found.log.n_counted, found.log.n_skipped) == ([], n_rows, n_rows)
    assert "holds no rows of its cases" in found.log.warnings[0]


def test_annotated_runs(tmp_path: Path) -> None:
    entries = [
        {"metric_input": {"user_input": "Q1", "response": "A"}, "metric_output": 1, "is_accepted": True},
        {"metric_input": {"user_input": "Q2", "response": "A"}, "metric_output": 0, "is_accepted": False},
        {"metric_input": {"user_input": "Q3", "response": "A"}, "metric_output": 0.4, "is_accepted": True},
    ]
    found = load(tmp_path, ragas_results, "a.json", {"helpful": entries, "short": entries[:1]})
    assert found.statuses == ["pass", "fail", "unscored", "pass"]
    assert [(result.input_text, result.variant) for result in found.results][-1] == ("Q1", "short")


def test_reports_of_ones_own_with_nested_metrics(tmp_path: Path) -> None:
    rows = [{"question": "Q1", "answer": "A", "own": {"faithfulness": 0.0}, "ragas": {"faithfulness": 0.9}}]
    found = load(tmp_path, ragas_results, "n.json", {"metrics": {"faithfulness": 0.9}, "per_question": rows})
    assert (found.statuses, found.results[0].input_text, found.results[0].score) == (["pass"], "Q1", 0.9)
