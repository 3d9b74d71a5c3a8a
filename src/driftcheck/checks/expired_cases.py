"""Cases are past the day until which they hold.

What is measured
    Share of cases that are past their `expires`, or older than `max_age` allows for their tags: of the ages that
    drift.yaml sets, `name=value` goes before a value alone, and that before `default`; of several the shortest. A case
    is as old as its last validation (`validated`), else its creation (`created`), else by git the line on which it
    starts (of a CSV, whatever empty cells it got since), and the report says so. A validation after `expires` renews
    the case. Cases that nothing dates are left out of the share, and counted. Share of cases, 0..1; 0 = every case
    holds. No interval: every case is looked at.

Why it matters
    An expired case grades the product by a policy, a price or a screen that is gone: it fails what is right, or passes
    what is wrong, and nobody reads it again by itself.

How to fix it
    Read the cases listed with their owners: `driftcheck validate ID...` renews what still holds, `driftcheck retire
    --expired` takes out the rest.

Source
    Zhang and Choi (2021), SituatedQA: incorporating extra-linguistic contexts into QA, for answers with a time.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from driftcheck.checks.case_days import created_in, day_of, day_of_upkeep, seconds_of, today
from driftcheck.checks.case_rows import case_row
from driftcheck.config import WHOLE_SET
from driftcheck.errors import NotMeasurable
from driftcheck.findings import Evidence, Measurement, Thresholds
from driftcheck.numbers import count, percent

if TYPE_CHECKING:  # checks are listed and explained without loading what they measure with
    from driftcheck.comparison import Comparison
    from driftcheck.records import EvalSet
    from driftcheck.upkeep import Upkeep

CODE = "DC502"
TITLE = "Cases past their validity"
UNIT = "share of cases"
DEFAULT = Thresholds(warn=0.05, fail=None)
NOBODY = "nobody"


@dataclass(frozen=True)
class Validity:
    """Until when the cases of an eval set hold, as arrays over its cases, (n_cases,)."""

    expired: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
    reason: tuple[str, ...]
    """Why a case has expired: `past its expires`, `older than 26w`; empty where it has not."""
    since: np.ndarray[tuple[int, ...], np.dtype[np.float64]]
    """Since when, unix seconds; NaN where it has not."""
    unknown: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
    """A `max_age` is set for it, and nothing dates it."""
    by_git: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
    """Its age is git's."""


def measure(comparison: Comparison) -> Measurement:
    """Share of expired cases."""
    upkeep, frame, n = comparison.upkeep, comparison.eval_set.frame, comparison.eval_set.n_cases
    validity = validity_of(comparison.eval_set, upkeep)
    n_known, n_unknown = int((~validity.unknown).sum()), int(validity.unknown.sum())
    if not upkeep.max_age and frame["expires_at"].isna().all():
        raise NotMeasurable(
            f"none of {count(n, 'case')} says when it expires, and drift.yaml sets no `max_age`: give cases an "
            "`expires`, or set `max_age: 26w`"
        )
    if n_known == 0:
        why = f" ({upkeep.written_why})" if upkeep.written_why else ""
        raise NotMeasurable(
            f"none of {count(n, 'case')} has a date, and git does not tell one{why}: give them `created`"
        )
    n_expired = int(validity.expired.sum())
    notes = []
    if n_unknown:
        notes.append(f"{count(n_unknown, 'case')} nobody dates")
    if n_git := int(validity.by_git.sum()):
        notes.append(f"{count(n_git, 'age')} by git, as the cases carry no date")
    if unmatched := _unmatched(upkeep, frame["tags"], _texts(frame["language"])):
        notes.append(f"`max_age` names what no case has: {', '.join(unmatched[:3])}")
    share = n_expired / n_known
    return Measurement(
        value=share,
        n={"cases": n_known},
        summary=(
            f"{count(n_expired, 'case')} of {n_known:,} ({percent(share)}) "
            f"{'is' if n_expired == 1 else 'are'} past validity on {today(comparison)}"
            f"{'; ' if notes else ''}{'; '.join(notes)}."
        ),
        evidence=_rows(comparison, validity),
        fix="Renew what still holds by `driftcheck validate ID...`, take out the rest by `driftcheck retire --expired`."
        if n_expired
        else "",
        noticeable=0.0,
    )


