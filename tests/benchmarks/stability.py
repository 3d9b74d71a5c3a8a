"""How often the verdict flips when nothing but chance changes: the seed, the order of rows, the number of threads.

    python -m tests.benchmarks.stability --data DIR --draws 10 --datasets banking77,hwu64

Draws scenarios as `gate.py` does. Each is audited with its rows as they are and seed 0, then with other seeds, with
the rows of all three files shuffled, and with one thread. A flip is a rerun whose exit code differs from the first
audit's; per cell their share is printed with Wilson 95 % limits, and apart for reruns that must not differ at all:
shuffled rows and one thread.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import ModuleType

import numpy as np
from tests.benchmarks.gate import CELLS, DATASETS, Cell, audited, embed_all
from tests.benchmarks.scenarios import scenario_module
from threadpoolctl import threadpool_limits

from driftcheck.stats.intervals import wilson

_FILES = ("evalset.jsonl", "traces.jsonl", "results.jsonl")


@dataclass(frozen=True, slots=True)
class Rerun:
    """One audit of a pair that was audited before."""

    dataset: str
    cell: str
    draw: int
    """Seed of the scenario."""
    variant: str
    """`seed N`, `rows N` or `one thread`."""
    first: int
    """Exit code of the first audit."""
    exit_code: int
    """Exit code of this one."""

    @property
    def flips(self) -> bool:
        """Whether the verdict changed."""
        return self.exit_code != self.first


def shuffle_rows(folder: Path, seed: int) -> None:
    """Put the lines of the scenario's files into another order."""
    rng = np.random.default_rng(seed)
    for name in _FILES:
        lines = (folder / name).read_text(encoding="utf-8").splitlines(keepends=True)
        (folder / name).write_text("".join(lines[i] for i in rng.permutation(len(lines))), encoding="utf-8")


def reruns(scenarios: ModuleType, dataset: str, cells: dict[str, Cell], draws: range, n_seeds: int) -> Iterator[Rerun]:
    """Every draw audited again: `n_seeds` other seeds, two shuffles, one thread."""
    frame = scenarios.load(dataset)
    for draw in draws:
        for name, cell in cells.items():
            pair = scenarios.make(frame, cell.kind, seed=draw, **cell.parameters)
            with tempfile.TemporaryDirectory(prefix="driftcheck-stability-") as place:
                folder = Path(place)
                scenarios.write(place, *pair)
                first = int(audited(folder, seed=0).exit_code)

                again = partial(_again, folder, Rerun(dataset, name, draw, "", first, first))

                for seed in range(1, n_seeds + 1):
                    yield again(f"seed {seed}", seed)
                with threadpool_limits(1):
                    yield again("one thread", 0)
                for shuffle in (1, 2):
                    shuffle_rows(folder, shuffle)
                    yield again(f"rows {shuffle}", 0)


def _again(folder: Path, first: Rerun, variant: str, seed: int) -> Rerun:
    return replace(first, variant=variant, exit_code=int(audited(folder, seed).exit_code))


def table(rows: Sequence[Rerun]) -> str:
    """Flips per cell, and in all."""
    lines = [f"{'dataset':<15}{'cell':<23}{'draws':>5}  {'flips over seeds':<28}flips over rows and threads"]
    keys = list(dict.fromkeys((row.dataset, row.cell) for row in rows))
    for dataset, cell in [*keys, ("all", "")]:
        own = [row for row in rows if dataset == "all" or (row.dataset, row.cell) == (dataset, cell)]
        seeds = [row for row in own if row.variant.startswith("seed")]
        rest = [row for row in own if not row.variant.startswith("seed")]
        n_draws = len({(row.dataset, row.cell, row.draw) for row in own})
        lines.append(f"{dataset:<15}{cell:<23}{n_draws:>5}  {_share(seeds):<28}{_share(rest)}")
    return "\n".join(lines)


def _share(rows: Sequence[Rerun]) -> str:
    rate = wilson(sum(row.flips for row in rows), len(rows))
    return f"{rate.value:.3f} ({rate.low:.3f}-{rate.high:.3f}) n={len(rows)}"


def main(argv: Sequence[str] | None = None) -> int:
    """Parse, rerun, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder of make_scenarios.py")
    parser.add_argument("--datasets", default="banking77,hwu64", help=f"comma-separated, of {', '.join(DATASETS)}")
    parser.add_argument("--cells", nargs="+", default=["null", "drift", "score", "weak"], choices=list(CELLS))
    parser.add_argument("--only", default="", help="cells whose name holds this")
    parser.add_argument("--draws", type=int, default=5)
    parser.add_argument("--seeds", type=int, default=4, help="other seeds per draw")
    parser.add_argument("--first-seed", type=int, default=70000)
    options = parser.parse_args(argv)
    scenarios = scenario_module(options.data)
    if scenarios is None:
        print(f"skipped: no make_scenarios.py in {options.data}; give its folder with --data")
        return 0
    cells = {name: cell for group in options.cells for name, cell in CELLS[group].items() if options.only in name}
    rows: list[Rerun] = []
    for dataset in options.datasets.split(","):
        embed_all(scenarios.load(dataset).text.tolist())
        draws = range(options.first_seed, options.first_seed + options.draws)
        for rerun in reruns(scenarios, dataset, cells, draws, options.seeds):
            rows.append(rerun)
            if rerun.flips:
                print(f"flip: {rerun}", flush=True)
    print(table(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
