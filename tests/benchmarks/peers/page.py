"""Write the page of results.

    python -m tests.benchmarks.peers.page --results FOLDER --date DATE --machine "2 cores of an x86-64"

Reads the JSON lines of `run_peers.py` and `run_driftcheck.py`; writes `README.md` and `power.svg` beside this file, or
to --out. No number of the page is typed in by hand but the date.
"""

from __future__ import annotations

import argparse
import inspect
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from tests.benchmarks.peers.cells import CELLS, FIRST_SEED, Cell
from tests.benchmarks.peers.figure import Bar, draw
from tests.benchmarks.peers.rates import LEVEL, Found, Standing, Table, equal_alarms, found, named, own_alarms, standing
from tests.benchmarks.peers.readings import read_readings
from tests.benchmarks.peers.run_driftcheck import NAME
from tests.benchmarks.peers.tools import PEERS

from driftcheck.numbers import percent
from driftcheck.stats.intervals import Interval

HERE = Path(__file__).parent
_NO_GATE = tuple(name for name, peer in PEERS.items() if peer.planted_only)
"""They name slices and give no number that could be gated on."""
_OWN = "The audit's own path after embedding: space, trees, tests, slices, novelty. p of the one verdict on traffic."
_TIMED = ("banking77", "null 300/1000")
_HOW = """## How to run it

The data and `make_scenarios.py` lie in a folder beside the checkout (`--data`, by default `../shared/data`). In the
root of the checkout, with driftcheck's own environment active; the runs go on where they were interrupted:

```bash
bash tests/benchmarks/peers/make_environment.sh /tmp/peers/env
python -m tests.benchmarks.peers.draw_pairs --out /tmp/peers/draws
/tmp/peers/env/bin/python -m tests.benchmarks.peers.run_peers --draws /tmp/peers/draws --results /tmp/peers/results
python -m tests.benchmarks.peers.run_driftcheck --draws /tmp/peers/draws --results /tmp/peers/results --restart
python -m tests.benchmarks.peers.page --results /tmp/peers/results --date "$(date +%F)" --machine "2 cores of an x86-64"
```

`--null 3 --power 3` draws and runs a few of each cell."""


def write_page(table: Table, versions: dict[str, str], date: str, machine: str) -> tuple[str, str]:
    """The page and its figure, (markdown, SVG)."""
    tools = [tool for tool in (NAME, *PEERS) if tool in table.tools]
    gates = [tool for tool in tools if tool not in _NO_GATE]
    title = f"Drift noticed at {percent(LEVEL)} false alarms"
    parts = [
        _head(table, versions, date, machine, title),
        _score(table, gates),
        _power(table, gates),
        _own_false_alarms(table, gates),
        _own_power(table, gates),
        _slices(table, tools),
        _cost(table, tools),
        _tools(tools),
        _HOW,
    ]
    return "\n\n".join(parts) + "\n", draw(_bars(table, gates), title)


def _head(table: Table, versions: dict[str, str], date: str, machine: str, title: str) -> str:
    seeds = [row.seed for row in table.rows]
    told = ", ".join(f"{name} {version}" for name, version in versions.items() if version)
    return f"""# driftcheck beside its peers

Pairs of an eval set and production with planted drift (real text, `make_scenarios.py`: banking77, hwu64, slurp,
dolly and xsid), the same pairs and the same vectors (all-MiniLM-L6-v2) for every tool. Sizes are 300 cases against
1,000 traces, and 60 intents are in play (k) where the dataset has so many, unless a row says otherwise. Fresh seeds,
{min(seeds)} to {max(seeds)}. Rates are percentages of draws with Wilson 95 % intervals.

Run on {date}, {machine}.

Versions: {told}.

![{title}](power.svg)"""


def _score(table: Table, gates: Sequence[str]) -> str:
    """How often driftcheck is ahead, and every comparison in which it is not."""
    standings: list[tuple[Standing, str]] = []
    for dataset, cell in _cells(table, null=False):
        own = table.power(NAME, dataset, cell)
        for peer in gates:
            other = table.power(peer, dataset, cell)
            if peer != NAME and own is not None and other is not None:
                words = f"{dataset}, {cell.name}: {_rate(own)} against {_rate(other)} of {peer}"
                standings.append((standing(own, other), words))
    lines = [
        f"Of {len(standings)} comparisons (cell by peer) at the same {percent(LEVEL)} of false alarms, driftcheck is:",
        "",
    ]
    for word in Standing:
        chosen = [words for where, words in standings if where is word]
        listed = chosen if word in (Standing.OVERLAP, Standing.BEHIND) else []
        lines += [f"- {word.value}: {len(chosen)}{':' if listed else ''}", *(f"  - {words}" for words in listed)]
    return "\n".join(lines)


