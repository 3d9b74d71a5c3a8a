"""The charts of slices: shares, their difference, rates, and the quadrant of those that pass and disappoint."""

from __future__ import annotations

from typing import Any

import altair as alt

INK, SOFT = "var(--ink)", "var(--soft)"
EVAL, TRAFFIC = "var(--eval)", "var(--traffic)"
"""The eval set is blue and a square, traffic and its users are orange and a circle, in every chart."""
ROW = 30
"""Pixels that a slice takes in a chart of slices."""
LABEL = 150
"""Pixels for the name of a slice."""

_PICKED = "picked == null || datum.slice == picked"
_SLICES = alt.NamedData("slices")
_RATES = alt.NamedData("rates")


def _picked() -> alt.Parameter:
    """The row of the slice that is filtered by, or null."""
    return alt.param(name="picked", value=None)


def _row(*, labels: bool = True) -> alt.Y:
    return alt.Y(
        "label:N",
        sort=None,
        title=None,
        axis=alt.Axis(labelLimit=LABEL, labelColor=INK, domain=False, ticks=False, labelPadding=6)
        if labels
        else alt.Axis(labels=False),
    )


def _faded(opacity: float = 1.0) -> Any:
    return alt.condition(_PICKED, alt.value(opacity), alt.value(0.2))


def _sized(chart: Any) -> Any:
    return chart.properties(
        width="container", autosize=alt.AutoSizeParams(type="fit-x", contains="padding")
    ).add_params(_picked())


def shares() -> Any:
    """Both shares of each slice, as bars."""
    bars = (
        alt.Chart(alt.NamedData("shares"))
        .mark_bar(cornerRadiusEnd=2)
        .encode(
            x=alt.X("share:Q", title="share, %", axis=alt.Axis(format=".0%", tickCount=4)),
            y=_row(),
            yOffset=alt.YOffset("of:N", sort=["eval set", "traffic"], scale=alt.Scale(paddingInner=0.1)),
            fill=alt.Fill("of:N", scale=alt.Scale(domain=["eval set", "traffic"], range=[EVAL, TRAFFIC]), legend=None),
            opacity=_faded(),
            tooltip="said:N",
        )
    )
    return _sized(bars)


def difference() -> Any:
    """Their difference with its interval."""
    title = "cases minus traffic, points"
    axis = alt.Axis(format="+.0~f", tickCount=4)
    base = alt.Chart(_SLICES).encode(y=_row(), tooltip="said:N")
    zero = alt.Chart(alt.NamedData("overall")).mark_rule(color=INK).encode(x=alt.datum(0))
    line = base.mark_rule(strokeWidth=3).encode(
        x=alt.X("low:Q", title=title, axis=axis),
        x2="high:Q",
        stroke=_state(alt.Stroke),
        opacity=_faded(0.55),
    )
    point = base.mark_point(filled=True, size=70).encode(
        x=alt.X("delta:Q", title=title, axis=axis), fill=_state(alt.Fill), opacity=_faded()
    )
    return _sized(alt.layer(zero, line, point))


def _state(channel: Any) -> Any:
    """Under-covered slices stand out by colour here, and by their word in the table."""
    return channel("short:N", scale=alt.Scale(domain=[False, True], range=[SOFT, TRAFFIC]), legend=None)


def rates() -> Any:
    """Pass rate and satisfaction of each slice with their intervals."""
    base = alt.Chart(_RATES).encode(
        y=_row(),
        yOffset=alt.YOffset("of:N", sort=["pass rate", "satisfaction"], scale=alt.Scale(paddingInner=0.1)),
        tooltip="said:N",
        opacity=_faded(),
    )
    of = ["pass rate", "satisfaction"]
    colours = alt.Scale(domain=of, range=[EVAL, TRAFFIC])
    axis = alt.Axis(format=".0%", values=[0, 0.25, 0.5, 0.75, 1])
    scale = alt.Scale(domain=[0, 1])
    line = base.mark_rule(strokeWidth=2).encode(
        x=alt.X("low:Q", title="rate with 95 % interval", axis=axis, scale=scale),
        x2="high:Q",
        stroke=alt.Stroke("of:N", scale=colours, legend=None),
    )
    point = base.mark_point(filled=True, size=60).encode(
        x=alt.X("value:Q", scale=scale),
        fill=alt.Fill("of:N", scale=colours, legend=None),
        shape=alt.Shape("of:N", scale=alt.Scale(domain=of, range=["square", "circle"]), legend=None),
    )
    return _sized(alt.layer(line, point))


def _near() -> alt.Scale:
    """Rates crowd near 100 %: the axis runs over what there is, with room for the circles."""
    return alt.Scale(zero=False, nice=False, padding=24)


def quadrant() -> Any:
    """Slices by pass rate and satisfaction, as large as their traffic."""
    base = alt.Chart(alt.NamedData("quadrant"))
    x = alt.X(
        "pass:Q",
        title="pass rate on the eval set",
        scale=_near(),
        axis=alt.Axis(format=".0%", tickCount=5),
    )
    y = alt.Y(
        "users:Q",
        title="satisfied users",
        scale=_near(),
        axis=alt.Axis(format=".0%", tickCount=5),
    )
    points = base.mark_circle(stroke="var(--paper)", strokeWidth=1).encode(
        x=x,
        y=y,
        fill=alt.Fill("blind:N", scale=alt.Scale(domain=[False, True], range=[SOFT, TRAFFIC]), legend=None),
        size=alt.Size("traffic:Q", scale=alt.Scale(type="sqrt", domain=[0, 0.3], range=[20, 1600]), legend=None),
        opacity=_faded(0.55),
        tooltip="said:N",
    )
    names = base.mark_text(dy=4, fontSize=12, color=INK, stroke="var(--paper)", strokeWidth=0).encode(
        x="pass:Q", y="users:Q", text="short:N", opacity=_faded(), tooltip="said:N"
    )
    overall = alt.Chart(alt.NamedData("overall"))
    lines = [
        overall.mark_rule(strokeDash=[5, 4], color=EVAL).encode(x="pass:Q"),
        overall.mark_rule(strokeDash=[5, 4], color=TRAFFIC).encode(y="users:Q"),
    ]
    corner = (
        alt.Chart(alt.NamedData("overall"))
        .mark_text(align="right", baseline="bottom", color=SOFT, fontSize=12, fontStyle="italic", dx=-4, dy=-4)
        .encode(x=alt.value("width"), y=alt.value("height"), text=alt.datum("cases pass, users are unhappy"))
    )
    return (
        alt.layer(corner, *lines, points, names)
        .properties(width="container", height=400, autosize=alt.AutoSizeParams(type="fit-x", contains="padding"))
        .add_params(_picked())
    )
