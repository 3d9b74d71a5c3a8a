"""What the files of two runs hold that is not compared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from driftcheck.numbers import count
from driftcheck.records import LoadReport, Status
from driftcheck.upgrading.finding import NamedRun

_OUTCOMES = (Status.PASS.value, Status.FAIL.value)


def left_out(sides: Sequence[NamedRun]) -> tuple[str, ...]:
    """Warnings, records left out and results without an outcome: each file and each run once."""
    reports = {report.path: report for side in sides for report in side.runs.reports}
    said = [warning for report in reports.values() for warning in _of_file(report)]
    said += [warning for side in sides for warning in _of_run(side)]
    return tuple(dict.fromkeys(said))


def _of_file(report: LoadReport) -> Iterator[str]:
    yield from report.warnings
    if report.n_skipped:
        reasons = [f"{one.where}: {one.why}" for one in report.skipped]
        more = report.n_skipped - len(reasons)
        if reasons and more > 0:
            reasons.append(f"and {count(more)} more")
        why = f": {'; '.join(reasons)}" if reasons else ""
        yield f"{report.path}: {count(report.n_skipped, 'record')} left out, {count(report.n_records)} read{why}"


def _of_run(side: NamedRun) -> Iterator[str]:
    """Results that neither pass nor fail, by why."""
    status = side.results["status"]
    without = status[~status.isin(_OUTCOMES)].value_counts().sort_index()
    if len(without):
        kinds = ", ".join(f"{count(int(n))} {kind}" for kind, n in without.items())
        yield (
            f"{side.path}: {count(int(without.sum()), 'result')} of {count(len(status))} "
            f"{'has no outcome and counts' if without.sum() == 1 else 'have no outcome and count'} for nothing: {kinds}"
        )
