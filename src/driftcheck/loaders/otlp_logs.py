"""Log records of OTLP that hold what was said: SDKs may write prompts and answers into events beside the spans.

OpenTelemetry's `gen_ai.client.inference.operation.details` holds both in its attributes; the older
`gen_ai.user.message` and `gen_ai.choice` hold a message each, in the body. Written to the GenAI conventions 1.28 to
1.37.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from driftcheck.loaders.genai import Span
from driftcheck.loaders.genai_messages import Event
from driftcheck.loaders.timestamps import parse_timestamp

_EVENTS = "gen_ai."
_TIMES = ("timeUnixNano", "time_unix_nano", "observedTimeUnixNano", "observed_time_unix_nano")
_INSIDE = "a call inside of the trace"

Record = Mapping[str, Any]


def spans_of_logs(where: str, records: Iterable[Record], value_of: Callable[[Any], Any]) -> list[Span]:
    """Make a span of the log records of each call that say what was asked or answered; others are passed over.

    `value_of` reads an AnyValue.
    """
    calls: dict[tuple[Any, Any], list[tuple[Event, float | None]]] = {}
    for number, record in enumerate(records):
        pairs = record.get("attributes")
        attributes = {
            str(pair["key"]): value_of(pair.get("value"))
            for pair in (pairs if isinstance(pairs, list) else ())
            if isinstance(pair, Mapping) and "key" in pair
        }
        name = str(record.get("eventName") or record.get("event_name") or attributes.get("event.name") or "")
        if not name.startswith(_EVENTS):
            continue
        body = value_of(record.get("body"))
        if isinstance(body, Mapping):
            attributes |= body
        trace_id, span_id = record.get("traceId", record.get("trace_id")), record.get("spanId", record.get("span_id"))
        times = (parse_timestamp(record.get(key)) for key in _TIMES)
        time = next((time for time in times if time is not None), None)
        key = (trace_id, span_id) if span_id else (trace_id, number)
        calls.setdefault(key, []).append((Event(name, attributes), time))
    return [_span(where, trace_id, events) for (trace_id, _), events in calls.items()]


def _span(where: str, trace_id: Any, events: list[tuple[Event, float | None]]) -> Span:
    known = [time for _, time in events if time is not None]
    attributes: dict[str, Any] = {}
    for event, _ in events:
        attributes |= {key: value for key, value in event.attributes.items() if key.startswith(_EVENTS)}
    return Span(
        where=where,
        trace_id=trace_id,
        parent_id=_INSIDE if trace_id else None,
        kind="chat",
        start=min(known, default=None),
        end=max(known, default=None),
        attributes=attributes,
        events=tuple(event for event, _ in events),
    )
