"""The checks of upkeep: age of the set, cases that are over, what nobody reviewed or owns, waivers that ran out."""

from __future__ import annotations

import dataclasses
import datetime as dt
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.checks.worlds import TODAY, make_comparison

from driftcheck.checks import expired_cases, expired_waivers, rubric_age, set_age, unowned
from driftcheck.comparison import Comparison
from driftcheck.config import RubricEntry, Waiver, parse_config
from driftcheck.errors import NotMeasurable
from driftcheck.findings import Evidence, FindingStatus
from driftcheck.policy import Plan, judge, make_plan
from driftcheck.records import RUBRIC_COLUMNS
from driftcheck.upkeep import Upkeep

CHECKS = (set_age, expired_cases, rubric_age, unowned, expired_waivers)
N = 40


@cache
def _world() -> Comparison:
    return make_comparison(n_cases=N, n_traces=120, rated=0.0)


def world(cases: dict[str, Any] | None = None, **upkeep: Any) -> Comparison:
    """A comparison whose cases say what `cases` has (one value a column, or one a case), and that is kept so."""
    made = _world()
    frame = made.eval_set.frame.assign(
        **{"created_at": np.nan, "validated_at": np.nan, "expires_at": np.nan, **(cases or {})}
    )
    return dataclasses.replace(
        made,
        eval_set=dataclasses.replace(made.eval_set, frame=frame),
        upkeep=Upkeep(**{"as_of": TODAY, "is_declared": True, **upkeep}),
    )


def ago(**length: float) -> dt.date:
    return TODAY - dt.timedelta(**length)


def at(day: dt.date) -> float:
    return dt.datetime.combine(day, dt.time(), dt.UTC).timestamp()


def row(evidence: tuple[Evidence, ...], label: str) -> Evidence:
    return next(one for one in evidence if one.label == label)


@pytest.mark.parametrize("check", CHECKS)
def test_a_window_of_the_past_has_no_today(check: Any) -> None:
    with pytest.raises(NotMeasurable, match="no day is taken as today"):
        check.measure(world(as_of=None))


# how old the set is


def test_the_set_is_as_old_as_its_last_accepted_refresh() -> None:
    measured = set_age.measure(world(refreshed=ago(weeks=20)))
    assert measured.value == 20
    assert f"The last refresh was on {ago(weeks=20)}, 20 weeks before {TODAY} (by the ledger" in measured.summary
    assert "`driftcheck refresh`" in measured.fix
    assert set_age.measure(world(refreshed=TODAY)).value == 0


def test_one_case_of_yesterday_makes_no_set_fresh() -> None:
    created = np.full(N, at(ago(weeks=30)))
    created[-2:] = at(ago(days=1))  # a twentieth
    assert set_age.measure(world({"created_at": created})).value == 30
    created[-3:] = at(ago(days=1))
    assert set_age.measure(world({"created_at": created})).value == pytest.approx(1 / 7)


