"""Reports to render: one that fails with rich evidence, one that passes, one that is blind, and one that is hostile."""

from __future__ import annotations

from dataclasses import replace

from driftcheck.errors import ExitCode
from driftcheck.findings import Evidence, Finding, FindingStatus, Measurement, Verdict
from driftcheck.records import Case, Kind, LoadReport, Result, Satisfaction, Skipped, Status, Trace
from driftcheck.report import Inputs, ModelIdentity, ProductionInput, Report, RunInput, SliceRow
from driftcheck.scores import DivergenceScore, Estimate, NoveltyScore, RestatedPassRate, Scores

JUNE = 1_780_272_000.0  # 2026-06-01
DAY = 86_400.0

HOSTILE = (
    "[red]not red[/red] [link=http://evil.example]here[/link] \x1b[2J\x1b]0;title\x07 \u202eevil\u202c nul\x00 "
    "two\r\nlines zero\u200bwidth c1\x9b31m surrogate\ud800 漢字テスト 👩‍👩‍👧 e\u0301\u0301\u0301\u0301\u0301 "
    + "long "
    * 60
)

MODEL = ModelIdentity(
    "sentence-transformers/all-MiniLM-L6-v2",
    "c9745ed1d9f207416be6d2e6f8de32d1f16199bf",
    "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "float32",
)


def traces(prefix: str, n: int) -> tuple[str, ...]:
    """Ids such as exports have."""
    return tuple(f"{prefix}{i:02x}c1e7-4b9a-4f7e-9d5c-2f6f3b0a{i:04x}" for i in range(n))


def cases(topic: str, n: int) -> tuple[str, ...]:
    return tuple(f"{topic}-{i:03d}" for i in range(1, n + 1))


def slice_row(
    id: str,
    name: str,
    share_eval: float,
    share_production: float,
    *,
    p: float = 1.0,
    coverage: str = "covered",
    pass_rate: Estimate | None = None,
    satisfaction: Estimate | None = None,
    add: int = 0,
    example: str = "",
) -> SliceRow:
    delta = share_eval - share_production
    n_cases = round(share_eval * 412)
    return SliceRow(
        id=id,
        name=name,
        terms=tuple(name.replace(",", "").split()),
        n_cases=n_cases,
        n_traces=round(share_production * 10_000),
        share_eval=share_eval,
        share_production=share_production,
        delta=delta,
        low=delta - 0.021,
        high=delta + 0.018,
        p_adjusted=p,
        coverage=coverage,
        pass_rate=pass_rate,
        satisfaction=satisfaction,
        response_rate=None if satisfaction is None else 0.021,
        restated=None if pass_rate is None else pass_rate.value - 0.01,
        cases_to_add=add,
        case_ids=cases(name.split()[0].strip(","), min(n_cases, 20)),
        trace_ids=traces(id, 20),
        under_covered=add > 0,
        centroid="ADwAAA==",
        example=example,
        cases_to_know=0 if coverage in {"covered", "dead"} else max(0, 37 - n_cases),
    )


SLICES = (
    slice_row(
        "s01", "order status, tracking", 0.21, 0.19,
        pass_rate=Estimate(0.98, 0.92, 0.99, 86), satisfaction=Estimate(0.86, 0.83, 0.89, 618),
        example="Hi, could you tell me where my parcel is? The tracking page has said 'in transit' since Tuesday.",
    ),
    slice_row(
        "s02", "password reset, login", 0.19, 0.13,
        pass_rate=Estimate(0.97, 0.91, 0.99, 78), satisfaction=Estimate(0.9, 0.87, 0.93, 402),
        example="I cannot log in, the reset mail never comes",
    ),
    slice_row(
        "s03", "refund delays, refund pending", 0.019, 0.112, p=0.0005, coverage="thin",
        pass_rate=Estimate(0.88, 0.53, 0.98, 8), satisfaction=Estimate(0.61, 0.56, 0.66, 377), add=9,
        example="My refund was promised within 5 days and it has been three weeks now. Who do I escalate this to?",
    ),
    slice_row(
        "s04", "invoice, VAT number, receipt", 0.12, 0.101,
        pass_rate=Estimate(0.94, 0.83, 0.98, 49), satisfaction=Estimate(0.84, 0.79, 0.88, 260),
        example="Please add our VAT id to the invoice of March",
    ),
    slice_row(
        "s09", "voice ordering, smart speaker", 0.0, 0.071, p=0.0005, coverage="uncovered",
        satisfaction=Estimate(0.48, 0.42, 0.54, 243), add=7,
        example="the speaker ordered twelve packs instead of two, how can i stop it from ordering by voice",
    ),
    slice_row(
        "s05", "商品の返品, 返品 交換", 0.05, 0.062,
        pass_rate=Estimate(0.9, 0.7, 0.97, 20), satisfaction=Estimate(0.8, 0.73, 0.86, 131),
        example="返品したいのですが、どこに送ればいいですか？注文番号は手元にあります。",
    ),
    slice_row(
        "s06", "delivery address change", 0.09, 0.058,
        pass_rate=Estimate(1.0, 0.91, 1.0, 37), satisfaction=Estimate(0.88, 0.82, 0.92, 150),
        example="moved last week, need the parcel at the new address",
    ),
    slice_row(
        "s07", "gift card balance", 0.14, 0.0, p=0.0005, coverage="dead",
        pass_rate=Estimate(1.0, 0.94, 1.0, 58), example="",
    ),
)  # fmt: skip

