"""Names for slices: the terms that set a slice apart, in any script."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from driftcheck.slices.stop_words import stop_words_of

MAX_TEXTS = 200
"""Texts of a slice that are read: the most central ones."""
MAX_CHARS = 400
"""Characters of a text that are read: a topic shows early, a pasted document would drown it."""
N_TERMS = 6
_NAME_TERMS = 3
_FALLBACK_CHARS = 48
_MIN_SHARE = 0.08

_PARTICLES = frozenset(["back", "down", "in", "off", "on", "out", "up"])
"""Stop words that make a word of the one before: "top up", "log in"."""


@dataclass(frozen=True, slots=True)
class SliceName:
    """What a slice is called."""

    name: str
    """Short and distinct among the slices named together."""
    terms: tuple[str, ...]
    """Up to six terms that set the slice apart, strongest first; empty if it has none."""


def name_slices(texts: Sequence[Sequence[str]]) -> tuple[SliceName, ...]:
    """Name each slice by class-based TF-IDF.

    Terms are words, pairs of adjacent words and, for scripts without spaces, character groups.
    A term's weight is the share of the slice's texts that hold it, times log(1 + 1/sum of those
    shares over slices). Terms that are not twice as common in the slice as in the others on
    average are stop words of these data. A slice without terms is named by its first text.

    Parameters
    ----------
    texts : sequence (n_slices,) of sequences of str
        The texts of each slice, most central first; the first 200 are read.

    Source: Grootendorst (2022), arXiv:2203.05794 (class-based TF-IDF).

    >>> [n.name for n in name_slices([["the refund is late"], ["top up", "do a top up"]])]
    ['refund, late', 'top up']

    """
    shares = [_term_shares(slice_texts[:MAX_TEXTS]) for slice_texts in texts]
    total: Counter[str] = Counter()
    for share in shares:
        total.update(share)  # Counter.update adds the shares up
    terms = [_best_terms(share, total, len(shares)) for share in shares]
    names: list[str] = []
    for slice_terms, slice_texts in zip(terms, texts, strict=True):
        names.append(_distinct(slice_terms, slice_texts, names))
    return tuple(SliceName(n, tuple(t)) for n, t in zip(names, terms, strict=True))


def tokens(text: str) -> list[str]:
    """Words of a text in order, casefolded; a run of a script without spaces is one token.

    >>> tokens("Where's my Überweisung? 转账失败")
    ["where's", 'my', 'überweisung', '转账失败']
    """
    folded = unicodedata.normalize("NFKC", text[:MAX_CHARS]).casefold().replace("’", "'")
    return _word_pattern().findall(folded)


@lru_cache(maxsize=1)
def _marks() -> str:
    """Combining marks: vowel signs of Indic and Thai words, which are no word characters to `re`."""
    points = (chr(i) for i in range(0x300, 0x10000))
    return "".join(c for c in points if unicodedata.category(c) in ("Mn", "Mc"))


@lru_cache(maxsize=1)
def _word_pattern() -> re.Pattern[str]:
    letter = rf"[\w{re.escape(_marks())}]"
    spaceless = f"[{_SPACELESS}][{_SPACELESS}{re.escape(_marks())}]*"
    return re.compile(rf"{spaceless}|(?:(?![{_SPACELESS}]){letter})+(?:'[^\W\d_]+)?")


# Thai to Tibetan, Myanmar, Khmer, kana, Han
_SPACELESS = "\u0e01-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff"
_IS_SPACELESS = re.compile(f"[{_SPACELESS}]")


@lru_cache(maxsize=1)
def _cluster_pattern() -> re.Pattern[str]:
    return re.compile(f".[{re.escape(_marks())}]*", re.DOTALL)


def _terms_of(text: str) -> set[str]:
    found: set[str] = set()
    previous = ""
    words = tokens(text)
    stop_words = stop_words_of(words)
    for token in words:
        if _IS_SPACELESS.match(token):
            found.update(_character_groups(token))
            previous = ""
            continue
        if token in stop_words:
            if previous and token in _PARTICLES:
                found.add(f"{previous} {token}")
            previous = ""
            continue
        if len(token) < 2 or token.isdigit():
            previous = ""
            continue
        found.add(token)
        if previous and previous != token:
            found.add(f"{previous} {token}")
        previous = token
    return found


def _character_groups(token: str) -> set[str]:
    """Two to four characters in a row, marks kept with their letter."""
    clusters = _cluster_pattern().findall(token)
    sizes = range(2, 5)
    groups = {"".join(clusters[i : i + n]) for n in sizes for i in range(len(clusters) - n + 1)}
    return groups or {token}


def _term_shares(texts: Sequence[str]) -> dict[str, float]:
    """Share of the different texts that hold each term; terms of one text only are noise."""
    different = dict.fromkeys(texts)
    counts: Counter[str] = Counter()
    for text in different:
        counts.update(_terms_of(text))
    n = len(different)
    least = 1 if n < 4 else max(2, _MIN_SHARE * n)
    return {term: count / n for term, count in counts.items() if count >= least}


def _best_terms(share: dict[str, float], total: Counter[str], n_slices: int) -> list[str]:
    others = max(1, n_slices - 1)
    weight = {
        term: s * math.log1p(1 / total[term]) for term, s in share.items() if s > 2 * (total[term] - s) / others + 1e-9
    }
    best: list[str] = []
    # longer first among equals: of "转账" and "转账失败" at the same share, the whole
    for term in sorted(weight, key=lambda t: (-round(weight[t], 6), -len(t), t)):
        if not any(_overlap(term, other) for other in best):
            best.append(term)
        if len(best) == N_TERMS:
            break
    return best


def _overlap(a: str, b: str) -> bool:
    """Whether two terms say the same: one holds the other, or they share a word or its plural."""
    if _IS_SPACELESS.search(a) or _IS_SPACELESS.search(b):
        return a in b or b in a or bool(_pairs(a) & _pairs(b))
    return bool({_stem(w) for w in a.split()} & {_stem(w) for w in b.split()})


def _pairs(term: str) -> set[str]:
    return {term[i : i + 2] for i in range(len(term) - 1)}


def _stem(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") else word


def _distinct(terms: Sequence[str], texts: Sequence[str], taken: Sequence[str]) -> str:
    candidates = [", ".join(terms[:n]) for n in range(_NAME_TERMS, len(terms) + 1)]
    if terms and not candidates:
        candidates = [", ".join(terms)]
    if not terms:  # a text in the place of a name stays on the terminal: elsewhere the slice goes by its id
        candidates += [_shortened(text) for text in texts[:5]]
    for candidate in candidates:
        if candidate and candidate not in taken:
            return candidate
    stem = next((c for c in candidates if c), "unnamed")
    number = 2
    while stem in taken or (stem == "unnamed" and number == 2):
        stem = f"{stem.rsplit(' #', 1)[0]} #{number}"
        number += 1
    return stem


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _FALLBACK_CHARS else line[: _FALLBACK_CHARS - 1].rstrip() + "…"
