"""Traces that a judge and people both rated: the two verdicts side by side, with counts of how the answer is dressed.

A judge's scores are read as people's ratings are (`rating_scales`): 0.5 or more of 0 to 1 is good, 4 or more of 1 to 5.
Each judge is held against the first of these that is there on MIN_RATED traces, or else on the most:

1. what reviewers said under the judge's own name,
2. another field of reviewers', the one with the most traces first,
3. the users' ratings that are read as satisfaction.

No text is kept, and at most MAX_JUDGED traces of an export: those of the sessions with the smallest hashes, a uniform
sample of them, whatever the order of rows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftcheck.answer_style import AnswerStyle, style_of
from driftcheck.rated_fields import RatedField, Reading, read_field
from driftcheck.rating_scales import MIN_RATED, Floats
from driftcheck.records import JUDGED_COLUMNS, Feedback, FeedbackSource, Judge, Satisfaction, Trace
from driftcheck.sampling import stable_hash, stable_session
from driftcheck.satisfaction import MAX_FIELDS, per_trace

MAX_JUDGED = 20_000
"""Traces that are kept; kappa of a window with a tenth of them is known to 4 points."""

_ASPECT = re.compile(
    r"toxi|bias|pii|moderat|guardrail|harm|safe|refus|concis|verbos|length|coheren|fluen|gramma|read?abil|tone|polite"
    r"|empath|style|(?<!in)format|relevan|precision|recall|similar|faithful|ground|bleu|rouge|bert|perplex|citation|context"
    r"|jailbreak|injection|language|sentiment|schema|json|hallucin",
    re.IGNORECASE,
)
"""Names of judges that look at one side of an answer, which may be good where the whole is bad."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """One trace."""

    session: int
    rank: int
    """Hash of the trace's id."""
    row: int
    trace_id: str
    style: AnswerStyle | None
    ratings: tuple[Feedback, ...]


@dataclass(frozen=True)
class _People:
    """One field of people's ratings."""

    name: str
    by_reviewers: bool
    good: str
    labels: Floats
    """1 good, 0 bad, NaN unrated, shape (n_kept,)."""


@dataclass(frozen=True)
class Judged:
    """What was kept of an export."""

    frame: pd.DataFrame
    """Columns of JUDGED_COLUMNS and `session`, `rank` (hash of the trace's id), `row` (number of the trace)."""
    judges: tuple[Judge, ...]
    is_sample: bool
    """True where the export held more than MAX_JUDGED of them."""

    def within(self, counted: NDArray[np.bool_]) -> pd.DataFrame:
        """Those of the rows that count, of each session and judge the trace with the smallest hash."""
        frame = self.frame[counted[self.frame["row"].to_numpy(dtype=np.int64)]]
        frame = frame.sort_values(["judge", "session", "rank", "row"], kind="stable")
        one_each: pd.DataFrame = frame.drop_duplicates(["judge", "session"])
        return one_each[list(JUDGED_COLUMNS)].reset_index(drop=True)


