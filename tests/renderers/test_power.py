"""`driftcheck power` printed: hostile names are harmless everywhere, and everything fits."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pytest
from rich.console import Console

from driftcheck.power_report import (
    CurvePoint,
    Drift,
    ExampleTopic,
    GapCell,
    GapNeed,
    GapPower,
    Noticed,
    PowerCell,
    PowerReport,
    TrafficPower,
)
from driftcheck.renderers import power_html, power_json, power_terminal
from driftcheck.renderers.plain import cells
from driftcheck.report import ModelIdentity
from driftcheck.scores import Estimate

HOSTILE = "</td><script>alert(1)</script>\x1b[2J\u202e [bold]x[/bold] https://example.com"


def make_report(name: str = "refund, late") -> PowerReport:
    none = Estimate(0.0, 0.0, 0.2, 16)
    curve = (CurvePoint(0.01, 0.0, 0.0, 0.1), CurvePoint(0.2, 0.98, 0.9, 1.0))
    noticed = [
        Noticed(drift, n, 20 * n, size, size / 2 if size else None, high, 10, 40, n > 300, curve)
        for drift in (Drift.TOPIC, Drift.MIX)
        for n, size, high in ((50, None, None), (120, 0.06, 0.1), (300, 0.034, 0.05), (500, 0.02, None))
    ]
    planted = [
        PowerCell(
            Drift.TOPIC,
            0.05,
            n,
            20.0 * n,
            4,
            Estimate(0.5, 0.2, 0.8, 4),
            {"novel-traffic": 0, "slice-coverage": 2},
            0.6,
        )
        for n in (120, 300)
    ]
    undrifted = PowerCell(Drift.NONE, 0.0, 120, 2400.0, 16, none, {"novel-traffic": 0, "slice-coverage": 0}, None)
    return PowerReport(
        seed=0,
        model=ModelIdentity("all-MiniLM-L6-v2", None, "abc", "fp32"),
        eval_set=f"{name}.jsonl",
        production="traces.jsonl",
        n_cases=120,
        n_sessions=4000,
        n_draws=24,
        traffic=TrafficPower(
            checks=("novel-traffic", "slice-coverage"),
            n_pool=4000,
            false_alarms=none,
            false_alarms_by_check={"novel-traffic": 0, "slice-coverage": 0},
            cells=(undrifted, *planted),
            noticed=tuple(noticed),
            wish=None,
            topics=(ExampleTopic(name, 0.03, 120, 3, 1),),
        ),
        traffic_reason="",
        gap=GapPower(
            fail=0.1,
            pass_rate=0.9,
            n_cases=120,
            n_ratings=200,
            design_effect=1.25,
            smallest=0.16,
            cells=tuple(GapCell(gap, n, gap) for n in (30, 200) for gap in (0.0, 0.1, 0.2)),
            needs=(GapNeed(0.1, 0.4, None, None), GapNeed(0.2, 0.9, 90, 60)),
        ),
        gap_reason="",
        sentences=(f"With your 120 cases you notice {name}.", "Without drift 0 of 16 draws raised an alarm."),
        notes=("A note.",),
    )


def printed(report: PowerReport, width: int = 80) -> str:
    out = io.StringIO()
    console = Console(file=out, width=width, no_color=True, highlight=False, markup=False, emoji=False)
    power_terminal.render(report, console)
    return out.getvalue()


def test_hostile_names_do_nothing_in_html() -> None:
    page = power_html.render(make_report(HOSTILE)).decode()
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "\x1b" not in page
    assert "\u202e" not in page


def test_hostile_names_do_nothing_on_a_terminal_and_in_json() -> None:
    text = printed(make_report(HOSTILE), width=200)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "[bold]x[/bold]" in text
    raw = power_json.render(make_report(HOSTILE)).decode()
    assert "\x1b" not in raw
    assert "\u202e" not in raw
    assert json.loads(raw)["traffic"]["topics"][0]["name"] == HOSTILE


@pytest.mark.parametrize("width", [60, 80, 200])
def test_it_fits_the_terminal(width: int) -> None:
    assert all(cells(line) <= width for line in printed(make_report(), width).splitlines())


def test_the_sentence_comes_first_and_tables_follow() -> None:
    text = printed(make_report())
    order = [
        "With your 120 cases",
        "Without drift 0 of 16",
        "A new topic",
        "A shift of the mix",
        "False alarms",
        "A gap",
    ]
    assert [text.index(part) for part in order] == sorted(text.index(part) for part in order)
    row = next(line for line in text.splitlines() if line.split()[:2] == ["500", "10,000"])
    assert "2 %*" in row
    assert "1 or more" in row
    assert "2/4" in next(line for line in text.splitlines() if line.split()[:2] == ["120", "2,400"])


def test_what_was_not_measured_is_said() -> None:
    report = replace(make_report(), gap=None, gap_reason="no results")
    assert "Not measured, score against users: no results." in printed(report)
    assert "Not measured, score against users: no results." in power_html.render(report).decode()
    assert json.loads(power_json.render(report))["gap"] is None


def test_json_is_sorted_and_rounded() -> None:
    raw = power_json.render(make_report()).decode()
    loaded = json.loads(raw)
    assert raw == json.dumps(loaded, indent=2, sort_keys=True) + "\n"
    assert loaded["traffic"]["false_alarms"]["n_draws"] == 16
