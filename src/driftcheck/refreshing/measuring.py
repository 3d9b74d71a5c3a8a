"""From configuration to `RefreshReport`: production read, ranked, masked, priced, and written down."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from driftcheck.comparison import Comparison
from driftcheck.config import Config, did_you_mean
from driftcheck.editing import write_all
from driftcheck.editing.proposals import OpenProposal, open_proposals, plan_proposals
from driftcheck.embedding import Encoder, Model
from driftcheck.embedding.model import PRECISION
from driftcheck.errors import ConfigError, NotMeasurable
from driftcheck.gathering import embed_texts, gather
from driftcheck.intake import Paths, Sources
from driftcheck.ledger import Memory, UsedModel
from driftcheck.ledger.events import Refreshed
from driftcheck.policy import Plan, make_plan
from driftcheck.refresh_report import Bill, Diff, LeftOut, RefreshReport
from driftcheck.refreshing.billing import BESIDE, PRICED, price, with_cases
from driftcheck.refreshing.declared import shown_values
from driftcheck.refreshing.moving import against_eval_set, against_refresh
from driftcheck.refreshing.needs import Needs, find_needs, told
from driftcheck.refreshing.placing import accepting, spare, spare_proposals
from driftcheck.refreshing.proposing import is_wordless, named_in_ids, propose, was_asked
from driftcheck.refreshing.ranking import Ranking
from driftcheck.refreshing.recording import make_event
from driftcheck.refreshing.sparing_words import SparingMask, own_words
from driftcheck.report import ModelIdentity
from driftcheck.seal_file import read_closed
from driftcheck.seals import LeakFinder
from driftcheck.watching import Unwatched, Watcher

MOST_PRICED = 2_000
"""Traces beyond which the bill looks for no more, and four times the cases there are."""
_SLICES = "slices"


def refresh(
    config: Config,
    *,
    eval_set: Paths | None = None,
    runs: Paths | None = None,
    production: Paths | None = None,
    since: float | None = None,
    until: float | None = None,
    as_of: dt.date | None = None,
    n: int = 100,
    slices: Sequence[str] = (),
    out: Path | None = None,
    into: Path | None = None,
    write: bool = True,
    record: bool = True,
    sample: int | None = None,
    seed: int = 0,
    cache_folder: Path | None = None,
    watcher: Watcher | None = None,
    load_encoder: Callable[[Model], Encoder] | None = None,
    outputs: Sequence[Path] = (),
) -> RefreshReport:
    """Propose cases from production, and write them down beside the eval set.

    Args:
        config: drift.yaml, by `load_config`; inputs given here replace its own.
        eval_set: files, folders or globs of the cases.
        runs: the same of the eval set's results.
        production: the same of production traces.
        since: start of the window, unix seconds.
        until: end of the window, unix seconds.
        as_of: the day taken as today.
        n: proposals wanted.
        slices: ids that the proposals are limited to; by default all.
        out: the proposals file, by default NAME.proposals.EXT beside the eval set.
        into: the file of the eval set that they are for, where it has several.
        write: write the file.
        record: note in the ledger what was proposed, and what traffic was.
        sample: sessions to embed, instead of drift.yaml's.
        seed: of clusterings and permutations.
        cache_folder: where vectors are kept; by default the platform's cache folder, and with `load_encoder` nowhere.
        watcher: told how far it is.
        load_encoder: makes the encoder, where it is not to be sentence-transformers.
        outputs: files that will be written: none of them may be an input, or hold proposals or cases set aside.

    Raises:
        DriftcheckError: an input, the configuration or the model cannot be used, or the file cannot be written.

    """
    watcher = watcher or Unwatched()
    at = as_of or dt.date.today()
    memory = Memory(config, at, watcher)
    written = [*outputs, *([out] if out else [])]
    with ExitStack() as stack:
        sources = Sources(config, stack, written).find("eval_set", eval_set, required=True)
    spare_proposals(outputs, sources, out)
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
        outputs=written,
    )
    comparison, model = gathered.comparison, gathered.model
    waiting = open_proposals(sources, config, out=out)
    pending = np.zeros((0, comparison.trace_vectors.shape[1]), dtype=np.float32)
    if waiting:
        inputs = [one.input_text for one in waiting]
        pending = embed_texts(inputs, model, cache_folder, watcher, load_encoder)
    earlier = memory.refreshes()
    asked = memory.asked
    not_measured: dict[str, str] = {}

    watcher.stage("Comparing")
    needs = _needs(comparison, waiting, pending, slices, not_measured)
    texts = comparison.production.sample["input"].tolist()
    wordless = np.array([is_wordless(text) for text in texts], dtype=bool)
    proposed = was_asked(comparison.production.sample, asked, [one.trace_id for one in waiting if one.trace_id])
    asks_sealed = _sealed_inputs(config)
    sealed = np.array([asks_sealed(text) for text in texts], dtype=bool) & ~wordless & ~proposed
    limit = max(n, min(MOST_PRICED, 4 * comparison.eval_set.n_cases))
    ranking = Ranking(
        comparison.trace_vectors,
        np.concatenate([comparison.case_vectors, pending]),
        ~wordless & ~proposed & ~sealed,
        limit,
    )
    if needs:
        ranking.by_need(needs, slices)
    else:
        ranking.by_chance()

    masked = SparingMask([*config.settings.not_personal, *own_words(comparison.eval_set.frame["input"])])
    proposals, rows = propose(
        ranking.ranked,
        comparison.production.sample,
        comparison.trace_languages.tolist(),
        needs.slices if needs else (),
        n=n,
        inputs=[*comparison.eval_set.frame["input"].tolist(), *(one.input_text for one in waiting)],
        mask=masked,
        shown=shown_values(comparison.eval_set, masked),
        is_sealed=asks_sealed,
        watcher=watcher,
    )
    # before the work of the bill: a format that takes no proposals should say so at once
    edit = plan_proposals(sources, proposals, config=config, created=at, into=into, out=out) if proposals else None
    if edit is not None:
        spare(outputs, edit.path)
    diff = _diff(comparison, earlier, UsedModel(model.name, model.sha256), masked, not_measured)
    bill = _bill(config, at, comparison, waiting, pending, ranking, needs, n, bool(slices), not_measured, watcher)
    is_written = write and edit is not None
    if edit is not None and write:
        write_all([edit])
        if record:
            memory.note(make_event(gathered, at, edit.path, config.folder, rows, needs, masked))
        if not record or not memory.keeps:
            not_measured["ledger"] = (
                "nothing is noted: what is in the proposals file is not proposed again, what leaves it may be"
            )
    return RefreshReport(
        proposals=proposals,
        path=edit.name if edit else "",
        is_written=is_written,
        n_wanted=n,
        needs=told(needs, proposals) if needs else (),
        diff=diff,
        bill=bill,
        left_out=LeftOut(
            ranking.n_near, int((proposed & ~wordless).sum()), int(wordless.sum()), sealed=int(sealed.sum())
        ),
        n_cases=comparison.eval_set.n_cases,
        n_sessions=comparison.production.n_sessions,
        n_sampled=len(texts),
        since=comparison.production.since,
        until=comparison.production.until,
        not_measured=not_measured,
        warnings=(*comparison.production.warnings, *named_in_ids([one.trace_id for one in proposals], masked)),
        reports=(*comparison.eval_set.reports, *comparison.production.reports),
        model=ModelIdentity(model.name, model.revision, model.sha256, PRECISION),
        seed=seed,
        accept=accepting(config, eval_set, sources, out),
        most_masked=masked.most_masked,
    )


def _sealed_inputs(config: Config) -> Callable[[str], bool]:
    """Tells what a sealed case asks; nothing does where nothing is sealed."""
    closed = read_closed(config)
    return LeakFinder(closed.envelope.marks).asks if closed and closed.envelope else lambda _: False


def _needs(
    comparison: Comparison,
    waiting: Sequence[OpenProposal],
    pending: NDArray[np.float32],
    slices: Sequence[str],
    not_measured: dict[str, str],
) -> Needs | None:
    """What each slice needs; None, and why, where there are too few cases or sessions.

    Raises:
        ConfigError: a slice is named that there is not.

    """
    try:
        needs = find_needs(comparison, pending, [one.trace_id for one in waiting])
    except NotMeasurable as problem:
        if slices:
            raise ConfigError("--slice", f"there are no slices: {problem.reason}", "leave --slice out") from None
        not_measured[_SLICES] = f"{problem.reason}; proposals are a uniform sample of traffic"
        return None
    known = [need.id for need in needs.slices]
    for name in slices:
        if name not in known:
            raise ConfigError("--slice", f"there is no slice {name!r}", did_you_mean(name, known))
    return needs


def _diff(
    comparison: Comparison,
    earlier: Sequence[Refreshed],
    model: UsedModel,
    mask: Callable[[str], str],
    not_measured: dict[str, str],
) -> Diff:
    last = earlier[-1] if earlier else None
    if last is None or not (last.counts or last.mixes):
        not_measured["models and error classes"] = "no earlier refresh is remembered to compare with"
        return against_eval_set(comparison)
    diff, why = against_refresh(comparison, last, model, mask)
    if why:
        not_measured["slices of the last refresh"] = why
    return diff


def _bill(
    config: Config,
    at: dt.date,
    comparison: Comparison,
    waiting: Sequence[OpenProposal],
    pending: NDArray[np.float32],
    ranking: Ranking,
    needs: Needs | None,
    n: int,
    is_limited: bool,
    not_measured: dict[str, str],
    watcher: Watcher,
) -> Bill | None:
    try:
        plans = make_plan(config, as_of=at, select=PRICED)
    except ConfigError:  # both are off: there is nothing to come under
        not_measured["labelling bill"] = f"{' and '.join(PRICED)} are off in drift.yaml"
        return None
    ranked = ranking.ranked
    base = with_cases(comparison, [one.input_text for one in waiting], pending)
    try:
        _ = with_cases(base, [""] * len(ranked), comparison.trace_vectors[[one.row for one in ranked]]).traffic
    except NotMeasurable as problem:
        not_measured["labelling bill"] = f"{problem.reason}, even with all that production offers"
        return None
    return price(
        base,
        [one.row for one in ranked],
        [needs.slices[one.slice].id if needs and one.slice is not None else "" for one in ranked],
        plans,
        n_wanted=n,
        n_pending=len(waiting),
        minutes_per_case=config.settings.minutes_per_case,
        watcher=watcher,
        n_left=ranking.n_left,
        is_limited=is_limited,
        beside=_beside(config, at),
    )


def _beside(config: Config, at: dt.date) -> Sequence[Plan]:
    try:
        return make_plan(config, as_of=at, select=BESIDE)
    except ConfigError:  # off in drift.yaml
        return ()
