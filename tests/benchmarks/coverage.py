"""Whether intervals hold what they claim: how often each interval of the report covers its truth.

    python -m tests.benchmarks.coverage --data DIR --draws 100 --parts text plain

Draws eval sets, runs and production from populations whose every number is known, measures them as the audit does, and
prints for each interval and scenario the share of draws that cover the truth (Wilson 95 % limits in brackets), how many
truths lay below and above the interval, its mean width, the mean truth, and how many intervals that was.

Text: intents have an eval mix Q and a production mix P from `make_scenarios.py` beside its datasets, a pass probability
and a satisfaction; a case is an intent by Q, then a text of it drawn with replacement, a trace the same by P. So the
truth of whatever is measured on slices is exact: every text of the dataset is put into the slices found, with its
weight in Q and in P. `tied` are worlds in which intents fail the more the more traffic outgrew the eval set.
Plain: rates alone, from coins, repeats and sessions, at sizes and rates from small to large.

Truths that need a word. Excess KL: that of the expected counts (see `stats.divergence_interval`), 0 without drift.
Novelty: share of P beyond the threshold minus share of Q beyond it, the cases as they are. Restated: pass rates of the
slices on Q, weighted by P; its bounds must hold the pass rate of P itself. A slice that Q never reaches has P's rate.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import pairwise_distances_argmin_min
from tests.benchmarks.calibration import CachedEmbedder
from tests.benchmarks.scenarios import scenario_module

from driftcheck.baseline import Baseline
from driftcheck.checks import dead_cases, error_mix, restated_pass_rate, slice_coverage, thin_slices
from driftcheck.comparison import Comparison
from driftcheck.errors import NotMeasurable
from driftcheck.records import EVAL_SET_COLUMNS, RUNS_COLUMNS, SAMPLE_COLUMNS, EvalSet, Production, Runs, Status
from driftcheck.reporting import make_scores, make_slice_rows
from driftcheck.slices.space import fit_space, normalise
from driftcheck.slices.tree import SliceTree
from driftcheck.stats.divergence import kl_divergence
from driftcheck.stats.intervals import mean_interval

Floats = NDArray[np.float64]

SIZES = {"50/1000": (50, 1000), "100/1000": (100, 1000), "300/1000": (300, 1000), "1000/5000": (1000, 5000)}
SCENARIOS: dict[str, tuple[str, dict[str, Any]]] = {
    "null": ("null", {"k": 60}),
    "one new 5 %": ("novel", {"n_novel": 1, "p": 0.05, "k": 60}),
    "one new 10 %": ("novel", {"n_novel": 1, "p": 0.10, "k": 60}),
    "mix KL .05": ("mixture", {"kl_target": 0.05, "k": 60}),
    "mix KL .2": ("mixture", {"kl_target": 0.2, "k": 60}),
    "mix KL .2, tied": ("mixture", {"kl_target": 0.2, "k": 60}),
    "mix KL .6": ("mixture", {"kl_target": 0.6, "k": 60}),
    "csat uncovered": ("csat", {"mode": "uncovered", "p": 1 / 3}),
    "csat under": ("csat", {"mode": "under", "p": 1 / 3}),
    "csat covered bad": ("csat", {"mode": "covered_bad", "p": 1 / 3}),
    "csat true fail": ("csat", {"mode": "true_fail", "p": 1 / 3}),
    "csat mnar": ("csat", {"mode": "mnar", "p": 1 / 3}),
}
RESPONSE_RATE = 0.4


@dataclass(frozen=True, slots=True)
class Claim:
    """One interval and what it should hold."""

    interval: str
    scenario: str
    draw: int
    """Seed: intervals of one draw are alike."""
    low: float
    high: float
    truth: float


@dataclass(frozen=True, slots=True)
class World:
    """A population of texts with everything known."""

    vectors: NDArray[np.float32]
    """(n_texts, d)."""
    texts: list[str]
    p: Floats
    """Probability of each text in production, (n_texts,)."""
    q: Floats
    """Probability of each text in the eval set, (n_texts,)."""
    passes: Floats
    """Probability that a case of the text passes, (n_texts,)."""
    satisfied: Floats
    """Probability that a trace of the text satisfies, (n_texts,)."""
    rated_bad: float
    """Probability that a trace is rated which did not satisfy; RESPONSE_RATE where it did."""

    @property
    def rated(self) -> Floats:
        """Probability of each text's traces to be rated, (n_texts,)."""
        return self.satisfied * RESPONSE_RATE + (1 - self.satisfied) * self.rated_bad

    def satisfaction(self, weights: Floats) -> float:
        """Share satisfied of those who rate, for texts of these weights."""
        return float(weights @ self.satisfied * RESPONSE_RATE / (weights @ self.rated))


