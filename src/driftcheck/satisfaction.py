"""From ratings on any scale to satisfied or not: which of the fields it is.

Nothing here is silent: `Ratings.decide` returns how the ratings were read as a `Satisfaction` record, and every
doubtful choice as a warning. Scale and direction are inferred in `rating_scales`. Where drift.yaml names no field:

1. Only ratings by users and human reviewers count; judges never do, and a field that is not known to be feedback
   counts only when it is declared.
2. Fields with MIN_RATED rated traces or more come before the others.
3. Ratings of the answer (CSAT, stars, NPS, thumbs) come before outcomes (resolved, escalated, converted), and those
   before reviewers' labels.
4. Then the field with the most rated traces, then the first by name.

A trace with several ratings in the field is satisfied where most of them are; an even split says nothing and is
left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from driftcheck.numbers import count
from driftcheck.rated_fields import RatedField, Reading, examples, likely_good, read_field
from driftcheck.rating_scales import MIN_RATED, OUTCOME, Floats, Rule, parse_good
from driftcheck.records import Feedback, FeedbackField, FeedbackSource, Satisfaction

MAX_FIELDS = 200
"""Fields that are kept; more are keys made of data (ids, dates), not feedback."""


class _Group(IntEnum):
    """Preference of a field: the lower is taken first."""

    RATING = 0
    OUTCOME = 1
    REVIEW = 2
    OTHER = 3


_REVIEW = re.compile(r"review|annotat|agree|approv|accept|label", re.IGNORECASE)


class Ratings:
    """Collects every rating of the production, then decides which of them are satisfaction.

    >>> from driftcheck.records import Feedback, FeedbackSource
    >>> ratings = Ratings()
    >>> for row, stars in enumerate([5, 4, 2]):
    ...     ratings.add(row, [Feedback("csat", stars, None, FeedbackSource.USER)])
    >>> satisfaction, rows, satisfied, warnings = ratings.decide(None, None)
    >>> satisfaction.scale, satisfaction.good, rows.tolist(), satisfied.tolist()
    ('1 to 5', '>= 4', [0, 1, 2], [1.0, 1.0, 0.0])
    """

    def __init__(self) -> None:
        self._fields: dict[str, RatedField] = {}
        self._n_beyond = 0

    def add(self, trace_index: int, feedback: Sequence[Feedback]) -> None:
        """Add the ratings of one trace; `trace_index` is its row in the caller's frame."""
        for rating in feedback:
            held = self._fields.get(rating.name)
            if held is None:
                if len(self._fields) >= MAX_FIELDS:
                    self._n_beyond += 1
                    continue
                held = self._fields[rating.name] = RatedField()
            held.add(trace_index, rating)

    @property
    def counts(self) -> dict[str, int]:
        """Ratings by people (or by nobody knows whom) per field, judges left out."""
        return {name: held.n for name, held in self._fields.items() if held.n}

    def fields(self) -> tuple[FeedbackField, ...]:
        """Say how each field would be read, judges apart from people, in the order of their names."""
        chosen = self._chosen(None)[0]
        found: list[FeedbackField] = []
        for name, held in sorted(self._fields.items()):
            if held.n:
                found.append(self._field(name, held, is_chosen=name == chosen))
            if held.n_judged:
                low, high = held.judged
                seen = f"{low:g} to {high:g}" if low <= high else "labels"
                found.append(
                    FeedbackField(name, FeedbackSource.JUDGE, held.n_judged, None, None, None, None, seen, None)
                )
        return tuple(found)

    def _field(self, name: str, held: RatedField, *, is_chosen: bool) -> FeedbackField:
        source = FeedbackSource.UNKNOWN
        if held.n_user or held.n_annotator:
            source = FeedbackSource.USER if held.n_user else FeedbackSource.ANNOTATOR
        reading = read_field(name, held, None)
        share = None
        doubts: list[str] = []
        if reading is not None:
            known = reading.satisfied[~np.isnan(reading.satisfied)]
            share = float(known.mean()) if len(known) else None
            doubts += reading.doubts
            if reading.n_off:
                doubts.append(f"{reading.n_off} of {held.n} are off the scale, such as {', '.join(reading.off)}")
        if source is FeedbackSource.UNKNOWN:
            doubts.append("nothing says that people gave it: it counts only where drift.yaml names it")
        return FeedbackField(
            name=name,
            source=source,
            n=held.n,
            scale=reading.scale if reading else None,
            good=reading.good if reading else None,
            direction=reading.direction if reading else None,
            share_good=share,
            seen=examples(held),
            declare=self._declaration(name, reading),
            is_satisfaction=is_chosen,
            doubts=tuple(doubts),
        )

    def decide(
        self, declared_field: str | None, good: str | None
    ) -> tuple[Satisfaction | None, NDArray[np.int64], Floats, tuple[str, ...]]:
        """Choose the field, its scale and its direction.

        `declared_field` and `good` are what drift.yaml says, None where it says nothing. Returns
        the record (None where nobody rated anything), the row indices of the rated traces in
        ascending order, 1 or 0 for each of them, and warnings, one sentence each. Raises ValueError
        where the declaration cannot be followed.
        """
        rule = parse_good(good) if good is not None else None
        warnings: list[str] = []
        if self._n_beyond:
            warnings.append(f"{self._n_beyond} ratings beyond the first {MAX_FIELDS} fields are not used")
        if declared_field is not None:
            chosen = self._declared(declared_field)
            others: list[str] = []
        else:
            chosen, others = self._chosen(rule)
        if chosen is None:
            return (
                None,
                np.empty(0, np.int64),
                np.empty(0),
                (*warnings, *self._nothing(declared_field, rule)),
            )
        held = self._fields[chosen]
        reading = read_field(chosen, held, rule)
        if reading is None:
            seen = f"seen are {examples(held)}"
            if good is not None:
                raise ValueError(f"no rating in {chosen!r} can be compared with {good!r}; {seen}")
            raise ValueError(
                f"the ratings in {chosen!r} fill no customary scale ({seen}); "
                f"say what counts as satisfied, such as {self._declaration(chosen)}"
            )
        if declared_field is None:
            for name, other in sorted(self._fields.items()):
                is_rated = other.n_user >= MIN_RATED and not other.names
                if is_rated and name != chosen and read_field(name, other, None) is None:
                    warnings.append(self._refused(name))
        warnings += self._said(chosen, held, reading, others)
        rows, satisfied, n_split = per_trace(held, reading.satisfied)
        if n_split:
            warnings.append(f"{n_split} traces have as many good as bad ratings in {chosen!r}: taken as unrated")
        satisfaction = Satisfaction(
            field=chosen,
            scale=reading.scale,
            good=reading.good,
            inferred=declared_field is None or rule is None,
        )
        return satisfaction, rows, satisfied, tuple(warnings)

    def _declared(self, name: str) -> str | None:
        by_lower = {known.lower(): known for known in self._fields}
        found = name if name in self._fields else by_lower.get(name.lower())
        if found is None:
            if not self.counts:
                return None
            raise ValueError(
                f"no trace has a rating named {name!r}; rated fields are "
                + ", ".join(f"{field} ({n})" for field, n in sorted(self.counts.items()))
            )
        if not self._fields[found].n and self._fields[found].n_judged:
            raise ValueError(f"{name!r} is scored by a judge, not by users, and cannot be satisfaction")
        return found if self._fields[found].n else None

    def _chosen(self, rule: Rule | None) -> tuple[str | None, list[str]]:
        ranked: list[tuple[bool, int, int, str]] = []
        for name, held in self._fields.items():
            if not held.n_user and not held.n_annotator:
                continue
            if read_field(name, held, rule) is None or not _within(held, rule):
                continue
            n_rated = len(set(held.rows))
            ranked.append((n_rated < MIN_RATED, _group(name, held), -n_rated, name))
        few = [entry for entry in ranked if entry[0]]
        enough = [entry for entry in ranked if not entry[0]]
        order = sorted(enough) + sorted(few, key=lambda entry: (entry[2], entry[1], entry[3]))
        names = [entry[3] for entry in order]
        return (names[0], names[1:]) if names else (None, [])

    def _nothing(self, declared: str | None, rule: Rule | None) -> list[str]:
        judged = sorted(name for name, held in self._fields.items() if held.n_judged and not held.n)
        unread = sorted(self.counts)
        refused = [self._refused(name) for name in unread if rule is None and self._is_users(name)]
        if declared is not None:
            return [f"no trace has a rating named {declared!r}, or any other rating"]
        if refused:
            return refused
        if unread:
            return [
                f"{', '.join(unread)} may be ratings, but it is not sure whose or on what scale; "
                "name the field, and what is good, under satisfaction: in drift.yaml"
            ]
        if judged:
            return [f"only judges scored the traces ({', '.join(judged)}); judges are not users"]
        return []

    def _is_users(self, name: str) -> bool:
        return bool(self._fields[name].n_user or self._fields[name].n_annotator)

    def _refused(self, name: str) -> str:
        held = self._fields[name]
        return (
            f"{name!r} is not used: its {count(held.n, 'rating')} fill no customary scale (seen are {examples(held)}); "
            f"say what is good in drift.yaml: {self._declaration(name)}"
        )

    def _declaration(self, name: str, reading: Reading | None = None) -> str:
        """Write the line of drift.yaml: what is good as it was read, else what it may be."""
        field = name if re.fullmatch(r"[\w.-]+", name) else json.dumps(name, ensure_ascii=False)
        read = None if reading is None else f"[{reading.good}]" if reading.direction == "by label" else reading.good
        good = json.dumps(read or likely_good(self._fields[name]), ensure_ascii=False)
        return f"satisfaction: {{field: {field}, good: {good}}}"

    def _said(self, name: str, held: RatedField, reading: Reading, others: list[str]) -> list[str]:
        said = [f"{name!r}: {doubt}" for doubt in reading.doubts]
        if others:
            listed = ", ".join(f"{other} ({self._fields[other].n})" for other in others[:5])
            said.append(
                f"satisfaction is read from {name!r} ({held.n} ratings), not from {listed}; "
                "satisfaction.field in drift.yaml chooses another"
            )
        if reading.n_off:
            said.append(
                f"{reading.n_off} of {held.n} ratings in {name!r} are off the scale "
                f"{reading.scale} (such as {', '.join(reading.off)}) and are not used"
            )
        if held.n_judged:
            said.append(f"{held.n_judged} scores of {name!r} by judges are not used")
        if held.n_comments:
            said.append(f"{held.n_comments} comments in {name!r} are not used")
        return said


