"""From ranked traces to masked proposals."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

from driftcheck.proposals import Proposal, Why
from driftcheck.refreshing.proposing import propose, tokens_of, was_asked
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
            "text": texts,
            "output": [f"write to me{i}@x.org" for i in range(n)],
            "comment": [None, "call ana@x.org", *[None] * (n - 2)],
            "satisfied": [float("nan"), 0.5, *[1.0] * (n - 2)],
        }
    )


def proposals(texts: Sequence[str], n: int, inputs: Sequence[str] = ()) -> tuple[Proposal, ...]:
    ranked = [Ranked(row, None, Why.PROPORTIONAL) for row in range(len(texts))]
    languages = ["und", *["en"] * (len(texts) - 1)]
    made, rows = propose(ranked, sample(texts), languages, (), n=n, inputs=inputs, mask=masked, watcher=Unwatched())
    assert [f"t{row}" for row in rows] == [one.trace_id for one in made]
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


def test_trace_session_and_input_are_each_known_again() -> None:
    frame = sample(["first text", "second text", "third text", "fourth text"])
    tokens = {tokens_of("t0", 1, "x")[0], tokens_of("x", 101, "x")[1], tokens_of("x", 1, "THIRD  Text")[2]}
    assert was_asked(frame, tokens, ()).tolist() == [True, True, True, False]
    assert was_asked(frame, (), ["t3"]).tolist() == [False, False, False, True]
