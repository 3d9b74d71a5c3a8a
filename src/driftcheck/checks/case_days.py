"""Days that the checks of upkeep count by: today, the last refresh, and when cases were created."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from driftcheck.errors import NotMeasurable
from driftcheck.numbers import count

if TYPE_CHECKING:  # checks are listed and explained without loading what they measure with
    from driftcheck.comparison import Comparison
    from driftcheck.records import EvalSet
    from driftcheck.upkeep import Upkeep

NEWEST = 0.05
"""Share of the cases, the newest ones, that do not make a set fresh; where more were accepted, it was refreshed."""
_DATED = 0.5
"""Share of the cases that must be dated for the set to be."""
_EPOCH = dt.date(1970, 1, 1)
_DAY = 86_400.0


@dataclass(frozen=True)
class LastRefresh:
    """When an eval set was last brought up to date."""

    day: dt.date
    how: str
    """What tells it, in words: the ledger, the cases' own dates, git."""


def today(comparison: Comparison) -> dt.date:
    """The day taken as today.

    Raises:
        NotMeasurable: what is compared has none, as a window of the past that a trend looks at.

    """
    return day_of_upkeep(comparison.upkeep)


def day_of_upkeep(upkeep: Upkeep) -> dt.date:
    """The day on which an eval set is looked at. Raises NotMeasurable where there is none."""
    if upkeep.as_of is None:
        raise NotMeasurable("no day is taken as today: what is compared here is a past window, not an eval set in use")
    return upkeep.as_of


def weeks(since: dt.date, until: dt.date) -> float:
    """Weeks between two days; 0 where the first is the later.

    >>> weeks(dt.date(2026, 3, 30), dt.date(2026, 4, 13))
    2.0
    """
    return max(0, (until - since).days) / 7


def day_of(seconds: float) -> dt.date:
    """Day in UTC of a moment, unix seconds."""
    return _EPOCH + dt.timedelta(days=math.floor(seconds / _DAY))


def seconds_of(day: dt.date) -> float:
    """Start of a day in UTC, unix seconds."""
    return (day - _EPOCH).days * _DAY


def created(comparison: Comparison) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """When each case was created, unix seconds, NaN where nobody knows, and whether git says it; both (n_cases,)."""
    return created_in(comparison.eval_set, comparison.upkeep)


def created_in(eval_set: EvalSet, upkeep: Upkeep) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The same of an eval set alone."""
    own = eval_set.frame["created_at"].to_numpy(dtype=np.float64)
    git = eval_set.frame["case_id"].map(upkeep.written).to_numpy(dtype=np.float64)
    by_git = np.isnan(own) & ~np.isnan(git)
    return np.where(by_git, git, own), by_git


def last_refresh(comparison: Comparison) -> LastRefresh:
    """The later of the last accepted refresh and the day by which all but the newest cases were created.

    Git's dates, which any new indentation of a file makes young, count only where no refresh is remembered.

    Raises:
        NotMeasurable: no refresh is remembered, and too few cases are dated.

    """
    at = today(comparison)
    upkeep, n = comparison.upkeep, comparison.eval_set.n_cases
    times, by_git = created(comparison)
    if upkeep.refreshed is not None:
        times = np.where(by_git, np.nan, times)
    known = np.sort(times[~np.isnan(times)])
    found = (
        []
        if upkeep.refreshed is None
        else [LastRefresh(upkeep.refreshed, "by the ledger, which saw a twentieth of the set accepted since")]
    )
    if len(known) >= _DATED * n and len(known):
        newest = day_of(float(known[math.ceil((1 - NEWEST) * len(known)) - 1]))
        n_git = int(by_git.sum()) if upkeep.refreshed is None else 0
        how = "all but the newest twentieth of the cases are older"
        if n_git:
            how += f"; {count(n_git)} of {count(len(known), 'date')} come from git, where cases carry no `created`"
        found.append(LastRefresh(min(newest, at), how))
    if not found:
        why = f" ({upkeep.written_why})" if upkeep.written_why else ""
        raise NotMeasurable(
            f"nothing dates the set: {len(known):,} of {count(n, 'case')} have a day of creation, half of them are "
            f"needed, no accepted refresh is in the ledger, and git does not tell{why}; give cases a `created`"
        )
    return max(found, key=lambda one: one.day)
