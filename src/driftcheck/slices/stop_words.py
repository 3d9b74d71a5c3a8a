"""Words that say nothing of a topic, by the language of the text they stand in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

ENGLISH = frozenset(
    # what data alone would not drop when there are few slices; longer lists take "order", "room", "points" with them
    "a about after again all already also am an and any anything are as at back be because been "  # noqa: SIM905
    "being but by can can't cannot could d did didn't do does doesn't doing don don't done down for "
    "from get getting give go going gone got had has have haven't having he hello help her here hey "
    "hi him his how i i'd i'll i'm i've if in into is isn isn't it it's its just keep know let like "
    "ll m make may me might more much must my need no not now of off on one only or our out over "
    "please pls re s said same she should since so some something still t tell than thank thanks that "
    "that's the their them then there these they this those through to too up us use used using ve "
    "very want wanted was wasn't way we were what what's when where which while who why will with won "
    "won't would you your yours".split()
)
_EVIDENCE = 2
"""Stop words of a foreign language from which a text counts as written in it: "car" alone is no French."""


@lru_cache(maxsize=1)
def _foreign() -> tuple[dict[str, frozenset[str]], dict[str, tuple[str, ...]]]:
    """Stop words by language, and the languages of each word."""
    # stop-words: lists for 34 languages in a package of 100 kB, kept up
    from stop_words import AVAILABLE_LANGUAGES, get_stop_words

    lists = {name: frozenset(get_stop_words(name)) for name in AVAILABLE_LANGUAGES if name != "english"}
    languages: dict[str, list[str]] = {}
    for name, words in lists.items():
        for word in words:
            languages.setdefault(word, []).append(name)
    return lists, {word: tuple(names) for word, names in languages.items()}


def stop_words_of(tokens: Iterable[str]) -> frozenset[str]:
    """Stop words for one text: the English ones, and those of the other language it seems to be written in.

    >>> "mi" in stop_words_of("puedo llevar mi silla de ruedas".split())
    True
    >>> "car" in stop_words_of("rental car".split())
    False
    """
    _, languages_of = _foreign()
    present = set(tokens)
    counts = Counter(name for token in present for name in languages_of.get(token, ()))
    if not counts:
        return ENGLISH
    language = max(counts, key=lambda name: (counts[name], name))
    if counts[language] < max(_EVIDENCE, len(ENGLISH & present)):
        return ENGLISH
    return _with_english(language)


@lru_cache(maxsize=64)
def _with_english(language: str) -> frozenset[str]:
    return ENGLISH | _foreign()[0][language]
