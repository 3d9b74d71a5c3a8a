"""A composite action run as GitHub's runner would: its steps in order, expressions evaluated, files for outputs.

Of the expressions only what the action uses is known; anything else fails the test. Steps that use other actions are
not run: what they got is kept, and what they give is set by the test.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")


@dataclass
class Runner:
    """One run of the action; `environment` is what the runner sets for every step."""

    action: Path
    folder: Path
    inputs: Mapping[str, str]
    environment: Mapping[str, str]
    github: Mapping[str, Any]
    given: Mapping[str, Mapping[str, str]]
    """Outputs of the steps that use other actions, by id."""
    outputs: dict[str, dict[str, str]] = field(default_factory=dict)
    printed: dict[str, str] = field(default_factory=dict)
    """What the steps printed, by id."""
    used: dict[str, dict[str, str]] = field(default_factory=dict)
    """What other actions got as `with`, by their name without the version."""
    exit_code: int = 0

    def run(self) -> int:
        """Run the steps until one fails, and return the exit code of the last."""
        self.declared = yaml.safe_load(self.action.read_text(encoding="utf-8"))
        for number, step in enumerate(self.declared["runs"]["steps"]):
            condition = step.get("if")
            if condition and not self.evaluate(_EXPRESSION.fullmatch(condition)[1]):  # type: ignore[index]
                continue
            if "uses" in step:
                self.outputs[step.get("id", "")] = dict(self.given.get(step.get("id", ""), {}))
                self.used[step["uses"].partition("@")[0]] = self.filled(step.get("with", {}))
            else:
                self.exit_code = self.shell(step.get("id", f"step-{number}"), step)
                if self.exit_code:
                    break
        return self.exit_code

    def shell(self, name: str, step: Mapping[str, Any]) -> int:
        """Run one step of bash, with the options that the runner gives it."""
        script, out = self.folder / f"{name}.sh", self.folder / f"{name}.output"
        script.write_text(step["run"], encoding="utf-8")
        out.touch()
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            cwd=self.folder / "checkout" / self.fill(step.get("working-directory", ".")),
            env={**self.environment, **self.filled(step.get("env", {})), "GITHUB_OUTPUT": str(out)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        self.printed[name] = done.stdout.decode("utf-8", "replace")
        self.outputs[name] = dict(line.split("=", 1) for line in out.read_text(encoding="utf-8").splitlines())
        return done.returncode

    def filled(self, values: Mapping[str, object]) -> dict[str, str]:
        return {key: self.fill(str(value)) for key, value in values.items()}

    def fill(self, text: str) -> str:
        return _EXPRESSION.sub(lambda found: self.evaluate(found[1]), text)

    def evaluate(self, expression: str) -> str:
        """Evaluate a name, a comparison with a literal, or several joined by `&&`; empty is false."""
        if "&&" in expression:
            return "true" if all(self.evaluate(part.strip()) for part in expression.split("&&")) else ""
        if found := re.fullmatch(r"(\S+) (==|!=) '(.*)'", expression):
            return "true" if (self.evaluate(found[1]) == found[3]) == (found[2] == "==") else ""
        first, *rest = expression.split(".")
        if first == "inputs":
            declared = self.declared["inputs"][rest[0]]
            return self.inputs.get(rest[0], self.fill(declared["default"]))
        if first == "steps":
            return self.outputs[rest[0]].get(rest[2], "")
        contexts: dict[str, Any] = {
            "github": self.github,
            "runner": {"os": "Linux", "arch": "X64", "temp": self.environment["RUNNER_TEMP"]},
        }
        value = contexts[first]
        for name in rest:
            value = value.get(name, {})
        return str(value) if value != {} else ""


def effective_commands(log: str) -> list[str]:
    """Lines of a log that the runner takes for commands: not those between `::stop-commands::TOKEN` and `::TOKEN::`."""
    commands = []
    token = ""
    for line in log.splitlines():
        trimmed = line.strip()
        if token:
            token = "" if trimmed == f"::{token}::" else token
        elif trimmed.startswith("::stop-commands::"):
            token = trimmed.removeprefix("::stop-commands::")
        elif trimmed.startswith("::") or "##[" in trimmed:
            commands.append(trimmed)
    return commands
