"""Langfuse traces, in every form in which they leave it.

Recognised by: `trace` beside `observations` ("Download trace as JSON", whose input and output are
JSON inside JSON); the columns of the traces table (`userId`, `sessionId`, `bookmarked`, ...),
where each score has a column of its own that holds a list; observations (`traceId` and `type`),
rolled up to one interaction per trace; the snake_case of blob storage, with scores joined when
they are in the same file; `{"data": [...], "meta": {...}}` of the API; and ingestion batches.

Scores by API and ANNOTATION are feedback, unless their name is a judge's; scores by EVAL are a
judge's.

How to get it: Tracing > Export, or a scheduled blob storage export, or `GET /api/public/traces`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any

from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.document import Document, Match, ReadLog, Shape
from driftcheck.loaders.feedback import is_judge_name, read_feedback
from driftcheck.loaders.genai import MAX_TAG, tags_of, tags_of_list
from driftcheck.loaders.invocation import Said, answered, said
from driftcheck.loaders.spans import Role, RollUp, Step, joined
from driftcheck.loaders.text import parsed
from driftcheck.loaders.timestamps import parse_timestamp
from driftcheck.records import Feedback, FeedbackSource, Kind, Trace

FORMAT = "langfuse"
KIND = Kind.TRACES


class _What(Enum):
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
    **dict.fromkeys(["trace-create"], _What.TRACE),
    **dict.fromkeys(["generation-create", "generation-update", "span-create"], _What.OBSERVATION),
    **dict.fromkeys(["span-update", "event-create", "observation-create"], _What.OBSERVATION),
    **dict.fromkeys(["agent-create", "tool-create", "chain-create"], _What.OBSERVATION),
    **dict.fromkeys(["retriever-create", "embedding-create"], _What.OBSERVATION),
    **dict.fromkeys(["score-create"], _What.SCORE),
}
_LISTS = ("data", "batch", "traces", "observations", "scores")


def sniff(doc: Document) -> Match | None:
    """Recognise what the first records are."""
    if doc.shape in (Shape.CSV, Shape.PARQUET):
        return _match(dict.fromkeys(doc.columns), is_table=True)
    if doc.shape not in (Shape.JSON, Shape.JSONL, Shape.CONCATENATED):
        return None
    if isinstance(doc.head, list):
        return _match_all(doc.head)
    if not isinstance(doc.head, Mapping):
        return None
    whole = _match(doc.head)
    if whole is not None:
        return whole
    for path in _LISTS:
        inner = doc.head.get(path)
        found = _match_all(inner) if isinstance(inner, list) else None
        if found is not None:
            return Match(found.confidence, f"{path} of Langfuse: {found.why}")
    return None


def _match_all(records: list[Any]) -> Match | None:
    mappings = [record for record in records if isinstance(record, Mapping)]
    found = [match for match in map(_match, mappings) if match]
    if not found or len(found) < 0.8 * len(mappings):
        return None
    return max(found, key=lambda match: match.confidence)


def _match(record: Mapping[str, Any], *, is_table: bool = False) -> Match | None:
    match _what(record, is_table=is_table):
        case _What.WHOLE:
            return Match(0.97, "trace and observations")
        case _What.EVENT:
            return Match(0.95, "ingestion events (type and body)")
        case _What.OBSERVATION:
            return Match(0.9, "traceId, type and startTime (observations)")
        case _What.SCORE:
            return Match(0.85, "traceId, dataType and source (scores)")
        case _What.TRACE:
            return Match(0.9, "columns of the traces table")
    return None


def _what(record: Mapping[str, Any], *, is_table: bool = False) -> _What | None:
    if isinstance(record.get("trace"), Mapping) and isinstance(record.get("observations"), list):
        inner = record["trace"]
        return _What.WHOLE if "id" in inner and inner.keys() & _TRACE_KEYS else None
    if isinstance(record.get("body"), Mapping) and record.get("type") in _EVENTS:
        return _What.EVENT
    names = record.keys()
    has_trace_id = "traceId" in names or "trace_id" in names
    if has_trace_id and "name" in names and ("dataType" in names or "data_type" in names):
        return _What.SCORE
    starts = "startTime" in names or "start_time" in names
    if has_trace_id and "type" in names and starts and ("id" in names or "level" in names):
        own = {"parentObservationId", "parent_observation_id", "statusMessage", "status_message"}
        if own & names and (is_table or record["type"] in _TYPES):
            return _What.OBSERVATION
    if "id" in names and "timestamp" in names:
        own = {"bookmarked", "public", "release", "version", "environment", "htmlPath", "scores"}
        users = {"userId", "sessionId", "user_id", "session_id"}
        if len(own & names) >= 3 and users & names:
            return _What.TRACE
    return None


def read(doc: Document, log: ReadLog, columns: ColumnMap) -> Iterator[Trace]:
    """Yield one trace per trace id."""
    paths = _paths(doc)
    if _is_plain(doc, paths):
        yield from _plain(doc, log, paths[0])
        return
    yield from _rolled_up(doc, log, paths)


def _plain(doc: Document, log: ReadLog, path: str) -> Iterator[Trace]:
    n_traces = n_silent = 0
    for where, record in doc.records(log, path):
        if not isinstance(record, Mapping):
            log.skip(where, "is no trace")
            continue
        if _what(record) is _What.WHOLE:
            trace = _whole_trace(where, record)
        else:
            trace = joined([_trace_step(where, record, {})])
        n_traces += 1
        n_silent += trace.input_text is None
        yield trace
    if n_silent:
        log.warn(
            f"no content captured in {n_silent} of {n_traces} traces: input is empty; set it on the "
            "trace (update_current_trace(input=...)), or export the observations"
        )


def _paths(doc: Document) -> tuple[str, ...]:
    """Find the lists to read: the document itself, or those within it."""
    if not isinstance(doc.head, Mapping) or doc.shape in (Shape.CSV, Shape.PARQUET):
        return ("",)
    if _what(doc.head) is not None:
        return ("",)
    return tuple(path for path in _LISTS if isinstance(doc.head.get(path), list))


def _heads(doc: Document, path: str) -> list[Mapping[str, Any]]:
    head = doc.head
    if isinstance(head, Mapping) and path:
        head = head[path]
    records = head if isinstance(head, list) else [head]
    return [record for record in records if isinstance(record, Mapping)]


def _is_plain(doc: Document, paths: tuple[str, ...]) -> bool:
    """Say whether every record is a trace with all that is its own: nothing is to be joined."""
    is_table = doc.shape in (Shape.CSV, Shape.PARQUET)
    if is_table:
        return _what(dict.fromkeys(doc.columns), is_table=True) is _What.TRACE
    kinds = {_what(record) for path in paths for record in _heads(doc, path)}
    return len(paths) == 1 and kinds <= {_What.WHOLE, _What.TRACE, None}


def _rolled_up(doc: Document, log: ReadLog, paths: tuple[str, ...]) -> Iterator[Trace]:
    given = _scores(doc, paths)
    rollup = RollUp(log, inner_errors=True)
    n_observations = n_traces = n_scores = 0
    for path in paths:
        for where, event in doc.records(log, path):
            record, what = _opened(event)
            if record is None or what is None:
                log.skip(where, "is no trace, observation or score")
            elif what is _What.SCORE:
                n_scores += 1
            elif what is _What.TRACE:
                n_traces += 1
                yield from rollup.add(_trace_step(where, record, given))
            elif what is _What.WHOLE:
                n_traces += 1
                yield _whole_trace(where, record)
            else:
                n_observations += 1
                yield from rollup.add(_observation_step(where, record, given))
    log.counted(n_observations + n_traces + n_scores)
    if n_scores and not n_traces and not n_observations:
        log.warn("holds scores without traces: put both into one file to use them as feedback")
    yield from rollup.finish()


def _opened(event: Any) -> tuple[Mapping[str, Any] | None, _What | None]:
    """Take an ingestion event out of its envelope, and say what it is."""
    if not isinstance(event, Mapping):
        return None, None
    what = _what(event, is_table=True)
    if what is not _What.EVENT:
        return event, what
    kind = str(event["type"])
    body = dict(event["body"])
    body.setdefault("timestamp", event.get("timestamp"))
    if _EVENTS[kind] is _What.OBSERVATION:
        body.setdefault("type", kind.partition("-")[0].upper())
    return body, _EVENTS[kind]


def _scores(doc: Document, paths: tuple[str, ...]) -> dict[str, list[Feedback]]:
    """Ratings by trace id, of a file in which scores stand beside traces."""
    given: dict[str, list[Feedback]] = {}
    for path in paths:
        for _, event in doc.records(ReadLog(), path):
            record, what = _opened(event)
            if record is not None and what is _What.SCORE and (rating := score_of(record)):
                about = _text(record, "traceId", "trace_id")
                if about:
                    given.setdefault(about, []).append(rating)
    return given


def score_of(score: Mapping[str, Any]) -> Feedback | None:
    """Read one score object; EVAL is a judge, and so is a judge's metric sent through the API."""
    name = str(score.get("name") or "score")
    source = _SOURCES.get(str(score.get("source") or "").upper(), FeedbackSource.UNKNOWN)
    if source is FeedbackSource.USER and is_judge_name(name):
        source = FeedbackSource.JUDGE
    kind = str(score.get("dataType") or score.get("data_type") or "").upper()
    label = score.get("stringValue", score.get("string_value"))
    values = [score.get("value"), label]
    if kind == "CATEGORICAL":  # its number only counts the categories
        values.reverse()
    if kind in ("TEXT", "CORRECTION"):
        return None
    return next((found for v in values if (found := read_feedback(name, v, source))), None)


