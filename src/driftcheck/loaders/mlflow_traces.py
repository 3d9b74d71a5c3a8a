"""MLflow traces, as `mlflow.search_traces` and the tracing API write them.

Recognised by `trace_id` or `request_id` beside `trace_metadata`, `request_metadata`, `request_preview` or
`execution_duration_ms` (a data frame as CSV, JSON, lines or Parquet, cells holding JSON), and by `info` beside `data`
(a trace of its own).

One trace is one interaction; its spans give the model and the tools. Input is the request, its
preview where the request is missing.

Assessments by a HUMAN are feedback, by an LLM_JUDGE or CODE a judge's; expectations are no ratings. Traces that
`mlflow.genai.evaluate` made over a dataset are left out.

How to get it: `mlflow.search_traces(...).to_csv(...)` or `.to_json(orient="records")`, `trace.to_json()`. Written to
MLflow 3's `TraceInfo`, and 2's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.comments import MAX_COMMENTS, comment_of
from driftcheck.loaders.document import Document, Match, ReadLog
from driftcheck.loaders.feedback import is_feedback_name, read_feedback
from driftcheck.loaders.invocation import answered, said
from driftcheck.loaders.leaked_runs import mark_in
from driftcheck.loaders.provider_bodies import replied
from driftcheck.loaders.text import parsed
from driftcheck.loaders.timestamps import parse_timestamp
from driftcheck.loaders.trace_fields import object_of, text_at
from driftcheck.loaders.trace_lists import TraceList, production_of
from driftcheck.loaders.trace_tags import tags_of
from driftcheck.records import Feedback, FeedbackSource, Kind, Trace

FORMAT = "mlflow-traces"
KIND = Kind.TRACES

_OWN = frozenset(
    [
        *("trace_metadata", "request_metadata", "request_preview", "response_preview", "execution_duration_ms"),
        *("execution_time_ms", "client_request_id", "trace_location", "assessments", "execution_duration"),
    ]
)
_SESSIONS = ("mlflow.trace.session", "session_id", "thread_id", "conversation_id")
_MODELS = ("mlflow.llm.model", "mlflow.chat.model", "model", "llm.model_name", "gen_ai.request.model")


def _is_trace(row: Mapping[str, Any]) -> bool:
    info = row.get("info")
    if isinstance(info, Mapping) and "data" in row:
        return _is_trace(info)
    return bool(row.keys() & {"trace_id", "request_id"}) and len(_OWN & row.keys()) >= 2


_TRACES = TraceList("trace", _is_trace, keys=("traces", "data"))


def sniff(doc: Document) -> Match | None:
    """Recognise the columns of a data frame of traces, or a trace of its own."""
    return Match(0.92, "trace_id or request_id and the fields of MLflow's traces") if _TRACES.is_in(doc) else None


def read(doc: Document, log: ReadLog, columns: ColumnMap) -> Iterator[Trace]:
    """Yield one trace per trace."""
    return production_of(_traces(doc, log), log, "traces", "the root span has no inputs")


def _traces(doc: Document, log: ReadLog) -> Iterator[tuple[Trace, str | None]]:
    for where, record in _TRACES.read(doc, log):
        row = _row(record)
        tags = _named(row.get("tags"))
        metadata = _named(row.get("trace_metadata") or row.get("request_metadata"))
        yield _trace(where, row, tags, metadata), mark_in(row, tags, metadata)


def _row(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """Lay a trace of its own out as the data frame does."""
    info = record.get("info")
    if not isinstance(info, Mapping):
        return record
    return {**info, **object_of(record.get("data"))}


def _named(value: Any) -> dict[str, Any]:
    """Read tags or metadata: an object, or a list of key and value; values may be JSON."""
    read = parsed(value)
    if isinstance(read, list):
        pairs = [pair for pair in read if isinstance(pair, Mapping) and "key" in pair]
        read = {str(pair["key"]): pair.get("value") for pair in pairs}
    return dict(read) if isinstance(read, Mapping) else {}


def _trace(where: str, row: Mapping[str, Any], tags: Mapping[str, Any], metadata: Mapping[str, Any]) -> Trace:
    spans = [span for span in _spans(row.get("spans")) if isinstance(span, Mapping)]
    root = next((_attributes(span) for span in spans if not text_at(span, "parent_id", "parent_span_id")), {})
    question = None
    for value in (row.get("request"), root.get("mlflow.spanInputs"), metadata.get("mlflow.traceInputs")):
        question = question or said(value)
    question = question or said(row.get("request_preview"))
    answers = (row.get("response"), root.get("mlflow.spanOutputs"), metadata.get("mlflow.traceOutputs"))
    own = {key: value for key, value in {**metadata, **tags}.items() if not key.startswith("mlflow.")}
    if name := text_at(tags, "mlflow.traceName"):
        own["name"] = name
    return Trace(
        trace_id=text_at(row, "trace_id", "request_id", "client_request_id"),
        input_text=question.text if question else None,
        where=where,
        timestamp=parse_timestamp(row.get("request_time") or row.get("timestamp_ms") or row.get("timestamp")),
        session_id=_first(_SESSIONS, metadata, tags),
        user_id=_first(("mlflow.trace.user", "user_id"), metadata, tags),
        conversation=question.conversation if question else None,
        output_text=next(filter(None, map(_answer, (*answers, row.get("response_preview")))), None),
        model=_model(spans),
        error=_error(row, spans),
        tools=tuple(
            dict.fromkeys(str(span.get("name")) for span in spans if _kind(span) == "TOOL" and span.get("name"))
        ),
        language=_first(("language", "lang", "locale"), metadata, tags),
        tags=tags_of(own),
        feedback=tuple(_feedback(row.get("assessments"))),
        comments=tuple(_comments(row.get("assessments")))[:MAX_COMMENTS],
        environment=_first(("environment", "env", "mlflow.source.environment"), tags, metadata),
    )


def _first(keys: tuple[str, ...], *places: Mapping[str, Any]) -> str | None:
    return next((str(place[key]) for key in keys for place in places if place.get(key) not in (None, "")), None)


def _answer(value: Any) -> str | None:
    read = parsed(value)
    return replied(read) or answered(read)


def _spans(value: Any) -> list[Any]:
    read = parsed(value)
    return read if isinstance(read, list) else []


def _attributes(span: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes of a span, each of which MLflow writes as JSON."""
    return {str(key): parsed(value) for key, value in object_of(span.get("attributes")).items()}


