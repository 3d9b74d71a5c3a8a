"""The same cases fail, whatever changes in the product.

What is measured
    Over the last 5 changes of model or prompt: of the failures after each change, the share that failed before it too
    (1 - new failures / failures), less what chance would give were failures dealt anew, over the room above chance
    (as Cohen's kappa does). A case fails a version when it fails more than half of its runs. Share of failures, 0..1;
    0 = each version has failures of its own, 1 = the failures are always the same. Below 3 versions or 10 failures
    after changes it is not measurable; warns only where the interval lies above 0.

Why it matters
    Failures that surprise nobody are no longer read. Either they are worth mending, or they are wrong; meanwhile they
    hold the score down by a constant and hide what is new. Between runs of one version the same failures are what
    anyone expects, hard cases stay hard: that is why only changes of version count. Six unlike
    models of AlpacaEval share 0.3 of their failures by this measure, four releases of one model 0.6: it warns between.

How to fix it
    Take the cases listed one by one: correct a wrong answer key, give a case that the product will not do a date and an
    owner or retire it, and put the rest on someone's list.

Source
    Cohen (1960), A coefficient of agreement for nominal scales, for the correction for chance; intervals of Wilson.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from driftcheck.checks.case_rows import case_row, require_versions, version_name
from driftcheck.errors import NotMeasurable
from driftcheck.findings import Evidence, Measurement, Thresholds
from driftcheck.numbers import UNKNOWN, count, date, percent
from driftcheck.stats.intervals import wilson
from driftcheck.stats.noticeable import Z_95

if TYPE_CHECKING:  # checks are listed and explained without loading what they measure with
    from driftcheck.comparison import Comparison
    from driftcheck.history import History

CODE = "DC402"
TITLE = "Failures that surprise nobody"
UNIT = "share of failures"
DEFAULT = Thresholds(warn=0.4, fail=None)
LAST_CHANGES = 5
LAST_RUNS = 10
MIN_FAILURES = 10


def measure(comparison: Comparison) -> Measurement:
    """Share of failures that were there before the change of version, beyond chance."""
    history = comparison.history
    require_versions(history)
    living = history.living
    shares = history.by_version[living]
    fails, known = shares < 0.5, ~np.isnan(shares)
    n_failures = n_old = 0
    by_chance = 0.0
    for version in range(max(1, history.n_versions - LAST_CHANGES), history.n_versions):
        both = known[:, version - 1] & known[:, version]
        after = int(np.sum(fails[both, version]))
        n_failures += after
        n_old += int(np.sum(fails[both, version] & fails[both, version - 1]))
        by_chance += after * float(np.mean(fails[both, version - 1])) if both.any() else 0.0
    if n_failures < MIN_FAILURES:
        raise NotMeasurable(
            f"{count(n_failures, 'failure')} after the last {min(LAST_CHANGES, history.n_versions - 1)} changes of "
            f"model or prompt: at least {MIN_FAILURES} are needed"
        )
    base = by_chance / n_failures
    # the same cases over several changes are no new evidence: at the most as many failures as the versions' mean
    effective = n_failures / min(LAST_CHANGES, history.n_versions - 1)
    share = wilson(n_old / n_failures * effective, effective)
    value, low, high = (
        0.0 if base >= 1 else max(0.0, (limit - base) / (1 - base)) for limit in (share.value, share.low, share.high)
    )
    chronic = living[np.all(fails | ~known, axis=1) & (known.sum(axis=1) >= 3)]
    return Measurement(
        value=value,
        low=low,
        high=high,
        n={"failures": n_failures, "cases": len(living), "versions": history.n_versions, "runs": len(history.runs)},
        summary=(
            f"{percent(1 - n_old / n_failures)} of the failures after a change of model or prompt were new; "
            f"{count(len(chronic), 'case fails', 'cases fail')} under every version, "
            f"{count(float(history.fails[living][:, -1].sum()))} in the latest run. {_surprise(history)}"
        ),
        evidence=_rows(history, chronic),
        fix="Correct, retire or assign the cases listed; then a failure is news again." if len(chronic) else "",
        spread=(high - low) / (2 * Z_95),
        noticeable=min(1.0, (high - low) / 2),
    )


def noticed(value: float) -> str:
    """What would have been noticed 8 times in 10, from this value on."""
    return f"old failures beyond chance, from {percent(value)} on"


def _surprise(history: History) -> str:
    """The surprise rate from run to run, whatever changed."""
    runs = range(max(0, len(history.runs) - LAST_RUNS), len(history.runs))
    fails, known = history.fails[:, runs], history.known[:, runs]
    both = known[:, 1:] & known[:, :-1]
    failures = fails[:, 1:] & both
    new = failures & ~fails[:, :-1]
    share = new.sum() / max(1, failures.sum())
    return f"From run to run, over the last {len(runs)}, {percent(float(share))} of failures were new."


def _rows(history: History, chronic: np.ndarray[tuple[int, ...], np.dtype[np.intp]]) -> tuple[Evidence, ...]:
    """The chronic failures, by the version since which they fail: the oldest first."""
    since: dict[int, list[int]] = {}
    for row in chronic.tolist():
        since.setdefault(int(np.flatnonzero(history.known[row])[0]), []).append(row)
    rows = []
    for first, cases in sorted(since.items()):
        run = history.runs[first]
        n_runs = history.known[cases].sum()
        label = f"since {date(run.time)}" if run.time is not None else f"since {run.run_id}"
        fails = float(history.fails[cases].sum() / n_runs)
        row = case_row(label, history.ids(cases), len(history.living), fails=fails, first=version_name(run) or UNKNOWN)
        rows.append(row)
    return tuple(rows)
