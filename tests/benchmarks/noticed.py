"""What an audit could have noticed: predicted by `stats/noticeable.py` against simulated on real text.

    python -m tests.benchmarks.noticed --data DIR --datasets banking77,hwu64 --readings noticed.jsonl --draws 40

Plants a new topic, a dead one, a shift of the mix or several new topics of known size with `make_scenarios.py` of the
data folder, sizes evenly spread on a log scale, one draw each, and counts in which of them the check warns. A probit
line through the answers gives the size that is noticed 8 times in 10; beside it stands what the library predicts from
undrifted draws of the same sizes, and below the table the root mean square of the logarithm of their ratio. The cells
`language`, `length` and `gap` draw plain labels, lengths and ratings.

Topics are intents, 60 at a time. The constants were chosen on banking77 and are judged on the other sets. A dataset's
texts are embedded once into the vector cache (`$DRIFTCHECK_CACHE`). With --readings a run goes on where it was stopped,
and --table only tabulates; so constants can be tried without drawing anew.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import log_ndtr
from tests.benchmarks.scenarios import scenario_module

from driftcheck.checks import (
    Check,
    csat_gap,
    dead_cases,
    language_mix,
    length_shift,
    novel_traffic,
    slice_coverage,
    topic_divergence,
)
from driftcheck.comparison import Comparison
from driftcheck.config import DEFAULT_MODEL
from driftcheck.embedding import VectorCache, default_cache_folder, embed, find_model
from driftcheck.findings import Finding, FindingStatus, Measurement
from driftcheck.policy import Plan, judge
from driftcheck.sizes import ALPHA
from driftcheck.slices.neighbours import find_novel
from driftcheck.slices.partition import build_partition
from driftcheck.slices.space import fit_space
from driftcheck.slices.traffic import compare_traffic
from driftcheck.stats.intervals import newcombe_difference, wilson
from driftcheck.stats.noticeable import (
    Z_POWER,
    dead_topic_share,
    divergence_error,
    mix_shift,
    new_topic_share,
    noticeable_gap,
    novel_share,
    share_error,
    standard_error,
)

Floats = NDArray[np.float32]
Range = tuple[float, float]

SIZES = ((50, 1000), (100, 1000), (300, 1000), (1000, 5000))
TEXT_CELLS: dict[str, tuple[str, dict[str, Any], str, tuple[Range, ...]]] = {
    "topic": ("novel", {"n_novel": 1}, "p", ((0.06, 0.5), (0.04, 0.3), (0.015, 0.15), (0.006, 0.06))),
    "mix": ("mixture", {}, "kl_target", ((0.2, 2.0), (0.15, 1.5), (0.08, 0.8), (0.03, 0.4))),
    "dead": ("dead", {"n_novel": 1}, "p", ((0.06, 0.5), (0.04, 0.4), (0.03, 0.3), (0.02, 0.15))),
    "topics": ("novel", {"n_novel": 8}, "p", ((0.1, 0.9), (0.1, 0.9), (0.05, 0.7), (0.03, 0.5))),
}
"""Per cell: the scenario, its parameters, the one that is varied, and its range at each of SIZES."""
PLAIN_CELLS: dict[str, Range] = {"language": (0.02, 0.4), "length": (0.03, 1.0), "gap": (0.02, 0.5)}
GOLDEN = (math.sqrt(5) - 1) / 2
UNDRIFTED = "undrifted"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a check made of one draw."""

    dataset: str
    cell: str
    check: str
    n_cases: int
    n_traces: int
    seed: int
    planted: float
    """Share of the topics, KL(P||Q) of the intents in nats, factor or points; 0 in undrifted draws."""
    value: float
    """The check's value."""
    warns: bool
    """Whether it warns or fails at its default thresholds."""
    critical: float
    """What its prediction starts from: the scan's critical value, or the spread of the null; 0 where from sizes."""


