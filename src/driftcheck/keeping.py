"""The upkeep of an eval set on a day: what drift.yaml declares, what the ledger remembers, how old git says it is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import accumulate

from driftcheck.checks.case_days import NEWEST
from driftcheck.config import Config
from driftcheck.git_dates import GitDates, date_records
from driftcheck.ledger.events import Accepted, Refreshed
from driftcheck.ledger.store import open_ledger
from driftcheck.records import EvalSet
from driftcheck.upkeep import Upkeep


def read_upkeep(config: Config, as_of: dt.date, eval_set: EvalSet) -> Upkeep:
    """Gather what keeps an eval set fresh; what happened after `as_of` has not happened yet.

    Git is asked only about cases that say nothing of their age, and only where a check needs it: where no refresh is
    remembered, or cases expire by their age.

    Raises:
        InputError: the ledger cannot be read.

    """
    settings = config.settings
    rounds, proposed = _remembered(config, as_of)
    refreshed = _refreshed(rounds, eval_set.n_cases)
    git = GitDates()
    if refreshed is None or settings.max_age:
        frame = eval_set.frame
        undated = frame[frame["created_at"].isna() & (frame["validated_at"].isna() | (refreshed is None))]
        if len(undated):
            git = date_records(dict(zip(undated["case_id"].tolist(), undated["where"].tolist(), strict=True)))
    return Upkeep(
        as_of=as_of,
        owner=settings.owner,
        owners=settings.owners,
        refresh_every=None if settings.refresh_every is None else dt.timedelta(seconds=settings.refresh_every),
        max_age={tag: dt.timedelta(seconds=age) for tag, age in settings.max_age.items()},
        rubric=settings.rubric,
        waivers=settings.waivers,
        refreshed=refreshed,
        accepted=max((one.at for one in rounds), default=None),
        proposed=proposed,
        written=git.dates,
        written_why=git.why,
        is_declared=config.path is not None,
    )


def _remembered(config: Config, as_of: dt.date) -> tuple[list[Accepted], dt.date | None]:
    """What was accepted so far, and the day of the last proposals, by the ledger."""
    folder = config.ledger_folder
    if folder is None or config.path is None:
        return [], None
    with open_ledger(folder) as ledger:
        accepted = [one for one in ledger.events(Accepted, config.path.name) if one.n_tuned + one.n_sealed]
        proposed = [one.at for one in ledger.events(Refreshed, config.path.name) if one.n_proposed]
    return [one for one in accepted if one.at <= as_of], max((at for at in proposed if at <= as_of), default=None)


def _refreshed(rounds: Sequence[Accepted], n_cases: int) -> dt.date | None:
    """Day since which as many cases were accepted as make a set fresh; one case of yesterday does not."""
    latest = sorted(rounds, key=lambda one: one.at, reverse=True)
    sums = accumulate(one.n_tuned + one.n_sealed for one in latest)
    return next((one.at for one, n in zip(latest, sums, strict=True) if n >= NEWEST * n_cases), None)
