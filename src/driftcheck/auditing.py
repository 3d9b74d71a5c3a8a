"""The audit from files to report. Not named `audit`: `driftcheck.audit` is the function that notebooks import."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from driftcheck.config import Config
from driftcheck.embedding import Encoder, Model
from driftcheck.embedding.model import PRECISION
from driftcheck.gathering import gather
from driftcheck.headline import headline, next_steps
from driftcheck.intake import Paths
from driftcheck.ledger import Memory, make_entry
from driftcheck.policy import make_plan, run_checks, verdict
from driftcheck.report import ModelIdentity, Report
from driftcheck.reporting import (
    make_cadence,
    make_case_frame,
    make_inputs,
    make_latest_run,
    make_scores,
    make_slice_rows,
    make_topic_map,
    make_trace_frame,
    models_seen,
)
from driftcheck.watching import Unwatched, Watcher

if TYPE_CHECKING:
    import pandas as pd


def audit(
    config: Config,
    *,
    eval_set: str | Path | Paths | pd.DataFrame | None = None,
    runs: str | Path | Paths | pd.DataFrame | None = None,
    production: str | Path | Paths | pd.DataFrame | None = None,
    since: float | None = None,
    until: float | None = None,
    as_of: dt.date | None = None,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    sample: int | None = None,
    seed: int = 0,
    cache_folder: Path | None = None,
    watcher: Watcher | None = None,
    load_encoder: Callable[[Model], Encoder] | None = None,
    outputs: Sequence[Path] = (),
    topic_map: bool = False,
    record: bool = False,
    command: str = "driftcheck audit",
) -> Report:
    """Compare an eval set, its runs and production, and judge.

    Args:
        config: drift.yaml, by `load_config`; inputs given here replace its own.
        eval_set: files, folders, globs, or a DataFrame, of the cases.
        runs: the same of the eval set's results.
        production: the same of production traces.
        since: start of the window, unix seconds; by default `window` before its end.
        until: end of the window, unix seconds, and of the runs; by default the newest of each.
        as_of: the day on which waivers must hold; today by default.
        select: only these checks (code, name, or the beginning of one).
        ignore: not these.
        sample: sessions to embed, instead of drift.yaml's.
        seed: of clusterings, permutations and draws of rates.
        cache_folder: where vectors are kept; by default the platform's cache folder, and with `load_encoder` nowhere.
        watcher: told how far it is.
        load_encoder: makes the encoder, where it is not to be sentence-transformers.
        outputs: files that will be written: none of them may be an input.
        record: add the audit to the ledger, where drift.yaml keeps one; it is read in any case.
        topic_map: lay cases and traces out on a plane too, which takes some seconds.
        command: how the audit is called again, for the next steps.

    Raises:
        DriftcheckError: an input, the configuration or the model cannot be used.

    """
    watcher = watcher or Unwatched()
    at = as_of or dt.date.today()
    memory = Memory(config, at, watcher)
    plans = make_plan(config, as_of=at, select=select, ignore=ignore, is_lasting=memory.knows_slice)
    gathered = gather(
        config,
        memory,
        eval_set=eval_set,
        runs=runs,
        production=production,
        since=since,
        until=until,
        sample=sample,
        seed=seed,
        cache_folder=cache_folder,
        watcher=watcher,
        load_encoder=load_encoder,
        outputs=outputs,
    )
    comparison, model, remembered = gathered.comparison, gathered.model, gathered.remembered
    watcher.stage("Comparing")
    findings = run_checks(plans, comparison)
    word, code = verdict(findings, plans)
    scores = make_scores(comparison)
    rows = make_slice_rows(comparison)
    inputs = make_inputs(comparison)
    report = Report(
        verdict=word,
        exit_code=code,
        sentence=headline(word, findings, scores, {plan.name for plan in plans if plan.required}),
        seed=seed,
        model=ModelIdentity(model.name, model.revision, model.sha256, PRECISION),
        inputs=inputs,
        scores=scores,
        finding_rows=findings,
        slice_rows=rows,
        next_steps=next_steps(findings, rows, inputs, command),
        cases=make_case_frame(comparison),
        traces=make_trace_frame(comparison),
        topic_map=make_topic_map(comparison) if topic_map else None,
        past=comparison.baseline.audits,
        owner=config.settings.owner,
        command=command,
        cadence=make_cadence(comparison),
    )
    if record and not remembered.is_recorded:
        entry = make_entry(
            report,
            gathered.subject,
            at,
            run=make_latest_run(comparison),
            models=models_seen(comparison),
            against="" if gathered.is_named else remembered.against,
            highest=remembered.highest_slice,
        )
        memory.record(entry)
    return report
