"""Blocks: what is read of a table does not hang on how its rows are gathered, nor on the container."""

import csv
import json
from collections.abc import Iterator
from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from driftcheck.errors import InputError
from driftcheck.loaders import document, generic_traces
from driftcheck.loaders.blocks import BLOCK, RowBlock, row_blocks
from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.document import ReadLog, open_document
from driftcheck.loaders.source import find_sources
from driftcheck.records import Trace, make_traces

N = 2 * BLOCK + 3
TIMES = ("2026-08-10T12:00:00Z", "2026-08-10 12:00", "1786365015", "soon", "")


def rows() -> Iterator[dict[str, Any]]:
    """Rows as a spreadsheet has them: all texts, some empty, some across lines."""
    for number in range(N):
        yield {
            "id": f"t{number}",
            "input": ("Where, please,\nis it?", "it's", 'a "quote"', "", "Hi")[number % 5],
            "output": "Soon." if number % 7 else "",
            "timestamp": TIMES[number % 5] if number > 9 else TIMES[0],
            "session": f" s{number // 3}",
            "plan": ("pro", "free", "")[number % 3],
            "csat": ("", "4", "5")[number % 3],
            "status": ("", "503")[number % 2],
        }


def read(path: Path, name: str) -> tuple[list[Trace], ReadLog]:
    doc, log = open_document(find_sources([name], base=path)[0]), ReadLog()
    return list(generic_traces.read(doc, log, ColumnMap())), log


def test_every_container_gives_the_same_traces(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    with (tmp_path / "table").open("w", newline="") as stream:
        table = csv.DictWriter(stream, next(rows()))
        table.writeheader()
        table.writerows(rows())
    (tmp_path / "lines").write_text("\n".join(map(json.dumps, rows())))
    parquet.write_table(pyarrow.Table.from_pylist(list(rows())), tmp_path / "columns")
    found = {name: read(tmp_path, name) for name in ("table", "lines", "columns")}
    bare = {name: [replace(trace, where="") for trace in traces] for name, (traces, _) in found.items()}
    assert bare["lines"] == bare["columns"] == bare["table"]
    assert len(bare["table"]) == N
    told = {name: [text.partition(" (")[0] for text in log.warnings] for name, (_, log) in found.items()}
    assert told["lines"] == told["columns"] == told["table"]
    assert found["columns"][0][-1].where == f"columns#{N}"


def test_a_column_may_begin_in_a_later_row(tmp_path: Path) -> None:
    first = {"id": "a", "input": "Hi", "timestamp": TIMES[0]}
    later = [{"thread_id": "s"}, {"thread_id": "s", "reply": "Yo", "channel": "web"}]
    lines = [first] * 60 + [first | more for more in later]
    (tmp_path / "lines").write_text("\n".join(map(json.dumps, lines)))
    traces, _ = read(tmp_path, "lines")
    assert [(trace.session_id, trace.output_text, dict(trace.tags)) for trace in traces[-3:]] == [
        (None, None, {}),
        ("s", None, {}),
        ("s", "Yo", {"channel": "web"}),
    ]


def test_rows_of_csv_are_told_by_the_line_they_start_at(tmp_path: Path) -> None:
    cells = ["a", "two\nlines", "", "three\r\n\nlines", "b"]
    text, lines, line = "id,input\n", [], 2
    for number in range(N):
        cell = cells[number % 5] if number > 40 else "plain"  # a whole block without, then blocks with
        text += f'{number},"{cell}"\n' + "\n" * (number % 11 == 0)
        lines.append(line)
        line += 1 + cell.count("\n") + (number % 11 == 0)
    (tmp_path / "table").write_text(text, newline="")
    found = list(open_document(find_sources(["table"], base=tmp_path)[0]).records(ReadLog()))
    assert [int(where.partition(":")[2]) for where, _ in found] == lines
    assert [row["input"] for _, row in found] == [cells[n % 5] if n > 40 else "plain" for n in range(N)]


def test_long_rows_come_fewer_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    monkeypatch.setattr("driftcheck.loaders.csv_rows._MANY", 10_000)
    monkeypatch.setattr("driftcheck.loaders.parquet_rows._BATCH_BYTES", 10_000)
    monkeypatch.setattr(document, "_CHUNK", 1_000)
    table = [{"input": "x" * 5_000, "id": str(number)} for number in range(40)]
    with (tmp_path / "table").open("w", newline="") as stream:
        writer = csv.DictWriter(stream, table[0])
        writer.writeheader()
        writer.writerows(table)
    parquet.write_table(pyarrow.Table.from_pylist(table), tmp_path / "columns", use_dictionary=["input"])
    for name, most in (("table", 2), ("columns", 1)):
        doc = open_document(find_sources([name], base=tmp_path)[0])
        sizes = [len(block.where) for block in doc.blocks(ReadLog(), {"input", "id"})]
        assert (sum(sizes), max(sizes)) == (40, most)


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "Asia/Tokyo"])
def test_times_of_parquet_are_read_without_making_dates(tmp_path: Path, unit: str, zone: str | None) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    moments = [datetime(2026, 8, 10, 12, 0, 1, 250_000, UTC), None, datetime(1969, 1, 1, tzinfo=UTC)]
    times = pyarrow.array(moments, pyarrow.timestamp("us", "UTC")).cast(pyarrow.timestamp(unit, zone), safe=False)
    columns = {"id": ["a", "b", "c"], "input": ["Hi"] * 3, "output": ["Yo"] * 3, "timestamp": times}
    parquet.write_table(pyarrow.table(columns), tmp_path / "columns")
    traces, log = read(tmp_path, "columns")
    second = 1786363201 if unit == "s" else 1786363201.25
    assert [trace.timestamp for trace in traces] == [second, None, None]
    assert any("names no time zone" in text for text in log.warnings) == (zone is None)
    assert any("1 trace has a time that cannot be read" in text for text in log.warnings)


