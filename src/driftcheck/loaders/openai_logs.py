"""OpenAI's own logs: output of batches, stored completions and responses, and logs of requests with their responses.

Recognised by `custom_id` beside `response` (output of a batch), `object: chat.completion` or `response` (stored
completions; `{"data": [...]}` of the API), and `request` beside `response` where they are the bodies of a call.

The output of a batch has no questions: name its input file too (or their folder), or put it before the output in one
file, and they are joined by `custom_id`. `metadata` gives tags, user and session, and ratings where it has a field of
feedback.

How to get it: `GET /v1/files/ID/content` of a batch's `output_file_id`, or `GET /v1/chat/completions` of stored
completions. Written to OpenAI's API reference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.comments import comments_in
from driftcheck.loaders.document import Document, Match, ReadLog, Shape, open_document
from driftcheck.loaders.feedback import is_feedback_name, read_feedback
from driftcheck.loaders.leaked_runs import EvalRuns, mark_in
from driftcheck.loaders.provider_bodies import asked, model_of, replied, tools_of
from driftcheck.loaders.timestamps import parse_timestamp
from driftcheck.loaders.trace_fields import id_of, object_of, text_at
from driftcheck.loaders.trace_tags import tags_of
from driftcheck.records import Kind, Trace

FORMAT = "openai-logs"
KIND = Kind.TRACES

_OBJECTS = ("chat.completion", "response", "text_completion", "chat.completion.chunk")
_ASKED = frozenset(["messages", "input", "contents", "prompt"])
_ANSWERED = frozenset(["choices", "output", "candidates", "content", "error"])
_MAX_ASKED = 1_000_000
"""Requests of a batch that are kept to be joined; more than a batch may have."""


def sniff(doc: Document) -> Match | None:
    """Recognise the envelope or the object."""
    if doc.shape not in (Shape.JSON, Shape.JSONL, Shape.CONCATENATED):
        return None
    heads = doc.head if isinstance(doc.head, list) else doc.head.get("data") if _is_page(doc.head) else [doc.head]
    records = [record for record in heads if isinstance(record, Mapping)]
    whats = [what for what in map(_what, records) if what]
    if not whats or len(whats) < 0.8 * len(records):
        return None
    return Match(0.9, max(set(whats), key=whats.count))


def _is_page(head: Any) -> bool:
    return isinstance(head, Mapping) and isinstance(head.get("data"), list)


def _what(record: Mapping[str, Any]) -> str | None:
    if "custom_id" in record and isinstance(record.get("body"), Mapping) and "url" in record:
        return "custom_id, url and body (input of an OpenAI batch)"
    if "custom_id" in record and ("response" in record or "error" in record):
        return "custom_id and response (output of an OpenAI batch)"
    if record.get("object") in _OBJECTS and record.keys() & _ANSWERED:
        return f"object: {record['object']} (OpenAI)"
    request, response = object_of(record.get("request")), object_of(record.get("response"))
    if _body(request).keys() & _ASKED and _body(response).keys() & _ANSWERED:
        return "request and response, bodies of a call"
    return None


def _body(envelope: Mapping[str, Any]) -> Mapping[str, Any]:
    return object_of(envelope.get("body")) or envelope


def part(doc: Document) -> str | None:
    """Name what a document holds of a batch, requests or responses; None where it holds both, or none of it."""
    if sniff(doc) is None:
        return None
    records = doc.head if isinstance(doc.head, list) else [doc.head]
    batched = [record for record in records if isinstance(record, Mapping) and "custom_id" in record]
    if not batched or len(batched) < len(records):
        return None
    are_asked = [_is_request(record) for record in batched]
    return "requests" if all(are_asked) else None if any(are_asked) else "responses"


def _is_request(record: Mapping[str, Any]) -> bool:
    return "body" in record and "response" not in record


def read(doc: Document, log: ReadLog, columns: ColumnMap) -> Iterator[Trace]:
    """Yield one trace per answer, and per question of a batch that got none; the source's parts are read first."""
    runs = EvalRuns(log)
    waiting: dict[str, tuple[str, Mapping[str, Any]]] = {}
    unsure: set[str] = set()
    n_traces = n_silent = 0
    for where, record in _records(doc, log):
        log.counted(1)
        if not isinstance(record, Mapping) or _what(record) is None:
            log.skip(where, "is no request or response")
            continue
        custom_id = id_of(record.get("custom_id"))
        if custom_id and _is_request(record) and len(waiting) < _MAX_ASKED:
            if custom_id in waiting and waiting[custom_id][1] != record:
                unsure.add(custom_id)
            waiting[custom_id] = (where, record)
            continue
        sent = waiting.pop(custom_id, None) if custom_id and custom_id not in unsure else None
        trace = _trace(where, record, object_of(sent[1].get("body")) if sent else {})
        if not runs.leaves_out(trace, _mark(record)):
            n_traces += 1
            n_silent += trace.input_text is None
            yield trace
    for custom_id, (where, record) in waiting.items():
        if custom_id in unsure:
            log.skip(where, f"asks as {custom_id[:40]}, as another request does: which answer is its own is not known")
            continue
        trace = _trace(where, record, object_of(record.get("body")))
        if not runs.leaves_out(trace, _mark(record)):
            yield trace
    runs.tell()
    if n_silent:
        hint = "a batch's questions are in its input file: name that too, or their folder"
        log.warn(f"no question in {n_silent} of {n_traces} responses; {hint}")


