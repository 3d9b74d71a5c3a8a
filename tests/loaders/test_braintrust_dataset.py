"""Braintrust datasets: records as the API and the view export them."""

from pathlib import Path

import pytest
from tests.loaders.reading import jsonl, load, recognised

from driftcheck.loaders import braintrust_dataset
from driftcheck.records import Case

RECORD = {
    "id": "r1",
    "input": {"question": "Refund window?", "plan": "pro"},
    "expected": {"answer": "30 days"},
    "metadata": {"topic": "billing", "locale": "de"},
    "tags": ["vip"],
    "created": "2026-08-11T06:07:08Z",
    "dataset_id": "d1",
    "_xact_id": "100",
}
ROW = Case(
    case_id="r1",
    input_text="Refund window?",
    where="d.jsonl#1",
    expected=("30 days",),
    tags={"topic": "billing", "locale": "de", "tags": "vip"},
    language="de",
    created_at=1786428428.0,
)


def test_json_lines_and_the_api(tmp_path: Path) -> None:
    assert load(tmp_path, braintrust_dataset, "d.jsonl", jsonl(RECORD)).cases == [ROW]
    fetched = load(tmp_path, braintrust_dataset, "d.json", {"events": [RECORD], "cursor": None})
    assert fetched.cases[0].expected == ("30 days",)


def test_csv_with_json_in_cells(tmp_path: Path) -> None:
    text = 'id,input,expected,metadata,tags,_xact_id\nr1,"{""question"": ""Q""}",7,"{""topic"": ""a""}","[""vip""]",1\n'
    case = load(tmp_path, braintrust_dataset, "d.csv", text).cases[0]
    assert (case.input_text, case.expected, case.tags) == ("Q", ("7",), {"topic": "a", "tags": "vip"})


def test_plain_records_and_chats(tmp_path: Path) -> None:
    chat = [{"role": "system", "content": "Be kind"}, {"role": "user", "content": "Hi"}]
    rows = [{"input": chat, "expected": None, "metadata": {}}, {"input": "Q", "expected": 1, "metadata": {}}]
    cases = load(tmp_path, braintrust_dataset, "d.json", rows).cases
    assert (cases[0].conversation, cases[0].expected, cases[1].expected) == ("system: Be kind\nuser: Hi", (), ("1",))


@pytest.mark.parametrize("extra", [{"output": "x"}, {"target": "x"}, {"scores": {"a": 1}}, {"trace_id": "t"}])
def test_other_records_are_not_taken(tmp_path: Path, extra: dict[str, object]) -> None:
    row = {"input": "Q", "expected": "A", "metadata": {}}
    assert recognised(tmp_path, "x.json", [{**row, **extra}]) != braintrust_dataset.FORMAT
