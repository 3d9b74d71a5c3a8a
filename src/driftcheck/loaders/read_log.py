"""What a loader tells while it reads: records left out, warnings, the file's own count."""

from __future__ import annotations

from driftcheck.errors import InputError
from driftcheck.numbers import count
from driftcheck.records import Skipped

MAX_SHOWN = 5
MAX_BROKEN = 0.10
"""Share of broken records above which a file is refused."""
MIN_BROKEN = 2
"""Broken records that are forgiven where no more of them are broken than whole (the last line is often cut)."""


class ReadLog:
    """Collects what one reading of one file has to say besides its records."""

    def __init__(self, *, keeps_eval_runs: bool = False) -> None:
        """Begin to collect; `keeps_eval_runs` where the user says that what looks like an eval run is production."""
        self.keeps_eval_runs = keeps_eval_runs
        self.eval_runs: tuple[str, ...] = ()
        """What marked the traces that were left out as eval runs, the most frequent first."""
        self.n_eval_runs = 0
        """Traces left out as eval runs."""
        self.n_skipped = 0
        self.skipped: list[Skipped] = []
        """The first five records left out; where rows are read in blocks, five of the first."""
        self.n_counted: int | None = None
        self._warnings: dict[str, None] = {}
        self._no_dates: dict[str, tuple[int, str]] = {}

    def skip(self, where: str, why: str) -> None:
        """Leave out the record at `where`."""
        self.n_skipped += 1
        if len(self.skipped) < MAX_SHOWN:
            self.skipped.append(Skipped(where, why))

    def warn(self, text: str) -> None:
        """Say one sentence, with what to do; the same sentence is said once."""
        self._warnings.setdefault(text)

    def no_date(self, name: str, where: str) -> None:
        """Count a case whose field `name` should be a date, and cannot be read as one."""
        n, first = self._no_dates.get(name, (0, where))
        self._no_dates[name] = (n + 1, first)

    def counted(self, n: int) -> None:
        """Add to the file's own record count, where it is not the number of records read (spans, rows, samples)."""
        self.n_counted = (self.n_counted or 0) + n

    @property
    def warnings(self) -> tuple[str, ...]:
        """The warnings, in the order they were first said."""
        no_dates = (
            f"{name} cannot be read as a date in {count(n, 'case')}, first {where}: write it as 2026-03-30"
            for name, (n, where) in self._no_dates.items()
        )
        return (*self._warnings, *no_dates)


class BrokenShare:
    """Counts good and broken records of a file, to refuse one that is mostly broken."""

    def __init__(self, log: ReadLog, unit: str) -> None:
        self.n_good = 0
        self._log = log
        self._unit = unit
        self._n_broken = 0
        self._first = ("", "")

    def broken(self, where: str, why: str) -> None:
        """Leave out a broken record."""
        self._n_broken += 1
        if self._n_broken == 1:
            self._first = (where, why)
        self._log.skip(where, why)

    def check(self) -> None:
        """Refuse the file where too much of it was broken.

        Raises:
            InputError: names the first broken record.

        """
        n = self.n_good + self._n_broken
        too_many = self._n_broken > MIN_BROKEN and self._n_broken > MAX_BROKEN * n
        if too_many or self._n_broken > max(self.n_good, 1):
            where, why = self._first
            raise InputError(where, why, f"{self._n_broken} of {n} {self._unit} are broken")
