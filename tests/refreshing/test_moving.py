"""The diff to the previous sample."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

import numpy as np
import pytest
from tests.checks.worlds import make_comparison

from driftcheck.comparison import Comparison
from driftcheck.error_classes import error_class
from driftcheck.ledger import UsedModel
from driftcheck.ledger.events import Refreshed, encoded
from driftcheck.masking import mask
from driftcheck.refresh_report import Diff
from driftcheck.refreshing.moving import against_eval_set, against_refresh, mixes_of
from driftcheck.slices.profile import make_profile

MODEL = UsedModel("fake", None)


def refreshed(comparison: Comparison) -> Refreshed:
    parts = comparison.traffic.partition.slices
    profile = make_profile({part.id: part.centroid for part in parts}, comparison.trace_vectors, "")
    return Refreshed(
        at=dt.date(2026, 6, 1),
        config="drift.yaml",
        model=MODEL,
        proposals="cases.proposals.jsonl",
        n_proposed=1,
        asked=(),
        centroids=encoded(profile),
        counts=profile.counts,
        mixes=mixes_of(comparison, str),
    )


def diff(then: Comparison, now: Comparison) -> Diff:
    found, why = against_refresh(now, refreshed(then), MODEL, str)
    assert why == ""
    return found


@pytest.fixture(scope="module")
def before() -> Comparison:
    return make_comparison(seed=1, with_runs=False)


def test_the_same_traffic_has_not_moved(before: Comparison) -> None:
    same = diff(before, before)
    assert same.moved == ()
    assert {change.change.value for change in same.changes} == {0.0}
    assert same.against == "the refresh of 2026-06-01"


def test_what_was_planted_moved_with_an_interval_around_it(before: Comparison) -> None:
    now = make_comparison(
        seed=2, with_runs=False, new_share=0.2, foreign_share=0.15, error_share=0.1, longer=3, n_traces=900
    )
    found = diff(before, now)
    moved = {(change.field, change.value): change for change in found.moved}
    spanish = moved["language", "es"]
    assert spanish.change.low < 0.15 < spanish.change.high
    assert spanish.share_before == 0
    assert ("error", "ToolTimeout") in moved
    assert moved["length", "9-16 words"].share_after > 0.9
    assert any(field == "slice" for field, _ in moved)
    for change in found.changes:
        assert change.change.low <= change.change.value <= change.change.high
    assert list(found.changes[: len(moved)]) == list(found.moved)


def test_where_nothing_moved_nearly_nothing_is_said(before: Comparison) -> None:
    false = [bool(diff(before, make_comparison(seed=seed, with_runs=False)).moved) for seed in range(20, 40)]
    assert np.mean(false) <= 0.15


def test_the_first_time_it_is_the_eval_set(before: Comparison) -> None:
    found = against_eval_set(make_comparison(new_share=0.15, foreign_share=0.2, with_runs=False))
    assert found.against == "the eval set"
    assert {change.field for change in found.moved} == {"slice", "language"}
    grown = [change for change in found.moved if change.field == "slice" and change.change.value > 0]
    assert grown[0].change.low > 0
    assert against_eval_set(before).moved == ()


def test_of_another_model_only_what_needs_no_model_is_compared(before: Comparison) -> None:
    found, why = against_refresh(before, refreshed(before), UsedModel("another", "0" * 64), str)
    assert "another model" in why
    assert {change.field for change in found.changes} == {"language", "length", "slice:topic"}


def test_mixes_hold_every_sampled_session_and_no_text(before: Comparison) -> None:
    mixes = mixes_of(before, str)
    assert {sum(mix.values()) for mix in mixes.values()} == {len(before.production.sample)}
    texts = set(before.production.sample["text"])
    assert all(texts.isdisjoint(mix) for mix in mixes.values())


def test_classes_of_errors_and_models_are_counted_without_personal_data(before: Comparison) -> None:
    sample = before.production.sample.copy()
    cut = error_class("Nobody can say why the account was locked again by ana@corp.example today")
    sample["error"] = ["Ana Gonzalez (ana@corp.example) is locked", cut, "ToolTimeout", *[None] * (len(sample) - 3)]
    sample["model"] = ["sk-proj-" + "aB3dE5fG7h" * 5, *["Claude 3.5 Sonnet"] * (len(sample) - 1)]
    topics = sample["slice:topic"].tolist()
    sample["slice:topic"] = ["bo@corp.example", "Ana Gonzalez", *topics[2:]]
    mixes = mixes_of(
        replace(before, production=replace(before.production, sample=sample)), lambda text: mask(text).text
    )
    assert not any(name in json.dumps(mixes) for name in ("corp", "Gonzalez", "sk-proj"))
    assert mixes["error"]["ToolTimeout"] == 1
    assert mixes["error"]["[PERSON] ([EMAIL]) is locked"] == 1
    assert mixes["model"]["Claude 3.5 Sonnet"] == len(sample) - 1
    assert mixes["slice:topic"]["[EMAIL]"] == mixes["slice:topic"]["[PERSON]"] == 1
    assert set(topics[2:]) - {None} <= set(mixes["slice:topic"])


def test_a_declared_slice_moves_like_any_field_once_it_was_counted(before: Comparison) -> None:
    sample = before.production.sample
    one = replace(before.production, sample=sample.assign(**{"slice:topic": "pets"}))
    moved = {(change.field, change.value) for change in diff(before, replace(before, production=one)).moved}
    assert ("slice:topic", "pets") in moved
    then = refreshed(before)
    then = replace(then, mixes={name: mix for name, mix in then.mixes.items() if name != "slice:topic"})
    found, _ = against_refresh(replace(before, production=one), then, MODEL, str)
    assert found.moved == ()
