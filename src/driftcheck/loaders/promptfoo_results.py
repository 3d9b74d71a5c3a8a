"""promptfoo results: what `promptfoo eval -o results.json` (or .jsonl, .csv, .xml) writes, and shared evals.

One result a row: a test under a provider and a prompt. A row that promptfoo could not judge is an error, not a
failure.
Recognised by `results.results` beside `stats`, `prompts`, a version (v2, v3) or `evalId`, a flat list of rows (v1),
`results` beside `createdAt` and `config` (a saved eval), rows with `vars` and `success` (JSON lines), Status and Score
columns or cells that start with [PASS] (CSV), or the root tag `promptfoo` (XML).
How to get it: `promptfoo eval -o results.json`, or `promptfoo export eval latest -o results.json` of one that has run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.document import Document, Match, Shape
from driftcheck.loaders.promptfoo_prompts import used_by
from driftcheck.loaders.promptfoo_rows import RowReader, is_row, label_of, prompt_label
from driftcheck.loaders.promptfoo_table import read_table, sniff_table
from driftcheck.loaders.promptfoo_xml import read_xml
from driftcheck.loaders.read_log import ReadLog
from driftcheck.loaders.timestamps import parse_timestamp
from driftcheck.records import Kind, Result, Status

FORMAT = "promptfoo-results"
KIND = Kind.RESULTS

_EVAL_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d[:-]\d\d[:-]\d\d")
_SUMMARY = ("version", "timestamp", "prompts", "stats", "table")


def sniff(doc: Document) -> Match | None:
    """Recognise the shapes that promptfoo has written since v1."""
    if doc.shape is Shape.CSV:
        return sniff_table(doc)
    if doc.shape is Shape.XML:
        return Match(0.95, "the root tag promptfoo") if doc.head[:1] == ["promptfoo"] else None
    if doc.shape is Shape.JSON and isinstance(doc.head, dict):
        layout = _layout_of(doc.head)
        return Match(layout.confidence, layout.why) if layout else None
    if doc.shape in (Shape.JSON, Shape.JSONL, Shape.CONCATENATED):
        records = doc.head if isinstance(doc.head, list) else [doc.head]
        n_rows = sum(is_row(record) for record in records)
        if n_rows and n_rows >= 0.8 * len(records):
            return Match(0.9, "rows with vars, success and prompt, as promptfoo writes them")
    return None


def read(doc: Document, log: ReadLog, columns: ColumnMap) -> Iterator[Result]:
    """Read the rows; a row that promptfoo could not judge is an error, not a failure."""
    if doc.shape is Shape.CSV:
        yield from read_table(doc, log)
        return
    if doc.shape is Shape.XML:
        eval_id, timestamp, rows = read_xml(doc)
        reader = RowReader(eval_id, _time(timestamp, eval_id))
        yield from reader.results(rows)
        reader.say(log)
        return
    layout = (_layout_of(doc.head) if isinstance(doc.head, dict) else None) or _Layout("", "", 0.0)
    reader = RowReader(layout.run_id, layout.run_time, layout.used, layout.shared, layout.labels)
    yield from reader.results(doc.records(log, layout.path))
    reader.say(log)
    _compare(layout, reader, doc, log)


@dataclass(frozen=True)
class _Layout:
    """Where the rows of a JSON document stand, and what it says of the whole run."""

    path: str
    why: str
    confidence: float
    run_id: str | None = None
    run_time: float | None = None
    stats: Mapping[str, Any] = field(default_factory=dict)
    used: frozenset[str] = frozenset()
    """Names that the prompts fill in; empty where that is unknown."""
    shared: Mapping[str, Any] = field(default_factory=dict)
    """Variables of the config's `defaultTest`."""
    labels: tuple[str | None, ...] = ()
    """Of the run's prompts, in the order that a row's `promptIdx` counts."""


def _layout_of(head: Mapping[str, Any], prefix: str = "") -> _Layout | None:
    results = head.get("results")
    if isinstance(results, dict) and isinstance(results.get("results"), list):
        summary = [key for key in _SUMMARY if key in results]
        rows = results["results"]
        if not (summary or (rows and "evalId" in head)) or (rows and not any(map(is_row, rows))):
            return None
        version = f" {results['version']}" if "version" in summary else ""
        stands_beside = f"results.{summary[0]}{version}" if summary else "evalId"
        why = f"{prefix}results.results beside {stands_beside}"
        confidence = 0.98 if "evalId" in head or len(summary) > 1 else 0.85
        return _layout(head, f"{prefix}results.results", why, confidence, results)
    if isinstance(results, list):
        if {"createdAt", "config"} <= head.keys() or "_resultsLoaded" in head:
            if not results or any(map(is_row, results)):
                return _layout(head, f"{prefix}results", "results beside createdAt and config: a saved eval", 0.9, {})
        elif results and all(map(is_row, results)):
            beside = [key for key in ("stats", "table", "version") if key in head]
            why = " and ".join(["results with vars and success", *beside])
            return _layout(head, f"{prefix}results", why, 0.9 if beside else 0.8, head)
    inner = head.get("data")
    return _layout_of(inner, "data.") if isinstance(inner, dict) and not prefix else None


def _layout(head: Mapping[str, Any], path: str, why: str, confidence: float, results: Mapping[str, Any]) -> _Layout:
    eval_id = next((head[key] for key in ("evalId", "id") if isinstance(head.get(key), str)), None)
    metadata = head.get("metadata")
    created = metadata.get("evaluationCreatedAt") if isinstance(metadata, dict) else None
    stats = results.get("stats")
    config = head.get("config")
    default = config.get("defaultTest") if isinstance(config, dict) else None
    shared = default.get("vars") if isinstance(default, dict) else None
    prompts = results.get("prompts", head.get("prompts"))
    templates = [prompt for prompt in prompts if isinstance(prompt, dict)] if isinstance(prompts, list) else []
    return _Layout(
        path,
        why,
        confidence,
        eval_id,
        _time(results.get("timestamp") or created or head.get("createdAt"), eval_id),
        stats if isinstance(stats, dict) else {},
        used_by(str(template.get("raw")) for template in templates),
        shared if isinstance(shared, dict) else {},
        _labels(prompts),
    )


def _labels(prompts: Any) -> tuple[str | None, ...]:
    listed = prompts if isinstance(prompts, list) else []
    found = [prompt if isinstance(prompt, dict) else {"raw": prompt} for prompt in listed]
    return tuple(label_of(prompt) or prompt_label(prompt.get("raw")) for prompt in found)


def _time(timestamp: Any, eval_id: str | None) -> float | None:
    """Return when the run was made; the id of an eval holds it too."""
    match = _EVAL_TIME.search(eval_id or "")
    return parse_timestamp(timestamp) or (parse_timestamp(match[0]) if match else None)


def _compare(layout: _Layout, reader: RowReader, doc: Document, log: ReadLog) -> None:
    """Compare the rows with the file's own sums; the rows count."""
    n_rows = sum(reader.counts.values())
    if layout.path and not n_rows:
        log.warn(
            f"{doc.source.name} holds no rows of its run; write them with `promptfoo export eval ID -o results.json`"
        )
        return
    said = {key: layout.stats[key] for key in ("successes", "failures", "errors") if _is_count(layout.stats.get(key))}
    n_said = sum(said.values())
    if "successes" in said and (n_said != n_rows or said["successes"] != reader.counts[Status.PASS]):
        log.warn(
            f"{doc.source.name} claims {said['successes']} passes of {n_said} results, its rows hold "
            f"{reader.counts[Status.PASS]} of {n_rows}: the rows are used; run the eval again if results are missing"
        )


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
