"""Shared fixtures: no test touches the user's cache, and none loads the real model unless it says so."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.fakes import FakeEncoder


@pytest.fixture(autouse=True)
def cache_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("DRIFTCHECK_CACHE", str(folder))
    return folder


@pytest.fixture(autouse=True)
def no_step_summary(monkeypatch: pytest.MonkeyPatch) -> None:
    """The audits of tests that run in GitHub Actions say nothing in the summary of that step."""
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)


@pytest.fixture
def fake_encoder(monkeypatch: pytest.MonkeyPatch) -> type[FakeEncoder]:
    """Every audit of the test embeds with the fake."""
    monkeypatch.setattr("driftcheck.embedding.encoder.SentenceTransformerEncoder", FakeEncoder)
    FakeEncoder.loads = 0
    return FakeEncoder
