"""A product whose every name, id, text, model, error, rating and file name is an attack; or the same one in peace.

For every output: `write_hostile_world(folder)` writes an eval set (promptfoo YAML and JSON Lines), runs and production
with a drift that is found, so that slices, findings with evidence and ratings come out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from itertools import count, cycle
from pathlib import Path

import numpy as np
import yaml
from tests.fakes import EVEN, NEW_TOPIC, TOPICS, draw
from tests.hostile.attacks import ATTACKS

FILE_NAMES = (
    "<img src=x onerror=alert(1)>\"'`|@team #1",
    "::error::x\n::add-mask::y\r%0A",
    "[x](javascript:alert(1)) \x1b]0;t\x07 \u202e ]]> {{7*7}} ##[add-mask]z",
)
"""As far as a file system allows: no slash, no NUL, at most 255 bytes."""
_SHORT = tuple(attack for attack in ATTACKS if len(attack) <= 60)
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}|[\ud800-\udfff]")
"""YAML has no lone surrogates, escaped or not."""
N_CASES = 160
N_TRACES = 600


def write_hostile_world(folder: Path, *, hostile: bool = True, seed: int = 0) -> Path:
    """Write the files and a `drift.yaml` to `folder`, and return its path; without `hostile` plain words instead.

    Paths in it are relative: audit from `folder`, or with `--config`.
    """
    rng = np.random.default_rng(seed)
    attacks, short, turn = cycle(ATTACKS), cycle(_SHORT), count()

    def attack(plain: str) -> str:
        """Another attack each time, or a plain word."""
        return f"{next(attacks)} {plain}" if hostile else plain

    def named(kind: str, several: int) -> Callable[[str], str]:
        """A few fixed names of a kind (models, tiers, errors), each an attack."""
        names = {f"{kind}{n}": value(f"{kind}{n}") for n in range(several)}
        return lambda key: names[key]

    def value(plain: str) -> str:
        """An attack as short as the value of a slice has to be."""
        return f"{next(short)} {plain}" if hostile else plain

    model_of, error_of, tier_of = named("model", 4), named("failure", 12), named("tier", 5)
    topic_of = {name: value(name.split()[0]) for name in (*TOPICS, NEW_TOPIC)}

    def said(text: str) -> str:
        # in every fourth text: the topics are to be found all the same
        return f"{text} {attack('')}".rstrip(" ") if next(turn) % 4 == 0 else text

    cases = [
        {"id": attack(f"c{i:04d}"), "input": said(text), "expected": attack("ok"), "topic": topic_of[topic]}
        for i, (topic, text) in enumerate(draw(rng, N_CASES, EVEN))
    ]
    names = FILE_NAMES if hostile else ("one", "two", "three")
    evals, runs, exports = folder / "evals", folder / "runs", folder / "exports"
    for part in (evals, runs, exports):
        part.mkdir(parents=True)
    _write_lines(evals / f"{names[0]}.jsonl", cases[: N_CASES // 2])
    _write_promptfoo(evals / f"{names[1]}.yaml", cases[N_CASES // 2 :])
    for week in range(2):
        rows = [
            {
                "run": attack(f"r{week}") if week == 0 else f"{names[2]}{week}",
                "timestamp": f"2026-03-0{week + 1}T00:00:00Z",
                "id": case["id"],
                "passed": bool(rng.random() < 0.95),
                "model": model_of("model0"),
            }
            for case in cases
        ]
        if week == 0:
            first = rows[0]["run"]
            rows = [{**row, "run": first} for row in rows]
        _write_lines(runs / f"{names[week]}.jsonl", rows)
    mix = {**dict.fromkeys(TOPICS, 0.7 / len(TOPICS)), NEW_TOPIC: 0.3}
    traces = []
    for i, (topic, text) in enumerate(draw(rng, N_TRACES, mix)):
        good = rng.random() < (0.15 if topic == "refund" else 0.9)
        traces.append(
            {
                "trace_id": attack(f"t{i:05d}"),
                "session_id": attack(f"s{i:05d}"),
                "timestamp": f"2026-03-{1 + i % 27:02d}T{i % 24:02d}:00:00Z",
                "input": said(text),
                "output": attack("fine"),
                "csat": int(rng.choice([4, 5]) if good else rng.choice([1, 2, 3])) if rng.random() < 0.6 else None,
                "scores": [{"name": attack("thumbs feedback"), "value": 1}],
                "topic": topic_of[topic],
                "tier": tier_of(f"tier{rng.integers(5)}"),
                "model": model_of(f"model{rng.integers(4)}"),
                "error": error_of(f"failure{rng.integers(12)}") if i % 3 == 0 else None,
            }
        )
    _write_lines(exports / f"{names[2]}.jsonl", traces)
    config = {
        "eval_set": "evals",
        "runs": "runs",
        "production": "exports",
        "satisfaction": {"field": "csat"},
        "slices": ["topic"],
        "waivers": [{"check": "duplicate-cases", "until": "2099-12-31", "owner": attack("ana"), "reason": attack("x")}],
    }
    path = folder / "drift.yaml"
    path.write_text(yaml.safe_dump(config, allow_unicode=False), encoding="utf-8")
    return path


def _write_lines(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    """JSON lines in ASCII: a lone surrogate has no UTF-8, and stands as its escape in real exports."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="ascii")


def _write_promptfoo(path: Path, cases: list[dict[str, str]]) -> None:
    tests = [
        {
            "description": case["id"],
            "vars": {"input": case["input"]},
            "assert": [{"type": "equals", "value": case["expected"]}],
            "metadata": {"id": case["id"], "topic": case["topic"]},
        }
        for case in cases
    ]
    document = {"description": ATTACKS[0], "prompts": ["{{input}}"], "providers": ["openai:gpt-4o"], "tests": tests}
    path.write_text(_SURROGATE.sub("?", yaml.safe_dump(document, allow_unicode=False)), encoding="ascii")