def readings_of_texts(cases: Any, traces: Any, x: Floats, y: Floats, seed: int) -> dict[str, tuple[float, bool, float]]:
    """Value, warning and starting point of the checks of topics on one draw."""
    space = fit_space(x, y, seed=seed)
    test = compare_traffic(space, seed=seed)
    partition = build_partition(space, test, x, y, cases.input.tolist(), traces.input.tolist())
    novelty = find_novel(space, seed=seed).novelty
    under, over = (float(np.quantile(m, 1 - ALPHA)) for m in (test.null_maxima_under, test.null_maxima_over))
    values: dict[str, tuple[Check, float, float | None, float]] = {
        "DC101": (topic_divergence, test.divergence.excess, test.p_value, 0.0),
        "DC102": (novel_traffic, novelty.excess, novelty.p_value, novelty.null_spread),
        "DC201": (slice_coverage, partition.under_covered_share, None, under),
        "DC202": (dead_cases, partition.dead_share, None, over),
    }
    return {
        code: (value, _judged(check, Measurement(max(0.0, value), "", p_value=p)).status.value != "pass", critical)
        for code, (check, value, p, critical) in values.items()
    }


def predicted_of_texts(code: str, n_cases: int, n_traces: int, critical: float) -> float:
    """What the check would say it could have noticed, NaN where nothing; as its `measure` does."""
    check: Check
    if code == "DC101":
        check, value = topic_divergence, mix_shift(n_cases, n_traces)
        spread = divergence_error(topic_divergence.DEFAULT.warn or 0.0, n_cases, n_traces)
    elif code == "DC102":
        check, value, spread = novel_traffic, novel_share(critical), critical
    elif code == "DC201":
        check, value = slice_coverage, new_topic_share(critical, n_cases, n_traces)
        spread = share_error(slice_coverage.DEFAULT.warn or 0.0, n_traces)
    else:
        check, value = dead_cases, dead_topic_share(critical, n_cases, n_traces)
        spread = share_error(dead_cases.DEFAULT.warn or 0.0, n_cases)
    judged = _judged(check, Measurement(0.0, "", spread=spread, noticeable=value)).measurement
    return math.nan if judged is None or judged.noticeable is None else judged.noticeable


def _judged(check: Check, measurement: Measurement) -> Finding:
    return judge(Plan(check, check.DEFAULT, (), required=False), measurement)


def draws_of_texts(scenarios: ModuleType, options: argparse.Namespace, dataset: str, done: set[Any]) -> Iterator[Any]:
    """All draws of a dataset not yet done, seed by seed: undrifted ones (an eighth as many), then each cell."""
    frame = scenarios.load(dataset)
    vectors = embedded(frame.text.tolist())
    row = {name: i for i, name in enumerate(frame.id)}
    for seed in range(options.first_seed, options.first_seed + options.draws):
        for size in options.sizes:
            n_cases, n_traces = SIZES[size]
            for cell in (UNDRIFTED, *(cell for cell in options.cells if cell in TEXT_CELLS)):
                if (dataset, cell, n_cases, n_traces, seed) in done or (cell == UNDRIFTED and seed % 8):
                    continue
                kind, parameters, varied, ranges = TEXT_CELLS.get(cell, ("null", {}, "p", ((1.0, 1.0),) * len(SIZES)))
                low, high = ranges[size]
                planted = low * (high / low) ** (seed * GOLDEN % 1)
                cases, traces, _, truth = scenarios.make(
                    frame, kind, seed=seed, n_eval=n_cases, n_prod=n_traces, k=60, **parameters, **{varied: planted}
                )
                planted = {"mix": truth["kl_prod_eval"], UNDRIFTED: 0.0}.get(cell, planted)
                x, y = (vectors[[row[name] for name in part.src]] for part in (cases, traces))
                for code, (value, warns, critical) in readings_of_texts(cases, traces, x, y, seed).items():
                    yield Reading(dataset, cell, code, n_cases, n_traces, seed, planted, value, warns, critical)


