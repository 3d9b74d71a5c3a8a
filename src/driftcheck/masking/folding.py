"""A text as the detectors read it: as long as the original, with one form for what is written in several."""

from __future__ import annotations

import re
import sys
import unicodedata
from functools import lru_cache

_SPACES = "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_INVISIBLE = re.compile("[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d"


def folded(text: str) -> str:
    """Give digits, spaces, dashes and the wide forms of ASCII their ASCII form; half surrogates become U+FFFD.

    Every character stays one character, so that a place in the result is the same place in `text`.

    >>> folded("\uff14\uff11\uff11\uff11\u00a0\u0661\u0662\u20113")
    '4111 12-3'
    """
    return text if text.isascii() else text.translate(_table())


def visible(text: str) -> tuple[str, list[int]]:
    """Leave out characters that nobody sees (soft hyphens, zero-width spaces), and say where each of the rest stood.

    >>> visible("ab\u200bc")
    ('abc', [0, 1, 3])
    """
    if text.isascii() or _INVISIBLE.search(text) is None:
        return text, []
    places = [place for place, char in enumerate(text) if not _INVISIBLE.match(char)]
    return "".join(text[place] for place in places), places


@lru_cache(maxsize=1)
def _table() -> dict[int, str]:
    table = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    for code in range(0x80, sys.maxunicode + 1):
        digit = unicodedata.decimal(chr(code), None)
        if digit is not None:
            table[code] = str(digit)
    table.update(dict.fromkeys(map(ord, _SPACES), " "))
    table.update(dict.fromkeys(map(ord, _DASHES), "-"))
    table.update(dict.fromkeys(range(0xD800, 0xE000), "\ufffd"))
    return table