def _power(table: Table, gates: Sequence[str]) -> str:
    rows = []
    for dataset, cell in _cells(table, null=False):
        rates = {tool: table.power(tool, dataset, cell) for tool in gates}
        name, best = best_peer(rates)
        own = rates.get(NAME)
        against = f"{standing(own, best)} ({name})" if own is not None and best is not None else "–"
        rows.append([dataset, cell.name, *(_marked(rates[tool], best) for tool in gates), against])
    return f"""## Drift noticed at the same rate of false alarms

Every tool at {percent(LEVEL)} of false alarms. Where its p-value is valid by construction (driftcheck, energy
distance, alibi-detect), it alarms at p <= {LEVEL}; the others alarm above the {percent(1 - LEVEL)} point of their own
score on the draws without drift of the same dataset and sizes, which no user has (found on 100 such draws, that point's
true rate of false alarms lies between 2 and 10 %, which their intervals leave out). The best of the peers is bold.

{_markdown(["dataset", "drift", *gates, "driftcheck against the best peer"], rows)}"""


def _own_false_alarms(table: Table, gates: Sequence[str]) -> str:
    verdicts = [tool for tool in gates if any(row.tool == tool and row.alarm is not None for row in table.rows)]
    valid = [tool for tool in gates if any(row.tool == tool and row.p_value is not None for row in table.rows)]
    rows, checks = [], []
    for dataset, cell in _cells(table, null=True):
        draws = {tool: table.of(tool, dataset, cell.name) for tool in gates}
        rows.append([dataset, cell.name, *(_rate(own_alarms(draws[tool])) for tool in verdicts)])
        checks.append([dataset, cell.name, *(_rate(equal_alarms(draws[tool], [])) for tool in valid)])
    return f"""## False alarms as installed

Share of pairs without drift on which each tool alarms at its own defaults; driftcheck's alarm is an audit that one of
its three traffic checks blocks (effect and significance). MAUVE has no threshold.

{_markdown(["dataset", "no drift", *verdicts], rows)}

The same for p <= {LEVEL}, which should be {percent(LEVEL)} or less:

{_markdown(["dataset", "no drift", *valid], checks)}"""


def _own_power(table: Table, gates: Sequence[str]) -> str:
    verdicts = [tool for tool in gates if any(row.tool == tool and row.alarm is not None for row in table.rows)]
    rows = [
        [dataset, cell.name, *(_rate(own_alarms(table.of(tool, dataset, cell.name))) for tool in verdicts)]
        for dataset, cell in _cells(table, null=False)
    ]
    return f"""## Drift noticed as installed

The same verdicts where drift was planted: to be read beside the false alarms above, since a tool that always alarms
notices everything.

{_markdown(["dataset", "drift", *verdicts], rows)}"""


def _slices(table: Table, tools: Sequence[str]) -> str:
    naming = [tool for tool in tools if any(row.tool == tool and row.n_flagged is not None for row in table.rows)]
    rows = []
    for dataset, cell in _cells(table, null=False):
        if cell.kind == "mixture":
            continue
        line = [dataset, cell.name]
        for tool in naming:
            draws = table.of(tool, dataset, cell.name)
            line += [_found(found(draws, top=True)), _found(found(draws, top=False))]
        draws = table.of(NAME, dataset, cell.name)
        rows.append([*line, _rate(named(draws, thin=False)), _rate(named(draws, thin=True))])
    heads = [f"{tool}: {what}" for tool in naming for what in ("first slice", "all flagged")]
    return f"""## Which traffic: slices against what was planted

Precision / recall by traces of the slice that comes first, and of all that are flagged; in brackets the draws in which
any is flagged. Precision is the mean over those, recall over all draws. Last, of the planted intents of 3 % of traffic
or more, the share whose slice (the one with most of its traces) driftcheck's table calls uncovered, and uncovered or
thin (thin is any slice of too few cases to know its pass rate by). The tools that are not here name no traffic.

{_markdown(["dataset", "drift", *heads, "named uncovered", "uncovered or thin"], rows)}"""


