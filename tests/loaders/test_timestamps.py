"""Timestamps: every way in which an export writes a time."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from driftcheck.loaders.timestamps import lacks_zone, parse_timestamp

NOON = datetime(2026, 8, 10, 12, 30, 15, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    "value",
    [
        "2026-08-10T12:30:15Z",
        "2026-08-10T12:30:15.000000000Z",
        "2026-08-10T14:30:15+02:00",
        "2026-08-10T12:30:15",
        "2026-08-10 12:30:15.000",
        "2026-08-10 12:30:15 UTC",
        "2026-08-10T12-30-15",
        "2026/08/10 12:30:15",
        "10.08.2026 12:30:15",
        "Mon, 10 Aug 2026 12:30:15 GMT",
        " 2026-08-10T12:30:15Z ",
        NOON,
        int(NOON),
        str(int(NOON)),
        NOON * 1e3,
        int(NOON) * 1_000_000,
        int(NOON) * 1_000_000_000,
        str(int(NOON) * 1_000_000_000),
        f"{NOON:.6f}",
        [int(NOON), 0],
        datetime(2026, 8, 10, 12, 30, 15),
        datetime(2026, 8, 10, 8, 30, 15, tzinfo=timezone(timedelta(hours=-4))),
    ],
)
def test_one_moment_in_every_notation(value: Any) -> None:
    assert parse_timestamp(value) == pytest.approx(NOON, abs=1e-3)


@pytest.mark.parametrize("value", ["2026-08-10", date(2026, 8, 10), "20260810", "10.8.2026"])
def test_dates_are_midnight_utc(value: Any) -> None:
    assert parse_timestamp(value) == datetime(2026, 8, 10, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    "value", [None, "", "soon", True, 0, -1, "0", float("nan"), float("inf"), "2026-13-45", [], {}, [1, 2, 3], "9" * 40]
)
def test_what_is_no_time(value: Any) -> None:
    assert parse_timestamp(value) is None


def test_nanoseconds_keep_their_milliseconds() -> None:
    assert parse_timestamp("1786365015123456789") == pytest.approx(1786365015.123, abs=1e-3)


@pytest.mark.parametrize(
    ("value", "lacks"),
    [
        ("2026-08-10 12:30:15", True),
        ("2026-08-10T12:30:15Z", False),
        ("2026-08-10T12:30:15-0400", False),
        ("1786365015", False),
        (1786365015, False),
        (datetime(2026, 8, 10), True),
    ],
)
def test_whether_utc_is_a_guess(value: Any, lacks: bool) -> None:
    assert lacks_zone(value) is lacks
