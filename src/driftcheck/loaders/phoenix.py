"""Arize Phoenix and OpenInference spans.

Recognised by `context.span_id` or several `attributes.` columns (the dataframe export as JSON
lines, CSV or Parquet), by `span_kind` beside `context` and `attributes` (REST, also in `{"data":
[...]}`), or by a bare object with `openinference.span.kind`. Spans are rolled up to one
interaction per trace. Annotations count as feedback where they stand in the span, in the same
file, or in a file that is named beside that of the spans.

How to get it: `px.Client().get_spans_dataframe().to_parquet(...)`, or `GET
/v1/projects/NAME/spans`; annotations by `spans.get_span_annotations_dataframe(...)` of
`phoenix.client.Client()`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.comments import Given, comment_of
from driftcheck.loaders.document import Document, Match, ReadLog, Shape, open_document
from driftcheck.loaders.feedback import is_feedback_name, read_feedback
from driftcheck.loaders.genai import Span, step_of
from driftcheck.loaders.otel_spans import events_of
from driftcheck.loaders.otlp import hex_id
from driftcheck.loaders.spans import RollUp
from driftcheck.loaders.text import parsed
from driftcheck.loaders.timestamps import parse_timestamp
from driftcheck.records import Feedback, FeedbackSource, Kind, Trace

FORMAT = "phoenix-spans"
KIND = Kind.TRACES

_ANNOTATIONS = ("annotations", "span_annotations", "spanAnnotations")


def sniff(doc: Document) -> Match | None:
    """Recognise the columns of a dataframe export, a REST span, or OpenInference attributes."""
    if doc.shape in (Shape.CSV, Shape.PARQUET):
        return _match_keys(doc.columns)
    if doc.shape not in (Shape.JSON, Shape.JSONL, Shape.CONCATENATED):
        return None
    records = doc.head if isinstance(doc.head, list) else [doc.head]
    matches = [_match(record) for record in records if isinstance(record, Mapping)]
    found = [match for match in matches if match]
    if found and len(found) >= 0.8 * len(matches):
        return max(found, key=lambda match: (match.confidence, match.why))
    if isinstance(doc.head, Mapping) and isinstance(doc.head.get("data"), list):
        inner = [_match(record) for record in doc.head["data"] if isinstance(record, Mapping)]
        return max(filter(None, inner), key=lambda match: (match.confidence, match.why), default=None)
    return None


def _match(record: Mapping[str, Any]) -> Match | None:
    if isinstance(record.get("context"), Mapping) and "span_kind" in record:
        return Match(0.95, "context and span_kind (Phoenix REST)")
    if "openinference.span.kind" in record:
        return Match(0.9, "a bare object of OpenInference attributes")
    return _match_keys(record)


def _match_keys(keys: Iterable[str]) -> Match | None:
    names = set(keys)
    n_attributes = sum(name.startswith("attributes.") for name in names)
    if "context.span_id" in names and (n_attributes or "span_kind" in names):
        return Match(0.95, "context.span_id and attributes. columns (Phoenix dataframe)")
    if n_attributes >= 2:
        return Match(0.8, f"{n_attributes} attributes. columns (Phoenix dataframe)")
    if _is_annotation(names):
        return Match(0.85, "annotator_kind (Phoenix annotations)")
    return None


def _is_annotation(keys: Iterable[str]) -> bool:
    names = set(keys)
    return "annotator_kind" in names and bool(names & {"span_id", "trace_id", "session_id", "name"})


def part(doc: Document) -> str | None:
    """Name what a document holds, spans or annotations; None where it is mixed, or nothing of Phoenix's."""
    if sniff(doc) is None:
        return None
    if doc.shape in (Shape.CSV, Shape.PARQUET):
        return "annotations" if _is_annotation(doc.columns) else "spans"
    inner = doc.head.get(_path(doc)) if isinstance(doc.head, Mapping) and _path(doc) else doc.head
    records = inner if isinstance(inner, list) else [inner]
    are = {_is_annotation(record) for record in records if isinstance(record, Mapping)}
    return None if len(are) != 1 else "annotations" if are.pop() else "spans"


def _path(doc: Document) -> str:
    return "data" if isinstance(doc.head, Mapping) and _match(doc.head) is None else ""


