"""OpenTelemetry spans as SDKs print them, one object a span.

Recognised by the span's own keys: Python's console exporter (`context.trace_id`, JSON lines or
pretty-printed one after the other), the JavaScript SDK (`spanContext`, or `traceId` beside `id`),
Go's stdouttrace (`SpanContext.TraceID`), home-made exporters with `trace_id` and `span_id` and
times in nanoseconds, a bare object of GenAI attributes, and an object of lists of such spans. Spans
are rolled up to one interaction per trace. The Vercel AI SDK's spans come in the JavaScript form
(`ai.prompt`, `ai.prompt.messages`, `ai.response.text`).

How to get it: `ConsoleSpanExporter(out=file)` in Python, stdouttrace in Go.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.document import Document, Match, ReadLog, Shape
from driftcheck.loaders.genai import Span, is_genai_key, step_of
from driftcheck.loaders.genai_messages import Event
from driftcheck.loaders.otlp import attributes_of, hex_id
from driftcheck.loaders.spans import RollUp
from driftcheck.loaders.timestamps import parse_timestamp
from driftcheck.records import Kind, Trace

FORMAT = "otel-spans"
KIND = Kind.TRACES

_LISTS = ("spans", "data.spans", "results")
_ERRORS = (2, "2", "ERROR", "Error", "STATUS_CODE_ERROR", "StatusCode.ERROR", "error")


def sniff(doc: Document) -> Match | None:
    """Recognise the keys of a span."""
    if doc.shape not in (Shape.JSON, Shape.JSONL, Shape.CONCATENATED):
        return None
    records = doc.head if isinstance(doc.head, list) else [doc.head]
    spans = [record for record in records if isinstance(record, Mapping)]
    if not spans:
        return None
    whys = [why for why in map(_why, spans) if why]
    if len(whys) >= 0.8 * len(spans):
        return Match(0.9, min(whys))
    if isinstance(doc.head, Mapping):
        inner = _list_path(doc.head)
        if inner == "results":
            return Match(0.6, "attributeSummary of captured spans, without the spans")
        if inner is not None:
            return Match(0.85, f"{inner} hold OpenTelemetry spans")
        if grouped := _groups(doc.head):
            return Match(0.85, f"{len(grouped)} groups of OpenTelemetry spans")
    return None


def _groups(head: Mapping[str, Any]) -> tuple[str, ...]:
    """Keys of an object all of whose values are lists of spans, by trace id or by name."""
    whole = bool(head) and all(
        isinstance(spans, list) and spans and all(isinstance(span, Mapping) and _why(span) for span in spans)
        for spans in head.values()
    )
    return tuple(head) if whole else ()


def _list_path(head: Mapping[str, Any]) -> str | None:
    for path in _LISTS[:2]:
        inner: Any = head
        for key in path.split("."):
            inner = inner.get(key) if isinstance(inner, Mapping) else None
        if isinstance(inner, list) and inner and isinstance(inner[0], Mapping) and _why(inner[0]):
            return path
    return "results" if "attributeSummary" in head and "captureDate" in head else None


def _why(record: Mapping[str, Any]) -> str | None:
    if isinstance(record.get("spanContext"), Mapping) and "attributes" in record:
        return "spanContext and attributes (JavaScript SDK)"
    if isinstance(record.get("SpanContext"), Mapping) and "Name" in record:
        return "SpanContext and Name (Go stdouttrace)"
    context = record.get("context")
    if isinstance(context, Mapping) and "trace_id" in context and "attributes" in record:
        if "span_kind" in record:  # Phoenix
            return None
        return "context.trace_id and attributes (Python console exporter)"
    if "attributes" in record and "name" in record:
        if "trace_id" in record and "span_id" in record:
            return "trace_id, span_id and attributes"
        if "traceId" in record and ("id" in record or "spanId" in record):
            return "traceId, id and attributes"
    if sum(map(is_genai_key, record)) >= 2 and not any(key.startswith("openinference.") for key in record):
        return "a bare object of gen_ai attributes"
    return None


def read(doc: Document, log: ReadLog, columns: ColumnMap) -> Iterator[Trace]:
    """Yield one trace per trace id."""
    path = ""
    if isinstance(doc.head, Mapping) and _why(doc.head) is None:
        path = _list_path(doc.head) or ""
    if path == "results":
        log.counted(sum(1 for _ in doc.records(log, path)))
        log.warn("holds only a summary of captured spans: export the spans themselves")
        return
    rollup = RollUp(log)
    n_spans = 0
    for where, record in _records(doc, log, path):
        n_spans += 1
        if not isinstance(record, Mapping):
            log.skip(where, "is no span")
            continue
        yield from rollup.add(step_of(span_of(where, record)))
    log.counted(n_spans)
    yield from rollup.finish()


def _records(doc: Document, log: ReadLog, path: str) -> Iterator[tuple[str, Any]]:
    if not path and isinstance(doc.head, Mapping) and _groups(doc.head):
        for where, groups in doc.records(log):
            for key, spans in groups.items():
                yield from ((f"{where} {key}", span) for span in (spans if isinstance(spans, list) else ()))
        return
    yield from doc.records(log, path)


def span_of(where: str, record: Mapping[str, Any]) -> Span:
    """Read one span in any SDK's own form."""
    if "SpanContext" in record:
        return _go_span(where, record)
    context = record.get("context") or record.get("spanContext")
    context = context if isinstance(context, Mapping) else record
    if "attributes" not in record:  # a bare object of attributes
        return Span(where=where, parent_id=None, attributes=record)
    parent = record.get("parentSpanContext") or {}
    start = record.get("start_time", record.get("startTime", record.get("timestamp")))
    end = record.get("end_time", record.get("endTime"))
    resource = record.get("resource")
    if isinstance(resource, Mapping):
        resource = resource.get("attributes", resource)
    attributes = attributes_of(record.get("attributes"))
    return Span(
        where=where,
        trace_id=hex_id(_one_of(context, "trace_id", "traceId")),
        span_id=hex_id(_one_of(context, "span_id", "spanId", "id")),
        parent_id=hex_id(
            _one_of(record, "parent_id", "parentSpanId", "parentId", "parent_span_id")
            or (parent.get("spanId") if isinstance(parent, Mapping) else None)
        ),
        name=str(record.get("name") or ""),
        start=parse_timestamp(start),
        end=parse_timestamp(end),
        error=_error(record.get("status"), attributes),
        attributes=attributes,
        resource=resource if isinstance(resource, Mapping) else None,
        events=tuple(events_of(record.get("events"))),
    )


