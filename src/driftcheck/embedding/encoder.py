"""Texts to unit vectors, each distinct text once, in buckets of like length."""

from __future__ import annotations

import logging
import os
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from driftcheck.embedding.cache import VectorCache, vector_key
from driftcheck.embedding.model import Model
from driftcheck.errors import ModelError

TOKENS_PER_BATCH = 1024
"""Padded tokens in one forward pass. sentence-transformers sorts by characters and takes 32 texts at a time, which pads
a third of the work away and outgrows the CPU's cache on long texts; about 1,024 tokens was the fastest measured."""
_TEXTS_PER_COMMIT = 256

ProgressCallback = Callable[[int, int], None]
"""Called with (texts done, texts to do)."""


class Encoder(Protocol):
    """Anything that turns texts into vectors; tests pass a fake."""

    def encode(self, texts: Sequence[str]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
        """Yield (positions, unit vectors (n, d)) batch by batch, in any order, each text once."""
        ...


class SentenceTransformerEncoder:
    """A sentence-transformers model in fp32 on the CPU."""

    def __init__(self, model: Model) -> None:
        # quiet: a progress bar of ours is on the screen
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
        os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # deprecations inside torch are not the user's to mend
            try:
                from sentence_transformers import SentenceTransformer
            except ImportError as problem:
                raise ModelError(
                    "model", f"sentence-transformers cannot be imported: {problem}", "reinstall driftcheck"
                ) from None
            for name in ("sentence_transformers", "transformers"):
                logging.getLogger(name).setLevel(logging.ERROR)
            try:
                self._model = SentenceTransformer(model.load, device="cpu", trust_remote_code=False)
                self._model.eval()
            except Exception as problem:  # the library raises what its own dependencies raise
                first = str(problem).strip().splitlines()[0] if str(problem).strip() else type(problem).__name__
                raise ModelError(
                    "model", f"{model.name} cannot be loaded: {first}", "check `model:` in drift.yaml"
                ) from None

    def _lengths(self, texts: Sequence[str]) -> NDArray[np.int64]:
        """Tokens per text, cut at the model's limit; characters where the model has no tokenizer of the usual kind."""
        limit = self._model.max_seq_length or 512
        tokenizer = getattr(self._model, "tokenizer", None)
        if not callable(tokenizer):
            return np.array([len(text) for text in texts])
        lengths: list[int] = []
        for start in range(0, len(texts), 1024):
            encoded = tokenizer(list(texts[start : start + 1024]), truncation=True, max_length=limit)
            lengths.extend(len(ids) for ids in encoded["input_ids"])
        return np.array(lengths)

    def encode(self, texts: Sequence[str]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
        """Longest texts first: memory peaks at once, and the time left is never told too short. See `Encoder`.

        One batch a core, each on one thread: matrices of this size gain little from being shared between threads.
        """
        import torch

        n_threads = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            with ThreadPoolExecutor(n_threads) as cores:
                yield from self._in_order(texts, cores, ahead=2 * n_threads)
        finally:
            torch.set_num_threads(n_threads)

    def _in_order(
        self, texts: Sequence[str], cores: ThreadPoolExecutor, ahead: int
    ) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
        """Batches as they were cut, while at most `ahead` more are under way."""
        waiting: deque[tuple[list[int], Future[NDArray[np.float32]]]] = deque()
        for rows in self._buckets(texts):
            # tokenised here: tokenizers cannot be shared between threads
            prepared = self._prepared([texts[row] for row in rows])
            waiting.append((rows, cores.submit(prepared)))
            if len(waiting) > ahead:
                done, vectors = waiting.popleft()
                yield np.array(done), vectors.result()
        for done, vectors in waiting:
            yield np.array(done), vectors.result()

    def _buckets(self, texts: Sequence[str]) -> Iterator[list[int]]:
        """Rows of like length, TOKENS_PER_BATCH padded tokens at a time."""
        lengths = self._lengths(texts)
        order = sorted(range(len(texts)), key=lambda row: (-lengths[row], texts[row]))
        start = 0
        while start < len(order):
            size = max(1, TOKENS_PER_BATCH // max(1, int(lengths[order[start]])))
            yield order[start : start + size]
            start += size

    def _prepared(self, texts: list[str]) -> Callable[[], NDArray[np.float32]]:
        """What a thread has left to do for a batch: the forward pass, where the model is no special case."""
        import torch

        model = self._model
        if model.default_prompt_name is not None or model.truncate_dim is not None:
            return lambda: np.asarray(
                model.encode(texts, batch_size=len(texts), show_progress_bar=False, normalize_embeddings=True),
                dtype=np.float32,
            )
        features = model.tokenize(texts)

        def forward() -> NDArray[np.float32]:
            with torch.inference_mode():
                vectors = model.forward(features)["sentence_embedding"]
                return np.asarray(torch.nn.functional.normalize(vectors, p=2, dim=1).numpy(), dtype=np.float32)

        return forward


def embed(
    texts: Sequence[str],
    model: Model,
    cache: VectorCache,
    *,
    load: Callable[[Model], Encoder] | None = None,
    progress: ProgressCallback | None = None,
) -> NDArray[np.float32]:
    """Unit vectors of texts, shape (n, d), from the cache where they are there.

    The encoder is loaded only when a text is missing: a fully cached audit never imports torch.

    Args:
        texts: what to embed; exact duplicates are embedded once.
        model: whose vectors.
        cache: asked first, and written batch by batch.
        load: makes the encoder; by default a SentenceTransformerEncoder.
        progress: told how far it is.

    Raises:
        ModelError: the model cannot be loaded.

    """
    if not texts:
        return np.empty((0, 1), dtype=np.float32)
    keys = [vector_key(model.cache_identity, text) for text in texts]
    distinct = dict(zip(keys, texts, strict=True))
    vectors = cache.get(list(distinct))
    missing = [(key, text) for key, text in distinct.items() if key not in vectors]
    # in an order of their own, so that batches, and with them the last bits, do not hang on the order of rows
    missing.sort(key=lambda pair: pair[0])
    if missing:
        if progress:
            progress(0, len(missing))
        encoder = (load or SentenceTransformerEncoder)(model)
        done = 0
        waiting: list[tuple[bytes, NDArray[np.float32]]] = []

        def commit() -> None:
            if waiting:
                cache.put([key for key, _ in waiting], np.stack([vector for _, vector in waiting]))
                waiting.clear()

        try:
            for rows, batch in encoder.encode([text for _, text in missing]):
                for row, vector in zip(rows, batch, strict=True):
                    key = missing[row][0]
                    vectors[key] = vector
                    waiting.append((key, vector))
                done += len(rows)
                if progress:
                    progress(done, len(missing))
                if len(waiting) >= _TEXTS_PER_COMMIT:
                    commit()
        finally:  # what is done is kept, also when interrupted
            commit()
    return np.stack([vectors[key] for key in keys])
