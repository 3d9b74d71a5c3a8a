"""From configuration to `Investigation`: both windows read, cut and compared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from driftcheck.baseline import Baseline
from driftcheck.comparison import Comparison
from driftcheck.config import Config
from driftcheck.embedding import Encoder, Model
from driftcheck.embedding.model import PRECISION
from driftcheck.errors import InputError
from driftcheck.intake import Paths
from driftcheck.investigating.first_traces import first_traces, reading_order
from driftcheck.investigating.movers import find_movers
from driftcheck.investigating.reading import Inputs, WindowTraffic, read_inputs
from driftcheck.investigating.sentence import say
from driftcheck.investigating.slices import changes, cut, difference, estimate, part_intervals, satisfied, take_apart
from driftcheck.investigation import Difference, Investigation, Span
from driftcheck.numbers import count, days
from driftcheck.report import ModelIdentity
from driftcheck.sampling import Window
from driftcheck.sizes import MIN_CASES, MIN_RATINGS, MIN_SESSIONS
from driftcheck.stats.intervals import mean_interval
from driftcheck.watching import Unwatched, Watcher


def investigate(
    config: Config,
    *,
    week: Window,
    baseline: Window,
    names: tuple[str, str] | None = None,
    eval_set: Paths | None = None,
    runs: Paths | None = None,
    production: Paths | None = None,
    sample: int | None = None,
    seed: int = 0,
    cache_folder: Path | None = None,
    watcher: Watcher | None = None,
    load_encoder: Callable[[Model], Encoder] | None = None,
    outputs: Sequence[Path] = (),
) -> Investigation:
    """Hold one window of production against an earlier one.

    Args:
        config: drift.yaml, by `load_config`; inputs given here replace its own.
        week: the window that went badly, both ends known, unix seconds.
        baseline: the one that it is held against.
        names: what the two are called, week first; by default their days.
        eval_set: files, folders or globs of the cases; without any, what it has on the slices is not told.
        runs: the same of the eval set's results.
        production: the same of production traces.
        sample: sessions to embed of each window, instead of drift.yaml's.
        seed: of clusterings and permutations.
        cache_folder: where vectors are kept; by default the platform's cache folder, and with `load_encoder` nowhere.
        watcher: told how far it is.
        load_encoder: makes the encoder, where it is not to be sentence-transformers.
        outputs: files that will be written: none of them may be an input.

    Raises:
        DriftcheckError: an input, the configuration or the model cannot be used, or a window holds too little.

    """
    watcher = watcher or Unwatched()
    inputs = read_inputs(
        config, eval_set, runs, production, baseline, week, sample, cache_folder, watcher, load_encoder, outputs
    )
    called = names or (days(week.since, week.until), days(baseline.since, baseline.until))
    for name, window in zip(called, (inputs.week, inputs.baseline), strict=True):
        least = MIN_SESSIONS if window is inputs.week else MIN_CASES
        if len(window.vectors) < least:
            raise InputError(
                name,
                f"{count(len(window.vectors), 'session')} with a text are too few: at least {least} are needed",
                "name a longer one by --since and --until, or --baseline",
            )
    watcher.stage("Comparing")
    slicing = cut(inputs, seed)
    parts = take_apart(inputs, slicing)
    slices = changes(inputs, slicing, parts, _pass_of_case(inputs, seed), reading_order(inputs, slicing))
    movers, n_compared = find_movers(inputs, config.settings.slices)
    before, after = (satisfied(window) for window in (inputs.baseline, inputs.week))
    change, p_value = _change(before, after)
    not_measured = {}
    if change is None:
        unrated = [name for name, good in zip(called, (after, before), strict=True) if not len(good)]
        not_measured["satisfaction"] = f"nobody rated in {' or in '.join(unrated)}"
    elif min(len(before), len(after)) < MIN_RATINGS:
        not_measured["slices of satisfaction"] = (
            f"{count(min(len(before), len(after)), 'rated session')} in one window are few: parts of slices are noise"
        )
    if inputs.eval_set is None:
        not_measured["eval set"] = "none is named: what it has on these slices is not told"
    elif inputs.runs is None:
        not_measured["pass rates"] = "no run is named"
    production_read = inputs.week.production
    found = Investigation(
        sentence="",
        week=_span(called[0], week, inputs.week),
        baseline=_span(called[1], baseline, inputs.baseline),
        before=estimate(before),
        after=estimate(after),
        change=change,
        p_value=p_value,
        mix=float(parts.mix.sum()) if parts else None,
        within=float(parts.within.sum()) if parts else None,
        parts=part_intervals(inputs, slicing, parts, seed) if parts else None,
        slices=slices,
        movers=movers,
        n_compared=n_compared,
        first_traces=first_traces(inputs, slices),
        not_measured=not_measured,
        warnings=production_read.warnings,
        satisfaction=production_read.satisfaction,
        reports=production_read.reports,
        model=ModelIdentity(inputs.model.name, inputs.model.revision, inputs.model.sha256, PRECISION),
        seed=seed,
    )
    return say(found)


def _span(name: str, window: Window, read: WindowTraffic) -> Span:
    if window.since is None or window.until is None:
        raise ValueError("a window needs both its ends")
    return Span(
        name=name,
        since=window.since,
        until=window.until,
        n_traces=read.production.n_traces,
        n_sessions=read.production.n_sessions,
        n_embedded=len(read.vectors),
        n_rated=len(read.rated),
    )


def _change(before: NDArray[np.float64], after: NDArray[np.float64]) -> tuple[Difference, float] | tuple[None, None]:
    """Change of satisfaction with its interval, and the p-value of a permutation of the sessions, two-sided."""
    if not len(before) or not len(after):
        return None, None
    from scipy.stats import permutation_test  # takes a second to import

    pooled = np.concatenate([before, after])
    if pooled.std() == 0:
        return difference(mean_interval(after), mean_interval(before)), 1.0
    tested = permutation_test(
        (after, before),
        lambda a, b, axis: a.mean(axis=axis) - b.mean(axis=axis),
        vectorized=True,
        n_resamples=1_999,
        batch=100,
        rng=np.random.default_rng(0),
    )
    return difference(mean_interval(after), mean_interval(before)), float(tested.pvalue)


def _pass_of_case(inputs: Inputs, seed: int) -> NDArray[np.float64]:
    """Share of passes of each case in the latest run, by the audit's own rules; NaN without one, (n_cases,)."""
    if inputs.eval_set is None:
        return np.zeros(0)
    return Comparison(
        eval_set=inputs.eval_set,
        runs=inputs.runs,
        production=inputs.week.production,
        case_vectors=inputs.case_vectors,
        trace_vectors=inputs.week.vectors,
        declared_slices=(),
        seed=seed,
        runs_until=None,
        baseline=Baseline(),
    ).pass_of_case
