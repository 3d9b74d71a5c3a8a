"""A first drift.yaml for a folder: what its files are, and which of them an audit wants."""

from __future__ import annotations

import glob
import itertools
import json
import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from driftcheck.config import Section, Settings
from driftcheck.errors import InputError
from driftcheck.loaders import is_own_report, recognise
from driftcheck.loaders.columns import listed
from driftcheck.loaders.document import Document, Shape, open_document
from driftcheck.loaders.generic_table import table_of
from driftcheck.loaders.source import find_sources, set_aside_as
from driftcheck.records import Kind

MAX_FILES = 2_000
MAX_DEPTH = 5
_SKIPPED_FOLDERS = frozenset(
    {
        "node_modules",
        "venv",
        "env",
        "site-packages",
        "__pycache__",
        "dist",
        "build",
        "target",
        "vendor",
        "tests",
        "test",
    }
)
_ENDINGS = frozenset(
    [
        ".json",
        ".jsonl",
        ".ndjson",
        ".csv",
        ".tsv",
        ".parquet",
        ".yaml",
        ".yml",
        ".xml",
        ".eval",
        ".gz",
        ".zst",
        ".txt",
        ".log",
    ]
)
"""Only where to look: what a file is, its content says."""
_OTHERS = 4
_N_UNRECOGNISED = 5
_N_WORDS = 3
"""Words that the texts of an input have on average, at least."""
_WORDS: dict[Section, str] = {"eval_set": "eval set", "runs": "results", "production": "production"}


@dataclass(frozen=True)
class Choice:
    """What drift.yaml will name for one input."""

    pattern: str | tuple[str, ...]
    """Path, or glob that matches no other file, or the paths; relative to the folder."""
    example: str
    """One file of it."""
    format: str
    n_files: int
    others: tuple[str | tuple[str, ...], ...]
    """What else could have been meant."""


@dataclass(frozen=True)
class Unrecognised:
    """A table of which nobody knows what its columns are for."""

    path: str
    """Relative to the folder."""
    columns: tuple[str, ...]
    input: str
    """The first column that holds texts of several words."""

    def advice(self, sections: Iterable[Section]) -> str:
        """Say how drift.yaml makes it one of the inputs that are missing."""
        is_plain = re.fullmatch(r"[^\W\d][\w .-]*", self.input)
        column = self.input if is_plain else json.dumps(self.input, ensure_ascii=False)
        ways = [
            f"if it is the {_WORDS[section]}, name its columns: columns: {{{section}: {{input: {column}}}}}"
            for section in sections
        ]
        return f"{self.path} (columns {listed(self.columns, 6)}); {'; '.join(ways)}"


@dataclass(frozen=True)
class Found:
    """What a folder holds."""

    eval_set: Choice | None
    runs: Choice | None
    production: Choice | None
    unrecognised: tuple[Unrecognised, ...] = ()

    @property
    def missing(self) -> tuple[Section, ...]:
        """Inputs that an audit needs and nothing was found for."""
        sections: tuple[tuple[Section, Choice | None], ...] = (
            ("eval_set", self.eval_set),
            ("production", self.production),
        )
        return tuple(section for section, choice in sections if choice is None)


def _walk(folder: Path) -> Iterator[Path]:
    seen = 0
    for parent, folders, files in os.walk(folder):
        here = Path(parent)
        depth = len(here.relative_to(folder).parts)
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".") and name.lower() not in _SKIPPED_FOLDERS and depth < MAX_DEPTH
        )
        for name in sorted(files):
            path = here / name
            if name.startswith((".", "~$")) or path.suffix.lower() not in _ENDINGS or name == "drift.yaml":
                continue
            if set_aside_as(name):  # of an eval set, and no part of it
                continue
            seen += 1
            if seen > MAX_FILES:
                return
            yield path


def look_around(folder: Path, tell: Callable[[str], None]) -> Found:
    """Recognise the files of a folder by their heads, and choose.

    Files of one kind, format and folder belong together (a run a week, an export a month). Of several such groups the
    one recognised with most confidence is taken, then the one with most files, then the first by name.
    """
    groups: dict[Kind, dict[tuple[Path, str], list[tuple[float, Path]]]] = defaultdict(lambda: defaultdict(list))
    unrecognised: list[Unrecognised] = []
    for path in _walk(folder):
        tell(f"Looking at {path.name}")
        try:
            doc = open_document(find_sources([path], base=Path())[0])
        except InputError:
            continue
        try:
            found = recognise(doc)
        except InputError:
            if (unknown := _unrecognised(doc, _relative(path, folder))) and len(unrecognised) < _N_UNRECOGNISED:
                unrecognised.append(unknown)
            continue
        key = (path.parent, found.loader.FORMAT)
        groups[found.loader.KIND][key].append((found.match.confidence, path))
    return Found(
        eval_set=_choose(groups[Kind.EVALSET], folder, together=False),
        runs=_choose(groups[Kind.RESULTS], folder, together=True),
        production=_choose(groups[Kind.TRACES], folder, together=True),
        unrecognised=tuple(unrecognised),
    )


