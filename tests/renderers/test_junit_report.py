"""JUnit XML: as Jenkins's schema says, nothing hostile breaks out, and a blind audit is not green."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree
from tests.hostile import attacks
from tests.renderers import example_report
from tests.renderers.located import ATTACKS, attacked, blind, located

from driftcheck.findings import FindingStatus
from driftcheck.renderers import junit_report
from driftcheck.report import Report

SCHEMA = etree.XMLSchema(etree.parse(Path(__file__).parent / "schemas" / "junit-10.xsd"))
PARSER = etree.XMLParser(resolve_entities=False, no_network=True)


def written(report: Report, *, texts: bool = False) -> str:
    out = io.StringIO()
    junit_report.render(report, out, texts=texts)
    return out.getvalue()


def parsed(report: Report, *, texts: bool = False) -> etree._Element:
    root = etree.fromstring(written(report, texts=texts).encode("utf-8"), PARSER)
    SCHEMA.assertValid(root)
    return root


@pytest.mark.parametrize("make", [located, example_report.passing, blind], ids=["located", "passing", "blind"])
def test_golden(
    make: Callable[[], Report], golden: Callable[[str, str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reads as its golden file and fits the schema."""
    monkeypatch.setattr(junit_report, "__version__", "0.0.0")
    parsed(make())
    golden(f"{make.__name__}.junit.xml", written(make()))


def test_a_case_per_check_and_the_sums_are_right() -> None:
    root = parsed(located())
    cases = root.findall(".//testcase")
    assert [case.get("name").split()[0] for case in cases] == [f.code for f in located().finding_rows]
    suite = root.find("testsuite")
    for kind, count in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        assert int(suite.get(count)) == len(suite.findall(f".//{kind}"))
    assert suite.get("tests") == str(len(cases))
    assert {case.get("classname").split(".")[0] for case in cases} == {"driftcheck"}


def test_failures_say_what_was_found_and_what_to_do() -> None:
    for finding in located().finding_rows:
        if finding.status is FindingStatus.FAIL:
            failure = parsed(located()).xpath(f"//testcase[starts-with(@name, '{finding.code} ')]/failure")[0]
            assert finding.measurement
            assert finding.measurement.summary in failure.get("message")
            assert f"driftcheck explain {finding.code}" in failure.get("message")
            assert all(i in failure.text for row in finding.measurement.evidence for i in row.case_ids + row.trace_ids)


def test_a_required_check_without_data_is_an_error_and_others_are_skipped() -> None:
    """Else a blind gate would look green on the page of tests."""
    root = parsed(blind())
    assert [case.get("name") for case in root.xpath("//testcase[error]")] == [
        "DC101 topic-divergence",
        "DC201 slice-coverage",
    ]
    assert "at least 30 cases" in root.find(".//error").get("message")
    assert [case.get("name") for case in root.xpath("//testcase[skipped]")] == ["DC301 csat-gap"]


def test_waived_is_skipped_with_its_waiver_and_warnings_pass_with_a_word() -> None:
    root = parsed(located())
    assert "until 2026-12-31 by ana" in root.xpath("//testcase[contains(@name, 'set-age')]/skipped")[0].get("message")
    case = root.xpath("//testcase[contains(@name, 'blind-slices')]")[0]
    assert [child.tag for child in case] == ["system-out"]
    assert case[0].text.startswith("\nWARNING\n")


def test_texts_only_when_asked_for() -> None:
    assert "My refund was promised" not in written(located())
    assert "My refund was promised" in written(located(), texts=True)
    assert "text of order-001" not in written(located())
    assert "text of order-001" in written(located(), texts=True)


@pytest.mark.parametrize("attack", [*ATTACKS, *attacks.ATTACKS], ids=lambda attack: ascii(attack)[:40])
def test_nothing_breaks_out(attack: str) -> None:
    """The same elements whatever the data say, and no character that XML refuses."""
    harmless, root = parsed(attacked("harmless"), texts=True), parsed(attacked(attack), texts=True)
    assert [element.tag for element in root.iter()] == [element.tag for element in harmless.iter()]


def test_without_checks_it_is_still_a_suite() -> None:
    assert parsed(replace(example_report.passing(), finding_rows=())).get("tests") == "0"
