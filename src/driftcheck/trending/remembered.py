"""The trend of the audits that the ledger remembers."""

from __future__ import annotations

import datetime as dt

from driftcheck.config import Config
from driftcheck.errors import ConfigError, InputError
from driftcheck.ledger import AuditEntry, LatestRun, open_ledger
from driftcheck.ledger.events import Accepted
from driftcheck.ledger.recall import of_each_window
from driftcheck.numbers import count
from driftcheck.report import ModelIdentity
from driftcheck.trend import PointRun, Step, Trend, TrendPoint
from driftcheck.trending.marks import marked
from driftcheck.trending.telling import above_since, correlate, onset_of_audits, rise_together, why_no_correlation


def remember(
    config: Config, *, since: float | None = None, until: float | None = None, n_rows: int | None = None, seed: int = 0
) -> Trend:
    """Make a trend of the ledger's audits, the last of each window; nothing is read but the ledger.

    Args:
        config: drift.yaml, by `load_config`.
        since: audits whose window ends before it are left out, unix seconds.
        until: audits whose window ends after it are left out, unix seconds.
        n_rows: newest audits to take; all by default.
        seed: of the shuffles behind p-values.

    Raises:
        ConfigError: drift.yaml keeps no ledger.
        InputError: the ledger cannot be read, or holds no audit of that time.

    """
    folder = config.ledger_folder
    if folder is None:
        where = config.where("ledger")
        raise ConfigError(where, "there is no ledger to tell a trend from", "driftcheck trend --backfill needs none")
    name = config.path.name if config.path else ""
    with open_ledger(folder) as ledger:
        own = of_each_window(one for one in ledger.audits if one.entry.subject.config == name)
        # what was proposed and accepted by nobody has refreshed nothing
        refreshes = tuple(one.at for one in ledger.events(Accepted, name) if one.n_tuned + one.n_sealed)
        broken = ledger.broken_links()
    entries = [
        entry
        for entry in (one.entry for one in own)
        if (since is None or entry.order[0] >= since) and (until is None or entry.order[0] <= until)
    ]
    entries = entries[-n_rows:] if n_rows else entries
    if not entries:
        raise InputError(
            str(folder),
            "holds no audit of that time",
            "driftcheck audit adds one, driftcheck trend --backfill needs none",
        )
    befores = [None, *entries[:-1]]
    rows = [_point(entry, before) for entry, before in zip(entries, befores, strict=True)]
    points = marked(rows, _further(entries, refreshes))
    correlations = correlate(points, seed)
    newest = entries[-1].subject.model
    return Trend(
        step=Step.AUDIT,
        points=points,
        correlations=correlations,
        joint_rise=rise_together(points),
        onset=onset_of_audits(points),
        change=None,
        above=above_since(points),
        not_measured={} if correlations else {"score against satisfaction": why_no_correlation(points)},
        warnings=tuple(broken),
        model=ModelIdentity(newest.name, None, newest.sha256, ""),
        seed=seed,
    )


def _point(entry: AuditEntry, before: AuditEntry | None) -> TrendPoint:
    subject, sizes = entry.subject, entry.sizes
    missing = "" if entry.scores.divergence else f"{count(sizes.n_cases, 'case')}, {count(sizes.n_embedded, 'session')}"
    return TrendPoint(
        name=entry.past().name,
        since=subject.since,
        until=subject.until if subject.until is not None else entry.order[0],
        n_cases=sizes.n_cases,
        n_traces=sizes.n_traces,
        n_sessions=sizes.n_sessions,
        n_embedded=sizes.n_embedded,
        n_rated=sizes.n_rated,
        scores=entry.scores,
        run=_run(entry.run, before.run if before else None) if entry.run else None,
        missing=missing,
    )


def _run(run: LatestRun, before: LatestRun | None) -> PointRun:
    return PointRun(
        run_id=run.run_id,
        time=run.time,
        model=", ".join(run.models),
        prompt=", ".join(run.prompts),
        is_own=before is None or (run.run_id, run.time) != (before.run_id, before.time),
    )


def _further(entries: list[AuditEntry], refreshes: tuple[dt.date, ...]) -> list[list[str]]:
    """Refreshes since the audit before, and an eval set that is another than then."""
    rows: list[list[str]] = []
    for number, entry in enumerate(entries):
        before = entries[number - 1] if number else None
        marks = ["refresh"] if any(before is not None and before.at < day <= entry.at for day in refreshes) else []
        if before is not None and before.subject.inputs.eval_set != entry.subject.inputs.eval_set:
            marks.append("eval set changed")
        rows.append(marks)
    return rows
