"""False alarms and power of the checks of the bench over time (DC401-DC404), and how long they take.

    python -m tests.benchmarks.history --draws 200

Histories are seeded. Unchanged: fresh noise, each case keeps its own outcome in 4 of 5 runs and is drawn anew
otherwise, with and without the name of the model. Planted: what each check is there to find, on top of that noise but
for saturated cases, which have none. A cell's rate is that of findings (warn or fail), with Wilson 95 % limits.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftcheck.baseline import Baseline
from driftcheck.checks import CHECKS, name_of
from driftcheck.comparison import Comparison
from driftcheck.config import TextChoice
from driftcheck.errors import NotMeasurable
from driftcheck.findings import FindingStatus
from driftcheck.joining import make_eval_set
from driftcheck.policy import Plan, judge
from driftcheck.records import RUNS_COLUMNS, SAMPLE_COLUMNS, TRAFFIC_COLUMNS, Case, Production, Runs
from driftcheck.stats.intervals import wilson
from driftcheck.upgrade import compare_runs

NAMES = ("stable-score", "chronic-failures", "saturated-cases", "regressions")
_WEEK = 7 * 86_400.0
_START = 1_760_000_000.0


@dataclass(frozen=True, slots=True)
class Past:
    """A history to draw."""

    n_cases: int = 300
    n_runs: int = 12
    """Weekly runs."""
    pass_rate: float = 0.9
    versions: int | None = None
    """Names of models, one after the other; None names none."""
    noise: float = 0.2
    """Share of outcomes drawn anew in each run."""
    moves: float = 0.0
    """Points by which the pass rate rises from version to version, with cases dealt anew."""
    chronic: float = 0.0
    """Share of cases that always fail; the others fail anew under each version."""
    saturated: float = 0.0
    """Share of cases that never change."""
    broken: float = 0.0
    """Share of cases, of those that pass, that fail in the last run."""


def outcomes_of(past: Past, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Whether each case passes each run, (n_cases, n_runs)."""
    n, runs = past.n_cases, past.n_runs
    version = _version(past)
    own = np.repeat((rng.random(n) < past.pass_rate)[:, None], version[-1] + 1, axis=1)
    if past.moves or past.chronic or past.saturated:
        rates = past.pass_rate + past.moves * np.arange(version[-1] + 1)
        own = rng.random((n, version[-1] + 1)) < rates
    fixed = rng.random(n) < past.saturated
    own[fixed] = own[fixed][:, :1]
    passes = np.where(rng.random((n, runs)) < 1 - past.noise, own[:, version], rng.random((n, runs)) < past.pass_rate)
    passes[rng.permutation(n)[: round(past.chronic * n)]] = False
    if past.broken:
        passing = np.flatnonzero(passes[:, -1] & (passes.mean(axis=1) > 0.5))
        passes[rng.choice(passing, round(past.broken * n), replace=False), -1] = False
    return passes


def comparison_of(passes: NDArray[np.bool_], models: Sequence[str | None]) -> Comparison:
    """What the checks look at: a history, and no production."""
    n_cases, n_runs = passes.shape
    ids = [f"c{case:05d}" for case in range(n_cases)]
    run_ids = [f"r{run:04d}" for run in range(n_runs)]
    frame = pd.DataFrame(
        {
            "run_id": np.repeat(run_ids, n_cases),
            "run_time": np.repeat(_START + _WEEK * np.arange(n_runs), n_cases),
            "case_id": np.tile(ids, n_runs),
            "status": np.where(passes.T.ravel(), "pass", "fail"),
            "score": np.nan,
            "model": np.repeat(np.array(models, dtype=object), n_cases),
            "prompt_id": None,
            "variant": None,
            "repeat": 0,
            "own_id": np.tile(ids, n_runs),
            "error": None,
            "path": "runs.jsonl",
        },
        columns=list(RUNS_COLUMNS),
    )
    cases = [Case(case_id=one, input_text=one, where="") for one in ids]
    production = Production(
        sample=pd.DataFrame(columns=list(SAMPLE_COLUMNS)),
        traffic=pd.DataFrame(columns=list(TRAFFIC_COLUMNS)),
        n_sessions=0,
        since=None,
        until=None,
        n_outside_window=0,
        satisfaction=None,
        tag_fields=(),
        reports=(),
    )
    return Comparison(
        eval_set=make_eval_set(cases, (), text=TextChoice.LAST_TURN),
        runs=Runs(frame=frame, run_ids=tuple(run_ids), n_unjoined=0, reports=()),
        production=production,
        case_vectors=np.ones((n_cases, 1), dtype=np.float32),
        trace_vectors=np.ones((0, 1), dtype=np.float32),
        declared_slices=(),
        seed=0,
        runs_until=None,
        baseline=Baseline(),
    )


