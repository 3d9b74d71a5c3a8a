"""How much of what is personal in the marked strings is masked, and how much else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.masking.strings import Marked

from driftcheck.masking import mask


@dataclass
class Score:
    """Counts over some strings; a value is masked where each of its letters and digits is, by whatever kind."""

    n_values: Counter[str] = field(default_factory=Counter)
    """Personal values per kind."""
    n_masked: Counter[str] = field(default_factory=Counter)
    """Those of them that are masked."""
    n_found: Counter[str] = field(default_factory=Counter)
    """What was found per kind."""
    n_right: Counter[str] = field(default_factory=Counter)
    """Finds that share a character with a value of their kind."""
    n_clean: int = 0
    """Strings without anything personal."""
    n_whole: int = 0
    """Those of them that came out as they went in."""
    leaks: list[str] = field(default_factory=list)
    """Values that stayed."""
    losses: list[str] = field(default_factory=list)
    """What was taken for personal and is not."""

    def recall(self, kind: str) -> float:
        return self.n_masked[kind] / self.n_values[kind]

    def precision(self, kind: str) -> float:
        return self.n_right[kind] / self.n_found[kind]


def score(strings: Iterable[Marked]) -> Score:
    """Mask every string and count."""
    counted = Score()
    for string in strings:
        found = mask(string.text).found
        masked = {place for one in found for place in range(one.start, one.end)}
        counted.n_clean += not string.spans
        counted.n_whole += not string.spans and not found
        for kind, start, end in string.spans:
            counted.n_values[kind] += 1
            if all(place in masked for place in range(start, end) if string.text[place].isalnum()):
                counted.n_masked[kind] += 1
            else:
                counted.leaks.append(f"{kind} {string.text[start:end]}")
        for one in found:
            counted.n_found[one.kind] += 1
            if any(kind == one.kind and one.start < end and start < one.end for kind, start, end in string.spans):
                counted.n_right[one.kind] += 1
            else:
                counted.losses.append(f"{one.kind} {string.text[one.start : one.end]}")
    return counted
