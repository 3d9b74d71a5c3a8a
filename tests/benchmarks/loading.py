"""What reading costs beside the bare parser, as a table: `python -m tests.benchmarks.loading [--mb 200] [NAME ...]`.

Writes traces of the given size as JSON lines, CSV and Parquet into a temporary folder, and reads each by turns with
the parser alone (json and orjson a line, csv.reader, pyarrow's batches as Python rows) and with driftcheck (recognised,
every record made and counted). Best of several turns, of processor time, so that other work on the machine counts
little; imports are not timed. Exits 1 where one costs more than LIMIT times its parser (for JSON lines: json, which a
script would use; orjson is what we use, and shown). Names: jsonl, csv, parquet.
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
from pathlib import Path
from typing import Any

LIMIT = 2.0
TURNS = 3
WORDS = """
    where is my order refund invoice late parcel please change address account login password reset cancel plan upgrade
    charged twice delivery tracking number support agent yesterday broken screen return label warranty size exchange
"""


def rows(n_bytes: int) -> Iterator[dict[str, Any]]:
    """Traces of a support assistant, until `n_bytes` of JSON lines are reached."""
    rng, words = random.Random(7), WORDS.split()
    written = number = 0
    while written < n_bytes:
        row = {
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
        written += len(json.dumps(row)) + 1
        number += 1
        yield row


def write(folder: Path, n_bytes: int, names: list[str]) -> None:
    """Write the same rows in every format."""
    import pyarrow
    import pyarrow.parquet

    with (folder / "jsonl").open("w") as lines, (folder / "csv").open("w", newline="") as cells:
        table, held, parquet = csv.writer(cells), [], None
        for number, row in enumerate(rows(n_bytes)):
            lines.write(json.dumps(row) + "\n")
            if number == 0:
                table.writerow(row)
            table.writerow(row.values())
            if "parquet" in names:
                held.append(row | {"csat": None if row["csat"] is None else float(row["csat"])})
            if len(held) == 50_000:
                batch = pyarrow.Table.from_pylist(held)
                parquet = parquet or pyarrow.parquet.ParquetWriter(folder / "parquet", batch.schema)
                parquet.write_table(batch)
                held.clear()
        if held:
            batch = pyarrow.Table.from_pylist(held, schema=parquet.schema if parquet else None)
            parquet = parquet or pyarrow.parquet.ParquetWriter(folder / "parquet", batch.schema)
            parquet.write_table(batch)
        if parquet:
            parquet.close()


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


BARE: dict[str, Callable[[Path], int]] = {"jsonl": bare_jsonl, "csv": bare_csv, "parquet": bare_parquet}


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--mb", type=int, default=200)
    options.add_argument("names", nargs="*", metavar="NAME")
    given = options.parse_args()
    given.names = [name for name in BARE if name in given.names or not given.names]
    worst = 0.0
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), given.mb << 20, given.names)
        warm = Path(folder, "warm")
        warm.write_text("\n".join(map(json.dumps, rows(10_000))), encoding="utf-8")
        ours(warm)
        print("| format | MB | records | parser, s | driftcheck, s | times |\n| --- | --- | --- | --- | --- | --- |")
        for name in given.names:
            path = Path(folder, name)
            turns = [(seconds(BARE[name], path), seconds(ours, path)) for _ in range(TURNS)]
            (n_bare, n_ours) = turns[0][0][1], turns[0][1][1]
            if n_bare != n_ours:
                raise SystemExit(f"{name}: {n_ours} records, the parser has {n_bare}")
            bare, own = (min(turn[which][0] for turn in turns) for which in (0, 1))
            worst = max(worst, own / bare)
            size = path.stat().st_size >> 20
            print(f"| {name} | {size} | {n_ours} | {bare:.2f} | {own:.2f} | {own / bare:.2f} |", flush=True)
            if name == "jsonl":
                fast = min(seconds(bare_orjson, path)[0] for _ in range(TURNS))
                print(f"| (orjson) | {size} | {n_ours} | {fast:.2f} | {own:.2f} | {own / fast:.2f} |", flush=True)
    return int(worst > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
