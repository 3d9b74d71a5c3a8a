"""The table of checks, and one check's manual."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import pytest
from rich.cells import cell_len
from tests.renderers.screens import printed

from driftcheck.renderers import checks_table, manual


@dataclass(frozen=True)
class Row:
    code: str
    name: str
    title: str
    unit: str
    default_warn: float | None
    default_fail: float | None
    gate: str


ROWS = (
    Row("DC101", "topic-divergence", "Excess KL(P||Q) over topic slices, with its p", "nats", 0.05, 0.2, "blocks"),
    Row(
        "DC201",
        "slice-coverage",
        "Share of traffic in slices the eval set under-covers",
        "share of traffic",
        0.05,
        0.1,
        "blocks",
    ),
    Row("DC501", "set-age", "Weeks since the last refresh", "weeks", 8, 13, "blocks"),
    Row("DC509", "unowned", "Sets, slices | waivers without an owner", "things", None, None, "warns"),
)
DOCSTRING = """18 % of traffic is under-covered.

    What is measured
    ----------------
    The share of traffic in slices that the eval set under-covers, where the scan of all
    slices is significant after adjustment for the whole family.

        value = sum(share_production[s] for s in under_covered)

    Why it matters
        A score says nothing of traffic that nobody tests.

    How to fix it: run `driftcheck refresh`, then
    - accept what is right,
    - retire what is dead, which may take a longer sentence than fits on one line of a narrow terminal.

    **Source**
    Westfall and Young (1993).
    """


@pytest.mark.parametrize("width", [80, 200])
def test_golden_table(width: int, golden: Callable[[str, str], None]) -> None:
    text = printed(partial(checks_table.render, ROWS), width)
    assert all(cell_len(line) <= width for line in text.splitlines())
    golden(f"checks-{width}.txt", text)


def test_markdown() -> None:
    assert checks_table.markdown(ROWS).splitlines()[2:4] == [
        "| DC101 | `topic-divergence` | Excess KL(P\\|\\|Q) over topic slices, with its p | 0.05 | 0.2 | blocks |",
        "| DC201 | `slice-coverage` | Share of traffic in slices the eval set under-covers | 5 % | 10 % | blocks |",
    ]
    assert checks_table.markdown(ROWS).endswith(
        "| DC509 | `unowned` | Sets, slices \\| waivers without an owner | – | – | warns |\n"
    )


@pytest.mark.parametrize("width", [80, 200])
def test_golden_manual(width: int, golden: Callable[[str, str], None]) -> None:
    draw = partial(manual.render, "DC201", "slice-coverage", "Share of traffic that is under-covered", DOCSTRING)
    text = printed(draw, width)
    assert all(cell_len(line) <= width for line in text.splitlines())
    golden(f"manual-{width}.txt", text)


def test_all_headings_are_found() -> None:
    assert [section.heading for section in manual.sections(DOCSTRING)] == ["", *manual.SECTIONS]
