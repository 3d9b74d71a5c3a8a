"""A fake encoder, and a small world of made-up topics: traffic whose drift is known because it was planted."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from driftcheck.embedding import Model

DIMENSIONS = 48
TOPICS = {
    "refund": "refund money back return paid order amount waiting credit",
    "baggage": "suitcase bag luggage lost airport belt damaged weight carry",
    "seat": "seat window aisle legroom row upgrade choose together next",
    "login": "password account login email code reset locked sign app",
    "invoice": "invoice receipt tax company address pdf billing document copy",
    "hotel": "hotel room night breakfast check early late noise pool",
    "visa": "visa passport border entry country stamp embassy form permit",
    "pets": "dog cat cage cabin vet animal leash crate kennel",
}
NEW_TOPIC = "bankrupt insolvency airline grounded administrator claim collapsed stranded voucher"


def word_vector(word: str) -> NDArray[np.float32]:
    """Unit vector of a word, always the same one."""
    seed = int.from_bytes(blake2b(word.encode(), digest_size=8).digest(), "big")
    vector = np.random.default_rng(seed).standard_normal(DIMENSIONS).astype(np.float32)
    return vector / np.linalg.norm(vector)


class FakeEncoder:
    """Mean of word vectors: texts that share words lie close."""

    loads = 0

    def __init__(self, model: Model) -> None:
        FakeEncoder.loads += 1

    def encode(self, texts: Sequence[str]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
        for start in range(0, len(texts), 64):
            rows = np.arange(start, min(len(texts), start + 64))
            vectors = np.stack([np.mean([word_vector(w) for w in texts[row].split() or [""]], axis=0) for row in rows])
            yield rows, (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def sentence(rng: np.random.Generator, topic: str) -> str:
    """Five words of a topic, in some order."""
    words = TOPICS.get(topic, topic).split()
    return " ".join(rng.choice(words, 5, replace=False))


def draw(rng: np.random.Generator, n: int, mix: Mapping[str, float]) -> list[tuple[str, str]]:
    """(topic, text) pairs drawn from a mixture of topics."""
    names = list(mix)
    shares = np.array(list(mix.values()))
    return [(name, sentence(rng, name)) for name in rng.choice(names, n, p=shares / shares.sum())]


EVEN = dict.fromkeys(TOPICS, 1.0)


def write_lines(path: Path, rows: Sequence[Mapping[str, object]]) -> Path:
    """Write JSON lines."""
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def write_world(
    folder: Path,
    *,
    seed: int = 0,
    n_cases: int = 160,
    n_traces: int = 600,
    new_share: float = 0.0,
    bad_topic: str | None = None,
    pass_rate: float = 0.95,
    satisfied: float = 0.93,
) -> tuple[Path, Path, Path]:
    """Write an eval set, its runs, and production: `evalset.jsonl`, `runs.jsonl`, `traces.jsonl`.

    `new_share` of traffic asks about NEW_TOPIC, which no case does; users of `bad_topic` are unhappy.
    """
    rng = np.random.default_rng(seed)
    cases = [
        {"id": f"c{i:04d}", "input": text, "expected": "ok", "topic": topic}
        for i, (topic, text) in enumerate(draw(rng, n_cases, EVEN))
    ]
    runs = [
        {
            "run": f"r{week}",
            "timestamp": f"2026-03-0{week + 1}T00:00:00Z",
            "id": case["id"],
            "passed": bool(rng.random() < pass_rate),
        }
        for week in range(2)
        for case in cases
    ]
    mix = {**{name: (1 - new_share) / len(TOPICS) for name in TOPICS}, NEW_TOPIC: new_share}
    traces = []
    for i, (topic, text) in enumerate(draw(rng, n_traces, mix)):
        good = 0.15 if topic == bad_topic else satisfied
        rating = int(rng.choice([4, 5]) if rng.random() < good else rng.choice([1, 2, 3]))
        traces.append(
            {
                "trace_id": f"t{i:05d}",
                "session_id": f"s{i // 2:05d}" if i % 3 else f"x{i:05d}",
                "timestamp": f"2026-03-{1 + i % 27:02d}T{i % 24:02d}:00:00Z",
                "input": text,
                "output": "fine",
                "csat": rating if rng.random() < 0.5 else None,
                "topic": topic if topic in TOPICS else "new",
            }
        )
    return (
        write_lines(folder / "evalset.jsonl", cases),
        write_lines(folder / "runs.jsonl", runs),
        write_lines(folder / "traces.jsonl", traces),
    )
