"""Git's dates: when the line on which a case starts was written, for eval sets that say nothing of their age.

Only what is committed is asked for (`git blame HEAD`), never the working copy, which git would read through filters
that a repository may configure: nothing of the repository is run, no text conversion, hook, pager or file system
monitor, and nothing is fetched. Lines that were changed since are found by comparing, and have no date.

A new column of a CSV gives every row an empty cell, which is no new row: there, empty cells at the end of a line do not
count, and a line to which a commit added nothing else has the date that it had before.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

SECONDS = 20.0
"""Time for all questions to git together."""
MAX_BYTES = 64 << 20
"""Largest file that is looked at."""
_RECORD = re.compile(
    r"(?P<path>.+?)(?::(?P<line>[1-9]\d{0,8})|#(?P<number>[1-9]\d{0,8})(?: in (?P<list>.+))?)", re.DOTALL
)
_PACKED = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PK\x03\x04", b"PAR1")
_SAFE = (
    *("--no-pager", "--no-optional-locks", "--literal-pathspecs"),
    *("-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}", "-c", "core.untrackedCache=false"),
    *("-c", "core.quotePath=false"),  # file names as they are
    *("-c", "safe.bareRepository=explicit", "-c", "protocol.allow=never"),
)
_HERE = (
    *("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY"),
    *("GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_NAMESPACE", "GIT_EXTERNAL_DIFF", "GIT_GRAFT_FILE", "GIT_SHALLOW_FILE"),
    *("GIT_CEILING_DIRECTORIES", "GIT_CONFIG_PARAMETERS", "GIT_TRACE", "GIT_TRACE2", "GIT_TRACE2_EVENT"),
)
"""What a hook of another repository leaves in the environment, and what would write."""
_TABLES = (".csv", ".tsv", ".tab", ".txt")
_EMPTY_CELLS = re.compile(rb'(?:[,;\t|](?:"")?)+\r?\Z')
"""At the end of a row, whatever its delimiter."""
_LOOKS = 32
"""Commits of one file that are looked through for added empty cells."""
_LISTS = 3
_SPACE = re.compile(r"[ \t\n\r]*")


@dataclass(frozen=True)
class _Record:
    """Where a record stands in its file: on a line, or as an item of a list of JSON, counted from one."""

    line: int | None
    number: int | None
    key: str | None
    """Key of that list, where the file has several."""


class _NoDates(Exception):
    """Git cannot date a file, with why."""


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
    until = time.monotonic() + SECONDS
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
        except _NoDates as problem:
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
    git = _Git(path.parent, until)
    state = git.ask("rev-parse", "--is-shallow-repository", "--is-inside-work-tree", "--show-prefix").split(b"\n")
    if b"true" not in state[1:2]:
        raise _NoDates(f"{path.name} is in no git repository")
    if state[:1] == [b"true"]:
        raise _NoDates(
            "the clone is shallow: its oldest commit would date every line (actions/checkout: fetch-depth: 0)"
        )
    try:
        committed = git.ask("cat-file", "blob", f"HEAD:./{path.name}")
    except _NoDates:
        raise _NoDates(f"{path.name} is not committed to git") from None
    is_table = path.suffix.lower() in _TABLES
    then_of = _unchanged(committed.split(b"\n"), now.split(b"\n"), is_table=is_table)
    name = os.fsdecode(b"".join(state[2:3])) + path.name
    blamed = _History(git, is_table=is_table).written("HEAD", name, committed.split(b"\n"))
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
            raise _NoDates(f"{path.name} is no file")
        if path.stat().st_size > MAX_BYTES:
            raise _NoDates(f"{path.name} is larger than {MAX_BYTES >> 20} MB")
        content = path.read_bytes()
    except (OSError, ValueError):
        raise _NoDates(f"{path.name} cannot be read") from None
    if content.startswith(_PACKED) or b"\0" in content[:8_000]:
        raise _NoDates(f"{path.name} is packed or no UTF-8 text, of which git keeps no lines")
    return content


def _lines_of(content: bytes, records: Mapping[str, _Record]) -> dict[str, int]:
    """Line on which each record starts, counted from one; of JSON, whose records have numbers, it is looked for."""
    last: dict[str | None, int] = {}
    for record in records.values():
        if record.number:
            last[record.key] = max(record.number, last.get(record.key, 0))
    starts = _json_starts(content, last)
    found = {}
    for key, record in records.items():
        if record.line:
            found[key] = record.line
        elif record.number and record.key in starts:
            found[key] = starts[record.key][record.number - 1]
    return found


def _json_starts(content: bytes, last: Mapping[str | None, int]) -> dict[str | None, list[int]]:
    """Lines on which the items of a JSON text's lists of objects start.

    Args:
        content: the text.
        last: number of the last item that is asked for, by the key of its list, or None where the file has but one.

    Returns:
        The lists that can be found without doubt.

    """
    try:
        text = content.decode("utf-8-sig")
        lists = list(_lists(text)) if last else []
    except (ValueError, RecursionError, IndexError):
        return {}
    found: dict[str | None, list[int]] = {}
    for name, least in last.items():
        meant = [items for key, items in lists if len(items) >= least and name in (None, key)]
        if len(meant) == 1:
            found[name], line, at = [], 1, 0
            for position in meant[0]:
                line += text.count("\n", at, position)
                at = position
                found[name].append(line)
    return found


_Lists = list[tuple[str, list[int]]]
"""Positions of the items of lists, with the keys of the lists."""


def _lists(text: str) -> _Lists:
    """Every list of objects that lies at most `_LISTS` objects deep."""
    decoder = json.JSONDecoder(strict=False)
    at = _skip(text, 0)
    if text[at : at + 1] == "[":
        return [("", _items(text, at, decoder)[0])]
    return _in_object(text, at, decoder, 1)[0] if text[at : at + 1] == "{" else []


def _in_object(text: str, at: int, decoder: json.JSONDecoder, depth: int) -> tuple[_Lists, int]:
    found: _Lists = []
    at = _skip(text, at + 1)
    while text[at] != "}":
        key, at = decoder.raw_decode(text, at)
        at = _skip(text, at)
        if text[at] != ":":
            raise ValueError
        at = _skip(text, at + 1)
        if text[at] == "[":
            items, at = _items(text, at, decoder)
            found += [(str(key), items)] if items else []
        elif text[at] == "{" and depth < _LISTS:
            inner, at = _in_object(text, at, decoder, depth + 1)
            found += inner
        else:
            _, at = decoder.raw_decode(text, at)
        at = _skip(text, at)
        if text[at] == ",":
            at = _skip(text, at + 1)
        elif text[at] != "}":
            raise ValueError
    return found, at + 1


def _items(text: str, at: int, decoder: json.JSONDecoder) -> tuple[list[int], int]:
    """Where the first keys of the list's items stand, and where the list ends; no items where one is no object."""
    starts, are_objects = [], True
    at = _skip(text, at + 1)
    while text[at] != "]":
        # a brace is like any other, and a diff may take it for its neighbour's: the first key tells items apart
        starts.append(_skip(text, at + 1) if text[at] == "{" else at)
        value: Any
        value, at = decoder.raw_decode(text, at)
        are_objects = are_objects and isinstance(value, dict)
        at = _skip(text, at)
        if text[at] == ",":
            at = _skip(text, at + 1)
        elif text[at] != "]":
            raise ValueError
    return (starts if are_objects else []), at + 1


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


