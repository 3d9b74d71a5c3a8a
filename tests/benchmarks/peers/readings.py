"""What a tool said of one pair, with its time and memory; one JSON line each. Needs the standard library alone."""

from __future__ import annotations

import json
import resource
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reading:
    """One tool on one draw."""

    tool: str
    dataset: str
    cell: str
    seed: int
    score: float
    """The tool's own number, turned so that more means more drift."""
    p_value: float | None
    """Where the tool has one that is valid at these sizes."""
    alarm: bool | None
    """Its verdict at its own defaults; None where it has none."""
    seconds: float
    """CPU seconds of all threads, embeddings given."""
    peak_mb: float
    """Largest resident memory of the process during the call, libraries included."""
    added_mb: float
    """The same above what was resident before."""
    n_planted: int = 0
    """Traces of what was planted."""
    n_flagged: int | None = None
    """Traces in slices that the tool flags; None where it names no slices."""
    n_flagged_planted: int | None = None
    """Of them planted."""
    n_top: int | None = None
    """Traces in the slice that it puts first; 0 where it flags none."""
    n_top_planted: int | None = None
    """Of them planted."""
    n_new_intents: int | None = None
    """Intents of 3 % of traffic or more that the eval set lacks."""
    n_named_uncovered: int | None = None
    """Of them those whose slice the table calls uncovered."""
    n_named_thin: int | None = None
    """Of them those whose slice the table calls uncovered or thin."""
    checks: dict[str, str] = field(default_factory=dict)
    """Status of each blocking check, driftcheck only."""

    @property
    def key(self) -> tuple[str, str, str, int]:
        """What tells it from every other."""
        return self.tool, self.dataset, self.cell, self.seed


@dataclass(frozen=True, slots=True)
class Cost:
    """What a call took."""

    seconds: float
    peak_mb: float
    added_mb: float


def metered(call: Callable[[], T]) -> tuple[T, Cost]:
    """The result of a call, and what it took.

    Linux forgets the peak of a process on request; elsewhere it is the peak since the process began.
    """
    _forget_peak()
    before = _resident_mb("VmRSS")
    start = time.process_time()
    result = call()
    seconds = time.process_time() - start
    peak = _resident_mb("VmHWM")
    return result, Cost(seconds, peak, max(0.0, peak - before))


def _forget_peak() -> None:
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return


def _resident_mb(row: str) -> float:
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return next(float(line.split()[1]) / 1024 for line in lines if line.startswith(row + ":"))


def append(path: Path, reading: Reading) -> None:
    """Add a line: a run that is interrupted goes on where it stopped."""
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(reading)) + "\n")


def read_readings(path: Path) -> list[Reading]:
    """The readings of a file, each once: the latest. None where there is no file."""
    if not path.exists():
        return []
    rows = [Reading(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines() if line.endswith("}")]
    return list({row.key: row for row in rows}.values())
