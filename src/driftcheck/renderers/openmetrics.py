"""The report as OpenMetrics text, for Prometheus: scores, findings and slices as gauges.

Every family is a gauge, states as 0 or 1 by label: node_exporter's textfile collector and the Pushgateway read the
older text format, which is the same for gauges and refuses OpenMetrics' own kinds (stateset, info). No clock and no
host: the end of the window is a metric, and the same report gives the same bytes. What is not known has no sample;
what is not a number (NaN) neither.

Units are base units, in the names: ratio (shares, rates and their differences, 0..1), nats, seconds. Series are
bounded: the MAX_SLICES slices with most traffic, whose names stand in one metric of their own, since names change.

https://prometheus.io/docs/specs/om/open_metrics_spec/ and https://prometheus.io/docs/practices/naming/
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, TextIO

from driftcheck import __version__
from driftcheck.findings import Finding, FindingStatus, Measurement, Verdict
from driftcheck.renderers.plain import show
from driftcheck.report import Report, SliceRow
from driftcheck.scores import Estimate

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

MAX_SLICES = 50
_LABEL = 120
"""Characters of a label."""
_DECIMALS = 6
_DAY = 86_400.0
_SECONDS = {"days": _DAY, "weeks": 7 * _DAY}

Samples = Iterable[tuple[Mapping[str, str], float | None]]


def render(report: Report, out: TextIO, *, texts: bool = False) -> None:  # noqa: ARG001 - metrics carry no texts
    """Print the report's numbers as metrics."""
    # prometheus_client: the reference implementation, so that escaping and order are not ours to get wrong
    from prometheus_client import CollectorRegistry
    from prometheus_client.openmetrics.exposition import generate_latest

    class Collector:
        def collect(self) -> Iterator[Metric]:
            yield from _metrics(report)

    registry = CollectorRegistry()
    registry.register(Collector())
    text: bytes = generate_latest(registry)  # type: ignore[no-untyped-call]  # the library types no part of it
    out.write(text.decode("utf-8"))


def _metrics(report: Report) -> Iterator[Metric]:
    yield from _audit(report)
    yield from _scores(report)
    yield from _findings(report.finding_rows)
    yield from _slices(report.slice_rows)


def _audit(report: Report) -> Iterator[Metric]:
    inputs = report.inputs
    production = inputs.production
    build = {"version": __version__, "model": report.model.name if report.model else ""}
    yield _gauge("driftcheck_build_info", "What audited; always 1", [(build, 1.0)])
    yield _gauge(
        "driftcheck_verdict",
        "Verdict of the audit: 1 for the one that holds, 0 for the others",
        [({"verdict": verdict.value}, float(verdict is report.verdict)) for verdict in Verdict],
    )
    yield _gauge(
        "driftcheck_exit_code", "Exit code: 0 nothing blocks, 1 blocked, 3 blind", [({}, float(report.exit_code))]
    )
    for name, said, value in (
        ("cases", "Cases of the eval set", inputs.n_cases),
        ("runs", "Runs of the eval set that were read", len(inputs.runs)),
        ("traces", "Production traces in the window", production.n_traces),
        ("sessions", "Production sessions in the window", production.n_sessions),
        ("sampled_sessions", "Sessions that were embedded", production.n_embedded),
        ("ratings", "Rated traces in the window", production.n_rated),
    ):
        yield _gauge(f"driftcheck_{name}", said, [({}, float(value))])
    for name, said, time in (
        ("start", "Start", production.since if production.since is not None else production.first_time),
        ("end", "End", production.until if production.until is not None else production.last_time),
    ):
        metric = f"driftcheck_window_{name}_timestamp_seconds"
        yield _gauge(metric, f"{said} of the window of production, Unix time", [({}, time)], "seconds")


