"""`driftcheck investigate`: what was planted in a week is what it names, and its parts add up."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cmarkgfm import github_flavored_markdown_to_html
from tests.fakes import NEW_TOPIC, TOPICS, FakeEncoder, sentence

from driftcheck.cli import run

DAY = 86_400.0
MONDAY = 1_793_577_600.0  # 2026-11-02, the first day of week 45
BASELINE = 28


def write_exports(
    folder: Path, *, rate: float = 0.5, new: float = 0.0, worse: str | None = None, error: float = 0.0
) -> None:
    """Five weeks of traffic, of which the last is week 45: in it a new topic, a topic that is served worse, errors."""
    rng = np.random.default_rng(0)
    names = list(TOPICS)
    rows = []
    for day in range(-BASELINE, 7):
        for number in range(60):
            topic = names[rng.integers(len(names))]
            in_week = day >= 0
            if in_week and rng.random() < new:
                topic = NEW_TOPIC
            good = 0.3 if in_week and topic in (worse, NEW_TOPIC) else 0.85
            row: dict[str, Any] = {
                "id": f"d{day}-{number}",
                "session_id": f"s{day}-{number}",
                "timestamp": MONDAY + day * DAY + number * 600,
                "input": f"{sentence(rng, topic)} {day} {number}",
                "model": "large" if in_week else "small",
            }
            if rng.random() < rate:
                row["csat"] = 5 if rng.random() < good else 1
            if rng.random() < (error if in_week else 0.01):
                row["error"] = "TimeoutError: upstream"
            rows.append(row)
    (folder / "traces.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    cases = [{"id": f"c{number}", "input": sentence(rng, names[number % len(names)])} for number in range(64)]
    (folder / "evalset.jsonl").write_text("".join(json.dumps(case) + "\n" for case in cases))
    results = [{"id": case["id"], "run_id": "r1", "input": case["input"], "pass": True} for case in cases]
    (folder / "runs.jsonl").write_text("".join(json.dumps(result) + "\n" for result in results))
    (folder / "drift.yaml").write_text("eval_set: evalset.jsonl\nruns: runs.jsonl\nproduction: traces.jsonl\n")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fake_encoder: type[FakeEncoder]) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def investigated(here: Path, *options: str) -> dict[str, Any]:
    assert run(["investigate", "-q", "-o", "found.json", *options]) == 0
    found: dict[str, Any] = json.loads((here / "found.json").read_text())
    return found


def parts_add_up(found: dict[str, Any]) -> None:
    satisfaction = found["satisfaction"]
    parts = [row["mix"] + row["within"] for row in found["slices"]]
    assert sum(parts) == pytest.approx(satisfaction["change"]["value"], abs=1e-4)  # six decimals each
    assert satisfaction["mix"] + satisfaction["within"] == pytest.approx(satisfaction["change"]["value"], abs=2e-6)
    assert sum(row["share_after"] for row in found["slices"]) == pytest.approx(1, abs=1e-4)


def test_a_topic_that_is_served_worse_is_named(here: Path) -> None:
    write_exports(here, worse="refund")
    found = investigated(here, "--week", "2026-W45")
    parts_add_up(found)
    assert found["week"]["n_traces"] == 420
    assert found["baseline"]["n_traces"] == 60 * BASELINE
    worst = found["slices"][0]
    assert set(worst["terms"]) & set(TOPICS["refund"].split())
    assert worst["within"] < 0
    assert abs(worst["within"]) > abs(worst["mix"])
    assert worst["movement"] == "steady"
    texts = {row["id"]: row for row in map(json.loads, (here / "traces.jsonl").read_text().splitlines())}
    first = [trace for trace in found["first_traces"] if trace["slice_id"] == worst["id"]]
    assert len(first) == 5
    for trace in first:
        assert trace["satisfied"] == 0.0
        assert set(texts[trace["trace_id"]]["input"].split()) & set(TOPICS["refund"].split())
        assert "text" not in trace
    assert worst["n_cases"] >= 4
    assert worst["pass_rate"]["value"] == 1.0


def test_a_new_topic_is_mix_and_appears(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_exports(here, new=0.25)
    found = investigated(here, "--week", "2026-W45")
    parts_add_up(found)
    appeared = [row for row in found["slices"] if row["movement"] == "appeared"]
    assert appeared
    assert set(appeared[0]["terms"]) & set(NEW_TOPIC.split())
    assert found["slices"][0]["id"] == appeared[0]["id"]
    assert appeared[0]["mix"] < 0
    assert found["satisfaction"]["mix"] < found["satisfaction"]["within"]
    assert appeared[0]["n_cases"] == 0
    assert f'most of it in "{appeared[0]["name"]}"' in found["sentence"]
    parts = found["satisfaction"]["parts"]
    assert parts["mix"]["low"] < parts["mix"]["value"] == found["satisfaction"]["mix"] < parts["mix"]["high"] < 0
    assert parts["within"]["low"] < 0 < parts["within"]["high"]
    # nobody could rate a topic that was not there: what of it is within cannot be told
    unrated = [row["mix"] for row in found["slices"] if not (row["satisfaction_before"] and row["satisfaction_after"])]
    assert unrated
    assert parts["mix_of_unrated"] == pytest.approx(sum(unrated), abs=1e-5)
    assert run(["investigate", "--week", "2026-W45"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "of the mix is of slices that nobody rated in one of the windows" in shown
    assert "with 95 % intervals." in shown


def test_errors_and_models_that_moved_are_listed(here: Path) -> None:
    write_exports(here, error=0.2)
    found = investigated(here, "--week", "2026-W45", "--baseline", "4w")
    moved = {(mover["field"], mover["value"]): mover for mover in found["movers"]}
    assert moved["model", "large"]["movement"] == "appeared"
    assert moved["model", "small"]["movement"] == "vanished"
    (error,) = [mover for (field, _), mover in moved.items() if field == "error"]
    assert error["movement"] in {"grew", "appeared"}
    assert error["share_change"]["low"] > 0
    assert found["n_compared"] >= len(moved)


def test_errors_that_moved_do_not_tell_of_a_user(here: Path) -> None:
    write_exports(here, error=0.2)
    traces = (
        (here / "traces.jsonl").read_text().replace("TimeoutError: upstream", "Ana Lopez (ana@corp.example) is locked")
    )
    (here / "traces.jsonl").write_text(traces)
    found = investigated(here, "--week", "2026-W45", "--baseline", "4w")
    assert [mover["value"] for mover in found["movers"] if mover["field"] == "error"] == [
        "[PERSON] ([EMAIL]) is locked"
    ]


def test_a_week_like_the_others_says_so(here: Path) -> None:
    write_exports(here)
    found = investigated(here, "--since", "2026-11-02", "--until", "2026-11-08", "--baseline", "2026-10-05..2026-11-01")
    parts_add_up(found)
    assert found["satisfaction"]["p_value"] > 0.05
    assert "did not change beyond chance" in found["sentence"]
    assert {row["movement"] for row in found["slices"]} == {"steady"}


def test_without_ratings_the_traffic_is_told(here: Path) -> None:
    write_exports(here, rate=0.0, new=0.25)
    found = investigated(here, "--week", "2026-W45")
    assert found["satisfaction"]["change"] is None
    assert "nobody rated" in found["not_measured"]["satisfaction"]
    assert found["slices"][0]["movement"] == "appeared"
    assert found["first_traces"][0]["slice_id"] == found["slices"][0]["id"]


def test_production_alone_is_enough(here: Path) -> None:
    write_exports(here, worse="hotel")
    (here / "drift.yaml").unlink()
    found = investigated(here, "--production", "traces.jsonl", "--week", "2026-W45")
    assert found["slices"][0]["n_cases"] is None
    assert "eval set" in found["not_measured"]


def test_the_same_seed_gives_the_same_bytes_whatever_the_order(here: Path) -> None:
    write_exports(here, worse="seat")
    investigated(here, "--week", "2026-W45")
    first = (here / "found.json").read_bytes()
    lines = (here / "traces.jsonl").read_text().splitlines(keepends=True)
    (here / "traces.jsonl").write_text("".join(lines[::-1]))
    investigated(here, "--week", "2026-W45")
    assert (here / "found.json").read_bytes() == first


def test_the_screen_shows_texts_and_files_only_when_asked(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_exports(here, worse="refund")
    assert run(["investigate", "--week", "2026-W45"]) == 0
    shown = capsys.readouterr().out
    assert "Satisfaction, taken apart" in shown
    assert "Read these first" in shown
    assert run(["investigate", "--week", "2026-W45", "--no-text"]) == 0
    hidden = capsys.readouterr().out
    trace = investigated(here, "--week", "2026-W45", "--text")["first_traces"][0]
    assert trace["text"] in shown
    assert trace["text"] not in hidden
    assert trace["trace_id"] in hidden


def test_markdown_shows_hostile_names_literally(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_exports(here, worse="refund")
    rows = [json.loads(line) for line in (here / "traces.jsonl").read_text().splitlines()]
    for row in rows:
        row["id"] = f"{row['id']}|<img src=x onerror=alert(1)>@team"
        row["model"] = f"{row['model']}\n# [x](javascript:alert(1)) | ::error::"
    (here / "traces.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert run(["investigate", "-q", "--week", "2026-W45", "-o", "found.md", "--text"]) == 0
    html = github_flavored_markdown_to_html((here / "found.md").read_text())
    assert "<img" not in html
    assert "<a " not in html
    assert html.count("<table>") == html.count("</table>") >= 4
    assert html.count("<h2>") == 1
    assert "@team" in html


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "no window is named"),
        (["--week", "2026-W60"], "not a week"),
        (["--week", "45"], "not a week"),
        (["--week", "9999-W52"], "not a week"),
        (["--week", "0001-W01", "--baseline", "52w"], "begins before the year 1"),
        (["--week", "0001-W01"], "begins before the year 1"),
        (["--week", "2026-W45", "--since", "2026-11-01"], "stands beside"),
        (["--week", "2026-W45", "--baseline", "soon"], "not a window"),
        (["--week", "2026-W45", "--baseline", "2026-W46"], "reaches into"),
        (["--week", "2026-W45", "--baseline", "2026-W30"], "no traces with a text"),
        (["--week", "2025-W45"], "no traces with a text"),
        (["--week", "2026-W45", "-o", "found.pdf"], "known format"),
    ],
)
def test_errors_are_one_line(here: Path, capsys: pytest.CaptureFixture[str], options: list[str], said: str) -> None:
    write_exports(here)
    assert run(["investigate", "-q", *options]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert said in lines[0]
