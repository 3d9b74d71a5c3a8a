"""Records of Langfuse: what each one is, and the step of an interaction that it stands for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any

from driftcheck.loaders.comments import Given, comment_of
from driftcheck.loaders.feedback import is_judge_name, read_feedback
from driftcheck.loaders.genai import tool_name
from driftcheck.loaders.invocation import Said, answered, said
from driftcheck.loaders.leaked_runs import mark_in
from driftcheck.loaders.spans import Role, Step
from driftcheck.loaders.text import parsed
from driftcheck.loaders.timestamps import parse_timestamp
from driftcheck.loaders.trace_tags import MAX_TAG, tags_of, tags_of_list
from driftcheck.records import Feedback, FeedbackSource


class What(Enum):
    """What one record of an export is."""

    WHOLE = "trace and observations"
    TRACE = "a row of the traces table"
    OBSERVATION = "an observation"
    SCORE = "a score"
    EVENT = "an ingestion event"


_TRACE_KEYS = frozenset(
    [
        *(
            "timestamp",
            "userId",
            "sessionId",
            "release",
            "version",
            "environment",
            "tags",
            "public",
        ),
        *(
            "bookmarked",
            "input",
            "output",
            "metadata",
            "user_id",
            "session_id",
            "scores",
            "comments",
        ),
    ]
)
_KNOWN_COLUMNS = _TRACE_KEYS | frozenset(
    [
        *(
            "id",
            "name",
            "createdAt",
            "updatedAt",
            "created_at",
            "updated_at",
            "projectId",
            "project_id",
        ),
        *("htmlPath", "latency", "totalCost", "observations", "observationCount", "externalId"),
        *("corrections", "usage", "level", "errorCount", "warningCount", "traceTags", "total_cost"),
        *("defaultCount", "debugCount", "inputTokens", "outputTokens", "totalTokens", "inputCost"),
        *("outputCost", "inputUsage", "outputUsage", "totalUsage", "event_ts", "is_deleted"),
        *("observation_count", "html_path", "external_id", "bookmarks"),
    ]
)
_ROLES = {
    **dict.fromkeys(["GENERATION"], Role.MODEL),
    **dict.fromkeys(["TOOL"], Role.TOOL),
    **dict.fromkeys(["RETRIEVER"], Role.RETRIEVER),
    **dict.fromkeys(["EMBEDDING", "GUARDRAIL", "EVALUATOR", "EVENT"], Role.ASIDE),
}
_TYPES = frozenset(["SPAN", "AGENT", "CHAIN", *_ROLES])
_SOURCES = {
    "API": FeedbackSource.USER,
    "ANNOTATION": FeedbackSource.ANNOTATOR,
    "EVAL": FeedbackSource.JUDGE,
}
_EVENTS = {
    **dict.fromkeys(["trace-create"], What.TRACE),
    **dict.fromkeys(["generation-create", "generation-update", "span-create"], What.OBSERVATION),
    **dict.fromkeys(["span-update", "event-create", "observation-create"], What.OBSERVATION),
    **dict.fromkeys(["agent-create", "tool-create", "chain-create"], What.OBSERVATION),
    **dict.fromkeys(["retriever-create", "embedding-create"], What.OBSERVATION),
    **dict.fromkeys(["score-create"], What.SCORE),
}


def what_is(record: Mapping[str, Any], *, is_table: bool = False) -> What | None:
    """Recognise a record by its keys alone; None where it is nothing of Langfuse's.

    `is_table` True does not look at values: `record` is the header of a table, or known to be an export.
    """
    if isinstance(record.get("trace"), Mapping) and isinstance(record.get("observations"), list):
        inner = record["trace"]
        return What.WHOLE if "id" in inner and inner.keys() & _TRACE_KEYS else None
    if isinstance(record.get("body"), Mapping) and str(record.get("type")) in _EVENTS:
        return What.EVENT
    names = record.keys()
    has_trace_id = "traceId" in names or "trace_id" in names
    if has_trace_id and "name" in names and ("dataType" in names or "data_type" in names):
        return What.SCORE
    starts = "startTime" in names or "start_time" in names
    if has_trace_id and "type" in names and starts and ("id" in names or "level" in names):
        own = {"parentObservationId", "parent_observation_id", "statusMessage", "status_message"}
        if own & names and (is_table or str(record["type"]) in _TYPES):
            return What.OBSERVATION
    if "id" in names and "timestamp" in names:
        own = {"bookmarked", "public", "release", "version", "environment", "htmlPath", "scores"}
        users = {"userId", "sessionId", "user_id", "session_id"}
        if len(own & names) >= 3 and users & names:
            return What.TRACE
    return None


def opened(event: Any) -> tuple[Mapping[str, Any] | None, What | None]:
    """Take an ingestion event out of its envelope, and say what it is."""
    if not isinstance(event, Mapping):
        return None, None
    what = what_is(event, is_table=True)
    if what is not What.EVENT:
        return event, what
    kind = str(event["type"])
    body = dict(event["body"])
    body.setdefault("timestamp", event.get("timestamp"))
    if _EVENTS[kind] is What.OBSERVATION:
        body.setdefault("type", kind.partition("-")[0].upper())
    return body, _EVENTS[kind]


def score_of(score: Mapping[str, Any]) -> Feedback | None:
    """Read one score object; EVAL is a judge, and so is a judge's metric sent through the API."""
    name, source = _given_by(score)
    kind = str(score.get("dataType") or score.get("data_type") or "").upper()
    label = score.get("stringValue", score.get("string_value"))
    values = [score.get("value"), label]
    if kind == "CATEGORICAL":  # its number only counts the categories
        values.reverse()
    if kind in ("TEXT", "CORRECTION"):
        return None
    return next((found for v in values if (found := read_feedback(name, v, source))), None)


