"""How often the trend names the right week, and its checks stay silent; run by hand.

    python -m tests.benchmarks.trend scenarios --data DATA --vectors VECTORS [--seeds 30] [--first 400]
    python -m tests.benchmarks.trend checks [--draws 200]

`scenarios`: make_scenarios.py's gradual scenarios (12 weeks of 300 sessions, drift from week 4 on, KL 0.6 at the end),
40 intents of banking77 and hwu64. `checks`: flat histories of 6 to 26 audits for DC304, and two draws of one mix for
DC107; with the power where something was planted.

What it gave, 30 seeds a cell that nothing was chosen on (400-429): the week that the trend names, where drift begins in
week 4 and weeks count from 0; and on 20 others (0-19) the week since which each week's own p against the eval set is
significant.

======================= ===== ================ ===== =============================
scenario                named within two weeks early weeks alone, within two weeks
======================= ===== ================ ===== =============================
banking77 linear        30    30               0     5 of 20
banking77 step          30    30               0     20 of 20
banking77 none          0     -                -     0 of 20
hwu64 linear            30    30               0     4 of 20
hwu64 step              30    30               0     20 of 20
hwu64 none              0     -                -     0 of 20
======================= ===== ================ ===== =============================

DC304 on flat histories of 6, 8, 12 and 26 audits: 0 of 200 each; where score and gap both rise by 10 (20) points beside
60 ratings a week: 3 (19), 3 (39), 22 (125) and 106 (200) of 200. DC107 on two draws of one mix, 150, 500 and 2,000
sessions each: 0 of 200 each; log weights moved by 0.5 (1.0): 30 (168), 180 (200) and 194 (200) of 200.
"""

from __future__ import annotations

import argparse
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
from tests.benchmarks.scenarios import scenario_module
from tests.checks.worlds import FIRST_TRACE, WEEK, make_comparison

from driftcheck.baseline import Baseline
from driftcheck.checks import Check, score_up_gap_up, traffic_shift
from driftcheck.comparison import Comparison
from driftcheck.findings import FindingStatus, Verdict
from driftcheck.past import PastAudit
from driftcheck.policy import Plan, judge
from driftcheck.scores import DivergenceScore, Estimate, Scores
from driftcheck.slices.profile import make_profile
from driftcheck.slices.space import fit_space
from driftcheck.slices.traffic import compare_traffic
from driftcheck.stats.intervals import Interval
from driftcheck.trend import TrendPoint
from driftcheck.trending.onsets import find_onsets
from driftcheck.trending.telling import onset_of_audits

ONSET, WEEKS = 4, 12
SETS = ("banking77", "hwu64")


