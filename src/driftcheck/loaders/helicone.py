"""Helicone requests: what its gateway logged of every call.

Recognised by `request_id` or `response_id` beside `request_body`, `request_properties` or `response_status`: the
lines, JSON or CSV of its export tool, the CSV of the web page, and `{"data": [...]}` of the API.

One request is one interaction; `Helicone-Session-Id` joins requests to a session. The export has texts only with
`--include-body`; the CSV has never answers. `feedback_rating` is the user's thumb (true is up); `scores` are users' or
judges' by their names. Requests with a status of 400 and more, or below zero (cancelled, blocked), are errors.

How to get it: `npx @helicone/export --include-body --format jsonl`, or Requests > Export. Written to its source.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.document import Document, Match, ReadLog
from driftcheck.loaders.feedback import read_feedback
from driftcheck.loaders.leaked_runs import mark_in
from driftcheck.loaders.provider_bodies import asked, model_of, replied, tools_of
from driftcheck.loaders.text import parsed
from driftcheck.loaders.timestamps import parse_timestamp
from driftcheck.loaders.trace_fields import id_of, object_of, text_at
from driftcheck.loaders.trace_lists import TraceList, production_of
from driftcheck.loaders.trace_tags import tags_of
from driftcheck.records import Feedback, FeedbackSource, Kind, Trace

FORMAT = "helicone"
KIND = Kind.TRACES

_OWN = frozenset(
    [
        *("request_created_at", "response_created_at", "request_body", "response_body", "request_properties"),
        *("request_user_id", "response_status", "signed_body_url", "request_path", "feedback_rating", "delay_ms"),
    ]
)
_OWN_PREFIXES = ("helicone-session", "helicone-prompt", "helicone-user", "helicone-sent")
_PROPERTY = "helicone-property-"


def _is_request(row: Mapping[str, Any]) -> bool:
    return bool(row.keys() & {"request_id", "response_id"}) and len(_OWN & row.keys()) >= 3


_REQUESTS = TraceList("request", _is_request)


def sniff(doc: Document) -> Match | None:
    """Recognise the columns of a request."""
    return Match(0.93, "request_id and the columns of Helicone's requests") if _REQUESTS.is_in(doc) else None


def read(doc: Document, log: ReadLog, columns: ColumnMap) -> Iterator[Trace]:
    """Yield one trace per request."""
    return production_of(_traces(doc, log), log, "requests", "export with --include-body")


def _traces(doc: Document, log: ReadLog) -> Iterator[tuple[Trace, str | None]]:
    for where, row in _REQUESTS.read(doc, log):
        properties = object_of(_body(row.get("request_properties")))
        yield _trace(where, row, properties), mark_in(properties)


def _trace(where: str, row: Mapping[str, Any], properties: Mapping[str, Any]) -> Trace:
    request, response = _body(row.get("request_body")), _body(row.get("response_body"))
    by_name = {str(key).casefold().removeprefix(_PROPERTY): value for key, value in properties.items()}
    own = {key[-len(name) :]: by_name[name] for key in properties if not (name := _name(key)).startswith(_OWN_PREFIXES)}
    question = asked(request)
    return Trace(
        trace_id=text_at(row, "request_id", "response_id"),
        input_text=question.text if question else None,
        where=where,
        timestamp=parse_timestamp(row.get("request_created_at") or row.get("response_created_at")),
        session_id=text_at(by_name, "helicone-session-id", "session_id", "sessionid", "conversation_id"),
        user_id=text_at(row, "request_user_id") or text_at(by_name, "helicone-user-id"),
        conversation=question.conversation if question else None,
        output_text=replied(response),
        model=text_at(row, "request_model", "model", "response_model") or model_of(response, request),
        error=_error(row),
        tools=tools_of(response),
        language=text_at(by_name, "language", "lang", "locale"),
        tags=tags_of({**own, **_named(by_name)}),
        feedback=tuple(_feedback(row)),
        environment=text_at(by_name, "environment", "env", "helicone-environment"),
    )


def _name(key: str) -> str:
    return key.casefold().removeprefix(_PROPERTY)


def _named(by_name: Mapping[str, Any]) -> dict[str, Any]:
    name = text_at(by_name, "helicone-session-name", "helicone-prompt-id")
    return {"name": name} if name else {}


def _body(value: Any) -> Any:
    """Read a body; the CSV writes quotes twice, and twice again."""
    read = parsed(value)
    if isinstance(read, str) and '""' in read:
        text = read.replace('""', '"').strip()
        read = parsed(text)
        if isinstance(read, str) and text[:1] == text[-1:] == '"':
            read = parsed(text[1:-1])
    return read


def _error(row: Mapping[str, Any]) -> str | None:
    try:
        status = int(float(str(row.get("response_status"))))
    except ValueError:
        return None
    if status >= 400:
        return f"HTTP {status}"
    return f"Helicone status {status}" if status < 0 else None


def _feedback(row: Mapping[str, Any]) -> Iterator[Feedback]:
    if (thumb := read_feedback("feedback_rating", row.get("feedback_rating"), FeedbackSource.USER)) is not None:
        yield thumb
    for name, value in object_of(row.get("scores")).items():
        if id_of(str(name)) and (found := read_feedback(str(name), value)) is not None:
            yield found
