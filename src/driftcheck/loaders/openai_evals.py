"""OpenAI evals samples: JSON lines of `input` (messages or a text) and `ideal`, and the registry YAML.

`ideal` is one accepted answer or a list of them; model-graded samples have none. Samples carry no id: runs name
them by position, so results are joined by their input. A registry YAML is read through `samples_jsonl`, looked
for in the `data` folder beside it.
Recognised by `input` with `ideal`, by message lists alone, by `question`, `choices` and `answerKey`, by `sample` alone
(few-shot examples, which are read as cases), or by entries with `class: evals...`.
How to get it: the files under `evals/registry/data` and `evals/registry/evals` of your copy of openai/evals.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from driftcheck.errors import InputError
from driftcheck.loaders.case_freshness import freshness_of
from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.document import Document, Match, Shape, open_document
from driftcheck.loaders.read_log import ReadLog
from driftcheck.loaders.text import conversation_of, is_message, to_text
from driftcheck.records import Case, Kind

FORMAT = "openai-evals"
KIND = Kind.EVALSET

_LINES = (Shape.JSONL, Shape.JSON, Shape.CONCATENATED)
_FOREIGN = """
output outputs response completion actual_output prediction sampled correct score target expected expectedoutput
expected_output reference outcome model timestamp trace_id traceid session_id sessionid start_time
"""
_NOT_SAMPLES = frozenset(_FOREIGN.split())
"""Keys of results, traces and the eval sets of other tools."""
_IDEALS = ("ideal", "answer", "answerKey", "completion")


def sniff(doc: Document) -> Match | None:
    """Recognise samples by their keys, or a registry by its classes."""
    if doc.shape is Shape.YAML:
        n_entries = len(_entries(doc.head))
        return Match(0.9, "entries with class evals... : an OpenAI evals registry") if n_entries else None
    if doc.shape not in _LINES:
        return None
    records = [record for record in (doc.head if isinstance(doc.head, list) else [doc.head]) if record]
    if not records or not all(isinstance(record, dict) for record in records):
        return None
    foreign = any(str(key).lower() in _NOT_SAMPLES for record in records for key in record)
    n_ideal = sum("input" in record and "ideal" in record for record in records)
    if n_ideal >= 0.5 * len(records) and not foreign:
        return Match(0.95, "input and ideal of OpenAI evals samples")
    if all({"question", "choices", "answerKey"} <= record.keys() for record in records):
        return Match(0.8, "question, choices and answerKey of multiple-choice samples")
    if all(record.keys() == {"sample"} and _is_chat(record["sample"]) for record in records):
        return Match(0.8, "sample as a list of messages: few-shot examples of OpenAI evals")
    if not foreign and all(_is_chat(record.get("input")) for record in records):
        return Match(0.6, "input as a list of messages and no output: model-graded OpenAI evals samples")
    return None


def read(doc: Document, log: ReadLog, columns: ColumnMap) -> Iterator[Case]:
    """Read the samples, or those of the files that a registry names."""
    if doc.shape is not Shape.YAML:
        yield from _cases(doc, log)
        return
    log.counted(len(doc.head) if isinstance(doc.head, dict) else 0)
    for path in dict.fromkeys(_samples_of(doc.head)):
        samples = _find_samples(doc, path, log)
        if samples is not None:
            yield from _cases(samples, log)


def _cases(doc: Document, log: ReadLog) -> Iterator[Case]:
    """Read samples; they carry no topic, so the folder, which is named for the eval, is their slice."""
    folder = doc.source.path.parent.name if doc.source.path else ""
    tags = {"eval": folder} if folder else {}
    for where, record in doc.records(log):
        if isinstance(record, Mapping):
            yield _case(where, record, tags, log)
        else:
            log.skip(where, "no sample: an object with input was expected")


def _case(where: str, record: Mapping[str, Any], tags: Mapping[str, str], log: ReadLog) -> Case:
    dated = freshness_of(log, where, record.get("metadata"), record)
    if _is_chat(record.get("sample")):
        record = _example(record["sample"])
    asked = next((record[key] for key in ("input", "prompt", "question") if record.get(key) is not None), None)
    identity = record.get("id")
    return Case(
        case_id=str(identity) if isinstance(identity, str | int) else None,
        input_text=to_text(asked),
        where=where,
        conversation=conversation_of(asked),
        expected=_accepted(record),
        tags=tags,
        created_at=dated.created_at,
        freshness=dated.freshness,
    )


def _example(turns: list[Mapping[str, Any]]) -> dict[str, Any]:
    """Read a few-shot example as a sample: its last turn, by the name example_assistant, is the ideal answer."""
    *asked, last = turns
    answers = last.get("name") == "example_assistant" or last.get("role") == "assistant"
    return {"input": asked, "ideal": last.get("content")} if asked and answers else {"input": turns}


def _accepted(record: Mapping[str, Any]) -> tuple[str, ...]:
    ideal = next((record[key] for key in _IDEALS if record.get(key) is not None), None)
    answers = [str(item) if not isinstance(item, dict) else to_text(item) for item in _list(ideal)]
    choices = record.get("choices")
    if isinstance(choices, Mapping) and isinstance(ideal, str):  # {"text": [...], "label": ["A", ...]}
        texts = dict(zip(map(str, _list(choices.get("label"))), _list(choices.get("text")), strict=False))
        answers += [str(texts[ideal])] if ideal in texts else []
    return tuple(answer for answer in answers if answer)


def _entries(registry: Any) -> list[Mapping[str, Any]]:
    """Return the entries of a registry that name a class of evals."""
    if not isinstance(registry, dict) or not all(isinstance(entry, dict) for entry in registry.values()):
        return []
    return [entry for entry in registry.values() if str(entry.get("class", "")).startswith("evals.")]


def _samples_of(registry: Any) -> Iterator[str]:
    for entry in _entries(registry):
        arguments = entry.get("args")
        path = arguments.get("samples_jsonl") if isinstance(arguments, dict) else None
        if isinstance(path, str):
            yield path


def _find_samples(doc: Document, path: str, log: ReadLog) -> Document | None:
    for folder in ("../data/", ""):
        try:
            source = doc.source.sibling(folder + path, up=1)
        except InputError:
            continue
        try:
            return open_document(source)
        except InputError as error:
            log.warn(f"{error}; its samples are not loaded")
            return None
    log.warn(f"{path} is missing in the registry's data folder: its samples are not loaded")
    return None


def _is_chat(value: Any) -> bool:
    return (
        isinstance(value, list) and bool(value) and all(isinstance(turn, dict) and is_message(turn) for turn in value)
    )


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
