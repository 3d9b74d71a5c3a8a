"""A stream of traces to `Production`: what the audit keeps of an export of any length."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from heapq import heappush, heappushpop

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftcheck.config import TextChoice
from driftcheck.error_classes import error_class, is_code
from driftcheck.joining import content_id, slice_value
from driftcheck.judged import MAX_JUDGED, Judged, JudgedTraces
from driftcheck.records import SLICE_PREFIX, LoadReport, Production, Satisfaction, Trace
from driftcheck.sampling import Sampled, Sampler, share_by_session, stable_hash
from driftcheck.satisfaction import Ratings
from driftcheck.week_sampling import WeekSampler
from driftcheck.window_sampling import WindowSampler

MAX_ERROR_CLASSES = 500
"""Classes of errors that are told apart; a product whose every message is new has no classes."""
MIN_ALIKE = 5
"""Errors of a class that is a message in words, below which it goes by OTHER_ERROR: it may name a user."""
OTHER_ERROR = "other"
_NO_ERROR, _OTHER = 0, 1


class Gatherer:
    """Takes traces one by one, keeps a sample of their texts and a few bytes of each; `finish` makes `Production`.

    Args:
        sampler: keeps the texts, of one window or of several.
        text: which text is embedded.
        slices: declared slice columns.
        declared_rating: field and rule of drift.yaml's `satisfaction`.

    """

    def __init__(
        self,
        sampler: Sampler | WindowSampler | WeekSampler,
        *,
        text: TextChoice,
        slices: Sequence[str],
        declared_rating: tuple[str | None, str | None],
    ) -> None:
        self._sampler = sampler
        self._ratings = Ratings()
        self._judged = JudgedTraces()
        self._errors = _ErrorClasses()
        self._tag_fields: dict[str, None] = {}
        self._text = text
        self._slices = slices
        self._declared_rating = declared_rating
        self._row = 0
        self._n_silent = 0
        self._made: dict[int, int] = {}

    def add(self, trace: Trace) -> None:
        """Take one trace."""
        if trace.trace_id is None:
            made = content_id(f"{trace.timestamp}|{trace.session_id}|{trace.input_text}")
            # two users may ask the same: the second is a trace of its own, whichever of them the file tells first
            key = stable_hash(made)
            self._made[key] = repeat = self._made.get(key, 0) + 1
            trace = replace(trace, trace_id=made if repeat == 1 else f"{made}#{repeat}")
        self._sampler.add(trace)
        self._n_silent += not (trace.input_text and trace.input_text.strip())
        if trace.feedback:
            self._ratings.add(self._row, trace.feedback)
            self._judged.add(self._row, trace)
        self._errors.add(error_class(trace.error) if trace.error is not None else "")
        if len(self._tag_fields) < 500:
            self._tag_fields.update(dict.fromkeys(trace.tags))
        self._row += 1

    def finish(self, reports: Sequence[LoadReport]) -> tuple[Production, ...]:
        """What was kept, one for each sample: the one of a `Sampler`, or those of the others in their order.

        Raises:
            ValueError: drift.yaml's `satisfaction` cannot be followed.

        """
        satisfaction, rated_rows, good, warnings = self._ratings.decide(*self._declared_rating)
        satisfied = np.full(self._row, np.nan)
        satisfied[rated_rows] = good
        errors = self._errors.finish()
        judged = self._judged.finish(satisfaction, satisfied)
        finished = self._sampler.finish()
        samples = finished if isinstance(finished, tuple) else (finished,)
        return tuple(
            self._production(sampled, satisfaction, satisfied, errors, judged, warnings, reports) for sampled in samples
        )

    def _production(
        self,
        sampled: Sampled,
        satisfaction: Satisfaction | None,
        satisfied: NDArray[np.float64],
        errors: tuple[NDArray[np.int64], list[str]],
        judged: Judged,
        warnings: Sequence[str],
        reports: Sequence[LoadReport],
    ) -> Production:
        counted = _one_of_each(sampled, satisfied)
        codes, names = errors
        traffic = pd.DataFrame(
            {
                "session": sampled.sessions[counted],
                "timestamp": sampled.timestamps[counted],
                "error": pd.Categorical.from_codes(codes[counted], categories=pd.Index(names)),
                "satisfied": satisfied[counted].astype(np.float32),
            }
        )
        # the order of an export says nothing: sums and categories must not hang on it
        traffic = traffic.sort_values(["session", "timestamp", "error", "satisfied"], kind="stable", ignore_index=True)
        rated = traffic[traffic["satisfied"].notna()]
        n_repeated = int((sampled.in_window & ~counted).sum())
        notes = list(warnings)
        if judged.is_sample:
            notes.append(f"of what judges and people both rated, {MAX_JUDGED:,} traces of the export are compared")
        if self._n_silent:
            notes.append(f"{self._n_silent:,} of {self._row:,} traces carry no input text: they are not compared")
        if n_repeated:
            notes.append(f"{n_repeated:,} traces repeat the id of another and are counted once")
        if sampled.n_without_time:
            undated = f"{sampled.n_without_time:,} traces carry no timestamp that can be read"
            notes.append(f"{undated} and are outside of the window")
        if sampled.window.until is None and self._row:
            notes.append("no trace carries a timestamp that can be read: the whole export is taken as the window")
        return Production(
            sample=self._sample_frame(sampled, rated),
            traffic=traffic,
            n_sessions=sampled.n_sessions,
            since=sampled.window.since,
            until=sampled.window.until,
            n_outside_window=int((~sampled.in_window).sum()),
            satisfaction=satisfaction,
            tag_fields=tuple(sorted(self._tag_fields)),
            reports=tuple(reports),
            warnings=tuple(notes),
            judged=judged.within(counted),
            judges=judged.judges,
        )

    def _sample_frame(self, sampled: Sampled, rated: pd.DataFrame) -> pd.DataFrame:
        sessions = sampled.sessions[sampled.rows]
        traces = sampled.traces
        columns: dict[str, object] = {
            "trace_id": [trace.trace_id for trace in traces],
            "session": sessions,
            "timestamp": sampled.timestamps[sampled.rows],
            "text": [
                (trace.conversation if self._text is TextChoice.CONVERSATION else None) or trace.input_text
                for trace in traces
            ],
            "input": [trace.input_text for trace in traces],
            "conversation": pd.Series([trace.conversation for trace in traces], dtype=object),
            "language": [trace.language for trace in traces],
            "model": [trace.model for trace in traces],
            "error": [
                self._errors.kept(error_class(trace.error)) if trace.error is not None else None for trace in traces
            ],
            "tools": ["\n".join(trace.tools) for trace in traces],
            "satisfied": share_by_session(
                rated["session"].to_numpy(), rated["satisfied"].to_numpy(dtype=np.float64), sessions
            ),
            "output": pd.Series([trace.output_text for trace in traces], dtype=object),
            "comment": pd.Series(["\n".join(trace.comments) or None for trace in traces], dtype=object),
        }
        for name in self._slices:
            columns[f"{SLICE_PREFIX}{name}"] = [slice_value(name, dict(trace.tags), trace.language) for trace in traces]
        return pd.DataFrame(columns)


class _ErrorClasses:
    """The class of every row's error, as a code; memory stays bounded though every message be a class of its own.

    Of more than MAX_ERROR_CLASSES classes those with the smallest hashes keep their names, whatever the order of rows.
    """

    def __init__(self) -> None:
        self._names = ["", OTHER_ERROR]
        """Name of each code."""
        self._codes: dict[str, int] = {"": _NO_ERROR}
        """Code of each class that has its name still."""
        self._by_row = array("q")
        self._counts: Counter[int] = Counter()
        """Rows of each code."""
        self._largest: list[tuple[int, str]] = []
        """Heap of (negated hash, class): the next to lose its name first."""

    def add(self, name: str) -> None:
        """Take the class of the next row, empty where it has no error."""
        code = self._codes.get(name)
        code = self._learn(name) if code is None else code
        self._counts[code] += 1
        self._by_row.append(code)

    def _learn(self, name: str) -> int:
        entry = (-stable_hash(name), name)
        if len(self._largest) < MAX_ERROR_CLASSES:
            heappush(self._largest, entry)
        else:
            _, lost = heappushpop(self._largest, entry)
            if lost == name:
                return _OTHER
            self._names[self._codes.pop(lost)] = OTHER_ERROR
        self._codes[name] = len(self._names)
        self._names.append(name)
        return self._codes[name]

    def kept(self, name: str) -> str:
        """Return the class under which an error is counted."""
        code = self._codes.get(name, _OTHER)
        return name if code != _OTHER and self._is_told(code) else OTHER_ERROR

    def _is_told(self, code: int) -> bool:
        """Whether a class goes by its name: a message in words must have come often, else it may tell of one user."""
        return is_code(self._names[code]) or self._counts[code] >= MIN_ALIKE

    def finish(self) -> tuple[NDArray[np.int64], list[str]]:
        """Code of each row, shape (n,), and the sorted names that the codes stand for."""
        codes = np.frombuffer(self._by_row, dtype=np.int64)
        for code in range(_OTHER + 1, len(self._names)):
            if not self._is_told(code):
                codes = np.where(codes == code, _OTHER, codes)
        names = sorted({"", *(self._names[code] for code in np.unique(codes))})
        place = {name: number for number, name in enumerate(names)}
        return np.array([place.get(name, 0) for name in self._names], dtype=np.int64)[codes], names


def _one_of_each(sampled: Sampled, satisfied: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which rows of the window count where an id repeats (overlapping exports): a rated one, the earliest of those."""
    rows = np.flatnonzero(sampled.in_window)
    good, ids = satisfied[rows], sampled.ids[rows]
    order = rows[np.lexsort((good, sampled.timestamps[rows], np.isnan(good), ids))]
    ids = sampled.ids[order]
    first = np.ones(len(ids), dtype=bool)
    first[1:] = ids[1:] != ids[:-1]
    result = np.zeros(len(sampled.ids), dtype=bool)
    result[order[first]] = True
    return result
