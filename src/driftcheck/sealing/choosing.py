"""Which cases are sealed: those marked so, or a share by a hash of their content."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from driftcheck.editing.case_files import CaseFile
from driftcheck.errors import ConfigError
from driftcheck.joining import normalised
from driftcheck.numbers import count
from driftcheck.records import Case
from driftcheck.seals import Marks, is_held_out, near_groups


@dataclass(frozen=True)
class Candidate:
    """One record of the tuned set, with the cases that come of it: they are sealed together or not at all."""

    file: CaseFile = field(repr=False)
    number: int
    cases: tuple[Case, ...] = field(repr=False)

    @property
    def is_marked(self) -> bool:
        """Whether it says that it is to be sealed."""
        return any(is_held_out(case.freshness.split) for case in self.cases)

    def is_in(self, marks: Marks) -> bool:
        """Whether a seal holds all of its cases already, by input and id."""
        known = {(one.input, one.id) for one in marks.cases}
        return all(
            (marks.input_mark(case.input_text or ""), case.case_id and marks.id_mark(case.case_id)) in known
            for case in self.cases
        )


def candidates(files: Sequence[CaseFile]) -> list[Candidate]:
    """Records of the tuned set that hold cases, in the order of the files."""
    found = []
    for file in files:
        by_record: dict[int, list[Case]] = {}
        for number, case in file.cases:
            by_record.setdefault(number, []).append(case)
        found += [Candidate(file, number, tuple(cases)) for number, cases in sorted(by_record.items())]
    return found


def choose(records: Sequence[Candidate], holdout: float | None, seed: int, salt: bytes) -> list[Candidate]:
    """The records to seal: those marked, else a share of the cases.

    The share depends on the inputs and the seed alone, not on ids or order. Copies and near copies of an input go
    together: one in the tuned set would be a leak. What counts as one is told by the sketches that the seal will have,
    whose salt decides between what is near and what is just not.

    Raises:
        ConfigError: none is marked and no share is given, or both, or none fits into it.

    """
    marked = [one for one in records if one.is_marked]
    if marked:
        if holdout is not None:
            raise ConfigError("--holdout", f"{count(len(marked), 'record')} are marked by `split`", "leave it out")
        return marked
    if holdout is None:
        hint = "mark cases by `split: sealed`, or let --holdout 30% choose"
        raise ConfigError("seal", "no case is marked to be sealed", hint)
    wanted = round(holdout * sum(len(one.cases) for one in records))
    if not wanted:
        raise ConfigError("--holdout", "is less than one case", "seal more")
    groups = _alike(records, salt)
    keyed = sorted((min(_order(records[row], seed) for row in group), group) for group in groups)
    chosen: list[int] = []
    n_cases = 0
    for _, group in keyed:
        size = sum(len(records[row].cases) for row in group)
        if n_cases < wanted and n_cases + size - wanted <= wanted - n_cases:  # nearer to it than without
            chosen += group
            n_cases += size
    if not chosen:
        what = "no group of cases that are near copies of each other fits into this share"
        raise ConfigError("--holdout", what, "mark cases by `split: sealed`")
    return [records[row] for row in sorted(chosen)]


def salt_of(records: Sequence[Candidate], seed: int) -> bytes:
    """Salt of a first seal: by inputs and seed, so that what --dry-run shows is what is sealed, near copies and all.

    It is in the open, and tells no more than the hash of each input does: who guesses all of them sees it confirmed.
    """
    inputs = sorted(normalised(case.input_text or "") for one in records for case in one.cases)
    text = "\0".join(["salt of a seal", str(seed), *inputs])
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:16]


def _order(record: Candidate, seed: int) -> str:
    inputs = sorted(normalised(case.input_text or "") for case in record.cases)
    return hashlib.sha256("\0".join([str(seed), *inputs]).encode("utf-8", "surrogatepass")).hexdigest()


def _alike(records: Sequence[Candidate], salt: bytes) -> list[list[int]]:
    """Rows of records in groups that hold copies or near copies of each other's inputs."""
    asked = [(row, (case.input_text or "", _expected(case))) for row, one in enumerate(records) for case in one.cases]
    return near_groups([one for _, one in asked], [row for row, _ in asked], [salt])


def _expected(case: Case) -> str | None:
    return case.expected[0] if case.expected else None
