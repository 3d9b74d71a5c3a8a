"""What `driftcheck refresh` proposes, prices and says to have moved, on real text with planted drift.

    python -m tests.benchmarks.proposals choice --data DIR --vectors DIR --draws 20
    python -m tests.benchmarks.proposals bill --data DIR --vectors DIR --draws 12
    python -m tests.benchmarks.proposals null --data DIR --vectors DIR --draws 100
    python -m tests.benchmarks.proposals speed --data DIR --vectors DIR

`choice`: of scenarios `novel_near_p10` and `novel_far_p10` (two intents that no case asks hold a tenth of the traffic),
how many of the first 30 proposals are of those intents, whether each is among them, and the nearest two proposals.
`bill`: half of production is priced; the audit is then held, with the cases accepted that the bill asked for, on that
half and on the other, which nobody has seen. `null`: two samples of the same traffic, how often the diff says that
something moved. `speed`: seconds at 300 cases and 1,000 sessions, and at 1,000 and 10,000.

DIR of --data holds `make_scenarios.py`, that of --vectors NAME.npy: embeddings in the row order of its `load(NAME)`.
"""

from __future__ import annotations

import argparse
import datetime as dt
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tests.benchmarks.scenarios import scenario_module

from driftcheck.baseline import Baseline
from driftcheck.checks import topic_divergence
from driftcheck.comparison import SIMILAR, Comparison
from driftcheck.config import Config, Settings, TextChoice
from driftcheck.findings import FindingStatus
from driftcheck.joining import make_eval_set
from driftcheck.ledger import UsedModel
from driftcheck.ledger.events import Refreshed, encoded
from driftcheck.policy import Plan, judge, make_plan
from driftcheck.production import Gatherer
from driftcheck.records import Case, Trace
from driftcheck.refresh_report import Bill
from driftcheck.refreshing.billing import PRICED, price, with_cases
from driftcheck.refreshing.moving import against_eval_set, against_refresh, mixes_of
from driftcheck.refreshing.needs import Needs, find_needs
from driftcheck.refreshing.ranking import Ranked, Ranking
from driftcheck.sampling import Sampler
from driftcheck.slices.profile import make_profile
from driftcheck.stats.intervals import wilson
from driftcheck.watching import Unwatched

Floats = NDArray[np.float32]
CELLS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("banking77", "novel_near_p10", {"p": 0.1}),
    ("hwu64", "novel_near_p10", {"p": 0.1}),
    ("hwu64", "novel_far_p10", {"p": 0.1, "novel": "far"}),
)
BILLS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("novel", {"p": 0.1}),
    ("novel", {"p": 0.2}),
    ("mixture", {"kl_target": 0.6}),
)
FIRST = 30
MODEL = UsedModel("benchmark", None)


@dataclass(frozen=True)
class World:
    """A scenario, embedded."""

    comparison: Comparison
    label: dict[str, str]
    """Intent of each trace, by its id."""
    planted: tuple[str, ...]
    """Intents that no case asks."""


class Texts:
    """One data set with the embeddings of its rows."""

    def __init__(self, made: ModuleType, folder: Path, name: str) -> None:
        self._made = made
        self._rows = made.load(name)
        self._vectors = np.load(folder / f"{name}.npy")
        self._place = {one: row for row, one in enumerate(self._rows["id"])}

    def world(self, kind: str, seed: int, **parameters: Any) -> World:
        """A scenario as an audit sees it."""
        cases, traces, _, truth = self._made.make(self._rows, kind, seed=seed, **parameters)
        return World(
            comparison=self.compare(cases, traces),
            label=dict(zip(traces["id"], traces["label"], strict=True)),
            planted=tuple(truth.get("uncovered", ())),
        )

    def compare(self, cases: Any, traces: Any) -> Comparison:
        """Rows of a scenario, laid side by side."""
        eval_set = make_eval_set(
            [Case(str(one.id), one.input, f"e:{i}") for i, one in enumerate(cases.itertuples())],
            (),
            text=TextChoice.LAST_TURN,
        )
        gatherer = Gatherer(
            Sampler(10_000, 3650 * 86_400), text=TextChoice.LAST_TURN, slices=(), declared_rating=(None, None)
        )
        for one in traces.itertuples():
            gatherer.add(Trace(one.id, one.input, "t", timestamp=1.0))
        (production,) = gatherer.finish(())
        of_case = dict(zip(cases["id"].astype(str), cases["src"], strict=True))
        of_trace = dict(zip(traces["id"], traces["src"], strict=True))
        return Comparison(
            eval_set=eval_set,
            runs=None,
            production=production,
            case_vectors=self._of([of_case[one] for one in eval_set.frame["case_id"]]),
            trace_vectors=self._of([of_trace[one] for one in production.sample["trace_id"]]),
            declared_slices=(),
            seed=0,
            runs_until=None,
            baseline=Baseline(),
        )

    def split(self, kind: str, seed: int, **parameters: Any) -> tuple[World, Comparison]:
        """A scenario on one half of its production, and the same eval set against the other half."""
        cases, traces, _, truth = self._made.make(self._rows, kind, seed=seed, **parameters)
        order = np.random.default_rng(seed).permutation(len(traces))
        halves = [traces.iloc[part] for part in np.array_split(order, 2)]
        first = World(self.compare(cases, halves[0]), {}, tuple(truth.get("uncovered", ())))
        return first, self.compare(cases, halves[1])

    def _of(self, sources: list[str]) -> Floats:
        vectors: Floats = self._vectors[[self._place[one] for one in sources]].astype(np.float32)
        return vectors


