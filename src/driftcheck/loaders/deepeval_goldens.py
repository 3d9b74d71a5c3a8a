"""DeepEval goldens: the datasets of DeepEval and Confident AI, as JSON, JSON lines or CSV.

One golden a case. `name` is its id, `additional_metadata` and columns of your own are its tags. A conversational
golden (`scenario`, `turns`, `expected_outcome`) begins with its first user turn, or with its scenario where it has
no turns. Outputs and retrieved contexts that a file also holds are no part of a case.
Recognised by `input` with two or more of `expected_output`, `context`, `retrieval_context`, `source_file`,
`additional_metadata`, `expected_tools`, ... (or the same in camelCase), or by `scenario` with `turns` or
`expected_outcome`; and by no verdict beside them.
How to get it: `EvaluationDataset.save_as(file_type="json", directory=...)`, or Export in Confident AI. Written to
deepeval 4.3.1, and to the older files in its repository.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from driftcheck.loaders.case_freshness import freshness_of
from driftcheck.loaders.case_tags import case_tags, language_of, other_fields
from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.document import Document, Match
from driftcheck.loaders.read_log import ReadLog
from driftcheck.loaders.record_lists import find_records, read_records, word
from driftcheck.loaders.reference_answers import answers_of
from driftcheck.loaders.text import conversation_of, messages_of, parsed, to_text
from driftcheck.records import Case, Kind

FORMAT = "deepeval-goldens"
KIND = Kind.EVALSET

_LISTS = ("goldens", "conversationalGoldens", "conversational_goldens")
_SINGLE = frozenset(
    (
        *("actual_output", "expected_output", "retrieval_context", "context", "source_file", "additional_metadata"),
        *("custom_column_key_values", "comments", "tools_called", "expected_tools"),
    )
)
_TYPICAL = _SINGLE - {"context", "comments"}
_MULTI = frozenset({"turns", "expected_outcome", "user_description", "chatbot_role"})
_KNOWN = _SINGLE | _MULTI | {"input", "name", "scenario", "id", "expectations", "multimodal", "images_mapping"}
_COUNTS = frozenset({"token_cost", "input_token_count", "output_token_count", "completion_time"})
_RESULTS = frozenset(
    (
        *("success", "metrics_data", "metrics", "score", "scores", "passed", "verdict", "trace_id", "timestamp"),
        *("run_duration", "correct", "status"),
    )
)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def sniff(doc: Document) -> Match | None:
    """Recognise the fields of goldens, in either spelling, where there is nothing of a result."""
    records = find_records(doc, *_LISTS)
    if records is None:
        return None
    keys = {_snake(key) for key in records.keys}
    if keys & _RESULTS or any(key.endswith("_score") for key in keys):
        return None
    named = records.path in _LISTS
    if "scenario" in keys and (found := sorted(keys & _MULTI)):
        return Match(0.95 if named else 0.85, f"scenario, {', '.join(found)} of DeepEval's conversational goldens")
    found = sorted(keys & _SINGLE)
    if "input" in keys and (named or (len(found) >= 2 and keys & _TYPICAL)):
        return Match(0.95 if named else 0.85, f"{', '.join(['input', *found])} of DeepEval goldens")
    return None


def read(doc: Document, log: ReadLog, columns: ColumnMap) -> Iterator[Case]:
    """Read the goldens."""
    records = find_records(doc, *_LISTS)
    if records is None:
        return
    for path in dict.fromkeys((records.path, *(_LISTS if records.path else ()))):
        for where, record in read_records(doc, log, path, "golden"):
            yield _case(where, {_snake(str(key)): value for key, value in record.items()}, log)


def _case(where: str, golden: Mapping[str, Any], log: ReadLog) -> Case:
    turns = parsed(golden.get("turns"))
    asked = golden.get("input")
    own = case_tags(other_fields(golden, _KNOWN | _COUNTS))
    custom, metadata = golden.get("custom_column_key_values"), golden.get("additional_metadata")
    answer = golden.get("expected_output")
    dated = freshness_of(log, where, parsed(metadata), parsed(custom), golden)
    return Case(
        case_id=word(golden.get("name")) or word(golden.get("id")),
        input_text=to_text(asked) or _first_turn(turns) or to_text(golden.get("scenario")),
        where=where,
        conversation=conversation_of(turns if turns else asked),
        expected=answers_of(answer) or answers_of(golden.get("expected_outcome")),
        tags={**own, **case_tags(custom), **case_tags(metadata)},
        language=language_of(golden, metadata, custom),
        created_at=dated.created_at,
        freshness=dated.freshness,
    )


def _first_turn(turns: Any) -> str | None:
    messages = messages_of(turns) or []
    return next((text for role, text in messages if role == "user" and text), None)


def _snake(name: str) -> str:
    return _CAMEL.sub("_", name.strip()).casefold()
