"""What checks of the bench over time say alike: how many versions they need, and cases as evidence rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from driftcheck.errors import NotMeasurable
from driftcheck.findings import Evidence
from driftcheck.numbers import count, date

if TYPE_CHECKING:  # checks are listed and explained without loading what they measure with
    from driftcheck.history import History, RunPoint

MIN_VERSIONS = 3
"""Versions of model or prompt below which a bench that stands still cannot be told from a product that does."""
MAX_CASES = 20
"""Ids in a row of evidence."""


def require_versions(history: History) -> None:
    """Refuse a history of an unchanged product: whatever stood still in it had no reason to move.

    Raises:
        NotMeasurable: fewer than MIN_VERSIONS versions of model or prompt.

    """
    if history.n_versions >= MIN_VERSIONS:
        return
    runs = count(len(history.runs), "run")
    if not any(run.is_version_known for run in history.runs):
        raise NotMeasurable(
            f"none of {runs} names its model or prompt, so none is known to be of a new version: at least "
            f"{MIN_VERSIONS} versions are needed; name a column by `columns: {{runs: {{model: ...}}}}` in drift.yaml"
        )
    raise NotMeasurable(
        f"{runs} of {count(history.n_versions, 'version')} of model or prompt: at least {MIN_VERSIONS} versions are "
        "needed to tell a bench that stands still from a product that does"
    )


def case_row(label: str, cases: Sequence[str], n: int, **numbers: float | str | None) -> Evidence:
    """A row about cases: how many, which share of `n`, and the first of them by id."""
    return Evidence(
        label=label,
        numbers={"cases": len(cases), "share": len(cases) / n if n else None, **numbers},
        case_ids=tuple(cases[:MAX_CASES]),
    )


def run_name(run: RunPoint) -> str:
    """The run of a day, or by its id."""
    return f"run {run.run_id}" if run.time is None else f"run of {date(run.time)}"


def version_name(run: RunPoint) -> str:
    """Model and prompt of a run, or the number of its version."""
    return run.name or f"version {run.version + 1}"
