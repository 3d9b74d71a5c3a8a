"""The 500 strings with what is personal in them, read from strings.yaml."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import yaml

_TUNED, _UNSEEN = {"clean"}, {"clean_unseen", "long"}
_MARK = re.compile(r"«([A-Z]+):([^»]*)»")


@dataclass(frozen=True)
class Marked:
    """A text and the spans of it that are personal."""

    group: str
    """Where it stands in strings.yaml."""
    tuned: bool
    """Whether the rules were tuned on it."""
    text: str
    """The text without marks."""
    spans: tuple[tuple[str, int, int], ...]
    """Kind, start and end of each personal value in `text`."""


def read() -> list[Marked]:
    """Read all 500, in the order of the file."""
    groups: dict[str, str] = yaml.safe_load((Path(__file__).parent / "strings.yaml").read_text(encoding="utf-8"))
    return [
        _unmarked(group, group in _TUNED or (index % 2 == 0 and group not in _UNSEEN), line.replace("\\n", "\n"))
        for group, lines in groups.items()
        for index, line in enumerate(lines.splitlines())
    ]


def _unmarked(group: str, tuned: bool, line: str) -> Marked:
    text, spans, at = "", [], 0
    for mark in _MARK.finditer(line):
        text += line[at : mark.start()]
        value = mark[2].replace("~", "")
        spans.append((mark[1], len(text), len(text) + len(value)))
        text += value
        at = mark.end()
    return Marked(group, tuned, text + line[at:], tuple(spans))
