"""The GitHub action: its steps run here as the runner would run them, with the real command line and a stub of `gh`."""

from __future__ import annotations

import base64
import gzip
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import yaml
from tests.ci.runner import Runner, effective_commands
from tests.fakes import write_world

ROOT = Path(__file__).parents[2]
ACTION = ROOT / ".github" / "actions" / "audit" / "action.yml"
STEPS = yaml.safe_load(ACTION.read_text(encoding="utf-8"))["runs"]["steps"]

# `python` of the runner: makes no virtual environment and asks no index, and is Python for all else
PYTHON = """#!/bin/bash
if [ "$1 $2" = "-m venv" ]; then
  mkdir -p "$3/bin"
  cp "$0" "$3/bin/python"
  cp "$(dirname "$0")/driftcheck" "$3/bin/driftcheck"
elif [ "$1 $2" = "-m pip" ]; then
  printf '%s\\n' "$*" >> {log}
  if [ "$3" = cache ]; then echo /home/runner/.cache/pip; fi
else
  exec {python} "$@"
fi
"""
DRIFTCHECK = """#!{python}
import sys
sys.path[:0] = [{root!r}, {source!r}]
import driftcheck.embedding.encoder as encoder
from tests.fakes import FakeEncoder
encoder.SentenceTransformerEncoder = FakeEncoder
from driftcheck.cli import run
sys.exit(run())
"""
# in its place where what it measures does not matter: a report of each kind, and an exit code
STUB = """#!{python}
import json, re, sys
print("called with", json.dumps(sys.argv[1:]))
for option in sys.argv:
    path = re.sub("^[a-z]+:", "", option)
    if path.endswith((".html", ".json", ".md", ".sarif", ".prom", ".xml", ".txt")):
        with open(path, "w") as out:
            out.write('{{"verdict": "warn"}}' if path.endswith(".json") else "")
            out.write("<!-- driftcheck -->" if path.endswith(".md") else "{{}}" if path.endswith(".sarif") else "")
sys.exit({code})
"""
GH = """#!/bin/bash
printf '%s\\n' "$*" >> {log}
case "$*" in
  *--paginate*) cat {comments} ;;
  *sarif=@*) for word in "$@"; do case "$word" in sarif=@*) cp "${{word#sarif=@}}" {sent} ;; esac; done ;;
esac
exit {code}
"""


Action = Callable[..., Runner]


@pytest.fixture
def action(tmp_path: Path, cache_folder: Path) -> Action:
    """Run the action in a checkout with a small world; `files` are written over it, `stub` is an exit code."""

    def run(
        world: Mapping[str, float] | None = None,
        *,
        files: Mapping[str, str] | None = None,
        comments: str = "",
        gh_code: int = 0,
        stub: int | None = None,
        **inputs: str,
    ) -> Runner:
        checkout, tools, temp = tmp_path / "checkout", tmp_path / "tools", tmp_path / "temp"
        for folder in (checkout / ".git", tools, temp):
            folder.mkdir(parents=True)
        write_world(checkout, **dict(world or {}))  # type: ignore[arg-type]
        config = "eval_set: evalset.jsonl\nruns: runs.jsonl\nproduction: traces.jsonl\nsample: 400\n"
        for name, text in {"drift.yaml": config, **(files or {})}.items():
            (checkout / name).parent.mkdir(exist_ok=True)
            (checkout / name).write_text(text, encoding="utf-8")
        (tmp_path / "comments").write_text(comments)
        quoted = {name: shlex.quote(str(tmp_path / name)) for name in ("pip.log", "gh.log", "comments", "sent")}
        scripts = {
            "python": PYTHON.format(log=quoted["pip.log"], python=shlex.quote(sys.executable)),
            "driftcheck": DRIFTCHECK.format(python=sys.executable, root=str(ROOT), source=str(ROOT / "src"))
            if stub is None
            else STUB.format(python=sys.executable, code=stub),
            "gh": GH.format(log=quoted["gh.log"], comments=quoted["comments"], sent=quoted["sent"], code=gh_code),
        }
        for name, text in scripts.items():
            (tools / name).write_text(text)
            (tools / name).chmod(0o755)
        runner = Runner(
            action=ACTION,
            folder=tmp_path,
            inputs={name.replace("_", "-"): value for name, value in inputs.items()},
            environment={
                "PATH": f"{tools}:/usr/bin:/bin",
                "HOME": str(tmp_path),
                "HF_HUB_OFFLINE": "1",
                "GITHUB_ACTIONS": "true",
                "GITHUB_ACTION_PATH": str(ACTION.parent),
                "GITHUB_REPOSITORY": "o/r",
                "GITHUB_SHA": "c0ffee",
                "GITHUB_REF": "refs/pull/7/merge",
                "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
                "RUNNER_TEMP": str(temp),
            },
            github={"token": "secret", "event": {"pull_request": {"number": 7}}},
            given={
                "python": {"python-path": str(tools / "python")},
                "wheels": {"cache-hit": "true"},
                "vectors": {"cache-hit": ""},
            },
        )
        runner.run()
        return runner

    return run


