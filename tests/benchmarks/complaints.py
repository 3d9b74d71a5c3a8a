"""How well themes of complaints are told from what the rubric lists: `python -m tests.benchmarks.complaints`.

Each draw takes some of the written themes with some of their comments, and vague comments besides. The rubric holds the
items of all drawn themes but the unlisted ones, and those of up to ten themes that nobody complains of. A theme that is
called unlisted is right where most of its comments are of an unlisted one. Wants the real model; `--n` draws a row.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from driftcheck.checks.unlisted_complaints import DEFAULT
from driftcheck.complaints import VAGUE, Complaints, find_themes
from driftcheck.embedding import VectorCache, default_cache_folder, embed, find_model
from driftcheck.stats.intervals import wilson

DATA = Path(__file__).with_suffix(".yaml")
MODEL = "sentence-transformers/all-MiniLM-L6-v2"
N_VAGUE = 10
N_IDLE_ITEMS = 10
"""Items of the rubric that no drawn comment is about."""


@dataclass(frozen=True)
class Written:
    """The sentences, embedded."""

    rubric: NDArray[np.float32]
    """One item a theme, (n_themes, d)."""
    comments: tuple[NDArray[np.float32], ...]
    """Of each theme, (n, d)."""
    texts: tuple[tuple[str, ...], ...]
    """Of each theme, and last the vague ones."""
    vague: NDArray[np.float32]
    sentences: NDArray[np.float32]
    """`complaints.VAGUE`."""


@dataclass(frozen=True)
class Outcome:
    """What one draw came to."""

    n_right: int
    """Themes called unlisted that are."""
    n_wrong: int
    n_found: int
    """Unlisted themes of which one was found."""
    value: float
    """What the check measures."""


def read(part: str) -> Written:
    """Embed a part of the data: `themes`, or `held_out`."""
    written = yaml.safe_load(DATA.read_text(encoding="utf-8"))
    themes: Mapping[str, Mapping[str, Any]] = written[part]  # as YAML gives them: a text and a list of texts each
    rubric = [str(theme["rubric"]) for theme in themes.values()]
    comments = [[str(text) for text in theme["comments"]] for theme in themes.values()]
    vague = [str(text) for text in written["vague" if part == "themes" else "vague_held_out"]]
    texts = [*rubric, *(text for listed in comments for text in listed), *vague, *VAGUE]
    folder = default_cache_folder()
    model = find_model(MODEL, memory=folder / "models.json", base=Path())
    with VectorCache(folder) as cache:
        vectors = embed(texts, model, cache)
    ends = np.cumsum([len(rubric), *map(len, comments), len(vague)])
    first, *listed, vague_vectors, sentences = np.split(vectors, ends)
    return Written(first, tuple(listed), tuple(map(tuple, (*comments, vague))), vague_vectors, sentences)


def draw(written: Written, rng: np.random.Generator, n_themes: int, n_unlisted: int, sizes: Sequence[int]) -> Outcome:
    """One draw, measured."""
    order = rng.permutation(len(written.comments))
    present, absent = order[:n_themes], order[n_themes:]
    unlisted = set(present[:n_unlisted].tolist())
    items = np.concatenate([present[n_unlisted:], absent[:N_IDLE_ITEMS]])
    parts, themes, texts = [], [], []
    for theme in present.tolist():
        own = written.comments[theme]
        n = min(int(rng.integers(sizes[0], sizes[1] + 1)), len(own))
        rows = rng.permutation(len(own))[:n]
        parts.append(own[rows])
        themes += [theme] * n
        texts += [written.texts[theme][at] for at in rows]
    rows = rng.permutation(len(written.vague))[:N_VAGUE]
    parts.append(written.vague[rows])
    themes += [-1] * N_VAGUE
    texts += [written.texts[-1][at] for at in rows]
    vectors = np.concatenate(parts)
    complaints = Complaints(
        rows=np.arange(len(vectors)),
        comments=tuple(texts),
        items=tuple(map(str, items)),
        comment_vectors=vectors,
        item_vectors=written.rubric[items],
        vague_vectors=written.sentences,
    )
    told, found = find_themes(complaints)
    called = [theme for theme in found if not theme.is_listed]
    mostly = [np.unique([themes[row] for row in one.rows], return_counts=True) for one in called]
    most = [int(names[counts.argmax()]) for names, counts in mostly]
    n_right = sum(theme in unlisted for theme in most)
    value = sum(len(theme.rows) for theme in called) / max(1, len(told))
    return Outcome(n_right, len(most) - n_right, len(unlisted & set(most)), value)


def row(name: str, outcomes: Sequence[Outcome], n_unlisted: int) -> str:
    """One line of the table."""
    right, wrong = sum(one.n_right for one in outcomes), sum(one.n_wrong for one in outcomes)
    warn = DEFAULT.warn or 0.0
    values = [one.value for one in outcomes]
    warned = wilson(sum(value >= warn for value in values), len(values))
    precision = f"{right / (right + wrong):.2f}" if n_unlisted and right + wrong else "-"
    recall = f"{sum(one.n_found for one in outcomes) / (n_unlisted * len(outcomes)):.2f}" if n_unlisted else "-"
    named = f"{sum(one.n_right + one.n_wrong > 0 for one in outcomes) / len(outcomes):.2f}"
    interval = f"{warned.value:.2f} ({warned.low:.2f}-{warned.high:.2f})"
    return f"| {name} | {n_unlisted} | {precision} | {recall} | {named} | {np.mean(values):.3f} | {interval} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=200, help="draws a row")
    n = parser.parse_args().n
    print("| themes, comments of each | unlisted | precision | recall | names any | mean value | warns |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for part, n_themes, sizes in (
        ("themes", 12, (6, 10)),
        ("themes", 12, (10, 10)),
        ("themes", 4, (10, 10)),
        ("held_out", 6, (6, 8)),
    ):
        written = read(part)
        for n_unlisted in (0, 1, 3):
            rng = np.random.default_rng([n_themes, sizes[0], n_unlisted])
            outcomes = [draw(written, rng, n_themes, n_unlisted, sizes) for _ in range(n)]
            shown = f"{sizes[0]} to {sizes[1]}" if sizes[0] < sizes[1] else str(sizes[0])
            name = f"{n_themes} of {len(written.comments)}{' held out' if part == 'held_out' else ''}, {shown}"
            print(row(name, outcomes, n_unlisted), flush=True)


if __name__ == "__main__":
    main()
