"""How often the gate opens and closes: the whole audit on pairs with planted drift, from files to exit code.

    python -m tests.benchmarks.gate --data DIR --draws 60 --datasets banking77 --cells null drift

Draws scenarios with `make_scenarios.py` of the data folder, writes each to files and calls `driftcheck.audit` on them
with the defaults: loaders, joining, sampling, vector cache and policy are all in it. A dataset's texts are embedded
once up front into the vector cache (`$DRIFTCHECK_CACHE`), so that a draw costs no model; only `neardup` has new texts.

Per cell: the share of draws that exit 0, 1 and 3 with Wilson 95 % limits, the checks that failed and warned, and
seconds per audit. A cell misses its demand when even the upper limit lies below 95 %; the process then exits 1.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from types import ModuleType
from typing import Any

from tests.benchmarks.scenarios import scenario_module

from driftcheck import Report, audit
from driftcheck.config import DEFAULT_MODEL, Config, Settings
from driftcheck.embedding import VectorCache, default_cache_folder, embed, find_model
from driftcheck.findings import FindingStatus
from driftcheck.stats.intervals import wilson

DATASETS = ("banking77", "hwu64", "slurp_dev_test", "dolly6400", "xsid_open")
DEMANDED = 0.95


@dataclass(frozen=True, slots=True)
class Cell:
    """A scenario and what the gate owes it."""

    kind: str
    parameters: dict[str, Any]
    exit_code: int | None = None
    """Demanded in 95 % of draws; None where nothing is."""
    failing: tuple[str, ...] = ()
    """Codes of which one must be among the failed checks."""
    not_failing: tuple[str, ...] = ()
    """Codes that must not be among them."""


_BAD_SLICE = {"p": 1 / 3, "n_prod": 2000}
CELLS: dict[str, dict[str, Cell]] = {
    "null": {
        "null 50/1000": Cell("null", {"n_eval": 50}, 0),
        "null 100/1000": Cell("null", {"n_eval": 100}, 0),
        "null 300/1000": Cell("null", {}, 0),
        "null 1000/5000": Cell("null", {"n_eval": 1000, "n_prod": 5000, "k": None}, 0),
        "null_all_intents": Cell("null", {"k": None}, 0),
        "null_sessions": Cell("null_sessions", {}, 0),
        "null_tiny_eval": Cell("null", {"n_eval": 30, "n_prod": 5000, "k": None}, 0),
        "null_tiny_prod": Cell("null", {"n_eval": 1500, "n_prod": 100}, 0),
        "csat_agree_nodrift": Cell("csat", {"mode": "agree_nodrift", **_BAD_SLICE}, 0),
    },
    "neardup": {"null_neardup": Cell("null_neardup", {}, 0)},
    "drift": {
        "novel_near_p10": Cell("novel", {"p": 0.1}, 1),
        "mixture_strong": Cell("mixture", {"kl_target": 0.6}, 1),
        "csat_uncovered": Cell("csat", {"mode": "uncovered", **_BAD_SLICE}, 1, ("DC301", "DC302")),
    },
    "score": {
        "csat_covered_bad": Cell("csat", {"mode": "covered_bad", **_BAD_SLICE}, 1, ("DC301", "DC302")),
        "csat_true_fail": Cell("csat", {"mode": "true_fail", **_BAD_SLICE}, not_failing=("DC301", "DC302")),
        "csat_agree": Cell("csat", {"mode": "agree", "p": 0.15, "n_prod": 2000}, not_failing=("DC301", "DC302")),
        "csat_under": Cell("csat", {"mode": "under", **_BAD_SLICE}, 1, ("DC301", "DC302")),
        "csat_mnar": Cell("csat", {"mode": "mnar", **_BAD_SLICE}, 1),
    },
    "weak": {
        "novel_near_p05": Cell("novel", {"p": 0.05}),
        "novel_near_p20": Cell("novel", {"p": 0.2}),
        "mixture_medium": Cell("mixture", {"kl_target": 0.2}),
        "csat_uncovered_small": Cell("csat", {"mode": "uncovered", "p": 0.08, "n_prod": 2000}),
    },
}
_SMALL = {"n_eval": 100, "n_prod": 400, "k": None}
XSID_CELLS: dict[str, dict[str, Cell]] = {
    "null": {"null 100/400": Cell("null", _SMALL, 0)},
    "weak": {
        f"lang_p{share:.0%}": Cell("lang", {**_SMALL, "p": share, "n_novel": 2}) for share in (0.02, 0.05, 0.2, 0.5)
    },
}
"""xsid_open has too few English texts for the other cells; it has languages."""


@dataclass(frozen=True, slots=True)
class Draw:
    """What the gate made of one pair."""

    dataset: str
    cell: str
    seed: int
    exit_code: int
    seconds: float
    """Wall time of the audit."""
    checks: dict[str, dict[str, Any]]
    """Status and measurement of each check by code."""

    def with_status(self, status: FindingStatus) -> list[str]:
        """Codes of the checks that came out so."""
        return sorted(code for code, check in self.checks.items() if check["status"] == status.value)

    def keeps(self, cell: Cell) -> bool:
        """Whether the draw is what the cell demands."""
        failed = set(self.with_status(FindingStatus.FAIL))
        return (
            (cell.exit_code is None or self.exit_code == cell.exit_code)
            and (not cell.failing or bool(failed.intersection(cell.failing)))
            and failed.isdisjoint(cell.not_failing)
        )


def cells_of(dataset: str, groups: Sequence[str], only: str) -> dict[str, Cell]:
    """The cells of some groups for a dataset, whose name holds a part of `only`."""
    table = XSID_CELLS if dataset.startswith("xsid") else CELLS
    return {
        name: cell
        for group in groups
        for name, cell in table.get(group, {}).items()
        if any(part in name for part in only.split(","))
    }


def audited(folder: Path, seed: int) -> Report:
    """The audit of a scenario's three files, as from the command line without a drift.yaml."""
    settings = Settings(
        eval_set=(str(folder / "evalset.jsonl"),),
        runs=(str(folder / "results.jsonl"),),
        production=(str(folder / "traces.jsonl"),),
    )
    return audit(Config(settings, None), seed=seed)


