"""Telephone numbers, by libphonenumber's plans of each country (phonenumberslite, without places and carriers).

A number in international form says its country. One in national form is looked for in the plans of REGIONS and must be
written in that country's grouping; without any grouping it is like any other number and is taken only after a word
that says what it is, or where the model of names and places reads a telephone number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from driftcheck.masking.found import Found
from driftcheck.masking.phrases import OTHER_NUMBER, TELEPHONE, any_of

_REGIONS = """
US GB DE FR ES IT NL BR IN PL SE RU JP CN AU TR AE IE AT CH BE PT DK NO FI CZ GR RO HU UA MX AR CO CL ZA NG KE EG SA IL
KR TW HK SG MY ID PH TH VN PK BD NZ
"""
REGIONS = tuple(_REGIONS.split())
"""Countries whose national forms are known, most users of the net first."""
MAX_CHECKED = 500
"""National forms that are looked up in one text; beyond them whatever is grouped like a telephone number is masked."""
_CANDIDATE = re.compile(r"(?<![A-Za-z0-9_.,/+-])(?:\+ ?|00)?\(?\d(?:[ ./()-]{0,3}\d){6,16}(?![A-Za-z0-9_]|[.,/-]\d)")
_WORD_START = r"(?<![^\W\d_\u2e80-\uffff])"
_SAID = re.compile(
    rf"{_WORD_START}{any_of(TELEPHONE)}[^\w\n]{{0,4}}(?:\w{{1,10}}[^\w\n]{{1,3}}){{0,4}}\(?$", re.IGNORECASE
)
_OTHERWISE = re.compile(
    rf"{_WORD_START}{any_of(OTHER_NUMBER)}[^\w\n]{{0,3}}(?:number|no|nr|nummer|code|n°)?[^\w\n]{{0,4}}$", re.IGNORECASE
)
_REACH = 40
_DATE = re.compile(
    r"(?:19|20)\d{2}[-./](?:0?[1-9]|1[0-2])[-./]\d{1,2}(?!\d)|\d{1,2}[-./ ]\d{1,2}[-./ ](?:19|20)\d{2}(?!\d)"
)


def phones(text: str, read_as_phone: Callable[[int, int], bool]) -> Iterator[Found]:
    """Find telephone numbers; `read_as_phone(start, end)` says whether a model reads one there.

    >>> def unread(start, end): return False
    >>> [(one.start, one.end) for one in phones("+44 7700 900456, 415-555-0143, call 4155550167", unread)]
    [(0, 15), (17, 29), (36, 46)]
    >>> list(phones("order 4155550167 of 2026-03-04, paid 1299.00", unread))
    []
    """
    n_checked = 0
    for match in _CANDIDATE.finditer(text):
        start, end = match.span()
        number = match[0]
        reach = max(0, start - _REACH)
        if number.count("(") > number.count(")"):
            continue
        if _is_international(number):
            yield Found("PHONE", start, end)
        elif _OTHERWISE.search(text, reach, start) or _DATE.match(number):
            continue
        elif _SAID.search(text, reach, start) or read_as_phone(start, end):
            yield Found("PHONE", start, end)
        elif not number.isdigit():
            n_checked += 1
            if n_checked > MAX_CHECKED or _is_national(number):
                yield Found("PHONE", start, end)


def _is_international(number: str) -> bool:
    import phonenumbers

    if not number.startswith(("+", "00")):
        return False
    digits = number.replace("(0)", "").lstrip("+0 ")
    try:
        parsed = phonenumbers.parse(f"+{digits}")
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_possible_number(parsed)


@lru_cache(maxsize=4096)
def _is_national(number: str) -> bool:
    from phonenumbers import Leniency, PhoneNumberMatcher

    return any(
        match.start == 0 and match.end == len(number)
        for region in REGIONS
        if _is_valid(number, region)  # a tenth of the matcher's time
        for match in PhoneNumberMatcher(number, region, leniency=Leniency.STRICT_GROUPING)
    )


def _is_valid(number: str, region: str) -> bool:
    import phonenumbers

    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number, region))
    except phonenumbers.NumberParseException:
        return False
