"""Complaints: what dissatisfied users write, grouped to themes, and which rubric item each theme is near to.

Comments of badly rated sessions, items of the rubric and VAGUE sentences are embedded alike. A comment near to a vague
sentence, or of one word, says that something is bad and not what: it is set aside, and the direction of those sentences
is taken out of everything else, which would otherwise resemble each other as complaints. What is left is grouped by
average linkage, and a group of MIN_SESSIONS is a theme; a theme is listed where an item of the rubric is NEAR to its
mean. The constants were chosen, and what they find was measured, by `tests/benchmarks/complaints.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.special import gammaln

from driftcheck.config import RubricEntry
from driftcheck.lengths import lengths_of

Vectors = NDArray[np.float32]

MIN_SESSIONS = 5
"""Sessions of a theme: one angry user is none."""
MAX_COMMENTS = 2_000
"""Comments that are grouped, of the sessions with the smallest hashes: a sample of all."""
MAX_ITEMS = 300
MAX_CHARS = 1_000
"""Characters of a comment that are embedded."""
ALIKE = 0.25
"""Mean cosine from which two groups of comments are one."""
NEAR = 0.36
"""Cosine of a theme's mean and a rubric item from which the item asks for what the theme complains of."""
IS_VAGUE = 0.45
"""Cosine with a vague sentence from which a comment says no more than it."""
VAGUE = (
    "This is useless, it does not help.",
    "The answer is bad and wrong.",
    "I am not satisfied with this bot.",
    "It does not work at all.",
    "Terrible, please improve it.",
    "This is no good, I hate it.",
    "The worst ever, it only costs my time.",
)
_TYPE = re.compile(r"[\w:-]{1,40}: ")
_BETWEEN = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[_\s]+")


@dataclass(frozen=True)
class ComplaintTexts:
    """What is to be embedded beside cases and traces."""

    rows: tuple[int, ...]
    """Row of the sample that each comment stands in."""
    comments: tuple[str, ...]
    """Of badly rated sessions."""
    items: tuple[str, ...]
    """Names of the rubric items."""
    criteria: tuple[str, ...]
    """What each item asks for, in words."""

    @property
    def texts(self) -> list[str]:
        """Everything to embed, in the order that `embedded` takes the vectors in."""
        return [*(text[:MAX_CHARS] for text in self.comments), *self.criteria, *VAGUE]

    def embedded(self, vectors: Vectors) -> Complaints:
        """Lay the vectors of `texts` out."""
        ends = np.cumsum([len(self.comments), len(self.criteria)])
        comments, items, vague = np.split(vectors, ends)
        return Complaints(np.array(self.rows, dtype=np.int64), self.comments, self.items, comments, items, vague)


@dataclass(frozen=True)
class Complaints:
    """Comments of badly rated sessions and the items of the rubric, with their unit embeddings."""

    rows: NDArray[np.int64]
    """Row of the sample that each comment stands in, (n_comments,)."""
    comments: tuple[str, ...]
    items: tuple[str, ...]
    """Names of the rubric items."""
    comment_vectors: Vectors
    """Shape (n_comments, d)."""
    item_vectors: Vectors
    """Shape (n_items, d)."""
    vague_vectors: Vectors
    """Of `VAGUE`, shape (n_vague, d)."""


@dataclass(frozen=True)
class Theme:
    """Comments, or inputs, of the same kind."""

    rows: NDArray[np.int64]
    """Which of the texts, the most central first."""
    item: int
    """The nearest rubric item."""
    nearness: float
    """Cosine of its text and the theme's mean."""

    @property
    def is_listed(self) -> bool:
        """Whether an item of the rubric asks for what the theme complains of."""
        return self.nearness >= NEAR


def choose_texts(sample: pd.DataFrame, judged: Iterable[str], declared: Sequence[RubricEntry]) -> ComplaintTexts | None:
    """Choose what is to be embedded; None where nobody was dissatisfied, or no rubric is known.

    Args:
        sample: one trace a session, with `satisfied` and `comment`.
        judged: names of the items that runs have verdicts on.
        declared: the items of drift.yaml, whose texts go before their names.

    """
    items = {entry.name: criterion_of(entry.text or entry.name) for entry in declared}
    known = {name.casefold() for name in items}
    items |= {name: criterion_of(name) for name in sorted(set(judged)) if name.casefold() not in known}
    bad = np.flatnonzero(is_bad(sample))
    if not items or not len(bad):
        return None
    comments = sample["comment"].iloc[bad]
    told = [(int(row), text) for row, text in zip(bad, comments, strict=True) if isinstance(text, str) and text.strip()]
    told = told[:MAX_COMMENTS]
    names = list(items)[:MAX_ITEMS]
    return ComplaintTexts(
        tuple(row for row, _ in told),
        tuple(text for _, text in told),
        tuple(names),
        tuple(items[name] for name in names),
    )


