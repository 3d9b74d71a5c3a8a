"""What reading costs beside the bare parser, as a table: `python -m tests.benchmarks.loading [--mb 200] [NAME ...]`.

Writes traces as JSON lines, CSV and Parquet files of the given size into a temporary folder, and reads each by turns
with the parser alone (json and orjson a line, csv.reader, pyarrow's batches as Python rows) and with driftcheck
(recognised, every record made and counted). Times are processor seconds, medians of several turns; the factor is the
median of what each turn has; imports are not timed. Exits 1 where reading costs more than LIMIT times the parser (for
JSON lines: json, which a script would use; orjson is what we use, and shown). Names: jsonl, csv, parquet, and
parquet-texts, a Parquet file whose times are texts, for which pyarrow has next to nothing to do.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any

from driftcheck.loaders.blocks import batches

LIMIT = 2.0
TURNS = 7
ROW_GROUP = 50_000
WORDS = """
    where is my order refund invoice late parcel please change address account login password reset cancel plan upgrade
    charged twice delivery tracking number support agent yesterday broken screen return label warranty size exchange
"""


def rows() -> Iterator[dict[str, Any]]:
    """Traces of a support assistant, without end."""
    rng, words = random.Random(7), WORDS.split()
    for number in count():
        yield {
            "trace_id": f"{rng.getrandbits(128):032x}",
            "session_id": f"s{number // 3}",
            "timestamp": f"2026-{1 + number % 9:02d}-{1 + number % 28:02d}T{number % 24:02d}:15:30.250Z",
            "user_id": f"u{rng.randrange(20_000)}",
            "input": " ".join(rng.choices(words, k=rng.randrange(5, 40))) + "?",
            "output": " ".join(rng.choices(words, k=rng.randrange(30, 120))) + ".",
            "model": "assistant-2",
            "topic": words[number % 7],
            "csat": rng.choice((None, None, None, 1, 3, 4, 5)),
        }


def write_jsonl(path: Path, n_bytes: int) -> None:
    with path.open("w") as lines:
        for row in rows():
            lines.write(json.dumps(row) + "\n")
            if lines.tell() >= n_bytes:
                return


def write_csv(path: Path, n_bytes: int) -> None:
    with path.open("w", newline="") as cells:
        table = csv.writer(cells)
        for number, row in enumerate(rows()):
            if number == 0:
                table.writerow(row)
            table.writerow(row.values())
            if cells.tell() >= n_bytes:
                return


def write_parquet(path: Path, n_bytes: int, *, times_are_text: bool = False) -> None:
    """Write with the types that a warehouse has: a time is no text there."""
    import pyarrow
    import pyarrow.parquet

    moment = pyarrow.string() if times_are_text else pyarrow.timestamp("us", "UTC")
    types = dict.fromkeys(next(rows()), pyarrow.string()) | {"timestamp": moment, "csat": pyarrow.float64()}
    with path.open("wb") as file, pyarrow.parquet.ParquetWriter(file, pyarrow.schema(types)) as parquet:
        for some in batches(rows(), ROW_GROUP):
            for row in some:
                if not times_are_text:
                    row["timestamp"] = datetime.fromisoformat(row["timestamp"])
            parquet.write_table(pyarrow.Table.from_pylist(some, schema=pyarrow.schema(types)))
            if file.tell() >= n_bytes:
                return


def bare_jsonl(path: Path) -> int:
    with path.open("rb") as lines:
        return sum(1 for line in lines if json.loads(line))


def bare_orjson(path: Path) -> int:
    import orjson

    with path.open("rb") as lines:
        return sum(1 for line in lines if orjson.loads(line))


def bare_csv(path: Path) -> int:
    with path.open(newline="", encoding="utf-8") as cells:
        return sum(1 for _ in csv.reader(cells)) - 1


def bare_parquet(path: Path) -> int:
    import pyarrow.parquet

    with pyarrow.parquet.ParquetFile(path) as file:
        return sum(len(batch.to_pylist()) for batch in file.iter_batches(batch_size=1024, use_threads=False))


def ours(path: Path) -> int:
    from driftcheck.loaders.inspection import Reading
    from driftcheck.loaders.source import find_sources

    reading = Reading(find_sources([path], base=Path())[0])
    for _ in reading.records():
        pass
    return reading.report().n_records


def seconds(read: Callable[[Path], int], path: Path) -> tuple[float, int]:
    """Processor seconds of one reading, and the records it found."""
    start = time.process_time()
    n_records = read(path)
    return time.process_time() - start, n_records


BARE: dict[str, Callable[[Path], int]] = {
    "jsonl": bare_jsonl,
    "csv": bare_csv,
    "parquet": bare_parquet,
    "parquet-texts": bare_parquet,
}
WRITE: dict[str, Callable[[Path, int], None]] = {
    "jsonl": write_jsonl,
    "csv": write_csv,
    "parquet": write_parquet,
    "parquet-texts": partial(write_parquet, times_are_text=True),
}


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--mb", type=int, default=200)
    options.add_argument("names", nargs="*", metavar="NAME")
    given = options.parse_args()
    given.names = [name for name in BARE if name in given.names or not given.names]
    worst = 0.0
    with tempfile.TemporaryDirectory() as folder:
        warm = Path(folder, "warm")
        write_jsonl(warm, 8 << 20)
        ours(warm)
        print("| format | MB | records | parser, s | driftcheck, s | times |\n| --- | --- | --- | --- | --- | --- |")
        for name in given.names:
            path = Path(folder, name)
            WRITE[name](path, given.mb << 20)
            turns = [(seconds(BARE[name], path), seconds(ours, path)) for _ in range(TURNS)]
            (n_bare, n_ours) = turns[0][0][1], turns[0][1][1]
            if n_bare != n_ours:
                raise SystemExit(f"{name}: {n_ours} records, the parser has {n_bare}")
            worst = max(worst, row_of(name, path, n_ours, [(bare, own) for (bare, _), (own, _) in turns]))
            if name == "jsonl":
                fast = [(seconds(bare_orjson, path)[0], own) for _, (own, _) in turns]
                row_of("(orjson)", path, n_ours, fast)
            path.unlink()
    return int(worst > LIMIT)


def row_of(name: str, path: Path, n_records: int, turns: list[tuple[float, float]]) -> float:
    """Print a row of the table, and return how many times its parser reading costs."""
    times = median(own / bare for bare, own in turns)
    bare, own = (median(turn[which] for turn in turns) for which in (0, 1))
    print(f"| {name} | {path.stat().st_size >> 20} | {n_records} | {bare:.2f} | {own:.2f} | {times:.2f} |", flush=True)
    return times


if __name__ == "__main__":
    sys.exit(main())
