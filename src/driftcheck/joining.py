"""Cases to an eval set, results to runs: ids made unique, results joined to the cases they belong to."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from driftcheck import languages
from driftcheck.config import TextChoice
from driftcheck.judged import JudgedTraces
from driftcheck.records import (
    EVAL_SET_COLUMNS,
    RUBRIC_COLUMNS,
    SLICE_PREFIX,
    Case,
    EvalSet,
    Feedback,
    FeedbackSource,
    LoadReport,
    Result,
    Runs,
    Status,
    Trace,
)


def normalised(text: str) -> str:
    r"""Text with case and white space folded: what joins a result to its case where ids do not.

    >>> normalised("  Refund\n WINDOW? ")
    'refund window?'
    """
    return " ".join(text.casefold().split())


def content_id(text: str, expected: str = "") -> str:
    """Id of a case that has none: from its content, so that it is the same in every file and order."""
    return hashlib.sha256(f"{normalised(text)}\x00{normalised(expected)}".encode("utf-8", "surrogatepass")).hexdigest()[
        :16
    ]


def slice_value(name: str, tags: dict[str, str], language: str | None) -> str | None:
    """A record's value of a declared slice column; `language` may stand outside the metadata, under any name of it."""
    value = tags.get(name)
    if name != "language":
        return value
    told = language if value is None else value
    return None if told is None else languages.normalised(told) or told


def make_eval_set(
    cases: Iterable[Case], reports: Sequence[LoadReport], *, text: TextChoice, slices: Sequence[str] = ()
) -> EvalSet:
    """Put cases into a frame, one row each, ordered by id.

    Cases without an input are left out (the load report counts them). A repeated id gets `#2`, `#3`, ... in the order
    of the texts, so that nothing is lost and the order of rows does not matter.
    """
    rows = []
    tag_fields: dict[str, None] = {}
    for case in cases:
        if not case.input_text or not case.input_text.strip():
            continue
        embedded = (case.conversation if text is TextChoice.CONVERSATION else None) or case.input_text
        expected = case.expected[0] if case.expected else None
        tags = dict(case.tags)
        tag_fields.update(dict.fromkeys(tags))
        rows.append(
            {
                "case_id": case.case_id or content_id(case.input_text, expected or ""),
                "own_id": case.case_id,
                "text": embedded,
                "input": case.input_text,
                "expected": expected,
                "accepted": () if case.expects_rubric else case.expected,
                "language": case.language,
                "created_at": case.created_at,
                "validated_at": case.freshness.validated_at,
                "expires_at": case.freshness.expires_at,
                "owner": case.freshness.owner,
                "source_trace_id": case.freshness.source_trace_id,
                "provenance": case.freshness.provenance,
                "split": case.freshness.split,
                "tags": "\n".join(sorted(f"{name}={value}" for name, value in tags.items())),
                "where": case.where,
                **{f"{SLICE_PREFIX}{name}": slice_value(name, tags, case.language) for name in slices},
            }
        )
    frame = pd.DataFrame(rows, columns=[*EVAL_SET_COLUMNS, *(f"{SLICE_PREFIX}{name}" for name in slices)])
    frame = frame.sort_values(["case_id", "text", "where"], kind="stable", ignore_index=True)
    repeat = frame.groupby("case_id").cumcount()
    frame["case_id"] = frame["case_id"].where(repeat == 0, frame["case_id"] + "#" + (repeat + 1).astype(str))
    frame = frame.astype(dict.fromkeys(("created_at", "validated_at", "expires_at"), float))
    for name in ("owner", "source_trace_id", "provenance", "split"):  # pandas makes NaN of None beside texts
        frame[name] = pd.Series([value if isinstance(value, str) else None for value in frame[name]], dtype=object)
    return EvalSet(frame=frame, tag_fields=tuple(sorted(tag_fields)), reports=tuple(reports))


class _Cases:
    """Where a result can find its case."""

    def __init__(self, eval_set: EvalSet) -> None:
        self._by_id: dict[str, list[str]] = {}
        self._by_input: dict[str, list[tuple[str | None, str]]] = {}
        frame = eval_set.frame
        for case_id, own_id, text in zip(frame["case_id"], frame["own_id"], frame["input"], strict=True):
            own = own_id if isinstance(own_id, str) else None
            if own is not None:
                self._by_id.setdefault(own, []).append(case_id)
            self._by_input.setdefault(normalised(text), []).append((own, case_id))

    def find(self, result: Result) -> str | None:
        """Id and input together, else the input, else the id where it is no one else's.

        Ids such as 1, 2, 3 mean another case in every file, so an input that is known outweighs an id. An id that
        several cases bear joins nothing without the input.
        """
        alike = self._by_input.get(normalised(result.input_text), []) if result.input_text else []
        for own, case_id in alike:
            if own is not None and own == result.case_id:
                return case_id
        if alike:
            return alike[0][1]
        bearers = self._by_id.get(result.case_id, []) if result.case_id is not None else []
        return bearers[0] if len(bearers) == 1 else None