class JudgedTraces:
    """Takes the traces one by one, keeps those that both a judge and people rated."""

    def __init__(self) -> None:
        self._kept: list[_Kept] = []
        self._last: tuple[int, int] | None = None

    def add(self, row: int, trace: Trace) -> None:
        """Take the trace at `row`, which has an id."""
        sources = {rating.source for rating in trace.feedback}
        if FeedbackSource.JUDGE not in sources or len(sources) < 2:
            return
        key = (stable_session(trace), stable_hash(f"{trace.trace_id}"))
        if self._last is not None and key > self._last:
            return
        style = style_of(trace.output_text) if trace.output_text else None
        self._kept.append(_Kept(*key, row, f"{trace.trace_id}", style, tuple(trace.feedback[:MAX_FIELDS])))
        if len(self._kept) >= 2 * MAX_JUDGED:
            self._prune()

    def _prune(self) -> None:
        """Keep the smallest hashes; a repeated id stays whole, since one of its rows is counted later."""
        self._kept.sort(key=lambda kept: (kept.session, kept.rank))
        if len(self._kept) > MAX_JUDGED:
            last = self._kept[MAX_JUDGED - 1]
            self._last = (last.session, last.rank)
            self._kept = [kept for kept in self._kept if (kept.session, kept.rank) <= self._last]

    def finish(self, satisfaction: Satisfaction | None, satisfied: Floats) -> Judged:
        """Read both sides.

        Args:
            satisfaction: how users' ratings are read.
            satisfied: 1, 0 or NaN for every trace of the stream.

        """
        self._prune()
        people = self._people(satisfaction, satisfied)
        parts, judges = [], []
        for name, held in sorted(_fields(self._kept, FeedbackSource.JUDGE).items()):
            reading = read_field(name, held, None)
            if reading is None:
                judges.append(Judge(name, None, "", True, "", is_alike=True))
                continue
            verdicts = self._by_trace(held, reading)
            found = _counterpart(name, verdicts, people)
            if found is None:
                continue
            both = np.flatnonzero(~np.isnan(verdicts) & ~np.isnan(found.labels))
            is_alike = found.name == name or _ASPECT.search(name) is None
            judges.append(
                Judge(name, reading.good, found.name, found.by_reviewers, found.good, is_alike, reading.doubts)
            )
            parts.append(self._frame(name, both, verdicts[both], found.labels[both]))
        empty = self._frame("", np.empty(0, np.int64), np.empty(0), np.empty(0))
        return Judged(pd.concat(parts, ignore_index=True) if parts else empty, tuple(judges), self._last is not None)

    def _by_trace(self, held: RatedField, reading: Reading) -> Floats:
        rows, good, _ = per_trace(held, reading.satisfied)
        result = np.full(len(self._kept), np.nan)
        result[rows] = good
        return result

    def _people(self, satisfaction: Satisfaction | None, satisfied: Floats) -> list[_People]:
        """Fields of reviewers, then users' satisfaction."""
        found = []
        chosen = satisfaction.field if satisfaction else None
        for name, held in sorted(_fields(self._kept, FeedbackSource.ANNOTATOR).items()):
            reading = None if name == chosen else read_field(name, held, None)
            if reading is not None:
                found.append(_People(name, True, reading.good, self._by_trace(held, reading)))
        if satisfaction is not None:
            sources = {
                rating.source for kept in self._kept for rating in kept.ratings if rating.name == satisfaction.field
            }
            by_reviewers = FeedbackSource.ANNOTATOR in sources and FeedbackSource.USER not in sources
            rows = np.array([kept.row for kept in self._kept], dtype=np.int64)
            found.append(_People(satisfaction.field, by_reviewers, satisfaction.good, satisfied[rows]))
        return found

    def _frame(self, judge: str, indices: NDArray[np.int64], verdicts: Floats, people: Floats) -> pd.DataFrame:
        kept = [self._kept[index] for index in indices.tolist()]
        styles = [one.style for one in kept]
        return pd.DataFrame(
            {
                "judge": pd.Series([judge] * len(kept), dtype=object),
                "verdict": verdicts,
                "people": people,
                "trace_id": pd.Series([one.trace_id for one in kept], dtype=object),
                **{
                    name: np.array([np.nan if style is None else getattr(style, name) for style in styles], np.float64)
                    for name in ("n_words", "n_bullets", "n_headings", "n_hedges")
                },
                "session": np.array([one.session for one in kept], dtype=np.uint64),
                "rank": np.array([one.rank for one in kept], dtype=np.uint64),
                "row": np.array([one.row for one in kept], dtype=np.int64),
            }
        )


def _fields(kept: Sequence[_Kept], source: FeedbackSource) -> dict[str, RatedField]:
    """Ratings by one source, by field; rows are places in `kept`."""
    fields: dict[str, RatedField] = {}
    for place, one in enumerate(kept):
        for rating in one.ratings:
            if rating.source is source and (rating.name in fields or len(fields) < MAX_FIELDS):
                # a field counts the scores of judges and drops them: here they are what is read
                fields.setdefault(rating.name, RatedField()).add(place, replace(rating, source=FeedbackSource.UNKNOWN))
    return {name: held for name, held in fields.items() if held.n}


def _counterpart(judge: str, verdicts: Floats, people: Sequence[_People]) -> _People | None:
    """Whom the judge is held against; None where nobody rated what it did."""
    shared: Mapping[str, int] = {one.name: int(np.sum(~np.isnan(verdicts) & ~np.isnan(one.labels))) for one in people}
    ranked = sorted(
        (one for one in people if shared[one.name]),
        key=lambda one: (not one.by_reviewers, one.name != judge, -shared[one.name], one.name),
    )
    enough = [one for one in ranked if shared[one.name] >= MIN_RATED]
    return enough[0] if enough else max(ranked, key=lambda one: shared[one.name], default=None)