def noticed(value: float) -> str:
    """What would have been noticed 8 times in 10, from this value on."""
    return f"cases past their validity, from {percent(value)} of cases on"


def validity_of(eval_set: EvalSet, upkeep: Upkeep) -> Validity:
    """Which cases have expired, and why. Raises NotMeasurable where no day is taken as today."""
    now = seconds_of(day_of_upkeep(upkeep))
    frame = eval_set.frame
    born, by_git = created_in(eval_set, upkeep)
    validated = frame["validated_at"].to_numpy(dtype=np.float64)
    expires = frame["expires_at"].to_numpy(dtype=np.float64)
    start = np.where(np.isnan(validated), born, validated)
    allowed = [
        _max_age(upkeep, tags, language)
        for tags, language in zip(frame["tags"], _texts(frame["language"]), strict=True)
    ]
    ages = np.array([np.nan if age is None else age[1].total_seconds() for age in allowed], dtype=np.float64)
    ends = start + ages
    past = (expires <= now) & ~(validated >= expires)
    old = (ends <= now) & ~past
    return Validity(
        expired=past | old,
        reason=tuple(
            "past its expires" if past[row] else f"older than {_written(age)}" if old[row] and age else ""
            for row, age in enumerate(allowed)
        ),
        since=np.where(past, expires, np.where(old, ends, np.nan)),
        unknown=~np.isnan(ages) & np.isnan(start) & ~past,
        by_git=~np.isnan(ages) & by_git & np.isnan(validated) & ~past,
    )


def _texts(values: Iterable[object]) -> list[str | None]:
    """Texts of a column, None where it has none, which pandas may hold as NaN."""
    return [value if isinstance(value, str) else None for value in values]


def _max_age(upkeep: Upkeep, tags: str, language: str | None) -> tuple[str, dt.timedelta] | None:
    """The age that holds for a case's tags, with the tag that sets it; None where none does."""
    if not upkeep.max_age:
        return None
    whole, values = _tags(tags, language)
    for names in (whole, values, {WHOLE_SET}):
        found = [(age, tag) for tag, age in upkeep.max_age.items() if tag in names]
        if found:
            age, tag = min(found)
            return tag, age
    return None


def _tags(tags: str, language: str | None) -> tuple[Collection[str], Collection[str]]:
    """Tags as `name=value`, and their values alone."""
    whole = {*tags.split("\n"), *([f"language={language}"] if language else [])}
    return whole, {tag.partition("=")[2] for tag in whole if "=" in tag}


def _unmatched(upkeep: Upkeep, tags: Collection[str], languages: Collection[str | None]) -> list[str]:
    seen: set[str] = set()
    for one, language in set(zip(tags, languages, strict=True)) if upkeep.max_age else ():
        whole, values = _tags(one, language)
        seen.update(whole, values)
    return sorted(set(upkeep.max_age) - seen - {WHOLE_SET})


def _written(age: tuple[str, dt.timedelta]) -> str:
    tag, length = age
    whole_weeks = length % dt.timedelta(weeks=1) == dt.timedelta(0)
    said = f"{length.days // 7}w" if whole_weeks else f"{length.days}d"
    return said if tag == WHOLE_SET else f"{said} ({tag})"


def _rows(comparison: Comparison, validity: Validity) -> tuple[Evidence, ...]:
    """Expired cases by reason and owner, most cases first."""
    frame = comparison.eval_set.frame
    owners = _texts(frame["owner"])
    members: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for row in np.flatnonzero(validity.expired).tolist():
        owner = owners[row] or comparison.upkeep.owner or NOBODY
        members[validity.reason[row], owner].append(row)
    ids = frame["case_id"].tolist()
    return tuple(
        case_row(
            reason,
            [ids[row] for row in rows],
            len(ids),
            owner=owner,
            first=day_of(float(np.min(validity.since[rows]))).isoformat(),
        )
        for (reason, owner), rows in sorted(members.items(), key=lambda item: (-len(item[1]), item[0]))
    )
