"""Retire: worn cases leave the eval set for a file beside it, with the reason and the day."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from driftcheck.config import Config
from driftcheck.curating.carrying_out import config_name
from driftcheck.curating.case_records import CaseRecord, by_file, fields_in, records_of
from driftcheck.curating.wearing_out import Reason, Worn
from driftcheck.editing import Edit, EditableFile, new_file
from driftcheck.editing.proposals import beside
from driftcheck.editing.record_paths import copied, put
from driftcheck.editing.set_aside_files import opened
from driftcheck.errors import InputError
from driftcheck.ledger.events import Retired
from driftcheck.numbers import count
from driftcheck.records import EvalSet
from driftcheck.sizes import MIN_CASES


@dataclass(frozen=True)
class Retirement:
    """What a retirement will do."""

    edits: tuple[Edit, ...]
    worn: tuple[Worn, ...]
    """Cases that go."""
    staying: Mapping[str, tuple[str, ...]]
    """Ids of cases that stay though they were found or named, by the reason in words."""
    n_left: int
    """Cases that the eval set has afterwards."""
    event: Retired


def plan_retirement(
    worn: Sequence[Worn],
    eval_set: EvalSet,
    config: Config,
    *,
    as_of: dt.date,
    guards: frozenset[str] = frozenset(),
    note: str | None = None,
) -> Retirement:
    """Plan which cases leave; one that was found for several reasons goes for the first.

    Cases that were named always go; of those that were found, the guards against a known regression stay. A record
    that several cases come of (a promptfoo test with lists of variables) goes when all of them do.

    Args:
        worn: the cases.
        eval_set: the set, as it is.
        config: drift.yaml.
        as_of: the day taken as today.
        guards: cases that stay, unless they were named.
        note: reason in the user's words, for the record.

    Raises:
        InputError: a file cannot be edited, or too few cases would be left.

    """
    reasons: dict[str, Worn] = {}
    for one in worn:
        reasons.setdefault(one.case_id, one)
    staying: dict[str, list[str]] = {}
    for case_id in sorted(guards & reasons.keys()):
        if reasons[case_id].reason is not Reason.NAMED:
            staying.setdefault("guards against a known regression", []).append(case_id)
            del reasons[case_id]
    going = []
    for record in records_of(reasons.keys(), eval_set):
        others = [case_id for case_id in record.case_ids if case_id not in reasons]
        if others:
            for case_id in sorted(set(record.case_ids) & reasons.keys()):
                staying.setdefault(f"shares its record with {others[0]}", []).append(case_id)
                del reasons[case_id]
        else:
            going.append(record)
    n_left = eval_set.n_cases - len(reasons)
    # whoever names cases knows what is left; a finding does not
    least = 1 if all(one.reason is Reason.NAMED for one in reasons.values()) else MIN_CASES
    if reasons and n_left < least:
        raise InputError(
            config.where("eval_set"),
            f"only {count(n_left, 'case')} would be left of {eval_set.n_cases:,}, and an audit needs {MIN_CASES}",
            "name the cases that are to go, or refresh the set first",
        )
    edits = []
    for file, records in by_file(going):
        edits += _moved(file, records, reasons, as_of, note)
    n_by_reason = Counter(one.reason.value for one in reasons.values())
    return Retirement(
        edits=tuple(edits),
        worn=tuple(sorted(reasons.values(), key=lambda one: (list(Reason).index(one.reason), one.case_id))),
        staying={why: tuple(ids) for why, ids in sorted(staying.items())},
        n_left=n_left,
        event=Retired(at=as_of, config=config_name(config), reasons=dict(sorted(n_by_reason.items()))),
    )


def _moved(
    file: EditableFile, records: Sequence[CaseRecord], reasons: Mapping[str, Worn], as_of: dt.date, note: str | None
) -> list[Edit]:
    """Records out of their file, and into the one of the retired beside it."""
    if len(records) == len(file.records):
        raise InputError(file.name, "would be left without cases", "take it out of eval_set: in drift.yaml instead")
    fields = fields_in(file, is_referred=records[0].is_referred)
    retired = []
    for record in records:
        value: dict[str, Any] = copied(file.records[record.number].value)
        put(value, fields.path("retired"), as_of.isoformat())
        first = reasons[record.case_ids[0]]
        said = () if first.reason is Reason.NAMED else (f"{first.reason}: {first.detail}",)
        put(value, fields.path("retired_reason"), "; ".join([*said, *([note] if note else [])]) or Reason.NAMED.value)
        retired.append(value)
    target = beside(file.path, "retired")
    name = str(beside(Path(file.name), "retired"))
    return [file.edited(remove=[record.number for record in records]), _added(target, name, file, retired)]


def _added(target: Path, name: str, like: EditableFile, records: Sequence[Mapping[str, Any]]) -> Edit:
    there = opened(target)
    return there.edited(append=records) if there else new_file(target, like, records, name=name)
