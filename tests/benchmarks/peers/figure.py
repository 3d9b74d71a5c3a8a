"""The figure of the page, as SVG: a row a cell, every tool's power at the same rate of false alarms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from driftcheck.stats.intervals import Interval

_LEFT, _PLOT, _RIGHT, _ROW, _TOP = 300, 480, 190, 26, 92
_STYLE = """
text { font: 12px system-ui, sans-serif; fill: #1f2328 } .title { font-size: 15px; font-weight: 600 }
.faint { fill: #59636e } .page { fill: #ffffff } .grid { stroke: #d1d9e0 } .peer { fill: none; stroke: #818b98 }
.best { fill: #bc4c00; stroke: #bc4c00 } .own { fill: #0969da; stroke: #0969da } .whisker { stroke-width: 2 }
@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc } .faint { fill: #9198a1 } .page { fill: #0d1117 } .grid { stroke: #3d444d }
.peer { stroke: #9198a1 } .best { fill: #f0883e; stroke: #f0883e } .own { fill: #4493f8; stroke: #4493f8 } }
"""


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of the figure."""

    label: str
    """Dataset and cell."""
    own: Interval
    """driftcheck's power, 0..1."""
    best: Interval
    """The best peer's."""
    best_name: str
    others: tuple[float, ...]
    """The power of the other peers."""


def draw(bars: Sequence[Bar], title: str) -> str:
    """An SVG document that reads on light and on dark pages."""
    height = _TOP + _ROW * len(bars) + 40
    width = _LEFT + _PLOT + _RIGHT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label="{escape(title, {chr(34): "&quot;"})}">',
        f"<style>{_STYLE}</style>",
        f'<rect class="page" width="{width}" height="{height}"/>',
        f'<text class="title" x="16" y="28">{escape(title)}</text>',
        _legend(52),
    ]
    bottom = _TOP + _ROW * len(bars)
    for tenth in range(0, 11, 2):
        x = _x(tenth / 10)
        parts.append(f'<line class="grid" x1="{x}" x2="{x}" y1="{_TOP - 8}" y2="{bottom}"/>')
        parts.append(f'<text class="faint" x="{x}" y="{bottom + 18}" text-anchor="middle">{10 * tenth} %</text>')
    for row, bar in enumerate(bars):
        parts.extend(_row(bar, _TOP + _ROW * row + _ROW / 2))
    return "\n".join([*parts, "</svg>", ""])


def _row(bar: Bar, y: float) -> list[str]:
    parts = [f'<text x="{_LEFT - 14}" y="{y + 4}" text-anchor="end">{escape(bar.label)}</text>']
    parts += [f'<circle class="peer" cx="{_x(value)}" cy="{y + 4}" r="3"/>' for value in bar.others]
    parts += _mark("best", bar.best, y + 4)
    parts += _mark("own", bar.own, y - 4)
    name = f"best peer: {bar.best_name}" if bar.best.value > 0 else ""
    parts.append(f'<text class="faint" x="{_LEFT + _PLOT + 14}" y="{y + 4}">{escape(name)}</text>')
    return parts


def _mark(kind: str, rate: Interval, y: float) -> list[str]:
    return [
        f'<line class="{kind} whisker" x1="{_x(rate.low)}" x2="{_x(rate.high)}" y1="{y}" y2="{y}"/>',
        f'<circle class="{kind}" cx="{_x(rate.value)}" cy="{y}" r="4.5"/>',
    ]


def _legend(y: int) -> str:
    entries = (("own", "driftcheck"), ("best", "the best of the peers on that row"), ("peer", "the others"))
    x, parts = 22, []
    for kind, word in entries:
        parts.append(f'<circle class="{kind}" cx="{x}" cy="{y}" r="4"/><text x="{x + 10}" y="{y + 4}">{word}</text>')
        x += 40 + 7 * len(word)
    parts.append(f'<text class="faint" x="{x}" y="{y + 4}">lines: 95 % intervals</text>')
    return "".join(parts)


def _x(share: float) -> float:
    return round(_LEFT + _PLOT * share, 1)