def _within(held: RatedField, rule: Rule | None) -> bool:
    """Say whether a declared threshold lies among the values: `>= 4` is not meant for thumbs."""
    if rule is None or isinstance(rule, frozenset):
        return True
    values = np.frombuffer(held.values, np.float64)
    return bool(np.nanmin(values) <= rule[1] <= np.nanmax(values))


def _group(name: str, held: RatedField) -> _Group:
    if OUTCOME.search(name):
        return _Group.OUTCOME
    if not held.n_user or _REVIEW.search(name):
        return _Group.REVIEW
    return _Group.RATING


def per_trace(held: RatedField, satisfied: Floats) -> tuple[NDArray[np.int64], Floats, int]:
    """Rows with a rating, 1 or 0 for each of them, and how many were split.

    Several ratings of a trace are joined: the majority; an even split is no rating.
    """
    known = ~np.isnan(satisfied)
    rows, inverse = np.unique(np.frombuffer(held.rows, np.int64)[known], return_inverse=True)
    counts = np.bincount(inverse, minlength=len(rows))
    share = np.bincount(inverse, weights=satisfied[known], minlength=len(rows)) / np.maximum(counts, 1)
    decided = share != 0.5
    return rows[decided], (share[decided] > 0.5).astype(np.float64), int((~decided).sum())