def drawn(past: Past, seed: int) -> Comparison:
    """One history of the kind."""
    passes = outcomes_of(past, np.random.default_rng([seed, 401]))
    models: list[str | None] = [None] * past.n_runs
    if past.versions is not None:
        models = [f"model-{version}" for version in _version(past)]
    return comparison_of(passes, models)


def statuses(comparison: Comparison) -> dict[str, str]:
    """What each of the four checks says of a history."""
    said = {}
    for check in CHECKS:
        if (name := name_of(check)) in NAMES:
            try:
                said[name] = str(
                    judge(Plan(check, check.DEFAULT, (), required=False), check.measure(comparison)).status
                )
            except NotMeasurable:
                said[name] = str(FindingStatus.SKIP)
    return said


def looks_worse(comparison: Comparison) -> bool:
    """Whether `driftcheck compare` would exit 1 on the last two runs."""
    history = comparison.history
    return compare_runs(history, len(history.runs) - 2, len(history.runs) - 1).is_worse


def _version(past: Past) -> NDArray[np.intp]:
    return np.arange(past.n_runs) * (past.versions or 1) // past.n_runs


UNCHANGED = {
    f"{n_cases} cases, {n_runs} runs, {pass_rate:.0%}, {'named' if named else 'nameless'}": Past(
        n_cases, n_runs, pass_rate, 1 if named else None
    )
    for n_cases in (100, 300)
    for n_runs in (6, 26)
    for pass_rate in (0.8, 0.95)
    for named in (True, False)
}
MOVING = {
    "5 versions, each 4 points better, cases dealt anew": Past(300, 20, 0.78, 5, moves=0.04),
    "the same, 100 cases": Past(100, 20, 0.78, 5, moves=0.04),
}
PLANTED = {
    "stable-score": {
        "3 versions in 20 weeks, no movement": Past(300, 21, 0.9, 3),
        "the same, 100 cases": Past(100, 21, 0.9, 3),
    },
    "chronic-failures": {
        "8 % fail under 4 versions, 3 % besides": Past(300, 12, 0.97, 4, chronic=0.08, noise=0.05),
        "the same, one run each": Past(300, 4, 0.97, 4, chronic=0.08, noise=0.05),
        "the same, 100 cases": Past(100, 12, 0.97, 4, chronic=0.08, noise=0.05),
    },
    "saturated-cases": {
        "90 % never change over 5 versions": Past(300, 10, 0.6, 5, saturated=0.9, noise=0.0),
        "the same, one run each, 100 cases": Past(100, 5, 0.6, 5, saturated=0.9, noise=0.0),
    },
    "regressions": {
        f"5 % of 300 break, {n_runs} runs at {rate:.0%}": Past(300, n_runs, rate, None, broken=0.05)
        for rate in (0.95, 0.9, 0.8)
        for n_runs in (2, 6, 26)
    },
}


def _rates(title: str, cells: dict[str, Past], draws: range, names: Sequence[str]) -> None:
    print(f"{title:<52}" + "".join(f"{name:<24}" for name in names) + "compare exits 1")
    for cell, past in cells.items():
        said = [statuses(drawn(past, seed)) for seed in draws]
        row = ""
        worse = sum(looks_worse(drawn(past, seed)) for seed in draws) / len(draws)
        for name in names:
            loud = wilson(sum(one[name] in ("warn", "fail") for one in said), len(said))
            skipped = sum(one[name] == "skip" for one in said)
            text = f"{loud.value:.3f} ({loud.low:.2f}-{loud.high:.2f})"
            row += f"{text + (' skip' if skipped == len(said) else ''):<24}"
        print(f"  {cell:<50}{row}{worse:.3f}", flush=True)


def main(argv: Sequence[str] | None = None) -> int:
    """Parse, draw, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--only", default="", help="speed, unchanged, moving or planted")
    options = parser.parse_args(argv)
    draws = range(options.first_seed, options.first_seed + options.draws)
    if options.only in ("", "speed"):
        past = Past(2_000, 500, 0.9, 20)
        comparison = drawn(past, 0)
        began = time.perf_counter()
        said = statuses(comparison)
        print(f"500 runs x 2,000 cases: {time.perf_counter() - began:.2f} s {said}")
    if options.only in ("", "unchanged"):
        _rates("false alarms, unchanged product", UNCHANGED, draws, NAMES)
    if options.only in ("", "moving"):
        _rates("false alarms, product and bench that move", MOVING, draws, NAMES)
    if options.only in ("", "planted"):
        for name, cells in PLANTED.items():
            _rates(f"found: {name}", cells, draws, (name,))
    return 0


if __name__ == "__main__":
    sys.exit(main())
