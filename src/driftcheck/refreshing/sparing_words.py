"""Masking of proposals that spares what is nobody's name: words of the eval set's own cases, and declared ones."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable

MIN_CASES = 3
"""Cases that write a word in lower case, from which it is the product's or the language's and no person's."""
MIN_TEXTS = 3
"""Texts in which a name was masked, from which it is told: it may be a product's."""
_WORD = re.compile(r"[^\W_]+(?:['\u2019-][^\W_]+)*")


def own_words(inputs: Iterable[str]) -> frozenset[str]:
    """Words that several cases write in lower case: of the language, or of the product, and hardly anybody's name.

    Capitals count for nothing: of 300 cases three may well be signed by an Ana.

    >>> sorted(own_words(["is zebra down?", "zebra is slow", "my zebra froze", "I am Ana", "Ana here", "Ana"]))
    ['zebra']
    """
    holders: Counter[str] = Counter()
    for text in set(inputs):
        holders.update({word for word in _WORD.findall(text) if word.islower()})
    return frozenset(word for word, n in holders.items() if n >= MIN_CASES)


class SparingMask:
    """Masks texts, each once, and counts the names that it masks."""

    def __init__(self, keep: Collection[str]) -> None:
        """Take the names of no person."""
        self._keep = frozenset(keep)
        self._masked: dict[str, str] = {}
        self._names: Counter[str] = Counter()

    def __call__(self, text: str) -> str:
        """Mask a text."""
        from driftcheck.masking import mask  # loads its model

        if text not in self._masked:
            masked = mask(text, keep=self._keep)
            self._masked[text] = masked.text
            self._names.update({text[one.start : one.end] for one in masked.found if one.kind == "PERSON"})
        return self._masked[text]

    @property
    def most_masked(self) -> tuple[str, int] | None:
        """The name that was masked in most texts, as written, and in how many; None where none was in several."""
        name, n = min(self._names.items(), key=lambda pair: (-pair[1], pair[0]), default=("", 0))
        return (name, n) if n >= MIN_TEXTS else None
