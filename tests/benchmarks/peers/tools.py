"""The peers: tools and textbook methods that compare two samples of embeddings, each at its own defaults.

They live in an environment of their own (see `make_environment.sh`), so every function imports its tool itself. The
eval set (Q) is the reference of each, production (P) its current sample.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tests.benchmarks.peers.cells import NULL_DRAWS, POWER_DRAWS
from tests.benchmarks.peers.pairs import Flags, Pair

ALPHA = 0.05
"""Level of their verdicts, where they have a p-value."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a peer says of a pair."""

    score: float
    """More = more drift."""
    p_value: float | None = None
    """Where it has a p-value that is valid by construction."""
    alarm: bool | None = None
    """Its own verdict, where it has one."""
    flagged: Flags | None = None
    """Traces that it flags, where it tells any from others, (n_traces,)."""
    top: Flags | None = None
    """Traces of the group that it puts first, (n_traces,)."""


def evidently_classifier(pair: Pair) -> Answer:
    """AUC of a classifier on half of the data, against a bootstrap (the default with under 1,000 rows of reference)."""
    from evidently.legacy.metrics.data_drift.embedding_drift_methods import model

    cases, traces = _frames(pair)
    score, alarm, _ = model(bootstrap=len(cases) < 1000)(traces, cases)
    return Answer(float(score), alarm=bool(alarm))


def evidently_mmd(pair: Pair) -> Answer:
    """Squared MMD against a fixed 0.015."""
    from evidently.legacy.metrics.data_drift.embedding_drift_methods import mmd

    cases, traces = _frames(pair)
    score, alarm, _ = mmd()(traces, cases)
    return Answer(float(score), alarm=bool(alarm))


def evidently_ratio(pair: Pair) -> Answer:
    """Share of the embedding's columns whose Wasserstein distance is above 0.1, against a fixed 0.2."""
    from evidently.legacy.metrics.data_drift.embedding_drift_methods import ratio

    cases, traces = _frames(pair)
    score, alarm, _ = ratio()(traces, cases)
    return Answer(float(score), alarm=bool(alarm))


def evidently_distance(pair: Pair) -> Answer:
    """Euclidean distance of the two means against a fixed 0.2."""
    from evidently.legacy.metrics.data_drift.embedding_drift_methods import distance

    cases, traces = _frames(pair)
    score, alarm, _ = distance()(traces, cases)
    return Answer(float(score), alarm=bool(alarm))


def alibi_detect_mmd(pair: Pair) -> Answer:
    """Squared MMD with 100 permutations, on the CPU by PyTorch; its p-value may be 0, hence one is added to both."""
    import torch
    from alibi_detect.cd import MMDDrift

    torch.set_num_threads(1)
    torch.manual_seed(pair.draw.seed)
    n_permutations = 100
    detector = MMDDrift(pair.cases, backend="pytorch", p_val=ALPHA, n_permutations=n_permutations, device="cpu")
    told = detector.predict(pair.traces)["data"]
    p_value = (1 + round(float(told["p_val"]) * n_permutations)) / (1 + n_permutations)
    return Answer(float(told["distance"]), p_value, bool(told["is_drift"]))


def mauve(pair: Pair) -> Answer:
    """1 - MAUVE of the embeddings, which has no threshold."""
    from mauve import compute_mauve

    return Answer(1.0 - float(compute_mauve(p_features=pair.traces, q_features=pair.cases, verbose=False).mauve))


def energy_distance(pair: Pair, n_permutations: int = 499) -> Answer:
    """Energy distance with an exact permutation test (Székely and Rizzo 2004), by SciPy's distances."""
    from scipy.spatial.distance import cdist

    n, m = len(pair.cases), len(pair.traces)
    pool = np.concatenate([pair.cases, pair.traces]).astype(np.float64)
    distances = cdist(pool, pool)
    rng = np.random.default_rng(pair.draw.seed)
    is_case = np.zeros((n_permutations + 1, n + m))
    is_case[0, :n] = 1
    for row in is_case[1:]:
        row[rng.choice(n + m, n, replace=False)] = 1
    toward = is_case @ distances
    within_cases = np.einsum("ij,ij->i", toward, is_case)
    between = toward.sum(axis=1) - within_cases
    within_traces = distances.sum() - 2 * between - within_cases
    energy = 2 * between / (n * m) - within_cases / n**2 - within_traces / m**2
    p_value = (1 + int((energy[1:] >= energy[0]).sum())) / (1 + n_permutations)
    return Answer(float(energy[0]), p_value, p_value <= ALPHA)


