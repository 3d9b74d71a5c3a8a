"""What cases say of their age, origin and owner, in every format of eval sets."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from tests.loaders.reading import Loaded, jsonl, load

from driftcheck.loaders import (
    LOADERS,
    braintrust_dataset,
    deepeval_goldens,
    generic_cases,
    hf_viewer,
    inspect_samples,
    langfuse_dataset,
    langsmith_dataset,
    mlflow_dataset,
    mt_bench,
    openai_evals,
    promptfoo_config,
    promptfoo_tests,
    pydantic_evals,
    ragas_testset,
)
from driftcheck.loaders.case_freshness import freshness_of, is_tag
from driftcheck.loaders.read_log import ReadLog
from driftcheck.records import UNDATED, Case, Kind

DAY = 86_400.0


def seconds(text: str) -> float:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC).timestamp()


SAID = {
    "created": "2026-01-05",
    "validated": "2026-03-30",
    "expires": "2026-12-31",
    "owner": "ana",
    "source_trace_id": "8f3c01aa",
    "provenance": "production",
    "split": "tuned",
    "topic": "billing",
}
YAML = "".join(f"      {name}: {value}\n" for name, value in SAID.items())
ASKED = "Where is my refund?"
CONFIG = "prompts: ['{{question}}']\nproviders: [echo]\ntests:\n"
CSV = ",".join(SAID)
CELLS = ",".join(SAID.values())

FORMATS: dict[str, tuple[Any, str, Any]] = {
    "promptfoo-config": (
        promptfoo_config,
        "promptfooconfig.yaml",
        f"{CONFIG}  - vars: {{question: {ASKED}}}\n    metadata:\n{YAML}",
    ),
    "promptfoo defaults": (
        promptfoo_config,
        "promptfooconfig.yaml",
        f"{CONFIG}  - vars: {{question: {ASKED}}}\ndefaultTest:\n    metadata:\n{YAML}",
    ),
    "promptfoo-tests": (
        promptfoo_tests,
        "tests.csv",
        f"question,__expected,{','.join(f'__metadata:{name}' for name in SAID)}\n{ASKED},5 days,{CELLS}\n",
    ),
    "generic csv": (generic_cases, "cases.csv", f"id,question,expected,{CSV}\n1,{ASKED},5 days,{CELLS}\n"),
    "generic nested": (
        generic_cases,
        "cases.jsonl",
        jsonl({"id": "1", "question": ASKED, "expected": "5 days", "metadata": SAID}),
    ),
    "generic yaml": (generic_cases, "cases.yaml", f"cases:\n    - question: {ASKED}\n      expected: 5 days\n{YAML}"),
    "inspect-samples": (inspect_samples, "s.jsonl", jsonl({"input": ASKED, "target": "5 days", "metadata": SAID})),
    "inspect columns": (inspect_samples, "s.csv", f"input,target,{CSV}\n{ASKED},5 days,{CELLS}\n"),
    "openai-evals": (openai_evals, "s.jsonl", jsonl({"input": ASKED, "ideal": "5 days", **SAID})),
    "deepeval-goldens": (
        deepeval_goldens,
        "g.json",
        [{"input": ASKED, "expected_output": "5 days", "source_file": "a.md", "additional_metadata": SAID}],
    ),
    "ragas-testset": (
        ragas_testset,
        "t.jsonl",
        jsonl({"user_input": ASKED, "reference": "5 days", "synthesizer_name": "single_hop", **SAID}),
    ),
    "braintrust-dataset": (
        braintrust_dataset,
        "b.jsonl",
        jsonl({"input": ASKED, "expected": "5 days", "dataset_id": "d", "metadata": SAID}),
    ),
    "langsmith-dataset": (
        langsmith_dataset,
        "l.jsonl",
        jsonl({"inputs": {"question": ASKED}, "outputs": {"answer": "5 days"}, "metadata": SAID}),
    ),
    "langfuse-dataset": (
        langfuse_dataset,
        "l.jsonl",
        jsonl({"input": ASKED, "expectedOutput": "5 days", "datasetId": "d", "metadata": SAID}),
    ),
    "mlflow-dataset": (
        mlflow_dataset,
        "m.jsonl",
        jsonl({"inputs": {"question": ASKED}, "expectations": {"expected_response": "5 days"}, "tags": SAID}),
    ),
    "pydantic-evals": (
        pydantic_evals,
        "p.yaml",
        f"cases:\n  - name: a\n    inputs: {ASKED}\n    expected_output: 5 days\n    metadata:\n{YAML}",
    ),
    "mt-bench": (mt_bench, "q.jsonl", jsonl({"question_id": 81, "turns": [ASKED], "reference": ["5 days"], **SAID})),
    "hf-viewer": (
        hf_viewer,
        "rows.json",
        {
            "features": [{"name": "story"}],
            "rows": [{"row_idx": 0, "row": {"story": "A tale.", "questions": [ASKED], **SAID}}],
        },
    ),
}


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_says_it(name: str, tmp_path: Path) -> None:
    loader, file, content = FORMATS[name]
    (case,) = load(tmp_path, loader, file, content).cases
    assert case.created_at == seconds("2026-01-05")
    fresh = case.freshness
    assert fresh.validated_at == seconds("2026-03-30")
    assert fresh.expires_at == seconds("2027-01-01"), "a bare day holds to its end"
    assert (fresh.owner, fresh.source_trace_id, fresh.provenance) == ("ana", "8f3c01aa", "production")
    assert fresh.split == "tuned"
    assert not {"created", "validated", "expires", "source_trace_id"} & case.tags.keys()
    if name != "openai-evals":  # whose samples have no tags
        assert case.tags["topic"] == "billing"


@pytest.mark.parametrize("name", FORMATS)
def test_a_date_that_cannot_be_read_is_told(name: str, tmp_path: Path) -> None:
    loader, file, content = FORMATS[name]
    text = (content if isinstance(content, str) else json.dumps(content)).replace("2026-12-31", "soon")
    loaded = load(tmp_path, loader, file, text)
    assert loaded.cases[0].freshness.expires_at is None
    (warning,) = [text for text in loaded.log.warnings if "date" in text]
    assert warning.startswith("expires cannot be read as a date in 1 case, first ")
    assert "soon" not in warning, "no text of a case stands in a warning"


def test_every_loader_of_eval_sets_is_in_the_table() -> None:
    assert {loader.FORMAT for loader in LOADERS if loader.KIND is Kind.EVALSET} == {
        loader.FORMAT for loader, _, _ in FORMATS.values()
    }


def test_cases_that_say_nothing_are_undated(tmp_path: Path) -> None:
    (case,) = load(tmp_path, generic_cases, "cases.csv", f"id,question,expected,topic\n1,{ASKED},5 days,x\n").cases
    assert (case.created_at, case.freshness) == (None, UNDATED)


def read(**said: Any) -> Any:
    return freshness_of(ReadLog(), "a:1", said).freshness


@pytest.mark.parametrize(
    ("value", "read_as"),
    [
        ("2026-03-30", "2026-03-31"),
        (dt.date(2026, 3, 30), "2026-03-31"),
        (20260330, "2026-03-31"),
        ("20260330", "2026-03-31"),
        ("30.03.2026", "2026-03-31"),
        ("2026-03-30 00:00:00", "2026-03-31"),  # as frames and sheets write a day
        ("2026-03-30T00:00:00.000", "2026-03-31"),
        ("2026-03-30T00:00:00Z", "2026-03-30"),
        ("2026-03-30T12:00:00+00:00", "2026-03-30T12:00:00"),
        (dt.datetime(2026, 3, 30, 12, tzinfo=dt.UTC), "2026-03-30T12:00:00"),
        (1774828800, "2026-03-30"),
        (1774828800000, "2026-03-30"),
    ],
)
def test_the_end_of_a_case(value: Any, read_as: str) -> None:
    assert read(expires=value).expires_at == seconds(read_as)


@pytest.mark.parametrize(
    ("said", "field", "value"),
    [
        ({"validated_at": "2026-03-30"}, "validated_at", seconds("2026-03-30")),
        ({"lastValidated": "2026-03-30"}, "validated_at", seconds("2026-03-30")),
        ({"reviewed": "2026-03-30"}, "validated_at", seconds("2026-03-30")),
        ({"reviewed": True}, "validated_at", None),
        ({"reviewed": "by ana"}, "validated_at", None),
        ({"Valid Until": "2026-03-30"}, "expires_at", seconds("2026-03-31")),
        ({"expires": "never"}, "expires_at", None),
        ({"sourceTraceId": "t1"}, "source_trace_id", "t1"),
        ({"trace_id": 17}, "source_trace_id", "17"),
        ({"source": "synthetic"}, "provenance", "synthetic"),
        ({"source": "handbook.pdf"}, "provenance", None),
        ({"split": ["sealed"]}, "split", "sealed"),
        ({"partition": "sealed"}, "split", "sealed"),
        ({"owner": {"name": "ana"}}, "owner", None),
        ({"owner": " "}, "owner", None),
    ],
)
def test_other_names_for_it(said: dict[str, Any], field: str, value: object) -> None:
    log = ReadLog()
    assert getattr(freshness_of(log, "a:1", said).freshness, field) == value
    assert log.warnings == ()


def test_metadata_goes_before_what_a_tool_writes(tmp_path: Path) -> None:
    record = {
        "input": ASKED,
        "expectedOutput": "5 days",
        "datasetId": "d",
        "sourceTraceId": "t9",
        "createdAt": "2026-06-01T10:00:00Z",
        "metadata": {"created": "2025-01-01"},
    }
    (case,) = load(tmp_path, langfuse_dataset, "l.jsonl", jsonl(record)).cases
    assert case.created_at == seconds("2025-01-01")
    assert case.freshness.source_trace_id == "t9"


def test_broken_dates_are_counted_once_a_field(tmp_path: Path) -> None:
    rows = [{"id": str(n), "question": f"{ASKED} {n}", "expected": "5 days", "validated": "lately"} for n in range(30)]
    log = load(tmp_path, generic_cases, "cases.jsonl", jsonl(*rows)).log
    assert log.warnings == (
        "validated cannot be read as a date in 30 cases, first cases.jsonl:1: write it as 2026-03-30",
    )


def test_a_date_far_down_is_read(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"id": str(n), "question": f"{ASKED} {n}", "expected": "5 days"} for n in range(6_000)
    ]
    rows[-1]["validated"] = "2026-03-30"
    cases = load(tmp_path, generic_cases, "cases.jsonl", jsonl(*rows)).cases
    assert [case.freshness.validated_at for case in cases[-2:]] == [None, seconds("2026-03-30")]
    assert cases[0].freshness is UNDATED


def test_a_yes_stays_a_tag_and_dates_do_not(tmp_path: Path) -> None:
    rows = "id,question,expected,validated,reviewed,owner\n"
    rows += "".join(f"{n},{ASKED} {n},5 days,2026-03-{n + 1:02},{'yes' if n % 2 else 'no'},ana\n" for n in range(20))
    loaded: Loaded = load(tmp_path, generic_cases, "cases.csv", rows)
    assert loaded.cases[1].tags == {"reviewed": "yes", "owner": "ana"}
    assert loaded.log.warnings == ()


def test_names_of_no_date_are_tags() -> None:
    assert is_tag("creator", "x")
    assert is_tag("owner", "ana")
    assert not is_tag("last_validated", "x" * 500)


def test_a_column_that_drift_yaml_names_tells_the_creation(tmp_path: Path) -> None:
    text = f"id,question,expected,written\n1,{ASKED},5 days,2026-01-05\n2,{ASKED}!,5 days,?\n"
    loaded = load(tmp_path, generic_cases, "cases.csv", text, columns={"timestamp": "written"})
    cases: list[Case] = loaded.cases
    assert [case.created_at for case in cases] == [seconds("2026-01-05"), None]
    assert loaded.log.warnings == (
        "written cannot be read as a date in 1 case, first cases.csv:3: write it as 2026-03-30",
    )
