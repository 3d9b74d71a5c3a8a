"""Langfuse experiments: the items of dataset runs, as JSON, JSON lines or CSV.

One run item a result, of the dataset item that it names. Langfuse writes no verdict: an item passes where all of
its scores are 0.5 or more (or say so); exports without scores are read as unscored. The dump of an SDK's
`run_experiment(...)` has inputs, evaluations and errors in it.
Recognised by `datasetItemId` with `datasetRunId`, `datasetRunName` or `traceId` (also in `{"data": [...]}` and in a
run's `datasetRunItems`), or by `item_results` with `evaluations`.
How to get it: `GET /api/public/datasets/NAME/runs/RUN` or `/dataset-run-items`, or the experiment's result as JSON.
Written to Langfuse's source of 2026; scores beside the items to its documentation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.document import Document, Match
from driftcheck.loaders.feedback import read_feedback
from driftcheck.loaders.read_log import ReadLog
from driftcheck.loaders.record_lists import Record, find_records, is_blank, mapping, read_records, word
from driftcheck.loaders.score_verdicts import ScoreVerdicts
from driftcheck.loaders.text import parsed, to_text
from driftcheck.loaders.timestamps import parse_timestamp
from driftcheck.records import Feedback, FeedbackSource, Kind, Result, Status

FORMAT = "langfuse-experiment"
KIND = Kind.RESULTS

_PATHS = ("datasetRunItems", "dataset_run_items", "item_results", "itemResults", "data", "items")
_ITEM = ("datasetItemId", "dataset_item_id")
_RUN = ("datasetRunName", "dataset_run_name", "datasetRunId", "dataset_run_id", "runName", "run_name")
_SCORES = ("scores", "evaluations")


def sniff(doc: Document) -> Match | None:
    """Recognise run items, and the results of an SDK's experiment."""
    records = find_records(doc, *_PATHS)
    if records is None:
        return None
    keys = records.keys
    item = next((name for name in _ITEM if name in keys), None)
    beside = next((name for name in (*_RUN, "traceId", "trace_id") if name in keys), None)
    if item and beside and "startTime" not in keys:
        return Match(0.95, f"{item} and {beside} of Langfuse run items")
    if records.most_have("item", "evaluations"):
        return Match(0.93, "item and evaluations of a Langfuse experiment")
    return None


def read(doc: Document, log: ReadLog, columns: ColumnMap) -> Iterator[Result]:
    """Read the run items."""
    records = find_records(doc, *_PATHS)
    if records is None:
        return
    whole = mapping(doc.head) if records.path else {}
    run_name = _first(whole, "run_name", "runName", "name")
    has_scores = any(name in records.keys for name in _SCORES)
    verdicts = ScoreVerdicts(columns)
    for where, record in read_records(doc, log, records.path, "run item"):
        item = {**mapping(parsed(record.get("item"))), **mapping(parsed(record.get("datasetItem")))}
        scores = _scores(record)
        status, score = verdicts.of(scores)
        error = record.get("error")
        ratings = _ratings(record)
        yield Result(
            run_id=_first(record, *_RUN) or run_name,
            case_id=_first(record, *_ITEM) or _first(item, "id"),
            input_text=to_text(parsed(item.get("input", record.get("input")))),
            status=status if is_blank(error) else Status.ERROR,
            where=where,
            run_time=parse_timestamp(next((record[k] for k in ("createdAt", "created_at") if record.get(k)), None)),
            score=score if is_blank(error) else None,
            error=None if is_blank(error) else str(error),
            feedback=ratings,
            output_text=to_text(parsed(record.get("output"))) if ratings else None,
            rubric=verdicts.rubric(scores),
        )
    verdicts.say(log)
    if not has_scores:
        log.warn(
            f"{doc.source.name} holds run items without their scores, so none is judged; add them as `scores`, or "
            "give the result of run_experiment(...) as JSON"
        )


def _scores(record: Record) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in _SCORES:
        listed = parsed(record.get(name))
        if isinstance(listed, Mapping):
            found.update({str(key): _single(value) for key, value in listed.items()})
        for entry in listed if isinstance(listed, list) else []:
            score = mapping(entry)
            label = score.get("stringValue", score.get("string_value"))
            number = score.get("value")
            kind = str(score.get("dataType") or score.get("data_type") or "").upper()
            value = bool(number) if kind == "BOOLEAN" and isinstance(number, int | float) else number
            found[str(score.get("name"))] = label if is_blank(value) or kind == "CATEGORICAL" else value
    return found


def _ratings(record: Record) -> tuple[Feedback, ...]:
    """Scores of a result that reviewers annotated: theirs, and those of evaluators; nothing of any other result."""
    found: list[Feedback] = []
    for name in _SCORES:
        listed = parsed(record.get(name))
        for score in (mapping(entry) for entry in listed) if isinstance(listed, list) else ():
            is_reviewed = str(score.get("source") or "").upper() == "ANNOTATION"
            source = FeedbackSource.ANNOTATOR if is_reviewed else FeedbackSource.JUDGE
            rating = read_feedback(str(score.get("name")), score, source)
            if rating is not None:
                found.append(rating)
    return tuple(found) if any(one.source is FeedbackSource.ANNOTATOR for one in found) else ()


def _single(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else value


def _first(record: Record, *names: str) -> str | None:
    return next((text for name in names if (text := word(record.get(name)))), None)