def gh_calls(runner: Runner) -> list[str]:
    log = runner.folder / "gh.log"
    return log.read_text().splitlines() if log.exists() else []


def test_a_blocked_audit_comments_uploads_and_fails_at_the_end(action: Action) -> None:
    runner = action({"new_share": 0.4}, sarif="true")
    assert runner.exit_code == 1
    assert (Path(runner.used["actions/cache/save"]["path"]) / "vectors.sqlite").exists()
    assert runner.outputs["audit"]["exit-code"] == "1"
    assert runner.outputs["audit"]["verdict"] == "fail"
    reports = Path(runner.outputs["audit"]["reports"])
    written = {path.name for path in reports.iterdir()}
    assert written == {
        "report.html", "report.json", "report.md", "report.sarif", "report.prom", "junit.xml", "annotations.txt",
    }  # fmt: skip
    commands = effective_commands(runner.printed["audit"])
    assert commands == (reports / "annotations.txt").read_text(encoding="utf-8").splitlines()
    assert commands[0].startswith("::error file=drift.yaml,")
    listed, posted, sent = gh_calls(runner)
    assert listed.startswith("api --paginate repos/o/r/issues/7/comments")
    assert posted.endswith(f"--method POST repos/o/r/issues/7/comments --field body=@{reports}/report.md")
    assert sent.endswith("--raw-field commit_sha=c0ffee --raw-field ref=refs/pull/7/merge")
    sarif = json.loads(gzip.decompress(base64.b64decode((runner.folder / "sent").read_bytes())))
    assert sarif == json.loads((reports / "report.sarif").read_text(encoding="utf-8"))
    assert "driftcheck" in (runner.folder / "summary.md").read_text(encoding="utf-8")


def test_it_installs_what_is_tested_and_keeps_vectors_by_model_and_week(action: Action) -> None:
    runner = action(stub=1, torch_index="index.example/cpu")
    root = ACTION.parent / ".." / ".." / ".."
    pip = (runner.folder / "pip.log").read_text().splitlines()
    assert [line for line in pip if "install" in line] == [
        f"-m pip install --quiet --constraint {root}/constraints.txt --index-url index.example/cpu torch",
        f"-m pip install --quiet --constraint {root}/constraints.txt {root}[model]",
    ]
    restored, saved = runner.used["actions/cache/restore"], runner.used["actions/cache/save"]
    assert restored["key"] == saved["key"]
    assert restored["key"].startswith(restored["restore-keys"])
    assert restored["path"] == saved["path"] == f"{runner.environment['RUNNER_TEMP']}/driftcheck-cache"


def test_one_comment_is_kept_up_to_date_and_nobody_else_s_is_touched(action: Action) -> None:
    runner = action(stub=3, comments="11 mallory\n12 github-actions[bot]\n13 github-actions[bot]\n")
    assert runner.exit_code == 3
    assert gh_calls(runner)[-1].split()[:5] == ["api", "--silent", "--method", "PATCH", "repos/o/r/issues/comments/12"]


