"""What a check measured, what the policy made of it, and the report that carries both to every output."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from driftcheck.errors import ExitCode
from driftcheck.members import no_cases, no_traces
from driftcheck.records import LoadReport, Satisfaction

if TYPE_CHECKING:
    import pandas as pd


class FindingStatus(StrEnum):
    """What the policy says of a measurement."""

    PASS = "pass"
    WARN = "warn"
    FAIL = "fail"
    SKIP = "skip"
    WAIVED = "waived"


class Verdict(StrEnum):
    """The audit in one word."""

    PASS = "pass"
    WARN = "warn"
    FAIL = "fail"
    BLIND = "blind"


@dataclass(frozen=True)
class Thresholds:
    """Values from which a check warns and fails; None = never."""

    warn: float | None
    fail: float | None


@dataclass(frozen=True)
class Estimate:
    """A share or rate with its 95 % interval."""

    value: float
    low: float
    high: float
    n: float
    """Observations behind the value (sessions, cases, ratings), for rates."""


@dataclass(frozen=True)
class Evidence:
    """One row behind a finding: the slice, language, error class or case that it is about."""

    label: str
    """What the row is about, as read by people: a slice's name, a language, an error class."""
    numbers: Mapping[str, float | str | None] = field(default_factory=dict)
    """Columns of the row, in order: header -> value (shares as 0..1)."""
    slice_id: str | None = None
    case_ids: tuple[str, ...] = ()
    trace_ids: tuple[str, ...] = ()
    contribution: float | None = None
    """What the row adds to the check's value, where the value is a sum over rows: a waived slice takes it away."""


@dataclass(frozen=True)
class Measurement:
    """What a check found, before any threshold: the value is badness, 0 = nothing wrong, larger = worse."""

    value: float
    summary: str
    """One plain sentence with the numbers that matter."""
    low: float | None = None
    """95 % interval of the value, where one is known."""
    high: float | None = None
    p_value: float | None = None
    """Probability of so large a value when nothing drifted; None where the check has no test."""
    n: Mapping[str, int] = field(default_factory=dict)
    """Sizes behind the value, by what they count (`cases`, `sessions`, `ratings`)."""
    evidence: tuple[Evidence, ...] = ()
    fix: str = ""
    """What to do next, as a command or one sentence."""
    spread: float = 0.0
    """Standard error of the value where it is about as large as its threshold; 0 where nothing is sampled."""
    noticeable: float | None = None
    """Smallest value that would have been noticed 8 times in 10 at these sizes, in the unit of the check; None where no
    value would. A check says what chance alone leaves room for; judged, it also reaches the threshold."""
    could_have_noticed: str = ""
    """The same in words, beside every pass: "a new topic, from about 6 % of traffic on"."""


@dataclass(frozen=True)
class Finding:
    """A measurement held against its thresholds (or the reason why there is none)."""

    code: str
    name: str
    title: str
    status: FindingStatus
    unit: str
    warn: float | None
    fail: float | None
    measurement: Measurement | None
    """None where the check was skipped."""
    reason: str = ""
    """Why it was skipped, waived, or not held to be significant."""


@dataclass(frozen=True)
class SliceRow:
    """One slice of traffic as the report shows it. Shares are 0..1; delta = share_eval - share_production."""

    id: str
    name: str
    terms: tuple[str, ...]
    n_cases: int
    n_traces: int
    """Sampled sessions in the slice."""
    share_eval: float
    share_production: float
    delta: float
    """Negative = under-covered."""
    low: float
    """Newcombe interval of delta, lower end."""
    high: float
    p_adjusted: float
    """Family-wise adjusted p of the slice being over- or under-covered."""
    coverage: str
    """covered, thin, uncovered or dead."""
    pass_rate: Estimate | None
    satisfaction: Estimate | None
    response_rate: float | None
    """Share of the slice's sampled sessions that were rated."""
    restated: float | None
    """Pass rate used for the slice in the restated pass rate (shrunk towards its neighbours)."""
    cases_to_add: int
    case_ids: tuple[str, ...]
    trace_ids: tuple[str, ...]
    under_covered: bool
    centroid: str
    """Mean embedding, unit norm, little-endian float16 in base64: how a later audit finds the slice again."""
    example: str
    """Text of the most central trace (terminal only, unless `--text`)."""
    cases_to_know: int = 0
    """Cases missing until its pass rate is known to +-10 points; 0 if covered or dead."""


@dataclass(frozen=True)
class RestatedPassRate:
    """Pass rate post-stratified to this week's traffic."""

    value: float
    low: float
    high: float
    worst: float
    """If every uncovered slice failed: lower 95 % limit."""
    best: float
    """If every uncovered slice passed: upper 95 % limit."""
    uncovered_share: float


