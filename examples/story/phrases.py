"""The hand-written phrase banks in `phrases/*.yaml`, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent / "phrases"
TOPIC_FILES = ("booking", "money", "account", "journey", "summer")
LANGUAGES = ("en", "de", "es")


@dataclass(frozen=True)
class Facet:
    """One question within an intent, with the answer that the assistant should give."""

    name: str
    ask: dict[str, tuple[str, ...]]
    """Sentence frames by language."""
    answer: dict[str, str]
    """The expected answer by language; <...> marks the words that it must contain."""
    since_policy: bool
    """Only asked after the refund policy changed."""


@dataclass(frozen=True)
class Intent:
    """What a customer wants."""

    name: str
    code: str
    """Prefix of the case ids."""
    facets: tuple[Facet, ...]
    short: dict[str, tuple[str, ...]]
    """Messages of a few words, by language."""


@dataclass(frozen=True)
class Language:
    """How people write in one language: lists of words and sentences by their name in `language.yaml`."""

    code: str
    words: dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Phrases:
    """Everything that was written by hand."""

    intents: dict[str, Intent]
    languages: dict[str, Language]


def load_phrases(folder: Path = FOLDER) -> Phrases:
    """Read all banks. Raises KeyError when an intent lacks a language."""
    intents: dict[str, Intent] = {}
    for stem in TOPIC_FILES:
        for name, body in _read(folder / f"{stem}.yaml").items():
            intents[name] = _intent(name, body)
    raw = _read(folder / "language.yaml")
    shared = {key: _lines(text) for key, text in raw.pop("shared").items()}
    languages = {
        code: Language(code, shared | {key: _lines(text) for key, text in body.items()}) for code, body in raw.items()
    }
    return Phrases(intents, languages)


def _intent(name: str, body: dict[str, Any]) -> Intent:
    facets = tuple(
        Facet(
            name=facet_name,
            ask={code: _lines(facet["ask"][code]) for code in LANGUAGES},
            answer={code: facet["answer"][code] for code in LANGUAGES},
            since_policy=facet.get("since") == "policy",
        )
        for facet_name, facet in body["facets"].items()
    )
    return Intent(name, body["code"], facets, {code: _lines(body["short"][code]) for code in LANGUAGES})


def _read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return content


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())