def draws_of_numbers(frame: Any, options: argparse.Namespace, dataset: str) -> Iterator[Reading]:
    """Draws of labels, of the lengths of the dataset's texts, and of ratings; `critical` is the prediction itself."""
    lengths = frame.text.str.split().str.len().clip(lower=1).to_numpy()
    for seed in range(options.first_seed, options.first_seed + 4 * options.draws):
        for n_cases, n_traces in (SIZES[size] for size in options.sizes):
            for cell in (cell for cell in options.cells if cell in PLAIN_CELLS):
                low, high = PLAIN_CELLS[cell]
                for planted in (0.0, low * (high / low) ** (seed * GOLDEN % 1)):
                    if planted == 0 and seed % 8:
                        continue
                    rng = np.random.default_rng([seed, n_cases, n_traces, list(PLAIN_CELLS).index(cell)])
                    check, measured = _measured(cell, planted, n_cases, n_traces, lengths, rng)
                    finding = _judged(check, measured)
                    kept = finding.measurement or measured
                    passes = finding.status is FindingStatus.PASS
                    yield Reading(
                        dataset, UNDRIFTED if planted == 0 else cell, check.CODE, n_cases, n_traces, seed, planted,
                        kept.value, not passes, (kept.noticeable or math.nan) if passes else math.nan,
                    )  # fmt: skip


def _measured(
    cell: str, planted: float, n_cases: int, n_traces: int, lengths: NDArray[np.int64], rng: np.random.Generator
) -> tuple[Check, Measurement]:
    if cell == "gap":
        rated = n_traces // 4
        passed = wilson(int(rng.binomial(n_cases, 0.9)), n_cases)
        satisfied = wilson(int(rng.binomial(rated, 0.9 - planted)), rated)
        gap = newcombe_difference(passed, satisfied)
        spread, noticeable = standard_error(gap.low, gap.high), noticeable_gap(passed, satisfied)
        return csat_gap, Measurement(
            max(0.0, gap.value), "", low=gap.low, high=gap.high, spread=spread, noticeable=noticeable
        )
    if cell == "length":
        drawn = rng.choice(lengths, n_cases + n_traces)
        longer = np.maximum(1, np.round(drawn[n_cases:] * math.exp(planted))).astype(np.int64)
        seen = SimpleNamespace(case_lengths=drawn[:n_cases], trace_lengths=longer, seed=0)
        return length_shift, length_shift.measure(cast(Comparison, seen))
    law = np.array([0.7, 0.2, 0.07, 0.03])
    names = np.array(["en", "es", "de", "fr", "pl"])
    seen = SimpleNamespace(
        case_languages=rng.choice(names, n_cases, p=[*law, 0.0]),
        trace_languages=rng.choice(names, n_traces, p=[*law * (1 - planted), planted]),
        seed=0,
    )
    return language_mix, language_mix.measure(cast(Comparison, seen))


def embedded(texts: Sequence[str]) -> Floats:
    """Vectors of texts, through the vector cache."""
    folder = default_cache_folder()
    with VectorCache(folder) as cache:
        vectors: Floats = embed(texts, find_model(DEFAULT_MODEL, memory=folder / "models.json"), cache)
    return vectors


def noticed_from(sizes: Sequence[float], noticed: Sequence[bool]) -> float:
    """The size that is noticed 8 times in 10: a probit line over its logarithm; NaN where hardly any or all are."""
    x, y = np.log(np.asarray(sizes)), np.asarray(noticed, dtype=bool)
    if not 3 <= y.sum() <= len(y) - 3:
        return math.nan

    def misfit(line: NDArray[np.float64]) -> float:
        score = np.exp(line[1]) * (x - line[0])
        # these tests rise over a factor of 2 or 3: a weak prior on the slope keeps few draws from making a cliff
        return float(-log_ndtr(np.where(y, score, -score)).sum() + (line[1] - 1.0) ** 2)

    best = minimize(misfit, np.array([float(np.median(x)), 1.0]), method="Nelder-Mead").x
    return float(np.exp(best[0] + Z_POWER / np.exp(best[1])))


def shown_at(size: float, rows: Sequence[Reading]) -> float:
    """Mean value of the check where `size` is planted: a line through 0 and the draws of up to twice that size."""
    near = [row for row in rows if row.planted <= 2 * size]
    planted, value = np.array([row.planted for row in near]), np.array([row.value for row in near])
    return float(size * (planted @ value) / (planted @ planted))


