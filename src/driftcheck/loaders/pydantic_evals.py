"""pydantic-evals datasets: YAML or JSON with `cases` of `inputs`, `expected_output`, `metadata` and evaluators.

One case a case; its name is its id. The fields of `metadata` can be slices. Evaluators are not run.
Recognised by `cases` whose items have `inputs` and no key that pydantic-evals does not know.
How to get it: it is the file that `Dataset.to_file(...)` writes and `Dataset.from_file(...)` reads. Written to
pydantic-evals 1.x and the datasets in its repository.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from driftcheck.loaders.case_freshness import freshness_of
from driftcheck.loaders.case_tags import case_tags, language_of
from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.document import Document, Match, Shape
from driftcheck.loaders.read_log import ReadLog
from driftcheck.loaders.record_lists import read_records, word
from driftcheck.loaders.reference_answers import answers_of
from driftcheck.loaders.text import conversation_of, to_text
from driftcheck.records import Case, Kind

FORMAT = "pydantic-evals"
KIND = Kind.EVALSET

_OF_CASE = frozenset({"name", "inputs", "metadata", "expected_output", "evaluators"})
_OF_SET = frozenset({"$schema", "name", "cases", "evaluators", "report_evaluators"})


def sniff(doc: Document) -> Match | None:
    """Recognise cases with inputs."""
    if doc.shape not in (Shape.YAML, Shape.JSON) or not isinstance(doc.head, Mapping):
        return None
    cases = doc.head.get("cases")
    if not isinstance(cases, list) or not cases or not set(doc.head) <= _OF_SET:
        return None
    if all(isinstance(case, Mapping) and "inputs" in case and set(case) <= _OF_CASE for case in cases):
        return Match(0.95, "cases with inputs of pydantic-evals")
    return None


def read(doc: Document, log: ReadLog, columns: ColumnMap) -> Iterator[Case]:
    """Read the cases."""
    if not isinstance(doc.head, Mapping):
        return
    for where, case in read_records(doc, log, "cases", "case"):
        asked, metadata = case.get("inputs"), case.get("metadata")
        dated = freshness_of(log, where, metadata)
        yield Case(
            case_id=word(case.get("name")),
            input_text=to_text(asked),
            where=where,
            conversation=conversation_of(asked),
            expected=answers_of(case.get("expected_output")),
            tags=case_tags(metadata),
            language=language_of(metadata, asked),
            created_at=dated.created_at,
            freshness=dated.freshness,
        )
