"""Accept: what was proposed and a person has labelled becomes a case; the rest stays where it is."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from driftcheck.config import Config, did_you_mean
from driftcheck.curating.carrying_out import config_name
from driftcheck.editing import Edit
from driftcheck.editing.case_files import CaseFile, Wanted, file_for, read_case_files
from driftcheck.editing.proposals import (
    CONTEXT,
    PRODUCTION,
    OpenProposal,
    ProposalsFile,
    default_path,
    free_id,
    read_proposals,
)
from driftcheck.editing.record_layout import GENERIC
from driftcheck.editing.record_paths import copied, put, take_out
from driftcheck.errors import ConfigError, InputError
from driftcheck.joining import content_id, normalised
from driftcheck.ledger.events import Accepted, token_of
from driftcheck.loaders.source import Source
from driftcheck.seal_file import read_closed
from driftcheck.seals import LeakFinder, Marks, is_held_out, near_groups

TUNED, SEALED = "tuned", "sealed"
_HALF = 0.5
_SALTS = tuple(bytes([number]) * 16 for number in range(4))
"""Salts that tell near copies where nothing is sealed yet: what is just not near by one of them is by another."""


class Stays(StrEnum):
    """Why a proposal is not accepted."""

    UNLABELLED = "no expected answer"
    UNREVIEWED = "no reviewer"
    UNNAMED = "nothing is to be filled in, so --reviewer holds for those named by --id"
    ID_TAKEN = "its id is that of a case"
    REPEATED = "asks what a case asks already"
    EMPTY = "no input"
    SEALED = "asks what a sealed case asks, so take it out of the file"


@dataclass(frozen=True)
class Taken:
    """A proposal that becomes a case."""

    case_id: str
    input_text: str = field(repr=False)
    reviewer: str
    split: str | None
    """None where there is no holdout."""
    into: str
    """File that it goes to."""


@dataclass(frozen=True)
class Acceptance:
    """What an acceptance will do."""

    edits: tuple[Edit, ...]
    taken: tuple[Taken, ...]
    staying: Mapping[Stays, tuple[str, ...]]
    """Ids of the proposals that stay, by the reason."""
    n_others: int
    """Proposals that were not asked for."""
    files: tuple[str, ...]
    """The proposals files."""
    event: Accepted


def plan_acceptance(
    sources: Sequence[Source],
    config: Config,
    *,
    as_of: dt.date,
    paths: Sequence[Path] = (),
    ids: Sequence[str] = (),
    reviewer: str | None = None,
    holdout: float | None = None,
    seed: int = 0,
    into: Path | None = None,
) -> Acceptance:
    """Plan which proposals enter the eval set.

    A proposal is accepted that has an input, an expected answer and a reviewer, and that no case asks already. Where
    no case of the set says by itself what is expected (a rubric of all of them, or code, judges), there is nothing to
    fill in, and the reviewer's name alone is the review: it stands in the record, or the ids are named.

    Args:
        sources: the eval set.
        config: drift.yaml.
        as_of: the day taken as today.
        paths: proposals files; by default those beside the eval set's files.
        ids: only these, by their own ids or those of their traces.
        reviewer: who reviewed those that name nobody.
        holdout: share that is marked for the seal, 0..1; None marks nothing. Which ones is told by a hash of `seed`
            and the input alone; but near copies of a tuned case, or of a proposal that stays, are tuned, and near
            copies of each other go together, since a copy outside the seal would be a leak.
        seed: of the holdout.
        into: the file of the eval set that they go to; by default the one that they lie beside, else the one with most
            cases.

    Raises:
        InputError: there are no proposals, or a file cannot be edited.
        ConfigError: an id or a file that there is not.

    """
    files = read_case_files(sources, config)
    found = _read(paths, files)
    _check_ids(ids, found)
    closed = read_closed(config)
    marks = closed.envelope.marks if closed and closed.envelope else Marks(b"", ())
    known = _Known(files, marks)
    staying: dict[Stays, list[str]] = {}
    chosen: list[_Chosen] = []
    n_others = 0
    for one in found:
        target = _target(one, files, into)
        needs_answer = target.layout.expected is not None
        for proposal in one.proposals:
            if ids and not {proposal.case_id, proposal.trace_id} & set(ids):
                n_others += 1
                continue
            # a name given for all is no review of those in which nothing shows that they were looked at
            named = proposal.reviewer or (reviewer if needs_answer or ids else None)
            why = _why_not(proposal, named, needs_answer=needs_answer) or known.why_not(proposal)
            if why is Stays.UNREVIEWED and reviewer:
                why = Stays.UNNAMED
            if why is not None or named is None:
                staying.setdefault(why or Stays.UNREVIEWED, []).append(_name(proposal))
                continue
            known.add(proposal)
            chosen.append(_Chosen(one, proposal, target, named))
    entering = {id(one.proposal) for one in chosen}
    waiting = [proposal for one in found for proposal in one.proposals if id(proposal) not in entering]
    splits = _splits([one.proposal for one in chosen], waiting, files, holdout, seed, marks)
    chosen = [replace(one, split=split) for one, split in zip(chosen, splits, strict=True)]
    edits = [_added(target, own, as_of) for target in files if (own := [one for one in chosen if one.into is target])]
    for there in found:
        numbers = [one.proposal.number for one in chosen if one.out_of is there]
        if len(numbers) == len(there.proposals):
            edits.append(replace(there.file.edited(), after=b""))  # nothing is left to be labelled: the file goes
        elif numbers:
            edits.append(there.file.edited(remove=numbers))
    taken = tuple(
        Taken(_name(one.proposal), one.proposal.input_text, one.reviewer, one.split, one.into.file.name)
        for one in chosen
    )
    n_sealed = splits.count(SEALED)
    return Acceptance(
        edits=tuple(edits),
        taken=taken,
        staying={why: tuple(names) for why, names in sorted(staying.items())},
        n_others=n_others,
        files=tuple(one.file.name for one in found),
        event=Accepted(
            at=as_of,
            config=config_name(config),
            reviewers=tuple(sorted({one.reviewer for one in taken})),
            n_tuned=len(taken) - n_sealed,
            n_sealed=n_sealed,
            asked=tuple(dict.fromkeys(token_of("trace", name) for one in chosen if (name := one.proposal.trace_id))),
        ),
    )


@dataclass(frozen=True)
class _Chosen:
    """A proposal on its way."""

    out_of: ProposalsFile
    proposal: OpenProposal
    into: CaseFile
    reviewer: str
    split: str | None = None


def _added(target: CaseFile, chosen: Sequence[_Chosen], as_of: dt.date) -> Edit:
    """The eval set's file with the new cases last, read back before anybody trusts it."""
    edit = target.file.edited(append=[_record(one, as_of) for one in chosen])
    # which of what stands in an assertion is an expected answer is the person's affair
    target.check(
        edit, [Wanted(one.proposal.input_text, (), one.proposal.trace_id, _name(one.proposal)) for one in chosen]
    )
    return edit


