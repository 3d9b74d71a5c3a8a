"""Message rows: tables with one message a row, joined to interactions: a user's message and what answered it.

Messages of one conversation stand in order, those of several conversations may take turns. What the assistant's row
says (its rating, model, error) is said of the interaction, which is the user's row.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from driftcheck.loaders.generic_roles import Roles
from driftcheck.loaders.generic_table import Row, Table
from driftcheck.loaders.read_log import ReadLog
from driftcheck.loaders.text import role_of, to_text
from driftcheck.loaders.timestamps import parse_timestamp

MAX_OPEN = 50_000
"""Conversations that may be unfinished at the same time."""
_MAX_TURNS = 50
"""Turns kept of a conversation, the last ones."""
_EMPTY = (None, "")
_ANSWER, _TURNS = "\0answer", "\0turns"
"""Columns made of the rows before and after; no file has such names."""


@dataclass(slots=True)
class _Open:
    """A conversation of which more rows may come."""

    asked: tuple[str, Row] | None = None
    """The user's row that waits for its answer."""
    answers: list[Row] = field(default_factory=list)
    turns: deque[dict[str, str]] = field(default_factory=lambda: deque(maxlen=_MAX_TURNS))


class MessageRows:
    """Joins the messages of one table."""

    def __init__(self, table: Table, roles: Roles) -> None:
        self._role = roles.get("role")
        self._session = roles.get("session")
        self._said = roles.get("input") if roles.has("input") else roles.get("conversation")
        self._own = {roles.get(role) for role in ("role", "session", "input", "conversation", "timestamp", "id")}
        self._is_newest_first = _is_newest_first(table, self._session, roles.get("timestamp"))
        roles.add("output", _ANSWER)
        roles.add("conversation", _TURNS)
        self._answer, self._turns = roles.get("output"), roles.get("conversation")
        self._open: OrderedDict[Any, _Open] = OrderedDict()

    def joined(self, rows: Iterable[tuple[str, Row]], log: ReadLog) -> Iterator[tuple[str, Row]]:
        """Yield the users' rows with their answers; every row is counted."""
        log.warn(f"one row is one message: the rows whose {self._role} is the user are the traces, with their answers")
        if self._is_newest_first:
            log.warn("the newest message comes first: whole conversations are not put together; sort them by time")
        for where, row in rows:
            log.counted(1)
            session = row.get(self._session)
            key = str(session) if session not in _EMPTY else None
            held = self._open.setdefault(key, _Open())
            self._open.move_to_end(key)
            yield from self._added(held, where, row)
            if len(self._open) > MAX_OPEN:
                yield from self._finished(self._open.popitem(last=False)[1])
        while self._open:
            yield from self._finished(self._open.popitem(last=False)[1])

    def _added(self, held: _Open, where: str, row: Row) -> Iterator[tuple[str, Row]]:
        match role_of({"role": row.get(self._role)}):
            case "user":
                if not self._is_newest_first:
                    yield from self._finished(held)
                    held.turns.append({"role": "user", "content": to_text(row.get(self._said)) or ""})
                held.asked = (where, row)
                if self._is_newest_first:
                    held.answers.reverse()
                    yield from self._finished(held)
            case "assistant" if self._is_newest_first or held.asked is not None:
                held.answers.append(row)
            case "assistant":  # a greeting: nobody asked
                held.turns.append({"role": "assistant", "content": to_text(row.get(self._said)) or ""})

    def _finished(self, held: _Open) -> Iterator[tuple[str, Row]]:
        """Yield the user's row that waits, with the answers so far."""
        if held.asked is None:
            return
        where, asked = held.asked
        joined = dict(asked)
        told = [text for row in held.answers if (text := to_text(row.get(self._said))) is not None]
        if joined.get(self._answer) in _EMPTY:
            joined[self._answer] = "\n".join(told)  # empty where nobody answered: the turns hold earlier answers
        if self._turns not in asked and not self._is_newest_first:
            joined[self._turns] = list(held.turns)
        for row in held.answers:
            # what is said of an answer (its rating, model, error) is said of the interaction
            for column, value in row.items():
                if column not in self._own and value not in _EMPTY and joined.get(column) in _EMPTY:
                    joined[column] = value
        held.turns.extend({"role": "assistant", "content": text} for text in told)
        held.asked, held.answers = None, []
        yield where, joined


def _is_newest_first(table: Table, session: str, time: str) -> bool:
    """Tell from the first rows whether the messages of a conversation go back in time."""
    last: dict[Any, float] = {}
    n_later = n_earlier = 0
    for row in table.head:
        moment, key = parse_timestamp(row.get(time)), row.get(session)
        if moment is None or isinstance(key, dict | list):
            continue
        if key in last:
            n_later += moment > last[key]
            n_earlier += moment < last[key]
        last[key] = moment
    return n_earlier > n_later