def make_world(
    scenarios: ModuleType, frame: pd.DataFrame, vectors: NDArray[np.float32], name: str, size: str, seed: int
) -> World:
    """The population of a scenario; the seed decides intents, mixes and rates."""
    kind, parameters = SCENARIOS[name]
    n_eval, n_prod = SIZES[size]
    truth = scenarios.make(frame, kind, seed=seed, n_eval=n_eval, n_prod=n_prod, **parameters)[3]
    labels = list(truth["prod_mix"])
    kept = frame["label"].isin(labels).to_numpy()
    intent = pd.Categorical(frame["label"][kept], categories=labels).codes
    per_intent = np.bincount(intent, minlength=len(labels))
    p, q = (np.array([truth[side][label] for label in labels]) for side in ("prod_mix", "eval_mix"))
    rng = _generator(name, size, seed, 7)
    passes, satisfied, rated_bad = rng.beta(8, 1.2, len(labels)), rng.beta(8, 1.2, len(labels)), RESPONSE_RATE
    if name.endswith("tied"):
        odds = 2 - np.clip(np.log((p + 1e-3) / (q + 1e-3)), -2, 3) + rng.normal(0, 0.5, len(labels))
        passes = 1 / (1 + np.exp(-odds))
    if kind == "csat":
        bad = np.isin(labels, truth["bad_csat"])
        satisfied = np.where(bad, 0.25, 0.92)
        passes = np.where(bad & (parameters["mode"] == "true_fail"), 0.25, 0.95)
        rated_bad = 2 * RESPONSE_RATE if parameters["mode"] == "mnar" else RESPONSE_RATE
    of_text = [mix[intent] / per_intent[intent] for mix in (p, q)]
    return World(
        vectors=vectors[kept],
        texts=frame["text"][kept].tolist(),
        p=of_text[0] / of_text[0].sum(),
        q=of_text[1] / of_text[1].sum(),
        passes=passes[intent],
        satisfied=satisfied[intent],
        rated_bad=rated_bad,
    )


def _generator(name: str, size: str, *seeds: int) -> np.random.Generator:
    """Another stream for every scenario: with one for all, the same luck would be counted many times."""
    return np.random.default_rng([*seeds, *f"{name} {size}".encode()])


def draw_comparison(
    world: World, name: str, size: str, seed: int
) -> tuple[Comparison, NDArray[np.int64], NDArray[np.int64]]:
    """A sample of the world as the audit sees it, and which texts its cases and traces are."""
    n_eval, n_prod = SIZES[size]
    rng = _generator(name, size, seed, 11)
    cases = rng.choice(len(world.p), n_eval, p=world.q)
    traces = rng.choice(len(world.p), n_prod, p=world.p)
    satisfied = rng.random(n_prod) < world.satisfied[traces]
    rated = rng.random(n_prod) < np.where(satisfied, RESPONSE_RATE, world.rated_bad)
    comparison = compare(
        passed=(rng.random(n_eval) < world.passes[cases])[:, None],
        satisfied=np.where(rated, satisfied, np.nan),
        case_texts=[world.texts[row] for row in cases],
        trace_texts=[world.texts[row] for row in traces],
        case_vectors=world.vectors[cases],
        trace_vectors=world.vectors[traces],
    )
    return comparison, cases, traces


