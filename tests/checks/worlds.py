"""Comparisons made from small worlds, without files: what a check sees."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from tests.fakes import EVEN, NEW_TOPIC, draw, word_vector

from driftcheck.baseline import Baseline, TrafficProfile
from driftcheck.comparison import Comparison
from driftcheck.complaints import choose_texts
from driftcheck.config import RubricEntry, TextChoice, Waiver
from driftcheck.findings import Verdict
from driftcheck.joining import make_eval_set, make_runs
from driftcheck.past import PastAudit
from driftcheck.production import Gatherer
from driftcheck.records import Case, Feedback, FeedbackSource, Freshness, Result, Status, Trace
from driftcheck.sampling import Sampler
from driftcheck.scores import DivergenceScore, Estimate, Scores
from driftcheck.seals import Leak, Opening, SealState
from driftcheck.slices.profile import make_profile
from driftcheck.upkeep import Upkeep


def vectors(texts: Sequence[str]) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    made = np.stack([np.mean([word_vector(word) for word in text.split()], axis=0) for text in texts])
    return (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)


RUN_TIME = 1_780_000_000.0
FIRST_TRACE = 1_780_272_000.0
N_VERSIONS = 4
WEEK = 7 * 86_400.0
_Results = Sequence[tuple[str, Result]]


def make_past(
    results: _Results, rng: np.random.Generator, still_versions: int, chronic_share: float, saturated_share: float
) -> list[tuple[str, Result]]:
    """Earlier runs, three weekly ones to a version: by default each version fails other cases, and fewer.

    `still_versions` versions have the scores of the latest run, with others failing; a share of the cases fails in all
    runs before the latest and a share never changes.
    """
    n_cases, n_versions = len(results), max(N_VERSIONS, still_versions)
    now = np.array([result.status is Status.FAIL for _, result in results])
    chronic, fixed = rng.random(n_cases) < chronic_share, rng.random(n_cases) < saturated_share
    past = []
    for version in range(n_versions):
        rate = 0.07 + 0.06 * (n_versions - 1 - version)
        fails = now if version == n_versions - 1 else rng.random(n_cases) < rate
        if still_versions and version < n_versions - 1:
            fails = rng.permutation(now)
        fails = np.where(fixed, now, fails) | chronic
        for run in range(3 if version < n_versions - 1 else 2):
            age = 3 * (n_versions - 1 - version) + 2 - run
            past += [
                (
                    "run.json",
                    replace(
                        result,
                        run_id=f"q{version}{run}",
                        run_time=RUN_TIME - age * WEEK,
                        model=f"m{version}",
                        status=Status.FAIL if fail else Status.PASS,
                    ),
                )
                for (_, result), fail in zip(results, fails.tolist(), strict=True)
            ]
    return past


def break_cases(results: _Results, share: float) -> list[tuple[str, Result]]:
    """The latest run with a share of its cases broken, every so manieth of them."""
    step = round(1 / share) if share else 0
    return [
        (name, replace(result, status=Status.FAIL) if step and number % step == 0 else result)
        for number, (name, result) in enumerate(results)
    ]


def judged(rng: np.random.Generator, errs: float, taste: float) -> tuple[str, tuple[Feedback, ...]]:
    """An answer with a reviewer's label and a judge's score, which is wrong for a share and likes long answers."""
    n_words = round(float(np.exp(rng.normal(4.0, 0.6))))
    people = rng.random() < 0.7
    judge = people != (rng.random() < 0.04 + errs)
    if rng.random() < taste:
        judge = n_words > 55
    layout = (
        "- a point\n" * int(rng.poisson(1.0))
        + "# Heading\n" * int(rng.poisson(0.5))
        + "Maybe. " * int(rng.poisson(1.0))
    )
    return layout + "word " * n_words, (
        Feedback("review", float(people), source=FeedbackSource.ANNOTATOR),
        Feedback("judge", float(judge), source=FeedbackSource.JUDGE),
    )


RUBRIC = ("answers the question", "is grounded", "is polite", "names its source", "is short", "offers a next step")


CRITERIA = ("luggage lost airport belt", "passport border visa", "hotel breakfast pool", "cat dog kennel")
"""Rubric items in the words of the topics, none of them about refunds."""


def commented(sample: pd.DataFrame, unlisted: float) -> pd.DataFrame:
    """The sample with 40 comments on bad sessions: of what the rubric asks for, and a share of what it does not."""
    kinds = ["slow waiting minutes reply" if k % 10 < 10 * unlisted else CRITERIA[k % 3] for k in range(40)]
    said = [" ".join(words[k % 3 :] + words[: k % 3]) for k, words in enumerate(map(str.split, kinds))]
    frame = sample.iloc[:40].copy()
    frame["comment"] = said[: len(frame)]
    return frame.assign(satisfied=0.0)


def verdicts(rng: np.random.Generator, idle_items: int) -> dict[str, bool]:
    """What a result met of the rubric: each item fails now and then, but for the idle ones.

    Of those the first and every other fail never, the rest with the last item.
    """
    met = dict(zip(RUBRIC, (rng.random(len(RUBRIC)) > 0.15).tolist(), strict=True))
    for number, name in enumerate(RUBRIC[:idle_items]):
        met[name] = met[RUBRIC[-1]] if number % 2 else True
    return met


def make_audits(seed: int, rising: float, n: int = 12) -> tuple[PastAudit, ...]:
    """Weekly audits before this one: score and gap were lower by up to `rising`, with noise."""
    rng = np.random.default_rng([seed, 7])
    audits = []
    for weeks in range(n, 0, -1):
        until = FIRST_TRACE - 28 * 86_400.0 - (weeks - 1) * WEEK
        lower = rising * (weeks + 4) / (n + 4)
        score, gap = 0.93 - lower + rng.normal(0, 0.01), -0.02 - lower + rng.normal(0, 0.02)
        audits.append(
            PastAudit(
                name=f"audit {weeks}",
                time=until,
                since=until - WEEK + 1,
                verdict=Verdict.PASS,
                scores=Scores(
                    pass_rate=Estimate(score, score - 0.03, score + 0.03, 160),
                    satisfaction=Estimate(score - gap, score - gap - 0.03, score - gap + 0.03, 100),
                    response_rate=0.5,
                    gap=Estimate(gap, gap - 0.04, gap + 0.04, 0),
                    restated_pass_rate=None,
                    divergence=DivergenceScore(0.1, 0.1, rng.normal(0, 0.01), -0.02, 0.02, 0.5),
                    novelty=None,
                    coverage=None,
                ),
            )
        )
    return tuple(audits)


def make_refresh(seed: int, shifted: float, n: int = 800) -> TrafficProfile:
    """Traffic at the last refresh: more refunds then, by `shifted`."""
    rng = np.random.default_rng([seed, 8])
    drawn = draw(rng, n, {**EVEN, "refund": 1 + 10 * shifted})
    points = vectors([text for _, text in drawn])
    topics = np.array([topic for topic, _ in drawn])
    middles = {f"s{k + 1}": points[topics == topic].mean(axis=0) for k, topic in enumerate(EVEN)}
    return make_profile(middles, points, "the refresh of 2026-01-01")


TODAY = dt.date(2026, 6, 15)


def make_upkeep(neglected: int) -> Upkeep:
    """An eval set in good hands on TODAY; each step of neglect lets a quarter go by, and something lose its owner."""

    def ago(weeks: int) -> dt.date:
        return TODAY - dt.timedelta(weeks=weeks)

    return Upkeep(
        as_of=TODAY,
        owner=None if neglected else "ana",
        refreshed=ago(2 + 13 * neglected),
        rubric=(
            RubricEntry(name="is polite", reviewed=ago(3 + 25 * neglected), owner="ana"),
            RubricEntry(name="is short", reviewed=ago(2), owner=None if neglected > 1 else "ben"),
        ),
        waivers=tuple(
            Waiver(check="csat-gap", until=ago(number + 1), owner="ben", reason="survey") for number in range(neglected)
        ),
        is_declared=True,
    )


def freshness(number: int, n: int, neglected: int) -> Freshness:
    """Of a case that holds, or of one of the tenth that is over with each step of neglect."""
    day = TODAY + dt.timedelta(days=-7 if number < 0.1 * neglected * n else 90)
    return Freshness(expires_at=dt.datetime.combine(day, dt.time(), dt.UTC).timestamp())


def make_seal(leaked: int) -> SealState:
    """A seal opened once, of which `leaked` copies stand in the tuned set."""
    return SealState(
        n_cases=N_SEALED,
        sealed_at=TODAY,
        openings=(Opening("v1", TODAY, RUN_TIME - 3_600.0, is_forced=False),),
        batches={0: N_SEALED},
        leaks=tuple(Leak(f"c{number:04d}", 1, case_id=f"c{number:04d}") for number in range(leaked)),
    )


def make_sealed(rng: np.random.Generator, fails: float, model: str) -> list[tuple[str, Result]]:
    """The run of the opened cases; a share `fails` of them fails beside what fails anyway."""
    return [
        (
            "sealed.json",
            Result(
                run_id="opened",
                case_id=f"h{number:03d}",
                input_text=None,
                status=Status.FAIL if number % 14 == 0 or number < fails * N_SEALED else Status.PASS,
                where=f"s:{number}",
                run_time=RUN_TIME,
                model=model,
            ),
        )
        for number in rng.permutation(N_SEALED).tolist()
    ]


N_SEALED = 100


EXPECTED = "It takes 30 days."


def told(question: str, decayed: float) -> str:
    """What production answers to the question, in whatever order its words are; a share of the questions anew."""
    return "It takes two weeks." if sum(map(ord, question)) % 100 < 100 * decayed else "It takes one month."


def make_comparison(
    *,
    seed: int = 0,
    n_cases: int = 160,
    n_traces: int = 800,
    new_share: float = 0.0,
    bad_topic: str | None = None,
    failing_topic: str | None = None,
    rated: float = 0.5,
    error_share: float = 0.0,
    foreign_share: float = 0.0,
    longer: int = 1,
    dead_topic_cases: int = 0,
    repeat_cases: int = 0,
    with_runs: bool = True,
    shuffle: int | None = None,
    before: dict[str, float] | None = None,
    slices: tuple[str, ...] = ("topic",),
    still_versions: int = 0,
    chronic_share: float = 0.0,
    saturated_share: float = 0.0,
    broken_share: float = 0.0,
    rising: float = 0.0,
    shifted: float = 0.0,
    judge_errs: float = 0.0,
    judge_taste: float = 0.0,
    sealed_fails: float = 0.0,
    leaked: int = 0,
    idle_items: int = 0,
    neglected: int = 0,
    kept: bool = True,
    decayed: float = 0.0,
    unlisted: float = 0.0,
) -> Comparison:
    """Make a world with drift planted as said; with no argument nothing has drifted."""
    rng = np.random.default_rng(seed)
    judging = np.random.default_rng([seed, 9])
    drawn = draw(rng, n_cases, EVEN)
    drawn += [
        ("dead", " ".join(rng.choice(["fax", "telegram", "pager", "modem", "dialup", "floppy"], 4, replace=False)))
        for _ in range(dead_topic_cases)
    ]
    drawn += drawn[:repeat_cases]
    cases = [
        Case(
            case_id=f"c{i:04d}",
            input_text=text,
            where=f"e:{i}",
            tags={"topic": topic},
            language="en",
            expected=(EXPECTED,),
            freshness=freshness(i, len(drawn), neglected),
        )
        for i, (topic, text) in enumerate(drawn)
    ]
    results = [
        (
            "run.json",
            Result(
                run_id="r",
                case_id=case.case_id,
                input_text=None,
                status=Status.FAIL if topic == failing_topic or rng.random() < 0.07 else Status.PASS,
                where="r:1",
                run_time=RUN_TIME,
                model=f"m{max(N_VERSIONS, still_versions) - 1}",
                rubric=verdicts(judging, idle_items),
            ),
        )
        for case, (topic, _) in zip(cases, drawn, strict=True)
    ]
    results = [
        *make_past(results, np.random.default_rng([seed, 4]), still_versions, chronic_share, saturated_share),
        *break_cases(results, broken_share),
    ]
    mix = {**dict.fromkeys(EVEN, 1 - new_share), NEW_TOPIC: new_share * len(EVEN)}
    traces = []
    for i, (topic, text) in enumerate(draw(rng, n_traces, mix)):
        good = rng.random() < (0.15 if topic in (bad_topic, failing_topic) else 0.95)
        feedback = (Feedback("csat", 5.0 if good else 1.0, source=FeedbackSource.USER),) if rng.random() < rated else ()
        # whoever is rated by users is so by a reviewer and a judge as well
        answer, ratings = judged(np.random.default_rng([seed, 5, i]), judge_errs, judge_taste) if rated else (None, ())
        traces.append(
            Trace(
                trace_id=f"t{i}",
                input_text=" ".join([text] * longer),
                where=f"t:{i}",
                timestamp=FIRST_TRACE + i * 1_000,
                error="ToolTimeout: no answer" if rng.random() < error_share else None,
                language="es" if rng.random() < foreign_share else "en",
                tags={"topic": topic if topic in EVEN else "new"},
                feedback=feedback + ratings,
                output_text=answer and f"{told(text, decayed)}\n{answer}",
            )
        )
    if shuffle is not None:
        order = np.random.default_rng(shuffle)
        for rows in (cases, results, traces):
            order.shuffle(rows)  # type: ignore[arg-type]  # a list of records is shuffled in place
    eval_set = make_eval_set(cases, (), text=TextChoice.LAST_TURN, slices=slices)
    gatherer = Gatherer(
        Sampler(10_000, 28 * 86_400), text=TextChoice.LAST_TURN, slices=slices, declared_rating=(None, None)
    )
    for trace in traces:
        gatherer.add(trace)
    (production,) = gatherer.finish(())
    runs = make_runs(results, (), eval_set)
    last_model = f"m{max(N_VERSIONS, still_versions) - 1}"
    opened = make_runs(make_sealed(np.random.default_rng([seed, 9]), sealed_fails, last_model), (), eval_set)
    beside = choose_texts(commented(production.sample, unlisted), CRITERIA, ())
    return Comparison(
        eval_set=eval_set,
        runs=replace(runs, sealed=opened.frame.assign(batch=0)) if with_runs else None,
        production=production,
        case_vectors=vectors(eval_set.frame["text"].tolist()),
        trace_vectors=vectors(production.sample["text"].tolist()),
        declared_slices=slices,
        seed=0,
        runs_until=None,
        baseline=Baseline(values=before or {}, audits=make_audits(seed, rising), refreshed=make_refresh(seed, shifted)),
        upkeep=make_upkeep(neglected) if kept else Upkeep(),
        seal=make_seal(leaked) if with_runs else None,
        complaints=beside.embedded(vectors(beside.texts)) if beside else None,
    )
