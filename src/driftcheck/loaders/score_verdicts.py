"""Score verdicts: whether a result passed, where its tool writes scores and no verdict.

Ragas, Braintrust, LangSmith and Langfuse give each result a number or a label per metric. A result passes where
all of its scores do: a label or a boolean by what it says, a number between 0 and 1 from PASS_MARK on. What has no
direction (a hallucination score is 1 for the worst in one tool and for the best in another) or another scale
(1 to 5) decides nothing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from driftcheck.loaders.columns import ColumnMap, listed
from driftcheck.loaders.feedback import name_words
from driftcheck.loaders.read_log import ReadLog
from driftcheck.loaders.record_lists import is_blank
from driftcheck.loaders.rubric_verdicts import RubricItems
from driftcheck.loaders.statuses import read_status
from driftcheck.numbers import count
from driftcheck.records import Status

PASS_MARK = 0.5
"""Score between 0 and 1 from which on a result passes, as in Ragas and DeepEval."""
_NO_DIRECTION = frozenset(
    (
        *("hallucination", "hallucinations", "toxicity", "toxic", "bias", "noise", "sensitivity", "harm", "harmful"),
        *("harmfulness", "maliciousness", "error", "errors", "distance", "perplexity", "wer", "cer", "refusal"),
    )
)
_WORST_FIRST = (Status.ERROR, Status.FAIL, Status.PASS)
_NO_QUALITY = re.compile(
    r"latency|duration|_time$|^time|tokens?$|token_count|cost|(^|_)(count|length|len|words|chars|steps|turns)$|seconds",
    re.IGNORECASE,
)


class ScoreVerdicts:
    """Reads the scores of one file's results; says at the end by what they were judged."""

    def __init__(self, columns: ColumnMap) -> None:
        self._only = columns.get("score")
        self._judged: set[str] = set()
        self._undirected: set[str] = set()
        self._unscaled: set[str] = set()
        self._n_empty = 0
        self._items = RubricItems()

    def of(self, scores: Mapping[str, Any]) -> tuple[Status, float | None]:
        """Return the verdict on one result, and the mean of the numbers it rests on.

        >>> ScoreVerdicts(ColumnMap()).of({"correctness": 1, "tone": 0.25})
        (<Status.FAIL: 'fail'>, 0.625)
        """
        verdicts: list[Status] = []
        numbers: list[float] = []
        n_blank = 0
        for name, value in scores.items():
            if (self._only is not None and name != self._only) or _NO_QUALITY.search(name):
                continue
            if is_blank(value):
                n_blank += 1
                continue
            verdict, number = self._one(name, value)
            if verdict is not None:
                verdicts.append(verdict)
            if number is not None:
                numbers.append(number)
        if not verdicts:
            self._n_empty += n_blank > 0
            return Status.UNSCORED, sum(numbers) / len(numbers) if numbers else None
        worst = next((status for status in _WORST_FIRST if status in verdicts), Status.UNSCORED)
        return worst, sum(numbers) / len(numbers) if numbers else None

    def rubric(self, scores: Mapping[str, Any]) -> Mapping[str, bool]:
        """Return which of the scores are verdicts on items of a rubric, and were met: a 0.7 is a degree, no verdict.

        >>> dict(ScoreVerdicts(ColumnMap()).rubric({"correctness": 1, "tone": 0.25, "hallucination": 0, "latency": 1}))
        {'correctness': True}
        """
        return self._items.of((name, value) for name, value in scores.items() if has_direction(name))

    def say(self, log: ReadLog) -> None:
        """Tell the log what decided, and what could not."""
        self._items.say(log)
        choose = "name the score that decides in columns: {runs: {score: <name>}}"
        if self._judged:
            names = listed(sorted(self._judged), 8)
            log.warn(f"the file says no pass or fail: {PASS_MARK} or more of {names} counts as a pass; {choose}")
        if self._undirected:
            names = listed(sorted(self._undirected), 8)
            log.warn(f"high may be good or bad in {names}, so it decides nothing; write a pass or fail beside it")
        if self._unscaled:
            names = listed(sorted(self._unscaled), 8)
            log.warn(f"{names} has no scale of 0 to 1, so it decides nothing; write a pass or fail beside it")
        if self._n_empty:
            empty = count(self._n_empty, "result is", "results are")
            log.warn(f"{empty} unscored, because all scores are empty, as of a judge that failed; run the judge again")

    def _one(self, name: str, value: Any) -> tuple[Status | None, float | None]:
        number = _number(value)
        if number is None:
            status = read_status(value)
            return status, {Status.PASS: 1.0, Status.FAIL: 0.0}.get(status) if status else None
        if name != self._only and _NO_DIRECTION & set(name_words(name)):
            self._undirected.add(name)
            return None, None
        if not 0 <= number <= 1:
            self._unscaled.add(name)
            return None, number
        if number not in (0.0, 1.0) or not isinstance(value, bool):
            self._judged.add(name)
        return Status.PASS if number >= PASS_MARK else Status.FAIL, number


@lru_cache(maxsize=1_000)
def has_direction(name: str) -> bool:
    """Tell whether more of a score is better, for all its name says: not of errors, hallucination, latency.

    >>> has_direction("correctness"), has_direction("toxicity")
    (True, False)
    """
    return not _NO_QUALITY.search(name) and not _NO_DIRECTION & set(name_words(name))


def is_score(value: Any) -> bool:
    """Tell whether a value can be a score: a finite number, a boolean, or a text of one."""
    return isinstance(value, bool) or _number(value) is not None


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return float(value)
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None
