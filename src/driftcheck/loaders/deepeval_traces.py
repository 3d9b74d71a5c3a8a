"""DeepEval traces, as its tracer exports them and Confident AI shows them.

Recognised by `uuid` beside lists of spans by kind (`baseSpans`, `agentSpans`, `llmSpans`, `retrieverSpans`,
`toolSpans`); one trace, a list, lines, or `{"traces": [...]}`. Spans are rolled up to one interaction per trace; the
trace's own input and output go before theirs.

Metrics (`metricsData`) are judges' scores; annotations named as users' feedback are theirs. Traces of test runs
(`environment: testing`, `testRunId`) are left out.

How to get it: `trace_manager.create_trace_api(trace).model_dump(by_alias=True)` of each of `trace_manager.traces`,
written as JSON; a trace's JSON in Confident AI. Written to deepeval 4.3.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.comments import written
from driftcheck.loaders.document import Document, Match, ReadLog, Shape
from driftcheck.loaders.feedback import is_feedback_name, read_feedback
from driftcheck.loaders.invocation import answered, said
from driftcheck.loaders.leaked_runs import EvalRuns, mark_in
from driftcheck.loaders.spans import Role, Step, joined
from driftcheck.loaders.timestamps import parse_timestamp
from driftcheck.loaders.trace_fields import object_of, text_at, tool_names
from driftcheck.loaders.trace_lists import TraceList
from driftcheck.loaders.trace_tags import tags_of, tags_of_list
from driftcheck.records import Feedback, FeedbackSource, Kind, Trace

FORMAT = "deepeval-traces"
KIND = Kind.TRACES

_ROLES = {
    **dict.fromkeys(["baseSpans", "base_spans", "agentSpans", "agent_spans"], Role.CHAIN),
    **dict.fromkeys(["llmSpans", "llm_spans"], Role.MODEL),
    **dict.fromkeys(["retrieverSpans", "retriever_spans"], Role.RETRIEVER),
    **dict.fromkeys(["toolSpans", "tool_spans"], Role.TOOL),
}
_RUNS = ("testRunId", "test_run_id", "testCaseId", "test_case_id")


def _is_trace(record: Mapping[str, Any]) -> bool:
    return "uuid" in record and sum(isinstance(record.get(key), list) for key in _ROLES) >= 2


_TRACES = TraceList("trace", _is_trace, ("traces", "data"))


def sniff(doc: Document) -> Match | None:
    """Recognise lists of spans by kind."""
    if doc.shape in (Shape.CSV, Shape.PARQUET) or not _TRACES.is_in(doc):
        return None
    return Match(0.95, "uuid and spans by kind (DeepEval)")


def read(doc: Document, log: ReadLog, columns: ColumnMap) -> Iterator[Trace]:
    """Yield one trace per trace."""
    runs = EvalRuns(log)
    for where, record in _TRACES.read(doc, log):
        yield from joined([_root(where, record), *_spans(where, record)], runs)
    runs.tell()


def _root(where: str, record: Mapping[str, Any]) -> Step:
    metadata = object_of(record.get("metadata"))
    name = text_at(record, "name")
    test_run = next((key for key in _RUNS if text_at(record, key)), None)
    return Step(
        trace_id=text_at(record, "uuid"),
        where=where,
        is_root=True,
        name=name or "",
        start=_time(record, "start"),
        end=_time(record, "end"),
        input=said(record.get("input")),
        output=answered(record.get("output")),
        session_id=text_at(record, "threadId", "thread_id"),
        user_id=text_at(record, "userId", "user_id"),
        error=_error(record),
        tools=tool_names(record.get("toolsCalled") or record.get("tools_called")),
        feedback=tuple(_feedback(record)),
        comments=tuple(_comments(record)),
        tags={**({"name": name} if name else {}), **tags_of(metadata), **tags_of_list(record.get("tags"))},
        language=text_at(metadata, "language", "lang", "locale"),
        environment=text_at(record, "environment"),
        eval_mark=test_run or mark_in(record, metadata),
    )


def _spans(where: str, record: Mapping[str, Any]) -> Iterator[Step]:
    """Walk over the spans; one without a parent is the trace's own call."""
    for key, role in _ROLES.items():
        spans = record.get(key)
        for span in spans if isinstance(spans, list) else ():
            if isinstance(span, Mapping):
                yield _step(where, span, role)


def _step(where: str, span: Mapping[str, Any], role: Role) -> Step:
    name = text_at(span, "name")
    return Step(
        trace_id=None,
        where=where,
        role=role,
        name=name or "",
        start=_time(span, "start"),
        end=_time(span, "end"),
        input=said(span.get("input")),
        output=answered(span.get("output")),
        model=text_at(span, "model") if role is Role.MODEL else None,
        error=_error(span),
        tools=(name,) if role is Role.TOOL and name else tool_names(span.get("toolsCalled")),
        feedback=tuple(_feedback(span)),
        comments=tuple(_comments(span)),
    )


def _time(record: Mapping[str, Any], end: str) -> float | None:
    return parse_timestamp(record.get(f"{end}Time") or record.get(f"{end}_time"))


def _error(record: Mapping[str, Any]) -> str | None:
    if str(record.get("status") or "").upper() in ("ERRORED", "ERROR"):
        return text_at(record, "error") or "error"
    return None


def _feedback(record: Mapping[str, Any]) -> Iterator[Feedback]:
    metrics = record.get("metricsData") or record.get("metrics_data")
    for metric in metrics if isinstance(metrics, list) else ():
        if isinstance(metric, Mapping) and (name := text_at(metric, "name")):
            found = read_feedback(name, metric.get("score"), FeedbackSource.JUDGE)
            if found is not None:
                yield found
    for key in ("annotations", "feedback"):
        annotations = record.get(key)
        for given in annotations if isinstance(annotations, list) else [annotations]:
            if isinstance(given, Mapping):
                name = text_at(given, "name", "type") or key
                source = (
                    FeedbackSource.USER if is_feedback_name(name) or key == "feedback" else FeedbackSource.ANNOTATOR
                )
                if (found := read_feedback(name, given.get("rating", given.get("value")), source)) is not None:
                    yield found


def _comments(record: Mapping[str, Any]) -> Iterator[str]:
    """What is written in annotations; the reason of a metric is its judge's."""
    for key in ("annotations", "feedback"):
        annotations = record.get(key)
        for given in annotations if isinstance(annotations, list) else [annotations]:
            if isinstance(given, Mapping) and (text := written(given)):
                yield text
