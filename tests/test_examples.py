"""The story of examples/: written anew byte for byte, and told by the audit as it was planted."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from driftcheck import load_config
from driftcheck.auditing import audit
from driftcheck.errors import ExitCode
from driftcheck.findings import FindingStatus
from driftcheck.report import Report
from driftcheck.trending.backfilling import backfill

ROOT = Path(__file__).parent.parent
CACHE = os.environ.get("DRIFTCHECK_CACHE")  # before the fixture that gives every test its own


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The story written anew, with its truth in `truth.json`."""
    folder = tmp_path_factory.mktemp("story")
    script = [sys.executable, str(ROOT / "examples" / "make_story.py"), "--out", str(folder)]
    subprocess.run([*script, "--truth", str(folder / "truth.json")], check=True)
    return folder


@pytest.fixture
def shared_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    """Embedding thousands of texts takes a minute: what an audit of the examples has cached is used."""
    if CACHE:
        monkeypatch.setenv("DRIFTCHECK_CACHE", CACHE)
    else:
        monkeypatch.delenv("DRIFTCHECK_CACHE")


def report_of(path: str) -> Report:
    return audit(load_config(ROOT / path))


def test_the_files_are_what_the_script_writes(story: Path) -> None:
    written = {path.relative_to(story) for path in story.rglob("*") if path.is_file()} - {Path("truth.json")}
    assert len(written) > 30

    def content(path: Path) -> bytes:
        data = path.read_bytes()
        return gzip.decompress(data) if path.suffix == ".gz" else data  # zlib's bytes differ from version to version

    assert [path for path in sorted(written) if content(ROOT / path) != content(story / path)] == []


def test_they_are_small_enough_for_git() -> None:
    files = [path for name in ("examples", "evalsets") for path in (ROOT / name).rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files if "__pycache__" not in path.parts) < 10e6


@pytest.mark.model
@pytest.mark.usefixtures("shared_cache")
def test_the_healthy_month_passes_with_something_to_read() -> None:
    report = report_of("drift.yaml")
    assert report.exit_code is ExitCode.OK
    warned = [finding.code for finding in report.finding_rows if finding.status is FindingStatus.WARN]
    assert 1 <= len(warned) <= 3


@pytest.mark.model
@pytest.mark.usefixtures("shared_cache")
def test_the_bad_quarter_fails_and_names_what_was_planted(story: Path) -> None:
    truth = json.loads((story / "truth.json").read_text())
    report = report_of("examples/bad-quarter/drift.yaml")
    assert report.exit_code is ExitCode.BLOCKED
    findings = {finding.code: finding for finding in report.finding_rows}
    assert all(findings[code].status is FindingStatus.FAIL for code in ("DC101", "DC201", "DC301", "DC302"))

    slices = {row.id: row for row in report.slice_rows}

    def planted_in(code: str) -> set[str]:
        measurement = findings[code].measurement
        assert measurement
        members = [slices[row.slice_id].trace_ids for row in measurement.evidence if row.slice_id]
        tops = [Counter(truth[trace] for trace in ids).most_common(1)[0] for ids in members]
        return {intent for (intent, n), ids in zip(tops, members, strict=True) if n > len(ids) / 2}

    assert {"partner_bankruptcy", "boarding_pass_app"} <= planted_in("DC201")
    assert planted_in("DC302") == {"refund_status"}
    assert report.scores.pass_rate
    assert report.scores.pass_rate.value > 0.94
    assert report.scores.satisfaction
    assert report.scores.satisfaction.value < 0.75


@pytest.mark.model
@pytest.mark.usefixtures("shared_cache")
def test_the_trend_tells_the_story_as_it_was_planted() -> None:
    found = backfill(
        load_config(ROOT / "drift.yaml"),
        runs=[ROOT / "examples" / "runs" / "*.json"],
        production=[ROOT / "examples" / "exports" / "*"],
    )
    named = [point.name for point in found.points]
    assert (named[0], named[-1], len(named)) == ("2026-W14", "2026-W40", 27)
    rise = found.joint_rise
    assert rise is not None, "score up, satisfaction down, divergence up"
    assert rise.score.last > rise.score.first + 0.03
    assert rise.gap is not None
    assert rise.gap.last > rise.gap.first + 0.2
    assert rise.divergence is not None
    assert rise.divergence.last > 0.1
    same_week = found.correlations[0].correlation
    assert same_week.high < 0
    # the bad quarter begins in week 27, the partner's collapse in week 29, both slowly; the app comes in week 32
    assert found.onset is not None
    assert found.onset.name in [f"2026-W{week}" for week in range(27, 32)]
    assert found.fall is not None
    assert found.fall.name in [f"2026-W{week}" for week in range(27, 33)]
    assert found.above in [f"2026-W{week}" for week in range(27, 34)]
    assert found.change is None, "before that, traffic is what the set was drawn from"
    new = [point.name for point in found.points if point.marks]
    assert new == ["2026-W21", "2026-W27", "2026-W33", "2026-W38"], "the Monday runs after each of plot.RELEASES"