def _read(paths: Sequence[Path], files: Sequence[CaseFile]) -> list[ProposalsFile]:
    wanted = list(paths) or [path for one in files if (path := default_path(one.path)).exists()]
    found = [read_proposals(path, files) for path in dict.fromkeys(wanted)]
    for path, one in zip(dict.fromkeys(wanted), found, strict=True):
        if one is None and paths:
            raise InputError(
                str(path),
                "holds no proposals" if path.exists() else "no such file",
                "driftcheck refresh proposes cases",
            )
    there = [one for one in found if one is not None]
    if not there:
        beside = default_path(files[0].path) if files else "the proposals file"
        raise InputError(
            str(beside), "holds no proposals" if wanted else "no such file", "driftcheck refresh proposes cases"
        )
    return there


def _check_ids(ids: Sequence[str], found: Sequence[ProposalsFile]) -> None:
    known = [
        name for one in found for proposal in one.proposals for name in (proposal.case_id, proposal.trace_id) if name
    ]
    for word in ids:
        if word not in known:
            raise ConfigError(
                "--id", f"no proposal {word!r}", did_you_mean(word, known[:40] if len(known) > 40 else known)
            )


def _target(one: ProposalsFile, files: Sequence[CaseFile], into: Path | None) -> CaseFile:
    if into is None:
        for file in files:
            if default_path(file.path).resolve() == one.file.path.resolve():
                return file
    return file_for(files, into)


def _why_not(proposal: OpenProposal, reviewer: str | None, *, needs_answer: bool) -> Stays | None:
    if not proposal.input_text.strip():
        return Stays.EMPTY
    if needs_answer and not proposal.expected:
        return Stays.UNLABELLED
    return None if reviewer else Stays.UNREVIEWED


