"""What masking leaves alone: words of the set's own cases, and declared names; what is told of the others."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console
from tests.renderers.test_refresh import REPORT

from driftcheck.refreshing.sparing_words import SparingMask, own_words
from driftcheck.renderers import refresh_terminal

SAID = "Hi, I am Jane, my Zelda broke."


def test_words_that_three_cases_write_small_are_no_names() -> None:
    """Names are written with a capital, by three of 300 users too."""
    cases = ["zelda down", "why zelda slow", "reset my zelda", "Jane wants a refund", "tell Jane", "I am Jane", "jane?"]
    words = own_words(cases)
    assert words == {"zelda"}
    bare = SparingMask(())
    assert "Zelda" not in bare(SAID)
    sparing = SparingMask(words)
    assert sparing(SAID) == "Hi, I am [PERSON], my Zelda broke."
    assert SparingMask(["Zelda"])(SAID) == sparing(SAID)


def test_a_name_masked_in_several_texts_is_told_once_for_each_text() -> None:
    mask = SparingMask(())
    for text in ("I am Jane", "my name is Jane, hello", "I am Jane"):
        mask(text)
    assert mask.most_masked is None
    mask("this is Jane Smith")
    mask("Ask for Jane please, she is my agent")
    assert mask.most_masked == ("Jane", 3)


@pytest.mark.parametrize("is_terminal", [True, False])
def test_only_a_person_at_a_terminal_sees_the_name(is_terminal: bool) -> None:
    out = io.StringIO()
    console = Console(file=out, force_terminal=is_terminal, width=100, color_system=None)
    refresh_terminal.render(replace(REPORT, most_masked=("Zel\x1b[2Jda", 4)), console)
    said = " ".join(out.getvalue().split())
    assert "is masked in 4 texts; names of no person: `not_personal:` in drift.yaml" in said
    assert ("Zel" in said) is is_terminal
    assert "\x1b[2J" not in said
