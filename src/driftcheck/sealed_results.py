"""Results of sealed cases, told from those of the tuned set by the hashes of the closed seal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from driftcheck.joining import normalised
from driftcheck.records import EvalSet, LoadReport, Result
from driftcheck.seals import Marks, SealedCase

_CLOCKS = 300.0
"""Seconds by which the clock of a run may be behind that of the opening."""
_DAY = 86_400.0

Named = tuple[str, Result]
"""A result, and the name of its file."""


def part_sealed(
    results: Sequence[Named], marks: Marks, opened: Callable[[SealedCase], float | None], eval_set: EvalSet
) -> tuple[list[Named], list[Named]]:
    """Split results into those of anything else and those of sealed cases since they were opened.

    Results of a sealed case from before are in neither: it was tuned against then. A run that holds nothing but sealed
    cases can only be of an opened seal, and needs no more than the day.

    Args:
        results: (name of the file, result) pairs.
        marks: what tells sealed cases apart.
        opened: when a case was first opened, unix seconds; None where it never was.
        eval_set: the tuned set; what it has goes before what is sealed, as a leak does.

    """
    inputs = {normalised(text) for text in eval_set.frame["input"]}
    ids = set(eval_set.frame["own_id"].dropna())
    rest: list[Named] = []
    sealed: list[tuple[Named, SealedCase]] = []
    for one in results:
        result = one[1]
        is_tuned = bool(result.input_text) and normalised(result.input_text or "") in inputs
        own_id = None if result.case_id in ids else result.case_id
        number = None if is_tuned else marks.case_of(result.input_text, own_id)
        if number is None:
            rest.append(one)
        else:
            sealed.append((one, marks.cases[number]))
    mixed = {_run(one) for one in rest}
    return rest, [one for one, case in sealed if _is_since(one[1], opened(case), is_alone=_run(one) not in mixed)]


def by_batch(sealed: Iterable[Named], marks: Marks) -> dict[int, list[Named]]:
    """Results of sealed cases by the number of the seal that their cases came with, in order."""
    found: dict[int, list[Named]] = {}
    for one in sealed:
        number = marks.case_of(one[1].input_text, one[1].case_id)
        if number is not None:
            found.setdefault(marks.cases[number].batch, []).append(one)
    return dict(sorted(found.items()))


def without_sealed_example(report: LoadReport, marks: Marks) -> LoadReport:
    """A report that shows no sealed input: its first results are left out where one of them holds one."""
    shown = [record for record in (report.first, *report.examples) if isinstance(record, Result)]
    if all(marks.case_of(record.input_text, record.case_id) is None for record in shown):
        return report
    return replace(report, first=None, examples=())


def _run(one: Named) -> str:
    return one[1].run_id or one[0]


def _is_since(result: Result, opened: float | None, *, is_alone: bool) -> bool:
    if opened is None:
        return False
    if result.run_time is None:
        return is_alone
    # some formats tell the day of a run alone
    return result.run_time >= (opened - opened % _DAY if is_alone else opened - _CLOCKS)
