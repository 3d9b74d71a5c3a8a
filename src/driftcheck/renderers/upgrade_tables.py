"""The tables of `driftcheck compare` as rows of text: the terminal and Markdown print the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from driftcheck.history import RunPoint
from driftcheck.numbers import UNKNOWN, date, interval, p_value, percent, percent_number, points
from driftcheck.renderers.table import Table
from driftcheck.stats.intervals import Interval
from driftcheck.upgrade import FlakyCase, MovedCase
from driftcheck.upgrade_report import MIN_BLIND_CASES, MIN_BLIND_RATINGS, UpgradeReport


@dataclass(frozen=True)
class CaseList:
    """Cases of which the same became, and what to do with them."""

    title: str
    advice: str
    ids: tuple[str, ...]
    said: tuple[str, ...] = ()
    """What is known of each besides, in the order of the ids; empty where nothing is."""


def case_lists(report: UpgradeReport) -> tuple[CaseList, ...]:
    """What became of the cases, in the order of what to do first."""
    upgrade = report.upgrade
    failing, _, fewer, _ = _unsettled(report)
    return (
        CaseList("Newly failing", "investigate these first", upgrade.newly_failing),
        *(found for found in (failing, fewer) if upgrade.counts_all and found.ids),
        CaseList("Newly passing", "keep as guards, or retire", upgrade.newly_passing),
        CaseList("Still failing", "the upgrade changed nothing for them", upgrade.still_failing),
    )


def unsettled_lists(report: UpgradeReport) -> tuple[CaseList, ...]:
    """Cases that changed as they did before and those that moved without changing, but for `case_lists`."""
    listed = case_lists(report)
    return tuple(found for found in _unsettled(report) if found not in listed)


def _unsettled(report: UpgradeReport) -> tuple[CaseList, CaseList, CaseList, CaseList]:
    failing = [case for case in report.upgrade.flaky if case.fails_now]
    passing = [case for case in report.upgrade.flaky if not case.fails_now]
    fewer = [case for case in report.upgrade.moved if case.new < case.old]
    more = [case for case in report.upgrade.moved if case.new > case.old]
    return (
        _flaky("Failed before too", "fail now, as in earlier runs", failing),
        _flaky("Passed before too", "pass now, as in earlier runs", passing),
        _moved("Pass fewer repeats", "by less than counts as a change", fewer),
        _moved("Pass more repeats", "by less than counts as a change", more[::-1]),
    )


def _flaky(title: str, advice: str, cases: Sequence[FlakyCase]) -> CaseList:
    said = tuple(f"passed {case.n_passes} of {case.n_runs} runs" for case in cases)
    return CaseList(title, advice, tuple(case.case_id for case in cases), said)


def _moved(title: str, advice: str, cases: Sequence[MovedCase]) -> CaseList:
    said = tuple(f"{percent(case.old)}, now {percent(case.new)} of repeats" for case in cases)
    return CaseList(title, advice, tuple(case.case_id for case in cases), said)


def came_and_went(report: UpgradeReport) -> tuple[CaseList, ...]:
    """Cases of one run only."""
    upgrade = report.upgrade
    return (
        CaseList("Only in the new run", "no outcome in the old one: not compared", upgrade.came),
        CaseList("Only in the old run", "no outcome in the new one: not compared", upgrade.went),
    )


def runs_table(report: UpgradeReport) -> Table:
    """The two runs."""
    upgrade = report.upgrade
    return Table(
        title="The runs",
        header=("", "run", "day", "model, prompt", "passes", "95 %"),
        rows=(
            _run("old", upgrade.old, upgrade.old_rate),
            _run("new", upgrade.new, upgrade.new_rate),
        ),
        note="Passes: of the cases with an outcome in both runs.",
        n_words=4,
    )


def _run(which: str, run: RunPoint, rate: Interval) -> tuple[str, ...]:
    return (
        which,
        run.run_id,
        date(run.time),
        run.name or UNKNOWN,
        percent(rate.value),
        interval(rate.low, rate.high, percent_number),
    )


def slices_table(report: UpgradeReport) -> Table | None:
    """The slices in which something changed; None where there are none."""
    rows = [row for row in report.slices if row.newly_failing or row.newly_passing]
    if not rows:
        return None
    return Table(
        title="By slice",
        header=("slice", "cases", "newly failing", "newly passing", "change", "p"),
        rows=tuple(
            (
                row.name,
                f"{row.n:,}",
                f"{len(row.newly_failing):,}",
                f"{len(row.newly_passing):,}",
                points(row.change.value),
                p_value(row.p_value),
            )
            for row in rows
        ),
        note=(
            f"Of {len(report.slices):,} slices, those in which a case changed. p: exact McNemar, Holm-adjusted over "
            "the slices of its column, or over topics."
        ),
        n_words=1,
    )


def blind_table(report: UpgradeReport) -> Table | None:
    """The slices of which production complains and the bench saw nothing; None where it could not be told."""
    if report.blind is None:
        return None
    return Table(
        title="Production complains, the bench saw nothing",
        header=("slice", "users", "95 %", "ratings", "new run passes", "cases"),
        rows=tuple(
            (
                f"{row.id} {row.name}" if row.name != row.id else row.id,
                percent(row.satisfaction.value),
                interval(row.satisfaction.low, row.satisfaction.high, percent_number),
                f"{row.n_rated:,}",
                percent(row.pass_rate.value) if row.pass_rate else UNKNOWN,
                f"{row.n_cases:,}",
            )
            for row in report.blind
        ),
        note=(
            (
                "Users: share of rated sessions that are good. Less than on the whole and than its cases pass, beyond "
                "chance, and none of them fails newly."
                if report.blind
                else "None: no slice was found where users complain, no case fails newly and the cases pass beyond "
                "chance more often than users are content."
            )
            + f" A slice with fewer than {MIN_BLIND_RATINGS} ratings or with 1 to {MIN_BLIND_CASES - 1} cases is not "
            "judged."
        ),
        n_words=1,
    )


def complaints(report: UpgradeReport) -> Sequence[tuple[str, tuple[str, ...]]]:
    """Badly rated traces of the blind slices, by slice."""
    return [(row.id, row.trace_ids) for row in report.blind or () if row.trace_ids]
