"""Documents: containers by content, every trap of real exports, and records one at a time."""

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from driftcheck.errors import InputError
from driftcheck.loaders import json_lines, json_stream
from driftcheck.loaders.document import Document, ReadLog, Shape, open_document, unwrapped
from driftcheck.loaders.source import find_sources

Open = Callable[..., Document]


@pytest.fixture
def opened(tmp_path: Path) -> Open:
    """Open a document of the given bytes; the name says nothing."""

    def opened(data: bytes | str, name: str = "data.bin") -> Document:
        (tmp_path / name).write_bytes(data.encode() if isinstance(data, str) else data)
        return open_document(find_sources([name], base=tmp_path)[0])

    return opened


def read(doc: Document, path: str = "") -> tuple[list[Any], ReadLog]:
    log = ReadLog()
    return [record for _, record in doc.records(log, path)], log


LINES = '{"a": 1}\n{"a": 2}\n'
SHAPES = {
    "JSON object": ('{"a": 1}', Shape.JSON, [{"a": 1}]),
    "JSON object, one line": ('{"a": 1}\n', Shape.JSON, [{"a": 1}]),
    "JSON list": ('[{"a": 1}, {"a": 2}]', Shape.JSON, [{"a": 1}, {"a": 2}]),
    "JSON list, one object a line": ('[\n{"a": 1},\n{"a": 2}\n]', Shape.JSON, [{"a": 1}, {"a": 2}]),
    "trailing commas": ('[{"a": [1, 2,],},\n{"a": ",]"}, ]', Shape.JSON, [{"a": [1, 2]}, {"a": ",]"}]),
    "JSON lines": (LINES, Shape.JSONL, [{"a": 1}, {"a": 2}]),
    "blank lines": ('\n{"a": 1}\r\n\n\r\n{"a": 2}', Shape.JSONL, [{"a": 1}, {"a": 2}]),
    "commas behind lines": ('{"a": 1},\n{"a": 2},\n', Shape.JSONL, [{"a": 1}, {"a": 2}]),
    "lists as lines": ("[1]\n[2]\n", Shape.JSONL, [[1], [2]]),
    "pretty-printed objects in a row": ('{\n "a": 1\n}\n{\n "a": 2\n}\n', Shape.CONCATENATED, [{"a": 1}, {"a": 2}]),
    "objects without a break": ('{"a": 1}{"a": 2}', Shape.CONCATENATED, [{"a": 1}, {"a": 2}]),
    "NaN": ('[{"a": Infinity}]', Shape.JSON, [{"a": float("inf")}]),
    "NaN in lines": ('{"a": Infinity}\n{"a": -Infinity}', Shape.JSONL, [{"a": float("inf")}, {"a": float("-inf")}]),
    "YAML mapping": ("# cases\na: 1\n", Shape.YAML, [{"a": 1}]),
    "YAML list": ("- a: 1\n- a: 2\n", Shape.YAML, [{"a": 1}, {"a": 2}]),
    "YAML documents": ("---\na: 1\n---\na: 2\n", Shape.YAML, [{"a": 1}, {"a": 2}]),
    "CSV": ("a,b\n1,x\n", Shape.CSV, [{"a": "1", "b": "x"}]),
    "semicolons": ("a;b\n1,5;x\n2,5;y\n", Shape.CSV, [{"a": "1,5", "b": "x"}, {"a": "2,5", "b": "y"}]),
    "tabs": ("a\tb\n1\tx, y\n", Shape.CSV, [{"a": "1", "b": "x, y"}]),
    "pipes": ("a|b\n1|x, y\n", Shape.CSV, [{"a": "1", "b": "x, y"}]),
    "one column": ("question\nWhere, when?\n", Shape.CSV, [{"question": "Where"}]),
    "a header that looks like JSON": ("[openai] prompt,b\n1,2\n", Shape.CSV, [{"[openai] prompt": "1", "b": "2"}]),
}


@pytest.mark.parametrize(("data", "shape", "records"), SHAPES.values(), ids=SHAPES.keys())
def test_the_container_is_known_by_content(opened: Open, data: str, shape: Shape, records: list[Any]) -> None:
    doc = opened(data)
    assert doc.shape is shape
    if shape is not Shape.CSV or "question" not in data:
        assert read(doc)[0] == records


