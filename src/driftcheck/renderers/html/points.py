"""Cases and traces as the page's map holds them: columns, as small as they go, texts cut until they fit.

Ids and texts are made plain and short here, so that the page's script only has to put them down as text.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from driftcheck.renderers.html.chart_rows import label_of
from driftcheck.renderers.json_values import Json
from driftcheck.renderers.plain import clip, show
from driftcheck.report import Report

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

KINDS = ("cases", "traces")
MAX_POINTS = 10_000
"""Traces drawn, and cases: the first traces, which are a uniform sample, and cases at even distances."""
MAX_ID = 48
CLIPS = (400, 300, 220, 160, 120, 90, 60, 40, 25, 0)
"""Lengths that texts are cut at, of which the page takes the longest that fits; 0 leaves them out."""
_PLACES = 1_000
"""Steps from -1 to 0 on the map: finer than any screen."""


def columns_of(report: Report, kind: str) -> dict[str, Json]:
    """The cases (`kind` "cases") or traces of the map, by column; without their texts.

    `slice` is a place among the report's slices and `near` one among the cases drawn, -1 where there is none;
    `d` the distance to the nearest case in thousandths; `good` 0..100, of ratings or of repeats that passed.
    """
    frame = rows_of(report, kind)
    if frame.empty:
        return {"id": [], "n": len(getattr(report, kind))}
    cases = kind == "cases"
    positions = getattr(report.topic_map, kind)[_chosen(len(getattr(report, kind)), kind)]
    at = np.round(positions * _PLACES).astype(int)
    place = {row.id: index for index, row in enumerate(report.slice_rows)}
    drawn = {one: index for index, one in enumerate(rows_of(report, "cases")["case_id"].tolist())}
    ids = frame["case_id" if cases else "trace_id"].tolist()
    good = frame["passed" if cases else "satisfied"].to_numpy(np.float64)
    distance = frame["nearest_other_distance" if cases else "coverage_distance"].to_numpy(np.float64)
    near = frame["nearest_other_case" if cases else "nearest_case"].tolist()
    columns: dict[str, Json] = {
        "id": [_plain(report.inputs.places.get(one, one) if cases else one, MAX_ID) for one in ids],
        "n": len(getattr(report, kind)),
        "slice": [place.get(one, -1) for one in frame["slice_id"].tolist()],
        "x": at[:, 0].tolist(),
        "y": at[:, 1].tolist(),
        "d": _whole(distance * 1_000),
        "near": [drawn.get(one, -1) for one in near],
        "good": _whole(good * 100),
    }
    if not cases:
        columns["novel"] = "".join("1" if one is True or one == 1 else "0" for one in frame["novel"].fillna(False))
    return columns


def texts_of(report: Report, room: int) -> tuple[int, dict[str, list[str]]]:
    """Texts of cases and traces as JSON no larger than `room` bytes: where they were cut (0: left out), and by kind."""
    whole = {kind: [_plain(text or "", CLIPS[0]) for text in rows_of(report, kind)["text"]] for kind in KINDS}
    for width in CLIPS[:-1]:
        cut = {kind: [clip(text, width, "…") for text in texts] for kind, texts in whole.items()}
        if len(in_script(cut).encode()) <= room:
            return width, cut
    return 0, {kind: [] for kind in KINDS}


def names_of(report: Report) -> list[dict[str, Json]]:
    """Where the name of each slice stands on the map: at the member nearest to the middle of them."""
    if report.topic_map is None:
        return []
    members = np.concatenate([report.topic_map.cases, report.topic_map.traces])
    slices = np.array([*report.cases["slice_id"].tolist(), *report.traces["slice_id"].tolist()], dtype=object)
    names: list[dict[str, Json]] = []
    for index, row in enumerate(report.slice_rows):
        own = members[slices == row.id]
        if len(own):
            x, y = own[np.argmin(np.square(own - np.median(own, axis=0)).sum(axis=1))].tolist()
            at: dict[str, Json] = {"x": round(x, 3), "y": round(y, 3)}
            names.append({**at, "slice": index, "name": label_of(row, 26), "id": show(row.id, 8)})
    return names


def in_script(value: Json) -> str:
    r"""JSON that can stand in a `<script>` element: nothing in it ends the element or opens a comment.

    >>> in_script("</script><!-- &\u2028")
    '"\\u003c/script\\u003e\\u003c!-- \\u0026\\u2028"'
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True)
    return text.translate({ord(one): f"\\u{ord(one):04x}" for one in "<>&\u2028\u2029"})


def rows_of(report: Report, kind: str) -> pd.DataFrame:
    """The cases or traces that are drawn."""
    frame: pd.DataFrame = getattr(report, kind)
    return frame.iloc[_chosen(len(frame), kind)] if report.topic_map is not None else frame.iloc[:0]


def _chosen(n: int, kind: str) -> NDArray[np.int64]:
    if kind == "traces" or n <= MAX_POINTS:
        return np.arange(min(n, MAX_POINTS))
    return np.linspace(0, n - 1, MAX_POINTS).astype(np.int64)


def _plain(text: str, limit: int) -> str:
    """`show`, sooner done for the plain ASCII that most ids and many texts are."""
    ready = len(text) <= limit and text.isascii() and text.isprintable() and "  " not in text and text == text.strip()
    return text if ready else show(text, limit)


def _whole(values: NDArray[np.float64]) -> list[Any]:
    """Whole numbers, None for NaN."""
    return [None if np.isnan(value) else round(value) for value in values.tolist()]