def _cost(table: Table, tools: Sequence[str]) -> str:
    rows = []
    for tool in tools:
        draws = table.of(tool, *_TIMED) or [row for row in table.rows if row.tool == tool]
        if draws:
            seconds, peak, added = (
                median(getattr(d, part) for d in draws) for part in ("seconds", "peak_mb", "added_mb")
            )
            rows.append([tool, f"{seconds:.2f}", f"{peak:.0f}", f"{added:.0f}"])
    return f"""## Seconds and memory

CPU seconds of one comparison of 300 cases with 1,000 traces on one thread, embeddings given, libraries imported; memory
of the process at its peak with its libraries, and what the comparison added. Medians. driftcheck's time is that of all
its slices and tests.

{_markdown(["tool", "CPU s", "peak MB", "added MB"], rows)}"""


def _tools(tools: Sequence[str]) -> str:
    told = {NAME: _OWN, **{name: inspect.getdoc(peer.ask) or "" for name, peer in PEERS.items()}}
    lines = [f"- **{tool}**: {' '.join(told[tool].split())}" for tool in tools]
    return (
        "## What was run\n\n"
        + "\n".join(lines)
        + """

P, production, is the current sample of every tool and the eval set Q its reference. evidently's methods are called
without the report around them, which would also run a t-SNE for its picture."""
    )


def _bars(table: Table, gates: Sequence[str]) -> list[Bar]:
    bars = []
    for dataset, cell in _cells(table, null=False):
        rates = {tool: table.power(tool, dataset, cell) for tool in gates}
        name, best = best_peer(rates)
        own = rates.get(NAME)
        if own is not None and best is not None:
            others = [rate.value for tool, rate in rates.items() if rate is not None and tool not in (NAME, name)]
            bars.append(Bar(f"{dataset}: {cell.name}", own, best, name, tuple(others)))
    return bars


def best_peer(rates: dict[str, Interval | None]) -> tuple[str, Interval | None]:
    """The peer with the highest rate, the first of several; none where no peer has one."""
    peers = [(tool, rate) for tool, rate in rates.items() if tool != NAME and rate is not None]
    return max(peers, key=lambda item: item[1].value, default=("", None))


def _cells(table: Table, *, null: bool) -> list[tuple[str, Cell]]:
    """Datasets and cells that were run, cell by cell."""
    drawn = {(row.dataset, row.cell) for row in table.rows}
    return [
        (dataset, cell)
        for cell in CELLS
        for dataset in cell.datasets
        if cell.is_null is null and (dataset, cell.name) in drawn
    ]


def _rate(rate: Interval | None) -> str:
    return "–" if rate is None else f"{100 * rate.value:.0f} ({100 * rate.low:.0f}–{100 * rate.high:.0f})"


def _marked(rate: Interval | None, best: Interval | None) -> str:
    return f"**{_rate(rate)}**" if rate is best and rate is not None else _rate(rate)


def _found(told: Found | None) -> str:
    if told is None:
        return "–"
    precision = "–" if told.precision is None else f"{told.precision:.2f}"
    return f"{precision} / {told.recall:.2f} ({told.n_flagging} of {told.n_draws})"


def _markdown(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def main(argv: Sequence[str] | None = None) -> int:
    """Read, tabulate, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--results", type=Path, required=True, help="what run_peers.py and run_driftcheck.py wrote")
    parser.add_argument("--date", required=True, help="of the runs, as the page is to say it")
    parser.add_argument("--machine", required=True, help='class of machine, such as "2 shared cores of an x86-64"')
    parser.add_argument("--out", type=Path, default=HERE, help="where README.md and power.svg go")
    options = parser.parse_args(argv)
    rows = [row for path in sorted(options.results.glob("*.jsonl")) for row in read_readings(path)]
    if not any(row.tool == NAME for row in rows):
        print(f"no readings of {NAME} in {options.results}: run run_driftcheck.py first", file=sys.stderr)
        return 1
    versions: dict[str, str] = {}
    for name in (f"{NAME}-version.json", "versions.json"):
        versions |= json.loads((options.results / name).read_text(encoding="utf-8"))
    page, figure = write_page(Table(tuple(rows)), versions, options.date, options.machine)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "README.md").write_text(page, encoding="utf-8")
    (options.out / "power.svg").write_text(figure, encoding="utf-8")
    print(f"wrote {options.out / 'README.md'} and power.svg from {len(rows):,} readings from seed {FIRST_SEED} on")
    return 0


if __name__ == "__main__":
    sys.exit(main())
