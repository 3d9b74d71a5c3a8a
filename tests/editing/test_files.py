"""Files around the edits: encodings, new files, diffs, writing several as one step, places of cases."""

import gzip
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from driftcheck.editing import Edit, locate, new_file, open_editable, write_all
from driftcheck.errors import InputError, OutputError
from driftcheck.loaders.inspection import Reading
from driftcheck.loaders.source import find_sources
from driftcheck.records import Case, Kind

TESTS = "tests:\n- vars: {question: 'a?'}\n- vars: {question: 'b?'}\nprompts: [p]\nproviders: [x]\n"


def test_encodings_stay(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    for encoding, mark in (("cp1252", b""), ("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff")):
        path.write_bytes(mark + "question,expected\nWo ist das Café?,hier\n".encode(encoding))
        edit = open_editable(path).edited(append=[{"question": "Über wen?", "expected": "mich"}])
        assert edit.after == edit.before + "Über wen?,mich\n".encode(encoding)
    path.write_bytes("question,expected\nCafé?,hier\n".encode("cp1252"))
    with pytest.raises(InputError, match="cannot be written in cp1252"):
        open_editable(path).edited(append=[{"question": "何?", "expected": "x"}])
    path.write_bytes("question,expected\nCafé?,hier\n".encode("cp1252") + "é,x\n".encode())
    assert open_editable(path).edited(remove=[1]).after == "question,expected\nCafé?,hier\n".encode("cp1252")


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("a.csv.gz", gzip.compress(b"question,expected\na,b\n"), "is compressed"),
        ("a.js", b"module.exports = {prompts: ['p'], tests: [{vars: {q: 'a'}}]};\n", "is code"),
        ("a.xml", b"<testsuite/>", "is XML"),
        ("missing.csv", None, "cannot be read"),
        ("a.json", b"[]", "is an empty list"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, name: str, data: bytes | None, why: str) -> None:
    if data is not None:
        (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError, match=why):
        open_editable(tmp_path / name)


def test_an_edit_of_nothing_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "suite.yaml"
    path.write_text(TESTS)
    edit = open_editable(path).edited(update={0: {}})
    assert edit.before == edit.after == TESTS.encode()
    assert edit.diff() == ""
    for wrong in (
        {"remove": [2]},
        {"remove": [0], "update": {0: {("a",): 1}}},
        {"update": {0: {("a",): 1, ("a", "b"): 1}}},
    ):
        with pytest.raises(ValueError, match=r"no such records|within"):
            open_editable(path).edited(**wrong)
    with pytest.raises(TypeError):
        open_editable(path).edited(append=[{"vars": {"q": object()}}])


@pytest.mark.skipif(shutil.which("diff") is None, reason="no diff on this system")
def test_the_diff_is_that_of_diff(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    path.write_text("question,expected\n" + "".join(f"q{n},a{n}\n" for n in range(40)) + "last,one")
    edit = open_editable(path, name="cases.csv").edited(
        remove=[3, 4, 30], append=[{"question": "new"}], update={20: {("expected",): "x"}}
    )
    (tmp_path / "after").write_bytes(edit.after)
    said = subprocess.run(["diff", "-u", path, tmp_path / "after"], capture_output=True, text=True, check=False).stdout
    assert edit.diff().splitlines()[2:] == said.splitlines()[2:]
    assert edit.diff().startswith("--- cases.csv\n+++ cases.csv\n@@ -2,8 +2,6 @@\n q0,a0\n")


def test_a_new_file_is_like_the_one_it_comes_of(tmp_path: Path) -> None:
    config = tmp_path / "suite.yaml"
    config.write_text("tests:\n  - vars:\n      question: 'a?'\nprompts: [p]\nproviders: [x]\n")
    edit = new_file(tmp_path / "new" / "suite.retired.yaml", open_editable(config), [{"vars": {"question": "b?"}}])
    assert (edit.before, edit.after) == (b"", b"- vars:\n    question: 'b?'\n")
    assert edit.diff().startswith("--- /dev/null\n")
    write_all([edit])
    assert [one.value for one in open_editable(edit.path).records] == [{"vars": {"question": "b?"}}]
    with pytest.raises(OutputError, match="holds records already"):
        new_file(edit.path, open_editable(config), [])

    table = tmp_path / "cases.csv"
    table.write_bytes(b'\xef\xbb\xbfsep=;\r\nquestion;expected\r\n"a";b\r\n')
    edit = new_file(tmp_path / "out.csv", open_editable(table), [{"question": "c", "reason": "old"}])
    assert edit.after == b'\xef\xbb\xbfsep=;\r\nquestion;expected;reason\r\n"c";;old\r\n'

    for text, after in (
        ('[\n    {\n        "input": "a"\n    }\n]', '[\n    {\n        "input": "b"\n    }\n]\n'),
        ('{"version": 1, "data": [{"input":"a"}]}', '{"data":[\n{"input":"b"}\n]}\n'),
        ('{"input": "a"}\n{"input": "c"}\n', '{"input": "b"}\n'),
        ("cases:\n- name: x\n  inputs: {q: a}\n", "cases:\n- name: why\n  inputs: {q: b}\n"),
    ):
        source = tmp_path / "source"
        source.write_text(text)
        record = {"name": "why", "inputs": {"q": "b"}} if text.startswith("cases") else {"input": "b"}
        made = new_file(tmp_path / "made", open_editable(source), [record])
        assert made.after.decode() == after
        write_all([made])
        assert [one.value for one in open_editable(made.path).records] == [record]
        made.path.unlink()


def test_a_file_that_was_emptied_is_filled_again(tmp_path: Path) -> None:
    for text, row in (
        ("question,expected\na,b\n", {"question": "c"}),
        ("- {input: a}\n", {"input": "c"}),
        ('[{"input": "a"}]', {"input": "c"}),
    ):
        path = tmp_path / "set"
        path.write_text(text)
        like = open_editable(path)
        write_all([like.edited(remove=[0])])
        write_all([new_file(path, like, [row])])
        assert [one.value[next(iter(row))] for one in open_editable(path).records] == ["c"]


def edits(folder: Path) -> list[Edit]:
    paths = [folder / "a.txt", folder / "b.txt", folder / "deep" / "c.txt"]
    paths[0].write_text("a")
    paths[1].write_text("b")
    return [Edit(path, path.name, b"" if path.parent != folder else path.read_bytes(), b"new") for path in paths]


def test_all_files_are_written(tmp_path: Path) -> None:
    (tmp_path / "b.txt").touch(mode=0o640)
    write_all(edits(tmp_path))
    assert [path.read_text() for path in sorted(tmp_path.rglob("*.txt"))] == ["new"] * 3
    assert (tmp_path / "b.txt").stat().st_mode & 0o777 == 0o640
    assert not list(tmp_path.rglob("*.tmp"))


def test_none_is_written_where_one_has_changed(tmp_path: Path) -> None:
    wanted = edits(tmp_path)
    (tmp_path / "b.txt").write_text("edited meanwhile")
    with pytest.raises(OutputError, match="has changed since it was read"):
        write_all(wanted)
    (tmp_path / "b.txt").write_text("b")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "c.txt").write_text("made meanwhile")
    with pytest.raises(OutputError, match=r"c\.txt: has changed"):
        write_all(wanted)
    assert (tmp_path / "a.txt").read_text() == "a"
    with pytest.raises(ValueError, match="two edits"):
        write_all([wanted[0], wanted[0]])


@pytest.mark.parametrize("at", [1, 2, 3])
def test_what_was_written_is_put_back_where_a_later_file_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    wanted = edits(tmp_path)
    real, calls = os.replace, []

    def failing(source: Path, target: Path) -> None:
        if Path(target).suffix == ".txt" and not any(str(target) == str(one) for one in calls):
            calls.append(target)
            if len(calls) == at:
                raise OSError(28, "No space left on device")
        real(source, target)

    monkeypatch.setattr(os, "replace", failing)
    with pytest.raises(OutputError, match=r"cannot be written: No space left on device \(nothing was changed\)"):
        write_all(wanted)
    assert {
        path.relative_to(tmp_path).as_posix(): path.read_text() for path in tmp_path.rglob("*") if path.is_file()
    } == {
        "a.txt": "a",
        "b.txt": "b",
    }
    assert not (tmp_path / "deep").exists()


def test_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "real.txt").write_text("a")
    (tmp_path / "link.txt").symlink_to("real.txt")
    write_all([Edit(tmp_path / "link.txt", "link.txt", b"a", b"b")])
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "real.txt").read_text() == "b"


