"""Generic traces: production traffic in a table of your own making, as CSV, JSON lines, JSON or Parquet.

One interaction a row, or one message a row (a `role` column), or one conversation a row (WildChat, LMSYS,
ShareGPT). Recognised by an input beside a time, session, user, output or rating. Other columns with few values
(country, plan, channel) can be slices. Where your columns have other names, name them in drift.yaml:
`columns: {production: {input: <column>, timestamp: <column>, satisfaction: <column>}}`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from driftcheck.loaders.columns import ColumnMap, aliases_of, normal
from driftcheck.loaders.document import Document, Match
from driftcheck.loaders.feedback import is_feedback_name, is_judge_score, read_feedback
from driftcheck.loaders.generic_cases import id_text
from driftcheck.loaders.generic_kinds import kinds_of
from driftcheck.loaders.generic_roles import Roles, score_columns
from driftcheck.loaders.generic_table import Table, table_of
from driftcheck.loaders.generic_tags import Tags
from driftcheck.loaders.leaked_runs import EvalRuns, is_mark, mark_in
from driftcheck.loaders.read_log import ReadLog
from driftcheck.loaders.statuses import read_status
from driftcheck.loaders.text import answer_text, conversation_of, parsed, role_of, to_text
from driftcheck.loaders.timestamps import is_missing, lacks_zone, looks_like_time, parse_timestamp
from driftcheck.numbers import count
from driftcheck.records import Feedback, FeedbackSource, Kind, Status, Trace

FORMAT = "generic-traces"
KIND = Kind.TRACES

_ROLES = (
    *("id", "session", "role", "input", "conversation", "output", "timestamp", "user", "model", "language"),
    *("error", "tools", "environment", "metadata", "tags"),
)
_LATE = ("conversation", "output", "timestamp", "session", "user", "model", "language", "error", "tools", "environment")
"""Roles of columns that the first rows may lack: an error, a session."""
_SCORES = frozenset({"scores", "feedback", "ratings", "annotations", "evaluations"})
_NO_ERROR = frozenset({"", "false", "none", "null", "nan", "0", "no", "ok", "200", "success", "completed", "{}", "[]"})
_MAX_ERROR = 200
_MAX_CELLS = 1_000


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
    rows = _Rows(table, roles, columns)
    if any(map(lacks_zone, table.values(roles.get("timestamp")))):
        log.warn(f"{roles.get('timestamp')} names no time zone: read as UTC")
    yield from _traces(doc, log, roles, rows)
    rows.times.tell(log)
    if not roles.has("timestamp") and (column := _time_column(table, roles.taken)):
        log.warn(f"no time column recognised; name it: columns: {{production: {{timestamp: {column}}}}}")


def _time_column(table: Table, taken: frozenset[str]) -> str | None:
    """Find a column that no role claims and whose values are all times."""
    free = (column for column in table.columns if column not in taken)
    return next((column for column in free if (seen := table.values(column)) and all(map(looks_like_time, seen))), None)


def _traces(doc: Document, log: ReadLog, roles: Roles, rows: _Rows) -> Iterator[Trace]:
    table = roles.table
    role = roles.get("role")
    runs = EvalRuns(log)
    is_by_message = {"user", "assistant"} <= {role_of({"role": name}) for name in table.values(role)}
    if is_by_message:
        log.warn(f"one row is one message: the rows whose {role} is the user are the traces")
    for where, row in roles.rows(doc, log):
        if is_by_message:
            log.counted(1)
            if role_of({"role": row.get(role)}) != "user":
                continue
        trace = rows.trace(where, row)
        if not runs.leaves_out(trace, rows.mark(row)):
            yield trace
    runs.tell()


class _Times:
    """Reads the times of traces, and counts those that cannot be read."""

    def __init__(self) -> None:
        self._n_unread = 0
        self._first: tuple[Any, str] = ("", "")

    def read(self, value: Any, where: str) -> float | None:
        time = parse_timestamp(value)
        if time is None and not is_missing(value):
            self._n_unread += 1
            if self._n_unread == 1:
                self._first = value, where
        return time

    def tell(self, log: ReadLog) -> None:
        if self._n_unread:
            value, where = self._first
            have = count(self._n_unread, "trace has", "traces have")
            log.warn(f"{have} a time that cannot be read, such as {str(value)[:40]!r} ({where})")


class _Rows:
    """Reads the rows of one table."""

    def __init__(self, table: Table, roles: Roles, columns: ColumnMap) -> None:
        self._columns = tuple(map(roles.get, _ROLES[:-2]))
        self._roles = roles
        self._cells: dict[tuple[str, type, Any], tuple[Feedback, ...]] = {}
        self.times = _Times()
        self._declared = columns.get("satisfaction")
        self._rated = [] if self._declared is None else [self._declared]
        self._tags = Tags(table, roles.taken, roles.get("metadata"), roles.get("tags"))
        self._judged = {
            column
            for column in score_columns(table, roles.taken)
            if is_judge_score(column) and bool not in map(type, table.values(column))  # a flag, and perhaps a slice
        }
        self._known = set(roles.taken)
        self._metadata = roles.get("metadata") if roles.has("metadata") else None
        self._marks: list[str] = []
        for column in table.columns:
            self._meet(column)

    def _meet(self, column: str) -> None:
        """Decide what a column is for, when a row first has it."""
        self._known.add(column)
        if is_mark(column):
            self._marks.append(column)
        if column in self._roles.taken:
            return
        name = normal(column)
        if is_feedback_name(column) or name in _SCORES or column in self._judged:
            if column not in self._rated:
                self._rated.append(column)
            self._tags.ignore(column)
            return
        for role in _LATE:
            if not self._roles.has(role) and name in aliases_of(role):
                self._roles.add(role, column)
                self._columns = tuple(map(self._roles.get, _ROLES[:-2]))
                self._tags.ignore(column)
                return

    def trace(self, where: str, row: Mapping[str, Any]) -> Trace:
        if not self._known.issuperset(row):
            for column in sorted(row.keys() - self._known):
                self._meet(column)
        get = row.get
        id_, session, _, asked, turns, output, time, user, model, language, error, tools, environment = self._columns
        messages = get(turns)
        said = get(asked)
        if said is None or said == "":
            said = messages
        answer = get(output)
        if answer is None:
            answer = messages
        failed = get(error)
        called = get(tools)
        return Trace(
            trace_id=id_text(get(id_)),
            input_text=to_text(said),
            where=where,
            timestamp=None if (when := get(time)) is None else self.times.read(when, where),
            session_id=id_text(get(session)),
            user_id=id_text(get(user)),
            conversation=_conversation(said if messages is None else messages),
            output_text=answer_text(answer),
            model=to_text(get(model)),
            error=None if failed is None else error_text(failed),
            tools=() if called is None else tool_names(called),
            language=to_text(get(language)),
            tags=self._tags.of(row),
            feedback=self._feedback(row) if self._rated else (),
            environment=to_text(get(environment)),
        )

    def mark(self, row: Mapping[str, Any]) -> str | None:
        """Say what shows that a row is of an eval run: a field that only those have, its metadata's too."""
        found = mark_in({column: row.get(column) for column in self._marks}) if self._marks else None
        return found or (mark_in(parsed(row.get(self._metadata))) if self._metadata else None)

    def _feedback(self, row: Mapping[str, Any]) -> tuple[Feedback, ...]:
        found: tuple[Feedback, ...] = ()
        for column in self._rated:
            value = row.get(column)
            if value is not None and value != "":
                found += self._read(column, value)
        return found

    def _read(self, column: str, value: Any) -> tuple[Feedback, ...]:
        """Read a cell; what most cells hold is one of a few values, so that each is read once."""
        kind = type(value)
        if kind is not str and kind is not int and kind is not float and kind is not bool:
            return self._ratings(column, value)
        key = column, kind, value
        read = self._cells.get(key)
        if read is None:
            read = self._ratings(column, value)
            if len(self._cells) < _MAX_CELLS:
                self._cells[key] = read
        return read

    def _ratings(self, column: str, value: Any) -> tuple[Feedback, ...]:
        if column == self._declared:
            return tuple(ratings(column, value, FeedbackSource.USER))
        found = ratings(column, value)
        # a text beside a judge's name is what was judged, or with what
        return tuple(one for one in found if one.source is not FeedbackSource.JUDGE or one.value is not None)


