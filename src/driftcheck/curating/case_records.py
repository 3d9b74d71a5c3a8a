"""From the ids that reports print to the records of the eval set's files."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from driftcheck.editing import EditableFile, locate
from driftcheck.editing.fields import Fields, fields_of
from driftcheck.errors import ConfigError
from driftcheck.records import EvalSet


@dataclass(frozen=True)
class CaseRecord:
    """One record of a file, and all cases that were read of it."""

    file: EditableFile
    number: int
    case_ids: tuple[str, ...]
    is_referred: bool
    """A promptfoo config names the file in its `tests`: its rows are tests, whatever they look like."""


def check_ids(ids: Sequence[str], eval_set: EvalSet) -> None:
    """Refuse an id that no case has.

    Raises:
        ConfigError: with the nearest that there is.

    """
    known = set(eval_set.frame["case_id"].astype(str))
    for word in ids:
        if word not in known:
            near = difflib.get_close_matches(word, sorted(known), n=1)
            hint = f"did you mean {near[0]}?" if near else "the report and `audit --export` list the ids"
            raise ConfigError(word, "no case has this id", hint)


def records_of(ids: Collection[str], eval_set: EvalSet) -> tuple[CaseRecord, ...]:
    """Find the records of cases, in the order of the files.

    Raises:
        InputError: a case stands in no record that could be edited.

    """
    frame = eval_set.frame
    wanted = frame[frame["case_id"].astype(str).isin(list(ids))]
    places = locate(dict.fromkeys(wanted["where"]))
    alike: dict[str, list[str]] = {}
    for where, case_id in zip(frame["where"], frame["case_id"], strict=True):
        alike.setdefault(where, []).append(str(case_id))
    named = {report.path for report in eval_set.reports}
    found = [
        CaseRecord(place.file, place.number, tuple(alike[where]), is_referred=place.file.name not in named)
        for where, place in places.items()
    ]
    return tuple(sorted(found, key=lambda one: (one.file.name, one.number)))


def by_file(records: Sequence[CaseRecord]) -> list[tuple[EditableFile, list[CaseRecord]]]:
    """Records with the file that they are of, file by file."""
    files: dict[Path, tuple[EditableFile, list[CaseRecord]]] = {}
    for record in records:
        files.setdefault(record.file.path, (record.file, []))[1].append(record)
    return list(files.values())


def fields_in(file: EditableFile, *, is_referred: bool) -> Fields:
    """Where the records of a file keep dates and owners."""
    format = "promptfoo-tests" if is_referred else file.format
    return fields_of(format, [record.value for record in file.records], is_csv=bool(file.columns))
