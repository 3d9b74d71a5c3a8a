"""`driftcheck compare` as its user meets it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.fakes import FakeEncoder, write_lines, write_world

from driftcheck.cli import run

Out = pytest.CaptureFixture[str]
Write = Callable[..., Path]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write_run(path: Path, passed: Mapping[str, bool], **more: object) -> Path:
    return write_lines(path, [{"id": case, "passed": good, **more} for case, good in passed.items()])


def cases(n: int, failing: range = range(0)) -> dict[str, bool]:
    return {f"c{case:03d}": case not in failing for case in range(n)}


def compared(*arguments: str, code: int) -> dict[str, Any]:
    assert run(["compare", *arguments, "-q", "-o", "out.json"]) == code
    loaded: dict[str, Any] = json.loads(Path("out.json").read_text(encoding="utf-8"))
    return loaded


def test_two_files_are_enough(here: Path, capsys: Out) -> None:
    write_run(here / "old.jsonl", cases(100, range(5)), run="a", timestamp="2026-03-01", model="m1")
    write_run(here / "new.jsonl", cases(100, range(2, 14)), run="b", timestamp="2026-03-08", model="m2")
    report = compared("old.jsonl", "new.jsonl", code=1)
    assert report["newly_failing"] == [f"c{case:03d}" for case in range(5, 14)]
    assert report["newly_passing"] == ["c000", "c001"]
    assert report["still_failing"] == ["c002", "c003", "c004"]
    assert report["mcnemar"]["p_value"] == pytest.approx(0.032715)
    assert (report["verdict"], report["exit_code"]) == ("worse", 1)
    assert report["change"]["value"] == pytest.approx(-0.07)
    assert (report["old"]["model"], report["new"]["time"]) == ("m1", "2026-03-08T00:00:00Z")
    assert set(report["not_measured"]) == {"blind slices", "flaky cases", "slices"}
    assert run(["compare", "new.jsonl", "old.jsonl"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "The new run is better: 2 cases newly fail and 9 newly pass, of 100 cases in both (7 points" in said
    assert "Could have been seen 8 times in 10" in said
    order = [said.index(title) for title in ("Newly failing: 2", "Newly passing: 9", "Still failing: 3", "The runs")]
    assert order == sorted(order)


def test_the_same_inputs_give_the_same_bytes(here: Path) -> None:
    passed = cases(60, range(9))
    write_run(here / "old.jsonl", cases(60))
    write_run(here / "new.jsonl", passed)
    compared("old.jsonl", "new.jsonl", code=1)
    first = (here / "out.json").read_bytes()
    write_run(here / "new.jsonl", dict(reversed(passed.items())))
    compared("old.jsonl", "new.jsonl", code=1)
    assert (here / "out.json").read_bytes() == first


def test_a_file_of_several_runs_needs_the_name_of_one(here: Path, capsys: Out) -> None:
    rows = [
        {"run": run_id, "timestamp": f"2026-03-0{day}", "id": case, "passed": good}
        for day, run_id in enumerate(("r1", "r2"), start=1)
        for case, good in cases(40, range(day)).items()
    ]
    write_lines(here / "runs.jsonl", rows)
    assert compared("runs.jsonl#r1", "runs.jsonl#r2", code=0)["newly_failing"] == ["c001"]
    for arguments, said in (
        (("runs.jsonl", "runs.jsonl#r2"), "runs.jsonl: holds 2 runs (name one, runs.jsonl#r2; its runs: r1, r2)"),
        (("runs.jsonl#r1", "runs.jsonl#r9"), "runs.jsonl#r9: holds no run 'r9' (its runs: r1, r2)"),
        (("r1", "runs.jsonl#r2"), "r1: is no file, and no run of drift.yaml (name its runs by `runs:` in drift.yaml)"),
    ):
        assert run(["compare", *arguments]) == 2
        assert capsys.readouterr().err == f"driftcheck: {said}\n"
    write_run(here / "odd#file.jsonl", cases(40), run="run #1")
    assert compared("odd#file.jsonl#run #1", "runs.jsonl#r2", code=0)["newly_failing"] == ["c000", "c001"]
    assert run(["compare", "x" * 5_000, "runs.jsonl#r2"]) == 2


def test_a_fall_within_the_repeats_is_told(here: Path, capsys: Out) -> None:
    for name, passing in (("old", 9), ("new", 5)):
        rows = [
            {"run": name, "id": f"c{case:03d}", "repeat": repeat, "passed": repeat < (passing if case < 60 else 9)}
            for case in range(200)
            for repeat in range(10)
        ]
        write_lines(here / f"{name}.jsonl", rows)
    report = compared("old.jsonl", "new.jsonl", code=1)
    assert report["change"]["value"] == pytest.approx(-0.12)
    assert report["change"]["value"] == pytest.approx(
        report["new"]["pass_rate"]["value"] - report["old"]["pass_rate"]["value"]
    )
    assert (report["newly_failing"], report["flaky"], len(report["moved"])) == ([], [], 60)
    assert report["moved"][0] == {"case_id": "c000", "old": 0.9, "new": 0.5}
    assert run(["compare", "old.jsonl", "new.jsonl", "-o", "out.md"]) == 1
    for said in (capsys.readouterr().out, (here / "out.md").read_text(encoding="utf-8")):
        said = " ".join(said.split())
        assert "The new run is worse: 0 cases newly fail" in said
        assert "by the share of repeats that pass" in said
        assert "Pass fewer repeats: 60" in said
        assert "90 %, now 50 % of repeats" in said


def test_what_a_file_holds_and_is_not_compared_is_said_once(here: Path, capsys: Out) -> None:
    rows = [{"run": run_id, "id": case, "passed": True} for run_id in ("a", "b") for case in cases(40)]
    rows[3]["passed"] = "perhaps"
    path = write_lines(here / "runs.jsonl", rows)
    path.write_text(path.read_text(encoding="utf-8") + '{"run": "b", "id": "c9', encoding="utf-8")
    report = compared("runs.jsonl#a", "runs.jsonl#b", code=0)
    torn, perhaps = [said for said in report["warnings"] if "left out" in said or "no outcome" in said]
    assert torn.startswith("runs.jsonl: 1 record left out, 80 read: runs.jsonl:81: broken JSON")
    assert perhaps == "runs.jsonl#a: 1 result of 40 has no outcome and counts for nothing: 1 unscored"
    assert run(["compare", "runs.jsonl#a", "runs.jsonl#b"]) == 0
    assert " ".join(capsys.readouterr().out.split()).count("1 record left out") == 1


def test_declared_slices_that_no_case_has_are_not_said_to_be_undeclared(here: Path) -> None:
    write_run(here / "old.jsonl", cases(40))
    write_run(here / "new.jsonl", cases(40))
    undeclared = compared("old.jsonl", "new.jsonl", code=0)["not_measured"]["slices"]
    assert undeclared.startswith("no column is declared by `slices:`")
    (here / "drift.yaml").write_text("slices: [lang]\n")
    declared = compared("old.jsonl", "new.jsonl", code=0)["not_measured"]["slices"]
    assert declared.startswith("no case of both runs has a value of lang, which `slices:` in drift.yaml declares")


def test_runs_without_a_common_case_are_refused(here: Path, capsys: Out) -> None:
    write_run(here / "old.jsonl", {"a": True})
    write_run(here / "new.jsonl", {"b": True})
    assert run(["compare", "old.jsonl", "new.jsonl"]) == 2
    assert "no case has an outcome in both old.jsonl and new.jsonl" in capsys.readouterr().err


def test_an_output_never_replaces_a_run(here: Path, capsys: Out) -> None:
    write_run(here / "old.json", cases(40))
    write_run(here / "new.json", cases(40))
    assert run(["compare", "old.json", "new.json", "-o", "new.json"]) == 2
    assert "is an input" in capsys.readouterr().err


@pytest.fixture
def world(here: Path, fake_encoder: type[FakeEncoder]) -> Path:
    """A world with production, weekly runs of two models that know noise, and users unhappy with baggage."""
    write_world(here, n_cases=200, n_traces=900, bad_topic="baggage")
    rng = np.random.default_rng(0)
    evalset = [json.loads(line) for line in (here / "evalset.jsonl").read_text().splitlines()]
    flaky = rng.random(len(evalset)) < 0.1
    rows = []
    for week in range(9):
        for case, flickers in zip(evalset, flaky, strict=True):
            broke = week == 8 and case["topic"] == "visa"
            passed = not broke and (rng.random() < 0.6 if flickers else True)
            rows.append(
                {
                    "run": f"r{week}",
                    "timestamp": f"2026-01-{week * 3 + 1:02d}",
                    "model": "m2" if week == 8 else "m1",
                    "id": case["id"],
                    "passed": bool(passed),
                }
            )
    write_lines(here / "runs.jsonl", rows)
    (here / "drift.yaml").write_text(
        "eval_set: evalset.jsonl\nruns: runs.jsonl\nproduction: traces.jsonl\nslices: [topic]\n"
    )
    return here


def test_runs_of_drift_yaml_bring_slices_noise_and_what_production_says(world: Path, capsys: Out) -> None:
    topic = {case["id"]: case["topic"] for case in map(json.loads, (world / "evalset.jsonl").read_text().splitlines())}
    report = compared("r7", "r8", code=1)
    assert {topic[case] for case in report["newly_failing"]} == {"visa"}
    assert report["flaky"]
    assert report["noise"]["n_runs"] == 8
    assert report["noise"]["p_value"] < 0.001
    assert report["slices"][0]["name"] in ("topic visa", "s1 visa")
    visa = next(row for row in report["slices"] if row["name"] == "topic visa")
    assert visa["p_adjusted"] < 0.05
    traces = {row["trace_id"]: row for row in map(json.loads, (world / "traces.jsonl").read_text().splitlines())}
    assert report["blind"]
    named = [traces[one] for row in report["blind"] for one in row["trace_ids"]]
    assert {row["topic"] for row in named} == {"baggage"}
    assert all(row["csat"] <= 3 for row in named)
    assert report["not_measured"] == {}
    assert run(["compare", "r7", "r8"]) == 1
    said = capsys.readouterr().out
    assert "Production complains, the bench saw nothing" in said
    assert said.index("Newly failing") < said.index("Production complains") < said.index("By slice")


def test_a_file_that_is_one_of_drift_yamls_runs_has_their_noise(world: Path) -> None:
    rows = [json.loads(line) for line in (world / "runs.jsonl").read_text().splitlines()]
    write_lines(world / "one.jsonl", [row for row in rows if row["run"] == "r7"])
    assert compared("one.jsonl", "r8", code=1)["noise"]["n_runs"] == 8


def test_noise_alone_is_no_regression(world: Path) -> None:
    report = compared("r5", "r6", code=0)
    assert report["verdict"] == "no difference"
    assert len(report["newly_failing"]) < len(report["flaky"])  # one that flickers may do so for a first time
    assert report["flaky"]


def test_a_mistyped_run_is_told_the_near_one(world: Path, capsys: Out) -> None:
    assert run(["compare", "r7", "rr8"]) == 2
    assert capsys.readouterr().err == "driftcheck: rr8: is no file, and no run of drift.yaml (did you mean r8?)\n"
    assert run(["compare", "r7", "r7"]) == 2
    assert "r7: is the same run as the old one" in capsys.readouterr().err


def test_runs_of_something_else_leave_drift_yaml_alone(world: Path) -> None:
    write_run(world / "old.jsonl", {f"other{case}": True for case in range(40)})
    write_run(world / "new.jsonl", {f"other{case}": case > 1 for case in range(40)})
    report = compared("old.jsonl", "new.jsonl", code=0)
    assert FakeEncoder.loads == 0
    assert report["newly_failing"] == ["other0", "other1"]
    assert "nor an eval set" in report["not_measured"]["blind slices"]


@pytest.mark.parametrize("option", ["out.md", "out.json"])
def test_hostile_ids_act_on_nothing(here: Path, option: str, capsys: Out) -> None:
    bad = ["\x1b[2Jx", "a|b`c``d", "<img src=x>", "\u202eevil", "[red]@team https://x.example[/]", "line\nbreak"]
    write_run(here / "old.jsonl", {**cases(40), **dict.fromkeys(bad, True)})
    write_run(here / "new.jsonl", {**cases(40), **dict.fromkeys(bad, False)})
    assert run(["compare", "old.jsonl", "new.jsonl", "-o", option]) == 1
    written = (here / option).read_text(encoding="utf-8")
    shown = capsys.readouterr().out
    for text in (written, shown):
        assert "\x1b[2J" not in text
        assert "\u202e" not in text
    if option.endswith("md"):
        # everything of an id stands within a code span
        lines = [line for line in written.splitlines() if line.startswith("- ")]
        assert sum("img" in line for line in lines) == 1
        assert all(line.startswith(("- `", "- ```")) or ": " in line for line in lines)


@pytest.mark.parametrize("columns", [40, 80, 160])
def test_no_line_is_wider_than_the_terminal(
    world: Path, monkeypatch: pytest.MonkeyPatch, capsys: Out, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    assert run(["compare", "r7", "r8", "--no-color"]) == 1
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= columns
    assert not any(line.endswith(" ") for line in out.splitlines())


def test_ids_of_cases_are_whole(here: Path, capsys: Out, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    ids = [f"billing-refunds-and-credits-{number:06d}" for number in range(40)]
    write_run(here / "old.jsonl", dict.fromkeys(ids, True))
    write_run(here / "new.jsonl", {case: number > 7 for number, case in enumerate(ids)})
    assert run(["compare", "old.jsonl", "new.jsonl"]) == 1
    said = capsys.readouterr().out
    assert [case for case in ids if case in said] == ids[:8]


def test_markdown_goes_to_standard_output(here: Path, capsys: Out) -> None:
    write_run(here / "old.jsonl", cases(40))
    write_run(here / "new.jsonl", cases(40, range(30)))
    assert run(["compare", "old.jsonl", "new.jsonl", "-o", "markdown:-"]) == 1
    out = capsys.readouterr().out
    assert out.startswith("## Worse\n")
    assert "<details>" in out
    assert out.count("- `c0") == 30