def read(doc: Document, log: ReadLog, columns: ColumnMap) -> Iterator[Trace]:
    """Yield one trace per trace id; the source's parts hold annotations."""
    path = _path(doc)
    records = doc.head if isinstance(doc.head, list) else []
    are_mixed = any(isinstance(record, Mapping) and _is_annotation(record) for record in records)
    given = _annotations(doc, path) if are_mixed else {}
    for beside in map(open_document, doc.source.parts):
        for about, ratings in _annotations(beside, _path(beside)).items():
            given.setdefault(about, Given()).extend(ratings)
    rollup = RollUp(log)
    n_spans = n_annotations = 0
    for where, record in doc.records(log, path):
        if not isinstance(record, Mapping):
            log.skip(where, "is no span")
        elif _is_annotation(record):
            n_annotations += 1
        else:
            n_spans += 1
            yield from rollup.add(step_of(span_of(where, record, given)))
    log.counted(n_spans + n_annotations)
    if n_annotations and not n_spans:
        if doc.source.part_of is None:
            log.warn("holds annotations without spans: name the file of the spans too, or their folder")
    elif n_annotations and not are_mixed:
        log.warn(f"{n_annotations} annotations come late in the file and are not used: put them first")
    yield from rollup.finish()


def _annotations(doc: Document, path: str) -> dict[str, Given]:
    """Ratings and comments by span and by trace id, of a file in which annotations stand beside spans."""
    given: dict[str, Given] = {}
    for _, record in doc.records(ReadLog(), path):
        if isinstance(record, Mapping) and _is_annotation(record):
            about = record.get("span_id") or record.get("trace_id")
            if about:
                given.setdefault(str(about), Given()).add(annotation_of(record), explanation_of(record))
    return given


def annotation_of(record: Mapping[str, Any]) -> Feedback | None:
    """Read one annotation: a person's is feedback, a model's or program's is a judge's."""
    name = str(record.get("annotation_name") or record.get("name") or "annotation")
    kind = str(record.get("annotator_kind") or record.get("annotatorKind") or "").upper()
    if kind == "HUMAN":
        is_users = is_feedback_name(name)
        source = FeedbackSource.USER if is_users else FeedbackSource.ANNOTATOR
    else:
        source = FeedbackSource.JUDGE if kind else FeedbackSource.UNKNOWN
    result = parsed(record.get("result"))
    result = result if isinstance(result, Mapping) else {}
    for value in (
        *(result.get("score"), record.get("score"), record.get("result.score")),
        *(result.get("label"), record.get("label"), record.get("result.label")),
    ):
        if (found := read_feedback(name, value, source)) is not None:
            return found
    return None


def explanation_of(record: Mapping[str, Any]) -> str | None:
    """What a person wrote in an annotation; the explanation of a model is no comment."""
    if str(record.get("annotator_kind") or record.get("annotatorKind") or "").upper() != "HUMAN":
        return None
    result = parsed(record.get("result"))
    inner = result.get("explanation") if isinstance(result, Mapping) else None
    return comment_of(inner) or comment_of(record.get("explanation")) or comment_of(record.get("result.explanation"))


def span_of(where: str, record: Mapping[str, Any], given: Mapping[str, Given] | None = None) -> Span:
    """Read one span, nested, flattened or bare."""
    context = record.get("context")
    context = context if isinstance(context, Mapping) else {}
    trace_id = _known(context.get("trace_id") or record.get("context.trace_id"))
    span_id = _known(context.get("span_id") or record.get("context.span_id"))
    kind = str(record.get("span_kind") or "")
    status = str(record.get("status_code") or record.get("statusCode") or "")
    message = _known(record.get("status_message") or record.get("statusMessage"))
    attributes = _attributes(record)
    said = _inline(record)
    for about in (trace_id, span_id):
        if about and given and about in given:
            said.extend(given[about])
    return Span(
        where=where,
        trace_id=hex_id(trace_id) or hex_id(record.get("trace_id")),
        span_id=hex_id(span_id),
        parent_id=_known(record.get("parent_id") or record.get("parentId")),
        name=str(record.get("name") or ""),
        kind="" if kind == "UNKNOWN" else kind,
        start=parse_timestamp(record.get("start_time") or record.get("startTime")),
        end=parse_timestamp(record.get("end_time") or record.get("endTime")),
        error=(message or "error") if status.upper() == "ERROR" else None,
        attributes=attributes,
        events=tuple(events_of(parsed(record.get("events")))),
        feedback=tuple(said.ratings),
        comments=tuple(said.comments),
    )


def _known(value: Any) -> str | None:
    if not isinstance(value, str) or value.strip().lower() in ("", "nan", "none", "null"):
        return None
    return value.strip()


def _attributes(record: Mapping[str, Any]) -> Mapping[str, Any]:
    nested = parsed(record.get("attributes"))
    if isinstance(nested, Mapping):
        return nested
    flat = {
        key.removeprefix("attributes."): value
        for key, value in record.items()
        if key.startswith(("attributes.", "annotations.", "eval.")) and value not in (None, "", "nan")
    }
    return flat if flat or "context.span_id" in record else record


def _inline(record: Mapping[str, Any]) -> Given:
    said = Given()
    for key in _ANNOTATIONS:
        annotations = parsed(record.get(key))
        for annotation in annotations if isinstance(annotations, list) else ():
            if isinstance(annotation, Mapping):
                said.add(annotation_of(annotation), explanation_of(annotation))
    return said
