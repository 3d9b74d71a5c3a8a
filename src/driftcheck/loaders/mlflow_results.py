"""MLflow evaluation results: the table that `mlflow.evaluate(...)` logs, as JSON, CSV or Parquet.

One row a case, one column a metric and version (`answer_correctness/v1/score`, MLflow 2) or a scorer
(`correctness/value`, MLflow 3). A row passes where all of its metrics are 0.5 or more or say so (`yes`); scores of 1
to 5, as MLflow 2's judges give, name no pass mark and decide nothing.
Recognised by columns that end in `/score` or `/value` beside an input or a request.
How to get it: the artifact `eval_results_table.json` of the run, or `results.tables["eval_results"]`. Written to the
documentation of MLflow 2.8 to 3.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from driftcheck.loaders.columns import ColumnMap, find_column
from driftcheck.loaders.document import Document, Match, Shape
from driftcheck.loaders.read_log import ReadLog
from driftcheck.loaders.record_lists import Record, find_records, is_blank, read_records, word
from driftcheck.loaders.score_verdicts import ScoreVerdicts
from driftcheck.loaders.text import parsed, to_text
from driftcheck.loaders.timestamps import parse_timestamp
from driftcheck.records import Kind, Result, Status

FORMAT = "mlflow-results"
KIND = Kind.RESULTS

_ASKED = ("inputs", "question", "request", "input", "query", "prompt", "request_preview")
_METRICS = ("/score", "/value")
_NO_METRICS = ("latency", "token_count", "flesch_kincaid_grade_level", "ari_grade_level", "perplexity")


def sniff(doc: Document) -> Match | None:
    """Recognise the columns of metrics."""
    rows, _ = _table(doc)
    keys = {str(key) for row in rows for key in row}
    metrics = sorted(key for key in keys if key.endswith(_METRICS))
    if metrics and find_column(keys, _ASKED):
        return Match(0.9, f"{metrics[0]} of MLflow's evaluation beside an input")
    return None


def read(doc: Document, log: ReadLog, columns: ColumnMap) -> Iterator[Result]:
    """Read the rows."""
    rows, is_split = _table(doc)
    keys = list(dict.fromkeys(str(key) for row in rows for key in row))
    if is_split:  # the head cuts long lists, and with them the names of a wide table
        keys = [str(name) for _, name in doc.records(log, "columns")]
    asked = find_column(keys, _ASKED)
    metrics = [key for key in keys if key.endswith(_METRICS) and not key.startswith(_NO_METRICS)]
    verdicts = ScoreVerdicts(columns)
    listed = _split_rows(doc, log, keys) if is_split else read_records(doc, log, "", "row")
    for where, row in listed:
        scores = {name.rpartition("/")[0]: row.get(name) for name in metrics}
        status, score = verdicts.of(scores)
        error = str(row.get("state")).upper() == "ERROR" or not is_blank(row.get("error_message"))
        yield Result(
            run_id=word(row.get("run_id")),
            case_id=word(row.get("id")) or word(row.get("dataset_record_id")),
            input_text=to_text(parsed(row.get(asked))) if asked else None,
            status=Status.ERROR if error else status,
            where=where,
            run_time=parse_timestamp(row.get("request_time")),
            score=None if error else score,
            error=word(row.get("error_message")) if error else None,
            rubric=verdicts.rubric(scores),
        )
    verdicts.say(log)


def _table(doc: Document) -> tuple[list[Record], bool]:
    """First rows; True where they stand in pandas' split form, `{"columns": [...], "data": [[...]]}`."""
    if doc.shape is Shape.JSON and isinstance(doc.head, Mapping):
        names, data = doc.head.get("columns"), doc.head.get("data")
        if isinstance(names, list) and isinstance(data, list) and all(isinstance(row, list) for row in data):
            return [dict(zip(map(str, names), row, strict=False)) for row in data] or [dict.fromkeys(names)], True
        return [], False
    records = find_records(doc)
    return (list(records.head) if records else []), False


def _split_rows(doc: Document, log: ReadLog, names: list[str]) -> Iterator[tuple[str, Record]]:
    for where, row in doc.records(log, "data"):
        if isinstance(row, list) and len(row) == len(names):
            cells: dict[str, Any] = dict(zip(names, row, strict=True))
            yield where, cells
        else:
            log.skip(where, f"no row of {len(names)} cells")
