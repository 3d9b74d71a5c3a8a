"""Langfuse dataset items: the batch export, the API, the SDK's spelling."""

from pathlib import Path

from tests.loaders.reading import jsonl, load

from driftcheck.loaders import langfuse_dataset
from driftcheck.records import Case, Freshness

ITEM = {
    "id": "i1",
    "datasetId": "d1",
    "datasetName": "support",
    "status": "ACTIVE",
    "createdAt": "2026-08-11T06:07:08.000Z",
    "input": {"question": "Refund window?"},
    "expectedOutput": {"answer": "30 days"},
    "metadata": {"topic": "billing"},
    "sourceTraceId": "t1",
    "sourceObservationId": None,
    "htmlSourcePath": "/project/p/traces/t1",
}


def test_json_lines_and_the_api(tmp_path: Path) -> None:
    items = [ITEM, {**ITEM, "id": "i2", "status": "ARCHIVED"}]
    wanted = Case(
        case_id="i1",
        input_text="Refund window?",
        where="d.jsonl:1",
        expected=("30 days",),
        tags={"dataset": "support", "topic": "billing"},
        created_at=1786428428.0,
        freshness=Freshness(source_trace_id="t1"),
    )
    found = load(tmp_path, langfuse_dataset, "d.jsonl", jsonl(*items))
    assert (found.cases, found.log.n_skipped, found.log.n_counted) == ([wanted], 1, 2)
    assert found.log.skipped[0].why == "archived in Langfuse"
    page = load(tmp_path, langfuse_dataset, "d.json", {"data": items, "meta": {"page": 1, "totalPages": 1}})
    assert page.cases[0].input_text == "Refund window?"


def test_csv_with_every_cell_quoted(tmp_path: Path) -> None:
    text = (
        '"id","datasetName","status","input","expectedOutput","metadata","sourceTraceId"\n'
        '"i1","support","ACTIVE","[{""role"":""user"",""content"":""Hi""}]","Hello","{""topic"":""a""}",""\n'
    )
    case = load(tmp_path, langfuse_dataset, "d.csv", text).cases[0]
    assert (case.input_text, case.expected, case.tags) == ("Hi", ("Hello",), {"dataset": "support", "topic": "a"})


def test_the_spelling_of_the_sdk(tmp_path: Path) -> None:
    item = {"id": "i1", "input": "Q", "expected_output": "A", "dataset_id": "d1", "source_trace_id": None}
    assert load(tmp_path, langfuse_dataset, "d.json", {"items": [item]}).cases[0].expected == ("A",)