def _unrecognised(doc: Document, path: str) -> Unrecognised | None:
    """Describe a table of unknown columns; None for what is no table: settings, notes, reports."""
    if doc.is_object or is_own_report(doc) or doc.shape in (Shape.YAML, Shape.XML, Shape.ZIP):
        return None
    table = table_of(doc)
    if table is None or not table.head or len(table.columns) < 2:
        return None
    columns = tuple(dict.fromkeys(column for row in table.head for column in row))
    texts = (column for column in columns if _n_words(table.values(column)) >= _N_WORDS)
    text = next(texts, None)
    return None if text is None else Unrecognised(path, columns, text)


def _n_words(values: list[Any]) -> float:
    """Count the words of the texts, on average; where they are not parted by spaces, three characters are a word."""
    texts = [value for value in values if isinstance(value, str)]
    n_words = (len(text.split()) if text.isascii() else max(len(text.split()), len(text) // 3) for text in texts)
    return sum(n_words) / len(values) if values else 0


def _choose(groups: dict[tuple[Path, str], list[tuple[float, Path]]], folder: Path, *, together: bool) -> Choice | None:
    candidates: list[tuple[float, int, str | tuple[str, ...], str, str]] = []
    for (parent, format_name), members in groups.items():
        files = [path for _, path in members]
        confidence = max(score for score, _ in members)
        if together and len(files) > 1:
            pattern = _pattern(parent, files, folder)
            candidates.append((-confidence, -len(files), pattern, format_name, _relative(files[0], folder)))
        else:
            candidates.extend(
                (-score, -1, _relative(path, folder), format_name, _relative(path, folder)) for score, path in members
            )
    if not candidates:
        return None
    candidates.sort(key=lambda entry: (entry[:2], entry[4]))
    _, n_files, pattern_text, format_name, example = candidates[0]
    return Choice(
        pattern_text, example, format_name, -n_files, tuple(entry[2] for entry in candidates[1 : 1 + _OTHERS])
    )


def _pattern(parent: Path, files: list[Path], folder: Path) -> str | tuple[str, ...]:
    """Name files of one folder: by a glob if it matches them alone, else one by one."""
    names = [path.name for path in files]
    there = [name for name in os.listdir(parent) if not name.startswith((".", "~$"))]
    endings = {path.suffix for path in files}
    ending = endings.pop() if len(endings) == 1 else ""
    alike = zip(min(names), max(names), strict=False)  # what the first and the last begin with, all begin with
    shared = "".join(first for first, _ in itertools.takewhile(lambda pair: pair[0] == pair[1], alike))
    start = re.split(r"\d", shared)[0].removesuffix(ending)
    for begin in dict.fromkeys(("", start)):
        matched = [name for name in there if name.startswith(begin) and name.endswith(ending)]
        if sorted(matched) == sorted(names):
            above = parent.relative_to(folder).as_posix()
            return ("" if above == "." else f"{glob.escape(above)}/") + f"{glob.escape(begin)}*{ending}"
    return tuple(_relative(path, folder) for path in files)


def _relative(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()


def draft(found: Found) -> str:
    """Text of a drift.yaml: what was found, and every other key with what it is for, commented out."""
    chosen = {"eval_set": found.eval_set, "runs": found.runs, "production": found.production}
    lines = ["# drift.yaml: what driftcheck audits, and what blocks a release. Paths start at this file's folder."]
    for name, info in Settings.model_fields.items():
        lines += ["", f"# {info.description}"]
        choice = chosen.get(name)
        if choice is not None:
            lines.append(f"{name}: {json.dumps(choice.pattern, ensure_ascii=False)}")
            lines += [f"# or: {json.dumps(other, ensure_ascii=False)}" for other in choice.others]
        else:
            lines.append(f"# {name}: {_EXAMPLES[name]}")
    return "\n".join(lines) + "\n"


_EXAMPLES = {
    "eval_set": "evalsets/support.yaml",
    "runs": "runs/*.json",
    "production": "exports/*.jsonl",
    "window": "28d",
    "design": "sample",
    "text": "last_turn",
    "columns": "{production: {input: user_message, satisfaction: csat}}",
    "formats": "{production: langfuse}",
    "eval_runs": "keep",
    "satisfaction": '{field: csat, good: ">= 4"}',
    "slices": "[intent, language]",
    "model": "sentence-transformers/all-MiniLM-L6-v2",
    "sample": "10000",
    "checks": "{topic-divergence: {warn: 0.05, fail: 0.20}, thin-slices: off}",
    "required": "[topic-divergence, slice-coverage]",
    "owner": "evals@example.com",
    "owners": "{s3: billing@example.com}",
    "refresh_every": "4w",
    "max_age": "{default: 26w, topic=prices: 4w}",
    "rubric": '[{name: polite, text: "Is the answer polite?", reviewed: 2026-09-01, owner: ana}]',
    "not_personal": "[John Deere, Mercedes]",
    "prompts": "prompts/*.txt",
    "sealed": "evalsets/support.sealed",
    "minutes_per_case": "6",
    "waivers": '[{check: csat-gap, slice: s12, until: 2026-12-31, owner: ana, reason: "survey changed"}]',
    "baseline": "reports/last-release.json",
    "ledger": ".driftcheck",
}
"""How each key is written; a test reads them all back."""