def make_runs(results: Iterable[tuple[str, Result]], reports: Sequence[LoadReport], eval_set: EvalSet) -> Runs:
    """Join results to the cases of an eval set: by id and normalised input.

    Args:
        results: (name of the file, result) pairs.
        reports: what was read.
        eval_set: the cases.

    Returns:
        Runs in order of time; runs without a time come first, by name. A result repeated by a copy of its file counts
        once.

    """
    cases = _Cases(eval_set)
    rows: list[dict[str, object]] = []
    judged = JudgedTraces()
    rubrics: dict[int, Mapping[str, bool]] = {}
    for name, result in results:
        own_id = result.case_id or (content_id(result.input_text) if result.input_text else result.where)
        if result.rubric:
            rubrics[len(rows)] = result.rubric
        if result.feedback:
            judged.add(len(rows), _as_trace(result, result.run_id or name, own_id))
        rows.append(
            {
                "run_id": result.run_id or name,
                "run_time": result.run_time,
                "case_id": cases.find(result),
                "own_id": own_id,
                "status": result.status.value,
                "score": result.score,
                "model": result.model,
                "prompt_id": result.prompt_id,
                "variant": result.variant,
                "repeat": result.repeat,
                "error": result.error,
                "path": name,
            }
        )
    columns = [
        "run_id",
        "run_time",
        "case_id",
        "own_id",
        "status",
        "score",
        "model",
        "prompt_id",
        "variant",
        "repeat",
        "error",
        "path",
    ]
    results_frame = pd.DataFrame(rows, columns=columns).astype({"run_time": float, "score": float})
    key = ["run_id", "own_id", "model", "prompt_id", "variant", "repeat"]
    results_frame = results_frame.sort_values([*key, "path", "status"], kind="stable")
    # a copy of a log under another name holds the same run; repeats within one file are results of their own
    first_path = results_frame.groupby("run_id")["path"].transform("first")
    copied = results_frame.duplicated(key) & (results_frame["path"] != first_path)
    results_frame = results_frame[~copied]
    times = results_frame.groupby("run_id")["run_time"].min()
    order = sorted(times.index, key=lambda run: (times[run] if times[run] == times[run] else -float("inf"), run))
    rank = {run: number for number, run in enumerate(order)}
    is_counted = np.zeros(len(rows), dtype=bool)
    is_counted[results_frame.index] = True
    both = judged.finish(None, np.full(len(rows), np.nan))
    results_frame = results_frame.iloc[results_frame["run_id"].map(rank).argsort(kind="stable")]
    verdicts = _rubric_frame(results_frame, rubrics)
    results_frame = results_frame.reset_index(drop=True)
    return Runs(
        frame=results_frame,
        run_ids=tuple(str(run) for run in order),
        n_unjoined=int(results_frame["case_id"].isna().sum()),
        reports=tuple(reports),
        judged=_by_case(both.within(is_counted)),
        judges=both.judges,
        rubric=verdicts,
    )


def _rubric_frame(results: pd.DataFrame, rubrics: Mapping[int, Mapping[str, bool]]) -> pd.DataFrame:
    """Verdicts of rubric items in the order of the results; `rubrics` by the row that a result had when it was read."""
    told = results[results.index.isin(list(rubrics))]
    keys = zip(told.index, told["run_id"], told["case_id"], told["own_id"], strict=True)
    rows = [(*key, item, float(met)) for row, *key in keys for item, met in sorted(rubrics[row].items())]
    return pd.DataFrame(rows, columns=list(RUBRIC_COLUMNS)).astype({"met": float})


VERDICT = "pass or fail"
"""Name of the judge that stands for the verdict of a run which names none of its own."""


def _as_trace(result: Result, run: str, own_id: str) -> Trace:
    """What a judge and reviewers said of a result: its case stands for the session."""
    ratings = result.feedback
    is_scored = result.status in (Status.PASS, Status.FAIL)
    if is_scored and not any(rating.source is FeedbackSource.JUDGE for rating in ratings):
        passed = float(result.status is Status.PASS)
        ratings = (*ratings, Feedback(VERDICT, passed, source=FeedbackSource.JUDGE))
    told_apart = (own_id, run, result.model, result.prompt_id, result.variant, result.repeat)
    return Trace(
        trace_id="\0".join(map(str, told_apart)),
        input_text=None,
        where=result.where,
        session_id=own_id,
        output_text=result.output_text,
        feedback=ratings,
    )


def _by_case(judged: pd.DataFrame) -> pd.DataFrame:
    """Name the results by their cases."""
    return judged.assign(trace_id=[str(one).partition("\0")[0] for one in judged["trace_id"]])
