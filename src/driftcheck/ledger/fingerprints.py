"""Hashes of what was compared: the same records give the same hash, in whatever order and files they come."""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftcheck.ledger.entries import InputHashes
from driftcheck.records import SLICE_PREFIX, EvalSet, Production, Runs

_CASE = (
    *("case_id", "text", "expected", "language", "created_at", "validated_at", "expires_at"),
    *("owner", "source_trace_id", "provenance", "split", "tags"),
)
_RESULT = ("run_id", "case_id", "own_id", "status", "run_time", "score", "model", "prompt_id", "variant", "repeat")
_TRAFFIC = ("session", "timestamp", "error", "satisfied")
_SAMPLE = (
    *("session", "trace_id", "timestamp", "text", "language", "model", "error", "tools", "satisfied"),
    *("output", "comment"),
)


def hash_inputs(eval_set: EvalSet, runs: Runs | None, production: Production, runs_until: float | None) -> InputHashes:
    """Hash what an audit looks at: cases, results up to the end of the window, the sample and the traffic behind it."""
    results = None if runs is None else runs.frame
    if runs is not None and len(runs.sealed):
        results = pd.concat([runs.frame, runs.sealed], ignore_index=True)
    if results is not None and runs_until is not None:
        results = results[~(results["run_time"] > runs_until)]
    return InputHashes(
        eval_set=hash_records(eval_set.frame, _CASE),
        runs="" if results is None else hash_records(results, _RESULT),
        production=_joined(hash_records(production.sample, _SAMPLE), hash_records(production.traffic, _TRAFFIC)),
    )


def hash_records(frame: pd.DataFrame, columns: tuple[str, ...]) -> str:
    """Hash rows, as a multiset: of these columns and those of declared slices.

    >>> rows = pd.DataFrame({"id": ["a", "b", None], "x": [1.0, 2.0, float("nan")]})
    >>> hash_records(rows, ("id", "x")) == hash_records(rows[::-1], ("id", "x"))
    True

    Raises:
        KeyError: a column is not there.

    """
    declared = sorted(name for name in frame.columns if name.startswith(SLICE_PREFIX))
    digest = hashlib.sha256()
    keys = []
    for name in (*columns, *declared):
        values, codes = _coded(frame[name])
        for part in (name.encode(), values):
            digest.update(len(part).to_bytes(8, "little"))
            digest.update(part)
        keys.append(codes)
    order = np.lexsort(keys)
    for codes in keys:
        digest.update(codes[order].astype("<i8").tobytes())
    return digest.hexdigest()


def _coded(column: pd.Series[str] | pd.Series[float]) -> tuple[bytes, NDArray[np.int64]]:
    """The distinct values of a column as bytes, and the rank of each row's among them: -1 where there is none."""
    values = column.to_numpy()
    if isinstance(column.dtype, pd.CategoricalDtype) or column.dtype == object or pd.api.types.is_string_dtype(column):
        codes, names = pd.factorize(np.asarray(values, dtype=object), sort=True)
        return "\0".join(map(str, names)).encode("utf-8", "surrogatepass"), codes.astype(np.int64)
    codes, numbers = pd.factorize(values, sort=True)
    return np.asarray(numbers).astype("<u8" if values.dtype.kind == "u" else "<f8").tobytes(), codes.astype(np.int64)


def _joined(*hashes: str) -> str:
    return hashlib.sha256("".join(hashes).encode("ascii")).hexdigest()
