"""Inspect samples: CSV, JSON and JSON lines with input and target."""

from pathlib import Path

import pytest

from driftcheck.loaders import inspect_samples
from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.document import Document, open_document
from driftcheck.loaders.read_log import ReadLog
from driftcheck.loaders.source import find_sources
from driftcheck.records import Case, Kind


def opened(folder: Path, name: str, text: str) -> Document:
    (folder / name).write_text(text, encoding="utf-8")
    return open_document(find_sources([name], base=folder)[0])


def load(folder: Path, name: str, text: str) -> tuple[list[Case], ReadLog]:
    doc = opened(folder, name, text)
    assert inspect_samples.sniff(doc) is not None
    log = ReadLog()
    return list(inspect_samples.read(doc, log, ColumnMap())), log


def test_json_lines(tmp_path: Path) -> None:
    cases, _ = load(
        tmp_path,
        "s.jsonl",
        '{"id": 7, "input": "Capital of Peru?", "target": ["Lima"], "metadata": {"lang": "es", "level": 2, "x": [1]}}\n'
        '{"id": "7", "input": [{"role": "system", "content": "Be terse"}, {"role": "user", "content": '
        '[{"type": "text", "text": "And this?"}, {"type": "image", "image": "a.png"}]}], "target": 42}\n',
    )
    assert cases[0] == Case(
        case_id="7",
        input_text="Capital of Peru?",
        where="s.jsonl:1",
        expected=("Lima",),
        tags={"lang": "es", "level": "2"},
        language="es",
    )
    assert cases[1].input_text == "And this?\n[image]"
    assert cases[1].conversation == "system: Be terse\nuser: And this?\n[image]"
    assert cases[1].expected == ("42",)
    assert inspect_samples.KIND is Kind.EVALSET


def test_csv_with_json_in_cells(tmp_path: Path) -> None:
    cases, _ = load(
        tmp_path,
        "s.csv",
        "input,target,choices,metadata,topic\n"
        'Smallest?,B,"3,1,2","{""level"": ""easy"", ""ok"": true}",maths\n'
        'Largest?,"[""3"", ""three""]",,,maths\n'
        "Nothing?,,,,\n",
    )
    assert cases[0].expected == ("1", "B")
    assert cases[0].tags == {"topic": "maths", "level": "easy", "ok": "true"}
    assert cases[1].expected == ("3", "three")
    assert (cases[2].expected, cases[2].tags, cases[2].case_id) == ((), {}, None)


def test_choices_as_a_list(tmp_path: Path) -> None:
    cases, _ = load(
        tmp_path,
        "s.json",
        '[{"input": "Which?", "target": "A", "choices": ["red", "green"]},'
        ' {"input": "Which?", "target": "Z", "choices": ["red", "green"]}]',
    )
    assert [case.expected for case in cases] == [("red", "A"), ("Z",)]


def test_records_that_are_no_samples(tmp_path: Path) -> None:
    cases, log = load(tmp_path, "s.jsonl", '{"input": "a", "target": "b"}\n' * 60 + "[1]\n")
    assert len(cases) == 60
    assert log.n_skipped == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.jsonl", '{"input": "a", "ideal": "b"}\n{"input": "a", "ideal": "b"}\n'),
        ("a.jsonl", '{"input": "a", "target": "b", "output": "c"}\n{"input": "a", "target": "b", "output": "c"}\n'),
        ("a.csv", "input,target,Score\na,b,1\n"),
        ("a.csv", "input,expected\na,b\n"),
        ("a.jsonl", '{"question": "a", "answer": "b"}\n{"input": "a", "target": "b"}\n'),
        ("a.yaml", "input: a\ntarget: b\n"),
    ],
)
def test_other_files_are_not_recognised(tmp_path: Path, name: str, text: str) -> None:
    assert inspect_samples.sniff(opened(tmp_path, name, text)) is None
