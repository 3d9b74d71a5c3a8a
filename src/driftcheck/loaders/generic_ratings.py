"""Ratings in the cells of a generic table: one, one per name, or a list of named ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from operator import add
from typing import Any

from driftcheck.loaders.blocks import Block
from driftcheck.loaders.columns import normal
from driftcheck.loaders.feedback import is_feedback_name, is_judge_score, is_outcome, read_feedback
from driftcheck.loaders.text import parsed
from driftcheck.records import Feedback, FeedbackSource

_MAX_CELLS = 1_000
_SOURCE_KEYS = ("source", "source_type", "sourceType", "annotator_kind", "annotatorKind")
_SOURCES = {
    **dict.fromkeys(["user", "end_user", "customer"], FeedbackSource.USER),
    **dict.fromkeys(["human", "annotator", "annotation", "reviewer", "expert"], FeedbackSource.ANNOTATOR),
    **dict.fromkeys(["llm", "model", "judge", "llm_judge", "ai", "code", "auto", "eval"], FeedbackSource.JUDGE),
    **dict.fromkeys(["online_scoring", "evaluator"], FeedbackSource.JUDGE),
}
"""Who gave a rating, as its object says."""


class RatingCells:
    """Reads the columns that hold ratings; `declared` is the one that drift.yaml names."""

    def __init__(self, declared: str | None) -> None:
        self.columns = [] if declared is None else [declared]
        self._declared = declared
        self._outcomes: set[str] = set()
        self._cells: dict[tuple[str, type, Any], tuple[Feedback, ...]] = {}

    def add(self, column: str) -> None:
        """Read one more column."""
        if column not in self.columns:
            self.columns.append(column)

    def add_outcomes(self, column: str) -> None:
        """Read one more column, of statuses: only what says how a conversation came out (`escalated`) rates it."""
        if column != self._declared:
            self._outcomes.add(column)
        self.add(column)

    def of_block(self, block: Block) -> list[tuple[Feedback, ...]]:
        """Ratings of each row of a block."""
        found: list[tuple[Feedback, ...]] = [()] * len(block.where)
        for column in self.columns:
            values = block.column(column)
            if values is not None:
                read = [() if value is None or value == "" else self._read(column, value) for value in values]
                found = list(map(add, found, read)) if column != self.columns[0] else read
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
        if column in self._outcomes:
            found = ratings(column, value, FeedbackSource.USER)
            return tuple(found) if is_outcome(value) else ()
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
                given_by = str(next((item[key] for key in _SOURCE_KEYS if key in item), "")).casefold()
                if (rating := read_feedback(name, item, _SOURCES.get(given_by, source))) is not None:
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
