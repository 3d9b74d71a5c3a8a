"""Cases become an eval set, results find their case."""

from __future__ import annotations

from dataclasses import replace

from driftcheck.config import TextChoice
from driftcheck.joining import make_eval_set, make_runs
from driftcheck.records import Case, EvalSet, Freshness, Result, Status


def case(case_id: str | None, text: str | None, **more: object) -> Case:
    return Case(case_id=case_id, input_text=text, where="e.jsonl:1", **more)  # type: ignore[arg-type]  # test shorthand


def result(case_id: str | None, text: str | None, status: Status = Status.PASS, **more: object) -> Result:
    return Result(run_id=None, case_id=case_id, input_text=text, status=status, where="r:1", **more)  # type: ignore[arg-type]


def eval_set(*cases: Case, slices: tuple[str, ...] = ()) -> EvalSet:
    return make_eval_set(cases, (), text=TextChoice.LAST_TURN, slices=slices)


def test_repeated_ids_stay_apart_whatever_the_order() -> None:
    cases = [case("a", "second"), case("b", "other"), case("a", "first")]
    forward, backward = eval_set(*cases), eval_set(*cases[::-1])
    assert forward.frame["case_id"].tolist() == ["a", "a#2", "b"]
    assert forward.frame.drop(columns="where").equals(backward.frame.drop(columns="where"))
    assert forward.frame["text"].tolist() == ["first", "second", "other"]


def test_cases_without_id_get_one_from_their_content() -> None:
    made = eval_set(case(None, "Hello  there"), case(None, "bye"))
    again = eval_set(case(None, "hello there"))
    assert set(again.frame["case_id"]) < set(made.frame["case_id"])


def test_cases_without_input_are_left_out() -> None:
    assert eval_set(case("a", None), case("b", "  "), case("c", "x")).frame["case_id"].tolist() == ["c"]


def test_the_conversation_is_embedded_when_asked_for() -> None:
    cases = [case("a", "last", conversation="user: first\nuser: last"), case("b", "only")]
    made = make_eval_set(cases, (), text=TextChoice.CONVERSATION)
    assert made.frame["text"].tolist() == ["user: first\nuser: last", "only"]


def test_declared_slices_take_language_from_its_own_field() -> None:
    made = eval_set(case("a", "x", language="de", tags={"intent": "refund"}), slices=("intent", "language"))
    assert made.frame[["slice:intent", "slice:language"]].to_numpy().tolist() == [["refund", "de"]]


def test_results_join_by_id_then_by_input_and_say_what_is_left() -> None:
    cases = eval_set(case("a", "First question?"), case("b", "second"))
    runs = make_runs(
        [("r1", result("a", None)), ("r1", result("zz", "SECOND ")), ("r1", result(None, "third"))], (), cases
    )
    assert runs.frame["case_id"].fillna("-").tolist() == ["-", "a", "b"] or set(runs.frame["case_id"].dropna()) == {
        "a",
        "b",
    }
    assert runs.n_unjoined == 1


def test_runs_are_ordered_by_time_and_those_without_come_first() -> None:
    cases = eval_set(case("a", "x"))
    runs = make_runs(
        [
            ("late", result("a", None, run_time=200.0)),
            ("early", result("a", None, run_time=100.0)),
            ("no time", result("a", None)),
        ],
        (),
        cases,
    )
    assert runs.run_ids == ("no time", "early", "late")


def test_a_copy_of_a_run_counts_once_and_repeats_count_all() -> None:
    cases = eval_set(case("a", "x"))
    one = Result(run_id="run", case_id="a", input_text=None, status=Status.PASS, where="", repeat=0)
    two = Result(run_id="run", case_id="a", input_text=None, status=Status.FAIL, where="", repeat=1)
    runs = make_runs([("log", one), ("log", two), ("copy of log", one), ("copy of log", two)], (), cases)
    assert len(runs.frame) == 2


def test_ids_that_every_file_counts_from_one_are_told_apart_by_the_input() -> None:
    cases = eval_set(case("1", "first file"), case("1", "second file"), case("2", "third"))
    results = [
        result("1", "first file"),
        result("1", "second file", Status.FAIL),
        result("1", None),
        result("7", "third"),
    ]
    frame = make_runs([("r", one) for one in results], (), cases).frame
    by_case = dict(zip(frame["case_id"].fillna("-"), frame["status"], strict=True))
    assert by_case == {"1": "pass", "1#2": "fail", "2": "pass", "-": "pass"}


def test_an_id_is_trusted_where_the_input_was_rendered_into_something_else() -> None:
    cases = eval_set(case("a", "refund window"))
    runs = make_runs([("r", result("a", "You are an assistant. Question: refund window"))], (), cases)
    assert runs.frame["case_id"].tolist() == ["a"]


def test_a_language_is_one_slice_however_it_is_written() -> None:
    made = eval_set(case("a", "x", language="German"), case("b", "y", tags={"language": "de-AT"}), slices=("language",))
    assert made.frame["slice:language"].tolist() == ["de", "de"]


def test_what_a_case_says_of_its_age_and_origin_stands_beside_it() -> None:
    told = Freshness(validated_at=2e9, expires_at=3e9, owner="ana", source_trace_id="t1", provenance="production")
    made = eval_set(case("a", "x", created_at=1e9, freshness=told, tags={"b": "2", "a": "1"}), case("b", "y"))
    dates = made.frame[["created_at", "validated_at", "expires_at"]]
    assert dates.iloc[0].tolist() == [1e9, 2e9, 3e9]
    assert dates.iloc[1].isna().all()
    said = made.frame[["owner", "source_trace_id", "provenance", "split", "tags"]]
    assert said.iloc[0].tolist() == ["ana", "t1", "production", None, "a=1\nb=2"]
    assert said.iloc[1].tolist() == [None, None, None, None, ""]  # None as declared, no NaN


def test_verdicts_of_rubric_items_follow_their_results() -> None:
    cases = eval_set(case("a", "first"), case("b", "second"))
    results = [
        ("late", result("a", None, run_time=2.0, rubric={"polite": False, "exact": True})),
        ("early", result("b", None, run_time=1.0, rubric={"polite": True})),
        ("copy of late", result("a", None, run_time=2.0, rubric={"polite": True})),
    ]
    results = [(name, replace(one, run_id=name.removeprefix("copy of "))) for name, one in results]
    rubric = make_runs(results, (), cases).rubric
    # oldest run first; of the copies of a run the first by its file's name counts, with its verdicts
    assert rubric[["run_id", "case_id", "item", "met"]].to_numpy().tolist() == [
        ["early", "b", "polite", 1.0],
        ["late", "a", "polite", 1.0],
    ]
    assert make_runs([("r", result("a", None))], (), cases).rubric.empty
