"""Files of proposals that people emptied, cut or broke: what is said of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from driftcheck.editing.proposals import read_proposals
from driftcheck.editing.set_aside_files import opened
from driftcheck.errors import InputError


def said(path: Path, text: str | bytes) -> str:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InputError) as caught:
        read_proposals(path, ())
    return str(caught.value).removeprefix(f"{path.parent}/")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("p.csv", "id,input,expected,reviewer\n"),
        ("p.csv", "\n\nid;input\r\n\r\n"),
        ("p.jsonl", "\n \n"),
        ("p.json", " []\n"),
        ("p.yaml", "# all accepted\n\n"),
        ("p.yml", "# all accepted\n[]\n"),
    ],
)
def test_what_holds_no_proposal_any_more_is_empty(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text, newline="")
    assert opened(path) is None
    assert read_proposals(path, ()) is None
    assert opened(tmp_path / "nothing.csv") is None


def test_a_blank_input_is_named_with_its_line(tmp_path: Path) -> None:
    blank = said(
        tmp_path / "p.jsonl", '{"id": "1", "input": "a"}\n{"id": "2", "input": ""}\n{"id": "3", "input": ""}\n'
    )
    assert blank == "p.jsonl:2: a proposal has no input (fill it in, or delete the record)"
    assert said(tmp_path / "p.csv", "id,input\n1,a\n2,\n").startswith("p.csv:3: a proposal has no input")
    foreign = said(tmp_path / "p.jsonl", '{"id": "1", "input": ""}\n')
    assert foreign == "p.jsonl: holds records that are no proposals for this eval set"


def test_broken_yaml_is_no_table_of_one_column(tmp_path: Path) -> None:
    record = "- id: a\n  input: b\n"
    assert said(tmp_path / "p.yaml", "oops\n" + record).startswith("p.yaml:2: broken YAML: ")
    assert said(tmp_path / "p.yaml", f"<<<<<<< HEAD\n{record}").startswith("p.yaml:2: broken YAML: ")
    assert said(tmp_path / "p.yaml", record + "  expected: it: is\n").startswith("p.yaml:3: broken YAML: ")
    assert said(tmp_path / "p.yaml", "oops\n") == "p.yaml: is no list of records in YAML"
    (tmp_path / "p.yaml").write_text(record, encoding="utf-16")
    assert opened(tmp_path / "p.yaml") is not None


def test_parquet_says_that_it_cannot_be_edited(tmp_path: Path) -> None:
    told = said(tmp_path / "p.parquet", b"PAR1\x15\x04\xff\xfe\x00PAR1")
    assert told == "p.parquet: is Parquet, which cannot be edited (convert it to CSV or JSON lines, and name that)"
