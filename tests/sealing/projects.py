"""Projects whose cases can be told by a word each: what a seal must not leave anywhere."""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml
from tests.fakes import TOPICS, write_lines

from driftcheck.config import Config, load_config
from driftcheck.sealing.key import KEY_VARIABLE, make_key

N_CASES = 120
MARCH = 1_772_323_200.0
"""2026-03-01."""
DAY = 86_400.0


@dataclass(frozen=True)
class Planted:
    """A case, and the words that no other text has."""

    id: str
    input: str
    expected: str
    secret: str
    """In the input."""
    answer: str
    """In the expected answer."""


@dataclass(frozen=True)
class Project:
    """A folder with drift.yaml, eval set, runs and production; the key lies outside of it."""

    folder: Path
    eval_set: Path
    cases: tuple[Planted, ...]
    key: str

    @property
    def config(self) -> Config:
        return load_config("drift.yaml")  # as a user in the folder names it

    @property
    def sealed(self) -> Path:
        return self.eval_set.with_suffix(".sealed")

    @property
    def ledger(self) -> Path:
        return self.folder / ".driftcheck" / "ledger.jsonl"

    def left(self) -> tuple[Planted, ...]:
        """Cases that the file of the tuned set still holds."""
        text = self.eval_set.read_text(encoding="utf-8")
        return tuple(case for case in self.cases if case.secret in text)

    def gone(self) -> tuple[Planted, ...]:
        """Cases that it does not hold any more."""
        left = self.left()
        return tuple(case for case in self.cases if case not in left)


def plant(n: int, seed: int = 0) -> tuple[Planted, ...]:
    """Cases of ten words and more, each with two words of its own."""
    rng = random.Random(seed)
    topics = [words.split() for words in TOPICS.values()]
    found = []
    for number in range(n):
        secret, answer = (f"{kind}{rng.getrandbits(48):012x}" for kind in ("zq", "xj"))
        words = rng.sample(topics[number % len(topics)], 7)
        text = f"{' '.join(words[:4])} my {secret} and {' '.join(words[4:])}"
        found.append(Planted(f"c{number:03d}", text, f"It is {answer}, as agreed.", secret, answer))
    return tuple(found)


def write_eval_set(path: Path, cases: tuple[Planted, ...]) -> Path:
    """Write the cases in the format of the ending; those whose number ends in 7 carry a comment where there are any."""
    rows = [{"id": one.id, "input": one.input, "expected": one.expected} for one in cases]
    if path.suffix == ".yaml":
        tests = [
            {
                "description": one.id,
                "vars": {"question": one.input},
                "assert": [{"type": "icontains", "value": one.expected}],
            }
            for one in cases
        ]
        head = "# the support bot\nprompts: ['{{question}}']\nproviders: [echo]\ntests:\n"
        path.write_text(head + yaml.safe_dump(tests, sort_keys=False, allow_unicode=True), encoding="utf-8")
    elif path.suffix == ".csv":
        out = io.StringIO(newline="")
        writer = csv.DictWriter(out, ["id", "input", "expected"])
        writer.writeheader()
        writer.writerows(rows)
        path.write_text(out.getvalue(), encoding="utf-8")
    elif path.suffix == ".json":
        path.write_text(json.dumps(rows, indent=2), encoding="utf-8")
    else:
        write_lines(path, rows)
    return path


def write_run(path: Path, cases: tuple[Planted, ...], time: float, *, model: str = "m1", failing: float = 0.1) -> Path:
    """Results by id alone."""
    rng = random.Random(str(path))
    return write_lines(
        path,
        [
            {"run": path.stem, "timestamp": time, "id": one.id, "model": model, "passed": rng.random() >= failing}
            for one in cases
        ],
    )


def write_traffic(path: Path, n: int = 400) -> Path:
    rng = random.Random(5)
    topics = [words.split() for words in TOPICS.values()]
    return write_lines(
        path,
        [
            {
                "trace_id": f"t{number:04d}",
                "session_id": f"s{number:04d}",
                "timestamp": MARCH + number * 3_000,
                "input": " ".join(rng.sample(topics[number % len(topics)], 6)),
                "output": "fine",
                "csat": rng.choice([1, 4, 5, 5]),
            }
            for number in range(n)
        ],
    )


def make_project(root: Path, *, suffix: str = ".yaml", n_cases: int = N_CASES) -> Project:
    """Write a project to `root`/project, and a key to `root`/keys."""
    folder, keys = root / "project", root / "keys"
    for one in (folder, keys):
        one.mkdir()
    cases = plant(n_cases)
    eval_set = write_eval_set(folder / f"support{suffix}", cases)
    write_run(folder / "run-before.jsonl", cases, MARCH - 7 * DAY)
    write_traffic(folder / "traces.jsonl")
    (folder / "drift.yaml").write_text(
        f"eval_set: {eval_set.name}\nruns: run-*.jsonl\nproduction: traces.jsonl\nslices: []\n", encoding="utf-8"
    )
    make_key(keys / "seal", project=folder)
    return Project(folder, eval_set, cases, (keys / "seal").read_text().strip())


def environment(project: Project) -> dict[str, str]:
    return {KEY_VARIABLE: project.key}


def snapshot(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, but for the ledger's lock."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != "lock")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def texts_below(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """Every file below a folder as bytes, with what is packed unpacked."""
    for path in folder.rglob("*"):
        if not path.is_file():
            continue
        data = path.read_bytes()
        yield path, data
        if data.startswith(b"\x1f\x8b"):
            yield path, gzip.decompress(data)
        if path.suffix == ".parquet":
            import pandas as pd

            yield path, pd.read_parquet(path).to_csv().encode()