@pytest.mark.parametrize("name", ["JSON list", "JSON lines", "CSV", "YAML list", "objects without a break"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_byte_order_marks_and_wide_characters(opened: Open, name: str, encoding: str) -> None:
    data, shape, records = SHAPES[name]
    doc = opened((data * 1).encode(encoding))
    assert (doc.shape, read(doc)[0]) == (shape, records)


@pytest.mark.parametrize(
    "text", ['{"a": "Zürich"}\n{"a": "€5"}\n', '[{"a": "Zürich"}, {"a": "€5"}]', "a\nZürich\n€5\n"]
)
def test_windows_1252_is_read_with_a_warning(opened: Open, text: str) -> None:
    doc = opened(text.encode("cp1252"))
    records, log = read(doc)
    assert records == [{"a": "Zürich"}, {"a": "€5"}]
    assert doc.encoding == "cp1252"
    assert log.warnings == ("not UTF-8: bytes that are not were read as Windows-1252; save the file as UTF-8",)


def test_one_foreign_byte_in_a_file_of_utf8(opened: Open) -> None:
    doc = opened('{"a": "日本"}\n'.encode() + b'{"a": "\xfcber"}\n')
    assert read(doc)[0] == [{"a": "日本"}, {"a": "über"}]


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n", "is a git-lfs pointer"),
        (bytes(range(256)) * 4, "is a binary file"),
        (b"%PDF-1.7\n", "is a PDF"),
        (b"\x80\x04\x95", "is a pickle, which can run code"),
        (b"SQLite format 3\x00", "is an SQLite database"),
        (b"PAR1 and no more", "is a damaged Parquet file"),
        (b"PK\x03\x04 and no more", "is a damaged ZIP file"),
        (b"<!DOCTYPE html>\n<html>", "is an HTML page"),
        (b"<a><b>", None),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "has a DOCTYPE"),
        (b'{"a": 1', "broken JSON: "),
        (b'{"a": 1}}', None),
        (b"a: [1\nb: 2", "broken YAML: "),
        (b"a: *nobody", "broken YAML: "),
        (gzip.compress(b""), "is empty"),
    ],
)
def test_what_cannot_be_read_is_one_line(opened: Open, data: bytes, what: str | None) -> None:
    if what is None:
        opened(data)
        return
    with pytest.raises(InputError) as caught:
        opened(data)
    assert caught.value.what.startswith(what)
    assert "\n" not in str(caught.value)


def test_an_excel_file_says_what_to_do(opened: Open) -> None:
    with pytest.raises(InputError, match=r"is an Excel or Word file \(save the sheet as CSV\)"):
        opened(zipped({"[Content_Types].xml": b""}), "book.xlsx")


def test_broken_json_names_the_line(opened: Open) -> None:
    with pytest.raises(InputError, match=r"data\.bin:3: broken JSON"):
        opened('{\n "a": 1,\n "b": oops\n}')


def test_broken_lines_are_left_out_and_counted(opened: Open) -> None:
    lines = [json.dumps({"a": number}) for number in range(40)]
    lines[7] = '{"a": '
    doc = opened("\n".join(lines) + '\n{"a": "cut o')
    records, log = read(doc)
    assert len(records) == 39
    assert [skipped.where for skipped in log.skipped] == ["data.bin:8", "data.bin:41"]
    assert log.n_skipped == 2


def test_a_broken_first_line_does_not_hide_json_lines(opened: Open) -> None:
    doc = opened('{"a": 1, "b\n' + LINES * 3)
    assert doc.shape is Shape.JSONL
    assert len(read(doc)[0]) == 6


def test_many_broken_lines_refuse_the_file(opened: Open) -> None:
    doc = opened(LINES * 10 + "{oops\n" * 3)
    with pytest.raises(InputError, match=r"data\.bin:21: broken JSON: .* \(3 of 23 lines are broken\)"):
        read(doc)


def test_json_lines_stay_lines_though_most_are_broken(opened: Open) -> None:
    whole = [json.dumps({"a": f"question {number}"}) for number in range(100)]
    doc = opened("".join(f"{line}\n{line[:12]}\n{line[:9]}\n" for line in whole))
    assert doc.shape is Shape.JSONL
    with pytest.raises(
        InputError, match=r"data\.bin:2: broken JSON: Unterminated string \(200 of 300 lines are broken\)"
    ):
        read(doc)
    with pytest.raises(InputError, match="2 of 3 lines are broken"):
        read(opened('{"a": 1}\ngarbage\ngarbage\n'))