FAILS = Finding(
    code="DC201",
    name="slice-coverage",
    title="Share of traffic in slices that the eval set under-covers",
    status=FindingStatus.FAIL,
    unit="share of traffic",
    warn=0.05,
    fail=0.1,
    measurement=Measurement(
        value=0.183,
        low=0.151,
        high=0.212,
        p_value=0.0005,
        n={"cases": 412, "sessions": 10_000, "of sessions": 183_204},
        summary="18 % of this week's traffic is in 2 slices that the eval set under-covers; at the last audit 6 %.",
        evidence=(
            Evidence(
                "refund delays, refund pending",
                {"eval": 0.019, "traffic": 0.112, "p": 0.0005, "users": 0.61, "add": 9},
                "s03",
                cases("refund", 8),
                traces("8f3", 20),
            ),
            Evidence(
                "voice ordering, smart speaker",
                {"eval": 0.0, "traffic": 0.071, "p": 0.0005, "users": 0.48, "add": 7},
                "s09",
                (),
                traces("02b", 20),
            ),
        ),
        fix="`driftcheck refresh --slice s03 --slice s09` proposes 16 cases from these slices.",
    ),
)

GAP = Finding(
    code="DC301",
    name="csat-gap",
    title="Pass rate minus satisfaction",
    status=FindingStatus.FAIL,
    unit="points",
    warn=0.05,
    fail=0.1,
    measurement=Measurement(
        value=0.143,
        low=0.117,
        high=0.168,
        n={"cases": 408, "ratings": 3_204},
        summary="The eval set says 95 %, users say 81 %: the score promises 14 points more than people get.",
        fix="Look at the slices under DC302 first; then label 50 of their traces by hand.",
    ),
)

BLIND_SLICES = Finding(
    code="DC302",
    name="blind-slices",
    title="Share of traffic in slices that pass on the eval set and disappoint users",
    status=FindingStatus.WARN,
    unit="share of traffic",
    warn=0.05,
    fail=0.2,
    measurement=Measurement(
        value=0.112,
        low=0.093,
        high=0.13,
        n={"cases": 408, "ratings": 3_204},
        summary="1 slice passes on the eval set and disappoints users.",
        evidence=(
            Evidence(
                "refund delays, refund pending",
                {"pass rate": 0.88, "users": 0.61, "gap": 0.27, "ratings": 377, "p (Holm)": 0.004},
                "s03",
                cases("refund", 8),
                traces("8f3", 5),
            ),
        ),
        fix="Read the 20 worst-rated traces of s03 and write down what the rubric misses.",
    ),
)

ERRORS = Finding(
    code="DC105",
    name="error-mix",
    title="Error classes in production against what the eval set exercises",
    status=FindingStatus.WARN,
    unit="share of failing traces",
    warn=0.1,
    fail=None,
    measurement=Measurement(
        value=0.31,
        n={"traces": 1_204},
        summary="31 % of production's errors are of classes that no case provokes.",
        evidence=tuple(
            Evidence(
                label, {"traces": n, "share": n / 1_204, "tokens": n * 1.37, "model": model}, None, (), traces("e", k)
            )
            for label, n, model, k in [
                ("TimeoutError", 201, "gpt-4o-mini", 3),
                ("tool:refund_lookup 502", 96, "gpt-4o-mini", 2),
                ("JSONDecodeError", 41, None, 1),
                ("ContextLengthExceeded", 20, "gpt-4o", 1),
                ("content_filter", 9, "gpt-4o", 0),
                ("RateLimitError", 6, "gpt-4o", 1),
            ]
        ),
        fix="Add a case per class, with the tool stubbed to fail: `driftcheck refresh --errors`.",
    ),
)