def compare(
    passed: NDArray[np.bool_],
    satisfied: Floats,
    sessions: NDArray[np.int64] | None = None,
    case_texts: Sequence[str] | None = None,
    trace_texts: Sequence[str] | None = None,
    case_vectors: NDArray[np.float32] | None = None,
    trace_vectors: NDArray[np.float32] | None = None,
    trace_errors: Sequence[str] | None = None,
    result_errors: Sequence[str | None] | None = None,
) -> Comparison:
    """A comparison from outcomes (n_cases, n_repeats) and ratings (n_traces,), NaN where there is none."""
    n_cases, n_repeats = passed.shape
    n_traces = len(satisfied)
    session = np.arange(n_traces) if sessions is None else sessions
    case_ids = [f"c{row:05d}" for row in range(n_cases)]
    cases = _frame(EVAL_SET_COLUMNS, n_cases, case_id=case_ids, own_id=case_ids, text=case_texts, input=case_texts)
    status = np.where(passed.ravel(), Status.PASS.value, Status.FAIL.value)
    ids = np.repeat(case_ids, n_repeats)
    results = _frame(RUNS_COLUMNS, n_cases * n_repeats, run_id="r", case_id=ids, own_id=ids, status=status)
    if result_errors is not None:
        results["error"] = result_errors
        results.loc[results["error"].notna(), "status"] = Status.ERROR.value
    error = pd.Categorical([""] * n_traces if trace_errors is None else trace_errors)
    traffic = pd.DataFrame({"session": session, "timestamp": np.nan, "error": error, "satisfied": satisfied})
    first = np.sort(np.unique(session, return_index=True)[1])
    sample = _frame(
        SAMPLE_COLUMNS,
        len(first),
        trace_id=[f"t{row:06d}" for row in first],
        session=session[first],
        text=trace_texts,
        satisfied=traffic.groupby("session")["satisfied"].mean().to_numpy(),
        error=[str(error[row]) or None for row in first],
    )
    nothing = np.zeros((0, 1), dtype=np.float32)
    return Comparison(
        eval_set=EvalSet(cases, (), ()),
        runs=Runs(results, ("r",), 0, ()),
        production=Production(sample, traffic, len(first), None, None, 0, None, (), ()),
        case_vectors=nothing if case_vectors is None else case_vectors,
        trace_vectors=nothing if trace_vectors is None else trace_vectors,
        declared_slices=(),
        seed=0,
        runs_until=None,
        baseline=Baseline(),
    )


def _frame(columns: dict[str, str], n: int, **known: Any) -> pd.DataFrame:
    return pd.DataFrame({name: known.get(name) for name in columns}, index=range(n))


@dataclass(frozen=True, slots=True)
class Placed:
    """Where the whole population falls in what was found in one sample."""

    leaf_of_text: tuple[NDArray[np.int32], ...]
    """Leaf of each text in each tree, (n_texts,) each."""
    slice_of_text: NDArray[np.int64]
    """Slice of the partition of each text, (n_texts,)."""
    far: NDArray[np.bool_]
    """Which texts are novel, (n_texts,)."""


def place(comparison: Comparison, world: World) -> Placed:
    """Project every text as the sample was, and assign it."""
    space = fit_space(comparison.case_vectors, comparison.trace_vectors, seed=comparison.seed)
    sample = normalise(np.concatenate([comparison.case_vectors, comparison.trace_vectors[: space.n_tested]]))
    # the projection is affine: what it does to the sample says what it does to all texts
    inputs = np.column_stack([sample, np.ones(len(sample))]).astype(np.float64)
    projection = np.linalg.lstsq(inputs, space.pool.astype(np.float64), rcond=1e-9)[0]
    points = np.column_stack([normalise(world.vectors), np.ones(len(world.texts))]) @ projection
    points = points.astype(np.float32)
    traffic = comparison.traffic
    leaves = tuple(tree.assign(points) for tree in traffic.test.trees)
    slice_of_text = next(
        slice_of_leaf[leaf]
        for tree, leaf in zip(traffic.test.trees, leaves, strict=True)
        if (slice_of_leaf := _slice_of_leaf(tree, traffic.partition)) is not None
    )
    nearest = pairwise_distances_argmin_min(points, space.cases)[1]
    return Placed(leaves, slice_of_text, nearest > traffic.novel.novelty.threshold)


