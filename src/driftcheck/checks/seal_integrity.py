"""The seal does not hold: what nobody should tune against can be tuned against.

What is measured
    Number of faults: a sealed file that is not the one that the ledger vouches for (altered, cut, missing, exchanged
    for an older one); a case of the tuned set, a line of the prompts that `prompts:` names, or one of the files beside
    the eval set that holds a sealed input; and each opening of the sample beyond the first. A seal older than the last
    accepted refresh, and cases that are marked for the seal (`split: sealed`) and still lie in the tuned set in the
    clear, scored with the rest, count half together, so that they warn and block nothing. 0 = the seal holds.
    The seal stays closed: its file carries salted hashes of word triples, eight of each input, cut to 12 bits, of which
    six must be found close together. Measured on banking77 and hwu64: copies are found whatever is put around them;
    with one word of ten or more changed, 6 or 7 in 10; with the words in another order, none. Of 8,400 other cases 8
    were called copies; 7 of them ask the same. Inputs below six words are found as whole cases alone. Whoever guesses a
    whole input can confirm the guess by the hashes; whoever guesses parts of one cannot.

Why it matters
    A held-out partition says what the score is worth only while nobody has seen it. One that leaked flatters as the
    tuned set does, and looks independent.

How to fix it
    An altered or missing file: restore it by git; `driftcheck seal --anew` begins another seal and keeps what is there
    as NAME.sealed.1. Where two drift.yaml seal, `sealed:` names a file for each. A leaked case: delete it from the
    tuned set or the prompt (`driftcheck retire` would only move it into a file beside, which is searched too), and seal
    fresh cases where something was tuned on it. Cases marked and not sealed: `driftcheck seal`. Opened again: seal
    fresh cases for the next release (`driftcheck accept --holdout 30%`, `driftcheck seal`). What git's history, old
    results and the cache of embeddings keep of cases that were in the open before, no seal takes back.

Source
    Near copies by sketches: Broder (1997), On the resemblance and containment of documents. Why a test set is used
    once: Dwork et al. (2015), The reusable holdout: preserving validity in adaptive data analysis.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from driftcheck.errors import NotMeasurable
from driftcheck.findings import Evidence, Measurement, Thresholds
from driftcheck.numbers import count, number
from driftcheck.seals import NOTHING_SEALED, SealState, is_held_out

if TYPE_CHECKING:  # checks are listed and explained without loading what they measure with
    import datetime as dt

    from driftcheck.comparison import Comparison
    from driftcheck.seals import Opening

CODE = "DC508"
TITLE = "The seal of the held-out cases does not hold"
UNIT = "faults"
DEFAULT = Thresholds(warn=0.5, fail=1.0)
_ROWS = 20


def measure(comparison: Comparison) -> Measurement:
    """Faults of the seal."""
    frame = comparison.eval_set.frame
    waiting = frame.loc[frame["split"].map(is_held_out).astype(bool), "case_id"].tolist()
    if comparison.seal is None and not waiting:
        raise NotMeasurable(NOTHING_SEALED)
    seal = comparison.seal or SealState(n_cases=0, sealed_at=None)
    again = _again(seal.openings)
    refreshed = comparison.upkeep.refreshed
    is_old = seal.sealed_at is not None and refreshed is not None and seal.sealed_at < refreshed
    value = bool(seal.problem) + len(seal.leaks) + len(again) + (is_old or bool(waiting)) / 2
    return Measurement(
        value=float(value),
        n={"sealed cases": seal.n_cases, "cases": comparison.eval_set.n_cases, "openings": len(seal.openings)},
        summary=_summary(seal, again, refreshed if is_old else None, len(waiting)),
        evidence=tuple(_evidence(seal, again, waiting))[:_ROWS],
        fix=_fix(seal, again, is_old=is_old, n_waiting=len(waiting)),
        noticeable=0.0,
    )


def noticed(value: float) -> str:
    """What would have been noticed 8 times in 10, from this value on."""
    return f"a broken seal, from {number(value)} faults on"


def _again(openings: tuple[Opening, ...]) -> tuple[Opening, ...]:
    """Openings beyond the first: all that were forced, and others after the first of them."""
    first = next((one for one in openings if not one.is_forced), None)
    return tuple(one for one in openings if one is not first)


def _summary(seal: SealState, again: tuple[Opening, ...], refreshed: dt.date | None, n_waiting: int) -> str:
    parts = []
    if seal.problem:
        parts.append(seal.problem)
    in_cases = sum(leak.case_id is not None for leak in seal.leaks)
    if in_cases:
        parts.append(f"{count(in_cases, 'case')} of the tuned set hold{'s' if in_cases == 1 else ''} a sealed input")
    elsewhere = len(seal.leaks) - in_cases
    if elsewhere:
        parts.append(f"{count(elsewhere, 'line')} of other files {'holds' if elsewhere == 1 else 'hold'} one")
    if again:
        parts.append(f"the sample was opened {count(len(seal.openings), 'time')}")
    if refreshed is not None:
        parts.append(f"the seal is of {seal.sealed_at}, older than the refresh of {refreshed}")
    if n_waiting:
        lie = "is marked for the seal and lies" if n_waiting == 1 else "are marked for the seal and lie"
        parts.append(f"{count(n_waiting, 'case')} {lie} in the clear, scored as tuned")
    cases = count(seal.n_cases, "sealed case") + (f" of {seal.other}" if seal.other else "")
    if not parts:
        opened = f"opened once, for {seal.openings[0].release}" if seal.openings else "not opened"
        return f"{cases}, {opened}: the file is the one that the ledger vouches for, and no copy was found outside."
    said = f"{'; '.join(parts)}."
    if not seal.n_cases:
        return said if seal.problem else f"Nothing is sealed: {said}"
    return f"Of {cases}: {said}"


def _evidence(seal: SealState, again: tuple[Opening, ...], waiting: Iterable[str]) -> Iterator[Evidence]:
    if seal.problem:
        yield Evidence(label="sealed file", numbers={"fault": "not as the ledger has it"})
    for leak in seal.leaks:
        yield Evidence(
            label=leak.where,
            numbers={"fault": "holds a sealed input", "sealed cases": leak.n_cases},
            case_ids=(leak.case_id,) if leak.case_id is not None else (),
        )
    for one in again:
        fault = "opened again, forced" if one.is_forced else "opened again"
        yield Evidence(label=f"release {one.release}, {one.at}", numbers={"fault": fault})
    for case_id in waiting:
        yield Evidence(label=case_id, numbers={"fault": "marked, not sealed"}, case_ids=(case_id,))


def _fix(seal: SealState, again: tuple[Opening, ...], *, is_old: bool, n_waiting: int) -> str:
    if seal.problem:
        return "Restore the sealed file and the ledger by git; `driftcheck seal --anew` begins another beside it."
    if seal.leaks:
        return "Delete the copies (retired ones count too); where something was tuned on them, seal fresh cases."
    if n_waiting:
        return f"Run `driftcheck seal`: until then anybody tunes against {'it' if n_waiting == 1 else 'them'}."
    if again or is_old:
        return "Seal fresh cases: `driftcheck accept --holdout 30%`, then `driftcheck seal`."
    return ""
