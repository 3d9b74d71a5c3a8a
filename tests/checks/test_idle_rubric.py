"""Rubric items that never fail, or say what another says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from tests.checks.worlds import RUBRIC, make_comparison

from driftcheck.checks import idle_rubric
from driftcheck.comparison import Comparison
from driftcheck.config import RubricEntry
from driftcheck.errors import NotMeasurable
from driftcheck.upkeep import Upkeep


def with_verdicts(columns: dict[str, list[float]], *, runs: int = 1) -> Comparison:
    """The small world with these verdicts on its first cases, in its last runs; the same in each."""
    comparison = make_comparison()
    assert comparison.runs is not None
    rows = [
        (run, f"c{case:04d}", f"c{case:04d}", item, met)
        for run in comparison.full_runs[-runs:]
        for item, values in columns.items()
        for case, met in enumerate(values)
    ]
    rubric = pd.DataFrame(rows, columns=["run_id", "case_id", "own_id", "item", "met"])
    return replace(comparison, runs=replace(comparison.runs, rubric=rubric))


def failing(n: int, *cases: int) -> list[float]:
    return [0.0 if case in cases else 1.0 for case in range(n)]


def test_an_item_that_never_fails_is_idle_with_what_is_known_of_it() -> None:
    found = idle_rubric.measure(with_verdicts({"polite": failing(150), "right": failing(150, 3, 9)}))
    assert found.value == 0.5
    assert [row.label for row in found.evidence] == ["polite"]
    assert found.evidence[0].numbers["at most"] == 0.02
    assert "Of 2 rubric items, 1 failed on no answer (at most 2 % of answers fail it), and 0 say what" in found.summary


def test_one_failure_in_any_run_is_enough() -> None:
    comparison = with_verdicts({"polite": failing(150), "right": failing(150, 3)}, runs=3)
    assert comparison.runs is not None
    rubric = comparison.runs.rubric
    first = rubric.index[(rubric["item"] == "polite") & (rubric["run_id"] == comparison.full_runs[-3])][0]
    rubric.loc[first, "met"] = 0.0
    assert idle_rubric.measure(comparison).value == 0


def test_of_two_items_that_agree_the_declared_one_stays() -> None:
    bad = range(0, 150, 5)
    columns = {"b": failing(150, *bad), "a": failing(150, *bad), "other": failing(150, 1, 2, 3, 4, 6, 7)}
    comparison = with_verdicts(columns)
    row = idle_rubric.measure(comparison).evidence[0]
    assert (row.label, row.numbers["why"], row.numbers["phi"]) == ("b", "as a", "1 (0.92-1)")
    assert row.case_ids == ("c0000", "c0005", "c0010", "c0015", "c0020")
    declared = replace(comparison, upkeep=Upkeep(rubric=(RubricEntry(name="B"), RubricEntry(name="A", owner="ana"))))
    row = idle_rubric.measure(declared).evidence[0]
    assert (row.label, row.numbers["why"], row.numbers["owner"]) == ("a", "as b", "ana")
    owned = replace(declared, upkeep=Upkeep(owner="eve", rubric=(RubricEntry(name="B"), RubricEntry(name="A"))))
    assert idle_rubric.measure(owned).evidence[0].numbers["owner"] == "eve"


def test_agreement_that_chance_explains_is_none() -> None:
    rng = np.random.default_rng(0)
    columns = {"a": failing(150, 1, 2, 3), "b": failing(150, 1, 2, 3)}  # three failures in common tell little
    columns |= {name: (rng.random(150) > 0.3).astype(float).tolist() for name in "cdef"}
    assert idle_rubric.measure(with_verdicts(columns)).value == 0


def test_independent_items_are_hardly_ever_called_idle() -> None:
    rng = np.random.default_rng(1)
    values = []
    for _ in range(40):
        columns = {name: (rng.random(100) > 0.05).astype(float).tolist() for name in "abcdef"}
        values.append(idle_rubric.measure(with_verdicts(columns)).value)
    assert max(values) < 0.5
    assert float(np.mean(values)) < 0.03


def test_too_few_items_or_cases_are_said() -> None:
    with pytest.raises(NotMeasurable, match="1 rubric item has verdicts on 60 cases: at least 2"):
        idle_rubric.measure(with_verdicts({"a": failing(150), "b": failing(59)}))
    with pytest.raises(NotMeasurable, match="tell no rubric items apart"):
        idle_rubric.measure(with_verdicts({}))


def test_what_is_declared_and_never_judged_is_said() -> None:
    comparison = with_verdicts({"a": failing(150, 1), "b": failing(150, 2)})
    declared = replace(comparison, upkeep=Upkeep(rubric=(RubricEntry(name="a"), RubricEntry(name="tone"))))
    assert "1 declared item is in no result." in idle_rubric.measure(declared).summary


def test_the_planted_items_are_named() -> None:
    found = idle_rubric.measure(make_comparison(idle_items=4))
    assert {row.label for row in found.evidence} >= {RUBRIC[0], RUBRIC[2]}
    assert len(found.evidence) == 4
