"""What moved in production since the last refresh: slices, languages, lengths, models, error classes.

Each value's share of the sampled sessions then and now, with Newcombe's interval of the difference. A value counts as
moved by Fisher's exact test, Holm-adjusted over all values of all fields: where nothing moved, at most one refresh in
twenty says that something did. Against an eval set, whose slices were cut by the same data, the partition's own
family-wise p-values stand for the slices, and both families share the level.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from driftcheck.checks.slice_rows import label_of
from driftcheck.comparison import Comparison
from driftcheck.errors import measurable
from driftcheck.investigation import Difference
from driftcheck.ledger import UsedModel
from driftcheck.ledger.events import Refreshed
from driftcheck.masking.classes import mask_error, mask_model
from driftcheck.records import SLICE_PREFIX
from driftcheck.refresh_report import Change, Diff
from driftcheck.refreshing.declared import declared_names, shown_values
from driftcheck.slices.profile import nearest_slice
from driftcheck.stats.intervals import holm, newcombe_difference, wilson
from driftcheck.stats.shares import share_p_value

MIN_SEEN = 10
"""Sessions of both sides together from which on a value is compared: fewer can hardly be told from chance."""
MAX_VALUES = 40
"""Most frequent values of a field that are compared: with each more, all need more evidence."""
KEPT_VALUES = 200
"""Values of a field that the ledger keeps."""
_LONGEST = 200

Mix: TypeAlias = Mapping[str, int]


def mixes_of(comparison: Comparison, mask: Callable[[str], str]) -> dict[str, dict[str, int]]:
    """What the sampled sessions are made of, by field; "" counts those of whom nothing is known (no model, no error).

    No texts: languages, models, declared slices, classes of errors and of lengths, with personal data masked.
    """
    sample = comparison.production.sample
    mixes = {
        "language": _counted(comparison.trace_languages.tolist()),
        "length": _counted(lengths_as_classes(comparison.trace_lengths)),
        "model": _renamed(_counted(sample["model"].tolist()), lambda name: mask_model(name, mask)),
        "error": _renamed(_counted(sample["error"].tolist()), lambda name: mask_error(name, mask)),
    }
    shown = shown_values(comparison.eval_set, mask)
    for name in declared_names(comparison.eval_set):
        counted = _counted(sample[f"{SLICE_PREFIX}{name}"].tolist())
        mixes[f"{SLICE_PREFIX}{name}"] = _renamed(counted, partial(shown, name))
    return mixes


def lengths_as_classes(lengths: NDArray[np.int64]) -> list[str]:
    """Classes of lengths in words, each twice as wide as the one before.

    >>> lengths_as_classes(np.array([1, 4, 5, 8, 9, 300]))
    ['1-4 words', '1-4 words', '5-8 words', '5-8 words', '9-16 words', 'over 256 words']
    """
    edges = [4, 8, 16, 32, 64, 128, 256]
    names = [f"{low + 1}-{high} words" for low, high in zip([0, *edges], edges, strict=False)]
    names.append(f"over {edges[-1]} words")
    return [names[place] for place in np.searchsorted(edges, lengths, side="left")]


def against_refresh(
    comparison: Comparison, before: Refreshed, model: UsedModel, mask: Callable[[str], str]
) -> tuple[Diff, str]:
    """Traffic now against that of an earlier refresh, and why slices are not among it, where they are not."""
    now = mixes_of(comparison, mask)
    n_after = len(comparison.production.sample)
    compared: list[tuple[str, str, int, int]] = []
    why, called = "", {}
    if before.model.identity != model.identity:
        why = f"the refresh of {before.at.isoformat()} was embedded by another model"
    elif before.centroids:
        profile = before.profile()
        nearest = nearest_slice(profile.centroids, comparison.trace_vectors)
        counts = np.bincount(nearest, minlength=len(profile.centroids)).tolist()
        then = {name: profile.counts.get(name, 0) for name in profile.centroids}
        compared += _compared("slice", then, dict(zip(profile.centroids, counts, strict=True)))
        called = _called(comparison)
    else:
        why = f"the refresh of {before.at.isoformat()} had too few cases or sessions for slices"
    for field, mix in now.items():
        if field in before.mixes and set(before.mixes[field]) | set(mix) - {""}:  # a slice may be declared since
            compared += _compared(field, before.mixes[field], mix)
    totals = [sum(mix.values()) for mix in before.mixes.values()]
    n_before = max([sum(before.counts.values()), *totals])
    p_values = holm([share_p_value(a, n_before, b, n_after) for *_, a, b in compared]) if compared else np.zeros(0)
    changes = [
        _change(field, called.get(value, value) if field == "slice" else value, a, n_before, b, n_after, p)
        for (field, value, a, b), p in zip(compared, p_values.tolist(), strict=True)
    ]
    against = f"the refresh of {before.at.isoformat()}"
    return Diff(against, True, n_before, n_after, _largest_first(changes)), why


def against_eval_set(comparison: Comparison) -> Diff:
    """Traffic against the eval set, where no refresh is remembered: slices, languages and lengths."""
    n_before, n_after = comparison.eval_set.n_cases, len(comparison.production.sample)
    compared = []
    for field, cases, traces in (
        ("language", comparison.case_languages.tolist(), comparison.trace_languages.tolist()),
        ("length", lengths_as_classes(comparison.case_lengths), lengths_as_classes(comparison.trace_lengths)),
    ):
        compared += _compared(field, Counter(cases), Counter(traces))
    p_values = holm([share_p_value(a, n_before, b, n_after) for *_, a, b in compared]) if compared else np.zeros(0)
    traffic = measurable(lambda: comparison.traffic)
    families = 2 if traffic else 1
    changes = [
        _change(field, value, a, n_before, b, n_after, min(1.0, families * p))
        for (field, value, a, b), p in zip(compared, p_values.tolist(), strict=True)
    ]
    for index, part in enumerate(traffic.partition.slices if traffic else ()):
        apart = comparison.share_difference(index)  # the set minus production
        changes.append(
            Change(
                field="slice",
                value=_name(part.id, label_of(part)),
                n_before=part.n_cases,
                n_after=part.n_traces,
                share_before=part.share_eval,
                share_after=part.share_production,
                change=Difference(-apart.value, -apart.high, -apart.low),
                p_adjusted=min(1.0, families * part.p_adjusted),
            )
        )
    return Diff("the eval set", False, n_before, n_after, _largest_first(changes))


def _counted(values: Sequence[object]) -> dict[str, int]:
    """Values with their numbers, the most frequent ones; all others count as "(other)"."""
    counted = Counter(value[:_LONGEST] if isinstance(value, str) else "" for value in values)
    first = sorted(counted.items(), key=lambda one: (-one[1], one[0]))
    kept = dict(first[:KEPT_VALUES])
    rest = sum(n for _, n in first[KEPT_VALUES:])
    return {**kept, "(other)": kept.get("(other)", 0) + rest} if rest else kept


def _renamed(counted: Mix, shown: Callable[[str], str]) -> dict[str, int]:
    """The same counts under the names that may be shown; what then has the same name is one value."""
    renamed: Counter[str] = Counter()
    for value, n in counted.items():
        renamed[shown(value) if value else ""] += n
    return dict(renamed)


def _compared(field: str, before: Mix, after: Mix) -> list[tuple[str, str, int, int]]:
    """Known values that were seen often enough: (field, value, n before, n after)."""
    both = Counter(before) + Counter(after)
    frequent = sorted(both.items(), key=lambda one: (-one[1], one[0]))[: MAX_VALUES + 1]
    return [
        (field, value, before.get(value, 0), after.get(value, 0)) for value, n in frequent if value and n >= MIN_SEEN
    ]


def _change(field: str, value: str, before: int, n_before: int, after: int, n_after: int, p: float) -> Change:
    apart = newcombe_difference(wilson(after, n_after), wilson(before, n_before))
    return Change(
        field=field,
        value=value,
        n_before=before,
        n_after=after,
        share_before=before / n_before,
        share_after=after / n_after,
        change=Difference(apart.value, apart.low, apart.high),
        p_adjusted=p,
    )


def _largest_first(changes: Sequence[Change]) -> tuple[Change, ...]:
    return tuple(sorted(changes, key=lambda one: (not one.moved, -abs(one.change.value), one.field, one.value)))


def _called(comparison: Comparison) -> dict[str, str]:
    traffic = measurable(lambda: comparison.traffic)
    return {part.id: _name(part.id, label_of(part)) for part in traffic.partition.slices} if traffic else {}


def _name(id_: str, label: str) -> str:
    return id_ if label == id_ else f"{id_} {label}"
