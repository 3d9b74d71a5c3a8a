"""OpenMetrics: read back by the reference parser, and by that of the older format which exporters read."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import text_string_to_metric_families as read_text_format
from tests.hostile import attacks
from tests.renderers import example_report
from tests.renderers.located import ATTACKS, attacked, blind, located

from driftcheck.renderers import openmetrics
from driftcheck.renderers.openmetrics import MAX_SLICES
from driftcheck.report import Report

Series = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def written(report: Report, *, texts: bool = False) -> str:
    out = io.StringIO()
    openmetrics.render(report, out, texts=texts)
    return out.getvalue()


def series(report: Report) -> Series:
    """Every sample by name and labels; read by both parsers, which must agree."""
    text = written(report, texts=True)
    found = [sample for family in read_openmetrics(text) for sample in family.samples]
    older = [sample for family in read_text_format(text) for sample in family.samples]
    assert [(s.name, s.labels, s.value) for s in found] == [(s.name, s.labels, s.value) for s in older]
    assert all(sample.timestamp is None for sample in found)
    values = {(sample.name, tuple(sorted(sample.labels.items()))): sample.value for sample in found}
    assert len(values) == len(found)
    return values


def value(report: Report, metric: str, /, **labels: str) -> float:
    return series(report)[metric, tuple(sorted(labels.items()))]


@pytest.mark.parametrize("make", [located, example_report.passing, blind], ids=["located", "passing", "blind"])
def test_golden(
    make: Callable[[], Report], golden: Callable[[str, str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openmetrics, "__version__", "0.0.0")
    series(make())
    golden(f"{make.__name__}.prom", written(make()))


def test_scores_have_their_intervals() -> None:
    report = located()
    assert value(report, "driftcheck_pass_rate_ratio", bound="value") == 0.951
    assert value(report, "driftcheck_gap_ratio", bound="low") == 0.117
    assert value(report, "driftcheck_restated_pass_rate_ratio", bound="best") == 0.861
    assert value(report, "driftcheck_divergence_excess_nats", bound="high") == 0.287
    assert value(report, "driftcheck_window_end_timestamp_seconds") == example_report.JUNE
    assert value(report, "driftcheck_exit_code") == 1
    assert value(report, "driftcheck_verdict", verdict="fail") == 1
    assert value(report, "driftcheck_verdict", verdict="pass") == 0


def test_findings_are_in_base_units() -> None:
    """Points are a ratio, weeks are seconds; thresholds as the values."""
    report = located()
    gap, age = {"check": "DC301", "name": "csat-gap"}, {"check": "DC501", "name": "set-age"}
    assert value(report, "driftcheck_check_ratio", bound="value", **gap) == 0.143
    assert value(report, "driftcheck_check_threshold_ratio", level="fail", **gap) == 0.1
    assert value(report, "driftcheck_check_seconds", bound="value", **age) == 21 * 7 * 86_400
    assert value(report, "driftcheck_check_threshold_seconds", level="warn", **age) == 8 * 7 * 86_400
    assert value(report, "driftcheck_check_status", status="waived", **age) == 1
    assert value(report, "driftcheck_check_n", of="ratings", **gap) == 3_204
    assert value(report, "driftcheck_slice_ratings", slice="s03") == 377


def test_what_is_not_known_has_no_sample() -> None:
    values = series(blind())
    assert not any(name.startswith("driftcheck_pass_rate") for name, _ in values)
    assert value(blind(), "driftcheck_check_blind", check="DC101", name="topic-divergence") == 1
    assert all(number == number for number in series(example_report.hostile()).values())


def test_every_family_has_a_type_that_exporters_take() -> None:
    """The textfile collector and the Pushgateway refuse a file with a stateset or an info in it."""
    types = {line.split()[3] for line in written(located()).splitlines() if line.startswith("# TYPE")}
    assert types == {"gauge"}
    assert written(located()).endswith("# EOF\n")


def test_slices_are_bounded_and_the_rest_is_counted() -> None:
    row = example_report.SLICES[0]
    rows = tuple(replace(row, id=f"s{n}", share_production=1 / (n + 1)) for n in range(MAX_SLICES + 7))
    report = replace(located(), slice_rows=rows)
    shown = {dict(labels)["slice"] for name, labels in series(report) if name == "driftcheck_slice_info"}
    assert shown == {f"s{n}" for n in range(MAX_SLICES)}
    assert value(report, "driftcheck_slices_left_out") == 7


@pytest.mark.parametrize("attack", [*ATTACKS, *attacks.ATTACKS], ids=lambda attack: ascii(attack)[:40])
def test_hostile_labels_stay_labels(attack: str) -> None:
    """The same metrics as for harmless data; the exit code cannot be talked away."""
    harmless, hostile = series(attacked("harmless")), series(attacked(attack))
    assert [name for name, _ in hostile] == [name for name, _ in harmless]
    assert hostile["driftcheck_exit_code", ()] == 1


def test_no_texts_and_no_clock() -> None:
    assert "My refund was promised" not in written(located(), texts=True)
    assert written(located()) == written(located())
