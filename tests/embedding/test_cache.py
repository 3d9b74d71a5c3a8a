"""The cache gives back what it was given, survives what happens to files, and is asked first."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from tests.fakes import FakeEncoder

from driftcheck.embedding import Model, VectorCache, embed
from driftcheck.embedding.cache import vector_key

MODEL = Model("fake", "fake", None, "0" * 64, 256)


def test_vectors_come_back_bit_for_bit(tmp_path: Path) -> None:
    vectors = np.random.default_rng(0).standard_normal((700, 8)).astype(np.float32)
    keys = [vector_key("m", str(number)) for number in range(700)]
    with VectorCache(tmp_path) as cache:
        cache.put(keys, vectors)
    with VectorCache(tmp_path) as cache:
        found = cache.get([*keys, vector_key("m", "unknown")])
    assert len(found) == 700
    assert all(np.array_equal(found[key], vector) for key, vector in zip(keys, vectors, strict=True))


def test_another_model_is_another_key() -> None:
    assert vector_key("a", "text") != vector_key("b", "text")


def test_a_damaged_cache_is_put_aside(tmp_path: Path) -> None:
    (tmp_path / "vectors.sqlite").write_bytes(b"no database, " * 100)
    with VectorCache(tmp_path) as cache:
        assert "damaged" in cache.warning
        cache.put([b"k"], np.ones((1, 2), dtype=np.float32))
        assert b"k" in cache.get([b"k"])
    assert (tmp_path / "vectors.broken").exists()


def test_a_folder_that_cannot_be_made_costs_time_not_the_audit(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with VectorCache(tmp_path / "file" / "cache") as cache:
        assert "not kept" in cache.warning
        cache.put([b"k"], np.ones((1, 2), dtype=np.float32))
        assert b"k" in cache.get([b"k"])


def test_duplicates_are_embedded_once_and_the_second_time_nothing_is(
    tmp_path: Path, fake_encoder: type[FakeEncoder]
) -> None:
    seen: list[tuple[int, int]] = []
    texts = ["seat row", "bag belt", "seat row"]
    with VectorCache(tmp_path) as cache:
        first = embed(texts, MODEL, cache, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(0, 2), (2, 2)]
    with VectorCache(tmp_path) as cache:
        again = embed(texts, MODEL, cache)
    assert fake_encoder.loads == 1
    assert np.array_equal(first, again)
    assert np.array_equal(first[0], first[2])


class Interrupted(FakeEncoder):
    def encode(self, texts):  # type: ignore[no-untyped-def]  # a fake that breaks off
        batches = super().encode(texts)
        yield next(batches)
        raise KeyboardInterrupt


def test_what_was_done_survives_an_interruption(tmp_path: Path) -> None:
    texts = [f"word{number} seat" for number in range(200)]
    with VectorCache(tmp_path) as cache, pytest.raises(KeyboardInterrupt):
        embed(texts, MODEL, cache, load=Interrupted)
    with VectorCache(tmp_path) as cache:
        assert len(cache.get([vector_key(MODEL.cache_identity, text) for text in texts])) == 64


def test_two_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    script = (
        "import sys, numpy as np\n"
        "from pathlib import Path\n"
        "from driftcheck.embedding.cache import VectorCache, vector_key\n"
        "with VectorCache(Path(sys.argv[1])) as cache:\n"
        "    for batch in range(20):\n"
        "        keys = [vector_key('m', f'{sys.argv[2]}{batch}-{i}') for i in range(50)]\n"
        "        cache.put(keys, np.ones((50, 16), dtype=np.float32))\n"
        "    sys.exit(bool(cache.warning))\n"
    )
    writers = [subprocess.Popen([sys.executable, "-c", script, str(tmp_path), name]) for name in "ab"]
    assert [writer.wait(timeout=60) for writer in writers] == [0, 0]
    keys = [vector_key("m", f"{name}{batch}-{i}") for name in "ab" for batch in range(20) for i in range(50)]
    with VectorCache(tmp_path) as cache:
        assert len(cache.get(keys)) == 2_000


def test_without_a_folder_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with VectorCache(None) as cache:
        cache.put([b"k"], np.ones((1, 2), dtype=np.float32))
        assert b"k" in cache.get([b"k"])
        assert cache.warning == ""
    assert not list(tmp_path.iterdir())
    with VectorCache(None) as cache:
        assert not cache.get([b"k"])
