"""lm-evaluation-harness: the samples (`--log_samples`) and the results of `lm_eval` runs.

One result a document and filter; the filter stands as the prompt's variant. The first of `exact_match`, `acc`,
`acc_norm`, `em` and the task's other metrics decides: 1 passes, 0 fails, a number between (F1, BLEU) is unscored.
Task, model and time are read from the names that the harness gives: `MODEL/samples_TASK_TIME.jsonl`. A results
file (`results_TIME.json`) holds scores of whole tasks and nothing of a case: its tasks are counted and left out,
unless `samples` stand in it too.
Recognised by `doc_id` with `resps` or `filtered_resps` (JSON lines; before 0.4 a list with `prompt_0`), or by
`results` of tasks beside `versions`, `configs` or `config`.
How to get it: `lm_eval ... --log_samples --output_path DIR`. Written to lm_eval 0.4.13, and to results since 0.2.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.document import Document, Match
from driftcheck.loaders.read_log import ReadLog
from driftcheck.loaders.record_lists import Record, find_records, mapping, read_records, word
from driftcheck.loaders.rubric_verdicts import RubricItems
from driftcheck.loaders.statuses import read_status
from driftcheck.loaders.text import parsed, to_text
from driftcheck.loaders.timestamps import parse_timestamp
from driftcheck.records import Kind, Result, Status

FORMAT = "lm-eval"
KIND = Kind.RESULTS

_RESPONSES = ("resps", "filtered_resps", "logit_0", "prompt_0")
_BESIDE = ("versions", "configs", "config", "n-shot", "n-samples", "config_general", "config_tasks")
_ASKED = ("question", "query", "prompt", "input", "problem", "goal", "ctx")
_DECIDING = ("exact_match", "acc", "acc_norm", "em", "pass@1", "mc1", "prompt_level_strict_acc", "correct")
_NAME = re.compile(
    r"(?:samples_(?P<task>.+)|results)_(?P<time>\d{4}-\d\d-\d\dT\d\d[-:]\d\d[-:]\d\d(?:\.\d+)?)(?:\.[a-z]+)+"
)
_NO_FILTER = frozenset({"none", ""})


def sniff(doc: Document) -> Match | None:
    """Recognise samples by their responses, results by their tasks."""
    if isinstance(doc.head, Mapping) and _tasks(doc.head):
        return Match(0.95, "results of tasks beside versions or configs of lm_eval")
    records = find_records(doc)
    if records and records.most_have("doc_id") and (found := [key for key in _RESPONSES if records.most_have(key)]):
        return Match(0.97, f"doc_id and {found[0]} of lm_eval samples")
    return None


def read(doc: Document, log: ReadLog, columns: ColumnMap) -> Iterator[Result]:
    """Read the samples; the tasks of a results file are counted and left out."""
    head = doc.head if isinstance(doc.head, Mapping) else {}
    if (tasks := _tasks(head)) and not _sampled(head):
        log.counted(len(tasks))
        for task in tasks:
            log.skip(f"{doc.source.name}: {task}", "a score of a whole task, not of a case")
        log.warn(f"{doc.source.name} holds no cases; run lm_eval with --log_samples and give samples_*.jsonl")
        return
    unscored: set[str] = set()
    if sampled := _sampled(head):
        for task in sampled:
            yield from _read_samples(doc, log, f"samples.{task}", _Run(task, None, None, None), unscored)
    else:
        yield from _read_samples(doc, log, "", _Run.of(doc), unscored)
    if unscored:
        names = ", ".join(sorted(unscored))
        log.warn(f"{names} is no verdict but a degree, so its results are unscored; use a task with exact_match or acc")


def _read_samples(doc: Document, log: ReadLog, path: str, run: _Run, unscored: set[str]) -> Iterator[Result]:
    items = RubricItems()
    for where, sample in read_records(doc, log, path, "sample"):
        metrics = _metrics(sample)
        metric, value = next(iter(metrics.items()), (None, None))
        status, score = _verdict(value)
        if metric is not None and status is Status.UNSCORED:
            unscored.add(metric)
        variant = word(sample.get("filter"))
        yield Result(
            run_id=run.run_id,
            case_id=run.case_id(sample),
            input_text=_asked(sample),
            status=status,
            where=f"{where} in {path}" if path else where,
            run_time=run.run_time,
            score=score,
            model=run.model,
            variant=None if (variant or "") in _NO_FILTER else variant,
            rubric=items.of(metrics),
        )


@dataclass(frozen=True)
class _Run:
    """What the names of a sample file and its folder say."""

    task: str | None
    model: str | None
    run_id: str | None
    run_time: float | None

    @staticmethod
    def of(doc: Document) -> _Run:
        path = doc.source.path
        found = _NAME.fullmatch(path.name) if path else None
        if path is None or found is None:
            return _Run(None, None, None, None)
        folder = path.parent.name
        model = folder.replace("__", "/") if "__" in folder else None
        time = found["time"].replace(":", "-")
        return _Run(found["task"], model, f"{model} {time}" if model else time, parse_timestamp(time.partition(".")[0]))

    def case_id(self, sample: Record) -> str | None:
        """The document's own id where it has one, else its number within the task."""
        own = mapping(sample.get("doc")).get("id")
        if isinstance(own, str) and own.strip():
            return own
        number = word(sample.get("doc_id"))
        return number if self.task is None or number is None else f"{self.task}/{number}"


def _tasks(head: Mapping[str, Any]) -> list[str]:
    """Tasks of a results file; of a group, which has no metric of its own, too."""
    results = head.get("results")
    if not isinstance(results, Mapping) or not results or not any(key in head for key in _BESIDE):
        return []
    if not all(isinstance(metrics, Mapping) for metrics in results.values()):
        return []
    values = [value for metrics in results.values() for value in metrics.values()]
    return list(map(str, results)) if any(isinstance(value, int | float) for value in values) else []


def _sampled(head: Mapping[str, Any]) -> list[str]:
    """Tasks whose samples stand in the results themselves, as `simple_evaluate()` returns them."""
    samples = head.get("samples")
    return [str(task) for task, listed in mapping(samples).items() if isinstance(listed, list) and "." not in str(task)]


def _asked(sample: Record) -> str | None:
    doc = mapping(sample.get("doc"))
    for key in _ASKED:
        if text := to_text(doc.get(key)):
            return text
    arguments = parsed(sample.get("arguments"))
    first = next(iter(arguments.values()), None) if isinstance(arguments, Mapping) else arguments
    while isinstance(first, list | tuple) and first and not isinstance(first[0], Mapping):
        first = first[0]  # before 0.4.4: [["prompt", {...}]], one for each choice
    if isinstance(first, Mapping):
        first = first.get("arg_0", first)
    return to_text(first if first is not None else sample.get("prompt_0"))


def _metrics(sample: Record) -> dict[str, Any]:
    """Values of the metrics that a sample names, the deciding one first."""
    listed = sample.get("metrics")
    others = [str(name) for name in listed] if isinstance(listed, list) else []
    values = {str(key).partition(",")[0]: value for key, value in sample.items() if value is not None}
    return {name: values[name] for name in (*_DECIDING, *others) if name in values}


def _verdict(value: Any) -> tuple[Status, float | None]:
    if isinstance(value, list | tuple) and len(value) == 1:
        value = value[0]
    try:
        score = float(value)
    except (TypeError, ValueError):
        score = None
    return read_status(value) or Status.UNSCORED, score if score == score else None
