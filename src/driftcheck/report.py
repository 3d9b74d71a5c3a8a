"""The report: all of an audit, for every output to print."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from driftcheck.errors import ExitCode
from driftcheck.findings import Finding, Verdict
from driftcheck.members import TopicMap, no_cases, no_traces
from driftcheck.past import PastAudit
from driftcheck.records import LoadReport, Satisfaction
from driftcheck.scores import Estimate, Scores

if TYPE_CHECKING:
    import pandas as pd


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
class Cadence:
    """Who keeps the eval set fresh, and when it is to be refreshed next."""

    owner: str | None
    """Who answers for the eval set, as drift.yaml says."""
    refreshed: dt.date | None
    """Day of the last refresh; None where nothing tells it."""
    refresh_every: dt.timedelta | None
    next_refresh: dt.date | None
    """Day on which the next one is due; None without a cadence or a last one."""
    overdue_days: int | None
    """Days since it was due, 0 where it is still to come; None where nothing says when it is due."""
    proposed: dt.date | None
    """Day of proposals that wait for review; None where none do."""
    whose_move: str | None
    """Who is to act now; None where nobody has to before `next_refresh`."""


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
    topic_map: TopicMap | None = field(default=None, compare=False, repr=False)
    """Where they lie on the map; None where none was asked for, or there is too little data for slices."""
    past: tuple[PastAudit, ...] = ()
    """Earlier audits of the same eval set, oldest first; the last is the one that changes are told against."""
    owner: str | None = None
    """Who answers for the eval set, as drift.yaml says."""
    command: str = "driftcheck audit"
    """How this audit is called again."""
    cadence: Cadence | None = None
    """Who keeps the eval set fresh; None where no day is taken as today."""

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
