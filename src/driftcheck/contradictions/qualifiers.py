"""What an answer's clause holds for: a day, an amount, a kind, a time gone by that the expected answer does not name.

"Shipping costs $5" and "shipping is free for orders over $50" are both so; assistants say such things again and again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from driftcheck.contradictions.clauses import Clause, content_of, stem, words

_DAY = (
    r"(?:mondays?|tuesdays?|wednesdays?|thursdays?|fridays?|saturdays?|sundays?|weekends?|(?:public |bank |national )?"
    r"holidays?|christmas|new year's (?:eve|day))"
)
_ON_DAYS = re.compile(
    rf"\b(?:on|at|over) (?:the )?{_DAY}\b(?! ?(?:to|through|until|till|-|\u2013))"
    r"|\b(?:in|during) (?:the )?(?:(?:high|low|peak|off) ?season|spring|summer|autumn|fall|winter"
    r"|(?:school )?holidays|ramadan)\b",
    re.IGNORECASE,
)
_AMOUNT = re.compile(
    r"\b(?:over|above|below|under|beyond|exceeding|from|(?:more|less|fewer|older|younger|larger|smaller) than|at least"
    r"|up to)\s+(?:[$\u20ac\u00a3]|usd|eur|gbp|chf)?\s?\d[\d.,]{0,15}",
    re.IGNORECASE,
)
_GONE_BY = re.compile(
    r"(?<!since )(?<!since the )\b(?:last|previous|past) (?:year|month|week|season|spring|summer|autumn|fall|winter"
    r"|time)\b|\b(?:years?|months?|weeks?) ago\b|\b(?:until|before|back in) (?:\w+ )?20\d\d\b"
    r"|\bin 20\d\d\b(?=[^.]{0,40}\bwas\b)",
    re.IGNORECASE,
)
_CHANGED = re.compile(r"\b(?:chang|rais|reduc|lower|increas|extend|shorten|cut|drop|abolish|introduc|stopp|end)\w*\b")
_PAST = re.compile(r"\b(?:was|were|did|had)(?:n't| not)\b", re.IGNORECASE)
_WAS = re.compile(r"\b(?:was|were|did|had)\b", re.IGNORECASE)
_OF_ONE = re.compile(r"\b(?:your|you|today)\b", re.IGNORECASE)
_BECAUSE = re.compile(
    r"\b(?:because|since|as|now that)\b(?! (?:of|from)\b)[^.]{0,60}\b(?:is|are|was|were|has|have|had)\b", re.IGNORECASE
)
_OTHERS = re.compile(r"([A-Z][\w'-]{2,30}s) (?:can|may|get|have|pay|must|need|receive|are)\b")
_HAPPENED = re.compile(
    r"\W*(?:because|since|as|now that)\b(?! of\b)[^.]{0,80}\b(?:already|passed|expired|elapsed|closed|begun|started"
    r"|left|departed|shipped|dispatched|sent|paid|used|over)\b",
    re.IGNORECASE,
)
_UNDER_CONDITION = re.compile(
    r"\W*(?:if|unless|except|provided|as long as|as soon as|once|when|until|while|only)\b", re.IGNORECASE
)
_KINDS = frozenset(
    words(
        """small large big tiny huge heavy light medium adult adults child children kid kids baby babies infant
        infants student students senior seniors pensioner pensioners teenager teenagers member members guest
        guests resident residents business private corporate domestic international abroad overseas national
        express premium basic pro plus standard starter enterprise gold silver platinum economy first-class
        second-class prepaid digital physical online in-store used opened unopened damaged faulty personalised
        personalized customised custom-made second-hand refurbished monthly yearly annual weekly"""
    )
)
_OF_OFFERS = re.compile(
    r"\b([^\W\d_][\w'-]{1,30}) (?:plan|fare|rate|tariff|tier|package|account|membership|subscription|class|edition"
    r"|bundle)s?\b",
    re.IGNORECASE,
)
_PREPOSITION = (
    r"(?:during|outside(?: of)?|inside|within|in|at|for|to|of|on|with|after|before|beyond|under|between|except|into)"
)
_PHRASE = re.compile(
    rf"\b{_PREPOSITION}\s((?:(?:the|a|an|our|your|all|some|any|other|this|that|these|those)\s)?[^\s,.;:!?]{{2,30}}"
    r"(?:\s(?!(?:is|are|was|were|can|cannot|may|must|will|you|we|it|they|and|or|but)\b)[^\s,.;:!?]{2,30})?)",
    re.IGNORECASE,
)
_LEADING = re.compile(rf"\W*(?:(?:but|and|however|yes|no|unfortunately|sorry)\W+)?{_PREPOSITION}\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
_VERB = re.compile(
    r"\b(?:is|are|was|were|can|cannot|can't|may|must|will|won't|isn't|aren't|do|does|don't|doesn't)\b", re.IGNORECASE
)
_ANYTHING = frozenset(
    stem(word)
    for word in words(
        """moment time present future past today year years month months week weeks day days hour hours minute
        minutes reason reasons security safety policy policies rule rules change changes update law fact general
        addition case cases total meantime average short kind regards everybody everyone anybody anyone customer
        customers user users person people us you me everything anything number amount advance detail details
        january february march april june july august september october november december support help team
        question questions standard longer free offer way page website app store shop site"""
    )
)
"""Stems that restrict nothing."""
_NO_KIND = frozenset(
    words(
        """the a an our your my his her their this that every each any all some no new current paid whole other same
        which what and or of in to for with free old regular normal usual"""
    )
)


def is_qualified(clause: Clause, clauses: Sequence[Clause], known: str, *, value: str, is_denied: bool) -> bool:
    """Whether the clause holds only under what neither the expected answer nor the question names.

    Args:
        clause: of the answer, which is said to contradict.
        clauses: all of the answer's.
        known: the expected answer and the question, as one text.
        value: the number, date or name in the clause that contradicts; empty where the whole clause does.
        is_denied: whether it contradicts by what it denies or affirms.

    """
    text, said = clause.text, known.lower()
    stems = content_of(known)
    names_day = _ON_DAYS.search(known) is not None or re.search(rf"\b{_DAY}\b", said) is not None
    days = _ON_DAYS.search(text)
    if days and not names_day and not _holds(days[0], value):
        return True
    amount = _AMOUNT.search(text)
    if amount and not _AMOUNT.search(known) and not _holds(amount[0], value):
        return True
    if _GONE_BY.search(text) and not _GONE_BY.search(known) and not _CHANGED.search(text):
        return True
    kinds = {word for word in _WORD.findall(text.lower()) if word in _KINDS and not _holds(word, value)}
    if any(stem(word) not in stems and word not in said for word in kinds):
        return True
    for found in _OF_OFFERS.finditer(text):
        name = found[1].lower()
        if name not in _NO_KIND and name not in said and not _holds(name, value):
            return True
    others = _OTHERS.match(text)
    if (
        others
        and not content_of(others[1]) & stems
        and content_of(others[1]) - _ANYTHING
        and not _holds(others[1], value)
    ):
        return True
    if _LEADING.match(text) and _is_new(_PHRASE.search(text), stems, value):
        return True
    return is_denied and _is_restricted(clause, clauses, stems, is_past=_WAS.search(known) is not None)


def _holds(qualifier: str, value: str) -> bool:
    """Whether the qualifier is the value itself."""
    return bool(value) and any(part in qualifier.lower() for part in re.findall(r"\w+", value.lower()) if part)


def _is_new(phrase: re.Match[str] | None, known: frozenset[str], value: str) -> bool:
    """Whether a phrase is of something that nobody has named."""
    if phrase is None or _holds(phrase[1], value):
        return False
    about = content_of(phrase[1]) - _ANYTHING
    return bool(about) and not about & known


def _is_restricted(clause: Clause, clauses: Sequence[Clause], known: frozenset[str], *, is_past: bool) -> bool:
    """Whether what is denied is so of a part only: outside of the EU, of sale items, because it has been shipped."""
    after = next((one for one in clauses if one.number == clause.number + 1), None)
    begun = not clause.text.endswith((".", "!", "?"))
    if after is not None and begun and (_HAPPENED.match(after.text) or _UNDER_CONDITION.match(after.text)):
        return True
    reason = f"{clause.text} {after.text}" if after is not None and begun else clause.text
    if _OF_ONE.search(clause.text) and _BECAUSE.search(reason):
        return True  # what keeps one user from it keeps not all
    if _PAST.search(clause.text) and not is_past:
        return True
    if any(_is_new(phrase, known, "") for phrase in _PHRASE.finditer(clause.text)):
        return True
    verb = _VERB.search(clause.text)
    subject = _WORD.findall(clause.text[: verb.start()].lower()) if verb else []
    return any(
        bool(content_of(one) - _ANYTHING) and not content_of(one) & known and bool(content_of(other) & known)
        for one, other in pairwise(subject)
    )
