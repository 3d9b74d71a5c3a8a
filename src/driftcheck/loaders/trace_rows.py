"""Trace rows: the rows of a generic table as traces, a block at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import repeat
from typing import Any

from driftcheck.loaders.blocks import Block, RowBlock
from driftcheck.loaders.columns import ColumnMap, aliases_of, normal
from driftcheck.loaders.comments import CommentCells, is_comment_name
from driftcheck.loaders.feedback import is_feedback_name, is_judge_score, is_outcome_column
from driftcheck.loaders.generic_cases import id_text
from driftcheck.loaders.generic_ratings import RatingCells
from driftcheck.loaders.generic_roles import Roles, score_columns
from driftcheck.loaders.generic_table import Row, Table
from driftcheck.loaders.generic_tags import Tags
from driftcheck.loaders.leaked_runs import is_mark, mark_in, mark_of
from driftcheck.loaders.read_log import ReadLog
from driftcheck.loaders.text import answer_text, conversation_of, parsed, texts_of, to_text
from driftcheck.loaders.timestamps import is_missing, parse_timestamps
from driftcheck.loaders.trace_fields import error_text, status_error, tool_names
from driftcheck.numbers import count
from driftcheck.records import Trace, make_traces

_READ: tuple[tuple[str, str, Callable[[Any], Any]], ...] = (
    ("trace_id", "id", id_text),
    ("session_id", "session", id_text),
    ("user_id", "user", id_text),
    ("model", "model", to_text),
    ("tools", "tools", tool_names),
    ("language", "language", to_text),
    ("environment", "environment", to_text),
)
"""Fields of a trace that are read from the column of one role, cell by cell."""
_LATE = ("conversation", "output", "timestamp", "session", "user", "model", "language", "error", "tools", "environment")
"""Roles of columns that the first rows may lack: an error, a session."""
_SCORES = frozenset({"scores", "feedback", "ratings", "annotations", "evaluations"})


class TraceRows:
    """Reads the rows of one table."""

    def __init__(self, table: Table, roles: Roles, columns: ColumnMap) -> None:
        self.times = Times()
        self._roles = roles
        self._ratings = RatingCells(columns.get("satisfaction"))
        self._comments = CommentCells()
        self._tags = Tags(table, roles.taken, roles.get("metadata"), roles.get("tags"))
        self._judged = {
            column
            for column in score_columns(table, roles.taken)
            if is_judge_score(column) and bool not in map(type, table.values(column))  # a flag, and perhaps a slice
        }
        self._table = table
        self._known = set(roles.taken)
        self._marks: list[str] = []
        for column in table.columns:
            self._meet(column)

    def _meet(self, column: str) -> None:
        """Decide what a column is for, when a row first has it."""
        self._known.add(column)
        if is_mark(column):
            self._marks.append(column)
        if is_outcome_column(column, self._table.values(column)):
            self._ratings.add_outcomes(column)
            self._tags.ignore(column)
        if column in self._roles.taken:
            self._tags.ignore(column)
            return
        if is_comment_name(column):
            self._comments.add(column)
            self._tags.ignore(column)
            return
        name = normal(column)
        if is_feedback_name(column) or name.removeprefix("metadata_") in _SCORES or column in self._judged:
            self._ratings.add(column)
            self._tags.ignore(column)
            return
        for role in _LATE:
            if not self._roles.has(role) and name in aliases_of(role):
                self._roles.add(role, column)
                self._tags.ignore(column)
                return

    def _meet_new(self, rows: Iterable[Row]) -> None:
        """Decide about the columns that these rows are the first to have; the rows before them lack them anyway."""
        known = self._known
        for row in rows:
            if not known.issuperset(row):
                for column in sorted(row.keys() - known):
                    self._meet(column)
                self._tags.learn(row)

    @property
    def wanted(self) -> frozenset[str]:
        """Columns that something is read from."""
        cells = (*self._ratings.columns, *self._comments.columns)
        return frozenset([*self._roles.taken, *self._tags.columns, *cells, *self._marks])

    def traces(self, block: Block) -> list[Trace]:
        """Read a block of rows."""
        if isinstance(block, RowBlock):
            self._meet_new(block.rows)
        fields: dict[str, Iterable[Any]] = {"where": block.where}
        for field, role, read in _READ:
            if (values := self._column(block, role)) is not None:
                fields[field] = map(read, values)
        if (values := self._column(block, "error")) is not None:
            is_status = normal(self._roles.get("error")).startswith("status")
            fields["error"] = map(status_error if is_status else error_text, values)
        asked, turns, answers = (self._column(block, role) for role in ("input", "conversation", "output"))
        told = asked if turns is None else turns if asked is None else [*map(_else, turns, asked)]
        asked = turns if asked is None else asked if turns is None else [*map(_else, map(_filled, asked), turns)]
        answers = turns if answers is None else answers if turns is None else [*map(_else, answers, turns)]
        if asked is not None:
            fields["input_text"] = texts_of(asked)
        if told is not None and told is asked:  # what is its own text is no list of messages
            pairs = zip(asked, fields["input_text"], strict=True)
            fields["conversation"] = [None if text is said else _conversation(said) for said, text in pairs]
        elif told is not None:
            fields["conversation"] = map(_conversation, told)
        if answers is not None:
            fields["output_text"] = texts_of(answers, answer_text)
        if (moments := self._column(block, "timestamp")) is not None:
            fields["timestamp"] = self.times.read(moments, block.where)
        if self._ratings.columns:
            fields["feedback"] = self._ratings.of_block(block)
        if (comments := self._comments.of_block(block, self._ratings.columns)) is not None:
            fields["comments"] = comments
        return make_traces(len(block.where), fields, self._tags.of_block(block))

    def _column(self, block: Block, role: str) -> Sequence[Any] | None:
        return block.column(self._roles.get(role)) if self._roles.has(role) else None

    def marks(self, block: Block) -> list[str | None] | None:
        """Say of each row what shows that it is of an eval run: a field that only those have, its metadata's too.

        None where no column can show it.
        """
        columns = ((name, block.column(name)) for name in self._marks)
        found = [map(mark_of, repeat(name), values) for name, values in columns if values is not None]
        if (metadata := self._column(block, "metadata")) is not None:
            found.append(map(mark_in, map(parsed, metadata)))
        if not found:
            return None
        return [next(filter(None, marks), None) for marks in zip(*found, strict=True)]


class Times:
    """Reads the times of traces, and counts those that cannot be read."""

    def __init__(self) -> None:
        self._n_unread = 0
        self._first: tuple[Any, str] = ("", "")

    def read(self, values: Sequence[Any], where: Sequence[str]) -> list[float | None]:
        """Read the times of some rows."""
        times = parse_timestamps(values)
        if None in times:
            for time, value, place in zip(times, values, where, strict=True):
                if time is None and not is_missing(value):
                    self._n_unread += 1
                    if self._n_unread == 1:
                        self._first = value, place
        return times

    def tell(self, log: ReadLog) -> None:
        """Say how many could not be read, with the first of them."""
        if self._n_unread:
            value, where = self._first
            have = count(self._n_unread, "trace has", "traces have")
            shown = str(value)[:40]
            such = f", such as {shown!r}" if any(character.isdigit() for character in shown) else ""  # else a text
            log.warn(f"{have} a time that cannot be read{such} ({where})")


def _filled(value: Any) -> Any:
    return None if value == "" else value


def _conversation(value: Any) -> str | None:
    return conversation_of(value) if type(value) is not str or value[:1] in "[{" else None


def _else(value: Any, other: Any) -> Any:
    return other if value is None else value
