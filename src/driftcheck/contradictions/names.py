"""Names in one slot: addresses, telephone numbers, codes, menu paths, people, firms and places."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from driftcheck.contradictions.clauses import Clause, content_of, words
from driftcheck.contradictions.dates import moments_in

_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
_URL = re.compile(
    r"(?:https?://|www\.)[^\s<>\"')\]]{3,300}|\b[a-z\d-]{2,40}\.(?:com|org|net|io|dev|app|ai|co)/[^\s<>\"')\]]{0,200}"
)
_PHONE = re.compile(r"(?<![\w.,])(?:\+|\(0|0)\d[\d ()/.-]{5,18}\d(?!\w)")
_CODE = re.compile(r"\b(?=[A-Z\d-]{0,30}\d)[A-Z]{2,}[A-Z\d]{0,20}(?:-[A-Z\d]{1,20})*\b|\b[A-Z]{2,}-[A-Z\d]{2,20}\b")
_STEP = r"[A-Z][\w&/'-]{0,30}(?: (?!(?:and|then|or|to|in|on|from|where|choose|select|click)\b)[\w&/'-]{1,30}){0,3}"
_PATH = re.compile(rf"{_STEP}(?: ?> ?{_STEP})+")
_PROPER = re.compile(
    r"(?<![\w@.])(?:[A-Z][\w'-]{1,40}|[A-Z]{2,})"
    r"(?: (?:(?:of|de|van|von|da|del|la) )?(?:[A-Z][\w'-]{1,40}|[A-Z]{2,})){0,4}"
)
_ROLE = re.compile(
    r"\b(by|with|in|is|are|was|at|to|from|use|using|it's|called|named|via|through|on)\s(?:the\s)?$", re.IGNORECASE
)
_MOST = 10
"""Names of one kind read of a clause."""
_WORD = re.compile(r"\w+")
_PRONOUN = re.compile(r"\W*(?:you|we|it|they|he|she)(?:'\w+)?\b", re.IGNORECASE)
_NO_NAME = frozenset(
    words(
        """i i'm i'd i'll yes no the a an our your we you it this that these those in on at from for to by with use
        go open please write call just sure hi hello dear thanks all adults students children up am pm ok faq
        pdf csv json usb url id api app"""
    )
)
_QUESTION_OF_NAME = re.compile(r"\b(?:who|whom|whose|which|where|what)\b", re.IGNORECASE)

_ROLES_ALIKE = (
    frozenset(words("by with via through use using is are was called named it's")),
    frozenset(words("in at to is are was called named it's")),
    frozenset(["from", "is"]),
    frozenset(["on", "is"]),
)
_ROLES_ASKED = {
    **dict.fromkeys(["who", "whom", "whose"], ("", "by", "is", "are", "was", "called", "named", "it's", "to", "with")),
    "where": ("", "in", "at", "to", "is", "on"),
}
"""Words before a name that may answer the question; of others any may."""


@dataclass(frozen=True)
class Named:
    """A name and where it stands."""

    kind: str
    """`email`, `url`, `phone`, `code`, `path` or `name`."""
    key: str
    """As it is compared: without case, spaces and signs."""
    clause: Clause
    role: str
    """The word before it that says what it is to the sentence."""
    text: str


def clash_of_names(expected: Sequence[Clause], answer: Sequence[Clause], question: str) -> tuple[Named, Named] | None:
    """The expected name and the one that the answer has in its place; None where none is for sure."""
    whole = _key(" ".join(clause.text for clause in answer))
    asked = content_of(question)
    known = frozenset().union(*(clause.content for clause in expected)) | asked
    interrogative = _QUESTION_OF_NAME.search(question)
    word = interrogative[0].lower() if interrogative else ""
    for kind in ("email", "url", "phone", "code", "path", "name"):
        wanted = _named(expected, kind, question)
        if not wanted:
            continue
        if kind == "name" and not interrogative:
            return None
        if any(_is_said(one, whole) for one in wanted):
            return None
        given = [one for one in _named(answer, kind, question) if one.key not in {other.key for other in wanted}]
        for one in given:
            if _is_in_place(one, wanted[0], known, asked, word):
                return wanted[0], one
        if kind != "name":
            return None
    return None


def _is_said(one: Named, whole: str) -> bool:
    """Whether the answer has the name, or a part of it that tells it."""
    if one.key in whole:
        return True
    if one.kind == "phone":
        return one.key[-7:] in whole
    if one.kind == "path":
        steps = [_key(step) for step in one.text.split(">")]
        return sum(step in whole for step in steps) >= min(2, len(steps))
    if one.kind != "name":
        return False
    words = [word for word in _WORD.findall(one.text.lower()) if len(word) > 2]
    initials = "".join(word[0] for word in one.text.lower().split())
    return any(word in whole for word in words) or (len(initials) > 2 and initials in whole)


def _is_in_place(one: Named, wanted: Named, known: frozenset[str], asked: frozenset[str], word: str) -> bool:
    about = one.clause.content - content_of(one.text)
    new, shared = about - known, about & (asked | wanted.clause.content)
    if one.kind in ("email", "phone", "code", "path"):
        return (one.clause.is_first or bool(shared)) and len(new) <= 1
    if one.kind == "url":
        return one.clause.is_first and len(new) <= 1 and not (one.key in wanted.key or wanted.key in one.key)
    by_pronoun = one.clause.is_first and _PRONOUN.match(one.clause.text) is not None
    if len(new) > (1 if shared else 0) or not (shared or by_pronoun):
        return False
    if wanted.role and one.role and not any({wanted.role, one.role} <= alike for alike in _ROLES_ALIKE):
        return False
    return one.role in _ROLES_ASKED.get(word, (one.role,))


def _named(clauses: Sequence[Clause], kind: str, question: str) -> list[Named]:
    made = []
    for clause in clauses:
        if kind == "name":
            made += _proper(clause, question, is_bare=len(clauses) == 1)
            continue
        pattern = {"email": _EMAIL, "url": _URL, "phone": _PHONE, "code": _CODE, "path": _PATH}[kind]
        for found in islice(pattern.finditer(clause.text), _MOST):
            text = found[0].rstrip(".,;:!?)")
            if kind == "phone" and (len(re.sub(r"\D", "", text)) < 7 or moments_in(text)):
                continue
            if kind == "path":
                text = re.sub(r"^(?:Go to|Open|Choose|Select|In|Under|Click|Tap|Visit) ", "", text)
            made.append(Named(kind, _key(text), clause, "", text))
    return made


def _proper(clause: Clause, question: str, *, is_bare: bool) -> list[Named]:
    made = []
    asked = set(_WORD.findall(question.lower()))
    for found in islice(_PROPER.finditer(clause.text), _MOST):
        words = found[0].split()
        begins = found.start() == 0
        while words and words[0].lower() in _NO_NAME:
            words, begins = words[1:], False
        text = " ".join(words)
        if not words or moments_in(text) or any(word.lower() in asked for word in words):
            continue
        is_all = is_bare and found[0] == clause.text.strip(" .")
        if begins and len(words) == 1 and not (text.isupper() and len(text) > 1) and not is_all:
            continue  # any word is written so where a sentence begins
        role = _ROLE.search(clause.text[: found.start()])
        if not (role or is_all or begins):
            continue
        made.append(Named("name", _key(text), clause, role[1].lower() if role else "", text))
    return made


def _key(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.lower())
