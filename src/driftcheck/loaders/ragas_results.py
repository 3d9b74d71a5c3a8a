"""Ragas results: what `evaluate(...)` gives, as CSV, JSON, JSON lines or Parquet, and annotated runs.

One row a sample, one column a metric. Ragas writes no verdict: a row passes where all of its metrics are 0.5 or
more; an empty metric is a judge that failed, not a zero, and a row with nothing but empty ones is unscored. Noise
sensitivity, of which less is better, decides nothing. Discrete metrics say `pass` or `fail` themselves. A file
with one row per metric, or per configuration, holds no cases: its rows are counted and left out. In annotated runs
each metric's verdicts stand by themselves.
Recognised by `user_input` (0.1: `question`) with `response`, `reference` or contexts and a column of a metric; by
`response` and a column of pass and fail; by a table of metrics alone; or by lists of `metric_input` and
`metric_output`.
How to get it: `result.to_pandas().to_csv(...)`. Written to ragas 0.1 to 0.4.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from driftcheck.loaders.columns import ColumnMap, aliases_of, find_column, normal
from driftcheck.loaders.document import Document, Match, Shape
from driftcheck.loaders.ragas_metrics import is_metric, is_typical
from driftcheck.loaders.read_log import ReadLog
from driftcheck.loaders.record_lists import Record, RecordList, find_records, is_blank, mapping, read_records, word
from driftcheck.loaders.score_verdicts import ScoreVerdicts, is_score
from driftcheck.loaders.statuses import read_status
from driftcheck.loaders.text import parsed, to_text
from driftcheck.records import Kind, Result, Status

FORMAT = "ragas-results"
KIND = Kind.RESULTS

_PATHS = ("results", "scores", "data", "samples", "details")
_ASKED = ("user_input", "question", "query", "input")
_BESIDE = frozenset(
    (
        *("response", "answer", "reference", "ground_truth", "ground_truths", "retrieved_contexts", "contexts"),
        *("reference_contexts", "retrieved_context"),
    )
)
_NO_METRICS = frozenset(
    (
        *(*_ASKED, *_BESIDE, "", "id", "index", "unnamed: 0", "column_1", "idx", "row", "metadata", "sample_id", "k"),
        *("top_k", "year", "page", "version", "question_id", "episode_done", "rank", "turn", "n_contexts"),
    )
)

_SETTING = re.compile(r"temperature|threshold|weight|top_?p|alpha|(^|_)id$|latency|cost|confidence", re.IGNORECASE)
"""Columns of numbers that say how a run was made."""


def sniff(doc: Document) -> Match | None:
    """Recognise rows of samples with metrics, tables of metrics alone, and annotated runs."""
    if doc.shape is Shape.JSON and isinstance(doc.head, Mapping) and (runs := _annotated(doc.head)):
        return Match(0.95, f"metric_input and metric_output of Ragas's annotated {runs[0]}")
    records = _rows(doc)
    if records is None:
        return None
    metrics = sorted(key for key in records.keys if is_typical(key))
    keys = {normal(key) for key in records.keys}
    if keys & set(_ASKED) and keys & _BESIDE and metrics and not keys & {"success", "passed", "target", "trace_id"}:
        return Match(0.9 if "user_input" in keys or len(metrics) > 1 else 0.7, f"{metrics[0]} of Ragas beside samples")
    if keys & set(_ASKED) and "response" in keys and (verdicts := _verdicts(records)):
        return Match(0.6, f"{verdicts[0]} of pass and fail beside response, as Ragas's experiments write them")
    if _is_aggregate(records):
        return Match(0.75, "metrics of Ragas without samples")
    return None


def read(doc: Document, log: ReadLog, columns: ColumnMap) -> Iterator[Result]:
    """Read the rows."""
    head = doc.head if doc.shape is Shape.JSON and isinstance(doc.head, Mapping) else {}
    if runs := _annotated(head):
        for metric in runs:
            yield from _read_annotated(doc, log, metric)
        return
    records = _rows(doc)
    if records is None:
        return
    if _is_aggregate(records):
        n_rows = 0
        for where, _ in read_records(doc, log, records.path, "row"):
            n_rows += 1
            log.skip(where, "a score of the whole run, not of a case")
        log.counted(n_rows)
        log.warn(f"{doc.source.name} holds no rows of its cases; write them with result.to_pandas().to_csv(...)")
        return
    scored = _scored(records)
    verdicts = ScoreVerdicts(columns)
    run, model = (find_column(records.keys, aliases_of(role)) for role in ("run", "model"))
    for where, record in read_records(doc, log, records.path, "row"):
        row = _flat(record)
        by_name = {normal(str(key)): value for key, value in row.items()}
        asked = next((by_name[key] for key in _ASKED if not is_blank(by_name.get(key))), None)
        scores = {name: row.get(name) for name in scored}
        status, score = verdicts.of(scores)
        yield Result(
            run_id=word(row.get(run)) if run else None,
            case_id=word(by_name.get("id")),
            input_text=to_text(parsed(asked)),
            status=status,
            where=where,
            score=score,
            model=word(row.get(model)) if model else None,
            rubric=verdicts.rubric(scores),
        )
    verdicts.say(log)


def _read_annotated(doc: Document, log: ReadLog, metric: str) -> Iterator[Result]:
    for where, entry in read_records(doc, log, metric, "annotated run"):
        output: Any = entry.get("metric_output")
        yield Result(
            run_id=None,
            case_id=None,
            input_text=to_text(parsed(mapping(entry.get("metric_input")).get("user_input"))),
            status=read_status(output) or Status.UNSCORED,
            where=f"{where} in {metric}",
            score=float(output) if is_score(output) else None,
            variant=metric,
        )


def _annotated(head: Mapping[str, Any]) -> list[str]:
    """Metrics of an annotated run: each holds a list of inputs and outputs of that metric."""
    return [
        str(metric)
        for metric, entries in head.items()
        if isinstance(entries, list)
        and entries
        and all(isinstance(entry, Mapping) and {"metric_input", "metric_output"} <= entry.keys() for entry in entries)
    ]


def _rows(doc: Document) -> RecordList | None:
    """Find the rows of samples, under whatever name a report of one's own has them; else the document itself."""
    head = doc.head if isinstance(doc.head, Mapping) else {}
    for path in (*_PATHS, *(str(key) for key, value in head.items() if isinstance(value, list))):
        found = find_records(doc, path) if path in head else None
        if found and found.path == path and {normal(key) for key in found.keys} & set(_ASKED):
            return RecordList(path, tuple(map(_flat, found.head)))
    found = find_records(doc)
    return RecordList(found.path, tuple(map(_flat, found.head))) if found else None


