"""OpenAI evals records: the JSON lines that `oaieval` writes, one result a sample.

The events of a sample are joined: `sampling` has its prompt, `match` or `metrics` its verdict, `error` what went
wrong. The first sampling is the answer, a second one is the grader's. A sample that nothing graded is unscored, a
number between 0 and 1 too. The final report may stand anywhere and is not needed.
Recognised by a line with `spec`, and events with `sample_id`, `type` and `data`.
How to get it: `oaieval MODEL EVAL --record_path run.jsonl` (else it lies in the folder `evallogs` of temporary files).
Written to evals 3.0.1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.document import Document, Match, Shape
from driftcheck.loaders.read_log import ReadLog
from driftcheck.loaders.record_lists import Record, find_records, mapping, read_records, word
from driftcheck.loaders.statuses import read_status
from driftcheck.loaders.text import to_text
from driftcheck.loaders.timestamps import parse_timestamp
from driftcheck.records import Kind, Result, Status

FORMAT = "openai-evals-records"
KIND = Kind.RESULTS

_EVENT = frozenset({"sample_id", "type", "data"})
_VERDICTS = ("correct", "score", "accuracy", "choice", "passed", "is_correct")


def sniff(doc: Document) -> Match | None:
    """Recognise the spec and the events."""
    records = find_records(doc) if doc.shape in (Shape.JSONL, Shape.CONCATENATED, Shape.JSON) else None
    if records is None or isinstance(doc.head, Mapping):
        return None
    n_known = sum(record.keys() >= _EVENT or "spec" in record or "final_report" in record for record in records.head)
    n_events = sum(record.keys() >= _EVENT for record in records.head)
    spec = any(mapping(record.get("spec")).keys() & {"eval_name", "completion_fns"} for record in records.head)
    if n_known < 0.8 * len(records.head) or not (spec or n_events):
        return None
    return Match(0.97 if spec else 0.85, "spec and events of oaieval" if spec else "events of oaieval")


def read(doc: Document, log: ReadLog, columns: ColumnMap) -> Iterator[Result]:
    """Join the events of each sample; events of one are few, so that a run's samples are kept."""
    samples: dict[str, _Sample] = {}
    spec: Record = {}
    for where, line in read_records(doc, log, "", "event"):
        if "spec" in line:
            spec = mapping(line["spec"])
        identity = word(line.get("sample_id"))
        if identity is None:
            continue
        samples.setdefault(identity, _Sample(where)).add(str(line.get("type")), mapping(line.get("data")))
    models = spec.get("completion_fns")
    degrees = False
    for identity, sample in samples.items():
        status, score = sample.verdict()
        degrees = degrees or (status is Status.UNSCORED and score is not None)
        yield Result(
            run_id=word(spec.get("run_id")),
            case_id=identity,
            input_text=to_text(sample.prompt),
            status=status,
            where=sample.where,
            run_time=parse_timestamp(spec.get("created_at")),
            score=score,
            model=", ".join(map(str, models)) if isinstance(models, list) and models else word(models),
            variant=word(spec.get("eval_name")) or word(spec.get("base_eval")),
            error=sample.error if status is Status.ERROR else None,
        )
    if not samples:
        log.warn(f"{doc.source.name} holds no samples; run the eval to its end")
    if degrees:
        log.warn("scores between 0 and 1 are no verdict, so their samples are unscored; grade them with choice_scores")


@dataclass
class _Sample:
    """What the events say of one sample."""

    where: str
    prompt: Any = None
    error: str | None = None
    graded: list[Mapping[str, Any]] = field(default_factory=list)

    def add(self, kind: str, data: Mapping[str, Any]) -> None:
        if kind == "sampling" and self.prompt is None:
            self.prompt = data.get("prompt")
        elif kind == "error":
            self.error = str(data.get("message") or data.get("error") or data.get("type") or "error")
        elif kind in ("match", "metrics", "pick_option"):
            self.graded.append(data)
            if self.prompt is None:
                self.prompt = data.get("prompt")

    def verdict(self) -> tuple[Status, float | None]:
        score = None
        for data in self.graded:
            for name in _VERDICTS:
                value = data.get(name)
                status = read_status(value)
                if status is not None:
                    return status, {Status.PASS: 1.0, Status.FAIL: 0.0}.get(status)
                if isinstance(value, int | float) and value == value:
                    score = float(value)
        return (Status.ERROR if self.error and score is None else Status.UNSCORED), score
