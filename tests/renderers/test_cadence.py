"""When the next refresh is due and whose move it is: one sentence in every output, fields in JSON."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import jsonschema
import pytest
from rich.console import Console
from tests.checks.worlds import TODAY, make_comparison
from tests.renderers import example_report
from tests.renderers.screens import printed

from driftcheck.comparison import Comparison
from driftcheck.renderers import html, json_report, markdown_report, terminal
from driftcheck.renderers.cadence_words import cadence_of
from driftcheck.report import Cadence, Report
from driftcheck.reporting import NO_OWNER, make_cadence
from driftcheck.upkeep import Upkeep

WEEK = dt.timedelta(weeks=1)


@cache
def _world() -> Comparison:
    return make_comparison(n_cases=40, n_traces=120, rated=0.0)


def cadence(**upkeep: Any) -> Cadence:
    made = make_cadence(replace(_world(), upkeep=Upkeep(as_of=TODAY, **upkeep)))
    assert made is not None
    return made


def said(made: Cadence | None) -> str:
    return cadence_of(replace(example_report.passing(), cadence=made))


def test_a_window_of_the_past_has_none() -> None:
    assert make_cadence(replace(_world(), upkeep=Upkeep())) is None
    assert said(None) == ""


def test_before_the_day_it_is_nobodys_move() -> None:
    made = cadence(owner="ana", refreshed=TODAY - WEEK, refresh_every=4 * WEEK)
    assert (made.next_refresh, made.overdue_days, made.whose_move) == (TODAY + 3 * WEEK, 0, None)
    assert said(made) == (
        "due on 2026-07-06 (every 4 weeks, the last on 2026-06-08): nobody's move before that day, then that of ana."
    )


def test_from_that_day_on_it_is_the_owners() -> None:
    made = cadence(owner="ana", refreshed=TODAY - 4 * WEEK, refresh_every=4 * WEEK)
    assert (made.next_refresh, made.overdue_days, made.whose_move) == (TODAY, 0, "ana")
    made = cadence(refreshed=TODAY - 6 * WEEK, refresh_every=4 * WEEK)
    assert (made.overdue_days, made.whose_move) == (14, NO_OWNER)
    assert said(made) == (
        "overdue by 14 days, due on 2026-06-01 (every 4 weeks, the last on 2026-05-04): the move of the eval set's "
        "owner (`owner:` in drift.yaml names nobody), by `driftcheck refresh`."
    )


def test_a_cadence_without_a_first_refresh() -> None:
    made = cadence(owner="ana", refresh_every=dt.timedelta(days=10))
    assert (made.refreshed, made.next_refresh, made.overdue_days, made.whose_move) == (None, None, None, "ana")
    assert said(made).startswith("due every 10 days, and nothing tells when the last one was: the move of ana")


def test_cases_that_say_when_they_were_made_tell_the_last_refresh() -> None:
    world = _world()
    created = dt.datetime.combine(TODAY - 2 * WEEK, dt.time(), dt.UTC).timestamp()
    dated = replace(world.eval_set, frame=world.eval_set.frame.assign(created_at=created))
    made = make_cadence(replace(world, eval_set=dated, upkeep=Upkeep(as_of=TODAY, refresh_every=4 * WEEK)))
    assert made is not None
    assert (made.refreshed, made.next_refresh) == (TODAY - 2 * WEEK, TODAY + 2 * WEEK)


@pytest.mark.parametrize(("accepted", "waits"), [(None, True), (WEEK, False), (3 * WEEK, True)])
def test_proposals_that_nobody_accepted_wait(accepted: dt.timedelta | None, waits: bool) -> None:
    made = cadence(
        owner="ana",
        proposed=TODAY - 2 * WEEK,
        accepted=TODAY - accepted if accepted else None,
        refreshed=TODAY - 3 * WEEK,
        refresh_every=52 * WEEK,
    )
    assert made.proposed == (TODAY - 2 * WEEK if waits else None)
    assert ("wait for review by `driftcheck accept`: the move of ana." in said(made)) is waits


def test_without_a_cadence_nothing_is_said() -> None:
    assert said(cadence(owner="ana", refreshed=TODAY)) == ""
    assert said(cadence(proposed=TODAY)).startswith(
        "no cadence is set by `refresh_every:`; proposals of 2026-06-15 wait"
    )


LATE = Cadence(
    owner="ana | <b>",
    refreshed=dt.date(2026, 3, 30),
    refresh_every=4 * WEEK,
    next_refresh=dt.date(2026, 4, 27),
    overdue_days=49,
    proposed=None,
    whose_move="ana | <b>",
)


def _terminal(report: Report) -> str:
    def draw(console: Console) -> None:
        terminal.render(report, console, texts=False, verbose=False)

    return " ".join(printed(draw, 100).split())


def _written(render: Callable[..., None]) -> Callable[[Report], str]:
    def write(report: Report) -> str:
        out = io.StringIO()
        render(report, out, texts=False)
        return " ".join(out.getvalue().split())

    return write


@pytest.mark.parametrize(
    ("write", "label", "owner"),
    [
        (_terminal, "refresh overdue by 49 days, due on 2026-04-27 (every 4 weeks", "move of ana | <b>"),
        (_written(markdown_report.render), "**Next refresh**: overdue by 49 days", "move of ana `| <b>`"),
        (_written(html.render), "<b>Next refresh:</b> overdue by 49 days", "move of ana | &lt;b&gt;"),
    ],
    ids=["terminal", "markdown", "html"],
)
def test_every_output_says_it_once(write: Callable[[Report], str], label: str, owner: str) -> None:
    text = write(replace(example_report.passing(), cadence=LATE))
    assert text.count(label) == 1
    assert owner in text
    assert "overdue" not in write(example_report.passing())


def test_json_has_it_as_fields() -> None:
    schema = json.loads(json_report.schema())
    for made in (LATE, cadence(), cadence(refresh_every=dt.timedelta(hours=36))):
        fields = json_report.as_json(replace(example_report.passing(), cadence=made))["upkeep"]
        assert isinstance(fields, dict)
        jsonschema.Draft202012Validator(schema["properties"]["upkeep"]).validate(fields)
        assert fields.keys() == schema["properties"]["upkeep"]["properties"].keys()
    assert json_report.as_json(replace(example_report.passing(), cadence=LATE))["upkeep"] == {
        "owner": "ana | <b>",
        "refreshed": "2026-03-30",
        "refresh_every_days": 28.0,
        "next_refresh": "2026-04-27",
        "overdue_days": 49,
        "proposed": None,
        "whose_move": "ana | <b>",
    }
    assert json_report.as_json(example_report.passing())["upkeep"] is None
