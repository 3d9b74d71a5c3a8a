"""`driftcheck refresh` as JSON, schema_version 1. Fields are only ever added.

The same inputs, options and seed give the same bytes: sorted keys, six decimals, null for what is not known. No texts:
the proposals file has them, masked.
"""

from __future__ import annotations

from typing import TextIO

from driftcheck import __version__
from driftcheck.investigation import Difference
from driftcheck.numbers import iso
from driftcheck.refresh_report import Bill, BillPoint, Diff, RefreshReport, SliceNeed, Step
from driftcheck.renderers.json_values import Json, dumps, whole

SCHEMA_VERSION = 1


def render(report: RefreshReport, out: TextIO) -> None:
    """One JSON object."""
    out.write(dumps(as_json(report)))


def as_json(report: RefreshReport) -> dict[str, Json]:
    """Lay the report out."""
    model = report.model
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "driftcheck", "version": __version__},
        "command": "refresh",
        "sentence": report.sentence,
        "next_step": report.next_step,
        "seed": report.seed,
        "model": {
            "name": model.name,
            "revision": model.revision,
            "sha256": model.sha256,
            "precision": model.precision,
        },
        "inputs": {
            "n_cases": report.n_cases,
            "n_sessions": report.n_sessions,
            "n_sampled": report.n_sampled,
            "since": iso(report.since),
            "until": iso(report.until),
            "paths": [one.path for one in report.reports],
        },
        "path": report.path or None,
        "written": report.is_written,
        "n_wanted": report.n_wanted,
        "proposals": [
            {
                "case_id": proposal.case_id,
                "trace_id": proposal.trace_id,
                "slice": proposal.slice_id or None,
                "reason": proposal.why.value,
                "language": proposal.language,
                "satisfied": proposal.satisfied,
            }
            for proposal in report.proposals
        ],
        "left_out": {
            "near": report.left_out.near,
            "proposed_before": report.left_out.asked,
            "wordless": report.left_out.wordless,
            "sealed": report.left_out.sealed,
        },
        "slices": [_need(row) for row in report.needs],
        "bill": _bill(report.bill) if report.bill else None,
        "diff": _diff(report.diff),
        "not_measured": dict(report.not_measured),
        "warnings": list(report.warnings),
    }


def _need(row: SliceNeed) -> dict[str, Json]:
    rated = row.satisfaction
    return {
        "id": row.id,
        "name": row.name,
        "coverage": row.coverage,
        "n_cases": row.n_cases,
        "n_pending": row.n_pending,
        "share_eval": row.share_eval,
        "share_production": row.share_production,
        "uncovered": row.uncovered,
        "satisfaction": {"value": rated.value, "low": rated.low, "high": rated.high, "n": whole(rated.n)}
        if rated
        else None,
        "need": row.need,
        "n_proposed": row.n_proposed,
    }


def _bill(bill: Bill) -> dict[str, Json]:
    return {
        "sentence": bill.sentence,
        "checks": list(bill.checks),
        "curve": [_point(point) for point in bill.points],
        "unblocks": _step(bill, bill.unblocks),
        "quiets": _step(bill, bill.quiets),
        "n_ranked": bill.n_ranked,
        "n_usable": bill.n_usable,
        "block_beside": list(bill.block_beside),
        "n_pending": bill.n_pending,
        "minutes_per_case": bill.minutes_per_case,
        "dead_cases_retired": {
            "n_cases": bill.n_dead,
            "unblocks": bill.unblocks_retired,
            "quiets": bill.quiets_retired,
        },
    }


def _point(point: BillPoint) -> dict[str, Json]:
    excess = point.divergence
    return {
        "n_cases": point.n,
        "excess_kl": {"value": excess.value, "low": excess.low, "high": excess.high} if excess else None,
        "under_covered": point.under_covered,
        "blocking": list(point.blocking),
        "warning": list(point.warning),
        "may_block": list(point.may_block),
        "may_warn": list(point.may_warn),
    }


def _step(bill: Bill, step: Step | None) -> dict[str, Json] | None:
    if step is None:
        return None
    return {"n_cases": step.n, "hours": bill.hours(step.n), "by_slice": dict(step.by_slice)}


def _diff(diff: Diff) -> dict[str, Json]:
    return {
        "against": diff.against,
        "n_before": diff.n_before,
        "n_after": diff.n_after,
        "changes": [
            {
                "field": change.field,
                "value": change.value,
                "n_before": change.n_before,
                "n_after": change.n_after,
                "share_before": change.share_before,
                "share_after": change.share_after,
                "change": _difference(change.change),
                "p_adjusted": change.p_adjusted,
                "moved": change.moved,
            }
            for change in diff.changes
        ],
    }


def _difference(change: Difference) -> dict[str, Json]:
    return {"value": change.value, "low": change.low, "high": change.high}
