"""`inspect` on the terminal and as JSON."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
from rich.cells import cell_len
from tests.renderers import example_report
from tests.renderers.screens import printed

from driftcheck.records import FeedbackField, FeedbackSource, Kind, LoadReport, Nearest
from driftcheck.renderers import inspection

FEEDBACK = (
    FeedbackField(
        name="csat",
        source=FeedbackSource.USER,
        n=2_901,
        scale="1 to 5",
        good=">= 4",
        direction="high is good",
        share_good=0.71,
        seen="1, 2, 3, 4, 5",
        declare='satisfaction: {field: csat, good: ">= 4"}',
        is_satisfaction=True,
    ),
    FeedbackField(
        name="effort",
        source=FeedbackSource.ANNOTATOR,
        n=80,
        scale=None,
        good=None,
        direction=None,
        share_good=None,
        seen="0, 3, 7",
        declare='satisfaction: {field: effort, good: ">= 5"}',
        doubts=("3 of 80 are off the scale, such as 9",),
    ),
    FeedbackField("faithfulness", FeedbackSource.JUDGE, 40, None, None, None, None, "0.2 to 1", None),
)
REPORTS = (
    example_report.EVAL_SET_REPORT,
    example_report.RUN_REPORT,
    example_report.PRODUCTION_REPORT,
    LoadReport(
        "notes.txt",
        Kind.UNKNOWN,
        "unknown",
        0.0,
        "CSV without a column for an input; it has: traceId, when",
        12,
        nearest=(
            Nearest("langfuse", ("traceId",), ("observations", "userId", "sessionId")),
            Nearest("generic-cases", (), ("a column for the input",)),
        ),
    ),
    replace(
        example_report.PRODUCTION_REPORT,
        runner_up=("generic-traces", 0.5),
        tag_counts={"intent": 7},
        feedback=FEEDBACK,
        examples=(example_report.PRODUCTION_REPORT.first,) * 3,
    ),
    example_report.hostile().inputs.eval_set[0],
)


def as_json(*, texts: bool = True) -> list[dict[str, object]]:
    out = io.StringIO()
    inspection.render_json(REPORTS, out, texts=texts)
    parsed: list[dict[str, object]] = json.loads(out.getvalue())
    return parsed


@pytest.mark.parametrize("width", [80, 200])
def test_golden(width: int, golden: Callable[[str, str], None]) -> None:
    golden(f"inspect-{width}.txt", printed(partial(inspection.render, REPORTS), width))


@pytest.mark.parametrize("width", [40, 80, 200])
def test_no_line_is_wider_than_the_console(width: int) -> None:
    for line in printed(partial(inspection.render, REPORTS), width).splitlines():
        assert cell_len(line) <= width


def test_json_has_the_contract_s_fields() -> None:
    names = "path kind format confidence n_records n_skipped skipped n_missing_input n_missing_output n_errors"
    more = "n_pass n_fail n_duplicate_ids first_time last_time n_rated feedback_fields first warnings"
    for report in as_json():
        assert set(f"{names} {more}".split()) <= set(report)
    evalset, results, traces, unknown, inspected, _ = as_json()
    assert evalset["first"] == {"id": "order-001", "input": "Where is my order 1182?", "expected": "It is on its way."}
    assert results["first"] == {"id": "order-001", "input": "Where is my order 1182?", "status": "pass"}
    assert isinstance(traces["first"], dict)
    assert set(traces["first"]) == {"id", "input", "output"}
    assert traces["last_time"] == "2026-06-01T00:00:00Z"
    assert unknown["first"] is None
    assert unknown["nearest"] == [
        {"format": "langfuse", "has": ["traceId"], "lacks": ["observations", "userId", "sessionId"]},
        {"format": "generic-cases", "has": [], "lacks": ["a column for the input"]},
    ]
    assert (inspected["runner_up"], inspected["tag_counts"]) == (
        {"confidence": 0.5, "format": "generic-traces"},
        {"intent": 7},
    )
    assert isinstance(inspected["feedback"], list)
    assert [(field["name"], field["source"], field["scale"]) for field in inspected["feedback"]] == [
        ("csat", "user", "1 to 5"),
        ("effort", "human_annotator", None),
        ("faithfulness", "judge", None),
    ]
    assert isinstance(inspected["records"], list)
    assert len(inspected["records"]) == 3


@pytest.mark.parametrize(
    ("report", "said"),
    [
        (replace(REPORTS[0], n_records=1, n_read=4, n_missing_output=2), "1 read as 4 cases"),
        (replace(REPORTS[0], n_missing_output=2), "2 without an expected answer"),
        (replace(REPORTS[2], n_records=9, n_read=1), "9 read as 1 interaction"),
        (replace(REPORTS[2], n_missing_output=2), "2 without output"),
    ],
)
def test_what_records_became(report: LoadReport, said: str) -> None:
    assert said in printed(partial(inspection.render, [report]), 200)
    out = io.StringIO()
    inspection.render_json([report], out)
    assert json.loads(out.getvalue())[0]["n_read"] == (report.n_records if report.n_read is None else report.n_read)


def test_texts_are_left_out_on_demand() -> None:
    assert all(report["first"] is None and report["records"] is None for report in as_json(texts=False))
    assert "My refund is late" not in printed(partial(inspection.render, REPORTS, texts=False), 100)


def test_texts_are_cut_on_the_terminal() -> None:
    text = printed(partial(inspection.render, REPORTS[2:3]), 400)
    assert "I am sorry to hear that." in text
    assert "…" in text
