"""Ragas testsets: what `TestsetGenerator` makes and `EvaluationDataset` holds, as CSV, JSON lines, JSON or Parquet.

One sample a case; synthesizer (or evolution type), persona, style and length of the query are its tags. Of several
turns the last one of the user is the input.
Recognised by `user_input` with `reference`, `reference_contexts` or `synthesizer_name` (0.2 and later), or by
`question` and `ground_truth` with `evolution_type`, `episode_done` or `contexts` (0.1), where no metric has a column.
How to get it: `testset.to_pandas().to_csv(...)`, `testset.to_jsonl(...)`. Written to ragas 0.2 to 0.4.
"""

from __future__ import annotations

from collections.abc import Iterator

from driftcheck.loaders.case_freshness import freshness_of
from driftcheck.loaders.case_tags import case_tags, language_of, other_fields
from driftcheck.loaders.columns import ColumnMap, find_column
from driftcheck.loaders.document import Document, Match
from driftcheck.loaders.ragas_metrics import is_metric
from driftcheck.loaders.read_log import ReadLog
from driftcheck.loaders.record_lists import Record, find_records, mapping, records_at, word
from driftcheck.loaders.reference_answers import answers_of
from driftcheck.loaders.text import conversation_of, parsed, to_text
from driftcheck.records import Case, Kind

FORMAT = "ragas-testset"
KIND = Kind.EVALSET

_PATHS = ("samples", "testset", "test_data")
_NEW = frozenset(
    (
        *("reference", "reference_contexts", "synthesizer_name", "persona_name", "query_style", "query_length"),
        *("rubrics", "reference_tool_calls", "reference_topics"),
    )
)
_OLD = frozenset({"evolution_type", "episode_done", "contexts"})
_CONTENT = frozenset(
    (
        *("user_input", "question", "reference", "reference_contexts", "ground_truth", "ground_truths", "contexts"),
        *("retrieved_contexts", "response", "answer", "metadata", "episode_done", "eval_sample", "rubrics", "id"),
        *("reference_tool_calls", "reference_context_ids", "retrieved_context_ids", "reference_topics", "column 1"),
    )
)


def sniff(doc: Document) -> Match | None:
    """Recognise the columns of samples, where no metric is beside them."""
    records = find_records(doc, *_PATHS)
    if records is None:
        return None
    keys = {key for record in records.head for key in _sample(record)}
    if any(map(is_metric, keys)) or find_column(keys, ("score", "passed", "success", "correct", "verdict", "trace_id")):
        return None
    if "user_input" in keys and (found := sorted(keys & _NEW)):
        sure = 0.6 if keys & {"response", "retrieved_contexts"} else 0.75 if found == ["reference"] else 0.92
        return Match(sure, f"user_input, {', '.join(found)} of a Ragas testset")
    if {"question", "ground_truth"} <= keys and (found := sorted(keys & _OLD)):
        sure = 0.9 if "evolution_type" in keys else 0.6
        return Match(sure, f"question, ground_truth, {', '.join(found)} of a Ragas 0.1 testset")
    return None


def read(doc: Document, log: ReadLog, columns: ColumnMap) -> Iterator[Case]:
    """Read the samples."""
    for where, record in records_at(doc, log, _PATHS, "sample"):
        sample = _sample(record)
        asked = parsed(sample.get("user_input", sample.get("question")))
        metadata = sample.get("metadata")
        answer = next((sample[key] for key in ("reference", "ground_truth", "ground_truths") if sample.get(key)), None)
        own = other_fields(sample, _CONTENT)
        dated = freshness_of(log, where, parsed(metadata), own)
        yield Case(
            case_id=word(sample.get("id")),
            input_text=to_text(asked),
            where=where,
            conversation=conversation_of(asked),
            expected=answers_of(answer),
            tags={**case_tags(metadata), **case_tags(own)},
            language=language_of(own, metadata),
            created_at=dated.created_at,
            freshness=dated.freshness,
        )


def _sample(record: Record) -> Record:
    """Return a sample; older testsets wrap it: `{"eval_sample": {...}, "synthesizer_name": ...}`."""
    inner = mapping(record.get("eval_sample"))
    return {**inner, **record} if inner else record
