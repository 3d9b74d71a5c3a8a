"""Two writers at once, killed at random points: is the ledger whole, and every line that was reported written in it?

`python -m tests.ledger.torture FOLDER KILLS SEED` prints what happened as JSON, and fails where a line is lost or torn.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from driftcheck.ledger.chain import read_lines
from driftcheck.ledger.store import LEDGER, append, open_ledger

FILLER = "x" * 25_000
Writer = Callable[[Path, str, int], None]
"""Takes the folder, a name of its own and the pipe in which it tells of each line that it has written."""


def append_for_ever(folder: Path, name: str, pipe: int) -> None:
    """Write line after line, as long as an audit's."""
    number = 0
    while True:
        tag = f"{name}.{number}"
        append(folder, "test", {"tag": tag, "filler": FILLER})
        os.write(pipe, f"{tag}\n".encode())
        number += 1


def tag_in(line: dict[str, Any]) -> str:
    """What `append_for_ever` told of a line."""
    return str(line["tag"])


def torture(
    folder: Path,
    n_kills: int,
    seed: int,
    writer: Writer,
    longest: float,
    tag_of: Callable[[dict[str, Any]], str] = tag_in,
) -> dict[str, int]:
    """Kill writers until `n_kills` were killed, two at once, each somewhere in its first `longest` seconds."""
    rng = random.Random(seed)
    told: list[str] = []
    lines: list[bytes] = []
    counts = {"pairs": 0, "killed": 0, "ended": 0, "killed_while_writing": 0, "killed_before_the_heads": 0}
    while counts["killed"] < n_kills:
        before = len(list(folder.glob("*.tmp")))
        out, pipe = os.pipe()
        ends = []
        for side in "ab":
            child = os.fork()
            if child == 0:
                os.close(out)
                with suppress(BaseException):
                    writer(folder, f"{counts['pairs']}{side}", pipe)
                    os._exit(0)
                os._exit(1)
            ends.append((rng.uniform(0, longest), child))
        os.close(pipe)
        began = time.monotonic()
        for after, child in sorted(ends):
            time.sleep(max(0.0, began + after - time.monotonic()))
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
            status = os.waitpid(child, 0)[1]
            assert os.waitstatus_to_exitcode(status) in (0, -signal.SIGKILL), "a writer failed"
            counts["killed" if os.WIFSIGNALED(status) else "ended"] += 1
        with os.fdopen(out) as pipe_end:
            told += pipe_end.read().split()
        counts["killed_while_writing"] += len(list(folder.glob("*.tmp"))) - before
        counts["pairs"] += 1
        lines = check(folder, lines, {*told}, counts, tag_of)
    return {**counts, "n_lines": len(lines), "n_told": len(told)}


def check(
    folder: Path, earlier: list[bytes], told: set[str], counts: dict[str, int], tag_of: Callable[[dict[str, Any]], str]
) -> list[bytes]:
    """Look at the ledger after a kill: it begins with what it held before, verifies, and has each told line once."""
    with open_ledger(folder) as ledger:
        assert ledger.problems() == ()
        assert not ledger.chain.unreadable
        assert not ledger.chain.n_repeated
        counts["killed_before_the_heads"] += ledger.chain.heads != ledger.chain.leaves
        data = ledger.copy()
    assert data.endswith(b"\n") or not data
    lines = data.splitlines()
    assert len(list(read_lines(data))) == len(lines)
    assert lines[: len(earlier)] == earlier
    tags = [tag_of(json.loads(line)) for line in lines]
    assert len(set(tags)) == len(tags)
    assert not told - set(tags), "a line is lost"
    return lines


if __name__ == "__main__":
    place = Path(sys.argv[1])
    print(json.dumps(torture(place, int(sys.argv[2]), int(sys.argv[3]), append_for_ever, longest=0.15)))
    assert (place / LEDGER).exists()
