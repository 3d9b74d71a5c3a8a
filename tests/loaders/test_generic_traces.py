"""Generic traces: production traffic in tables of the users' own making."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from driftcheck.errors import InputError
from driftcheck.loaders import generic_traces
from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.document import ReadLog, open_document
from driftcheck.loaders.source import find_sources
from driftcheck.records import Feedback, FeedbackSource, Trace

Read = Callable[..., tuple[list[Trace], ReadLog]]
TIME = {"timestamp": "2026-08-10T12:30:15Z"}


@pytest.fixture
def traces(tmp_path: Path) -> Read:
    """Read traces from a text or from rows; the sniffer has to be sure first, where no columns are named."""

    def traces(text: str | list[dict[str, Any]], **columns: str) -> tuple[list[Trace], ReadLog]:
        (tmp_path / "log").write_text(text if isinstance(text, str) else "\n".join(map(json.dumps, text)))
        doc = open_document(find_sources(["log"], base=tmp_path)[0])
        if not columns:
            assert generic_traces.sniff(doc) is not None
        log = ReadLog()
        return list(generic_traces.read(doc, log, ColumnMap(columns))), log

    return traces


def test_a_row_in_full(traces: Read) -> None:
    row = {
        **{"Trace ID": "t1", **TIME, "Session ID": 7, "User ID": "u", "User Message": "Hi", "Response": "Yo"},
        **{"Model": "m", "Lang": "de", "error": None, "plan": "pro", "latency_ms": 12, "csat": 4, "is_new": True},
        **{"environment": "production", "tools_called": ["search"]},
    }
    (trace, _), _ = traces([row, row])
    assert trace == Trace(
        trace_id="t1",
        input_text="Hi",
        where="log:1",
        timestamp=1786365015.0,
        session_id="7",
        user_id="u",
        output_text="Yo",
        model="m",
        tools=("search",),
        language="de",
        tags={"plan": "pro", "is_new": "true"},
        feedback=(Feedback("csat", 4.0, None, FeedbackSource.USER),),
        environment="production",
    )


def test_unrated_stays_unrated(traces: Read) -> None:
    found, _ = traces(
        "timestamp,input,session_id,csat,thumbs\n2026-08-10,a,1,,\n2026-08-10,b,2,5,👎\n2026-08-10,c,3,NaN,\n"
    )
    assert [[(rating.name, rating.value) for rating in trace.feedback] for trace in found] == [
        [],
        [("csat", 5.0), ("thumbs", 0.0)],
        [],
    ]


def test_feedback_errors_and_sessions_that_only_later_rows_have(traces: Read) -> None:
    rows: list[dict[str, Any]] = [{**TIME, "input": f"q{n}", "output": "x", "model": "m"} for n in range(80)]
    rows[60] |= {"rating": 2, "error": "timeout", "session_id": "s", "channel": "web"}
    found, _ = traces(rows)
    late = found[60]
    assert (late.error, late.session_id, late.tags) == ("timeout", "s", {"channel": "web"})
    assert [(rating.name, rating.value) for rating in late.feedback] == [("rating", 2.0)]
    assert found[61].feedback == ()


@pytest.mark.parametrize(
    ("feedback", "ratings"),
    [
        ({"score": 1, "comment": "fine"}, [("feedback", 1.0)]),
        ({"csat": 4, "latency": 3}, [("csat", 4.0)]),
        ([{"name": "thumbs", "value": "up"}], [("thumbs", 1.0)]),
        ("positive", [("feedback", 1.0)]),
        (None, []),
    ],
)
def test_shapes_of_feedback(traces: Read, feedback: Any, ratings: list[tuple[str, float]]) -> None:
    (trace,), _ = traces([{**TIME, "input": "a", "output": "b", "feedback": feedback}])
    assert [(rating.name, rating.value) for rating in trace.feedback] == ratings


def test_a_named_satisfaction_column_counts(traces: Read) -> None:
    (trace,), _ = traces([{"q": "a", "grade_by_user": 3}], input="q", satisfaction="grade_by_user")
    assert trace.feedback == (Feedback("grade_by_user", 3.0, None, FeedbackSource.USER),)


def test_wildchat(traces: Read) -> None:
    turns = [
        {"content": "Hallo", "role": "user", "language": "German", "toxic": False},
        {"content": "Guten Tag", "role": "assistant", "language": "German", "toxic": False},
    ]
    row = {"conversation_hash": "h", "model": "gpt-4", **TIME, "conversation": turns, "turn": 1, "language": "German"}
    (trace,), _ = traces([row | {"country": "Austria", "toxic": False, "hashed_ip": "x"}])
    assert (trace.trace_id, trace.input_text, trace.output_text) == ("h", "Hallo", "Guten Tag")
    assert trace.conversation == "user: Hallo\nassistant: Guten Tag"
    assert (trace.language, trace.user_id) == ("German", "x")
    assert trace.tags == {"country": "Austria", "toxic": "false"}


def test_sharegpt_has_no_time(traces: Read) -> None:
    row = {"id": "a_0", "conversations": [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Yo"}]}
    (trace,), _ = traces(json.dumps([row]))
    assert (trace.trace_id, trace.input_text, trace.output_text, trace.timestamp) == ("a_0", "Hi", "Yo", None)


def test_one_message_a_row(traces: Read) -> None:
    found, log = traces(
        "conversation_id,role,content,timestamp\n"
        "c1,user,Hi,2026-08-10T12:00:00Z\nc1,assistant,Yo,2026-08-10T12:00:01Z\nc1,user,Bye,2026-08-10T12:00:02Z\n"
    )
    assert [(trace.session_id, trace.input_text, trace.output_text) for trace in found] == [
        ("c1", "Hi", "Yo"),
        ("c1", "Bye", None),
    ]
    assert found[1].conversation == "user: Hi\nassistant: Yo\nuser: Bye"
    assert log.n_counted == 3
    assert "one row is one message" in log.warnings[0]


def message(minute: int, session: str | None, role: str, text: str, **more: Any) -> dict[str, Any]:
    time = f"2026-08-10T12:{minute:02}:00Z"
    return {"message_id": f"m{minute}", "chat_id": session, "role": role, "content": text, "created_at": time, **more}


def test_messages_of_conversations_that_take_turns(traces: Read) -> None:
    found, log = traces(
        [
            message(0, "c1", "assistant", "Hello!"),
            message(1, "c1", "user", "Refund?", model=None),
            message(2, "c2", "human", "When?"),
            message(3, "c1", "assistant", "Let me look.", model="m"),
            message(4, "c1", "tool", "30"),
            message(5, "c2", "bot", "Now", rating=2),
            message(6, "c1", "assistant", "30 days", rating=5),
            message(7, "c1", "user", "Thanks"),
        ]
    )
    by_id = {trace.trace_id: trace for trace in found}
    assert [(key, trace.input_text, trace.output_text) for key, trace in sorted(by_id.items())] == [
        ("m1", "Refund?", "Let me look.\n30 days"),
        ("m2", "When?", "Now"),
        ("m7", "Thanks", None),
    ]
    assert [rating.value for rating in by_id["m1"].feedback + by_id["m2"].feedback] == [5.0, 2.0]
    assert by_id["m1"].model == "m"
    assert by_id["m1"].tags == {}
    assert by_id["m1"].conversation == "assistant: Hello!\nuser: Refund?"
    assert log.n_counted == 8


def test_messages_that_come_newest_first(traces: Read) -> None:
    rows = [
        message(1, "c1", "user", "Refund?"),
        message(2, "c1", "assistant", "30"),
        message(3, "c1", "assistant", "days"),
        message(4, "c1", "user", "Thanks"),
        message(5, "c1", "assistant", "Bye"),
    ]
    found, log = traces(rows[::-1])
    assert [(trace.input_text, trace.output_text) for trace in found] == [("Thanks", "Bye"), ("Refund?", "30\ndays")]
    assert any("newest message comes first" in text for text in log.warnings)


@pytest.mark.parametrize(
    ("column", "asks", "answers"),
    [("direction", "inbound", "outbound"), ("type", "user", "assistant"), ("senderType", "Customer", "Bot")],
)
def test_who_speaks_under_other_names(traces: Read, column: str, asks: str, answers: str) -> None:
    rows = [
        {**TIME, "sender": "Jane", column: asks, "body": "Refund?", "chatId": "c1"},
        {**TIME, "sender": "Max", column: answers, "body": "30 days", "chatId": "c1"},
    ]
    (found,), _ = traces(rows)
    assert (found.input_text, found.output_text, found.session_id) == ("Refund?", "30 days", "c1")


def test_messages_without_a_conversation_follow_one_another(traces: Read) -> None:
    rows = [message(n, None, role, text) for n, (role, text) in enumerate([("user", "Why?"), ("assistant", "So")])]
    (found,), _ = traces(rows)
    assert (found.input_text, found.output_text, found.session_id) == ("Why?", "So", None)


@pytest.mark.parametrize("column", ["status", "outcome", "state", "conversation_status"])
def test_what_came_of_a_conversation_is_no_error_but_feedback(traces: Read, column: str) -> None:
    came = ["resolved", "Escalated", "open", "abandoned", "escalated to human", "timeout"]
    rows = [{**TIME, "chat_id": f"c{n}", "input": f"{n}?", "output": "a", column: word} for n, word in enumerate(came)]
    found, _ = traces(rows)
    assert [[rating.label for rating in trace.feedback] for trace in found] == [
        ["resolved"],
        ["Escalated"],
        [],
        ["abandoned"],
        ["escalated to human"],
        [],
    ]
    assert {rating.source for trace in found for rating in trace.feedback} == {FeedbackSource.USER}
    errors = ["timeout"] if column == "status" else [None]
    assert [trace.error for trace in found] == [None] * 5 + errors


def test_ratings_in_a_list_say_who_gave_them(traces: Read) -> None:
    given = [
        {"name": "tone", "value": 4, "source": "HUMAN"},
        {"name": "tone2", "value": 1, "source_type": "llm_judge"},
        {"name": "csat", "value": 5},
    ]
    (found,), _ = traces([{**TIME, "input": "Hi", "output": "Yo", "annotations": given}])
    assert [(rating.name, rating.source) for rating in found.feedback] == [
        ("tone", FeedbackSource.ANNOTATOR),
        ("tone2", FeedbackSource.JUDGE),
        ("csat", FeedbackSource.USER),
    ]


def test_status_of_a_call_is_no_feedback(traces: Read) -> None:
    rows = [{**TIME, "input": "Hi", "output": "Yo", "status": word} for word in ("success", "timeout", "ok")]
    found, _ = traces(rows)
    assert [(trace.error, trace.feedback) for trace in found] == [(None, ()), ("timeout", ()), (None, ())]


def test_user_beside_assistant(traces: Read) -> None:
    (trace,), _ = traces([{**TIME, "user": "Hi", "assistant": "Yo"}])
    assert (trace.input_text, trace.output_text, trace.user_id) == ("Hi", "Yo", None)


@pytest.mark.parametrize(
    ("column", "value", "error"),
    [
        ("error", "", None),
        ("error", "timeout", "timeout"),
        ("error", {"message": "no quota", "code": 429}, "no quota"),
        ("is_error", True, "error"),
        ("is_error", False, None),
        ("is_error", "true", "error"),
        ("is_error", "false", None),
        ("is_error", "1", "error"),
        ("status", True, None),
        ("status", "success", None),
        ("status", "failed", "failed"),
        ("status", "completed", None),
        ("status_code", 200, None),
        ("status_code", "503", "HTTP 503"),
    ],
)
def test_errors(traces: Read, column: str, value: Any, error: str | None) -> None:
    (trace,), _ = traces([{**TIME, "input": "a", "session_id": 1, "output": "b", column: value}])
    assert trace.error == error


def test_times_without_a_zone_are_utc_and_say_so(traces: Read) -> None:
    (trace,), log = traces("created_at,input,output\n2026-08-10 12:30:15.000,a,b\n")
    assert trace.timestamp == 1786365015.0
    assert log.warnings == ("created_at names no time zone: read as UTC",)


def test_times_that_cannot_be_read_are_counted_and_shown(traces: Read) -> None:
    times = ["2026-08-10", "yesterday", None, "NaT", "", "soon"] * 2 + ["2026-08-10"] * 12
    found, log = traces([{"time": time, "input": "a", "output": "b", "session_id": "s"} for time in times])
    assert sum(trace.timestamp is None for trace in found) == 10
    assert log.warnings == ("4 traces have a time that cannot be read (log:2)",)


@pytest.mark.parametrize(("value", "is_time"), [("2026-08-10 12:00", True), (1786365015, True), (1_000_000_001, False)])
def test_a_column_of_times_under_another_name_is_named(traces: Read, value: Any, is_time: bool) -> None:
    _, log = traces([{"when": value, "input": "a", "output": "b", "session_id": "s"}] * 2)
    said = "no time column recognised; name it: columns: {production: {timestamp: when}}"
    assert (said in log.warnings) == is_time
    assert said not in traces([{"when": value, **TIME, "input": "a", "output": "b"}])[1].warnings


def test_null_and_blank_inputs_are_kept_as_missing(traces: Read) -> None:
    rows = [{**TIME, "input": text, "output": "x"} for text in ("a", None, "", 7.5)]
    assert [trace.input_text for trace in traces(rows)[0]] == ["a", None, None, "7.5"]


def test_json_in_cells(traces: Read) -> None:
    text: str = json.dumps([{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yo"}]).replace(
        '"', '""'
    )
    (trace,), _ = traces(f'timestamp,input,output\n2026-08-10,"{text}","""Yo"""\n')
    assert (trace.input_text, trace.output_text) == ("Hi", "Yo")
    assert trace.conversation == "user: Hi\nassistant: Yo"


def test_no_input_lists_the_columns_and_the_key(traces: Read) -> None:
    with pytest.raises(InputError) as caught:
        traces("when,what\n2026-08-10,Hi\n", timestamp="when")
    assert str(caught.value) == (
        "log: no column for the input or the conversation; it has: when, what "
        "(name it in drift.yaml: columns: {production: {input: <column>}})"
    )
