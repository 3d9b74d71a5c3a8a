"""Tables and names of cases on the page: what is cut where there is no room."""

from __future__ import annotations

from functools import partial

import pytest
from rich.cells import cell_len
from rich.console import Console
from tests.renderers.screens import printed

from driftcheck.renderers.screen.page import Page
from driftcheck.renderers.screen.tables import print_table
from driftcheck.renderers.table import Table

ARN = "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.some-model-20990101-v1:0"


def draw(table: Table, console: Console) -> None:
    print_table(table, Page(console))


@pytest.mark.parametrize("width", [60, 80, 100, 200])
def test_long_words_push_no_number_off(width: int) -> None:
    rows = (
        ("old", "r7", "2026-03-01", f"{ARN}, p1", "91 %", "88-94"),
        ("new", "r8", "2026-03-08", ARN, "87 %", "83-90"),
    )
    table = Table("The runs", ("", "run", "day", "model, prompt", "passes", "95 %"), rows, "", n_words=4)
    lines = printed(partial(draw, table), width).splitlines()
    assert all(cell_len(line) <= width for line in lines)
    header, old, new = (line for line in lines if line.startswith("  "))
    assert header.split()[-3:] == ["passes", "95", "%"]
    assert old.split()[-3:] == ["91", "%", "88-94"]
    assert new.split()[:3] == ["new", "r8", "2026-03-08"]
    assert ", p1 " in old  # both ends of a name are kept
    assert "v1:0 " in new
    assert "arn:aws" in old


def test_short_columns_of_words_keep_their_width() -> None:
    rows = (("a slice whose name is very long and goes on for ever", "appeared", "12 %", "1.5 (0.5-2.5)"),)
    table = Table("Slices", ("slice", "", "before", "change, points"), rows, "", n_words=2)
    (line,) = (line for line in printed(partial(draw, table), 60).splitlines() if "appeared" in line)
    assert line.startswith("  a slice whose name")
    assert line.endswith("1.5 (0.5-2.5)")


def test_a_case_is_named_whole_or_cut_in_its_middle() -> None:
    def show(console: Console) -> None:
        page = Page(console, {"made-up": "evalsets/a-long-folder/support.yaml:112"})
        for room in (60, 30, 20):
            for case in ("billing-refunds-late-parcel-000123", "made-up", "é" * 40 + "\x1b[31m"):
                named = page.case(case, room)
                assert cell_len(named) <= room
                page.line((named, ""))

    lines = printed(show, 80).splitlines()
    assert lines[0] == "billing-refunds-late-parcel-000123"
    assert lines[3] == "billing-refunds…-parcel-000123"
    assert lines[7].endswith("support.yaml:112")
    assert lines[7].startswith("…")
    assert "\x1b" not in "".join(lines)
