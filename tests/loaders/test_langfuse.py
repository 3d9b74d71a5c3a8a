"""Langfuse: downloaded traces, table exports, observations, blob storage, API pages, ingestion."""

import json
from pathlib import Path
from typing import Any

import pytest

from driftcheck.loaders import langfuse
from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.document import Document, open_document
from driftcheck.loaders.read_log import ReadLog
from driftcheck.loaders.source import find_sources
from driftcheck.records import FeedbackSource, Trace

START = 1785000000.0


def opened(tmp_path: Path, text: str) -> Document:
    path = tmp_path / "export.data"
    path.write_text(text, encoding="utf-8")
    return open_document(find_sources([path], base=tmp_path)[0])


def read(doc: Document) -> tuple[list[Trace], ReadLog]:
    match = langfuse.sniff(doc)
    assert match is not None
    assert match.confidence >= 0.85
    log = ReadLog()
    return list(langfuse.read(doc, log, ColumnMap())), log


def trace(**more: Any) -> dict[str, Any]:
    return {
        "id": "t1",
        "timestamp": "2026-07-25T17:20:00.000Z",
        "name": "chat",
        "userId": "u",
        "sessionId": "s",
        "release": "1.2",
        "version": None,
        "environment": "production",
        "tags": ["topic:cards", "beta"],
        "bookmarked": False,
        "public": False,
        "input": '"{\\"question\\":\\"When?\\"}"',
        "output": '"{\\"answer\\":\\"At 8\\"}"',
        "metadata": '{"plan":"pro","scope":{"name":"x"},"public_key":"pk"}',
        "scores": [],
        **more,
    }


def observation(observation_id: str = "o1", kind: str = "GENERATION", **more: Any) -> dict[str, Any]:
    return {
        "id": observation_id,
        "traceId": "t1",
        "type": kind,
        "name": "call",
        "startTime": "2026-07-25T17:20:01.000Z",
        "endTime": "2026-07-25T17:20:02.000Z",
        "parentObservationId": "o0",
        "level": "DEFAULT",
        "statusMessage": None,
        "model": "m" if kind == "GENERATION" else None,
        "input": '[{"role":"user","content":"When?"}]',
        "output": '{"role":"assistant","content":"At 8"}',
        **more,
    }


def score(name: str, value: object, source: str, **more: Any) -> dict[str, Any]:
    return {
        "id": name,
        "traceId": "t1",
        "name": name,
        "value": value,
        "stringValue": None,
        "dataType": "NUMERIC",
        "source": source,
        **more,
    }


SCORES = [
    score("user-feedback", 1, "API"),
    score("grade", None, "ANNOTATION", dataType="CATEGORICAL", stringValue="good"),
    score("category", 2, "ANNOTATION", dataType="CATEGORICAL", stringValue="fair"),
    score("correctness", 0, "EVAL"),
    score("toxicity", 0.8, "API"),
    score("remark", None, "ANNOTATION", dataType="TEXT", stringValue="nice"),
]


def test_a_downloaded_trace_is_read_through_its_double_encoding(tmp_path: Path) -> None:
    whole = {"trace": trace(scores=SCORES), "observations": [observation(), observation("o2", "TOOL", name="search")]}
    (found,), log = read(opened(tmp_path, json.dumps(whole, indent=2)))
    assert (found.trace_id, found.input_text, found.output_text, found.timestamp) == ("t1", "When?", "At 8", START)
    assert (found.session_id, found.user_id, found.model, found.environment) == ("s", "u", "m", "production")
    assert found.tools == ("search",)
    assert found.tags == {"plan": "pro", "name": "chat", "release": "1.2", "topic": "cards", "tags": "beta"}
    assert [(given.name, given.value, given.label, given.source) for given in found.feedback] == [
        ("user-feedback", 1.0, None, FeedbackSource.USER),
        ("grade", 1.0, "good", FeedbackSource.ANNOTATOR),
        ("category", None, "fair", FeedbackSource.ANNOTATOR),
        ("correctness", 0.0, None, FeedbackSource.JUDGE),
        ("toxicity", 0.8, None, FeedbackSource.JUDGE),
    ]
    assert log.n_counted is None
    assert not log.warnings


def test_a_trace_without_input_takes_its_root_observation_then_its_first_generation(tmp_path: Path) -> None:
    silent = trace(input=None, output=None)
    root = observation(
        "o0", "SPAN", parentObservationId=None, input='{"question":"Asked?"}', startTime="2026-07-25T17:20:00Z"
    )
    late = observation(
        "o3",
        input='[{"role":"user","content":"Later"}]',
        startTime="2026-07-25T17:20:09Z",
        endTime="2026-07-25T17:20:10Z",
        model="last",
    )
    (found,), _ = read(opened(tmp_path, json.dumps({"trace": silent, "observations": [late, observation(), root]})))
    assert (found.input_text, found.model) == ("Asked?", "last")
    (found,), _ = read(opened(tmp_path, json.dumps({"trace": silent, "observations": [late, observation()]})))
    assert found.input_text == "When?"


