"""Audits as the ledger holds them, made up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from driftcheck.baseline import encode_centroid
from driftcheck.errors import ExitCode
from driftcheck.findings import FindingStatus, Verdict
from driftcheck.ledger.entries import AuditEntry, InputHashes, LatestRun, Sizes, SliceProfile, Subject, UsedModel
from driftcheck.past import PastFinding
from driftcheck.scores import DivergenceScore, Estimate, NoveltyScore, RestatedPassRate, Scores

MODEL = UsedModel("some/model", "a" * 64)
WEEK = 7 * 86_400.0
DIMENSIONS = 384
HASHES = InputHashes("1" * 64, "2" * 64, "3" * 64)


def axis(number: int, width: int = DIMENSIONS) -> str:
    """A centroid of its own for each number."""
    vector = np.zeros(width, dtype=np.float32)
    vector[number] = 1.0
    return encode_centroid(vector)


def slice_at(number: int, name: str, width: int = DIMENSIONS) -> SliceProfile:
    return SliceProfile(name, "words, of, it", 12, 40, 0.04, 0.06, 0.9, 0.8, axis(number, width))


def audit_of(
    week: int, *, slices: Sequence[SliceProfile] = (), value: float = 0.1, highest: int = 0, against: str = ""
) -> AuditEntry:
    """The audit of a week, counted from June 2026."""
    until = 1_780_272_000.0 + week * WEEK
    rate = Estimate(0.9, 0.87, 0.93, 300)
    return AuditEntry(
        at=dt.date(2026, 6, 1) + dt.timedelta(weeks=week),
        subject=Subject("drift.yaml", "0.1.0", 0, MODEL, until - 4 * WEEK, until, replace(HASHES, runs=f"{week:064x}")),
        verdict=Verdict.PASS,
        exit_code=ExitCode.OK,
        sizes=Sizes(300, 2_000, 1_000, 1_000, 240),
        scores=Scores(
            pass_rate=rate,
            satisfaction=rate,
            response_rate=0.12,
            gap=rate,
            restated_pass_rate=RestatedPassRate(0.88, 0.8, 0.92, 0.7, 0.95, 0.1),
            divergence=DivergenceScore(0.1, 0.02, 0.08, 0.01, 0.12, 0.003),
            novelty=NoveltyScore(0.06, 0.05, 0.01, 0.2),
            coverage=rate,
        ),
        findings={
            f"check-{number}": PastFinding(FindingStatus.PASS, value, "share of traffic") for number in range(17)
        },
        run=LatestRun("r1", until, ("gpt",), ("v1",), 300),
        models=("gpt",),
        against=against,
        highest_slice=highest,
        slices=tuple(slices),
    )
