"""Whether an answer contradicts the expected one: in a number, a date, a negation, yes or no, or a name.

Precision before recall: what cannot be told is no contradiction. An answer that says what is expected anywhere agrees,
whatever else it says; a value contradicts only where it is said of the same thing, and of no part of it alone. Numbers,
dates, addresses and codes are read in any language that writes them alike; negations, yes and no in English. Texts are
cut to a few thousand characters, so that hostile ones cost no time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from driftcheck.contradictions.answers import is_answer
from driftcheck.contradictions.clauses import MAX_ANSWER, MAX_EXPECTED, Clause, clauses_of, cleaned
from driftcheck.contradictions.names import clash_of_names
from driftcheck.contradictions.polarity import clash_of_polarity, denial, is_polar
from driftcheck.contradictions.qualifiers import is_qualified
from driftcheck.contradictions.questions import asks_the_same
from driftcheck.contradictions.values import Said, are_equal, clash_of_values, holds_value

__all__ = [
    "KINDS",
    "Contradiction",
    "asks_the_same",
    "contradiction",
    "contradiction_of_all",
    "is_answer",
    "say_the_same",
]

KINDS = ("yes-no", "negation", "number", "date", "entity")


@dataclass(frozen=True)
class Contradiction:
    """Where an answer says what the expected one does not."""

    kind: str
    """One of KINDS."""
    expected: str
    """The clause of the expected answer."""
    answer: str
    """The clause of the answer that contradicts it."""
    expected_value: str = ""
    """What in it clashes, as written: `30 days`; empty where the whole clause does."""
    answer_value: str = ""


def contradiction(expected: str, answer: str, question: str = "") -> Contradiction | None:
    """How the answer contradicts the expected one; None where it does not, or nobody can tell.

    A rubric ("is polite"), a regular expression, JSON or code is no expected answer: nothing contradicts it. `question`
    is what both answer: it says what an expected answer of two words is about.

    >>> contradiction("30 days", "You have 14 days to send it back.", "How long do I have to send it back?")
    Contradiction(kind='number', expected='30 days', answer='You have 14 days to send it back.', \
expected_value='30 days', answer_value='14 days')
    >>> contradiction("30 days", "You have one month to send it back.", "How long do I have to send it back?")
    """
    expected = cleaned(expected, MAX_EXPECTED)
    if not is_answer(expected):
        return None
    question = cleaned(question, MAX_EXPECTED)
    wanted, given = clauses_of(expected), clauses_of(cleaned(answer, MAX_ANSWER))
    known = f"{expected}\n{question}"

    def is_plain(clause: Clause, value: str = "", *, is_denied: bool = False) -> bool:
        return not is_qualified(clause, given, known, value=value, is_denied=is_denied)

    polarity = clash_of_polarity(wanted, given, question)
    if polarity and is_plain(polarity[1].clause, is_denied=True):
        kind = "yes-no" if polarity[1].is_opening else "negation"
        return Contradiction(kind, polarity[0].clause.text, polarity[1].clause.text)
    values = clash_of_values(wanted, given, question, is_polar=is_polar(question))
    if values and is_plain(values[1].clause, values[1].value.text):
        return _of_values(*values)
    has_value, is_kept = holds_value(wanted, given, question)
    if has_value and not is_kept:
        denied = denial(wanted, given, question)
        if denied and is_plain(denied.clause, is_denied=True):
            return Contradiction("negation", wanted[0].text, denied.clause.text)
    names = clash_of_names(wanted, given, question)
    if names and is_plain(names[1].clause, names[1].text):
        return Contradiction("entity", names[0].clause.text, names[1].clause.text, names[0].text, names[1].text)
    return None


def contradiction_of_all(accepted: Sequence[str], answer: str, question: str = "") -> Contradiction | None:
    """How the answer contradicts each of the accepted answers, as the first has it; None where it keeps to one."""
    found = [contradiction(expected, answer, question) for expected in accepted]
    return found[0] if found and all(found) else None


def say_the_same(one: Contradiction, other: Contradiction) -> bool:
    """Whether two answers that contradict one expected answer say the same instead of it.

    >>> fourteen, two_weeks, ten = (
    ...     contradiction("30 days", f"It takes {text}.", "How long does it take?")
    ...     for text in ("14 days", "two weeks", "10 days")
    ... )
    >>> say_the_same(fourteen, two_weeks), say_the_same(fourteen, ten)
    (True, False)
    """
    polar = ("yes-no", "negation")
    if one.kind in polar or other.kind in polar:
        return one.kind in polar and other.kind in polar
    if one.kind != other.kind:
        return False
    if one.kind == "entity":
        return one.answer_value.casefold() == other.answer_value.casefold()
    return are_equal(one.answer_value, other.answer_value)


def _of_values(wanted: Said, given: Said) -> Contradiction:
    kind = "number" if hasattr(wanted.value, "dimension") else "date"
    return Contradiction(kind, wanted.clause.text, given.clause.text, wanted.value.text, given.value.text)
