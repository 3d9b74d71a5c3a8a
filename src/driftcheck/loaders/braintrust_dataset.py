"""Braintrust datasets: JSON, JSON lines or CSV of `input`, `expected`, `metadata` and `tags`.

One record a case. `expected` may be a text, a number or an object; tags and the fields of `metadata` can be slices.
Recognised by `input` and `expected` with a field of Braintrust's own (`_xact_id`, `dataset_id`, `origin`,
`root_span_id`), or with `metadata` or `tags` and nothing else; and by no output or scores beside them.
How to get it: Export in the dataset's view, or `GET /v1/dataset/ID/fetch`. Written to the SDK and API of 2025 and
to the datasets in Braintrust's own repositories.
"""

from __future__ import annotations

from collections.abc import Iterator

from driftcheck.loaders.case_freshness import freshness_of
from driftcheck.loaders.case_tags import case_tags, language_of
from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.document import Document, Match
from driftcheck.loaders.read_log import ReadLog
from driftcheck.loaders.record_lists import find_records, part, records_at, word
from driftcheck.loaders.reference_answers import answers_of
from driftcheck.loaders.text import conversation_of, parsed, to_text
from driftcheck.records import Case, Kind

FORMAT = "braintrust-dataset"
KIND = Kind.EVALSET

_PATHS = ("events", "rows", "records", "data")
_OWN = frozenset({"_xact_id", "dataset_id", "root_span_id", "_pagination_key", "is_root"})
_PLAIN = frozenset({"id", "input", "expected", "metadata", "tags", "created", "origin", "span_id", "project_id"})
_RESULTS = frozenset({"output", "scores", "error", "metrics", "experiment_id", "log_id", "span_attributes"})


def sniff(doc: Document) -> Match | None:
    """Recognise records with an input and an expected answer, and nothing of a run."""
    records = find_records(doc, *_PATHS)
    if records is None or not records.most_have("input"):
        return None
    keys = records.keys
    if "expected" not in keys or (keys & _RESULTS and not keys & {"dataset_id"}) or keys & {"experiment_id"}:
        return None
    own = sorted(keys & _OWN)
    if own:
        return Match(0.92, f"input, expected, {', '.join(own)} of a Braintrust dataset")
    if keys <= _PLAIN and (found := sorted(keys & {"metadata", "tags", "origin"})):
        return Match(0.6, f"input, expected, {', '.join(found)} of a Braintrust dataset")
    return None


def read(doc: Document, log: ReadLog, columns: ColumnMap) -> Iterator[Case]:
    """Read the records."""
    for where, record in records_at(doc, log, _PATHS, "record"):
        asked, metadata = parsed(record.get("input")), part(record, "metadata")
        dated = freshness_of(log, where, metadata, record)
        yield Case(
            case_id=word(record.get("id")),
            input_text=to_text(asked),
            where=where,
            conversation=conversation_of(asked),
            expected=answers_of(record.get("expected")),
            tags=case_tags(metadata, record.get("tags")),
            language=language_of(metadata, record),
            created_at=dated.created_at,
            freshness=dated.freshness,
        )
