"""`driftcheck compare` as JSON, schema_version 1. Fields are only ever added.

The same inputs, options and seed give the same bytes: sorted keys, six decimals, null for what is not known. No texts.
"""

from __future__ import annotations

from typing import TextIO

from driftcheck import __version__
from driftcheck.history import RunPoint
from driftcheck.numbers import iso
from driftcheck.renderers.json_values import Json, dumps, whole
from driftcheck.run_noise import LEVEL
from driftcheck.stats.intervals import Interval
from driftcheck.upgrade_report import UpgradeReport

SCHEMA_VERSION = 1


def render(report: UpgradeReport, out: TextIO) -> None:
    """One JSON object."""
    out.write(dumps(as_json(report)))


def as_json(report: UpgradeReport) -> dict[str, Json]:
    """Lay the report out."""
    upgrade = report.upgrade
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "driftcheck", "version": __version__},
        "command": "compare",
        "verdict": report.verdict,
        "exit_code": int(report.exit_code),
        "sentence": report.sentence,
        "old": {**_run(upgrade.old), "path": report.old_path, "pass_rate": _interval(upgrade.old_rate)},
        "new": {**_run(upgrade.new), "path": report.new_path, "pass_rate": _interval(upgrade.new_rate)},
        "n_cases": upgrade.n,
        "newly_failing": list(upgrade.newly_failing),
        "newly_passing": list(upgrade.newly_passing),
        "still_failing": list(upgrade.still_failing),
        "flaky": [
            {"case_id": case.case_id, "n_passes": case.n_passes, "n_runs": case.n_runs, "fails_now": case.fails_now}
            for case in upgrade.flaky
        ],
        "moved": [{"case_id": case.case_id, "old": case.old, "new": case.new} for case in upgrade.moved],
        "only_old": list(upgrade.went),
        "only_new": list(upgrade.came),
        "change": _interval(upgrade.change),
        "mcnemar": {"p_value": upgrade.p_mcnemar, "alpha": LEVEL, "sided": "one: the new run is worse", "exact": True},
        "all_cases": {"p_value": upgrade.p_all, "in_change": upgrade.counts_all},
        "p_worse": upgrade.p_worse,
        "p_better": upgrade.p_better,
        "noise": {"p_value": upgrade.p_noise, "n_runs": upgrade.n_reference},
        "smallest_change": upgrade.smallest,
        "slices": [
            {
                "name": row.name,
                "n_cases": row.n,
                "newly_failing": list(row.newly_failing),
                "newly_passing": list(row.newly_passing),
                "change": _interval(row.change),
                "p_adjusted": row.p_value,
            }
            for row in report.slices
        ],
        "blind": None
        if report.blind is None
        else [
            {
                "id": row.id,
                "name": row.name,
                "satisfaction": _interval(row.satisfaction),
                "n_rated": row.n_rated,
                "pass_rate": _interval(row.pass_rate) if row.pass_rate else None,
                "n_cases": row.n_cases,
                "trace_ids": list(row.trace_ids),
            }
            for row in report.blind
        ],
        "not_measured": dict(report.not_measured),
        "warnings": list(report.warnings),
    }


def _run(run: RunPoint) -> dict[str, Json]:
    return {"run_id": run.run_id, "time": iso(run.time), "model": run.model, "prompt": run.prompt}


def _interval(interval: Interval) -> dict[str, Json]:
    return {"value": interval.value, "low": interval.low, "high": interval.high, "n": whole(interval.n)}
