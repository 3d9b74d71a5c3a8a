"""`driftcheck power` as its user meets it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from tests.fakes import FakeEncoder, write_lines, write_world

from driftcheck.cli import run

Out = pytest.CaptureFixture[str]
DRAWS = ["--draws", "20"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a world and every output of one run over it."""
    folder = tmp_path_factory.mktemp("power")
    write_world(folder, n_cases=60, n_traces=500)
    (folder / "drift.yaml").write_text("eval_set: evalset.jsonl\nruns: runs.jsonl\nproduction: traces.jsonl\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("DRIFTCHECK_CACHE", str(folder / "cache"))
        patch.setattr("driftcheck.embedding.encoder.SentenceTransformerEncoder", FakeEncoder)
        outputs = [part for ending in ("json", "html", "png") for part in ("-o", f"out.{ending}")]
        assert run(["power", "-q", "--detect", "10%", *DRAWS, *outputs]) == 0
    return folder


@pytest.fixture
def report(made: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((made / "out.json").read_text())
    return loaded


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fake_encoder: type[FakeEncoder]) -> Path:
    write_world(tmp_path, n_cases=60, n_traces=500)
    (tmp_path / "drift.yaml").write_text("eval_set: evalset.jsonl\nruns: runs.jsonl\nproduction: traces.jsonl\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_draw_is_accounted_for(report: dict[str, Any]) -> None:
    traffic = report["traffic"]
    assert report["schema_version"] == 1
    assert report["n_draws"] == sum(cell["n_draws"] for cell in traffic["cells"]) == 20
    assert traffic["checks"] == ["topic-divergence", "novel-traffic", "slice-coverage"]
    for cell in traffic["cells"]:
        assert cell["low"] <= cell["rate"] <= cell["high"]
        assert max(cell["by_check"].values()) <= cell["n_alarms"] <= sum(cell["by_check"].values())
    none = [cell for cell in traffic["cells"] if cell["drift"] == "none"]
    assert traffic["false_alarms"]["n_draws"] == sum(cell["n_draws"] for cell in none) == 5
    assert traffic["false_alarms"]["low"] < 0.05


def test_more_cases_notice_smaller_topics(report: dict[str, Any]) -> None:
    topics = [row for row in report["traffic"]["noticed"] if row["drift"] == "topic"]
    assert [row["n_cases"] for row in topics] == [50, 60, 100, 200, 300, 500, 1000]
    sizes = [row["size"] if row["size"] is not None else 1.0 for row in topics]
    assert sizes == sorted(sizes, reverse=True)
    assert [row["extrapolated"] for row in topics if row["n_cases"] == 1000] == [True]
    wish = report["traffic"]["wish"]
    assert wish["share"] == 0.1
    assert wish["n_cases"] is None or wish["n_cases"] >= 30


def test_the_gap_is_told_in_ratings(report: dict[str, Any]) -> None:
    gap = report["gap"]
    assert gap["n_cases"] == 60
    assert 200 < gap["n_ratings"] < 300
    by_gap = {need["gap"]: need["power"] for need in gap["needs"]}
    assert by_gap[0.05] < by_gap[0.15] < by_gap[0.3]


def test_the_sentences_say_it(report: dict[str, Any]) -> None:
    text = " ".join(report["sentences"])
    assert "With your 60 cases and" in text
    assert "To notice a new topic of 10 %" in text or "No number of cases notices a new topic of 10 %" in text
    assert "Without drift" in text
    assert "With 60 scored cases and" in text


def test_the_same_bytes_twice_whatever_the_order(made: Path, world: Path) -> None:
    for name in ("evalset.jsonl", "traces.jsonl"):
        lines = (world / name).read_text().splitlines(keepends=True)
        (world / name).write_text("".join(reversed(lines)))
    assert run(["power", "-q", "--detect", "0.1", *DRAWS, "-o", "json:again"]) == 0
    assert (world / "again").read_bytes() == (made / "out.json").read_bytes()


def test_the_picture_is_a_png(made: Path) -> None:
    data = (made / "out.png").read_bytes()
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    assert len(data) > 20_000


def test_the_page_fetches_nothing_and_holds_it_all(made: Path, report: dict[str, Any]) -> None:
    page = (made / "out.html").read_text()
    assert not re.search(r"<(script|link|iframe|object|embed|img)\b", page)
    assert not re.search(r"""(src|href)\s*=\s*["']?\s*(https?:)?//""", page)
    assert not re.search(r"@import|url\(\s*['\"]?https?:", page)
    assert page.count("<svg") == 6  # three panels, light and dark
    assert report["sentences"][0].split(";")[0] in page
    assert "A new topic" in page
    assert "prefers-color-scheme: dark" in page


def test_too_little_data_exits_3_with_the_reason(world: Path, capsys: Out) -> None:
    lines = (world / "traces.jsonl").read_text().splitlines()
    rows = [{**json.loads(line), "csat": None} for line in lines[:60]]
    write_lines(world / "traces.jsonl", rows)
    assert run(["power", "-q"]) == 3
    error = capsys.readouterr().err
    assert error.startswith("driftcheck: power: ")
    assert "too few" in error
    assert "130" in error
    assert len(error.splitlines()) == 1


def test_with_ratings_alone_it_speaks_of_these(world: Path, capsys: Out) -> None:
    lines = (world / "traces.jsonl").read_text().splitlines()
    write_lines(world / "traces.jsonl", [{**json.loads(line), "csat": 5} for line in lines[:60]])
    assert run(["power", "-o", "out.json", "-o", "out.html", "-o", "out.png"]) == 0
    assert "Not measured, traffic:" in " ".join(capsys.readouterr().out.split())
    report = json.loads((world / "out.json").read_text())
    assert report["traffic"] is None
    assert "too few" in report["traffic_reason"]
    assert report["gap"]["n_ratings"] == 60


def test_a_waiver_of_todays_gap_hides_no_other(world: Path) -> None:
    lines = (world / "traces.jsonl").read_text().splitlines()
    write_lines(world / "traces.jsonl", [json.loads(line) for line in lines[:100]])
    assert run(["power", "-q", "-o", "plain.json"]) == 0
    waiver = "waivers: [{check: csat-gap, until: 9999-12-31, owner: ann, reason: known}]\n"
    with (world / "drift.yaml").open("a") as config:
        config.write(waiver)
    assert run(["power", "-q", "-o", "waived.json"]) == 0
    plain, waived = (json.loads((world / f"{name}.json").read_text())["gap"] for name in ("plain", "waived"))
    assert plain == waived
    assert plain["smallest"] is not None


def test_without_topics_nothing_is_made_up(world: Path, capsys: Out) -> None:
    lines = (world / "traces.jsonl").read_text().splitlines()
    write_lines(world / "traces.jsonl", [{**json.loads(line), "input": "hello there"} for line in lines[:200]])
    outputs = [part for ending in ("json", "html", "png") for part in ("-o", f"out.{ending}")]
    assert run(["power", "--detect", "10%", "--draws", "22", *outputs]) == 0
    report = json.loads((world / "out.json").read_text())
    assert all(row["size"] is None and not row["curve"] for row in report["traffic"]["noticed"])
    assert report["traffic"]["wish"] is None
    assert report["n_draws"] == 5
    text = " ".join(capsys.readouterr().out.split())
    assert "notice a new topic is not known" in text
    assert "17 draws could not be made" in text


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--detect", "many"], "--detect: not a share: 'many'"),
        (["--detect", "120%"], "--detect: '120%' is no share"),
        (["--draws", "3"], "--draws"),
        (["-o", "out.pdf"], "json (.json), html (.html), png (.png)"),
        (["-o", "missing/out.json"], "does not exist"),
        (["--since", "yesterday"], "--since: not a date"),
        (["-o", "traces.jsonl.json", "--production", "nowhere.jsonl"], "nowhere.jsonl"),
    ],
)
def test_errors_are_one_line(world: Path, capsys: Out, arguments: list[str], says: str) -> None:
    assert run(["power", *arguments]) == 2
    error = capsys.readouterr().err
    assert error.startswith("driftcheck: ")
    assert says in error
    assert len(error.splitlines()) == 1


@pytest.mark.parametrize("name", ["traces.jsonl", "drift.yaml"])
def test_an_input_is_never_overwritten(world: Path, capsys: Out, name: str) -> None:
    before = (world / name).read_bytes()
    assert run(["power", "-o", f"json:{name}"]) == 2
    assert "an output would replace it" in capsys.readouterr().err
    assert (world / name).read_bytes() == before
