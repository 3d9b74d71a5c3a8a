"""Synthetic embeddings: topics are directions, texts lie around them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

WORDS = (
    "refund",
    "login",
    "invoice",
    "shipping",
    "voice",
    "coupon",
    "privacy",
    "warranty",
    "crash",
    "pickup",
    "gift",
    "upgrade",
)


@dataclass(frozen=True)
class Sample:
    """Texts of known topics as vectors."""

    vectors: NDArray[np.float32]
    topics: NDArray[np.int64]
    texts: list[str]


Draw = Callable[..., Sample]


@pytest.fixture(scope="session")
def draw() -> Draw:
    """Draw n texts from topic shares; the same topics in every call."""
    centres = np.random.default_rng(0).normal(size=(len(WORDS), 48))

    def _draw(n: int, shares: list[float], seed: int, spread: float = 0.8) -> Sample:
        rng = np.random.default_rng(seed)
        weights = np.asarray(shares) / np.sum(shares)
        topics = rng.choice(len(weights), n, p=weights)
        vectors = centres[topics] + spread * rng.normal(size=(n, 48))
        texts = [f"{WORDS[t]} question {i % 13} please" for i, t in enumerate(topics)]
        return Sample(vectors.astype(np.float32), topics, texts)

    return _draw
