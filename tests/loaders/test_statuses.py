"""Statuses: what tools write for a verdict."""

import math

import pytest

from driftcheck.loaders.statuses import read_status
from driftcheck.records import Status


@pytest.mark.parametrize(
    "value", [True, "True", "true", 1, 1.0, "1", "1.0", "C", "PASS", "[PASS]", "passed", "Y", "success", "ok", " ✅ "]
)
def test_passes(value: object) -> None:
    assert read_status(value) is Status.PASS


@pytest.mark.parametrize("value", [False, "False", 0, 0.0, "0", "I", "N", "FAIL", "failed", "no", "incorrect", "❌"])
def test_failures(value: object) -> None:
    assert read_status(value) is Status.FAIL


@pytest.mark.parametrize("value", ["ERROR", "error", "timed out", "crashed", "cancelled"])
def test_errors_are_no_failures(value: object) -> None:
    assert read_status(value) is Status.ERROR


@pytest.mark.parametrize("value", ["skipped", "SKIP", "disabled", "pending"])
def test_skipped(value: object) -> None:
    assert read_status(value) is Status.SKIPPED


@pytest.mark.parametrize("value", [None, "", "  ", math.nan, "nan", "NaN", "null", "None", 0.7, "0.7", 3, "P", [], {}])
def test_no_verdict(value: object) -> None:
    assert read_status(value) is None


def test_a_status_is_itself() -> None:
    assert read_status(Status.UNSCORED) is Status.UNSCORED