COMPARED = (
    ("topic", "DC201"), ("dead", "DC202"), ("mix", "DC101"), ("topics", "DC102"),
    ("language", "DC103"), ("length", "DC104"), ("gap", "DC301"),
)  # fmt: skip
"""Cell and check; the checks in the second half of the first line speak of their value, not of what was planted."""
OF_VALUE = ("DC101", "DC102")


def table(rows: Sequence[Reading]) -> str:
    """Predicted, simulated and their ratio by dataset, check and sizes, and the error by check."""
    lines = [
        f"{'dataset':<16}{'check':<16}{'sizes':<12}{'draws':>5}{'warn':>6}{'predicted':>11}{'simulated':>11}{'ratio':>7}"
    ]
    errors: dict[tuple[str, str], list[float]] = {}
    for dataset in dict.fromkeys(row.dataset for row in rows):
        for cell, code in COMPARED:
            for n_cases, n_traces in SIZES:
                own = [
                    r for r in rows if (r.dataset, r.check, r.n_cases, r.n_traces) == (dataset, code, n_cases, n_traces)
                ]
                drawn, still = ([r for r in own if r.cell == name] for name in (cell, UNDRIFTED))
                if not drawn or not still:
                    continue
                critical = float(np.nanmedian([r.critical for r in still]))
                predicted = critical if cell in PLAIN_CELLS else predicted_of_texts(code, n_cases, n_traces, critical)
                simulated = noticed_from([r.planted for r in drawn], [r.warns for r in drawn])
                if code in OF_VALUE and not math.isnan(simulated):
                    simulated = shown_at(simulated, drawn)
                ratio = predicted / simulated
                if not math.isnan(ratio):
                    errors.setdefault((dataset, code), []).append(math.log(ratio))
                lines.append(
                    f"{dataset:<16}{code + ' ' + cell:<16}{f'{n_cases}/{n_traces}':<12}{len(drawn):>5}"
                    f"{np.mean([r.warns for r in drawn]):>6.2f}{predicted:>11.3f}{simulated:>11.3f}{ratio:>7.2f}"
                )
    lines += ["", "root mean square of log ratio, as a factor"]
    for (dataset, code), logs in errors.items():
        factor = math.exp(math.sqrt(float(np.mean(np.square(logs)))))
        lines.append(f"{dataset:<16}{code:<16}{factor:.2f} ({math.exp(float(np.mean(logs))):.2f} in the mean)")
    return "\n".join(lines)


def main(argv: Sequence[str] | None = None) -> int:
    """Parse, draw, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder of make_scenarios.py")
    parser.add_argument("--datasets", default="banking77,hwu64", help="comma-separated")
    cells = [*TEXT_CELLS, *PLAIN_CELLS]
    parser.add_argument("--cells", nargs="+", default=cells, choices=cells)
    parser.add_argument("--sizes", nargs="+", type=int, default=[0, 1, 2, 3], help=f"which of {SIZES}")
    parser.add_argument("--draws", type=int, default=40, help="draws a cell and sizes")
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--minutes", type=float, help="start no draw after so long")
    parser.add_argument("--readings", type=Path, help="append every reading to this file of JSON lines; go on with it")
    parser.add_argument("--table", type=Path, nargs="+", help="only tabulate these files")
    options = parser.parse_args(argv)
    files = options.table or [options.readings] if options.table or options.readings else []
    lines = [line for file in files if file.exists() for line in file.read_text(encoding="utf-8").splitlines()]
    rows = [Reading(**json.loads(line)) for line in lines]
    scenarios = None if options.table else scenario_module(options.data)
    if scenarios is None and not options.table:
        print(f"skipped: no make_scenarios.py in {options.data}; give its folder with --data")
        return 0
    end = time.monotonic() + 60 * options.minutes if options.minutes else math.inf
    for dataset in options.datasets.split(",") if scenarios else ():
        done = {(row.dataset, row.cell, row.n_cases, row.n_traces, row.seed) for row in rows}
        for row in draws_of_texts(scenarios, options, dataset, done):
            rows.append(row)
            if options.readings:
                with options.readings.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(asdict(row)) + "\n")
            if time.monotonic() > end:
                break
        rows += draws_of_numbers(scenarios.load(dataset), options, dataset)
    print(table(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
