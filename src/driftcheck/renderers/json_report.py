"""The report as JSON, schema_version 1: for CI and scripts. Fields are only ever added.

The same inputs, options and seed give the same bytes: no clock, no host, sorted keys, six decimals, null for what is
not known. Times are ISO 8601 in UTC. The texts of traces and cases stay out unless `texts`; ids are always there.
The schema, written by hand, is `report.schema.json` beside this file.
"""

from __future__ import annotations

import datetime as dt
from importlib import resources
from typing import TextIO

from driftcheck import __version__
from driftcheck.findings import Evidence, Finding
from driftcheck.numbers import iso
from driftcheck.records import LoadReport
from driftcheck.renderers.json_values import Json, dumps, whole
from driftcheck.renderers.loaded import loaded, loaded_together
from driftcheck.report import Cadence, Inputs, Report, RunInput, SliceRow
from driftcheck.scores import Estimate, Scores
from driftcheck.sizes import POWER

SCHEMA_VERSION = 1
MAX_IDS = 20
"""Central members listed of a slice or behind a finding; `--export` gives all."""


def render(report: Report, out: TextIO, *, texts: bool = False) -> None:
    """Print the report as one JSON object."""
    out.write(dumps(as_json(report, texts=texts)))


def as_json(report: Report, *, texts: bool = False) -> dict[str, Json]:
    """Lay the report out as the contract names it."""
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "driftcheck", "version": __version__},
        "verdict": report.verdict.value,
        "exit_code": int(report.exit_code),
        "sentence": report.sentence,
        "seed": report.seed,
        "model": _fields(report.model, "name", "revision", "sha256", "precision"),
        "inputs": _inputs(report.inputs, texts=texts),
        "scores": _scores(report.scores),
        "findings": [_finding(finding, texts=texts) for finding in report.finding_rows],
        "slices": [_slice(row, texts=texts) for row in report.slice_rows],
        "next_steps": list(report.next_steps),
        "upkeep": _cadence(report.cadence) if report.cadence else None,
    }


def schema() -> str:
    """Read the report's JSON schema (draft 2020-12), as text."""
    return resources.files(__package__).joinpath("report.schema.json").read_text("utf-8")


def _cadence(cadence: Cadence) -> dict[str, Json]:
    every = cadence.refresh_every
    return {
        "owner": cadence.owner,
        "refreshed": _day(cadence.refreshed),
        "refresh_every_days": None if every is None else every.total_seconds() / 86_400,
        "next_refresh": _day(cadence.next_refresh),
        "overdue_days": cadence.overdue_days,
        "proposed": _day(cadence.proposed),
        "whose_move": cadence.whose_move,
    }


