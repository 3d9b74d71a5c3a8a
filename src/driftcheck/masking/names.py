"""Names of people and street addresses, from what the model reads; introductions in scripts that it cannot read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from driftcheck.masking.found import Found
from driftcheck.masking.model import Reading

NAME = 0.5
"""Probability from which a capitalised word is a name."""
LOWER_CASE_NAME = 0.95
"""The same for a word in lower case, most of which are none."""
CAPITALS_NAME = 0.85
"""The same for a word in capitals, which may be an abbreviation."""
NEXT_NAME = 0.15
"""The same for a capitalised word beside a name."""
STREET = 0.9
"""Probability from which a word names a street, or a number a house on it."""
NEXT_STREET = 0.5
"""The same for what stands between or beside them."""

_WORD = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*")
_BETWEEN_NAMES = re.compile(r"[ \t]{1,2}|\.[ \t]?")
_BETWEEN_STREETS = re.compile(r"[ \t]{1,2}|[.,][ \t]?|[ \t]?[/-][ \t]?")
_PARTICLE_WORDS = """
al ap bin ben bint da dal de degli dei del della den der di do dos du el ibn la le los ten ter van von y zu
"""
_PARTICLES = frozenset(_PARTICLE_WORDS.split())
_POSSESSIVE = re.compile(r"['’][sS]$")


@dataclass(frozen=True)
class _Word:
    start: int
    end: int
    text: str
    chance: float


def names(text: str, reading: Reading) -> Iterator[Found]:
    """Find names of people: words that the model is sure of, and those beside them that are likely part of the name."""
    words = list(_words(text, reading, "name"))
    taken = [_is_name(word) for word in words]
    # A name's other words, and its particles and initials, are less sure alone: let the sure ones reach out.
    for order in (range(1, len(words)), range(len(words) - 2, -1, -1)):
        step = -1 if order.step > 0 else 1
        for index in order:
            if not taken[index] and taken[index + step] and _joined(text, words, index, index + step):
                taken[index] = _is_beside_a_name(words[index])
    for index in range(1, len(words) - 1):
        if (
            taken[index - 1]
            and words[index].text.lower() in _PARTICLES
            and _joined(text, words, index, index - 1)
            and _joined(text, words, index, index + 1)
            and (taken[index + 1] or words[index + 1].text.lower() in _PARTICLES or words[index + 1].text[0].isupper())
        ):
            taken[index] = True
            taken[index + 1] = taken[index + 1] or words[index + 1].text[0].isupper()
    yield from _runs(text, words, taken, "PERSON")


def streets(text: str, reading: Reading) -> Iterator[Found]:
    """Find street addresses: a street and its number side by side. A city alone is nobody's home."""
    words = list(_words(text, reading, "street"))
    start = 0
    while start < len(words):
        end = start
        while (
            end < len(words)
            and words[end].chance >= NEXT_STREET
            and (end == start or _close(text, words[end - 1], words[end]))
        ):
            end += 1
        run = words[start:end]
        sure = [word.text for word in run if word.chance >= STREET]
        has_number = any(any(map(str.isdigit, part)) for part in sure)
        has_name = any(len(part) > 2 and part.isalpha() for part in sure)
        if has_number and has_name:
            yield Found("ADDRESS", run[0].start, run[-1].end)
        start = max(end, start + 1)


def _words(text: str, reading: Reading, group: str) -> Iterator[_Word]:
    chances = reading.name if group == "name" else reading.street + reading.house
    first = last = 0
    for match in _WORD.finditer(text):
        start, end = match.span()
        possessive = _POSSESSIVE.search(match[0])
        end -= len(possessive[0]) if possessive and group == "name" else 0
        while first < len(chances) and reading.places[first, 1] <= start:
            first += 1
        last = max(first, last)
        while last < len(chances) and reading.places[last, 0] < end:
            last += 1
        chance = float(chances[first:last].max()) if last > first else 0.0
        yield _Word(start, end, text[start:end], chance)


def _is_name(word: _Word) -> bool:
    if any(map(str.isdigit, word.text)):
        return False
    if not word.text[0].isupper():
        return word.chance >= LOWER_CASE_NAME
    return word.chance >= (CAPITALS_NAME if len(word.text) > 1 and word.text.isupper() else NAME)


def _is_beside_a_name(word: _Word) -> bool:
    initial = len(word.text) == 1 and word.text.isupper()
    return initial or (word.chance >= NEXT_NAME and word.text[0].isupper() and word.text.isalpha())


def _joined(text: str, words: list[_Word], one: int, other: int) -> bool:
    first, second = sorted((one, other))
    return _BETWEEN_NAMES.fullmatch(text, words[first].end, words[second].start) is not None


def _close(text: str, one: _Word, other: _Word) -> bool:
    return _BETWEEN_STREETS.fullmatch(text, one.end, other.start) is not None


def _runs(text: str, words: list[_Word], taken: list[bool], kind: str) -> Iterator[Found]:
    start: int | None = None
    for index, word in enumerate(words):
        if not taken[index]:
            continue
        if start is None:
            start = word.start
        following = index + 1 < len(words) and taken[index + 1] and _joined(text, words, index, index + 1)
        if not following:
            yield Found(kind, start, word.end)
            start = None
