"""Roles: what the columns of a generic table are for, by their names and values, or as the user named them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any

from driftcheck.errors import InputError
from driftcheck.loaders.blocks import Block, row_blocks
from driftcheck.loaders.columns import ColumnMap, aliases_of, listed, normal, value_at
from driftcheck.loaders.document import Document, Shape
from driftcheck.loaders.feedback import is_judge_name
from driftcheck.loaders.generic_table import Row, Table
from driftcheck.loaders.read_log import ReadLog
from driftcheck.loaders.statuses import read_status
from driftcheck.loaders.text import messages_of, role_of
from driftcheck.loaders.timestamps import parse_timestamp
from driftcheck.records import Kind

_NO_COLUMN = "\0"
ANSWERING = ("assistant", "bot", "ai", "chatbot", "assistant_message", "agent")
_SPEAKING = ("role", "speaker", "sender", "sender_type", "author_type", "message_type")
_CONFIG_KEYS = {Kind.EVALSET: "eval_set", Kind.RESULTS: "runs", Kind.TRACES: "production"}


def _is_time(value: Any) -> bool:
    return parse_timestamp(value) is not None or (isinstance(value, int | float) and not isinstance(value, bool))


def _is_conversation(value: Any) -> bool:
    return messages_of(value) is not None


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return isinstance(value, bool)
    return True


def _is_text(value: Any) -> bool:
    return isinstance(value, str | dict | list)


def _is_scalar(value: Any) -> bool:
    return isinstance(value, str | int)


_FITS: dict[str, Callable[[Any], bool]] = {
    "timestamp": _is_time,
    "conversation": _is_conversation,
    "score": _is_number,
    "threshold": _is_number,
    "repeat": _is_number,
    "input": _is_text,
    "status": lambda value: read_status(value) is not None,
    "role": lambda value: role_of({"role": value}) in ("user", "assistant", "system", "tool"),
    "id": _is_scalar,
    "session": _is_scalar,
    "user": _is_scalar,
    "run": _is_scalar,
    "language": _is_scalar,
}


def find_role(table: Table, role: str, aliases: Iterable[str], taken: Iterable[str] = ()) -> str | None:
    """Find the column that plays a role: by its name, and by values that fit it.

    A column whose first rows are all empty is second choice, and none at all where the role has to fit.
    """
    taken = frozenset(taken)
    by_name: dict[str, str] = {}
    for column in table.columns:
        if column not in taken:
            by_name.setdefault(normal(column), column)
    empty = None
    for alias in aliases:
        if alias not in by_name:
            continue
        named = by_name[alias]
        values = table.values(named)
        if not values:
            empty = empty or named
        elif role not in _FITS or sum(map(_FITS[role], values)) >= 0.5 * len(values):
            return named
    return empty if role not in ("status", "conversation", "score") else None


def find_input(table: Table, taken: Iterable[str] = ()) -> str | None:
    """Find the column of the input: by its name, a prefix (`input_question`), `user` beside `assistant`."""
    found = find_role(table, "input", aliases_of("input"), taken)
    if found is not None:
        return found
    names = {normal(column): column for column in table.columns}
    prefixed = [names[name] for name in names if name.startswith(("input.", "inputs.", "input_", "inputs_"))]
    prefixed = [column for column in prefixed if not all(map(_is_number, table.values(column)))]
    if len(prefixed) == 1:
        return prefixed[0]
    if any(name in names for name in _SPEAKING) and "content" in names:
        return names["content"]
    if any(name in names for name in ANSWERING):
        return next((names[name] for name in ("user", "human", "customer") if name in names), None)
    return None


class Roles:
    """The columns of a table by role, the user's own mapping first; a column plays one role."""

    def __init__(self, table: Table, kind: Kind, declared: ColumnMap, wanted: Sequence[str], where: str) -> None:
        self.table = table
        self._kind = kind
        self._where = where
        self._columns: dict[str, str] = {}
        for role, column in declared.items():
            if column not in table.columns and not any(value_at(row, column) is not None for row in table.head):
                raise InputError(where, f"has no column {column!r}, which drift.yaml names for {role}", self._listed())
            self._columns[role] = column
        for role in wanted:
            if role not in self._columns:
                taken = self._columns.values()
                found = find_input(table, taken) if role == "input" else self._find(role, taken)
                if found is not None:
                    self._columns[role] = found

    def _find(self, role: str, taken: Iterable[str]) -> str | None:
        aliases = aliases_of(role)
        if role == "expected":
            aliases += aliases_of("answer")
        if role == "output":
            aliases += ANSWERING
        if role == "id" and self._kind is Kind.TRACES:
            aliases = tuple(alias for alias in aliases if alias != "name")
        return find_role(self.table, role, aliases, taken)

    def get(self, role: str) -> str:
        """The column that plays a role; where there is none, a name that no row has."""
        return self._columns.get(role, _NO_COLUMN)

    def has(self, role: str) -> bool:
        """Tell whether a column plays a role."""
        return role in self._columns

    def add(self, role: str, column: str) -> None:
        """Let a column play a role that none did."""
        self._columns.setdefault(role, column)

    @property
    def taken(self) -> frozenset[str]:
        """Columns that play a role."""
        return frozenset(self._columns.values())

    def rows(self, doc: Document, log: ReadLog) -> Iterator[tuple[str, Row]]:
        """Stream (where, row) of the table; what a dotted path names stands in the row under that path."""
        dotted = self._dotted()
        rows = self.table.rows(doc, log)
        if not dotted:
            return rows
        return ((where, {**row, **{path: value_at(row, path) for path in dotted}}) for where, row in rows)

    def blocks(self, doc: Document, log: ReadLog, wanted: Collection[str]) -> Iterator[Block]:
        """Stream the rows in blocks; where the file keeps columns, others than `wanted` may be missing."""
        if doc.shape in (Shape.CSV, Shape.PARQUET) and not self._dotted():
            return doc.blocks(log, wanted)
        return row_blocks(self.rows(doc, log))

    def _dotted(self) -> list[str]:
        return [column for column in self._columns.values() if column not in self.table.columns]

    def require(self, *roles: str) -> None:
        """Refuse a table in which none of the roles is played.

        Raises:
            InputError: lists the columns there are, and the key of drift.yaml that mends it.

        """
        if not any(role in self._columns for role in roles):
            what = " or ".join({"input": "the input", "id": "an id"}.get(role, f"the {role}") for role in roles)
            key = f"columns: {{{_CONFIG_KEYS[self._kind]}: {{{roles[0]}: <column>}}}}"
            raise InputError(self._where, f"no column for {what}; {self._listed()}", f"name it in drift.yaml: {key}")

    def _listed(self) -> str:
        return f"it has: {listed(self.table.columns)}"


def score_columns(table: Table, taken: Iterable[str] = ()) -> list[str]:
    """Columns that hold a metric: `accuracy_score`, `faithfulness`."""
    return [
        column
        for column in table.columns
        if column not in taken
        and (normal(column).endswith("_score") or is_judge_name(column))
        and (values := table.values(column))
        and all(map(_is_number, values))
    ]
