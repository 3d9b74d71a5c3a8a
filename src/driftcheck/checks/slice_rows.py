"""What checks that blame slices say alike: slices as evidence rows, and the change since an earlier audit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from driftcheck.findings import Evidence
from driftcheck.numbers import percent, points

if TYPE_CHECKING:  # checks are listed and explained without loading what they measure with
    from driftcheck.comparison import Comparison
    from driftcheck.slices.partition import Slice

MAX_IDS = 5


def label_of(part: Slice) -> str:
    """Name of a slice that may leave the terminal: one without terms of its own is named by a text, which may not."""
    return part.name if part.terms else part.id


def since_baseline(comparison: Comparison, name: str, value: float) -> str:
    """A sentence on the change of a check's share or points since the earlier audit; empty without one."""
    before = comparison.baseline.values.get(name)
    if before is None:
        return ""
    change, called = value - before, comparison.baseline.called
    if abs(change) < 0.0005:
        return f" At {called} it was the same ({percent(before)})."
    return f" At {called} it was {percent(before)}: {points(abs(change))} {'more' if change > 0 else 'less'} now."


def slice_evidence(
    comparison: Comparison,
    indices: Sequence[int],
    *,
    contributions: Mapping[int, float] | None = None,
    extra: Mapping[int, Mapping[str, float | str | None]] | None = None,
) -> tuple[Evidence, ...]:
    """Evidence rows of slices, largest share of traffic first.

    Args:
        comparison: what was compared.
        indices: which slices of its partition.
        contributions: what each adds to the check's value; by default nothing.
        extra: further columns by slice.

    """
    partition = comparison.traffic.partition
    trace_ids = comparison.production.sample["trace_id"]
    case_ids = comparison.eval_set.frame["case_id"]
    rows = []
    for index in sorted(indices, key=lambda i: (-partition.slices[i].share_production, partition.slices[i].id)):
        part = partition.slices[index]
        satisfaction = comparison.satisfaction_by_slice[index]
        rows.append(
            Evidence(
                label=label_of(part),
                numbers={
                    "eval": part.share_eval,
                    "traffic": part.share_production,
                    "p": part.p_adjusted,
                    "users": satisfaction.value if satisfaction else None,
                    **(extra or {}).get(index, {}),
                },
                slice_id=part.id,
                case_ids=tuple(str(case_ids.iloc[row]) for row in part.case_rows[:MAX_IDS]),
                trace_ids=tuple(str(trace_ids.iloc[row]) for row in part.trace_rows[:MAX_IDS]),
                contribution=(contributions or {}).get(index),
            )
        )
    return tuple(rows)
