"""Datadog LLM Observability spans, as its API returns them and as SDKs send them.

Recognised by `ml_app` beside `span_id` or `spans`: `{"data": [{"attributes": {...}}]}` of the export API, also one
span or page a line, and the payloads that SDKs send (`spans` with a `meta`). Spans are rolled up to one interaction
per trace.

Evaluations named as users' feedback (`user_rating`) are theirs, others a judge's. Spans of experiments are left out.

How to get it: `POST /api/v2/llm-obs/v1/spans/events/search`, pages written to a file. Written to Datadog's
documentation of that API.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.document import Document, Match, ReadLog, Shape
from driftcheck.loaders.feedback import is_feedback_name, read_feedback
from driftcheck.loaders.invocation import answered, said
from driftcheck.loaders.leaked_runs import mark_in
from driftcheck.loaders.spans import Role, RollUp, Step
from driftcheck.loaders.text import parsed
from driftcheck.loaders.timestamps import parse_timestamp
from driftcheck.loaders.trace_fields import id_of, object_of, text_at
from driftcheck.loaders.trace_tags import tags_of, tags_of_list
from driftcheck.records import Feedback, FeedbackSource, Kind, Trace

FORMAT = "datadog-llm-spans"
KIND = Kind.TRACES

_ROLES = {
    "llm": Role.MODEL,
    "tool": Role.TOOL,
    "retrieval": Role.RETRIEVER,
    "embedding": Role.ASIDE,
    "experiment": Role.ASIDE,
}
_NO_TAGS = ("env", "version", "ddtrace.version", "source", "language", "session_id", "user_id", "user_handle", "error")


def sniff(doc: Document) -> Match | None:
    """Recognise the attributes of a span within whatever holds them."""
    if doc.shape not in (Shape.JSON, Shape.JSONL, Shape.CONCATENATED):
        return None
    records = doc.head if isinstance(doc.head, list) else [doc.head]
    rows = [record for record in records if isinstance(record, Mapping)]
    if not rows or sum(any(True for _ in _spans(row)) for row in rows) < 0.8 * len(rows):
        return None
    return Match(0.93, "ml_app and spans (Datadog LLM Observability)")


def _spans(record: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Walk over the spans in a page, a payload or a span."""
    data = record.get("data")
    for item in data if isinstance(data, list) else [data] if isinstance(data, Mapping) else [record]:
        if not isinstance(item, Mapping):
            continue
        attributes = item.get("attributes", item)
        if not isinstance(attributes, Mapping) or "ml_app" not in attributes:
            continue
        spans = attributes.get("spans")
        if isinstance(spans, list):
            shared = {key: value for key, value in attributes.items() if key != "spans"}
            for span in spans:
                if isinstance(span, Mapping):
                    tags = [*_list(shared.get("tags")), *_list(span.get("tags"))]
                    yield {**shared, **span, "tags": tags}
        elif "span_id" in attributes or "span_kind" in attributes:
            yield {"id": item.get("id"), **attributes}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def read(doc: Document, log: ReadLog, columns: ColumnMap) -> Iterator[Trace]:
    """Yield one trace per trace id."""
    rollup = RollUp(log)
    is_page = isinstance(doc.head, Mapping) and isinstance(doc.head.get("data"), list)
    for where, record in doc.records(log, "data" if is_page else ""):
        found = False
        for span in _spans(record) if isinstance(record, Mapping) else ():
            found = True
            log.counted(1)
            yield from rollup.add(_step(where, span))
        if not found:
            log.skip(where, "is no span")
    yield from rollup.finish()


def _step(where: str, span: Mapping[str, Any]) -> Step:
    meta = object_of(span.get("meta"))
    kind = text_at(span, "span_kind") or text_at(meta, "kind", "span.kind") or ""
    role = _ROLES.get(kind, Role.CHAIN)
    pairs = [tag.partition(":") for tag in _list(parsed(span.get("tags"))) if isinstance(tag, str)]
    tags = {key.strip(): value.strip() for key, _, value in pairs}
    metadata = {**object_of(meta.get("metadata")), **object_of(span.get("metadata"))}
    own = tags_of_list([f"{key}:{value}" for key, value in tags.items() if key not in _NO_TAGS])
    name = text_at(span, "name") or ""
    is_root = id_of(span.get("parent_id")) in (None, "0")
    start = parse_timestamp(span.get("start_ns") or span.get("start_ms") or span.get("timestamp"))
    duration = span.get("duration")
    seconds = duration / 1e9 if isinstance(duration, int | float) else 0.0
    return Step(
        trace_id=text_at(span, "trace_id", "apm_trace_id"),
        where=where,
        role=role,
        is_root=is_root,
        name=name,
        start=start,
        end=start + seconds if start is not None else None,
        input=said(_side(span, meta, "input")),
        output=answered(_side(span, meta, "output")),
        model=text_at(span, "model_name") or text_at(metadata, "model_name") or text_at(meta, "model_name"),
        session_id=text_at(span, "session_id") or tags.get("session_id"),
        user_id=tags.get("user_id") or tags.get("usr.id") or tags.get("user_handle"),
        error=_error(span, meta),
        tools=(name,) if role is Role.TOOL and name else (),
        feedback=tuple(_feedback(span.get("evaluation") or span.get("evaluations"))),
        tags={**tags_of(metadata), **own, **({"name": name} if is_root and name else {})},
        language=text_at(metadata, "language", "locale"),
        environment=tags.get("env"),
        eval_mark=_eval_mark(span, tags, metadata),
    )


def _side(span: Mapping[str, Any], meta: Mapping[str, Any], side: str) -> Any:
    found = parsed(span.get(side)) or parsed(meta.get(side))
    if not isinstance(found, Mapping):
        return found
    return found.get("messages") or found.get("value") or found.get("documents")


def _error(span: Mapping[str, Any], meta: Mapping[str, Any]) -> str | None:
    error = object_of(span.get("error")) or object_of(meta.get("error"))
    if text_at(span, "status") != "error" and not error:
        return None
    return text_at(error, "type", "message") or text_at(meta, "error.type", "error.message") or "error"


def _eval_mark(span: Mapping[str, Any], tags: Mapping[str, str], metadata: Mapping[str, Any]) -> str | None:
    for key in ("experiment_id", "experiment_run_id"):
        if text_at(tags, key) or text_at(span, key):
            return key
    if text_at(span, "scope") == "experiments" or text_at(span, "_dd.scope") == "experiments":
        return "scope experiments"
    return mark_in(tags, metadata)


def _feedback(evaluations: Any) -> Iterator[Feedback]:
    for name, result in object_of(evaluations).items():
        source = FeedbackSource.USER if is_feedback_name(str(name)) else FeedbackSource.JUDGE
        value = result.get("value") if isinstance(result, Mapping) else result
        if (found := read_feedback(str(name), value, source)) is not None:
            yield found
