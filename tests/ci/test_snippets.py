"""What we offer to other people's CI fits its schema and is safe; README shows the same."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from driftcheck.cli import app

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
ACTION = ROOT / ".github" / "actions" / "audit" / "action.yml"
GITHUB = ROOT / "examples" / "ci" / "github-workflow.yml"
GITLAB = ROOT / "examples" / "ci" / "gitlab-ci.yml"
HOOKS = ROOT / ".pre-commit-hooks.yaml"


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        ("vendor.github-actions", ACTION),
        ("vendor.github-workflows", GITHUB),
        ("vendor.github-workflows", ROOT / ".github" / "workflows" / "ci.yml"),
        ("vendor.gitlab-ci", GITLAB),
    ],
    ids=lambda value: value.name if isinstance(value, Path) else value,
)
def test_fits_its_schema(schema: str, path: Path) -> None:
    subprocess.run([BIN / "check-jsonschema", "--builtin-schema", schema, path], check=True)


def test_the_hooks_are_hooks() -> None:
    subprocess.run([BIN / "pre-commit", "validate-manifest", HOOKS], check=True)


def test_the_action_has_no_hole_that_zizmor_knows() -> None:
    """Offline: what asks GitHub is left out."""
    subprocess.run([BIN / "zizmor", "--offline", "--no-progress", "--pedantic", ACTION], check=True)


@pytest.mark.parametrize(
    ("hook", "path", "runs"),
    [
        ("driftcheck-audit", "drift.yaml", True),
        ("driftcheck-audit", "apps/support/drift.yaml", True),
        ("driftcheck-audit", "evalsets/support.yaml", True),
        ("driftcheck-audit", "eval/cases.csv", True),
        ("driftcheck-audit", "src/medieval/cases.csv", False),
        ("driftcheck-audit", "src/app.py", False),
        ("driftcheck-inspect", "evals/a.jsonl", True),
        ("driftcheck-inspect", "evals/README.md", False),
        ("driftcheck-inspect", "drift.yaml", False),
    ],
)
def test_hooks_run_where_the_eval_set_changes(hook: str, path: str, runs: bool) -> None:
    hooks = {one["id"]: one for one in yaml.safe_load(HOOKS.read_text(encoding="utf-8"))}
    assert bool(re.search(hooks[hook]["files"], path)) is runs


def commands() -> list[str]:
    """Every `driftcheck ...` that a snippet or README's section runs."""
    found = [hook["entry"] for hook in yaml.safe_load(HOOKS.read_text(encoding="utf-8"))]
    job = yaml.safe_load(GITLAB.read_text(encoding="utf-8"))["driftcheck"]
    found += [line for line in job["script"] if line.startswith("driftcheck ")]
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    section = readme[readme.index("## In CI") :].split("\n## ")[0]
    found += re.findall(r"^(?:\$ )?(driftcheck [^#\n|&]+)", section, re.MULTILINE)
    return found


def test_their_commands_have_the_options_that_they_name() -> None:
    """Each option is one of the command's own, as its help says."""
    assert len(commands()) >= 4
    for command in commands():
        _, name, *words = command.split()
        helped = CliRunner().invoke(app, [name, "--help"], env={"COLUMNS": "200", "NO_COLOR": "1"}).output
        options = [word.partition("=")[0] for word in words if word.startswith("-")]
        assert [option for option in options if not re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", helped)] == []


def test_outputs_of_the_snippets_have_a_format() -> None:
    from driftcheck.renderers.formats import FORMATS
    from driftcheck.renderers.targets import resolve

    outputs = [out for command in commands() for out in re.findall(r"(?:-o|--output) (\S+)", command)]
    assert len(outputs) >= 3
    for out in outputs:
        assert resolve(out, FORMATS).format.name


def test_gitlab_reads_the_junit_report_that_is_written() -> None:
    job = yaml.safe_load(GITLAB.read_text(encoding="utf-8"))["driftcheck"]
    assert f"-o {job['artifacts']['reports']['junit']}" in job["script"][-1]
    assert job["cache"]["when"] == "always"


def test_readme_names_inputs_that_the_action_has() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = [
        yaml.safe_load(block)
        for block in re.findall(r"```yaml\n(.+?)```", readme, re.DOTALL)
        if "actions/audit@" in block
    ]
    workflow = yaml.safe_load(GITHUB.read_text(encoding="utf-8"))
    steps = [step for block in (*shown, workflow["jobs"]["driftcheck"]["steps"]) for step in block]
    named = [set(step["with"]) for step in steps if "actions/audit@" in step.get("uses", "")]
    assert len(named) == 2
    declared = set(yaml.safe_load(ACTION.read_text(encoding="utf-8"))["inputs"])
    assert all(names <= declared for names in named)
