"""Take personal data out of names of classes: of errors and models, which files and the ledger count by name."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from driftcheck.error_classes import LIMIT, is_code
from driftcheck.masking.masking import mask as mask_text

_BEYOND_NAMES = re.compile(r"\[(?!PERSON|ADDRESS)[A-Z]+(?:_\d+)?\]")
"""Tags of what no detector of names takes a product for."""


def mask_error(name: str, mask: Callable[[str], str]) -> str:
    """A class of errors without what it tells of a user.

    The word in which the class was cut is left out: half an address is none that a detector knows.

    >>> from driftcheck.masking import mask
    >>> mask_error("User Ana Gonzalez (ana#@corp.example) is locked", lambda text: mask(text).text)
    'User [PERSON] ([EMAIL]) is locked'
    """
    whole = name if len(name) < LIMIT else name.rpartition(" ")[0] or name
    # `error_class` left "#" of numbers, which is no part of an address
    return mask(whole.replace("#", "0")).replace("0", "#")


@lru_cache(maxsize=1024)
def shown_error(name: str) -> str:
    """A class of errors as reports show it: masked where it is a message in words, which may tell of a user.

    >>> shown_error("ToolTimeout"), shown_error("no mailbox for ana@corp.example")
    ('ToolTimeout', 'no mailbox for [EMAIL]')
    """
    return name if is_code(name) else mask_error(name, lambda text: mask_text(text).text)


def mask_model(name: str, mask: Callable[[str], str]) -> str:
    """A model's name without keys and addresses; that Claude is a person's name too says nothing.

    >>> from driftcheck.masking import mask
    >>> mask_model("Claude 3.5 Sonnet", lambda text: mask(text).text)
    'Claude 3.5 Sonnet'
    """
    masked = mask(name)
    return masked if _BEYOND_NAMES.search(masked) else name