def test_stripped_texts_leave_no_input_and_say_so(tmp_path: Path) -> None:
    whole = {"trace": trace(input=None, output=None), "observations": [observation(input=None, output=None)]}
    (found,), log = read(opened(tmp_path, json.dumps(whole)))
    assert (found.input_text, found.output_text) == (None, None)
    assert any("no content captured in 1 of 1 traces" in text for text in log.warnings)


def test_an_error_of_any_observation_is_the_traces(tmp_path: Path) -> None:
    failed = observation(level="ERROR", statusMessage="rate limit")
    (found,), _ = read(opened(tmp_path, json.dumps({"trace": trace(), "observations": [failed]})))
    assert found.error == "rate limit"


def test_table_export_lines_with_a_column_per_score(tmp_path: Path) -> None:
    row = trace(
        input={"messages": [{"role": "system", "content": "Be kind"}, {"role": "user", "content": "When?"}]},
        comments=[],
    )
    del row["scores"]
    row |= {"user-feedback": [1], "hallucination": [0.1, 0.3], "quality": ["yes"], "unrated": []}
    (first, _), log = read(opened(tmp_path, json.dumps(row) + "\n" + json.dumps({**row, "id": "t2"})))
    assert first.input_text == "When?"
    assert first.conversation == "system: Be kind\nuser: When?"
    assert [(given.name, given.value, given.source) for given in first.feedback] == [
        ("user-feedback", 1.0, FeedbackSource.USER),
        ("hallucination", 0.1, FeedbackSource.JUDGE),
        ("hallucination", 0.3, FeedbackSource.JUDGE),
        ("quality", 1.0, FeedbackSource.UNKNOWN),
    ]
    assert not log.warnings


def test_table_export_csv(tmp_path: Path) -> None:
    columns = "id timestamp name userId sessionId release version environment tags bookmarked public input output"
    header = ",".join(f'"{column}"' for column in [*columns.split(), "metadata", "csat", "comments"])
    first = (
        '"t1","2026-07-25T17:20:00.000Z","chat","u","s","","","default","[""beta""]","false","false",'
        '"{""question"":""When?""}","At 8","{""plan"":""pro""}","[4]","[]"'
    )
    second = '"t2","2026-07-25T17:21:00.000Z","chat","","","","","default","[]","false","false","","","{}","[]","[]"'
    (found, silent), log = read(opened(tmp_path, "\n".join([header, first, second, ""])))
    assert (found.input_text, found.output_text, found.tags["tags"], found.timestamp) == (
        "When?",
        "At 8",
        "beta",
        START,
    )
    assert [(given.name, given.value) for given in found.feedback] == [("csat", 4.0)]
    assert (silent.session_id, silent.user_id, silent.input_text, silent.feedback) == (None, None, None, ())
    assert any("1 of 2 traces" in text for text in log.warnings)


def test_observations_are_rolled_up_to_one_interaction_a_trace(tmp_path: Path) -> None:
    rows = [
        observation("o1", output='"At 8"'),
        observation("o0", "SPAN", parentObservationId=None, input='{"question":"Asked?"}', userId="u", sessionId="s"),
        observation("o9", traceId="t2", parentObservationId=None),
    ]
    (first, second), log = read(opened(tmp_path, json.dumps(rows)))
    assert (first.input_text, first.model, first.session_id) == ("Asked?", "m", "s")
    assert second.input_text == "When?"
    assert log.n_counted == 3


def test_observations_csv(tmp_path: Path) -> None:
    header = "id,traceId,type,startTime,endTime,name,parentObservationId,level,statusMessage,model,input,output"
    row = 'o1,t1,GENERATION,2026-07-25T17:20:00Z,,call,,ERROR,Timeout,m,"[{""role"":""user"",""content"":""When?""}]",'
    (found,), _ = read(opened(tmp_path, f"{header}\n{row}\n"))
    assert (found.input_text, found.error, found.model) == ("When?", "Timeout", "m")


BLOB = {
    "id": "t1",
    "timestamp": "2026-07-25 17:20:00.000000",
    "name": "chat",
    "user_id": "u",
    "session_id": "s",
    "release": None,
    "version": None,
    "environment": "default",
    "public": False,
    "bookmarked": False,
    "tags": ["beta"],
    "input": '{"question":"When?"}',
    "output": "At 8",
    "metadata": {"plan": "pro"},
}


def test_blob_storage_traces(tmp_path: Path) -> None:
    (found,), _ = read(opened(tmp_path, json.dumps(BLOB)))
    assert (found.input_text, found.timestamp, found.session_id, found.user_id) == ("When?", START, "s", "u")


