"""Rows of promptfoo results: one test under one provider and one prompt, from v1 to v4."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from driftcheck.loaders.promptfoo_vars import input_of, metadata_id, vars_id, written_description
from driftcheck.loaders.read_log import ReadLog
from driftcheck.loaders.rubric_verdicts import RubricItems
from driftcheck.loaders.statuses import read_status
from driftcheck.loaders.text import to_text
from driftcheck.records import Result, Status

_ERROR = 2
"""`failureReason` of a row that could not be judged; 1 is a failed assertion, 0 none."""
_MARKS = frozenset(
    [
        "prompt",
        "promptIdx",
        "testIdx",
        "gradingResult",
        "response",
        "providerResponse",
        "testCase",
        "namedScores",
        "failureReason",
    ]
)
_MAX_LABEL = 80
_MAX_ASSERTIONS = 1_000
"""Of one row that are looked at."""
_MIN_ALIKE = 3
"""Results that must all have failed with the same message before that is worth a warning."""


def is_row(record: Any) -> bool:
    """Tell whether a record is a row of promptfoo results."""
    return (
        isinstance(record, dict)
        and ("vars" in record or "testCase" in record)
        and ("success" in record or "gradingResult" in record)
        and bool(_MARKS & record.keys())
    )


class RowReader:
    """Makes results of the rows of one run, and keeps what must be known of all of them."""

    def __init__(
        self,
        run_id: str | None = None,
        run_time: float | None = None,
        used: Collection[str] = (),
        shared: Mapping[str, Any] | None = None,
        labels: Sequence[str | None] = (),
    ) -> None:
        """Read rows of one run, whose prompts fill in `used` and whose tests share the variables `shared`.

        `labels` are those of its prompts, which rows without a label of their own name by `promptIdx`.
        """
        self._run_id = run_id
        self._run_time = run_time
        self._used = used
        self._shared = shared or {}
        self._labels = labels
        self._seen: Counter[int] = Counter()
        self.counts: Counter[Status] = Counter()
        """Results by status."""
        self._items = RubricItems()
        self._messages: set[str] = set()
        """Messages of what did not pass, at most two."""

    def results(self, rows: Iterable[tuple[str, Any]]) -> Iterator[Result]:
        """Make the results of (where, row) pairs."""
        for where, row in rows:
            if isinstance(row, Mapping):
                yield self._result(where, row)

    def say(self, log: ReadLog) -> None:
        """Warn where everything failed for one cause, such as a grader that is broken."""
        self._items.say(log)
        n_rows = sum(self.counts.values())
        if n_rows >= _MIN_ALIKE and not self.counts[Status.PASS] and len(self._messages) == 1:
            message = next(iter(self._messages)).splitlines()[0][:120]
            log.warn(f"all {n_rows} results failed with the same message, {message!r}: look at the grader first")

    def _result(self, where: str, row: Mapping[str, Any]) -> Result:
        test = _mapping(row.get("testCase"))
        variables = _mapping(row.get("vars")) or _mapping(test.get("vars"))
        written = _mapping(test.get("vars")) or variables
        prompt = row.get("prompt")
        prompt = prompt if isinstance(prompt, Mapping) else {"raw": prompt}
        status = _status(row)
        self.counts[status] += 1
        message = row.get("error") or _mapping(row.get("gradingResult")).get("reason")
        if status in (Status.FAIL, Status.ERROR) and len(self._messages) < 2:
            self._messages.add(str(message or where))
        description = test.get("description") or row.get("description")
        own = [name for name, value in variables.items() if name not in self._shared or self._shared[name] != value]
        text, _ = input_of(variables, used=self._used if len(variables) > 1 else (), own=own)
        return Result(
            run_id=self._run_id,
            case_id=written_description(description) or metadata_id(_mapping(test.get("metadata"))) or vars_id(written),
            input_text=text if variables else to_text(prompt.get("raw")),
            status=status,
            where=where,
            run_time=self._run_time,
            score=read_score(row.get("score")),
            model=_model(row.get("provider")),
            prompt_id=label_of(prompt) or self._label(row) or prompt_label(prompt.get("raw")),
            repeat=self._repeat(row, test, variables, prompt),
            error=str(message) if status is Status.ERROR and message else None,
            rubric=self._items.of(_assertions(row)),
        )

    def _label(self, row: Mapping[str, Any]) -> str | None:
        number = row.get("promptIdx")
        if isinstance(number, int) and not isinstance(number, bool) and 0 <= number < len(self._labels):
            return self._labels[number]
        return None

    def _repeat(self, row: Mapping[str, Any], test: Mapping[str, Any], *key: Mapping[str, Any]) -> int:
        """Count how often this test was seen under this provider and prompt: `--repeat` only adds rows."""
        asked = row.get("promptIdx", key[-1].get("raw"))
        parts = [key[0], test.get("description"), test.get("assert"), _model(row.get("provider")), asked]
        token = hash(json.dumps(parts, sort_keys=True, default=str))
        self._seen[token] += 1
        return self._seen[token] - 1


def label_of(prompt: Mapping[str, Any]) -> str | None:
    """Name a prompt by its label; `raw` is the template in a run's list, but filled in at a row of late versions."""
    return prompt_label(prompt.get("label")) or prompt_label(prompt.get("display"))


