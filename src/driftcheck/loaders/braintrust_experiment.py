"""Braintrust experiments: the rows of an `Eval`, as JSON, JSON lines or CSV.

One root span a result; the spans below it (tasks, models, scorers) are counted and belong to it. Braintrust writes
no verdict: a row passes where all of its scores are 0.5 or more, and a score that is null was not given. A row with
`error` is an error.
Recognised by `experiment_id` with `scores`, or by `output`, `expected` and `scores` together and nothing of a log.
How to get it: Export in the experiment's view, `GET /v1/experiment/ID/fetch`, or the result of `Eval(...)` as JSON.
Written to the SDK and API of 2025.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.document import Document, Match
from driftcheck.loaders.read_log import ReadLog
from driftcheck.loaders.record_lists import Record, find_records, is_blank, mapping, part, read_records, word
from driftcheck.loaders.score_verdicts import ScoreVerdicts
from driftcheck.loaders.text import parsed, to_text
from driftcheck.loaders.timestamps import parse_timestamp
from driftcheck.records import Kind, Result, Status

FORMAT = "braintrust-experiment"
KIND = Kind.RESULTS

_PATHS = ("events", "results", "rows", "records", "data")
_VERDICTS = frozenset({"success", "passed", "pass", "verdict", "correct", "is_correct"})


def sniff(doc: Document) -> Match | None:
    """Recognise rows of an experiment."""
    records = find_records(doc, *_PATHS)
    if records is None or not any(isinstance(part(record, "scores"), Mapping) for record in records.head):
        return None
    keys = records.keys
    if any(not is_blank(record.get("experiment_id")) for record in records.head):
        return Match(0.97, "experiment_id and scores of a Braintrust experiment")
    if keys & {"log_id", "org_id"} or keys & _VERDICTS:
        return None
    if records.most_have("input") and {"output", "expected"} <= keys:
        return Match(0.8, "input, output, expected and scores of a Braintrust experiment")
    return None


def read(doc: Document, log: ReadLog, columns: ColumnMap) -> Iterator[Result]:
    """Read the root rows."""
    records = find_records(doc, *_PATHS)
    if records is None:
        return
    summary = mapping(mapping(doc.head).get("summary")) if isinstance(doc.head, Mapping) else {}
    name = word(summary.get("experimentName")) or word(summary.get("experiment_name"))
    verdicts = ScoreVerdicts(columns)
    n_rows = 0
    for where, row in read_records(doc, log, records.path, "row"):
        n_rows += 1
        if not _is_root(row):
            continue
        scores = mapping(part(row, "scores"))
        status, score = verdicts.of(scores)
        error = row.get("error")
        broken = not is_blank(error) and error not in ({}, [], "null")
        metadata = mapping(part(row, "metadata"))
        yield Result(
            run_id=word(row.get("experiment_id")) or word(row.get("experiment_name")) or name,
            case_id=_case_id(row),
            input_text=to_text(parsed(row.get("input"))),
            status=Status.ERROR if broken else status,
            where=where,
            run_time=parse_timestamp(row.get("created")),
            score=None if broken else score,
            model=word(metadata.get("model")),
            error=_message(error) if broken else None,
            rubric=verdicts.rubric(scores),
        )
    log.counted(n_rows)
    verdicts.say(log)


def _is_root(row: Record) -> bool:
    if isinstance(row.get("is_root"), bool):
        return bool(row["is_root"])
    if str(row.get("is_root")).casefold() in ("true", "false"):  # CSV
        return str(row["is_root"]).casefold() == "true"
    if not is_blank(row.get("span_id")) and not is_blank(row.get("root_span_id")):
        return bool(row["span_id"] == row["root_span_id"])
    return not parsed(row.get("span_parents"))


def _case_id(row: Record) -> str | None:
    """The dataset record that the row is of; its own id names a span, which no other run has."""
    origin = mapping(parsed(row.get("origin")))
    return word(row.get("dataset_record_id")) or word(origin.get("id"))


def _message(error: Any) -> str:
    read = parsed(error)
    return str(mapping(read).get("message") or to_text(read) or error)
