"""Payment cards and bank accounts, by their check digits (python-stdnum)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Protocol

from driftcheck.masking.found import Found

_CARD = re.compile(r"(?<![A-Za-z0-9_.,/-])\d(?:[ -]?\d){12,18}(?![A-Za-z0-9_]|[.,-]\d)")
_CARD_PREFIXES = {
    14: re.compile(r"3(?:0[0-5]|[689])"),
    15: re.compile(r"3[47]"),
    16: re.compile(r"[456]|3[0568]|2[2-7]|9792"),
    17: re.compile(r"5[0678]|6"),
    18: re.compile(r"5[0678]|6"),
    19: re.compile(r"5[0678]|6|4"),
}
"""Numbers of digits and the ranges that card schemes use there (ISO/IEC 7812): what else passes Luhn is no card."""
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]){11,30}")
_MIN_IBAN = 15


class _Checked(Protocol):
    """A module of python-stdnum."""

    def is_valid(self, number: str) -> bool: ...


def cards(text: str) -> Iterator[Found]:
    """Find payment card numbers: a length and a prefix in use, and Luhn's check digit.

    >>> [(one.start, one.end) for one in cards("4111 1111 1111 1111, not 4111 1111 1111 1112")]
    [(0, 19)]
    """
    from stdnum import luhn

    check: _Checked = luhn
    for match in _CARD.finditer(text):
        digits = match[0].replace(" ", "").replace("-", "")
        prefixes = _CARD_PREFIXES.get(len(digits))
        if prefixes is not None and prefixes.match(digits) and check.is_valid(digits):
            yield Found("CARD", match.start(), match.end())


def ibans(text: str) -> Iterator[Found]:
    """Find IBANs, in groups or not: the longest run of characters that is one (ISO 13616: modulo 97, country's length).

    >>> [(one.start, one.end) for one in ibans("to DE89 3704 0044 0532 0130 00 by noon")]
    [(3, 30)]
    """
    from stdnum import iban

    check: _Checked = iban
    match = _IBAN.search(text)
    while match is not None:
        characters = [(place, char.upper()) for place, char in enumerate(match[0]) if char.isalnum()]
        after = match.start() + 4
        number = "".join(char for _, char in characters)
        for end in reversed(_checked_lengths(number)):
            if check.is_valid(number[:end]):
                after = match.start() + characters[end - 1][0] + 1
                yield Found("IBAN", match.start(), after)
                break
        match = _IBAN.search(text, after)


def _checked_lengths(number: str) -> list[int]:
    """The lengths at which a number passes ISO 7064 modulo 97-10, before the costlier look at the country's format."""
    head = int("".join(str(int(char, 36)) for char in number[:4]))
    lengths, remainder = [], 0
    for length, char in enumerate(number[4:], 5):
        value = int(char, 36)
        remainder = (remainder * (100 if value > 9 else 10) + value) % 97
        if length >= _MIN_IBAN and (remainder * 1_000_000 + head) % 97 == 1:
            lengths.append(length)
    return lengths
