"""Text: what was said, out of every shape that exports wrap it in."""

import json
from typing import Any

import pytest

from driftcheck.loaders.text import MAX_TEXT, answer_text, conversation_of, parsed, to_text

CHAT = [
    {"role": "system", "content": "Be kind."},
    {"role": "user", "content": "Hi"},
    {"role": "assistant", "content": "Hello!"},
    {"role": "user", "content": "Bye"},
    {"role": "assistant", "content": "See you."},
]
SHAREGPT = [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello!"}]
LANGCHAIN = [
    [
        {"lc": 1, "type": "constructor", "id": ["langchain", "HumanMessage"], "kwargs": {"content": "Hi"}},
        {"lc": 1, "type": "constructor", "id": ["langchain", "AIMessage"], "kwargs": {"content": "Hello!"}},
    ]
]
GEMINI = {"contents": [{"role": "user", "parts": [{"text": "Hi"}]}, {"role": "model", "parts": [{"text": "Hello!"}]}]}
OTEL = [{"role": "user", "parts": [{"type": "text", "content": "Hi"}]}]
FEW_SHOT = [
    {"role": "system", "content": "Translate."},
    {"role": "system", "name": "example_user", "content": "Hallo"},
    {"role": "system", "name": "example_assistant", "content": "Hello"},
]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Hi", "Hi"),
        ("", None),
        ("  \n", None),
        (None, None),
        ([], None),
        ({}, None),
        (float("nan"), None),
        (7, "7"),
        (True, "True"),
        ("[link](https://x)", "[link](https://x)"),
        ("{not json", "{not json"),
        ('"quoted" and more', '"quoted" and more'),
        (CHAT, "Bye"),
        (json.dumps(CHAT), "Bye"),
        (json.dumps(json.dumps(CHAT)), "Bye"),
        (str(CHAT), "Bye"),
        ('"\\"Say hi\\""', "Say hi"),
        (SHAREGPT, "Hi"),
        (LANGCHAIN, "Hi"),
        (GEMINI, "Hi"),
        (OTEL, "Hi"),
        (FEW_SHOT, "Hello"),
        ({"messages": CHAT}, "Bye"),
        ({"question": "Why?", "context": "..."}, "Why?"),
        ({"inputs": {"x": "Why?"}}, '{"inputs": {"x": "Why?"}}'),
        ({"anything": "Why?", "n": 3}, "Why?"),
        ({"b": 1, "a": 2}, '{"a": 2, "b": 1}'),
        ({"input": "", "query": "Why?"}, "Why?"),
        (["a", "b"], "a\nb"),
        ([{"type": "text", "text": "See:"}, {"type": "image_url", "image_url": {"url": "data:"}}], "See:\n[image]"),
        ([{"role": "user", "content": [{"type": "input_text", "text": "Hi"}]}], "Hi"),
        ([{"role": "user", "content": None}], None),
        ([{"role": "assistant", "content": "Hello!"}], None),
        ({"role": "user", "content": "Hi"}, "Hi"),
        ({"author": {"role": "user"}, "content": {"content_type": "text", "parts": ["Hi"]}}, "Hi"),
        ("a\ud800b", "a?b"),
    ],
)
def test_the_text_of_an_input(value: Any, text: str | None) -> None:
    assert to_text(value) == text


def test_enormous_texts_are_cut() -> None:
    assert to_text("é" * 200_000) == "é" * MAX_TEXT


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (CHAT, "See you."),
        ("Fine.", "Fine."),
        ({"role": "assistant", "content": "Fine."}, "Fine."),
        (SHAREGPT, "Hello!"),
        (None, None),
    ],
)
def test_the_text_of_an_output(value: Any, text: str | None) -> None:
    assert answer_text(value) == text


@pytest.mark.parametrize(
    ("value", "conversation"),
    [
        ("Hi", None),
        (CHAT[:1], None),
        (SHAREGPT, "user: Hi\nassistant: Hello!"),
        (json.dumps({"messages": SHAREGPT}), "user: Hi\nassistant: Hello!"),
        (GEMINI, "user: Hi\nassistant: Hello!"),
        (LANGCHAIN, "user: Hi\nassistant: Hello!"),
        (["Hi", "Hello"], None),
    ],
)
def test_all_turns(value: Any, conversation: str | None) -> None:
    assert conversation_of(value) == conversation


def test_nesting_without_end_is_no_crash() -> None:
    value: Any = "x"
    for _ in range(5_000):
        value = {"input": value}
    assert to_text(value) is None
    assert to_text("[" * 100_000) == "[" * 100_000
    assert parsed("[" * 50_000 + "]" * 50_000) is not None


def test_python_literals_are_read_and_nothing_is_run() -> None:
    assert parsed("{'a': ['b', None]}") == {"a": ["b", None]}
    assert parsed("[__import__('os').getcwd()]") == "[__import__('os').getcwd()]"


def test_items_of_responses_among_messages_say_nothing() -> None:
    items = [
        {"role": "user", "content": "Hello"},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Hi!"}]},
        {"type": "reasoning", "summary": []},
        {"role": "user", "content": [{"type": "input_text", "text": "Refund?"}]},
        {"type": "function_call", "name": "search", "arguments": "{}", "call_id": "c"},
        {"type": "function_call_output", "call_id": "c", "output": "30"},
    ]
    assert to_text(items) == "Refund?"
    assert conversation_of(items) == "user: Hello\nassistant: Hi!\nuser: Refund?"
    assert answer_text(items) == "Hi!"