class _Known:
    """What the eval set has already, and what is accepted beside."""

    def __init__(self, files: Sequence[CaseFile], marks: Marks) -> None:
        self._sealed = LeakFinder(marks)
        cases = [case for one in files for _, case in one.cases]
        self._ids = {case.case_id for case in cases if case.case_id}
        self._inputs = {normalised(case.input_text) for case in cases if case.input_text}

    def why_not(self, proposal: OpenProposal) -> Stays | None:
        if normalised(proposal.input_text) in self._inputs:
            return Stays.REPEATED
        if self._sealed.asks(*_asked(proposal)):
            return Stays.SEALED
        return Stays.ID_TAKEN if proposal.case_id in self._ids else None

    def add(self, proposal: OpenProposal) -> None:
        self._inputs.add(normalised(proposal.input_text))
        if proposal.case_id:
            self._ids.add(proposal.case_id)


def _splits(
    proposals: Sequence[OpenProposal],
    waiting: Sequence[OpenProposal],
    files: Sequence[CaseFile],
    holdout: float | None,
    seed: int,
    marks: Marks,
) -> list[str | None]:
    """Partition of each: the share of them whose hashes are the least is for the seal."""
    if holdout is None:
        return [None] * len(proposals)
    # beside the seal lie in the clear: cases, and proposals that are not accepted
    beside = [(_asked(one), False) for one in waiting]
    beside += [
        ((case.input_text or "", next(iter(case.expected), None)), is_held_out(case.freshness.split))
        for one in files
        for _, case in one.cases
    ]
    inputs = [*map(_asked, proposals), *(asked for asked, _ in beside)]
    hashes = [
        hashlib.sha256(f"{seed}\0{normalised(one.input_text)}".encode("utf-8", "surrogatepass")).digest()
        for one in proposals
    ]
    # the next seal goes on with the salt of the last one; which salt the first will have, nobody knows
    groups = near_groups(inputs, range(len(inputs)), [marks.salt] if marks.cases else _SALTS)
    splits: list[str | None] = [TUNED] * len(proposals)
    free = []
    for group in groups:
        own = [row for row in group if row < len(proposals)]
        held_out = {beside[row - len(proposals)][1] for row in group if row >= len(proposals)}
        if own and not held_out:
            free.append((min(hashes[row] for row in own), own))
        elif held_out == {True}:  # beside a case that is marked already
            for row in own:
                splits[row] = SEALED
    wanted = round(holdout * len(proposals))
    n_sealed = splits.count(SEALED)
    for _, own in sorted(free):
        if n_sealed < wanted and n_sealed + len(own) - wanted <= wanted - n_sealed:  # nearer to it than without
            n_sealed += len(own)
            for row in own:
                splits[row] = SEALED
    return splits


def _asked(proposal: OpenProposal) -> tuple[str, str | None]:
    """Input and expected answer."""
    return proposal.input_text, next(iter(proposal.expected), None)


def _record(one: _Chosen, as_of: dt.date) -> dict[str, Any]:
    """The proposal as a record of the eval set: what helped to label it goes, what says where it is from stays."""
    proposal, target, layout = one.proposal, one.into, one.out_of.layout
    fields = target.layout.fields
    values: dict[str, Any] = {"created": as_of.isoformat(), "validated": as_of.isoformat()}
    # the drift.yaml's owner answers for cases that name none: one here and there would leave the others without
    if sum(case.freshness.owner is not None for _, case in target.cases) >= _HALF * len(target.cases):
        values["owner"] = one.reviewer
    values["split"] = one.split
    if layout is GENERIC and target.layout is not GENERIC:
        known = {"id", "input", "expected", "language", *CONTEXT, "created"}
        others = {name: value for name, value in proposal.record.items() if name not in known}
        expected = list(proposal.expected) if len(proposal.expected) > 1 else next(iter(proposal.expected), None)
        case_id = proposal.case_id or free_id(content_id(proposal.input_text), ())
        language = GENERIC.language_of(proposal.record)
        return target.layout.record(
            case_id, proposal.input_text, {**others, **values}, expected=expected, language=language
        )
    record: dict[str, Any] = copied(proposal.record)
    for name in CONTEXT:
        take_out(record, fields.path(name))
    for name in ("source_trace_id", "provenance"):
        if not fields.get(record, name):
            take_out(record, fields.path(name))
    values.setdefault("provenance", fields.get(record, "provenance") or (PRODUCTION if proposal.trace_id else None))
    for name, value in values.items():
        if value is not None:
            put(record, fields.found(record, name) or fields.path(name), value)
    return record


def _name(proposal: OpenProposal) -> str:
    return proposal.case_id or proposal.trace_id or f"#{proposal.number + 1}"
