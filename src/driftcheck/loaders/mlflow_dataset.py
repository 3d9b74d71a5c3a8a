"""MLflow evaluation datasets: records of `inputs` and `expectations`, as JSON lines, JSON, CSV or Parquet.

One record a case. Accepted is `expected_response`; of `expected_facts` all are one answer together; guidelines are
none. Tags can be slices.
Recognised by `inputs` with `expectations` (or the columns `inputs.` and `expectations.`), or by `dataset_record_id`.
How to get it: `dataset.to_df().to_json("dataset.jsonl", orient="records", lines=True)`. Written to the
documentation of MLflow 3.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from driftcheck.loaders.case_freshness import freshness_of
from driftcheck.loaders.case_tags import case_tags, language_of
from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.document import Document, Match
from driftcheck.loaders.read_log import ReadLog
from driftcheck.loaders.record_lists import find_records, part, records_at, word
from driftcheck.loaders.reference_answers import answers_of
from driftcheck.loaders.text import conversation_of, to_text
from driftcheck.records import Case, Kind

FORMAT = "mlflow-dataset"
KIND = Kind.EVALSET

_PATHS = ("records", "data", "dataset")
_FACTS = ("expected_facts", "facts")
_RULES = ("guidelines", "expected_retrieved_context")


def sniff(doc: Document) -> Match | None:
    """Recognise inputs beside expectations."""
    records = find_records(doc, *_PATHS)
    if records is None:
        return None
    heads = {key.partition(".")[0].partition("/")[0] for key in records.keys}
    if not {"inputs", "expectations"} <= heads or heads & {"assessments", "trace_id", "scores"}:
        return Match(0.9, "dataset_record_id and inputs") if {"inputs", "dataset_record_id"} <= heads else None
    return Match(0.95, "inputs and expectations of an MLflow dataset")


def read(doc: Document, log: ReadLog, columns: ColumnMap) -> Iterator[Case]:
    """Read the records."""
    for where, record in records_at(doc, log, _PATHS, "record"):
        asked, tags = part(record, "inputs"), part(record, "tags")
        dated = freshness_of(log, where, tags, record)
        yield Case(
            case_id=word(record.get("dataset_record_id")) or word(record.get("id")),
            input_text=to_text(asked),
            where=where,
            conversation=conversation_of(asked),
            expected=_expected(part(record, "expectations")),
            tags=case_tags(tags if isinstance(tags, Mapping) else None, tags if isinstance(tags, list) else None),
            language=language_of(tags, asked),
            created_at=dated.created_at,
            freshness=dated.freshness,
        )


def _expected(expectations: Any) -> tuple[str, ...]:
    if not isinstance(expectations, Mapping):
        return answers_of(expectations)
    answers = {key: value for key, value in expectations.items() if key not in (*_FACTS, *_RULES)}
    if found := answers_of(answers):
        return found
    facts = next((expectations[name] for name in _FACTS if isinstance(expectations.get(name), list)), ())
    joined = "\n".join(text for fact in facts if (text := to_text(fact)))
    return (joined,) if joined else ()
