"""The picture of `driftcheck power`: one declarative chart, drawn to PNG and SVG without a browser or a network."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

import altair as alt
import pandas as pd
import vl_convert

from driftcheck.power_report import NOTICED, Drift, GapPower, PowerReport, TrafficPower

_Panel: TypeAlias = alt.LayerChart | alt.FacetChart
_PIXELS_PER_POINT = 2
_MOST_LINES = 4


@dataclass(frozen=True)
class Theme:
    """Colours of text and lines: light or dark paper."""

    paper: str | None
    """None: whatever is behind."""
    ink: str
    grid: str
    scheme: tuple[str, ...]
    """Colours of lines, few cases first; told apart by their labels too (Okabe and Ito 2008)."""


LIGHT = Theme("#ffffff", "#222222", "#dddddd", ("#56b4e9", "#0072b2", "#009e73", "#d55e00"))
DARK = Theme(None, "#e6e6e6", "#444444", ("#56b4e9", "#f0e442", "#2fd1a5", "#ff8a3d"))


def png(report: PowerReport) -> bytes:
    """The picture as PNG on white."""
    return vl_convert.vegalite_to_png(_chart(report, LIGHT).to_json(), scale=_PIXELS_PER_POINT)


def svg(report: PowerReport, theme: Theme) -> str:
    """The picture as SVG: no script, no font or image from elsewhere."""
    return vl_convert.vegalite_to_svg(_chart(report, theme).to_json())


def _chart(report: PowerReport, theme: Theme) -> alt.HConcatChart:
    panels: list[_Panel] = []
    if report.traffic:
        panels.append(_topic_panel(report, report.traffic, theme))
    if report.gap:
        panels.append(_gap_panel(report.gap, theme))
    chart: alt.HConcatChart = alt.hconcat(
        *panels,
        background=theme.paper or "transparent",
        spacing=40,
        config=alt.Config(
            font="sans-serif",
            axis=_axis(theme),
            title=alt.TitleConfig(color=theme.ink, anchor="start"),
            legend=alt.LegendConfig(
                labelColor=theme.ink, titleColor=theme.ink, orient="bottom", direction="horizontal"
            ),
            view=alt.ViewConfig(stroke=None),
        ),
    ).resolve_scale(color="independent")
    return chart


def _axis(theme: Theme) -> alt.AxisConfig:
    return alt.AxisConfig(
        labelColor=theme.ink, titleColor=theme.ink, gridColor=theme.grid, domainColor=theme.ink, tickColor=theme.ink
    )


def _topic_panel(report: PowerReport, traffic: TrafficPower, theme: Theme) -> _Panel:
    rows = [row for row in traffic.noticed if row.drift is Drift.TOPIC]
    shown = _chosen([row.n_cases for row in rows], report.n_cases)
    order = [f"{n:,}" for n in shown]
    lines = pd.DataFrame(
        [
            {
                "cases": f"{row.n_cases:,}",
                "share": point.size,
                "power": point.power,
                "low": point.low,
                "high": point.high,
            }
            for row in rows
            if row.n_cases in shown
            for point in row.curve
        ]
    )
    draws = pd.DataFrame(
        [
            {"cases": f"{cell.n_cases:,}", "share": cell.size, "power": cell.alarms.value, "draws": cell.n_draws}
            for cell in traffic.cells
            if cell.drift is Drift.TOPIC and cell.n_cases in shown
        ],
        columns=["cases", "share", "power", "draws"],
    )
    most = max(draws["draws"], default=1)
    x = alt.X(
        "share:Q",
        title="new topic's share of traffic",
        scale=alt.Scale(type="log", nice=False),
        axis=alt.Axis(format="~%", values=[0.01, 0.02, 0.03, 0.05, 0.1, 0.2]),
    )
    color = alt.Color(
        "cases:N", sort=order, title="cases", scale=alt.Scale(domain=order, range=list(theme.scheme[: len(order)]))
    )
    own = next((label for n, label in zip(shown, order, strict=True) if n >= report.n_cases), order[-1])
    base = alt.Chart(lines)
    return alt.layer(
        base.transform_filter(alt.datum.cases == own)
        .mark_area(opacity=0.2, color=theme.scheme[order.index(own)])
        .encode(x=x, y=_weeks("low"), y2="high:Q"),
        base.mark_line(strokeWidth=2).encode(x=x, y=_weeks("power"), color=color),
        alt.Chart(draws)
        .mark_point(filled=True, opacity=0.8)
        .encode(
            x=x,
            y=_weeks("power"),
            color=color,
            size=alt.Size("draws:Q", legend=None, scale=alt.Scale(domain=[0, most], range=[20, 140])),
        ),
        _rule(theme),
        width=380,
        height=280,
        title="A new topic",
    )


def _gap_panel(gap: GapPower, theme: Theme) -> _Panel:
    shown = _chosen(sorted({cell.n_ratings for cell in gap.cells}), gap.n_ratings)
    order = [f"{n:,}" for n in shown]
    cells = pd.DataFrame(
        [
            {"ratings": f"{cell.n_ratings:,}", "gap": 100 * cell.gap, "power": cell.power}
            for cell in gap.cells
            if cell.n_ratings in shown
        ]
    )
    color = alt.Color(
        "ratings:N", sort=order, title="ratings", scale=alt.Scale(domain=order, range=list(theme.scheme[: len(order)]))
    )
    return alt.layer(
        alt.Chart(cells)
        .mark_line(point=True, strokeWidth=2)
        .encode(x=alt.X("gap:Q", title="score minus users' satisfaction, points"), y=_weeks("power"), color=color),
        _rule(theme),
        width=300,
        height=280,
        title=f"A gap between score and users ({gap.n_cases:,} cases)",
    )


def _weeks(field: str) -> alt.Y:
    return alt.Y(f"{field}:Q", title="weeks with an alarm", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%"))


def _rule(theme: Theme) -> alt.Chart:
    noticed = pd.DataFrame({"power": [NOTICED]})
    rule: alt.Chart = alt.Chart(noticed).mark_rule(strokeDash=[4, 4], color=theme.ink).encode(y=_weeks("power"))
    return rule


def _chosen(sizes: list[int], own: int) -> list[int]:
    """At most four sizes, ascending: the user's own (the next above where it is none of them), and others far apart."""
    at = next((i for i, n in enumerate(sizes) if n >= own), len(sizes) - 1)
    picked = {sizes[at]}
    while len(picked) < min(_MOST_LINES, len(sizes)):
        far = {n: min(abs(math.log(n / other)) for other in picked) for n in sizes if n not in picked}
        picked.add(max(far, key=lambda n: (far[n], n)))
    return sorted(picked)
