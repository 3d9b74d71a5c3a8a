"""An audit's report, made an entry of the ledger."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from driftcheck import __version__
from driftcheck.errors import OutputError
from driftcheck.ledger.chain import link
from driftcheck.ledger.entries import (
    AUDIT,
    DIGITS,
    AuditEntry,
    InputHashes,
    LatestRun,
    Sizes,
    SliceProfile,
    Subject,
    UsedModel,
    as_fields,
    read_audit,
)
from driftcheck.ledger.recall import highest_slice
from driftcheck.ledger.store import LEDGER, append
from driftcheck.past import PastFinding
from driftcheck.report import Report, SliceRow

MAX_MODELS = 20
"""Models that are named: gateways that write a version into every name have thousands."""
_MAX_NAME = 200


def make_subject(
    config: str, seed: int, model: UsedModel, since: float | None, until: float | None, inputs: InputHashes
) -> Subject:
    """What is audited, as the ledger tells it from other audits."""
    return Subject(
        config=config,
        version=__version__,
        seed=seed,
        model=model,
        since=None if since is None else round(since, DIGITS),
        until=None if until is None else round(until, DIGITS),
        inputs=inputs,
    )


def make_entry(
    report: Report,
    subject: Subject,
    at: dt.date,
    *,
    run: LatestRun | None,
    models: Sequence[str],
    against: str,
    highest: int,
) -> AuditEntry:
    """Take from a report what is kept of it: numbers, ids and names, and no text of a case or a trace."""
    production = report.inputs.production
    return AuditEntry(
        at=at,
        subject=subject,
        verdict=report.verdict,
        exit_code=report.exit_code,
        sizes=Sizes(
            n_cases=report.inputs.n_cases,
            n_traces=production.n_traces,
            n_sessions=production.n_sessions,
            n_embedded=production.n_embedded,
            n_rated=production.n_rated,
        ),
        scores=report.scores,
        findings={
            finding.name: PastFinding(
                finding.status, finding.measurement.value if finding.measurement else None, finding.unit
            )
            for finding in report.finding_rows
        },
        run=replace(run, models=_named(run.models), prompts=_named(run.prompts)) if run else None,
        models=_named(models),
        against=against,
        highest_slice=max(highest, highest_slice(row.id for row in report.slice_rows)),
        slices=tuple(_profile(row) for row in report.slice_rows),
    )


def record_audit(folder: Path, entry: AuditEntry) -> bool:
    """Add an audit to the ledger; one that is there already is not added again. Returns whether it was.

    Raises:
        InputError: the ledger cannot be read.
        OutputError: it cannot be written.

    """
    laid_out = as_fields(entry)
    try:
        read_audit(link(AUDIT, "", laid_out))
    except ValueError as problem:  # a line that nobody can read would stop every later audit
        raise OutputError(str(folder / LEDGER), f"does not take the audit: {problem}") from None
    # another audit of the same may have come first since this one looked
    return append(
        folder,
        AUDIT,
        laid_out,
        unless=lambda ledger: any(one.entry.subject == entry.subject for one in ledger.audits),
    )


def _profile(row: SliceRow) -> SliceProfile:
    return SliceProfile(
        id=row.id,
        name=row.name,
        n_cases=row.n_cases,
        n_traces=row.n_traces,
        share_eval=row.share_eval,
        share_production=row.share_production,
        pass_rate=row.pass_rate.value if row.pass_rate else None,
        satisfaction=row.satisfaction.value if row.satisfaction else None,
        centroid=row.centroid,
    )


def _named(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(name[:_MAX_NAME] for name in names[:MAX_MODELS])
