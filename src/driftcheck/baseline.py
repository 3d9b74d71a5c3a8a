"""An earlier report that this audit is held against: its slices keep their ids, and changes are told."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Baseline:
    """What is taken from an earlier JSON report; empty where there is none."""

    centroids: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)
    """Mean embedding of each slice by its id, shape (d,)."""
    values: Mapping[str, float] = field(default_factory=dict)
    """Value of each check by its name."""


def encode_centroid(centroid: NDArray[np.float32]) -> str:
    """A centroid as text: little-endian float16 in base64.

    >>> decode_centroid(encode_centroid(np.array([0.5, -1.0], dtype=np.float32))).tolist()
    [0.5, -1.0]
    """
    return base64.b64encode(centroid.astype("<f2").tobytes()).decode("ascii")


def decode_centroid(text: str) -> NDArray[np.float32]:
    """A centroid from its text. Raises ValueError where it is none."""
    return np.frombuffer(base64.b64decode(text, validate=True), dtype="<f2").astype(np.float32)


def read_baseline(path: Path) -> Baseline:
    """Read a JSON report.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is not a JSON report of driftcheck.

    """
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
        centroids = {str(part["id"]): decode_centroid(part["centroid"]) for part in report["slices"]}
        values = {
            str(finding["name"]): float(finding["value"])
            for finding in report["findings"]
            if finding["value"] is not None
        }
    except (KeyError, TypeError, AttributeError) as problem:
        raise ValueError(str(problem)) from None
    return Baseline(centroids, values)