def rank(comparison: Comparison, limit: int) -> tuple[list[Ranked], Needs]:
    """The ranking that proposals are taken from."""
    needs = find_needs(comparison, comparison.trace_vectors[:0])
    usable = np.ones(len(comparison.trace_vectors), dtype=bool)
    ranking = Ranking(comparison.trace_vectors, comparison.case_vectors, usable, limit)
    ranking.by_need(needs, ())
    return ranking.ranked, needs


def priced(comparison: Comparison) -> tuple[Bill, list[int]]:
    """The bill of a comparison, and the rows of its ranking."""
    ranked, needs = rank(comparison, 4 * comparison.eval_set.n_cases)
    rows = [one.row for one in ranked]
    slices = [needs.slices[one.slice].id if one.slice is not None else "" for one in ranked]
    bill = price(
        comparison, rows, slices, _plans(), n_wanted=100, n_pending=0, minutes_per_case=None, watcher=Unwatched()
    )
    return bill, rows


def _plans() -> tuple[Plan, ...]:
    return make_plan(Config(Settings(), None), as_of=dt.date(2026, 1, 1), select=PRICED)


def _blocks(comparison: Comparison) -> bool:
    return any(judge(plan, plan.check.measure(comparison)).status is FindingStatus.FAIL for plan in _plans())


def choice(texts: dict[str, Texts], seeds: range) -> None:
    """Of the first 30 proposals, how many are of intents that no case asks."""
    for name, cell, parameters in CELLS:
        hits, present, nearest = [], [], []
        for seed in seeds:
            world = texts[name].world("novel", seed, **parameters)
            ranked, _ = rank(world.comparison, FIRST)
            ids = world.comparison.production.sample["trace_id"].iloc[[one.row for one in ranked]]
            labels = [world.label[one] for one in ids]
            hits.append(sum(label in world.planted for label in labels) / FIRST)
            present.append(all(label in labels for label in world.planted))
            chosen = world.comparison.trace_vectors[[one.row for one in ranked]]
            nearest.append(float((chosen @ chosen.T - 2 * np.eye(len(chosen))).max()))
        enough = wilson(sum(share >= 0.8 for share in hits), len(hits))
        print(
            f"{name} {cell}: of the first {FIRST} {np.mean(hits):.1%} planted (least {min(hits):.0%}); 80 % or more in "
            f"{enough.value:.0%} of {len(hits)} draws ({enough.low:.0%}-{enough.high:.0%}); every planted intent among "
            f"them in {np.mean(present):.0%}; nearest two proposals {max(nearest):.3f} (near: {SIMILAR})",
            flush=True,
        )


