"""pydantic-evals reports: the results of `dataset.evaluate(...)`, as JSON.

One result a case. Assertions decide: all of them have to hold. Where a case has none, its scores do (0.5 or more of
each). Cases under `failures`, whose task broke off, are errors.
Recognised by `cases` with `assertions`, `scores` and `labels`.
How to get it: `EvaluationReportAdapter.dump_json(report)`. Written to pydantic-evals 1.x.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.document import Document, Match, Shape
from driftcheck.loaders.read_log import ReadLog
from driftcheck.loaders.record_lists import mapping, read_records, word
from driftcheck.loaders.score_verdicts import ScoreVerdicts
from driftcheck.loaders.text import to_text
from driftcheck.records import Kind, Result, Status

FORMAT = "pydantic-evals-report"
KIND = Kind.RESULTS

_OF_CASE = frozenset({"inputs", "assertions", "scores", "labels"})


def sniff(doc: Document) -> Match | None:
    """Recognise the cases of a report."""
    if doc.shape is not Shape.JSON or not isinstance(doc.head, Mapping):
        return None
    cases, failures = doc.head.get("cases"), doc.head.get("failures")
    if not isinstance(cases, list) or not (cases or (isinstance(failures, list) and failures)):
        return None
    if all(isinstance(case, Mapping) and case.keys() >= _OF_CASE for case in cases) and (cases or "name" in doc.head):
        return Match(0.95, "cases with assertions, scores and labels of a pydantic-evals report")
    return None


def read(doc: Document, log: ReadLog, columns: ColumnMap) -> Iterator[Result]:
    """Read the cases, and those that failed to run."""
    head = mapping(doc.head) if doc.shape is Shape.JSON else {}
    run_id = word(head.get("name"))
    verdicts = ScoreVerdicts(columns)
    for where, case in read_records(doc, log, "cases", "case"):
        assertions = _values(case.get("assertions"))
        said = assertions or _values(case.get("scores"))
        status, score = verdicts.of(said)
        yield Result(
            run_id=run_id,
            case_id=word(case.get("source_case_name")) or word(case.get("name")),
            input_text=to_text(case.get("inputs")),
            status=status,
            where=where,
            score=score,
            rubric=verdicts.rubric(said),
        )
    for where, case in read_records(doc, log, "failures", "case"):
        yield Result(
            run_id=run_id,
            case_id=word(case.get("source_case_name")) or word(case.get("name")),
            input_text=to_text(case.get("inputs")),
            status=Status.ERROR,
            where=f"{where} in failures",
            error=word(case.get("error_message")) or word(case.get("error_stacktrace")),
        )
    verdicts.say(log)


def _values(results: Any) -> dict[str, Any]:
    """Values of assertions or scores, which are bare or objects with a reason."""
    return {
        str(name): result.get("value") if isinstance(result, Mapping) else result
        for name, result in mapping(results).items()
    }
