"""Numbers and dates of an answer held against those expected, where both say it of the same thing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from driftcheck.contradictions.clauses import Clause, content_of, is_greeting, stem, words
from driftcheck.contradictions.dates import Moment, moments_in
from driftcheck.contradictions.quantities import Quantity, quantities_in

Value = Quantity | Moment
MAX_VALUES = 60
"""Values read of a text: one with more is a table, and says what it is about elsewhere."""
_APART = re.compile(
    r"\S{1,200}@\S{1,200}|(?:https?://|www\.)\S{1,500}|(?<![\w.])(?:\+|0)\d[\d ()/-]{5,18}\d|#\w{1,40}"
    r"|\b\d{3,5}-\d{3,5}(?:-\d{2,5})?\b|\b(?!\d+[A-Z]{1,3}\b)(?=\w{0,30}[A-Z])(?=\w{0,30}\d)[A-Z\d]{4,30}\b|\b\d{1,3}(?:\s?[x×]\s?\d{1,4}){1,2}\b"
)
"""What holds digits and is no number: addresses, telephone numbers, codes, sizes by sides."""
_PAST_BEFORE = re.compile(
    r"\b(?:used to|previously|formerly|no longer|instead of|rather than|until recently|before(?: that)? it was"
    r"|in the past"
    r"|(?:raised|changed|reduced|lowered|increased|extended|shortened|cut|went|up|down|moved|dropped|switched) from"
    r"|not any more|replaces|replaced)\b[^.;]{0,40}$",
    re.IGNORECASE,
)
_PAST_AFTER = re.compile(
    r"[^.;,]{0,24}\b(?:any ?more|any longer|in the past|previously|until (?:last|recently|20\d\d)"
    r"|(?:was|were|has been|is) (?:dropped|removed|discontinued|replaced|abolished))\b",
    re.IGNORECASE,
)
_AGE = re.compile(r"\b(?:age|aged|old|older|oldest|young|younger)\b", re.IGNORECASE)
_HOW_MANY = re.compile(r"\bhow many ((?:[^\W\d_]+ ?){1,2})", re.IGNORECASE)
_CONDITION = re.compile(
    r"\b(?:if|unless|only|except|otherwise|for example|e\.g\.|such as|other|another|extra|additional|else|also"
    r"|afterwards|later|instead|(?<!at )once|when|while|as soon as)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
_SAID_OF_ANYTHING = frozenset(
    stem(word)
    for word in words(
        """cost day days week month year hour minute second business working time ticket person people percent euro
        dollar franc chf usd eur gbp morning afternoon evening weekday order customer monthly yearly daily
        weekly date period value amount number policy rule standard regular full good possible start spring
        summer autumn winter new newer later degree celsius age old older younger deadline limit maximum minimum
        period window rate length duration size thank precise unfortunately january february march april june
        july august september october november december monday tuesday wednesday thursday friday saturday sunday
        total last next ago"""
    )
)
"""Stems that tell no two subjects apart: units and what goes with them."""


@dataclass(frozen=True)
class Said:
    """A value and the clause that it stands in."""

    value: Value
    clause: Clause
    about: frozenset[str]
    """Content of the part of the clause between commas, but for values, units and the like."""
    is_past: bool
    """Whether it is said to hold no longer."""
    first: str
    """Stem of the first word before it that says anything: the subject, or the verb after a pronoun; empty without."""


def values_of(clauses: Sequence[Clause], question: str = "") -> list[Said]:
    """Values in the order of the clauses; `question` tells what a number without a unit counts."""
    made = []
    of_age = _AGE.search(question) is not None
    for clause in clauses:
        if clause.text.endswith("?"):
            continue
        text = _APART.sub(lambda found: " " * len(found[0]), clause.text)
        moments = moments_in(text)
        for moment in moments:
            text = text[: moment.start] + " " * (moment.end - moment.start) + text[moment.end :]
        quantities = quantities_in(text)
        for quantity in quantities:
            text = text[: quantity.start] + " " * (quantity.end - quantity.start) + text[quantity.end :]
        values: list[Value] = [*moments, *(_read(one, clause.text, question, of_age=of_age) for one in quantities)]
        for value in values:
            about = content_of(_part(text, value.start)) or content_of(text)
            about -= _SAID_OF_ANYTHING
            if not about and clause.number and not is_greeting(clauses[clause.number - 1].text):
                about = clauses[clause.number - 1].content - _SAID_OF_ANYTHING  # `and that takes 20 minutes`
            before = _part(text, value.start)
            before = before[: max(0, value.start - text.rfind(", ", 0, value.start) - 1)]
            said = (stem(word) for word in _WORD.findall(before.lower()))
            first = next((word for word in said if word in about), "")
            made.append(Said(value, clause, about, _is_past(clause.text, value), first))
        if len(made) >= MAX_VALUES:
            break
    return made[:MAX_VALUES]


def _part(text: str, at: int) -> str:
    """What stands between the commas around a place."""
    end = text.find(", ", at)
    return text[text.rfind(", ", 0, at) + 1 : end if end >= 0 else len(text)]


def _is_past(text: str, value: Value) -> bool:
    return (
        _PAST_BEFORE.search(text[max(0, value.start - 80) : value.start]) is not None
        or _PAST_AFTER.match(text[value.end : value.end + 80]) is not None
    )


def _read(value: Quantity, said: str, question: str, *, of_age: bool) -> Quantity:
    """A bare number is of years where an age is spoken of, of things where it is asked how many."""
    near = said[max(0, value.start - 24) : value.end + 16]
    if value.dimension in ("number", "time") and (of_age or _AGE.search(near)):
        if value.dimension == "time":
            return replace(value, dimension="age")
        return replace(value, dimension="age", readings=tuple((365.25 * a, 365.25 * b) for a, b in value.readings))
    if value.dimension != "number":
        return value
    asked = _HOW_MANY.search(question)
    if asked:
        return replace(value, dimension="count", things=frozenset(stem(word) for word in asked[1].lower().split()))
    return value


def clash_of_values(
    expected: Sequence[Clause], answer: Sequence[Clause], question: str, *, is_polar: bool
) -> tuple[Said, Said] | None:
    """The expected value and the answer's that contradicts it; None where none does for sure."""
    wanted = [one for one in values_of(expected, question) if not one.is_past]
    if not wanted:
        return None
    given = values_of(answer, question)
    in_question = [one.value for one in values_of([Clause(question.rstrip(" ?"), 0, is_first=True)])]
    labels = [value for value in (*(one.value for one in wanted), *in_question) if _is_label(value)]
    known = frozenset().union(*(clause.content for clause in expected)) | content_of(question)
    asked = content_of(question) - _SAID_OF_ANYTHING
    is_strict = is_polar
    # what the question says itself, `version 2`, is no answer to it
    mains = [
        one
        for one in wanted
        if not any(_agree(one.value, value) for value in in_question)
        and (not _is_label(one.value) or len(expected[0].words) <= 2 or _names_label(one.value, question))
    ]
    for main in [one for one in mains if one.clause.number == mains[0].clause.number]:
        if any(_agree(main.value, one.value) for one in given if not one.is_past):
            is_strict = True
            continue
        was = any(_agree(main.value, one.value) for one in given if one.is_past)
        things = main.value.things if isinstance(main.value, Quantity) else frozenset[str]()
        for one in given:
            if one.is_past or not _is_comparable(one.value, main.value) or _is_of_other_label(one, given, labels):
                continue
            if any(_agree(other.value, one.value) for other in wanted):
                continue
            if was or (
                _is_of_same(one, main.about | asked, known, things, is_strict=is_strict)
                and _is_likely(main.value, one.value)
            ):
                return main, one
    return None