def _slice_of_leaf(tree: SliceTree, partition: Any) -> NDArray[np.int64] | None:
    """Slice of each leaf, (k,); None where the partition was cut from another tree."""
    leaf = np.concatenate([tree.leaf_of_case, tree.leaf_of_trace])
    found = np.concatenate([partition.slice_of_case, partition.slice_of_trace[: len(tree.leaf_of_trace)]])
    slice_of_leaf = np.zeros(tree.n_leaves, dtype=np.int64)
    slice_of_leaf[leaf] = found
    return slice_of_leaf if bool((slice_of_leaf[leaf] == found).all()) else None


def true_excess(comparison: Comparison, world: World, placed: Placed) -> float:
    """Excess KL of the expected counts at the cut reported."""
    test = comparison.traffic.test
    n, m = test.n_traces, test.n_cases
    for tree, scan, leaf in zip(test.trees, test.scans, placed.leaf_of_text, strict=True):
        cut = tree.cut(test.divergence.n_slices)
        q_counts = scan.case_counts[cut]
        if np.isclose(kl_divergence(scan.totals[cut] - q_counts, q_counts), test.divergence.kl, rtol=1e-9):
            slice_of_leaf = tree.membership[cut].argmax(axis=0)
            p, q = (np.bincount(slice_of_leaf[leaf], weights=w, minlength=len(cut)) for w in (world.p, world.q))
            pooled = (n * p + m * q) / (n + m)
            return float(kl_divergence(n * p, m * q) - kl_divergence(n * pooled, m * pooled))
    raise AssertionError("the cut reported is of one of the trees")


def text_claims(comparison: Comparison, world: World, scenario: str, seed: int) -> Iterator[Claim]:
    """Every interval of one audit on text."""

    def claim(interval: str, found: Any, truth: float) -> Claim:
        return Claim(interval, scenario, seed, found.low, found.high, truth)

    placed = place(comparison, world)
    scores, rows = make_scores(comparison), make_slice_rows(comparison)
    slices = comparison.traffic.partition.slices

    def by_slice(weights: Floats) -> Floats:
        return np.bincount(placed.slice_of_text, weights=weights, minlength=len(slices))

    p, q = by_slice(world.p), by_slice(world.q)
    on_q, on_p = by_slice(world.q * world.passes), by_slice(world.p * world.passes)
    rate = np.where(q > 0, on_q / np.where(q > 0, q, 1), on_p / np.where(p > 0, p, 1))
    good = by_slice(world.p * world.satisfied * RESPONSE_RATE)
    rated = by_slice(world.p * world.rated)
    true_pass, true_satisfaction = float(world.q @ world.passes), world.satisfaction(world.p)
    restated = float(p @ rate)

    yield claim("pass rate", scores.pass_rate, true_pass)
    yield claim("satisfaction", scores.satisfaction, true_satisfaction)
    yield claim("gap", scores.gap, true_pass - true_satisfaction)
    yield claim("restated pass rate", scores.restated_pass_rate, restated)
    found = comparison.restated
    bounds = (found.worst_low, found.best_high)
    yield Claim("restated, bounds", scenario, seed, *bounds, float(world.p @ world.passes))
    yield claim("reported - restated", restated_pass_rate.measure(comparison), true_pass - restated)
    yield claim("excess KL", scores.divergence, true_excess(comparison, world, placed))
    novel = comparison.traffic.novel.novelty
    yield claim("novelty", novel, float(world.p @ placed.far - world.q @ placed.far))

    missing = np.array([part.n_cases == 0 or part.coverage == "uncovered" for part in slices])
    yield claim("coverage", scores.coverage, 1.0 - float(p[missing].sum()))
    for name, check, picked, shares in (
        ("under-covered share", slice_coverage, [part.under_covered for part in slices], p),
        ("dead share", dead_cases, [part.dead for part in slices], q),
        ("thin share", thin_slices, [part.coverage == "thin" for part in slices], p),
    ):
        if any(picked):
            yield claim(name, check.measure(comparison), float(shares[np.array(picked)].sum()))
    for index, (part, row) in enumerate(zip(slices, rows, strict=True)):
        kind = "under-covered" if part.under_covered else "dead" if part.dead else "other"
        yield claim(f"slice delta, {kind}", row, float(q[index] - p[index]))
        if row.pass_rate and q[index] > 0:
            yield claim("slice pass rate", row.pass_rate, float(rate[index]))
        if row.satisfaction and rated[index] > 0:
            yield claim("slice satisfaction", row.satisfaction, float(good[index] / rated[index]))


