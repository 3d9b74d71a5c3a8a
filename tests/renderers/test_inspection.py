"""`inspect` on the terminal and as JSON."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from functools import partial

import pytest
from rich.cells import cell_len
from tests.renderers import example_report
from tests.renderers.screens import printed

from driftcheck.records import Kind, LoadReport
from driftcheck.renderers import inspection

REPORTS = (
    example_report.EVAL_SET_REPORT,
    example_report.RUN_REPORT,
    example_report.PRODUCTION_REPORT,
    LoadReport("notes.txt", Kind.UNKNOWN, "unknown", 0.0, "no format that driftcheck knows looks like this", 0),
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
    evalset, results, traces, unknown, _ = as_json()
    assert evalset["first"] == {"id": "order-001", "input": "Where is my order 1182?", "expected": "It is on its way."}
    assert results["first"] == {"id": "order-001", "input": "Where is my order 1182?", "status": "pass"}
    assert isinstance(traces["first"], dict)
    assert set(traces["first"]) == {"id", "input", "output"}
    assert traces["last_time"] == "2026-06-01T00:00:00Z"
    assert unknown["first"] is None


def test_texts_are_left_out_on_demand() -> None:
    assert all(report["first"] is None for report in as_json(texts=False))
    assert "My refund is late" not in printed(partial(inspection.render, REPORTS, texts=False), 100)


def test_texts_are_cut_on_the_terminal() -> None:
    text = printed(partial(inspection.render, REPORTS[2:3]), 400)
    assert "I am sorry to hear that." in text
    assert "…" in text
