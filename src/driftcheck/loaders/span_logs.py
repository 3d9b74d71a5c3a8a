"""Spans of your own logging, one object a line, where no tool's format explains them.

Recognised by `event` beside a `span` with a `trace_id` (what a tracer logs when a span starts and again when it ends),
by `trace_id` beside the name of a `span` and its `details` (or `data`, `payload`, input and output), by `trace_id`
beside a list of `spans`, by a whole span in the `details` of a log line, and by `span_data` beside `trace_id`
(`trace.span` of the OpenAI Agents SDK). Spans are rolled up to one interaction per trace.

How to get it: the file that your own tracer writes; of the OpenAI Agents SDK a trace processor that writes
`span.export()` line by line (written to its version 0.2).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.document import Document, Match, ReadLog, Shape
from driftcheck.loaders.genai import Span, step_of
from driftcheck.loaders.invocation import answered, said
from driftcheck.loaders.otel_spans import events_of
from driftcheck.loaders.spans import RollUp, Step
from driftcheck.loaders.text import parsed
from driftcheck.loaders.timestamps import parse_timestamp
from driftcheck.loaders.trace_fields import error_text, id_of, object_of, status_error, text_at
from driftcheck.loaders.trace_tags import tags_of, tags_of_list
from driftcheck.records import Kind, Trace

FORMAT = "span-logs"
KIND = Kind.TRACES

Record = Mapping[str, Any]

_DETAILS = ("details", "attributes", "span_data", "data", "payload", "metadata", "content")
_IDS = ("span_id", "spanId", "id")
_PARENTS = ("parent_id", "parent_span_id", "parentSpanId", "parentId", "parent")
_TRACE_IDS = ("trace_id", "traceId")
_STARTS = ("start_time", "started_at", "startTime", "startedAt", "start", "timestamp", "time", "ts")
_ENDS = ("end_time", "ended_at", "endTime", "endedAt", "end")
_ASKED = ("input", "inputs", "question", "query", "user_input", "user_message", "messages", "prompt", "message")
_ANSWERED = ("output", "outputs", "answer", "response", "completion", "result", "reply")
_STARTED = frozenset(["start", "started", "begin", "span_start", "on_span_start", "span.start"])
_ENDED = frozenset(["end", "ended", "finish", "finished", "stop", "span_end", "on_span_end", "span.end"])
_MAX_STARTED = 100_000
"""Spans that may have begun and not ended."""


def sniff(doc: Document) -> Match | None:
    """Recognise what most of the first records are."""
    if doc.shape not in (Shape.JSON, Shape.JSONL, Shape.CONCATENATED):
        return None
    heads = doc.head if isinstance(doc.head, list) else [doc.head]
    rows = [row for row in heads if isinstance(row, Mapping)]
    whys = [why for why in map(_why, rows) if why]
    if not whys or len(whys) < 0.8 * len(rows):
        return None
    return Match(0.7, max(sorted(set(whys)), key=whys.count))


def _why(record: Record) -> str | None:
    span = record.get("span")
    if _is_event(record) and isinstance(span, Mapping):
        return "event and span (a tracer's log)" if _trace_id(span) or _trace_id(record) else None
    if isinstance(record.get("span_data"), Mapping) and "trace_id" in record:
        return "trace_id and span_data (OpenAI Agents SDK)"
    if record.get("object") == "trace" and "workflow_name" in record:
        return "trace_id and span_data (OpenAI Agents SDK)"
    if not _trace_id(record):
        return "a span in the details of a log line" if _logged(record) else None
    spans = record.get("spans")
    if isinstance(spans, list) and spans and all(isinstance(one, Mapping) and "name" in one for one in spans):
        return "trace_id and spans"
    names_span = isinstance(span, str) or "span_name" in record
    if names_span and any(record.get(key) not in (None, "") for key in (*_DETAILS, *_ASKED, *_ANSWERED)):
        return "trace_id, span and what it did"
    return None


def _logged(record: Record) -> Record | None:
    """Find the span that stands whole in the details of a log line."""
    for key in _DETAILS:
        inner = record.get(key)
        if isinstance(inner, Mapping) and _trace_id(inner) and text_at(inner, "span_id", "spanId", "name", "span"):
            return inner
    return None


def _is_event(record: Record) -> bool:
    event = record.get("event", record.get("type"))
    return isinstance(event, str) and event.casefold() in _STARTED | _ENDED


def _trace_id(record: Record) -> str | None:
    return text_at(record, *_TRACE_IDS)


def read(doc: Document, log: ReadLog, columns: ColumnMap) -> Iterator[Trace]:
    """Yield one trace per trace id."""
    rollup = RollUp(log)
    started: dict[str, tuple[str, Record]] = {}
    for where, record in doc.records(log):
        log.counted(1)
        if not isinstance(record, Mapping) or _why(record) is None:
            log.skip(where, "is no span")
            continue
        for span in _spans(record):
            if _is_event(record) and (key := text_at(span, *_IDS)):
                if str(record.get("event", record.get("type"))).casefold() in _STARTED and len(started) < _MAX_STARTED:
                    started[key] = (where, span)
                    continue
                where, begun = started.pop(key, (where, {}))
                span = {**begun, **{name: value for name, value in span.items() if value not in (None, "", {}, [])}}
            yield from rollup.add(_step(where, span))
    for where, span in started.values():  # what never ended has no answer, but was asked
        yield from rollup.add(_step(where, span))
    yield from rollup.finish()


def _spans(record: Record) -> Iterator[Record]:
    """Walk over the spans that a line holds, each with what the line says of them all."""
    spans = record.get("spans")
    inner = record.get("span")
    if isinstance(spans, list):
        shared = {key: value for key, value in record.items() if key != "spans"}
        for number, span in enumerate(spans):
            if isinstance(span, Mapping):
                parent = {} if number == 0 or any(key in span for key in _PARENTS) else {"parent_id": "the first"}
                yield {**shared, **parent, **span}
    elif isinstance(inner, Mapping):
        yield {**{key: record[key] for key in (*_TRACE_IDS, "timestamp", "session_id") if key in record}, **inner}
    elif not _trace_id(record) and (logged := _logged(record)):
        yield {"timestamp": record.get("timestamp") or record.get("time"), **logged}
    else:
        yield record


def _step(where: str, record: Record) -> Step:
    if record.get("object") == "trace":
        return _workflow(where, record)
    details: dict[str, Any] = {}
    for key in _DETAILS:
        value = parsed(record.get(key))
        if isinstance(value, Mapping):
            details |= value
    name = text_at(record, "name", "span_name") or (record["span"] if isinstance(record.get("span"), str) else "")
    name = name or text_at(details, "name", "type") or ""
    failed = status_error(record.get("status"))
    step = step_of(
        Span(
            where=where,
            trace_id=_trace_id(record),
            span_id=text_at(record, *_IDS),
            parent_id=text_at(record, *_PARENTS),
            name=name,
            kind=text_at(record, "kind", "span_kind", "type") or text_at(details, "type") or "",
            start=_time(record, _STARTS),
            end=_time(record, _ENDS),
            error=error_text(record.get("error")) or (failed and text_at(record, "status_message")) or failed,
            attributes=details,
            events=tuple(events_of(parsed(record.get("events")))),
        )
    )
    places = (record, details)
    asked = step.input or next((said(found) for place in places if (found := _first(place, _ASKED))), None)
    return replace(
        step,
        input=asked,
        output=step.output or next((answered(found) for place in places if (found := _first(place, _ANSWERED))), None),
        model=step.model or text_at(record, "model") or text_at(details, "model", "llm.model"),
        session_id=step.session_id or text_at(record, "session_id", "conversation_id", "thread_id"),
        user_id=step.user_id or text_at(record, "user_id", "user"),
        tags={**tags_of(object_of(record.get("tags"))), **tags_of_list(parsed(record.get("tags"))), **step.tags},
        environment=step.environment or text_at(record, "environment", "env"),
    )


def _workflow(where: str, record: Record) -> Step:
    """Read the head of a trace of the OpenAI Agents SDK, which holds no text."""
    metadata = object_of(record.get("metadata"))
    name = text_at(record, "workflow_name")
    return Step(
        trace_id=id_of(record.get("id")),
        where=where,
        session_id=text_at(record, "group_id"),
        user_id=text_at(metadata, "user_id"),
        tags={**({"name": name} if name else {}), **tags_of(metadata)},
        environment=text_at(metadata, "environment", "env"),
    )


def _first(record: Record, keys: tuple[str, ...]) -> Any:
    return next((record[key] for key in keys if record.get(key) not in (None, "", [], {})), None)


def _time(record: Record, keys: tuple[str, ...]) -> float | None:
    times = (parse_timestamp(record.get(key)) for key in keys)
    return next((time for time in times if time is not None), None)
