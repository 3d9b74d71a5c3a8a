"""Results of sealed cases never meet the score; those since the opening are kept for the sealed-gap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from driftcheck.config import TextChoice
from driftcheck.joining import make_eval_set, make_runs
from driftcheck.ledger import hash_inputs
from driftcheck.production import Gatherer
from driftcheck.records import Case, Kind, LoadReport, Result, Status
from driftcheck.sampling import Sampler
from driftcheck.sealed_results import by_batch, part_sealed, without_sealed_example
from driftcheck.seals import Marks, SealedCase

DAY = 86_400.0
OPENED = 1_772_496_000.0 + 10 * 3_600
"""Ten in the morning."""
TUNED = Case("c1", "How do I change the address of my account?", "e:1")
SEALED = Case("c2", "When will the refund for my last order arrive?", "e:2")


def marks() -> Marks:
    empty = Marks(b"0123456789abcdef", ())
    return Marks(empty.salt, (empty.mark(SEALED.input_text or "", None, SEALED.case_id, batch=0),))


def result(run: str, case: Case, *, time: float | None, by: str = "input") -> tuple[str, Result]:
    text, own_id = (case.input_text, None) if by == "input" else (None, case.case_id)
    return f"{run}.json", Result(run, own_id, text, Status.PASS, "r:1", run_time=time)


def parted(results: Sequence[tuple[str, Result]], opened: float | None = OPENED) -> tuple[list[str], list[str]]:
    """Runs of the results that stay, and of those since the opening."""
    eval_set = make_eval_set([TUNED], (), text=TextChoice.LAST_TURN)
    when = lambda _: opened  # noqa: E731  # a function of one line
    rest, since = part_sealed(results, marks(), when, eval_set)
    return [str(one.run_id) for _, one in rest], [str(one.run_id) for _, one in since]


def test_results_are_known_by_input_or_id() -> None:
    for by in ("input", "id"):
        later = OPENED + 60
        rows = [result("a", SEALED, time=later, by=by), result("a", TUNED, time=later, by=by)]
        assert parted(rows) == (["a"], ["a"])
    folded = replace(SEALED, input_text="  when WILL the refund\nfor my last order arrive? ")
    assert parted([result("a", folded, time=OPENED + 60)]) == ([], ["a"])


def test_results_from_before_the_opening_are_gone() -> None:
    rows = [result("a", SEALED, time=OPENED - 2 * DAY), result("a", TUNED, time=OPENED - 2 * DAY)]
    assert parted(rows) == (["a"], [])
    assert parted([result("a", SEALED, time=OPENED + DAY)], opened=None) == ([], [])


def test_a_run_of_the_same_day_counts_if_it_holds_nothing_else() -> None:
    midnight = OPENED - 10 * 3_600
    assert parted([result("a", SEALED, time=midnight)]) == ([], ["a"])
    assert parted([result("a", SEALED, time=midnight), result("a", TUNED, time=midnight)]) == (["a"], [])
    assert parted([result("a", SEALED, time=midnight - 1)]) == ([], [])


def test_a_run_without_a_time_counts_if_it_holds_nothing_else() -> None:
    assert parted([result("a", SEALED, time=None)]) == ([], ["a"])
    assert parted([result("a", SEALED, time=None), result("a", TUNED, time=None)]) == (["a"], [])


def test_a_case_that_is_in_the_tuned_set_keeps_its_results() -> None:
    leaked = make_eval_set([TUNED, replace(SEALED, case_id="mine")], (), text=TextChoice.LAST_TURN)
    rows = [result("a", SEALED, time=OPENED + 60)]
    rest, since = part_sealed(rows, marks(), lambda _: OPENED, leaked)
    assert (len(rest), since) == (1, [])
    same_id = make_eval_set([replace(TUNED, case_id="c2")], (), text=TextChoice.LAST_TURN)
    rows = [result("a", SEALED, time=OPENED + 60, by="id")]
    rest, since = part_sealed(rows, marks(), lambda _: OPENED, same_id)
    assert (len(rest), since) == (1, []), "an id that a tuned case bears is its own"


def test_results_are_told_apart_by_the_seal_that_their_cases_came_with() -> None:
    first, later = result("a", SEALED, time=OPENED), result("b", TUNED, time=OPENED, by="id")
    one = marks()
    two = Marks(one.salt, (*one.cases, one.mark(TUNED.input_text or "", None, TUNED.case_id, batch=1)))
    assert by_batch([later, first, later], two) == {0: [first], 1: [later, later]}


def test_examples_of_a_report_are_no_sealed_cases() -> None:
    _, own = result("a", TUNED, time=None)
    _, other = result("a", SEALED, time=None)
    report = LoadReport("r.json", Kind.RESULTS, "x", 1.0, "", 2, first=own, examples=(own,))
    assert without_sealed_example(report, marks()) == report
    shown = without_sealed_example(replace(report, examples=(own, other)), marks())
    assert (shown.first, shown.examples) == (None, ())


def test_an_opened_run_makes_another_audit() -> None:
    eval_set = make_eval_set([TUNED], (), text=TextChoice.LAST_TURN)
    (production,) = Gatherer(
        Sampler(100, DAY), text=TextChoice.LAST_TURN, slices=(), declared_rating=(None, None)
    ).finish(())
    runs = make_runs([result("a", TUNED, time=OPENED)], (), eval_set)
    opened = replace(runs, sealed=make_runs([result("b", SEALED, time=OPENED)], (), eval_set).frame.assign(batch=0))
    assert isinstance(opened.sealed, pd.DataFrame)
    hashes = [hash_inputs(eval_set, one, production, None).runs for one in (runs, opened, runs)]
    assert hashes[0] == hashes[2] != hashes[1]


def test_the_first_opening_is_asked_for_by_case() -> None:
    asked: list[SealedCase] = []

    def when(case: SealedCase) -> float:
        asked.append(case)
        return OPENED

    eval_set = make_eval_set([TUNED], (), text=TextChoice.LAST_TURN)
    part_sealed([result("a", SEALED, time=OPENED + 60)], marks(), when, eval_set)
    assert asked == [*marks().cases]
