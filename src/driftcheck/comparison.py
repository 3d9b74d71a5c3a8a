"""Everything a check may look at: eval set, runs and production side by side, and what was computed once for all."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftcheck.baseline import Baseline
from driftcheck.complaints import Complaints
from driftcheck.errors import NotMeasurable, measurable
from driftcheck.history import History, make_history
from driftcheck.languages import identify_alike
from driftcheck.lengths import lengths_of
from driftcheck.numbers import count
from driftcheck.records import EvalSet, Production, Runs, Status
from driftcheck.seals import SealState
from driftcheck.sizes import ALPHA, MIN_CASES, MIN_RATINGS, MIN_SESSIONS
from driftcheck.slices.neighbours import NovelTraffic, find_novel, group_alike
from driftcheck.slices.partition import DEAD_RATIO, FURTHER_SLICES, UNDER_RATIO, Partition, build_partition
from driftcheck.slices.space import Space, fit_space
from driftcheck.slices.traffic import TrafficTest, compare_traffic
from driftcheck.stats.intervals import Interval, mean_interval, newcombe_difference
from driftcheck.stats.poststratify import RestatedPassRate, restated_pass_rate
from driftcheck.stats.scan import signed_root_llr
from driftcheck.stats.selection import (
    SelectedSlice,
    critical_value,
    difference_after_selection,
    selection_margin,
    share_after_selection,
)
from driftcheck.upkeep import Upkeep

SIMILAR = 0.95
"""Cosine from which two cases repeat each other."""


@dataclass(frozen=True)
class Traffic:
    """The comparison of texts: tests and slices."""

    space: Space
    test: TrafficTest
    partition: Partition
    novel: NovelTraffic


@dataclass(frozen=True)
class Comparison:
    """An eval set Q, its runs, and production P, compared.

    Arrays over cases follow the order of `eval_set.frame`, those over traces that of `production.sample`.
    """

    eval_set: EvalSet
    runs: Runs | None
    production: Production
    case_vectors: NDArray[np.float32]
    """Unit embeddings, shape (n_cases, d)."""
    trace_vectors: NDArray[np.float32]
    """Unit embeddings, shape (n_sample, d)."""
    declared_slices: tuple[str, ...]
    seed: int
    runs_until: float | None
    """Runs later than this (unix seconds) are left out; None takes all."""
    baseline: Baseline
    """The earlier audit that this one is held against; empty without one."""
    upkeep: Upkeep = field(default_factory=Upkeep)
    """Owners, cadence, rubric, refreshes and waivers."""
    seal: SealState | None = None
    """The seal, as far as it is known without its key; None where nothing is sealed."""
    complaints: Complaints | None = None
    """Comments of badly rated sessions beside the rubric; None where nobody rated badly, or no rubric is known."""

    @cached_property
    def traffic(self) -> Traffic:
        """Tests and slices of the texts.

        Raises:
            NotMeasurable: too few cases or sessions.

        """
        n_cases, n_sessions = self.eval_set.n_cases, len(self.production.sample)
        if n_cases < MIN_CASES or n_sessions < MIN_SESSIONS:
            raise NotMeasurable(
                f"{count(n_cases, 'case')} and {count(n_sessions, 'session')} with text are too few: "
                f"at least {MIN_CASES} cases and {MIN_SESSIONS} sessions are needed"
            )
        space = fit_space(self.case_vectors, self.trace_vectors, seed=self.seed)
        test = compare_traffic(space, seed=self.seed)
        partition = build_partition(
            space,
            test,
            self.case_vectors,
            self.trace_vectors,
            self.eval_set.frame["text"].tolist(),
            self.production.sample["text"].tolist(),
            previous=self.baseline.centroids or None,
            retired=self.baseline.retired,
        )
        return Traffic(space=space, test=test, partition=partition, novel=find_novel(space, seed=self.seed))

    def traffic_share(self, indices: Sequence[int]) -> Interval:
        """Share of sampled sessions in these slices together, with an interval that knows why they were picked."""
        return self._share(indices, of_cases=False)

    def case_share(self, indices: Sequence[int]) -> Interval:
        """Share of cases in these slices together, with an interval that knows why they were picked."""
        return self._share(indices, of_cases=True)

    @cached_property
    def coverage(self) -> Interval:
        """Share of sampled sessions in slices of which the eval set has cases, and not far too few."""
        slices = self.traffic.partition.slices
        missing = [index for index, part in enumerate(slices) if part.n_cases == 0 or part.coverage == "uncovered"]
        share = self.traffic_share(missing)
        return Interval(1 - share.value, 1 - share.high, 1 - share.low, share.n)

    def share_difference(self, index: int) -> Interval:
        """Eval share minus production share of a slice, with an interval that knows whether it was picked for it."""
        return difference_after_selection(
            self._selected[index], self.eval_set.n_cases, len(self.production.sample), self._reach
        )

    def _share(self, indices: Sequence[int], *, of_cases: bool) -> Interval:
        parts = [self._selected[index] for index in indices]
        n_cases, n_traces = self.eval_set.n_cases, len(self.production.sample)
        return share_after_selection(parts, n_cases, n_traces, self._reach, of_cases=of_cases)

    @cached_property
    def _reach(self) -> float:
        """Standard errors by which the family-wise test lets any slice deviate."""
        test = self.traffic.test
        return max(critical_value(null, ALPHA) for null in (test.null_maxima_under, test.null_maxima_over))

    @cached_property
    def _selected(self) -> tuple[SelectedSlice, ...]:
        """Each slice with what it had to spare when it was called under-covered or dead."""
        test, partition = self.traffic.test, self.traffic.partition
        n = len(partition.slices)
        tested = np.bincount(partition.slice_of_trace[: test.n_traces], minlength=n).tolist()
        cases = [part.n_cases for part in partition.slices]
        statistic = signed_root_llr(cases, np.add(cases, tested), test.n_cases, test.n_cases + test.n_traces)
        margin = [math.inf] * n
        for picked, null, sign in (
            ([part.under_covered for part in partition.slices], test.null_maxima_under, 1.0),
            ([part.dead for part in partition.slices], test.null_maxima_over, -1.0),
        ):
            least = critical_value(null, ALPHA * FURTHER_SLICES)
            for index in np.flatnonzero(picked).tolist():
                over = sign * float(statistic[index]) - least
                eval_side, traffic = (cases[index], test.n_cases), (tested[index], test.n_traces)
                margin[index] = (
                    selection_margin(traffic, eval_side, over, UNDER_RATIO)
                    if sign > 0
                    else selection_margin(eval_side, traffic, over, 1 / DEAD_RATIO)
                )
        return tuple(
            SelectedSlice(part.n_cases, part.n_traces, spare)
            for part, spare in zip(partition.slices, margin, strict=True)
        )

    @cached_property
    def full_runs(self) -> tuple[str, ...]:
        """The runs that tried enough of the eval set, oldest first; at least one.

        A run counts with outcomes of a quarter of the cases, and of MIN_CASES where there are as many; one later than
        a window's end that the user set does not.

        Raises:
            NotMeasurable: no run, or none that counts.

        """
        if self.runs is None:
            raise NotMeasurable("no results of the eval set: name them by `runs:` in drift.yaml or --runs")
        frame = self.runs.frame
        scored = frame[frame["status"].isin([Status.PASS.value, Status.FAIL.value])]
        if self.runs_until is not None:
            scored = scored[~(scored["run_time"] > self.runs_until)]
        tried = scored.groupby("run_id")["own_id"].nunique()
        enough = min(self.eval_set.n_cases, max(MIN_CASES, self.eval_set.n_cases // 4))
        full = tuple(run for run in self.runs.run_ids if tried.get(run, 0) >= enough)
        if full:
            return full
        most = int(tried.max()) if len(tried) else 0
        raise NotMeasurable(f"no run has outcomes of enough cases: {most} at the most, {enough} are needed")

    @cached_property
    def latest_run(self) -> str:
        """The run that the score is read off: the newest that tried enough of the eval set.

        Raises:
            NotMeasurable: no run, or none that counts.

        """
        return self.full_runs[-1]

    @cached_property
    def history(self) -> History:
        """Outcomes of the cases over the runs that tried enough of them.

        Raises:
            NotMeasurable: no run, or none that counts.

        """
        full = self.full_runs
        if self.runs is None:
            raise NotMeasurable("no results of the eval set: name them by `runs:` in drift.yaml or --runs")
        return make_history(self.runs.frame, full)

    @cached_property
    def latest_results(self) -> pd.DataFrame:
        """Results of the latest run, of all its models and prompts. Raises NotMeasurable where there is none."""
        if self.runs is None:
            raise NotMeasurable("no results of the eval set: name them by `runs:` in drift.yaml or --runs")
        return self.runs.frame[self.runs.frame["run_id"] == self.latest_run]

    @cached_property
    def _outcomes(self) -> pd.Series[float]:
        """Share of passes by case, over its repeats, models and prompts; of joined results where there are any."""
        latest = self.latest_results
        scored = latest[latest["status"].isin([Status.PASS.value, Status.FAIL.value])]
        joined = scored[scored["case_id"].notna()]
        # a result of no case says nothing of this eval set; where none joins, the run is all there is
        counted, key = (joined, joined["case_id"]) if len(joined) else (scored, scored["own_id"])
        return (counted["status"] == Status.PASS.value).astype(float).groupby(key).mean()

    @cached_property
    def pass_of_case(self) -> NDArray[np.float64]:
        """Share of passes of each case in the latest run, over its repeats, NaN without an outcome, (n_cases,)."""
        if measurable(lambda: self.latest_run) is None:
            return np.full(self.eval_set.n_cases, np.nan)
        return np.asarray(self.eval_set.frame["case_id"].map(self._outcomes), dtype=np.float64)

    @cached_property
    def pass_rate(self) -> Interval:
        """Pass rate of the latest run: errors and skipped cases leave it, repeats of a case count once.

        Raises:
            NotMeasurable: no run with enough outcomes.

        """
        return _mean(np.asarray(self._outcomes, dtype=np.float64))

    @cached_property
    def satisfaction(self) -> Interval:
        """Share of satisfied ratings in the window, with an interval for ratings of one session being alike.

        Raises:
            NotMeasurable: nobody rated anything.

        """
        rated = self.production.traffic[self.production.traffic["satisfied"].notna()]
        if rated.empty:
            raise NotMeasurable("production carries no ratings by users: name one by `satisfaction:` in drift.yaml")
        return mean_interval(rated["satisfied"].to_numpy(dtype=np.float64), rated["session"].to_numpy())

    @property
    def n_rated(self) -> int:
        """Rated traces in the window."""
        return int(self.production.traffic["satisfied"].notna().sum())

    @cached_property
    def gap(self) -> Interval:
        """Pass rate minus satisfaction, Newcombe interval.

        Raises:
            NotMeasurable: either is missing, or there are too few ratings.

        """
        pass_rate, satisfaction = self.pass_rate, self.satisfaction
        if self.n_rated < MIN_RATINGS:
            raise NotMeasurable(f"too few ratings, {count(self.n_rated)}: at least {MIN_RATINGS} are needed")
        return newcombe_difference(pass_rate, satisfaction)

    @cached_property
    def pass_by_slice(self) -> tuple[Interval | None, ...]:
        """Pass rate of the cases in each slice, None where no case has an outcome."""
        return self._by_slice(self.pass_of_case, self.traffic.partition.slice_of_case)

    @cached_property
    def satisfaction_by_slice(self) -> tuple[Interval | None, ...]:
        """Satisfaction of the sampled sessions in each slice, None where nobody rated."""
        return self._by_slice(
            self.production.sample["satisfied"].to_numpy(dtype=np.float64), self.traffic.partition.slice_of_trace
        )

    def _by_slice(self, values: NDArray[np.float64], slice_of: NDArray[np.int32]) -> tuple[Interval | None, ...]:
        known = ~np.isnan(values)
        order = np.argsort(slice_of[known], kind="stable")
        ends = np.cumsum(np.bincount(slice_of[known], minlength=len(self.traffic.partition.slices)))
        parts = np.split(values[known][order], ends[:-1])
        return tuple(_mean(part) if len(part) else None for part in parts)

    @cached_property
    def restated(self) -> RestatedPassRate:
        """Pass rate post-stratified to production's slices.

        Raises:
            NotMeasurable: no outcomes of cases, or too little data for slices.

        """
        if np.isnan(self.pass_of_case).all():
            _ = self.pass_rate  # says why there is none
            raise NotMeasurable("no result could be joined to a case of the eval set: ids and inputs differ")
        partition = self.traffic.partition
        known = ~np.isnan(self.pass_of_case)
        n_slices = len(partition.slices)
        cases = np.bincount(partition.slice_of_case[known], minlength=n_slices).astype(float)
        passes = np.bincount(partition.slice_of_case[known], weights=self.pass_of_case[known], minlength=n_slices).clip(
            max=cases
        )
        traces = np.bincount(partition.slice_of_trace, minlength=n_slices).astype(float)
        uncovered = np.array([part.coverage == "uncovered" for part in partition.slices]) | (cases == 0)
        return restated_pass_rate(passes, cases, traces, parent=partition.parent, uncovered=uncovered, seed=self.seed)

    @cached_property
    def group_of_case(self) -> NDArray[np.int32]:
        """Number of the group of cases that repeat each other, in the order of their first cases, (n_cases,)."""
        return group_alike(self.case_vectors, SIMILAR)

    @cached_property
    def _languages(self) -> list[list[str]]:
        """Of the cases and of the sampled traces."""
        frames = (self.eval_set.frame, self.production.sample)
        return identify_alike([(frame["text"].tolist(), frame["language"].tolist()) for frame in frames])

    @cached_property
    def case_languages(self) -> NDArray[np.str_]:
        """Language of each case, ISO 639-1 or `und`, (n_cases,)."""
        return np.array(self._languages[0], dtype=str)

    @cached_property
    def trace_languages(self) -> NDArray[np.str_]:
        """Language of each sampled trace, ISO 639-1 or `und`, (n_sample,)."""
        return np.array(self._languages[1], dtype=str)

    @cached_property
    def case_lengths(self) -> NDArray[np.int64]:
        """Length of each case in words (characters in scripts without spaces), (n_cases,)."""
        return lengths_of(self.eval_set.frame["text"].tolist())

    @cached_property
    def trace_lengths(self) -> NDArray[np.int64]:
        """Length of each sampled trace in words (characters in scripts without spaces), (n_sample,)."""
        return lengths_of(self.production.sample["text"].tolist())


def _mean(values: NDArray[np.float64]) -> Interval:
    """Mean of 0..1 whose `n` is the number of values."""
    return replace(mean_interval(values), n=float(len(values)))
