"""Kinds: whether the rows of a generic table are cases, results or traces, by the columns they have."""

from __future__ import annotations

from driftcheck.loaders.columns import aliases_of, listed, normal
from driftcheck.loaders.document import Match
from driftcheck.loaders.feedback import is_feedback_name, is_outcome_column, is_reviewer_name
from driftcheck.loaders.generic_roles import ANSWERING, find_input, find_role, score_columns
from driftcheck.loaders.generic_table import Table
from driftcheck.loaders.text import messages_of
from driftcheck.records import Kind

SURE, LIKELY, POSSIBLE = 0.5, 0.4, 0.3
_WEAK_VERDICTS = frozenset({"success", "result", "status", "outcome", "grade"})
"""Columns that traces have too."""
_SIGNS = (
    *("id", "input", "conversation", "expected", "output", "time", "session", "user", "feedback", "verdict"),
    *("score", "metric", "run"),
)


def kinds_of(table: Table) -> dict[Kind, Match]:
    """Say what the rows may be, and how likely, by the columns."""
    return _Signs(table).kinds()


def lacking(table: Table) -> dict[Kind, tuple[str, ...]]:
    """Say what the columns lack to be each kind; of one that they may be, what would make it sure.

    >>> from driftcheck.loaders.generic_table import Table
    >>> lacking(Table(("when", "what"), (), lambda doc, log: ()))[Kind.EVALSET]
    ('a column for the input',)
    """
    return _Signs(table).lacking()


class _Signs:
    """What the columns say together."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self.input = find_input(table)
        self.conversation = self._find("conversation")
        self.id = self._find("id")
        self.expected = self._find("expected")
        self.output = find_role(table, "output", (*aliases_of("output"), *aliases_of("answer"), *ANSWERING))
        self.time = self._find("timestamp")
        self.session = self._find("session")
        self.user = None if self.input and normal(self.input) == "user" else self._find("user")
        self.feedback = next((column for column in table.columns if is_feedback_name(column)), None)
        self.verdict = self._find("status")
        if self.verdict and is_outcome_column(self.verdict, table.values(self.verdict)) and self._is_lived():
            self.feedback, self.verdict = self.feedback or self.verdict, None
        self.metric = self._find("metric")
        self.run = self._find("run")
        self.score = self._find("score") or next(iter(score_columns(table)), None)
        self.model = self._find("model")
        self.effort = self._find("latency") or self._find("cost")

    def _find(self, role: str) -> str | None:
        return find_role(self._table, role, aliases_of(role))

    def _is_lived(self) -> bool:
        """Tell whether something besides says that rows are of production: `resolved` is some benchmark's verdict."""
        return bool(self.time and (self.session or self.user or self.output))

    def kinds(self) -> dict[Kind, Match]:
        asked = self.input or self.conversation
        tested = self.expected or self.run or self.metric
        # reviewers label results too
        lived = self.session or (self.feedback and not (tested and is_reviewer_name(self.feedback)))
        graded = tested or self.score
        logged = self.time and (self.output or self.session or self.feedback or self.user or self.model)
        if self.verdict and (self.id or asked):
            weak = normal(self.verdict) in _WEAK_VERDICTS
            if asked and not graded and (lived or (weak and logged)):
                return self._said((Kind.TRACES, LIKELY), (Kind.RESULTS, POSSIBLE))
            return self._said((Kind.RESULTS, SURE))
        if (
            self.score
            and (self.id or asked)
            and not lived
            and (self.metric or self.run or self.expected or self.output)
        ):
            if logged and not self.expected and not self.metric and not self.run:
                return self._said((Kind.TRACES, LIKELY), (Kind.RESULTS, POSSIBLE))
            return self._said((Kind.RESULTS, LIKELY), (Kind.EVALSET, POSSIBLE))
        if not asked:
            return self._said((Kind.RESULTS, LIKELY)) if self.score and self.id else {}
        if self.expected:
            if lived or (logged and self.output != self.expected and self.output):
                return self._said((Kind.TRACES, LIKELY), (Kind.EVALSET, LIKELY - 0.05))
            return self._said((Kind.EVALSET, SURE))
        if logged:
            weaker = () if lived or self.user else ((Kind.EVALSET, POSSIBLE),)
            return self._said((Kind.TRACES, SURE), *weaker)
        if self.time or lived or (self.output and self.model and self.effort):
            return self._said((Kind.TRACES, LIKELY), (Kind.EVALSET, POSSIBLE))
        if self._has_answers():
            return self._said((Kind.TRACES, LIKELY), (Kind.EVALSET, LIKELY - 0.05))
        return self._said((Kind.EVALSET, LIKELY), (Kind.TRACES, POSSIBLE))

    def lacking(self) -> dict[Kind, tuple[str, ...]]:
        asked = () if self.input or self.conversation else ("a column for the input",)
        lived = self.time or self.session or self.user or self.output or self.feedback
        graded = self.verdict or self.score
        named = self.id or self.input or self.conversation
        return {
            Kind.EVALSET: asked,
            Kind.RESULTS: (
                *(() if graded else ("a verdict or a score",)),
                *(() if named else ("an id or the input of a case",)),
            ),
            Kind.TRACES: (*asked, *(() if lived else ("a time, session, user, output or rating",))),
        }

    def _has_answers(self) -> bool:
        if self.conversation is None or self.output:
            return False
        turns = [messages_of(value) or [] for value in self._table.values(self.conversation)]
        return any(role == "assistant" for messages in turns for role, _ in messages)

    def _said(self, *kinds: tuple[Kind, float]) -> dict[Kind, Match]:
        found = {role: getattr(self, role) for role in _SIGNS}
        columns = [name if name == role else f"{listed([name])} ({role})" for role, name in found.items() if name]
        why = f"columns {', '.join(columns)}"
        return {kind: Match(confidence, why) for kind, confidence in kinds}