DECAYED = Finding(
    code="DC504",
    name="decayed-answers",
    title="Expected answers that well-rated answers of production contradict",
    status=FindingStatus.WARN,
    unit="share of cases",
    warn=0.02,
    fail=None,
    measurement=Measurement(
        value=0.048,
        low=0.016,
        high=0.133,
        p_value=0.0004,
        n={"cases": 63, "answers": 241},
        summary="3 of 63 cases expect what well-rated answers of production contradict.",
        evidence=(
            Evidence(
                "refund-004",
                {"kind": "number", "answers": 6, "contradict": 5},
                None,
                ("refund-004",),
                traces("d1", 5),
                texts={
                    "expected": "Refunds reach your card within 7 days.",
                    "answer": "Since July it takes up to 30 days until the refund is on your card.",
                },
            ),
            Evidence("invoice-011", {"kind": "entity", "answers": 3, "contradict": 3}, None, ("invoice-011",)),
        ),
        fix="Correct the case and say `driftcheck validate ID`, or take it out by `driftcheck retire ID`.",
    ),
)

WAIVED = Finding(
    code="DC501",
    name="set-age",
    title="Weeks since the last refresh",
    status=FindingStatus.WAIVED,
    unit="weeks",
    warn=8,
    fail=13,
    measurement=Measurement(
        21, "The eval set was last refreshed 21 weeks ago.", n={"cases": 412}, fix="driftcheck refresh"
    ),
    reason="waived until 2026-12-31 by ana: refresh waits for the new return policy",
)


def passes(code: str, name: str, unit: str, value: float, *, noticed: str, **more: float) -> Finding:
    return Finding(
        code=code,
        name=name,
        title=name,
        status=FindingStatus.PASS,
        unit=unit,
        warn=more.pop("warn", None),
        fail=more.pop("fail", None),
        measurement=Measurement(
            value,
            f"{name} is as it should be.",
            n={"cases": 412, "sessions": 10_000},
            fix="Nothing to do.",
            noticeable=0.062,
            could_have_noticed=noticed,
            **more,
        ),
    )


PASSED = (
    passes(
        "DC101", "topic-divergence", "nats", 0.034, low=0.01, high=0.06, p_value=0.12, warn=0.05, fail=0.2,
        noticed="a shifted mix, from an excess of about 0.06 nats on",
    ),
    passes(
        "DC103", "language-mix", "share of traffic", 0.012, warn=0.1,
        noticed="a new language, from about 6.2 % of traffic on",
    ),
    passes(
        "DC503", "duplicate-cases", "share of cases", 0.017, low=0.008, high=0.035, warn=0.05,
        noticed="cases that repeat others, from 6.2 % on",
    ),
)  # fmt: skip
SKIPPED = (
    Finding(
        "DC304", "score-up-gap-up", "Score and divergence together", FindingStatus.SKIP, "points", 0.02, None, None,
        "needs at least 3 runs in different weeks; 2 were read",
    ),
    Finding(
        "DC405", "sealed-gap", "Tuned minus sealed pass rate", FindingStatus.SKIP, "points", 0.03, 0.05, None,
        "nothing is sealed yet: `driftcheck seal` holds cases out",
    ),
)  # fmt: skip

EVAL_SET_REPORT = LoadReport(
    path="evalsets/support.yaml",
    kind=Kind.EVALSET,
    format="promptfoo-config",
    confidence=0.98,
    why="`tests:` with `vars` and `assert`",
    n_records=415,
    n_skipped=3,
    skipped=(
        Skipped("support.yaml:112", "no input: `vars` holds no question"),
        Skipped("support.yaml:340", "no input: `vars` holds no question"),
        Skipped("support.yaml:977", "same id as support.yaml:121"),
    ),
    n_duplicate_ids=1,
    first_time=JUNE - 200 * DAY,
    last_time=JUNE - 147 * DAY,
    tag_fields=("intent", "language"),
    first=Case("order-001", "Where is my order 1182?", "support.yaml:3", expected=("It is on its way.",)),
)
RUN_REPORT = LoadReport(
    path="runs/2026-06-01.json",
    kind=Kind.RESULTS,
    format="promptfoo-results",
    confidence=1.0,
    why="`results.results` with `gradingResult`",
    n_records=412,
    n_errors=4,
    n_pass=388,
    n_fail=20,
    first_time=JUNE,
    last_time=JUNE,
    first=Result("eval-7f3a", "order-001", "Where is my order 1182?", Status.PASS, "2026-06-01.json#0"),
)
PRODUCTION_REPORT = LoadReport(
    path="exports/week22.jsonl",
    kind=Kind.TRACES,
    format="langfuse-traces",
    confidence=0.93,
    why="`traceId`, `sessionId` and `scores` in each line",
    n_records=201_340,
    n_skipped=8,
    skipped=(Skipped("week22.jsonl:20114", "broken JSON at column 212"), Skipped("week22.jsonl:90001", "no input")),
    n_missing_output=12,
    n_errors=1_204,
    first_time=JUNE - 28 * DAY,
    last_time=JUNE,
    n_rated=3_204,
    feedback_fields=("csat", "thumbs"),
    tag_fields=("intent",),
    first=Trace("8f3a01", "My refund is late", "week22.jsonl:1", JUNE, output_text="I am sorry to hear that. " * 20),
    warnings=("1,204 traces have no session id; each counts as a session of its own.",),
)

