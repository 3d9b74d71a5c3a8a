"""Langfuse traces, in every form in which they leave it.

Recognised by: `trace` beside `observations` ("Download trace as JSON", whose input and output are
JSON inside JSON); the columns of the traces table (`userId`, `sessionId`, `bookmarked`, ...),
where each score has a column of its own that holds a list; observations (`traceId` and `type`),
rolled up to one interaction per trace; the snake_case of blob storage; `{"data": [...], "meta":
{...}}` of the API; and ingestion batches. Name the files of traces, observations and scores (or
their folder) together, and they are read as one.

Scores by API and ANNOTATION are feedback, unless their name is a judge's; scores by EVAL are a
judge's.

How to get it: Tracing > Export, or a scheduled blob storage export, or `GET /api/public/traces`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.comments import Given
from driftcheck.loaders.document import Document, Match, ReadLog, Shape, open_document
from driftcheck.loaders.langfuse_records import (
    What,
    observation_step,
    opened,
    remark_of,
    score_of,
    text_of,
    trace_step,
    what_is,
)
from driftcheck.loaders.leaked_runs import EvalRuns
from driftcheck.loaders.spans import RollUp, Step, joined
from driftcheck.records import Kind, Trace

FORMAT = "langfuse"
KIND = Kind.TRACES


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
    return max(found, key=lambda match: (match.confidence, match.why))


def _match(record: Mapping[str, Any], *, is_table: bool = False) -> Match | None:
    match what_is(record, is_table=is_table):
        case What.WHOLE:
            return Match(0.97, "trace and observations")
        case What.EVENT:
            return Match(0.95, "ingestion events (type and body)")
        case What.OBSERVATION:
            return Match(0.9, "traceId, type and startTime (observations)")
        case What.SCORE:
            return Match(0.85, "traceId, dataType and source (scores)")
        case What.TRACE:
            return Match(0.9, "columns of the traces table")
    return None


def part(doc: Document) -> str | None:
    """Name the table of an export that a document holds: traces, observations or scores; None of another format."""
    if sniff(doc) is None:
        return None
    if doc.shape in (Shape.CSV, Shape.PARQUET):
        whats = {what_is(dict.fromkeys(doc.columns), is_table=True)}
    else:
        whats = {opened(record)[1] for path in _paths(doc) for record in _heads(doc, path)} - {None}
    if len(whats) != 1:
        return None
    return {What.TRACE: "traces", What.OBSERVATION: "observations", What.SCORE: "scores"}.get(whats.pop() or What.WHOLE)


def read(doc: Document, log: ReadLog, columns: ColumnMap) -> Iterator[Trace]:
    """Yield one trace per trace id; of a joint export, whose parts the source names, too."""
    docs = (doc, *map(open_document, doc.source.parts))
    tables = [part(one) for one in docs]
    given: dict[str, Given] = {}
    for one, table in zip(docs, tables, strict=True):
        if table == "scores" and one is not doc:
            for about, ratings in _scores(one, _paths(one)).items():
                given.setdefault(about, Given()).extend(ratings)
    of_traces = [one for one, table in zip(docs, tables, strict=True) if table != "scores"]
    if of_traces and all(_is_plain(one, _paths(one)) for one in of_traces):
        yield from _plain(of_traces, log, given)
        return
    yield from _rolled_up(of_traces or docs, log, given)


def _plain(docs: Sequence[Document], log: ReadLog, given: Mapping[str, Given]) -> Iterator[Trace]:
    n_traces = n_silent = 0
    runs = EvalRuns(log)
    for doc in docs:
        for where, record in doc.records(log, _paths(doc)[0]):
            if not isinstance(record, Mapping) or not record.keys() & {"id", "input", "trace"}:
                log.skip(where, "is no trace")
                continue
            for trace in joined(_steps(where, record, given), runs, inner_errors=True):
                n_traces += 1
                n_silent += trace.input_text is None
                yield trace
    runs.tell()
    if n_silent:
        log.warn(
            f"no content captured in {n_silent} of {n_traces} traces: input is empty; set it on "
            "the trace (update_current_trace(input=...)), or export the observations"
        )


def _paths(doc: Document) -> tuple[str, ...]:
    """Find the lists to read: the document itself, or those within it."""
    if not isinstance(doc.head, Mapping) or doc.shape in (Shape.CSV, Shape.PARQUET):
        return ("",)
    if what_is(doc.head) is not None:
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
        return what_is(dict.fromkeys(doc.columns), is_table=True) is What.TRACE
    kinds = {what_is(record) for path in paths for record in _heads(doc, path)}
    return len(paths) == 1 and kinds <= {What.WHOLE, What.TRACE, None}


def _rolled_up(docs: Sequence[Document], log: ReadLog, given: dict[str, Given]) -> Iterator[Trace]:
    rollup = RollUp(log, inner_errors=True)
    n_observations = n_traces = n_scores = 0
    for doc in docs:
        paths = _paths(doc)
        if doc is docs[0]:
            given = _scores(doc, paths) | given
        for path in paths:
            for where, event in doc.records(log, path):
                record, what = opened(event)
                if record is None or what is None:
                    log.skip(where, "is no trace, observation or score")
                elif what is What.SCORE:
                    n_scores += 1
                elif what is What.TRACE:
                    n_traces += 1
                    yield from rollup.add(trace_step(where, record, given))
                elif what is What.WHOLE:
                    n_traces += 1
                    for step in _steps(where, record, given):
                        yield from rollup.add(step)
                else:
                    n_observations += 1
                    yield from rollup.add(observation_step(where, record, given))
    log.counted(n_observations + n_traces + n_scores)
    if n_scores and not n_traces and not n_observations and docs[0].source.part_of is None:
        log.warn("holds scores without traces: name the files of the traces too, or their folder")
    yield from rollup.finish()


def _scores(doc: Document, paths: tuple[str, ...]) -> dict[str, Given]:
    """Ratings and comments by the id of the trace, or of the session where they are the session's."""
    given: dict[str, Given] = {}
    for path in paths:
        for _, event in doc.records(ReadLog(), path):
            record, what = opened(event)
            if record is not None and what is What.SCORE:
                about = text_of(record, "traceId", "trace_id") or text_of(record, "sessionId", "session_id")
                if about:
                    given.setdefault(about, Given()).add(score_of(record), remark_of(record))
    return given


def _steps(where: str, record: Mapping[str, Any], given: Mapping[str, Given]) -> list[Step]:
    """Read one trace, which may hold its observations: its own input goes before what they show."""
    inner = record.get("trace")
    steps = [trace_step(where, inner if isinstance(inner, Mapping) else record, given)]
    observations = record.get("observations")  # a list of traces names them only by their ids
    return steps + [
        observation_step(where, observation, {})
        for observation in (observations if isinstance(observations, list) else ())
        if isinstance(observation, Mapping)
    ]