def draws(scenarios: ModuleType, dataset: str, cells: dict[str, Cell], seeds: range) -> Iterator[Draw]:
    """All draws, seed by seed, so that every cell has some when time runs out."""
    frame = scenarios.load(dataset)
    for seed in seeds:
        for name, cell in cells.items():
            pair = scenarios.make(frame, cell.kind, seed=seed, **cell.parameters)
            with tempfile.TemporaryDirectory(prefix="driftcheck-gate-") as folder:
                scenarios.write(folder, *pair)
                start = time.perf_counter()
                report = audited(Path(folder), seed=0)
                seconds = time.perf_counter() - start
            checks = {
                finding.code: {
                    "status": finding.status.value,
                    "reason": finding.reason,
                    **(
                        {}
                        if finding.measurement is None
                        else {part: getattr(finding.measurement, part) for part in ("value", "low", "p_value")}
                    ),
                }
                for finding in report.finding_rows
            }
            yield Draw(dataset, name, seed, int(report.exit_code), seconds, checks)


def embed_all(texts: Sequence[str]) -> None:
    """Put the vectors of a dataset into the cache, so that draws find them."""
    folder = default_cache_folder()
    with VectorCache(folder) as cache:
        embed(texts, find_model(DEFAULT_MODEL, memory=folder / "models.json"), cache)


