"""Where sealed inputs stand outside the seal: in the tuned set and its files, in prompts, in what was proposed."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from driftcheck.config import Config
from driftcheck.errors import InputError
from driftcheck.lengths import words_of
from driftcheck.loaders.source import find_sources
from driftcheck.places import place_of
from driftcheck.records import EvalSet
from driftcheck.seal_file import Closed
from driftcheck.seals import Leak, LeakFinder, SealState

MAX_PROMPT = 1 << 23
"""Bytes of a prompt, and of a file of the eval set that is searched beside its cases."""
MAX_LEAKS = 200
"""Places that are named."""
BESIDE = ("proposals", "retired")
"""Files beside the eval set that hold cases too: NAME.proposals.EXT and NAME.retired.EXT."""
_ITEM = re.compile(r"\s*(?:[-*+#>|]|\d+[.)]|\w+:|<\w)")
"""Begins an item: of a list, a heading, a turn of a dialogue, a key of YAML, a tag."""
_ESCAPE = re.compile(r"\\[nrtbf\"/]")


def search_leaks(closed: Closed, config: Config, eval_set: EvalSet) -> SealState | None:
    """State of the seal with its leaks; None where nothing is sealed.

    Raises:
        InputError: a prompt that drift.yaml names cannot be read.

    """
    state = closed.state()
    if state is None or closed.envelope is None:
        return state
    finder = LeakFinder(closed.envelope.marks)
    frame = eval_set.frame
    leaks: list[Leak] = []
    known: set[int] = set()
    for case_id, text, expected in zip(frame["case_id"], frame["input"], frame["expected"], strict=True):
        found = finder.in_case(text, expected if isinstance(expected, str) else None)
        known |= found
        if found:
            leaks.append(Leak(str(case_id), len(found), case_id=str(case_id)))
    own = [path for name in dict.fromkeys(map(place_of, frame["where"])) if (path := Path(name.path)).is_file()]
    own = list(dict.fromkeys(own))
    for path in own:
        # what its cases hold is told by their ids; the file may hold more, such as comments and prompts
        leaks += leaks_in_text(finder, _data(path, path.as_posix(), skips=True), path.as_posix(), known, by_line=True)
    leaks += leaks_beside(finder, config, own)
    return replace(state, leaks=tuple(leaks[:MAX_LEAKS]))


def leaks_beside(finder: LeakFinder, config: Config, files: Iterable[Path]) -> Iterator[Leak]:
    """Leaks in the prompts that drift.yaml names, and in proposals and retired cases beside files of the eval set.

    Raises:
        InputError: a prompt cannot be read.

    """
    patterns = [os.path.normpath(config.folder / pattern) for pattern in config.settings.prompts]
    for source in find_sources(patterns, base=Path()) if patterns else ():
        if source.path is not None:
            yield from leaks_in_text(finder, _data(source.path, source.name, skips=False), source.name, set())
    for path in files:
        for kind in BESIDE:
            for beside in sorted(path.parent.glob(f"{_literal(path.stem)}.{kind}.*")):
                name = beside.as_posix()
                yield from leaks_in_text(finder, _data(beside, name, skips=True), name, set())


def leaks_in_text(
    finder: LeakFinder, data: bytes, name: str, known: Collection[int], *, by_line: bool = False
) -> Iterator[Leak]:
    """Leaks in a text, but for sealed cases that are known to stand in it.

    A copy may go on over lines, but not from one item of a list into the next (of a lot of questions on one topic two
    neighbours may well hold the words of a third), nor over an empty line; with `by_line` over none.
    """
    at: dict[int, int] = {}
    for block in _blocks(data.decode("utf-8", "replace").split("\n"), by_line=by_line):
        words: list[str] = []
        line_of: list[int] = []
        for number, line in block:
            some = words_of(_ESCAPE.sub(" ", line))
            words += some
            line_of += [number] * len(some)
        for case, position in finder.in_words(words):
            if case not in known:
                at[line_of[position]] = at.get(line_of[position], 0) + 1
    for line_number, n in sorted(at.items()):
        yield Leak(f"{name}:{line_number}", n)


def _blocks(lines: Sequence[str], *, by_line: bool) -> Iterator[list[tuple[int, str]]]:
    """Numbered lines that belong together."""
    block: list[tuple[int, str]] = []
    for number, line in enumerate(lines, 1):
        if block and (by_line or not line.strip() or _ITEM.match(line)):
            yield block
            block = []
        block.append((number, line))
    yield block


def _literal(stem: str) -> str:
    return re.sub(r"([*?[])", r"[\1]", stem)


def _data(path: Path, name: str, *, skips: bool) -> bytes:
    """A text; nothing where it is too large or no text and `skips`.

    Raises:
        InputError: it cannot be read.

    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_PROMPT + 1)
    except OSError as problem:
        raise InputError(name, f"cannot be read: {problem.strerror or problem}") from None
    if len(data) > MAX_PROMPT or b"\0" in data[:4096]:
        if skips:
            return b""
        raise InputError(name, "is no text of a prompt" if b"\0" in data[:4096] else "is larger than any prompt")
    return data
