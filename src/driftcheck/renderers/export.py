"""`--export DIR`: every case and every sampled trace as Parquet, one file each, for a notebook.

Texts stay out unless `texts`; ids are always there. The same report gives the same bytes: declared types whatever the
values, floats to six decimals as in the JSON report. What a column means, and its unit, is its field's metadata.

Ids and texts are as the files had them, `=HYPERLINK(...)` too: Parquet has no formulas, a notebook joins on the ids,
and a quote put before them would break the join. Who makes a spreadsheet of it imports these columns as text.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from driftcheck.errors import OutputError
from driftcheck.members import CASE_COLUMNS, TRACE_COLUMNS, Column, column_of
from driftcheck.renderers.files import check_writable, write_whole
from driftcheck.report import Report

if TYPE_CHECKING:
    import pandas as pd

CASES = "cases.parquet"
TRACES = "traces.parquet"
_DECIMALS = 6


def check_exportable(folder: Path) -> None:
    """Find out before the audit, not after it, that `folder` cannot be made or its files not written.

    Raises:
        OutputError: `folder` is a file, or it, a file in it or the folder it would be made in is not writable.

    """
    if folder.is_dir():
        for name in (CASES, TRACES):
            check_writable(folder / name)
        return
    if os.path.lexists(folder):
        raise OutputError(str(folder), "is no folder", "--export names the folder of two files")
    above = next(parent for parent in folder.absolute().parents if os.path.lexists(parent))
    if not above.is_dir():
        raise OutputError(str(folder), f"{above} is no folder")
    if not os.access(above, os.W_OK | os.X_OK):
        raise OutputError(str(folder), f"cannot be made: {above} is not writable")


def export(report: Report, folder: Path, *, texts: bool = False) -> None:
    """Write `cases.parquet` and `traces.parquet` to `folder`, which is made where it is missing.

    Raises:
        OutputError: the system refuses; each file is there whole or as it was before.

    """
    files = {
        CASES: _parquet(report.cases, CASE_COLUMNS, texts=texts),
        TRACES: _parquet(report.traces, TRACE_COLUMNS, texts=texts),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(str(folder), f"cannot be made: {error.strerror or error}") from error
    for name, data in files.items():
        write_whole(folder / name, data)


def _parquet(frame: pd.DataFrame, columns: Mapping[str, Column], *, texts: bool) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = {
        "object": pa.string(),
        "float64": pa.float64(),
        "boolean": pa.bool_(),
        "datetime64[us, UTC]": pa.timestamp("us", tz="UTC"),
    }
    fields, arrays = [], []
    for name in frame.columns:
        column = column_of(columns, name)
        if column.is_text and not texts:
            continue
        values = frame[name].round(_DECIMALS) if column.dtype == "float64" else frame[name]
        about = {"description": column.description, **({"unit": column.unit} if column.unit else {})}
        fields.append(pa.field(name, types[column.dtype], metadata=about))
        arrays.append(pa.array(values, type=types[column.dtype], from_pandas=True))
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_arrays(arrays, schema=pa.schema(fields)), sink, compression="zstd")
    data: bytes = sink.getvalue().to_pybytes()
    return data
