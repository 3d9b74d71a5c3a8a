"""Hashes of inputs: blind to order, and to nothing else."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftcheck.ledger.fingerprints import hash_records

COLUMNS = ("name", "error", "score", "session")
rows = st.lists(
    st.tuples(
        st.one_of(st.none(), st.text(max_size=4)),
        st.one_of(st.none(), st.sampled_from(["", "timeout"])),
        st.one_of(st.just(float("nan")), st.sampled_from([0.0, 0.5, 1.0])),
        st.integers(0, 2**64 - 1),
    ),
    max_size=8,
)
Row = tuple[str | None, str | None, float, int]


def frame_of(values: list[Row], *, category: bool = False) -> pd.DataFrame:
    names, errors, scores, sessions = zip(*values, strict=True) if values else ((), (), (), ())
    frame = pd.DataFrame(
        {
            "name": pd.Series(list(names), dtype=object),
            "error": pd.Series(list(errors), dtype=object),
            "score": np.array(scores, dtype=np.float64),
            "session": np.array(sessions, dtype=np.uint64),
        }
    )
    return frame.assign(error=pd.Categorical(frame["error"], categories=["timeout", ""])) if category else frame


@given(rows, st.randoms(use_true_random=False), st.booleans())
def test_order_does_not_matter(values: list[Row], random: object, category: bool) -> None:
    shuffled = list(values)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert hash_records(frame_of(values), COLUMNS) == hash_records(frame_of(shuffled, category=category), COLUMNS)


@given(rows, rows)
def test_other_records_have_another_hash(first: list[Row], second: list[Row]) -> None:
    same = sorted(map(repr, first)) == sorted(map(repr, second))
    assert (hash_records(frame_of(first), COLUMNS) == hash_records(frame_of(second), COLUMNS)) is same


@pytest.mark.parametrize("name", ["slice:plan", "other"])
def test_declared_slices_are_looked_at_and_other_columns_are_not(name: str) -> None:
    frame = frame_of([("a", None, 1.0, 1), ("b", None, 0.0, 2)])
    one, two = (hash_records(frame.assign(**{name: plan}), COLUMNS) for plan in (["x", "y"], ["y", "x"]))
    assert (one == two) is (name == "other")