@pytest.mark.parametrize(
    "behind",
    ['{\n "a": 2,\n "b": 3\n}\n' * 3, '{\n"a": 2,\n"b":\n3\n}\n' * 3, '{"a": 2}{"a": 3}\n' * 3, "[\n1,\n2\n]\n" * 3],
    ids=["indented", "not indented", "several a line", "a list"],
)
def test_values_over_several_lines_behind_a_whole_one_are_no_json_lines(opened: Open, behind: str) -> None:
    doc = opened('{"a": 1}\n' + behind)
    assert doc.shape is Shape.CONCATENATED
    records, log = read(doc)
    assert (len(records) >= 4, log.n_skipped) == (True, 0)


def test_errors_of_json_name_a_place_or_none(opened: Open) -> None:
    with pytest.raises(InputError, match=r"data\.bin:1: broken JSON: Invalid control character at column 9 \("):
        opened('{"a": "x\x01y",\n"b": tru}')
    assert str(read(opened(LINES * 20 + '{"a": "cut o'))[1].skipped[0].why) == "broken JSON: Unterminated string"


def test_two_broken_lines_are_forgiven(opened: Open) -> None:
    records, log = read(opened(LINES + "{oops\n" * 2))
    assert (len(records), log.n_skipped) == (2, 2)


def test_lines_are_counted_as_an_editor_counts(opened: Open) -> None:
    doc = opened('{"a": 1}\n\n{"a": 2}\n')
    assert [where for where, _ in doc.records(ReadLog())] == ["data.bin:1", "data.bin:3"]


def test_a_line_beyond_the_limit_is_left_out(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_lines, "MAX_RECORD", 1 << 10)
    doc = opened(LINES + json.dumps({"a": "x" * 5_000}) + "\n" + LINES)
    records, log = read(doc)
    assert len(records) == 4
    assert log.skipped[0].where == "data.bin:3"
    assert "longer than" in log.skipped[0].why


def test_a_list_that_breaks_off_gives_what_is_whole(opened: Open) -> None:
    doc = opened('[{"a": 1}, {"a": 2}, {"a": ')
    records, log = read(doc)
    assert records == [{"a": 1}, {"a": 2}]
    assert log.n_skipped >= 1


def test_a_broken_item_in_the_middle_of_a_list_is_left_out(opened: Open) -> None:
    doc = opened('[{"a": 1}, {"a" 2}, {"a": 3}]')
    records, log = read(doc)
    assert records == [{"a": 1}, {"a": 3}]
    assert [skipped.where for skipped in log.skipped] == ["data.bin#2"]


def test_lone_surrogates_become_what_can_be_written(opened: Open) -> None:
    for data in ('{"a": "\\ud83d"}\n{"a": "\\ud83d\\ude00"}', '[{"a": "\\ud83d"}, {"a": "\\ud83d\\ude00"}]'):
        records, _ = read(opened(data))
        assert records == [{"a": "\ufffd"}, {"a": "😀"}]


def test_deep_nesting_is_left_out_not_a_crash(opened: Open) -> None:
    deep = "[" * 100_000 + "]" * 100_000
    records, log = read(opened('{"a": 1}\n{"a": ' + deep + "}\n" + LINES))
    assert (len(records), log.n_skipped) == (3, 1)
    with pytest.raises(InputError, match="nested too deeply"):
        opened('{"a": ' + deep + "}")


def test_a_list_inside_a_document_streams_by_its_path(opened: Open) -> None:
    data = {"version": 3, "skip": {"results": [0], "s": "}]"}, "results": {"n": 1, "results": [{"a": 1}, {"a": 2}]}}
    doc = opened(json.dumps(data))
    assert doc.is_object
    assert read(doc, "results.results")[0] == [{"a": 1}, {"a": 2}]
    assert read(doc, "results.nothing")[0] == []
    assert read(doc, "results.n")[0] == [1]
    assert read(doc)[0] == [data]
    assert doc.load() == data


