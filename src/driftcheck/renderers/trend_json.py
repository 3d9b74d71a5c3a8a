"""`driftcheck trend` as JSON, schema_version 1; fields are only ever added.

The same inputs, options and seed give the same bytes. Shares and rates are 0..1, divergences nats, KL is KL(P||Q).
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TextIO

from driftcheck import __version__
from driftcheck.numbers import iso
from driftcheck.renderers.json_values import Json, dumps
from driftcheck.renderers.trend_words import sentences
from driftcheck.scores import Scores
from driftcheck.trend import JointRise, Lagged, Onset, Reading, Trend, TrendPoint

SCHEMA_VERSION = 1


def render(trend: Trend, out: TextIO) -> None:
    """Print it as one JSON object."""
    out.write(dumps(as_json(trend)))


def as_json(trend: Trend) -> dict[str, Json]:
    """Lay it out."""
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "driftcheck", "version": __version__},
        "sentences": list(sentences(trend)),
        "seed": trend.seed,
        "model": asdict(trend.model) if trend.model else None,
        "step": trend.step.value,
        "points": [_point(point) for point in trend.points],
        "correlations": [_lagged(one) for one in trend.correlations],
        "score_up_gap_up": _joint(trend.joint_rise) if trend.joint_rise else None,
        "divergence_since": _onset(trend.onset) if trend.onset else None,
        "traffic_changed_since": _onset(trend.change) if trend.change else None,
        "satisfaction_lower_since": _onset(trend.fall) if trend.fall else None,
        "score_above_satisfaction_since": trend.above,
        "satisfaction": {"field": trend.satisfaction.field, "good": trend.satisfaction.good}
        if trend.satisfaction
        else None,
        "n_recorded": trend.n_recorded,
        "not_measured": dict(trend.not_measured),
        "warnings": list(trend.warnings),
    }


def _point(point: TrendPoint) -> dict[str, Json]:
    return {
        "name": point.name,
        "since": iso(point.since),
        "until": iso(point.until),
        "n_cases": point.n_cases,
        "n_traces": point.n_traces,
        "n_sessions": point.n_sessions,
        "n_embedded": point.n_embedded,
        "n_rated": point.n_rated,
        "scores": _scores(point.scores),
        "run": {
            "run_id": point.run.run_id,
            "time": iso(point.run.time),
            "model": point.run.model or None,
            "prompt": point.run.prompt or None,
            "is_own": point.run.is_own,
        }
        if point.run
        else None,
        "marks": list(point.marks),
        "missing": point.missing or None,
    }


def _scores(scores: Scores) -> dict[str, Json]:
    parts = ("pass_rate", "satisfaction", "gap", "restated_pass_rate", "divergence", "novelty", "coverage")
    measured = {name: getattr(scores, name) for name in parts}
    return {
        **{name: None if part is None else asdict(part) for name, part in measured.items()},
        "response_rate": scores.response_rate,
    }


def _lagged(one: Lagged) -> dict[str, Json]:
    found = one.correlation
    return {
        "lag": one.lag,
        "value": found.value,
        "low": found.low,
        "high": found.high,
        "p_value": found.p_value,
        "p_adjusted": one.p_adjusted,
        "n": found.n,
    }


def _joint(found: JointRise) -> dict[str, Json]:
    return {
        "since": found.since,
        "until": found.until,
        "score": _reading(found.score),
        "gap": _reading(found.gap),
        "divergence": _reading(found.divergence),
        "p_value": found.p_value,
    }


def _reading(reading: Reading | None) -> dict[str, Json] | None:
    if reading is None:
        return None
    return {"first": reading.first, "last": reading.last, "rise": reading.rise, "p_value": reading.p_value}


def _onset(onset: Onset) -> dict[str, Json]:
    return {"name": onset.name, "against": onset.against, "level": onset.level, "p_values": list(onset.p_values)}
