"""Cases fail that passed in the run before.

What is measured
    Newly failing less newly passing cases, of those with an outcome in the latest run and in the one before: share of
    cases, 0..1, with the interval of Bonett and Price; 0 = no worse. Flaky cases are apart: those of which, over the
    latest run and up to 20 runs of the version before it, both outcomes occurred more than once and in over a tenth of
    the runs. Where cases have repeats, or only the flaky ones make the run worse, all cases count, by their shares of
    passes. p is the chance of as many newly failing cases given how often each fails in those other runs (exact,
    stratified by case), provided one-sided exact McNemar finds the run worse at 0.05; without other runs of that
    version, or where McNemar does not, p is McNemar's. Cases that came since those other runs are tested by themselves,
    and where there are flaky cases or repeats all cases are tested too: the smallest p times the number of tests.
    Counts only with p <= 0.005.

Why it matters
    This is what an eval set is for. Without the noise held against it, one flaky case in five makes every run a
    regression of some cases, and the gate a lottery.

How to fix it
    Read the newly failing cases first, by slice: `driftcheck compare OLD NEW` shows them all. Newly passing cases may
    be kept as guards or retired. Quarantine flaky cases, or run them several times. Runs of another system (a candidate
    beside the product) are not the product's past: keep them out of `runs:`.

Source
    McNemar (1947), Note on the sampling error of the difference between correlated proportions; Mantel and Haenszel
    (1959), for tests stratified by case; Bonett and Price (2012), for the interval.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from driftcheck.checks.case_rows import case_row, run_name
from driftcheck.checks.slice_rows import label_of
from driftcheck.errors import NotMeasurable, measurable
from driftcheck.findings import Evidence, Measurement, Thresholds
from driftcheck.numbers import count, p_value, percent
from driftcheck.sizes import MIN_CASES
from driftcheck.upgrade import Upgrade, by_slice, compare_runs

if TYPE_CHECKING:  # checks are listed and explained without loading what they measure with
    from driftcheck.comparison import Comparison

CODE = "DC404"
TITLE = "Cases that fail and passed before"
UNIT = "share of cases"
DEFAULT = Thresholds(warn=0.01, fail=0.02)
_SLICES = 5


def measure(comparison: Comparison) -> Measurement:
    """Net share of cases newly failing."""
    history = comparison.history
    n_runs = len(history.runs)
    if n_runs < 2:
        raise NotMeasurable(f"{count(n_runs, 'run')} with outcomes of enough cases: at least 2 are needed")
    upgrade = compare_runs(history, n_runs - 2, n_runs - 1)
    if upgrade.n < MIN_CASES:
        raise NotMeasurable(
            f"{count(upgrade.n, 'case')} with an outcome in both of the last runs: at least {MIN_CASES} are needed"
        )
    net = upgrade.net_failing
    return Measurement(
        value=max(0.0, net),
        low=-upgrade.change.high,
        high=max(0.0, -upgrade.change.low),
        p_value=upgrade.p_gate,
        n={"cases": upgrade.n, "runs": upgrade.n_reference + 1},
        summary=_summary(upgrade),
        evidence=(*_slices(comparison, upgrade), *_cases(upgrade)),
        fix=(
            f"Read the newly failing cases; all of them: `driftcheck compare {shlex.quote(upgrade.old.run_id)} "
            f"{shlex.quote(upgrade.new.run_id)}`."
            if net > 0
            else ""
        ),
        spread=upgrade.spread,
        noticeable=upgrade.noticeable,
    )


def noticed(value: float) -> str:
    """What would have been noticed 8 times in 10, from this value on."""
    return f"cases newly failing, from {percent(value)} of cases on"


def _summary(upgrade: Upgrade) -> str:
    return (
        f"From the {run_name(upgrade.old)} to the {run_name(upgrade.new)} "
        f"{count(len(upgrade.newly_failing), 'case fails', 'cases fail')} newly and {len(upgrade.newly_passing):,} "
        f"{'passes' if len(upgrade.newly_passing) == 1 else 'pass'} newly (McNemar p {p_value(upgrade.p_mcnemar)}); "
        f"{count(len(upgrade.flaky), 'flaky case')} changed besides"
        + (f" (all cases by their shares of passes: p {p_value(upgrade.p_all)})." if upgrade.p_all is not None else ".")
    )


def _cases(upgrade: Upgrade) -> tuple[Evidence, ...]:
    """The cases, by what became of them."""
    again = tuple(case.case_id for case in upgrade.flaky if case.fails_now and upgrade.counts_all)
    flaky = tuple(case.case_id for case in upgrade.flaky if not (case.fails_now and upgrade.counts_all))
    fewer = tuple(case.case_id for case in upgrade.moved if case.new < case.old)
    rows = (
        case_row("newly failing: investigate", upgrade.newly_failing, upgrade.n, p=upgrade.p_mcnemar),
        case_row("newly passing: keep as guard or retire", upgrade.newly_passing, upgrade.n),
        case_row("failed before too: investigate", again, upgrade.n, p=upgrade.p_all),
        case_row("pass fewer repeats", fewer, upgrade.n, p=upgrade.p_all),
        case_row("flaky: no regression", flaky, upgrade.n),
        case_row("new since: not compared", upgrade.came, upgrade.n),
        case_row("gone since: not compared", upgrade.went, upgrade.n),
    )
    return tuple(row for row in rows if row.case_ids)


def _slices(comparison: Comparison, upgrade: Upgrade) -> tuple[Evidence, ...]:
    """The slices that lost cases, worst first."""
    traffic = measurable(lambda: comparison.traffic)
    if traffic is None:
        return ()
    history = comparison.history
    position = {case: row for row, case in enumerate(history.case_ids)}
    parts = traffic.partition.slices
    members: dict[str, list[str]] = {}
    for case, index in zip(
        comparison.eval_set.frame["case_id"].tolist(), traffic.partition.slice_of_case.tolist(), strict=True
    ):
        row = position.get(case)
        if row is not None and history.known[row, -2:].all():
            members.setdefault(parts[index].id, []).append(case)
    labels = {part.id: label_of(part) for part in parts}
    return tuple(
        Evidence(
            label=labels[row.name],
            numbers={
                "cases": len(row.newly_failing),
                "share": len(row.newly_failing) / row.n,
                "p": row.p_value,
                "newly passing": len(row.newly_passing),
            },
            slice_id=row.name,
            case_ids=row.newly_failing[:20],
            contribution=(len(row.newly_failing) - len(row.newly_passing)) / upgrade.n,
        )
        for row in by_slice(upgrade, members)[:_SLICES]
        if row.newly_failing
    )
