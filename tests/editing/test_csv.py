"""CSV as spreadsheets and programs write it: delimiters, quotes, line ends, a mark, a first line for Excel."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from driftcheck.editing import EditableFile, open_editable
from driftcheck.errors import InputError

Open = Callable[[str], EditableFile]
TEXT = 'id,question,expected\r\n1,"Where, exactly?",here\r\n2,"Two\nlines",there\r\n\r\n3,Why?,because\r\n'


@pytest.fixture
def opened(tmp_path: Path) -> Open:
    def open_text(text: str) -> EditableFile:
        path = tmp_path / "cases.csv"
        path.write_bytes(text.encode())
        return open_editable(path, name="cases.csv")

    return open_text


def after(file: EditableFile, **edit: Any) -> str:
    return file.edited(**edit).after.decode()


def test_rows_come_and_go(opened: Open) -> None:
    file = opened(TEXT)
    assert [one.line for one in file.records] == [2, 3, 6]
    assert file.columns == ("id", "question", "expected")
    assert file.number_of("cases.csv:6") == 2
    assert after(file, append=[{"question": 'He said "no"', "id": 4}]) == TEXT + '4,"He said ""no""",\r\n'
    assert after(file, remove=[1]) == TEXT.replace('2,"Two\nlines",there\r\n', "")
    assert after(file, remove=[0, 2], append=[{"id": "5", "question": "x"}]) == (
        'id,question,expected\r\n2,"Two\nlines",there\r\n5,x,\r\n\r\n'
    )


def test_cells_are_changed_where_they_stand(opened: Open) -> None:
    file = opened(TEXT)
    assert after(file, update={0: {("question",): "When?"}, 2: {("expected",): "a, b", ("id",): None}}) == TEXT.replace(
        '"Where, exactly?"', '"When?"'
    ).replace("3,Why?,because", ',Why?,"a, b"')


def test_a_new_column_comes_last_in_every_row(opened: Open) -> None:
    assert after(opened(TEXT), update={1: {("owner",): "ann"}}) == (
        'id,question,expected,owner\r\n1,"Where, exactly?",here,\r\n2,"Two\nlines",there,ann\r\n\r\n3,Why?,because,\r\n'
    )
    short = "question,expected,id\na\nb,c\n"
    assert after(opened(short), append=[{"question": "d", "owner": "ann"}]) == (
        "question,expected,id,owner\na,,,\nb,c,,\nd,,,ann\n"
    )


def test_quotes_stay_a_habit_of_their_columns(opened: Open) -> None:
    text = '"id";"question";"expected"\n"1";"Where?";"here"\n"2";"Why?";"so"\n'
    assert (
        after(opened(text), append=[{"id": "3", "question": "When?", "expected": "now"}])
        == text + '"3";"When?";"now"\n'
    )
    assert after(opened(text), update={0: {("owner",): "ann"}}).startswith('"id";"question";"expected";"owner"\n')


def test_a_mark_and_the_line_for_excel_stay(opened: Open) -> None:
    text = "\ufeffsep=;\r\nquestion;expected\r\na;b\r\nc;d"
    file = opened(text)
    assert [one.line for one in file.records] == [3, 4]
    assert after(file, append=[{"question": "e", "expected": "f"}]) == f"{text}\r\ne;f"
    assert after(file, remove=[1]) == text.removesuffix("\r\nc;d")


@pytest.mark.parametrize("text", ["=1+1", "@SUM(A1)", "+x", "-x", '=HYPERLINK("http://x")'])
def test_a_cell_that_looks_like_a_formula_is_read_back_as_it_was(opened: Open, text: str) -> None:
    file = opened(TEXT)
    edit = file.edited(append=[{"id": "9", "question": text}])
    written = edit.after.decode().splitlines()[-1]
    assert written.startswith(("9,'", "9,\"'"))
    assert opened(edit.after.decode()).records[-1].value["question"] == text
    assert after(file, append=[{"id": "9", "question": "-1.5"}]).endswith("9,-1.5,\r\n")
    with pytest.raises(InputError, match="would change more"):
        file.edited(append=[{"id": "9", "question": "'=1"}])


def test_values_that_are_no_texts_are_written_as_json(opened: Open) -> None:
    row = {"id": 1.5, "question": True, "expected": ["a", "ß"]}
    assert after(opened(TEXT), append=[row]).endswith('1.5,true,"[""a"", ""ß""]"\r\n')


def test_repeated_and_empty_names_are_columns(opened: Open) -> None:
    text = "question,expected,expected,\na,b,c,d\n"
    file = opened(text)
    assert file.columns == ("question", "expected", "expected#2", "column 4")
    assert (
        after(file, update={0: {("expected#2",): "x", ("column 4",): "y"}}) == "question,expected,expected,\na,b,x,y\n"
    )


def test_old_macintosh_lines_stay(opened: Open) -> None:
    assert after(opened("question,expected\ra,b\rc,d\r"), append=[{"question": "e", "expected": "f"}]) == (
        "question,expected\ra,b\rc,d\re,f\r"
    )


def test_what_cannot_be_done_is_refused(opened: Open) -> None:
    file = opened(TEXT)
    with pytest.raises(InputError, match="metadata is a cell"):
        file.edited(update={0: {("metadata", "owner"): "ann"}})
    with pytest.raises(InputError, match="cannot be the name of a column"):
        file.edited(append=[{" x": "a"}])
    with pytest.raises(InputError, match="blank line"):
        opened("question\na\n").edited(append=[{"question": " "}])
    damaged = "question,expected\n" + "a,b\n" * 20 + "c,d,e\n"
    with pytest.raises(InputError, match=r"cases\.csv:22: has more cells than the header"):
        opened(damaged).edited(update={0: {("owner",): "ann"}})
    assert after(opened(damaged), remove=[0]) == damaged.replace("a,b\n", "", 1)
