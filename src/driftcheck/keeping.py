"""The upkeep of an eval set on a day: what drift.yaml declares, what the ledger remembers, how old git says it is."""

from __future__ import annotations

import datetime as dt

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
    refreshed, proposed = _remembered(config, as_of)
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
        proposed=proposed,
        written=git.dates,
        written_why=git.why,
        is_declared=config.path is not None,
    )


def _remembered(config: Config, as_of: dt.date) -> tuple[dt.date | None, dt.date | None]:
    """Days of the last acceptance and of the last proposals, by the ledger."""
    folder = config.ledger_folder
    if folder is None or config.path is None:
        return None, None
    with open_ledger(folder) as ledger:
        accepted = [one.at for one in ledger.events(Accepted, config.path.name) if one.n_tuned + one.n_sealed]
        proposed = [one.at for one in ledger.events(Refreshed, config.path.name) if one.n_proposed]
    return (
        max((at for at in accepted if at <= as_of), default=None),
        max((at for at in proposed if at <= as_of), default=None),
    )