def remark_of(score: Mapping[str, Any]) -> str | None:
    """What a user or an annotator wrote in a score: its comment, or all of it where it is a text; None of a judge."""
    _, source = _given_by(score)
    if source is FeedbackSource.JUDGE:
        return None
    is_text = str(score.get("dataType") or score.get("data_type") or "").upper() == "TEXT"
    label = score.get("stringValue", score.get("string_value")) if is_text else None
    return comment_of(score.get("comment")) or comment_of(label)


def _given_by(score: Mapping[str, Any]) -> tuple[str, FeedbackSource]:
    name = str(score.get("name") or "score")
    source = _SOURCES.get(str(score.get("source") or "").upper(), FeedbackSource.UNKNOWN)
    is_judges = source in (FeedbackSource.USER, FeedbackSource.UNKNOWN) and is_judge_name(name)
    return name, FeedbackSource.JUDGE if is_judges else source


def text_of(record: Mapping[str, Any], *keys: str) -> str | None:
    """Return the first of the keys that holds a text or a number, as text."""
    for key in keys:
        value = record.get(key)
        if isinstance(value, str | int) and str(value).strip() not in ("", "null", "None", "nan"):
            return str(value).strip()
    return None


def trace_step(where: str, trace: Mapping[str, Any], given: Mapping[str, Given]) -> Step:
    """Read a trace object or a row of the traces table as the root of its trace."""
    trace_id = text_of(trace, "id")
    metadata = parsed(trace.get("metadata"))
    metadata = metadata if isinstance(metadata, Mapping) else {}
    start = parse_timestamp(trace.get("timestamp"))
    session_id = text_of(trace, "sessionId", "session_id")
    return Step(
        trace_id=trace_id,
        where=where,
        role=Role.TRACE,
        is_root=True,
        name=text_of(trace, "name") or "",
        start=start,
        end=start,
        input=_said(trace.get("input")),
        output=answered(_unnull(trace.get("output"))),
        session_id=session_id,
        user_id=text_of(trace, "userId", "user_id"),
        feedback=(*_feedback(trace), *_given(given, trace_id, session_id)),
        comments=(*_remarks(trace), *_said_of(given, trace_id, session_id)),
        tags=_tags(trace, metadata),
        language=text_of(metadata, "language", "lang", "locale"),
        environment=text_of(trace, "environment"),
        eval_mark=mark_in(trace, metadata),
    )


