"""Counts of how an answer is dressed."""

from __future__ import annotations

import time

import pytest

from driftcheck.answer_style import style_of
from driftcheck.checks import judge_taste


@pytest.mark.parametrize(
    ("text", "n_bullets", "n_headings"),
    [
        ("- one\n* two\n  + three\n1. four\n2) five\n• six", 6, 0),
        ("-5 degrees and 3.5 stars\n--- \n*emphasis*", 0, 0),
        ("# Title\n### Part\ntext # no\n**Bold line**\n**Bold:** with text\n<h2>Html</h2>", 0, 4),
        ("plain words only", 0, 0),
    ],
)
def test_layout_is_counted_by_line(text: str, n_bullets: int, n_headings: int) -> None:
    style = style_of(text)
    assert (style.n_bullets, style.n_headings) == (n_bullets, n_headings)


@pytest.mark.parametrize(
    ("text", "n"),
    [
        ("Perhaps it might work; I think so, I'm not sure.", 4),
        ("It will arrive in May. It may not.", 1),
        ("Vielleicht könnte es gehen, soweit ich weiß.", 3),
        ("C'est peut-être possible, je crois.", 2),
        ("Quizás llegue mañana; tal vez no.", 2),
        ("It is certain. The mighty likelihood.", 0),
    ],
)
def test_hedges_are_whole_words_of_four_languages(text: str, n: int) -> None:
    assert style_of(text).n_hedges == n
    assert all(language in (judge_taste.__doc__ or "") for language in ("English", "German", "French", "Spanish"))


def test_a_hostile_answer_costs_no_more_than_a_long_one() -> None:
    start = time.perf_counter()
    for text in ("*" * 500_000, " " * 500_000, "**" + "a" * 500_000, "1" * 500_000, "\n\t" * 250_000, "# " * 250_000):
        style_of(text)
    assert time.perf_counter() - start < 5
