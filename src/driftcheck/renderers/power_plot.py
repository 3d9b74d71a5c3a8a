"""The picture of `driftcheck power`: one declarative chart, drawn to PNG and SVG without a browser or a network."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import TypeAlias

import altair as alt
import pandas as pd
import vl_convert

from driftcheck.power_report import NOTICED, Drift, GapPower, PowerReport, TrafficPower
from driftcheck.renderers.power_tables import CAPTION

_Panel: TypeAlias = alt.LayerChart | alt.FacetChart
_PIXELS_PER_POINT = 2
_MOST_LINES = 4
_THIN, _THICK = 1.5, 4.0
"""Lines; the thick one is of the data that the user has."""
_CAPTION_WIDTH = 130
"""Characters a line."""


@dataclass(frozen=True)
class Theme:
    """Colours of text and lines: light or dark paper."""

    paper: str | None
    """None: whatever is behind."""
    ink: str
    grid: str
    scheme: tuple[str, ...]
    """Colours of lines, few cases first; told apart by their labels too (Okabe and Ito 2008)."""


@dataclass(frozen=True)
class _DriftAxis:
    """A kind of drift, and how its sizes are written."""

    drift: Drift
    title: str
    label: str
    number_format: str
    ticks: tuple[float, ...]


_DRIFT_AXES = (
    _DriftAxis(Drift.TOPIC, "A new topic", "new topic's share of traffic", "~%", (0.01, 0.02, 0.03, 0.05, 0.1, 0.2)),
    _DriftAxis(Drift.MIX, "A shift of the mix", "KL(P||Q) of topics, nats", "~g", (0.02, 0.05, 0.1, 0.2, 0.4)),
)
LIGHT = Theme("#ffffff", "#222222", "#dddddd", ("#56b4e9", "#0072b2", "#009e73", "#d55e00"))
DARK = Theme(None, "#e6e6e6", "#444444", ("#56b4e9", "#f0e442", "#2fd1a5", "#ff8a3d"))


def png(report: PowerReport) -> bytes:
    """The picture as PNG on white."""
    chart = _chart(_panels(report, LIGHT), LIGHT, caption=wrap(CAPTION, _CAPTION_WIDTH))
    return vl_convert.vegalite_to_png(chart.to_json(), scale=_PIXELS_PER_POINT)


def svgs(report: PowerReport, theme: Theme) -> tuple[str, ...]:
    """One SVG a panel, so that a narrow page stacks them: no script, no font or image from elsewhere."""
    return tuple(vl_convert.vegalite_to_svg(_chart([panel], theme).to_json()) for panel in _panels(report, theme))


def _panels(report: PowerReport, theme: Theme) -> list[_Panel]:
    panels: list[_Panel] = []
    if report.traffic:
        panels += [_drift_panel(report, report.traffic, theme, axis) for axis in _DRIFT_AXES]
    if report.gap:
        panels.append(_gap_panel(report.gap, theme))
    return panels


def _chart(panels: Sequence[_Panel], theme: Theme, caption: Sequence[str] = ()) -> alt.HConcatChart:
    chart: alt.HConcatChart = alt.hconcat(
        *panels,
        title=alt.TitleParams(
            list(caption), orient="bottom", anchor="start", color=theme.ink, fontSize=11, fontWeight="normal", offset=10
        )
        if caption
        else alt.Undefined,
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


def _drift_panel(report: PowerReport, traffic: TrafficPower, theme: Theme, axis: _DriftAxis) -> _Panel:
    rows = [row for row in traffic.noticed if row.drift is axis.drift]
    shown = _chosen([row.n_cases for row in rows], report.n_cases)
    order = [_label(n, report.n_cases) for n in shown]
    curves = pd.DataFrame(
        [
            {
                "cases": _label(row.n_cases, report.n_cases),
                "size": point.size,
                "power": point.power,
                "low": point.low,
                "high": point.high,
            }
            for row in rows
            if row.n_cases in shown
            for point in row.curve
        ],
        columns=["cases", "size", "power", "low", "high"],
    )
    draws = pd.DataFrame(
        [
            {
                "cases": _label(cell.n_cases, report.n_cases),
                "size": cell.size,
                "power": cell.alarms.value,
                "draws": cell.n_draws,
            }
            for cell in traffic.cells
            if cell.drift is axis.drift and cell.n_cases in shown
        ],
        columns=["cases", "size", "power", "draws"],
    )
    most = max(draws["draws"], default=1)
    x = alt.X(
        "size:Q",
        title=axis.label,
        scale=alt.Scale(type="log", nice=False),
        axis=alt.Axis(format=axis.number_format, values=list(axis.ticks)),
    )
    color = alt.Color(
        "cases:N", sort=order, title="cases", scale=alt.Scale(domain=order, range=list(theme.scheme[: len(order)]))
    )
    own = next((label for n, label in zip(shown, order, strict=True) if n >= report.n_cases), order[-1])
    base = alt.Chart(curves)
    lines = base.encode(x=x, y=_audits("power"), color=color)
    return alt.layer(
        base.transform_filter(alt.datum.cases == own)
        .mark_area(opacity=0.2, color=theme.scheme[order.index(own)])
        .encode(x=x, y=_audits("low"), y2="high:Q"),
        lines.mark_line(strokeWidth=_THIN),
        lines.transform_filter(alt.datum.cases == own).mark_line(strokeWidth=_THICK),
        alt.Chart(draws)
        .mark_point(filled=True, opacity=0.8)
        .encode(
            x=x,
            y=_audits("power"),
            color=color,
            size=alt.Size("draws:Q", legend=None, scale=alt.Scale(domain=[0, most], range=[20, 140])),
        ),
        _rule(theme),
        width=320,
        height=280,
        title=axis.title,
    )


def _gap_panel(gap: GapPower, theme: Theme) -> _Panel:
    shown = _chosen(sorted({cell.n_ratings for cell in gap.cells}), gap.n_ratings)
    order = [_label(n, gap.n_ratings) for n in shown]
    cells = pd.DataFrame(
        [
            {"ratings": _label(cell.n_ratings, gap.n_ratings), "gap": 100 * cell.gap, "power": cell.power}
            for cell in gap.cells
            if cell.n_ratings in shown
        ]
    )
    color = alt.Color(
        "ratings:N", sort=order, title="ratings", scale=alt.Scale(domain=order, range=list(theme.scheme[: len(order)]))
    )
    lines = alt.Chart(cells).encode(
        x=alt.X("gap:Q", title="score minus users' satisfaction, points"), y=_audits("power"), color=color
    )
    own = _label(gap.n_ratings, gap.n_ratings)
    return alt.layer(
        lines.mark_line(point=True, strokeWidth=_THIN),
        lines.transform_filter(alt.datum.ratings == own).mark_line(strokeWidth=_THICK),
        _rule(theme),
        width=300,
        height=280,
        title=f"A gap between score and users ({gap.n_cases:,} cases)",
    )


def _label(n: int, own: int) -> str:
    return f"{n:,} (yours)" if n == own else f"{n:,}"


def _audits(field: str) -> alt.Y:
    return alt.Y(f"{field}:Q", title="audits with an alarm", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%"))


def _rule(theme: Theme) -> alt.Chart:
    noticed = pd.DataFrame({"power": [NOTICED]})
    rule: alt.Chart = alt.Chart(noticed).mark_rule(strokeDash=[4, 4], color=theme.ink).encode(y=_audits("power"))
    return rule


def _chosen(sizes: list[int], own: int) -> list[int]:
    """At most four sizes, ascending: the user's own (the next above where it is none of them), and others far apart."""
    at = next((i for i, n in enumerate(sizes) if n >= own), len(sizes) - 1)
    picked = {sizes[at]}
    while len(picked) < min(_MOST_LINES, len(sizes)):
        far = {n: min(abs(math.log(n / other)) for other in picked) for n in sizes if n not in picked}
        picked.add(max(far, key=lambda n: (far[n], n)))
    return sorted(picked)
