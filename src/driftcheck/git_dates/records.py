"""From records to their lines, and from lines to days."""

from __future__ import annotations

import os
import re
import time
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from driftcheck.git_dates import git as asking
from driftcheck.git_dates.git import Git, NoDates
from driftcheck.git_dates.history import History, unchanged
from driftcheck.git_dates.json_starts import json_starts

MAX_BYTES = 64 << 20
"""Largest file that is looked at."""
_RECORD = re.compile(
    r"(?P<path>.+?)(?::(?P<line>[1-9]\d{0,8})|#(?P<number>[1-9]\d{0,8})(?: in (?P<list>.+))?)", re.DOTALL
)
_PACKED = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PK\x03\x04", b"PAR1")
_TABLES = (".csv", ".tsv", ".tab", ".txt")


@dataclass(frozen=True)
class _Record:
    """Where a record stands in its file: on a line, or as an item of a list of JSON, counted from one."""

    line: int | None
    number: int | None
    key: str | None
    """Key of that list, where the file has several."""


@dataclass(frozen=True)
class GitDates:
    """What git says of some records."""

    dates: Mapping[str, float] = field(default_factory=dict)
    """When the first line of a record was written (the commit's author date): unix seconds, by the record's key."""
    why: str = ""
    """Why it says nothing of some or all of them; empty where it says all."""


def date_records(places: Mapping[str, str]) -> GitDates:
    """Ask git when records were written.

    Args:
        places: where each record stands, as its loader says: `evalsets/a.yaml:12`, `a.json#3`.

    """
    until = time.monotonic() + asking.SECONDS
    dates: dict[str, float] = {}
    reasons: Counter[str] = Counter()
    files: defaultdict[str, dict[str, _Record]] = defaultdict(dict)
    for key, where in places.items():
        found = _RECORD.fullmatch(where)
        if found is None:
            reasons["they stand in no file with lines"] += 1
            continue
        line, number = found["line"], found["number"]
        files[found["path"]][key] = _Record(int(line) if line else None, int(number) if number else None, found["list"])
    for name, records in files.items():
        try:
            said = _date_file(Path(name), records, until)
        except NoDates as problem:
            reasons[str(problem)] += len(records)
            continue
        dates |= said
        if len(said) < len(records):
            reasons[f"some lines of {Path(name).name} are not committed, or hold several cases"] += 1
    return GitDates(dates, "; ".join(reason for reason, _ in reasons.most_common(2)))


def _date_file(path: Path, records: Mapping[str, _Record], until: float) -> dict[str, float]:
    now = _content(path)
    lines = _lines_of(now, records)
    path = path.resolve()
    git = Git(path.parent, until)
    state = git.ask("rev-parse", "--is-shallow-repository", "--is-inside-work-tree", "--show-prefix").split(b"\n")
    if b"true" not in state[1:2]:
        raise NoDates(f"{path.name} is in no git repository")
    if state[:1] == [b"true"]:
        raise NoDates(
            "the clone is shallow: its oldest commit would date every line (actions/checkout: fetch-depth: 0)"
        )
    try:
        committed = git.ask("cat-file", "blob", f"HEAD:./{path.name}")
    except NoDates:
        raise NoDates(f"{path.name} is not committed to git") from None
    is_table = path.suffix.lower() in _TABLES
    then_of = unchanged(committed.split(b"\n"), now.split(b"\n"), is_table=is_table)
    name = os.fsdecode(b"".join(state[2:3])) + path.name
    blamed = History(git, is_table=is_table).written("HEAD", name, committed.split(b"\n"))
    n_on = Counter(line for line, _ in {(line, records[key]) for key, line in lines.items()})
    found = {}
    for key, line in lines.items():
        written = blamed.get(then_of.get(line, 0))
        if written is not None and n_on[line] == 1:
            found[key] = written
    return found


def _content(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise NoDates(f"{path.name} is no file")
        if path.stat().st_size > MAX_BYTES:
            raise NoDates(f"{path.name} is larger than {MAX_BYTES >> 20} MB")
        content = path.read_bytes()
    except (OSError, ValueError):
        raise NoDates(f"{path.name} cannot be read") from None
    if content.startswith(_PACKED) or b"\0" in content[:8_000]:
        raise NoDates(f"{path.name} is packed or no UTF-8 text, of which git keeps no lines")
    return content


def _lines_of(content: bytes, records: Mapping[str, _Record]) -> dict[str, int]:
    """Line on which each record starts, counted from one; of JSON, whose records have numbers, it is looked for."""
    last: dict[str | None, int] = {}
    for record in records.values():
        if record.number:
            last[record.key] = max(record.number, last.get(record.key, 0))
    starts = json_starts(content, last)
    found = {}
    for key, record in records.items():
        if record.line:
            found[key] = record.line
        elif record.number and record.key in starts:
            found[key] = starts[record.key][record.number - 1]
    return found