RATES = (0.02, 0.1, 0.5, 0.9, 0.98)


def plain_claims(seed: int) -> Iterator[Claim]:
    """Pass rate, satisfaction, gap and errors without texts. Rates vary a little: coins at one rate come in steps."""
    rng = np.random.default_rng([seed, 13])
    for n in (30, 100, 300, 1000, 5000):
        for about in RATES:
            rate = float(1 / (1 + np.exp(-(np.log(about / (1 - about)) + rng.uniform(-0.35, 0.35)))))
            users = float(rng.choice(RATES))
            yield from _rates(rng, seed, f"{about:.0%}, n {n}", n, rate, users)
    for n in (100, 1000):
        yield from _repeats(rng, seed, n)
        yield from _sessions(rng, seed, n)
        yield from _errors(rng, seed, n)


def _rates(rng: np.random.Generator, seed: int, scenario: str, n: int, rate: float, users: float) -> Iterator[Claim]:
    passed = rng.random((n, 1)) < rate
    satisfied = (rng.random(max(n, 50)) < users).astype(float)
    comparison = compare(passed, satisfied)
    yield _claim("pass rate", scenario, seed, comparison.pass_rate, rate)
    yield _claim("gap", scenario, seed, comparison.gap, rate - users)


def _repeats(rng: np.random.Generator, seed: int, n: int) -> Iterator[Claim]:
    """Five repeats of a case that are alike, a little or much: beta-binomial cases."""
    for mean in (0.5, 0.9):
        for alike in (0.1, 0.7):
            weight = (1 - alike) / alike
            of_case = rng.beta(mean * weight, (1 - mean) * weight, n)
            comparison = compare(rng.random((n, 5)) < of_case[:, None], np.full(50, np.nan))
            yield _claim("pass rate, repeats", f"{mean:.0%}, n {n}, alike {alike}", seed, comparison.pass_rate, mean)


def _sessions(rng: np.random.Generator, seed: int, n: int) -> Iterator[Claim]:
    """Ratings of a session are alike, not at all, a little or much; sessions have 1 to 9 of them."""
    for mean in (0.5, 0.9):
        for alike in (0.0, 0.3, 0.8):
            size = np.minimum(rng.geometric(0.35, n), 9)
            session = np.repeat(np.arange(n), size)
            weight = (1 - alike) / alike if alike else np.inf
            of_session = rng.beta(mean * weight, (1 - mean) * weight, n) if alike else np.full(n, mean)
            satisfied = (rng.random(len(session)) < of_session[session]).astype(float)
            comparison = compare(rng.random((n, 1)) < 0.9, satisfied, sessions=session)
            scenario = f"{mean:.0%}, {n} sessions, alike {alike}"
            yield _claim("satisfaction, sessions", scenario, seed, comparison.satisfaction, mean)
            yield _claim("gap, sessions", scenario, seed, comparison.gap, 0.9 - mean)


def _errors(rng: np.random.Generator, seed: int, n: int) -> Iterator[Claim]:
    """Errors of traces by class, of which the bench meets none, some or all."""
    kinds = np.array(["", "ToolTimeout", "RateLimit", "Refused"])
    for name, p, q in (
        ("same", (0.9, 0.06, 0.03, 0.01), (0.9, 0.06, 0.03, 0.01)),
        ("one unmet", (0.85, 0.06, 0.03, 0.06), (0.91, 0.06, 0.03, 0.0)),
        ("none met", (0.9, 0.06, 0.03, 0.01), (1.0, 0.0, 0.0, 0.0)),
    ):
        traces = rng.choice(kinds, 2 * n, p=p)
        results = [kind or None for kind in rng.choice(kinds, n, p=q)]
        comparison = compare(
            np.ones((n, 1), dtype=bool), np.full(2 * n, np.nan), trace_errors=traces.tolist(), result_errors=results
        )
        truth = float(sum(max(0.0, a - b) for a, b in zip(p[1:], q[1:], strict=True)))
        yield _claim("unmet errors", f"{name}, n {n}", seed, error_mix.measure(comparison), truth)


def _claim(interval: str, scenario: str, seed: int, found: Any, truth: float) -> Claim:
    return Claim(interval, scenario, seed, found.low, found.high, truth)