def table(rows: Sequence[Draw]) -> tuple[str, bool]:
    """Rates per dataset and cell, and whether every demand is within reach of its interval."""
    lines = [
        f"{'dataset':<15}{'cell':<21}{'draws':>5}  {'exit 0':<19}{'exit 1':<19}{'exit 3':<19}{'s':>5}  "
        f"{'demand':<14}{'kept':<25}checks that failed; warned"
    ]
    every_cell = {
        name: cell for group in (CELLS, XSID_CELLS) for cells in group.values() for name, cell in cells.items()
    }
    all_kept = True
    for dataset, name in dict.fromkeys((row.dataset, row.cell) for row in rows):
        own = [row for row in rows if (row.dataset, row.cell) == (dataset, name)]
        cell = every_cell[name]
        line = f"{dataset:<15}{name:<21}{len(own):>5}  "
        for code in (0, 1, 3):
            line += f"{_rate(sum(row.exit_code == code for row in own), len(own)):<19}"
        line += f"{median(row.seconds for row in own):>5.2f}  "
        n_kept = sum(row.keeps(cell) for row in own)
        demand = _demand(cell)
        if demand:
            missed = wilson(n_kept, len(own)).high < DEMANDED
            all_kept &= not missed
            word = "MISSED" if missed else "" if n_kept >= DEMANDED * len(own) else "below"
            line += f"{demand:<14}{_rate(n_kept, len(own)) + ' ' + word:<25}"
        else:
            line += f"{'':<39}"
        counts = []
        for status in (FindingStatus.FAIL, FindingStatus.WARN):
            codes = Counter(code for row in own for code in row.with_status(status))
            counts.append(" ".join(f"{code}:{n}" for code, n in sorted(codes.items())) or "-")
        lines.append(line + "; ".join(counts))
    return "\n".join(lines), all_kept


def _rate(k: int, n: int) -> str:
    rate = wilson(k, n)
    return f"{rate.value:.3f} ({rate.low:.2f}-{rate.high:.2f})"


def _demand(cell: Cell) -> str:
    words = [] if cell.exit_code is None else [f"{cell.exit_code}"]
    words += ["|".join(code.removeprefix("DC") for code in cell.failing)] if cell.failing else []
    words += [f"not {code}" for code in cell.not_failing]
    return " ".join(words)


def read_draws(files: Sequence[Path]) -> list[Draw]:
    """Draws that earlier runs wrote with --readings, each once: the latest."""
    rows = [Draw(**json.loads(line)) for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    return list({(row.dataset, row.cell, row.seed): row for row in rows}.values())


def main(argv: Sequence[str] | None = None) -> int:
    """Parse, draw, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder of make_scenarios.py")
    parser.add_argument("--datasets", default="banking77,hwu64", help=f"comma-separated, of {', '.join(DATASETS)}")
    parser.add_argument("--cells", nargs="+", default=["null", "drift", "score"], choices=list(CELLS))
    parser.add_argument("--only", default="", help="cells whose name holds one of these, comma-separated")
    parser.add_argument("--draws", type=int, default=60)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--minutes", type=float, help="per run: start no draw after so long")
    parser.add_argument("--readings", type=Path, help="append every draw to this file of JSON lines")
    parser.add_argument("--table", type=Path, nargs="+", help="only tabulate these files")
    options = parser.parse_args(argv)
    if options.table:
        text, all_kept = table(read_draws(options.table))
        print(text)
        return 0 if all_kept else 1
    scenarios = scenario_module(options.data)
    if scenarios is None:
        print(f"skipped: no make_scenarios.py in {options.data}; give its folder with --data")
        return 0
    end = time.monotonic() + 60 * options.minutes if options.minutes else float("inf")
    rows: list[Draw] = []
    for dataset in options.datasets.split(","):
        if not (options.data / dataset / "utterances.parquet").exists():
            print(f"skipped: no {dataset}/utterances.parquet in {options.data}")
            continue
        embed_all(scenarios.load(dataset).text.tolist())
        cells = cells_of(dataset, options.cells, options.only)
        seeds = range(options.first_seed, options.first_seed + options.draws)
        for draw in draws(scenarios, dataset, cells, seeds):
            rows.append(draw)
            if options.readings:
                with options.readings.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(asdict(draw)) + "\n")
            if time.monotonic() > end:
                break
    if not rows:
        return 0
    text, all_kept = table(rows)
    print(text)
    return 0 if all_kept else 1


if __name__ == "__main__":
    sys.exit(main())
