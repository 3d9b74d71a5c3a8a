"""JSON as tools and people write it: indentation, separators, escapes, wrappers, lines."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from driftcheck.editing import EditableFile, open_editable
from driftcheck.errors import InputError

Open = Callable[[str], EditableFile]
ROWS = [{"id": "a", "input": "What is it?", "expected": "x"}, {"id": "b", "input": "Why?", "expected": "y"}]
NEW = {"expected": "z", "input": "Ça va?", "id": "c"}


@pytest.fixture
def opened(tmp_path: Path) -> Open:
    def open_text(text: str) -> EditableFile:
        path = tmp_path / "cases.json"
        path.write_bytes(text.encode())
        return open_editable(path, name="cases.json")

    return open_text


def after(file: EditableFile, **edit: Any) -> str:
    return file.edited(**edit).after.decode()


@pytest.mark.parametrize("indent", [1, 2, 4, "\t"])
@pytest.mark.parametrize("eol", ["\n", "\r\n"])
def test_an_indented_list_stays_what_json_dumps_would_write(opened: Open, indent: int | str, eol: str) -> None:
    def dumps(rows: list[dict[str, Any]]) -> str:
        return json.dumps(rows, indent=indent, ensure_ascii=False).replace("\n", eol) + eol

    file = opened(dumps(ROWS))
    ordered = {key: NEW[key] for key in ROWS[0]}
    assert after(file, append=[NEW]) == dumps([*ROWS, ordered])
    assert after(file, remove=[0]) == dumps(ROWS[1:])
    assert after(file, remove=[1], append=[NEW, NEW]) == dumps([ROWS[0], ordered, ordered])
    metadata = {"owner": "ann", "split": "tuned"}
    change = {("metadata", "owner"): "ann", ("metadata", "split"): "tuned", ("expected",): "w", ("id",): None}
    changed = {"input": "What is it?", "expected": "w", "metadata": metadata}
    assert after(file, update={0: change}) == dumps([changed, ROWS[1]])


@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")])
def test_a_list_on_one_line_stays_one(opened: Open, separators: tuple[str, str]) -> None:
    def dumps(rows: list[dict[str, Any]]) -> str:
        return json.dumps({"version": 2, "cases": rows}, separators=separators, ensure_ascii=False)

    file = opened(dumps(ROWS))
    ordered = {key: NEW[key] for key in ROWS[0]}
    assert after(file, append=[NEW, NEW]) == dumps([*ROWS, ordered, ordered])
    assert after(file, remove=[0]) == dumps(ROWS[1:])
    assert after(file, update={1: {("metadata", "owner"): "ann"}}) == dumps(
        [ROWS[0], {**ROWS[1], "metadata": {"owner": "ann"}}]
    )


def test_other_characters_are_escaped_where_the_file_does_so(opened: Open) -> None:
    rows = [{**ROWS[0], "input": "Où?"}]
    assert r"\u00c7a va?" in after(opened(json.dumps(rows)), append=[NEW])
    assert "Ça va?" in after(opened(json.dumps(rows, ensure_ascii=False)), append=[NEW])
    assert "Ça va?" in after(opened(json.dumps(ROWS)), append=[NEW])


def test_lists_that_stand_on_one_line_do_so_in_new_records(opened: Open) -> None:
    text = '[\n  {\n    "input": "a?",\n    "expected": ["x", "y"],\n    "metadata": {}\n  }\n]\n'
    found = after(opened(text), append=[{"input": "b?", "expected": ["z", "w"], "metadata": {"owner": "ann"}}])
    assert '    "expected": ["z", "w"],\n    "metadata": {\n      "owner": "ann"\n    }\n' in found
    assert after(opened(text), update={0: {("metadata", "owner"): "ann"}}) == text.replace(
        "{}", '{\n      "owner": "ann"\n    }'
    )


def test_one_list_per_slice(opened: Open) -> None:
    value = {"billing": [ROWS[0]], "returns": [ROWS[1], ROWS[0]]}
    text = json.dumps(value, indent=2)
    file = opened(text)
    assert [one.value["group"] for one in file.records] == ["billing", "returns", "returns"]
    assert file.number_of("cases.json#2 in returns") == 2
    left = json.loads(after(file, remove=[1], append=[{**ROWS[1], "group": "billing"}]))
    assert left == {"billing": [ROWS[0], ROWS[1]], "returns": [ROWS[0]]}


def test_all_records_can_go(opened: Open) -> None:
    assert after(opened(json.dumps(ROWS, indent=2)), remove=[0, 1]) == "[]"
    assert after(opened(json.dumps({"data": ROWS})), remove=[0, 1]) == '{"data": []}'


def test_values_one_after_another(opened: Open) -> None:
    text = "".join(json.dumps(row, indent=2) + "\n" for row in ROWS)
    file = opened(text)
    assert len(file.records) == 2
    longer = after(file, append=[ROWS[0]])
    assert longer == text + json.dumps(ROWS[0], indent=2) + "\n"
    assert after(opened(longer), remove=[2]) == text
    assert after(file, remove=[0]) == json.dumps(ROWS[1], indent=2) + "\n"


def test_json_lines_keep_blank_and_broken_lines(opened: Open) -> None:
    lines = [json.dumps(row) for row in ROWS]
    text = f"{lines[0]}\n\n{{broken\n{lines[1]}\n{lines[1]}\n{lines[1]}"
    file = opened(text)
    assert [one.line for one in file.records] == [1, 4, 5, 6]
    assert after(file, append=[ROWS[0]]) == f"{text}\n{lines[0]}"
    assert after(file, remove=[3]) == text.removesuffix(f"\n{lines[1]}")
    assert after(file, remove=[0]) == text.removeprefix(f"{lines[0]}\n")
    assert after(file, update={1: {("metadata", "owner"): "ann", ("id",): None}}) == text.replace(
        lines[1], json.dumps({"input": "Why?", "expected": "y", "metadata": {"owner": "ann"}}), 1
    )


def test_one_line_of_json_lines_gets_a_second(opened: Open) -> None:
    line = json.dumps(ROWS[0]) + "\n"
    file = opened(line)
    assert file.number_of("cases.json#1") == 0
    assert after(file, append=[ROWS[1]]) == line + json.dumps(ROWS[1]) + "\n"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{\n"input": "a",\n"expected": "b"\n}', "one record"),
        ('{"input": ["a", "b"], "expected": ["c", "d"]}', "by column or by id"),
        ('{"q1": {"input": "a"}, "q2": {"input": "b"}}', "by column or by id"),
        ('[{"input": "a", "expected": "b",}]', "broken JSON, and cannot be edited"),
        ('{"rows": [{"row_idx": 0, "row": {"input": "a", "expected": "b"}}]}', "wrappers"),
        ('{"data": [{"input": "a", "expected": "b"}], "data": [{"input": "c", "expected": "d"}]}', "twice"),
    ],
)
def test_what_cannot_be_edited_is_refused(opened: Open, text: str, why: str) -> None:
    with pytest.raises(InputError, match=why):
        opened(text)


def test_a_key_within_a_text_is_refused(opened: Open) -> None:
    with pytest.raises(InputError, match="expected holds no mapping"):
        opened(json.dumps(ROWS)).edited(update={0: {("expected", "owner"): "ann"}})
