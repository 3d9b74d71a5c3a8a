"""LangSmith datasets: examples as JSON, JSON lines and CSV."""

from pathlib import Path

import pytest
from tests.loaders.reading import jsonl, load, recognised

from driftcheck.loaders import langsmith_dataset
from driftcheck.records import Case

EXAMPLE = {
    "id": "x1",
    "dataset_id": "d1",
    "created_at": "2026-08-11T06:07:08+00:00",
    "inputs": {"question": "Refund window?"},
    "outputs": {"answer": "30 days"},
    "metadata": {"dataset_split": ["test"], "topic": "billing"},
    "source_run_id": None,
}


def test_examples_as_the_api_has_them(tmp_path: Path) -> None:
    wanted = Case(
        case_id="x1",
        input_text="Refund window?",
        where="d.json#1",
        expected=("30 days",),
        tags={"dataset_split": "test", "topic": "billing"},
        created_at=1786428428.0,
    )
    for content in ([EXAMPLE], {"name": "D", "examples": [EXAMPLE]}):
        assert load(tmp_path, langsmith_dataset, "d.json", content).cases == [wanted]


def test_json_lines_of_chats_and_scores(tmp_path: Path) -> None:
    chat = [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Yes?"},
        {"role": "user", "content": "!"},
    ]
    rows = [
        {
            "inputs": {"messages": chat},
            "outputs": {"message": {"role": "assistant", "content": "Bye"}},
            "split": "base",
        },
        {"inputs": {"input": "Q", "input_prediction": "A"}, "outputs": {"output_correctness_score": 1}},
        {"inputs": {"input": "Q"}, "outputs": None},
        {"inputs": {"input_query": "Q", "input_prediction": "A"}, "outputs": {"output_correctness_score": 0}},
    ]
    cases = load(tmp_path, langsmith_dataset, "d.jsonl", jsonl(*rows)).cases
    assert [(case.input_text, case.expected) for case in cases] == [("!", ("Bye",)), ("Q", ()), ("Q", ()), ("Q", ())]
    assert (cases[0].tags, cases[0].conversation) == ({"split": "base"}, "user: Hi\nassistant: Yes?\nuser: !")


@pytest.mark.parametrize("names", ["input_question,output_answer", "inputs.question,outputs.answer"])
def test_csv(tmp_path: Path, names: str) -> None:
    case = load(tmp_path, langsmith_dataset, "d.csv", f"id,{names}\nx1,Refund?,30 days\n").cases[0]
    assert (case.case_id, case.input_text, case.expected) == ("x1", "Refund?", ("30 days",))


def test_runs_and_other_datasets_are_not_taken(tmp_path: Path) -> None:
    for extra in ({"run_type": "chain", "trace_id": "t", "id": "t"}, {"expectations": {"expected_response": "A"}}):
        assert recognised(tmp_path, "x.jsonl", jsonl({**EXAMPLE, **extra})) != langsmith_dataset.FORMAT
