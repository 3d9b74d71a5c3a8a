"""What is said of what was read, the same in every output: paths, formats, counts, times, and what was left out.

Plain text, not made safe: the output that prints it escapes what it must.
"""

from __future__ import annotations

from collections.abc import Sequence

from driftcheck.numbers import UNKNOWN, count, date, days, percent
from driftcheck.records import LoadReport
from driftcheck.report import Inputs, ProductionInput, Report, RunInput

_DAY = 86_400.0


def eval_set_of(inputs: Inputs) -> str:
    """`evalsets/support.yaml (promptfoo-config): 412 cases`."""
    path = paths_of(inputs.eval_set_path, inputs.eval_set)
    return f"{path}{formats_of(inputs.eval_set)}: {count(inputs.n_cases, 'case')}"


def run_of(run: RunInput, n_cases: int) -> str:
    """One run: file, id, day, model, outcomes, and how many of the cases it knows where that is not all."""
    when = "no time" if run.time is None else date(run.time)
    counts = [f"{count(run.n_pass)} pass", f"{count(run.n_fail)} fail"]
    counts += [count(run.n_error, "error")] if run.n_error else []
    counts += [f"{count(run.n_other)} skipped or unscored"] if run.n_other else []
    joined = f"; {count(run.n_joined)} of {count(n_cases)} cases joined" if run.n_joined != n_cases else ""
    model = f", {run.model}" if run.model else ""
    return f"{run.path}: run {run.run_id}, {when}{model}: {', '.join(counts)}{joined}"


def unjoined_of(inputs: Inputs) -> str:
    """Results that found no case; empty where all did."""
    if not inputs.n_unjoined:
        return ""
    name = "names" if inputs.n_unjoined == 1 else "name"
    return f"{count(inputs.n_unjoined, 'result')} {name} no case of the eval set; left out of the score"


def production_of(production: ProductionInput) -> str:
    """Production: files, format, traces, sessions, from when to when."""
    outside = f"; {count(production.n_outside_window)} outside the window" if production.n_outside_window else ""
    return (
        f"{paths_of(production.path, production.reports)} ({production.format}): {count(production.n_traces, 'trace')} "
        f"in {count(production.n_sessions, 'session')}, {when_of(production)}{outside}"
    )


def embedded_of(report: Report) -> str:
    """How many sessions were embedded, and by which model."""
    production, model = report.inputs.production, report.model
    what = f"{count(production.n_embedded)} of {count(production.n_sessions, 'session')}, one trace each"
    if model is None or not production.n_embedded:
        return f"none of {count(production.n_sessions, 'session')}"
    revision = f" at {model.revision[:12]}" if model.revision else ""
    digest = f", sha256 {model.sha256[:12]}" if model.sha256 else ""
    return f"{what}, by {model.name}{revision} ({model.precision}{digest})"


def ratings_of(report: Report) -> str:
    """Which ratings were read as satisfaction, how, and how many."""
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


def left_out_of(report: LoadReport) -> str:
    """`3 records left out, 415 read`; empty where none was."""
    if not report.n_skipped:
        return ""
    return f"{count(report.n_skipped, 'record')} left out, {count(report.n_records)} read"


def paths_of(path: str, reports: Sequence[LoadReport]) -> str:
    """The path as it was given, or of many files the first."""
    return path if len(reports) <= 3 else f"{reports[0].path} and {count(len(reports) - 1, 'more file')}"


def when_of(production: ProductionInput) -> str:
    """From when to when there are traces; and the window, where it begins or ends more than a day away from them."""
    first, last, since, until = production.first_time, production.last_time, production.since, production.until
    if first is None or last is None:
        return days(since, until)
    begins = f"from {date(since)}" if since is not None and first - since > _DAY else ""
    ends = f"until {date(until)}" if until is not None and until - last > _DAY else ""
    window = " ".join(text for text in (begins, ends) if text)
    return f"{days(first, last)} (window {window})" if window else days(first, last)


def formats_of(reports: Sequence[LoadReport]) -> str:
    """`(promptfoo-config)` after a blank; empty where nothing was read."""
    formats = ", ".join(dict.fromkeys(report.format for report in reports))
    return f" ({formats})" if formats else ""
