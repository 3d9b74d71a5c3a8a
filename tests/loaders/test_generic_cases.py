"""Generic cases: eval sets of the users' own making."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from driftcheck.errors import InputError
from driftcheck.loaders import generic_cases
from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.document import ReadLog, open_document
from driftcheck.loaders.source import find_sources
from driftcheck.records import Case

Read = Callable[..., list[Case]]


@pytest.fixture
def cases(tmp_path: Path) -> Read:
    """Read cases from a text; the sniffer has to be sure first, where no columns are named."""

    def cases(text: str, **columns: str) -> list[Case]:
        (tmp_path / "set").write_text(text)
        doc = open_document(find_sources(["set"], base=tmp_path)[0])
        if not columns:
            assert generic_cases.sniff(doc) is not None
        return list(generic_cases.read(doc, ReadLog(), ColumnMap(columns)))

    return cases


def test_csv_with_tags(cases: Read) -> None:
    (case,) = cases("Case ID,Question,Expected Answer,topic,lang,created_at\n7,Why?,Because.,billing,de,2026-01-02\n")
    assert case == Case(
        case_id="7",
        input_text="Why?",
        where="set:2",
        expected=("Because.",),
        tags={"topic": "billing"},
        language="de",
        created_at=1767312000.0,
    )


@pytest.mark.parametrize(
    "name", ["input", "question", "query", "prompt", "user_input", "instruction", "utterance", "text"]
)
def test_every_name_of_the_input(cases: Read, name: str) -> None:
    assert cases(json.dumps([{name.upper(): "Why?", "gold": "x"}]))[0].input_text == "Why?"


@pytest.mark.parametrize(
    ("expected", "texts"),
    [
        ("B", ("B",)),
        (["B", "B."], ("B", "B.")),
        ('["B", "B."]', ("B", "B.")),
        ("['B', 'B.']", ("B", "B.")),
        (3, ("3",)),
        ({"answer": "B", "n": 1}, ("B",)),
        (None, ()),
        ("", ()),
    ],
)
def test_accepted_answers(cases: Read, expected: object, texts: tuple[str, ...]) -> None:
    assert (
        cases(json.dumps([{"input": "x", "expected": "y"}, {"input": "x", "expected": expected}]))[1].expected == texts
    )


def test_null_and_blank_inputs_are_kept_as_missing(cases: Read) -> None:
    rows = [{"id": "a", "input": "x"}, {"id": "b", "input": None}, {"id": "c", "input": "  "}, {"id": "d"}]
    assert [case.input_text for case in cases(json.dumps(rows))] == ["x", None, None, None]


def test_one_list_per_slice(cases: Read) -> None:
    found = cases(json.dumps({"rag": [{"id": 1, "query": "a"}, {"id": 2, "query": "b"}], "chat": [{"query": "c"}]}))
    assert [(case.input_text, case.tags) for case in found] == [
        ("a", {"group": "rag"}),
        ("b", {"group": "rag"}),
        ("c", {"group": "chat"}),
    ]
    assert found[2].where == "set#1 in chat"


@pytest.mark.parametrize(
    "text",
    [
        '{"name": "x", "examples": [{"input": "a"}, {"input": "b"}]}',
        '{"data": {"rows": [{"input": "a"}, {"input": "b"}]}}',
        '{"features": [], "rows": [{"row_idx": 0, "row": {"input": "a"}}, {"row_idx": 1, "row": {"input": "b"}}]}',
        '{"input": ["a", "b"], "expected": ["x", "y"]}',
        '{"input": {"0": "a", "1": "b"}, "expected": {"0": "x", "1": "y"}}',
        '{"q1": {"input": "a"}, "q2": {"input": "b"}}',
        '["a", "b"]',
        '"input"\n"a"\n"b"\n',
        "- input: a\n- input: b\n",
        "cases:\n  - input: a\n  - input: b\n",
        '{"input": "a", "expected": 1}\n{"input": "b", "expected": 2}\n',
        "input,\na,\nb,\n",
        "\ufeffid;input\n1;a\n2;b\n",
    ],
)
def test_rows_wherever_they_are(cases: Read, text: str) -> None:
    assert [case.input_text for case in cases(text)] == ["a", "b"]


def test_ids_of_an_object_of_cases(cases: Read) -> None:
    assert [case.case_id for case in cases('{"q1": {"input": "a"}, "q2": {"input": "b"}}')] == ["q1", "q2"]


def test_a_chat_keeps_its_turns(cases: Read) -> None:
    turns = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}, {"role": "user", "content": "c"}]
    (case,) = cases(json.dumps([{"messages": turns, "expected": "d"}]))
    assert (case.input_text, case.conversation) == ("c", "user: a\nassistant: b\nuser: c")


def test_metadata_and_tag_lists_are_tags(cases: Read) -> None:
    rows = [{"input": "a", "metadata": {"topic": "x", "user_email": "a@b.c", "long": "y" * 99}, "tags": ["vip", "b"]}]
    assert cases(json.dumps(rows))[0].tags == {"topic": "x", "tags": "b, vip"}
    csv = 'input,metadata,tags\na,"{""topic"": ""x""}","vip, b"\n'
    assert cases(csv)[0].tags == {"topic": "x", "tags": "b, vip"}


def test_columns_that_are_no_slices(cases: Read) -> None:
    rows = [
        {"input": f"{n}", "context": "long " * 40, "n": f"{n}.5", "uuid": str(n), "level": "easy"} for n in range(30)
    ]
    assert {tuple(case.tags) for case in cases(json.dumps(rows))} == {("level",)}


def test_named_columns_win_and_may_be_paths(cases: Read) -> None:
    rows = [{"input": "no", "payload": {"text": "yes"}, "klass": "A"}]
    (case,) = cases(json.dumps(rows), input="payload.text", expected="klass")
    assert (case.input_text, case.expected) == ("yes", ("A",))


@pytest.mark.parametrize(
    ("text", "others"),
    [
        ("question,text,answer\nWhy?,Some text,x\nHow?,Another,y\n", "text"),
        ("question,text,answer\nWhy?,Same,x\nHow?,Same,y\n", None),
        ("question,topic,answer\nWhy?,a,x\nHow?,b,y\n", None),
    ],
)
def test_columns_that_could_be_the_input_too_are_named(tmp_path: Path, text: str, others: str | None) -> None:
    (tmp_path / "set").write_text(text)
    doc = open_document(find_sources(["set"], base=tmp_path)[0])
    log = ReadLog()
    assert [case.input_text for case in generic_cases.read(doc, log, ColumnMap())] == ["Why?", "How?"]
    assert log.warnings == (
        ()
        if others is None
        else (
            "text could be the input too, and question is read as it; to change it, in drift.yaml: "
            "columns: {eval_set: {input: text}}",
        )
    )
    named = ReadLog()
    cases = list(generic_cases.read(doc, named, ColumnMap({"input": "question"})))
    assert (len(cases), named.warnings) == (2, ())


def test_a_named_column_that_is_not_there(cases: Read) -> None:
    with pytest.raises(InputError, match=r"set: has no column 'q', which drift\.yaml names for input \(it has: a, b\)"):
        cases("a,b\n1,2\n", input="q")


def test_no_input_lists_the_columns_and_the_key(cases: Read) -> None:
    with pytest.raises(InputError) as caught:
        cases("a,b\n1,2\n", expected="b")
    assert str(caught.value) == (
        "set: no column for the input or the conversation; it has: a, b "
        "(name it in drift.yaml: columns: {eval_set: {input: <column>}})"
    )


def test_every_case_of_a_file_with_ids_as_numbers(cases: Read) -> None:
    assert [case.case_id for case in cases("id,input\n1,a\n2.0,b\n")] == ["1", "2.0"]
    assert [case.case_id for case in cases('[{"id": 1, "input": "a"}, {"id": 2.0, "input": "b"}]')] == ["1", "2"]


def test_fine_tuning_examples_end_with_the_expected_answer(tmp_path: Path) -> None:
    turns = [{"role": "system", "content": "Be kind"}, {"role": "user", "content": "Refund?"}]
    lines = [{"messages": [*turns, {"role": "assistant", "content": "30 days"}]}, {"messages": turns}]
    path = tmp_path / "examples.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)))
    doc = open_document(find_sources([path], base=tmp_path)[0])
    found = list(generic_cases.read(doc, ReadLog(), ColumnMap()))
    assert [(case.input_text, case.expected) for case in found] == [("Refund?", ("30 days",)), ("Refund?", ())]