def _scores(report: Report) -> Iterator[Metric]:
    scores = report.scores
    restated, drift, novelty = scores.restated_pass_rate, scores.divergence, scores.novelty
    for name, said, score in (
        ("pass_rate", "Pass rate of the eval set, 0..1; higher is better", scores.pass_rate),
        ("satisfaction", "Share of ratings that are good, 0..1; higher is better", scores.satisfaction),
        ("gap", "Pass rate minus satisfaction, -1..1; positive = the score promises more than users get", scores.gap),
        (
            "coverage",
            "Share of traffic in slices that the eval set covers, 0..1; higher is better",
            scores.coverage,
        ),
    ):
        yield _gauge(f"driftcheck_{name}_ratio", f"{said}; 95 % interval as low and high", _bounds(score), "ratio")
    yield _gauge("driftcheck_scored_cases", "Cases behind the pass rate", [({}, _n(scores.pass_rate))])
    yield _gauge(
        "driftcheck_restated_pass_rate_ratio",
        "Pass rate restated for this window's mix of slices, 0..1; higher is better; 95 % interval as low and high;"
        " worst and best: if all uncovered traffic failed or passed",
        [({"bound": bound}, getattr(restated, bound, None)) for bound in ("value", "low", "high", "worst", "best")],
        "ratio",
    )
    yield _gauge(
        "driftcheck_response_rate_ratio",
        "Share of traces that were rated, 0..1",
        [({}, scores.response_rate)],
        "ratio",
    )
    yield _gauge(
        "driftcheck_divergence_excess_nats",
        "KL(production || eval set) over topic slices beyond chance; 0 = alike, higher is worse",
        [] if drift is None else _bounds(Estimate(drift.excess, drift.low, drift.high, math.nan)),
        "nats",
    )
    yield _gauge(
        "driftcheck_novelty_ratio",
        "Share of traffic unlike any case, 0..1; bound=expected is what chance gives; higher is worse",
        [] if novelty is None else [({"bound": "value"}, novelty.share), ({"bound": "expected"}, novelty.expected)],
        "ratio",
    )
    yield _gauge(
        "driftcheck_uncovered_ratio",
        "Share of traffic in slices without a scored case, 0..1; higher is worse",
        [({}, None if restated is None else restated.uncovered_share)],
        "ratio",
    )


def _findings(findings: Iterable[Finding]) -> Iterator[Metric]:
    findings = tuple(findings)
    yield _gauge(
        "driftcheck_check_status",
        "Status of a check: 1 for the one that holds, 0 for the others",
        [
            ({**_check(finding), "status": status.value}, float(status is finding.status))
            for finding in findings
            for status in FindingStatus
        ],
    )
    yield _gauge(
        "driftcheck_check_blind",
        "1 where a required check could not be measured",
        [(_check(finding), float(finding.blinds)) for finding in findings if finding.required],
    )
    measured = [(finding, finding.measurement) for finding in findings if finding.measurement]
    for unit in ("ratio", "nats", "seconds", ""):
        name = f"driftcheck_check_{unit or 'value'}"
        of_unit = [(finding, one) for finding, one in measured if _unit(finding) == unit]
        said = "Badness that a check measured, 0 = nothing wrong, higher is worse"
        yield _gauge(
            name,
            f"{said}; 95 % interval as low and high",
            [
                ({**_check(finding), **bound}, _scaled(value, finding))
                for finding, one in of_unit
                for bound, value in _bounds(one)
            ],
            unit,
        )
        yield _gauge(
            f"driftcheck_check_threshold_{unit or 'value'}",
            "Value from which on a check warns or fails",
            [
                ({**_check(finding), "level": level}, _scaled(value, finding))
                for finding in findings
                if _unit(finding) == unit
                for level, value in (("warn", finding.warn), ("fail", finding.fail))
            ],
            unit,
        )
    yield _gauge(
        "driftcheck_check_n",
        "Sizes behind the value of a check, by what they count",
        [({**_check(finding), "of": what}, float(n)) for finding, one in measured for what, n in one.n.items()],
    )
    yield _gauge(
        "driftcheck_check_p_value",
        "Probability of so large a value when nothing drifted, 0..1; lower = less likely chance",
        [(_check(finding), one.p_value) for finding, one in measured],
    )