def prompt_label(text: Any) -> str | None:
    """Shorten a prompt's label to one line that still names it; None where it says nothing."""
    line = " ".join(str(text).split()) if text else ""
    if not line:
        return None
    return line if len(line) <= _MAX_LABEL else f"{line[: _MAX_LABEL - 1]}…"


def _status(row: Mapping[str, Any]) -> Status:
    verdict = read_status(row.get("success"))
    if verdict is None:
        verdict = read_status(_mapping(row.get("gradingResult")).get("pass")) or Status.UNSCORED
    if verdict is not Status.FAIL:
        return verdict
    reason = row.get("failureReason")
    if reason is not None and str(reason).strip():
        return Status.ERROR if str(reason).strip() == str(_ERROR) else Status.FAIL
    # rows before v3: `error` is also the text of a failed assertion, which has a grading or at least an output
    if not row.get("error"):
        return Status.FAIL
    if "gradingResult" in row:
        return Status.FAIL if row["gradingResult"] else Status.ERROR
    output = _mapping(row.get("response") or row.get("providerResponse")).get("output")
    return Status.ERROR if output is None else Status.FAIL


def _assertions(row: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Verdicts of the row's assertions, by their metric, else by type and value; of metrics alone where there are none.

    A set of assertions counts as one where it names a metric, else by what is in it.
    """
    grading = _mapping(row.get("gradingResult"))
    listed = grading.get("componentResults")
    named: set[str] = set()
    pending = list(reversed(listed)) if isinstance(listed, list) else []
    n_seen = 0
    while pending and n_seen < _MAX_ASSERTIONS:
        n_seen += 1
        part = _mapping(pending.pop())
        inner = part.get("componentResults")
        assertion = _mapping(part.get("assertion"))
        metric = assertion.get("metric")
        if isinstance(inner, list) and not metric:
            pending += reversed(inner)
        elif assertion:
            name = metric if isinstance(metric, str) and metric.strip() else _assertion_name(assertion)
            named.add(name)
            yield name, part.get("pass")
    scores = row.get("namedScores") or grading.get("namedScores")
    for name, score in _mapping(scores).items():
        if name not in named:
            yield str(name), read_score(score)


def _assertion_name(assertion: Mapping[str, Any]) -> str:
    kind, value = assertion.get("type"), assertion.get("value")
    text = value if isinstance(value, str) else "" if value is None or isinstance(value, Mapping | list) else str(value)
    return f"{kind}: {text}" if text.strip() else str(kind or "")


def _model(provider: Any) -> str | None:
    if isinstance(provider, Mapping):
        provider = provider.get("label") or provider.get("id")
    return str(provider) if provider else None


def read_score(value: Any) -> float | None:
    """Read a score, a number or its text; None where it is none."""
    try:
        return None if value is None or isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        return None


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