def test_cases_added_by_hand_make_it_younger_than_the_ledger_knows() -> None:
    created = np.repeat([at(ago(weeks=40)), at(ago(weeks=4))], N // 2)
    measured = set_age.measure(world({"created_at": created}, refreshed=ago(weeks=20)))
    assert measured.value == 4
    assert set_age.measure(world({"created_at": created - 1e7}, refreshed=ago(weeks=2))).value == 2


def test_git_dates_what_carries_no_date_and_says_so() -> None:
    ids = _world().eval_set.frame["case_id"].tolist()
    written = {name: at(ago(weeks=15)) + 3_600 for name in ids}
    measured = set_age.measure(world(written=written))
    assert measured.value == 15
    assert "40 of 40 dates come from git" in measured.summary
    assert measured.evidence[0].numbers["dated"] == "by git"
    created = np.full(N, np.nan)
    created[: N // 2] = at(ago(weeks=60))
    assert "20 of 40 dates come from git" in set_age.measure(world({"created_at": created}, written=written)).summary
    # an indentation anew makes git's dates young: where a refresh is remembered they do not count
    assert set_age.measure(world(written=written, refreshed=ago(weeks=50))).value == 50


def test_what_nothing_dates_is_not_measured() -> None:
    with pytest.raises(NotMeasurable, match=r"0 of 40 cases have a day of creation.* \(the clone is shallow\)"):
        set_age.measure(world(written_why="the clone is shallow"))
    created = np.full(N, np.nan)
    created[:19] = at(ago(weeks=3))
    with pytest.raises(NotMeasurable, match="19 of 40 cases"):
        set_age.measure(world({"created_at": created}))
    created[19] = at(ago(weeks=3))
    assert set_age.measure(world({"created_at": created})).value == 3


def test_what_is_to_come_counts_as_today() -> None:
    assert set_age.measure(world({"created_at": at(TODAY + dt.timedelta(days=30))})).value == 0


def test_cases_by_month_oldest_first() -> None:
    created = [at(dt.date(2025, 1 + n % 10, 3)) for n in range(N)]
    evidence = set_age.measure(world({"created_at": created})).evidence
    assert [one.label for one in evidence] == [
        *(f"created 2025-0{n}" for n in range(1, 6)),
        "created 2025-06 and later",
    ]
    assert sum(int(one.numbers["cases"] or 0) for one in evidence) == N
    assert evidence[0].case_ids == ("c0000", "c0010", "c0020", "c0030")


def thresholds(text: str) -> tuple[float | None, float | None]:
    config = parse_config(text, Path("drift.yaml"))
    plan = next((plan for plan in make_plan(config, as_of=TODAY) if plan.name == "set-age"), None)
    return (None, None) if plan is None else (plan.thresholds.warn, plan.thresholds.fail)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", (13, 13)),
        ("max_age: 26w", (26, 26)),
        ("max_age: {default: 26w, topic=prices: 4w}", (26, 26)),
        ("max_age: {topic=prices: 4w}", (13, 13)),
        ("refresh_every: 4w", (4, 13)),
        ("refresh_every: 52w", (13, 13)),
        ("refresh_every: 4w\nmax_age: 8w", (4, 8)),
        ("max_age: 26w\nchecks: {set-age: {fail: 30}}", (26, 30)),
        ("max_age: 26w\nchecks: {DC501: {warn: 2}}", (2, 26)),
        ("checks: {set-age: {fail: null}}", (13, None)),
        ("checks: {set-age: off}", (None, None)),
    ],
)
def test_where_the_thresholds_of_the_age_come_from(text: str, expected: tuple[float, float]) -> None:
    assert thresholds(text) == expected


def test_an_old_set_blocks_and_a_young_one_does_not() -> None:
    plan = Plan(set_age, set_age.DEFAULT, (), required=False)
    statuses = [judge(plan, set_age.measure(world(refreshed=ago(days=days)))).status for days in (90, 91, 92)]
    assert statuses == [FindingStatus.PASS, FindingStatus.FAIL, FindingStatus.FAIL]


# which cases are over


def test_a_case_holds_to_the_end_of_its_last_day() -> None:
    expires = np.full(N, at(TODAY + dt.timedelta(days=1)))  # the end of TODAY
    assert expired_cases.measure(world({"expires_at": expires})).value == 0
    expires[:4] = at(TODAY)  # the end of yesterday
    measured = expired_cases.measure(world({"expires_at": expires}, owner="ana"))
    assert measured.value == 4 / N
    (over,) = measured.evidence
    assert over.label == "past its expires"
    assert over.case_ids == ("c0000", "c0001", "c0002", "c0003")
    assert (over.numbers["owner"], over.numbers["first"]) == ("ana", TODAY.isoformat())
    assert "`driftcheck validate ID...`" in measured.fix
    assert "`driftcheck retire --expired`" in measured.fix


def test_a_case_that_was_validated_after_its_end_holds() -> None:
    said = {"expires_at": at(ago(days=20)), "validated_at": at(ago(days=10))}
    assert expired_cases.measure(world(said)).value == 0
    assert expired_cases.measure(world({**said, "validated_at": at(ago(days=30))})).value == 1


def test_the_most_specific_tag_sets_the_age() -> None:
    tags = [f"topic={'prices' if n < 10 else 'hours' if n < 20 else 'refund'}\nplan=pro" for n in range(N)]
    ages = {"default": dt.timedelta(weeks=20), "hours": dt.timedelta(weeks=4), "topic=prices": dt.timedelta(weeks=52)}
    made = world({"created_at": at(ago(weeks=10)), "tags": tags}, max_age=ages)
    measured = expired_cases.measure(made)
    assert measured.value == 10 / N
    assert [one.label for one in measured.evidence] == ["older than 4w (hours)"]
    # `name=value` goes before a value alone, and of two of a kind the shorter one holds
    ages |= {"prices": dt.timedelta(weeks=1), "plan=pro": dt.timedelta(weeks=51), "pro": dt.timedelta(days=3)}
    measured = expired_cases.measure(dataclasses.replace(made, upkeep=dataclasses.replace(made.upkeep, max_age=ages)))
    assert measured.value == 0
    ages["plan=pro"] = dt.timedelta(days=10)
    measured = expired_cases.measure(dataclasses.replace(made, upkeep=dataclasses.replace(made.upkeep, max_age=ages)))
    assert [one.label for one in measured.evidence] == ["older than 10d (plan=pro)"]


