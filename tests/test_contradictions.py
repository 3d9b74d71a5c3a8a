"""What contradicts an expected answer, and what only reads as if it did."""

from __future__ import annotations

import time

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.benchmarks.decayed import HALVES, HERE, N_SEEDS, drawn_pairs, rates

from driftcheck.contradictions import (
    KINDS,
    asks_the_same,
    contradiction,
    contradiction_of_all,
    is_answer,
    say_the_same,
)

HOW_LONG = "How long do I have to return an item?"

CONTRADICTED = [
    ("30 days", "You have 14 days to return it.", HOW_LONG, "number"),
    ("30 days", "The return window used to be 30 days, but now it is 14 days.", HOW_LONG, "number"),
    ("You can return items within two weeks.", "Items can be returned within 30 days.", HOW_LONG, "number"),
    ("3-5 business days", "Delivery takes 7-10 business days.", "How long does delivery take?", "number"),
    ("$20 per month", "Pro is $29 a month.", "How much is Pro?", "number"),
    ("12,50 €", "Admission is 15 €.", "How much is admission?", "number"),
    ("20 %", "You get 15 percent.", "How much is the student discount?", "number"),
    ("25 MB", "The limit is 10MB per file.", "What is the limit for files?", "number"),
    ("Python 3.9 or newer is required.", "Python 3.11 or newer is required.", "Which Python do I need?", "number"),
    ("30 Tage", "14 Tage.", "Wie lange gilt das?", "number"),
    ("31 July", "The tax return is due on September 2.", "When is the tax return due?", "date"),
    ("Support ends on 2027-06-30.", "Support ends in March 2027.", "When does support end?", "date"),
    ("Paper is collected on Tuesday.", "Paper is collected on Thursdays.", "When is paper collected?", "date"),
    ("9 am to 5 pm", "We are open from 10 am to 4 pm.", "When are you open?", "date"),
    ("Yes", "No, we don't ship to Malta.", "Do you ship to Malta?", "yes-no"),
    ("No", "Yes, since May we do.", "Do you ship to Malta?", "yes-no"),
    ("PayPal is accepted.", "PayPal is no longer accepted.", "Can I pay with PayPal?", "negation"),
    ("Two-factor login is optional.", "Two-factor login is mandatory.", "Do I need two-factor login?", "negation"),
    ("Parking is free for guests.", "Parking is not free for guests.", "Is parking free?", "negation"),
    ("There is a waiting period of 30 days.", "There is no waiting period.", "What is the waiting period?", "negation"),
    ("Write to help@a.example.", "Write to care@b.example.", "What is the support address?", "entity"),
    ("0800 555 112", "Call 0800 777 345.", "Which number do I call?", "entity"),
    ("HELLO15", "Use START20 at checkout.", "What is the welcome code?", "entity"),
    ("Settings > Security", "Open Profile > Login.", "Where do I change my password?", "entity"),
    ("We ship with DHL.", "We ship with UPS.", "Which carrier do you ship with?", "entity"),
    ("Ingrid Solberg", "The firm was founded by Peter Amundsen.", "Who founded the firm?", "entity"),
    # what it holds for is named by the expected answer or the question, is the value itself, or is the reason
    ("On Sundays we open at 9:00.", "On Sundays we open at 10:00.", "When do you open?", "date"),
    ("Premium includes 5 users.", "The Premium plan includes 8 users.", "How many users has Premium?", "number"),
    ("Large dogs are allowed.", "Large dogs are not allowed any more.", "Are large dogs allowed?", "negation"),
    ("14 days", "Since last year it takes 20 days.", "How long does it take?", "number"),
    (
        "8 characters",
        "It needs 12 characters because of the new policy.",
        "How many characters does it need?",
        "number",
    ),
]

