"""decayed-answers on small eval sets: what counts, what is only listed, and what is left alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest
from tests.checks.worlds import FIRST_TRACE, make_comparison, vectors

from driftcheck.baseline import Baseline
from driftcheck.checks import decayed_answers
from driftcheck.comparison import Comparison
from driftcheck.config import TextChoice
from driftcheck.errors import NotMeasurable
from driftcheck.findings import FindingStatus, Measurement
from driftcheck.joining import make_eval_set
from driftcheck.policy import Plan, judge
from driftcheck.production import Gatherer
from driftcheck.records import Case, Feedback, FeedbackSource, Trace
from driftcheck.sampling import Sampler

SOUND = tuple(f"How long does {thing} take?" for thing in ("delivery", "repair", "payment", "approval", "training"))
ASKED = "How long do I have to return an item?"
OLD, NEW = "You have 30 days to return it.", "You have 14 days to return it."


@dataclass(frozen=True)
class Given:
    """An answer of production."""

    question: str
    answer: str | None
    stars: float | None = 5.0
    error: str | None = None
    session: str | None = None


def compare(
    given: Sequence[Given], expected: tuple[str, ...] = ("30 days",), *, sound: bool = True, rubric: bool = False
) -> Comparison:
    """A case that is asked about returns, beside five sound ones with two answers each."""
    cases = [Case("returns", ASKED, "e:0", expected=expected, language="en", expects_rubric=rubric)]
    told = list(given)
    for number, question in enumerate(SOUND if sound else ()):
        cases.append(Case(f"sound{number}", question, f"e:{number}", expected=("5 days",), language="en"))
        told += [Given(question, "It takes 5 days."), Given(question, "It takes five days, in winter longer.")]
    eval_set = make_eval_set(cases, (), text=TextChoice.LAST_TURN, slices=())
    gatherer = Gatherer(
        Sampler(10_000, 28 * 86_400), text=TextChoice.LAST_TURN, slices=(), declared_rating=("csat", ">= 4")
    )
    for number, one in enumerate(told):
        stars = () if one.stars is None else (Feedback("csat", one.stars, source=FeedbackSource.USER),)
        gatherer.add(
            Trace(
                f"t{number:02d}",
                one.question,
                f"t:{number}",
                timestamp=FIRST_TRACE + number,
                session_id=one.session,
                language="en",
                output_text=one.answer,
                error=one.error,
                feedback=stars,
            )
        )
    (production,) = gatherer.finish(())
    return Comparison(
        eval_set=eval_set,
        runs=None,
        production=production,
        case_vectors=vectors([text.lower() for text in eval_set.frame["text"]]),
        trace_vectors=vectors([text.lower() for text in production.sample["text"]]),
        declared_slices=(),
        seed=0,
        runs_until=None,
        baseline=Baseline(),
    )


def counted(measured: Measurement) -> list[str]:
    return [row.label for row in measured.evidence if row.contribution is not None]


def test_a_case_that_most_of_its_answers_contradict_is_counted_with_both_texts_and_the_traces() -> None:
    measured = decayed_answers.measure(compare([Given(ASKED, NEW), Given(ASKED, f"Hi! {NEW}"), Given(ASKED, OLD)]))
    assert measured.value == pytest.approx(1 / 6)
    assert measured.n == {"cases": 6, "answers": 13}
    (row,) = measured.evidence
    assert row.case_ids == ("returns",)
    assert row.trace_ids == ("t00", "t01")
    assert row.numbers == {"differs in": "number", "answers": 3, "against it": 2, "counted": "yes"}
    assert row.texts == {"expected": "30 days", "answer": NEW}
    assert measured.low is not None
    assert 0 < measured.low < measured.value < (measured.high or 0)


def test_texts_are_nowhere_but_in_texts() -> None:
    secret = "You have 14 days to return it, says agent Zebedee."
    measured = decayed_answers.measure(compare([Given(ASKED, secret), Given(ASKED, secret)]))
    said = (measured.summary, measured.fix, *(str((row.label, row.numbers)) for row in measured.evidence))
    assert not any("Zebedee" in text or "14" in text for text in said)
    assert "Zebedee" in measured.evidence[0].texts["answer"]


def test_one_answer_alone_is_listed_and_not_counted() -> None:
    measured = decayed_answers.measure(compare([Given(ASKED, NEW)]))
    assert measured.value == 0
    assert measured.n["cases"] == 5
    (row,) = measured.evidence
    assert row.numbers["counted"] == "no: one answer"
    assert row.trace_ids == ("t00",)


@pytest.mark.parametrize(
    "given",
    [
        pytest.param([Given(ASKED, NEW), Given(ASKED, OLD)], id="half of them"),
        pytest.param([Given(ASKED, NEW), Given(ASKED, "You have 10 days to return it.")], id="each says another"),
        pytest.param([Given(ASKED, NEW), Given(ASKED, NEW, stars=1.0)], id="one is badly rated"),
        pytest.param([Given(ASKED, NEW), Given(ASKED, NEW, stars=None)], id="one is not rated"),
        pytest.param([Given(ASKED, NEW), Given(ASKED, NEW, error="Timeout")], id="one ended in an error"),
        pytest.param([Given(ASKED, NEW, session="s"), Given(ASKED, NEW, session="s")], id="one session"),
        pytest.param([Given(ASKED, NEW), Given(ASKED, None)], id="one has no answer"),
        pytest.param([Given(f"{ASKED[:-1]} from Malta?", NEW)] * 2, id="another question"),
        pytest.param([Given(ASKED, "It arrives within 14 days.")] * 2, id="of another thing"),
        pytest.param([Given(ASKED, "You have one month to return it.")] * 2, id="in other words"),
    ],
)
def test_what_is_not_enough_counts_nothing(given: list[Given]) -> None:
    assert counted(decayed_answers.measure(compare(given))) == []


def test_any_of_the_accepted_answers_will_do() -> None:
    given = [Given(ASKED, NEW), Given(ASKED, NEW)]
    assert counted(decayed_answers.measure(compare(given, ("30 days", "60 days")))) == ["returns"]
    assert counted(decayed_answers.measure(compare(given, ("30 days", "14 days")))) == []


@pytest.mark.parametrize("expected", ["is polite", "The answer should say 30 days", r"30\s+days", '{"days": 30}'])
def test_rubrics_and_patterns_are_not_compared(expected: str) -> None:
    given = [Given(ASKED, NEW), Given(ASKED, NEW)]
    assert decayed_answers.measure(compare(given, (expected,))).n["cases"] == 5
    assert decayed_answers.measure(compare(given, ("30 days",), rubric=True)).n["cases"] == 5


def test_one_misread_case_in_many_is_not_yet_a_finding() -> None:
    def status(decayed: float) -> FindingStatus:
        comparison = make_comparison(decayed=decayed)
        plan = Plan(decayed_answers, decayed_answers.DEFAULT, (), required=False)
        return judge(plan, decayed_answers.measure(comparison)).status

    assert status(0.0) is FindingStatus.PASS
    assert status(0.5) is FindingStatus.WARN
    plan = Plan(decayed_answers, decayed_answers.DEFAULT, (), required=False)
    one = decayed_answers.measure(compare([Given(ASKED, NEW), Given(ASKED, NEW)]))
    assert judge(plan, one).status is FindingStatus.PASS
    assert counted(one) == ["returns"], "it is listed all the same"


@pytest.mark.parametrize(
    ("comparison", "said"),
    [
        (compare([Given(ASKED, NEW)] * 2, sound=False), "1 case of 1 with an expected answer"),
        (compare([Given(ASKED, NEW)] * 2, ("is polite",), sound=False), "0 of 1 case have an expected answer"),
        (compare([Given(ASKED, NEW)] * 2, (), sound=False), "0 of 1 case have an expected answer"),
        (compare([Given(ASKED, None)] * 2, sound=False), "0 of 2 sampled sessions carry the product's answer"),
        (compare([Given(ASKED, NEW, stars=None)] * 2, sound=False), "no ratings by users"),
        (compare([Given(ASKED, NEW, stars=1.0)] * 2, sound=False), "0 cases of 1 with an expected answer"),
    ],
    ids=["few cases", "rubrics", "no expected", "no answers", "no ratings", "bad ratings"],
)
def test_what_is_missing_is_said_with_what_is_needed(comparison: Comparison, said: str) -> None:
    with pytest.raises(NotMeasurable, match=said):
        decayed_answers.measure(comparison)


def test_the_sample_of_another_order_measures_the_same() -> None:
    comparison = compare([Given(ASKED, NEW), Given(ASKED, f"Hi! {NEW}"), Given(ASKED, OLD)])
    order = list(range(len(comparison.production.sample)))[::-1]
    production = replace(comparison.production, sample=comparison.production.sample.iloc[order].reset_index(drop=True))
    turned = replace(comparison, production=production, trace_vectors=comparison.trace_vectors[order])
    assert decayed_answers.measure(turned) == decayed_answers.measure(comparison)


def test_one_case_has_and_several_have_answers() -> None:
    with pytest.raises(NotMeasurable, match=r"^1 case of 1 with an expected answer has 2 well-rated answers"):
        decayed_answers.measure(compare([Given(ASKED, OLD), Given(ASKED, OLD)], sound=False))
    with pytest.raises(NotMeasurable, match=r"^0 cases of 1 with an expected answer have 2 well-rated answers"):
        decayed_answers.measure(compare([Given(ASKED, OLD)], sound=False))
