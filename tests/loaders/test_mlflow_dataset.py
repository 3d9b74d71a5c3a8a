"""MLflow evaluation datasets: records, flattened columns."""

from pathlib import Path

from tests.loaders.reading import jsonl, load

from driftcheck.loaders import mlflow_dataset
from driftcheck.records import Case


def test_records(tmp_path: Path) -> None:
    rows = [
        {
            "dataset_record_id": "d-1",
            "inputs": {"question": "Refund window?"},
            "expectations": {"expected_response": "30 days", "guidelines": ["be polite"]},
            "tags": {"topic": "billing"},
            "create_time": 1786428428000,
        },
        {"inputs": {"messages": [{"role": "user", "content": "Hi"}]}, "expectations": {"expected_facts": ["a", "b"]}},
        {"inputs": {"question": "Q"}, "expectations": {"guidelines": "be polite"}},
    ]
    cases = load(tmp_path, mlflow_dataset, "d.jsonl", jsonl(*rows)).cases
    assert cases[0] == Case(
        case_id="d-1",
        input_text="Refund window?",
        where="d.jsonl:1",
        expected=("30 days",),
        tags={"topic": "billing"},
        created_at=1786428428.0,
    )
    assert [(case.input_text, case.expected) for case in cases[1:]] == [("Hi", ("a\nb",)), ("Q", ())]


def test_csv_of_objects_and_of_columns(tmp_path: Path) -> None:
    nested = 'inputs,expectations\n"{""question"": ""Q""}","{""expected_response"": ""A""}"\n'
    flat = "inputs.question,expectations.expected_response\nQ,A\n"
    for text in (nested, flat):
        case = load(tmp_path, mlflow_dataset, "d.csv", text).cases[0]
        assert (case.input_text, case.expected) == ("Q", ("A",))
