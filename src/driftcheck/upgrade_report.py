"""The per-upgrade audit, complete: every output of `driftcheck compare` prints this and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from driftcheck.errors import ExitCode
from driftcheck.numbers import count, interval, p_value, percent, points, points_number
from driftcheck.run_noise import LEVEL
from driftcheck.stats.intervals import Interval
from driftcheck.upgrade import SliceUpgrade, Upgrade

MIN_BLIND_RATINGS = 5
"""Ratings below which a slice cannot be told to be blind."""
MIN_BLIND_CASES = 5
"""Cases with an outcome below which, unless there is none, its pass rate says nothing."""


@dataclass(frozen=True)
class BlindSlice:
    """A slice where production complains and no case newly fails."""

    id: str
    name: str
    satisfaction: Interval
    """Share of its rated sessions that are good."""
    n_rated: int
    pass_rate: Interval | None
    """Of its cases in the new run; None where it has none."""
    n_cases: int
    """Its cases with an outcome in the new run."""
    trace_ids: tuple[str, ...]
    """Badly rated traces, most central first."""


@dataclass(frozen=True)
class UpgradeReport:
    """Two runs compared, by slice, and against what production says."""

    upgrade: Upgrade
    old_path: str
    """What the old run was read from."""
    new_path: str
    slices: tuple[SliceUpgrade, ...]
    """By declared column and by topic, those that lost most cases first."""
    blind: tuple[BlindSlice, ...] | None
    """Least satisfied first; None where it could not be told."""
    not_measured: Mapping[str, str]
    """What could not be told, and why."""
    warnings: tuple[str, ...] = ()
    places: Mapping[str, str] | None = None
    """Where cases without an id of their own stand, by the id made for them."""

    @property
    def exit_code(self) -> ExitCode:
        """1 where the new run is worse by more than chance."""
        return ExitCode.BLOCKED if self.upgrade.is_worse else ExitCode.OK

    @property
    def verdict(self) -> str:
        """`worse`, `better` or `no difference`."""
        if self.upgrade.is_worse:
            return "worse"
        return "better" if self.upgrade.p_better <= LEVEL else "no difference"

    @property
    def sentence(self) -> str:
        """The comparison in one sentence."""
        upgrade, change = self.upgrade, self.upgrade.change
        verdict = {
            "worse": "The new run is worse",
            "better": "The new run is better",
            "no difference": "The new run is neither better nor worse beyond chance",
        }[self.verdict]
        return (
            f"{verdict}: {count(len(upgrade.newly_failing), 'case newly fails', 'cases newly fail')} and "
            f"{count(len(upgrade.newly_passing), 'newly passes', 'newly pass')}, of {count(upgrade.n, 'case')} in both "
            f"({points(change.value)}, 95 % CI {interval(change.low, change.high, points_number)}; exact McNemar, "
            f"one-sided p {p_value(upgrade.p_mcnemar)}{self._all_cases})."
        )

    @property
    def _all_cases(self) -> str:
        """What the test of all cases says; empty where it is the same test."""
        upgrade = self.upgrade
        if upgrade.p_all is None:
            return ""
        what = "of all cases, flaky ones too," if upgrade.flaky else "of all cases,"
        by = " by the share of repeats that pass," if upgrade.moved else ""
        return f"; {what}{by} p {p_value(upgrade.p_all)}; the smaller counts double"

    @property
    def could_have_seen(self) -> str:
        """The smallest regression that would have been found, in words."""
        if self.upgrade.smallest is None:
            return f"Nothing could have been seen with {count(self.upgrade.n, 'case')}: name runs of more cases."
        cases = max(1.0, round(self.upgrade.smallest * self.upgrade.n))
        return (
            f"Could have been seen 8 times in 10: {percent(self.upgrade.smallest)} of cases newly failing "
            f"({count(cases, 'case')}) more than newly passing. Runs that do not differ look worse in at most "
            f"{percent(LEVEL)} of comparisons."
        )
