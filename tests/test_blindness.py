"""Slices of which production complains while the bench passes: only where both can be told."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import numpy as np
import pandas as pd

from driftcheck.history import History, RunPoint
from driftcheck.upgrade import compare_runs
from driftcheck.upgrading.blindness import find_blind

if TYPE_CHECKING:
    from driftcheck.comparison import Comparison

WORLD = {
    # slice: rated sessions, good ones, cases, passing ones
    "one case": (40, 2, 1, 1),
    "too close": (20, 8, 10, 8),
    "blind": (40, 2, 20, 20),
    "no case": (40, 2, 0, 0),
    "content": (40, 38, 10, 10),
    "few ratings": (4, 0, 10, 10),
    "one fails newly": (40, 2, 20, 20),
}


def test_a_slice_is_blind_only_beyond_chance_and_with_enough_cases() -> None:
    slices, of_trace, good, of_case, passing = [], [], [], [], []
    for index, (name, (n_rated, n_good, n_cases, n_passing)) in enumerate(WORLD.items()):
        slices.append(SimpleNamespace(id=name, name=name, terms=("x",), trace_rows=()))
        of_trace += [index] * n_rated
        good += [1.0] * n_good + [0.0] * (n_rated - n_good)
        of_case += [index] * n_cases
        passing += [1.0] * n_passing + [0.0] * (n_cases - n_passing)
    ids = [f"c{case:03d}" for case in range(len(of_case))]
    new = np.array(passing)
    new[-1] = 0.0
    runs = tuple(RunPoint(run, None, None, None, 0, False) for run in ("old", "new"))
    history = History(runs, tuple(ids), np.column_stack([passing, new]))
    partition = SimpleNamespace(slices=slices, slice_of_trace=np.array(of_trace), slice_of_case=np.array(of_case))
    sample = pd.DataFrame({"satisfied": good, "trace_id": [f"t{trace}" for trace in range(len(good))]})
    comparison = SimpleNamespace(
        satisfaction=SimpleNamespace(value=0.9),
        traffic=SimpleNamespace(partition=partition),
        production=SimpleNamespace(sample=sample),
        eval_set=SimpleNamespace(frame=pd.DataFrame({"case_id": ids})),
    )
    found = find_blind(cast("Comparison", comparison), history, 1, compare_runs(history, 0, 1))
    assert [row.id for row in found] == ["blind", "no case"]
    assert [row.n_cases for row in found] == [20, 0]
    assert found[1].pass_rate is None
