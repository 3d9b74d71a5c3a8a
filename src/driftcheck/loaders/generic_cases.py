"""Generic cases: an eval set of your own making, as CSV, JSON lines, JSON, YAML or Parquet.

One case a row. Other columns with few values (topic, intent, priority, language) can be slices. Where your columns
have other names, or several could be the input, name them in drift.yaml:
`columns: {eval_set: {input: <column>, expected: <column>}}`.
Recognised by a column for the input (`input`, `question`, `query`, `prompt`, ...), usually beside one for the expected
answer (`expected`, `ideal`, `answer`, ...) and an id.
How to get it: save the sheet as CSV, or `frame.to_json(path, orient="records", lines=True)` in pandas.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from driftcheck.loaders.case_freshness import NOTHING, FreshColumns, tags_among
from driftcheck.loaders.columns import ColumnMap, aliases_of, normal
from driftcheck.loaders.document import Document, Match
from driftcheck.loaders.generic_kinds import kinds_of
from driftcheck.loaders.generic_roles import Roles
from driftcheck.loaders.generic_table import Table, table_of
from driftcheck.loaders.generic_tags import Tags
from driftcheck.loaders.read_log import ReadLog
from driftcheck.loaders.text import conversation_of, messages_of, parsed, to_text
from driftcheck.loaders.timestamps import is_missing, parse_timestamp
from driftcheck.records import Case, Kind

FORMAT = "generic-cases"
KIND = Kind.EVALSET

_ROLES = ("id", "input", "conversation", "expected", "language", "timestamp", "metadata", "tags")


def sniff(doc: Document) -> Match | None:
    """Recognise rows with an input and nothing of a result or a trace."""
    table = table_of(doc)
    return kinds_of(table).get(KIND) if table else None


def read(doc: Document, log: ReadLog, columns: ColumnMap) -> Iterator[Case]:
    """Read the cases.

    Raises:
        InputError: no column for the input, or one that drift.yaml names and the file lacks.

    """
    table = table_of(doc)
    if table is None:
        return
    roles = Roles(table, KIND, columns, _ROLES, doc.source.name)
    roles.require("input", "conversation")
    case_id, asked, turns = roles.get("id"), roles.get("input"), roles.get("conversation")
    if "input" not in columns and (others := _other_inputs(table, roles)):
        log.warn(
            f"{' and '.join(others)} could be the input too, and {asked} is read as it; to change it, in drift.yaml: "
            f"columns: {{eval_set: {{input: {others[0]}}}}}"
        )
    expected, language, time = roles.get("expected"), roles.get("language"), roles.get("timestamp")
    has_expected = roles.has("expected")
    fresh = FreshColumns(table, doc, roles.taken, roles.get("metadata"))
    tags = Tags(table, roles.taken | fresh.no_tags, roles.get("metadata"), roles.get("tags"))
    for where, row in roles.rows(doc, log):
        get = row.get
        dated = fresh.of(row, log, where)
        created = parse_timestamp(get(time))
        if created is None and not is_missing(get(time)):
            log.no_date(normal(time), where)
        tagged = tags.of(row)
        messages = get(turns)
        said = get(asked)
        yield Case(
            case_id=id_text(get(case_id)),
            input_text=to_text(messages if said is None else said),
            where=where,
            conversation=conversation_of(said if messages is None else messages),
            expected=expected_texts(get(expected)) if has_expected else _last_answer(messages),
            tags=tagged if dated is NOTHING else tags_among(tagged),
            language=to_text(get(language)),
            created_at=dated.created_at if created is None else created,
            freshness=dated.freshness,
        )


def _last_answer(messages: Any) -> tuple[str, ...]:
    """Read the answer that ends a conversation: of fine-tuning examples it is the expected one."""
    turns = messages_of(messages)
    return (turns[-1][1],) if turns and turns[-1][0] == "assistant" and turns[-1][1] else ()


def _other_inputs(table: Table, roles: Roles) -> list[str]:
    """Columns named as inputs are, with different texts, that play no role."""
    names = aliases_of("input")
    free = [column for column in table.columns if column not in roles.taken and normal(column) in names]
    texts = {column: {value for value in table.values(column) if isinstance(value, str)} for column in free}
    return [column for column in free if len(texts[column]) > 1]


def expected_texts(value: Any) -> tuple[str, ...]:
    """Read the accepted answers: one, or any of a list.

    >>> expected_texts('["B", "B."]'), expected_texts(7), expected_texts("")
    (('B', 'B.'), ('7',), ())
    """
    read = parsed(value)
    if isinstance(read, list | tuple) and not any(isinstance(item, Mapping) for item in read):
        return tuple(text for item in read if (text := to_text(item)) is not None)
    text = to_text(value)
    return () if text is None else (text,)


def id_text(value: Any) -> str | None:
    """Write an id as text; None where it is none.

    >>> id_text(7), id_text("7"), id_text(7.0), id_text("")
    ('7', '7', '7', None)
    """
    if isinstance(value, str):
        return value.strip() or None
    if value is None:
        return None
    if isinstance(value, float):
        return None if value != value else str(int(value)) if value.is_integer() else str(value)
    return str(value) if isinstance(value, int) else to_text(value)
