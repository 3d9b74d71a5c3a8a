"""Pairs of an eval set and production traffic, as `draw_pairs.py` writes them and every tool reads them.

Needs nothing but numpy: the peers' environment has no driftcheck. A folder per dataset holds `texts.jsonl` (text,
intent and language of every utterance), `vectors.npy` (their embeddings, in the same order) and `pairs.jsonl` (per draw
the rows of its cases and traces, and what was planted).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Draw:
    """Which utterances are cases and which are traces, and what was planted."""

    dataset: str
    cell: str
    """Name of the cell, see `cells.py`."""
    seed: int
    case_rows: list[int]
    """Rows of the utterances that are cases."""
    trace_rows: list[int]
    """Rows of those that are traces."""
    uncovered: dict[str, float]
    """Planted share of traffic of every intent that the eval set leaves out."""
    other_languages: bool
    """Whether traces in other languages than English were planted."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One draw with its texts and vectors."""

    draw: Draw
    cases: Floats
    """Unit embeddings of the eval set (Q), (n_cases, d)."""
    traces: Floats
    """Unit embeddings of production (P), (n_traces, d)."""
    case_texts: list[str]
    trace_texts: list[str]
    trace_intents: list[str]
    """True intents of the traces: hidden from the tools."""
    planted: Flags
    """Which traces are of an intent, or in a language, that the eval set lacks, (n_traces,)."""

    def embed(self, texts: list[str]) -> Floats:
        """Vectors (n, d) of texts of this pair, for a tool that asks for an embedding function."""
        rows = dict(zip(self.case_texts + self.trace_texts, np.concatenate([self.cases, self.traces]), strict=True))
        return np.stack([rows[text] for text in texts])


@dataclass(frozen=True, slots=True)
class Utterances:
    """All texts of a dataset."""

    texts: list[str]
    intents: list[str]
    languages: list[str]
    vectors: Floats
    """Unit embeddings, (n, d)."""

    def pair(self, draw: Draw) -> Pair:
        """The pair that a draw describes."""
        intents = [self.intents[row] for row in draw.trace_rows]
        foreign = [draw.other_languages and self.languages[row] != "en" for row in draw.trace_rows]
        return Pair(
            draw=draw,
            cases=self.vectors[draw.case_rows],
            traces=self.vectors[draw.trace_rows],
            case_texts=[self.texts[row] for row in draw.case_rows],
            trace_texts=[self.texts[row] for row in draw.trace_rows],
            trace_intents=intents,
            planted=np.array([i in draw.uncovered or f for i, f in zip(intents, foreign, strict=True)]),
        )


def write_utterances(folder: Path, utterances: Utterances) -> None:
    """Write the texts and vectors of a dataset into its folder, which is made if missing."""
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / "vectors.npy", utterances.vectors)
    rows = zip(utterances.texts, utterances.intents, utterances.languages, strict=True)
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    (folder / "texts.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_draws(folder: Path, draws: list[Draw]) -> None:
    """Write the draws of a dataset into its folder."""
    lines = [json.dumps(asdict(draw), ensure_ascii=False) for draw in draws]
    (folder / "pairs.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def read_utterances(folder: Path) -> Utterances:
    """Read what `write_utterances` wrote."""
    rows = [json.loads(line) for line in (folder / "texts.jsonl").read_text(encoding="utf-8").split("\n") if line]
    return Utterances(
        texts=[row[0] for row in rows],
        intents=[row[1] for row in rows],
        languages=[row[2] for row in rows],
        vectors=np.load(folder / "vectors.npy"),
    )


def read_draws(folder: Path) -> list[Draw]:
    """Read what `write_draws` wrote."""
    return [
        Draw(**json.loads(line)) for line in (folder / "pairs.jsonl").read_text(encoding="utf-8").split("\n") if line
    ]


def read_pairs(folder: Path, null_draws: int, power_draws: int, null_cells: set[str]) -> Iterator[Pair]:
    """The first so many pairs of each cell below a folder; seed by seed, so that every cell has some at any time."""
    datasets = {path.parent.name: read_utterances(path.parent) for path in sorted(folder.glob("*/pairs.jsonl"))}
    chosen: list[tuple[int, Draw]] = []
    for name in datasets:
        seen: dict[str, int] = {}
        for draw in sorted(read_draws(folder / name), key=lambda draw: draw.seed):
            number = seen.get(draw.cell, 0)
            seen[draw.cell] = number + 1
            if number < (null_draws if draw.cell in null_cells else power_draws):
                chosen.append((number, draw))
    for _, draw in sorted(chosen, key=lambda item: item[0]):
        yield datasets[draw.dataset].pair(draw)
