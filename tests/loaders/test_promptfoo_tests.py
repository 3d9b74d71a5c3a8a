"""promptfoo tests files: CSV with special columns, JSON, JSON lines and YAML."""

from pathlib import Path

import pytest

from driftcheck.loaders import promptfoo_tests
from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.document import Document, open_document
from driftcheck.loaders.promptfoo_expected import assertion_from_cell
from driftcheck.loaders.read_log import ReadLog
from driftcheck.loaders.source import find_sources
from driftcheck.records import Case, Kind


def opened(folder: Path, name: str, text: str) -> Document:
    (folder / name).write_text(text, encoding="utf-8")
    return open_document(find_sources([name], base=folder)[0])


def load(folder: Path, name: str, text: str) -> tuple[list[Case], ReadLog]:
    doc = opened(folder, name, text)
    assert promptfoo_tests.sniff(doc) is not None
    log = ReadLog()
    return list(promptfoo_tests.read(doc, log, ColumnMap())), log


def test_csv(tmp_path: Path) -> None:
    cases, log = load(
        tmp_path,
        "tests.csv",
        "\ufeffquestion,name,__expected,__expected2,__description,__metadata:topic,__metadata:tags[],__prefix\n"
        'Where is it?,Bob,javascript: output > 3,"contains-any: a, b",late parcel,delivery,"x, y",Please\n'
        "Refund?,Ann,30 days,,,,,\n",
    )
    assert cases[0] == Case(
        case_id="late parcel",
        input_text="Where is it?",
        where="tests.csv:2",
        expected=("a", "b"),
        tags={"topic": "delivery", "tags": "x, y"},
    )
    assert cases[1].expected == ("30 days",)
    assert (cases[1].case_id or "").startswith("vars-")
    assert cases[1].tags == {}
    assert log.n_counted == 2
    assert promptfoo_tests.KIND is Kind.EVALSET


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("t.jsonl", '{"vars": {"q": "Hi"}, "assert": [{"type": "equals", "value": "Yes"}]}\n{"vars": {"q": "Bye"}}\n'),
        ("t.json", '[{"vars": {"q": "Hi"}, "assert": [{"type": "equals", "value": "Yes"}]}, {"vars": {"q": "Bye"}}]'),
        ("t.yaml", "- vars: {q: Hi}\n  assert: [{type: equals, value: 'Yes'}]\n- vars: {q: Bye}\n"),
    ],
)
def test_lists_of_tests(tmp_path: Path, name: str, text: str) -> None:
    cases, _ = load(tmp_path, name, text)
    assert [(case.input_text, case.expected) for case in cases] == [("Hi", ("Yes",)), ("Bye", ())]


def test_products_do_not_change_the_count(tmp_path: Path) -> None:
    cases, log = load(tmp_path, "t.yaml", "- vars: {q: [Hi, Bye]}\n  description: greets\n")
    assert [case.input_text for case in cases] == ["Hi", "Bye"]
    assert [case.case_id for case in cases] == [None, None]
    assert log.n_counted == 1


def test_one_test(tmp_path: Path) -> None:
    cases, _ = load(tmp_path, "t.yaml", "vars: {q: Hi}\nassert: [{type: contains, value: x}]\n")
    assert [case.input_text for case in cases] == ["Hi"]


def test_records_that_are_no_tests(tmp_path: Path) -> None:
    records = '{"vars": {"q": "Hi"}}\n' * 9
    cases, log = load(tmp_path, "t.jsonl", records + "5\n")
    assert len(cases) == 9
    assert log.n_skipped == 1


def test_reference_that_loops(tmp_path: Path) -> None:
    tests = "- vars: {q: 1}\n" * 4
    cases, log = load(tmp_path, "t.yaml", tests + "- file://t.yaml\n")
    assert 4 <= len(cases) <= 40
    assert log.n_skipped


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "question,answer\nHi,Yes\n"),
        ("a.csv", "expected,description\nHi,Yes\n"),
        ("r.jsonl", '{"vars": {"q": "Hi"}, "success": true, "response": {"output": "x"}}\n{"vars": {"q": "a"}}\n'),
        ("a.json", '[{"vars": ["a"], "name": "x"}]'),
        ("a.json", '{"vars": "text"}'),
        ("a.yaml", "- hosts: all\n  vars_files: [x.yml]\n"),
        ("a.xml", "<tests><vars/></tests>"),
    ],
)
def test_other_files_are_not_recognised(tmp_path: Path, name: str, text: str) -> None:
    assert promptfoo_tests.sniff(opened(tmp_path, name, text)) is None


@pytest.mark.parametrize(
    ("cell", "kind", "value"),
    [
        ("Lima", "equals", "Lima"),
        ("Note: the city is Lima", "equals", "Note: the city is Lima"),
        ("contains: Lima", "contains", "Lima"),
        ("not-icontains: Lima", "not-icontains", "Lima"),
        ("icontains-any: Lima, Peru", "icontains-any", ["Lima", "Peru"]),
        ("similar(0.8): the capital", "similar", "the capital"),
        ("llm-rubric: is kind:\nvery", "llm-rubric", "is kind:\nvery"),
        ("grade: is kind", "llm-rubric", "is kind"),
        ("fn:output > 3", "javascript", "output > 3"),
        ("eval:output > 3", "javascript", "output > 3"),
        ("javascript: output > 3", "javascript", "output > 3"),
        ("python: len(output)", "python", "len(output)"),
        ("file://check.py:score", "python", "file://check.py:score"),
        ("file://check.js", "javascript", "file://check.js"),
        ("is-json", "is-json", ""),
        ("contains", "equals", "contains"),
        ("factuality(3): x", "factuality", "x"),
    ],
)
def test_expected_cells(cell: str, kind: str, value: object) -> None:
    assert assertion_from_cell(cell) == {"type": kind, "value": value}


def test_a_csv_of_variables_is_known_by_the_config_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "animals.csv").write_text("animal,place\ncat,roof\ndog,garden\n")
    source = find_sources(["animals.csv"], base=tmp_path)[0]
    assert promptfoo_tests.sniff(open_document(source)) is None
    config = tmp_path / "promptfooconfig.yaml"
    config.write_text("prompts: [x]\nproviders: [echo]\ntests: file://more-animals.csv\n")
    assert promptfoo_tests.sniff(open_document(source)) is None
    config.write_text("prompts: [x]\nproviders: [echo]\ntests: file://animals.csv\n")
    match = promptfoo_tests.sniff(open_document(source))
    assert match is not None
    assert (match.confidence, match.why) == (0.35, "named in promptfooconfig.yaml beside it: a promptfoo tests CSV")
    cases = list(promptfoo_tests.read(open_document(source), ReadLog(), ColumnMap()))
    assert [case.input_text for case in cases] == ["animal: cat\nplace: roof", "animal: dog\nplace: garden"]
