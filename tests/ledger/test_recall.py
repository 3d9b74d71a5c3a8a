"""What an audit is told of those before it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.ledger.worlds import DIMENSIONS, audit_of, slice_at

from driftcheck.errors import InputError
from driftcheck.ledger.entries import AuditEntry, UsedModel
from driftcheck.ledger.recall import Recollection, recall
from driftcheck.ledger.recording import record_audit
from driftcheck.ledger.store import open_ledger


def told(folder: Path, entry: AuditEntry, n_dimensions: int = DIMENSIONS) -> Recollection:
    with open_ledger(folder) as ledger:
        return recall(ledger, entry.subject, entry.at, n_dimensions)


def hashes(folder: Path) -> list[str]:
    with open_ledger(folder) as ledger:
        return list(ledger.chain.hashes)


def audit_in(folder: Path, week: int, name: str, **changes: object) -> AuditEntry:
    """Audit and record, as `audit` does."""
    entry = audit_of(week, slices=[slice_at(int(name[1:]), name)], value=week / 10)
    entry = replace(entry, **changes)  # type: ignore[arg-type]
    found = told(folder, entry)
    entry = replace(entry, against=found.against, highest_slice=max(found.highest_slice, int(name[1:])))
    record_audit(folder, entry)
    return entry


def test_the_first_audit_is_told_nothing(tmp_path: Path) -> None:
    found = told(tmp_path, audit_of(0))
    assert found == Recollection(found.baseline, "", 0, is_recorded=False)
    assert (found.baseline.centroids, found.baseline.values, found.baseline.audits) == ({}, {}, ())


def test_the_next_is_held_against_the_last(tmp_path: Path) -> None:
    for week in range(3):
        audit_in(tmp_path, week, f"s{week + 1}")
    found = told(tmp_path, audit_of(3))
    assert set(found.baseline.centroids) == {"s3"}
    assert found.baseline.values["check-0"] == 0.2
    assert found.baseline.called == "the audit of 2026-06-15"
    assert found.baseline.retired == ("s3",)
    assert [audit.name for audit in found.baseline.audits] == ["2026-06-01", "2026-06-08", "2026-06-15"]
    assert found.against == hashes(tmp_path)[-1]
    assert not found.is_recorded


def test_the_same_again_is_told_what_it_was_told_then(tmp_path: Path) -> None:
    entries = [audit_in(tmp_path, week, f"s{week + 1}") for week in range(4)]
    for week, entry in enumerate(entries):
        again = told(tmp_path, replace(entry, at=dt.date(2027, 1, 1)))
        assert again.is_recorded
        assert set(again.baseline.centroids) == {f"s{week + 1}"}  # its own: slices are called as they were
        assert again.baseline.retired == ()
        assert len(again.baseline.audits) == week
        assert again.baseline.values.get("check-0") == ((week - 1) / 10 if week else None)
        assert again.against == entry.against


def test_an_older_window_is_held_against_what_came_before_it(tmp_path: Path) -> None:
    for week in (0, 5):
        audit_in(tmp_path, week, f"s{week + 1}")
    between = told(tmp_path, audit_of(3))
    assert set(between.baseline.centroids) == {"s1"}
    assert between.baseline.retired == ("s6",)  # ids of the later audit are taken all the same
    assert len(between.baseline.audits) == 1
    oldest = told(tmp_path, audit_of(-1))
    assert set(oldest.baseline.centroids) == {"s1"}
    assert oldest.baseline.audits == ()
    assert oldest.against == ""


def test_another_drift_yaml_and_another_model_are_other_histories(tmp_path: Path) -> None:
    entry = audit_in(tmp_path, 0, "s4")
    other = replace(audit_of(1).subject, config="german.yaml")
    assert told(tmp_path, replace(audit_of(1), subject=other)).baseline.centroids == {}
    model = replace(audit_of(1).subject, model=UsedModel("another", "b" * 64))
    moved = told(tmp_path, replace(audit_of(1), subject=model))
    assert moved.baseline.centroids == {}
    assert moved.baseline.audits == ()
    assert moved.baseline.retired == ("s4",)  # by another model, and yet no id means two things
    renamed = replace(entry.subject, model=UsedModel("/home/ana/model", "a" * 64), seed=1)
    assert set(told(tmp_path, replace(audit_of(1), subject=renamed)).baseline.centroids) == {"s4"}


def test_a_newer_version_replaces_what_an_older_said_of_a_window(tmp_path: Path) -> None:
    first = audit_in(tmp_path, 0, "s1")
    audit_in(tmp_path, 0, "s1", subject=replace(first.subject, version="9.0.0"))
    found = told(tmp_path, audit_of(1))
    assert len(found.baseline.audits) == 1
    assert found.against == hashes(tmp_path)[1]


def test_centroids_of_another_width_are_refused(tmp_path: Path) -> None:
    record_audit(tmp_path, audit_of(0, slices=[slice_at(0, "s1"), slice_at(1, "s2", 12)]))
    with pytest.raises(InputError, match=r"ledger.jsonl:1: .* centroids are not 384 wide"):
        told(tmp_path, audit_of(1))


def test_centroids_that_are_not_finite_are_refused(tmp_path: Path) -> None:
    bad = replace(slice_at(0, "s1"), centroid=np.full(DIMENSIONS, np.nan, dtype="<f2").tobytes().hex())
    record_audit(tmp_path, audit_of(0, slices=[replace(bad, centroid="AH4A" * (DIMENSIONS * 2 // 3))]))
    with pytest.raises(InputError, match=r"ledger.jsonl:1: "):
        told(tmp_path, audit_of(1))
