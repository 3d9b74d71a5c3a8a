"""The commits of one file: when each of its lines was written."""

from __future__ import annotations

import os
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from driftcheck.git_dates.git import Git

_EMPTY_CELLS = re.compile(rb'(?:[,;\t|](?:"")?)+\r?\Z')
"""At the end of a row, whatever its delimiter."""
_LOOKS = 32
"""Commits of one file that are looked through for added empty cells."""


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


class History:
    """The commits of one file."""

    def __init__(self, git: Git, *, is_table: bool) -> None:
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
        then_of = unchanged(then, lines, is_table=True)
        known = [line for line in own if line in then_of]
        times = self.written(commit, name, then) if known else {}
        return {line: times[then_of[line]] for line in known if then_of[line] in times}

    @cached_property
    def _root(self) -> str:
        """The way from git's folder to the repository's root: git takes a path as from where it is asked."""
        return os.fsdecode(self._git.ask("rev-parse", "--show-cdup").rstrip(b"\n"))


def unchanged(then: Sequence[bytes], now: Sequence[bytes], *, is_table: bool) -> dict[int, int]:
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
