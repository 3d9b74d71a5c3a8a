"""Slices that people read: a partition of all cases and traces whose shares add up to one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import linkage

from driftcheck.sizes import ALPHA
from driftcheck.slices.identity import assign_ids
from driftcheck.slices.names import name_slices
from driftcheck.slices.space import Floats, Space, normalise
from driftcheck.slices.traffic import Scan, TrafficTest, slice_p_value
from driftcheck.slices.tree import SliceTree
from driftcheck.stats.intervals import cases_for_half_width, wilson_half_width

Coverage = Literal["covered", "thin", "uncovered", "dead"]

N_CENTRAL = 20
_CASES_PER_SLICE = 15
UNDER_RATIO = 1.5
"""Production share over eval share from which on a significant slice is under-covered: with much
traffic a slice at 11 % against 10 % is significant too, and no reason to write cases."""
DEAD_RATIO = 0.25
"""Production share over eval share below which a significant slice is dead."""
FURTHER_SLICES = 5.0
"""Once the scans of all trees together are significant at alpha, slices are at this many times alpha."""


@dataclass(frozen=True, slots=True)
class Slice:
    """A group of like inputs, with its share of the eval set (Q) and of production (P)."""

    id: str
    """Lasting id, such as `s3`."""
    name: str
    """Short name, distinct in the partition."""
    terms: tuple[str, ...]
    """Terms that set it apart, strongest first."""
    n_cases: int
    """Cases in it."""
    n_traces: int
    """Traces in it, one per session."""
    share_eval: float
    """Share of the cases, 0..1."""
    share_production: float
    """Share of the traces, 0..1."""
    delta: float
    """`share_eval` - `share_production`: negative where the eval set has too few."""
    p_adjusted: float
    """Family-wise adjusted p over all slices of all trees, one-sided towards the sign of delta."""
    under_covered: bool
    """Production has significantly more of it, at least 1.5 times the eval share."""
    dead: bool
    """Production has significantly less of it, under a quarter of the eval share."""
    coverage: Coverage
    """covered: its cases tell its pass rate to +- half_width; uncovered: they do not, and it is
    under-covered; dead: production no longer has it; thin: the rest."""
    cases_to_add: int
    """Cases that bring its eval share up to its production share; 0 unless under-covered."""
    cases_to_know: int
    """Cases missing until its pass rate is known to +- half_width; 0 if covered or dead."""
    case_rows: tuple[int, ...]
    """Rows of up to 20 central cases, most central first, no text twice."""
    trace_rows: tuple[int, ...]
    """Rows of up to 20 central traces, most central first, no text twice."""
    centroid: Floats
    """Mean of its members in the raw embedding space, (d,), unit norm."""


@dataclass(frozen=True, slots=True)
class Partition:
    """Every case and every trace in exactly one slice."""

    slices: tuple[Slice, ...]
    """Most traffic first."""
    slice_of_case: NDArray[np.int32]
    """Index into `slices` of each case, (n_cases,)."""
    slice_of_trace: NDArray[np.int32]
    """Index into `slices` of each trace, (n_traces,)."""
    parent: NDArray[np.int64]
    """Ward tree over the slices, (2 * n_slices - 1,): nodes 0..n_slices-1 are the slices,
    `parent[i] > i`, -1 marks the root. For `stats.poststratify`."""

    @property
    def under_covered_share(self) -> float:
        """Share of production in under-covered slices, 0..1."""
        return sum(s.share_production for s in self.slices if s.under_covered)

    @property
    def dead_share(self) -> float:
        """Share of the cases in dead slices, 0..1."""
        return sum(s.share_eval for s in self.slices if s.dead)


def build_partition(
    space: Space,
    test: TrafficTest,
    cases: Floats,
    traces: Floats,
    case_texts: Sequence[str],
    trace_texts: Sequence[str],
    *,
    alpha: float = ALPHA,
    half_width: float = 0.10,
    assumed_pass_rate: float = 0.9,
    min_share: float = 0.01,
    max_slices: int = 30,
    previous: Mapping[str, Floats] | None = None,
    retired: Iterable[str] = (),
) -> Partition:
    """Cut the tree into slices: significant nodes first, then the rest at a readable grain.

    Of the trees the one on which the scan finds most is used (the first where none finds
    anything). Its significant nodes become slices, strongest first, as long as they do not
    overlap; what is left is cut from the top while both halves keep `min_share` of traffic, into
    8 to `max_slices` slices, about one for every 15 cases.

    Parameters
    ----------
    space : Space
        Cases and traces in the space.
    test : TrafficTest
        Result of `compare_traffic` on that space.
    cases, traces : array (n_cases, d), (n_traces, d)
        Raw embeddings, in the same order.
    case_texts, trace_texts : sequence of str
        The inputs, for names.
    alpha : float
        Level at which the scans of all trees together must say that some slice is under-covered
        (dead) for any to be called so; each slice then needs five times that level, family-wise.
        So without drift no slice is under-covered with probability 1 - alpha, and none dead with
        the same, and with drift its lesser slices are not overlooked. The trees decide together, so
        that their seed hardly matters.
    half_width, assumed_pass_rate : float
        A slice is covered when the Wilson interval of `assumed_pass_rate` at its number of cases
        is within +- `half_width`: assumed, so that coverage is known before any run and a lucky
        streak in a small slice does not count as knowledge.
    min_share : float
        Smallest share of traffic of a slice that is not significant.
    max_slices : int
        Most slices.
    previous, retired
        Slices of earlier audits, see `identity.assign_ids`.

    Raises
    ------
    ValueError
        If texts, embeddings and space do not have the same rows.

    """
    if not len(cases) == len(case_texts) == space.n_cases:
        raise ValueError("cases, case_texts and space.cases must have the same rows")
    if not len(traces) == len(trace_texts) == len(space.traces):
        raise ValueError("traces, trace_texts and space.traces must have the same rows")
    levels = _levels(test, alpha)
    tree, label = _cut(test, levels, min_share, max_slices)
    of_case = label[tree.leaf_of_case]
    tail = tree.assign(space.traces[space.n_tested :])
    of_trace = label[np.concatenate([tree.leaf_of_trace, tail])]

    n = int(label.max()) + 1
    order = np.argsort(-np.bincount(of_trace, minlength=n), kind="stable")
    rank = np.empty(n, dtype=np.int32)
    rank[order] = np.arange(n, dtype=np.int32)
    of_case, of_trace = rank[of_case], rank[of_trace]

    needed = cases_for_half_width(assumed_pass_rate, half_width)
    case_count = np.bincount(of_case, minlength=n)
    trace_count = np.bincount(of_trace, minlength=n)
    tested_count = np.bincount(of_trace[: space.n_tested], minlength=n)
    middles = _means(space.cases, space.traces, of_case, of_trace, n)
    centroids = normalise(_means(normalise(cases), normalise(traces), of_case, of_trace, n))
    case_rows = _central(space.cases, of_case, middles, case_texts, N_CENTRAL)
    trace_rows = _central(space.traces, of_trace, middles, trace_texts, 200)
    names = name_slices(
        [[trace_texts[i] for i in trace_rows[s]] or [case_texts[i] for i in case_rows[s]] for s in range(n)]
    )
    ids = assign_ids(centroids, previous, retired=retired)

    slices: list[Slice] = []
    for s in range(n):
        a, b = int(case_count[s]), int(trace_count[s])
        share_eval = a / len(cases)
        share_production = b / len(traces)
        p = slice_p_value(test, a, int(tested_count[s])) if n > 1 else 1.0
        ratio = share_production / share_eval if a else np.inf
        under = p <= levels.under_covered and ratio >= UNDER_RATIO
        dead = p <= levels.dead and ratio < DEAD_RATIO
        known = a > 0 and wilson_half_width(assumed_pass_rate, a) <= half_width
        coverage: Coverage = "dead" if dead else "covered" if known else "uncovered" if under else "thin"
        slices.append(
            Slice(
                id=ids[s],
                name=names[s].name,
                terms=names[s].terms,
                n_cases=a,
                n_traces=b,
                share_eval=share_eval,
                share_production=share_production,
                delta=share_eval - share_production,
                p_adjusted=p,
                under_covered=under,
                dead=dead,
                coverage=coverage,
                cases_to_add=0,
                cases_to_know=0 if dead else max(0, needed - a),
                case_rows=case_rows[s],
                trace_rows=trace_rows[s][:N_CENTRAL],
                centroid=centroids[s],
            )
        )
    return Partition(_with_parity(slices, len(cases)), of_case, of_trace, _slice_tree(middles))


def _with_parity(slices: list[Slice], n_cases: int) -> tuple[Slice, ...]:
    """Cases to add to each under-covered slice so that, all added, each has its production share of the new set."""
    short = [part for part in slices if part.under_covered]
    share = min(sum(part.share_production for part in short), 0.99)
    size = (n_cases - sum(part.n_cases for part in short)) / (1 - share)
    return tuple(
        replace(part, cases_to_add=max(0, ceil(part.share_production * size - part.n_cases - 1e-9)))
        if part.under_covered
        else part
        for part in slices
    )


@dataclass(frozen=True, slots=True)
class _Levels:
    under_covered: float
    dead: float


def _levels(test: TrafficTest, alpha: float) -> _Levels:
    """Level of each slice's p: none until all trees together say that some slice deviates, at `alpha`."""
    wide = FURTHER_SLICES * alpha
    return _Levels(
        under_covered=wide if test.scan_p_value <= alpha else 0.0, dead=wide if test.over_p_value <= alpha else 0.0
    )


