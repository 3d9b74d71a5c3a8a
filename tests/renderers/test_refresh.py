"""What `driftcheck refresh` prints, of a report made up."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pytest
from rich.console import Console
from tests.renderers.gfm import RENDERERS

from driftcheck.investigation import Difference
from driftcheck.proposals import Proposal, Why
from driftcheck.refresh_report import Bill, BillPoint, Change, Diff, LeftOut, RefreshReport, SliceNeed, Step
from driftcheck.renderers import refresh_json, refresh_markdown, refresh_terminal
from driftcheck.report import ModelIdentity
from driftcheck.scores import Estimate
from driftcheck.stats.intervals import Interval

NASTY = "\x1b[2J[bold]a|b\u202e<img src=x>"


def point(n: int, excess: float, state: str) -> BillPoint:
    names = {"blocks": 0, "may block": 1, "warns": 2, "may warn": 3}
    told = [("topic-divergence",) if names.get(state) == place else () for place in range(4)]
    return BillPoint(
        n=n,
        divergence=Interval(excess, excess / 2, excess * 2, n),
        under_covered=excess / 3,
        blocking=told[0],
        may_block=told[1],
        warning=told[2],
        may_warn=told[3],
    )


BILL = Bill(
    checks=("topic-divergence", "slice-coverage"),
    points=(point(0, 0.3, "blocks"), point(8, 0.08, "may block"), point(16, 0.04, "warns"), point(40, 0.01, "passes")),
    unblocks=Step(16, {"s3": 12, "s1": 4}),
    quiets=Step(40, {"s3": 30, "s1": 10}),
    n_ranked=900,
    n_usable=900,
    is_limited=False,
    n_pending=0,
    minutes_per_case=15,
    n_dead=0,
    may_retire=False,
    unblocks_retired=None,
    quiets_retired=None,
)
REPORT = RefreshReport(
    proposals=(
        Proposal("prod-1", f"where is it {NASTY}", "t`1", "s3", f"refunds {NASTY}", Why.UNCOVERED, "en", "a", 0.5),
        Proposal("prod-2", "and mine", "t2", "s1", "s1", Why.PROPORTIONAL, None, None, None),
    ),
    path="cases.proposals.yaml",
    is_written=True,
    n_wanted=2,
    needs=(
        SliceNeed("s3", f"refunds {NASTY}", "uncovered", 1, 3, 0.01, 0.1, 0.9, Estimate(0.4, 0.3, 0.5, 40), 0.054, 1),
        SliceNeed("s1", "s1", "covered", 90, 0, 0.5, 0.4, 0.0, None, 0.0, 1),
    ),
    diff=Diff(
        "the refresh of 2026-06-01",
        True,
        500,
        600,
        (
            Change("error", NASTY, 0, 60, 0.0, 0.1, Difference(0.1, 0.08, 0.13), 0.0001),
            Change("language", "en", 500, 590, 1.0, 0.98, Difference(-0.02, -0.03, 0.0), 0.4),
        ),
    ),
    bill=BILL,
    left_out=LeftOut(7, 2, 1),
    n_cases=120,
    n_sessions=4_000,
    n_sampled=600,
    since=1_780_000_000.0,
    until=1_782_000_000.0,
    not_measured={"models": "none told"},
    warnings=("3 traces carry no input text",),
    reports=(),
    model=ModelIdentity("m", None, None, "float32"),
    seed=0,
)


def markdown(report: RefreshReport) -> str:
    out = io.StringIO()
    refresh_markdown.render(report, out)
    return out.getvalue()


def screen(report: RefreshReport, width: int = 80) -> str:
    out = io.StringIO()
    refresh_terminal.render(report, Console(file=out, width=width, no_color=True, markup=False, highlight=False))
    return out.getvalue()


def test_the_terminal_says_it_all_at_any_width() -> None:
    for width in (60, 80, 200):
        text = screen(REPORT, width)
        assert all(len(line) <= width for line in text.splitlines())
        assert "\x1b" not in text
        assert "\u202e" not in text
    said = " ".join(screen(REPORT, 200).split())
    assert (
        "2 cases are proposed from 600 sampled sessions: 1 from uncovered slices, 1 in proportion to traffic." in said
    )
    assert "16 cases (4 h) until neither topic-divergence nor slice-coverage blocks; 40 cases (10 h) until" in said
    assert "7 near a case, 2 proposed before, 1 without words" in said
    assert "Fill in `expected` and `reviewer` in cases.proposals.yaml, then: driftcheck accept" in said


def test_markdown_shows_files_words_literally_and_no_texts() -> None:
    text = markdown(REPORT)
    assert "\x1b" not in text
    assert all("<img" not in to_html(text) for to_html in RENDERERS)
    assert "where is it" not in text
    assert "and mine" not in text
    assert "### What moved since the refresh of 2026-06-01" in text
    assert "| **warns** | **██** | **16** |" in text
    assert "None of 2 values" not in text


def test_json_keeps_the_curve_and_every_comparison_but_no_text() -> None:
    out = io.StringIO()
    refresh_json.render(REPORT, out)
    found = json.loads(out.getvalue())
    assert [row["n_cases"] for row in found["bill"]["curve"]] == [0, 8, 16, 40]
    assert found["bill"]["unblocks"] == {"n_cases": 16, "hours": 4.0, "by_slice": {"s3": 12, "s1": 4}}
    assert [change["moved"] for change in found["diff"]["changes"]] == [True, False]
    assert found["proposals"][0]["reason"] == "uncovered slice"
    assert "where is it" not in out.getvalue()


def test_hours_are_told_only_where_somebody_said_what_a_case_takes() -> None:
    assert "hours" in markdown(REPORT)
    assert "hours" not in markdown(replace(REPORT, bill=replace(BILL, minutes_per_case=None)))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"unblocks": Step(0, {}), "quiets": Step(0, {})}, "No case is needed: neither topic-divergence nor"),
        (
            {"unblocks": BILL.quiets},
            "40 cases (10 h) until neither topic-divergence nor slice-coverage blocks or warns.",
        ),
        ({"quiets": None}, "slice-coverage blocks; all 900 usable traces of this window would leave a warning."),
        (
            {"unblocks": Step(0, {}), "quiets": Step(9, {})},
            "No case is needed: neither topic-divergence nor slice-coverage blocks; 9",
        ),
        ({"checks": ("slice-coverage",)}, "16 cases (4 h) until slice-coverage no longer blocks;"),
        (
            {"unblocks": None, "quiets": None, "points": BILL.points[:1]},
            "Labelling all 900 usable traces of this window would not do: topic-divergence would block still",
        ),
        (
            {"unblocks": None, "quiets": None, "points": BILL.points[:1], "n_dead": 30, "unblocks_retired": 12},
            "With the 30 cases of dead slices retired: 12 until none blocks.",
        ),
        (
            {"unblocks": None, "quiets": None, "points": BILL.points[:2], "n_dead": 30, "may_retire": True},
            "30 cases of dead slices weigh on it as well: see driftcheck retire --dead.",
        ),
        (
            {"unblocks": None, "quiets": None, "points": BILL.points[:1], "n_ranked": 128, "n_usable": 3000},
            "Labelling the first 128 of the 3,000 usable traces of this window would not do: topic-divergence would",
        ),
        (
            {"unblocks": None, "quiets": None, "points": BILL.points[:1], "is_limited": True},
            "Labelling all 900 usable traces of the slices asked for would not do",
        ),
        (
            {"unblocks": None, "quiets": None, "points": BILL.points[:1], "n_ranked": 0, "n_usable": 0},
            "There is no usable trace of this window to label: topic-divergence would block still",
        ),
        (
            {"unblocks": Step(0, {}), "quiets": None, "n_ranked": 0, "n_usable": 0},
            "slice-coverage blocks; there is no usable trace of this window to label.",
        ),
        (
            {"quiets": None, "n_usable": 2000},
            "blocks; the first 900 of the 2,000 usable traces of this window would leave a warning.",
        ),
        (
            {"unblocks": Step(0, {}), "quiets": Step(0, {}), "n_pending": 100},
            "No more than the 100 open proposals is needed, once accepted: neither topic-divergence nor",
        ),
        (
            {"unblocks": Step(0, {}), "n_pending": 1},
            "No more than the 1 open proposal is needed, once accepted: neither topic-divergence nor slice-coverage "
            "blocks; 40 cases (10 h) until none warns.",
        ),
        ({"n_pending": 7}, "16 cases (4 h) beside the 7 open proposals until neither topic-divergence nor"),
        (
            {"checks": ("slice-coverage",), "unblocks": Step(0, {}), "quiets": Step(0, {})},
            "No case is needed: slice-coverage neither warns nor blocks.",
        ),
        (
            {"checks": ("slice-coverage",), "unblocks": Step(0, {})},
            "No case is needed: slice-coverage does not block; 40 cases (10 h) until it does not warn.",
        ),
        (
            {"block_beside": ("novel-traffic",)},
            "until none warns. novel-traffic would block even so, and is not priced.",
        ),
    ],
)
def test_the_bill_in_words(changes: dict[str, object], said: str) -> None:
    assert said in replace(BILL, **changes).sentence  # type: ignore[arg-type]


def test_dead_cases_that_are_nearly_the_set_are_not_to_be_retired() -> None:
    bill = replace(BILL, unblocks=None, quiets=None, points=BILL.points[:2], n_dead=110)
    assert "retire" not in bill.sentence
    assert bill.sentence.endswith(").")


def test_the_note_on_slices_stands_where_the_comparison_found_them() -> None:
    found = "slices found by this comparison"
    assert found not in markdown(REPORT)
    assert found in markdown(replace(REPORT, diff=replace(REPORT.diff, against="the eval set", is_refresh=False)))


def test_the_next_step_is_the_command_that_finds_the_file() -> None:
    assert replace(REPORT, accept="driftcheck accept x/y.proposals.jsonl").next_step.endswith(
        "in cases.proposals.yaml, then: driftcheck accept x/y.proposals.jsonl"
    )


def test_nothing_to_propose_is_said_and_leads_nowhere() -> None:
    empty = replace(REPORT, proposals=(), is_written=False, path="", needs=(), bill=None)
    assert "Production offers no case" in screen(empty)
    assert "What to do next" not in screen(empty)
    assert "<details>" not in markdown(empty)
    dry = replace(REPORT, is_written=False)
    assert dry.sentence.startswith("2 cases would be proposed")
    assert dry.next_step == ""
