"""JUnit XML: pytest, jest, mocha and promptfoo; nested, namespaced, broken, hostile."""

from pathlib import Path

import pytest

from driftcheck.errors import InputError
from driftcheck.loaders import junit
from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.document import Document, open_document
from driftcheck.loaders.read_log import ReadLog
from driftcheck.loaders.source import find_sources
from driftcheck.records import Kind, Result, Status

JUNE = 1780315200.0  # 2026-06-01T12:00:00Z


def opened(folder: Path, text: str) -> Document:
    (folder / "junit.xml").write_text(text, encoding="utf-8")
    return open_document(find_sources(["junit.xml"], base=folder)[0])


def load(folder: Path, text: str) -> list[Result]:
    doc = opened(folder, text)
    assert junit.sniff(doc) is not None
    return list(junit.read(doc, ReadLog(), ColumnMap()))


PYTEST = """<?xml version="1.0" encoding="utf-8"?>
<testsuites><testsuite name="pytest" timestamp="2026-06-01T12:00:00">
  <testcase classname="tests.test_bot" name="test_answer[refund-7]" time="1.2"/>
  <testcase classname="tests.test_bot" name="test_answer[late [parcel]]"><failure message="no tracking"/></testcase>
  <testcase classname="tests.test_bot" name="test_tone[refund-7]"><skipped message="later"/></testcase>
  <testcase classname="tests.test_bot" name="test_up"><failure/><error message="no API key">trace</error></testcase>
  <testcase classname="tests.test_bot" name="test_up"><error>socket
closed</error></testcase>
</testsuite></testsuites>
"""


def test_pytest(tmp_path: Path) -> None:
    results = load(tmp_path, PYTEST)
    assert results[0] == Result(
        run_id=None,
        case_id="refund-7",
        input_text=None,
        status=Status.PASS,
        where="junit.xml#1",
        run_time=JUNE,
        variant="tests.test_bot::test_answer",
    )
    assert [result.case_id for result in results] == ["refund-7", "late [parcel]", "refund-7", "test_up", "test_up"]
    assert [result.status for result in results] == [
        Status.PASS,
        Status.FAIL,
        Status.SKIPPED,
        Status.ERROR,
        Status.ERROR,
    ]
    assert [result.error for result in results] == [None, None, None, "no API key", "socket\nclosed"]
    assert [result.repeat for result in results] == [0, 0, 0, 0, 1]
    assert results[2].variant == "tests.test_bot::test_tone"
    assert junit.KIND is Kind.RESULTS


PROMPTFOO = """<testsuites name="promptfoo" tests="4">
  <testsuite name="[openai:gpt-4o] prompt 1" timestamp="2026-06-01T12:00:00.000Z">
    <testcase classname="[openai:gpt-4o] prompt 1" name="test 1: late parcel"/>
    <testcase classname="[openai:gpt-4o] prompt 1" name="test 2: late parcel">
      <failure message="Assertion failed" type="assertion">Score: 0</failure></testcase>
    <testcase classname="[openai:gpt-4o] prompt 1" name="test 3: Row #3"/>
    <testcase classname="[openai:gpt-4o] prompt 1" name="test 4"/>
  </testsuite></testsuites>
"""


def test_promptfoo(tmp_path: Path) -> None:
    results = load(tmp_path, PROMPTFOO)
    assert [result.case_id for result in results] == ["late parcel", "late parcel", None, None]
    assert [result.repeat for result in results] == [0, 1, 0, 0]
    assert (results[0].model, results[0].prompt_id, results[0].run_time) == ("openai:gpt-4o", "prompt 1", JUNE)
    assert results[1].status is Status.FAIL


def test_nested_suites_namespaces_and_cases_without_class(tmp_path: Path) -> None:
    results = load(
        tmp_path,
        '<testsuite xmlns="urn:x" name="a"><testsuite name="b"><testcase name="loads the widget"/></testsuite>'
        "<testcase/></testsuite>",
    )
    assert [(result.case_id, result.variant) for result in results] == [("loads the widget", None), (None, None)]


def test_reruns(tmp_path: Path) -> None:
    results = load(
        tmp_path,
        "<testsuite><testcase name='a'><flakyFailure/></testcase><testcase name='b'><rerunFailure/></testcase>"
        "<testcase name='c'><rerunFailure/><error type='Boom'/></testcase></testsuite>",
    )
    assert [(result.status, result.error) for result in results] == [
        (Status.PASS, None),
        (Status.FAIL, None),
        (Status.ERROR, "Boom"),
    ]


def test_properties(tmp_path: Path) -> None:
    results = load(
        tmp_path,
        "<testsuite><testcase name='a'><properties><property name='case_id' value='c-9'/>"
        "<property name='input' value='Where is it?'/><property name='score'>0.5</property>"
        "<property name='model' value='gpt-4o'/><property name='note'/></properties></testcase></testsuite>",
    )
    assert (results[0].case_id, results[0].input_text, results[0].score, results[0].model) == (
        "c-9",
        "Where is it?",
        0.5,
        "gpt-4o",
    )


def test_no_cases(tmp_path: Path) -> None:
    assert load(tmp_path, "<testsuites><testsuite name='empty' tests='0'/></testsuites>") == []


def test_broken_xml(tmp_path: Path) -> None:
    doc = opened(tmp_path, PYTEST[:500])
    with pytest.raises(InputError, match="broken XML"):
        list(junit.read(doc, ReadLog(), ColumnMap()))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("declared", ["", ' encoding="UTF-8"', " encoding='utf-16'"])
def test_the_bytes_are_believed_where_the_declaration_is_wrong(tmp_path: Path, encoding: str, declared: str) -> None:
    if "16" in declared and not encoding.startswith("utf-16"):
        return
    text = f"<?xml version='1.0'{declared}?><testsuite><testcase name='Öffnet es?'/></testsuite>"
    (tmp_path / "junit.xml").write_bytes(text.encode(encoding))
    doc = open_document(find_sources(["junit.xml"], base=tmp_path)[0])
    assert [result.case_id for result in junit.read(doc, ReadLog(), ColumnMap())] == ["Öffnet es?"]


def test_a_declaration_of_another_encoding_counts(tmp_path: Path) -> None:
    text = "<?xml version='1.0' encoding='iso-8859-15'?><testsuite><testcase name='5 €'/></testsuite>"
    (tmp_path / "junit.xml").write_bytes(text.encode("iso-8859-15"))
    doc = open_document(find_sources(["junit.xml"], base=tmp_path)[0])
    assert [result.case_id for result in junit.read(doc, ReadLog(), ColumnMap())] == ["5 €"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_doctype_in_any_encoding_is_refused(tmp_path: Path, encoding: str) -> None:
    text = '<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE t [<!ENTITY a "aaaa">]><testsuite/>'
    (tmp_path / "junit.xml").write_bytes(text.encode(encoding))
    with pytest.raises(InputError, match="DOCTYPE"):
        open_document(find_sources(["junit.xml"], base=tmp_path)[0])


def test_a_doctype_is_refused(tmp_path: Path) -> None:
    text = '<!DOCTYPE t [<!ENTITY a "aaaa">]><testsuite><testcase name="&a;"/></testsuite>'
    with pytest.raises(InputError, match="DOCTYPE"):
        opened(tmp_path, text)


@pytest.mark.parametrize("text", ["<suites><case name='a'/></suites>", "<promptfoo/>", "<coverage/>"])
def test_other_xml_is_not_recognised(tmp_path: Path, text: str) -> None:
    assert junit.sniff(opened(tmp_path, text)) is None