@dataclass(frozen=True)
class _Run:
    """Lines of a file that stand together and were written by one commit."""

    first: int
    """The first of them, counted from one."""
    n: int
    commit: bytes
    at: float | None
    """The commit's author date, unix seconds."""
    before: tuple[bytes, bytes] | None
    """The commit's parent, and what the file is called there; None where it is new."""


def _runs(blame: bytes) -> list[_Run]:
    r"""Lines by their commit, from `git blame --incremental`.

    >>> [(run.first, run.n, run.at) for run in _runs(b"%s 1 4 2\nauthor-time 1780272000\nfilename a\n" % (b"0" * 40))]
    [(4, 2, 1780272000.0)]
    """
    runs = []
    times: dict[bytes, float] = {}
    parents: dict[bytes, tuple[bytes, bytes]] = {}
    commit, first, n = b"", 0, 0
    for line in blame.split(b"\n"):
        key, _, rest = line.partition(b" ")
        if key == b"author-time":
            times[commit] = float(rest)
        elif key == b"previous":
            parent, _, name = rest.partition(b" ")
            parents[commit] = (parent, name)
        elif key == b"filename":  # ends an entry
            runs.append(_Run(first, n, commit, times.get(commit), parents.get(commit)))
        elif len(key) >= 40 and len(parts := rest.split()) == 3 and all(part.isdigit() for part in parts):
            commit, first, n = key, int(parts[1]), int(parts[2])
    return runs


