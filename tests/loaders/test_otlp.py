"""OTLP JSON: one object, lines, older and protobuf spellings, logs and metrics."""

import json
from pathlib import Path
from typing import Any

import pytest

from driftcheck.loaders import otlp
from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.document import Document, open_document
from driftcheck.loaders.read_log import ReadLog
from driftcheck.loaders.source import find_sources
from driftcheck.records import Trace

TRACE, ROOT, CHILD = "5b8efff798038103d269b633813fc60c", "eee19b7ec3c1b174", "eee19b7ec3c1b173"


def attribute(key: str, value: Any) -> dict[str, Any]:
    kind = {bool: "boolValue", int: "intValue", float: "doubleValue"}.get(type(value), "stringValue")
    return {"key": key, "value": {kind: str(value) if kind == "intValue" else value}}


def span(span_id: str = ROOT, parent: str = "", **attributes: Any) -> dict[str, Any]:
    return {
        "traceId": TRACE,
        "spanId": span_id,
        "parentSpanId": parent,
        "name": "chat",
        "kind": 3,
        "startTimeUnixNano": "1785000000123456789",
        "endTimeUnixNano": "1785000001000000000",
        "attributes": [attribute(key.replace("__", "."), value) for key, value in attributes.items()],
        "status": {},
    }


def request(*spans: dict[str, Any], scopes: str = "scopeSpans") -> dict[str, Any]:
    resource = {"attributes": [attribute("service.name", "bot"), attribute("deployment.environment", "prod")]}
    return {"resourceSpans": [{"resource": resource, scopes: [{"scope": {"name": "x"}, "spans": list(spans)}]}]}


def opened(tmp_path: Path, text: str, name: str = "a.json") -> Document:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return open_document(find_sources([path], base=tmp_path)[0])


def read(doc: Document) -> tuple[list[Trace], ReadLog]:
    log = ReadLog()
    return list(otlp.read(doc, log, ColumnMap())), log


ASKED = span(
    gen_ai__input__messages='[{"role": "user", "parts": [{"type": "text", "content": "When?"}]}]',
    gen_ai__request__model="m",
)


def test_one_object(tmp_path: Path) -> None:
    doc = opened(tmp_path, json.dumps(request(ASKED, span(CHILD, ROOT)), indent=1))
    match = otlp.sniff(doc)
    assert match is not None
    assert match.confidence > 0.9
    (trace,), log = read(doc)
    assert (trace.trace_id, trace.input_text, trace.model, trace.environment) == (TRACE, "When?", "m", "prod")
    assert trace.timestamp == pytest.approx(1785000000.123457)
    assert trace.tags["service"] == "bot"
    assert log.n_counted == 2
    assert not log.warnings


def test_lines_named_json(tmp_path: Path) -> None:
    lines = [request(span(CHILD, ROOT)), request(ASKED), {"resourceSpans": []}]
    doc = opened(tmp_path, "\n".join(map(json.dumps, lines)))
    assert otlp.sniff(doc) is not None
    (trace,), log = read(doc)
    assert trace.input_text == "When?"
    assert trace.where.endswith(":2")
    assert log.n_counted == 2


def test_the_older_library_spans(tmp_path: Path) -> None:
    (trace,), _ = read(opened(tmp_path, json.dumps(request(ASKED, scopes="instrumentationLibrarySpans"))))
    assert trace.input_text == "When?"


def test_protobuf_spelling_and_base64_ids(tmp_path: Path) -> None:
    record = {
        "resource_spans": [
            {
                "scope_spans": [
                    {
                        "spans": [
                            {
                                "trace_id": "W47/95gDgQPSabYzgT/GDA==",
                                "span_id": "7uGbfsPBsXQ=",
                                "start_time_unix_nano": 1785000000000000000,
                                "attributes": [{"key": "gen_ai.prompt", "value": {"string_value": "When?"}}],
                                "status": {"code": "STATUS_CODE_ERROR", "message": "rate limit"},
                            }
                        ]
                    }
                ]
            }
        ]
    }
    (trace,), _ = read(opened(tmp_path, json.dumps(record)))
    assert (trace.trace_id, trace.input_text, trace.error) == (TRACE, "When?", "rate limit")


def test_batches_of_tempo(tmp_path: Path) -> None:
    doc = opened(tmp_path, json.dumps({"batches": request(ASKED)["resourceSpans"]}))
    assert otlp.sniff(doc) is not None
    assert read(doc)[0][0].input_text == "When?"