def _one_of(item: Mapping[str, Any], *keys: str) -> Any:
    return next((item[key] for key in keys if item.get(key) not in (None, "", "None")), None)


def events_of(events: Any) -> Iterator[Event]:
    """Read the events of a span."""
    if isinstance(events, list | tuple):
        for event in events:
            if isinstance(event, Mapping):
                name = event.get("name", event.get("Name"))
                yield Event(str(name or ""), _attributes(event))


def _attributes(item: Mapping[str, Any]) -> dict[str, Any]:
    found = item.get("attributes", item.get("Attributes"))
    if isinstance(found, list) and found and isinstance(found[0], Mapping) and "Key" in found[0]:
        return {
            str(pair.get("Key")): inner.get("Value") if isinstance(inner, Mapping) else inner
            for pair in found
            if isinstance(pair, Mapping)
            for inner in (pair.get("Value"),)
        }
    return attributes_of(found)


def _error(status: Any, attributes: Mapping[str, Any]) -> str | None:
    if isinstance(status, str):
        status = {"code": status}
    if not isinstance(status, Mapping):
        return None
    code = _one_of(status, "status_code", "code", "Code", "statusCode")
    if code not in _ERRORS:
        return None
    message = _one_of(status, "description", "message", "Description")
    return str(attributes.get("error.type") or message or "error")


def _go_span(where: str, record: Mapping[str, Any]) -> Span:
    context = record["SpanContext"] if isinstance(record["SpanContext"], Mapping) else {}
    parent = record.get("Parent")
    parent = parent if isinstance(parent, Mapping) else {}
    attributes = _attributes(record)
    return Span(
        where=where,
        trace_id=hex_id(context.get("TraceID")),
        span_id=hex_id(context.get("SpanID")),
        parent_id=hex_id(parent.get("SpanID")),
        name=str(record.get("Name") or ""),
        start=parse_timestamp(record.get("StartTime")),
        end=parse_timestamp(record.get("EndTime")),
        error=_error(record.get("Status"), attributes),
        attributes=attributes,
        resource=_attributes({"Attributes": record.get("Resource")}),
        events=tuple(events_of(record.get("Events"))),
    )
