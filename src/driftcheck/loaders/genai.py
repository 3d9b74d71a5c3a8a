"""What the attributes of a span say: how tools record calls of language models.

OpenTelemetry GenAI (current and older, in attributes and events), OpenInference (Arize Phoenix),
OpenLLMetry (Traceloop), Logfire and Pydantic AI, Vercel AI SDK, Langfuse's and LangSmith's own
attributes. Whatever the file form, a span is first a `Span`, and `step_of` reads it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from driftcheck.loaders.comments import comment_of, is_comment_name
from driftcheck.loaders.feedback import is_feedback_name, read_feedback
from driftcheck.loaders.genai_messages import Event, flat, gathered, messages_in_events, plain_message
from driftcheck.loaders.invocation import Said, answered, said
from driftcheck.loaders.leaked_runs import mark_in, marked_project
from driftcheck.loaders.spans import Role, Step
from driftcheck.loaders.text import answer_text, parsed
from driftcheck.loaders.trace_tags import MAX_TAG, tags_of, tags_of_list
from driftcheck.records import Feedback, FeedbackSource

_INPUTS = (
    *("gen_ai.input.messages", "input.value", "ai.prompt.messages", "ai.prompt"),
    *("langfuse.trace.input", "langfuse.observation.input", "traceloop.entity.input"),
    *("pydantic_ai.all_messages", "all_messages_events", "request_data", "gen_ai.prompt"),
    *(
        "llm.request.messages",
        "llm.prompts",
        "mlflow.spanInputs",
        "lk.user_input",
        "gen_ai.input",
        "inputs",
        "input",
        "prompt",
    ),
)
_OUTPUTS = (
    *("gen_ai.output.messages", "output.value", "ai.response.text", "ai.result.text"),
    *("ai.response.object", "ai.result.object", "langfuse.trace.output"),
    *("langfuse.observation.output", "traceloop.entity.output", "final_result", "response_data"),
    *("pydantic_ai.all_messages", "gen_ai.completion", "mlflow.spanOutputs", "lk.response.text"),
    *("gen_ai.output", "outputs", "output", "response", "ai.response.toolCalls"),
)
_INDEXED_INPUTS = ("llm.input_messages", "gen_ai.prompt")
_INDEXED_OUTPUTS = ("llm.output_messages", "gen_ai.completion")
_MODELS = (
    *("gen_ai.response.model", "ai.response.model", "gen_ai.request.model", "llm.model_name"),
    *("ai.model.id", "llm.response.model", "llm.request.model", "langfuse.observation.model.name"),
)
_SESSIONS = (
    *("session.id", "gen_ai.conversation.id", "langfuse.session.id", "session_id", "thread_id"),
    *("conversation.id", "conversation_id", "ai.telemetry.metadata.sessionId"),
    *("ai.telemetry.metadata.session_id", "traceloop.association.properties.session_id"),
    *("langsmith.metadata.session_id", "langsmith.metadata.thread_id", "metadata.thread_id"),
    *("traceloop.association.properties.chat_id", "metadata.session_id", "mlflow.trace.session"),
    *("metadata.conversation_id", "langsmith.metadata.conversation_id", "agent.session.id"),
)
_USERS = (
    *("user.id", "enduser.id", "langfuse.user.id", "user_id", "ai.telemetry.metadata.userId"),
    *("ai.telemetry.metadata.user_id", "traceloop.association.properties.user_id"),
    *("langsmith.metadata.user_id", "metadata.user_id", "gen_ai.user.id", "mlflow.trace.user"),
)
_ENVIRONMENTS = (
    *("deployment.environment.name", "deployment.environment", "langfuse.environment"),
    *("environment", "logfire.environment", "confident.trace.environment"),
)
_PROJECTS = ("openinference.project.name", "langsmith.trace.session_name", "arize.project.name")
_LANGUAGES = ("language", "lang", "locale", "user.language", "metadata.language", "metadata.locale")
_TOOLS = ("tool.name", "gen_ai.tool.name", "ai.toolCall.name", "traceloop.entity.name")
_TAG_PREFIXES = (
    *("ai.telemetry.metadata.", "langfuse.trace.metadata.", "langsmith.metadata.", "metadata."),
    "traceloop.association.properties.",
)
_ROLES = {
    **dict.fromkeys(["llm", "generation", "chat", "text_completion", "completion"], Role.MODEL),
    **dict.fromkeys(["generate_content", "embedding_and_chat", "prompt", "response"], Role.MODEL),
    **dict.fromkeys(["tool", "execute_tool", "function"], Role.TOOL),
    **dict.fromkeys(["retriever", "retrieval"], Role.RETRIEVER),
    **dict.fromkeys(["embedding", "embeddings", "reranker", "guardrail", "evaluator"], Role.ASIDE),
    **dict.fromkeys(["rerank", "event"], Role.ASIDE),
    **dict.fromkeys(["chain", "agent", "invoke_agent", "create_agent", "workflow"], Role.CHAIN),
    **dict.fromkeys(["task", "span", "query"], Role.CHAIN),
}
_KINDS = (
    *("openinference.span.kind", "gen_ai.operation.name", "langfuse.observation.type"),
    *("traceloop.span.kind", "llm.request.type", "langsmith.span.kind", "ai.operationId"),
)


@dataclass(frozen=True, slots=True)
class Span:
    """One span, whatever the file form it came in."""

    where: str
    trace_id: str | None = None
    span_id: str | None = None
    parent_id: str | None = None
    name: str = ""
    kind: str = ""
    """What the tool calls it, such as `LLM`; empty where only the attributes tell."""
    start: float | None = None
    """Unix seconds, UTC."""
    end: float | None = None
    error: str | None = None
    attributes: Mapping[str, Any] | None = None
    """Dotted keys or nested objects, as recorded."""
    resource: Mapping[str, Any] | None = None
    events: Sequence[Event] = ()
    feedback: tuple[Feedback, ...] = ()
    """Ratings that stood beside the span."""
    comments: tuple[str, ...] = ()
    """What people wrote beside their ratings."""


def step_of(span: Span) -> Step:
    """Reduce a span to what an interaction needs of it."""
    attributes = flat(span.attributes or {})
    resource = flat(span.resource or {})
    role = _role(span, attributes)
    model = _first_text(attributes, _MODELS)
    if role is Role.CHAIN and model and not _kind(span, attributes):
        role = Role.MODEL
    messages, answers = messages_in_events(span.events, attributes)
    tools = _tools(span, attributes, role)
    return Step(
        trace_id=span.trace_id,
        where=span.where,
        role=role,
        is_root=span.parent_id is None,
        name=span.name,
        start=span.start,
        end=span.end,
        input=_input(attributes, messages, role),
        output=_output(attributes, answers),
        model=model,
        session_id=_first_text(attributes, _SESSIONS),
        user_id=_first_text(attributes, _USERS),
        error=span.error or _exception(span.events),
        tools=tools,
        feedback=(*span.feedback, *_feedback(attributes, span.events)),
        comments=(*span.comments, *_comments(attributes, span.events)),
        tags=_tags(span, attributes, resource),
        language=_first_text(attributes, _LANGUAGES),
        environment=_first_text(resource, _ENVIRONMENTS) or _first_text(attributes, _ENVIRONMENTS),
        eval_mark=_eval_mark(attributes, resource),
    )


def _eval_mark(attributes: Mapping[str, Any], resource: Mapping[str, Any]) -> str | None:
    if attributes.get("gen_ai.operation.name") == "experiment":  # Pydantic Evals
        return "gen_ai.operation.name experiment"
    projects = (resource.get(key, attributes.get(key)) for key in _PROJECTS)
    return mark_in(attributes) or next(filter(None, map(marked_project, projects)), None)


def is_genai_key(key: str) -> bool:
    """Say whether an attribute belongs to one of the conventions.

    >>> is_genai_key("gen_ai.request.model"), is_genai_key("http.method")
    (True, False)
    """
    return key.startswith(_GENAI_PREFIXES)


_GENAI_PREFIXES = (
    *("gen_ai.", "llm.", "openinference.", "traceloop.", "ai.", "langfuse.", "langsmith."),
    *("input.value", "output.value", "pydantic_ai.", "all_messages_events"),
)


def _kind(span: Span, attributes: Mapping[str, Any]) -> str:
    for key in _KINDS:
        kind = attributes.get(key)
        if isinstance(kind, str) and kind:
            return kind.lower()
    return span.kind.lower()


def _role(span: Span, attributes: Mapping[str, Any]) -> Role:
    kind = _kind(span, attributes)
    if kind.startswith("ai."):  # Vercel AI SDK: ai.generateText.doGenerate, ai.embed, ai.toolCall
        if "embed" in kind:
            return Role.ASIDE
        if "toolcall" in kind:
            return Role.TOOL
        return Role.MODEL if ".do" in kind else Role.CHAIN
    found = _ROLES.get(kind)
    if found is not None:
        return found
    return Role.TOOL if "gen_ai.tool.name" in attributes else Role.CHAIN


def _first_text(attributes: Mapping[str, Any], keys: Iterable[str]) -> str | None:
    for key in keys:
        if key not in attributes:
            continue
        value = attributes[key]
        if isinstance(value, str) and value.strip():
            return value.strip()
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
    return None


def _input(attributes: Mapping[str, Any], messages: list[Any] | None, role: Role) -> Said | None:
    best: Said | None = None
    for candidate in _input_candidates(attributes, messages, role):
        found = said(candidate)
        if found is not None and not found.is_dump:
            return found
        best = best or found
    return best


def _input_candidates(attributes: Mapping[str, Any], messages: list[Any] | None, role: Role) -> Iterator[Any]:
    if messages:
        yield messages
    if role is not Role.CHAIN:  # of an agent or chain, its own input goes before a prompt within
        yield from _indexed(attributes, _INDEXED_INPUTS)
    for key in _INPUTS:
        if key in attributes:
            yield attributes[key]
    if role is Role.CHAIN:
        yield from _indexed(attributes, _INDEXED_INPUTS)


def _indexed(attributes: Mapping[str, Any], prefixes: Iterable[str]) -> Iterator[list[Any]]:
    if not any(map(_is_indexed, attributes)):
        return
    for prefix in prefixes:
        found = gathered(attributes, prefix)
        if found:
            yield [plain_message(message) for message in found]


@lru_cache(maxsize=4096)
def _is_indexed(key: str) -> bool:
    return key.startswith((*_INDEXED_INPUTS, *_INDEXED_OUTPUTS))


def _output(attributes: Mapping[str, Any], answers: list[Any] | None) -> str | None:
    if answers and (text := answer_text(answers)):
        return text
    for found in _indexed(attributes, _INDEXED_OUTPUTS):
        if text := answer_text(found):
            return text
    for key in _OUTPUTS:
        value = attributes.get(key)
        if value not in (None, "") and (text := answered(value)):
            return text
    return None


def _exception(events: Sequence[Event]) -> str | None:
    for event in events:
        if event.name == "exception":
            kind = event.attributes.get("exception.type")
            return str(kind or event.attributes.get("exception.message") or "exception")
    return None


def _tools(span: Span, attributes: Mapping[str, Any], role: Role) -> tuple[str, ...]:
    if role is Role.TOOL:
        return (_first_text(attributes, _TOOLS) or tool_name(span.name),)
    if role is not Role.MODEL:
        return ()
    names: dict[str, None] = {}
    for key in ("gen_ai.output.messages", "ai.response.toolCalls", "llm.output_messages"):
        for call in _calls(parsed(attributes.get(key)), 0):
            names.setdefault(call)
    for key, value in attributes.items():
        if (
            isinstance(value, str)
            and key.startswith(("llm.output_messages.", "gen_ai.completion."))
            and key.endswith((".tool_call.function.name", ".tool_calls.0.name"))
        ):
            names.setdefault(value)
    return tuple(names)


def tool_name(span_name: str) -> str:
    """Take off a span's name what frameworks put before the tool's.

    >>> tool_name("running tool: search"), tool_name("execute_tool search")
    ('search', 'search')
    """
    return re.sub(r"^(?:running tool|execute_tool|tool)[: ]+\s*", "", span_name)


def _calls(value: Any, depth: int) -> Iterator[str]:
    """Names of the tools called in a list of output messages."""
    if depth > 6:
        return
    if isinstance(value, list):
        for item in value:
            yield from _calls(item, depth + 1)
    elif isinstance(value, Mapping):
        if value.get("type") in ("tool_call", "function_call", "tool_use") or "toolName" in value:
            name = value.get("name") or value.get("toolName")
            if isinstance(name, str):
                yield name
        flat_name = value.get("tool_call.function.name")
        if isinstance(flat_name, str):
            yield flat_name
        for key, inner in value.items():
            if isinstance(inner, list) or str(key).endswith(("message", "tool_calls", "tool_call")):
                yield from _calls(inner, depth + 1)


def _feedback(attributes: Mapping[str, Any], events: Sequence[Event]) -> Iterator[Feedback]:
    for key, value in attributes.items():
        name = _feedback_field(key)
        if name and (found := read_feedback(name, value)) is not None:
            yield found
    for event in events:
        if not event.name.startswith("gen_ai.evaluation"):
            continue
        name = str(event.attributes.get("gen_ai.evaluation.name") or event.name)
        source = FeedbackSource.USER if is_feedback_name(name) else FeedbackSource.JUDGE
        for part in ("score.value", "score.label", "label"):
            value = event.attributes.get(f"gen_ai.evaluation.{part}")
            if (found := read_feedback(name, value, source)) is not None:
                yield found
                break


def _comments(attributes: Mapping[str, Any], events: Sequence[Event]) -> Iterator[str]:
    """What users wrote: in attributes named so, or beside a score of theirs."""
    for key, value in attributes.items():
        if _is_comment(key) and (text := comment_of(value)):
            yield text
    for event in events:
        if event.name.startswith("gen_ai.evaluation"):
            name = str(event.attributes.get("gen_ai.evaluation.name") or event.name)
            text = comment_of(event.attributes.get("gen_ai.evaluation.explanation"))
            if text and is_feedback_name(name):
                yield text


@lru_cache(maxsize=4096)
def _is_comment(key: str) -> bool:
    return is_comment_name(key.rpartition(".")[2] if key.startswith(_TAG_PREFIXES) else key)


@lru_cache(maxsize=4096)
def _feedback_field(key: str) -> str | None:
    """Name of the rating that an attribute holds, or None."""
    name = key
    for prefix in (*_TAG_PREFIXES, "annotations.", "eval.", "langfuse.score."):
        name = name.removeprefix(prefix)
    if name != key and name.endswith((".score", ".label")):
        name = name.rpartition(".")[0]
    return name if is_feedback_name(name) else None


@lru_cache(maxsize=4096)
def _tag_field(key: str) -> str | None:
    """Name of the tag that an attribute holds, or None."""
    return next((key.removeprefix(prefix) for prefix in _TAG_PREFIXES if key.startswith(prefix)), None)


def _tags(span: Span, attributes: Mapping[str, Any], resource: Mapping[str, Any]) -> dict[str, str]:
    tags: dict[str, str] = {}
    if span.parent_id is None and span.name:
        tags["name"] = span.name[:MAX_TAG]
    service = resource.get("service.name")
    if isinstance(service, str) and service and not service.startswith("unknown_service"):
        tags["service"] = service[:MAX_TAG]
    metadata = parsed(attributes.get("metadata"))
    if isinstance(metadata, Mapping):
        tags.update(tags_of(metadata))
    prefixed = {name: value for key, value in attributes.items() if (name := _tag_field(key)) is not None}
    if prefixed:
        tags.update(tags_of(prefixed))
    for key in ("tag.tags", "langfuse.trace.tags", "tags"):
        tags.update(tags_of_list(parsed(attributes.get(key))))
    return tags