def _cut(test: TrafficTest, levels: _Levels, min_share: float, max_slices: int) -> tuple[SliceTree, NDArray[np.int32]]:
    """The tree used, and the slice of each of its leaves, (k,)."""
    best, chosen = 0, list[int]()
    best_share = -1.0
    for i, (tree, scan) in enumerate(zip(test.trees, test.scans, strict=True)):
        nodes = _significant(tree, scan, test, levels, min_share)[: max_slices - 2]
        traces = scan.totals[nodes] - scan.case_counts[nodes]
        moved = np.abs(traces / test.n_traces - scan.case_counts[nodes] / test.n_cases).sum()
        if float(moved) > best_share:
            best, chosen, best_share = i, nodes, float(moved)
    tree, scan = test.trees[best], test.scans[best]
    target = int(np.clip(test.n_cases // _CASES_PER_SLICE, 8, max_slices))
    rest = _rest(tree, scan, chosen, test.n_traces * min_share, max(1, target - len(chosen)))
    rest = _merged(tree, scan, rest, test.n_traces * min_share, max_slices - len(chosen))
    label = np.zeros(tree.n_leaves, dtype=np.int32)
    groups = [[node] for node in chosen] + rest
    for s, nodes in enumerate(groups):
        label[_leaves(tree, nodes)] = s
    return tree, label


def _leaves(tree: SliceTree, nodes: list[int]) -> NDArray[np.bool_]:
    """Which leaves any of the nodes holds, (k,)."""
    held = np.zeros(tree.n_leaves, dtype=np.bool_)
    for node in nodes:
        held |= tree.membership[node]
    return held


def _significant(tree: SliceTree, scan: Scan, test: TrafficTest, levels: _Levels, min_share: float) -> list[int]:
    """Under-covered and dead nodes that do not overlap, strongest first."""
    traces = (scan.totals - scan.case_counts) / test.n_traces
    cases = scan.case_counts / test.n_cases
    size = np.maximum(traces, cases)
    # what is merely rarer in production is the shadow of what is commoner; only the dead matter
    under = (traces >= UNDER_RATIO * cases) & (scan.p_under_covered <= levels.under_covered)
    dead = (traces < DEAD_RATIO * cases) & (scan.p_over_covered <= levels.dead)
    eligible = (under | dead) & (size >= min_share)
    free = np.ones(tree.n_leaves, dtype=np.bool_)
    chosen = []
    for node in np.argsort(-np.abs(scan.statistic), kind="stable"):
        leaves = tree.membership[node]
        if eligible[node] and bool(free[leaves].all()):
            chosen.append(int(node))
            free &= ~leaves
    return chosen


def _rest(tree: SliceTree, scan: Scan, chosen: list[int], least_traces: float, target: int) -> list[list[int]]:
    """What the chosen nodes leave over, cut into `target` nodes where these stay large enough."""
    taken = _leaves(tree, chosen)
    whole: list[int] = []
    open_nodes = [tree.n_nodes - 1]
    while open_nodes:
        node = open_nodes.pop()
        leaves = tree.membership[node]
        if not bool(taken[leaves].any()):
            whole.append(node)
        elif not bool(taken[leaves].all()):
            open_nodes.extend(int(c) for c in tree.children[node])
    traces = scan.totals - scan.case_counts
    while len(whole) < target:
        ready = [
            node
            for node in whole
            if node >= tree.n_leaves and bool(np.all(traces[tree.children[node]] >= least_traces))
        ]
        if not ready:
            break
        tallest = max(ready)
        whole.remove(tallest)
        whole.extend(int(c) for c in tree.children[tallest])
    return [[node] for node in sorted(whole)]


def _merged(tree: SliceTree, scan: Scan, groups: list[list[int]], least_traces: float, limit: int) -> list[list[int]]:
    """Groups too small to read, or beyond `limit`, join the nearest other group, smallest first."""
    traces = scan.totals - scan.case_counts

    def middle(group: list[int]) -> NDArray[np.float64]:
        leaves = _leaves(tree, group)
        weights = scan.totals[: tree.n_leaves][leaves]
        return np.asarray(np.average(tree.centroids[leaves], axis=0, weights=weights))

    while len(groups) > 1:
        sizes = [int(traces[group].sum()) for group in groups]
        smallest = int(np.argmin(sizes))
        if sizes[smallest] >= least_traces and len(groups) <= limit:
            break
        group = groups.pop(smallest)
        here = middle(group)
        away = [float(np.sum((middle(other) - here) ** 2)) for other in groups]
        groups[int(np.argmin(away))] += group
    return groups


def _means(cases: Floats, traces: Floats, of_case: NDArray[np.int32], of_trace: NDArray[np.int32], n: int) -> Floats:
    """Mean of the members of each slice, (n, width)."""
    sums = np.zeros((n, cases.shape[1]))
    for rows, label in ((cases, of_case), (traces, of_trace)):
        order = np.argsort(label, kind="stable")
        starts = np.searchsorted(label[order], np.arange(n))
        for s, part in enumerate(np.split(order, starts[1:])):
            sums[s] += rows[part].sum(axis=0, dtype=np.float64)
    size = np.bincount(of_case, minlength=n) + np.bincount(of_trace, minlength=n)
    return np.asarray(sums / np.maximum(size, 1)[:, None], dtype=np.float32)


def _central(
    rows: Floats,
    label: NDArray[np.int32],
    middles: Floats,
    texts: Sequence[str],
    limit: int,
) -> list[tuple[int, ...]]:
    """Per slice the rows nearest to its middle, nearest first, no text twice."""
    away = ((rows - middles[label]) ** 2).sum(axis=1)
    order = np.lexsort((away, label))
    starts = np.searchsorted(label[order], np.arange(len(middles)))
    central = []
    for part in np.split(order, starts[1:]):
        first: dict[str, int] = {}
        for i in part:
            first.setdefault(texts[i], int(i))
            if len(first) == limit:
                break
        central.append(tuple(first.values()))
    return central


def _slice_tree(middles: Floats) -> NDArray[np.int64]:
    n = len(middles)
    parent = np.full(2 * n - 1, -1, dtype=np.int64)
    if n > 1:
        for i, (a, b) in enumerate(linkage(middles.astype(np.float64), method="ward")[:, :2]):
            parent[int(a)] = parent[int(b)] = n + i
    return parent