def _kind(span: Mapping[str, Any]) -> str:
    kind = parsed(object_of(span.get("attributes")).get("mlflow.spanType", span.get("span_type")))
    return str(kind or "").upper()


def _model(spans: list[Mapping[str, Any]]) -> str | None:
    for span in reversed(spans):
        if _kind(span) in ("CHAT_MODEL", "LLM"):
            attributes = _attributes(span)
            places = (attributes, object_of(attributes.get("mlflow.spanOutputs")))
            inputs = object_of(attributes.get("mlflow.spanInputs"))
            if found := _first(_MODELS, *places, inputs):
                return found
    return None


def _error(row: Mapping[str, Any], spans: list[Mapping[str, Any]]) -> str | None:
    state = (text_at(row, "state", "status") or "").upper().rpartition(".")[2]
    if state != "ERROR":
        return None
    for span in spans:
        for event in parsed(span.get("events")) or ():
            attributes = object_of(event.get("attributes")) if isinstance(event, Mapping) else {}
            if found := text_at(attributes, "exception.type", "exception.message"):
                return found
    return "error"


def _feedback(assessments: Any) -> Iterator[Feedback]:
    read = parsed(assessments)
    for item in read if isinstance(read, list) else ():
        if not isinstance(item, Mapping) or item.get("valid") is False or "expectation" in item:
            continue
        name = text_at(item, "assessment_name", "name") or "assessment"
        kind = (text_at(object_of(item.get("source")), "source_type") or "").upper()
        source = FeedbackSource.JUDGE if kind else FeedbackSource.UNKNOWN
        if kind == "HUMAN":
            source = FeedbackSource.USER if is_feedback_name(name) else FeedbackSource.ANNOTATOR
        value = object_of(item.get("feedback")).get("value", item.get("value"))
        if (found := read_feedback(name, value, source)) is not None:
            yield found


def _comments(assessments: Any) -> Iterator[str]:
    """Rationales of people: what a judge gives as its own is no comment."""
    read = parsed(assessments)
    for item in read if isinstance(read, list) else ():
        if isinstance(item, Mapping) and item.get("valid") is not False:
            kind = (text_at(object_of(item.get("source")), "source_type") or "").upper()
            text = comment_of(item.get("rationale"))
            if kind == "HUMAN" and text:
                yield text
