"""OpenTelemetry spans as SDKs print them: Python, JavaScript, Go, home-made, bare attributes."""

import json
from pathlib import Path
from typing import Any

import pytest

from driftcheck.loaders import otel_spans, otlp, phoenix
from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.document import Document, open_document
from driftcheck.loaders.read_log import ReadLog
from driftcheck.loaders.source import find_sources
from driftcheck.records import Trace

TRACE, ROOT, CHILD = "5b8efff798038103d269b633813fc60c", "eee19b7ec3c1b174", "eee19b7ec3c1b173"
START = 1785000000.0


def opened(tmp_path: Path, text: str) -> Document:
    path = tmp_path / "spans.json"
    path.write_text(text, encoding="utf-8")
    return open_document(find_sources([path], base=tmp_path)[0])


def read(doc: Document) -> tuple[list[Trace], ReadLog]:
    match = otel_spans.sniff(doc)
    assert match is not None
    assert match.confidence >= 0.6
    assert otlp.sniff(doc) is None
    assert phoenix.sniff(doc) is None
    log = ReadLog()
    return list(otel_spans.read(doc, log, ColumnMap())), log


def python_span(span_id: str, parent: str | None, **attributes: Any) -> dict[str, Any]:
    return {
        "name": "chat m",
        "context": {"trace_id": f"0x{TRACE}", "span_id": f"0x{span_id}", "trace_state": "[]"},
        "kind": "SpanKind.CLIENT",
        "parent_id": f"0x{parent}" if parent else None,
        "start_time": "2026-07-25T17:20:00.000000Z",
        "end_time": "2026-07-25T17:20:01.000000Z",
        "status": {"status_code": "UNSET"},
        "attributes": {key.replace("__", "."): value for key, value in attributes.items()},
        "events": [],
        "links": [],
        "resource": {"attributes": {"service.name": "bot"}, "schema_url": ""},
    }


def test_python_console_pretty_printed_one_after_the_other(tmp_path: Path) -> None:
    spans = [python_span(CHILD, ROOT, gen_ai__request__model="m"), python_span(ROOT, None, input__value="When?")]
    (trace,), log = read(opened(tmp_path, "\n".join(json.dumps(span, indent=4) for span in spans)))
    assert (trace.trace_id, trace.input_text, trace.model, trace.timestamp) == (TRACE, "When?", "m", START)
    assert log.n_counted == 2
    assert not log.warnings


def test_python_console_lines(tmp_path: Path) -> None:
    spans = [python_span(ROOT, None, input__value="When?"), python_span(CHILD, ROOT)]
    spans[0]["status"] = {"status_code": "ERROR", "description": "ValueError: no"}
    (trace,), _ = read(opened(tmp_path, "\n".join(map(json.dumps, spans))))
    assert trace.error == "ValueError: no"


def test_javascript_with_span_context(tmp_path: Path) -> None:
    span = {
        "name": "ai.generateText",
        "spanContext": {"traceId": TRACE, "spanId": ROOT},
        "attributes": {
            "ai.operationId": "ai.generateText",
            "ai.prompt": '{"prompt": "When?"}',
            "ai.response.text": "At 8",
            "ai.model.id": "m",
            "ai.telemetry.metadata.userId": "u",
        },
        "status": {"code": 0},
        "startTime": [1785000000, 500000000],
        "endTime": [1785000001, 0],
        "events": [],
    }
    inner = {
        **span,
        "spanContext": {"traceId": TRACE, "spanId": CHILD},
        "parentSpanContext": {"spanId": ROOT},
        "attributes": {"ai.operationId": "ai.generateText.doGenerate"},
    }
    (trace,), _ = read(opened(tmp_path, json.dumps([inner, span])))
    assert (trace.input_text, trace.output_text, trace.model, trace.user_id) == ("When?", "At 8", "m", "u")
    assert trace.timestamp == START + 0.5


def test_javascript_console_with_bare_ids(tmp_path: Path) -> None:
    span = {
        "traceId": TRACE,
        "parentId": None,
        "id": ROOT,
        "name": "chat",
        "timestamp": 1785000000000000,
        "attributes": {"gen_ai.prompt": "When?"},
        "status": {"code": 2},
    }
    (trace,), _ = read(opened(tmp_path, json.dumps([span])))
    assert (trace.input_text, trace.timestamp, trace.error) == ("When?", START, "error")