def ratings(column: str, value: Any, source: FeedbackSource = FeedbackSource.UNKNOWN) -> Iterator[Feedback]:
    """Read the ratings in a cell: one, one per name, or a list of named ones.

    A `source` of UNKNOWN is settled by the names: judges' metrics are judges', reviewers' ratings reviewers'.

    >>> [rating.name for rating in ratings("scores", {"csat": 4, "latency": 2})]
    ['csat']
    """
    read = parsed(value) if isinstance(value, str) else value
    if isinstance(read, list):
        for item in read:
            if isinstance(item, Mapping):
                name = str(item.get("name") or item.get("key") or column)
                if (rating := read_feedback(name, item)) is not None:
                    yield rating
        return
    one = read_feedback(column, read, source) if normal(column) != "scores" else None
    if one is not None:
        yield one
    elif isinstance(read, Mapping):
        for name, item in read.items():
            known = is_feedback_name(str(name)) or is_judge_score(str(name))
            if known and (rating := read_feedback(str(name), item)) is not None:
                yield rating


def error_text(value: Any) -> str | None:
    """Read an error: its message, the word of a status, the number of an HTTP code; None where all went well.

    >>> error_text("timeout"), error_text(False), error_text("success"), error_text(503), error_text("200")
    ('timeout', None, None, 'HTTP 503', None)
    """
    if value is None or value is False:
        return None
    if value is True:
        return "error"
    if isinstance(value, Mapping):
        value = value.get("message") or value.get("type") or value.get("code") or value
    text = to_text(value)
    if text is None or text.strip().casefold() in _NO_ERROR:
        return None
    if text.strip().isdigit() and len(text.strip()) == 3:
        return f"HTTP {text.strip()}" if int(text) >= 400 else None
    if read_status(text) in (Status.PASS, Status.SKIPPED):
        return None
    return "error" if text.strip().casefold() in ("true", "1", "yes") else text[:_MAX_ERROR]


def tool_names(value: Any) -> tuple[str, ...]:
    """Read the names of tools called: a list of names or of calls, or a text of either.

    >>> tool_names([{"function": {"name": "search"}}, {"name": "buy"}]), tool_names("search, buy")
    (('search', 'buy'), ('search', 'buy'))
    """
    if value is None or value == "":
        return ()
    read = parsed(value)
    if isinstance(read, str):
        return tuple(name for part in read.split(",") if (name := part.strip()))
    names = []
    for call in read if isinstance(read, list | tuple) else [read]:
        if isinstance(call, Mapping):
            function = call.get("function")
            call = (
                call.get("name") or call.get("tool") or (function.get("name") if isinstance(function, Mapping) else "")
            )
        if isinstance(call, str) and call:
            names.append(call)
    return tuple(names)


def _conversation(value: Any) -> str | None:
    return conversation_of(value) if value is not None and (type(value) is not str or value[:1] in "[{") else None
