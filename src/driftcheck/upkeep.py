"""What keeps an eval set fresh, as drift.yaml and the ledger tell it: owners, cadence, rubric, refreshes, waivers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from driftcheck.config import RubricEntry, Waiver


@dataclass(frozen=True)
class Upkeep:
    """The discipline of an eval set on a day; empty where nothing is declared and nothing remembered."""

    as_of: dt.date | None = None
    """The day taken as today; None where what is compared has no day."""
    owner: str | None = None
    owners: Mapping[str, str] = field(default_factory=dict)
    """Who answers for a slice, by its id."""
    refresh_every: dt.timedelta | None = None
    max_age: Mapping[str, dt.timedelta] = field(default_factory=dict)
    """Age from which a case is expired that nobody validated: by tag (`name=value`, or a value alone), and
    `config.WHOLE_SET`."""
    rubric: tuple[RubricEntry, ...] = ()
    """As declared in drift.yaml."""
    waivers: tuple[Waiver, ...] = ()
    refreshed: dt.date | None = None
    """Day since which a twentieth of the set or more was accepted, by the ledger."""
    accepted: dt.date | None = None
    """Last day on which any proposal was accepted."""
    proposed: dt.date | None = None
    """Last day on which cases were proposed."""
    written: Mapping[str, float] = field(default_factory=dict)
    """When git says that the lines of a case were last changed: unix seconds by case id."""
    written_why: str = ""
    """Why git says nothing, in words: it is no repository, the clone is shallow."""
    is_declared: bool = False
    """There is a drift.yaml, which could name owners."""