def _text(record: Mapping[str, Any], *keys: str) -> str | None:
    for key in keys:
        value = record.get(key)
        if isinstance(value, str | int) and str(value).strip() not in ("", "null", "None", "nan"):
            return str(value).strip()
    return None


def _whole_trace(where: str, record: Mapping[str, Any]) -> Trace:
    """Read one downloaded trace: its own input, else what its observations show."""
    steps = [_trace_step(where, record["trace"], {})]
    steps += [
        _observation_step(where, observation, {})
        for observation in record["observations"]
        if isinstance(observation, Mapping)
    ]
    return joined(steps, inner_errors=True)


def _trace_step(where: str, trace: Mapping[str, Any], given: Mapping[str, list[Feedback]]) -> Step:
    """Read a trace object or a row of the traces table as the root of its trace."""
    trace_id = _text(trace, "id")
    metadata = parsed(trace.get("metadata"))
    metadata = metadata if isinstance(metadata, Mapping) else {}
    start = parse_timestamp(trace.get("timestamp"))
    return Step(
        trace_id=trace_id,
        where=where,
        is_root=True,
        name=_text(trace, "name") or "",
        start=start,
        end=start,
        input=_said(trace.get("input")),
        output=answered(_unnull(trace.get("output"))),
        session_id=_text(trace, "sessionId", "session_id"),
        user_id=_text(trace, "userId", "user_id"),
        feedback=(*_feedback(trace), *(given.get(trace_id, []) if trace_id else [])),
        tags=_tags(trace, metadata),
        language=_text(metadata, "language", "lang", "locale"),
        environment=_text(trace, "environment"),
    )


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
        value = _text(trace, key)
        if value and len(value) <= MAX_TAG:
            tags[key] = value
    tags.update(tags_of_list(parsed(trace.get("tags"))))
    return tags


