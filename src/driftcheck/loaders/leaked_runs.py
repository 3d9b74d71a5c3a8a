"""Leaked runs: eval runs inside a production export, which would hide the very drift that is asked about.

An eval run asks the eval set's own questions, so that traffic which holds some looks covered by it. Tools write
eval runs beside production: LangSmith with a `reference_example_id`, Langfuse into environments of their own, others
by tags, names or projects. Every loader of traces leaves them out here, counted with the reason.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain, repeat
from typing import Any

from driftcheck.loaders.read_log import ReadLog
from driftcheck.numbers import count
from driftcheck.records import Trace

_FIELDS = frozenset(
    [
        *("referenceexampleid", "referencedatasetid", "datasetexampleid", "lsexperimentid", "lsrunner"),
        *("datasetitemid", "datasetrunid", "datasetrunname", "datasetrunitemid", "experimentitemid"),
        *("langfuseexperimentid", "langfuseexperimentname", "langfuseexperimentitemid", "langfuseexperimentdatasetid"),
        *("evalrunid", "evaluationrunid", "evalid", "isevalrun", "iseval", "isevaluation"),
        *("evalrequestid", "mlflowevalrequestid", "weaveevalmeta"),
    ]
)
"""Fields, in lower case and without separators, that only a run over a dataset has."""
_EMPTY = frozenset(["", "none", "null", "nan", "false", "0", "[]", "{}", "00000000-0000-0000-0000-000000000000"])
_WORDS = (
    r"(?:(?:offline|online|regression|nightly|ci|llm|prompt|model|batch|auto|sdk|langfuse|prompt-experiment)[-_ ])?"
    r"(?:evals?|evaluations?|evaluators?|eval[-_ ]?(?:run|set|suite|test)s?|evaluation[-_ ]runs?|benchmarks?"
    r"|benchmarking|goldens?|golden[-_ ](?:set|dataset)|test[-_ ]?set|dataset[-_ ]runs?|sdk[-_ ]experiments?)"
)
_WORD = re.compile(_WORDS, re.IGNORECASE)
_ENVIRONMENT = re.compile(
    _WORDS
    + r"|tests?|testing|ci|ci[-_/]?cd|experiments?|langfuse-[\w-]+|(?:unit|integration|e2e|smoke|load)[-_ ]tests?",
    re.IGNORECASE,
)
_TAG = re.compile(
    _WORDS + r"|tests?|testing|test[-_ ]run|ci|(?:unit|integration|e2e|smoke|load)[-_ ]tests?|synthetic[-_ ]tests?",
    re.IGNORECASE,
)
_NAME = re.compile(
    r"dataset-run-item-.*|experiment-item-run|evals?|evals?[-_:/. ].*|.*[-_:/. ]evals?"
    r"|evaluation[-_ ]runs?\b.*|evaluation\.(?:evaluate|predict_and_score|summarize).*|benchmarks?|benchmark[-_:/].*"
    r"|(?:offline|regression|nightly)[-_ ]evaluations?",
    re.IGNORECASE,
)
_PROJECT = re.compile(
    r"(?:evals?|evaluations?|evaluators?|experiments?|benchmarks?)(?:[-_:/. ].*)?"
    r"|.*[-_:/. ](?:evals?|evaluations?|evaluators|experiments?|benchmarks?)(?:[-_:/. ][\w.-]*)?",
    re.IGNORECASE,
)
_ENVIRONMENT_KEYS = frozenset(["environment", "env", "stage", "deployment_environment"])
_ORIGIN_KEYS = frozenset(
    ["source", "origin", "purpose", "traffic", "traffic_type", "run_type", "mode", "trigger", "kind", "channel"]
)
_MAX_REASONS = 4
_MAX_HARMLESS = 4_096


class EvalRuns:
    """Tells the eval runs of one export apart, and counts them by reason."""

    def __init__(self, log: ReadLog) -> None:
        self._log = log
        self._reasons: Counter[str] = Counter()
        self._n_seen = 0
        self._harmless: set[tuple[str, str]] = set()
        """Tags that mark no eval run: most traces have the same."""

    def leaves_out(self, trace: Trace, mark: str | None = None) -> bool:
        """Say whether a trace is an eval run, and log it; `mark` is what its loader saw that the trace cannot say."""
        self._n_seen += 1
        why = mark or marked(trace)
        if why is None:
            return False
        self._reasons[why] += 1
        if self._log.keeps_eval_runs:
            return False
        self._log.skip(trace.where, f"is an eval run, not production ({why})")
        return True

    def production(self, traces: Sequence[Trace], marks: Sequence[str | None] | None) -> Sequence[Trace]:
        """Leave the eval runs out of some traces, at once where none of them can be one: most have the same tags."""
        if marks is None or not any(marks):
            different = {id(trace.tags): trace.tags for trace in traces}.values()  # many share theirs
            tags = set(chain.from_iterable([tags.items() for tags in different]))
            if self._harmless.issuperset(tags) and not any(trace.environment for trace in traces):
                self._n_seen += len(traces)
                return traces
        return list(self._production(traces, marks or repeat(None)))

    def _production(self, traces: Iterable[Trace], marks: Iterable[str | None]) -> Iterator[Trace]:
        for trace, mark in zip(traces, marks, strict=False):
            if not self.leaves_out(trace, mark):
                if len(self._harmless) < _MAX_HARMLESS:
                    self._harmless.update(trace.tags.items())
                yield trace

    def tell(self) -> None:
        """Say at the end how many were left out, and why; they stay in the file's own count."""
        n = self._reasons.total()
        if n == 0:
            return
        shown = [f"{why}: {times:,}" for why, times in self._reasons.most_common(_MAX_REASONS)]
        if len(self._reasons) > _MAX_REASONS:
            shown.append(f"{len(self._reasons) - _MAX_REASONS} other marks")
        have = count(n, "trace is an eval run", "traces are eval runs")
        if self._log.keeps_eval_runs:
            looks = count(n, "trace looks", "traces look")
            self._log.warn(f"{looks} like eval runs ({', '.join(shown)}): kept, as drift.yaml's eval_runs says")
            return
        if self._log.n_counted is None:
            self._log.counted(self._n_seen)
        self._log.n_eval_runs += n
        self._log.eval_runs += tuple(shown)
        all_of = "all " if n == self._n_seen > 1 else ""
        self._log.warn(f"{all_of}{have} and left out of production ({', '.join(shown)})")


