"""E-mail addresses and IP addresses.

E-mail: every finder of addresses that was measured is a regular expression for ASCII (Presidio's, which also fetches a
list from the network; Rampart's; DataFog's), so this one reads outwards from each @, in any alphabet. IP: what looks
like an address is read by the standard library's `ipaddress`.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from driftcheck.masking.found import Found

_MAX_LOCAL = 64
"""Characters before the @ (RFC 5321, 4.5.3.1.1)."""
_LOCAL_CHARS = frozenset("._%+-'")
_UNSPACED = "\u2e80"
"""From here on scripts write words without spaces between them: an address ends where they begin."""
_LETTER = r"[^\W_\u2e80-\uffff]"
_DOMAIN = re.compile(
    rf"(?:{_LETTER}(?:{_LETTER}|-){{0,62}}\.){{1,8}}(?:xn--[a-z0-9-]{{1,59}}|[^\W\d_\u2e80-\uffff]{{2,24}})"
)

_V4 = re.compile(r"(?<![A-Za-z0-9_.])\d{1,3}(?:\.\d{1,3}){3}(?![A-Za-z0-9_]|\.\d)")
_V6 = re.compile(r"(?<![A-Za-z0-9_:.])[0-9A-Fa-f:]{2,39}(?:\d{1,3}(?:\.\d{1,3}){3})?(?![A-Za-z0-9_:])")
_VERSION_BEFORE = re.compile(
    r"(?:versions?|release|firmware|build|driver|section|chapter|clause|windows|kernel|kapitel|abschnitt)[ .:=#]{0,2}$",
    re.IGNORECASE,
)
_REACH = 12
"""Characters before an address in which such a word is looked for."""


def emails(text: str) -> Iterator[Found]:
    """Find e-mail addresses.

    >>> [(one.start, one.end) for one in emails("to ana@example.com, not @team")]
    [(3, 18)]
    """
    at = text.find("@")
    while at >= 0:
        start = at
        while start > 0 and at - start < _MAX_LOCAL and _is_local(text[start - 1]):
            start -= 1
        while start < at and text[start] in ".'-%":
            start += 1
        domain = _DOMAIN.match(text, at + 1)
        if start < at and domain is not None:
            yield Found("EMAIL", start, domain.end())
        at = text.find("@", at + 1)


def _is_local(char: str) -> bool:
    return char in _LOCAL_CHARS or (char.isalnum() and char < _UNSPACED)


def ips(text: str) -> Iterator[Found]:
    """Find IP addresses of both versions; what follows a word such as `version` or `section` is none.

    >>> [(one.start, one.end) for one in ips("10.0.0.12:80 and fe80::1ff:fe23:4567:890a, version 1.2.3.4, 12:34:56")]
    [(0, 9), (17, 41)]
    """
    for match in _V4.finditer(text):
        if _reads(match[0]) and not _VERSION_BEFORE.search(text, max(0, match.start() - _REACH), match.start()):
            yield Found("IP", match.start(), match.end())
    for match in _V6.finditer(text):
        address = match[0].rstrip(":") if not match[0].endswith("::") else match[0]
        # a::b is a path in Rust and C++, ::1 says nothing of anybody
        if address.count(":") > 1 and len(address) > 5 and any(map(str.isdigit, address)) and _reads(address):
            yield Found("IP", match.start(), match.start() + len(address))


def _reads(address: str) -> bool:
    try:
        ipaddress.ip_address(address)
    except ValueError:
        return False
    return True