NOT_CONTRADICTED = [
    ("30 days", "You have one month to return it.", HOW_LONG),
    ("30 days", "You have thirty days; refunds then take 5 days.", HOW_LONG),
    ("30 days", "Returns within 4 weeks are fine.", HOW_LONG),
    ("up to 30 days", "It usually takes 12 days.", "How long does it take?"),
    ("30 days", "You can choose a return in the app.", HOW_LONG),
    ("30 days", "Refunds reach your card 5 business days later.", HOW_LONG),
    ("30 days", "If you are a member, you have 60 days to return it.", HOW_LONG),
    ("You must be 21.", "You have to be at least 21 years old.", "How old must I be?"),
    ("5 days", "It takes 5 working days, in December 8.", "How long does it take?"),
    ("1.500 €", "The limit is 1,500 euros.", "What is the limit?"),
    ("$120 a year", "It is $12 a month.", "How much is it?"),
    ("$20", "It is 18 euros.", "How much is it?"),
    ("1 hour 30 minutes", "It takes an hour and a half.", "How long does it take?"),
    ("24 hours", "Within one day.", "How long does it take?"),
    ("the end of March", "Before 1 April.", "Until when can I apply?"),
    ("9 am to 5 pm", "We open at 9:00 and close at 17:00.", "When are you open?"),
    ("Version 2 is supported until June 2027.", "Version 3 came out in May 2025.", "How long is version 2 supported?"),
    ("We are closed on Sundays.", "From Monday to Saturday we are open.", "Are you open on Sundays?"),
    ("Yes, we ship to Malta.", "No problem, we ship to Malta.", "Do you ship to Malta?"),
    ("Yes", "If you can't find it, look in the spam folder.", "Do you send a mail?"),
    ("No", "We have 12 rooms with a balcony.", "Can I smoke on the balcony?"),
    ("No visa is required.", "You don't need a visa.", "Do I need a visa?"),
    ("PayPal is accepted.", "Visa is not accepted.", "Can I pay with PayPal?"),
    ("We ship to Malta.", "We don't ship furniture.", "Do you ship to Malta?"),
    ("Ingrid Solberg", "It was Solberg who founded it.", "Who founded the firm?"),
    ("Ingrid Solberg", "The firm was founded in Bergen.", "Who founded the firm?"),
    ("help@a.example", "Write to help@a.example, or to billing@a.example.", "What is the support address?"),
    ("Settings > Security > Password", "It is in Settings > Security.", "Where do I change my password?"),
    ("Visa, Mastercard and PayPal", "We take Visa and Apple Pay.", "Which cards do you take?"),
    ("Yes, small dogs are allowed.", "Unfortunately large dogs are not allowed, small ones are.", "Are dogs allowed?"),
    ("Yes, within 24 hours", "It cannot be cancelled any more because 24 hours have passed.", "Can I cancel it?"),
    ("Yes", "You cannot cancel it because it has been shipped.", "Can I cancel it?"),
    ("Shipping costs $5.", "Shipping is free for orders over $50.", "How much is shipping?"),
    ("We open at 9:00.", "On Sundays we open at 10:00.", "When do you open?"),
    ("We open at 9:00.", "In the low season we open at 10:00.", "When do you open?"),
    ("The app is free.", "The app is not free of ads, but it costs nothing.", "Is the app free?"),
    ("31 March 2026", "The deadline for last year was 31 March 2025.", "When is the deadline?"),
    ("The Premium plan includes 5 users.", "The Basic plan includes 2 users.", "How many users are included?"),
    ("The fee is 10 euros.", "Three years ago the fee was 8 euros.", "How much is the fee?"),
    ("You can keep it 4 weeks.", "Teachers can keep it for 8 weeks.", "How long can I keep it?"),
    ("Yes, you can return items.", "Sale items cannot be returned.", "Can I return items?"),
    ("Yes, returns are free.", "Returns are not free outside of the EU.", "Are returns free?"),
    ("Breakfast is included.", "Breakfast is not included in the saver rate.", "Is breakfast included?"),
    ("Paper is collected.", "Your paper was not collected.", "Is paper collected?"),
    ("", "14 days", HOW_LONG),
    ("30 days", "", HOW_LONG),
]

NO_ANSWERS = [
    "is polite",
    "Is concise and names 30 days",
    "The response should mention the 30 days",
    "Should not promise a refund within 30 days",
    "Mentions that returns take 30 days",
    "does not ask for the password",
    "the assistant must refuse",
    "Tell the user that it takes 30 days",
    '{"days": 30}',
    "[30, 60]",
    r"(?i)30\s+days",
    "^30 days$",
    "30 days|one month",
    "{{expected}}",
    "output.includes('30 days') => true",
    "file://answer.txt",
    "",
]


@pytest.mark.parametrize(("expected", "answer", "question", "kind"), CONTRADICTED)
def test_what_contradicts_is_found_with_both_parts(expected: str, answer: str, question: str, kind: str) -> None:
    found = contradiction(expected, answer, question)
    assert found is not None
    assert found.kind == kind
    assert found.expected in expected
    assert found.answer in answer.replace(";", "")
    assert found.expected_value in expected
    assert found.answer_value in answer


@pytest.mark.parametrize(("expected", "answer", "question"), NOT_CONTRADICTED)
def test_what_agrees_says_more_or_says_nothing_does_not_contradict(expected: str, answer: str, question: str) -> None:
    assert contradiction(expected, answer, question) is None


@pytest.mark.parametrize("text", NO_ANSWERS)
def test_rubrics_patterns_and_code_are_contradicted_by_nothing(text: str) -> None:
    assert not is_answer(text)
    for answer in ("No, it takes 14 days.", "Yes!", "It takes 3 years.", "I am afraid not."):
        assert contradiction(text, answer, HOW_LONG) is None


@pytest.mark.parametrize("text", ["30 days", "Yes", "Check-in is from 3 pm.", "Returns are free.", "We use DHL."])
def test_answers_are_told_from_rubrics(text: str) -> None:
    assert is_answer(text)


