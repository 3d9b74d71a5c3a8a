"""What the ledger says to an audit: which came before, what slices were called, whether it was made already."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from driftcheck.baseline import Baseline, TrafficProfile
from driftcheck.errors import InputError
from driftcheck.ledger.entries import AuditEntry, Subject, order_of
from driftcheck.ledger.events import Accepted, Refreshed
from driftcheck.ledger.store import LEDGER, Ledger, Recorded

MAX_PAST = 104
"""Audits that a report is given of its past: two years of weeks."""
_SLICE = re.compile(r"s([1-9]\d{0,8})")


@dataclass(frozen=True)
class Recollection:
    """What an audit takes from the ledger."""

    baseline: Baseline
    """Slices to go by, values to tell changes against, and the audits before this one."""
    against: str
    """Hash of the line that changes are told against, "" without one."""
    highest_slice: int
    """Highest number that a slice's id has had in the history of this drift.yaml."""
    is_recorded: bool
    """The same audit stands in the ledger already."""


def recall(ledger: Ledger, subject: Subject, at: dt.date, n_dimensions: int) -> Recollection:
    """Find an audit's place in the history of its drift.yaml.

    Changes are told against the audit of the window before; slices are called as there, or as in the first audit after
    where none is before. Only audits by the same embedding model compare. An audit that is in the ledger already is
    held against what it was held against then, and calls its slices as it did: it gives the same report again.

    Raises:
        InputError: a line of the ledger cannot be read.

    """
    own = [one for one in ledger.audits if one.entry.subject.config == subject.config]
    alike = [one for one in own if one.entry.subject.model.identity == subject.model.identity]
    again = min((one for one in alike if one.entry.subject == subject), key=_line_number, default=None)
    if again is not None:
        before = _up_to(ledger, alike, again.entry.against)
        named: Recorded | None = again
    else:
        order = order_of(subject, at)
        before = [one for one in alike if one.entry.order <= order]
        named = before[-1] if before else next(iter(alike), None)
    last = before[-1] if before else None
    highest = max((one.entry.highest_slice for one in own), default=0)
    return Recollection(
        baseline=Baseline(
            centroids=_centroids(ledger, named, n_dimensions) if named else {},
            values=_values(ledger.whole(last)) if last else {},
            audits=tuple(ledger.whole(one).past() for one in of_each_window(before)[-MAX_PAST:]),
            called=f"the audit of {last.entry.past().name}" if last else "",
            # ids that an older audit gave away must not come back as other slices
            retired=(f"s{highest}",) if highest and again is None else (),
            refreshed=_refreshed(ledger, subject, at),
        ),
        against=ledger.hash_of(last) if last else "",
        highest_slice=highest,
        is_recorded=again is not None,
    )


def _refreshed(ledger: Ledger, subject: Subject, at: dt.date) -> TrafficProfile | None:
    """Traffic at the last refresh whose proposals were accepted: what nobody accepted has refreshed nothing.

    Whose proposals they were is told by the tokens of their traces; of what was accepted by hand, or before tokens
    were kept, by the ledger's order: those of the refresh before. Of one embedding model, as nothing else compares.
    """
    proposed = [(number, one) for number, one in ledger.numbered(Refreshed, subject.config) if one.n_proposed]
    taken: set[int] = set()
    for number, accepted in ledger.numbered(Accepted, subject.config):
        if accepted.at > at or not accepted.n_tuned + accepted.n_sealed:
            continue
        if accepted.asked:
            own = frozenset(accepted.asked)
            taken.update(place for place, one in proposed if not own.isdisjoint(one.asked))
        else:
            taken.update([place for place, _ in proposed if place < number][-1:])
    refreshes = [
        one
        for place, one in proposed
        if place in taken and one.at <= at and one.model.identity == subject.model.identity
    ]
    if not refreshes:
        return None
    last = sorted(refreshes, key=lambda one: one.at)[-1]
    where = f"{ledger.folder / LEDGER}: the refresh of {last.at.isoformat()}"
    try:
        profile = last.profile()
    except ValueError:
        raise InputError(where, "a centroid cannot be read") from None
    if set(profile.counts) != set(profile.centroids):
        raise InputError(where, "its slices and their counts are not the same")
    return profile


def _line_number(audit: Recorded) -> int:
    return audit.line.number


def _centroids(ledger: Ledger, audit: Recorded, n_dimensions: int) -> dict[str, NDArray[np.float32]]:
    try:
        centroids = ledger.whole(audit).centroids()
    except ValueError:
        raise ledger.wrong(audit.line.number, "is no audit: a centroid cannot be read") from None
    if any(len(centroid) != n_dimensions for centroid in centroids.values()):
        raise ledger.wrong(audit.line.number, f"is no audit by this model: its centroids are not {n_dimensions} wide")
    return centroids


def highest_slice(ids: Iterable[str]) -> int:
    """Highest number of a slice's id, 0 where there is none.

    >>> highest_slice(["s3", "s12", "other"])
    12
    """
    numbers = (_SLICE.fullmatch(one) for one in ids)
    return max((int(found[1]) for found in numbers if found), default=0)


def _up_to(ledger: Ledger, audits: Sequence[Recorded], line_hash: str) -> list[Recorded]:
    """Audits up to the one whose line has that hash; none where there is none such."""
    for index, one in enumerate(audits if line_hash else ()):
        if ledger.hash_of(one) == line_hash:
            return list(audits[: index + 1])
    return []


def _values(entry: AuditEntry) -> dict[str, float]:
    return {name: finding.value for name, finding in entry.findings.items() if finding.value is not None}


def of_each_window(audits: Iterable[Recorded]) -> tuple[Recorded, ...]:
    """The last audit of each window on the same inputs: one by a newer driftcheck takes the place of the older."""
    last: dict[object, Recorded] = {}
    for one in audits:
        subject = one.entry.subject
        key = (subject.since, subject.until, subject.inputs, subject.seed)
        last.pop(key, None)
        last[key] = one
    return tuple(last.values())
