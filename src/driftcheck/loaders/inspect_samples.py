"""Inspect samples: CSV, JSON or JSON lines with `input` and `target`, a dataset of the Inspect framework.

`target` is one accepted answer or a list of them, with `choices` the letter of one. Samples without an id are
numbered by Inspect when it runs them, so their results are joined by their input.
Recognised by `input` with `target` and no output beside them.
How to get it: the file that your task gives to `csv_dataset` or `json_dataset`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from driftcheck.loaders.case_freshness import freshness_of, tags_among
from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.document import Document, Match, Shape
from driftcheck.loaders.read_log import ReadLog
from driftcheck.loaders.text import conversation_of, parsed, to_text
from driftcheck.records import Case, Kind

FORMAT = "inspect-samples"
KIND = Kind.EVALSET

_SHAPES = (Shape.CSV, Shape.JSON, Shape.JSONL, Shape.CONCATENATED, Shape.PARQUET)
_OWN = frozenset({"choices", "sandbox", "files", "setup"})
_KNOWN = frozenset({"input", "target", "id", "metadata", "choices", "sandbox", "files", "setup"})
_OUTPUTS = frozenset(
    [
        "output",
        "outputs",
        "prediction",
        "predicted",
        "response",
        "completion",
        "actual_output",
        "answer_given",
        "score",
        "scores",
        "passed",
        "correct",
        "is_correct",
        "success",
        "epoch",
        "feedback",
        "rating",
        "trace_id",
    ]
)
_MAX_TAG = 200


def sniff(doc: Document) -> Match | None:
    """Recognise `input` and `target` in every record, and nothing that a model answered."""
    if doc.shape not in _SHAPES:
        return None
    records = doc.head if isinstance(doc.head, list) else [doc.head]
    if not records or not all(isinstance(record, dict) and {"input", "target"} <= record.keys() for record in records):
        return None
    names = {str(name).strip().lower() for record in records for name in record}
    if _OUTPUTS & names:
        return None
    own = sorted(_OWN & names)
    return Match(0.9 if own else 0.85, f"{', '.join(['input', 'target', *own])} of Inspect samples")


def read(doc: Document, log: ReadLog, columns: ColumnMap) -> Iterator[Case]:
    """Read the samples."""
    for where, record in doc.records(log):
        if not isinstance(record, Mapping):
            log.skip(where, "no sample: an object with input and target was expected")
            continue
        metadata = _metadata_of(record)
        dated = freshness_of(log, where, metadata)
        asked = parsed(record.get("input"))
        identity = record.get("id")
        yield Case(
            case_id=str(identity) if identity not in (None, "") else None,
            input_text=to_text(asked),
            where=where,
            conversation=conversation_of(asked),
            expected=accepted(record.get("target"), record.get("choices")),
            tags={name: text for name, value in tags_among(metadata).items() if (text := _tag(value))},
            language=_language(metadata),
            created_at=dated.created_at,
            freshness=dated.freshness,
        )


def accepted(target: Any, choices: Any) -> tuple[str, ...]:
    """Return the accepted answers; of a letter into `choices` the choice too.

    >>> accepted("B", ["red", "green"])
    ('green', 'B')
    """
    target, choices = parsed(target), parsed(choices)
    if isinstance(choices, str):
        choices = [choice.strip() for choice in choices.split(",")]
    answers: list[str] = []
    for item in target if isinstance(target, list) else [target]:
        answer = None if item is None else str(item).strip()
        if not answer:
            continue
        number = ord(answer) - ord("A") if len(answer) == 1 else -1
        if isinstance(choices, list) and 0 <= number < len(choices):
            answers.append(to_text(choices[number]) or answer)
        answers.append(answer)
    return tuple(dict.fromkeys(answers))


def _metadata_of(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the metadata: an object, JSON in a CSV cell, or the other columns."""
    metadata = parsed(record.get("metadata"))
    others = {str(name): value for name, value in record.items() if name not in _KNOWN}
    return {**others, **metadata} if isinstance(metadata, dict) else others


def _tag(value: Any) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    text = str(value).strip() if isinstance(value, str | int | float) else ""
    return text if text and len(text) <= _MAX_TAG else None


def _language(metadata: Mapping[str, Any]) -> str | None:
    values = (metadata.get(name) for name in ("language", "lang", "locale"))
    return next((value.strip() for value in values if isinstance(value, str) and value.strip()), None)
