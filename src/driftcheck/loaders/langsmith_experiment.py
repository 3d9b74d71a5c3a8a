"""LangSmith experiments: runs over a dataset with the feedback of their evaluators, as JSON, JSON lines or CSV.

One root run a result, of the example that it names. LangSmith writes no verdict: a run passes where all feedback is
0.5 or more (or says so, as `correct`); a run with `error` is an error. Child runs are counted and belong to theirs.
Recognised by runs with `reference_example_id`; by the columns of `to_pandas()` (`inputs.`, `outputs.`, `reference.`,
`feedback.`, `example_id`); by `reference_outputs` beside `outputs` (CSV of the experiment's view); by `run`,
`example` and `evaluation_results` (rows of `evaluate()`); or by examples that hold their `runs`.
How to get it: `evaluate(...).to_pandas()`, `client.list_runs(project_name=EXPERIMENT)`, or Download as CSV. Written
to langsmith 0.3 and to LangSmith's documentation of 2025.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.document import Document, Match
from driftcheck.loaders.read_log import ReadLog
from driftcheck.loaders.record_lists import (
    Record,
    RecordList,
    find_records,
    is_blank,
    mapping,
    part,
    read_records,
    word,
)
from driftcheck.loaders.score_verdicts import ScoreVerdicts, is_score
from driftcheck.loaders.statuses import read_status
from driftcheck.loaders.text import parsed, to_text
from driftcheck.loaders.timestamps import parse_timestamp
from driftcheck.records import Kind, Result, Status

FORMAT = "langsmith-experiment"
KIND = Kind.RESULTS

_PATHS = ("runs", "results", "examples", "examples_with_runs", "data")
_REFERENCES = ("reference_outputs", "reference_output", "Reference Outputs", "Reference Output")
_NO_FEEDBACK = frozenset(
    (
        *("id", "inputs", "outputs", "input", "output", "error", "status", "latency", "tokens", "total_tokens", "cost"),
        *("total_cost", "execution_time", "example_id", "run_id", "start_time", "end_time", "created_at", "split"),
        *("reference_outputs", "reference_output", "prompt_tokens", "completion_tokens", "repetition", "index"),
    )
)


def sniff(doc: Document) -> Match | None:
    """Recognise the shapes in which experiments leave LangSmith."""
    records = find_records(doc, *_PATHS)
    if records is None:
        return None
    keys = records.keys
    roots = [record for record in records.head if _is_root(record)]
    if keys & {"run_type", "feedback_stats", "trace_id"} and "reference_example_id" in keys:
        n_of_examples = sum(not is_blank(record.get("reference_example_id")) for record in roots)
        return Match(0.97, "runs with reference_example_id") if n_of_examples > 0.5 * len(roots) else None
    if records.most_have("run", "example", "evaluation_results"):
        return Match(0.95, "run, example and evaluation_results of evaluate()")
    if records.most_have("inputs", "runs") and all(isinstance(record.get("runs"), list) for record in roots):
        return Match(0.9, "examples with their runs")
    heads = {key.partition(".")[0] for key in keys if "." in key}
    if "inputs" in heads and heads & {"outputs", "reference"} and ("feedback" in heads or "example_id" in keys):
        return Match(0.95, "inputs., outputs. and feedback. of to_pandas()")
    if any(key in keys for key in _REFERENCES) and {"inputs", "outputs"} <= {key.casefold() for key in keys}:
        return Match(0.85, "inputs, outputs and reference_outputs of an experiment")
    return None


def read(doc: Document, log: ReadLog, columns: ColumnMap) -> Iterator[Result]:
    """Read the root runs."""
    records = find_records(doc, *_PATHS)
    if records is None:
        return
    reader = _Reader(ScoreVerdicts(columns), _feedback_columns(records))
    n_rows = 0
    for where, record in read_records(doc, log, records.path, "run"):
        n_rows += 1
        if {"run", "evaluation_results"} <= record.keys():
            yield reader.row(where, record)
        elif isinstance(record.get("runs"), list):
            for number, run in enumerate(record["runs"]):
                yield reader.run(where, {"reference_example_id": record.get("id"), **mapping(run)}, record, number)
        elif _is_root(record):
            yield reader.run(where, record, record)
    log.counted(n_rows)
    reader.verdicts.say(log)


class _Reader:
    """Makes results of the runs of one file."""

    def __init__(self, verdicts: ScoreVerdicts, feedback: list[str]) -> None:
        self.verdicts = verdicts
        self._feedback = feedback

    def row(self, where: str, record: Record) -> Result:
        """Read a dumped row of `evaluate()`."""
        example = mapping(record["example"])
        listed = mapping(record["evaluation_results"]).get("results")
        scores = {}
        for entry in listed if isinstance(listed, list) else []:
            score = mapping(entry)
            scores[str(score.get("key"))] = score["score"] if score.get("score") is not None else score.get("value")
        return self.run(
            where, {"reference_example_id": example.get("id"), **mapping(record["run"])}, example, 0, scores
        )

    def run(
        self, where: str, run: Record, example: Record, repeat: int = 0, scores: Mapping[str, Any] | None = None
    ) -> Result:
        """Read a run of an example, which also stand in one row."""
        scores = self._scores(run) if scores is None else scores
        status, score = self.verdicts.of(scores)
        error = run.get("error", run.get("Error"))
        broken = not is_blank(error) or read_status(run.get("status", run.get("Status"))) is Status.ERROR
        asked = part(example, "inputs") or part(run, "inputs") or parsed(run.get("Inputs"))
        number = run.get("repetition")
        return Result(
            run_id=word(run.get("session_id")) or word(run.get("session_name")) or word(run.get("project_name")),
            case_id=word(run.get("reference_example_id")) or word(run.get("example_id")),
            input_text=to_text(asked),
            status=Status.ERROR if broken else status,
            where=where,
            run_time=parse_timestamp(run.get("start_time")),
            score=None if broken else score,
            model=_model(run),
            repeat=number if isinstance(number, int) else repeat,
            error=str(error) if broken and not is_blank(error) else None,
            rubric=self.verdicts.rubric(scores),
        )

    def _scores(self, run: Record) -> dict[str, Any]:
        stats = parsed(run.get("feedback_stats"))
        if isinstance(stats, Mapping):
            return {str(key): _average(mapping(stat)) for key, stat in stats.items()}
        return {name.removeprefix("feedback."): run.get(name) for name in self._feedback}


def _average(stat: Record) -> Any:
    """Average of one key's feedback; of a category, the value most often given."""
    if not is_blank(stat.get("avg")):
        return stat["avg"]
    values = mapping(stat.get("values"))
    return max(values, key=lambda value: (values[value], value), default=None) if values else None


def _feedback_columns(records: RecordList) -> list[str]:
    keys = sorted(records.keys)
    named = [key for key in keys if key.startswith("feedback.")]
    if named or not any(key in keys for key in _REFERENCES):
        return named
    found = []
    for key in keys:
        values = [record[key] for record in records.head if not is_blank(record.get(key))]
        known = key.casefold().replace(" ", "_") in _NO_FEEDBACK
        if not known and values and all(is_score(value) or read_status(value) for value in values):
            found.append(key)
    return found


def _is_root(record: Record) -> bool:
    parent = record.get("parent_run_id")
    return is_blank(parent) or (not is_blank(record.get("trace_id")) and record["trace_id"] == record.get("id"))


def _model(run: Record) -> str | None:
    metadata = mapping(mapping(parsed(run.get("extra"))).get("metadata"))
    return word(metadata.get("ls_model_name")) or word(metadata.get("model"))
