"""From ranked traces to masked proposals."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

from driftcheck.proposals import Proposal, Why
from driftcheck.refreshing.proposing import (
    MAX_CONTEXT,
    named_in_ids,
    propose,
    tokens_of,
    turns_before,
    was_asked,
)
from driftcheck.refreshing.ranking import Ranked
from driftcheck.watching import Unwatched


def masked(text: str) -> str:
    return re.sub(r"\S+@\S+", "[EMAIL]", text)


def sample(texts: Sequence[str]) -> pd.DataFrame:
    n = len(texts)
    return pd.DataFrame(
        {
            "trace_id": [f"t{i}" for i in range(n)],
            "session": range(100, 100 + n),
            "text": [f"user: Hello\nuser: {text}" for text in texts],
            "input": texts,
            "conversation": None,
            "output": [f"write to me{i}@x.org" for i in range(n)],
            "comment": [None, "call ana@x.org", *[None] * (n - 2)],
            "satisfied": [float("nan"), 0.5, *[1.0] * (n - 2)],
        }
    )


def proposals(
    texts: Sequence[str], n: int, inputs: Sequence[str] = (), sealed: Sequence[str] = ()
) -> tuple[Proposal, ...]:
    return proposed(sample(texts), n, inputs, sealed)


def proposed(
    frame: pd.DataFrame, n: int = 9, inputs: Sequence[str] = (), sealed: Sequence[str] = ()
) -> tuple[Proposal, ...]:
    ranked = [Ranked(row, None, Why.PROPORTIONAL) for row in range(len(frame))]
    languages = ["und", *["en"] * (len(frame) - 1)]
    made, rows = propose(
        ranked,
        frame,
        languages,
        (),
        n=n,
        inputs=inputs,
        mask=masked,
        shown=lambda name, value: f"{name} {value}",
        is_sealed=lambda text: text in sealed,
        watcher=Unwatched(),
    )
    assert [tokens_of(frame["trace_id"][row], 0, "")[0][:8] for row in rows] == [one.case_id[5:] for one in made]
    return made


def test_every_text_is_masked_and_what_is_not_known_is_none() -> None:
    first, second = proposals(["where is ana@x.org", "my refund"], 2)
    assert first.input_text == "where is [EMAIL]"
    assert first.answer == "write to [EMAIL]"
    assert second.comment == "call [EMAIL]"
    assert (first.satisfied, second.satisfied) == (None, 0.5)
    assert (first.language, second.language) == (None, "en")
    assert (first.slice_id, first.why) == ("", Why.PROPORTIONAL)
    assert first.case_id.startswith("prod-")
    assert first.case_id != second.case_id


def test_what_masking_leaves_empty_or_alike_gives_its_place_to_the_next() -> None:
    texts = ["a@x.org", "reach b@x.org please", "reach c@x.org please", "Known  case", "and this"]
    assert [one.input_text for one in proposals(texts, 2, ["known case"])] == ["reach [EMAIL] please", "and this"]


def test_what_is_sealed_is_told_by_the_masked_texts_of_input_answer_and_comment() -> None:
    texts = ["where is ana@x.org", "my refund", "this one", "that one"]
    assert [one.input_text for one in proposals(texts, 4, sealed=["where is [EMAIL]", "call [EMAIL]"])] == texts[2:]
    assert proposals(texts, 4, sealed=["write to [EMAIL]"]) == ()


def test_trace_session_and_input_are_each_known_again() -> None:
    frame = sample(["first text", "second text", "third text", "fourth text"])
    tokens = {tokens_of("t0", 1, "x")[0], tokens_of("x", 101, "x")[1], tokens_of("x", 1, "THIRD  Text")[2]}
    assert was_asked(frame, tokens, ()).tolist() == [True, True, True, False]
    assert was_asked(frame, (), ["t3"]).tolist() == [False, False, False, True]


def test_the_last_turn_is_the_input_and_the_turns_before_it_are_masked_context() -> None:
    frame = sample(["To Rome", "plain text"])
    turns = "user: I am ana@x.org\nassistant: Where to?\nuser: To Rome\nassistant: To Rome it is"
    frame["conversation"] = [turns, "user: plain text\nassistant: Yes"]
    frame["slice:plan"] = ["pro", None]
    first, second = proposed(frame)
    assert first.input_text == "To Rome"
    assert first.conversation == "user: I am [EMAIL]\nassistant: Where to?"
    assert second.conversation is None
    assert (first.slices, second.slices) == ({"plan": "plan pro"}, {})
    assert [one.input_text for one in proposed(frame, sealed=["Where to?"])] == ["plain text"]


def test_of_a_long_conversation_the_last_whole_lines_are_kept() -> None:
    long = "".join(f"user: line {number} of many\n" for number in range(5_000))
    kept = turns_before(f"{long}user: x", "x")
    assert kept is not None
    assert MAX_CONTEXT - 40 < len(kept) <= MAX_CONTEXT
    assert kept.startswith("user: line ")
    assert kept.endswith("user: line 4999 of many")


def test_ids_are_what_every_file_can_hold_and_known_again_as_that() -> None:
    frame = sample(["first text", "second text"])
    frame["trace_id"] = ["\x1b[31m81", "{{ env.KEY }}"]
    made = [one.trace_id for one in proposed(frame)]
    assert made == ["\ufffd[31m81", "{ { env.KEY } }"]
    assert was_asked(frame, (), made).tolist() == [True, True]


def test_ids_that_name_people_are_warned_of_once() -> None:
    (warning,) = named_in_ids(["4111-1111", "run-ana@x.org", "run-bo@x.org"], masked)
    assert "personal data" in warning
