"""An answer cut into clauses, and what a clause is about: its content words."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property, lru_cache


def words(text: str) -> tuple[str, ...]:
    """Words of a list that is written as one text."""
    return tuple(text.split())


MAX_EXPECTED = 2_000
"""Characters of an expected answer that are read: what is longer is a document."""
MAX_ANSWER = 6_000
"""Characters of an answer that are read; whoever answers at more length says what was asked before."""
CACHED = 4_096
"""Clauses whose reading is kept: a case's own are read again with each answer."""
MAX_CLAUSE = 600
"""Characters read of a clause, and clauses of a text below: longer ones are tables, lists and attacks."""
MAX_CLAUSES = 150
_MARKUP = re.compile(
    r"[*_`#~]{1,3}(?=\S)|(?<=\S)[*_`~]{1,3}|^[ \t]{0,12}(?:[-*+\u2022]|\d{1,2}[.)])[ \t]+", re.MULTILINE
)
_LINK = re.compile(r"\[([^\]\n]{1,200})\]\((?:[^)\s]{1,300})\)")
_SPACE = re.compile(r"[ \t\u00a0\u2009\u202f]+")
_ABBREVIATED = re.compile(
    r"\b(e\.g|i\.e|etc|approx|incl|excl|max|min|no|nr|vs|st|dr|mr|mrs|ms|a\.m|p\.m)\.", re.IGNORECASE
)
_END = re.compile(
    r"(?<=[.!?\u3002\uff01\uff1f])[\"')\]]{0,2}\s+|[\n;]+|\s+[\u2013\u2014-]{1,2}\s+|:\s+|[\u3002\uff01\uff1f]"
    r"|,?\s+(?=(?:but|however|although|though|whereas|while|except|otherwise|afterwards|unless|provided)\b)"
    r"|\s+(?=(?:since|because|once|when|if|as soon as|while)\b)|,\s+(?=(?:[^\W\d_][\w'-]*\s){2}[\w'-])"
    r"|,\s+(?=(?:and|or|so|then|below|above|for|with|which|plus|because|since|if|when|once|after|from|apart|including"
    r"|larger|later|late|to the)\b)",
    re.IGNORECASE,
)
_LEADS = re.compile(
    r"(?:if|when|once|unless|for|in|on|with|after|as|at|from|during|until|below|above|over|under|while|before)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
_OVER = re.compile(r"\bover\b(?=\s(?:by|at|on|in|after|before|when)\b|\W*$)")
_PARTICLE = re.compile(r"\b([^\W\d_]+)[ -](out|off|back|down)\b")
STOP = frozenset(
    words(
        """a an the this that these those it its is are was were be been being am do does did done doing have has
        had having i you he she we they me him us them my your our their his her one ones who whom which what
        when where why how and or but if then than so as at by for from in into of off on onto out over to up
        with within without about after before between during per each every any some all both only just also
        too very more most less least much many few can could may might must shall should will would let lets
        get gets got please sure yes no not there here now currently today still already always usually
        typically generally normally about around approximately roughly maximum minimum max min total exactly
        precisely upto long old often soon until till since ago able it's i'm you're we're they're don't doesn't
        isn't aren't can't cannot won't wouldn't shouldn't didn't wasn't weren't that's there's you'll we'll
        it'll you've we've i've i'd you'd need needs needed require requires required go goes going come comes
        say says same make makes made take takes taken took give gives given us use used using such like other
        another high large heavy hot big small give know tell ask say find happen thank thanks hi hello dear
        great question happy above below newer older fewer itself yourself myself themselves unfortunately sorry"""
    )
)
_SAME = {
    word: group[0]
    for group in (
        words("refund refunds refunded money reimbursement reimburse reimbursed"),
        words("return returns returned returning send-back sent-back give-back"),
        words("cancel cancels cancelled canceled cancelling canceling cancellation cancellations terminate"),
        words("ship ships shipped shipping shipment deliver delivers delivered delivery deliveries"),
        words("cost costs price prices priced charge charges charged fee fees pay pays paid payment payments"),
        words("allow allows allowed permit permitted permits"),
        words("start starts started begin begins began beginning"),
        words("trial trials try tries"),
        words("parcel parcels package packages"),
        words("include includes included including inclusive part"),
        words("file files upload uploads uploaded"),
        words("company firm business"),
        words("save saves saved discount discounts"),
        words("membership memberships subscription subscriptions plan plans"),
        words("email emails e-mail mail mails write"),
        words("phone call calls dial telephone"),
    )
    for word in group
}


@dataclass(frozen=True)
class Clause:
    """A stretch of text that says one thing."""

    text: str
    """As written, without markup."""
    number: int
    """From 0, in the order of the text."""
    is_first: bool
    """Whether it belongs to the first sentence."""

    @cached_property
    def words(self) -> tuple[str, ...]:
        """All words, in lower case."""
        return tuple(_WORD.findall(self.text.lower()))

    @cached_property
    def content(self) -> frozenset[str]:
        """Stems of the words that say what it is about."""
        return content_of(self.text)


def cleaned(text: str, limit: int) -> str:
    """The text without markup, in one form of Unicode, cut to `limit` characters."""
    text = unicodedata.normalize("NFKC", text[:limit]).replace("\u2019", "'").replace("\u2018", "'")
    text = text.replace("\u2192", ">").replace("\u203a", ">").replace("\u2011", "-")
    return _SPACE.sub(" ", _MARKUP.sub("", _LINK.sub(r"\1", text))).strip()


def clauses_of(text: str) -> tuple[Clause, ...]:
    """Cut a cleaned text into clauses.

    >>> [clause.text for clause in clauses_of("We open at 9 a.m. daily. Parking is free, but only for guests.")]
    ['We open at 9 a.m. daily.', 'Parking is free', 'but only for guests.']
    """
    masked = _ABBREVIATED.sub(lambda found: found[0].replace(".", "\x00"), text)
    made: list[Clause] = []
    start, first = 0, True
    ends = [(found.start(), found.end()) for found in _END.finditer(masked)] + [(len(masked), len(masked))]
    for end, after in ends:
        piece = text[start:end].strip()
        if piece and text[end : end + 1] == "," and _LEADS.match(piece):
            continue  # `if you are a student, you pay 8`: what it holds for stays with it
        if piece:
            made.append(Clause(piece[:MAX_CLAUSE], len(made), first))
            if len(made) == MAX_CLAUSES:
                break
            if piece[-1:] in ".!?\u3002\uff01\uff1f" or "\n" in masked[end:after]:
                first = first and (is_greeting(piece) or _WORD.search(piece) is None)
        start = after
    return tuple(made)


_GREETING = re.compile(
    r"\W*(?:hi|hello|hey|dear|thanks?|thank you|great|good|sure|of course|certainly|absolutely|no problem|happy to help"
    r"|i'm sorry|sorry)\b[^.!?\d]{0,80}[.!?,:]?\W*",
    re.IGNORECASE,
)


def is_greeting(text: str) -> bool:
    """Whether it only opens the answer: a courtesy says neither yes nor no."""
    return _GREETING.fullmatch(text) is not None


@lru_cache(maxsize=CACHED)
def content_of(text: str) -> frozenset[str]:
    """Stems of the content words, words of one meaning as one.

    >>> sorted(content_of("How long do the refunds take to my cards?"))
    ['card', 'refund']
    """
    said = _OVER.sub("ended", _PARTICLE.sub(r"\1-\2", text.lower()))
    stems = (stem(word) for word in _WORD.findall(said) if word not in STOP and len(word) > 1)
    return frozenset(one for one in stems if one not in _STOP_STEMS)


@lru_cache(maxsize=10 * CACHED)
def stem(word: str) -> str:
    """A word without its ending; English, and crude: both sides go through it.

    >>> stem("devices"), stem("cancelled"), stem("policies"), stem("class")
    ('devic', 'cancel', 'policy', 'class')
    """
    word = word.removesuffix("'s").removesuffix("-in").removesuffix("-up").removesuffix("-based")
    if word in _SAME:
        return _SAME[word]
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith(("ss", "us", "is")):
            cut = word[: -len(ending)]
            if ending == "es" and not cut.endswith(("s", "x", "z", "ch", "sh")):
                cut = word[:-1]
            if ending in ("ing", "ed") and len(cut) > 3 and cut[-1] == cut[-2] and cut[-1] not in "ls":
                cut = cut[:-1]
            return cut.removesuffix("e") if len(cut) > 3 else cut
    return word.removesuffix("e") if len(word) > 3 else word


_STOP_STEMS = frozenset(stem(word) for word in STOP if len(word) > 2)
