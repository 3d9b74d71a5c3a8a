"""How an answer is dressed: length, bullets, headings, hedges. Counts only, so that no text need be kept for them.

Hedges are words and phrases by which an answer takes itself back, in English, German, French and Spanish, all looked
for in every text. In answers in other languages none is found, and hedges are left out of what is compared.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from driftcheck.lengths import lengths_of

_MOST = 200_000
"""Characters looked at: an answer that long is no answer, and its tail changes nothing."""
_BULLET = re.compile(r"^[ \t>]{0,12}(?:[-*+\u2022\u2023\u25e6\u2043\u2013]|\d{1,3}[.)])[ \t]+\S", re.MULTILINE)
_HEADING = re.compile(
    r"^[ \t]{0,3}(?:#{1,6}[ \t]+\S|(?:\*\*|__)[^*_\n]{1,80}(?:\*\*|__)[ \t]{0,4}:?[ \t]{0,4}$)|^<h[1-6]\b",
    re.MULTILINE | re.IGNORECASE,
)

HEDGES = (
    # English; "May" is a month
    *("perhaps", "maybe", "might", "may", "possibly", "probably", "presumably", "likely", "unlikely"),
    *("appears to", "appear to", "seems to", "seem to", "it seems", "generally", "usually", "typically"),
    *("in most cases", "in some cases", "i think", "i believe", "i guess", "i assume", "i suspect"),
    *("i'm not sure", "i am not sure", "i'm not certain", "i am not certain", "as far as i know", "to my knowledge"),
    *("it depends", "not entirely", "cannot guarantee", "can't guarantee", "cannot be sure", "can't be sure"),
    # German
    *("vielleicht", "möglicherweise", "eventuell", "wahrscheinlich", "vermutlich", "wohl", "könnte", "könnten"),
    *("dürfte", "dürften", "normalerweise", "in der regel", "üblicherweise", "ich glaube", "ich denke"),
    *("soweit ich weiß", "nicht sicher"),
    # French
    *("peut-être", "probablement", "éventuellement", "sans doute", "pourrait", "pourraient", "il semble"),
    *("généralement", "en général", "je pense", "je crois", "à ma connaissance", "pas sûr", "pas sûre"),
    # Spanish
    *("quizá", "quizás", "tal vez", "a lo mejor", "probablemente", "posiblemente", "podría", "podrían"),
    *("parece que", "generalmente", "normalmente", "por lo general", "creo que", "hasta donde sé", "no estoy seguro"),
    *("no estoy segura",),
)
"""Words and phrases, in lower case, looked for as whole words."""

_MONTH = re.compile(r"\bMay\b")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_HEDGE_WORDS = frozenset(hedge for hedge in HEDGES if " " not in hedge)
# without a look behind it finds where a phrase may begin ten times as fast
_PHRASE = re.compile("|".join(re.escape(hedge) for hedge in HEDGES if " " in hedge))


@dataclass(frozen=True, slots=True)
class AnswerStyle:
    """Counts of one answer."""

    n_words: int
    """Characters, in scripts without spaces; at least 1."""
    n_bullets: int
    """Lines that begin with a bullet or a number."""
    n_headings: int
    """Headings of Markdown or HTML, and lines in bold."""
    n_hedges: int


def style_of(text: str) -> AnswerStyle:
    r"""Count what an answer is dressed in.

    >>> style_of("## Refunds\n- You may get it back.\n- It is probably 5 days.\n\nI'm not sure.")
    AnswerStyle(n_words=15, n_bullets=2, n_headings=1, n_hedges=3)
    >>> style_of("In May, vielleicht.").n_hedges
    1
    """
    looked_at = text[:_MOST]
    return AnswerStyle(
        n_words=int(lengths_of([looked_at])[0]),
        n_bullets=sum(1 for _ in _BULLET.finditer(looked_at)),
        n_headings=sum(1 for _ in _HEADING.finditer(looked_at)),
        n_hedges=_n_hedges(looked_at),
    )


def _n_hedges(text: str) -> int:
    lower = _MONTH.sub("", text).replace("\u2019", "'").lower()
    n_words = sum(word in _HEDGE_WORDS for word in _WORD.findall(lower))
    return n_words + sum(
        not (lower[found.start() - 1 : found.start()].isalnum() or lower[found.end() : found.end() + 1].isalnum())
        for found in _PHRASE.finditer(lower)
    )
