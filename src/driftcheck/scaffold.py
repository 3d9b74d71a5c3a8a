"""A first drift.yaml for a folder: what its files are, and which of them an audit wants."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from driftcheck.config import Settings
from driftcheck.errors import InputError
from driftcheck.loaders import recognise
from driftcheck.loaders.document import open_document
from driftcheck.loaders.source import find_sources
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


@dataclass(frozen=True)
class Choice:
    """What drift.yaml will name for one input."""

    pattern: str
    """Path or glob, relative to the folder."""
    example: str
    """One file of it."""
    format: str
    n_files: int
    others: tuple[str, ...]
    """What else could have been meant."""


@dataclass(frozen=True)
class Found:
    """What a folder holds."""

    eval_set: Choice | None
    runs: Choice | None
    production: Choice | None


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
    for path in _walk(folder):
        tell(f"Looking at {path.name}")
        try:
            found = recognise(open_document(find_sources([path], base=Path())[0]))
        except InputError:
            continue
        key = (path.parent, found.loader.FORMAT)
        groups[found.loader.KIND][key].append((found.match.confidence, path))
    return Found(
        eval_set=_choose(groups[Kind.EVALSET], folder, together=False),
        runs=_choose(groups[Kind.RESULTS], folder, together=True),
        production=_choose(groups[Kind.TRACES], folder, together=True),
    )


def _choose(groups: dict[tuple[Path, str], list[tuple[float, Path]]], folder: Path, *, together: bool) -> Choice | None:
    candidates: list[tuple[float, int, str, str, str]] = []
    for (parent, format_name), members in groups.items():
        files = [path for _, path in members]
        confidence = max(score for score, _ in members)
        if together and len(files) > 1:
            endings = {"".join(path.suffixes[-1:]) for path in files}
            pattern = parent / (f"*{endings.pop()}" if len(endings) == 1 else "*")
            candidates.append(
                (-confidence, -len(files), _relative(pattern, folder), format_name, _relative(files[0], folder))
            )
        else:
            candidates.extend(
                (-score, -1, _relative(path, folder), format_name, _relative(path, folder)) for score, path in members
            )
    if not candidates:
        return None
    candidates.sort()
    _, n_files, pattern_text, format_name, example = candidates[0]
    return Choice(
        pattern_text, example, format_name, -n_files, tuple(entry[2] for entry in candidates[1 : 1 + _OTHERS])
    )


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
    "satisfaction": '{field: csat, good: ">= 4"}',
    "slices": "[intent, language]",
    "model": "sentence-transformers/all-MiniLM-L6-v2",
    "sample": "10000",
    "checks": "{topic-divergence: {warn: 0.05, fail: 0.20}, thin-slices: off}",
    "required": "[topic-divergence, slice-coverage]",
    "owner": "evals@example.com",
    "waivers": '[{check: csat-gap, slice: s12, until: 2026-12-31, owner: ana, reason: "survey changed"}]',
    "baseline": "reports/last-release.json",
}
"""How each key is written; a test reads them all back."""