class _History:
    """The commits of one file."""

    def __init__(self, git: _Git, *, is_table: bool) -> None:
        self._git = git
        self._is_table = is_table
        self._n_left = _LOOKS

    def written(self, commit: str, name: str, lines: Sequence[bytes]) -> dict[int, float]:
        """Author date of each line of the file as it is in a commit.

        Args:
            commit: the commit.
            name: what the file is called there, from the repository's root.
            lines: its text there.

        """
        top = f"{self._root}{name}"
        blame = self._git.ask("blame", "--incremental", "--no-textconv", "--no-ext-diff", commit, "--", top)
        runs = [run for run in _runs(blame) if run.at is not None]
        times = {line: run.at or 0.0 for run in runs for line in range(run.first, run.first + run.n)}
        padded: defaultdict[tuple[bytes, bytes], list[int]] = defaultdict(list)
        for run in runs if self._is_table else ():
            if run.before is not None and not run.before[1].startswith(b'"'):  # a quoted name is of another alphabet
                padded[run.before] += [
                    line for line in range(run.first, run.first + run.n) if _EMPTY_CELLS.search(lines[line - 1])
                ]
        for (parent, there), own in sorted(padded.items(), key=lambda one: -len(one[1])):
            if own and self._n_left:
                self._n_left -= 1
                times |= self._before(parent.decode("ascii"), os.fsdecode(there), lines, own)
        return times

    def _before(self, commit: str, name: str, lines: Sequence[bytes], own: Sequence[int]) -> dict[int, float]:
        """Dates of those of the lines that stood in an earlier commit, but for empty cells at their end."""
        then = self._git.ask("cat-file", "blob", f"{commit}:{name}").split(b"\n")
        then_of = _unchanged(then, lines, is_table=True)
        known = [line for line in own if line in then_of]
        times = self.written(commit, name, then) if known else {}
        return {line: times[then_of[line]] for line in known if then_of[line] in times}

    @cached_property
    def _root(self) -> str:
        """The way from git's folder to the repository's root: git takes a path as from where it is asked."""
        return os.fsdecode(self._git.ask("rev-parse", "--show-cdup").rstrip(b"\n"))


def _unchanged(then: Sequence[bytes], now: Sequence[bytes], *, is_table: bool) -> dict[int, int]:
    """Line of `then` for each line of `now` that is the same, counted from one; line ends do not count.

    What is alike at the start and at the end is taken as it stands; between, a line is known again where both texts
    have it once. Of a table, empty cells at the end of a line do not count either.
    """
    old, new = ([_bare(line, is_table=is_table) for line in text] for text in (then, now))
    shorter = min(len(old), len(new))
    head = next((row for row in range(shorter) if old[row] != new[row]), shorter)
    rest = shorter - head
    tail = next((row for row in range(rest) if old[-1 - row] != new[-1 - row]), rest)
    found = {row + 1: row + 1 for row in range(head)}
    found |= {len(new) - row: len(old) - row for row in range(tail)}
    row_of: dict[bytes, int] = {}
    once = Counter(old[head : len(old) - tail])
    for row in range(head, len(old) - tail):
        row_of[old[row]] = row + 1
    n_new = Counter(new[head : len(new) - tail])
    for row in range(head, len(new) - tail):
        if once.get(new[row]) == 1 and n_new[new[row]] == 1:
            found[row + 1] = row_of[new[row]]
    return found


def _bare(line: bytes, *, is_table: bool) -> bytes:
    line = line.rstrip(b"\r")
    return _EMPTY_CELLS.sub(b"", line) if is_table else line


class _Git:
    """Asks git in a folder, without letting the repository do anything."""

    def __init__(self, folder: Path, until: float) -> None:
        program = shutil.which("git")
        if program is None:
            raise _NoDates("git is not installed")
        self._program = program
        self._folder = folder
        self._until = until

    def ask(self, *words: str) -> bytes:
        """Output of a git command; raises _NoDates with git's own first line where it has none."""
        left = self._until - time.monotonic()
        if left <= 0:
            raise _NoDates(f"git took longer than {SECONDS:.0f} seconds")
        environment = {name: value for name, value in os.environ.items() if name not in _HERE}
        environment |= {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0"}
        environment |= {"GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "none"}  # nothing is fetched
        try:
            done = subprocess.run(
                [self._program, *_SAFE, *words],
                cwd=self._folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=left,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise _NoDates(f"git took longer than {SECONDS:.0f} seconds") from None
        except (OSError, ValueError):
            raise _NoDates("git cannot be run") from None
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines()
            why = said[0].removeprefix("fatal: ")[:120] if said else f"git ended with {done.returncode}"
            raise _NoDates("it is no git repository" if "not a git repository" in why else f"git says: {why}")
        return done.stdout
