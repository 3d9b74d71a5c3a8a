"""Yes and no: how an answer opens, and whether it says of the same thing that it is or that it is not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from driftcheck.contradictions.clauses import CACHED, Clause, content_of, is_greeting, stem, words
from driftcheck.contradictions.quantities import quantities_in

_YES = re.compile(r"\W{0,3}(?:yes|yep|yeah|yup|correct|that's right|indeed|ja|oui|sí|si)\b(?=\W|$)", re.IGNORECASE)
_NO = re.compile(
    r"\W{0,3}(?:no|nope|nein|non)\b(?=\s?(?:[,.!:;\u2013\u2014]|$|-\s|(?:you|we|it|i|they|there|that|this|the|unfortunately"
    r"|sorry|not)\b))",
    re.IGNORECASE,
)
_SHORT = re.compile(
    r"\W{0,3}(?:it|they|you|we|there)\s(?:is|are|do|does|can|may|will)(?P<not>\s?not|n't|not)?\s?(?:[,.!]|$)",
    re.IGNORECASE,
)
_POLAR = re.compile(
    r"(?:^|[,.!?]\s|\b(?:and|so|whether|if)\s)(?:is|are|am|was|were|do|does|did|can|could|may|might|must|should|shall|will"
    r"|would|has|have|had)(?:n't)?\s(?!(?:not\s)?(?:how|what|when|where|which|who))",
    re.IGNORECASE,
)
_ASKED = re.compile(r"\b(?:how|what|when|where|which|who|whom|whose|why)\b", re.IGNORECASE)
_COURTESY = re.compile(
    r"\b(?:no problem|no worries|no need to worry|don't worry|don't hesitate|do not hesitate|not only|not just|not sure"
    r"|no matter|no doubt|why not|no later than|not later than|no more than|not more than|no less than|nothing else"
    r"|together with nobody else|no (?:card|tie|code|form|app|account) (?:is )?needed)\b",
    re.IGNORECASE,
)
_FREE = re.compile(
    r"\bfree of charge\b|\b(?:at |for )?no (?:extra |additional |further )?(?:cost|charge)s?\b"
    r"|\b(?:there is |there's |with |charge )?no (?P<what>(?:[^\W\d_]+ ){0,3})(?:fee|fees|charge|charges)\b"
    r"|\bcosts? nothing\b"
    r"|\b(?:does not|doesn't|do not|don't) cost (?:you )?anything\b|\bwithout (?:a |any )?(?:fee|charge|cost)s?\b"
    r"|\b(?:no longer|don't|do not|never) charge\b|\bfor free\b",
    re.IGNORECASE,
)
_PAY_BY = re.compile(r"\bpay(?:ing)? (?=with|by|via|using)", re.IGNORECASE)
_FREE_THING = re.compile(r"\bfree (plan|tier|trial|version|account|shipping|delivery|period)s?\b", re.IGNORECASE)
_CONDITIONAL = re.compile(
    r"\b(?:if|unless|when|once|in case|provided|while|whether|until|as soon as|should you)\b.*", re.IGNORECASE
)
_NEGATION = re.compile(
    r"\b(?:not|cannot|never|neither|nor|nobody|nothing|none|no longer|no|kein|keine|nicht|unable)\b|n't\b",
    re.IGNORECASE,
)
_NONE = re.compile(
    r"\b(?:there is|there's|there are|we have|it has|has|have) no(?: longer (?:a|any))?\b", re.IGNORECASE
)
_MUST = re.compile(
    r"\b(?:must|have to|has to|had to|needs?|needed|requires?|required|mandatory|obligatory|compulsory|necessary"
    r"|optional)\b",
    re.IGNORECASE,
)
_MUST_NOT = re.compile(r"\b(?:must not|mustn't)\b", re.IGNORECASE)
_REFUSED = frozenset(
    words(
        """unavailable impossible excluded excludes prohibited forbidden banned disallowed unsupported discontinued
        deprecated removed stopped ended dropped abolished suspended optional ineligible invalid inactive
        disabled refuse refused reject rejected decline declined denied illegal"""
    )
)
_OPPOSITES = {
    **dict.fromkeys(["closed", "close", "closes"], "open"),
    **dict.fromkeys(["non-refundable", "nonrefundable"], "refundable"),
    **dict.fromkeys(["non-transferable", "nontransferable"], "transferable"),
}
_PREDICATES = {
    **dict.fromkeys(["open", "opens", "opened", "opening"], "open"),
    **dict.fromkeys(["refundable"], "refundable"),
    **dict.fromkeys(["transferable"], "transferable"),
    **dict.fromkeys(["free"], "free"),
}
_LIGHT = frozenset(
    stem(word)
    for word in words(
        """can may able possible possibility allow allowed available availability accept accepted accepts support
        supports supported offer offers offered work works working option way unfortunately mandatory obligatory
        optional necessary unavailable impossible forbidden prohibited longer moment any anymore never nobody
        nothing none neither included include part permitted everybody everyone you'd want like wish wonder
        wondering exist exists"""
    )
) | frozenset(stem(word) for word in _REFUSED)


_OF_MONEY = frozenset(stem(word) for word in ("cost", "money", "euro", "dollar", "night", "day"))


@dataclass(frozen=True)
class Stance:
    """What a text says to a question of yes or no, or of one thing."""

    sign: int
    """1 it is so, -1 it is not."""
    clause: Clause
    is_opening: bool
    """Whether it is said by yes or no."""


@dataclass(frozen=True)
class _Statement:
    sign: int
    topic: frozenset[str]
    predicate: str
    """The one word that has an opposite, `free` or `open`; empty for all else."""
    is_must: bool
    is_doubtful: bool
    """Of `only`, `without` and the like no sign can be told."""


def is_polar(question: str) -> bool:
    """Whether it asks for yes or no.

    >>> is_polar("Hi, can I pay by card?"), is_polar("How can I pay by card?")
    (True, False)
    """
    found = _POLAR.search(question)
    return found is not None and not _ASKED.search(question[: found.start() + 1])


def clash_of_polarity(
    expected: Sequence[Clause], answer: Sequence[Clause], question: str
) -> tuple[Stance, Stance] | None:
    """What is expected and what the answer says against it: yes against no, is against is not; None where neither."""
    if is_polar(question):
        asked = _statement(question, of_question=True)
        wanted, given = _stance(expected, asked, most=5), _stance(answer, asked, most=2)
        if wanted and given and wanted.sign != given.sign:
            return wanted, given
        if wanted and given:
            return None
    wanted, given = _opening(expected), _opening(answer)
    if wanted and given:
        return (wanted, given) if wanted.sign != given.sign and is_polar(question) else None
    return _opposed(expected, answer)


def _opening(clauses: Sequence[Clause]) -> Stance | None:
    for clause in clauses:
        if not clause.is_first:
            return None
        if _YES.match(clause.text):
            return Stance(1, clause, is_opening=True)
        if _NO.match(clause.text):
            return Stance(-1, clause, is_opening=True)
        short = _SHORT.match(clause.text)
        if short:
            return Stance(-1 if short["not"] else 1, clause, is_opening=True)
        if not is_greeting(clause.text):
            return None
    return None


def _stance(clauses: Sequence[Clause], asked: _Statement, *, most: int) -> Stance | None:
    """What the clauses say to the question; None where they do not, or say both, or with over `most` other words."""
    opening = _opening(clauses)
    if opening:
        sign = opening.sign * (asked.sign if asked.predicate != "free" else 1)
        opening = Stance(sign, opening.clause, is_opening=True)
    said = []
    for clause in clauses:
        made = _statement(clause.text)
        if clause.text.endswith("?"):
            continue
        if made.is_doubtful or made.is_must != asked.is_must or made.predicate != asked.predicate:
            continue
        new = len(made.topic - asked.topic)
        shared = len(made.topic & asked.topic)
        enough = shared > 0 and 2 * shared >= len(asked.topic)
        # what is said may be of anything near the question; what is denied is of it, unless it names another
        is_most = 2 * shared > len(asked.topic) or shared == len(asked.topic)
        if not made.predicate and not is_most:
            enough = enough and made.sign < 0 and new == 0
        if enough and new <= most:
            said.append(Stance(made.sign * asked.sign, clause, is_opening=False))
    signs = {one.sign for one in ([opening] if opening else []) + said}
    if len(signs) != 1:
        return None
    return opening or said[0]


def _opposed(expected: Sequence[Clause], answer: Sequence[Clause]) -> tuple[Stance, Stance] | None:
    """The first of what is expected, and what of the answer says the opposite in nearly the same words."""
    first = next((clause for clause in expected if not is_greeting(clause.text)), None)
    if first is None:
        return None
    wanted = _statement(first.text)
    if wanted.is_doubtful or not wanted.topic:
        return None
    against = None
    for clause in answer:
        made = _statement(clause.text)
        if clause.text.endswith("?"):
            continue
        if made.is_doubtful or made.is_must != wanted.is_must or made.predicate != wanted.predicate:
            continue
        shared, either = len(made.topic & wanted.topic), len(made.topic | wanted.topic)
        least = 1 if made.predicate or made.topic == wanted.topic else 2
        if shared < least or shared < (0.5 if made.predicate else 0.6) * either:
            continue
        if made.sign == wanted.sign:
            return None
        against = against or (Stance(wanted.sign, first, is_opening=False), Stance(made.sign, clause, is_opening=False))
    return against


def denial(expected: Sequence[Clause], answer: Sequence[Clause], question: str) -> Stance | None:
    """Where the answer says that there is none of what the expected one has a size of, or that it is free."""
    asked = _statement(question, of_question=True)
    if any(_statement(clause.text).sign < 0 or _NO.match(clause.text) for clause in expected):
        return None
    for clause in answer:
        made = _statement(clause.text)
        none = (made.predicate == "free" and made.sign > 0) or (_NONE.search(clause.text) is not None and made.sign < 0)
        if clause.text.endswith("?") or made.is_doubtful or not none:
            continue
        shared = len(made.topic & asked.topic)
        if shared and 2 * shared >= len(asked.topic) and len(made.topic - asked.topic) == 0:
            return Stance(made.sign, clause, is_opening=False)
    return None


@lru_cache(maxsize=CACHED)
def _statement(text: str, *, of_question: bool = False) -> _Statement:
    said = _PAY_BY.sub(" ", text)
    said = _FREE_THING.sub(r"\1", _COURTESY.sub(" ", said))
    if not of_question:
        said = _CONDITIONAL.sub(" ", said)
    said = _YES.sub(" ", said, count=1)
    said = _NO.sub(" ", said, count=1)
    predicate, sign, is_both = "", 1, False
    freed = _FREE.sub(lambda found: f" free {found['what'] or ''} ", said)
    topic_text = freed
    said_words = re.findall(r"[^\W\d_]+(?:['-][^\W\d_]+)*", freed.lower())
    for word in said_words:
        if word in _OPPOSITES:
            is_both = predicate == _OPPOSITES[word]
            predicate, sign = _OPPOSITES[word], -sign
        elif word in _PREDICATES:
            predicate = predicate or _PREDICATES[word]
    if not predicate and _is_priced(freed, of_question=of_question):
        predicate, sign = "free", -sign
    is_must = _MUST.search(freed) is not None and not _MUST_NOT.search(freed)
    operators = len(_NEGATION.findall(freed)) + sum(word in _REFUSED for word in said_words)
    if re.search(r"\bno longer (?:not|un)", freed):
        operators = 0
    if operators % 2:
        sign = -sign
    removed = {stem(word) for word in (*_OPPOSITES, *_PREDICATES)} | _LIGHT
    topic = content_of(topic_text) - removed
    if predicate == "free":
        topic -= _OF_MONEY
    doubtful = (
        re.search(
            r"\b(?:only|without|instead|some|most|depends?|except|others?|another|else|additional|extra)\b",
            freed,
            re.IGNORECASE,
        )
        is not None
    )
    return _Statement(sign, topic, predicate, is_must, (doubtful and not of_question) or is_both)


def _is_priced(text: str, *, of_question: bool) -> bool:
    """Whether it says that something costs money, or asks whether it does."""
    if of_question:
        return (
            re.search(r"\b(?:fees?|charge|costs?)\b|\bpay (?:something|anything|extra|for)\b", text, re.IGNORECASE)
            is not None
        )
    priced = any(
        one.dimension.startswith(("money", "percent")) and one.readings[0][1] > 0 for one in quantities_in(text)
    )
    return priced and re.search(r"\b(?:costs?|fees?|charged?|charges|pay|is|are)\b", text, re.IGNORECASE) is not None