def _observation_step(
    where: str, observation: Mapping[str, Any], given: Mapping[str, list[Feedback]]
) -> Step:
    kind = str(observation.get("type") or "SPAN").upper()
    role = _ROLES.get(kind, Role.CHAIN)
    trace_id = _text(observation, "traceId", "trace_id")
    name = _text(observation, "name") or ""
    error = None
    if str(observation.get("level") or "").upper() == "ERROR":
        error = _text(observation, "statusMessage", "status_message") or "error"
    ratings = [*_feedback_of(observation), *(given.get(trace_id, []) if trace_id else [])]
    return Step(
        trace_id=trace_id,
        where=where,
        role=role,
        is_root=_text(observation, "parentObservationId", "parent_observation_id") is None,
        name=name,
        start=parse_timestamp(observation.get("startTime") or observation.get("start_time")),
        end=parse_timestamp(observation.get("endTime") or observation.get("end_time")),
        input=_said(observation.get("input")),
        output=answered(_unnull(observation.get("output"))),
        model=_model(observation) if role is Role.MODEL else None,
        session_id=_text(observation, "sessionId", "session_id"),
        user_id=_text(observation, "userId", "user_id"),
        error=error,
        tools=(name,) if role is Role.TOOL and name else (),
        feedback=tuple(ratings),
        tags=tags_of_list(parsed(observation.get("traceTags", observation.get("tags")))),
        environment=_text(observation, "environment"),
    )


def _model(observation: Mapping[str, Any]) -> str | None:
    return _text(observation, "model", "providedModelName", "provided_model_name", "internalModel")


def _feedback_of(observation: Mapping[str, Any]) -> Iterator[Feedback]:
    scores = parsed(observation.get("scores"))
    if isinstance(scores, list):
        for score in scores:
            if isinstance(score, Mapping) and (rating := score_of(score)) is not None:
                yield rating