def test_a_token_that_may_not_write_is_a_warning_and_the_verdict_stands(action: Action) -> None:
    runner = action(stub=0, sarif="true", gh_code=1)
    assert runner.exit_code == 0
    assert [command.split("::")[1] for command in effective_commands(runner.printed["comment"])] == [
        "warning title=driftcheck"
    ]
    assert "security-events: write" in runner.printed["sarif"]


def test_a_wrong_input_is_exit_2_without_a_comment(action: Action) -> None:
    runner = action(config="nowhere.yaml", sarif="true")
    assert runner.exit_code == 2
    assert "nowhere.yaml" in runner.printed["audit"]
    assert gh_calls(runner) == []
    assert runner.outputs["audit"]["verdict"] == ""


def test_options_stand_one_a_line_and_are_never_read_by_the_shell(action: Action) -> None:
    attack = "--eval-set=$(touch pwned)`touch pwned`; touch pwned * \\"
    runner = action(stub=0, args=f"--select=DC1\r\n\n--export=out of the way\n{attack}", config="-c", artifact="")
    called = re.search(r"^called with (.+)$", runner.printed["audit"], re.MULTILINE)
    assert called
    words = json.loads(called[1])
    assert words[:6] == ["audit", "--config=-c", "--no-text", "--select=DC1", "--export=out of the way", attack]
    assert words[6::2] == ["--output"] * 7
    assert not (runner.folder / "checkout" / "pwned").exists()
    assert "actions/upload-artifact" not in runner.used


def test_what_traces_say_is_no_command_to_the_runner(action: Action) -> None:
    """Also with texts shown: lines of the terminal's report that look like commands are switched off."""
    commands = ("::error file=a,line=1::pwned", "::add-mask::a", "##[error]pwned", "::stop-commands::x")
    rows = [
        {
            "trace_id": f"::warning::{n}",
            "session_id": f"s{n}",
            "timestamp": f"2026-03-{1 + n % 27:02d}T00:00:00Z",
            "input": f"{commands[n % 4]} airline bankrupt voucher claim number {n}",
        }
        for n in range(400)
    ]
    traces = "".join(json.dumps(row) + "\n" for row in rows)
    runner = action(files={"traces.jsonl": traces}, text="true")
    assert runner.exit_code == 1
    assert "pwned" in runner.printed["audit"]
    reports = Path(runner.outputs["audit"]["reports"])
    ours = (reports / "annotations.txt").read_text(encoding="utf-8").splitlines()
    assert effective_commands(runner.printed["audit"]) == ours
    assert all(line.startswith(("::error file=drift.yaml,", "::warning file=drift.yaml,")) for line in ours)
    assert not any("##[" in line for line in ours)


def test_texts_stay_out_of_log_and_files_unless_asked_for(action: Action) -> None:
    marked = [
        {"trace_id": f"t{n}", "timestamp": "2026-03-01T00:00:00Z", "input": f"secretword airline claim {n}"}
        for n in range(300)
    ]
    runner = action(files={"traces.jsonl": "".join(json.dumps(row) + "\n" for row in marked)})
    texts = [f"secretword airline claim {n}" for n in range(300)]
    shown = runner.printed["audit"]
    for path in Path(runner.outputs["audit"]["reports"]).iterdir():
        shown += path.read_text(encoding="utf-8")
    assert not [text for text in texts if text in shown]


@pytest.mark.parametrize("step", [step for step in STEPS if "run" in step], ids=lambda step: step.get("id", "last"))
def test_scripts_hold_no_expression_and_pass_shellcheck(step: Mapping[str, str], tmp_path: Path) -> None:
    """What stands in `${{ }}` is pasted in before the shell reads it: an injection if others can write it."""
    assert "${{" not in step["run"]
    script = tmp_path / "step.sh"
    script.write_text(f"#!/usr/bin/env bash\nset -eo pipefail\n{step['run']}")
    subprocess.run(
        ["shellcheck", str(script)], check=True, env={"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"}
    )


def test_other_actions_are_named_by_commit() -> None:
    for step in STEPS:
        if "uses" in step:
            owner, _, commit = step["uses"].partition("@")
            assert owner.startswith("actions/")
            assert len(commit) == 40
            int(commit, 16)
