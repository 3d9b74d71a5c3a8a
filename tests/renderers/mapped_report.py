"""Reports with cases, traces and a map, of any size: what `example_report` leaves out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from tests.hostile.attacks import ATTACKS
from tests.renderers import example_report
from tests.renderers.example_report import DAY, HOSTILE, JUNE

from driftcheck.members import CASE_COLUMNS, TRACE_COLUMNS, TopicMap, make_members
from driftcheck.past import PastAudit
from driftcheck.report import Report
from driftcheck.scores import DivergenceScore, Estimate, NoveltyScore, RestatedPassRate, Scores

WORDS = (
    "my",
    "order",
    "refund",
    "parcel",
    "never",
    "came",
    "and",
    "the",
    "tracking",
    "page",
    "says",
    "nothing",
    "since",
    "Tuesday",
    "who",
    "do",
    "I",
    "ask",
    "now",
)

SCRIPTS = (
    "</script><script>window.pwned=1</script>",
    "<img src=x onerror=window.pwned=1>",
    '"><svg onload=window.pwned=1>',
    "<!--<script>window.pwned=1</script>",
    "datum.constructor.constructor('window.pwned=1')()",
    "{{constructor.constructor('window.pwned=1')()}}",
    "\u2028window.pwned=1\u2029",
    "__proto__",
    "constructor",
    "\\u003cscript\\u003ewindow.pwned=1\\u003c/script\\u003e",
)
"""What else a page that draws may be attacked with."""


def mapped(report: Report, n_cases: int, n_traces: int, *, seed: int = 0) -> Report:
    """The report with as many cases and traces, in its slices, around a place on the map for each of these."""
    rng = np.random.default_rng(seed)
    rows = report.slice_rows
    middles = rng.uniform(-0.8, 0.8, (len(rows), 2))

    def members(n: int, shares: list[float]) -> tuple[np.ndarray, np.ndarray]:
        weights = np.array(shares) + 1e-9
        chosen = rng.choice(len(rows), n, p=weights / weights.sum())
        return chosen, np.clip(middles[chosen] + rng.normal(0, 0.08, (n, 2)), -1, 1).astype(np.float32)

    def texts(n: int) -> list[str]:
        return [" ".join(rng.choice(WORDS, rng.integers(6, 40))) for _ in range(n)]

    case_slices, case_places = members(n_cases, [row.share_eval for row in rows])
    trace_slices, trace_places = members(n_traces, [row.share_production for row in rows])
    case_ids = [f"case-{i:04d}" for i in range(n_cases)]
    cases = make_members(
        CASE_COLUMNS,
        {
            "case_id": case_ids,
            "slice_id": [rows[i].id for i in case_slices],
            "slice_name": [rows[i].name for i in case_slices],
            "passed": rng.choice([1.0, 1.0, 0.0, np.nan], n_cases),
            "language": ["en"] * n_cases,
            "nearest_other_case": np.roll(case_ids, 1).tolist(),
            "nearest_other_distance": rng.uniform(0, 1, n_cases),
            "near_duplicate_of": [None] * n_cases,
            "where": [f"evalsets/support.yaml:{i}" for i in range(n_cases)],
            "text": texts(n_cases),
        },
    )
    distance = rng.uniform(0, 1.2, n_traces)
    traces = make_members(
        TRACE_COLUMNS,
        {
            "trace_id": [f"{rng.integers(1 << 62):016x}-4f7e-9d5c-2f6f3b0a{i:04x}" for i in range(n_traces)],
            "session": [f"{i:016x}" for i in range(n_traces)],
            "timestamp": JUNE - rng.uniform(0, 28 * DAY, n_traces),
            "slice_id": [rows[i].id for i in trace_slices],
            "slice_name": [rows[i].name for i in trace_slices],
            "coverage_distance": distance,
            "nearest_case": [case_ids[i] for i in rng.integers(0, n_cases, n_traces)],
            "novel": distance > 1.05,
            "satisfied": rng.choice([1.0, 0.0, np.nan], n_traces, p=[0.2, 0.08, 0.72]),
            "language": ["en"] * n_traces,
            "model": ["gpt-4o-mini"] * n_traces,
            "error": [None] * n_traces,
            "text": texts(n_traces),
        },
    )
    return replace(report, cases=cases, traces=traces, topic_map=TopicMap(case_places, trace_places))


def with_past(report: Report, n: int = 3) -> Report:
    """The report with earlier audits, each a little better than the next."""
    audits = []
    for weeks in range(n, 0, -1):
        moved = 0.02 * weeks
        scores = Scores(
            pass_rate=Estimate(0.95 - moved, 0.92 - moved, 0.97 - moved, 400),
            satisfaction=Estimate(0.81 + moved, 0.79 + moved, 0.83 + moved, 3_000) if weeks != 2 else None,
            response_rate=0.016,
            gap=None,
            restated_pass_rate=RestatedPassRate(0.81 + moved, 0.77, 0.9, 0.75, 0.92, 0.05),
            divergence=DivergenceScore(0.3 - moved, 0.08, 0.22 - moved, 0.1, 0.3, 0.001),
            novelty=NoveltyScore(0.14 - moved, 0.05, 0.09 - moved, 0.001),
            coverage=Estimate(0.82 + moved, 0.8, 0.9, 10_000),
        )
        audits.append(PastAudit(f"report-{weeks}.json", JUNE - 28 * DAY * weeks, report.verdict, scores))
    return replace(report, past=tuple(audits))


def attacked() -> Report:
    """Every name, id and text is an attack."""
    attacks = (*SCRIPTS, HOSTILE, *ATTACKS)
    report = with_past(mapped(example_report.hostile(), 30, 4 * len(attacks)))
    finding = report.finding_rows[0]
    assert finding.measurement

    def attacks_of(n: int, first: int = 0) -> pd.Series[str]:
        """Attacks in turn, each with a number, so that no two are the same."""
        return pd.Series([f"{attacks[(first + i) % len(attacks)]}{i}" for i in range(n)], dtype=object)

    cases, traces = report.cases.copy(), report.traces.copy()
    n_cases, n_traces = len(cases), len(traces)
    cases["case_id"], cases["text"] = attacks_of(n_cases), attacks_of(n_cases, 40)
    traces["trace_id"], traces["text"] = attacks_of(n_traces), attacks_of(n_traces, 7)
    cases["nearest_other_case"] = pd.Series(cases["case_id"].tolist()[::-1], dtype=object)
    traces["nearest_case"] = pd.Series([cases["case_id"].iloc[i % n_cases] for i in range(n_traces)], dtype=object)
    slices = tuple(
        replace(report.slice_rows[0], id=attack, name=name, terms=(name,), example=name, case_ids=(name,))
        for attack, name in zip(attacks, attacks[::-1], strict=True)
    )
    for frame in (cases, traces):
        frame["slice_id"] = pd.Series([attacks[i % len(attacks)] for i in range(len(frame))], dtype=object)
    findings = []
    for i, attack in enumerate(attacks):
        some = [attacks[(i + j) % len(attacks)] for j in range(4)]
        evidence = tuple(
            replace(
                finding.measurement.evidence[0],
                label=one,
                slice_id=one,
                numbers={attack: one, "p": 0.1},
                case_ids=(one,),
                trace_ids=tuple(some),
            )
            for one in some
        )
        words = {"summary": attack, "fix": attack, "could_have_noticed": attack, "n": {attack: 3}}
        texts = {"name": attack, "title": attack, "reason": attack, "manual": attack, "unit": attack}
        findings.append(
            replace(
                finding,
                code=f"DC{i:03d}",
                **texts,
                measurement=replace(finding.measurement, evidence=evidence, **words),
            )
        )
    return replace(
        report,
        cases=cases,
        traces=traces,
        slice_rows=slices,
        finding_rows=tuple(findings),
        past=tuple(replace(audit, name=attack) for audit, attack in zip(report.past, attacks, strict=False)),
        sentence=" ".join(attacks[:20]),
        next_steps=attacks,
        command=" ".join(attacks[:20]),
        inputs=replace(report.inputs, places={cases["case_id"].iloc[0]: attacks[1]}),
    )
