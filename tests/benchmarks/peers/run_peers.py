"""Run the peers on the pairs that `draw_pairs.py` drew, in their own environment (see `make_environment.sh`).

    PEERS/bin/python -m tests.benchmarks.peers.run_peers --draws FOLDER --results FOLDER

Every tool gets the same vectors, in a process of its own, on one thread. It writes one JSON line a draw to
`RESULTS/TOOL.jsonl`; a run that is interrupted goes on where it stopped. Nothing of driftcheck is imported.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import math
import os
import subprocess
import sys
import time
import warnings
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.peers.cells import CELLS, NULL_DRAWS, POWER_DRAWS
from tests.benchmarks.peers.pairs import read_pairs
from tests.benchmarks.peers.readings import Reading, append, metered, read_readings
from tests.benchmarks.peers.tools import PEERS

_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "LOKY_MAX_CPU_COUNT")


PACKAGES = ("evidently", "alibi-detect", "torch", "mauve-text", "livingeval", "driftvane", "scikit-learn")
"""Whose versions the page tells; numpy, pandas and scipy beside them."""


def run(name: str, draws: Path, results: Path, null_draws: int, power_draws: int, minutes: float) -> None:
    """Run one peer on every pair that it has not had."""
    warnings.simplefilter("ignore")  # of the peers' own dependencies
    path = results / f"{name.replace(' ', '-').replace(',', '').lower()}.jsonl"
    done = {reading.key for reading in read_readings(path)}
    end = time.monotonic() + 60 * minutes
    peer, warm = PEERS[name], False
    null_cells = {cell.name for cell in CELLS if cell.is_null}
    for pair in read_pairs(draws, min(null_draws, peer.null_draws), min(power_draws, peer.power_draws), null_cells):
        draw = pair.draw
        if (name, draw.dataset, draw.cell, draw.seed) in done or (peer.planted_only and not pair.planted.any()):
            continue
        if time.monotonic() > end:
            print(f"{name}: out of time", flush=True)
            return
        if not warm:  # imports and compilers are no part of the cost
            peer.ask(pair)
            warm = True
        answer, cost = metered(lambda pair=pair: peer.ask(pair))
        named = answer.flagged is not None and answer.top is not None
        append(
            path,
            Reading(
                tool=name,
                dataset=draw.dataset,
                cell=draw.cell,
                seed=draw.seed,
                score=answer.score,
                p_value=answer.p_value,
                alarm=answer.alarm,
                seconds=cost.seconds,
                peak_mb=cost.peak_mb,
                added_mb=cost.added_mb,
                n_planted=int(pair.planted.sum()),
                n_flagged=int(answer.flagged.sum()) if named else None,
                n_flagged_planted=int((answer.flagged & pair.planted).sum()) if named else None,
                n_top=int(answer.top.sum()) if named else None,
                n_top_planted=int((answer.top & pair.planted).sum()) if named else None,
            ),
        )


def main(argv: Sequence[str] | None = None) -> int:
    """Run every peer in a process of its own, or the one that --peer names in this one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=Path, required=True, help="what draw_pairs.py wrote")
    parser.add_argument("--results", type=Path, required=True, help="where the lines go")
    parser.add_argument("--peers", default=";".join(PEERS), help="separated by semicolons")
    parser.add_argument("--peer", choices=list(PEERS), help=argparse.SUPPRESS)
    parser.add_argument("--null", type=int, default=NULL_DRAWS, help="draws of each cell without drift")
    parser.add_argument("--power", type=int, default=POWER_DRAWS, help="draws of each other cell")
    parser.add_argument("--minutes", type=float, default=math.inf, help="per peer: start no draw after so long")
    options = parser.parse_args(argv)
    options.results.mkdir(parents=True, exist_ok=True)
    if options.peer:
        run(options.peer, options.draws, options.results, options.null, options.power, options.minutes)
        return 0
    found = {name: importlib.metadata.version(name) for name in (*PACKAGES, "numpy", "pandas", "scipy")}
    found["Python"] = sys.version.split()[0]
    (options.results / "versions.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    environment = {**os.environ, **dict.fromkeys(_ONE_THREAD, "1"), "HF_HUB_OFFLINE": "1", "DO_NOT_TRACK": "1"}
    arguments = ["--draws", options.draws, "--results", options.results, "--null", options.null]
    arguments += ["--power", options.power, "--minutes", options.minutes]
    for name in options.peers.split(";"):
        command = [sys.executable, "-m", "tests.benchmarks.peers.run_peers", "--peer", name, *map(str, arguments)]
        start = time.monotonic()
        code = subprocess.run(command, env=environment, check=False).returncode
        print(f"{name}: exit {code} after {time.monotonic() - start:.0f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