def _flat(row: Record) -> Record:
    """Bring metrics that stand in an object of their own (`{"metrics": {...}}`) to the row; its own come first."""
    inner = [value for _, value in sorted(row.items(), key=lambda item: str(item[0]) != "ragas") if _are_metrics(value)]
    if not inner:
        return row
    merged: dict[str, Any] = {}
    for values in (row, *inner):
        for key, value in values.items():
            merged.setdefault(str(key), value)
    return merged


def _are_metrics(value: Any) -> bool:
    return isinstance(value, Mapping) and any(is_metric(str(key)) and is_score(item) for key, item in value.items())


def _scored(records: RecordList) -> list[str]:
    """Columns of metrics: those that Ragas names, and other columns of numbers between 0 and 1 (metrics of one's own).

    They stand in the order of the file.
    """
    found: dict[str, None] = {}
    verdicts = _verdicts(records)
    for name in dict.fromkeys(str(key) for record in records.head for key in record):
        values = [record[name] for record in records.head if not is_blank(record.get(name))]
        if is_metric(name) or name in verdicts:
            found[name] = None
        elif normal(name) not in _NO_METRICS and not _SETTING.search(name) and values and all(map(is_score, values)):
            numbers = [float(value) for value in values]
            if all(0 <= number <= 1 for number in numbers):
                found[name] = None
    return list(found)


def _verdicts(records: RecordList) -> list[str]:
    """Columns of discrete metrics, which say `pass` or `fail` (0.3 and later)."""
    found = []
    for name in sorted(records.keys):
        values = [record[name] for record in records.head if not is_blank(record.get(name))]
        if (is_metric(name) or normal(name) in ("score", "pass_fail")) and values and all(map(_is_word, values)):
            found.append(name)
    return found


def _is_word(value: Any) -> bool:
    return isinstance(value, str) and value.strip().casefold() in ("pass", "fail", "passed", "failed")


def _is_aggregate(records: RecordList) -> bool:
    """Tell a table of metrics alone: a row per configuration, a row per metric, or one object of scores."""
    keys = {normal(key) for key in records.keys}
    if keys & set(_ASKED) or keys & _BESIDE:
        return False
    metrics = [key for key in records.keys if is_metric(key)]
    if len(metrics) >= 2:
        values = [record[key] for record in records.head for key in metrics if not is_blank(record.get(key))]
        return bool(values) and all(map(is_score, values))
    names = [str(record[key]) for record in records.head for key in record if normal(str(key)) == "metric"]
    return len(names) == len(records.head) and all(map(is_metric, names)) and len(set(names)) == len(names)
