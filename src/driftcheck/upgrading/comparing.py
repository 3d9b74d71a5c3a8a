"""From two names of runs to an `UpgradeReport`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from driftcheck.config import Config
from driftcheck.embedding import Encoder, Model
from driftcheck.errors import InputError, NotMeasurable
from driftcheck.intake import Paths, Sources, check_declared_slices, read_eval_set, read_production, read_runs
from driftcheck.joining import make_eval_set
from driftcheck.upgrade import by_slice, compare_runs, worst_first
from driftcheck.upgrade_report import UpgradeReport
from driftcheck.upgrading.blindness import embedded, find_blind
from driftcheck.upgrading.finding import find_run, history_of
from driftcheck.upgrading.losses import left_out
from driftcheck.upgrading.slices import declared_slices, topics
from driftcheck.watching import Unwatched, Watcher


def compare(
    config: Config,
    old: str,
    new: str,
    *,
    eval_set: Paths | None = None,
    runs: Paths | None = None,
    production: Paths | None = None,
    sample: int | None = None,
    seed: int = 0,
    cache_folder: Path | None = None,
    watcher: Watcher | None = None,
    load_encoder: Callable[[Model], Encoder] | None = None,
    outputs: Sequence[Path] = (),
) -> UpgradeReport:
    """Compare two runs of the eval set.

    Args:
        config: drift.yaml, or none of it; inputs given here replace its own.
        old: a result file, `FILE#RUN`, or the id of a run of drift.yaml.
        new: the same.
        eval_set: cases that results are joined to; without any they are joined by their own ids.
        runs: the runs among which ids are looked up, and by which the old version's noise is known.
        production: traces; without any nothing is said of what production complains of.
        sample: sessions to embed, instead of drift.yaml's.
        seed: of clusterings and permutations.
        cache_folder: where vectors are kept; by default the platform's cache folder, and with `load_encoder` nowhere.
        watcher: told how far it is.
        load_encoder: makes the encoder, where it is not to be sentence-transformers.
        outputs: files that will be written: none of them may be an input.

    Raises:
        DriftcheckError: a run cannot be found or read, or the two have no case in common.

    """
    watcher = watcher or Unwatched()
    with ExitStack() as stack:
        sources = Sources(config, stack, outputs)
        found = sources.find("eval_set", eval_set, required=False)
        cases = read_eval_set(found, config, watcher) if found else make_eval_set((), (), text=config.settings.text)
        past = read_runs(sources.find("runs", runs, required=False), config, cases, watcher)
        sides = [find_run(text, sources, config, cases, past, watcher) for text in (old, new)]
        history, before, after = history_of(past, *sides)
        joined = all(side.results["case_id"].notna().any() for side in sides)
        traffic = sources.find("production", production, required=False) if joined else ()
        seen = read_production(traffic, config, sample, None, None, watcher) if traffic else None
    upgrade = compare_runs(history, before, after)
    if upgrade.n == 0:
        raise InputError(
            new,
            f"no case has an outcome in both {old} and {new}",
            "name the eval set that both are runs of: --eval-set",
        )
    families = declared_slices(cases, history)
    not_measured: dict[str, str] = {}
    if upgrade.n_reference < 2:
        not_measured["flaky cases"] = (
            f"{sides[0].path} has no earlier run of its version in `runs:`, so a case that flickers counts as changed"
        )
    blind = None
    if seen is None:
        not_measured["blind slices"] = "no production is named, so what users complain of is not known" + (
            "" if joined else ", nor an eval set that the runs are of"
        )
    else:
        check_declared_slices(config, cases, seen)
        comparison = embedded(config, cases, seen, seed, cache_folder, watcher, load_encoder)
        try:
            blind = find_blind(comparison, history, after, upgrade)
            families.append(topics(comparison, history))
        except NotMeasurable as problem:
            not_measured["blind slices"] = problem.reason
    if not any(families):
        declared = ", ".join(config.settings.slices)
        why = (
            f"no case of both runs has a value of {declared}, which `slices:` in drift.yaml declares: name the eval set"
            if declared
            else "no column is declared by `slices:` in drift.yaml"
        )
        not_measured["slices"] = f"{why}; and there are no topics"
    return UpgradeReport(
        upgrade=upgrade,
        old_path=sides[0].path,
        new_path=sides[1].path,
        slices=tuple(sorted((row for family in families for row in by_slice(upgrade, family)), key=worst_first)),
        blind=blind,
        not_measured=not_measured,
        warnings=left_out(sides),
        places={
            str(case): str(where)
            for case, own, where in cases.frame[["case_id", "own_id", "where"]].itertuples(index=False)
            if not isinstance(own, str)
        },
    )