def test_validation_renews_and_git_is_the_last_word() -> None:
    ids = _world().eval_set.frame["case_id"].tolist()
    age = {"default": dt.timedelta(weeks=8)}
    created = np.where(np.arange(N) < 20, at(ago(weeks=30)), np.nan)
    validated = np.where(np.arange(N) < 10, at(ago(weeks=2)), np.nan)
    said = {"created_at": created, "validated_at": validated}
    measured = expired_cases.measure(world(said, max_age=age))
    assert (measured.value, measured.n["cases"]) == (10 / 20, 20)
    assert "20 cases nobody dates" in measured.summary
    measured = expired_cases.measure(world(said, max_age=age, written=dict.fromkeys(ids, at(ago(weeks=9)))))
    assert (measured.value, measured.n["cases"]) == (30 / 40, 40)
    assert "20 ages by git, as the cases carry no date" in measured.summary


def test_each_owner_is_told_of_theirs() -> None:
    owners = ["ana" if n < 3 else "ben" if n < 8 else None for n in range(N)]
    measured = expired_cases.measure(world({"expires_at": at(ago(days=3)), "owner": owners}))
    assert [(one.numbers["owner"], one.numbers["cases"]) for one in measured.evidence] == [
        ("nobody", 32),
        ("ben", 5),
        ("ana", 3),
    ]


def test_a_tag_that_no_case_has_is_said() -> None:
    age = {"default": dt.timedelta(weeks=8), "topic=prizes": dt.timedelta(weeks=4)}
    measured = expired_cases.measure(world({"created_at": at(TODAY)}, max_age=age))
    assert "`max_age` names what no case has: topic=prizes" in measured.summary
    age = {"default": dt.timedelta(weeks=8), "language=en": dt.timedelta(weeks=4), "en": dt.timedelta(weeks=4)}
    assert "names what" not in expired_cases.measure(world({"created_at": at(TODAY)}, max_age=age)).summary


def test_cases_without_an_end_cannot_expire() -> None:
    with pytest.raises(
        NotMeasurable, match=r"none of 40 cases says when it expires, and drift\.yaml sets no `max_age`"
    ):
        expired_cases.measure(world({"created_at": at(ago(weeks=500))}))
    with pytest.raises(NotMeasurable, match=r"none of 40 cases has a date, and git does not tell one \(no git\)"):
        expired_cases.measure(world(max_age={"default": dt.timedelta(weeks=8)}, written_why="no git"))


# what nobody reviewed


def with_verdicts(made: Comparison, *items: str, time: float | None = None) -> Comparison:
    """The runs judged by these items, in the first run."""
    assert made.runs is not None
    first = made.runs.run_ids[0]
    rubric = made.runs.rubric.iloc[:0].reindex(columns=list(RUBRIC_COLUMNS))
    for number, item in enumerate(items):
        rubric.loc[number] = [first, None, "x", item, 1.0]
    frame = made.runs.frame
    if time is not None:
        frame = frame.assign(run_time=frame["run_time"].where(frame["run_id"] != first, time))
    return dataclasses.replace(made, runs=dataclasses.replace(made.runs, rubric=rubric, frame=frame))


ITEMS = (
    RubricEntry(name="tone", reviewed=ago(weeks=30), owner="ana"),
    RubricEntry(name="facts", reviewed=ago(weeks=3)),
)


def test_the_rubric_is_as_old_as_its_longest_unread_item() -> None:
    measured = rubric_age.measure(with_verdicts(world(rubric=ITEMS, owner="eve"), "tone", "length"))
    assert measured.value == 30
    assert (
        measured.summary == "tone is the longest unread of 2 rubric items, 30 weeks; 1 item of the runs is undeclared."
    )
    assert [(one.label, one.numbers.get("owner")) for one in measured.evidence] == [
        ("tone", "ana"),
        ("facts", "eve"),
        ("length", None),
    ]
    assert row(measured.evidence, "length").numbers["reviewed"] == "undeclared"
    assert judge(Plan(rubric_age, rubric_age.DEFAULT, (), required=False), measured).status is FindingStatus.WARN


