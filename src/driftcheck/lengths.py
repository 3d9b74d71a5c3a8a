"""The words of a text, and how many they are."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_WORDS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]|\w+", re.UNICODE)


def words_of(text: str) -> list[str]:
    """Words of a text with case and forms of characters folded; in scripts without spaces its characters.

    >>> words_of("Where's my Card?"), words_of("卡在哪里")
    (['where', 's', 'my', 'card'], ['卡', '在', '哪', '里'])
    """
    return _WORDS.findall(unicodedata.normalize("NFKC", text).casefold())


def lengths_of(texts: Sequence[str]) -> NDArray[np.int64]:
    """Words of each text, in scripts without spaces its characters; at least 1, (n,).

    >>> lengths_of(["Where is my card?", "卡在哪里", "?"]).tolist()
    [4, 4, 1]
    """
    return np.array([max(1, len(_WORDS.findall(text))) for text in texts], dtype=np.int64)
