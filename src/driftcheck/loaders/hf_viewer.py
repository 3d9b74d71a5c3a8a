"""Hugging Face dataset viewer: a page of rows as its API gives them, saved as JSON.

One row a case. The input is the column named for one; where a row holds a list of `questions` about a text (CoQA and
its like), they are the turns of one conversation, and the last one is the input. Rows that a generic format reads by
the names of their columns are left to it.
Recognised by `features` beside `rows` of `row_idx` and `row`.
How to get it: `GET https://datasets-server.huggingface.co/rows?dataset=...`. Written to the API of 2025.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from driftcheck.loaders.case_freshness import freshness_of
from driftcheck.loaders.case_tags import case_tags, language_of
from driftcheck.loaders.columns import ColumnMap, aliases_of, find_column
from driftcheck.loaders.document import Document, Match, Shape
from driftcheck.loaders.generic_kinds import kinds_of
from driftcheck.loaders.generic_table import table_of
from driftcheck.loaders.read_log import ReadLog
from driftcheck.loaders.record_lists import find_records, is_blank, mapping, read_records, word
from driftcheck.loaders.reference_answers import answers_of
from driftcheck.loaders.text import to_text
from driftcheck.records import Case, Kind

FORMAT = "hf-viewer"
KIND = Kind.EVALSET

_INPUTS = (*aliases_of("input"), "questions", "sentence", "premise", "problem", "goal", "story", "passage", "article")
_ANSWERS = (*aliases_of("expected"), *aliases_of("answer"), "answers", "summary", "highlights")


def sniff(doc: Document) -> Match | None:
    """Recognise a page of rows that no generic format can read."""
    records = find_records(doc, "rows") if doc.shape is Shape.JSON else None
    if records is None or records.path != "rows" or not records.most_have("row_idx", "row"):
        return None
    if not isinstance(mapping(doc.head).get("features"), list):
        return None
    rows = [mapping(record.get("row")) for record in records.head]
    asked = find_column({str(key) for row in rows for key in row}, _INPUTS)
    table = table_of(doc)
    if asked is None or (table is not None and kinds_of(table)):
        return None
    return Match(0.6, f"features and rows of the Hugging Face viewer, with {asked}")


def read(doc: Document, log: ReadLog, columns: ColumnMap) -> Iterator[Case]:
    """Read the rows of the page."""
    for where, record in read_records(doc, log, "rows", "row"):
        row = mapping(record.get("row"))
        asked, answer = find_column(map(str, row), _INPUTS), find_column(map(str, row), _ANSWERS)
        turns = _texts(row.get(asked)) if asked else []
        dated = freshness_of(log, where, row.get("metadata"), row)
        yield Case(
            case_id=word(row.get("id")),
            input_text=turns[-1] if turns else None,
            where=where,
            conversation="\n".join(f"user: {turn}" for turn in turns) if len(turns) > 1 else None,
            expected=_answers(row.get(answer), len(turns)) if answer else (),
            tags=case_tags({key: value for key, value in row.items() if key not in (asked, answer)}),
            language=language_of(row),
            created_at=dated.created_at,
            freshness=dated.freshness,
        )


def _texts(value: Any) -> list[str]:
    """Texts of the turns; a list of texts has one for each."""
    values = value if isinstance(value, list) and all(isinstance(item, str) for item in value) else [value]
    return [text for item in values if (text := to_text(item))]


def _answers(value: Any, n_turns: int) -> tuple[str, ...]:
    """Accepted answers; of one answer a turn (`{"input_text": [...], "answer_start": [...]}`), the last."""
    if isinstance(value, Mapping):
        value = next((item for key in ("input_text", "text", "answer") if not is_blank(item := value.get(key))), value)
    answers = answers_of(value)
    return answers[-1:] if len(answers) == n_turns > 1 else answers
