"""What production complains of while the bench saw nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from driftcheck.baseline import Baseline
from driftcheck.comparison import Comparison
from driftcheck.config import Config
from driftcheck.embedding import Encoder, Model, VectorCache, default_cache_folder, embed, find_model
from driftcheck.history import History
from driftcheck.records import EvalSet, Production
from driftcheck.stats.intervals import mean_interval, newcombe_difference
from driftcheck.upgrade import Upgrade
from driftcheck.upgrade_report import MIN_BLIND_CASES, MIN_BLIND_RATINGS, BlindSlice
from driftcheck.watching import Watcher

_FAMILY_ALPHA = 0.05
_IDS = 20


def embedded(
    config: Config,
    cases: EvalSet,
    production: Production,
    seed: int,
    cache_folder: Path | None,
    watcher: Watcher,
    load_encoder: Callable[[Model], Encoder] | None,
) -> Comparison:
    """Cases and production with their vectors; the runs are not looked at."""
    folder = cache_folder or default_cache_folder()
    model = find_model(config.settings.model, memory=folder / "models.json", base=config.folder)
    watcher.stage("Embedding")
    # vectors of another encoder under the key of the model would be taken for the model's by every later audit
    with VectorCache(cache_folder if load_encoder else folder) as cache:
        texts = [*cases.frame["text"].tolist(), *production.sample["text"].tolist()]
        vectors = embed(texts, model, cache, load=load_encoder, progress=watcher.step)
        if cache.warning:
            watcher.warn(cache.warning)
    return Comparison(
        eval_set=cases,
        runs=None,
        production=production,
        case_vectors=vectors[: cases.n_cases],
        trace_vectors=vectors[cases.n_cases :],
        declared_slices=config.settings.slices,
        seed=seed,
        runs_until=None,
        baseline=Baseline(),
    )


def find_blind(comparison: Comparison, history: History, after: int, upgrade: Upgrade) -> tuple[BlindSlice, ...]:
    """Slices less satisfied than all and than their cases pass, none of which fails newly.

    Both by more than chance: Bonferroni over slices, and Newcombe's interval of the difference. A slice without any
    case counts, one with too few to tell does not.

    Raises:
        NotMeasurable: too little data for slices, or nobody rated.

    """
    overall = comparison.satisfaction.value
    partition = comparison.traffic.partition
    good = comparison.production.sample["satisfied"].to_numpy(dtype=np.float64)
    failing = set(upgrade.newly_failing)
    position = {case: row for row, case in enumerate(history.case_ids)}
    ids = comparison.eval_set.frame["case_id"].tolist()
    level = 1 - 2 * _FAMILY_ALPHA / max(1, len(partition.slices))
    found = []
    for index, part in enumerate(partition.slices):
        rated = np.flatnonzero((partition.slice_of_trace == index) & ~np.isnan(good))
        members = [ids[row] for row in np.flatnonzero(partition.slice_of_case == index).tolist()]
        if len(rated) < MIN_BLIND_RATINGS or failing.intersection(members):
            continue
        rows = [position[case] for case in members if case in position]
        passes = history.shares[rows, after]
        passes = passes[~np.isnan(passes)]
        users = mean_interval(good[rated], level=level)
        if users.high >= overall or 0 < len(passes) < MIN_BLIND_CASES:
            continue
        if len(passes) and newcombe_difference(mean_interval(passes, level=level), users).low <= 0:
            continue
        bad = {row for row in rated.tolist() if good[row] <= 0.5}
        central = [row for row in part.trace_rows if row in bad]
        order = [*central, *sorted(bad.difference(central))][:_IDS]
        found.append(
            BlindSlice(
                id=part.id,
                name=part.name if part.terms else part.id,
                satisfaction=mean_interval(good[rated]),
                n_rated=len(rated),
                pass_rate=mean_interval(passes) if len(passes) else None,
                n_cases=len(passes),
                trace_ids=tuple(str(comparison.production.sample["trace_id"].iloc[row]) for row in order),
            )
        )
    return tuple(sorted(found, key=lambda one: (one.satisfaction.value, one.id)))
