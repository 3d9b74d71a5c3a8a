"""`driftcheck trend` printed: sparklines, rows with their notes, narrow and ASCII consoles, hostile names."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pytest
from tests.renderers.gfm import RENDERERS
from tests.renderers.screens import printed

from driftcheck.renderers import trend_json, trend_markdown, trend_terminal
from driftcheck.renderers.trend_tables import ASCII_BLOCKS, sparkline, tables
from driftcheck.renderers.trend_words import sentences
from driftcheck.scores import DivergenceScore, Estimate, Scores
from driftcheck.stats.rises import RankCorrelation
from driftcheck.trend import JointRise, Lagged, Onset, PointRun, Reading, Step, Trend, TrendPoint

WEEK = 7 * 86_400.0
MONDAY = 1_793_577_600.0


def point(number: int, **changes: object) -> TrendPoint:
    score, users, excess = 0.8 + 0.01 * number, 0.9 - 0.02 * number, 0.02 * number
    made = TrendPoint(
        name=f"2026-W{40 + number}",
        since=MONDAY + number * WEEK,
        until=MONDAY + (number + 1) * WEEK - 1,
        n_cases=300,
        n_traces=1_000 + number,
        n_sessions=500,
        n_embedded=500,
        n_rated=120,
        scores=Scores(
            pass_rate=Estimate(score, score - 0.02, score + 0.02, 300),
            satisfaction=Estimate(users, users - 0.05, users + 0.05, 120),
            response_rate=0.12,
            gap=Estimate(score - users, -0.1, 0.2, 0),
            restated_pass_rate=None,
            divergence=DivergenceScore(excess + 0.1, 0.1, excess, excess - 0.02, excess + 0.02, 0.0005),
            novelty=None,
            coverage=Estimate(0.9, 0.85, 0.95, 500),
        ),
        run=PointRun(f"r{number}", MONDAY + number * WEEK, "m1", "", is_own=True),
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # fields of the point


def trend(**changes: object) -> Trend:
    points = [point(number) for number in range(8)]
    points[2] = replace(
        points[2], scores=replace(points[2].scores, divergence=None, coverage=None), missing="12 sessions"
    )
    points[3] = replace(points[3], marks=("model m2",))
    points[4] = replace(points[4], run=replace(points[4].run, is_own=False))  # type: ignore[type-var]  # it has one
    made = Trend(
        step=Step.WEEK,
        points=tuple(points),
        correlations=(Lagged(0, RankCorrelation(-0.8, -0.95, -0.3, 0.01, 7), 0.05),),
        joint_rise=JointRise(
            since="2026-W41",
            until="2026-W47",
            score=Reading(0.82, 0.86, 0.07, 0.001),
            gap=Reading(-0.05, 0.1, 0.2, 0.001),
            divergence=None,
            p_value=0.002,
        ),
        onset=Onset("2026-W45", "the eval set and the weeks before it", 0.01, (None,) * 8),
        change=None,
        not_measured={"something": "too little of it"},
        warnings=("a warning",),
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # fields of the trend


def test_it_says_what_rose_since_when_and_what_goes_with_what() -> None:
    said = sentences(trend())
    assert said[0] == (
        "The score rose while the gap rose: from 2026-W41 to 2026-W47 the score went from 82 % to 86 %, the gap to "
        "satisfaction rose from -5 to 10 points (p 0.002, Mann-Kendall)."
    )
    assert said[1].startswith("From 2026-W45 on, traffic differs significantly from the eval set and the weeks before")
    assert said[2] == (
        "When the score rises, satisfaction falls: rank correlation -0.8 (95 % CI -0.95 to -0.3, p 0.05, n 7)."
    )
    calm = trend(joint_rise=None, onset=Onset(None, "the eval set", 0.01, (None,) * 8), correlations=())
    assert sentences(calm) == (
        "Score, divergence and satisfaction keep to their level, as far as these rows can tell.",
    )
    assert sentences(replace(calm, onset=None)) == ("Too little is known to tell a trend.",)


def test_rows_carry_numbers_of_what_is_remarked_on_them() -> None:
    rows = tables(trend())[1]
    assert [row[1] for row in rows.rows] == ["", "", "[1]", "[2]", "[3]", "[4]", "", ""]
    assert rows.note.startswith(
        "[1] not compared: 12 sessions; [2] model m2; [3] in brackets: score of an earlier run; [4] from here on"
    )
    assert rows.rows[4][2] == "(84 %)"
    assert rows.rows[2][6:8] == ("–", "–")
    assert rows.marked == 5


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_no_line_is_wider_than_the_console_and_every_character_fits_it(width: int, encoding: str) -> None:
    text = printed(lambda console: trend_terminal.render(trend(), console), width, encoding=encoding)
    assert all(len(line) <= width for line in text.splitlines())
    assert "\\u" not in text
    assert sparkline([1, 2, 3, 4, 5, 6, 7, 8], ASCII_BLOCKS if encoding == "ascii" else "▁▂▃▄▅▆▇█")[:4] in text


def test_hostile_names_stay_names() -> None:
    evil = "\x1b[2J\u202e| <b> [x](http://a)"
    shown = trend(points=tuple(point(number, marks=(evil,) if number else ()) for number in range(8)))
    terminal = printed(lambda console: trend_terminal.render(shown, console), 100)
    assert "\x1b" not in terminal
    assert "\u202e" not in terminal
    out = io.StringIO()
    trend_markdown.render(shown, out)
    for render in RENDERERS:
        html = render(out.getvalue())
        assert "<b>" not in html
        assert "<a " not in html


def test_the_json_holds_every_row_and_nothing_that_is_no_number() -> None:
    out = io.StringIO()
    trend_json.render(trend(), out)
    laid_out = json.loads(out.getvalue())
    assert laid_out["schema_version"] == 1
    assert len(laid_out["points"]) == 8
    assert laid_out["points"][2]["missing"] == "12 sessions"
    assert laid_out["divergence_since"]["name"] == "2026-W45"
    assert "NaN" not in out.getvalue()
