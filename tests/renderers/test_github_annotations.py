"""GitHub's workflow commands: read as the runner reads them, nothing hostile starts one."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.hostile import attacks
from tests.renderers import example_report
from tests.renderers.located import ATTACKS, attacked, blind, located

from driftcheck.findings import FindingStatus
from driftcheck.renderers import github_annotations
from driftcheck.renderers.github_annotations import MAX_SHOWN
from driftcheck.report import Report

Command = tuple[str, dict[str, str], str]


@pytest.fixture(autouse=True)
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(report: Report) -> str:
    out = io.StringIO()
    github_annotations.render(report, out, texts=True)
    return out.getvalue()


def unescaped(text: str) -> str:
    for code, character in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, character)
    return text


def read(line: str) -> Command:
    """One line as the runner parses it (`ActionCommand.TryParseV2` of actions/runner)."""
    assert line.startswith("::")
    head, _, message = line[2:].partition("::")
    name, _, listed = head.partition(" ")
    properties = dict(part.split("=", 1) for part in listed.split(",") if "=" in part)
    return name, {key: unescaped(value) for key, value in properties.items()}, unescaped(message)


def commands(report: Report) -> list[Command]:
    return [read(line) for line in written(report).splitlines()]


@pytest.mark.parametrize("make", [located, example_report.passing, blind], ids=["located", "passing", "blind"])
def test_golden(make: Callable[[], Report], golden: Callable[[str, str], None]) -> None:
    golden(f"{make.__name__}.github.txt", written(make()))


def test_kinds_places_and_titles() -> None:
    """Errors first; each at its key in drift.yaml, named from the root of the checkout."""
    found = commands(located())
    assert [kind for kind, _, _ in found] == ["error", "error", *["warning"] * 4]
    assert found[0][1] == {"file": "drift.yaml", "line": "10", "title": "DC201 slice-coverage"}
    assert {"file": "drift.yaml", "line": "9", "title": "DC503 duplicate-cases"} in [place for _, place, _ in found]
    assert all("driftcheck explain DC" in message.splitlines()[-1] for _, _, message in found)


def test_a_required_check_that_makes_the_audit_blind_is_an_error_and_others_are_not_told() -> None:
    found = commands(blind())
    assert [(kind, properties["title"].split()[0]) for kind, properties, _ in found] == [
        ("error", "DC101"),
        ("error", "DC201"),
    ]
    assert "at least 30 cases" in found[0][2]


def test_nothing_is_printed_where_nothing_is_to_be_said() -> None:
    assert written(example_report.passing()) == ""


def test_paths_are_from_the_root_wherever_the_command_ran(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (checkout / "evals" / "conf").mkdir(parents=True)
    monkeypatch.chdir(checkout / "evals")
    assert commands(located())[0][1]["file"] == "evals/drift.yaml"
    assert commands(located())[-1][1]["file"] == "evals/drift.yaml"


def test_the_last_that_is_shown_says_what_is_left_out() -> None:
    """GitHub drops the eleventh of a kind without a word."""
    finding = example_report.failing().finding_rows[0]
    many = tuple(replace(finding, code=f"DC2{n:02}") for n in range(13))
    found = commands(replace(located(), finding_rows=many))
    assert len(found) == MAX_SHOWN
    assert found[-1][2].endswith("left out here: DC210 slice-coverage, DC211 slice-coverage, DC212 slice-coverage")


@pytest.mark.parametrize("attack", [*ATTACKS, *attacks.ATTACKS], ids=lambda attack: ascii(attack)[:40])
def test_nothing_starts_a_command(attack: str) -> None:
    """As many lines as for harmless data, each of them ours, with our properties alone."""
    text = written(attacked(attack))
    assert text.count("\n") == written(attacked("harmless")).count("\n") == 3
    assert "##[" not in text
    assert "\r" not in text
    for line, kind in zip(text.splitlines(), ("error", "notice", "warning"), strict=True):
        name, properties, message = read(line)
        assert name == kind
        assert set(properties) <= {"file", "line", "title"}
        assert properties.get("line") in (None, "3")
        assert re.search(r"driftcheck explain DC20\d$", message)


def test_escapes_as_the_toolkit_does() -> None:
    """`%`, CR and LF in messages; `:` and `,` in properties too."""
    finding = replace(example_report.failing().finding_rows[0], name="a:b,c%d", status=FindingStatus.FAIL)
    text = written(replace(located(), finding_rows=(finding,)))
    assert "title=DC201 a%3Ab%2Cc%25d::" in text
    assert "18 %25 of this week" in text
