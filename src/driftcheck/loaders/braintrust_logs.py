"""Braintrust logs: the spans of a project's logs, as its API, its web page and its SDKs write them.

Recognised by `span_id` beside `root_span_id` (a list or lines, `{"events": [...]}` and `{"data": [...]}` of the API,
CSV, Parquet), and by bare spans of name, input, output and metadata. Rows that SDKs send later for the same span
(`_is_merge`) are merged into it. Spans are rolled up to one interaction per `root_span_id`.

`scores` run from 0 to 1, higher is better; by its name a score is a user's (`user_rating`) or a judge's
(`Factuality`). Rows of experiments (`experiment_id`, an origin in a dataset, spans of evaluations) are left out.

How to get it: Logs > Download as JSON or CSV, `GET /v1/project_logs/ID/fetch`, or BTQL. Written to the span rows of
braintrust-sdk 3.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.comments import comment_of, comments_in
from driftcheck.loaders.document import Document, Match, ReadLog, Shape
from driftcheck.loaders.feedback import read_feedback
from driftcheck.loaders.invocation import answered, said
from driftcheck.loaders.leaked_runs import mark_in
from driftcheck.loaders.spans import Role, RollUp, Step
from driftcheck.loaders.text import parsed
from driftcheck.loaders.timestamps import parse_timestamp
from driftcheck.loaders.trace_fields import id_of, object_of, text_at
from driftcheck.loaders.trace_tags import tags_of, tags_of_list
from driftcheck.records import Kind, Trace

FORMAT = "braintrust-logs"
KIND = Kind.TRACES

_LISTS = ("events", "data", "rows", "logs", "spans")
_BESIDE = frozenset(
    ["span_attributes", "span_parents", "is_root", "_xact_id", "log_id", "project_id", "scores", "metrics", "_is_merge"]
)
_BARE = frozenset(
    ["name", "type", "input", "output", "metadata", "metrics", "error", "scores", "tags", "expected", "context"]
)
_ROLES = {
    "llm": Role.MODEL,
    "tool": Role.TOOL,
    "score": Role.ASIDE,
    "scorer": Role.ASIDE,
    "eval": Role.ASIDE,
    "classifier": Role.ASIDE,
    "facet": Role.ASIDE,
    "preprocessor": Role.ASIDE,
}


def sniff(doc: Document) -> Match | None:
    """Recognise the keys of a span row."""
    if doc.shape in (Shape.CSV, Shape.PARQUET):
        return _match(row for row in doc.head if isinstance(row, Mapping)) or _match([dict.fromkeys(doc.columns)])
    if doc.shape not in (Shape.JSON, Shape.JSONL, Shape.CONCATENATED):
        return None
    if isinstance(doc.head, Mapping) and (path := _path(doc.head)):
        return _match(doc.head[path])
    return _match(doc.head if isinstance(doc.head, list) else [doc.head])


def _match(records: Iterable[Any]) -> Match | None:
    rows = [record for record in records if isinstance(record, Mapping)]
    if not rows:
        return None
    if sum(map(_is_row, rows)) >= 0.8 * len(rows):
        n_of_experiments = sum(id_of(row.get("experiment_id")) is not None for row in rows)
        if n_of_experiments == len(rows):
            return Match(0.6, "span_id and root_span_id, each of an experiment")
        if n_of_experiments:
            return Match(0.98, "span_id and root_span_id (Braintrust), some of them of experiments")
        return Match(0.93, "span_id and root_span_id (Braintrust)")
    if len(rows) > 1 and all(map(_is_bare, rows)) and any(_is_of_model(row) for row in rows):
        return Match(0.7, "name, input, output and metadata of spans, some of a model and its provider (Braintrust)")
    return None


def _is_row(record: Mapping[str, Any]) -> bool:
    return "span_id" in record and "root_span_id" in record and bool(_BESIDE & record.keys())


def _is_bare(record: Mapping[str, Any]) -> bool:
    return record.keys() <= _BARE and {"name", "metadata"} <= record.keys()


def _is_of_model(record: Mapping[str, Any]) -> bool:
    metadata = object_of(record.get("metadata"))
    return record.get("type") == "llm" or {"model", "provider"} <= metadata.keys()


def _path(head: Mapping[str, Any]) -> str | None:
    for path in _LISTS:
        inner = head.get(path)
        if isinstance(inner, list) and inner and isinstance(inner[0], Mapping) and _is_row(inner[0]):
            return path
    return None


def read(doc: Document, log: ReadLog, columns: ColumnMap) -> Iterator[Trace]:
    """Yield one trace per root span."""
    path = (_path(doc.head) or "") if isinstance(doc.head, Mapping) else ""
    heads = doc.head if isinstance(doc.head, list) else doc.head.get(path) if path else []
    rollup = RollUp(log)
    n_rows = 0
    merged: dict[str, dict[str, Any]] = {}
    wheres: dict[str, str] = {}
    is_sent = any(isinstance(head, Mapping) and "_is_merge" in head for head in heads or ())
    for where, record in doc.records(log, path):
        n_rows += 1
        if not isinstance(record, Mapping):
            log.skip(where, "is no span")
        elif is_sent:  # what SDKs send is small by nature; later rows of a span add to it
            key = id_of(record.get("id")) or where
            wheres.setdefault(key, where)
            _merge(merged.setdefault(key, {}), record)
        else:
            yield from rollup.add(_step(where, record))
    for key, record in merged.items():
        yield from rollup.add(_step(wheres[key], record))
    log.counted(n_rows)
    yield from rollup.finish()


def _merge(held: dict[str, Any], row: Mapping[str, Any]) -> None:
    for key, value in row.items():
        if isinstance(value, Mapping) and isinstance(held.get(key), Mapping):
            held[key] = {**held[key], **value}
        elif value is not None or key not in held:
            held[key] = value


def _step(where: str, row: Mapping[str, Any]) -> Step:
    attributes = object_of(row.get("span_attributes"))
    metadata = object_of(row.get("metadata"))
    metrics = object_of(row.get("metrics"))
    kind = (text_at(attributes, "type") or text_at(row, "type") or "").casefold()
    role = _ROLES.get(kind, Role.CHAIN)
    model = text_at(metadata, "model", "invocation_params.model")
    if role is Role.CHAIN and model and not kind:
        role = Role.MODEL
    name = text_at(attributes, "name") or text_at(row, "name") or ""
    span_id, trace_id = id_of(row.get("span_id")), id_of(row.get("root_span_id"))
    is_root = not parsed(row.get("span_parents")) and (trace_id is None or span_id in (None, trace_id))
    tags = tags_of({key: value for key, value in metadata.items() if key not in ("model", "provider")})
    if is_root and name:
        tags["name"] = name
    tags.update(tags_of_list(parsed(row.get("tags"))))
    start = parse_timestamp(metrics.get("start")) or parse_timestamp(row.get("created"))
    error = parsed(row.get("error"))
    scores = object_of(row.get("scores"))
    return Step(
        trace_id=trace_id or (id_of(row.get("id")) if "span_id" not in row else span_id),
        where=where,
        role=role,
        is_root=is_root,
        name=name,
        start=start,
        end=parse_timestamp(metrics.get("end")) or start,
        input=said(row.get("input")),
        output=answered(row.get("output")),
        model=model if role is Role.MODEL else None,
        session_id=text_at(metadata, "session_id", "thread_id", "conversation_id", "sessionId"),
        user_id=text_at(metadata, "user_id", "userId", "user"),
        error=text_at(error, "message", "name") if isinstance(error, Mapping) else id_of(error),
        tools=(name,) if role is Role.TOOL and name else (),
        feedback=tuple(found for key, value in scores.items() if (found := read_feedback(str(key), value)) is not None),
        comments=(*_comments(row), *comments_in(metadata)),
        tags=tags,
        language=text_at(metadata, "language", "lang", "locale"),
        environment=text_at(metadata, "environment", "env"),
        eval_mark=_eval_mark(row, metadata, kind, is_root=is_root),
    )


def _comments(row: Mapping[str, Any]) -> Iterator[str]:
    """Comments as the web page and `logFeedback` leave them: texts, or objects that hold one."""
    for key in ("comments", "comment"):
        listed = parsed(row.get(key))
        for item in listed if isinstance(listed, list) else (listed,):
            inner = item.get("comment", item) if isinstance(item, Mapping) else item
            if text := comment_of(inner.get("text") if isinstance(inner, Mapping) else inner):
                yield text


def _eval_mark(row: Mapping[str, Any], metadata: Mapping[str, Any], kind: str, *, is_root: bool) -> str | None:
    if id_of(row.get("experiment_id")):
        return "experiment_id"
    if object_of(row.get("origin")).get("object_type") == "dataset" or id_of(row.get("dataset_id")):
        return "origin in a dataset"
    if is_root and kind == "eval":
        return "span type eval"
    return mark_in(row, metadata)
