"""Past weeks added to the ledger, each as the audit that could have been made at its end."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from driftcheck.comparison import Comparison
from driftcheck.config import Config
from driftcheck.embedding import Model
from driftcheck.embedding.model import PRECISION
from driftcheck.errors import ConfigError
from driftcheck.ledger import Memory, UsedModel, hash_inputs, make_entry
from driftcheck.policy import make_plan, run_checks, verdict
from driftcheck.report import ModelIdentity, Report
from driftcheck.reporting import make_inputs, make_latest_run, make_scores, make_slice_rows, models_seen
from driftcheck.watching import Watcher


class Recorder:
    """Adds weeks to the ledger of one drift.yaml; a week that is there already is not added again.

    Raises:
        ConfigError: drift.yaml keeps no ledger.
        InputError: there is one, and it cannot be read.

    """

    def __init__(self, config: Config, model: Model, seed: int, today: dt.date, watcher: Watcher) -> None:
        if config.ledger_folder is None:
            where = config.where("ledger")
            raise ConfigError(where, "no ledger to record in", "it is kept beside drift.yaml, unless `ledger: off`")
        self._model = model
        self._seed = seed
        self._memory = Memory(config, today, watcher)
        self._plans = make_plan(config, as_of=today, is_lasting=self._memory.knows_slice)
        self._config = config
        self._watcher = watcher
        self.n_recorded = 0

    def record(self, comparison: Comparison) -> None:
        """Judge a week as an audit at its end would have, and leave it in the ledger."""
        production = comparison.production
        ends = dt.datetime.fromtimestamp(production.until or 0.0, dt.UTC).date()
        memory = Memory(self._config, ends, self._watcher)
        subject = memory.subject(
            self._seed,
            UsedModel(self._model.name, self._model.sha256),
            production.since,
            production.until,
            hash_inputs(comparison.eval_set, comparison.runs, production, production.until),
        )
        remembered = memory.recall(subject, comparison.case_vectors.shape[1])
        if remembered.is_recorded:
            return
        week = replace(comparison, baseline=remembered.baseline)
        findings = run_checks(self._plans, week)
        word, code = verdict(findings, self._plans)
        report = Report(
            verdict=word,
            exit_code=code,
            sentence="",
            seed=self._seed,
            model=ModelIdentity(self._model.name, self._model.revision, self._model.sha256, PRECISION),
            inputs=make_inputs(week),
            scores=make_scores(week),
            finding_rows=findings,
            slice_rows=make_slice_rows(week),
            next_steps=(),
        )
        memory.record(
            make_entry(
                report,
                subject,
                ends,
                run=make_latest_run(week),
                models=models_seen(week),
                against=remembered.against,
                highest=remembered.highest_slice,
            )
        )
        self.n_recorded += 1
