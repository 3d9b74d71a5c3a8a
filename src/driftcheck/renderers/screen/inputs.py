"""What was read, embedded and left out, and why: so that nobody trusts a number whose source they have not seen."""

from __future__ import annotations

from collections.abc import Sequence

from driftcheck.numbers import count
from driftcheck.records import LoadReport
from driftcheck.renderers.input_words import (
    embedded_of,
    eval_set_of,
    left_out_of,
    production_of,
    ratings_of,
    run_of,
    unjoined_of,
)
from driftcheck.renderers.screen.page import BOLD, INDENT, Page
from driftcheck.report import Report

MAX_FILES = 5
"""Files and runs listed per input, newest last, unless verbose."""
_LABEL = 12


def print_inputs(report: Report, page: Page, *, verbose: bool) -> None:
    """Eval set, runs, production, the sample, the ratings, and every warning of a loader."""
    inputs, production = report.inputs, report.inputs.production
    page.heading("What was read")
    _item(page, "eval set", eval_set_of(inputs))
    _print_files(page, inputs.eval_set, verbose=verbose)
    shown = inputs.runs if verbose else inputs.runs[-MAX_FILES:]
    if not inputs.runs:
        _item(page, "runs", "none")
    elif len(shown) < len(inputs.runs):
        _item(page, "runs", f"{len(inputs.runs)}, of which the newest {len(shown)} (--verbose shows all):")
    for number, run in enumerate(shown):
        named = number == 0 and len(shown) == len(inputs.runs)
        _item(page, "runs" if named else "", run_of(run, inputs.n_cases))
    _print_files(page, inputs.run_reports, verbose=verbose)
    if inputs.n_unjoined:
        _item(page, "not joined", unjoined_of(inputs))
    _item(page, "production", production_of(production))
    _print_files(page, production.reports, verbose=verbose)
    _item(page, "embedded", embedded_of(report))
    _item(page, "ratings", ratings_of(report))
    for warning in production.warnings:
        _warning(page, warning)
    _item(page, "seed", str(report.seed))


def _item(page: Page, label: str, text: str) -> None:
    page.prose(text, label=[(f"{label:<{_LABEL}}", BOLD)], to=INDENT + _LABEL)


def _warning(page: Page, text: str) -> None:
    page.prose(text, label=[("Warning: ", BOLD)], indent=INDENT + _LABEL)


def _print_files(page: Page, reports: Sequence[LoadReport], *, verbose: bool) -> None:
    """Files that lost records or raised warnings; every file with verbose."""
    eventful = [report for report in reports if verbose or report.skipped or report.n_skipped or report.warnings]
    shown = eventful if verbose else eventful[:MAX_FILES]
    for report in shown:
        several = f"{report.path}: " if len(reports) > 1 else ""
        if report.n_skipped:
            page.prose(f"{several}{left_out_of(report)}:", indent=INDENT + _LABEL)
            for skipped in report.skipped:
                page.prose(f"{skipped.where}: {skipped.why}", indent=INDENT + _LABEL + 2)
            if report.n_skipped > len(report.skipped) > 0:
                page.prose(f"and {count(report.n_skipped - len(report.skipped))} more", indent=INDENT + _LABEL + 2)
        elif verbose and several:
            page.prose(f"{several}{count(report.n_records, 'record')}", indent=INDENT + _LABEL)
        for warning in report.warnings:
            _warning(page, f"{several}{warning}")
    if len(eventful) > len(shown):
        page.prose(
            f"{count(len(eventful) - len(shown), 'more file')} with records left out or warnings (--verbose)",
            indent=INDENT + _LABEL,
        )
