"""LangSmith datasets: examples of `inputs` and reference `outputs`, as JSON, JSON lines or CSV.

One example a case. The question is taken out of `inputs` (the last user turn of a chat), the answer out of
`outputs`; a score among the outputs is no answer. Splits and metadata can be slices.
Recognised by `inputs` as an object beside `outputs` (also in `{"name": ..., "examples": [...]}`) with nothing of a
run, or by CSV columns that begin with `input_` and `output_` (or `inputs.` and `outputs.`).
How to get it: Download dataset (JSONL, CSV) in its view, or `client.list_examples(...)` as JSON. JSON is written to
the datasets in LangChain's repositories, JSON lines and CSV to LangSmith's documentation of 2025.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from driftcheck.loaders.case_freshness import freshness_of
from driftcheck.loaders.case_tags import case_tags, language_of
from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.document import Document, Match, Shape
from driftcheck.loaders.read_log import ReadLog
from driftcheck.loaders.record_lists import Record, find_records, is_blank, mapping, part, records_at, word
from driftcheck.loaders.reference_answers import answers_of
from driftcheck.loaders.text import TEXT_KEYS, conversation_of, parsed, to_text
from driftcheck.records import Case, Kind

FORMAT = "langsmith-dataset"
KIND = Kind.EVALSET

_PATHS = ("examples", "data.examples")
_OWN = frozenset({"dataset_id", "source_run_id", "modified_at", "attachment_urls", "split"})
_RUNS = frozenset(
    (
        *("run_type", "trace_id", "start_time", "end_time", "dotted_order", "parent_run_id", "expectations", "runs"),
        *("feedback_stats", "reference_example_id", "example_id", "reference_outputs", "execution_time", "error"),
        *("scores", "score", "feedback", "op_name"),
    )
)
_INPUTS = ("input_", "inputs.", "inputs_", "input.")
_OUTPUTS = ("output_", "outputs.", "outputs_", "output.")


def sniff(doc: Document) -> Match | None:
    """Recognise examples, and nothing that a run has."""
    records = find_records(doc, *_PATHS)
    if records is None or records.keys & _RUNS:
        return None
    keys = records.keys
    n_objects = sum(isinstance(parsed(record.get("inputs")), Mapping) for record in records.head)
    if n_objects and n_objects >= 0.8 * len(records.head) and ("outputs" in keys or keys & _OWN):
        sure = 0.93 if records.path or keys & _OWN else 0.85
        return Match(sure, f"inputs and outputs of LangSmith examples{f' in {records.path}' if records.path else ''}")
    if doc.shape in (Shape.CSV, Shape.PARQUET):
        asked = sorted(key for key in keys if key.casefold().startswith(_INPUTS))
        answered = sorted(key for key in keys if key.casefold().startswith(_OUTPUTS))
        marks = [key for key in keys if key.startswith(("feedback.", "reference.", "metadata_", "attributes."))]
        if asked and answered and "input" not in keys and not marks:
            return Match(0.6, f"{asked[0]} and {answered[0]} of a LangSmith dataset")
    return None


def read(doc: Document, log: ReadLog, columns: ColumnMap) -> Iterator[Case]:
    """Read the examples."""
    for where, record in records_at(doc, log, _PATHS, "example"):
        asked = _bare(parsed(record["inputs"])) if "inputs" in record else _columns(record, _INPUTS)
        answer = parsed(record["outputs"]) if "outputs" in record else _columns(record, _OUTPUTS)
        metadata = part(record, "metadata")
        split = record.get("split")
        dated = freshness_of(log, where, metadata, record)
        yield Case(
            case_id=word(record.get("id")),
            input_text=to_text(asked),
            where=where,
            conversation=conversation_of(asked),
            expected=answers_of(answer),
            tags=case_tags({**mapping(metadata), **({"split": split} if split else {})}),
            language=language_of(metadata, asked),
            created_at=dated.created_at,
            freshness=dated.freshness,
        )


def _bare(inputs: Any) -> Any:
    """Read `input_question` of the inputs as `question`: examples made of a CSV keep the names of its columns."""
    if not isinstance(inputs, Mapping) or not set(TEXT_KEYS).isdisjoint(inputs):
        return inputs
    return {str(key).removeprefix("input_"): value for key, value in inputs.items()}


def _columns(record: Record, prefixes: tuple[str, ...]) -> dict[str, Any]:
    """Put the columns of a CSV export together again: `input_question` is `question` of the inputs."""
    found: dict[str, Any] = {}
    for key, value in record.items():
        for prefix in prefixes:
            if str(key).casefold().startswith(prefix) and not is_blank(value):
                found.setdefault(str(key)[len(prefix) :], parsed(value))
    return found
