"""MT-Bench questions (FastChat's LLM judge): JSON lines of `question_id`, `category` and `turns`.

One question a case. Its turns are the user's, one after another: the first is the input, all are the conversation,
because a later one (`rewrite your answer`) says nothing of the topic. The category can be a slice.
Recognised by `question_id` and `turns` as a list of texts. Answers and judgments are results: see
mt-bench-judgments.
How to get it: `data/BENCH/question.jsonl`. Written to FastChat 0.2.36.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from driftcheck.loaders.case_freshness import freshness_of
from driftcheck.loaders.case_tags import case_tags, language_of, other_fields
from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.document import Document, Match
from driftcheck.loaders.read_log import ReadLog
from driftcheck.loaders.record_lists import find_records, read_records, word
from driftcheck.loaders.reference_answers import answers_of
from driftcheck.loaders.text import to_text
from driftcheck.records import Case, Kind

FORMAT = "mt-bench"
KIND = Kind.EVALSET

_CONTENT = ("question_id", "turns", "reference", "prompt", "messages", "cluster", "uid")


def sniff(doc: Document) -> Match | None:
    """Recognise questions by their turns."""
    records = find_records(doc)
    if records is None or not records.most_have("question_id", "turns"):
        return None
    if records.keys & {"choices", "model_id", "judgment"}:
        return None
    n_texts = sum(bool(_turns(record.get("turns"))) for record in records.head)
    return Match(0.93, "question_id and turns of MT-Bench questions") if n_texts >= 0.8 * len(records.head) else None


def read(doc: Document, log: ReadLog, columns: ColumnMap) -> Iterator[Case]:
    """Read the questions."""
    for where, record in read_records(doc, log, "", "question"):
        turns = _turns(record.get("turns"))
        own = other_fields(record, _CONTENT)
        dated = freshness_of(log, where, own.get("metadata"), own)
        references = record.get("reference")
        yield Case(
            case_id=word(record.get("question_id")),
            input_text=to_text(turns[0]) if turns else None,
            where=where,
            conversation="\n".join(f"user: {turn}" for turn in turns) if len(turns) > 1 else None,
            expected=answers_of(references[:1] if isinstance(references, list) else references),
            tags=case_tags(own),
            language=language_of(own),
            created_at=dated.created_at,
            freshness=dated.freshness,
        )


def _turns(turns: Any) -> list[str]:
    """Texts of the turns; newer benches (Arena-Hard) write `{"content": ...}` for each."""
    if not isinstance(turns, list):
        return []
    texts = [turn if isinstance(turn, str) else to_text(turn) for turn in turns]
    return [text for text in texts if text]
