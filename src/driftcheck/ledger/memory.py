"""An audit's memory: what it asks of the ledger before it compares, and what it leaves there."""

from __future__ import annotations

import datetime as dt

from driftcheck.baseline import Baseline
from driftcheck.config import Config
from driftcheck.errors import OutputError
from driftcheck.ledger.entries import AuditEntry, InputHashes, Subject, UsedModel
from driftcheck.ledger.events import Event, Refreshed
from driftcheck.ledger.recall import Recollection, highest_slice, recall
from driftcheck.ledger.recording import make_subject, record_audit
from driftcheck.ledger.store import note, open_ledger
from driftcheck.watching import Watcher


class Memory:
    """The ledger of one drift.yaml, as one audit uses it; empty where drift.yaml keeps none.

    Raises:
        InputError: there is one, and it cannot be read.

    """

    def __init__(self, config: Config, at: dt.date, watcher: Watcher) -> None:
        self._folder = config.ledger_folder
        self._name = config.path.name if config.path else ""
        self._at = at
        self._watcher = watcher
        self._highest = 0
        if self._folder is None:
            return
        with open_ledger(self._folder) as ledger:
            own = [one.entry for one in ledger.audits if one.entry.subject.config == self._name]
            broken = ledger.broken_links()
        self._highest = max((entry.highest_slice for entry in own), default=0)
        if broken:
            more = f", and {len(broken) - 1:,} more" if len(broken) > 1 else ""
            watcher.warn(f"{broken[0]}{more} (driftcheck trend --verify)")

    @property
    def at(self) -> dt.date:
        """The day taken as today."""
        return self._at

    def knows_slice(self, slice_id: str) -> bool:
        """Whether a slice had that id in an earlier audit."""
        return 0 < highest_slice([slice_id]) <= self._highest

    def subject(
        self, seed: int, model: UsedModel, since: float | None, until: float | None, inputs: InputHashes
    ) -> Subject:
        """What is audited now."""
        return make_subject(self._name, seed, model, since, until, inputs)

    def recall(self, subject: Subject, n_dimensions: int) -> Recollection:
        """What earlier audits say to this one. Raises InputError where a line of the ledger cannot be read."""
        if self._folder is None:
            return Recollection(Baseline(), "", 0, is_recorded=False)
        with open_ledger(self._folder) as ledger:
            return recall(ledger, subject, self._at, n_dimensions)

    def refreshes(self) -> tuple[Refreshed, ...]:
        """Every refresh up to today, oldest first. Raises InputError where a line of the ledger cannot be read."""
        if self._folder is None:
            return ()
        with open_ledger(self._folder) as ledger:
            known = [one for one in ledger.events(Refreshed, self._name) if one.at <= self._at]
        return tuple(sorted(known, key=lambda one: one.at))

    @property
    def asked(self) -> frozenset[str]:
        """Tokens of all that was ever proposed. Raises InputError where a line of the ledger cannot be read."""
        if self._folder is None:
            return frozenset()
        with open_ledger(self._folder) as ledger:
            return frozenset(token for one in ledger.events(Refreshed, self._name) for token in one.asked)

    @property
    def keeps(self) -> bool:
        """Whether there is a ledger."""
        return self._folder is not None

    def note(self, event: Event) -> None:
        """Leave an event in the ledger; where that cannot be written, warn, as of an audit."""
        if self._folder is None:
            return
        try:
            note(self._folder, event)
        except OutputError as problem:
            self._watcher.warn(f"the {event.KIND} is not in the ledger: {problem} (--no-record: this is meant)")

    def record(self, entry: AuditEntry) -> None:
        """Leave an audit in the ledger; where that cannot be written, warn: a checkout in CI may be read-only."""
        if self._folder is None:
            return
        try:
            record_audit(self._folder, entry)
        except OutputError as problem:
            self._watcher.warn(f"the audit is not in the ledger: {problem} (--no-record says that this is meant)")
