"""The table of checks: on the terminal for `driftcheck checks`, in Markdown for the README."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from rich.console import Console

from driftcheck.numbers import threshold
from driftcheck.renderers.screen.page import BOLD, Column, Page


class CheckRow(Protocol):
    """What the table says of a check; any object with these fields will do."""

    @property
    def code(self) -> str:
        """Such as `DC201`."""

    @property
    def name(self) -> str:
        """Such as `slice-coverage`."""

    @property
    def title(self) -> str:
        """What it measures, in one line."""

    @property
    def unit(self) -> str:
        """Unit of the value and the thresholds."""

    @property
    def default_warn(self) -> float | None:
        """Warns from this value on."""

    @property
    def default_fail(self) -> float | None:
        """Fails from this value on."""

    @property
    def gate(self) -> str:
        """What it does by default: `blocks`, `warns`, or blocks under one design alone."""


def render(checks: Sequence[CheckRow], console: Console) -> None:
    """Print the table; at any width each check is one row, its title below where it does not fit beside."""
    page = Page(console)
    columns = [
        Column((("code", BOLD),)),
        Column((("name", BOLD),)),
        Column((("warns at", BOLD),), "right"),
        Column((("fails at", BOLD),), "right"),
        Column((("unit", BOLD),), width=max(page.width // 4, 20)),
        Column((("default", BOLD),)),
    ]
    rows = [
        [
            ((check.code, BOLD),),
            ((check.name, ""),),
            ((page.known(_at(check.default_warn, check)), ""),),
            ((page.known(_at(check.default_fail, check)), ""),),
            ((check.unit, ""),),
            ((check.gate, "" if check.gate == "warns" else BOLD),),
        ]
        for check in checks
    ]
    widths = page.widths(columns, rows)
    room = page.width - 2 - sum(widths) - 2 * len(widths)
    page.blank()
    if room >= 40:
        titled = [[*row, ((check.title, ""),)] for row, check in zip(rows, checks, strict=True)]
        page.table([*columns, Column((("measures", BOLD),), width=room)], titled)
    else:
        page.table(columns, rows, below=[[check.title] for check in checks])
    page.blank()
    page.prose("driftcheck explain CODE prints a check's manual; drift.yaml sets its thresholds.")


def markdown(checks: Sequence[CheckRow]) -> str:
    """Write the table in Markdown, for the README."""
    lines = ["| code | name | measures | warns at | fails at | default |", "| --- | --- | --- | --- | --- | --- |"]
    for check in checks:
        cells = [
            check.code,
            f"`{check.name}`",
            check.title,
            _at(check.default_warn, check) or "–",
            _at(check.default_fail, check) or "–",
            check.gate,
        ]
        lines.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
    return "\n".join(lines) + "\n"


def _at(value: float | None, check: CheckRow) -> str | None:
    return None if value is None else threshold(value, check.unit)
