"""The report on the terminal: as the golden files show it, at any width, whatever the texts try."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
from rich.cells import cell_len
from tests.renderers import example_report
from tests.renderers.screens import printed

from driftcheck.renderers import terminal
from driftcheck.report import Report

REPORTS = (example_report.failing, example_report.passing, example_report.blind, example_report.hostile)
ANSI = re.compile(r"\x1b\[[0-9;]*m")


def screen(
    report: Report,
    width: int,
    *,
    texts: bool = True,
    verbose: bool = False,
    color: bool = False,
    encoding: str = "utf-8",
) -> str:
    draw = partial(terminal.render, report, texts=texts, verbose=verbose)
    return printed(draw, width, color=color, encoding=encoding)


@pytest.mark.parametrize("width", [80, 200])
@pytest.mark.parametrize("make", REPORTS, ids=lambda make: make.__name__)
def test_golden(make: Callable[[], Report], width: int, golden: Callable[[str, str], None]) -> None:
    """Each report reads on the screen as the golden file does."""
    golden(f"{make.__name__}-{width}.txt", screen(make(), width))


def test_golden_verbose(golden: Callable[[str, str], None]) -> None:
    """Verbose, without texts."""
    golden("failing-verbose-120.txt", screen(example_report.failing(), 120, texts=False, verbose=True))


def test_golden_ascii(golden: Callable[[str, str], None]) -> None:
    """An encoding without box characters gets none."""
    text = screen(example_report.failing(), 80, encoding="ascii")
    assert text.isascii()
    golden("failing-ascii-80.txt", text)


@pytest.mark.parametrize(
    ("width", "encoding"),
    [
        *((width, "utf-8") for width in (40, 60, 80, 100, 110, 120, 139, 140, 200, 320)),
        (80, "ascii"),
        (80, "latin-1"),
        (80, "cp932"),
    ],
)
@pytest.mark.parametrize("make", REPORTS, ids=lambda make: make.__name__)
@pytest.mark.parametrize("verbose", [False, True])
def test_no_line_is_wider_than_the_console(
    make: Callable[[], Report], width: int, verbose: bool, encoding: str
) -> None:
    """Nothing wraps, nothing ends in blanks, in any encoding."""
    for line in screen(make(), width, verbose=verbose, encoding=encoding).splitlines():
        assert cell_len(line) <= width, line
        assert line == line.rstrip()


@pytest.mark.parametrize("verbose", [False, True])
def test_hostile_texts_stay_texts(verbose: bool) -> None:
    """Markup is printed as written; no control, bidi or zero-width character reaches the terminal."""
    text = screen(example_report.hostile(), 200, verbose=verbose)
    assert "[red]not red[/red]" in text
    assert r"\x1b[2J" in text
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]", text)


def test_hostile_texts_add_no_styles() -> None:
    """In colour the only escape sequences are our own styles, and none is a link."""
    text = screen(example_report.hostile(), 200, color=True)
    assert "\x1b" not in ANSI.sub("", text)


def test_colour_only_repeats() -> None:
    """Without its colours the screen says the same."""
    report = example_report.failing()
    plain = ANSI.sub("", screen(report, 100, color=True))
    assert [line.rstrip() for line in plain.splitlines()] == screen(report, 100).splitlines()


def test_nothing_is_dim_or_yellow_on_white() -> None:
    """Dim and yellow letters cannot be read on a light background."""
    codes = {
        code
        for match in ANSI.findall(screen(example_report.failing(), 100, color=True))
        for code in match[2:-1].split(";")
    }
    assert "2" not in codes
    assert "33" not in codes


def test_texts_are_left_out_on_demand() -> None:
    """Without `texts` no trace is quoted, at any width."""
    for width in (80, 200):
        assert "My refund was promised" in screen(example_report.failing(), width)
        assert "My refund was promised" not in screen(example_report.failing(), width, texts=False)


def test_verdict_comes_first_and_last() -> None:
    """The first and the last line that are not empty carry the verdict."""
    for make in REPORTS[:3]:
        lines = [line for line in screen(make(), 80).splitlines() if line]
        assert lines[0].split()[0] == lines[-1].split()[0] == make().verdict.value.upper()


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_headline_numbers_are_never_cut(width: int) -> None:
    """Side by side or in a stack, score, users, gap and what the users' share is of are there in full."""
    top = screen(example_report.failing(), width).split("Findings")[0]
    assert "…" not in top
    assert all(text in " ".join(top.split()) for text in ("81 % satisfied", "3,204 ratings", "14 points", "untested:"))


@pytest.mark.parametrize("width", [60, 80, 120])
def test_rows_of_slices_begin_with_the_id(width: int) -> None:
    """The id is what commands and other findings name a slice by."""
    assert "s03 refund delays" in screen(example_report.failing(), width).split("DC201")[1].split("Fix:")[0]


def test_cases_without_an_id_are_named_by_their_place() -> None:
    """A hash made up for a case cannot be found in the file: the screen shows where the case stands."""
    report = example_report.failing()
    places = {"refund-001": "support.yaml:112", "refund-002": "a/very/long/folder/of/eval/sets/support.yaml:1120"}
    text = screen(replace(report, inputs=replace(report.inputs, places=places)), 200)
    assert "cases support.yaml:112, " in text
    assert "…" in text
    assert "support.yaml:1120" in text
    assert "refund-001" not in text


def test_the_window_is_not_taken_for_the_data() -> None:
    """The days shown are those of the traces; the window is told where it is more than a day wider."""
    report = example_report.failing()
    text = " ".join(screen(report, 120).split())
    assert "2026-05-15 to 2026-05-31 (window from 2026-05-04)" in text
    near = replace(report.inputs.production, first_time=example_report.JUNE - 27.5 * 86_400)
    assert "(window" not in screen(replace(report, inputs=replace(report.inputs, production=near)), 120)


def test_topics_are_told_in_words() -> None:
    """No drift is said to be none; nats only where the topics moved."""
    moved, still = (screen(make(), 120).split("Findings")[0] for make in REPORTS[:2])
    assert "moved: excess KL(P||Q) 0.23 nats" in moved
    assert "no drift beyond chance (p 0." in still


def test_many_slices_are_cut_to_those_that_matter() -> None:
    """Slices that need work are shown wherever they stand; the rest is counted."""
    row = example_report.SLICES[0]
    rows = (
        *(replace(row, id=f"c{i:02d}", name=f"covered {i}", share_production=0.02) for i in range(30)),
        replace(row, id="bad", name="needs cases", under_covered=True, coverage="thin", share_production=0.01),
    )
    report = replace(example_report.failing(), slice_rows=rows)
    text = screen(report, 100)
    assert "bad thin" in text
    assert "and 19 smaller slices with 38 % of traffic" in text
    assert "covered 29" in screen(report, 100, verbose=True)


@pytest.mark.parametrize("verbose", [False, True])
def test_every_pass_says_what_it_could_have_noticed(verbose: bool) -> None:
    """Beside each check that passed, on one line of its own at 100 columns, and beside no other."""
    report = example_report.failing()
    lines = [line.strip().lower() for line in screen(report, 100, verbose=verbose).splitlines()]
    said = [finding.measurement.could_have_noticed for finding in example_report.PASSED if finding.measurement]
    assert len(said) == 3
    assert all(said)
    assert [line for line in lines if "could have noticed" in line] == [f"could have noticed: {text}" for text in said]
