"""Files and ledger together: an interrupt between the two, and right after both."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from driftcheck.config import Config, load_config
from driftcheck.curating import carrying_out
from driftcheck.editing import Edit
from driftcheck.ledger.events import Event, Validated
from driftcheck.ledger.store import note, open_ledger

EVENT = Validated(at=dt.date(2026, 3, 2), config="drift.yaml", n_cases=1)


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    monkeypatch.chdir(tmp_path)
    Path("drift.yaml").write_text("eval_set: set.jsonl\n")
    return load_config()


def edits() -> list[Edit]:
    for name in ("set.jsonl", "gone.jsonl"):
        Path(name).write_bytes(b"before\n")
    return [
        Edit(Path("set.jsonl"), "set.jsonl", b"before\n", b"after\n"),
        Edit(Path("gone.jsonl"), "gone.jsonl", b"before\n", b""),
    ]


def events() -> int:
    with open_ledger(Path(".driftcheck")) as ledger:
        return len(ledger.events(Validated, "drift.yaml"))


@pytest.mark.parametrize("n_before", [0, 1], ids=["for the first time", "as once before that day"])
@pytest.mark.parametrize("is_written", [True, False])
def test_an_interrupt_leaves_files_as_the_ledger_has_it(
    config: Config, monkeypatch: pytest.MonkeyPatch, is_written: bool, n_before: int
) -> None:
    for _ in range(n_before):
        note(Path(".driftcheck"), EVENT)

    def interrupted(folder: Path, event: Event) -> None:
        if is_written:
            note(folder, event)
        raise KeyboardInterrupt

    monkeypatch.setattr(carrying_out, "note", interrupted)
    with pytest.raises(KeyboardInterrupt):
        carrying_out.carry_out(edits(), config, EVENT)
    assert events() == n_before + is_written
    assert Path("set.jsonl").read_bytes() == (b"after\n" if is_written else b"before\n")
    assert Path("gone.jsonl").exists() is not is_written
