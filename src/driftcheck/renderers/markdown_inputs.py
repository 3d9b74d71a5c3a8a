"""What was read and how it was measured, as lines of Markdown lists, the most important first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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
from driftcheck.renderers.markdown_text import prose
from driftcheck.report import Report

MAX_LISTED = 20
"""Runs, warnings and files that are listed each; the JSON report has all."""


def input_lines(report: Report) -> Iterator[str]:
    """Eval set, runs (newest first), production, ratings, then warnings and records left out by file."""
    inputs, production = report.inputs, report.inputs.production
    yield f"- **Eval set:** {prose(eval_set_of(inputs))}"
    yield f"- **Production:** {prose(production_of(production))}"
    yield f"- **Embedded:** {prose(embedded_of(report))}"
    yield f"- **Ratings:** {prose(ratings_of(report))}"
    if inputs.n_unjoined:
        yield f"- **Not joined:** {prose(unjoined_of(inputs))}"
    if not inputs.runs:
        yield "- **Runs:** none"
    for run in inputs.runs[: -MAX_LISTED - 1 : -1]:
        yield f"- **Run:** {prose(run_of(run, inputs.n_cases))}"
    yield from _more(inputs.runs, "older run")
    yield from _warnings(production.warnings)
    for reports in (inputs.eval_set, inputs.run_reports, production.reports):
        yield from _losses([one for one in reports if one.n_skipped or one.warnings])


def _more(listed: Sequence[object], noun: str) -> Iterator[str]:
    if len(listed) > MAX_LISTED:
        yield f"- and {count(len(listed) - MAX_LISTED, noun)}"


def _warnings(warnings: Sequence[str], path: str = "") -> Iterator[str]:
    for warning in warnings[:MAX_LISTED]:
        yield f"- **Warning:** {prose(f'{path}: {warning}' if path else warning)}"
    yield from _more(warnings, "more warning")


def _losses(reports: Sequence[LoadReport]) -> Iterator[str]:
    for one in reports[:MAX_LISTED]:
        if one.n_skipped:
            yield f"- **Left out:** {prose(f'{one.path}: {left_out_of(one)}')}"
        for skipped in one.skipped[:MAX_LISTED]:
            yield f"  - {prose(f'{skipped.where}: {skipped.why}')}"
        more = one.n_skipped - len(one.skipped[:MAX_LISTED])
        if one.skipped and more > 0:
            yield f"  - and {count(more)} more"
        yield from _warnings(one.warnings, one.path)
    yield from _more(reports, "more file")


def method_lines(report: Report) -> Iterator[str]:
    """Model, seed, and what the words stand for."""
    model = report.model
    if model is not None:
        revision = f" at revision {model.revision}" if model.revision else ""
        digest = f", sha256 {model.sha256}" if model.sha256 else ""
        yield f"- **Model:** {prose(f'{model.name}{revision}, {model.precision}{digest}')}"
    yield f"- **Seed:** {report.seed}; the same inputs, options and seed give the same report"
    yield "- **P** is production (one trace for each sampled session), **Q** the eval set; KL is in nats"
    yield "- **Gap** is pass rate minus satisfaction; **delta** is share of the eval set minus share of traffic"
    yield "- Intervals are of 95 %; each check's statistics and sources: `driftcheck explain CODE`"