def test_blob_storage_scores_are_joined_within_a_file(tmp_path: Path) -> None:
    rating = {
        "id": "x",
        "timestamp": "2026-07-25 17:25:00.000000",
        "trace_id": "t1",
        "observation_id": None,
        "name": "csat",
        "value": 5,
        "string_value": None,
        "data_type": "NUMERIC",
        "source": "API",
        "comment": None,
    }
    (found,), log = read(opened(tmp_path, json.dumps(BLOB) + "\n" + json.dumps(rating)))
    assert [(given.name, given.value, given.source) for given in found.feedback] == [("csat", 5.0, FeedbackSource.USER)]
    assert log.n_counted == 2
    traces, log = read(opened(tmp_path, json.dumps(rating)))
    assert traces == []
    assert any("scores without traces" in text for text in log.warnings)


def test_blob_storage_observations(tmp_path: Path) -> None:
    row = {
        "id": "o1",
        "trace_id": "t1",
        "type": "GENERATION",
        "name": "call",
        "start_time": "2026-07-25 17:20:00.000000",
        "end_time": "2026-07-25 17:20:01.000000",
        "parent_observation_id": None,
        "level": "DEFAULT",
        "status_message": "",
        "provided_model_name": "m",
        "input": '[{"role":"user","content":"When?"}]',
        "output": "At 8",
        "session_id": "s",
    }
    (found,), _ = read(opened(tmp_path, json.dumps(row)))
    assert (found.trace_id, found.input_text, found.model, found.session_id) == ("t1", "When?", "m", "s")


def test_api_pages(tmp_path: Path) -> None:
    page = {
        "data": [trace(input={"question": "When?"}, scores=["s1"], observations=["o1"], htmlPath="/x")],
        "meta": {"page": 1, "totalPages": 1},
    }
    (found,), _ = read(opened(tmp_path, json.dumps(page)))
    assert found.input_text == "When?"
    assert found.feedback == ()


def test_an_object_of_traces_and_scores(tmp_path: Path) -> None:
    (found,), _ = read(opened(tmp_path, json.dumps({"traces": [trace()], "scores": SCORES[:1]})))
    assert [given.name for given in found.feedback] == ["user-feedback"]


def test_an_ingestion_batch(tmp_path: Path) -> None:
    batch = {
        "batch": [
            {
                "id": "1",
                "type": "trace-create",
                "timestamp": "2026-07-25T17:20:00Z",
                "body": {"id": "t1", "name": "chat", "input": "When?", "sessionId": "s"},
            },
            {
                "id": "2",
                "type": "generation-create",
                "timestamp": "2026-07-25T17:20:00Z",
                "body": {"id": "g", "traceId": "t1", "model": "m", "output": "At 8"},
            },
            {
                "id": "3",
                "type": "score-create",
                "timestamp": "2026-07-25T17:20:00Z",
                "body": {"traceId": "t1", "name": "thumbs", "value": 0, "source": "API"},
            },
        ]
    }
    (found,), log = read(opened(tmp_path, json.dumps(batch)))
    assert (found.input_text, found.output_text, found.model, found.timestamp) == ("When?", "At 8", "m", START)
    assert [(given.name, given.value) for given in found.feedback] == [("thumbs", 0.0)]
    assert log.n_counted == 3


@pytest.mark.parametrize(
    "record",
    [
        {"id": "1", "input": "x", "expectedOutput": "y", "datasetId": "d", "metadata": {}},
        {"id": 1, "timestamp": "2026-01-01", "input": "x", "output": "y", "session_id": "s"},
        {"trace": "x", "observations": []},
        {"traceId": "a", "type": "web", "startTime": "2026-01-01", "id": "1"},
        {"data": [{"a": 1}], "meta": {}},
        {"traceId": "a", "type": ["SPAN"], "startTime": "2026-01-01", "id": "1", "statusMessage": None},
        {"type": {"a": 1}, "body": {}},
    ],
)
def test_other_records_are_not_langfuse(tmp_path: Path, record: Any) -> None:
    assert langfuse.sniff(opened(tmp_path, json.dumps(record))) is None


def test_one_trace_of_the_api_holds_its_observations(tmp_path: Path) -> None:
    whole = trace(input=None, output=None) | {"observations": [observation()], "scores": SCORES[:1]}
    (found,), _ = read(opened(tmp_path, json.dumps(whole)))
    assert (found.input_text, found.output_text, found.model) == ("When?", "At 8", "m")
    assert [given.name for given in found.feedback] == ["user-feedback"]


def test_traces_of_experiments_are_left_out(tmp_path: Path) -> None:
    rows = [trace(), trace(id="t2", environment="sdk-experiment"), trace(id="t3", metadata='{"dataset_item_id": "7"}')]
    found, log = read(opened(tmp_path, "\n".join(map(json.dumps, rows))))
    assert ([one.trace_id for one in found], log.n_skipped, log.n_counted) == (["t1"], 2, 3)
