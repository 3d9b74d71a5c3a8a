"""The report as GitHub Flavored Markdown: for pull requests, and for the summary of a step in GitHub Actions.

The first line is an invisible mark by which an action finds its comment again and brings it up to date. What a reader
needs stands open: verdict, numbers, change to the last audit, findings, slices that need work; the rest is folded. It
is never longer than GitHub takes, whatever the data: what is least important is cut first, and the cut is said.
Everything that comes out of traces, cases and file names is shown literally (`markdown_text`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

from driftcheck import __version__
from driftcheck.findings import FindingStatus
from driftcheck.numbers import UNKNOWN
from driftcheck.renderers.cadence_words import cadence_of
from driftcheck.renderers.change_words import changes_of, status_changes_of
from driftcheck.renderers.finding_words import sizes_of
from driftcheck.renderers.markdown_findings import SIGNS, finding_blocks, quiet_blocks
from driftcheck.renderers.markdown_fit import MAX_LINES, Block, fit
from driftcheck.renderers.markdown_inputs import input_lines, method_lines
from driftcheck.renderers.markdown_slices import slice_blocks
from driftcheck.renderers.markdown_text import MAX_NAME, as_command, code, fenced, folded, prose, row, table
from driftcheck.renderers.score_words import drift_of, scores_of, tally_of
from driftcheck.report import Report

MARK = "<!-- driftcheck -->"
"""First line of every report: how an action finds the comment that it wrote before."""


def render(report: Report, out: TextIO, *, texts: bool = False) -> None:
    """Print the report; the most central trace of each slice only with `texts`."""
    blocks = [
        *_top(report),
        *_changes(report),
        *finding_blocks(report, texts=texts),
        *slice_blocks(report, texts=texts),
        *quiet_blocks(report),
        *_sources(report),
        _end(report),
    ]
    out.write(fit(blocks))


def _top(report: Report) -> Iterator[Block]:
    verdict = report.verdict
    yield Block(0, (MARK, "", f"## {SIGNS[verdict]} driftcheck: {verdict.value.upper()}", "", prose(report.sentence)))
    rows = []
    for score in scores_of(report):
        known = score.is_known
        interval, *more = score.below if known else (UNKNOWN, *score.below)
        rows.append(
            row([f"**{score.name}**", f"**{score.value}**", interval, prose(", ".join(more).replace(":,", ":"))])
        )
    for one in drift_of(report):
        sizes = next((sizes_of(finding, report) for finding in report.finding_rows if finding.name == one.check), "")
        said = prose(f"{one.said}; {sizes}" if sizes else one.said)
        rows.append(row([f"**{one.name}**", f"**{one.value.removesuffix(':')}**", one.interval or UNKNOWN, said]))
    yield Block(0, table(["", "value", "95 % interval", "of what"]), tuple(rows), noun="number")
    if said := cadence_of(report):
        yield Block(2, (f"**Next refresh**: {prose(said)}",))
    if report.next_steps:
        steps = tuple(f"- {prose(as_command(step))}" for step in report.next_steps[:MAX_LINES])
        unwritten = len(report.next_steps) - len(steps)
        yield Block(3, ("**What to do next**", ""), steps, noun="step", n_unwritten=unwritten)


def _changes(report: Report) -> Iterator[Block]:
    if not report.past:
        return
    last = report.past[-1]
    head = (
        f"### Since the last audit, {code(last.name, MAX_NAME)}",
        "",
        f"Verdict then {last.verdict.value}, now {report.verdict.value}.",
    )
    statuses = [
        f"- {SIGNS[change.now]} {code(f'{change.code} {change.name}', MAX_NAME)}: "
        f"{_status_word(change.then)} then, **{_status_word(change.now)}** now"
        for change in status_changes_of(report)
    ]
    yield Block(
        1, (*head, "") if statuses else (*head, "", "No check changed its status."), tuple(statuses), noun="check"
    )
    numbers = [row([f"**{one.name}**", one.then, one.now, one.difference]) for one in changes_of(report)]
    if numbers:
        headers = ["", "last audit", "now", "change (now minus then)"]
        yield Block(1, table([*headers], right=(1, 2, 3)), tuple(numbers), noun="number")


def _status_word(status: FindingStatus) -> str:
    return "not measured" if status is FindingStatus.SKIP else status.value


def _sources(report: Report) -> Iterator[Block]:
    for rank, title, lines in (
        (50, "What was read", input_lines(report)),
        (51, "How it was measured", method_lines(report)),
    ):
        start, end = folded(title)
        yield Block(rank, start, tuple(lines), end, noun="line")


def _end(report: Report) -> Block:
    said = f"{SIGNS[report.verdict]} {tally_of(report)}. driftcheck {__version__}; the same again:"
    return Block(0, (said, "", *fenced(report.command)))
