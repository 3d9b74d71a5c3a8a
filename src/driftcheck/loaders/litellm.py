"""LiteLLM: the proxy's spend logs, and the payloads that its logging callbacks write.

Recognised by `call_type` beside `startTime`, `spend`, `response_cost`, `model_group` or `request_tags`: rows of the
table of spend logs (CSV, JSON, lines; `{"data": [...]}` of the API), and the standard logging payload of the S3, GCS
and other callbacks.

One call is one interaction; calls that are no conversation (embeddings, images, speech) are left out. The table has
texts only with `store_prompts_in_spend_logs: true`.

How to get it: `GET /spend/logs/v2`, or `COPY "LiteLLM_SpendLogs" TO ...`. Written to litellm's `SpendLogsPayload` and
`StandardLoggingPayload`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.comments import comments_in
from driftcheck.loaders.document import Document, Match, ReadLog
from driftcheck.loaders.feedback import is_feedback_name, read_feedback
from driftcheck.loaders.invocation import Said
from driftcheck.loaders.leaked_runs import mark_in
from driftcheck.loaders.provider_bodies import asked, replied, tools_of
from driftcheck.loaders.text import parsed
from driftcheck.loaders.timestamps import parse_timestamp
from driftcheck.loaders.trace_fields import object_of, text_at
from driftcheck.loaders.trace_lists import TraceList, production_of
from driftcheck.loaders.trace_tags import tags_of, tags_of_list
from driftcheck.records import Kind, Trace

FORMAT = "litellm"
KIND = Kind.TRACES

_BESIDE = frozenset(
    [
        *("startTime", "spend", "response_cost", "model_group", "request_tags", "proxy_server_request", "end_user"),
        *("model_map_information", "hidden_params", "cache_hit", "api_base", "custom_llm_provider"),
    ]
)
_CONVERSING = ("completion", "responses", "anthropic_messages", "generate_content", "pass_through", "message", "chat")
_OWN_METADATA = ("user_api_key", "litellm", "spend_logs", "usage_object", "model_map", "mcp", "vector_store", "status")


def _is_call(row: Mapping[str, Any]) -> bool:
    return "call_type" in row and len(_BESIDE & row.keys()) >= 2


_CALLS = TraceList("call", _is_call)
_HINT = "set store_prompts_in_spend_logs: true in general_settings"


def sniff(doc: Document) -> Match | None:
    """Recognise the columns of a spend log or the keys of a logging payload."""
    return Match(0.93, "call_type and the columns of LiteLLM's logs") if _CALLS.is_in(doc) else None


def read(doc: Document, log: ReadLog, columns: ColumnMap) -> Iterator[Trace]:
    """Yield one trace per call."""
    return production_of(_traces(doc, log), log, "calls", _HINT)


def _traces(doc: Document, log: ReadLog) -> Iterator[tuple[Trace, str | None]]:
    for where, row in _CALLS.read(doc, log):
        kind = text_at(row, "call_type") or ""
        if kind and not any(word in kind for word in _CONVERSING):
            log.skip(where, f"is a call of {kind}, no conversation")
            continue
        metadata = object_of(row.get("metadata"))
        yield _trace(where, row, metadata), mark_in(_given(metadata))


def _given(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Metadata that the caller gave, which LiteLLM writes beside its own."""
    own = {str(key): value for key, value in metadata.items() if not str(key).startswith(_OWN_METADATA)}
    return {
        **own,
        **object_of(metadata.get("spend_logs_metadata")),
        **object_of(metadata.get("requester_metadata")),
    }


def _trace(where: str, row: Mapping[str, Any], metadata: Mapping[str, Any]) -> Trace:
    given = _given(metadata)
    response = row.get("response")
    question = _question(row)
    tags = tags_of(given)
    labels = parsed(row.get("request_tags"))
    if isinstance(labels, list):  # LiteLLM adds tags of the client's own
        tags.update(tags_of_list([tag for tag in labels if not str(tag).startswith("User-Agent:")]))
    ratings = (read_feedback(name, value) for name, value in given.items() if is_feedback_name(name))
    return Trace(
        trace_id=text_at(row, "request_id", "id", "litellm_call_id"),
        input_text=question.text if question else None,
        where=where,
        timestamp=parse_timestamp(row.get("startTime")),
        session_id=text_at(given, "session_id", "thread_id", "conversation_id") or text_at(row, "session_id"),
        user_id=text_at(row, "end_user") or text_at(given, "user_id") or text_at(row, "user"),
        conversation=question.conversation if question else None,
        output_text=replied(response) if response not in ("{}", {}) else None,
        model=text_at(row, "model_group", "model"),
        error=_error(row, metadata),
        tools=tools_of(response),
        language=text_at(given, "language", "lang", "locale"),
        tags=tags,
        feedback=tuple(found for found in ratings if found is not None),
        comments=comments_in(given),
        environment=text_at(given, "environment", "env"),
    )


def _question(row: Mapping[str, Any]) -> Said | None:
    for key in ("messages", "proxy_server_request"):
        value = parsed(row.get(key))
        if isinstance(value, Mapping):
            body = parsed(value.get("body"))
            value = body if isinstance(body, Mapping) else value
        if value not in (None, "", [], {}):
            found = asked({"messages": value}) if isinstance(value, list | str) else asked(value)
            if found is not None:
                return found
    return None


def _error(row: Mapping[str, Any], metadata: Mapping[str, Any]) -> str | None:
    status = (text_at(row, "status") or text_at(metadata, "status") or "").casefold()
    if status != "failure":
        return None
    information = object_of(row.get("error_information")) or object_of(metadata.get("error_information"))
    return text_at(information, "error_class", "error_message", "error_code") or text_at(row, "error_str") or "failure"
