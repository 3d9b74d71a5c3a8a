"""Has production moved away from the eval set: several trees, several readings, one p-value."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from driftcheck.slices.space import Space
from driftcheck.slices.tree import SliceTree, grow_trees
from driftcheck.stats.divergence import kl_of_terms, kl_terms
from driftcheck.stats.divergence_interval import excess_interval
from driftcheck.stats.permutation import (
    counts_by_leaf,
    fisher_sums,
    max_adjusted_p_values,
    permuted_cases,
    tippett_combined_p_value,
    upper_p_value,
)
from driftcheck.stats.scan import PossibleCounts, signed_root_llr

N_TREES = 10
N_PERMUTATIONS = 1999
_FIRST_PERMUTATIONS = 399
_CLEARLY_NULL = 0.1


@dataclass(frozen=True, slots=True)
class Divergence:
    """KL(P||Q) over slices, P production and Q the eval set, against its null."""

    kl: float
    """Plug-in KL(P||Q) with pseudo-count 1/2, nats; biased upwards."""
    null_mean: float
    """Mean of `kl` read the same way under permuted labels: the bias, nats."""
    excess: float
    """`kl` - `null_mean`, nats: the number to read; about 0 without drift."""
    low: float
    """Lower 95 % limit of `excess`, see `stats.divergence_interval`."""
    high: float
    """Upper 95 % limit of `excess`."""
    p_value: float
    """Permutation p of the divergence part alone, all trees combined."""
    n_slices: int
    """Slices at the cut reported."""


@dataclass(frozen=True, slots=True)
class Scan:
    """Every node of one tree: has production more, or less, of it than the eval set."""

    case_counts: NDArray[np.int64]
    """Cases in each node, (n_nodes,)."""
    totals: NDArray[np.int64]
    """Cases and tested traces in each node, (n_nodes,)."""
    statistic: NDArray[np.float64]
    """Signed root of the log-likelihood ratio, (n_nodes,); positive: production has more."""
    p_under_covered: NDArray[np.float64]
    """Family-wise adjusted p (over the nodes of all trees) that production has more."""
    p_over_covered: NDArray[np.float64]
    """Family-wise adjusted p (over the nodes of all trees) that production has less."""


@dataclass(frozen=True, slots=True)
class TrafficTest:
    """Verdict and readings of one comparison of cases and traces."""

    p_value: float
    """The one verdict over all trees and both readings, calibrated by permutation."""
    divergence: Divergence
    """Effect size; median over the trees."""
    scan_p_value: float
    """P that any slice is under-covered: the largest statistic of each tree, combined over the trees."""
    over_p_value: float
    """P that any slice has too many cases, the same way."""
    trees: tuple[SliceTree, ...]
    """The clusterings."""
    scans: tuple[Scan, ...]
    """The slice scan of each tree."""
    null_maxima_under: NDArray[np.float64]
    """Largest statistic over all nodes and trees in each permutation."""
    null_maxima_over: NDArray[np.float64]
    """Largest negated statistic over all nodes and trees in each permutation."""
    n_cases: int
    """Cases tested."""
    n_traces: int
    """Traces tested."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """One tree, before the trees are combined."""

    statistic: NDArray[np.float64]
    """Of every node as observed, (n_nodes,)."""
    case_counts: NDArray[np.int64]
    totals: NDArray[np.int64]
    under: NDArray[np.float64]
    """Largest statistic of any node, observed first, (n_permutations + 1,)."""
    over: NDArray[np.float64]
    """Largest negated statistic, the same."""
    deviation: NDArray[np.float64]
    """Standardised KL at its best cut, the same."""
    kl: float
    kl_null_mean: float
    p_counts: NDArray[np.int64]
    q_counts: NDArray[np.int64]


def compare_traffic(
    space: Space, *, n_trees: int = N_TREES, n_permutations: int = N_PERMUTATIONS, seed: int = 0
) -> TrafficTest:
    """Test that cases and traces are two samples of one population, and where they are not.

    Per tree two readings: the divergence at its best cut, and the largest deviation of any node. Each reading is
    combined over the trees by Fisher's sum (the trees all see a little), the two sums by the smaller p (a shift of the
    mix shows in one of them, a new topic in the other). All share one set of permutations, so that the p-value is
    calibrated with their dependence.

    Where the first 399 permutations leave every p above 0.1, no more are drawn: such a p stays above any level that
    anybody would use, and every p below 0.1 keeps its exactness.

    Parameters
    ----------
    space : Space
        Cases and traces, one trace per session.
    n_trees, n_permutations : int
        Clusterings, and relabellings of the pool.
    seed : int
        Of leaves and permutations. Same space and seed, same result.

    Raises
    ------
    ValueError
        If there are fewer than 2 cases or traces.

    """
    if space.n_cases < 2 or space.n_tested < 2:
        raise ValueError("need at least 2 cases and 2 traces")
    trees = grow_trees(space, n_trees, seed)
    n_total = space.n_cases + space.n_tested
    rng = np.random.default_rng([seed, 101])
    n_first = min(n_permutations, _FIRST_PERMUTATIONS)
    permuted = permuted_cases(n_total, space.n_cases, n_first, rng)
    readings = [_read(tree, permuted) for tree in trees]
    combined = _combine(readings)
    if n_first < n_permutations and combined.smallest <= _CLEARLY_NULL:
        more = permuted_cases(n_total, space.n_cases, n_permutations - n_first, rng)
        permuted = np.concatenate([permuted, more])
        readings = [_read(tree, permuted) for tree in trees]
        combined = _combine(readings)
    return TrafficTest(
        p_value=combined.p_value,
        divergence=_median_divergence(readings, combined.divergence_p),
        scan_p_value=combined.scan_p,
        over_p_value=combined.over_p,
        trees=trees,
        scans=combined.scans,
        null_maxima_under=combined.null_under,
        null_maxima_over=combined.null_over,
        n_cases=space.n_cases,
        n_traces=space.n_tested,
    )


@dataclass(frozen=True, slots=True)
class _Combined:
    """All trees together."""

    p_value: float
    divergence_p: float
    scan_p: float
    over_p: float
    scans: tuple[Scan, ...]
    null_under: NDArray[np.float64]
    null_over: NDArray[np.float64]

    @property
    def smallest(self) -> float:
        return min(self.p_value, self.divergence_p, self.scan_p, self.over_p)


def _combine(readings: list[_Reading]) -> _Combined:
    null_under = np.max([r.under[1:] for r in readings], axis=0)
    null_over = np.max([r.over[1:] for r in readings], axis=0)
    divergence = fisher_sums(np.column_stack([r.deviation for r in readings]))
    scan = fisher_sums(np.column_stack([r.under for r in readings]))
    over = fisher_sums(np.column_stack([r.over for r in readings]))
    return _Combined(
        p_value=tippett_combined_p_value(np.column_stack([divergence, scan])),
        divergence_p=upper_p_value(float(divergence[0]), divergence[1:]),
        scan_p=upper_p_value(float(scan[0]), scan[1:]),
        over_p=upper_p_value(float(over[0]), over[1:]),
        scans=tuple(
            Scan(
                case_counts=r.case_counts,
                totals=r.totals,
                statistic=r.statistic,
                p_under_covered=max_adjusted_p_values(r.statistic, null_under),
                p_over_covered=max_adjusted_p_values(-r.statistic, null_over),
            )
            for r in readings
        ),
        null_under=null_under,
        null_over=null_over,
    )


def _read(tree: SliceTree, permuted: NDArray[np.int32]) -> _Reading:
    n_cases, n_traces = len(tree.leaf_of_case), len(tree.leaf_of_trace)
    leaf = np.concatenate([tree.leaf_of_case, tree.leaf_of_trace])
    observed = np.bincount(tree.leaf_of_case, minlength=tree.n_leaves)
    counts = np.vstack([observed, counts_by_leaf(permuted, leaf, tree.n_leaves)])
    # float32 holds counts exactly up to 2**24 and multiplies fast
    nodes = tree.membership.T.astype(np.float32)
    node_counts = (counts.astype(np.float32) @ nodes).astype(np.int32)
    totals = tree.membership @ np.bincount(leaf, minlength=tree.n_leaves)

    possible = PossibleCounts.of(totals, n_cases)
    place = possible.places(node_counts)
    statistic = signed_root_llr(possible.case_counts, possible.totals, n_cases, n_cases + n_traces)[place]
    under, over = statistic.max(axis=1), -statistic.min(axis=1)
    best = _best_cut(tree, kl_terms(possible.totals - possible.case_counts, possible.case_counts)[place], leaf)
    q = node_counts[0, best.nodes]
    return _Reading(
        statistic=statistic[0],
        case_counts=node_counts[0].astype(np.int64),
        totals=totals,
        under=under,
        over=over,
        deviation=best.deviation,
        kl=best.kl,
        kl_null_mean=best.null_mean,
        p_counts=totals[best.nodes] - q,
        q_counts=q.astype(np.int64),
    )


@dataclass(frozen=True, slots=True)
class _BestCut:
    nodes: list[int]
    """The cut at which the observed KL deviates most from its null."""
    kl: float
    null_mean: float
    """Mean KL of permutations at this cut, plus what choosing the best cut adds in the mean."""
    deviation: NDArray[np.float64]
    """Deviation at its own best cut, observed first, (n_permutations + 1,); standard deviations."""


def _best_cut(tree: SliceTree, terms: NDArray[np.float64], leaf: NDArray[np.int32]) -> _BestCut:
    """The cut whose KL stands out most; `terms` (n_permutations + 1, n_nodes) as of `kl_terms`, observed first."""
    sizes = [2**i for i in range(3, 8) if 2**i < tree.n_leaves] + [tree.n_leaves]
    cuts = [tree.cut(n) for n in sizes]
    n_cases = len(tree.leaf_of_case)
    kl = np.column_stack([kl_of_terms(terms[:, cut], len(leaf) - n_cases, n_cases) for cut in cuts])
    mean, spread = kl.mean(axis=0), kl.std(axis=0)
    deviation = (kl - mean) / np.where(spread > 1e-12, spread, 1.0)
    chosen = deviation.argmax(axis=1)
    rows = np.arange(len(kl))
    luck = float((kl - mean)[rows, chosen][1:].mean())
    first = int(chosen[0])
    return _BestCut(cuts[first], float(kl[0, first]), float(mean[first]) + luck, deviation[rows, chosen])


def _median_divergence(readings: list[_Reading], p_value: float) -> Divergence:
    excess = np.array([r.kl - r.kl_null_mean for r in readings])
    middle = readings[int(np.argsort(excess, kind="stable")[(len(readings) - 1) // 2])]
    value = float(middle.kl - middle.kl_null_mean)
    interval = excess_interval(middle.p_counts, middle.q_counts, middle.kl_null_mean)
    return Divergence(
        kl=middle.kl,
        null_mean=middle.kl_null_mean,
        excess=value,
        low=min(interval.low, value),  # the KL of the scan's terms and of the interval differ in the last digit
        high=max(interval.high, value),
        p_value=p_value,
        n_slices=len(middle.q_counts),
    )


def slice_p_value(test: TrafficTest, case_count: int, trace_count: int) -> float:
    """Family-wise adjusted p of any slice of the tested points, one-sided towards its deviation.

    Exact for a node of the trees; for a union of nodes it is held against the same maxima.
    """
    total = np.array([case_count + trace_count])
    statistic = float(signed_root_llr([case_count], total, test.n_cases, test.n_cases + test.n_traces)[0])
    if statistic >= 0:
        return upper_p_value(statistic, test.null_maxima_under)
    return upper_p_value(-statistic, test.null_maxima_over)
