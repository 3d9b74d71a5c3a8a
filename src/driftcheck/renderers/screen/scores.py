"""The top of the report: the verdict in one sentence, then score, users and gap side by side."""

from __future__ import annotations

from driftcheck.renderers.cadence_words import cadence_of
from driftcheck.renderers.score_words import Score, drift_of, scores_of, tally_of
from driftcheck.renderers.screen.page import BOLD, INDENT, Cell, Column, Page
from driftcheck.report import Report

GAPS = (4, 2)
"""Blanks between the four columns of scores, on a wide and on a narrow console; below that they stand in a stack."""
_LABEL = 12


def print_verdict(report: Report, page: Page) -> None:
    """Print the verdict's badge and its sentence."""
    page.blank()
    badge = page.badge(report.verdict.value)
    page.prose(report.sentence, label=[badge, ("  ", "")], indent=0, to=len(badge[0]) + 2, style=BOLD)
    page.blank()


def print_tally(report: Report, page: Page) -> None:
    """Print the last line, for those who see the end of a long report first."""
    page.blank()
    page.prose(tally_of(report), label=[page.badge(report.verdict.value), ("  ", "")], indent=0, to=8)


def print_scores(report: Report, page: Page) -> None:
    """Pass rate, satisfaction, gap and restated pass rate in four columns; what could not be measured says why."""
    columns = [_column(score) for score in scores_of(report)]
    row = [cell for _, cell in columns]
    natural = [Column(((header, BOLD),)) for header, _ in columns]
    needed = INDENT + sum(page.widths(natural, [row]))
    gap = next((gap for gap in GAPS if needed + gap * (len(columns) - 1) <= page.width), None)
    if gap is None:
        for header, ((value, style), *below) in columns:
            page.prose(header, style=BOLD)
            page.prose(
                ", ".join(text for text, _ in below).replace(":,", ":"),
                label=[(f"{value}  ", style)],
                indent=INDENT + 2,
            )
    else:
        page.table(natural, [row], gap=gap)
    page.blank()
    _print_drift(report, page)


def _column(score: Score) -> tuple[str, Cell]:
    return score.name, ((score.value, BOLD), *((line, "") for line in score.below))


def _print_drift(report: Report, page: Page) -> None:
    for drift in drift_of(report):
        page.prose(drift.said, label=[(f"{drift.name:<{_LABEL}}", ""), (f"{drift.value} ", BOLD)], to=INDENT + _LABEL)
    if said := cadence_of(report):
        page.prose(said, label=[(f"{'refresh':<{_LABEL}}", "")], to=INDENT + _LABEL)
