"""Run driftcheck on the pairs that `draw_pairs.py` drew.

    python -m tests.benchmarks.peers.run_driftcheck --draws FOLDER --results FOLDER

What an audit does after embedding, by the same functions: files read into an eval set and production, the comparison,
the three blocking checks of traffic (DC101, DC102, DC201) under the default policy. Time and memory are those of
comparison and checks. One JSON line a draw in `RESULTS/driftcheck.jsonl`; an interrupted run goes on where it stopped.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import math
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pandas as pd
from tests.benchmarks.peers.cells import CELLS, NULL_DRAWS, POWER_DRAWS
from tests.benchmarks.peers.pairs import Pair, read_pairs
from tests.benchmarks.peers.readings import Reading, append, metered, read_readings
from threadpoolctl import threadpool_limits

import driftcheck
from driftcheck.baseline import Baseline
from driftcheck.comparison import Comparison
from driftcheck.config import Config, Settings
from driftcheck.findings import Finding, FindingStatus
from driftcheck.intake import Sources, read_eval_set, read_production
from driftcheck.policy import Plan, make_plan, run_checks
from driftcheck.slices.partition import Partition
from driftcheck.watching import Unwatched

NAME = "driftcheck"
CHECKS = ("DC101", "DC102", "DC201")
NEW_INTENT = 0.03
"""Share of traffic from which on an intent that the eval set lacks must be named."""


def compare(pair: Pair, config: Config) -> Comparison:
    """The comparison of a pair, nothing of it computed yet."""
    cases = pd.DataFrame({"id": [f"e{row}" for row in range(len(pair.cases))], "input": pair.case_texts})
    names = [f"t{row}" for row in range(len(pair.traces))]
    traces = pd.DataFrame({"id": names, "session_id": names, "input": pair.trace_texts})
    with ExitStack() as stack:
        sources = Sources(config, stack, ())
        eval_set = read_eval_set(sources.find("eval_set", cases, required=True), config, Unwatched())
        found = sources.find("production", traces, required=True)
        production = read_production(found, config, None, None, None, Unwatched())
    return Comparison(
        eval_set=eval_set,
        runs=None,
        production=production,
        case_vectors=pair.cases[[int(name[1:]) for name in eval_set.frame["case_id"]]],
        trace_vectors=pair.traces[trace_rows(production.sample["trace_id"])],
        declared_slices=(),
        seed=0,
        runs_until=None,
        baseline=Baseline(),
    )


def trace_rows(ids: pd.Series[str]) -> list[int]:
    """Rows of the pair's traces, from the ids that `compare` gave them."""
    return [int(name[1:]) for name in ids]


def read_pair(pair: Pair, config: Config, plans: Sequence[Plan]) -> Reading:
    """Compare, judge, and hold the slices against what was planted."""
    comparison = compare(pair, config)

    def checked() -> tuple[Finding, ...]:
        with threadpool_limits(1):
            return run_checks(plans, comparison)

    findings, cost = metered(checked)
    traffic = comparison.traffic
    partition = traffic.partition
    order = trace_rows(comparison.production.sample["trace_id"])
    planted = pair.planted[order]
    flagged = np.array([part.under_covered for part in partition.slices])[partition.slice_of_trace]
    top = partition.slice_of_trace == first_slice(partition)
    intents = np.array(pair.trace_intents)[order]
    named = [
        coverage_of(partition, intents == intent)
        for intent, share in pair.draw.uncovered.items()
        if share >= NEW_INTENT - 1e-9 and bool((intents == intent).any())
    ]
    return Reading(
        tool=NAME,
        dataset=pair.draw.dataset,
        cell=pair.draw.cell,
        seed=pair.draw.seed,
        score=1.0 - traffic.test.p_value,
        p_value=traffic.test.p_value,
        alarm=any(finding.status is FindingStatus.FAIL for finding in findings),
        seconds=cost.seconds,
        peak_mb=cost.peak_mb,
        added_mb=cost.added_mb,
        n_planted=int(planted.sum()),
        n_flagged=int(flagged.sum()),
        n_flagged_planted=int((flagged & planted).sum()),
        n_top=int(top.sum()),
        n_top_planted=int((top & planted).sum()),
        n_new_intents=len(named),
        n_named_uncovered=named.count("uncovered"),
        n_named_thin=sum(word in ("uncovered", "thin") for word in named),
        checks={finding.code: finding.status.value for finding in findings},
    )


def first_slice(partition: Partition) -> int:
    """The under-covered slice whose share of traffic exceeds its share of the cases most; -1 where none is."""
    short = [row for row, part in enumerate(partition.slices) if part.under_covered]
    return min(short, key=lambda row: partition.slices[row].delta, default=-1)


def coverage_of(partition: Partition, members: np.ndarray) -> str:
    """What the slice table calls the slice that holds most of these traces."""
    most = int(np.bincount(partition.slice_of_trace[members]).argmax())
    return partition.slices[most].coverage


def commit() -> str:
    """The commit that is run, with a + where files differ from it; empty where git does not tell."""
    told = subprocess.run(
        ["git", "describe", "--always", "--dirty=+", "--exclude=*"],
        cwd=Path(driftcheck.__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return told.stdout.strip()


def main(argv: Sequence[str] | None = None) -> int:
    """Run every pair that has no line yet."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=Path, required=True, help="what draw_pairs.py wrote")
    parser.add_argument("--results", type=Path, required=True, help="where the lines go")
    parser.add_argument("--null", type=int, default=NULL_DRAWS, help="draws of each cell without drift")
    parser.add_argument("--power", type=int, default=POWER_DRAWS, help="draws of each other cell")
    parser.add_argument("--minutes", type=float, default=math.inf, help="start no draw after so long")
    parser.add_argument("--restart", action="store_true", help="forget the lines of an earlier version")
    options = parser.parse_args(argv)
    options.results.mkdir(parents=True, exist_ok=True)
    path = options.results / f"{NAME}.jsonl"
    if options.restart:
        path.unlink(missing_ok=True)
    version = {NAME: driftcheck.__version__, "commit": commit()}
    (options.results / f"{NAME}-version.json").write_text(json.dumps(version) + "\n", encoding="utf-8")
    config = Config(Settings(), None)
    plans = make_plan(config, as_of=dt.date.today(), select=CHECKS)
    done = {reading.key for reading in read_readings(path)}
    null_cells = {cell.name for cell in CELLS if cell.is_null}
    end = time.monotonic() + 60 * options.minutes
    warm = False
    for pair in read_pairs(options.draws, options.null, options.power, null_cells):
        draw = pair.draw
        if (NAME, draw.dataset, draw.cell, draw.seed) in done:
            continue
        if time.monotonic() > end:
            break
        if not warm:  # imports are no part of the cost
            read_pair(pair, config, plans)
            warm = True
        append(path, read_pair(pair, config, plans))
    print(f"{len(read_readings(path))} readings in {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