def table(claims: Sequence[Claim]) -> str:
    """One row per interval and scenario, and one per interval over all of its scenarios."""
    frame = pd.DataFrame([(c.interval, c.scenario, c.draw, c.low, c.high, c.truth) for c in claims])
    frame.columns = pd.Index(["interval", "scenario", "draw", "low", "high", "truth"])
    lines = [f"{'interval':<28}{'scenario':<36}{'covered':<20}{'below':>7}{'above':>7}{'width':>8}{'truth':>8}{'n':>7}"]
    for interval, of_interval in frame.groupby("interval", sort=False):
        parts = list(of_interval.groupby("scenario", sort=False))
        for scenario, rows in [*parts, ("all", of_interval)] if len(parts) > 1 else parts:
            below = rows["truth"] < rows["low"] - 1e-9
            above = rows["truth"] > rows["high"] + 1e-9
            inside = rows["truth"].between(rows["low"] - 1e-9, rows["high"] + 1e-9).to_numpy(dtype=np.float64)
            held = mean_interval(inside, rows["draw"].to_numpy())
            lines.append(
                f"{interval:<28}{scenario:<36}{f'{held.value:.3f} ({held.low:.3f}-{held.high:.3f})':<20}"
                f"{below.mean():>7.3f}{above.mean():>7.3f}{(rows['high'] - rows['low']).mean():>8.4f}"
                f"{rows['truth'].mean():>8.3f}{len(rows):>7}"
            )
    return "\n".join(lines)


def main(argv: Sequence[str] | None = None) -> int:
    """Parse, draw, print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--cache", type=Path, default=Path("/tmp/driftcheck-calibration"))
    parser.add_argument("--datasets", nargs="+", default=["banking77", "hwu64"])
    parser.add_argument("--parts", nargs="+", default=["text", "plain"], choices=["text", "plain"])
    parser.add_argument("--sizes", nargs="+", default=list(SIZES), choices=list(SIZES), metavar="CASES/TRACES")
    parser.add_argument("--only", default="", help="scenarios of text whose name holds this")
    parser.add_argument("--draws", type=int, default=100, help="per scenario, size and dataset; plain ones tenfold")
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--claims", type=Path, help="write every interval to this CSV")
    parser.add_argument("--table", type=Path, nargs="+", help="only tabulate these CSVs")
    options = parser.parse_args(argv)
    if options.table:
        frame = pd.concat([pd.read_csv(file) for file in options.table])
        print(table([Claim(*row) for row in frame.itertuples(index=False)]))
        return 0
    claims: list[Claim] = []
    if "plain" in options.parts:
        for seed in range(options.first_seed, options.first_seed + 10 * options.draws):
            claims += plain_claims(seed)
    if "text" in options.parts:
        scenarios = scenario_module(options.data)
        if scenarios is None:
            print(f"skipped: no make_scenarios.py in {options.data}; give its folder with --data")
            return 0
        claims += _draw_text(scenarios, options)
    if options.claims:
        pd.DataFrame([[getattr(claim, name) for name in Claim.__slots__] for claim in claims]).to_csv(
            options.claims, index=False
        )
    print(table(claims))
    return 0


def _draw_text(scenarios: ModuleType, options: argparse.Namespace) -> Iterator[Claim]:
    for dataset in options.datasets:
        frame = scenarios.load(dataset)
        embed = CachedEmbedder(options.cache, dataset)
        vectors = embed(frame["text"].tolist())
        embed.save()
        for name in SCENARIOS:
            if options.only not in name:
                continue
            for size in options.sizes:
                start = time.perf_counter()
                for seed in range(options.first_seed, options.first_seed + options.draws):
                    world = make_world(scenarios, frame, vectors, name, size, seed)
                    comparison, _, _ = draw_comparison(world, name, size, seed)
                    try:
                        yield from text_claims(comparison, world, f"{name}, {size}", seed)
                    except NotMeasurable as reason:
                        print(f"{dataset} {name} {size} {seed}: {reason}", file=sys.stderr)
                seconds = (time.perf_counter() - start) / options.draws
                print(f"{dataset} {name} {size}: {seconds:.2f} s a draw", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