def _records(doc: Document, log: ReadLog) -> Iterator[tuple[str, Any]]:
    """Walk over the records of the document and its parts, the requests first."""
    docs = [doc, *map(open_document, doc.source.parts)]
    for one in sorted(docs, key=lambda one: part(one) != "requests") if len(docs) > 1 else docs:
        yield from one.records(log, "data" if _is_page(one.head) else "")


def _mark(record: Mapping[str, Any]) -> str | None:
    response = object_of(record.get("response"))
    return mark_in(record.get("metadata"), object_of(record.get("body")).get("metadata"), response.get("metadata"))


def _trace(where: str, record: Mapping[str, Any], sent: Mapping[str, Any]) -> Trace:
    envelope = object_of(record.get("response"))
    response = record if record.get("object") in _OBJECTS else _body(envelope)
    request = sent or _body(object_of(record.get("request"))) or _listed(record)
    question = asked(request)
    metadata = {
        **object_of(request.get("metadata")),
        **object_of(response.get("metadata")),
        **object_of(record.get("metadata")),
    }
    ratings = {**metadata, **record}
    created = (record, "timestamp", "created_at", "time"), (response, "created", "created_at")
    times = (parse_timestamp(place.get(key)) for place, *keys in created for key in keys)
    found = (read_feedback(name, value) for name, value in ratings.items() if is_feedback_name(name))
    return Trace(
        trace_id=text_at(record, "id", "request_id", "custom_id") or text_at(response, "id"),
        input_text=question.text if question else None,
        where=where,
        timestamp=next((time for time in times if time is not None), None),
        session_id=text_at(metadata, "session_id", "conversation_id", "thread_id")
        or text_at(record, "session_id", "conversation_id", "conversation.id"),
        user_id=text_at(metadata, "user_id", "user") or text_at(record, "user_id", "user") or text_at(request, "user"),
        conversation=question.conversation if question else None,
        output_text=replied(response),
        model=model_of(response, request, record),
        error=_error(record, envelope, response),
        tools=tools_of(response),
        language=text_at(metadata, "language", "lang", "locale"),
        tags=tags_of(metadata),
        feedback=tuple(rating for rating in found if rating is not None),
        comments=comments_in(ratings),
        environment=text_at(metadata, "environment", "env") or text_at(record, "environment", "env"),
    )


def _listed(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a stored completion says of its request: OpenAI lists messages apart, people write them beside."""
    keys = ("messages", "input", "input_messages", "input_user", "prompt", "user")
    kept = {
        key.removesuffix("_user").replace("input_messages", "messages"): record[key] for key in keys if key in record
    }
    return {key: value for key, value in kept.items() if value}


def _error(record: Mapping[str, Any], envelope: Mapping[str, Any], response: Mapping[str, Any]) -> str | None:
    for error in (record.get("error"), response.get("error")):
        if isinstance(error, Mapping) and error:
            return text_at(error, "code", "type", "message") or "error"
        if found := id_of(error):
            return found
    status = envelope.get("status_code", record.get("status_code"))
    if isinstance(status, int) and status >= 400:
        return f"HTTP {status}"
    return "failed" if response.get("status") == "failed" else None
