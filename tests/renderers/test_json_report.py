"""The JSON report: as its schema and the contract say, the same bytes every time, no texts unless asked for."""

from __future__ import annotations

import io
import json
import unicodedata
from collections.abc import Callable
from typing import Any

import jsonschema
import pytest
from tests.renderers import example_report

from driftcheck.renderers import json_report
from driftcheck.renderers.json_values import dumps
from driftcheck.report import Report
from driftcheck.sizes import POWER

REPORTS = (example_report.failing, example_report.passing, example_report.blind, example_report.hostile)
SCHEMA = json.loads(json_report.schema())


def written(report: Report, *, texts: bool = False) -> str:
    out = io.StringIO()
    json_report.render(report, out, texts=texts)
    return out.getvalue()


def closed(schema: Any) -> Any:
    """The schema with no room for fields that it does not name."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {key: closed(value) for key, value in schema.items()}
    if "properties" in schema and "type" in schema and "additionalProperties" not in schema:
        inner["additionalProperties"] = False
    return inner


@pytest.mark.parametrize("texts", [False, True])
@pytest.mark.parametrize("make", REPORTS, ids=lambda make: make.__name__)
def test_fits_its_schema(make: Callable[[], Report], texts: bool) -> None:
    """Every report validates, and has no field that the schema does not name."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.Draft202012Validator(closed(SCHEMA)).validate(json.loads(written(make(), texts=texts)))


@pytest.mark.parametrize("make", REPORTS[:3], ids=lambda make: make.__name__)
def test_golden(
    make: Callable[[], Report], golden: Callable[[str, str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each report reads as its golden file does; a new release alone changes none of them."""
    monkeypatch.setattr(json_report, "__version__", "0.0.0")
    golden(f"{make.__name__}.json", written(make()))


def test_names_are_the_contract_s() -> None:
    """The contract's names, spelled out once more: to change one is to break somebody's CI."""
    report = json.loads(written(example_report.failing()))
    assert report["schema_version"] == 1
    assert {"tool", "verdict", "exit_code", "seed", "model", "inputs", "scores", "findings", "slices"} <= set(report)
    assert set(report["model"]) == {"name", "revision", "sha256", "precision"}
    loaded = {
        "n_records",
        "n_skipped",
        "skipped",
        "n_missing_input",
        "n_missing_output",
        "n_errors",
        "warnings",
        "kind",
    }
    assert {"path", "format", "n_cases"} | loaded <= set(report["inputs"]["eval_set"])
    assert {"run_id", "time", "n_pass", "n_fail", "n_error"} | loaded <= set(report["inputs"]["runs"][-1])
    production = {"path", "format", "n_traces", "n_sessions", "n_embedded", "since", "until", "n_rated"}
    assert production | loaded <= set(report["inputs"]["production"])
    assert set(report["scores"]["pass_rate"]) == {"value", "low", "high", "n"}
    assert set(report["scores"]["satisfaction"]) == {"value", "low", "high", "n", "response_rate"}
    assert set(report["scores"]["gap"]) == {"value", "low", "high"}
    assert set(report["scores"]["restated_pass_rate"]) == {"value", "low", "high", "worst", "best", "uncovered_share"}
    assert set(report["scores"]["divergence"]) == {"kl", "null_mean", "excess", "low", "high", "p_value"}
    assert set(report["scores"]["novelty"]) == {"share", "expected", "excess", "p_value"}
    assert set(report["scores"]["coverage"]) == {"share", "low", "high"}
    finding = (
        "code name title status value unit low high warn fail required p_value n summary evidence reason fix "
        "could_have_noticed"
    )
    assert set(report["findings"][0]) == set(finding.split())
    row = "id name terms n_cases n_traces share_eval share_production delta low high p_adjusted coverage pass_rate"
    assert set(f"{row} satisfaction cases_to_add case_ids trace_ids".split()) <= set(report["slices"][0])


def test_what_could_have_been_noticed_stands_beside_passes_alone() -> None:
    """With the power that it was computed for; the value is in the unit of the finding."""
    findings = json.loads(written(example_report.failing()))["findings"]
    assert {finding["status"] for finding in findings if finding["could_have_noticed"]} == {"pass"}
    said = [finding["could_have_noticed"] for finding in findings if finding["status"] == "pass"]
    assert [set(one) for one in said] == [{"sentence", "value", "power"}] * 3
    assert {one["power"] for one in said} == {POWER}


def test_texts_only_when_asked_for() -> None:
    """By default no example and no first record is written; with texts both are."""
    private = ("My refund was promised", "Where is my order 1182?", "I am sorry to hear that")
    without, within = written(example_report.failing()), written(example_report.failing(), texts=True)
    assert not any(text in without for text in private)
    assert all(text in within for text in private)


def test_numbers_are_numbers() -> None:
    """NaN and infinity are null, floats have six decimals, the file ends with a newline."""
    text = written(example_report.hostile())
    assert text.endswith("}\n")
    report = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} in the JSON"))
    assert report["findings"][0]["value"] is None
    assert report["findings"][0]["high"] is None
    assert report["inputs"]["eval_set"]["first_time"] is None
    assert json.loads(written(example_report.failing()))["findings"][6]["evidence"] == []
    assert '"share": 0.166944' in written(example_report.failing())


def test_is_valid_utf_8() -> None:
    """A lone surrogate in a trace does not break the file; other scripts are written as they are."""
    text = written(example_report.hostile(), texts=True)
    assert "漢字テスト" in text
    text.encode("utf-8")


def test_same_report_same_bytes() -> None:
    assert written(example_report.failing()) == written(example_report.failing())


def test_what_acts_on_a_terminal_is_escaped() -> None:
    """Control and format characters are written as escapes, pairs of them beyond U+FFFF; the values are the same."""
    value = {"k\u202e": "a\x7f\x85\x9b[2J \u200b\u2066\u00ad\ufeff \U000e0041 \\\u202e 漢 é 😀"}
    text = dumps(value)
    assert json.loads(text) == value
    assert "\\u202e" in text
    assert "\\udb40\\udc41" in text
    assert "漢 é 😀" in text
    assert not [
        character for character in text if unicodedata.category(character) in ("Cc", "Cf") and character != "\n"
    ]
    assert dumps(value, ascii=True).isascii()
    assert json.loads(dumps(value, ascii=True)) == value