def test_an_item_never_reviewed_is_as_old_as_the_runs_that_judge_by_it() -> None:
    bare = (RubricEntry(name="tone"),)
    made = with_verdicts(world(rubric=bare), "tone", time=at(ago(weeks=50)))
    measured = rubric_age.measure(made)
    assert measured.value == 50
    assert row(measured.evidence, "tone").numbers["reviewed"] == f"never, in runs since {ago(weeks=50)}"
    assert "1 item was never reviewed" in measured.summary
    measured = rubric_age.measure(with_verdicts(world(rubric=bare), "other", time=at(ago(weeks=60))))
    assert row(measured.evidence, "tone").numbers["reviewed"] == f"never, runs since {ago(weeks=60)}"
    without_runs = dataclasses.replace(world({"created_at": at(ago(weeks=44))}, rubric=bare), runs=None)
    assert rubric_age.measure(without_runs).value == 44
    with pytest.raises(NotMeasurable, match="1 rubric item without `reviewed`"):
        rubric_age.measure(dataclasses.replace(world(rubric=bare), runs=None))


def test_a_rubric_that_only_the_runs_know_is_named() -> None:
    with pytest.raises(NotMeasurable, match=r"0 rubric items are declared .*: the runs name length, tone; give name"):
        rubric_age.measure(with_verdicts(world(), "tone", "length"))


# what nobody owns


def test_everything_without_an_owner_is_counted() -> None:
    owners = ["ana" if n >= 5 else None for n in range(N)]
    made = world({"owner": owners}, rubric=ITEMS, owners={"s1": "ana", "s99": "ben"})
    measured = unowned.measure(made)
    assert [one.label for one in measured.evidence] == [
        "the eval set",
        "cases, of which most have one",
        "rubric item facts",
        "slice s99, which is gone",
    ]
    assert measured.value == 1 + 5 + 1 + 1
    assert row(measured.evidence, "cases, of which most have one").case_ids[:2] == ("c0000", "c0001")
    assert judge(Plan(unowned, unowned.DEFAULT, (), required=False), measured).status is FindingStatus.WARN


def test_what_names_no_owner_is_the_affair_of_the_set_s_owner() -> None:
    owners = ["ana" if n >= 5 else None for n in range(N)]
    made = world({"owner": owners, "expires_at": at(ago(days=3))}, rubric=ITEMS, owner="eve")
    assert unowned.measure(made).value == 0
    assert {one.numbers["owner"] for one in expired_cases.measure(made).evidence} == {"ana", "eve"}, "as here"
    assert [one.numbers["owner"] for one in rubric_age.measure(made).evidence[:2]] == ["ana", "eve"]


def test_a_waiver_that_nobody_answers_for_is_counted() -> None:
    waivers = tuple(
        Waiver(check="csat-gap", slice=slice_id, until=TODAY, owner=owner, reason="survey changed")
        for slice_id, owner in (("s4", ""), (None, "  "), ("s2", "ben"))
    )
    measured = unowned.measure(world(owner="eve", waivers=waivers))
    assert (measured.value, [one.label for one in measured.evidence]) == (
        2,
        ["waiver of csat-gap in s4", "waiver of csat-gap"],
    )
    assert measured.summary == "2 things have no owner: waiver of csat-gap in s4, waiver of csat-gap."


def test_cases_need_no_owner_where_few_have_one() -> None:
    owners = ["ana" if n < 19 else None for n in range(N)]
    measured = unowned.measure(world({"owner": owners}, owner="eve"))
    assert (measured.value, measured.evidence) == (0, ())
    assert measured.summary == "Everything that is declared has an owner."


def test_without_a_drift_yaml_nobody_could_be_named() -> None:
    with pytest.raises(NotMeasurable, match=r"no drift\.yaml"):
        unowned.measure(world(is_declared=False))


# waivers that ran out


def test_a_waiver_holds_on_its_last_day() -> None:
    waivers = tuple(
        Waiver(check="csat-gap", slice=slice_id, until=until, owner="ben", reason="survey changed")
        for slice_id, until in (("s4", ago(days=1)), (None, TODAY), ("s2", ago(days=30)))
    )
    measured = expired_waivers.measure(world(waivers=waivers))
    assert measured.value == 2
    assert measured.summary == f"2 waivers ran out before {TODAY}: csat-gap of s2 (ben), csat-gap of s4 (ben)."
    assert [(one.numbers["slice"], one.numbers["days over"]) for one in measured.evidence] == [("s2", 30), ("s4", 1)]
    assert "`driftcheck waive CHECK" in measured.fix
    plan = Plan(expired_waivers, expired_waivers.DEFAULT, (), required=False)
    assert judge(plan, measured).status is FindingStatus.WARN
    assert expired_waivers.measure(world(waivers=waivers[1:2])).summary == f"1 waiver holds on {TODAY}."
