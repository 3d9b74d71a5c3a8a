"""OTLP JSON: what an OpenTelemetry collector or SDK sends and its file exporter writes.

Recognised by `resourceSpans` (or the older `instrumentationLibrarySpans` in it), one object or
one a line, also as `batches` (Grafana Tempo) and in the snake_case of protobuf. Spans are rolled
up to one interaction per trace. `resourceLogs` are read where they hold GenAI events
(prompts and answers), else they are named, as `resourceMetrics` are: they hold no traces.

How to get it: the collector's `file` exporter, or `GET /api/v2/traces/ID` of Tempo.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.document import Document, Match, ReadLog, Shape
from driftcheck.loaders.genai import Span, step_of
from driftcheck.loaders.genai_messages import Event
from driftcheck.loaders.otlp_logs import spans_of_logs
from driftcheck.loaders.spans import RollUp
from driftcheck.loaders.timestamps import parse_timestamp
from driftcheck.records import Kind, Trace

FORMAT = "otlp-json"
KIND = Kind.TRACES

_LOGS = "log records"
_SPANS = ("resourceSpans", "resource_spans", "batches")
_OTHERS = {
    "resourceLogs": ("scopeLogs", "logRecords", _LOGS),
    "resource_logs": ("scope_logs", "log_records", _LOGS),
    "resourceMetrics": ("scopeMetrics", "metrics", "metrics"),
    "resource_metrics": ("scope_metrics", "metrics", "metrics"),
}
_SCOPES = ("scopeSpans", "scope_spans", "instrumentationLibrarySpans")
_HEX = re.compile(r"(?:0x)?([0-9a-fA-F]{16}|[0-9a-fA-F]{32})")
_KINDS = {2: "SERVER", 3: "CLIENT"}
_ERRORS = (2, "2", "STATUS_CODE_ERROR", "ERROR", "Error")


def sniff(doc: Document) -> Match | None:
    """Recognise the top-level key of an export request."""
    if doc.shape not in (Shape.JSON, Shape.JSONL, Shape.CONCATENATED):
        return None
    found = _found(doc)
    if found is None:
        return None
    key = found[-1]
    if key == "batches" and not _is_batch(_within(_first(doc), found)):
        return None
    return Match(0.97 if key != "batches" else 0.9, f"{key} of OTLP")


def _first(doc: Document) -> Any:
    if isinstance(doc.head, list):
        # spans before logs and metrics that stand in the same file, whichever of them it tells first
        items = [item for item in doc.head if isinstance(item, Mapping)]
        return next((item for item in items if any(key in item for key in _SPANS)), items[0] if items else {})
    return doc.head


def _found(doc: Document) -> tuple[str, ...] | None:
    """Path to the list of spans, logs or metrics."""
    first = _first(doc)
    if not isinstance(first, Mapping):
        return None
    for path in ((), ("trace",), ("data",)):
        inner = _within(first, path)
        if isinstance(inner, Mapping):
            for key in (*_SPANS, *_OTHERS):
                if isinstance(inner.get(key), list):
                    return (*path, key)
    return None


def _within(value: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _is_batch(batches: Any) -> bool:
    return (
        isinstance(batches, list)
        and bool(batches)
        and isinstance(batches[0], Mapping)
        and any(key in batches[0] for key in _SCOPES)
    )


def read(doc: Document, log: ReadLog, columns: ColumnMap) -> Iterator[Trace]:
    """Yield one trace per trace id."""
    rollup = RollUp(log)
    n_spans = 0
    for where, group in _groups(doc, log):
        if isinstance(group, Span):
            yield from rollup.add(step_of(group))
            continue
        for span in _spans(where, group):
            n_spans += 1
            yield from rollup.add(step_of(span))
    log.counted(n_spans)
    yield from rollup.finish()


def _groups(doc: Document, log: ReadLog) -> Iterator[tuple[str, Mapping[str, Any] | Span]]:
    """Walk over the ResourceSpans, whatever holds them, and what logs say of calls."""
    found = _found(doc) or ()
    if isinstance(doc.head, Mapping) and found and found[-1] in _SPANS:
        for where, group in doc.records(log, ".".join(found)):
            if isinstance(group, Mapping):
                yield where, group
        yield from ((doc.source.name, span) for span in _others(doc.source.name, doc.head, log))
        return
    for where, request in doc.records(log):
        if not isinstance(request, Mapping):
            log.skip(where, "is no object")
            continue
        yield from ((where, span) for span in _others(where, request, log))
        inner = _within(request, found[:-1])
        for key in _SPANS:
            for group in _mappings(inner.get(key) if isinstance(inner, Mapping) else None):
                yield where, group


def _others(where: str, request: Mapping[str, Any], log: ReadLog) -> Iterator[Span]:
    """Count and name what is no trace, and read what logs say of calls."""
    for key, (scopes, items, what) in _OTHERS.items():
        records = [
            record
            for resource in _mappings(request.get(key))
            for scope in _mappings(resource.get(scopes))
            for record in _mappings(scope.get(items))
        ]
        if not records:
            continue
        log.counted(len(records))
        spans = spans_of_logs(where, records, value_of) if what == _LOGS else []
        yield from (replace(span, trace_id=hex_id(span.trace_id)) for span in spans)
        if not spans:
            log.warn(f"{key} holds {what}, not traces: export the traces (resourceSpans) instead")


def _mappings(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, Mapping))


def _get(item: Mapping[str, Any], camel: str, snake: str) -> Any:
    return item.get(camel, item.get(snake))


def _spans(where: str, group: Mapping[str, Any]) -> Iterator[Span]:
    inner = group.get("resource")
    resource = attributes_of(inner.get("attributes")) if isinstance(inner, Mapping) else {}
    for scopes in _SCOPES:
        for scope in _mappings(group.get(scopes)):
            for span in _mappings(scope.get("spans")):
                yield _span(where, span, resource)


def _span(where: str, span: Mapping[str, Any], resource: Mapping[str, Any]) -> Span:
    status = span.get("status")
    status = status if isinstance(status, Mapping) else {}
    attributes = attributes_of(span.get("attributes"))
    error = None
    if status.get("code") in _ERRORS:
        error = str(attributes.get("error.type") or status.get("message") or "error")
    events = tuple(
        Event(str(event.get("name") or ""), attributes_of(event.get("attributes")))
        for event in _mappings(span.get("events"))
    )
    return Span(
        where=where,
        trace_id=hex_id(_get(span, "traceId", "trace_id")),
        span_id=hex_id(_get(span, "spanId", "span_id")),
        parent_id=hex_id(_get(span, "parentSpanId", "parent_span_id")),
        name=str(span.get("name") or ""),
        start=parse_timestamp(_get(span, "startTimeUnixNano", "start_time_unix_nano")),
        end=parse_timestamp(_get(span, "endTimeUnixNano", "end_time_unix_nano")),
        error=error,
        attributes=attributes,
        resource=resource,
        events=events,
    )


def attributes_of(pairs: Any) -> dict[str, Any]:
    """Read a list of OTLP key-value pairs; a plain object is taken as it is.

    >>> attributes_of([{"key": "n", "value": {"intValue": "3"}}])
    {'n': 3}
    """
    if isinstance(pairs, Mapping):
        return dict(pairs)
    return {str(pair["key"]): value_of(pair.get("value")) for pair in _mappings(pairs) if "key" in pair}


def value_of(value: Any) -> Any:
    """Read an OTLP AnyValue."""
    if not isinstance(value, Mapping):
        return value
    for key, inner in value.items():
        match key:
            case "stringValue" | "string_value" | "boolValue" | "bool_value":
                return inner
            case "intValue" | "int_value":
                return int(inner) if str(inner).lstrip("-").isdigit() else None
            case "doubleValue" | "double_value":
                try:
                    return float(inner)
                except (TypeError, ValueError):
                    return None
            case "arrayValue" | "array_value":
                items = inner.get("values") if isinstance(inner, Mapping) else None
                return [value_of(item) for item in items or ()]
            case "kvlistValue" | "kvlist_value":
                return attributes_of(inner.get("values") if isinstance(inner, Mapping) else None)
            case "bytesValue" | "bytes_value":
                return None
    return None


def hex_id(value: Any) -> str | None:
    """Normalise an id: hexadecimal as it should be, or the Base64 that protobuf's JSON makes of it.

    >>> hex_id("0xEEE19B7EC3C1B174"), hex_id("7uGbfsPBsXQ="), hex_id("0000000000000000")
    ('eee19b7ec3c1b174', 'eee19b7ec3c1b174', None)
    """
    if not isinstance(value, str) or not value:
        return None
    found = _HEX.fullmatch(value)
    if found is not None:
        text = found.group(1).lower()
    else:
        text = value
        if len(value) in (12, 24):
            try:
                text = base64.b64decode(value, validate=True).hex()
            except binascii.Error:
                text = value
    return text if text.strip("0") else None
