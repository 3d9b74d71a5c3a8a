"""The command line as its user meets it: exit codes, one line for every error, files whole or not at all."""

from __future__ import annotations

import gzip
import io
import json
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from tests.fakes import FakeEncoder, write_lines, write_world

from driftcheck import __version__
from driftcheck.cli import run
from driftcheck.cli.screen import ProgressWatcher
from driftcheck.renderers.plain import cells

Out = pytest.CaptureFixture[str]


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fake_encoder: type[FakeEncoder]) -> Path:
    """A folder with an undrifted eval set, its runs and production, and a drift.yaml; the current folder."""
    write_world(tmp_path)
    (tmp_path / "drift.yaml").write_text("eval_set: evalset.jsonl\nruns: runs.jsonl\nproduction: traces.jsonl\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def error_line(capsys: Out) -> str:
    captured = capsys.readouterr()
    lines = captured.err.splitlines()
    assert len(lines) == 1, captured.err
    assert lines[0].startswith("driftcheck: ")
    return lines[0].removeprefix("driftcheck: ")


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from driftcheck.cli import run; code = run(['--help']);"
        "heavy = {'pandas', 'numpy', 'scipy', 'sklearn', 'torch', 'sentence_transformers', 'pyarrow', 'pydantic'};"
        "heavy &= set(sys.modules);"
        "sys.exit(code or ', '.join(heavy) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "audit" in done.stdout


def test_importing_driftcheck_loads_nothing_heavy() -> None:
    code = "import sys, driftcheck; sys.exit(bool({'pandas', 'numpy', 'pydantic', 'typer'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_version(capsys: Out) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"driftcheck {__version__}\n"


def test_python_m_and_completion() -> None:
    # the shell by name: which one runs the tests, if any, is nothing to them
    environment = {**os.environ, "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    words = [sys.executable, "-m", "driftcheck", "--show-completion", "bash"]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "_DRIFTCHECK_COMPLETE" in done.stdout


def test_a_healthy_product_exits_0(world: Path, capsys: Out) -> None:
    assert run(["audit"]) == 0
    out = capsys.readouterr().out
    assert "looks like its traffic" in out
    assert "\x1b" not in out


def test_a_drifted_one_exits_1_and_writes_the_report(world: Path, capsys: Out) -> None:
    write_world(world, new_share=0.3, bad_topic="refund")
    assert run(["audit", "-o", "report.json", "--quiet"]) == 1
    captured = capsys.readouterr()
    assert captured.out == captured.err == ""
    report = json.loads((world / "report.json").read_text())
    assert (report["verdict"], report["exit_code"]) == ("fail", 1)
    failed = {finding["name"] for finding in report["findings"] if finding["status"] == "fail"}
    assert {"topic-divergence", "slice-coverage", "blind-slices"} <= failed


def test_texts_leave_the_terminal_only_when_asked(world: Path) -> None:
    texts = [json.loads(line)["input"] for line in (world / "traces.jsonl").read_text().splitlines()]
    assert run(["audit", "-q", "-o", "without.json"]) == 0
    assert run(["audit", "-q", "-o", "with.json", "--text"]) == 0
    without, with_texts = (world / "without.json").read_text(), (world / "with.json").read_text()
    assert not any(text in without for text in texts)
    assert any(text in with_texts for text in texts)


def test_the_same_inputs_give_the_same_bytes_whatever_the_order(world: Path) -> None:
    assert run(["audit", "-q", "-o", "first.json"]) == 0
    for name in ("evalset.jsonl", "runs.jsonl", "traces.jsonl"):
        lines = (world / name).read_text().splitlines(keepends=True)
        (world / name).write_text("".join(reversed(lines)))
    assert run(["audit", "-q", "-o", "second.json"]) == 0
    assert (world / "first.json").read_bytes() == (world / "second.json").read_bytes()


def test_too_little_data_is_blind_with_the_number_needed(world: Path, capsys: Out) -> None:
    lines = (world / "evalset.jsonl").read_text().splitlines(keepends=True)
    (world / "evalset.jsonl").write_text("".join(lines[:12]))
    assert run(["audit"]) == 3
    assert "at least 30 cases and 100 sessions are needed" in " ".join(capsys.readouterr().out.split())


def test_one_case_and_texts_all_alike(world: Path) -> None:
    lines = (world / "evalset.jsonl").read_text().splitlines(keepends=True)
    (world / "evalset.jsonl").write_text(lines[0])
    assert run(["audit", "-q"]) == 3
    write_lines(world / "evalset.jsonl", [{"id": str(i), "input": "seat row", "expected": "x"} for i in range(80)])
    write_lines(
        world / "traces.jsonl",
        [{"trace_id": str(i), "timestamp": 1_780_272_000 + i, "input": "seat row"} for i in range(300)],
    )
    assert run(["audit", "-q"]) == 0


def test_gzip_globs_folders_and_standard_input(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = (world / "traces.jsonl").read_bytes()
    (world / "exports").mkdir()
    half = data.index(b"\n", len(data) // 2) + 1
    (world / "exports" / "a.jsonl.gz").write_bytes(gzip.compress(data[:half]))
    (world / "exports" / "b.jsonl").write_bytes(data[half:])
    reports = []
    several = ["exports/a.jsonl.gz", "exports/b.jsonl"]
    for production in (["traces.jsonl"], ["exports"], ["exports/*"], several, [several[0], "--production", several[1]]):
        assert run(["audit", "-q", "-o", "out.json", "--production", *production]) == 0
        reports.append(json.loads((world / "out.json").read_text()))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    assert run(["audit", "-q", "-o", "out.json", "--production", "-"]) == 0
    reports.append(json.loads((world / "out.json").read_text()))
    assert all(report["findings"] == reports[0]["findings"] for report in reports)


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["audit", "--production", "nowhere.jsonl"], "nowhere.jsonl: no such file or folder"),
        (["audit", "--production", "ex*.csv"], "ex*.csv: no file matches this pattern"),
        (["audit", "--eval-set", "empty.jsonl"], "empty.jsonl:"),
        (["audit", "--eval-set", "binary.bin"], "binary.bin:"),
        (["audit", "--eval-set", "pointer.jsonl"], "pointer.jsonl: is a git-lfs pointer"),
        (["audit", "--eval-set", "columns.jsonl"], "columns.jsonl:"),
        (["audit", "--eval-set", "traces.jsonl"], "traces.jsonl: this looks like production traces"),
        (["audit", "--production", "broken.jsonl"], "broken.jsonl:"),
        (["audit", "-o", "nowhere/report.json"], "nowhere/report.json: its folder nowhere does not exist"),
        (["audit", "-o", "report.docx"], "-o report.docx: the file's ending says no known format"),
        (["audit", "--config", "nowhere.yaml"], "nowhere.yaml: no such file (driftcheck init writes one)"),
        (
            ["audit", "--select", "slice-covrage"],
            "--select: no check called 'slice-covrage' (did you mean slice-coverage?)",
        ),
        (["audit", "--until", "yesterday"], "--until: not a date: 'yesterday'"),
        (["audit", "--since", "2030-01-01"], "traces.jsonl: no traces in the window"),
        (["audit", "--smaple", "3"], "No such option: --smaple (see driftcheck audit --help)"),
        (["adit"], "No such command 'adit'. Did you mean 'audit'?"),
        (["explain", "slice-coverag"], "explain: no check called 'slice-coverag' (did you mean slice-coverage?)"),
        (["inspect", "nowhere"], "nowhere: no such file or folder"),
    ],
)
def test_bad_input_gets_one_line_and_exit_2(world: Path, capsys: Out, arguments: list[str], line: str) -> None:
    (world / "empty.jsonl").write_text("")
    (world / "binary.bin").write_bytes(bytes(range(256)) * 40)
    (world / "pointer.jsonl").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 12\n")
    write_lines(world / "columns.jsonl", [{"alpha": 1, "beta": 2.5}] * 40)
    good = '{"trace_id": "1", "timestamp": 1780272000, "input": "seat"}\n'
    (world / "broken.jsonl").write_text((good + '{"trace_id": "2", "inp\n') * 20)
    assert run(arguments) == 2
    assert error_line(capsys).startswith(line)


def test_an_error_in_drift_yaml_names_its_line(world: Path, capsys: Out) -> None:
    (world / "drift.yaml").write_text("eval_set: evalset.jsonl\nproduction: traces.jsonl\nslices: [intnt]\n")
    assert run(["audit"]) == 2
    assert error_line(capsys).startswith("drift.yaml:3: no column 'intnt' in cases or traces")
    (world / "drift.yaml").write_text(
        "eval_set: evalset.jsonl\nproduction: traces.jsonl\nsatisfaction: {field: csta}\n"
    )
    assert run(["audit"]) == 2
    assert error_line(capsys).startswith("drift.yaml:3: satisfaction:")


def test_a_few_broken_lines_are_skipped_and_counted(world: Path, capsys: Out) -> None:
    with (world / "traces.jsonl").open("a") as file:
        file.write('{"trace_id": "cut off')
    assert run(["audit", "-o", "r.json"]) == 0
    assert "601" in capsys.readouterr().out
    assert json.loads((world / "r.json").read_text())["inputs"]["production"]["n_skipped"] == 1


def test_interrupted_is_130_and_what_was_done_is_kept(
    world: Path, capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Interrupted(FakeEncoder):
        def encode(self, texts):  # type: ignore[no-untyped-def]  # a fake that breaks off
            yield next(super().encode(texts))
            raise KeyboardInterrupt

    monkeypatch.setattr("driftcheck.embedding.encoder.SentenceTransformerEncoder", Interrupted)
    assert run(["audit", "-o", "report.json"]) == 130
    assert "interrupted" in error_line(capsys)
    assert not (world / "report.json").exists()
    monkeypatch.setattr("driftcheck.embedding.encoder.SentenceTransformerEncoder", FakeEncoder)
    assert run(["audit", "-q"]) == 0


def test_a_bug_of_ours_is_4_with_a_file(world: Path, capsys: Out, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr("driftcheck.auditing.run_checks", broken)
    assert run(["audit"]) == 4
    line = error_line(capsys)
    path = Path(line.rsplit(" ", 1)[1])
    assert "boom" in path.read_text()
    path.unlink()


def test_hostile_text_never_acts(world: Path, capsys: Out) -> None:
    rows = [json.loads(line) for line in (world / "traces.jsonl").read_text().splitlines()]
    for row in rows:
        row["trace_id"] = f"[red]{row['trace_id']}[/red]\x1b[2J"
        row["input"] += " [bold]x[/bold] \x1b]8;;http://evil\x07link \u202e \x00"
    write_lines(world / "traces.jsonl", rows)
    assert run(["audit", "-v"]) in (0, 1)
    out = capsys.readouterr().out
    assert "[red]t0" in out
    assert not {"\x1b", "\x07", "\u202e", "\x00"} & set(out)


def test_a_cached_audit_loads_no_encoder(world: Path, fake_encoder: type[FakeEncoder]) -> None:
    assert run(["audit", "-q"]) == 0
    assert run(["audit", "-q"]) == 0
    assert fake_encoder.loads == 1


def test_init_writes_a_drift_yaml_that_audits(world: Path, capsys: Out) -> None:
    (world / "drift.yaml").unlink()
    assert run(["init"]) == 0
    out = capsys.readouterr().out
    assert "driftcheck audit" in out
    text = (world / "drift.yaml").read_text()
    assert 'eval_set: "evalset.jsonl"' in text
    assert 'runs: "runs.jsonl"' in text
    assert 'production: "traces.jsonl"' in text
    assert run(["audit", "-q"]) == 0
    assert run(["init"]) == 2
    assert "is there already" in error_line(capsys)


def test_init_names_the_files_it_means_and_no_others(tmp_path: Path, capsys: Out) -> None:
    case = {"id": 1, "input": "a", "expected": "b"}
    trace = {"timestamp": "2026-08-10", "input": "a", "output": "b", "session_id": "s"}
    write_lines(tmp_path / "cases.jsonl", [case] * 2)
    for name in ("aug", "sep", "logs/day-1", "logs/day-2"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        write_lines(tmp_path / f"{name}.jsonl", [trace] * 2)
    (tmp_path / "logs" / "notes.jsonl").write_text("")
    (tmp_path / "report.json").write_text('{"schema_version": 1, "verdict": "ok", "findings": [{"input": "a"}]}')
    assert run(["init", str(tmp_path)]) == 0
    text = (tmp_path / "drift.yaml").read_text()
    assert 'eval_set: "cases.jsonl"\n\n' in text
    assert 'production: ["aug.jsonl", "sep.jsonl"]\n# or: "logs/day-*.jsonl"\n' in text
    assert "report.json" not in text
    assert "production  aug.jsonl, sep.jsonl   (generic-traces, 2 files)" in capsys.readouterr().out


def test_init_tells_of_tables_it_cannot_recognise(tmp_path: Path, capsys: Out) -> None:
    (tmp_path / "golden set.csv").write_text("Nr,Kundenfrage,Soll\n1,Wo ist meine Bestellung?,Nennt die Nummer\n")
    (tmp_path / "package.json").write_text('{"name": "x"}')
    assert run(["init", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert (
        "not recognised: golden set.csv (columns Nr, Kundenfrage, Soll); if it is the eval set, name its columns: "
        "columns: {eval_set: {input: Kundenfrage}}"
    ) in out
    assert "package.json" not in out
    assert "driftcheck audit" not in out
    assert "fill in `eval_set:` and `production:`" in out


def test_an_unknown_name_of_a_column_is_an_error(world: Path, capsys: Out) -> None:
    with (world / "drift.yaml").open("a") as config:
        config.write("columns:\n  production:\n    inptu: input\n")
    assert run(["audit"]) == 2
    assert error_line(capsys) == "drift.yaml:6: columns: production: unknown name 'inptu' (did you mean input?)"


@pytest.mark.parametrize(
    ("section", "name", "hint"),
    [
        ("production", "langfus", "did you mean langfuse?"),
        ("eval_set", "generic-traces", "did you mean generic-cases?"),
    ],
)
def test_an_unknown_format_is_an_error(world: Path, capsys: Out, section: str, name: str, hint: str) -> None:
    with (world / "drift.yaml").open("a") as config:
        config.write(f"formats:\n  {section}: {name}\n")
    assert run(["audit"]) == 2
    assert error_line(capsys) == f"drift.yaml:5: formats: {section}: no format {name!r} ({hint})"


def test_a_format_of_drift_yaml_is_the_one_that_reads(world: Path, capsys: Out, fake_encoder: object) -> None:
    with (world / "drift.yaml").open("a") as config:
        config.write("formats: {production: langfuse}\n")
    assert run(["audit", "-q", "-o", "report.json"]) == 0
    production = json.loads((world / "report.json").read_text())["inputs"]["production"]
    assert (production["format"], production["why"]) == ("langfuse", "the format was given")


def test_inspect_takes_a_kind_and_a_format_at_their_word(world: Path, capsys: Out) -> None:
    for options, kind, format in (
        (["--as", "evalset"], "evalset", "generic-cases"),
        (["--format", "generic-cases"], "evalset", "generic-cases"),
    ):
        assert run(["inspect", "--json", *options, "traces.jsonl"]) == 0
        (entry,) = json.loads(capsys.readouterr().out)
        assert (entry["kind"], entry["format"]) == (kind, format)
    assert run(["inspect", "--as", "cases", "traces.jsonl"]) == 2
    assert error_line(capsys) == "--as: no kind 'cases' (there are: evalset, results, traces)"
    assert run(["inspect", "--format", "langfus", "traces.jsonl"]) == 2
    assert error_line(capsys) == "--format: no format 'langfus' (did you mean langfuse?)"


def test_init_prints_the_schema(capsys: Out) -> None:
    assert run(["init", "--schema"]) == 0
    assert "eval_set" in json.loads(capsys.readouterr().out)["properties"]


def test_inspect_says_what_a_file_is(world: Path, capsys: Out) -> None:
    assert run(["inspect", "--json", "evalset.jsonl", "runs.jsonl", "traces.jsonl"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [(entry["kind"], entry["n_records"]) for entry in found] == [
        ("evalset", 160),
        ("results", 320),
        ("traces", 600),
    ]
    assert run(["inspect", "traces.jsonl"]) == 0
    assert "csat" in capsys.readouterr().out


def test_checks_and_explain(capsys: Out) -> None:
    assert run(["checks"]) == 0
    assert "slice-coverage" in capsys.readouterr().out
    for word in ("DC201", "slice-coverage", "dc201"):
        assert run(["explain", word]) == 0
        out = capsys.readouterr().out
        assert "What is measured" in out
        assert "Kulldorff" in out


def test_notebooks_pass_frames(world: Path) -> None:
    import pandas as pd

    from driftcheck import audit, load_config

    frame = pd.read_json(world / "traces.jsonl", lines=True)
    by_path = audit(load_config("drift.yaml"))
    by_frame = audit(
        load_config("drift.yaml"), production=frame, eval_set=pd.read_json(world / "evalset.jsonl", lines=True)
    )
    assert by_frame.findings.drop(columns="summary").equals(by_path.findings.drop(columns="summary"))
    assert {"name", "share_production", "pass_rate", "satisfaction"} <= set(by_frame.slices.columns)


def test_a_baseline_keeps_the_ids_of_slices(world: Path, capsys: Out) -> None:
    assert run(["audit", "-q", "-o", "before.json"]) == 0
    earlier = json.loads((world / "before.json").read_text())
    before = {part["name"]: part["id"] for part in earlier["slices"]}
    write_world(world, seed=1, new_share=0.3)
    with (world / "drift.yaml").open("a") as file:
        file.write("baseline: before.json\n")
    assert run(["audit", "-q", "-o", "after.json"]) == 1
    after = json.loads((world / "after.json").read_text())["slices"]
    new = [part["id"] for part in after if part["under_covered"]]
    assert new
    assert not set(new) & set(before.values())
    assert len({part["id"] for part in after} & set(before.values())) >= 4
    (world / "before.json").write_text("{}")
    assert run(["audit", "-q"]) == 2
    other_model = [{**part, "centroid": "ADw="} for part in earlier["slices"]]
    (world / "before.json").write_text(json.dumps({**earlier, "slices": other_model}))
    assert run(["audit", "-q"]) == 2
    assert capsys.readouterr().err.splitlines() == [
        "driftcheck: drift.yaml:4: baseline before.json is no JSON report of driftcheck (make one with -o)",
        "driftcheck: drift.yaml:4: the baseline was made with another model (make it anew, or name that model)",
    ]


@pytest.mark.parametrize("name", ["traces.jsonl", "evalset.jsonl", "runs.jsonl", "drift.yaml"])
def test_an_output_never_replaces_an_input(world: Path, capsys: Out, name: str) -> None:
    before = (world / name).read_bytes()
    assert run(["audit", "-q", "-o", f"json:{name}"]) == 2
    assert "is an input of this audit" in error_line(capsys)
    assert (world / name).read_bytes() == before


def test_a_report_to_standard_output_stands_there_alone(world: Path, capsys: Out) -> None:
    assert run(["audit", "-o", "json:-"]) == 0
    assert json.loads(capsys.readouterr().out)["verdict"] == "warn"


def test_next_steps_can_be_pasted(world: Path, capsys: Out) -> None:
    write_world(world, new_share=0.3)
    (world / "drift.yaml").rename(world / "other.yaml")
    assert run(["audit", "-c", "other.yaml"]) == 1
    assert "driftcheck refresh --config other.yaml" in capsys.readouterr().out


def test_with_no_check_left_nothing_passes(world: Path, capsys: Out) -> None:
    assert run(["audit", "--ignore", "DC"]) == 2
    assert error_line(capsys).endswith("no check is left to run")


def test_a_cache_that_cannot_be_used_is_told(world: Path, capsys: Out, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRIFTCHECK_CACHE", str(world / "drift.yaml"))
    assert run(["audit"]) == 0
    assert "driftcheck: warning: embedding cache" in capsys.readouterr().err


def test_lost_texts_and_repeated_ids_are_told(world: Path, capsys: Out) -> None:
    with (world / "traces.jsonl").open("a") as file:
        rows = [{"trace_id": f"n{i}", "timestamp": "2026-03-20T00:00:00Z", "input": None} for i in range(50)]
        file.writelines(json.dumps(row) + "\n" for row in rows)
    lines = (world / "evalset.jsonl").read_text().splitlines(keepends=True)
    (world / "evalset.jsonl").write_text("".join(lines) + lines[0].replace('"input": "', '"input": "another '))
    assert run(["audit"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "50 of 650 traces carry no input text" in out
    assert "1 repeated ids are told apart" in out


@pytest.mark.parametrize("command", ["refresh", "seal", "unseal", "power", "init"])
def test_help_breaks_lines_where_the_screen_ends(command: str, capsys: Out, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert run([command, "--help"]) == 0
    out = capsys.readouterr().out
    about = [line.strip() for line in out[: out.index("\u256d")].splitlines()]
    for line, following in pairwise(about):
        if line and following:
            assert len(f" {line} {following.split()[0]}") > 78, line
    assert "(all)" not in out
    assert "[default: (" not in " ".join(out.split())


def test_bare_driftcheck_prints_its_help_and_no_error(capsys: Out) -> None:
    assert run([]) == 2
    captured = capsys.readouterr()
    assert "Commands" in captured.out + captured.err
    assert "driftcheck: missing" not in captured.err


def test_the_order_of_an_export_says_nothing(world: Path, capsys: Out) -> None:
    """Ratings, tags and columns that only some rows have are listed alike from either end of the file."""
    rows = [json.loads(line) for line in (world / "traces.jsonl").read_text().splitlines()]
    for number, row in enumerate(rows):
        if number % 7 == 3:
            row |= {"thumbs": number % 2, "plan": f"p{number % 3}"}
        if number % 5 == 1:
            row = rows[number] = {"channel": f"c{number % 4}", "error": f"E{number % 9}: broke", **row}
        if number % 11 == 2:
            del row["csat"], row["trace_id"]
    found = []
    for order in (1, -1):
        write_lines(world / "traces.jsonl", rows[::order])
        assert run(["audit", "-q", "-o", "report.json"]) == 0
        assert run(["inspect", "--json", "traces.jsonl"]) == 0
        inspected = json.loads(capsys.readouterr().out)[0]
        del inspected["first"], inspected["records"]
        found.append(((world / "report.json").read_bytes(), inspected))
    assert found[0] == found[1]
    assert found[0][1]["feedback_fields"] == ["csat", "thumbs"]
    assert found[0][1]["tag_fields"] == ["channel", "plan", "topic"]


def piped(*arguments: str, folder: Path, **more: str) -> subprocess.CompletedProcess[bytes]:
    """Run the command line in a process of its own whose standard output nobody reads."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        return subprocess.run(
            [sys.executable, "-m", "driftcheck", *arguments],
            stdout=writer,
            stderr=subprocess.PIPE,
            cwd=folder,
            env={**os.environ, **more},
            check=False,
        )
    finally:
        os.close(writer)


def test_a_reader_that_leaves_changes_no_verdict(world: Path) -> None:
    assert run(["audit", "-q"]) == 0  # the vectors are kept, so that no process needs an encoder
    for arguments in (["audit", "-v"], ["inspect", "--json", "traces.jsonl"], ["checks"], ["init", "--schema"]):
        done = piped(*arguments, folder=world)
        assert (done.returncode, done.stderr) == (0, b""), arguments
        assert piped(*arguments, folder=world, PYTHONUNBUFFERED="1").returncode == 0, arguments
    write_world(world, new_share=0.3, bad_topic="refund")
    assert run(["audit", "-q"]) == 1
    done = piped("audit", "-v", folder=world)
    assert (done.returncode, done.stderr) == (1, b"")


def test_help_without_a_reader_is_0(tmp_path: Path) -> None:
    done = piped("--help", folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_every_encoding_of_the_output_will_do(tmp_path: Path, encoding: str) -> None:
    folder = tmp_path / "Überblick"
    folder.mkdir()
    rows = [{"id": f"{n}", "input": "漢字 é 😀 \x9b \u202e \U000e0041", "expected": "ё"} for n in range(3)]
    write_lines(folder / "eval漢.jsonl", rows)

    def done(*arguments: str) -> bytes:
        ran = subprocess.run(
            [sys.executable, "-m", "driftcheck", *arguments],
            capture_output=True,
            cwd=tmp_path,
            env={**os.environ, "PYTHONIOENCODING": encoding},
            check=False,
        )
        assert (ran.returncode, ran.stderr) == (0, b""), ran.stderr
        return ran.stdout

    out = done("inspect", "--json", str(folder / "eval漢.jsonl"))
    assert json.loads(out)[0]["first"]["input"] == rows[0]["input"]
    assert out.isascii() == (encoding != "utf-8")
    assert b"Wrote" in done("init", folder.name)
    assert done("inspect", folder.name + "/eval漢.jsonl")


def test_a_hostile_file_name_never_acts(world: Path, capsys: Out) -> None:
    (world / "bad\x1b[2J\u202e.jsonl").write_text("")
    assert run(["inspect", "--no-text", "bad\x1b[2J\u202e.jsonl", "traces.jsonl"]) == 2
    assert run(["inspect", "bad\x1b[2J\u202e.jsonl"]) == 2
    err = capsys.readouterr().err.splitlines()
    assert err[0] == err[1] == "driftcheck: bad\\x1b[2J\\u202e.jsonl: is empty"


def test_the_progress_shows_a_hostile_file_name_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stderr", Terminal())
    with ProgressWatcher(quiet=False) as watcher:
        watcher.stage("bad\x1b[2J\u202e" + "漢" * 60)
        assert watcher._progress is not None
        (task,) = watcher._progress.tasks
    assert task.description.startswith("bad\\x1b[2J\\u202e漢")
    assert cells(task.description) <= 60


def test_an_encoder_of_ones_own_leaves_the_cache_alone(world: Path, cache_folder: Path) -> None:
    class Backwards(FakeEncoder):
        def encode(self, texts):  # type: ignore[no-untyped-def]  # another encoder than the model's
            for rows, vectors in super().encode(texts):
                yield rows, -vectors

    from driftcheck.auditing import audit
    from driftcheck.config import load_config

    audit(load_config("drift.yaml"), load_encoder=Backwards)
    assert not (cache_folder / "vectors.sqlite").exists()
    audit(load_config("drift.yaml"), load_encoder=Backwards, cache_folder=world / "own")
    assert (world / "own" / "vectors.sqlite").exists()
