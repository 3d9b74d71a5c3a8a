"""W&B Weave calls, as its client and its web page write them.

Recognised by `op_name` beside `started_at`, `project_id` or `trace_id`: a list or lines of calls, `{"calls": [...]}`,
and the CSV of the Traces page (`inputs.question`).

Calls are rolled up to one interaction per trace. What is only a reference (`weave:///...`) is no text. Reactions
(`wandb.reaction.1`: 👍 or 👎) are users' feedback, annotations a reviewer's, scorers' results a judge's. Calls of
`Evaluation.evaluate` and what they called are left out.

How to get it: `[c.to_dict() for c in client.get_calls(include_feedback=True)]`, or Traces > Export. Written to
weave's `CallSchema` from its documentation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.comments import comment_of
from driftcheck.loaders.document import Document, Match, ReadLog
from driftcheck.loaders.feedback import read_feedback
from driftcheck.loaders.invocation import answered, said
from driftcheck.loaders.leaked_runs import mark_in
from driftcheck.loaders.provider_bodies import tools_of
from driftcheck.loaders.spans import Role, RollUp, Step
from driftcheck.loaders.text import parsed
from driftcheck.loaders.timestamps import parse_timestamp
from driftcheck.loaders.trace_fields import id_of, object_of, text_at
from driftcheck.loaders.trace_lists import TraceList
from driftcheck.loaders.trace_tags import tags_of
from driftcheck.records import Feedback, FeedbackSource, Kind, Trace

FORMAT = "weave-calls"
KIND = Kind.TRACES

_BESIDE = frozenset(["started_at", "project_id", "trace_id", "parent_id", "wb_user_id", "display_name", "summary"])
_REFERENCE = "weave:///"
_OP = re.compile(r"(?:.*/op/)?([^/:]+)(?::.*)?")
_EVALUATION = re.compile(r"Evaluation\.(?:evaluate|predict_and_score|summarize)", re.IGNORECASE)
_MODEL_OPS = ("completions", "messages", "generate_content", "responses.", "chat.", "litellm", "converse", ".llm")
_SYSTEM_KEYS = ("weave", "otel_span", "python")


def _is_call(row: Mapping[str, Any]) -> bool:
    return "op_name" in row and len(_BESIDE & row.keys()) >= 2


_CALLS = TraceList("call", _is_call, keys=("calls", "data"))


def sniff(doc: Document) -> Match | None:
    """Recognise the keys of a call."""
    return Match(0.93, "op_name and the fields of Weave's calls") if _CALLS.is_in(doc) else None


def read(doc: Document, log: ReadLog, columns: ColumnMap) -> Iterator[Trace]:
    """Yield one trace per trace id."""
    rollup = RollUp(log)
    for where, call in _CALLS.read(doc, log):
        yield from rollup.add(_step(where, call))
    yield from rollup.finish()


def _step(where: str, call: Mapping[str, Any]) -> Step:
    op = text_at(call, "op_name") or ""
    found = _OP.fullmatch(op)
    name = found.group(1) if found else op
    summary = object_of(call.get("summary"))
    attributes = object_of(call.get("attributes")) or _spread(call, "attributes")
    inputs = _known(parsed(call.get("inputs")) or _spread(call, "inputs"))
    output = _known(parsed(call.get("output")) if call.get("output") not in (None, "") else _spread(call, "output"))
    kind = text_at(object_of(attributes.get("weave")), "kind") or text_at(attributes, "kind") or ""
    role = Role.CHAIN
    if kind == "llm" or any(part in name for part in _MODEL_OPS):
        role = Role.MODEL
    elif kind == "tool":
        role = Role.TOOL
    parent_id = id_of(call.get("parent_id"))
    usage = object_of(summary.get("usage"))
    tags = tags_of({key: value for key, value in attributes.items() if key not in _SYSTEM_KEYS})
    if parent_id is None:
        tags["name"] = (text_at(call, "display_name") or name)[:64]
    return Step(
        trace_id=text_at(call, "trace_id", "id"),
        where=where,
        role=role,
        is_root=parent_id is None,
        name=name,
        start=parse_timestamp(call.get("started_at")),
        end=parse_timestamp(call.get("ended_at")),
        input=said(inputs),
        output=answered(output),
        model=next(iter(usage), None) or (text_at(object_of(inputs), "model") if role is Role.MODEL else None),
        session_id=text_at(call, "thread_id") or text_at(attributes, "session_id", "thread_id", "conversation_id"),
        user_id=text_at(attributes, "user_id", "user") or text_at(call, "wb_user_id"),
        error=_error(call),
        tools=(name,) if role is Role.TOOL else tools_of(output),
        feedback=tuple(_feedback(call, summary)),
        comments=tuple(_notes(call, summary)),
        tags=tags,
        language=text_at(attributes, "language", "lang", "locale"),
        environment=text_at(attributes, "environment", "env"),
        eval_mark=f"op {name}" if _EVALUATION.search(op) else mark_in(attributes),
    )


def _spread(call: Mapping[str, Any], side: str) -> dict[str, Any]:
    """Put an object together that a table spreads over columns; a missing one is empty."""
    whole: dict[str, Any] = {}
    for key, value in call.items():
        if key.startswith(side + ".") and value not in (None, ""):
            whole[key[len(side) + 1 :]] = value
    return whole


def _known(value: Any) -> Any:
    """Leave references out, and the object whose method an op is."""
    if isinstance(value, str):
        return None if value.startswith(_REFERENCE) else value
    if isinstance(value, Mapping):
        known = {key: _known(inner) for key, inner in value.items() if key != "self"}
        return {key: inner for key, inner in known.items() if inner is not None}
    return value


def _error(call: Mapping[str, Any]) -> str | None:
    exception = text_at(call, "exception")
    if exception is None:
        status = text_at(object_of(object_of(call.get("summary")).get("weave")), "status")
        return "error" if status == "error" else None
    lines = [line for line in exception.splitlines() if line.strip()]
    return lines[-1].strip() if lines[0].startswith("Traceback") else lines[0]


def _feedback(call: Mapping[str, Any], summary: Mapping[str, Any]) -> Iterator[Feedback]:
    given = parsed(object_of(summary.get("weave")).get("feedback", call.get("feedback")))
    for item in given if isinstance(given, list) else ():
        if not isinstance(item, Mapping):
            continue
        kind = text_at(item, "feedback_type") or ""
        payload = object_of(item.get("payload"))
        name = kind.removeprefix("wandb.").rpartition(".")[2] or "feedback"
        if "reaction" in kind:
            value, name, source = payload.get("emoji", payload.get("alias")), "reaction", FeedbackSource.USER
        elif kind.startswith("wandb.runnable"):
            value, source = payload.get("output"), FeedbackSource.JUDGE
        elif kind.startswith("wandb.note"):
            continue
        else:
            is_annotation = kind.startswith("wandb.annotation")
            source = FeedbackSource.ANNOTATOR if is_annotation else FeedbackSource.UNKNOWN
            value = payload.get("value", payload)
        if (found := read_feedback(name, value, source)) is not None:
            yield found


def _notes(call: Mapping[str, Any], summary: Mapping[str, Any]) -> Iterator[str]:
    """Notes that people left on the call."""
    given = parsed(object_of(summary.get("weave")).get("feedback", call.get("feedback")))
    for item in given if isinstance(given, list) else ():
        is_note = isinstance(item, Mapping) and (text_at(item, "feedback_type") or "").startswith("wandb.note")
        if is_note and (text := comment_of(object_of(item.get("payload")).get("note"))):
            yield text