@pytest.mark.parametrize(
    "record", [{"batches": [{"size": 3}]}, {"spans": []}, {"data": [1]}, [1, 2], {"resourceSpans": 3}]
)
def test_other_objects_are_not_otlp(tmp_path: Path, record: Any) -> None:
    assert otlp.sniff(opened(tmp_path, json.dumps(record))) is None


def test_no_content_is_a_trace_without_input_and_a_warning(tmp_path: Path) -> None:
    (trace,), log = read(
        opened(tmp_path, json.dumps(request(span(gen_ai__request__model="m", gen_ai__usage__input_tokens=9))))
    )
    assert trace.input_text is None
    assert any("no content captured" in text and "turn it on" in text for text in log.warnings)


def test_logs_and_metrics_are_named_and_counted_but_no_traces(tmp_path: Path) -> None:
    logs = {"resourceLogs": [{"scopeLogs": [{"logRecords": [{"body": {"stringValue": "x"}}, {}]}]}]}
    doc = opened(tmp_path, json.dumps(logs))
    assert otlp.sniff(doc) is not None
    traces, log = read(doc)
    assert (traces, log.n_counted) == ([], 2)
    assert any("resourceLogs" in text for text in log.warnings)
    metrics = {"resourceMetrics": [{"scopeMetrics": [{"metrics": [{"name": "m"}]}]}]}
    traces, log = read(opened(tmp_path, json.dumps(metrics), "b.json"))
    assert (traces, log.n_counted) == ([], 1)


def test_logs_that_hold_prompts_and_answers_are_read(tmp_path: Path) -> None:
    def record(name: str, time: int, pairs: dict[str, str], body: dict[str, str] | None = None) -> dict[str, Any]:
        def of(inner: dict[str, str]) -> list[dict[str, Any]]:
            return [{"key": key, "value": {"stringValue": value}} for key, value in inner.items()]

        said = {"body": {"kvlistValue": {"values": of(body)}}} if body else {}
        ids = {"traceId": TRACE, "spanId": ROOT, "timeUnixNano": f"178500000{time}000000000", "eventName": name}
        return {**ids, "attributes": of(pairs), **said}

    def logs(*records: dict[str, Any]) -> str:
        return json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": list(records)}]}]})

    said = '[{"role": "user", "parts": [{"type": "text", "content": "Refund?"}]}]'
    answer = '[{"role": "assistant", "parts": [{"type": "text", "content": "30 days"}]}]'
    details = {"gen_ai.input.messages": said, "gen_ai.output.messages": answer, "gen_ai.request.model": "m"}
    (trace,), log = read(opened(tmp_path, logs(record("gen_ai.client.inference.operation.details", 1, details))))
    assert (trace.trace_id, trace.input_text, trace.output_text, trace.model) == (TRACE, "Refund?", "30 days", "m")
    assert (trace.timestamp, log.n_counted) == (1785000001.0, 1)
    older = logs(
        record("gen_ai.user.message", 1, {}, {"content": "Hello"}),
        record("gen_ai.assistant.message", 1, {}, {"content": "Hi!"}),
        record("gen_ai.user.message", 2, {}, {"content": "Refund?"}),
        record("gen_ai.choice", 3, {}, {"content": "30 days"}),
    )
    (trace,), log = read(opened(tmp_path, older, "older.json"))
    assert (trace.input_text, trace.output_text, trace.timestamp) == ("Refund?", "30 days", 1785000001.0)
    assert trace.conversation == "user: Hello\nassistant: Hi!\nuser: Refund?"
    assert log.n_counted == 4


def test_values_of_every_type() -> None:
    pairs = [
        {"key": "s", "value": {"stringValue": "x"}},
        {"key": "i", "value": {"intValue": "-3"}},
        {"key": "d", "value": {"doubleValue": 0.5}},
        {"key": "b", "value": {"boolValue": True}},
        {"key": "a", "value": {"arrayValue": {"values": [{"stringValue": "y"}]}}},
        {"key": "k", "value": {"kvlistValue": {"values": [{"key": "z", "value": {"intValue": 1}}]}}},
        {"key": "n", "value": {}},
        {"key": "e", "value": {"arrayValue": {}}},
    ]
    assert otlp.attributes_of(pairs) == {
        "s": "x",
        "i": -3,
        "d": 0.5,
        "b": True,
        "a": ["y"],
        "k": {"z": 1},
        "n": None,
        "e": [],
    }
    assert otlp.attributes_of(None) == {}


def test_broken_spans_do_not_stop_the_file(tmp_path: Path) -> None:
    record = request({"traceId": 3, "attributes": "x", "events": [1], "status": "ok"}, ASKED)
    traces, log = read(opened(tmp_path, json.dumps(record)))
    assert "When?" in [trace.input_text for trace in traces]
    assert log.n_counted == 2
