"""Take personal data out of a text before it becomes a case that others read."""

from __future__ import annotations

import re
from collections.abc import Collection

from driftcheck.masking.folding import folded, visible
from driftcheck.masking.found import KINDS, Found, Masked, united
from driftcheck.masking.identities import identities
from driftcheck.masking.internet import emails, ips
from driftcheck.masking.introductions import introduced
from driftcheck.masking.keys import keys
from driftcheck.masking.model import read
from driftcheck.masking.names import names, streets
from driftcheck.masking.payments import cards, ibans
from driftcheck.masking.phones import phones

MAX_CHARS = 100_000
"""What is read of one text: seconds. The rest is left out of the masked text, as nobody knows what is in it."""
MARGIN = 1_000
"""Characters before that end which are read and not kept: half a value is not recognised."""
_TAG = re.compile(rf"\[(?:{'|'.join(KINDS)})(?:_\d{{1,6}})?\]")
LEFT_OUT = "[LEFT OUT]"


_OF_NAMES = ("PERSON", "ADDRESS")
"""Kinds that a detector of names takes brands for."""


def mask(text: str, *, keep: Collection[str] = ()) -> Masked:
    """Put a tag in place of each personal value: `[EMAIL]`, or `[EMAIL_1]`, `[EMAIL_2]` where there are several.

    The same value has the same tag wherever it stands in the text; tags that are there already stay. Nothing is looked
    up on a network. Of a text longer than MAX_CHARS the end is dropped, and `[LEFT OUT]` stands in its place. `keep`
    lists names of no person, such as a product's: found whole, case and a genitive's ending aside, they stay.

    >>> mask("write to ana@example.com or bo@example.com, not to Ana@example.com").text
    'write to [EMAIL_1] or [EMAIL_2], not to [EMAIL_1]'
    """
    seen = text[:MAX_CHARS]
    found = _found(seen)
    if keep:
        known = {_letters(name) for name in keep}
        found = tuple(one for one in found if one.kind not in _OF_NAMES or not _is_known(_value(seen, one), known))
    if seen == text:
        return Masked(_tagged(text, found), found)
    kept = tuple(one for one in found if one.start < MAX_CHARS - MARGIN)
    end = max([MAX_CHARS - MARGIN, *(one.end for one in kept[-1:])])
    return Masked(_tagged(text[:end], kept) + LEFT_OUT, kept)


def _found(text: str) -> tuple[Found, ...]:
    shown, places = visible(text)
    plain = _TAG.sub(lambda tag: "*" * len(tag[0]), folded(shown))
    found = united(_detected(plain)) if plain.strip() else []
    if places:
        found = [Found(one.kind, places[one.start], places[one.end - 1] + 1) for one in found]
    return tuple(found)


def _detected(text: str) -> list[Found]:
    reading = read(text)
    return [
        *keys(text),
        *emails(text),
        *ibans(text),
        *cards(text),
        *identities(text),
        *ips(text),
        *phones(text, reading.is_phone),
        *streets(text, reading),
        *names(text, reading),
        *introduced(text),
    ]


def _tagged(text: str, found: tuple[Found, ...]) -> str:
    numbers: dict[str, dict[str, int]] = {}
    for one in found:
        values = numbers.setdefault(one.kind, {})
        values.setdefault(_value(text, one), len(values) + 1)
    pieces, at = [], 0
    for one in found:
        values = numbers[one.kind]
        number = f"_{values[_value(text, one)]}" if len(values) > 1 else ""
        pieces += [text[at : one.start], f"[{one.kind}{number}]"]
        at = one.end
    return "".join([*pieces, text[at:]])


def _value(text: str, one: Found) -> str:
    """What makes two spellings one value: letters and digits, case aside; of a key, all of it."""
    written = folded(text[one.start : one.end])
    return written if one.kind == "KEY" else _letters(written)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, folded(text).casefold()))


def _is_known(value: str, known: Collection[str]) -> bool:
    return value in known or value.removesuffix("s") in known
