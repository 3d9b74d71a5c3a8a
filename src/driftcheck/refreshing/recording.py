"""What the ledger keeps of a refresh."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from driftcheck.gathering import Gathered
from driftcheck.ledger.events import Refreshed, encoded
from driftcheck.refreshing.moving import mixes_of
from driftcheck.refreshing.needs import Needs
from driftcheck.refreshing.proposing import tokens_of
from driftcheck.slices.profile import make_profile


def make_event(
    gathered: Gathered,
    at: dt.date,
    path: Path,
    folder: Path,
    rows: Sequence[int],
    needs: Needs | None,
    mask: Callable[[str], str],
) -> Refreshed:
    """What the ledger keeps: tokens of what was proposed, and what traffic was made of."""
    comparison, subject = gathered.comparison, gathered.subject
    sample = comparison.production.sample
    chosen = sample.iloc[list(rows)]
    columns = (chosen["trace_id"].astype(str), chosen["session"], chosen["input"])
    tokens = dict.fromkeys(
        token for trace, session, text in zip(*columns, strict=True) for token in tokens_of(trace, int(session), text)
    )
    centroids: Mapping[str, str] = {}
    counts: Mapping[str, int] = {}
    if needs:
        parts = {part.id: part.centroid for part in comparison.traffic.partition.slices}
        profile = make_profile(parts, comparison.trace_vectors, "")
        centroids, counts = encoded(profile), profile.counts
    return Refreshed(
        at=at,
        config=subject.config,
        model=subject.model,
        proposals=_relative(path, folder)[-400:],
        n_proposed=len(rows),
        asked=tuple(tokens),
        centroids=centroids,
        counts=counts,
        mixes=mixes_of(comparison, mask),
    )


def _relative(path: Path, folder: Path) -> str:
    try:
        return Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:  # on another drive
        return path.name
