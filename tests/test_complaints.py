"""Complaints grouped to themes, and which of them the rubric names."""

from __future__ import annotations

import io
import json
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.benchmarks import complaints as benchmark
from tests.checks.worlds import vectors
from tests.fakes import FakeEncoder, write_lines, write_world

from driftcheck.auditing import audit
from driftcheck.complaints import (
    MIN_SESSIONS,
    VAGUE,
    Complaints,
    choose_texts,
    criterion_of,
    find_themes,
    worse_than_rest,
)
from driftcheck.config import RubricEntry, load_config
from driftcheck.renderers import json_report, markdown_report, sarif_report

SLOW = (
    "slow waiting minutes",
    "slow waiting reply",
    "waiting minutes reply",
    "slow minutes reply",
    "slow waiting hours",
)
RUDE = ("rude snarky tone", "rude tone sarcastic", "snarky sarcastic tone", "rude sarcastic snarky", "tone rude cold")


def complaints(*comments: str, items: tuple[str, ...] = ("rude tone",)) -> Complaints:
    sample = pd.DataFrame({"satisfied": [0.0] * len(comments), "comment": list(comments)})
    chosen = choose_texts(sample, items, ())
    assert chosen is not None
    return chosen.embedded(vectors(chosen.texts))


def test_a_theme_is_listed_where_an_item_is_near() -> None:
    told, themes = find_themes(complaints(*SLOW, *RUDE, "waiting slow"))
    assert len(told) == 11
    assert [(len(theme.rows), theme.is_listed) for theme in themes] == [(6, False), (5, True)]
    assert set(themes[0].rows.tolist()) == {0, 1, 2, 3, 4, 10}
    assert set(themes[1].rows.tolist()) == {5, 6, 7, 8, 9}


def test_one_angry_user_is_no_theme() -> None:
    _, themes = find_themes(complaints(*SLOW[: MIN_SESSIONS - 1], *RUDE))
    assert [theme.is_listed for theme in themes] == [True]


def test_what_only_says_that_something_is_bad_is_set_aside() -> None:
    told, themes = find_themes(complaints(*SLOW, *VAGUE, "Bad.", "Meh", "Rubbish!"))
    assert told.tolist() == [0, 1, 2, 3, 4]
    assert len(themes) == 1
    told, themes = find_themes(complaints(*VAGUE))
    assert (len(told), themes) == (0, ())


def test_comments_of_content_sessions_and_empty_ones_are_left_out() -> None:
    sample = pd.DataFrame({"satisfied": [0.0, 1.0, np.nan, 0.4, 0.5], "comment": ["a", "b", "c", None, "d"]})
    chosen = choose_texts(sample, ["polite"], ())
    assert chosen is not None
    assert (chosen.rows, chosen.comments) == ((0,), ("a",))
    assert choose_texts(sample, [], ()) is None
    assert choose_texts(sample[1:3], ["polite"], ()) is None


def test_declared_texts_go_before_names_and_before_what_runs_name() -> None:
    sample = pd.DataFrame({"satisfied": [0.0], "comment": ["a"]})
    declared = (RubricEntry(name="Tone", text="is polite"), RubricEntry(name="cites_source"))
    chosen = choose_texts(sample, ["tone", "llm-rubric: answers at once"], declared)
    assert chosen is not None
    assert chosen.items == ("Tone", "cites_source", "llm-rubric: answers at once")
    assert chosen.criteria == ("is polite", "cites source", "answers at once")
    assert criterion_of("tone") == "tone"


def test_a_share_of_bad_sessions_is_held_against_chance() -> None:
    rng = np.random.default_rng(0)
    bad = rng.random((400, 200)) < 0.2
    chances = [worse_than_rest(int(row[:40].sum()), 40, int(row.sum()), 200) for row in bad]
    assert np.mean(np.array(chances) <= 0.05) <= 0.06
    assert worse_than_rest(30, 40, 40, 200) < 1e-10


@pytest.mark.model
@pytest.mark.parametrize("part", ["themes", "held_out"])
def test_themes_that_were_written_are_told_apart(part: str) -> None:
    written = benchmark.read(part)
    rng = np.random.default_rng(1)
    outcomes = [benchmark.draw(written, rng, 6, 3, (6, 8)) for _ in range(30)]
    right, wrong = (sum(getattr(one, name) for one in outcomes) for name in ("n_right", "n_wrong"))
    assert right / (right + wrong) >= 0.85
    assert sum(one.n_found for one in outcomes) / 90 >= 0.4
    listed = [benchmark.draw(written, rng, 6, 0, (6, 8)) for _ in range(30)]
    assert sum(one.value >= 0.1 for one in listed) <= 5


def test_an_audit_of_files_reads_comments_and_rubric_and_keeps_what_was_written(tmp_path: Path) -> None:
    write_world(tmp_path)
    runs = [json.loads(line) for line in (tmp_path / "runs.jsonl").read_text().splitlines()]
    write_lines(tmp_path / "runs.jsonl", [{**row, "is_polite": True, "is_right": row["passed"]} for row in runs])
    traces = [json.loads(line) for line in (tmp_path / "traces.jsonl").read_text().splitlines()]
    for number, row in enumerate(traces):
        row["csat"] = 1 if number % 3 == 0 else 5
        row["csat_comment"] = f"{SLOW[number % 5]} zanzibar{number}" if number % 3 == 0 else None
    write_lines(tmp_path / "traces.jsonl", traces)
    (tmp_path / "drift.yaml").write_text(
        "eval_set: evalset.jsonl\nruns: runs.jsonl\nproduction: traces.jsonl\nrequired: []\n"
        "rubric: [{name: tone, text: rude tone, owner: ana}]\n"
    )
    report = audit(
        load_config(tmp_path / "drift.yaml"),
        select=["DC506", "DC507"],
        load_encoder=FakeEncoder,
        as_of=date(2026, 4, 1),
    )
    found = {finding.name: finding for finding in report.finding_rows}
    idle = found["idle-rubric"].measurement
    assert idle is not None
    assert [row.label for row in idle.evidence] == ["is_polite"]
    unlisted = found["unlisted-complaints"].measurement
    assert unlisted is not None
    assert (unlisted.value, unlisted.n["items"]) == (1, 3)
    for render in (json_report.render, markdown_report.render, sarif_report.render):
        told, kept = io.StringIO(), io.StringIO()
        render(report, told, texts=True)
        render(report, kept)
        assert "zanzibar" in told.getvalue()
        assert "zanzibar" not in kept.getvalue()
