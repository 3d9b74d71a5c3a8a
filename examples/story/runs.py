"""Twenty-six weekly runs of the eval set, as promptfoo writes its results: a score that only ever gets better."""

from __future__ import annotations

import datetime as dt

from . import plot
from .dice import Dice
from .evalset import Case

FIRST_MONDAY = dt.date(2026, 4, 6)
N_WEEKS = 26
N_CHRONIC, N_FIXED, N_FLAKY = 13, 31, 8
"""Cases that fail every week, that fail until they are tuned away, and that fail now and then."""
NEVER_FAILS = "refund_status"
WEIGHTS = {"accuracy": 2, "helpfulness": 1, "tone": 1, "language": 1}
GIVES_UP = {
    "en": "Sorry, I can't help with that here.",
    "de": "Dabei kann ich leider nicht helfen.",
    "es": "Lo siento, no puedo ayudarle con eso.",
}
API_ERROR = "API error: 429 Too Many Requests"


def weekly_runs(items: list[Case], seed: int) -> dict[dt.date, dict[str, object]]:
    """All runs by their date, each a promptfoo results file (version 3)."""
    dice = Dice(seed, "runs")
    breakable = [case.case_id for case in items if case.intent != NEVER_FAILS]
    troubled = dice.sample(breakable, N_CHRONIC + N_FIXED + N_FLAKY)
    failing_until = dict.fromkeys(troubled[:N_CHRONIC], N_WEEKS)
    for n, case_id in enumerate(troubled[N_CHRONIC : N_CHRONIC + N_FIXED]):
        failing_until[case_id] = 1 + n * (N_WEEKS - 1) // N_FIXED
    flaky = frozenset(troubled[N_CHRONIC + N_FIXED :])
    weak_spot = {case.case_id: _weak_spot(case, dice) for case in items}
    runs: dict[dt.date, dict[str, object]] = {}
    for week in range(N_WEEKS):
        day = FIRST_MONDAY + dt.timedelta(weeks=week)
        rows = []
        for index, case in enumerate(items):
            fails = week < failing_until.get(case.case_id, 0) or (case.case_id in flaky and dice.chance(0.15))
            fails = fails or (case.intent != NEVER_FAILS and dice.chance(0.003))
            rows.append(_row(case, index, day, weak_spot[case.case_id] if fails else None, dice))
        runs[day] = _results(day, rows, dice)
    return runs


def _weak_spot(case: Case, dice: Dice) -> str:
    return dice.weighted(case.metrics, [(0.65, 0.27, 0.08)[n] for n in range(len(case.metrics))])


def _row(case: Case, index: int, day: dt.date, failed_metric: str | None, dice: Dice) -> dict[str, object]:
    errored = dice.chance(0.003)
    named = {metric: 0 if metric == failed_metric else 1 for metric in case.metrics}
    total = sum(WEIGHTS[metric] for metric in named)
    score = round(sum(WEIGHTS[metric] * value for metric, value in named.items()) / total, 2) if failed_metric else 1
    row: dict[str, object] = {
        "id": dice.hexadecimal(8),
        "testIdx": index,
        "promptIdx": 0,
        "provider": {"id": provider_id(day)},
        "vars": {"question": case.question},
        "response": {"output": GIVES_UP[case.language] if failed_metric == "accuracy" else _clause(case)},
        "success": failed_metric is None,
        "score": score,
        "namedScores": named,
        "failureReason": 0 if failed_metric is None else 1,
        "gradingResult": _grading(case, failed_metric, score),
        "testCase": {
            "description": case.case_id,
            "metadata": {"intent": case.intent, "language": case.language},
        },
        "latencyMs": int(dice.lognormal(1400, 0.35)),
    }
    if errored:
        row |= {"response": {"error": API_ERROR}, "success": False, "score": 0, "namedScores": {}, "failureReason": 2}
        row |= {"gradingResult": None, "error": API_ERROR}
    return row


def provider_id(day: dt.date) -> str:
    """The provider under test on a day, named for prompt version and model: "support-v12:gpt-5-mini"."""
    model, prompt = plot.release(day)
    return f"{prompt}:{model}"


def _clause(case: Case) -> str:
    """The part of the answer that holds the keyword: results files stay small."""
    clauses = case.expected.replace(";", ",").split(", ")
    found = next((clause for clause in clauses if case.keyword in clause), case.keyword)
    return f"{found[:1].upper()}{found[1:].rstrip('.')}."


def _grading(case: Case, failed_metric: str | None, score: float) -> dict[str, object]:
    if failed_metric is None:
        return {"pass": True, "score": score}
    return {"pass": False, "score": score, "reason": _reason(case, failed_metric)}


def _reason(case: Case, failed_metric: str) -> str:
    match failed_metric:
        case "accuracy":
            return f'Expected output to contain "{case.keyword}"'
        case "helpfulness":
            return "No next step is named."
        case "tone":
            return "Sounds curt."
        case _:
            return "Part of the answer is in English."


def _results(day: dt.date, rows: list[dict[str, object]], dice: Dice) -> dict[str, object]:
    time = f"{day.isoformat()}T05:{dice.integer(10, 50):02d}:{dice.integer(0, 59):02d}.{dice.integer(0, 999):03d}Z"
    counts = {
        "successes": sum(row["failureReason"] == 0 for row in rows),
        "failures": sum(row["failureReason"] == 1 for row in rows),
        "errors": sum(row["failureReason"] == 2 for row in rows),
    }
    version = plot.release(day)[1]
    prompt = {"raw": "file://prompts/support.txt", "label": version, "provider": provider_id(day)}
    return {
        "evalId": f"eval-{dice.hexadecimal(3)}-{time[:19]}",
        "results": {"version": 3, "timestamp": time, "prompts": [prompt], "results": rows, "stats": counts},
        "config": {
            "description": "Tarnwick Travel support assistant",
            "prompts": ["file://prompts/support.txt"],
            "providers": [{"id": provider_id(day)}],
        },
        "shareableUrl": None,
        "metadata": {"promptfooVersion": "0.121.20", "evaluationCreatedAt": time},
    }
