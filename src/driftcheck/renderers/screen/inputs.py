"""What was read, embedded and left out, and why: so that nobody trusts a number whose source they have not seen."""

from __future__ import annotations

from collections.abc import Sequence

from driftcheck.numbers import UNKNOWN, count, date, days, percent
from driftcheck.records import LoadReport
from driftcheck.renderers.screen.page import BOLD, INDENT, Page
from driftcheck.report import ProductionInput, Report, RunInput

MAX_FILES = 5
"""Files and runs listed per input, newest last, unless verbose."""
_LABEL = 12
_DAY = 86_400.0


def print_inputs(report: Report, page: Page, *, verbose: bool) -> None:
    """Eval set, runs, production, the sample, the ratings, and every warning of a loader."""
    inputs, production = report.inputs, report.inputs.production
    page.heading("What was read")
    _item(
        page,
        "eval set",
        f"{_paths(inputs.eval_set_path, inputs.eval_set)}{_formats(inputs.eval_set)}: {count(inputs.n_cases, 'case')}",
    )
    _print_files(page, inputs.eval_set, verbose=verbose)
    shown = inputs.runs if verbose else inputs.runs[-MAX_FILES:]
    if not inputs.runs:
        _item(page, "runs", "none")
    elif len(shown) < len(inputs.runs):
        _item(page, "runs", f"{len(inputs.runs)}, of which the newest {len(shown)} (--verbose shows all):")
    for number, run in enumerate(shown):
        _item(page, "runs" if number == 0 and len(shown) == len(inputs.runs) else "", _run(run, inputs.n_cases))
    _print_files(page, inputs.run_reports, verbose=verbose)
    if inputs.n_unjoined:
        name = "names" if inputs.n_unjoined == 1 else "name"
        _item(
            page,
            "not joined",
            f"{count(inputs.n_unjoined, 'result')} {name} no case of the eval set; left out of the score",
        )
    _item(
        page,
        "production",
        f"{_paths(production.path, production.reports)} ({production.format}): {count(production.n_traces, 'trace')} "
        f"in {count(production.n_sessions, 'session')}, {_when(production)}"
        + (f"; {count(production.n_outside_window)} outside the window" if production.n_outside_window else ""),
    )
    _print_files(page, production.reports, verbose=verbose)
    _item(page, "embedded", _embedded(report))
    _item(page, "ratings", _ratings(report))
    for warning in production.warnings:
        _warning(page, warning)
    _item(page, "seed", str(report.seed))


def _item(page: Page, label: str, text: str) -> None:
    page.prose(text, label=[(f"{label:<{_LABEL}}", BOLD)], to=INDENT + _LABEL)


def _warning(page: Page, text: str) -> None:
    page.prose(text, label=[("Warning: ", BOLD)], indent=INDENT + _LABEL)


def _paths(path: str, reports: Sequence[LoadReport]) -> str:
    """The path as it was given, or of many files the first."""
    return path if len(reports) <= 3 else f"{reports[0].path} and {count(len(reports) - 1, 'more file')}"


def _when(production: ProductionInput) -> str:
    """From when to when there are traces; and the window, where it begins or ends more than a day away from them."""
    first, last, since, until = production.first_time, production.last_time, production.since, production.until
    if first is None or last is None:
        return days(since, until)
    begins = f"from {date(since)}" if since is not None and first - since > _DAY else ""
    ends = f"until {date(until)}" if until is not None and until - last > _DAY else ""
    window = " ".join(text for text in (begins, ends) if text)
    return f"{days(first, last)} (window {window})" if window else days(first, last)


def _formats(reports: Sequence[LoadReport]) -> str:
    formats = ", ".join(dict.fromkeys(report.format for report in reports))
    return f" ({formats})" if formats else ""


def _run(run: RunInput, n_cases: int) -> str:
    when = "no time" if run.time is None else date(run.time)
    counts = [f"{count(run.n_pass)} pass", f"{count(run.n_fail)} fail"]
    counts += [count(run.n_error, "error")] if run.n_error else []
    counts += [f"{count(run.n_other)} skipped or unscored"] if run.n_other else []
    joined = f"; {count(run.n_joined)} of {count(n_cases)} cases joined" if run.n_joined != n_cases else ""
    model = f", {run.model}" if run.model else ""
    return f"{run.path}: run {run.run_id}, {when}{model}: {', '.join(counts)}{joined}"


def _print_files(page: Page, reports: Sequence[LoadReport], *, verbose: bool) -> None:
    """Files that lost records or raised warnings; every file with verbose."""
    eventful = [report for report in reports if verbose or report.skipped or report.n_skipped or report.warnings]
    shown = eventful if verbose else eventful[:MAX_FILES]
    for report in shown:
        several = f"{report.path}: " if len(reports) > 1 else ""
        if report.n_skipped:
            page.prose(
                f"{several}{count(report.n_skipped, 'record')} left out, {count(report.n_records)} read:",
                indent=INDENT + _LABEL,
            )
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


def _embedded(report: Report) -> str:
    production, model = report.inputs.production, report.model
    what = f"{count(production.n_embedded)} of {count(production.n_sessions, 'session')}, one trace each"
    if model is None or not production.n_embedded:
        return f"none of {count(production.n_sessions, 'session')}"
    revision = f" at {model.revision[:12]}" if model.revision else ""
    digest = f", sha256 {model.sha256[:12]}" if model.sha256 else ""
    return f"{what}, by {model.name}{revision} ({model.precision}{digest})"


def _ratings(report: Report) -> str:
    production = report.inputs.production
    reading = production.satisfaction
    if reading is None:
        fields = ", ".join(dict.fromkeys(name for one in production.reports for name in one.feedback_fields))
        return f"none read as satisfaction (found: {fields})" if fields else "none found"
    share = percent(production.n_rated / production.n_traces) if production.n_traces else UNKNOWN
    how = "inferred; if wrong, declare `satisfaction:` in drift.yaml" if reading.inferred else "as drift.yaml says"
    return (
        f"{reading.field} ({reading.scale}), satisfied where {reading.good} ({how}); "
        f"{count(production.n_rated)} of {count(production.n_traces, 'trace')} rated ({share}); "
        "raters select themselves"
    )