@dataclass(frozen=True)
class DivergenceScore:
    """KL(P||Q) in nats over topic slices, and what of it is more than chance."""

    kl: float
    null_mean: float
    excess: float
    low: float
    high: float
    p_value: float


@dataclass(frozen=True)
class NoveltyScore:
    """Share of traffic farther from its nearest case than 95 % of cases are from each other."""

    share: float
    expected: float
    excess: float
    p_value: float


@dataclass(frozen=True)
class Scores:
    """The headline numbers; None where one could not be measured."""

    pass_rate: Estimate | None
    satisfaction: Estimate | None
    response_rate: float | None
    """Share of production traces that were rated."""
    gap: Estimate | None
    """Pass rate minus satisfaction."""
    restated_pass_rate: RestatedPassRate | None
    divergence: DivergenceScore | None
    novelty: NoveltyScore | None
    coverage: Estimate | None
    """Share of traffic in slices that the eval set covers or holds at least some cases of."""


@dataclass(frozen=True)
class ModelIdentity:
    """What made the vectors."""

    name: str
    revision: str | None
    sha256: str | None
    precision: str


@dataclass(frozen=True)
class RunInput:
    """One run of the eval set as it was read."""

    path: str
    run_id: str
    time: float | None
    model: str | None
    n_pass: int
    n_fail: int
    n_error: int
    n_other: int
    n_joined: int


@dataclass(frozen=True)
class ProductionInput:
    """Production as it was read."""

    path: str
    format: str
    n_traces: int
    n_sessions: int
    n_embedded: int
    """Sessions in the sample (one trace stands for each)."""
    since: float | None
    until: float | None
    n_rated: int
    n_outside_window: int
    satisfaction: Satisfaction | None
    reports: tuple[LoadReport, ...]
    warnings: tuple[str, ...]
    first_time: float | None = None
    """Earliest trace in the window, unix seconds; None where none carries a time."""
    last_time: float | None = None
    """Latest trace in the window."""


@dataclass(frozen=True)
class Inputs:
    """Everything that was read."""

    eval_set_path: str
    n_cases: int
    eval_set: tuple[LoadReport, ...]
    runs: tuple[RunInput, ...]
    run_reports: tuple[LoadReport, ...]
    n_unjoined: int
    production: ProductionInput
    places: Mapping[str, str] = field(default_factory=dict)
    """Where the cases without an id of their own stand, by the id made for them: what people can look up."""


@dataclass(frozen=True)
class Report:
    """An audit, complete: every renderer prints this and nothing else."""

    verdict: Verdict
    exit_code: ExitCode
    sentence: str
    """The verdict in one sentence for someone who reads nothing else."""
    seed: int
    model: ModelIdentity | None
    inputs: Inputs
    scores: Scores
    finding_rows: tuple[Finding, ...]
    """Worst first."""
    slice_rows: tuple[SliceRow, ...]
    """Largest share of production first."""
    next_steps: tuple[str, ...]
    """Commands to run next."""
    cases: pd.DataFrame = field(default_factory=no_cases, compare=False, repr=False)
    """Every case, columns of `members.CASE_COLUMNS` and `slice:NAME`: for notebooks and `--export`."""
    traces: pd.DataFrame = field(default_factory=no_traces, compare=False, repr=False)
    """Every sampled trace, columns of `members.TRACE_COLUMNS` and `slice:NAME`."""

    @property
    def slices(self) -> pd.DataFrame:
        """The slices as a frame, one row a slice, for notebooks."""
        import pandas as pd

        rows = []
        for row in self.slice_rows:
            flat = {name: getattr(row, name) for name in row.__dataclass_fields__}
            flat["pass_rate"] = row.pass_rate.value if row.pass_rate else None
            flat["satisfaction"] = row.satisfaction.value if row.satisfaction else None
            rows.append(flat)
        return pd.DataFrame(rows)

    @property
    def findings(self) -> pd.DataFrame:
        """The findings as a frame, one row a check, for notebooks."""
        import pandas as pd

        return pd.DataFrame(
            {
                "code": finding.code,
                "name": finding.name,
                "status": finding.status.value,
                "value": finding.measurement.value if finding.measurement else None,
                "low": finding.measurement.low if finding.measurement else None,
                "high": finding.measurement.high if finding.measurement else None,
                "p_value": finding.measurement.p_value if finding.measurement else None,
                "unit": finding.unit,
                "warn": finding.warn,
                "fail": finding.fail,
                "noticeable": finding.measurement.noticeable if finding.measurement else None,
                "could_have_noticed": finding.measurement.could_have_noticed if finding.measurement else "",
                "summary": finding.measurement.summary if finding.measurement else finding.reason,
            }
            for finding in self.finding_rows
        )
