"""Parquet rows: read by batches, with the columns' own types."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any, TypeVar

from driftcheck.errors import InputError
from driftcheck.loaders.source import Source

BATCH = 256
"""Rows in memory at a time, where they are short."""
_BATCH_BYTES = 32 << 20
"""Bytes of a batch of rows that are long; a few bytes of a dictionary may stand for gigabytes of rows."""
_BUFFER = 1 << 16
"""Bytes of a column that are read at a time, rather than all of its row group."""
_MAX_PACKED = 512 << 20
_PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}

Converted = TypeVar("Converted")


def parquet_rows(source: Source) -> Iterator[dict[str, Any]]:
    """Stream the rows of a Parquet file.

    Raises:
        InputError: pyarrow is missing, or the file is damaged.

    """
    for rows in _batches(source, None, lambda batch: batch.to_pylist()):
        yield from rows


def parquet_head(source: Source, n: int) -> list[dict[str, Any]]:
    """Read the first rows of a Parquet file, up to `n`; fewer where they are long.

    Raises:
        InputError: pyarrow is missing, or the file is damaged.

    """
    rows: list[dict[str, Any]] = next(_batches(source, None, lambda batch: batch.slice(0, n).to_pylist()), [])
    return rows


def parquet_columns_of(source: Source, wanted: Collection[str]) -> Iterator[dict[str, list[Any]]]:
    """Stream the values of some rows by column, times as unix seconds; columns that are not `wanted` cost nothing.

    Raises:
        InputError: pyarrow is missing, or the file is damaged.

    """
    return _batches(source, wanted, _by_column)


def _by_column(batch: Any) -> dict[str, list[Any]]:
    return {name: _values(column) for name, column in zip(batch.schema.names, batch.columns, strict=True)}


def _values(column: Any) -> list[Any]:
    if str(column.type).startswith("timestamp["):  # a datetime, with its zone, costs twenty times as much to make
        ticks = _PER_SECOND[column.type.unit]
        return [None if count is None else count / ticks for count in column.cast("int64").to_pylist()]
    values: list[Any] = column.to_pylist()
    return values


def _batches(
    source: Source, wanted: Collection[str] | None, convert: Callable[[Any], Converted]
) -> Iterator[Converted]:
    pyarrow, file = _open(source)
    try:
        names = None if wanted is None else [name for name in file.schema_arrow.names if name in wanted]
        if names and any("." in name for name in names):  # pyarrow would look for a field within a column
            names = None
        first = next(file.iter_batches(batch_size=1, columns=names, use_threads=False), None)
        n_rows = BATCH if first is None else min(max(_BATCH_BYTES // max(first.nbytes, 1), 1), BATCH)
        for batch in file.iter_batches(batch_size=n_rows, columns=names, use_threads=False):
            yield convert(batch)
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        raise InputError(source.name, f"is a damaged Parquet file: {_line(error)}") from None
    finally:
        file.close(force=True)


def parquet_columns(source: Source) -> tuple[str, ...]:
    """Name the top-level columns of a Parquet file."""
    _, file = _open(source)
    try:
        return tuple(file.schema_arrow.names)
    finally:
        file.close(force=True)


def _open(source: Source) -> tuple[Any, Any]:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise InputError(source.name, "is a Parquet file", "pip install pyarrow") from None
    stream = source.open()
    try:
        if not stream.seekable():  # a compressed Parquet file: Parquet starts at its end
            with stream:
                data = stream.read(_MAX_PACKED + 1)
            if len(data) > _MAX_PACKED:
                raise InputError(
                    source.name, f"is a compressed Parquet file larger than {_MAX_PACKED >> 20} MB", "unpack it"
                )
            stream = pyarrow.BufferReader(data)
        return pyarrow, pyarrow.parquet.ParquetFile(stream, pre_buffer=False, buffer_size=_BUFFER)
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        stream.close()
        raise InputError(source.name, f"is a damaged Parquet file: {_line(error)}") from None


def _line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