def test_records_larger_than_any_buffer(opened: Open) -> None:
    rows = [{"text": 'x\\"[' * 50_000, "n": number} for number in range(4)]
    doc = opened(json.dumps({"meta": rows, "rows": rows}))
    assert read(doc, "rows")[0] == rows
    assert doc.head["rows"] == rows
    assert read(opened(json.dumps(rows)))[0] == rows


def test_the_head_of_a_large_object_is_cut(opened: Open) -> None:
    data = {"a": list(range(1_000)), "b": [{"c": list(range(100))}] * 5_000, "d": 1}
    doc = opened(json.dumps(data))
    assert doc.head["a"] == list(range(20))
    assert len(doc.head["b"]) == 20
    assert doc.head["b"][0] == {"c": list(range(20))}
    assert doc.columns[:2] == ("a", "b")


def test_the_head_of_rows_is_cut(opened: Open) -> None:
    for data in (LINES * 100, "a,b\n" + "1,2\n" * 200, json.dumps([{"a": 1}] * 200)):
        assert len(opened(data).head) == 50


def test_yaml_records_know_their_lines(opened: Open) -> None:
    doc = opened("cases:\n  # one\n  - input: hi\n\n  - input: |\n      several\n      lines\n  - input: bye\n")
    assert [where for where, _ in doc.records(ReadLog(), "cases")] == ["data.bin:3", "data.bin:5", "data.bin:8"]


def test_yaml_tags_and_merge_keys(opened: Open) -> None:
    doc = opened(
        "a: !env HOME\nb: !!python/object/apply:os.system [echo]\nc: &c {x: 1}\nd: {<<: *c, y: 2}\ne: !map {z: 3}\n"
    )
    assert doc.head == {"a": "HOME", "b": ["echo"], "c": {"x": 1}, "d": {"x": 1, "y": 2}, "e": {"z": 3}}


def test_yaml_alias_bombs_are_refused(opened: Open) -> None:
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    bomb += "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10))
    with pytest.raises(InputError, match="its aliases stand for too many values"):
        opened(bomb)
    with pytest.raises(InputError, match="a value contains itself"):
        opened("a: &a [*a]\n")


def test_csv_cells_with_lines_quotes_and_json(opened: Open) -> None:
    text = 'id,text,meta\r\n1,"two\r\nlines, ""quoted""","{""a"": [1]}"\r\n2,\'=1+1,\r\n'
    doc = opened(b"\xef\xbb\xbf" + text.encode())
    assert list(doc.records(ReadLog())) == [
        ("data.bin:2", {"id": "1", "text": 'two\r\nlines, "quoted"', "meta": '{"a": [1]}'}),
        ("data.bin:4", {"id": "2", "text": "=1+1", "meta": ""}),
    ]


def test_csv_headers_repeated_and_empty(opened: Open) -> None:
    doc = opened(",q,Status,Status,\n0,hi,PASS,FAIL,\n")
    assert doc.columns == ("", "q", "Status", "Status", "")
    assert read(doc)[0] == [{"column 1": "0", "q": "hi", "Status": "PASS", "Status#2": "FAIL", "column 5": ""}]


