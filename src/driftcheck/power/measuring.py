"""From configuration to `PowerReport`: reads and embeds as the audit does, then simulates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from driftcheck.baseline import Baseline
from driftcheck.checks import csat_gap
from driftcheck.comparison import Comparison
from driftcheck.config import Config
from driftcheck.embedding import Encoder, Model
from driftcheck.embedding.model import PRECISION
from driftcheck.errors import DriftcheckError, ExitCode, NotMeasurable
from driftcheck.intake import Paths
from driftcheck.numbers import count, percent
from driftcheck.policy import Plan, make_plan
from driftcheck.power.gate import Gate, traffic_plans
from driftcheck.power.ratings import Counts, measure_gap_power
from driftcheck.power.reading import Inputs, read_inputs
from driftcheck.power.sentences import gap_sentences, traffic_sentences
from driftcheck.power.simulating import MOST_SESSIONS, drawn_sizes
from driftcheck.power.traffic import measure_traffic_power
from driftcheck.power_report import NOTICED, GapPower, PowerReport, TrafficPower
from driftcheck.report import ModelIdentity
from driftcheck.sizes import MIN_CASES, MIN_SESSIONS
from driftcheck.watching import Unwatched, Watcher

DEFAULT_DRAWS = 160
"""About a minute on one core for 300 cases and 10,000 sessions."""


class TooLittleData(DriftcheckError):
    """Nothing can be said: neither of traffic nor of ratings."""

    exit_code = ExitCode.BLIND


def measure_power(
    config: Config,
    *,
    eval_set: Paths | None = None,
    runs: Paths | None = None,
    production: Paths | None = None,
    since: float | None = None,
    until: float | None = None,
    sample: int | None = None,
    n_draws: int = DEFAULT_DRAWS,
    wish: float | None = None,
    seed: int = 0,
    cache_folder: Path | None = None,
    watcher: Watcher | None = None,
    load_encoder: Callable[[Model], Encoder] | None = None,
    outputs: Sequence[Path] = (),
) -> PowerReport:
    """Tell how often the gate cries wolf on this production, and how much drift it notices.

    Args:
        config: drift.yaml, by `load_config`; inputs given here replace its own.
        eval_set: files, folders or globs of the cases.
        runs: the same of the eval set's results.
        production: the same of production traces.
        since: start of the window, unix seconds.
        until: end of the window, unix seconds.
        sample: sessions to embed, instead of drift.yaml's.
        n_draws: simulated audits.
        wish: share of traffic of the new topic that ought to be noticed, 0..1.
        seed: of splits, clusterings and permutations.
        cache_folder: where vectors are kept; by default the platform's cache folder, and with `load_encoder` nowhere.
        watcher: told how far it is.
        load_encoder: makes the encoder, where it is not to be sentence-transformers.
        outputs: files that will be written: none of them may be an input.

    Raises:
        DriftcheckError: an input, the configuration or the model cannot be used, or there is too little data to say
            anything.

    """
    watcher = watcher or Unwatched()
    # what is waived of this traffic is not waived of another; waivers alone know dates
    plans = tuple(replace(plan, waivers=(), idle_waivers=()) for plan in make_plan(config, as_of=dt.date.max))
    read = read_inputs(
        config, eval_set, runs, production, since, until, sample, cache_folder, watcher, load_encoder, outputs
    )
    gap, gap_reason = _gap(plans, read, until)
    traffic: TrafficPower | None = None
    traffic_reason = _unmeasurable(plans, read)
    if not traffic_reason:
        gate = Gate(read.vectors, traffic_plans(plans))
        texts = read.production.sample["text"].tolist()
        traffic = measure_traffic_power(
            gate, texts, read.eval_set.n_cases, n_draws=n_draws, wish=wish, seed=seed, watcher=watcher
        )
    if traffic is None and gap is None:
        raise TooLittleData("power", f"{traffic_reason}; {gap_reason}")
    n_cases, n_sessions = read.eval_set.n_cases, len(read.production.sample)
    n_made = sum(cell.n_draws for cell in traffic.cells) if traffic else 0
    return PowerReport(
        seed=seed,
        model=ModelIdentity(read.model.name, read.model.revision, read.model.sha256, PRECISION),
        eval_set=", ".join(report.path for report in read.eval_set.reports),
        production=", ".join(report.path for report in read.production.reports),
        n_cases=n_cases,
        n_sessions=n_sessions,
        n_draws=n_made,
        traffic=traffic,
        traffic_reason=traffic_reason,
        gap=gap,
        gap_reason=gap_reason,
        sentences=(
            *(traffic_sentences(traffic, n_cases, n_sessions) if traffic else ()),
            *(gap_sentences(gap) if gap else ()),
        ),
        notes=_notes(traffic, n_draws - n_made),
    )


def _unmeasurable(plans: Sequence[Plan], read: Inputs) -> str:
    """Why nothing can be said of traffic; empty where it can."""
    if not traffic_plans(plans):
        return "none of topic-divergence, novel-traffic and slice-coverage can fail: there is no alarm to wait for"
    n = len(read.production.sample)
    if not drawn_sizes(read.eval_set.n_cases, n):
        return (
            f"{count(n, 'session')} are too few to make an eval set and a production of: at least "
            f"{MIN_CASES + MIN_SESSIONS} are needed"
        )
    return ""


def _gap(plans: Sequence[Plan], read: Inputs, until: float | None) -> tuple[GapPower | None, str]:
    plan = next((plan for plan in plans if plan.check is csat_gap and plan.thresholds.fail is not None), None)
    if plan is None:
        return None, "csat-gap cannot fail"
    nothing = np.empty((0, 1), dtype=np.float32)
    comparison = Comparison(
        eval_set=read.eval_set,
        runs=read.runs,
        production=read.production,
        case_vectors=nothing,
        trace_vectors=nothing,
        declared_slices=(),
        seed=0,
        runs_until=until,
        baseline=Baseline(),
    )
    try:
        pass_rate, satisfaction = comparison.pass_rate, comparison.satisfaction
        _ = comparison.gap  # too few ratings are said there
    except NotMeasurable as problem:
        return None, problem.reason
    counts = Counts(
        pass_rate=pass_rate.value,
        n_cases=round(pass_rate.n),
        n_ratings=comparison.n_rated,
        design_effect=max(1.0, comparison.n_rated / satisfaction.n),
    )
    return measure_gap_power(plan, counts), ""


def _notes(traffic: TrafficPower | None, n_missing: int) -> tuple[str, ...]:
    if traffic is None:
        return ()
    missing = f"{count(n_missing, 'draw')} could not be made: production has too few sessions of any one topic."
    return (
        f"Noticed: any of {', '.join(traffic.checks)} fails, by drift.yaml's thresholds, in {percent(NOTICED)} "
        "of audits. What an audit says it could have noticed is a formula's answer to when it would have warned, "
        "which is sooner.",
        f"Pseudo eval sets and pseudo productions are drawn from {count(traffic.n_pool, 'session')} of your "
        f"production, without replacement, at most {MOST_SESSIONS:,} sessions a draw; sizes without draws are "
        "extrapolated.",
        "New topics are clusters of your production, taken out of the eval set whole.",
        *([missing] if n_missing else ()),
    )