def test_rows_with_the_same_tags_share_them(tmp_path: Path) -> None:
    table = [{"id": str(n), "input": "Hi", "timestamp": TIMES[0], "plan": ("pro", True, 1)[n % 3]} for n in range(9)]
    (tmp_path / "lines").write_text("\n".join(map(json.dumps, table)))
    traces, _ = read(tmp_path, "lines")
    assert [dict(trace.tags) for trace in traces] == [{"plan": "pro"}, {"plan": "true"}, {}] * 3
    assert traces[0].tags is traces[3].tags
    tagged = [row | {"tags": [("a", "b")[n % 2]]} for n, row in enumerate(table)]
    (tmp_path / "lines").write_text("\n".join(map(json.dumps, tagged)))
    traces, _ = read(tmp_path, "lines")
    assert [dict(trace.tags) for trace in traces[:4]] == [
        {"plan": "pro", "tags": "a"},
        {"plan": "true", "tags": "b"},
        {"tags": "a"},
        {"plan": "pro", "tags": "b"},
    ]


def test_blocks_of_rows() -> None:
    blocks = list(row_blocks(((f"f:{number}", {"a": None, "b": number}) for number in range(5)), 2))
    assert [list(block.where) for block in blocks] == [["f:0", "f:1"], ["f:2", "f:3"], ["f:4"]]
    assert blocks[0].column("b") == [0, 1]
    assert blocks[0].column("a") is None
    assert RowBlock(["f:0"], [{}]).column("b") is None


def test_made_traces_are_as_the_class_makes_them() -> None:
    made = make_traces(2, {"trace_id": ["a", "b"], "input_text": ["Hi", None], "where": "12"}, [{}, {"k": "v"}])
    assert made == [Trace("a", "Hi", "1"), Trace("b", None, "2", tags={"k": "v"})]
    assert {type(one) for one in made} == {Trace}
    assert hasattr(made[0], "output_text")
    with pytest.raises(FrozenInstanceError):
        made[0].input_text = "Ho"  # type: ignore[misc]


def test_lines_longer_than_a_chunk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "_CHUNK", 7)
    (tmp_path / "table").write_text("id,input,timestamp\n1,a long question,2026-08-10T12:00:00Z\n2,'=x,\n3,ü\x0b,")
    doc = open_document(find_sources(["table"], base=tmp_path)[0])
    assert [row["input"] for _, row in doc.records(ReadLog())] == ["a long question", "=x", "ü\x0b"]
    assert list(doc.lines())[-1] == "3,ü\x0b,"


def test_a_quote_that_is_never_closed_is_told_where_it_opens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "_CHUNK", 7)
    (tmp_path / "table").write_text('id,input,output\n1,"a ""b""",c\n2,"open,\n3,x,y')
    doc = open_document(find_sources(["table"], base=tmp_path)[0])
    with pytest.raises(InputError, match="table:3: broken CSV: a quote is opened and never closed"):
        list(doc.records(ReadLog()))
    (tmp_path / "table").write_text('id,input,output\n1,"a ""b""",c\n2,"two\nlines",y')
    doc = open_document(find_sources(["table"], base=tmp_path)[0])
    assert [row["input"] for _, row in doc.records(ReadLog())] == ['a "b"', "two\nlines"]