INPUTS = Inputs(
    eval_set_path="evalsets/support.yaml",
    n_cases=412,
    eval_set=(EVAL_SET_REPORT,),
    runs=(
        RunInput("runs/2026-05-25.json", "eval-61bb", JUNE - 7 * DAY, "gpt-4o-mini", 385, 27, 0, 0, 412),
        RunInput("runs/2026-06-01.json", "eval-7f3a", JUNE, "gpt-4o-mini", 388, 20, 4, 0, 409),
    ),
    run_reports=(RUN_REPORT,),
    n_unjoined=3,
    production=ProductionInput(
        path="exports/*.jsonl",
        format="langfuse-traces",
        n_traces=201_332,
        n_sessions=183_204,
        n_embedded=10_000,
        since=JUNE - 28 * DAY,
        until=JUNE,
        n_rated=3_204,
        n_outside_window=40_221,
        satisfaction=Satisfaction("csat", "1 to 5", ">= 4", inferred=True),
        reports=(PRODUCTION_REPORT,),
        warnings=("`thumbs` was not read: `csat` has more ratings.",),
        first_time=JUNE - 17 * DAY,
        last_time=JUNE - 3_600,
    ),
)

SCORES = Scores(
    pass_rate=Estimate(0.951, 0.925, 0.968, 408),
    satisfaction=Estimate(0.808, 0.794, 0.821, 3_204),
    response_rate=0.0159,
    gap=Estimate(0.143, 0.117, 0.168, 408),
    restated_pass_rate=RestatedPassRate(0.812, 0.772, 0.858, 0.741, 0.861, 0.071),
    divergence=DivergenceScore(0.312, 0.081, 0.231, 0.184, 0.287, 0.0005),
    novelty=NoveltyScore(0.142, 0.05, 0.092, 0.0005),
    coverage=Estimate(0.817, 0.788, 0.849, 10_000),
)


def failing() -> Report:
    return Report(
        verdict=Verdict.FAIL,
        exit_code=ExitCode.BLOCKED,
        sentence=(
            "Do not trust the 95 %: 18 % of this week's traffic is about topics the eval set hardly asks about, "
            "and users are satisfied with 81 %."
        ),
        seed=0,
        model=MODEL,
        inputs=INPUTS,
        scores=SCORES,
        finding_rows=(FAILS, GAP, BLIND_SLICES, ERRORS, DECAYED, WAIVED, *PASSED, *SKIPPED),
        slice_rows=SLICES,
        next_steps=(
            "driftcheck refresh --slice s03 --slice s09",
            "driftcheck investigate --slice s03",
            "Agree on a response to DC301 with the support team.",
        ),
    )


def passing() -> Report:
    return replace(
        failing(),
        verdict=Verdict.PASS,
        exit_code=ExitCode.OK,
        sentence="The eval set still looks like this week's traffic, and its score agrees with users.",
        finding_rows=PASSED,
        slice_rows=tuple(row for row in SLICES if row.coverage == "covered"),
        next_steps=(),
        scores=replace(
            SCORES,
            satisfaction=Estimate(0.944, 0.935, 0.952, 3_204),
            gap=Estimate(-0.007, -0.031, 0.015, 408),
            restated_pass_rate=RestatedPassRate(0.947, 0.921, 0.966, 0.947, 0.947, 0.0),
            divergence=DivergenceScore(0.078, 0.081, -0.003, -0.02, 0.03, 0.47),
            novelty=NoveltyScore(0.048, 0.05, -0.002, 0.61),
            coverage=Estimate(1.0, 0.996, 1.0, 10_000),
        ),
    )