def _is_label(value: Value) -> bool:
    return isinstance(value, Quantity) and value.dimension.startswith("label")


def _names_label(value: Value, question: str) -> bool:
    """Whether the question asks for the number that is the label's: `which version`."""
    return isinstance(value, Quantity) and value.dimension.removeprefix("label ") in content_of(question)


def _is_of_other_label(one: Said, given: Sequence[Said], labels: Sequence[Value]) -> bool:
    """Whether its clause speaks of version 3 where version 2 was asked for."""
    beside = [other.value for other in given if other.clause is one.clause and other is not one]
    return any(
        _is_comparable(label, value) and not _agree(label, value)
        for value in beside
        if _is_label(value)
        for label in labels
    )


def holds_value(expected: Sequence[Clause], answer: Sequence[Clause], question: str) -> tuple[bool, bool]:
    """Whether the expected answer has a value, and whether the answer has the same."""
    wanted = [one for one in values_of(expected, question) if not one.is_past]
    given = [one for one in values_of(answer, question) if not one.is_past]
    return bool(wanted), any(_agree(one.value, other.value) for one in wanted for other in given)


def are_equal(one: str, other: str) -> bool:
    """Whether two values, as written, may be the same."""
    mine, theirs = (values_of([Clause(text, 0, is_first=True)]) for text in (one, other))
    return any(_agree(a.value, b.value) for a in mine for b in theirs) or one.casefold() == other.casefold()


def _is_comparable(one: Value, other: Value) -> bool:
    if isinstance(one, Quantity) and isinstance(other, Quantity):
        return one.is_comparable(other)
    return isinstance(one, Moment) and isinstance(other, Moment) and one.is_comparable(other)


_LIKELY = {"time": 10.0, "age": 10.0, "mass": 10.0, "percent": 10.0, "money": 10.0}
"""Times by which a value may have changed: what differs by more is another thing."""


def _is_likely(one: Value, other: Value) -> bool:
    """Whether one may have become the other."""
    if not isinstance(one, Quantity) or not isinstance(other, Quantity):
        return True
    most = _LIKELY.get(one.dimension.partition(" ")[0])
    low, high = sorted((one.readings[0][1], other.readings[0][1]))
    return most is None or low <= 0 or high <= most * low


def _agree(one: Value, other: Value) -> bool:
    if isinstance(one, Quantity) and isinstance(other, Quantity):
        if one.dimension != other.dimension:
            # `21` and `21 years`, `12` and `12 people`: what is no unit may be meant
            bare = "number" in (one.dimension, other.dimension) or "count" in (one.dimension, other.dimension)
            return bare and bool(set(_raw(one)) & set(_raw(other)))
        return one.agrees(other)
    if isinstance(one, Moment) and isinstance(other, Moment):
        return one.agrees(other)
    return False


def _raw(value: Quantity) -> list[str]:
    """Its numbers without the unit."""
    bare = value.dimension in ("number", "count")
    return [f"{low:g}" for low, _ in value.readings] if bare else re.findall(r"\d+(?:\.\d+)?", value.text)


def _is_of_same(
    one: Said, subject: frozenset[str], known: frozenset[str], things: frozenset[str], *, is_strict: bool
) -> bool:
    """Whether the value is said of what was asked: enough words in common, few that are new."""
    shared = len(one.about & subject) + bool(things)
    new = len(one.about - known - subject)
    if _CONDITION.search(one.clause.text[: one.value.start]) or (_CONDITION.search(one.clause.text) and new):
        return False
    if is_strict:
        return (shared >= 2 and new <= 1) or (shared > 0 and new == 0)
    if one.first and one.first not in known:
        return shared >= 2 and new <= 1
    if one.clause.is_first:
        return not one.about or (shared > 0 and (new == 0 or new < min(shared, 3)))
    return shared > 0 and new <= shared - 1
