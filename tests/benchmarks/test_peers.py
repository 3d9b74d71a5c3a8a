"""The maths of the page that sets driftcheck beside its peers, on made-up readings."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from tests.benchmarks.peers.cells import CELLS, Cell, cell_called
from tests.benchmarks.peers.figure import Bar, draw
from tests.benchmarks.peers.page import best_peer, write_page
from tests.benchmarks.peers.pairs import Draw, Utterances, read_pairs, write_draws, write_utterances
from tests.benchmarks.peers.rates import (
    Standing,
    Table,
    equal_alarms,
    found,
    named,
    own_alarms,
    standing,
    threshold,
)
from tests.benchmarks.peers.readings import Reading, append, metered, read_readings
from tests.benchmarks.peers.tools import PEERS, classifier_test, energy_distance, plain_kl

from driftcheck.stats.intervals import Interval, wilson

NULL, POWER = "null 300/1000", "one new intent 5 %"


def reading(tool: str = "MAUVE", cell: str = NULL, seed: int = 0, score: float = 0.0, **rest: object) -> Reading:
    """A reading of no consequence but what is said."""
    told = {"p_value": None, "alarm": None, "seconds": 0.1, "peak_mb": 200.0, "added_mb": 10.0, **rest}
    return Reading(tool, "banking77", cell, seed, score, **told)  # type: ignore[arg-type]  # the names are Reading's own


def scores(values: list[float], **rest: object) -> list[Reading]:
    return [reading(seed=seed, score=value, **rest) for seed, value in enumerate(values)]


@pytest.mark.parametrize("n", [19, 50, 100])
def test_a_further_draw_without_drift_lies_above_the_threshold_as_often_as_said(n: int) -> None:
    rng = np.random.default_rng(n)
    alarms = [rng.normal() > threshold(rng.normal(size=n).tolist()) for _ in range(4000)]
    expected = int(0.05 * (n + 1)) / (n + 1)
    assert abs(np.mean(alarms) - expected) < 4 * np.sqrt(expected / 4000)


@pytest.mark.parametrize("n", [20, 39, 50, 99])
def test_threshold_never_lets_more_than_its_level_of_the_null_draws_alarm(n: int) -> None:
    values = np.random.default_rng(n).normal(size=n).tolist()
    assert sum(value > threshold(values) for value in values) / n <= 0.05


def test_ties_at_the_threshold_are_no_alarms() -> None:
    """A tool whose score is the same on all draws notices nothing."""
    rate = equal_alarms(scores([0.3] * 60), scores([0.3] * 100))
    assert rate is not None
    assert rate.value == 0


def test_threshold_needs_draws() -> None:
    with pytest.raises(ValueError, match="need more than 18 draws"):
        threshold([0.0] * 18)


def test_a_score_is_held_against_its_own_null_draws() -> None:
    rate = equal_alarms(scores([0.5, 94.5, 95.0, 95.5, 100.5]), scores([float(v) for v in range(100)]))
    assert rate == wilson(2, 5)  # the threshold is 95, the fifth largest


def test_a_valid_p_value_needs_no_null_draws() -> None:
    draws = [reading(seed=i, score=-p, p_value=p) for i, p in enumerate([0.001, 0.05, 0.051, 0.9])]
    assert equal_alarms(draws, []) == wilson(2, 4)


def test_too_few_null_draws_give_no_rate_instead_of_a_guess() -> None:
    assert equal_alarms(scores([1.0]), scores([0.0] * 18)) is None
    assert equal_alarms([], scores([0.0] * 100)) is None


def test_a_tool_without_a_verdict_has_no_rate_of_its_own() -> None:
    assert own_alarms(scores([1.0, 2.0])) is None
    assert own_alarms([reading(alarm=True), reading(alarm=False)]) == wilson(1, 2)


@pytest.mark.parametrize(
    ("own", "other", "where"),
    [
        (Interval(0.6, 0.5, 0.7, 60), Interval(0.5, 0.4, 0.6, 60), Standing.AHEAD),
        (Interval(0.6, 0.5, 0.7, 60), Interval(0.6, 0.5, 0.7, 60), Standing.LEVEL),
        (Interval(0.5, 0.4, 0.6, 60), Interval(0.6, 0.6, 0.7, 60), Standing.OVERLAP),
        (Interval(0.5, 0.4, 0.6, 60), Interval(0.8, 0.61, 0.9, 60), Standing.BEHIND),
    ],
)
def test_standing(own: Interval, other: Interval, where: Standing) -> None:
    assert standing(own, other) is where


def test_precision_is_over_draws_that_flag_and_recall_over_all() -> None:
    draws = [
        reading(n_planted=50, n_flagged=80, n_flagged_planted=40, n_top=40, n_top_planted=40),
        reading(n_planted=50, n_flagged=0, n_flagged_planted=0, n_top=0, n_top_planted=0),
    ]
    flagged, first = found(draws, top=False), found(draws, top=True)
    assert flagged is not None
    assert first is not None
    assert (flagged.precision, flagged.recall, flagged.n_flagging) == (0.5, 0.4, 1)
    assert (first.precision, first.recall) == (1.0, 0.4)
    assert found(scores([1.0]), top=True) is None


def test_named_counts_intents_not_draws() -> None:
    draws = [
        reading(n_new_intents=2, n_named_uncovered=1, n_named_thin=2),
        reading(n_new_intents=1, n_named_uncovered=1, n_named_thin=1),
        reading(n_new_intents=0),
    ]
    assert named(draws, thin=False) == wilson(2, 3)
    assert named(draws, thin=True) == wilson(3, 3)
    assert named(draws[2:], thin=True) is None


def test_every_drift_has_a_null_of_the_same_sizes_on_the_same_datasets() -> None:
    sizes = [("n_eval", 300), ("n_prod", 1000), ("k", 20)]

    def sizes_of(cell: Cell) -> list[object]:
        return [cell.parameters.get(name, default) for name, default in sizes]

    for cell in CELLS:
        if not cell.is_null:
            null = cell_called(cell.null)
            assert sizes_of(cell) == sizes_of(null), cell.name
            assert set(cell.datasets) <= set(null.datasets), cell.name


def test_best_peer_is_never_driftcheck() -> None:
    rates = {"driftcheck": wilson(9, 10), "MAUVE": wilson(3, 10), "plain KL": wilson(5, 10), "livingeval": None}
    assert best_peer(rates) == ("plain KL", rates["plain KL"])
    assert best_peer({"driftcheck": wilson(9, 10)}) == ("", None)


def page_table(own: float) -> Table:
    """driftcheck notices a share `own` of 50 draws, MAUVE half of them."""
    rows = [reading("driftcheck", NULL, i, p_value=1 - i / 50, alarm=False) for i in range(50)]
    rows += [
        reading("driftcheck", POWER, i, p_value=0.001 if i < 50 * own else 0.5, alarm=True, n_planted=50, n_flagged=10,
                n_flagged_planted=10, n_top=10, n_top_planted=10, n_new_intents=1, n_named_uncovered=1, n_named_thin=1)
        for i in range(50)
    ]  # fmt: skip
    rows += [reading("MAUVE", NULL, i, i / 100) for i in range(100)]
    rows += [reading("MAUVE", POWER, i, 2.0 * (i % 2)) for i in range(50)]
    return Table(tuple(rows))


def test_page_says_where_driftcheck_is_ahead() -> None:
    page, _ = write_page(page_table(0.9), {"MAUVE": "0.4.0"}, "2026-11-22", "a machine")
    assert "- ahead: 1\n" in page
    assert "- behind: 0\n" in page
    assert "| banking77 | one new intent 5 % | 90 (79–96) | **50 (37–63)** | ahead (MAUVE) |" in page
    assert "2026-11-22, a machine" in page


def test_page_says_where_driftcheck_is_behind() -> None:
    page, _ = write_page(page_table(0.1), {}, "2026-11-22", "a machine")
    assert "- behind: 1:\n  - banking77, one new intent 5 %: 10 (4–21) against 50 (37–63) of MAUVE" in page
    assert "| behind (MAUVE) |" in page


def test_tables_of_the_page_are_rectangular() -> None:
    page, _ = write_page(page_table(0.9), {}, "2026-11-22", "a machine")
    for block in re.findall(r"(?:^\|.*\n)+", page, flags=re.MULTILINE):
        assert len({line.count("|") for line in block.splitlines()}) == 1


def test_figure_is_xml_with_a_row_for_each_bar_and_escapes_names() -> None:
    bar = Bar("a <b> & c", wilson(9, 10), wilson(5, 10), "MAUVE", (0.1, 0.2))
    root = ElementTree.fromstring(draw([bar, replace(bar, label="second")], 'noticed at "5 %"'))
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "a <b> & c" in texts
    assert texts.count("best peer: MAUVE") == 2
    circles = list(root.iter("{http://www.w3.org/2000/svg}circle"))
    assert len(circles) == 3 + 2 * 4  # the legend, and per row two others, the best and driftcheck


def test_readings_survive_an_interruption(tmp_path) -> None:
    path = tmp_path / "mauve.jsonl"
    append(path, reading(seed=1, score=0.5))
    append(path, reading(seed=2, score=0.25, alarm=True))
    append(path, reading(seed=1, score=0.75))
    with path.open("a") as file:
        file.write('{"tool": "MAUVE", "dataset"')  # killed while writing
    assert {row.seed: row.score for row in read_readings(path)} == {1: 0.75, 2: 0.25}
    assert read_readings(tmp_path / "none.jsonl") == []


def test_metered_tells_time_and_memory() -> None:
    held, cost = metered(lambda: np.ones(20_000_000))
    assert held.sum() == 20_000_000
    assert cost.seconds > 0
    assert cost.peak_mb > 160
    assert 0 <= cost.added_mb <= cost.peak_mb


def utterances(shift: float) -> Utterances:
    """500 points in 8 dimensions, the last 100 of them moved."""
    vectors = np.random.default_rng(1).normal(size=(500, 8)).astype(np.float32)
    vectors[400:] += np.float32(shift)
    return Utterances(
        [f"text {i} \u2028" for i in range(500)], ["old"] * 400 + ["new"] * 100, ["en"] * 499 + ["de"], vectors
    )


def made_draw(cell: str, seed: int, uncovered: dict[str, float] | None = None, foreign: bool = False) -> Draw:
    return Draw("made", cell, seed, list(range(100)), list(range(100, 500)), uncovered or {}, foreign)


def test_pairs_come_back_as_they_were_drawn(tmp_path) -> None:
    write_utterances(tmp_path / "made", utterances(0))
    draws = [made_draw(NULL, seed) for seed in range(5)] + [made_draw(POWER, seed, {"new": 0.25}) for seed in range(5)]
    write_draws(tmp_path / "made", draws)
    pairs = list(read_pairs(tmp_path, null_draws=3, power_draws=2, null_cells={NULL}))
    assert [(pair.draw.seed, pair.draw.cell) for pair in pairs] == [
        (0, NULL), (0, POWER), (1, NULL), (1, POWER), (2, NULL)
    ]  # fmt: skip
    drifted = pairs[1]
    assert drifted.planted.sum() == 100
    assert not pairs[0].planted.any()
    assert drifted.case_texts[7] == "text 7 \u2028"
    np.testing.assert_array_equal(drifted.embed(["text 450 \u2028"])[0], drifted.traces[350])


def test_other_languages_are_planted_by_language() -> None:
    pair = utterances(0).pair(made_draw("two other languages 20 %", 0, foreign=True))
    assert np.flatnonzero(pair.planted).tolist() == [399]


@pytest.mark.parametrize("ask", [energy_distance, classifier_test, plain_kl])
def test_peers_of_our_own_making_tell_drift_from_none(ask) -> None:
    """Those that are methods, not packages, run here as well."""
    nothing = ask(utterances(0).pair(made_draw(NULL, 0)))
    drift = ask(utterances(3).pair(made_draw(POWER, 0, {"new": 0.25})))
    assert drift.score > nothing.score
    assert drift.alarm
    assert not nothing.alarm or ask is plain_kl  # a fixed threshold on a biased number


def test_energy_distance_is_the_textbook_one() -> None:
    pair = utterances(3).pair(made_draw(POWER, 0, {"new": 0.25}))

    def mean_distance(a: np.ndarray, b: np.ndarray) -> float:
        return float(np.mean(np.linalg.norm(a[:, None] - b[None], axis=2)))

    x, y = pair.cases.astype(float), pair.traces.astype(float)
    expected = 2 * mean_distance(x, y) - mean_distance(x, x) - mean_distance(y, y)
    assert energy_distance(pair).score == pytest.approx(expected)


def test_every_peer_says_on_the_page_what_it_is() -> None:
    assert all(peer.ask.__doc__ for peer in PEERS.values())
