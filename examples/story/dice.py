"""Randomness: named, reproducible streams."""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")


class Dice:
    """A seeded source of choices.

    Every part of the story throws its own dice, named by `stream`, so that a change to one part leaves the others as
    they were. Only uniform doubles are drawn: their sequence is fixed by PCG64 itself, not by the version of numpy.
    """

    def __init__(self, seed: int, stream: str) -> None:
        self._rng = np.random.Generator(np.random.PCG64([seed, zlib.crc32(stream.encode())]))

    def uniform(self) -> float:
        """A number in [0, 1)."""
        return float(self._rng.random())

    def chance(self, probability: float) -> bool:
        """True with this probability."""
        return self.uniform() < probability

    def integer(self, low: int, high: int) -> int:
        """An integer from `low` to `high`, both included."""
        return low + int(self.uniform() * (high - low + 1))

    def pick(self, items: Sequence[T]) -> T:
        """One of the items, all equally likely."""
        return items[int(self.uniform() * len(items))]

    def weighted(self, items: Sequence[T], weights: Sequence[float]) -> T:
        """One of the items, with probability proportional to its weight."""
        left = self.uniform() * math.fsum(weights)
        for item, weight in zip(items, weights, strict=True):
            left -= weight
            if left < 0:
                return item
        return items[-1]

    def sample(self, items: Sequence[T], n: int) -> list[T]:
        """`n` different items in random order."""
        pool = list(items)
        return [pool.pop(int(self.uniform() * len(pool))) for _ in range(min(n, len(pool)))]

    def lognormal(self, median: float, sigma: float) -> float:
        """A right-skewed positive number (Box-Muller)."""
        normal = math.sqrt(-2.0 * math.log(1.0 - self.uniform())) * math.cos(2.0 * math.pi * self.uniform())
        return median * math.exp(sigma * normal)

    def hexadecimal(self, n_digits: int) -> str:
        """A string of random hexadecimal digits."""
        return "".join("0123456789abcdef"[int(self.uniform() * 16)] for _ in range(n_digits))
