"""`driftcheck power` as JSON, schema_version 1. Fields are only ever added.

The same inputs, options and seed give the same bytes: sorted keys, six decimals, null for what is not known. No texts.
"""

from __future__ import annotations

from dataclasses import asdict

from driftcheck import __version__
from driftcheck.power_report import NOTICED, GapPower, Noticed, PowerCell, PowerReport, TrafficPower
from driftcheck.renderers.json_values import Json, dumps, whole
from driftcheck.scores import Estimate

SCHEMA_VERSION = 1


def render(report: PowerReport) -> bytes:
    """One JSON object, UTF-8."""
    return dumps(as_json(report)).encode("utf-8")


def as_json(report: PowerReport) -> dict[str, Json]:
    """Lay the report out."""
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "driftcheck", "version": __version__},
        "command": "power",
        "seed": report.seed,
        "model": asdict(report.model),
        "inputs": {
            "eval_set": {"path": report.eval_set, "n_cases": report.n_cases},
            "production": {"path": report.production, "n_sessions": report.n_sessions},
        },
        "noticed_share_of_weeks": NOTICED,
        "n_draws": report.n_draws,
        "sentences": list(report.sentences),
        "notes": list(report.notes),
        "traffic": _traffic(report.traffic) if report.traffic else None,
        "traffic_reason": report.traffic_reason,
        "gap": _gap(report.gap) if report.gap else None,
        "gap_reason": report.gap_reason,
    }


def _traffic(traffic: TrafficPower) -> dict[str, Json]:
    return {
        "checks": list(traffic.checks),
        "n_pool": traffic.n_pool,
        "false_alarms": {
            **_alarms(traffic.false_alarms),
            "by_check": dict(traffic.false_alarms_by_check),
        },
        "cells": [_cell(cell) for cell in traffic.cells],
        "noticed": [_noticed(row) for row in traffic.noticed],
        "wish": asdict(traffic.wish) if traffic.wish else None,
        "topics": [asdict(topic) for topic in traffic.topics],
    }


def _cell(cell: PowerCell) -> dict[str, Json]:
    return {
        "drift": cell.drift.value,
        "size": cell.size,
        "n_cases": cell.n_cases,
        "n_sessions_mean": cell.n_sessions,
        **_alarms(cell.alarms),
        "by_check": dict(cell.alarms_by_check),
        "fitted": cell.fitted,
    }


def _alarms(rate: Estimate) -> dict[str, Json]:
    return {
        "n_draws": whole(rate.n),
        "n_alarms": round(rate.value * rate.n),
        "rate": rate.value,
        "low": rate.low,
        "high": rate.high,
    }


def _noticed(row: Noticed) -> dict[str, Json]:
    return {
        "drift": row.drift.value,
        "n_cases": row.n_cases,
        "n_sessions": row.n_sessions,
        "size": row.size,
        "low": row.low,
        "high": row.high,
        "n_draws": row.n_draws,
        "n_draws_fitted": row.n_draws_fitted,
        "extrapolated": row.extrapolated,
        "curve": [asdict(point) for point in row.curve],
    }


def _gap(gap: GapPower) -> dict[str, Json]:
    return {
        "fail": gap.fail,
        "pass_rate": gap.pass_rate,
        "n_cases": gap.n_cases,
        "n_ratings": gap.n_ratings,
        "design_effect": gap.design_effect,
        "smallest": gap.smallest,
        "cells": [asdict(cell) for cell in gap.cells],
        "needs": [asdict(need) for need in gap.needs],
    }
