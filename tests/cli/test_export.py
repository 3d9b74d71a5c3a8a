"""`driftcheck audit --export DIR`, and the same frames in a notebook."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from tests.fakes import FakeEncoder, write_world

from driftcheck import audit, load_config
from driftcheck.cli import run


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fake_encoder: type[FakeEncoder]) -> Path:
    """A folder with a drifted product; the current folder."""
    write_world(tmp_path, new_share=0.3)
    (tmp_path / "drift.yaml").write_text(
        "eval_set: evalset.jsonl\nruns: runs.jsonl\nproduction: traces.jsonl\nslices: [topic]\n"
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_writes_every_case_and_sampled_trace_with_the_slices_of_the_report(world: Path) -> None:
    assert run(["audit", "-q", "-o", "report.json", "--export", "out"]) == 1
    report = json.loads((world / "report.json").read_text())
    cases, traces = (pd.read_parquet(world / "out" / f"{name}.parquet") for name in ("cases", "traces"))
    assert len(cases) == report["inputs"]["eval_set"]["n_cases"]
    assert len(traces) == report["inputs"]["production"]["n_embedded"]
    for part in report["slices"]:
        assert (cases["slice_id"] == part["id"]).mean() == pytest.approx(part["share_eval"], abs=1e-6)
        assert (traces["slice_id"] == part["id"]).mean() == pytest.approx(part["share_production"], abs=1e-6)
        assert set(part["trace_ids"]) <= set(traces.loc[traces["slice_id"] == part["id"], "trace_id"])
    assert traces["novel"].mean() == pytest.approx(report["scores"]["novelty"]["share"], abs=1e-6)
    assert cases["slice:topic"].notna().all()


def test_texts_leave_the_terminal_only_when_asked(world: Path) -> None:
    texts = [json.loads(line)["input"].encode() for line in (world / "traces.jsonl").read_text().splitlines()]
    assert run(["audit", "-q", "--export", "without"]) == 1
    assert run(["audit", "-q", "--export", "with", "--text"]) == 1
    assert "text" not in pd.read_parquet(world / "without" / "traces.parquet")
    assert {text.encode() for text in pd.read_parquet(world / "with" / "traces.parquet")["text"]} <= set(texts)


def test_the_same_inputs_give_the_same_bytes(world: Path) -> None:
    for folder in ("a", "b"):
        assert run(["audit", "-q", "--export", folder, "--text"]) == 1
    for name in ("cases.parquet", "traces.parquet"):
        assert (world / "a" / name).read_bytes() == (world / "b" / name).read_bytes()


def test_what_cannot_be_written_is_told_before_the_embedding(
    world: Path, capsys: pytest.CaptureFixture[str], fake_encoder: type[FakeEncoder]
) -> None:
    assert run(["audit", "-q", "--export", "drift.yaml"]) == 2
    assert capsys.readouterr().err.startswith("driftcheck: drift.yaml: is no folder")
    assert fake_encoder.loads == 0


def test_a_blind_audit_has_its_cases_and_traces_all_the_same(world: Path) -> None:
    lines = (world / "evalset.jsonl").read_text().splitlines(keepends=True)
    (world / "evalset.jsonl").write_text("".join(lines[:12]))
    report = audit(load_config("drift.yaml"))
    assert len(report.cases) == 12
    assert report.cases["slice_id"].isna().all()
    assert len(report.traces) == report.inputs.production.n_embedded
    assert run(["audit", "-q", "--export", "out"]) == 3
    assert pd.read_parquet(world / "out" / "traces.parquet")["trace_id"].tolist() == report.traces["trace_id"].tolist()
