"""Every case and every sampled trace of an audit, as frames for notebooks and `--export`: their columns, declared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from driftcheck.records import SLICE_PREFIX

if TYPE_CHECKING:  # every check imports the report's types: listing checks must load neither
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a frame."""

    description: str
    dtype: Literal["object", "float64", "boolean", "datetime64[us, UTC]"] = "object"
    """`object` holds str, None where null."""
    unit: str = ""
    is_text: bool = False
    """What people wrote: written to files only with `--text`."""


_SLICE_COLUMNS = {
    "slice_id": Column("slice, as in the report; null where there is too little data for slices"),
    "slice_name": Column("name of the slice, or its id where a text would name it"),
}

CASE_COLUMNS: Mapping[str, Column] = {
    "case_id": Column("unique id of the case"),
    **_SLICE_COLUMNS,
    "passed": Column("passes in the latest run, over the case's repeats; null without an outcome", "float64", "share"),
    "language": Column("declared or identified language; und where unsure", unit="ISO 639-1"),
    "nearest_other_case": Column("id of the nearest other case; null where there is too little data for slices"),
    "nearest_other_distance": Column(
        "distance to the nearest other case, on the scale of coverage_distance", "float64", "Euclidean, 0 to 2"
    ),
    "near_duplicate_of": Column("first case of those that repeat each other (DC503); null for that one and for others"),
    "where": Column("file and line, or record number"),
    "text": Column("what was embedded: last user turn, or the whole conversation", is_text=True),
}
"""Columns of the cases, one row each in the order of `case_id`; `slice:NAME` columns stand before the text."""

TRACE_COLUMNS: Mapping[str, Column] = {
    "trace_id": Column("id of the trace that stands for its session"),
    "session": Column("hash of the session", unit="64 bits, hexadecimal"),
    "timestamp": Column("time of the trace; null where unknown", "datetime64[us, UTC]", "UTC"),
    **_SLICE_COLUMNS,
    "coverage_distance": Column(
        "Euclidean distance to the nearest case, between principal components of the unit embeddings; null"
        " where there is too little data for slices",
        "float64",
        "Euclidean, 0 to 2",
    ),
    "nearest_case": Column("case_id of that case"),
    "novel": Column("farther from its nearest case than 95 % of cases are from another (DC102)", "boolean"),
    "satisfied": Column("good ratings of the session; null where unrated", "float64", "share"),
    "language": Column("declared or identified language; und where unsure", unit="ISO 639-1"),
    "model": Column("model that answered; null where unknown"),
    "error": Column("error class; null where the trace ended well"),
    "text": Column("what was embedded: last user turn, or the whole conversation", is_text=True),
}
"""Columns of the sampled traces, one row a session in the order of its hash; `slice:NAME` columns before the text."""

_DECLARED_SLICE = Column("value of the declared slice column; null where unknown")


@dataclass(frozen=True)
class TopicMap:
    """Where every case and sampled trace lies on a plane: near texts near each other, for the eye alone."""

    cases: NDArray[np.float32]
    """(n_cases, 2), within -1..1, in the order of the report's cases."""
    traces: NDArray[np.float32]
    """(n_traces, 2), in the order of the report's traces."""


def column_of(columns: Mapping[str, Column], name: str) -> Column:
    """Find what is declared of a column, `slice:NAME` columns among them.

    >>> column_of(CASE_COLUMNS, "passed").unit
    'share'
    """
    return _DECLARED_SLICE if name.startswith(SLICE_PREFIX) else columns[name]


def make_members(columns: Mapping[str, Column], values: Mapping[str, Any] | None = None) -> pd.DataFrame:
    """Put values into a frame of the declared columns, in their order and types; empty without values.

    Args:
        columns: CASE_COLUMNS or TRACE_COLUMNS.
        values: by column, one each a row; timestamps are unix seconds. `slice:NAME` columns may be among them.

    Raises:
        KeyError: a declared column has no values.

    """
    import pandas as pd

    given = dict.fromkeys(columns, ()) if values is None else values
    declared = [name for name in given if name.startswith(SLICE_PREFIX)]
    order = [name for name in columns if not columns[name].is_text] + declared
    order += [name for name in columns if columns[name].is_text]
    return pd.DataFrame({name: _series(given[name], column_of(columns, name)) for name in order})


def _series(values: Any, column: Column) -> pd.Series[Any]:
    import pandas as pd

    series: pd.Series[Any]
    if column.dtype == "object":
        series = pd.Series([value if isinstance(value, str) else None for value in values], dtype=object)
    elif column.dtype == "datetime64[us, UTC]":
        series = pd.Series(_moments(values)).dt.tz_localize("UTC")
    else:
        series = pd.Series(values, dtype=column.dtype)
    return series


def _moments(seconds: Any) -> NDArray[np.datetime64]:
    """Unix seconds to the microsecond, NaT for NaN."""
    import numpy as np

    seconds = np.asarray(seconds, dtype=np.float64)
    known = np.isfinite(seconds)
    moments = np.round(np.where(known, seconds, 0.0) * 1e6).astype(np.int64).astype("datetime64[us]")
    moments[~known] = np.datetime64("NaT")
    return moments


def no_cases() -> pd.DataFrame:
    """Cases of a report that was made without them."""
    return make_members(CASE_COLUMNS)


def no_traces() -> pd.DataFrame:
    """Traces of a report that was made without them."""
    return make_members(TRACE_COLUMNS)
