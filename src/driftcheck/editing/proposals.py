"""The proposals file: cases to be labelled, in the eval set's own format, beside it and out of every gate.

NAME.proposals.EXT lies beside NAME.EXT and holds what `refresh` proposed and nobody has accepted yet. Each record is a
record of the eval set with its expected answer left blank, and what helps to write it: the trace, the slice, the
reason, what production answered and how that was rated. Whoever fills `expected` in writes a name into `reviewer`.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from driftcheck.config import Config
from driftcheck.editing import Edit, EditableFile, Record, new_file
from driftcheck.editing.case_files import CaseFile, file_for, read_case_files
from driftcheck.editing.record_layout import GENERIC, WAY_OUT, RecordLayout
from driftcheck.editing.record_paths import Path as RecordPath
from driftcheck.editing.record_paths import at, put
from driftcheck.editing.set_aside_files import opened
from driftcheck.editing.slice_places import slice_places
from driftcheck.errors import InputError
from driftcheck.loaders.source import Source, set_aside_as
from driftcheck.proposals import Proposal, inert

PRODUCTION = "production"
"""Provenance of what came out of traffic."""
CONTEXT = (
    "slice",
    "reason",
    "production_conversation",
    "production_answer",
    "production_rating",
    "production_comment",
    "reviewer",
)
"""Fields of a proposal that are no fields of a case: they go when it is accepted."""
_LINES = (".jsonl", ".ndjson")


@dataclass(frozen=True)
class OpenProposal:
    """A proposal that lies in its file."""

    number: int
    """Of its record."""
    record: Mapping[str, Any] = field(repr=False)
    case_id: str | None
    input_text: str
    """Masked, as it was written."""
    expected: tuple[str, ...]
    """What a person filled in; empty where nobody has yet."""
    trace_id: str | None
    reviewer: str | None


@dataclass(frozen=True)
class ProposalsFile:
    """A proposals file that is there."""

    file: EditableFile
    layout: RecordLayout
    proposals: tuple[OpenProposal, ...]


def default_path(eval_set_file: Path) -> Path:
    """Where the proposals for an eval set lie.

    >>> default_path(Path("evalsets/support.yaml")).as_posix()
    'evalsets/support.proposals.yaml'
    """
    return beside(eval_set_file, "proposals")


def beside(eval_set_file: Path, what: str) -> Path:
    """Where proposals or retired cases of an eval set lie: NAME.WHAT.EXT."""
    return eval_set_file.with_name(f"{eval_set_file.stem}.{what}{eval_set_file.suffix}")


def plan_proposals(
    sources: Sequence[Source],
    proposals: Sequence[Proposal],
    *,
    config: Config,
    created: dt.date,
    into: Path | None = None,
    out: Path | None = None,
) -> Edit:
    """Lay proposals out as records of the eval set, behind those that are still open.

    Args:
        sources: the eval set.
        proposals: what to write; an id that is taken gets `-2`, `-3`.
        config: drift.yaml, for columns and format of the eval set.
        created: the day taken as today.
        into: the file of the eval set whose format and name to take; by default the one with most cases.
        out: another file than `default_path`; one of JSON lines takes proposals for any eval set.

    Raises:
        InputError: the eval set's format cannot be edited, or where things stand in it cannot be told.
        ConfigError: `into` is no file of the eval set.

    """
    files: tuple[CaseFile, ...] = ()
    target: CaseFile | None = None
    try:
        files = read_case_files(sources, config)
        target = file_for(files, into)
        if out is not None and out.suffix.casefold() != target.path.suffix.casefold():
            raise InputError(str(out), f"does not end as {target.file.name} does", WAY_OUT)
        _ = target.layout
    except InputError as problem:
        if out is None or out.suffix.casefold() not in _LINES:
            hints = (problem.hint, "" if WAY_OUT in problem.hint else WAY_OUT)
            raise InputError(problem.where, problem.what, "; ".join(filter(None, hints))) from None
        target = None
    path = out or default_path(target.path) if target else out
    if path is None:
        raise ValueError("neither an eval set's file nor another to write to")
    layout = target.layout if target else GENERIC
    if set_aside_as(path) != "proposals":  # whatever else lies there, a folder or glob takes in as cases
        raise InputError(str(path), "would be read as an eval set", f"name it {beside(path, 'proposals').name}")
    there = opened(path)
    taken = {case.case_id for one in files for _, case in one.cases}
    taken |= {layout.case_id(record.value) for record in there.records} if there else set()
    places = slice_places(target, config.settings.slices) if target else {}
    records = []
    for proposal in proposals:
        case_id = free_id(proposal.case_id, taken)
        taken.add(case_id)
        records.append(_record(layout, proposal, case_id, created, places))
    if there is not None:
        return there.edited(append=records)
    if target is not None:
        return new_file(path, target.file, records)
    lines = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    return Edit(path, str(path), b"", lines.encode())


def open_proposals(sources: Sequence[Source], config: Config, *, out: Path | None = None) -> tuple[OpenProposal, ...]:
    """What still lies in the proposals files beside an eval set, and in `out`.

    Raises:
        InputError: one of them cannot be read.

    """
    try:
        files = read_case_files(sources, config)
    except InputError:
        files = ()  # of such an eval set there can only be JSON lines of ours
    paths = dict.fromkeys([*(default_path(one.path) for one in files), *([out] if out else [])])
    return tuple(
        proposal for path in paths if (found := read_proposals(path, files)) is not None for proposal in found.proposals
    )


def read_proposals(path: Path, files: Sequence[CaseFile]) -> ProposalsFile | None:
    """Read a proposals file by the layout of the eval set's file that it lies beside; None where it holds nothing.

    Raises:
        InputError: it cannot be read.

    """
    there = opened(path)
    if there is None:
        return None
    layout = _layout_of(there, files)
    proposals = tuple(
        OpenProposal(
            number=record.number,
            record=record.value,
            case_id=layout.case_id(record.value),
            input_text=layout.input_of(record.value),
            expected=layout.expected_of(record.value),
            trace_id=_word(layout.fields.get(record.value, "source_trace_id")),
            reviewer=_word(layout.fields.get(record.value, "reviewer")),
        )
        for record in there.records
    )
    return ProposalsFile(there, layout, proposals)


def _layout_of(there: EditableFile, files: Sequence[CaseFile]) -> RecordLayout:
    """The layout of the neighbour; JSON lines that lack its input are ours."""
    own = [one for one in files if default_path(one.path).resolve() == there.path.resolve()]
    alike = [one for one in files if one.path.suffix.casefold() == there.path.suffix.casefold()]
    layouts = []
    for one in own or alike:
        with suppress(InputError):
            layouts.append(one.layout)
    blank: list[list[Record]] = []
    for layout in (*layouts, GENERIC):
        blank.append([record for record in there.records if not layout.input_of(record.value)])
        if not blank[-1]:
            return layout
    fewest = min(blank, key=len)
    if len(fewest) == len(there.records):
        raise InputError(str(there.path), "holds records that are no proposals for this eval set")
    hint = "fill it in, or delete the record"
    raise InputError(f"{there.path}:{fewest[0].line}", "a proposal has no input", hint)


def _record(
    layout: RecordLayout, proposal: Proposal, case_id: str, created: dt.date, places: Mapping[str, RecordPath]
) -> dict[str, Any]:
    """The record; declared slices stand where the neighbours keep them, or in JSON lines of ours under their names."""
    rating = proposal.satisfied
    fields = {
        "created": created.isoformat(),
        "source_trace_id": inert(proposal.trace_id),
        "provenance": PRODUCTION,
        "slice": inert(f"{proposal.slice_id} {proposal.slice_name}").strip(),
        "reason": proposal.why.value,
        "production_conversation": None if proposal.conversation is None else inert(proposal.conversation),
        "production_answer": None if proposal.answer is None else inert(proposal.answer),
        "production_rating": None if rating is None else round(rating, 3),
        "production_comment": None if proposal.comment is None else inert(proposal.comment),
        "reviewer": "",
    }
    record = layout.record(case_id, inert(proposal.input_text), fields, language=proposal.language)
    for name, value in proposal.slices.items():
        place = places.get(name, (name,) if layout is GENERIC and name not in record else ())
        # blank, where neighbours say it beside the input; what a proposal says of itself keeps its name
        if place and name not in fields and at(record, place) in (None, ""):
            put(record, place, inert(value))
    return record


def free_id(wanted: str, taken: Collection[str | None]) -> str:
    """An id that nobody has.

    >>> free_id("p-1", {"p-1", "p-1-2"})
    'p-1-3'
    """
    return next(name for number in count(1) if (name := wanted if number == 1 else f"{wanted}-{number}") not in taken)


def _word(value: Any) -> str | None:
    return str(value).strip() or None if value is not None else None
