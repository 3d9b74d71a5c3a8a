"""What the ledger costs, and what killing audits does to it.

    python -m tests.benchmarks.ledger --lines 10000 --kills 200

`open`: a ledger of so many audits, each with twenty slices of 384 dimensions (about 25 KB a line), is opened and every
headline read; then every line is hashed, and one more added. Best and median of five, in seconds, the file in the
system's cache, and processor seconds, which neighbours on the machine change less. `kill`: two audits of a small world
at once, both recording, each killed at a random point (SIGKILL) until so many were killed; after each pair the ledger
must verify, begin with all that it held before, and hold the line of every audit that had come to its end. Further
rounds kill writers that do nothing but write.
"""

from __future__ import annotations

import argparse
import itertools
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from tests.fakes import FakeEncoder, write_world
from tests.ledger.torture import append_for_ever, torture
from tests.ledger.worlds import DIMENSIONS, audit_of, slice_at

from driftcheck import load_config
from driftcheck.auditing import audit
from driftcheck.baseline import encode_centroid
from driftcheck.ledger.chain import hash_of, link
from driftcheck.ledger.entries import as_fields
from driftcheck.ledger.recording import record_audit
from driftcheck.ledger.store import HEADS, LEDGER, open_ledger


def write_ledger(folder: Path, n_lines: int) -> int:
    """Write so many audits; returns the size of the file in bytes."""
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((40, DIMENSIONS)).astype(np.float32)
    slices = [replace(slice_at(0, f"s{n + 1}"), centroid=encode_centroid(vectors[n])) for n in range(20)]
    last = ""
    with (folder / LEDGER).open("wb") as file:
        for week in range(n_lines):
            line = link("audit", last, as_fields(audit_of(week % 3_000, slices=slices, highest=20)))
            file.write(line + b"\n")
            last = hash_of(line)
    (folder / HEADS).write_text(f"{last}\n")
    return (folder / LEDGER).stat().st_size


def time_opening(n_lines: int) -> None:
    """Print what opening, hashing and adding cost."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        size = write_ledger(folder, n_lines)

        def headlines() -> None:
            with open_ledger(folder) as ledger:
                assert len(ledger.audits) == n_lines

        def hashed() -> None:
            with open_ledger(folder) as ledger:
                assert ledger.chain.problems == ()

        weeks = itertools.count(3_000)  # none of those that the ledger holds already

        def added() -> None:
            assert record_audit(folder, audit_of(next(weeks)))

        print(f"{n_lines:,} lines, {size / 1e6:.0f} MB, {size / n_lines / 1e3:.1f} KB a line")
        for what, action in (("every headline", headlines), ("every line hashed", hashed), ("one line added", added)):
            times = [_seconds(action) for _ in range(5)]
            cpu = [_seconds(action, time.process_time) for _ in range(3)]
            best = f"{min(times):.2f} s, median {statistics.median(times):.2f} s, {min(cpu):.2f} s of processor"
            print(f"  {what}: {best}", flush=True)


def _seconds(action: Callable[[], None], clock: Callable[[], float] = time.perf_counter) -> float:
    began = clock()
    action()
    return clock() - began


def kill_audits(n_kills: int, seed: int) -> None:
    """Print what killing did; an assertion fails where a line is lost or torn."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_world(folder, n_cases=60, n_traces=200)
        (folder / "drift.yaml").write_text("eval_set: evalset.jsonl\nruns: runs.jsonl\nproduction: traces.jsonl\n")
        config = load_config(folder / "drift.yaml")

        def audit_once(_: Path, tag: str, pipe: int) -> None:
            number = int.from_bytes(tag.encode(), "big") % 2**31  # another seed is another audit
            audit(config, seed=number, record=True, load_encoder=FakeEncoder)
            os.write(pipe, f"{number}\n".encode())

        devnull = os.open(os.devnull, os.O_WRONLY)
        # the first loads what every child then has loaded
        seconds = [_seconds(lambda tag=tag: audit_once(folder, tag, devnull)) for tag in ("cold", "warm")][1]
        kept = folder / ".driftcheck"
        counts = torture(kept, n_kills, seed, audit_once, longest=2 * seconds, tag_of=_seed_of)
        print(f"audits of {seconds:.2f} s: {counts}", flush=True)
    with tempfile.TemporaryDirectory() as name:
        print(f"writers: {torture(Path(name), n_kills, seed, append_for_ever, longest=0.15)}", flush=True)


def _seed_of(line: dict[str, dict[str, object]]) -> str:
    return str(line["subject"]["seed"])


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    if given.lines:
        time_opening(given.lines)
    if given.kills:
        kill_audits(given.kills, given.seed)


if __name__ == "__main__":
    main()
