"""Keys, tokens and passwords.

Kingfisher (MongoDB's scanner as a library, in Rust, offline) knows the keys of some 500 services by form, entropy and
check digits, and leaves out what is documented as an example. Besides: what says itself that it is secret (`password=`,
`Authorization: Bearer`, "my password is", a URL with a password in it), and the commonest forms at any entropy, since
here a key that is masked in vain costs less than one that is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from driftcheck.cache_folder import default_cache_folder
from driftcheck.masking.found import Found
from driftcheck.masking.phrases import IS, PASSWORD, SECRET, any_of

_PREFIXED = re.compile(
    r"(?<![A-Za-z0-9_-])(?:"
    r"(?:sk|pk|rk|gh[opsur]|github_pat|glpat|gldt|xox[abeoprs]|xapp|npm|pypi|hf|hvs|do[op]_v1|shp(?:at|ca|pa|ss)|gsk|xai|pplx"
    r"|r8|lin_api|ntn|sbp|tskey|NRAK|PMAK|key|pscale_tkn|dckr_pat|figd|sq0atp|GOCSPX|glsa|CCIPAT|rubygems|tfp)"
    r"[-_.](?=[A-Za-z0-9_.=-]{0,80}\d)(?=[A-Za-z0-9_.=-]{0,80}[A-Za-z0-9]{12})[A-Za-z0-9_.=-]{15,400}"
    r"|A(?:KIA|SIA|GPA|ROA|IDA)[A-Z0-9]{16}|AIza[\w-]{30,40}|ya29\.[\w.-]{20,400}|SG\.[\w-]{15,30}\.[\w-]{30,60}|SK[0-9a-f]{32}"
    r"|\d{8,10}:[\w-]{33,40}|eyJ[\w-]{8,4000}\.[\w-]{8,8000}(?:\.[\w-]{0,4000})?|AGE-SECRET-KEY-1[A-Z0-9]{50,60}"
    r"|(?:[A-Za-z0-9_-]{23,28}\.[\w-]{6}\.[\w-]{27,40})"
    r")(?![A-Za-z0-9])"
)
_HOOK = re.compile(r"(?<=hooks\.slack\.com/services/)[\w/-]{10,120}")
_IN_URL = re.compile(r"(?<=://)[^\s/@:\"'<>]{0,100}:(?P<value>[^\s/@\"'<>]{1,200})(?=@)")
_IN_CURL = re.compile(r"(?<=\s)(?:-u|--user)[ =][\"']?[^\s:\"']{1,100}:(?P<value>[^\s\"']{1,200})")
_SAID = re.compile(
    rf"(?<![^\W_]){any_of(PASSWORD)}(?P<link>\s{{0,3}}(?:{any_of(IS)}\s{{0,3}}){{1,2}})"
    r"[\"'「“«`]?(?P<value>[^\s\"'」”»`]{4,64})",
    re.IGNORECASE,
)
_ASSIGNED = re.compile(
    r"(?:passw(?:or)?d|passwd|(?<![A-Za-z])(?:pwd|pass)|secret|token|api[_-]?key|apikey|access[_-]?key(?:[_-]?id)?|secret[_-]?key|private[_-]?key"
    r"|client[_-]?secret|account[_-]?key|auth[_-]?key|credentials?|sendgrid|bearer)[\"'\]]{0,2}\s{0,3}(?P<link>:=|=>|=|:)\s{0,3}[\"'`]?"
    r"(?P<value>[^\s\"'`&,;<>(){}\[\]]{4,400})",
    re.IGNORECASE,
)
_BEARER = re.compile(r"(?<=bearer )[A-Za-z0-9_.~+/=-]{12,2000}", re.IGNORECASE)
_NEAR = re.compile(
    rf"(?<![^\W_]){any_of(SECRET)}(?:[^\w\n]{{1,4}}[^\W\d_]{{1,12}}){{0,3}}[^\w\n]{{1,4}}"
    r"(?P<value>(?=[A-Za-z0-9_+/=-]{0,80}[A-Za-z0-9]{12})[A-Za-z0-9_+/=-]{20,400})(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_NO_SECRET = re.compile(
    r"\*|\.\.|[xX]{3}|\$[A-Z_{(]|%[A-Z_]{2,}%|[<{\[]|(?i:your[_ -]|os\.|process\.|"
    r"(?:null|none|nil|true|false|undefined|changeme|required|optional|string)$)"
)
"""What stands where a secret would and is none: a placeholder, a variable, a type."""
_BEGIN = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_END = re.compile(r"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_BODY = re.compile(r"[A-Za-z0-9+/=\s\\:,-]{0,20000}")


def keys(text: str) -> Iterator[Found]:
    """Find keys, tokens and passwords, each without the words that announce it.

    >>> text = "my password is hunter2! and DB_TOKEN=a1b2c3d4e5"
    >>> [text[one.start : one.end] for one in keys(text)]
    ['hunter2', 'a1b2c3d4e5']
    """
    yield from _scanned(text)
    yield from _private_keys(text)
    for form in (_PREFIXED, _HOOK, _BEARER):
        for match in form.finditer(text):
            yield Found("KEY", match.start(), match.end())
    for form in (_IN_URL, _IN_CURL):
        for match in form.finditer(text):
            yield Found("KEY", *match.span("value"))
    for form in (_SAID, _ASSIGNED, _NEAR):
        for match in form.finditer(text):
            start, end = match.span("value")
            value = text[start:end].rstrip(".,;:!?。、，)")
            if _is_secret(value, sure=match.groupdict().get("link", "").strip() == "=" and form is _ASSIGNED):
                yield Found("KEY", start, start + len(value))


def _is_secret(value: str, *, sure: bool) -> bool:
    """Whether a value that stands where a secret would is one: not a placeholder, and more than a word."""
    if len(value) < 4 or _NO_SECRET.match(value):
        return False
    if value.isdigit():
        return len(value) >= 6
    return sure or any(not char.isalpha() for char in value[:64])


def _private_keys(text: str) -> Iterator[Found]:
    at = 0
    while (begin := _BEGIN.search(text, at)) is not None:
        body = _BODY.match(text, begin.end())
        rest = body.end() if body is not None else begin.end()
        end = _END.search(text, begin.end(), min(len(text), rest + 80))
        at = end.end() if end is not None else rest
        yield Found("KEY", begin.start(), at)


def _scanned(text: str) -> Iterator[Found]:
    """What Kingfisher finds; it counts in bytes of UTF-8."""
    raw = text.encode()
    places = []
    for one in _scanner().scan(text):
        if one.visible:
            where = one.location
            secret = one.secret.encode()
            start = raw.find(secret, where["start_offset"], where["end_offset"]) if secret else -1
            places.append((start, start + len(secret)) if start >= 0 else (where["start_offset"], where["end_offset"]))
    characters = n_bytes = 0
    for start, end in sorted(places):
        characters += len(raw[n_bytes:start].decode(errors="replace"))
        n_bytes = start
        yield Found("KEY", characters, characters + len(raw[start:end].decode(errors="replace")))


@lru_cache(maxsize=1)
def _scanner() -> Any:
    """Compile the rules, or read them compiled from the platform's cache folder: 3.5 s once, 0.3 s from then on."""
    from kingfisher_sdk import Rules, Scanner

    return Scanner(Rules(confidence="low", cache_dir=default_cache_folder() / "key-rules"), base64=False)