def test_records_beyond_the_limit_are_left_out(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    doc = opened(json.dumps([{"a": "x" * 500_000}, {"a": 1}, {"a": ['["' * 100_000]}, {"a": 2}]))
    monkeypatch.setattr(json_stream, "MAX_RECORD", 1 << 17)
    records, log = read(doc)
    assert records == [{"a": 1}, {"a": 2}]
    assert [(skipped.where, skipped.why) for skipped in log.skipped] == [
        ("data.bin#1", "longer than 64 MB"),
        ("data.bin#3", "longer than 64 MB"),
    ]


def test_csv_cells_of_any_size(opened: Open) -> None:
    huge = "x" * 3_000_000
    assert read(opened(f'a,b\n1,"{huge}"\n'))[0] == [{"a": "1", "b": huge}]


def test_csv_rows_too_long_and_too_short(opened: Open) -> None:
    rows, log = read(opened("a,b\n1,2\n1\n1,2,3\n" + "1,2,,\n" * 30))
    assert rows[1] == {"a": "1", "b": ""}
    assert len(rows) == 32
    assert [(skipped.where, skipped.why) for skipped in log.skipped] == [
        ("data.bin:4", "3 cells where the header has 2")
    ]


def test_csv_of_excel(opened: Open) -> None:
    doc = opened("sep=;\na;b\n1;2,5\n")
    assert (doc.columns, read(doc)[0]) == (("a", "b"), [{"a": "1", "b": "2,5"}])
    assert read(opened("a,b\r1,2\r3,4\r"))[0] == [{"a": "1", "b": "2"}, {"a": "3", "b": "4"}]


def test_an_open_quote_does_not_swallow_the_rest(opened: Open) -> None:
    doc = opened('a,b\n1,2\n3,"4\n5,6\n7,8\n')
    with pytest.raises(InputError, match=r"data\.bin:3: broken CSV: a quote is opened and never closed"):
        read(doc)
    assert read(opened('a,b\n1,2\n3,4" pipe'))[0][1] == {"a": "3", "b": '4" pipe'}


@pytest.mark.parametrize(
    ("data", "what"),
    [("id,input\n", "holds no records"), ("[]", "is an empty list"), ("\ufeff\n[ \n]\n", "is an empty list")],
)
def test_what_holds_nothing_says_so(opened: Open, data: str, what: str) -> None:
    with pytest.raises(InputError) as caught:
        opened(data)
    assert caught.value.what == what


def test_parquet_keeps_types_and_streams(tmp_path: Path) -> None:
    table = pa.table({"id": list(range(3_000)), "turns": [[{"role": "user", "content": "hi"}]] * 3_000})
    pq.write_table(table, tmp_path / "x.csv", row_group_size=1_000)
    doc = open_document(find_sources(["x.csv"], base=tmp_path)[0])
    assert doc.shape is Shape.PARQUET
    assert doc.columns == ("id", "turns")
    records, _ = read(doc)
    assert len(records) == 3_000
    assert records[2_999] == {"id": 2_999, "turns": [{"role": "user", "content": "hi"}]}
    assert len(list(islice(doc.records(ReadLog()), 2))) == 2


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return data.getvalue()


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED], ids=["stored", "deflated"])
def test_zip_members(opened: Open, method: int) -> None:
    doc = opened(zipped({"header.json": b"{}", "samples/1.json": b"[1]"}, method))
    assert doc.shape is Shape.ZIP
    assert doc.head == ["header.json", "samples/1.json"]
    assert doc.member("samples/1.json") == b"[1]"
    with pytest.raises(InputError, match=r"data\.bin!nothing: no such member"):
        doc.member("nothing")


def test_zip_bombs_are_bounded(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    from driftcheck.loaders import zip_members

    monkeypatch.setattr(zip_members, "MAX_MEMBER", 1_000)
    with pytest.raises(InputError, match="is larger than"):
        opened(zipped({"a": b"\0" * 100_000})).member("a")


def test_a_gzip_bomb_of_one_line_is_refused_at_once(opened: Open) -> None:
    with pytest.raises(InputError, match="is a binary file"):
        opened(gzip.compress(b"\0" * (64 << 20), 1))


def test_xml_gives_the_tags_of_its_root_and_children(opened: Open) -> None:
    doc = opened('<?xml version="1.0"?>\n<testsuites xmlns="urn:x"><testsuite><testcase/></testsuite></testsuites>')
    assert (doc.shape, doc.head) == (Shape.XML, ["testsuites", "testsuite"])


def test_text_lines(opened: Open) -> None:
    doc = opened("héllo\nwörld".encode("utf-16"))
    assert list(doc.lines()) == ["héllo\n", "wörld"]


def test_the_list_that_an_object_wraps(opened: Open) -> None:
    inner = unwrapped(opened('{"object": "list", "data": [{"a": 1}, {"a": 2, "b": {"c": [3]}}], "meta": {"page": 1}}'))
    assert inner is not None
    assert (inner.head, inner.columns) == ([{"a": 1}, {"a": 2, "b": {"c": [3]}}], ("a", "b"))
    assert read(inner)[0] == inner.load() == inner.head


@pytest.mark.parametrize(
    "text", ['[{"a": 1}]', '{"data": [1]}', '{"data": [{}], "rows": [{}]}', '{"things": [{"a": 1}]}']
)
def test_what_wraps_no_list(opened: Open, text: str) -> None:
    assert unwrapped(opened(text)) is None
