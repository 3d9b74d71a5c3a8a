"""Draw the pairs that all tools are run on: `python -m tests.benchmarks.peers.draw_pairs --data DIR --out FOLDER`.

Scenarios come from `make_scenarios.py` beside the datasets, vectors from driftcheck's embedding cache (each text is
embedded once). Cases come in the order of their ids and traces in the order of their sessions' hashes, as in an audit.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.benchmarks.peers.cells import CELLS, DATASETS, FIRST_SEED, NULL_DRAWS, POWER_DRAWS, Cell
from tests.benchmarks.peers.pairs import Draw, Utterances, write_draws, write_utterances
from tests.benchmarks.scenarios import scenario_module

from driftcheck.config import DEFAULT_MODEL
from driftcheck.embedding import VectorCache, default_cache_folder, embed, find_model


def load_utterances(frame: Any) -> Utterances:
    """Texts of a dataset as `make_scenarios.load` gives them, with their vectors."""
    folder = default_cache_folder()
    texts = frame.text.tolist()
    with VectorCache(folder) as cache:
        vectors = embed(texts, find_model(DEFAULT_MODEL, memory=folder / "models.json"), cache)
    return Utterances(texts, frame.label.tolist(), frame.lang.tolist(), vectors)


def draw_pair(scenarios: ModuleType, frame: Any, cell: Cell, seed: int) -> Draw:
    """One pair of a cell."""
    cases, traces, _, truth = scenarios.make(frame, cell.kind, seed=seed, **cell.parameters)
    row_of = dict(zip(frame.id, range(len(frame)), strict=True))
    order = sorted(range(len(traces)), key=lambda row: hashlib.blake2b(traces.session_id[row].encode()).digest())
    return Draw(
        dataset=truth["dataset"],
        cell=cell.name,
        seed=seed,
        case_rows=[row_of[source] for source in cases.src],
        trace_rows=[row_of[traces.src[row]] for row in order],
        uncovered={intent: truth["prod_mix"][intent] for intent in truth["uncovered"]},
        other_languages=truth["drift_axis"] == "language",
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Draw and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder of make_scenarios.py")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--datasets", default=",".join(DATASETS))
    parser.add_argument("--null", type=int, default=NULL_DRAWS, help="draws of each cell without drift")
    parser.add_argument("--power", type=int, default=POWER_DRAWS, help="draws of each other cell")
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED)
    options = parser.parse_args(argv)
    scenarios = scenario_module(options.data)
    if scenarios is None:
        print(f"skipped: no make_scenarios.py in {options.data}; give its folder with --data")
        return 0
    for dataset in options.datasets.split(","):
        frame = scenarios.load(dataset)
        write_utterances(options.out / dataset, load_utterances(frame))
        draws = [
            draw_pair(scenarios, frame, cell, options.first_seed + number)
            for cell in CELLS
            if dataset in cell.datasets
            for number in range(options.null if cell.is_null else options.power)
        ]
        write_draws(options.out / dataset, draws)
        print(f"{dataset}: {len(draws)} pairs of {len(frame):,} texts", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
