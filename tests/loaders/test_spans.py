"""Rolling steps up to interactions, and reading the attributes of every convention."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from driftcheck.loaders import spans
from driftcheck.loaders.genai import Span, step_of
from driftcheck.loaders.genai_messages import Event, flat, gathered
from driftcheck.loaders.invocation import Said, answered, said
from driftcheck.loaders.read_log import ReadLog
from driftcheck.loaders.spans import Role, RollUp, Step
from driftcheck.loaders.trace_tags import tags_of, tags_of_list
from driftcheck.records import FeedbackSource, Trace


def rolled(steps: Iterable[Step], log: ReadLog | None = None) -> list[Trace]:
    rollup = RollUp(log or ReadLog())
    return [trace for step in steps for trace in rollup.add(step)] + list(rollup.finish())


def step(trace_id: str | None = "t", text: str | None = None, **more: Any) -> Step:
    return Step(trace_id, more.pop("where", "a.json:1"), input=Said(text) if text else None, **more)


def read(attributes: Mapping[str, Any], **more: Any) -> Step:
    return step_of(Span("a.json:1", attributes=attributes, **more))


def text(attributes: Mapping[str, Any], **more: Any) -> str | None:
    found = read(attributes, **more).input
    return found.text if found else None


# --- rolling up


def test_the_root_stands_for_the_trace_though_it_ends_last() -> None:
    steps = [
        step(text="Rewritten query", role=Role.MODEL, start=2, end=3, output="At 8", model="m"),
        step(text="When?", is_root=True, start=1, end=4, output="We open at 8", session_id="s", where="a.json:2"),
    ]
    (trace,) = rolled(steps)
    assert (trace.input_text, trace.output_text) == ("When?", "We open at 8")
    assert (trace.timestamp, trace.session_id, trace.model, trace.where) == (1, "s", "m", "a.json:2")


def test_a_root_without_text_leaves_it_to_the_outermost_that_has_some() -> None:
    steps = [
        step(text="inner", role=Role.CHAIN, start=3, end=4),
        step(text="outer", role=Role.CHAIN, start=2, end=5),
        step(text="model", role=Role.MODEL, start=1, end=6),
        step(is_root=True, start=0),
    ]
    assert rolled(steps)[0].input_text == "outer"


def test_model_calls_go_before_retrievers_and_tools_never_speak() -> None:
    steps = [
        step(text="search terms", role=Role.RETRIEVER, start=1),
        step(text="question", role=Role.MODEL, start=2),
        step(text="Berlin", role=Role.TOOL, start=0, tools=("weather",)),
        step(text="a document", role=Role.ASIDE, start=0),
    ]
    (trace,) = rolled(steps)
    assert trace.input_text == "question"
    assert trace.tools == ("weather",)


def test_a_text_goes_before_a_dump() -> None:
    dump = Step("t", "a:1", is_root=True, input=Said('{"a": 1, "b": 2}', None, True), start=0)
    assert rolled([dump, step(text="question", role=Role.MODEL, start=1)])[0].input_text == "question"
    assert rolled([dump])[0].input_text == '{"a": 1, "b": 2}'


def test_an_error_inside_counts_only_where_nothing_came_out() -> None:
    failed = step(role=Role.TOOL, error="Timeout")
    assert rolled([failed, step(text="q", is_root=True, output="a")])[0].error is None
    assert rolled([failed, step(text="q", is_root=True)])[0].error == "Timeout"
    assert rolled([step(text="q", is_root=True, output="a", error="Refused")])[0].error == "Refused"


def test_traces_without_a_root_are_said() -> None:
    log = ReadLog()
    assert rolled([step(text="q", role=Role.MODEL)], log)[0].input_text == "q"
    assert any("no root span" in warning for warning in log.warnings)


def test_no_content_is_said_with_how_to_turn_it_on() -> None:
    log = ReadLog()
    (trace,) = rolled([step(is_root=True, role=Role.MODEL, model="m")], log)
    assert trace.input_text is None
    (warning,) = log.warnings
    assert "no content captured in 1 of 1 traces" in warning
    assert "CAPTURE_MESSAGE_CONTENT" in warning


def test_steps_without_a_trace_id_are_interactions_of_their_own() -> None:
    assert [trace.input_text for trace in rolled([step(None, "a"), step(None, "b")])] == ["a", "b"]


def test_old_traces_are_closed_and_latecomers_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spans, "MAX_OPEN", 2)
    log = ReadLog()
    rollup = RollUp(log)
    early = [t.trace_id for name in "abc" for t in rollup.add(step(name, name, is_root=True))]
    assert early == ["a"]
    assert list(rollup.add(step("a", "late"))) == []
    assert log.n_skipped == 1
    assert sorted(str(t.trace_id) for t in rollup.finish()) == ["b", "c"]


def test_long_texts_close_traces_early(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spans, "MAX_OPEN_TEXT", 10)
    rollup = RollUp(ReadLog())
    early = [t.trace_id for name in "abc" for t in rollup.add(step(name, "123456", is_root=True))]
    assert early == ["a", "b"]


# --- attributes


GENAI = [
    {"role": "system", "parts": [{"type": "text", "content": "Be kind"}]},
    {"role": "user", "parts": [{"type": "text", "content": "When?"}]},
]


@pytest.mark.parametrize(
    "attributes",
    [
        {"gen_ai.input.messages": json.dumps(GENAI)},
        {"gen_ai.input.messages": GENAI},
        {"gen_ai": {"input": {"messages": GENAI}}},
        {"input.value": "When?"},
        {"input.value": '{"messages": [{"role": "user", "content": "When?"}]}', "input.mime_type": "application/json"},
        {"input.value": '{"query_bundle": {"query_str": "When?", "image_path": null}}'},
        {
            "llm.input_messages.0.message.role": "system",
            "llm.input_messages.0.message.content": "Be kind",
            "llm.input_messages.1.message.role": "user",
            "llm.input_messages.1.message.contents.0.message_content.type": "text",
            "llm.input_messages.1.message.contents.0.message_content.text": "When?",
        },
        {"llm.input_messages": [{"message.role": "user", "message.content": "When?"}]},
        {"llm": {"input_messages": [{"message": {"role": "user", "content": "When?"}}]}},
        {
            "gen_ai.prompt.0.role": "system",
            "gen_ai.prompt.0.content": "Be kind",
            "gen_ai.prompt.1.role": "user",
            "gen_ai.prompt.1.content": "When?",
        },
        {"gen_ai.prompt.0.role": "user", "gen_ai.prompt.0.content": '[{"type": "text", "text": "When?"}]'},
        {"traceloop.entity.input": '{"inputs": {"question": "When?"}, "tags": [], "metadata": {}}'},
        {"traceloop.entity.input": '{"args": ["When?"], "kwargs": {}}'},
        {"ai.prompt": '{"messages": [{"role": "user", "content": [{"type": "text", "text": "When?"}]}]}'},
        {"ai.prompt": '{"system": "Be kind", "prompt": "When?"}'},
        {"all_messages_events": '[{"role": "user", "content": "When?", "event.name": "gen_ai.user.message"}]'},
        {"events": '[{"event.name": "gen_ai.user.message", "content": "When?", "role": "user"}]'},
        {"request_data": '{"model": "m", "messages": [{"role": "user", "content": "When?"}]}'},
        {"langfuse.observation.input": '"When?"'},
    ],
)
def test_every_convention_of_input(attributes: dict[str, Any]) -> None:
    assert text(attributes, kind="LLM") == "When?"


@pytest.mark.parametrize(
    "attributes",
    [
        {"gen_ai.output.messages": '[{"role": "assistant", "parts": [{"type": "text", "content": "At 8"}]}]'},
        {"output.value": '{"text": "At 8", "raw": {"id": 1}}'},
        {"output.value": "At 8"},
        {"llm.output_messages.0.message.role": "assistant", "llm.output_messages.0.message.content": "At 8"},
        {"gen_ai.completion.0.role": "assistant", "gen_ai.completion.0.content": "At 8"},
        {"traceloop.entity.output": '{"outputs": {"answer": "At 8"}}'},
        {"ai.response.text": "At 8"},
        {"final_result": "At 8"},
        {"events": '[{"event.name": "gen_ai.choice", "message": {"role": "assistant", "content": "At 8"}}]'},
        {"response_data": '{"message": {"role": "assistant", "content": "At 8"}}'},
    ],
)
def test_every_convention_of_output(attributes: dict[str, Any]) -> None:
    assert read(attributes, kind="LLM").output == "At 8"


def test_messages_in_events_of_older_conventions() -> None:
    found = read(
        {"gen_ai.request.model": "m"},
        events=(
            Event("gen_ai.system.message", {"content": "Be kind"}),
            Event("gen_ai.user.message", {"content": "When?"}),
            Event("gen_ai.choice", {"message": '{"role": "assistant", "content": "At 8"}'}),
        ),
    )
    assert found.input is not None
    assert found.input.text == "When?"
    assert found.input.conversation == "system: Be kind\nuser: When?"
    assert found.output == "At 8"


def test_content_events() -> None:
    found = read(
        {},
        events=(
            Event("gen_ai.content.prompt", {"gen_ai.prompt": '[{"role": "user", "content": "When?"}]'}),
            Event(
                "gen_ai.client.inference.operation.details",
                {"gen_ai.output.messages": '[{"role": "assistant", "content": "At 8"}]'},
            ),
        ),
    )
    assert found.input is not None
    assert (found.input.text, found.output) == ("When?", "At 8")


@pytest.mark.parametrize(
    ("attributes", "kind", "role"),
    [
        ({"openinference.span.kind": "LLM"}, "", Role.MODEL),
        ({}, "RETRIEVER", Role.RETRIEVER),
        ({"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "search"}, "", Role.TOOL),
        ({"gen_ai.operation.name": "embeddings"}, "", Role.ASIDE),
        ({"gen_ai.operation.name": "invoke_agent"}, "", Role.CHAIN),
        ({"ai.operationId": "ai.generateText.doGenerate"}, "", Role.MODEL),
        ({"ai.operationId": "ai.toolCall"}, "", Role.TOOL),
        ({"ai.operationId": "ai.embed.doEmbed"}, "", Role.ASIDE),
        ({"traceloop.span.kind": "workflow"}, "", Role.CHAIN),
        ({"gen_ai.response.model": "m"}, "", Role.MODEL),
        ({"http.method": "GET"}, "SERVER", Role.CHAIN),
    ],
)
def test_roles(attributes: dict[str, Any], kind: str, role: Role) -> None:
    assert read(attributes, kind=kind).role is role


def test_who_where_and_with_what() -> None:
    found = read(
        {
            "session.id": "s",
            "enduser.id": 7,
            "gen_ai.request.model": "m",
            "gen_ai.response.model": "m-1",
            "metadata": '{"plan": "pro", "api_key": "x"}',
            "tag.tags": ["topic:cards", "beta"],
            "user.language": "de",
        },
        resource={"service.name": "bot", "deployment.environment.name": "staging"},
        name="turn",
    )
    assert (found.session_id, found.user_id, found.model, found.language, found.environment) == (
        "s",
        "7",
        "m-1",
        "de",
        "staging",
    )
    assert found.tags == {"name": "turn", "service": "bot", "plan": "pro", "topic": "cards", "tags": "beta"}


def test_tools_of_spans_and_of_calls() -> None:
    assert read({"gen_ai.operation.name": "execute_tool"}, name="execute_tool search").tools == ("search",)
    calls = '[{"role": "assistant", "parts": [{"type": "tool_call", "name": "search", "arguments": {}}]}]'
    assert read({"gen_ai.output.messages": calls}, kind="LLM").tools == ("search",)
    flattened = {"llm.output_messages.0.message.tool_calls.0.tool_call.function.name": "search"}
    assert read(flattened, kind="LLM").tools == ("search",)
    assert read({"ai.response.toolCalls": '[{"toolName": "search", "input": "{}"}]'}, kind="LLM").tools == ("search",)


def test_errors_of_events() -> None:
    assert read({}, events=(Event("exception", {"exception.type": "ValueError"}),)).error == "ValueError"


def test_feedback_in_attributes_and_evaluations() -> None:
    found = read(
        {"user.feedback": "👍", "eval.hallucination.score": 0.1, "http.status_code": 200},
        events=(
            Event(
                "gen_ai.evaluation.result",
                {"gen_ai.evaluation.name": "relevance", "gen_ai.evaluation.score.value": 0.9},
            ),
        ),
    )
    assert {(given.name, given.value, given.source) for given in found.feedback} == {
        ("user.feedback", 1.0, FeedbackSource.USER),
        ("relevance", 0.9, FeedbackSource.JUDGE),
    }


def test_flattening_and_gathering() -> None:
    assert flat({"a": {"b": {"c": 1}}, "d": [{"e": 1}], "f": {}}) == {"a.b.c": 1, "d": [{"e": 1}], "f": {}}
    assert gathered({"p.10.x": "b", "p.2.x": "a"}, "p") == [{"x": "a"}, {"x": "b"}]
    assert gathered({"p.2": "x", "p.2.y": "z"}, "p") is not None
    assert gathered({"q": 1}, "p") is None


@pytest.mark.parametrize("value", [None, "", [], {}, "null", 3.5, True, [[]], {"messages": []}])
def test_odd_values_say_little_and_raise_nothing(value: Any) -> None:
    said(value)
    answered(value)


def test_printed_messages_are_read() -> None:
    printed = {
        "messages": ["role='system' content='Be kind' name=None", "role='user' content='It\\'s when?' name=None"]
    }
    assert said(printed) == Said("It's when?", "system: Be kind\nuser: It's when?")


def test_tags_leave_out_ids_secrets_and_long_texts() -> None:
    metadata = {
        "plan": "pro",
        "trial": True,
        "n": 3,
        "request_id": "1",
        "public_key": "pk",
        "email": "a@b.c",
        "text": "x" * 65,
        "nested": {},
        "rating": 5,
    }
    assert tags_of(metadata) == {"plan": "pro", "trial": "true", "n": "3"}
    assert tags_of_list("a, b") == {"tags": "a, b"}
    assert tags_of_list(["https://x.y", "k: v", 3]) == {"k": "v", "tags": "https://x.y"}
    assert tags_of_list(None) == {}
