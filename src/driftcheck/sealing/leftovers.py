"""What a seal leaves in the open: copies in the tuned set and in prompts, opened cases, old results, git's history."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

from driftcheck.config import Config
from driftcheck.editing import Edit
from driftcheck.editing.case_files import CaseFile
from driftcheck.errors import InputError
from driftcheck.intake import Sources
from driftcheck.leak_search import leaks_beside, leaks_in_text
from driftcheck.loaders.source import project_of
from driftcheck.numbers import count
from driftcheck.records import Case
from driftcheck.seal_file import UNSEALED
from driftcheck.sealing.choosing import Candidate
from driftcheck.sealing.key import Key
from driftcheck.seals import LeakFinder, Marks
from driftcheck.sizes import MIN_CASES

_MAX_ID = 40
_MAX_NAMED = 5
"""Copies that a refusal names."""
_MAX_RESULTS = 1 << 24
"""Bytes of a file of results that is searched for inputs of sealed cases."""


def leftovers(
    config: Config,
    key: Key,
    marks: Marks,
    files: Sequence[CaseFile],
    records: Sequence[Candidate],
    leaving: Sequence[Candidate],
    edits: Sequence[Edit],
) -> Iterator[str]:
    """What the seal cannot mend, each in one line that quotes nothing sealed.

    Args:
        config: drift.yaml.
        key: of the seal.
        marks: of all cases that the seal will hold.
        files: of the tuned set.
        records: of the tuned set before.
        leaving: those of them that are sealed.
        edits: what becomes of the files.

    Raises:
        InputError: a prompt that drift.yaml names cannot be read.

    """
    if key.warning:
        yield key.warning
    if len(marks.cases) < MIN_CASES:
        yield f"{count(len(marks.cases), 'sealed case')}: below {MIN_CASES} sealed-gap says nothing"
    finder = LeakFinder(marks)
    gone = {(one.file.path, one.number) for one in leaving}
    known: set[int] = set()
    for record in records:
        if (record.file.path, record.number) in gone:
            continue
        for case in record.cases:
            found = finder.in_case(case.input_text or "", _expected(case))
            known |= found
            if found:
                where = shown_id(case.case_id, case.input_text or "") or case.where
                yield f"{where} stays in the tuned set and holds the input of a sealed case: seal-integrity will fail"
    after = {edit.path: edit.after for edit in edits}
    for file in files:
        if file.path in after:
            for leak in leaks_in_text(finder, after[file.path], file.file.name, known, by_line=True):
                yield f"{leak.where} still holds the input of a sealed case: seal-integrity will fail"
    for leak in leaks_beside(finder, config, [file.path for file in files]):
        yield f"{leak.where} holds the input of a sealed case: seal-integrity will fail"
    yield from _opened_before(config)
    yield from _older_results(config, finder)
    root = project_of(files[0].path.parent) if files else Path()
    if os.path.lexists(root / ".git"):
        yield "what was committed before stays in git's history, and so do these cases if they were"


def refuse_copies(marked: Sequence[Candidate], others: Sequence[Candidate], salt: bytes) -> None:
    """Refuse to seal marked cases of which copies would stay in the tuned set: the next audit would fail.

    Args:
        marked: records that are to be sealed.
        others: those that stay.
        salt: of the seal.

    Raises:
        InputError: a case that stays holds the input of one that is marked.

    """
    empty = Marks(salt, ())
    asked = [(case.input_text or "", _expected(case)) for one in marked for case in one.cases]
    finder = LeakFinder(Marks(salt, tuple(empty.mark(*one, None, batch=0) for one in asked)))
    copies = [
        shown_id(case.case_id, case.input_text or "") or case.where
        for one in others
        for case in one.cases
        if finder.in_case(case.input_text or "", _expected(case))
    ]
    if copies:
        n_more = len(copies) - _MAX_NAMED
        verb = "is not marked and holds" if len(copies) == 1 else "are not marked and hold"
        raise InputError(
            others[0].file.file.name,
            f"{', '.join(copies[:_MAX_NAMED])}{f' and {n_more:,} more' if n_more > 0 else ''} {verb} the input of a "
            "case to be sealed",
            "mark copies by `split: sealed` too, or take the mark off what they copy",
        )


def _opened_before(config: Config) -> Iterator[str]:
    """Plaintext of openings that is still where `unseal` puts it."""
    folder = config.ledger_folder / UNSEALED if config.ledger_folder else None
    for path in sorted(folder.iterdir()) if folder and folder.is_dir() else ():
        if path.is_file() and path.name != ".gitignore":
            yield f"{path.as_posix()} holds cases that were opened: delete it if its release is decided"


def _older_results(config: Config, finder: LeakFinder) -> Iterator[str]:
    """Files of results that hold inputs of sealed cases, from when they were tuned against."""
    found: dict[str, int] = {}
    with ExitStack() as stack, suppress(InputError):  # no results yet, or none that can be opened: no hint either
        for source in Sources(config, stack, ()).find("runs", None, required=False):
            if source.path is None:
                continue
            with source.open() as stream:
                data = stream.read(_MAX_RESULTS + 1)
            if len(data) > _MAX_RESULTS:
                yield f"{source.name} is too large to be searched for inputs of sealed cases"
            else:
                n = sum(leak.n_cases for leak in leaks_in_text(finder, data, source.name, set(), by_line=True))
                found |= {source.name: n} if n else {}
    if found:
        most = max(found, key=lambda name: found[name])
        others = count(len(found) - 1, "other file")
        more = f", as {'does' if len(found) == 2 else 'do'} {others} of results" if len(found) > 1 else ""
        yield f"{most} holds inputs of {count(found[most], 'sealed case')}, of a run before the seal{more}"


def _expected(case: Case) -> str | None:
    return case.expected[0] if case.expected else None


def shown_id(own_id: str | None, text: str) -> str:
    """Id of a case unless it is a text, as descriptions are that serve as ids: what is printed is kept by CI."""
    if own_id is None or len(own_id) > _MAX_ID or len(own_id.split()) != 1:
        return ""
    return "" if own_id.casefold() in text.casefold() or text.casefold().strip() in own_id.casefold() else own_id
