"""The charts of the page, declared with altair: Vega-Lite specifications without data, which the page fills in.

Colours are the page's CSS variables, so that charts follow it from light to dark and to paper. The specifications
name no text of a report: labels and names come as data, which Vega never reads as an expression.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, TypeAlias

import altair as alt

from driftcheck.renderers.html import slice_charts
from driftcheck.renderers.html.slice_charts import EVAL, INK, SOFT, TRAFFIC
from driftcheck.renderers.json_values import Json

Spec: TypeAlias = Mapping[str, Json]

_LINE = "var(--line)"


def charts(n_slices: int) -> dict[str, Spec]:
    """Every chart by the name of the element that it is drawn in."""
    return {
        "map": _finished(_map()),
        "shares": _finished(slice_charts.shares(), n_slices),
        "difference": _finished(slice_charts.difference(), n_slices),
        "rates": _finished(slice_charts.rates(), n_slices),
        "quadrant": _finished(slice_charts.quadrant()),
        "trend-rates": _finished(_trend("rate", "share, %", ".0%")),
        "trend-divergence": _finished(_trend("divergence", "excess KL(P||Q), nats", ".2f")),
    }


def versions() -> dict[str, str]:
    """What draws the charts: names and versions."""
    import vl_convert

    return {
        "Vega": vl_convert.get_vega_version().removeprefix("v"),
        "Vega-Lite": alt.SCHEMA_VERSION.removeprefix("v"),
        "Vega-Embed": vl_convert.get_vega_embed_version().removeprefix("v"),
        "altair": alt.__version__,
    }


@cache
def library() -> str:
    """Vega, Vega-Lite and Vega-Embed as one script, for the page to carry."""
    import vl_convert

    bundle: str = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    # a browser reads CR as LF before it hashes a script, and `</script` or `<!--` would end or bend the element
    if re.search(r"\r|\0|</script|<!--", bundle, re.IGNORECASE):
        raise ValueError("the library's script cannot stand in a page")
    return bundle


def _finished(chart: Any, n_rows: int = 0) -> Spec:
    """Add what all charts share, with a height for its rows where it has any, and lay the chart out as JSON."""
    if n_rows:
        chart = chart.properties(height=slice_charts.ROW * n_rows)
    spec: Spec = chart.configure(
        aria=False,  # the page says in words what a chart shows; a mark for each of 10,000 points says nothing
        background="transparent",
        font="system-ui, sans-serif",
        axis=alt.AxisConfig(
            labelColor=SOFT,
            titleColor=SOFT,
            titleFontWeight="normal",
            labelFontSize=12,
            titleFontSize=12,
            gridColor=_LINE,
            gridOpacity=0.6,
            domainColor=_LINE,
            tickColor=_LINE,
            labelFlush=False,
        ),
        view=alt.ViewConfig(stroke=None),
    ).to_dict()
    return spec


def _trend(scale: str, title: str, number_format: str) -> Any:
    scores = ["eval score", "users", "score on traffic", "coverage", "novelty", "divergence"]
    base = alt.Chart(alt.NamedData(f"trend-{scale}")).encode(
        x=alt.X("when:O", sort=None, title=None, axis=alt.Axis(labelAngle=-30, labelLimit=140)),
        y=alt.Y("value:Q", title=title, axis=alt.Axis(format=number_format, tickCount=5), scale=alt.Scale(zero=False)),
        stroke=alt.Stroke(
            "score:N",
            scale=alt.Scale(domain=scores, range=[EVAL, TRAFFIC, "var(--third)", "var(--fourth)", INK, INK]),
            legend=None,
        ),
        tooltip="said:N",
    )
    lines = base.mark_line(strokeWidth=2).encode(
        strokeDash=alt.StrokeDash(
            "score:N",
            scale=alt.Scale(domain=scores, range=[[1, 0], [1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [1, 0]]),
            legend=None,
        )
    )
    points = base.mark_point(size=60, filled=False, strokeWidth=2, fill="var(--paper)").encode(
        shape=alt.Shape(
            "score:N",
            scale=alt.Scale(
                domain=scores, range=["square", "circle", "diamond", "triangle-up", "cross", "triangle-down"]
            ),
            legend=None,
        )
    )
    return alt.layer(lines, points).properties(
        width="container", height=240, autosize=alt.AutoSizeParams(type="fit-x", contains="padding")
    )


def _map() -> Any:
    """The map: how a point looks, and where, is its own data; the page sets it by colour, filter, zoom and theme.

    Scales, and asking of each of 10,000 points whether it is valid, would take most of the time that a filter has.
    """
    ink, paper = alt.param(name="ink", value="#000"), alt.param(name="paper", value="#fff")
    x, y = alt.X("left:Q", scale=None, axis=None), alt.Y("top:Q", scale=None, axis=None)
    looks = {
        "fill": alt.Fill("fill:N", scale=None),
        "opacity": alt.Opacity("opacity:Q", scale=None),
        "size": alt.Size("size:Q", scale=None),
    }
    traces = (
        alt.Chart(alt.NamedData("traces"))
        .mark_point(filled=True, clip=True, invalid=None, shape="circle", strokeWidth=0)
        .encode(x=x, y=y, **looks)
    )
    cases = (
        alt.Chart(alt.NamedData("cases"))
        .mark_point(filled=True, clip=True, invalid=None, shape="diamond", strokeWidth=1)
        .encode(x=x, y=y, stroke=alt.Stroke("stroke:N", scale=None), **looks)
    )
    names = alt.Chart(alt.NamedData("names")).encode(x=x, y=y, text="name:N")
    halo = names.mark_text(
        fontSize=12,
        fontWeight="bold",
        stroke=alt.ExprRef("paper"),
        strokeWidth=4,
        strokeJoin="round",
        clip=True,
        invalid=None,
    )
    text = names.mark_text(fontSize=12, fontWeight="bold", fill=alt.ExprRef("ink"), clip=True, invalid=None)
    return (
        alt.layer(traces, cases, halo, text)
        .properties(
            width="container",
            height="container",
            autosize=alt.AutoSizeParams(type="fit", contains="padding"),
            padding=2,
        )
        .add_params(ink, paper)
    )
