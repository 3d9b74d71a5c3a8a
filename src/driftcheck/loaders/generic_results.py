"""Generic results: outcomes of eval runs in a table of your own making, as CSV, JSON lines, JSON or Parquet.

One result a row, or one row per case and metric (a `metric` column), which are put together. A `run` column holds
several runs, `timestamp` their time. Where your columns have other names, name them in drift.yaml:
`columns: {runs: {id: <column>, status: <column>}}`.
Recognised by a verdict (`passed`, `correct`, `status`) or a score beside `id` or `input`.
How to get it: let your runner write one row a result, with the id or the input of its case.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.document import Document, Match
from driftcheck.loaders.feedback import is_judge_score, is_reviewer_name, read_feedback
from driftcheck.loaders.generic_cases import id_text
from driftcheck.loaders.generic_kinds import kinds_of
from driftcheck.loaders.generic_roles import Roles, score_columns
from driftcheck.loaders.generic_table import Table, table_of
from driftcheck.loaders.read_log import ReadLog
from driftcheck.loaders.rubric_verdicts import NO_VERDICTS, RubricItems
from driftcheck.loaders.score_verdicts import has_direction
from driftcheck.loaders.statuses import read_status
from driftcheck.loaders.text import to_text
from driftcheck.loaders.timestamps import parse_timestamp
from driftcheck.records import Kind, Result, Status

FORMAT = "generic-results"
KIND = Kind.RESULTS

THRESHOLD = 0.5
"""Score that counts as a pass, where the file names neither a verdict nor a threshold (as in Ragas)."""
_ROLES = (
    *("run", "metric", "status", "id", "input", "conversation", "score", "threshold", "timestamp"),
    *("model", "prompt_id", "repeat", "error", "output"),
)
_WORST_FIRST = (Status.ERROR, Status.FAIL, Status.UNSCORED, Status.SKIPPED, Status.PASS)


def sniff(doc: Document) -> Match | None:
    """Recognise rows with a verdict or a score beside an id or an input."""
    table = table_of(doc)
    return kinds_of(table).get(KIND) if table else None


def read(doc: Document, log: ReadLog, columns: ColumnMap) -> Iterator[Result]:
    """Read the results; rows of several metrics of one case become one result: passed where all are.

    Raises:
        InputError: no column for the case or the verdict, or one that drift.yaml names and the file lacks.

    """
    table = table_of(doc)
    if table is None:
        return
    roles = Roles(table, KIND, columns, _ROLES, doc.source.name)
    roles.require("id", "input", "conversation")
    rows = _Rows(table, roles, log)
    results = (rows.result(where, row) for where, row in roles.rows(doc, log))
    yield from _pivoted(results, log) if roles.has("metric") else results
    rows.items.say(log)


class _Rows:
    """Reads the rows of one table."""

    def __init__(self, table: Table, roles: Roles, log: ReadLog) -> None:
        self._column = {role: roles.get(role) for role in _ROLES}
        free = [column for column in table.columns if column not in roles.taken]
        self._labels = [column for column in free if is_reviewer_name(column)]
        self._judged = [column for column in table.columns if is_judge_score(column)] if self._labels else []
        # people's labels are what judges are held against, no metric beside theirs
        taken = {*roles.taken, *self._labels}
        scores = [column for column in score_columns(table, taken) if column != roles.get("score")]
        self._scores = [roles.get("score")] if roles.has("score") else scores
        self._has_verdict = roles.has("status")
        mine = [column for column in free if column not in self._labels]
        self._criteria = [column for column in mine if is_criterion(column, table.values(column))]
        self._criteria += [column for column in scores if column not in self._criteria and has_direction(column)]
        self.items = RubricItems()
        if not self._has_verdict:
            if not self._scores:
                roles.require("status", "score")
            self._threshold = self._threshold_of(table, roles, log)

    def _threshold_of(self, table: Table, roles: Roles, log: ReadLog) -> float | None:
        names = self._scores
        values = [number(value) for name in names for value in table.values(name)]
        known = [value for value in values if value is not None]
        if roles.has("threshold") or set(known) <= {0.0, 1.0}:
            return 1.0
        what = f"no column says pass or fail: {', '.join(names)}"
        if known and all(0 <= value <= 1 for value in known):
            log.warn(
                f"{what} of {THRESHOLD} or more counts as a pass; name a verdict in columns: {{runs: {{status: ..}}}}"
            )
            return THRESHOLD
        log.warn(f"{what} has no threshold, so nothing is scored; name a verdict in columns: {{runs: {{status: ..}}}}")
        return None

    def result(self, where: str, row: Mapping[str, Any]) -> Result:
        get, column = row.get, self._column
        known = [value for name in self._scores if (value := number(get(name))) is not None]
        score = sum(known) / len(known) if known else None
        error = to_text(get(column["error"]))
        if error is not None and (error.casefold() in _NO_ERROR or read_status(error) not in (None, Status.ERROR)):
            error = None
        status = self._status(row, known, error)
        said = get(column["input"])
        repeat = number(get(column["repeat"]))
        labels = [one for name in self._labels if (one := read_feedback(name, get(name))) is not None]
        judged = [one for name in self._judged if (one := read_feedback(name, get(name))) is not None]
        return Result(
            run_id=id_text(get(column["run"])),
            case_id=id_text(get(column["id"])),
            input_text=to_text(get(column["conversation"]) if said is None else said),
            status=status,
            where=where,
            run_time=parse_timestamp(get(column["timestamp"])),
            score=score,
            model=to_text(get(column["model"])),
            prompt_id=id_text(get(column["prompt_id"])),
            repeat=int(repeat) if repeat is not None else 0,
            error=error if status is Status.ERROR else None,
            feedback=(*labels, *judged) if labels else (),
            output_text=to_text(get(column["output"])) if labels else None,
            rubric=self._rubric(row, status),
        )

    def _rubric(self, row: Mapping[str, Any], status: Status) -> Mapping[str, bool]:
        metric = to_text(row.get(self._column["metric"]))
        if metric is None:
            return self.items.of((name, row.get(name)) for name in self._criteria) if self._criteria else NO_VERDICTS
        if self._has_verdict or number(row.get(self._column["threshold"])) is not None:
            return self.items.of({metric: status})
        return self.items.of((metric, row.get(name)) for name in self._scores) if has_direction(metric) else NO_VERDICTS

    def _status(self, row: Mapping[str, Any], scores: list[float], error: str | None) -> Status:
        if self._has_verdict:
            status = read_status(row.get(self._column["status"]))
            if error is not None and status is not Status.PASS:
                return Status.ERROR
            return status or Status.UNSCORED
        if error is not None:
            return Status.ERROR
        threshold = number(row.get(self._column["threshold"]))
        threshold = self._threshold if threshold is None else threshold
        if threshold is None or not scores:
            return Status.UNSCORED
        return Status.PASS if all(score >= threshold for score in scores) else Status.FAIL


_NO_ERROR = frozenset({"false", "none", "null", "nan", "0", "no", "{}", "[]"})


def number(value: Any) -> float | None:
    """Read a finite number, from a text too; None where there is none.

    >>> number("0.5"), number(True), number("n/a"), number(float("nan"))
    (0.5, 1.0, None, None)
    """
    try:
        read = float(value)
    except (TypeError, ValueError):
        lowered = value.strip().casefold() if isinstance(value, str) else ""
        return {"true": 1.0, "false": 0.0}.get(lowered)
    return read if math.isfinite(read) else None


_FLAG = re.compile(
    r"cache|stream|retr(y|ied)|timeout|truncat|refus|hallucinat|flag|tool|escalat|toxic|harm|pii|bias|leak|duplicat|skip|"
    r"holdout|sealed|synthetic|error|fail|reject|warn|blocked|expired|deprecated|enabled|active|valid_id|violat|bad|"
    r"expected|label|gold|target|multi|debug|test",
    re.IGNORECASE,
)
"""Names of flags, of which true is no praise."""


def is_criterion(column: str, values: Sequence[object]) -> bool:
    """Say whether a column of a table of results says which criterion an answer met.

    >>> is_criterion("is_polite", [True, False]), is_criterion("tone", ["pass", "fail"]), is_criterion("turns", [1, 0])
    (True, True, False)
    >>> is_criterion("from_cache", [True, False]), is_criterion("plan", ["pro", "free"])
    (False, False)
    """
    if not values or _FLAG.search(column):
        return False
    return all(
        isinstance(value, bool) or (isinstance(value, str) and value.strip().casefold() in _VERDICT_WORDS)
        for value in values
    )


_VERDICT_WORDS = frozenset({"pass", "fail", "passed", "failed", "true", "false"})


def _joined(rows: Sequence[Result]) -> Mapping[str, bool]:
    """Items of a case whose metrics stand in rows of their own."""
    told = [row.rubric for row in rows if row.rubric]
    return {item: met for row in told for item, met in row.items()} if told else NO_VERDICTS


def _pivoted(results: Iterator[Result], log: ReadLog) -> Iterator[Result]:
    """Put the metrics of a case together: passed where all are, the score is their mean."""
    cases: dict[tuple[object, ...], list[Result]] = {}
    n_rows = 0
    for result in results:
        n_rows += 1
        case = result.case_id if result.case_id is not None else result.input_text
        key = (result.run_id, case, result.model, result.prompt_id, result.repeat)
        cases.setdefault(key, []).append(result)
    log.counted(n_rows)
    for rows in cases.values():
        scores = [row.score for row in rows if row.score is not None]
        worst = next(status for status in _WORST_FIRST if any(row.status is status for row in rows))
        yield replace(
            rows[0],
            status=worst,
            score=sum(scores) / len(scores) if scores else None,
            error=next((row.error for row in rows if row.error), None),
            rubric=_joined(rows),
        )