def test_cases_are_found_in_their_files(tmp_path: Path) -> None:
    (tmp_path / "evals").mkdir()
    more = "- file://more.csv\n- vars: {question: [c, d]}\n"
    scenarios = "scenarios:\n- config: [{vars: {x: a}}]\n  tests: [{vars: {y: b}}]\n"
    (tmp_path / "evals" / "suite.yaml").write_text(TESTS.replace("prompts", f"{more}{scenarios}prompts"))
    (tmp_path / "evals" / "more.csv").write_text("question,__expected\nmore?,so\nmost?,so\n")
    source = find_sources(["evals/suite.yaml"], base=tmp_path)[0]
    cases = [case for case in Reading(source, kind=Kind.EVALSET).records() if isinstance(case, Case)]
    found = locate([case.where for case in cases if "x: a" not in (case.input_text or "")], base=tmp_path)
    assert [(case.input_text, found[case.where].file.path.name, found[case.where].number) for case in cases[:6]] == [
        ("a?", "suite.yaml", 0),
        ("b?", "suite.yaml", 1),
        ("more?", "more.csv", 0),
        ("most?", "more.csv", 1),
        ("c", "suite.yaml", 2),
        ("d", "suite.yaml", 2),
    ]
    assert len({id(one.file) for one in found.values()}) == 2
    with pytest.raises(InputError, match="no record stands there"):
        locate([cases[-1].where], base=tmp_path)
    with pytest.raises(InputError, match="standard input"):
        locate(["-:3"], base=tmp_path)
