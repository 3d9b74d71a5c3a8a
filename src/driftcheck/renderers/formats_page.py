"""The page of formats, in Markdown: made of the loaders' docstrings, so that what is read and what is said agree."""

from __future__ import annotations

import inspect
import re
from collections.abc import Sequence
from typing import Protocol

from driftcheck.records import Kind


class FormatRow(Protocol):
    """What the page says of a format; a loader's module has it."""

    FORMAT: str
    """Its name."""
    KIND: Kind
    """What its files hold."""


_KINDS = {Kind.EVALSET: "Eval sets", Kind.RESULTS: "Results of runs", Kind.TRACES: "Production traces"}
_HEADINGS = re.compile(r"\n+(Recogni[sz]ed by|How to get it):?")
_INTRODUCTION = """# Formats

Files are recognised by their content, never by their ending; `driftcheck inspect FILE` says as what, how sure, and why.
Where the guess is wrong, `driftcheck inspect --format NAME FILE` tries another, and `formats: {production: NAME}` in
drift.yaml settles it. Tables of your own making are read by the generic formats; `columns:` in drift.yaml names what
they cannot guess. Nothing in a file is ever run, unpickled or fetched: what a file would need that for, and what lies
outside of its project, is named as not loaded.

This page is made of the docstrings of the modules in this folder (`RENEW_GOLDEN=1 pytest tests/test_readme.py`).
"""


def page(formats: Sequence[FormatRow]) -> str:
    """Write the whole page: each kind, and in it each format with its manual."""
    parts = [_INTRODUCTION]
    for kind, title in _KINDS.items():
        parts.append(f"## {title}\n")
        for row in formats:
            if row.KIND is kind:
                sentence, manual = _manual(row)
                parts.append(f"### {row.FORMAT}\n\n{sentence}\n{manual}")
    return "\n".join(parts)


def table(formats: Sequence[FormatRow], folder: str) -> str:
    """Write the table of formats for the README, each linked to its manual on the page in `folder`."""
    lines = ["| format | holds | is |", "| --- | --- | --- |"]
    for kind, title in _KINDS.items():
        for row in formats:
            if row.KIND is kind:
                said = _manual(row)[0].replace("|", "\\|")
                lines.append(f"| [`{row.FORMAT}`]({folder}#{row.FORMAT}) | {title.lower()} | {said} |")
    return "\n".join(lines) + "\n"


def _manual(row: FormatRow) -> tuple[str, str]:
    """Split a docstring into its first sentence and the rest, with the paragraphs of _HEADINGS set off."""
    text = inspect.cleandoc(row.__doc__ or "")
    sentence, _, rest = text.partition("\n\n")
    rest = _HEADINGS.sub(r"\n\n**\1**", rest)
    return " ".join(sentence.split()), f"\n{rest}\n" if rest else ""
