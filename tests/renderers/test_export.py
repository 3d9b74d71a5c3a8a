"""`--export`: Parquet that says what its columns mean, whole or not at all, without texts unless asked."""

from __future__ import annotations

import errno
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from tests.checks.worlds import make_comparison
from tests.renderers import example_report

from driftcheck.errors import OutputError
from driftcheck.members import CASE_COLUMNS, TRACE_COLUMNS
from driftcheck.renderers import files
from driftcheck.renderers.export import check_exportable, export
from driftcheck.report import Report
from driftcheck.reporting import make_case_frame, make_trace_frame


@pytest.fixture(scope="module")
def report() -> Report:
    comparison = make_comparison(new_share=0.2, repeat_cases=5)
    return replace(example_report.failing(), cases=make_case_frame(comparison), traces=make_trace_frame(comparison))


def test_reads_back_as_it_was(report: Report, tmp_path: Path) -> None:
    export(report, tmp_path, texts=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cases.parquet", "traces.parquet"]
    for name, frame in (("cases", report.cases), ("traces", report.traces)):
        table = pq.read_table(tmp_path / f"{name}.parquet")
        assert table.column_names == list(frame.columns)
        for column in frame:
            values = frame[column].round(6) if frame[column].dtype == "float64" else frame[column]
            expected = [None if pd.isna(value) else value for value in values.tolist()]
            assert table[column].to_pylist() == expected, column
    read = pd.read_parquet(tmp_path / "traces.parquet")
    assert str(read["timestamp"].dtype) == "datetime64[us, UTC]"
    assert read["novel"].dtype == bool


def test_texts_only_when_asked(report: Report, tmp_path: Path) -> None:
    export(report, tmp_path)
    for name, frame, ids in (("cases", report.cases, "case_id"), ("traces", report.traces, "trace_id")):
        table = pq.read_table(tmp_path / f"{name}.parquet")
        assert set(frame.columns) - set(table.column_names) == {"text"}
        assert table[ids].to_pylist() == frame[ids].tolist()
        written = {value for column in table.columns for value in column.to_pylist()}
        assert not written & set(frame["text"])


def test_every_column_says_what_it_means(report: Report, tmp_path: Path) -> None:
    export(report, tmp_path, texts=True)
    for name, columns in (("cases", CASE_COLUMNS), ("traces", TRACE_COLUMNS)):
        schema = pq.read_schema(tmp_path / f"{name}.parquet")
        for field in schema:
            assert field.metadata[b"description"]
        for column, declared in columns.items():
            about = schema.field(column).metadata
            assert about[b"description"].decode() == declared.description
            assert about.get(b"unit", b"").decode() == declared.unit


def test_the_same_report_gives_the_same_bytes(report: Report, tmp_path: Path) -> None:
    for folder in ("a", "deep/b"):
        export(report, tmp_path / folder, texts=True)
    for name in ("cases.parquet", "traces.parquet"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "deep" / "b" / name).read_bytes()


@pytest.mark.parametrize("n_cases", [0, 12])
def test_columns_keep_their_types_where_nothing_is_known(report: Report, tmp_path: Path, n_cases: int) -> None:
    export(report, tmp_path / "full", texts=True)
    blind = example_report.blind()
    if n_cases:
        comparison = make_comparison(n_cases=n_cases, n_traces=50, with_runs=False, rated=0.0)
        blind = replace(blind, cases=make_case_frame(comparison), traces=make_trace_frame(comparison))
    export(blind, tmp_path / "blind", texts=True)
    for name in ("cases.parquet", "traces.parquet"):
        full, bare = (pq.read_schema(tmp_path / folder / name) for folder in ("full", "blind"))
        assert [full.field(field.name).type for field in bare] == bare.types


def test_reports_differ_by_what_they_say_not_by_their_frames(report: Report) -> None:
    assert report == example_report.failing()
    assert "trace_id " not in repr(report)


def test_a_folder_that_is_there_or_can_be_made(tmp_path: Path) -> None:
    check_exportable(tmp_path)
    check_exportable(tmp_path / "new" / "deep")
    assert not (tmp_path / "new").exists()


def test_says_what_is_in_the_way(tmp_path: Path, report: Report) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    (tmp_path / "out" / "traces.parquet").mkdir(parents=True)
    for name in ("file", "dangling"):
        with pytest.raises(OutputError, match="is no folder"):
            check_exportable(tmp_path / name)
        with pytest.raises(OutputError, match="cannot be made"):
            export(report, tmp_path / name)
    with pytest.raises(OutputError, match=r"file/deep: .*file is no folder"):
        check_exportable(tmp_path / "file" / "deep")
    with pytest.raises(OutputError, match=r"traces.parquet: is a folder"):
        check_exportable(tmp_path / "out")


def test_a_folder_that_is_write_protected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked of the system, since whoever runs as root may write anywhere."""

    def refuse(path: Path, *, exist_ok: bool = True) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(files.os, "access", lambda path, mode: False)
    monkeypatch.setattr(Path, "touch", refuse)
    with pytest.raises(OutputError, match="is not writable"):
        check_exportable(tmp_path)
    with pytest.raises(OutputError, match=r"cannot be made: .* is not writable"):
        check_exportable(tmp_path / "new")


def test_a_failed_write_leaves_the_old_files(tmp_path: Path, report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    export(report, tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(OutputError, match="No space left on device"):
        export(report, tmp_path, texts=True)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
