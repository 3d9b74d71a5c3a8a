"""Validate: a person looked at cases and found that they still hold."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from driftcheck.checks.case_days import seconds_of
from driftcheck.config import Config
from driftcheck.curating.carrying_out import config_name
from driftcheck.curating.case_records import CaseRecord, by_file, check_ids, fields_in, records_of
from driftcheck.editing import Edit
from driftcheck.editing.case_files import read_anew
from driftcheck.errors import ConfigError, InputError
from driftcheck.ledger.events import Validated
from driftcheck.records import EvalSet


@dataclass(frozen=True)
class Validation:
    """What a validation will do."""

    edits: tuple[Edit, ...]
    case_ids: tuple[str, ...]
    """Cases that are renewed."""
    beside: tuple[str, ...]
    """Cases that are renewed because they share a record with one of those named."""
    unexpired: tuple[str, ...]
    """Cases that lose an `expires` that has passed."""
    event: Validated


def plan_validation(
    ids: Sequence[str], eval_set: EvalSet, config: Config, *, as_of: dt.date, expires: dt.date | None = None
) -> Validation:
    """Plan the renewal of cases: `validated` becomes the day, and what says that they have expired goes.

    Args:
        ids: the cases.
        eval_set: the set.
        config: drift.yaml.
        as_of: the day taken as today.
        expires: until when they hold from now on; None leaves an `expires` to come as it is and takes out a past one,
            so that nothing stays expired that somebody has just looked at.

    Raises:
        ConfigError: no case has such an id, or `expires` has passed.
        InputError: a file cannot be edited.

    """
    check_ids(ids, eval_set)
    if expires is not None and expires < as_of:
        raise ConfigError("--expires", f"{expires} is past")
    ends = dict(zip(eval_set.frame["case_id"].astype(str), eval_set.frame["expires_at"].tolist(), strict=True))
    records = records_of(ids, eval_set)
    unexpired: list[str] = []
    edits = []
    for file, own in by_file(records):
        is_referred = own[0].is_referred
        fields = fields_in(file, is_referred=is_referred)
        update: dict[int, Mapping[tuple[str, ...], object]] = {}
        for record in own:
            value = file.records[record.number].value
            said: dict[str, object] = {"validated": as_of.isoformat()}
            if expires is not None:
                said["expires"] = expires.isoformat()
            changes = fields.changes(value, said)
            path = fields.found(value, "expires")
            if expires is None and path is not None and _has_passed(record, ends, as_of):
                changes[path] = None
                unexpired += record.case_ids
            update[record.number] = changes
        edit = file.edited(update=update)
        if read_anew(edit, config, is_referred=is_referred) != []:
            raise InputError(file.name, "would be read as other cases with this in it", "edit it by hand")
        edits.append(edit)
    renewed = {case_id for record in records for case_id in record.case_ids}
    return Validation(
        edits=tuple(edits),
        case_ids=tuple(sorted(renewed)),
        beside=tuple(sorted(renewed - set(ids))),
        unexpired=tuple(sorted(unexpired)),
        event=Validated(at=as_of, config=config_name(config), n_cases=len(renewed)),
    )


def _has_passed(record: CaseRecord, ends: Mapping[str, float], as_of: dt.date) -> bool:
    return any(ends[case_id] <= seconds_of(as_of) for case_id in record.case_ids)
