"""What was understood of the input files, as JSON: what the JSON report says of them, and what `inspect` adds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from driftcheck.numbers import iso
from driftcheck.records import Case, LoadReport, Record, Result, Trace
from driftcheck.renderers.json_values import Json

MAX_SKIPPED = 5
"""Records left out that are listed, over all files of an input."""


def loaded(report: LoadReport, *, texts: bool) -> dict[str, Json]:
    """One file's report; `first` is null unless `texts`."""
    return {
        "path": report.path,
        "kind": report.kind.value,
        "format": report.format,
        "confidence": report.confidence,
        "why": report.why,
        "n_records": report.n_records,
        "n_skipped": report.n_skipped,
        "skipped": [{"where": skipped.where, "why": skipped.why} for skipped in report.skipped[:MAX_SKIPPED]],
        "n_missing_input": report.n_missing_input,
        "n_missing_output": report.n_missing_output,
        "n_errors": report.n_errors,
        "n_pass": report.n_pass,
        "n_fail": report.n_fail,
        "n_duplicate_ids": report.n_duplicate_ids,
        "first_time": iso(report.first_time),
        "last_time": iso(report.last_time),
        "n_rated": report.n_rated,
        "feedback_fields": list(report.feedback_fields),
        "tag_fields": list(report.tag_fields),
        "first": _first(report.first) if texts else None,
        "warnings": list(report.warnings),
    }


def inspected(report: LoadReport, *, texts: bool) -> dict[str, Json]:
    """One file's report with what only `inspect` says; the records are null unless `texts`."""
    return {
        **loaded(report, texts=texts),
        "n_read": report.n_records if report.n_read is None else report.n_read,
        "runner_up": {"format": report.runner_up[0], "confidence": report.runner_up[1]} if report.runner_up else None,
        "nearest": [
            {"format": near.format, "has": list(near.has), "lacks": list(near.lacks)} for near in report.nearest
        ],
        "tag_counts": dict(report.tag_counts),
        "feedback": [
            {
                "name": field.name,
                "source": field.source.value,
                "n": field.n,
                "scale": field.scale,
                "good": field.good,
                "direction": field.direction,
                "share_good": field.share_good,
                "seen": field.seen,
                "declare": field.declare,
                "is_satisfaction": field.is_satisfaction,
                "doubts": list(field.doubts),
            }
            for field in report.feedback
        ],
        "records": [{"where": record.where, **(_first(record) or {})} for record in report.examples] if texts else None,
    }


def loaded_together(reports: Sequence[LoadReport], *, texts: bool) -> dict[str, Json]:
    """All files of one input as one report: counts summed, confidence the lowest, each file below `files`."""
    return {
        "path": ", ".join(report.path for report in reports),
        "kind": _one_of(report.kind.value for report in reports),
        "format": _one_of(report.format for report in reports),
        "confidence": min((report.confidence for report in reports), default=None),
        "why": _one_of(report.why for report in reports),
        "n_records": sum(report.n_records for report in reports),
        "n_skipped": sum(report.n_skipped for report in reports),
        "skipped": [{"where": skipped.where, "why": skipped.why} for report in reports for skipped in report.skipped][
            :MAX_SKIPPED
        ],
        "n_missing_input": sum(report.n_missing_input for report in reports),
        "n_missing_output": sum(report.n_missing_output for report in reports),
        "n_errors": sum(report.n_errors for report in reports),
        "n_pass": sum(report.n_pass for report in reports),
        "n_fail": sum(report.n_fail for report in reports),
        "n_duplicate_ids": sum(report.n_duplicate_ids for report in reports),
        "first_time": iso(min((r.first_time for r in reports if r.first_time is not None), default=None)),
        "last_time": iso(max((r.last_time for r in reports if r.last_time is not None), default=None)),
        "n_rated": sum(report.n_rated for report in reports),
        "feedback_fields": _distinct(name for report in reports for name in report.feedback_fields),
        "tag_fields": _distinct(name for report in reports for name in report.tag_fields),
        "first": _first(reports[0].first) if reports and texts else None,
        "warnings": _distinct(warning for report in reports for warning in report.warnings),
        "files": [loaded(report, texts=texts) for report in reports],
    }


def _first(record: Record | None) -> dict[str, Json] | None:
    if isinstance(record, Case):
        return {"id": record.case_id, "input": record.input_text, "expected": next(iter(record.expected), None)}
    if isinstance(record, Trace):
        return {"id": record.trace_id, "input": record.input_text, "output": record.output_text}
    if isinstance(record, Result):
        return {"id": record.case_id, "input": record.input_text, "status": record.status.value}
    return None


def _distinct(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(texts))


def _one_of(texts: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(texts))
