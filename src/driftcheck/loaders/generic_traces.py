"""Generic traces: production traffic in a table of your own making, as CSV, JSON lines, JSON or Parquet.

One interaction a row, or one message a row (a `role` column: the user's rows are the interactions, the
assistant's their answers), or one conversation a row (WildChat, LMSYS, ShareGPT). Other columns with few
values (country, plan, channel) can be slices. A status such as `resolved` or `escalated` is feedback, not an error.
Where your columns have other names, name them in drift.yaml:
`columns: {production: {input: <column>, timestamp: <column>, satisfaction: <column>}}`.
Recognised by an input (`input`, `message`, ...) beside a time (`timestamp`), `session`, `user`, `output` or a rating.
How to get it: `COPY (SELECT ...) TO STDOUT CSV HEADER` in Postgres, or your warehouse's export to Parquet.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from driftcheck.loaders.blocks import Block, row_blocks
from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.document import Document, Match
from driftcheck.loaders.generic_kinds import kinds_of
from driftcheck.loaders.generic_roles import Roles
from driftcheck.loaders.generic_table import Table, table_of
from driftcheck.loaders.leaked_runs import EvalRuns
from driftcheck.loaders.message_rows import MessageRows
from driftcheck.loaders.read_log import ReadLog
from driftcheck.loaders.text import role_of
from driftcheck.loaders.timestamps import lacks_zone, looks_like_time
from driftcheck.loaders.trace_rows import TraceRows
from driftcheck.records import Kind, Trace

FORMAT = "generic-traces"
KIND = Kind.TRACES

_ROLES = (
    *("id", "session", "role", "input", "conversation", "output", "timestamp", "user", "model", "language"),
    *("error", "tools", "environment", "metadata", "tags"),
)


def sniff(doc: Document) -> Match | None:
    """Recognise rows with an input beside what only production has."""
    table = table_of(doc)
    return kinds_of(table).get(KIND) if table else None


def read(doc: Document, log: ReadLog, columns: ColumnMap) -> Iterator[Trace]:
    """Read the traces. Of rows that are single messages, the user's are traces.

    Raises:
        InputError: no column for the input, or one that drift.yaml names and the file lacks.

    """
    table = table_of(doc)
    if table is None:
        return
    roles = Roles(table, KIND, columns, _ROLES, doc.source.name)
    roles.require("input", "conversation")
    rows = TraceRows(table, roles, columns)
    if any(map(lacks_zone, table.values(roles.get("timestamp")))):
        log.warn(f"{roles.get('timestamp')} names no time zone: read as UTC")
    yield from chain.from_iterable(_traces(doc, log, roles, rows))
    rows.times.tell(log)
    if not roles.has("timestamp") and (column := _time_column(table, roles.taken)):
        log.warn(f"no time column recognised; name it: columns: {{production: {{timestamp: {column}}}}}")


def _time_column(table: Table, taken: frozenset[str]) -> str | None:
    """Find a column that no role claims and whose values are all times."""
    free = (column for column in table.columns if column not in taken)
    return next((column for column in free if (seen := table.values(column)) and all(map(looks_like_time, seen))), None)


def _traces(doc: Document, log: ReadLog, roles: Roles, rows: TraceRows) -> Iterator[Sequence[Trace]]:
    runs = EvalRuns(log)
    if {"user", "assistant"} <= {role_of({"role": name}) for name in roles.table.values(roles.get("role"))}:
        found = roles.rows(doc, log)
        blocks: Iterator[Block] = row_blocks(MessageRows(roles.table, roles).joined(found, log))
    else:
        blocks = roles.blocks(doc, log, rows.wanted)
    for block in blocks:
        yield runs.production(rows.traces(block), rows.marks(block))
    runs.tell()
