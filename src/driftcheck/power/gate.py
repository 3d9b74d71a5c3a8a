"""The gate itself, on a split: the checks of traffic with their thresholds, as `driftcheck audit` runs them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftcheck.baseline import Baseline
from driftcheck.checks import novel_traffic, slice_coverage, topic_divergence
from driftcheck.comparison import Comparison
from driftcheck.findings import FindingStatus
from driftcheck.policy import Plan, run_checks
from driftcheck.power.splits import Split
from driftcheck.records import EVAL_SET_COLUMNS, SAMPLE_COLUMNS, TRAFFIC_COLUMNS, EvalSet, Production
from driftcheck.sizes import ALPHA

TRAFFIC_CHECKS = (topic_divergence, novel_traffic, slice_coverage)
"""The checks that compare texts and can block; those of the score are told apart, in `ratings`."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the gate made of one split."""

    failed: tuple[str, ...]
    """Names of the checks that failed: any of them is an alarm."""
    significant: bool
    """Whether any check was significant, large enough to fail or not."""


def traffic_plans(plans: Sequence[Plan]) -> tuple[Plan, ...]:
    """The plans whose alarms are counted: blocking checks of traffic."""
    return tuple(plan for plan in plans if plan.check in TRAFFIC_CHECKS and plan.thresholds.fail is not None)


@dataclass(frozen=True)
class Gate:
    """Audits splits of one pool of sessions."""

    vectors: NDArray[np.float32]
    """Unit embeddings of the pool, (n_pool, d)."""
    plans: tuple[Plan, ...]
    """Blocking checks of traffic, see `traffic_plans`."""

    def audit(self, split: Split, seed: int) -> Outcome:
        """Run the checks on one split."""
        comparison = Comparison(
            eval_set=EvalSet(_blank(EVAL_SET_COLUMNS, "case_id", len(split.cases)), (), ()),
            runs=None,
            production=Production(
                sample=_blank(SAMPLE_COLUMNS, "trace_id", len(split.sessions)),
                traffic=_blank(TRAFFIC_COLUMNS, "session", 0),
                n_sessions=len(split.sessions),
                since=None,
                until=None,
                n_outside_window=0,
                satisfaction=None,
                tag_fields=(),
                reports=(),
            ),
            case_vectors=self.vectors[split.cases],
            trace_vectors=self.vectors[split.sessions],
            declared_slices=(),
            seed=seed,
            runs_until=None,
            baseline=Baseline(),
        )
        findings = run_checks(self.plans, comparison)
        p_values = [
            finding.measurement.p_value
            for finding in findings
            if finding.measurement is not None and finding.measurement.p_value is not None
        ]
        failed = tuple(sorted(finding.name for finding in findings if finding.status is FindingStatus.FAIL))
        return Outcome(failed, bool(failed) or any(p <= ALPHA for p in p_values))


def _blank(columns: Iterable[str], key: str, n: int) -> pd.DataFrame:
    """A frame of n rows that says nothing but a number in `key`: the checks of traffic read the vectors alone."""
    frame = pd.DataFrame({name: [""] * n for name in columns})
    frame[key] = np.arange(n).astype(str)
    if "satisfied" in frame:
        frame["satisfied"] = np.nan
    return frame
