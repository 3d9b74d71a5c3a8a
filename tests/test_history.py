"""Runs over time: order, versions, repeats, cases that came and went, and a real history with a known truth."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import numpy as np
import pytest

from driftcheck.checks import saturated_cases
from driftcheck.config import Config, Settings, TextChoice
from driftcheck.history import History, make_history
from driftcheck.intake import read_runs
from driftcheck.joining import make_eval_set, make_runs
from driftcheck.loaders.source import find_sources
from driftcheck.records import Case, EvalSet, Result, Status
from driftcheck.watching import Unwatched

if TYPE_CHECKING:
    from driftcheck.comparison import Comparison

DATA = Path(__file__).parents[1] / ".." / "shared" / "data"
Row = tuple[str, str, bool | None]
"""Run, case, whether it passed (None: an error)."""


def no_cases() -> EvalSet:
    return make_eval_set((), (), text=TextChoice.LAST_TURN)


def result(run: str, case: str, passed: bool | None, **more: object) -> tuple[str, Result]:
    status = Status.ERROR if passed is None else Status.PASS if passed else Status.FAIL
    return "runs.jsonl", Result(run, case, None, status, "runs.jsonl:1", **more)  # type: ignore[arg-type]


def history(rows: Sequence[tuple[str, Result]], eval_set: EvalSet | None = None) -> History:
    runs = make_runs(rows, (), eval_set or no_cases())
    return make_history(runs.frame, runs.run_ids)


def outcomes(columns: dict[str, str], **models: str) -> History:
    """`columns` holds for each run one character a case: `+`, `-`, `e` for an error, or a blank for no result."""
    rows = [
        result(run, f"c{number}", {"+": True, "-": False, "e": None}[mark], run_time=float(time), model=models.get(run))
        for time, (run, marks) in enumerate(columns.items())
        for number, mark in enumerate(marks)
        if mark != " "
    ]
    return history(rows)


def test_runs_stand_in_order_of_time_then_id() -> None:
    rows = [result("b", "c", True, run_time=5.0), result("a", "c", True, run_time=5.0), result("z", "c", False)]
    assert [run.run_id for run in history([*rows, result("y", "c", True, run_time=1.0)]).runs] == ["z", "y", "a", "b"]


def test_repeats_models_and_prompts_of_a_run_are_one_share() -> None:
    rows = [
        result("r", "c", True, repeat=0, model="m1"),
        result("r", "c", False, repeat=1, model="m1"),
        result("r", "c", True, repeat=0, model="m2", prompt_id="p"),
        result("r", "c", None, repeat=1, model="m2"),
    ]
    made = history(rows)
    assert made.shares.tolist() == [[pytest.approx(2 / 3)]]
    assert (made.runs[0].model, made.runs[0].prompt) == ("m1, m2", "p")


def test_another_metric_is_no_other_version() -> None:
    rows = [
        result("a", "c", True, run_time=1.0, model="m", variant="helpful"),
        result("b", "c", True, run_time=2.0, model="m", variant="helpful"),
        result("b", "c", False, run_time=2.0, model="m", variant="short"),
    ]
    made = history(rows)
    assert [(run.version, run.prompt) for run in made.runs] == [(0, None), (0, None)]
    assert made.shares.tolist() == [[1.0, 0.5]]


def test_an_error_is_no_outcome() -> None:
    made = outcomes({"a": "+-e", "b": "e-+"})
    assert np.isnan(made.shares).tolist() == [[False, True], [False, False], [True, False]]
    moves = made.moves(0, 1)
    assert (made.ids(moves.went), made.ids(moves.came), made.ids(moves.still_failing)) == (("c0",), ("c2",), ("c1",))
    assert moves.n == 1


def test_versions_count_changes_and_what_is_not_said_is_as_it_was() -> None:
    made = outcomes(dict.fromkeys("abcdef", "+"), a="m1", b="m1", d="m2", f="m1")
    assert made.versions.tolist() == [0, 0, 0, 1, 1, 2]
    assert [run.is_version_known for run in made.runs] == [True, True, False, True, False, True]
    assert outcomes(dict.fromkeys("abc", "+")).n_versions == 1
    prompts = [result(f"r{n}", "c", True, run_time=float(n), model="m", prompt_id=p) for n, p in enumerate("ppq")]
    assert history(prompts).versions.tolist() == [0, 0, 1]


def test_moves_name_the_cases() -> None:
    made = outcomes({"a": "++--", "b": "+-+-"})
    moves = made.moves(0, 1)
    named = [made.ids(rows) for rows in (moves.still_passing, moves.newly_failing, moves.newly_passing)]
    assert named == [("c0",), ("c1",), ("c2",)]
    assert made.ids(moves.still_failing) == ("c3",)


def test_the_reference_ends_where_the_version_began() -> None:
    made = outcomes(dict.fromkeys("abcde", "+"), a="m1", b="m2", e="m3")
    assert made.reference(3).tolist() == [1, 2, 3]
    assert made.reference(4).tolist() == [4]


def test_results_that_join_no_case_leave_a_history_of_those_that_do() -> None:
    eval_set = make_eval_set([Case(case_id="known", input_text="x", where="e:1")], (), text=TextChoice.LAST_TURN)
    rows = [result("a", "known", True), result("a", "gone", False), result("b", "known", False)]
    assert history(rows, eval_set).case_ids == ("known",)
    assert history(rows).case_ids == ("gone", "known")


def test_the_order_of_rows_changes_nothing() -> None:
    rows = [result(run, f"c{n}", (n * len(run)) % 3 == 0, run_time=1.0) for run in ("a", "bb", "ccc") for n in range(9)]
    first, second = history(rows), history(rows[::-1])
    assert first.runs == second.runs
    assert first.case_ids == second.case_ids
    assert np.array_equal(first.shares, second.shares, equal_nan=True)


def test_nothing_known_is_no_error() -> None:
    made = history([result("a", "c", None)])
    assert made.case_ids == ()
    assert made.shares.shape == (0, 1)
    assert made.moves(0, 0).n == 0


@pytest.fixture(scope="module")
def alpaca(tmp_path_factory: pytest.TempPathFactory) -> Path:
    generator = DATA / "make_scenarios.py"
    if not generator.exists() or not (DATA / "alpaca_eval" / "results.parquet").exists():
        pytest.skip("no ../shared/data/alpaca_eval: its 58 runs are not part of this repository")
    folder = tmp_path_factory.mktemp("alpaca")
    # a process of its own: the generator leaves files to the garbage collector, which is an error here
    subprocess.run([sys.executable, str(generator), "--runs", "alpaca_eval", "--out", str(folder)], check=True)
    return folder


def test_58_real_runs_give_exactly_the_cases_of_their_truth(alpaca: Path) -> None:
    truth = json.loads((alpaca / "truth.json").read_text())
    config = Config(Settings(), None)
    sources = find_sources([alpaca / "results.jsonl"], base=Path())
    runs = read_runs(sources, config, no_cases(), Unwatched())
    assert runs is not None
    made = make_history(runs.frame, runs.run_ids)
    assert len(made.runs) == truth["n_runs"] == 58
    assert len(made.case_ids) == truth["n_items"]
    ids = [run.run_id for run in made.runs]
    for flip in truth["flips"]:
        old, new = ids.index(flip["a"]), ids.index(flip["b"])
        moves = made.moves(old, new)
        assert (len(moves.newly_passing), len(moves.newly_failing)) == (flip["newly_passing"], flip["newly_failing"])
        assert np.nanmean(made.shares[:, old]) == pytest.approx(flip["rate_a"], abs=1e-6)
    # every run is of a model of its own, which the results do not say
    told = replace(made, runs=tuple(replace(run, version=number) for number, run in enumerate(made.runs)))
    seen = SimpleNamespace(history=told, eval_set=SimpleNamespace(n_cases=truth["n_items"]))
    found = saturated_cases.measure(cast("Comparison", seen))
    said = {row.label: row.case_ids for row in found.evidence}
    # rows of evidence name the first 20 cases: the truth has fewer
    assert list(said.get("always fail: suspects", ())) == sorted(truth["always_fail"])
    assert list(said.get("always pass: may retire", ())) == sorted(truth["always_pass"])
    assert found.value == pytest.approx(len(truth["always_fail"] + truth["always_pass"]) / truth["n_items"])
    # dated runs stand in the truth's order; it has those without a date last, where we have them first
    dated = [run["run"] for run in truth["runs"] if run["date"]]
    assert [run.run_id for run in made.runs if run.time is not None] == dated
