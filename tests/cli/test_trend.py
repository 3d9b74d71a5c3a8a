"""`driftcheck trend`: what was planted over the weeks is what it tells, from the files and from the ledger."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.fakes import NEW_TOPIC, TOPICS, FakeEncoder, sentence
from tests.renderers.gfm import RENDERERS

from driftcheck.cli import run

DAY = 86_400.0
MONDAY = 1_793_577_600.0  # 2026-11-02, the first day of week 45
N_WEEKS, A_WEEK, ONSET = 10, 160, 5
Out = pytest.CaptureFixture[str]


def write_weeks(
    folder: Path, *, new: float = 0.0, score_up: float = 0.0, thin_week: int | None = None, model: str = "m"
) -> None:
    """Ten weeks of traffic and a run each: a new topic from week 5 on, whose users are unhappy; a score that rises."""
    rng = np.random.default_rng(0)
    names = list(TOPICS)
    rows, results = [], []

    def said(topic: str) -> str:
        return f"{sentence(rng, topic)} {rng.integers(50)} {rng.integers(50)}"

    cases = [{"id": f"c{number}", "input": said(names[number % len(names)])} for number in range(160)]
    for week in range(N_WEEKS):
        for number in range(8 if week == thin_week else A_WEEK):
            topic = names[rng.integers(len(names))]
            if week >= ONSET and rng.random() < new:
                topic = NEW_TOPIC
            rows.append(
                {
                    "id": f"w{week}-{number}",
                    "session_id": f"s{week}-{number}",
                    "timestamp": MONDAY + week * 7 * DAY + number * 3_000,
                    "input": said(topic),
                    "csat": 5 if rng.random() < (0.2 if topic == NEW_TOPIC else 0.9) else 1,
                }
            )
        failing = round(len(cases) * (0.2 - score_up * week / N_WEEKS))
        for number, case in enumerate(cases):
            results.append(
                {
                    "id": case["id"],
                    "run_id": f"r{week}",
                    "timestamp": MONDAY + week * 7 * DAY + 60,
                    "model": model if week < 4 else f"{model}2",
                    "pass": bool(number >= failing + rng.integers(0, 4)),
                }
            )
    (folder / "traces.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "evalset.jsonl").write_text("".join(json.dumps(case) + "\n" for case in cases))
    (folder / "runs.jsonl").write_text("".join(json.dumps(result) + "\n" for result in results))
    (folder / "drift.yaml").write_text("eval_set: evalset.jsonl\nruns: runs.jsonl\nproduction: traces.jsonl\n")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fake_encoder: type[FakeEncoder]) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def told(here: Path, *options: str) -> dict[str, Any]:
    assert run(["trend", "-q", "-o", "trend.json", *options]) == 0
    found: dict[str, Any] = json.loads((here / "trend.json").read_text())
    return found


def week(number: int) -> str:
    year, iso, _ = (dt.datetime.fromtimestamp(MONDAY, dt.UTC) + dt.timedelta(weeks=number)).isocalendar()
    return f"{year}-W{iso:02d}"


def test_planted_drift_is_told_with_its_weeks(here: Path) -> None:
    write_weeks(here, new=0.3, score_up=0.15)
    found = told(here, "--backfill")
    assert [point["name"] for point in found["points"]] == [week(number) for number in range(N_WEEKS)]
    assert found["divergence_since"]["name"] in [week(ONSET), week(ONSET + 1)]
    rise = found["score_up_gap_up"]
    assert rise["until"] == week(N_WEEKS - 1)
    assert rise["score"]["last"] > rise["score"]["first"]
    assert rise["gap"]["last"] > rise["gap"]["first"] + 0.1
    assert found["correlations"][0]["lag"] == 0
    assert found["correlations"][0]["high"] < 0
    assert [point["marks"] for point in found["points"] if point["marks"]] == [["model m2"]]
    assert found["sentences"][0].startswith("The score rose while the gap rose: from ")
    assert any(one.startswith(f"From {found['divergence_since']['name']} on, ") for one in found["sentences"])


def test_without_drift_nothing_is_named(here: Path) -> None:
    write_weeks(here)
    found = told(here, "--backfill")
    assert found["divergence_since"]["name"] is None
    assert found["score_up_gap_up"] is None
    assert found["sentences"] == [
        "Score, divergence and satisfaction keep to their level, as far as these rows can tell."
    ]


def test_a_set_that_never_was_a_sample_is_told_apart_from_traffic_that_changed(here: Path) -> None:
    write_weeks(here, new=0.4)
    cases = [json.loads(line) for line in (here / "evalset.jsonl").read_text().splitlines()]
    kept = [case for number, case in enumerate(cases) if number % len(TOPICS) < 3]
    (here / "evalset.jsonl").write_text("".join(json.dumps(case) + "\n" for case in kept))
    found = told(here, "--backfill")
    assert found["divergence_since"]["name"] == week(0)
    assert found["traffic_changed_since"]["name"] in [week(ONSET), week(ONSET + 1)]
    assert "Traffic has differed from the eval set from the start." in found["sentences"]


def test_a_week_with_too_little_data_is_a_row_that_says_so(here: Path, capsys: Out) -> None:
    write_weeks(here, thin_week=3)
    assert run(["trend", "--backfill", "--no-color"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "not compared: 160 cases and 8 sessions with text are too few" in out
    assert week(3) in out
    thin = told(here, "--backfill")["points"][3]
    assert thin["scores"]["divergence"] is None
    assert thin["scores"]["satisfaction"]["n"] == 8


def test_the_same_files_give_the_same_bytes_whatever_their_order(here: Path) -> None:
    write_weeks(here, new=0.3, score_up=0.15)
    told(here, "--backfill", "-o", "one.md")
    first = [(here / name).read_bytes() for name in ("trend.json", "one.md")]
    for name in ("traces.jsonl", "evalset.jsonl", "runs.jsonl"):
        lines = (here / name).read_text().splitlines(keepends=True)
        (here / name).write_text("".join(lines[::-1]))
    told(here, "--backfill", "-o", "one.md")
    assert [(here / name).read_bytes() for name in ("trend.json", "one.md")] == first


def test_weeks_and_window_choose_rows(here: Path) -> None:
    write_weeks(here)
    assert [point["name"] for point in told(here, "--backfill", "--weeks", "3")["points"]] == [
        week(7),
        week(8),
        week(9),
    ]
    since = dt.datetime.fromtimestamp(MONDAY + 7 * DAY, dt.UTC).date().isoformat()
    until = dt.datetime.fromtimestamp(MONDAY + 20 * DAY, dt.UTC).date().isoformat()
    found = told(here, "--backfill", "--since", since, "--until", until)
    assert [point["name"] for point in found["points"]] == [week(1), week(2)]


def test_recorded_weeks_are_the_ledgers_trend_and_are_recorded_once(here: Path, capsys: Out) -> None:
    write_weeks(here, new=0.3, score_up=0.15)
    backfilled = told(here, "--backfill", "--record")
    assert backfilled["n_recorded"] == N_WEEKS - 1, "the newest week is not over"
    ledger = (here / ".driftcheck" / "ledger.jsonl").read_bytes()
    assert told(here, "--backfill", "--record")["n_recorded"] == 0
    assert (here / ".driftcheck" / "ledger.jsonl").read_bytes() == ledger
    assert run(["trend", "--verify"]) == 0
    remembered = told(here)
    assert remembered["step"] == "audit"
    for row, point in zip(remembered["points"], backfilled["points"], strict=False):
        assert row["until"] == point["until"]
        assert row["scores"]["pass_rate"] == pytest.approx(point["scores"]["pass_rate"], abs=1e-5)
        assert row["scores"]["divergence"]["p_value"] == pytest.approx(
            point["scores"]["divergence"]["p_value"], abs=1e-5
        )
    assert remembered["divergence_since"]["name"] is not None
    assert remembered["score_up_gap_up"] is not None
    assert len(told(here, "--weeks", "4")["points"]) == 4
    capsys.readouterr()


def test_recorded_weeks_let_the_audit_see_score_and_gap_rise(here: Path) -> None:
    write_weeks(here, new=0.5, score_up=0.18)
    assert run(["trend", "-q", "--backfill", "--record"]) == 0
    run(["audit", "-q", "--no-record", "-o", "report.json", "--since", "2027-01-04"])
    findings = {row["name"]: row for row in json.loads((here / "report.json").read_text())["findings"]}
    found = findings["score-up-gap-up"]
    assert found["status"] == "warn"
    assert found["n"]["audits"] >= 8
    assert found["evidence"][-1]["case_ids"], "the cases that lifted the score"


def test_runs_without_a_time_belong_to_no_week(here: Path) -> None:
    write_weeks(here)
    results = [json.loads(line) for line in (here / "runs.jsonl").read_text().splitlines()]
    for result in results:
        del result["timestamp"]
    (here / "runs.jsonl").write_text("".join(json.dumps(result) + "\n" for result in results))
    found = told(here, "--backfill")
    assert all(point["run"] is None and point["scores"]["pass_rate"] is None for point in found["points"])
    assert "10 runs carry no time and belong to no week" in found["warnings"]
    assert "6 are needed" in found["not_measured"]["score against satisfaction"]


def test_a_score_that_is_carried_over_stands_in_brackets(here: Path, capsys: Out) -> None:
    write_weeks(here)
    kept = [line for line in (here / "runs.jsonl").read_text().splitlines() if '"r0"' in line]
    (here / "runs.jsonl").write_text("\n".join(kept) + "\n")
    assert run(["trend", "--backfill", "--no-color"]) == 0
    out = capsys.readouterr().out
    assert out.count("(7") + out.count("(8") >= N_WEEKS - 1
    assert "in brackets: score of an earlier run" in " ".join(out.split())


def test_names_from_files_cannot_write_markdown(here: Path) -> None:
    write_weeks(here, model="[x](http://evil) <img src=x> | @all")
    assert run(["trend", "-q", "--backfill", "-o", "trend.md"]) == 0
    for render in RENDERERS:
        html = render((here / "trend.md").read_text())
        assert "img src=x" in html
        assert "<img" not in html
        assert "<a " not in html
        assert html.count("<tr>") == html.count("</tr>") > N_WEEKS


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["trend"], "holds no audit of that time"),
        (["trend", "--record"], "says nothing to the ledger"),
        (["trend", "--production", "traces.jsonl"], "says nothing to the ledger"),
        (["trend", "--backfill", "-o", "x.html"], "x.html"),
        (["trend", "--backfill", "--since", "2040-01-01"], "no trace carries a time in the window"),
    ],
)
def test_what_cannot_be_told_is_one_line(here: Path, capsys: Out, arguments: list[str], said: str) -> None:
    write_weeks(here)
    assert run(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert said in captured.err
    assert captured.err.count("\n") == 1


@pytest.mark.parametrize(
    "option",
    [
        ["--backfill"],
        ["--weeks", "3"],
        ["-o", "out.json"],
        ["--since", "2026-11-01"],
        ["--record"],
        ["--sample", "100"],
        ["--production", "x.jsonl"],
    ],
)
def test_verify_takes_no_option_of_a_trend(here: Path, capsys: Out, option: list[str]) -> None:
    write_weeks(here)
    assert run(["trend", "--verify", *option]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "says nothing to --verify" in line
    assert not (here / "out.json").exists()


def test_verify_without_a_ledger_does_not_call_it_whole(here: Path, capsys: Out) -> None:
    write_weeks(here)
    assert run(["trend", "--verify"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    (line,) = told.err.splitlines()
    assert ".driftcheck: no ledger is there" in line


def test_without_a_ledger_backfill_is_named(here: Path, capsys: Out) -> None:
    write_weeks(here)
    with (here / "drift.yaml").open("a") as file:
        file.write("ledger: off\n")
    assert run(["trend"]) == 2
    assert "driftcheck trend --backfill needs none" in capsys.readouterr().err
    assert run(["trend", "-q", "--backfill", "--record"]) == 2
    assert run(["trend", "-q", "--backfill"]) == 0
