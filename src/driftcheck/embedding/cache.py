"""Vectors that were made once, in SQLite: survives interruption, and two audits at once.

SQLite in WAL mode: many readers and a writer side by side, every batch committed whole. Key = sha256 of the model's
identity and the text, value = the float32 vector; no text is stored.
"""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

_SCHEMA = "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL) WITHOUT ROWID"
_LOOKUPS_PER_QUERY = 500
_MEMORY = ":memory:"
_PATIENCE_SECONDS = 60.0


def vector_key(identity: str, text: str) -> bytes:
    """Key of one text under one model."""
    return hashlib.sha256(f"{identity}\x00{text}".encode("utf-8", "surrogatepass")).digest()


class VectorCache:
    """Vectors by key.

    A cache that cannot be opened is replaced by one in memory, and `warning` says so: a broken cache costs time, never
    the audit. Without a folder it is in memory from the start.
    """

    def __init__(self, folder: Path | None) -> None:
        self.warning = ""
        self.path = Path(_MEMORY) if folder is None else folder / "vectors.sqlite"
        if folder is None:
            self._connection = self._open(_MEMORY)
            return
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._connection = self._open(str(self.path))
        except sqlite3.DatabaseError as problem:
            self._connection = self._reopen(problem)
        except OSError as problem:
            self.warning = f"embedding cache {folder} cannot be used ({problem.strerror}): vectors are not kept"
            self._connection = self._open(_MEMORY)

    @staticmethod
    def _open(path: str) -> sqlite3.Connection:
        connection = sqlite3.connect(path, timeout=_PATIENCE_SECONDS)
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            connection.execute(_SCHEMA)
            connection.commit()
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _reopen(self, problem: sqlite3.DatabaseError) -> sqlite3.Connection:
        """A file that is no database is put aside; any other trouble (read-only, locked) leaves it alone."""
        if not isinstance(problem, sqlite3.OperationalError):
            aside = self.path.with_suffix(".broken")
            with contextlib.suppress(OSError, sqlite3.Error):
                self.path.replace(aside)
                self.warning = f"embedding cache was damaged: put aside as {aside}, started anew"
                return self._open(str(self.path))
        self.warning = f"embedding cache {self.path} cannot be used ({problem}): vectors are not kept"
        return self._open(_MEMORY)

    def get(self, keys: Sequence[bytes]) -> dict[bytes, NDArray[np.float32]]:
        """The vectors that are there, by key."""
        found: dict[bytes, NDArray[np.float32]] = {}
        for start in range(0, len(keys), _LOOKUPS_PER_QUERY):
            some = keys[start : start + _LOOKUPS_PER_QUERY]
            marks = ",".join("?" * len(some))
            for key, blob in self._connection.execute(f"SELECT key, vector FROM vectors WHERE key IN ({marks})", some):
                found[key] = np.frombuffer(blob, dtype="<f4")
        return found

    def put(self, keys: Sequence[bytes], vectors: NDArray[np.float32]) -> None:
        """Store vectors, shape (n, d); either all of the batch is stored or nothing."""
        rows = [(key, vector.astype("<f4").tobytes()) for key, vector in zip(keys, vectors, strict=True)]
        try:
            with self._connection:
                self._connection.executemany("INSERT OR IGNORE INTO vectors VALUES (?, ?)", rows)
        except sqlite3.OperationalError as problem:  # disk full, or locked for a minute
            self.warning = f"embedding cache {self.path} cannot be written ({problem}): some vectors are not kept"

    def close(self) -> None:
        """Release the file."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
