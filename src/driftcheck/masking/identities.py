"""Numbers by which states know people: social security, tax and identity numbers.

Where the form alone tells (letters, grouping), its check digits decide (python-stdnum, one module a country). A number
that looks like any other is taken only where a word before it says what it is; then check digits do not matter, as a
mistyped number is personal too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from importlib import import_module

from driftcheck.masking.found import Found
from driftcheck.masking.phrases import IDENTITY, IS, any_of

_BY_FORM = {
    "us.ssn": r"\d{3}-\d{2}-\d{4}",
    "us.itin": r"9\d{2}-\d{2}-\d{4}",
    "es.dni": r"\d{8}-?[A-Za-z]",
    "es.nie": r"[XYZxyz]-?\d{7}-?[A-Za-z]",
    "br.cpf": r"\d{3}\.\d{3}\.\d{3}-\d{2}",
    "it.codicefiscale": r"[A-Za-z]{6}\d{2}[A-Za-z]\d{2}[A-Za-z]\d{3}[A-Za-z]",
    "fr.nir": r"[12] ?\d{2} ?[0-3]\d ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}",
    "in_.pan": r"[A-Z]{3}[ABCFGHLJPTK][A-Z]\d{4}[A-Z]",
    "in_.aadhaar": r"\d{4} \d{4} \d{4}",
    "fi.hetu": r"\d{6}[-+A]\d{3}[0-9A-Z]",
    "cn.ric": r"\d{17}[\dXx]",
    "mx.curp": r"[A-Z]{4}\d{6}[HMX][A-Z]{5}[A-Z0-9]\d",
    "ch.ssn": r"756[. ]\d{4}[. ]\d{4}[. ]\d{2}",
    "kr.rrn": r"\d{6}-[1-4]\d{6}",
    "se.personnummer": r"(?:19|20)?\d{6}[-+]\d{4}",
    "cz.rc": r"\d{6}/\d{4}",
    "be.nn": r"\d{2}\.\d{2}\.\d{2}-\d{3}[. ]\d{2}",
    "gb.nino": r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]",
}
"""Modules of python-stdnum, each with the form that is worth a check. British insurance numbers have no check digits
and no module."""
_UNCHECKED = frozenset({"gb.nino"})
_NAMES = tuple(_BY_FORM)
_FORMS = re.compile(
    "(?<![A-Za-z0-9_.-])(?:" + "|".join(f"({form})" for form in _BY_FORM.values()) + ")(?![A-Za-z0-9_]|[.-][0-9])"
)
_SAID = re.compile(
    rf"(?<![^\W_]){any_of(IDENTITY)}(?![^\W\d_])(?:\W{{0,3}}(?:{any_of(IS)}|number|no|nr|nummer|card|numer|número|numero|#)"
    r"(?![^\W\d_])){0,2}\W{0,4}(?P<value>[A-Za-z]{0,6}\d[\dA-Za-z./-]{0,20}"
    r"(?: [\dA-Za-z./-]{0,8}\d[\dA-Za-z./-]{0,8}){0,7}(?: [A-Da-d])?)(?![^\W_])",
    re.IGNORECASE,
)
_MIN_DIGITS = 6


def identities(text: str) -> Iterator[Found]:
    """Find identity numbers.

    >>> sorted({(one.start, one.end) for one in identities("DNI 12345678Z, order 12345678A, my PESEL is 44051401359")})
    [(4, 13), (44, 55)]
    """
    for match in _FORMS.finditer(text):
        name = _NAMES[(match.lastindex or 1) - 1]
        if name in _UNCHECKED or _check(name)(match[0].upper()):
            yield Found("ID", match.start(), match.end())
    for match in _SAID.finditer(text):
        start, end = match.span("value")
        if sum(map(str.isdigit, match["value"])) >= _MIN_DIGITS:
            yield Found("ID", start, end)


@lru_cache(maxsize=len(_BY_FORM))
def _check(name: str) -> Callable[[str], bool]:
    check: Callable[[str], bool] = import_module(f"stdnum.{name}").is_valid
    return check