def blind() -> Report:
    """No runs, no ratings, eleven cases."""
    missing = "needs at least 30 cases and 100 sessions; there are 11 and 183,204"
    return Report(
        verdict=Verdict.BLIND,
        exit_code=ExitCode.BLIND,
        sentence="Nobody can tell: 11 cases are too few to compare with traffic, and neither run nor rating was found.",
        seed=7,
        model=None,
        inputs=Inputs(
            "evalsets/tiny.csv",
            11,
            (replace(EVAL_SET_REPORT, path="evalsets/tiny.csv", format="csv", n_records=11, n_skipped=0, skipped=()),),
            (),
            (),
            0,
            replace(
                INPUTS.production,
                n_rated=0,
                n_embedded=0,
                satisfaction=None,
                since=None,
                until=None,
                first_time=None,
                last_time=None,
                n_outside_window=0,
                warnings=(),
                reports=(
                    replace(PRODUCTION_REPORT, feedback_fields=(), n_rated=0, n_skipped=0, skipped=(), warnings=()),
                ),
            ),
        ),
        scores=Scores(None, None, None, None, None, None, None, None),
        finding_rows=(
            Finding("DC101", "topic-divergence", "KL", FindingStatus.SKIP, "nats", 0.05, 0.2, None, missing),
            Finding(
                "DC201", "slice-coverage", "Coverage", FindingStatus.SKIP, "share of traffic", 0.05, 0.1, None, missing
            ),
            Finding("DC301", "csat-gap", "Gap", FindingStatus.SKIP, "points", 0.05, 0.1, None, "no run and no rating"),
        ),
        slice_rows=(),
        next_steps=("driftcheck refresh --cases 40",),
    )


def hostile() -> Report:
    """Every text that comes from outside is an attack."""
    evidence = Evidence(
        HOSTILE,
        {HOSTILE[:40]: 0.5, "who": HOSTILE, "p": float("nan")},
        HOSTILE,
        (HOSTILE,),
        (HOSTILE, "t2"),
        texts={HOSTILE[:40]: HOSTILE, "answer": HOSTILE},
    )
    nasty_number = float("nan")
    report = replace(
        EVAL_SET_REPORT,
        path=HOSTILE,
        format=HOSTILE,
        why=HOSTILE,
        skipped=(Skipped(HOSTILE, HOSTILE),),
        warnings=(HOSTILE,),
        feedback_fields=(HOSTILE,),
        tag_fields=(HOSTILE,),
        first_time=1e300,
        first=Case(HOSTILE, HOSTILE, HOSTILE, expected=(HOSTILE,)),
    )
    measured = Measurement(
        nasty_number,
        HOSTILE,
        nasty_number,
        float("inf"),
        nasty_number,
        {HOSTILE: 1},
        (evidence,),
        HOSTILE,
        noticeable=nasty_number,
        could_have_noticed=HOSTILE,
    )
    row = replace(
        SLICES[2],
        name=HOSTILE,
        terms=(HOSTILE,),
        case_ids=(HOSTILE,),
        trace_ids=(HOSTILE,) * 30,
        example=HOSTILE,
        p_adjusted=nasty_number,
    )
    return replace(
        failing(),
        sentence=HOSTILE,
        model=ModelIdentity(HOSTILE, HOSTILE, HOSTILE, HOSTILE),
        inputs=Inputs(
            HOSTILE,
            412,
            (report, report),
            (RunInput(HOSTILE, HOSTILE, 1e300, HOSTILE, 1, 2, 3, 4, 5),),
            (replace(report, kind=Kind.RESULTS),),
            1,
            replace(
                INPUTS.production,
                path=HOSTILE,
                format=HOSTILE,
                reports=(report,),
                warnings=(HOSTILE,),
                satisfaction=Satisfaction(HOSTILE, HOSTILE, HOSTILE, inferred=False),
            ),
        ),
        finding_rows=(
            Finding("DC201", "slice-coverage", HOSTILE, FindingStatus.FAIL, HOSTILE, 0.1, 0.2, measured, HOSTILE),
            Finding("DC202", "dead-cases", HOSTILE, FindingStatus.PASS, HOSTILE, 0.1, 0.2, measured, HOSTILE),
            Finding("DC203", HOSTILE, HOSTILE, FindingStatus.SKIP, HOSTILE, 0.1, 0.2, None, HOSTILE),
        ),
        slice_rows=(row, replace(row, id=HOSTILE)),
        next_steps=(HOSTILE,),
    )
