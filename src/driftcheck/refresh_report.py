"""What a refresh found, complete: every output of `driftcheck refresh` prints this and nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from driftcheck.investigation import Difference
from driftcheck.numbers import count, number
from driftcheck.proposals import Proposal, Why
from driftcheck.records import LoadReport
from driftcheck.report import ModelIdentity
from driftcheck.scores import Estimate
from driftcheck.stats.intervals import Interval

LEVEL = 0.05
"""Family-wise level at which a value of the diff counts as moved."""


@dataclass(frozen=True)
class SliceNeed:
    """A slice of traffic, and what it needs; shares are 0..1."""

    id: str
    name: str
    coverage: str
    """`covered`, `thin`, `uncovered` or `dead`."""
    n_cases: int
    n_pending: int
    """Open proposals in it."""
    share_eval: float
    share_production: float
    uncovered: float
    """How far its share of the set lies below its share of traffic, or the part of its traffic without a case nearby
    where that is more: 1 has none."""
    satisfaction: Estimate | None
    need: float
    """Traffic times uncovered times dissatisfaction."""
    n_proposed: int


@dataclass(frozen=True)
class Change:
    """One value of a field, then and now."""

    field: str
    """`slice`, `language`, `length`, `model` or `error`."""
    value: str
    n_before: int
    n_after: int
    share_before: float
    share_after: float
    change: Difference
    p_adjusted: float
    """Of no change, for all values together."""

    @property
    def moved(self) -> bool:
        """Whether its share moved by more than chance."""
        return self.p_adjusted <= LEVEL


@dataclass(frozen=True)
class Diff:
    """Production now against the sample of the last refresh, or against the eval set where there was none."""

    against: str
    """What is compared with, in words: "the refresh of 2026-06-01"."""
    is_refresh: bool
    """Whether it is an earlier refresh."""
    n_before: int
    """Sampled sessions then, or cases."""
    n_after: int
    changes: tuple[Change, ...]
    """Every value that was compared, what moved first."""

    @property
    def moved(self) -> tuple[Change, ...]:
        """The values whose share moved by more than chance."""
        return tuple(change for change in self.changes if change.moved)


@dataclass(frozen=True)
class BillPoint:
    """The next audit, had so many of the ranked traces been labelled and accepted."""

    n: int
    divergence: Interval | None
    """Excess KL(P||Q), nats; None where it cannot be measured or is not checked."""
    under_covered: float | None
    """Share of traffic in under-covered slices."""
    blocking: tuple[str, ...]
    """Checks that block, or cannot be measured, by name."""
    warning: tuple[str, ...]
    may_block: tuple[str, ...]
    """Those that would on another sample of the same traffic, more often than 2 times in 10."""
    may_warn: tuple[str, ...]

    @property
    def state(self) -> str:
        """What the audit would say, in two words at the most."""
        words = (
            (self.blocking, "blocks"),
            (self.may_block, "may block"),
            (self.warning, "warns"),
            (self.may_warn, "may warn"),
        )
        return next((word for names, word in words if names), "passes")


@dataclass(frozen=True)
class Step:
    """The least number of cases that reaches something, and where they come from."""

    n: int
    by_slice: Mapping[str, int]
    """Cases by the id of their slice."""


@dataclass(frozen=True)
class Bill:
    """How many labelled cases bring the checks of coverage under their thresholds."""

    checks: tuple[str, ...]
    """Checks that were measured, by name."""
    points: tuple[BillPoint, ...]
    """The curve, fewest cases first."""
    unblocks: Step | None
    """Until none of them blocks; None where all that production offers is not enough."""
    quiets: Step | None
    """Until none of them warns either."""
    n_ranked: int
    """Traces that were ranked: no more than were looked at."""
    n_usable: int
    """Traces that were there to take."""
    is_limited: bool
    """These are of slices that somebody named, and not of the whole window."""
    n_pending: int
    """Open proposals, which are counted as accepted."""
    minutes_per_case: float | None
    n_dead: int
    """Cases of dead slices."""
    may_retire: bool
    """Without them there would still be cases enough to measure."""
    unblocks_retired: int | None
    """Cases until none blocks, were the dead ones retired; None where not asked, or not enough."""
    quiets_retired: int | None
    block_beside: tuple[str, ...] = ()
    """Checks that are not priced and would block even so: with the cases of `unblocks`, else with all."""

    def hours(self, n: int) -> float | None:
        """What labelling so many takes."""
        return None if self.minutes_per_case is None else n * self.minutes_per_case / 60

    @property
    def sentence(self) -> str:
        """The bill in one sentence or two."""
        said = f"{'; '.join(self._parts())}."
        if self.n_dead and (self.quiets_retired is not None or self.unblocks_retired is not None):
            said += f" With the {count(self.n_dead, 'case')} of dead slices retired: {self._retired()}."
        elif self.n_dead and self.quiets is None and self.may_retire:
            said += f" {count(self.n_dead, 'case')} of dead slices weigh on it as well: see driftcheck retire --dead."
        if self.block_beside:
            are = "is" if len(self.block_beside) == 1 else "are"
            said += f" {' and '.join(self.block_beside)} would block even so, and {are} not priced."
        return said

    def _parts(self) -> list[str]:
        two = len(self.checks) > 1
        neither = f"neither {' nor '.join(self.checks)}" if two else self.checks[0]
        none = f"No more than the {count(self.n_pending, 'open proposal')} is needed, once accepted"
        none = none if self.n_pending else "No case is needed"
        beside = f" beside the {count(self.n_pending, 'open proposal')}" if self.n_pending else ""
        if self.quiets is not None and self.quiets.n == 0:
            return [f"{none}: {neither} {'warns or blocks' if two else 'neither warns nor blocks'}"]
        if self.unblocks is None:
            every = f"Labelling {self._every} would not do" if self.n_ranked else f"There is {self._every} to label"
            return [f"{every}: {_blame(self.points[-1])}"]
        if self.unblocks == self.quiets:
            until = "blocks or warns" if two else "no longer blocks or warns"
            return [f"{self._price(self.unblocks.n)}{beside} until {neither} {until}"]
        if self.unblocks.n:
            until = "blocks" if two else "no longer blocks"
            parts = [f"{self._price(self.unblocks.n)}{beside} until {neither} {until}"]
        else:
            parts = [f"{none}: {neither} {'blocks' if two else 'does not block'}"]
        if self.quiets is not None:
            return [*parts, f"{self._price(self.quiets.n)} until {'none warns' if two else 'it does not warn'}"]
        return [*parts, f"{self._every} would leave a warning" if self.n_ranked else f"there is {self._every} to label"]

    @property
    def _every(self) -> str:
        """The traces that could be labelled, in words."""
        where = "of the slices asked for" if self.is_limited else "of this window"
        if self.n_ranked < self.n_usable:
            return f"the first {count(self.n_ranked)} of the {count(self.n_usable, 'usable trace')} {where}"
        return f"all {count(self.n_ranked, 'usable trace')} {where}" if self.n_ranked else f"no usable trace {where}"

    def _retired(self) -> str:
        reached = [
            f"{count(n)} until {until}"
            for n, until in ((self.unblocks_retired, "none blocks"), (self.quiets_retired, "none warns"))
            if n is not None
        ]
        return ", ".join(reached)

    def _price(self, n: int) -> str:
        hours = self.hours(n)
        return count(n, "case") + (f" ({number(hours)} h)" if hours is not None else "")


def _blame(point: BillPoint) -> str:
    """What blocks still."""
    names = point.blocking or point.may_block
    verb = "would" if point.blocking else "might"
    still = f"{' and '.join(names)} {verb} block still"
    return still if point.divergence is None else f"{still} (excess KL {number(point.divergence.value)} nats)"


@dataclass(frozen=True)
class LeftOut:
    """Sampled sessions that no case can be taken from."""

    near: int
    """Near a case or an open proposal."""
    asked: int
    """Proposed before."""
    wordless: int
    """Without two letters of text."""
    sealed: int = 0
    """Ask what a sealed case asks."""


@dataclass(frozen=True)
class RefreshReport:
    """Proposals, and why these."""

    proposals: tuple[Proposal, ...]
    """Masked, in the order of need."""
    path: str
    """The proposals file."""
    is_written: bool
    n_wanted: int
    """Proposals that were asked for."""
    needs: tuple[SliceNeed, ...]
    """Most needy first; none where slices cannot be told."""
    diff: Diff
    bill: Bill | None
    left_out: LeftOut
    n_cases: int
    n_sessions: int
    """Sessions in the window."""
    n_sampled: int
    since: float | None
    """Window, unix seconds."""
    until: float | None
    not_measured: Mapping[str, str]
    warnings: tuple[str, ...]
    reports: tuple[LoadReport, ...]
    model: ModelIdentity
    seed: int
    accept: str = "driftcheck accept"
    """The command that takes the proposals of this file in."""
    most_masked: tuple[str, int] | None = None
    """The name that was masked in most texts, and in how many; for a person at a terminal alone."""

    @property
    def sentence(self) -> str:
        """The refresh in one sentence."""
        if not self.proposals:
            sealed = ", is sealed" if self.left_out.sealed else ""
            return f"Production offers no case that is not there{sealed}, or was proposed before."
        reasons = Counter(proposal.why for proposal in self.proposals)
        listed = ", ".join(f"{count(reasons[why])} {_IN[why]}" for why in Why if reasons[why])
        what = count(len(self.proposals), "case")
        verb = "is" if len(self.proposals) == 1 else "are"
        done = f"{what} {verb} proposed" if self.is_written else f"{what} would be proposed"
        return f"{done} from {count(self.n_sampled, 'sampled session')}: {listed}."

    @property
    def next_step(self) -> str:
        """What its reader does now; empty where there is nothing."""
        if not self.proposals or not self.is_written:
            return ""
        return f"Fill in `expected` and `reviewer` in {self.path}, then: {self.accept}"


_IN = {
    Why.UNCOVERED: "from uncovered slices",
    Why.UNLIKE: "with no case nearby",
    Why.THIN: "from thin slices",
    Why.PROPORTIONAL: "in proportion to traffic",
}