def is_bad(sample: pd.DataFrame) -> NDArray[np.bool_]:
    """Which sampled sessions were rated bad: by less than half of their ratings good, (n_sample,)."""
    return np.asarray(sample["satisfied"] < 0.5, dtype=bool)


def criterion_of(text: str) -> str:
    """What an item asks for: its text without the type of the assertion, or the words of its name.

    >>> criterion_of("llm-rubric: is polite"), criterion_of("answerRelevancy"), criterion_of("tool_call")
    ('is polite', 'answer Relevancy', 'tool call')
    """
    said = _TYPE.sub("", text, count=1) if _TYPE.match(text) else text
    return said if " " in said.strip() else " ".join(filter(None, _BETWEEN.split(said)))


def find_themes(complaints: Complaints) -> tuple[NDArray[np.int64], tuple[Theme, ...]]:
    """Group the comments of sessions.

    Returns:
        Rows of the comments that say what is bad, (n_told,), and the themes among them, largest first.

    """
    vectors, vague = complaints.comment_vectors, complaints.vague_vectors
    says_what = (vectors @ vague.T).max(axis=1) < IS_VAGUE
    told: NDArray[np.int64] = np.flatnonzero(says_what & (lengths_of(complaints.comments) > 1))
    if len(told) < MIN_SESSIONS:
        return told, ()
    specific, items = (_without_complaining(part, vague) for part in (vectors, complaints.item_vectors))
    above = np.triu_indices(len(told), 1)
    distances = np.maximum(0.0, 1.0 - (specific[told] @ specific[told].T)[above].astype(np.float64))
    group = fcluster(linkage(distances, "average"), 1.0 - ALIKE, "distance")
    members = [told[group == number] for number in np.unique(group)]
    # single vague comments may escape, but their mean says no more than they do
    specific_ones = [rows for rows in members if len(rows) >= MIN_SESSIONS and not _is_vague(vectors[rows], vague)]
    themes = [near_to(specific, rows, items) for rows in specific_ones]
    return told, tuple(sorted(themes, key=lambda theme: (-len(theme.rows), int(theme.rows.min()))))


def _without_complaining(vectors: Vectors, vague: Vectors) -> Vectors:
    """Take the direction of the vague sentences out, and make what is left unit vectors."""
    direction = vague.mean(axis=0)
    direction /= np.linalg.norm(direction)
    rest = vectors - np.outer(vectors @ direction, direction)
    result: Vectors = rest / np.maximum(np.linalg.norm(rest, axis=1, keepdims=True), np.float32(1e-9))
    return result


def _is_vague(vectors: Vectors, vague: Vectors) -> bool:
    mean = vectors.mean(axis=0)
    return bool((vague @ mean).max() >= IS_VAGUE * float(np.linalg.norm(mean)))


def near_to(vectors: Vectors, rows: NDArray[np.int64], items: Vectors) -> Theme:
    """Say which rubric item is nearest to the mean of these rows of the vectors."""
    mean = vectors[rows].mean(axis=0)
    mean /= max(float(np.linalg.norm(mean)), 1e-9)
    closeness = np.round((items @ mean).astype(np.float64), 6)
    central = np.round(vectors[rows] @ mean, 6)
    best = int(closeness.argmax())
    return Theme(rows[np.lexsort((rows, -central))], best, float(closeness[best]))


def worse_than_rest(n_bad: int, n: int, all_bad: int, n_all: int) -> float:
    """Probability that chance puts as many of the bad among `n` of `n_all`: one-sided Fisher exact test.

    Source: Fisher (1935), The logic of inductive inference.

    >>> round(worse_than_rest(8, 10, 20, 100), 6), worse_than_rest(0, 10, 20, 100)
    (2.4e-05, 1.0)
    """
    counts = np.arange(n_bad, min(n, all_bad) + 1)
    possible = counts[n - counts <= n_all - all_bad]
    log = _log_choose(all_bad, possible) + _log_choose(n_all - all_bad, n - possible) - _log_choose(n_all, np.array(n))
    return float(min(1.0, np.exp(log).sum()))


def _log_choose(n: int, k: NDArray[np.int64]) -> NDArray[np.float64]:
    result: NDArray[np.float64] = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    return result