def test_go_stdouttrace(tmp_path: Path) -> None:
    zero = "0000000000000000"
    span = {
        "Name": "chat",
        "SpanContext": {"TraceID": TRACE, "SpanID": ROOT, "TraceFlags": "01"},
        "Parent": {"TraceID": "0" * 32, "SpanID": zero},
        "StartTime": "2026-07-25T17:20:00.000000001Z",
        "Attributes": [{"Key": "gen_ai.prompt", "Value": {"Type": "STRING", "Value": "When?"}}],
        "Events": [
            {
                "Name": "exception",
                "Attributes": [{"Key": "exception.type", "Value": {"Type": "STRING", "Value": "Timeout"}}],
            }
        ],
        "Status": {"Code": "Unset", "Description": ""},
        "Resource": [{"Key": "service.name", "Value": {"Type": "STRING", "Value": "bot"}}],
    }
    (trace,), log = read(
        opened(tmp_path, json.dumps(span, indent="\t") + "\n" + json.dumps({**span, "Name": "other"}, indent="\t"))
    )
    assert (trace.input_text, trace.error, trace.tags["service"]) == ("When?", "Timeout", "bot")
    assert trace.timestamp == pytest.approx(START)
    assert log.n_counted == 2


def test_home_made_nanoseconds(tmp_path: Path) -> None:
    span: dict[str, Any] = {
        "span_id": ROOT,
        "trace_id": TRACE,
        "parent_id": None,
        "name": "turn",
        "kind": "INTERNAL",
        "start_time": 1785000000000000000,
        "end_time": 1785000001000000000,
        "status": {"status_code": "OK", "description": None},
        "attributes": {"input.value": "When?"},
        "events": [],
        "exporter": "Mine",
    }
    (trace,), _ = (
        read(opened(tmp_path, json.dumps(span) + "\n" + json.dumps({**span, "trace_id": "a" * 32})))[0][:1],
        None,
    )
    assert (trace.input_text, trace.timestamp) == ("When?", START)


def test_a_bare_object_of_attributes(tmp_path: Path) -> None:
    attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.request.model": "m",
        "gen_ai.input.messages": '[{"role": "user", "parts": [{"type": "text", "content": "When?"}]}]',
    }
    (trace,), log = read(opened(tmp_path, json.dumps(attributes)))
    assert (trace.trace_id, trace.input_text) == (None, "When?")
    assert not log.warnings


def test_spans_within_an_object(tmp_path: Path) -> None:
    (trace,), log = read(opened(tmp_path, json.dumps({"spans": [python_span(ROOT, None, input__value="When?")]})))
    assert trace.input_text == "When?"
    assert log.n_counted == 1


def test_lists_of_spans_by_name(tmp_path: Path) -> None:
    attributes = {"ai.operationId": "ai.generateText", "ai.prompt": '{"prompt": "When?"}', "ai.response.text": "At 8"}
    span = {
        **{
            "name": "ai.generateText",
            "spanContext": {"traceId": "a" * 32, "spanId": "b" * 16},
            "attributes": attributes,
        },
        **{"status": {"code": 0}, "startTime": [1785000000, 5], "endTime": [1785000001, 0], "events": []},
    }
    other = {**span, "spanContext": {"traceId": "c" * 32, "spanId": "d" * 16}}
    found, log = read(opened(tmp_path, json.dumps({"ai.generateText": [span], "ai.streamText": [other]})))
    assert [(trace.input_text, trace.output_text) for trace in found] == [("When?", "At 8")] * 2
    assert log.n_counted == 2


def test_a_summary_of_captured_spans_is_named_as_such(tmp_path: Path) -> None:
    summary = {"captureDate": "2026-02-03", "results": [{"name": "a", "success": True}], "attributeSummary": {"ai": []}}
    traces, log = read(opened(tmp_path, json.dumps(summary)))
    assert (traces, log.n_counted) == ([], 1)
    assert any("only a summary" in text for text in log.warnings)


def test_no_content(tmp_path: Path) -> None:
    (trace,), log = read(opened(tmp_path, json.dumps([python_span(ROOT, None, gen_ai__request__model="m")])))
    assert trace.input_text is None
    assert any("no content captured" in text for text in log.warnings)


@pytest.mark.parametrize(
    "record",
    [{"name": "x", "attributes": {}}, {"trace_id": "1", "input": "x"}, {"id": 1, "gen_ai.request.model": "m"}, 3],
)
def test_other_records_are_no_spans(tmp_path: Path, record: Any) -> None:
    assert otel_spans.sniff(opened(tmp_path, json.dumps([record]))) is None


def test_what_is_no_span_is_left_out(tmp_path: Path) -> None:
    lines = [python_span(ROOT, None, input__value="When?")] * 9 + ["x"]
    _, log = read(opened(tmp_path, json.dumps(lines)))
    assert log.n_skipped == 1
