"""An earlier audit that this one is held against: its slices keep their ids, and changes are told.

It is the newest in the ledger, or the JSON report that drift.yaml names.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from driftcheck.findings import FindingStatus, Verdict
from driftcheck.past import PastAudit, PastFinding
from driftcheck.scores import DivergenceScore, Estimate, NoveltyScore, RestatedPassRate, Scores


@dataclass(frozen=True)
class TrafficProfile:
    """What production asked about at some time, without a text: how many sessions lay nearest to each slice."""

    centroids: Mapping[str, NDArray[np.float32]]
    """Mean embedding of each slice by its id, shape (d,)."""
    counts: Mapping[str, int]
    """Sampled sessions nearest to each of them (not those that the clustering put there: nobody can tell that of new
    traffic)."""
    called: str
    """What the time is called in a sentence: "the refresh of 2026-06-01"."""


@dataclass(frozen=True)
class Baseline:
    """What is taken from an earlier audit; empty where there is none."""

    centroids: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)
    """Mean embedding of each slice by its id, shape (d,)."""
    values: Mapping[str, float] = field(default_factory=dict)
    """Value of each check by its name."""
    audits: tuple[PastAudit, ...] = ()
    """Earlier audits, oldest first."""
    called: str = "the baseline"
    """What it is called in a sentence: "at ... it was 2 %"."""
    retired: tuple[str, ...] = ()
    """Ids that slices of older audits had, which must not come back as other slices."""
    refreshed: TrafficProfile | None = None
    """Traffic at the last refresh of the eval set; None where no refresh is remembered."""


def encode_centroid(centroid: NDArray[np.float32]) -> str:
    """A centroid as text: little-endian float16 in base64.

    >>> decode_centroid(encode_centroid(np.array([0.5, -1.0], dtype=np.float32))).tolist()
    [0.5, -1.0]
    """
    return base64.b64encode(centroid.astype("<f2").tobytes()).decode("ascii")


def decode_centroid(text: str) -> NDArray[np.float32]:
    """A centroid from its text. Raises ValueError where it is none."""
    centroid = np.frombuffer(base64.b64decode(text, validate=True), dtype="<f2").astype(np.float32)
    if not np.isfinite(centroid).all():
        raise ValueError("a centroid that is not finite")
    return centroid


def read_baseline(path: Path) -> Baseline:
    """Read a JSON report.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is not a JSON report of driftcheck.

    """
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
        centroids = {str(part["id"]): decode_centroid(part["centroid"]) for part in report["slices"]}
        audit = _past(report, path.name)
    except (KeyError, TypeError, AttributeError) as problem:
        raise ValueError(str(problem)) from None
    values = {name: finding.value for name, finding in audit.findings.items() if finding.value is not None}
    return Baseline(centroids, values, (audit,))


def _past(report: dict[str, Any], name: str) -> PastAudit:
    """The headline numbers of a JSON report."""
    scores, production = report["scores"], report["inputs"]["production"]
    users, gap, cover = scores["satisfaction"], scores["gap"], scores["coverage"]
    ends = production["until"] or production.get("last_in_window")
    return PastAudit(
        name=name,
        time=datetime.fromisoformat(ends).timestamp() if ends else None,
        verdict=Verdict(report["verdict"]),
        scores=Scores(
            pass_rate=Estimate(**scores["pass_rate"]) if scores["pass_rate"] else None,
            satisfaction=Estimate(users["value"], users["low"], users["high"], users["n"]) if users else None,
            response_rate=users["response_rate"] if users else None,
            gap=Estimate(gap["value"], gap["low"], gap["high"], 0) if gap else None,
            restated_pass_rate=RestatedPassRate(**scores["restated_pass_rate"])
            if scores["restated_pass_rate"]
            else None,
            divergence=DivergenceScore(**scores["divergence"]) if scores["divergence"] else None,
            novelty=NoveltyScore(**scores["novelty"]) if scores["novelty"] else None,
            coverage=Estimate(cover["share"], cover["low"], cover["high"], production["n_embedded"]) if cover else None,
        ),
        findings={
            str(finding["name"]): PastFinding(FindingStatus(finding["status"]), finding["value"])
            for finding in report["findings"]
        },
    )