def _slices(rows: tuple[SliceRow, ...]) -> Iterator[Metric]:
    shown = sorted(rows, key=lambda row: -row.share_production)[:MAX_SLICES]
    yield _gauge("driftcheck_slices", "Slices of traffic and cases", [({}, float(len(rows)))])
    yield _gauge(
        "driftcheck_slices_left_out",
        f"Slices without series of their own: those beyond the {MAX_SLICES} with most traffic",
        [({}, float(len(rows) - len(shown)))],
    )
    yield _gauge(
        "driftcheck_slice_info",
        "Name and coverage of a slice; always 1. Join it to the others on the label slice",
        [({"slice": row.id, "name": row.name, "coverage": row.coverage}, 1.0) for row in shown],
    )
    for name, said, unit in (
        ("share_eval", "Share of cases in the slice, 0..1", "ratio"),
        ("share_production", "Share of sampled sessions in the slice, 0..1", "ratio"),
    ):
        values = [({"slice": row.id}, float(getattr(row, name))) for row in shown]
        yield _gauge(f"driftcheck_slice_{name}_{unit}", said, values, unit)
    yield _gauge(
        "driftcheck_slice_delta_ratio",
        "Share of cases minus share of traffic, -1..1; negative = under-covered; 95 % interval as low and high",
        [
            ({"slice": row.id, "bound": bound}, value)
            for row in shown
            for bound, value in (("value", row.delta), ("low", row.low), ("high", row.high))
        ],
        "ratio",
    )
    for name, said in (
        ("pass_rate", "Pass rate of the slice's cases, 0..1; higher is better"),
        ("satisfaction", "Share of the slice's ratings that are good, 0..1; higher is better"),
    ):
        yield _gauge(
            f"driftcheck_slice_{name}_ratio",
            f"{said}; 95 % interval as low and high",
            [({"slice": row.id, **bound}, value) for row in shown for bound, value in _bounds(getattr(row, name))],
            "ratio",
        )
    for name, said, sizes in (
        ("cases", "Cases in the slice", [float(row.n_cases) for row in shown]),
        ("sessions", "Sampled sessions in the slice", [float(row.n_traces) for row in shown]),
        ("scored_cases", "Cases behind its pass rate", [_n(row.pass_rate) for row in shown]),
        ("ratings", "Ratings behind its satisfaction", [_n(row.satisfaction) for row in shown]),
    ):
        pairs = zip(shown, sizes, strict=True)
        yield _gauge(f"driftcheck_slice_{name}", said, [({"slice": row.id}, size) for row, size in pairs])
    yield _gauge(
        "driftcheck_slice_cases_to_add",
        "Cases that the slice is short of; 0 = none, higher is worse",
        [({"slice": row.id}, float(row.cases_to_add)) for row in shown],
    )


def _check(finding: Finding) -> dict[str, str]:
    return {"check": finding.code, "name": finding.name}


def _unit(finding: Finding) -> str:
    """Base unit of a finding's value; empty where it has none of its own."""
    kind = finding.unit.partition(" ")[0]
    if kind in {"share", "shares", "rate", "points", "point"}:
        return "ratio"
    if kind in _SECONDS:
        return "seconds"
    return "nats" if kind == "nats" else ""


def _scaled(value: float | None, finding: Finding) -> float | None:
    return None if value is None else value * _SECONDS.get(finding.unit.partition(" ")[0], 1.0)


def _bounds(score: Estimate | Measurement | None) -> list[tuple[dict[str, str], float | None]]:
    """A value and its interval, as series of one metric."""
    if score is None:
        return []
    return [({"bound": bound}, getattr(score, bound)) for bound in ("value", "low", "high")]


def _n(rate: Estimate | None) -> float | None:
    return None if rate is None else rate.n


def _gauge(name: str, said: str, samples: Samples, unit: str = "") -> Metric:
    """A family of gauges: labels cleaned and cut, six decimals, no sample twice, none that is no number."""
    from prometheus_client.metrics_core import GaugeMetricFamily

    family = GaugeMetricFamily(name, said, unit=unit)
    seen = set()
    for labels, value in samples:
        clean = {label: show(text, _LABEL) for label, text in labels.items()}
        key = tuple(clean.items())
        if value is not None and math.isfinite(value) and key not in seen:
            seen.add(key)
            family.add_sample(family.name, clean, round(float(value), _DECIMALS) + 0.0)
    return family
