"""DeepEval runs: the results of `deepeval test run` and of `evaluate()`.

One result a test case, single-turn or conversational; it passes where DeepEval says so. A case of which no metric
failed but some broke off (a judge that timed out) is an error, not a failure. The metric cache
(`.deepeval-cache.json`) holds the last verdict on each test case, perhaps of several runs.
Recognised by `testCases` with `metricsData` (a test run, with or without `testRunData` around it), by
`test_results` with `metrics_data` (a dumped `EvaluationResult`), or by `test_cases_lookup_map` (the cache).
How to get it: `.deepeval/.latest_test_run.json` after a run, or set DEEPEVAL_RESULTS_FOLDER. Written to deepeval
4.3.1 and to files of 2024 on.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.document import Document, Match, Shape
from driftcheck.loaders.read_log import ReadLog
from driftcheck.loaders.record_lists import find_records, mapping, read_records, word
from driftcheck.loaders.rubric_verdicts import RubricItems
from driftcheck.loaders.score_verdicts import is_score
from driftcheck.loaders.statuses import read_status
from driftcheck.loaders.text import messages_of, to_text
from driftcheck.loaders.timestamps import parse_timestamp
from driftcheck.records import Kind, Result, Status

FORMAT = "deepeval-runs"
KIND = Kind.RESULTS

_CACHE = "test_cases_lookup_map"
_LINK = "testRunLink"
_LISTS = ("testCases", "conversationalTestCases", "test_results", "testResults")
_PREFIXES = ("", "testRunData.", "test_run_data.")
_METRICS = ("metricsData", "metrics_data", "metricsMetadata", "metrics_metadata")
_OF_RUN = frozenset({"testPassed", "testFailed", "metricsScores", "runDuration", "conversationalTestCases"})
_NAME_TIME = re.compile(r"(20\d\d)-?(\d\d)-?(\d\d)[T_-](\d\d)[:-]?(\d\d)[:-]?(\d\d)")


def sniff(doc: Document) -> Match | None:
    """Recognise a test run, a dumped result, or the cache."""
    if isinstance(doc.head, Mapping):
        if isinstance(doc.head.get(_CACHE), Mapping):
            return Match(0.9, f"{_CACHE} of DeepEval's metric cache")
        if _LINK in doc.head and not mapping(doc.head.get("testRunData")):
            return Match(0.9, f"{_LINK} of DeepEval without the run itself")
        for prefix in _PREFIXES:
            inner = mapping(doc.head.get(prefix[:-1])) if prefix else doc.head
            lists = [name for name in _LISTS if isinstance(inner.get(name), list)]
            if lists and (inner.keys() & _OF_RUN or any(_has_metrics(inner[name]) for name in lists)):
                return Match(0.97, f"{prefix}{lists[0]} of a DeepEval test run")
    records = find_records(doc)
    if records and any(records.most_have(name, "success") for name in _METRICS):
        return Match(0.9, "success and metrics data of DeepEval results")
    return None


def read(doc: Document, log: ReadLog, columns: ColumnMap) -> Iterator[Result]:
    """Read the test cases of a run."""
    head = mapping(doc.head) if doc.shape is not Shape.CSV else {}
    items = RubricItems()
    if isinstance(head.get(_CACHE), Mapping):
        yield from _read_cache(doc, log, items)
        items.say(log)
        return
    run = mapping(head.get("testRunData") or head.get("test_run_data")) or head
    run_id = word(run.get("identifier")) or word(run.get("testRunId")) or word(run.get("test_run_id"))
    found = _NAME_TIME.search(doc.source.name)
    run_time = parse_timestamp("{}-{}-{}T{}:{}:{}Z".format(*found.groups())) if found else None
    model = _model(run.get("hyperparameters"))
    paths = [prefix + name for prefix in _PREFIXES for name in _LISTS] if head else [""]
    n_cases = 0
    for path in paths:
        for where, case in read_records(doc, log, path, "test case"):
            n_cases += 1
            place = f"{where} in {path}" if "onversational" in path else where
            yield _result(place, case, items, run_id, run_time, model)
    items.say(log)
    if not n_cases:
        log.counted(0)
        what = "only a link to its run" if head.get(_LINK) else "no test cases"
        log.warn(f"{doc.source.name} holds {what}; run the tests to their end, or set DEEPEVAL_RESULTS_FOLDER")


def _read_cache(doc: Document, log: ReadLog, items: RubricItems) -> Iterator[Result]:
    log.warn(
        f"{doc.source.name} is a cache, which keeps the last verdict of each test case, perhaps of several runs; "
        "give .deepeval/.latest_test_run.json instead"
    )
    cases = mapping(doc.load()).get(_CACHE)
    for number, (key, cached) in enumerate(mapping(cases).items(), start=1):
        where = f"{doc.source.name}#{number}"
        try:
            case = json.loads(key)
        except (ValueError, RecursionError):
            case = None
        if not isinstance(case, Mapping):
            log.skip(where, "no test case: its key is no JSON object")
            continue
        entries = mapping(cached).get("cached_metrics_data")
        metrics = [mapping(entry).get("metric_data") for entry in entries] if isinstance(entries, list) else []
        yield _result(where, {**case, "metricsData": metrics}, items, None, None, _model(case.get("hyperparameters")))


def _result(
    where: str,
    case: Mapping[str, Any],
    items: RubricItems,
    run_id: str | None,
    run_time: float | None,
    model: str | None,
) -> Result:
    name = next((name for name in _METRICS if isinstance(case.get(name), list)), None)
    metrics = [mapping(metric) for metric in (case[name] if name else ())]
    status = _status(case.get("success"), metrics)
    scores = [float(metric["score"]) for metric in metrics if is_score(metric.get("score"))]
    told = [metric for metric in metrics if not _is_broken(metric)]
    errors = [str(metric["error"]) for metric in metrics if metric.get("error")]
    turns = messages_of(case.get("turns")) or []
    first = next((text for role, text in turns if role == "user" and text), None) or _first_of_2024(case)
    return Result(
        run_id=run_id,
        case_id=word(case.get("name")),
        input_text=to_text(case.get("input")) or first or to_text(case.get("scenario")),
        status=status,
        where=where,
        run_time=run_time,
        score=sum(scores) / len(scores) if scores and status is not Status.ERROR else None,
        model=model,
        error=errors[0] if errors and status is Status.ERROR else None,
        rubric=items.of((str(metric.get("name") or ""), metric.get("success")) for metric in told),
    )


def _first_of_2024(case: Mapping[str, Any]) -> str | None:
    """Conversations of 2024 are lists of test cases, each with the input of one turn."""
    turns = case.get("turns") or case.get("messages")
    return to_text(mapping(turns[0]).get("input")) if isinstance(turns, list) and turns else None


def _status(success: Any, metrics: list[Mapping[str, Any]]) -> Status:
    broken = [metric for metric in metrics if _is_broken(metric)]
    verdicts = [read_status(metric.get("success")) for metric in metrics if not _is_broken(metric)]
    said = read_status(success)
    if said is Status.PASS:
        return Status.PASS
    if Status.FAIL in verdicts:
        return Status.FAIL
    if broken:
        return Status.ERROR
    if said is None and verdicts and all(verdict is Status.PASS for verdict in verdicts):
        return Status.PASS
    return said or Status.UNSCORED


def _is_broken(metric: Mapping[str, Any]) -> bool:
    """Tell a metric that gave no verdict: DeepEval counts one without a score as an error, whatever its success."""
    return bool(metric.get("error")) or (metric.get("score") is None and metric.get("success") is not True)


def _has_metrics(cases: list[Any]) -> bool:
    return any(isinstance(case, Mapping) and case.keys() & set(_METRICS) for case in cases)


def _model(hyperparameters: Any) -> str | None:
    values = {str(key).casefold(): value for key, value in mapping(hyperparameters).items()}
    return next((word(values[name]) for name in ("model", "model_name", "llm") if name in values), None)
