"""Hostile text made plain, measured and folded."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from driftcheck.renderers.plain import cells, fold, show

ANY_TEXT = st.text(st.characters(), max_size=80)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("[bold]x[/]", "[bold]x[/]"),
        ("\x1b]8;;http://x\x07", r"\x1b]8;;http://x\x07"),
        ("nul\x00", r"nul\x00"),
        ("\x9b31m", r"\x9b31m"),
        ("a\u202eb", r"a\u202eb"),
        ("zero\u200bwidth", r"zero\u200bwidth"),
        ("\ufeffbom", r"\ufeffbom"),
        ("tag\U000e0041", r"tag\U000e0041"),
        ("\ud800", r"\ud800"),
        ("a\t b\r\n\r\nc\u2028d\xa0e", "a b c d e"),
        ("  edges  ", "edges"),
        ("über 漢字 😀", "über 漢字 😀"),
        ("e" + "\u0301" * 5, "e\u0301\u0301\u0301" + r"\u0301\u0301"),
        ("❤\ufe0f", "❤"),
        ("", ""),
    ],
)
def test_shows_what_is_there(text: str, shown: str) -> None:
    assert show(text) == shown


@given(ANY_TEXT, st.integers(1, 40))
def test_fits_its_limit(text: str, limit: int) -> None:
    """Whatever the text, it is one line of visible characters that fits."""
    shown = show(text, limit)
    assert cells(shown) <= limit
    assert cell_len(shown) <= cells(shown)
    assert not {unicodedata.category(character) for character in shown} & {"Cc", "Cf", "Cs", "Zl", "Zp"}


@given(ANY_TEXT, st.sampled_from(["ascii", "latin-1", "cp1252", "cp932", "utf-8", "no-such-encoding"]))
def test_fits_its_encoding(text: str, encoding: str) -> None:
    show(text, encoding=encoding).encode("ascii" if encoding.startswith("no") else encoding)


@given(ANY_TEXT.map(show), st.integers(2, 40), st.integers(0, 40))
def test_folding_loses_nothing(text: str, width: int, first: int) -> None:
    """Every line fits, and the words are all there."""
    lines = fold(text, width, first=first)
    for number, line in enumerate(lines):
        assert cells(line) <= (first if number == 0 else width)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_a_long_text_is_not_read_to_its_end() -> None:
    assert show("x" * 50_000_000, 10) == "xxxxxxxxx…"


def test_only_what_is_cut_says_so() -> None:
    assert show("12345", 5) == "12345"
    assert show("12345 ", 5) == "12345"
    assert show("123456", 5) == "1234…"
    assert show("123456", 5, encoding="ascii") == "12..."