def marked(trace: Trace) -> str | None:
    """Say what marks a trace as an eval run: its environment, a tag, its name; None where nothing does.

    >>> marked(Trace("t", "Hi", "f:1", environment="sdk-experiment"))
    'environment sdk-experiment'
    >>> marked(Trace("t", "Hi", "f:1", tags={"tags": "beta, eval"}))
    'tag eval'
    """
    if trace.environment and (why := _marked_tag("environment", trace.environment)):
        return why
    for key, value in trace.tags.items():
        if why := _marked_tag(key, value):
            return why
    return None


@lru_cache(maxsize=4096)
def _marked_tag(key: str, value: str) -> str | None:
    name = key.rpartition(".")[2].casefold().replace("-", "_")
    if name == "tags":
        return next((f"tag {tag.strip()}" for tag in value.split(",") if _is(tag, _TAG)), None)
    if name == "name":
        return f"name {value.strip()[:40]}" if _is(value, _NAME) else None
    if name in _ENVIRONMENT_KEYS and _is(value, _ENVIRONMENT):
        return f"{key} {value.strip()}"
    if name in _ORIGIN_KEYS and _is(value, _WORD):
        return f"{key} {value.strip()}"
    return mark_of(key, value)


def mark_of(key: str, value: Any) -> str | None:
    """Say whether a field marks an eval run by being there at all; returns its name.

    >>> mark_of("reference_example_id", "8f"), mark_of("datasetItemId", None), mark_of("topic", "cards")
    ('reference_example_id', None, None)
    """
    if value is None or not is_mark(key) or str(value).strip().casefold() in _EMPTY:
        return None
    return key.lstrip("_")


def mark_in(*records: Any) -> str | None:
    """Find the first field of some objects (a record, its metadata) that marks an eval run."""
    for record in records:
        if isinstance(record, Mapping):
            for key, value in record.items():
                if is_mark(key) and (why := mark_of(key, value)):
                    return why
    return None


def marked_project(name: Any) -> str | None:
    """Say whether a project is one that experiments are written to.

    >>> marked_project("gpt-5-experiment-1a2b3c4d"), marked_project("support-bot")
    ('project gpt-5-experiment-1a2b3c4d', None)
    """
    return f"project {name.strip()[:40]}" if isinstance(name, str) and _is(name, _PROJECT) else None


@lru_cache(maxsize=4096)
def is_mark(key: str) -> bool:
    """Say whether a field's name is one that only eval runs have."""
    letters = re.sub(r"[^a-z]", "", str(key).casefold())
    return letters in _FIELDS or any(letters.endswith(f"metadata{field}") for field in _FIELDS)


def _is(text: str, pattern: re.Pattern[str]) -> bool:
    return pattern.fullmatch(text.strip()) is not None