def classifier_test(pair: Pair, folds: int = 5) -> Answer:
    """Classifier two-sample test (Lopez-Paz and Oquab 2017): cross-validated AUC of a logistic regression.

    Its own verdict takes the AUC for normal with the variance of a rank-sum statistic in each fold.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_score

    n, m = len(pair.cases), len(pair.traces)
    auc = cross_val_score(
        LogisticRegression(class_weight="balanced", max_iter=1000),
        np.concatenate([pair.cases, pair.traces]),
        np.repeat([0, 1], [n, m]),
        scoring="roc_auc",
        cv=StratifiedKFold(folds, shuffle=True, random_state=0),
    ).mean()
    spread = math.sqrt((n / folds + m / folds + 1) / (12 * n * m / folds))
    p_value = 0.5 * math.erfc((auc - 0.5) / spread / math.sqrt(2))
    return Answer(float(auc), alarm=p_value <= ALPHA)


def plain_kl(pair: Pair, n_clusters: int = 20) -> Answer:
    """The recipe of many notebooks: k-means, two histograms with pseudo-count 1/2, KL(P||Q), alarm above 0.1 nats."""
    from sklearn.cluster import KMeans

    n = len(pair.cases)
    pool = np.concatenate([pair.cases, pair.traces])
    label = KMeans(n_clusters, n_init=1, random_state=0).fit_predict(pool)
    q = np.bincount(label[:n], minlength=n_clusters) + 0.5
    p = np.bincount(label[n:], minlength=n_clusters) + 0.5
    p, q = p / p.sum(), q / q.sum()
    kl = float((p * np.log(p / q)).sum())
    return Answer(kl, alarm=kl > 0.1)


def livingeval_tfidf(pair: Pair) -> Answer:
    """Share of traffic beyond the median radius of the suite, blind under a coverage of 0.7; its own tf-idf space."""
    return _livingeval_coverage(pair, None)


def livingeval_minilm(pair: Pair) -> Answer:
    """The same in the space of the given embeddings."""
    return _livingeval_coverage(pair, lambda texts: pair.embed(list(texts)))


def livingeval_blind_spots(pair: Pair) -> Answer:
    """Its clusters of which the suite covers under 0.3, worst first, in the space of the given embeddings."""
    from livingeval.mine import Space, blindspots

    suite, traces = _livingeval_inputs(pair)
    report = blindspots(suite, traces, space=Space.fit(traces, embed=lambda texts: pair.embed(list(texts))))
    labels, blind = report.clustering.labels, report.blind_clusters
    return Answer(
        1.0 - report.coverage.coverage,
        alarm=bool(blind),
        flagged=np.isin(labels, blind),
        top=np.isin(labels, blind[:1]),
    )


def _livingeval_coverage(pair: Pair, embed: Callable[[Sequence[str]], NDArray[np.float32]] | None) -> Answer:
    import inspect

    from livingeval.gate.decide import evaluate
    from livingeval.mine import Space, coverage

    suite, traces = _livingeval_inputs(pair)
    covered = coverage(suite, traces, space=Space.fit(traces, embed=embed)).coverage
    return Answer(1.0 - covered, alarm=covered < inspect.signature(evaluate).parameters["min_coverage"].default)


def _livingeval_inputs(pair: Pair):
    from livingeval.suite.case import EvalCase
    from livingeval.suite.suite import EvalSuite
    from livingeval.trace.types import Trace, TraceSet, Turn

    cases = [Trace(f"e{i}", [Turn("user", text)]) for i, text in enumerate(pair.case_texts)]
    traces = [Trace(f"t{i}", [Turn("user", text)]) for i, text in enumerate(pair.trace_texts)]
    return EvalSuite([EvalCase(trace.trace_id, trace, expected=1) for trace in cases]), TraceSet(traces)


def driftvane_mmd(pair: Pair) -> Answer:
    """Biased squared MMD against the 0.1 of its manual."""
    from driftvane import EmbeddingDrift

    signal = EmbeddingDrift(threshold=0.1).compute(reference=pair.cases, current=pair.traces)
    return Answer(float(signal.value), alarm=bool(signal.drifted))


def _frames(pair: Pair):
    import pandas as pd

    return pd.DataFrame(pair.cases).add_prefix("d"), pd.DataFrame(pair.traces).add_prefix("d")


@dataclass(frozen=True, slots=True)
class Peer:
    """A tool or method, and on how many draws it is run."""

    ask: Callable[[Pair], Answer]
    null_draws: int = NULL_DRAWS
    """Most draws of each cell without drift."""
    power_draws: int = POWER_DRAWS
    """Most draws of each other cell."""
    planted_only: bool = False
    """Whether it is run only where traffic holds what the eval set lacks."""


PEERS: dict[str, Peer] = {
    "evidently distance": Peer(evidently_distance),
    "plain KL": Peer(plain_kl),
    "evidently mmd": Peer(evidently_mmd),
    "classifier test": Peer(classifier_test),
    "MAUVE": Peer(mauve),
    "driftvane MMD": Peer(driftvane_mmd),
    "evidently ratio": Peer(evidently_ratio),
    "energy distance": Peer(energy_distance),
    "livingeval": Peer(livingeval_tfidf),
    "livingeval, MiniLM": Peer(livingeval_minilm),
    "evidently classifier": Peer(evidently_classifier),
    "alibi-detect MMD": Peer(alibi_detect_mmd, null_draws=50, power_draws=30),
    "livingeval blind spots": Peer(livingeval_blind_spots, power_draws=30, planted_only=True),
}
"""Quickest first. The slow ones are run on fewer draws."""