def bills(texts: dict[str, Texts], seeds: range) -> None:
    """Whether what the bill asked for opens the gate, on the traffic that was priced and on traffic nobody saw."""
    for name in texts:
        for kind, parameters in BILLS:
            asked, same, other, before, after, none = [], [], [], [], [], 0
            for seed in seeds:
                world, unseen = texts[name].split(kind, seed, n_prod=2000, **parameters)
                if not _blocks(world.comparison):
                    continue
                bill, rows = priced(world.comparison)
                if bill.unblocks is None:
                    none += 1
                    continue
                taken = rows[: bill.unblocks.n]
                vectors = world.comparison.trace_vectors[taken]
                inputs = world.comparison.production.sample["text"].iloc[taken].tolist()
                asked.append(bill.unblocks.n)
                before.append(topic_divergence.measure(world.comparison).value)
                grown = with_cases(world.comparison, inputs, vectors)
                fresh = with_cases(unseen, inputs, vectors)
                after.append(topic_divergence.measure(fresh).value)
                same.append(not _blocks(grown))
                other.append(not _blocks(fresh))
            if not asked:
                print(f"{name} {kind} {parameters}: no draw blocked and had enough traffic", flush=True)
                continue
            print(
                f"{name} {kind} {parameters}: {len(asked)} blocked draws of {len(seeds)}, {none} not enough traffic; "
                f"cases asked for {np.median(asked):.0f} ({min(asked)}-{max(asked)}); gate open on the priced half "
                f"{np.mean(same):.0%}, on the unseen half {np.mean(other):.0%}; excess KL {np.median(before):.3f} to "
                f"{np.median(after):.3f} on the unseen half, under 0.11 in {np.mean(np.array(after) < 0.11):.0%}",
                flush=True,
            )


def null(texts: dict[str, Texts], seeds: range) -> None:
    """How often the diff says that something moved where nothing did."""
    for name in texts:
        false = {"a refresh": 0, "the eval set": 0}
        n = 0
        for seed in seeds:
            first, second = texts[name].split("null", seed, n_prod=2000)
            false["the eval set"] += bool(against_eval_set(first.comparison).moved)
            diff, _ = against_refresh(second, _remembered(first.comparison), MODEL, str)
            false["a refresh"] += bool(diff.moved)
            n += 1
        told = {what: wilson(count, n) for what, count in false.items()}
        print(name, {what: f"{one.value:.1%} ({one.low:.1%}-{one.high:.1%})" for what, one in told.items()}, flush=True)


def _remembered(comparison: Comparison) -> Refreshed:
    parts = {part.id: part.centroid for part in comparison.traffic.partition.slices}
    profile = make_profile(parts, comparison.trace_vectors, "")
    return Refreshed(
        dt.date(2026, 1, 1), "", MODEL, "", 1, (), encoded(profile), profile.counts, mixes_of(comparison, str)
    )


def speed(texts: dict[str, Texts]) -> None:
    """Seconds of the ranking and of the bill; the eval set of the larger one is a half of what is there."""
    for name, one in texts.items():
        for n_cases, n_sessions in ((300, 1000), (1000, 10_000)):
            world = one.world("novel", 0, p=0.1, n_eval=n_cases, n_prod=min(n_sessions, 5000), k=None)
            comparison = _repeated(world.comparison, n_sessions)
            began = time.perf_counter()
            _ = comparison.traffic
            cut = time.perf_counter()
            rank(comparison, 100)
            ranked = time.perf_counter()
            bill, _ = priced(comparison)
            told = time.perf_counter()
            print(
                f"{name} {n_cases}/{n_sessions}: slices {cut - began:.1f} s, ranking of 100 {ranked - cut:.1f} s, "
                f"bill of {len(bill.points)} points {told - ranked:.1f} s",
                flush=True,
            )


def _repeated(comparison: Comparison, n: int) -> Comparison:
    """As many sessions by repeating them with a little noise: time does not hang on what they say."""
    rng = np.random.default_rng(0)
    rows = np.concatenate(list(_rows(len(comparison.trace_vectors), n)))
    vectors = comparison.trace_vectors[rows] + rng.normal(0, 0.02, (n, comparison.trace_vectors.shape[1]))
    sample = comparison.production.sample.iloc[rows].reset_index(drop=True)
    return replace(
        comparison,
        production=replace(comparison.production, sample=sample),
        trace_vectors=(vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32),
    )


def _rows(n: int, wanted: int) -> Iterator[NDArray[np.int64]]:
    while wanted > 0:
        yield np.arange(min(n, wanted))
        wanted -= n


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("choice", "bill", "null", "speed"))
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--vectors", type=Path, required=True)
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--first", type=int, default=0)
    options = parser.parse_args()
    made = scenario_module(options.data)
    if made is None:
        raise SystemExit(f"{options.data}: no make_scenarios.py")
    texts = {name: Texts(made, options.vectors, name) for name in ("banking77", "hwu64")}
    seeds = range(options.first, options.first + options.draws)
    if options.what == "speed":
        speed(texts)
    else:
        {"choice": choice, "bill": bills, "null": null}[options.what](texts, seeds)


if __name__ == "__main__":
    main()
