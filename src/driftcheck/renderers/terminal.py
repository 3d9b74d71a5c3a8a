"""The report on the terminal: the verdict first, then why, then what to do.

Order: the sentence for someone who reads nothing else; score, users and gap side by side; what fails or warns, with
the slices behind it; what passed, in a line each; what could not be measured and why; the slices; what was read; what
to run next. It reads the same at 80 columns and at 200, on light and dark, without colour and in a file.
"""

from __future__ import annotations

from rich.console import Console

from driftcheck.renderers.screen.findings import print_findings
from driftcheck.renderers.screen.inputs import print_inputs
from driftcheck.renderers.screen.page import BOLD, Page
from driftcheck.renderers.screen.scores import print_scores, print_tally, print_verdict
from driftcheck.renderers.screen.slices import print_slices
from driftcheck.report import Report


def render(report: Report, console: Console, *, texts: bool, verbose: bool) -> None:
    """Print the report: `texts` shows the most central trace of each slice, `verbose` every check and row in full."""
    page = Page(console, places=report.inputs.places)
    print_verdict(report, page)
    print_scores(report, page)
    print_findings(report, page, texts=texts, verbose=verbose)
    print_slices(report, page, texts=texts, verbose=verbose)
    print_inputs(report, page, verbose=verbose)
    if report.next_steps:
        page.heading("What to do next")
        for step in report.next_steps:
            page.prose(step, style=BOLD if step.startswith("driftcheck ") else "", to=4)
    print_tally(report, page)