def test_an_answer_that_keeps_to_one_of_the_accepted_ones_contradicts_none() -> None:
    accepted = ("30 days", "60 days with the club card")
    assert contradiction_of_all(accepted, "You have 60 days to return it.", HOW_LONG) is None
    assert contradiction_of_all(accepted, "You have 14 days to return it.", HOW_LONG) is not None
    assert contradiction_of_all((*accepted, "is polite"), "You have 14 days to return it.", HOW_LONG) is None
    assert contradiction_of_all((), "14 days", HOW_LONG) is None


def test_answers_that_say_the_same_instead_are_told_from_those_that_do_not() -> None:
    def found(answer: str, expected: str = "30 days", question: str = HOW_LONG) -> object:
        return contradiction(expected, answer, question)

    fourteen, weeks, ten = (found(f"You have {text} to return it.") for text in ("14 days", "two weeks", "10 days"))
    assert say_the_same(fourteen, weeks)  # type: ignore[arg-type]
    assert not say_the_same(fourteen, ten)  # type: ignore[arg-type]
    no, not_any_more = (
        found(text, "Yes", "Do you ship to Malta?") for text in ("No.", "We don't ship to Malta any more.")
    )
    assert say_the_same(no, not_any_more)  # type: ignore[arg-type]
    assert not say_the_same(no, fourteen)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Refund for EU orders?", "Refund for US orders?"),
        ("Can I cancel after 30 days?", "Can I cancel after 14 days?"),
        ("Can I log in?", "Why can I not log in?"),
        ("Can I pay with a card?", "Can I pay without a card?"),
        ("Set an alarm for two pm", "Set an alarm for six am"),
        ("When do you open on Monday?", "When do you open on Sunday?"),
        ("Can I bring my dog?", "Can I bring my cat?"),
        ("How much is the refund?", "How long does the refund take?"),
        ("How do I activate my card?", "How do I deactivate my card?"),
    ],
)
def test_questions_that_differ_in_what_matters_are_two(one: str, other: str) -> None:
    assert not asks_the_same(one, other)
    assert not asks_the_same(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (HOW_LONG, "hi, how long do i have to return an item please"),
        ("Can I get a refund for my order in the EU?", "can i get a refund in the eu for my order"),
        ("Can I cancel within 14 days?", "Can I cancel within fourteen days?"),
        ("How much does a transfer cost?", "How much is the fee for a transfer?"),
    ],
)
def test_questions_in_other_words_are_one(one: str, other: str) -> None:
    assert asks_the_same(one, other)
    assert asks_the_same(other, one)


def test_few_near_misses_are_taken_for_one_question() -> None:
    near = yaml.safe_load((HERE / "decayed_questions.yaml").read_text(encoding="utf-8"))
    assert sum(asks_the_same(*pair) for pair in near) <= 0.2 * len(near)


@pytest.mark.parametrize("half", HALVES)
def test_precision_and_recall_on_planted_answers(half: str) -> None:
    """The floor is a little below what tests/benchmarks/README.md states."""
    read = rates(drawn_pairs(half))
    assert (read.n, read.n_decayed) == (500 * N_SEEDS, 50 * N_SEEDS)
    assert read.precision >= 0.9, read.false
    assert read.recall >= 0.6
    assert set(read.by_kind) <= {*KINDS, "other"}


_PIECES = "30 14 days one month $5 20 % not no yes is free 3 pm Monday March 2026 A > B x@y.zz , . ? if v2 until"
_TEXTS = st.one_of(
    st.text(max_size=120),
    st.lists(
        st.sampled_from(_PIECES.split()),
        max_size=30,
    ).map(" ".join),
)


@settings(max_examples=200, deadline=None)
@given(_TEXTS, _TEXTS, _TEXTS)
def test_any_texts_are_read(expected: str, answer: str, question: str) -> None:
    found = contradiction(expected, answer, question)
    assert found is None or found.kind in KINDS
    assert asks_the_same(question, answer) == asks_the_same(answer, question)
    assert asks_the_same(question, question)


@settings(max_examples=200, deadline=None)
@given(_TEXTS, _TEXTS)
def test_nothing_contradicts_itself_nor_what_holds_it(text: str, question: str) -> None:
    assert contradiction(text, text, question) is None


@pytest.mark.parametrize(
    "attack",
    [
        *("1" * 100_000, "1 " * 50_000, "14 days " * 20_000, "1-2-3 to 4 and " * 10_000, "0 1 2 3 " * 20_000),
        *("A > " * 30_000, "Aa of " * 30_000, "may 3 mar 1 " * 10_000, "9:00-10:00 " * 10_000, "n't not " * 20_000),
        *("there is no " * 20_000, "[" * 50_000 + "](", "*" * 100_000, "a@" * 50_000, "(" * 100_000, "\ud800" * 9_000),
    ],
    ids=lambda text: repr(text[:12]),
)
def test_hostile_texts_take_bounded_time(attack: str) -> None:
    start = time.process_time()
    for expected, question in ((attack, attack), ("30 days", HOW_LONG), (attack[:1_000], "Is it free?")):
        contradiction(expected, attack, question)
        asks_the_same(question, attack)
    assert time.process_time() - start < 2
