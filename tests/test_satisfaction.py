"""Satisfaction: every scale, the choice among fields, declarations, and what must not be counted."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftcheck.loaders.feedback import read_feedback
from driftcheck.rating_scales import MIN_RATED, parse_good
from driftcheck.records import Feedback, FeedbackSource
from driftcheck.satisfaction import Ratings

USER, ANNOTATOR = FeedbackSource.USER, FeedbackSource.ANNOTATOR
JUDGE, UNKNOWN = FeedbackSource.JUDGE, FeedbackSource.UNKNOWN


def rated(ratings: Ratings, name: str, values: Sequence[object], source: FeedbackSource = USER, start: int = 0) -> None:
    for row, value in enumerate(values, start):
        found = read_feedback(name, value, source)
        ratings.add(row, [found] if found else [])


def decide(
    name: str, values: Sequence[object], field: str | None = None, good: str | None = None
) -> tuple[str, str, list[float], tuple[str, ...]]:
    ratings = Ratings()
    rated(ratings, name, values)
    satisfaction, _, satisfied, warnings = ratings.decide(field, good)
    assert satisfaction is not None
    return satisfaction.scale, satisfaction.good, satisfied.tolist(), warnings


@pytest.mark.parametrize(
    ("name", "values", "scale", "good", "satisfied"),
    [
        ("thumbs", [1, 0, 1], "0 or 1", "== 1", [1, 0, 1]),
        ("thumbs", [1, -1, 1], "-1 or 1", "== 1", [1, 0, 1]),
        ("reaction", ["👍", "👎"], "thumbs up or down", "== 1", [1, 0]),
        ("thumbs", ["up", "down"], "up or down", "== 1", [1, 0]),
        ("csat", [1, 2, 3, 4, 5], "1 to 5", ">= 4", [0, 0, 0, 1, 1]),
        ("csat", [3.5, 4.5], "1 to 5", ">= 4", [0, 1]),
        ("stars", ["★★★★☆", "★"], "1 to 5", ">= 4", [1, 0]),
        ("rating", [10, 8, 7, 1], "1 to 10", ">= 8", [1, 1, 0, 0]),
        ("rating", [0, 10, 7], "0 to 10", ">= 8", [0, 1, 0]),
        ("nps", [10, 9, 8, 7, 6, 0], "0 to 10 (NPS)", ">= 9", [1, 1, 0, 0, 0, 0]),
        ("satisfaction_score", [80, 20, 100], "0 to 100", ">= 75", [1, 0, 1]),
        ("agreement", [0.2, 0.5, 1.0], "0 to 1", ">= 0.5", [0, 1, 1]),
        ("resolved", [True, False], "0 or 1", "== 1", [1, 0]),
        ("resolved", ["yes", "no"], "yes or no", "== 1", [1, 0]),
        ("escalated", [True, False], "0 or 1", "== 0", [0, 1]),
        ("handoff", ["yes", "no"], "yes or no", "== 0", [0, 1]),
        ("thumbs_down", [1, 0], "0 or 1", "== 0", [0, 1]),
        ("converted", [0, 1], "0 or 1", "== 1", [0, 1]),
        ("verdict", ["good", "bad", "neutral", "great"], "labels", "good, great", [1, 0, 0, 1]),
        ("outcome", ["escalated", "resolved", "partially resolved"], "labels", "resolved", [0, 1, 0]),
        ("escalation", ["escalated", "resolved"], "labels", "resolved", [0, 1]),
    ],
)
def test_scales(name: str, values: list[object], scale: str, good: str, satisfied: list[float]) -> None:
    assert decide(name, values)[:3] == (scale, good, satisfied)


def refused(name: str, values: Sequence[object]) -> str:
    """Give the one warning about a field that is not read as satisfaction."""
    ratings = Ratings()
    rated(ratings, name, values)
    satisfaction, rows, _, (warning,) = ratings.decide(None, None)
    assert satisfaction is None
    assert not len(rows)
    return warning


@pytest.mark.parametrize(
    ("values", "seen", "good"),
    [
        ([0, 1, 2, 3, 4, 5, 6, 7] * 10, "0, 1, 2, 6, 7", ">= 5"),
        ([1, 2, 3] * 20, "1, 2, 3", ">= 2"),
        ([0, 4, 8] * 20, "0, 4, 8", ">= 6"),
        ([1, 1, 1], "1", ">= 1"),
        ([2, 11, 74] * 20, "2, 11, 74", ">= 56"),
    ],
)
def test_a_guessed_scale_that_nobody_is_satisfied_on_is_refused(values: list[object], seen: str, good: str) -> None:
    warning = refused("csat", values)
    assert f"fill no customary scale (seen are {seen})" in warning
    assert f'satisfaction: {{field: csat, good: "{good}"}}' in warning
    assert sum(decide("csat", values, "csat", good)[2]) > 0


def test_two_values_are_no_guess_though_all_are_bad() -> None:
    assert decide("resolved", [False] * 40)[2] == [0] * 40


def test_a_refused_field_is_told_where_another_is_read() -> None:
    ratings = Ratings()
    rated(ratings, "csat", [0, 3, 7] * 20)
    rated(ratings, "resolved", [1, 0] * 30)
    satisfaction, _, _, warnings = ratings.decide(None, None)
    assert satisfaction is not None
    assert satisfaction.field == "resolved"
    assert any("'csat' is not used: its 60 ratings fill no customary scale" in text for text in warnings)


def test_up_to_seven_is_a_scale_of_seven_only_with_enough_ratings() -> None:
    assert "seen are 1, 6, 7" in refused("effort", [1, 7, 6])
    assert decide("effort", [1, 7, 6] * 10)[0] == "1 to 7"


def test_all_alike_is_not_said_beside_ratings_off_the_scale() -> None:
    warnings = decide("csat", [5] * 109 + [99])[3]
    assert any("off the scale" in text for text in warnings)
    assert not any("only these are recorded" in text for text in warnings)


def test_ratings_off_the_scale_are_counted_said_and_not_used() -> None:
    scale, _, satisfied, warnings = decide("csat", [5] * 100 + [99])
    assert scale == "1 to 5"
    assert len(satisfied) == 100
    assert any("1 of 101 ratings in 'csat' are off the scale 1 to 5 (such as 99)" in text for text in warnings)


def test_zero_stars_are_no_rating() -> None:
    _, _, satisfied, warnings = decide("stars", [0, 0, 0, 5, 2])
    assert satisfied == [1, 0]
    assert any("3 of 5" in text for text in warnings)


def test_a_thumb_among_stars_is_not_one_star() -> None:
    scale, _, satisfied, warnings = decide("csat", [5, 4, "👍"])
    assert (scale, satisfied) == ("1 to 5", [1, 1])
    assert any("👍" in text for text in warnings)


def test_direction_taken_from_a_name_is_said() -> None:
    assert any("bad when high" in text for text in decide("escalated", [1, 0])[3])


def test_all_alike_is_said() -> None:
    assert any("all 40 ratings are good" in text for text in decide("like", [1] * 40)[3])


def test_scales_without_a_custom_say_their_threshold() -> None:
    assert any("taken to be >= 8" in text for text in decide("rating", [10, 6])[3])


def test_labels_that_nobody_knows_are_no_satisfaction_until_declared() -> None:
    ratings = Ratings()
    rated(ratings, "grade", ["A", "B", "A"])
    satisfaction, rows, satisfied, warnings = ratings.decide(None, None)
    assert satisfaction is None
    assert len(rows) == len(satisfied) == 0
    assert "drift.yaml" in warnings[0]
    assert decide("grade", ["A", "B", "A"], "grade", "[A]")[2] == [1, 0, 1]


def test_declared_field_and_rule_are_followed_and_not_inferred() -> None:
    ratings = Ratings()
    rated(ratings, "csat", [3, 4, 5])
    satisfaction, rows, satisfied, _ = ratings.decide("CSAT", "> 4")
    assert satisfaction is not None
    assert (satisfaction.field, satisfaction.scale, satisfaction.good) == ("csat", "1 to 5", "> 4")
    assert not satisfaction.inferred
    assert (rows.tolist(), satisfied.tolist()) == ([0, 1, 2], [0, 0, 1])


def test_a_declared_rule_uses_every_number() -> None:
    assert decide("csat", [0, 2, 5], "csat", "<= 2")[2] == [1, 1, 0]


@pytest.mark.parametrize(
    ("good", "rule"),
    [
        (">=4", (">=", 4.0)),
        ("< 0.5", ("<", 0.5)),
        ("= 1", ("==", 1.0)),
        ("== up", frozenset({"up"})),
        ("[good, 'very good']", frozenset({"good", "very_good"})),
        ("in resolved, closed", frozenset({"resolved", "closed"})),
        ("👍", frozenset({"👍"})),
    ],
)
def test_rules(good: str, rule: object) -> None:
    assert parse_good(good) == rule


@pytest.mark.parametrize("good", ["", "4", "=> 4", ">= four", "[]", "!= 3", "~4", ">= nan"])
def test_a_rule_that_is_none_says_what_to_write(good: str) -> None:
    with pytest.raises(ValueError, match="'>= "):
        parse_good(good)


def test_a_declared_field_that_is_not_there_names_those_that_are() -> None:
    ratings = Ratings()
    rated(ratings, "csat", [3, 4])
    with pytest.raises(ValueError, match=r"named 'cast'.*csat \(2\)"):
        ratings.decide("cast", None)


def test_no_ratings_at_all_are_no_error_even_where_declared() -> None:
    satisfaction, rows, _, warnings = Ratings().decide("csat", ">= 4")
    assert satisfaction is None
    assert len(rows) == 0
    assert "csat" in warnings[0]


def test_a_rule_that_fits_no_rating_shows_what_is_there() -> None:
    ratings = Ratings()
    rated(ratings, "grade", ["A", "B"])
    with pytest.raises(ValueError, match="seen are A, B"):
        ratings.decide("grade", "[excellente]")
    with pytest.raises(ValueError, match="seen are A, B"):
        ratings.decide("grade", ">= 3")


def test_a_declared_label_may_be_missing_where_all_are_unhappy() -> None:
    assert decide("verdict", ["bad", "bad"], "verdict", "[good]")[2] == [0, 0]


def test_judges_are_no_users() -> None:
    ratings = Ratings()
    rated(ratings, "correctness", [1, 0, 1], JUDGE)
    satisfaction, _, _, warnings = ratings.decide(None, None)
    assert satisfaction is None
    assert "judges are not users" in warnings[0]
    with pytest.raises(ValueError, match="scored by a judge"):
        ratings.decide("correctness", None)


def test_a_name_shared_by_judge_and_reviewer_counts_the_reviewer_only() -> None:
    ratings = Ratings()
    rated(ratings, "correctness", [0] * 50, JUDGE)
    rated(ratings, "correctness", [1] * 3, ANNOTATOR)
    satisfaction, rows, satisfied, warnings = ratings.decide(None, None)
    assert satisfaction is not None
    assert (rows.tolist(), satisfied.tolist()) == ([0, 1, 2], [1, 1, 1])
    assert any("50 scores" in text for text in warnings)


def test_an_unknown_source_counts_only_when_declared() -> None:
    ratings = Ratings()
    rated(ratings, "quality", [5, 1, 4], UNKNOWN)
    assert ratings.decide(None, None)[0] is None
    satisfaction = ratings.decide("quality", None)[0]
    assert satisfaction is not None
    assert satisfaction.inferred


def test_ratings_of_the_answer_come_before_outcomes_though_fewer() -> None:
    ratings = Ratings()
    rated(ratings, "resolved", [1, 0] * 100)
    rated(ratings, "csat", [5, 1] * 20)
    satisfaction, _, _, warnings = ratings.decide(None, None)
    assert satisfaction is not None
    assert satisfaction.field == "csat"
    assert any("not from 'resolved' (200)" in text.replace("resolved (200)", "'resolved' (200)") for text in warnings)


def test_too_few_ratings_give_way_to_an_outcome() -> None:
    ratings = Ratings()
    rated(ratings, "resolved", [1, 0] * 100)
    rated(ratings, "csat", [5] * (MIN_RATED - 1))
    satisfaction = ratings.decide(None, None)[0]
    assert satisfaction is not None
    assert satisfaction.field == "resolved"


def test_among_ratings_the_most_answered_is_taken() -> None:
    ratings = Ratings()
    rated(ratings, "csat", [5, 1] * 20)
    rated(ratings, "thumbs", [1, 0] * 30)
    satisfaction = ratings.decide(None, None)[0]
    assert satisfaction is not None
    assert satisfaction.field == "thumbs"


def test_a_declared_rule_alone_chooses_the_field_it_fits() -> None:
    ratings = Ratings()
    rated(ratings, "csat", [5, 1] * 20)
    rated(ratings, "thumbs", [1, 0] * 30)
    satisfaction = ratings.decide(None, ">= 4")[0]
    assert satisfaction is not None
    assert satisfaction.field == "csat"


def test_several_ratings_of_a_trace_are_its_majority_and_a_tie_is_none() -> None:
    ratings = Ratings()
    for row, values in enumerate([(5, 4, 1), (1, 2, 5), (5, 1)]):
        ratings.add(row, [Feedback("csat", value, None, USER) for value in values])
    _, rows, satisfied, warnings = ratings.decide(None, None)
    assert (rows.tolist(), satisfied.tolist()) == ([0, 1], [1, 0])
    assert any("as many good as bad" in text for text in warnings)


def test_comments_and_runaway_fields_stay_out() -> None:
    ratings = Ratings()
    for row in range(1000):
        ratings.add(row, [Feedback("remark", None, f"remark {row}", USER), Feedback(f"csat {row}", 5, None, USER)])
    assert len(ratings.counts) <= 200
    warnings = ratings.decide("remark", "[remark 1]")[3]
    assert any("beyond the first" in text for text in warnings)
    assert any("comments" in text for text in warnings)


@given(st.lists(st.tuples(st.integers(0, 40), st.sampled_from([1, 2, 3, 4, 5])), min_size=1), st.randoms())
def test_the_order_of_ratings_does_not_matter(given_ratings: list[tuple[int, int]], random: object) -> None:
    shuffled = list(given_ratings)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    results = []
    for ordered in (given_ratings, shuffled):
        ratings = Ratings()
        for row, value in ordered:
            ratings.add(row, [Feedback("csat", value, None, USER)])
        results.append(ratings.decide("csat", ">= 4"))
    assert results[0][0] == results[1][0]
    np.testing.assert_array_equal(results[0][1], results[1][1])
    np.testing.assert_array_equal(results[0][2], results[1][2])
    assert set(results[0][2]) <= {0.0, 1.0}