def _day(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()


def _inputs(inputs: Inputs, *, texts: bool) -> dict[str, Json]:
    production = inputs.production
    understood = loaded_together(production.reports, texts=texts)
    reports = {report.path: report for report in inputs.run_reports}
    named = {run.path for run in inputs.runs}
    return {
        "eval_set": {
            **loaded_together(inputs.eval_set, texts=texts),
            "path": inputs.eval_set_path,
            "n_cases": inputs.n_cases,
        },
        "runs": [_run(run, reports.get(run.path), texts=texts) for run in inputs.runs],
        "run_files_without_run": [loaded(report, texts=texts) for path, report in reports.items() if path not in named],
        "n_unjoined": inputs.n_unjoined,
        "production": {
            **understood,
            "path": production.path,
            "format": production.format,
            "n_traces": production.n_traces,
            "n_sessions": production.n_sessions,
            "n_embedded": production.n_embedded,
            "since": iso(production.since),
            "until": iso(production.until),
            "first_in_window": iso(production.first_time),
            "last_in_window": iso(production.last_time),
            "n_rated": production.n_rated,
            "n_outside_window": production.n_outside_window,
            "satisfaction": _fields(production.satisfaction, "field", "scale", "good", "inferred"),
            "warnings": list(
                dict.fromkeys([*production.warnings, *(text for r in production.reports for text in r.warnings)])
            ),
        },
    }


def _run(run: RunInput, report: LoadReport | None, *, texts: bool) -> dict[str, Json]:
    return {
        **(loaded(report, texts=texts) if report else {}),
        "path": run.path,
        "run_id": run.run_id,
        "time": iso(run.time),
        "model": run.model,
        "n_pass": run.n_pass,
        "n_fail": run.n_fail,
        "n_error": run.n_error,
        "n_other": run.n_other,
        "n_joined": run.n_joined,
    }


def _scores(scores: Scores) -> dict[str, Json]:
    users, cover = scores.satisfaction, scores.coverage
    return {
        "pass_rate": _estimate(scores.pass_rate) if scores.pass_rate else None,
        "satisfaction": {**_estimate(users), "response_rate": scores.response_rate} if users else None,
        "gap": _fields(scores.gap, "value", "low", "high"),
        "restated_pass_rate": _fields(
            scores.restated_pass_rate, "value", "low", "high", "worst", "best", "uncovered_share"
        ),
        "divergence": _fields(scores.divergence, "kl", "null_mean", "excess", "low", "high", "p_value"),
        "novelty": _fields(scores.novelty, "share", "expected", "excess", "p_value"),
        "coverage": {"share": cover.value, "low": cover.low, "high": cover.high} if cover else None,
    }


def _estimate(estimate: Estimate) -> dict[str, Json]:
    return {"value": estimate.value, "low": estimate.low, "high": estimate.high, "n": whole(estimate.n)}


def _fields(record: object | None, *names: str) -> dict[str, Json] | None:
    """Name the fields that go out: what is added to a type stays inside until it is added here."""
    return None if record is None else {name: getattr(record, name) for name in names}


def _finding(finding: Finding, *, texts: bool) -> dict[str, Json]:
    measured = finding.measurement
    fields: dict[str, Json] = {
        "code": finding.code,
        "name": finding.name,
        "title": finding.title,
        "status": finding.status.value,
        "value": None,
        "unit": finding.unit,
        "low": None,
        "high": None,
        "warn": finding.warn,
        "fail": finding.fail,
        "required": finding.required,
        "p_value": None,
        "n": {},
        "summary": "",
        "evidence": [],
        "reason": finding.reason,
        "fix": "",
        "could_have_noticed": None,
    }
    if measured is not None:
        fields |= {
            "value": measured.value,
            "low": measured.low,
            "high": measured.high,
            "p_value": measured.p_value,
            "n": {name: whole(n) for name, n in measured.n.items()},
            "summary": measured.summary,
            "evidence": [_evidence(evidence, texts=texts) for evidence in measured.evidence],
            "fix": measured.fix,
        }
    if measured is not None and measured.could_have_noticed:
        fields["could_have_noticed"] = {
            "sentence": measured.could_have_noticed,
            "value": measured.noticeable,
            "power": POWER,
        }
    return fields


def _evidence(evidence: Evidence, *, texts: bool) -> dict[str, Json]:
    fields: dict[str, Json] = {
        "label": evidence.label,
        "numbers": dict(evidence.numbers),
        "slice_id": evidence.slice_id,
        "case_ids": list(evidence.case_ids[:MAX_IDS]),
        "trace_ids": list(evidence.trace_ids[:MAX_IDS]),
        "contribution": evidence.contribution,
    }
    if texts and evidence.texts:
        fields["texts"] = dict(evidence.texts)
    return fields


def _slice(row: SliceRow, *, texts: bool) -> dict[str, Json]:
    fields: dict[str, Json] = {
        "id": row.id,
        "name": row.name,
        "terms": list(row.terms),
        "n_cases": row.n_cases,
        "n_traces": row.n_traces,
        "share_eval": row.share_eval,
        "share_production": row.share_production,
        "delta": row.delta,
        "low": row.low,
        "high": row.high,
        "p_adjusted": row.p_adjusted,
        "coverage": row.coverage,
        "under_covered": row.under_covered,
        **_rate("pass_rate", row.pass_rate),
        **_rate("satisfaction", row.satisfaction),
        "response_rate": row.response_rate,
        "restated": row.restated,
        "cases_to_add": row.cases_to_add,
        "cases_to_know": row.cases_to_know,
        "case_ids": list(row.case_ids[:MAX_IDS]),
        "trace_ids": list(row.trace_ids[:MAX_IDS]),
        "centroid": row.centroid,
    }
    if texts:
        fields["example"] = row.example
    return fields


def _rate(name: str, rate: Estimate | None) -> dict[str, Json]:
    """Lay a slice's rate out flat: tables of slices are what people load."""
    return {
        name: rate.value if rate else None,
        f"{name}_low": rate.low if rate else None,
        f"{name}_high": rate.high if rate else None,
        f"{name}_n": whole(rate.n) if rate else None,
    }