def _given(given: Mapping[str, Given], *ids: str | None) -> Iterator[Feedback]:
    for about in ids:
        if about:
            yield from given[about].ratings if about in given else ()


def _said_of(given: Mapping[str, Given], *ids: str | None) -> Iterator[str]:
    for about in ids:
        if about:
            yield from given[about].comments if about in given else ()


def _remarks(record: Mapping[str, Any]) -> Iterator[str]:
    """What is written in the scores of a trace, and in its comments."""
    scores, comments = parsed(record.get("scores")), parsed(record.get("comments"))
    for score in scores if isinstance(scores, list) else ():
        if isinstance(score, Mapping) and (text := remark_of(score)):
            yield text
    for comment in comments if isinstance(comments, list) else ():
        if text := comment_of(comment.get("content") if isinstance(comment, Mapping) else comment):
            yield text


def _unnull(value: Any) -> Any:
    return None if value == "" else value


def _said(value: Any) -> Said | None:
    return said(_unnull(value))


def _feedback(trace: Mapping[str, Any]) -> Iterator[Feedback]:
    scores = parsed(trace.get("scores"))
    if isinstance(scores, list):
        for score in scores:
            if isinstance(score, Mapping) and (rating := score_of(score)) is not None:
                yield rating
    elif isinstance(scores, Mapping):
        yield from _columns_of_scores(scores)
    yield from _columns_of_scores(trace)


def _columns_of_scores(row: Mapping[str, Any]) -> Iterator[Feedback]:
    """Each score is a column that holds the list of its values."""
    for name, value in row.items():
        if name in _KNOWN_COLUMNS:
            continue
        values = parsed(value)
        if isinstance(values, list):
            for one in values:
                if not isinstance(one, Mapping) and (rating := read_feedback(name, one)):
                    yield rating


def _tags(trace: Mapping[str, Any], metadata: Mapping[str, Any]) -> dict[str, str]:
    tags = tags_of(metadata)
    for key in ("name", "release", "version"):
        value = text_of(trace, key)
        if value and len(value) <= MAX_TAG:
            tags[key] = value
    tags.update(tags_of_list(parsed(trace.get("tags"))))
    return tags


def observation_step(where: str, observation: Mapping[str, Any], given: Mapping[str, Given]) -> Step:
    """Read an observation as one step of its trace."""
    kind = str(observation.get("type") or "SPAN").upper()
    role = _ROLES.get(kind, Role.CHAIN)
    trace_id = text_of(observation, "traceId", "trace_id")
    name = text_of(observation, "name") or ""
    error = None
    if str(observation.get("level") or "").upper() == "ERROR":
        error = text_of(observation, "statusMessage", "status_message") or "error"
    session_id = text_of(observation, "sessionId", "session_id")
    return Step(
        trace_id=trace_id,
        where=where,
        role=role,
        is_root=text_of(observation, "parentObservationId", "parent_observation_id") is None,
        name=name,
        start=parse_timestamp(observation.get("startTime") or observation.get("start_time")),
        end=parse_timestamp(observation.get("endTime") or observation.get("end_time")),
        input=_said(observation.get("input")),
        output=answered(_unnull(observation.get("output"))),
        model=_model(observation) if role is Role.MODEL else None,
        session_id=session_id,
        user_id=text_of(observation, "userId", "user_id"),
        error=error,
        tools=(tool_name(name),) if role is Role.TOOL and name else (),
        feedback=(*_feedback_of(observation), *_given(given, trace_id, session_id)),
        comments=(*_remarks(observation), *_said_of(given, trace_id, session_id)),
        tags=tags_of_list(parsed(observation.get("traceTags", observation.get("tags")))),
        environment=text_of(observation, "environment"),
        eval_mark=mark_in(observation, parsed(observation.get("metadata"))),
    )


def _model(observation: Mapping[str, Any]) -> str | None:
    return text_of(observation, "model", "providedModelName", "provided_model_name", "internalModel")


def _feedback_of(observation: Mapping[str, Any]) -> Iterator[Feedback]:
    scores = parsed(observation.get("scores"))
    if isinstance(scores, list):
        for score in scores:
            if isinstance(score, Mapping) and (rating := score_of(score)) is not None:
                yield rating
