"""Langfuse dataset items: the eval sets of Langfuse, as JSON, JSON lines or CSV.

One item a case; archived items are left out and counted. Cells hold JSON. Metadata and the dataset's name can be
slices.
Recognised by `expectedOutput` with `sourceTraceId`, `datasetId`, `datasetName` or `htmlSourcePath` (or the same in
snake_case, as Python's SDK has them), also in `{"data": [...]}` and `{"items": [...]}`.
How to get it: Datasets > Export, or `GET /api/public/dataset-items`. Written to Langfuse's source of 2026.
"""

from __future__ import annotations

from collections.abc import Iterator

from driftcheck.loaders.case_freshness import freshness_of
from driftcheck.loaders.case_tags import case_tags, language_of
from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.document import Document, Match
from driftcheck.loaders.read_log import ReadLog
from driftcheck.loaders.record_lists import Record, find_records, is_blank, part, records_at, word
from driftcheck.loaders.reference_answers import answers_of
from driftcheck.loaders.text import conversation_of, parsed, to_text
from driftcheck.records import Case, Kind

FORMAT = "langfuse-dataset"
KIND = Kind.EVALSET

_PATHS = ("data", "items")
_SOURCES = ("sourceTraceId", "datasetId", "datasetName", "htmlSourcePath", "sourceObservationId")
_SNAKE = ("source_trace_id", "dataset_id", "dataset_name", "source_observation_id")
_RUNS = frozenset({"datasetRunId", "dataset_run_id", "datasetItemId", "dataset_item_id", "output", "scores"})


def sniff(doc: Document) -> Match | None:
    """Recognise the fields of dataset items."""
    records = find_records(doc, *_PATHS)
    if records is None or records.keys & _RUNS:
        return None
    keys = records.keys
    for expected, sources in (("expectedOutput", _SOURCES), ("expected_output", _SNAKE)):
        found = [name for name in sources if name in keys]
        if expected in keys and "input" in keys and found:
            return Match(0.95 if len(found) > 1 else 0.9, f"{expected} and {found[0]} of Langfuse dataset items")
    return None


def read(doc: Document, log: ReadLog, columns: ColumnMap) -> Iterator[Case]:
    """Read the items that are not archived."""
    n_items = 0
    for where, record in records_at(doc, log, _PATHS, "dataset item"):
        n_items += 1
        if str(_get(record, "status")).upper() == "ARCHIVED":
            log.skip(where, "archived in Langfuse")
            continue
        asked, metadata = parsed(record.get("input")), part(record, "metadata")
        dataset = word(_get(record, "datasetName", "dataset_name"))
        dated = freshness_of(log, where, metadata, record)
        yield Case(
            case_id=word(record.get("id")),
            input_text=to_text(asked),
            where=where,
            conversation=conversation_of(asked),
            expected=answers_of(_get(record, "expectedOutput", "expected_output")),
            tags={**({"dataset": dataset} if dataset else {}), **case_tags(metadata)},
            language=language_of(metadata, asked),
            created_at=dated.created_at,
            freshness=dated.freshness,
        )
    log.counted(n_items)


def _get(record: Record, *names: str) -> object:
    return next((record[name] for name in names if not is_blank(record.get(name))), None)