def scenarios(data: Path, vector_folder: Path, seeds: range) -> None:
    """Where the trend says that drift began, by scenario."""
    made = scenario_module(data)
    if made is None:
        raise SystemExit(f"{data}: no make_scenarios.py")
    for name in SETS:
        rows = made.load(name)
        vectors = np.load(vector_folder / f"{name}.npy")
        place = {one: row for row, one in enumerate(rows["id"])}
        for shape in ("linear", "step", "none"):
            named: Counter[str] = Counter()
            alone: Counter[str] = Counter()
            for seed in seeds:
                cases, traces, _, _ = made.make(
                    rows, "gradual", seed=seed, shape=shape, weeks=WEEKS, onset=ONSET, kl_target=0.6, n_prod=3600, k=40
                )
                q = vectors[[place[one] for one in cases["src"]]]
                p = vectors[[place[one] for one in traces["src"]]]
                seconds = np.array([made.pd.Timestamp(one).timestamp() for one in traces["timestamp"]])
                week = ((seconds - made.T0.timestamp()) // WEEK).astype(int)
                weeks = [p[week == number] for number in range(WEEKS)]
                points = [_row(str(number), q, one) for number, one in enumerate(weeks)]
                onset, _ = find_onsets(q, weeks, points, 0)
                named[str(onset.name if onset else None)] += 1
                own = onset_of_audits(points)
                alone[str(own.name if own else None)] += 1
            print(f"{name} {shape}: named {dict(sorted(named.items()))}; week alone {dict(sorted(alone.items()))}")


def _row(name: str, cases: np.ndarray, traces: np.ndarray) -> TrendPoint:
    test = compare_traffic(fit_space(cases, traces, seed=0), seed=0)
    divergence = DivergenceScore(0.0, 0.0, test.divergence.excess, 0.0, 0.0, test.p_value)
    scores = Scores(None, None, None, None, None, divergence, None, None)
    return TrendPoint(name, None, float(name), len(cases), len(traces), len(traces), len(traces), 0, scores, None)


def checks(n_draws: int) -> None:
    """False alarms and power of DC304 and DC107."""
    base = make_comparison()
    warm = {name: getattr(base, name) for name in ("pass_rate", "gap", "traffic", "history", "full_runs")}
    for n_audits in (6, 8, 12, 26):
        for planted in (0.0, 0.05, 0.1, 0.2):
            told = [_history(base, warm, n_audits, planted, seed) for seed in range(n_draws)]
            print(f"DC304 {n_audits} audits, score and gap up {planted:.2f}: {_share(told)}")
    rng = np.random.default_rng(5)
    for n in (150, 500, 2000):
        for tilt in (0.0, 0.5, 1.0):
            told = []
            for _ in range(n_draws):
                then, now = _mixes(rng, n, tilt)
                told.append(_status(traffic_shift, _refreshed(base, then, now)))
            print(f"DC107 {n} sessions each, log weights +-{tilt}: {_share(told)}")


def _share(told: list[FindingStatus]) -> str:
    n = sum(status in (FindingStatus.WARN, FindingStatus.FAIL) for status in told)
    return f"{n} of {len(told)}"


def _status(check: Check, comparison: Comparison) -> FindingStatus:
    return judge(Plan(check, check.DEFAULT, (), required=False), check.measure(comparison)).status


def _history(base: Comparison, warm: dict[str, object], n_audits: int, planted: float, seed: int) -> FindingStatus:
    """Weekly audits of 300 cases, of which each keeps its outcome in 4 of 5 runs, and 60 ratings."""
    rng = np.random.default_rng(seed)
    rate = rng.uniform(0.8, 0.95)
    fixed = rng.random(300) < rate
    audits = []
    for week in range(n_audits):
        risen = planted * week / (n_audits - 1)
        score = float(np.where(rng.random(300) < 0.8, fixed, rng.random(300) < rate).mean()) - planted + risen
        gap = score - rng.binomial(60, 0.85) / 60
        until = FIRST_TRACE - 28 * 86_400.0 - (n_audits - 1 - week) * WEEK
        estimate = Estimate(score, score, score, 300)
        divergence = DivergenceScore(0.0, 0.0, float(rng.normal(0, 0.015)), 0.0, 0.0, 0.5)
        scores = Scores(estimate, estimate, 0.3, Estimate(gap, gap, gap, 0), None, divergence, None, None)
        audits.append(PastAudit(str(week), until, Verdict.PASS, scores, {}, until - WEEK + 1))
    last = audits[-1].scores
    fresh = replace(base, baseline=Baseline(audits=tuple(audits[:-1])))
    fresh.__dict__.update(warm)
    assert last.pass_rate
    assert last.gap
    fresh.__dict__["pass_rate"] = Interval(last.pass_rate.value, 0, 1, 300)
    fresh.__dict__["gap"] = Interval(last.gap.value, -1, 1, 60)
    return _status(score_up_gap_up, fresh)


def _mixes(rng: np.random.Generator, n: int, tilt: float) -> tuple[np.ndarray, np.ndarray]:
    """Two samples of a mixture of 15 blobs in 32 dimensions, the second's weights tilted."""
    middles = rng.normal(0, 1, (15, 32))
    weights = rng.dirichlet(np.full(15, 3.0))
    later = weights * np.exp(tilt * rng.choice([-1.0, 1.0], 15))
    samples = []
    for share in (weights, later / later.sum()):
        points = middles[rng.choice(15, n, p=share)] + rng.normal(0, 0.6, (n, 32))
        samples.append((points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32))
    return samples[0], samples[1]


def _refreshed(base: Comparison, then: np.ndarray, now: np.ndarray) -> Comparison:
    """A comparison whose slices were made, as an audit makes them, from the traffic of the refresh."""
    from sklearn.cluster import KMeans

    label = KMeans(20, n_init=1, random_state=0).fit(then).labels_
    centroids = {f"s{k}": then[label == k].mean(axis=0) for k in range(20)}
    sample = base.production.sample.iloc[np.arange(len(now)) % len(base.production.sample)]
    fresh = replace(
        base,
        production=replace(base.production, sample=sample),
        case_vectors=now[: base.eval_set.n_cases],
        trace_vectors=now,
        baseline=Baseline(refreshed=make_profile(centroids, then, "the refresh")),
    )
    fresh.__dict__["traffic"] = base.traffic
    return fresh


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("scenarios", "checks"))
    parser.add_argument("--data", type=Path)
    parser.add_argument("--vectors", type=Path, help="NAME.npy: vectors in the row order of make_scenarios.load(NAME)")
    parser.add_argument("--seeds", type=int, default=30)
    parser.add_argument("--first", type=int, default=400)
    parser.add_argument("--draws", type=int, default=200)
    options = parser.parse_args()
    if options.what == "checks":
        checks(options.draws)
    else:
        scenarios(options.data, options.vectors, range(options.first, options.first + options.seeds))


if __name__ == "__main__":
    main()
