"""`driftcheck investigate` as JSON, schema_version 1; fields are only ever added.

The same inputs, options and seed give the same bytes. Shares and rates are 0..1, changes after minus before.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TextIO

from driftcheck import __version__
from driftcheck.investigation import Difference, Investigation, Mover, SliceChange, Span
from driftcheck.numbers import iso
from driftcheck.renderers.json_values import Json, dumps, whole
from driftcheck.scores import Estimate

SCHEMA_VERSION = 1


def render(found: Investigation, out: TextIO, *, texts: bool = False) -> None:
    """Print it as one JSON object; the texts of traces only with `texts`."""
    out.write(dumps(as_json(found, texts=texts)))


def as_json(found: Investigation, *, texts: bool = False) -> dict[str, Json]:
    """Lay it out."""
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "driftcheck", "version": __version__},
        "sentence": found.sentence,
        "seed": found.seed,
        "model": asdict(found.model) if found.model else None,
        "week": _span(found.week),
        "baseline": _span(found.baseline),
        "satisfaction": {
            "before": _estimate(found.before),
            "after": _estimate(found.after),
            "change": _difference(found.change) if found.change else None,
            "p_value": found.p_value,
            "mix": found.mix,
            "within": found.within,
            "parts": {
                "mix": _difference(found.parts.mix),
                "within": _difference(found.parts.within),
                "mix_of_unrated": found.parts.mix_of_unrated,
            }
            if found.parts
            else None,
            "field": found.satisfaction.field if found.satisfaction else None,
            "good": found.satisfaction.good if found.satisfaction else None,
        },
        "slices": [_slice(row) for row in found.slices],
        "movers": [_mover(mover) for mover in found.movers],
        "n_compared": found.n_compared,
        "first_traces": [
            {
                "trace_id": trace.trace_id,
                "slice_id": trace.slice_id,
                "satisfied": trace.satisfied,
                "nearest_case": trace.nearest_case,
                "similarity": trace.similarity,
                **({"text": trace.text} if texts else {}),
            }
            for trace in found.first_traces
        ],
        "not_measured": dict(found.not_measured),
        "warnings": list(found.warnings),
    }


def _span(span: Span) -> dict[str, Json]:
    return {
        "name": span.name,
        "since": iso(span.since),
        "until": iso(span.until),
        "n_traces": span.n_traces,
        "n_sessions": span.n_sessions,
        "n_embedded": span.n_embedded,
        "n_rated": span.n_rated,
    }


def _estimate(estimate: Estimate | None) -> dict[str, Json] | None:
    if estimate is None:
        return None
    return {"value": estimate.value, "low": estimate.low, "high": estimate.high, "n": whole(estimate.n)}


def _difference(change: Difference) -> dict[str, Json]:
    return {"value": change.value, "low": change.low, "high": change.high}


def _slice(row: SliceChange) -> dict[str, Json]:
    return {
        "id": row.id,
        "name": row.name,
        "terms": list(row.terms),
        "movement": row.movement.value,
        "n_before": row.n_before,
        "n_after": row.n_after,
        "share_before": row.share_before,
        "share_after": row.share_after,
        "share_change": _difference(row.share_change),
        "p_adjusted": row.p_adjusted,
        "satisfaction_before": _estimate(row.satisfaction_before),
        "satisfaction_after": _estimate(row.satisfaction_after),
        "mix": row.mix,
        "within": row.within,
        "effect": row.effect,
        "n_cases": row.n_cases,
        "pass_rate": _estimate(row.pass_rate),
        "case_ids": list(row.case_ids),
        "trace_ids": list(row.trace_ids),
    }


def _mover(mover: Mover) -> dict[str, Json]:
    return {
        "field": mover.field,
        "value": mover.value,
        "movement": mover.movement.value,
        "n_before": mover.n_before,
        "n_after": mover.n_after,
        "share_before": mover.share_before,
        "share_after": mover.share_after,
        "share_change": _difference(mover.share_change),
        "p_adjusted": mover.p_adjusted,
        "satisfaction_after": _estimate(mover.satisfaction_after),
    }
