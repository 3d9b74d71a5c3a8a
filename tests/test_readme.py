"""README says what the code says: its generated parts, its two commands, its drift.yaml."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
import yaml

from driftcheck.checks.catalogue import catalogue
from driftcheck.config import Settings, load_config, parse_config
from driftcheck.errors import ExitCode
from driftcheck.loaders import LOADERS
from driftcheck.renderers import formats_page
from driftcheck.renderers.checks_table import markdown

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
FORMATS = "src/driftcheck/loaders/README.md"


def keys_table() -> str:
    lines = ["| key | is | default |", "| --- | --- | --- |"]
    defaults = Settings().model_dump(mode="json")
    for name, info in Settings.model_fields.items():
        value = "28d" if name == "window" else defaults[name]
        shown = (
            f"`{value}`"
            if isinstance(value, str | int)
            else f"`{', '.join(value)}`"
            if value and isinstance(value, list)
            else "–"
        )
        lines.append(f"| `{name}` | {info.description} | {shown} |")
    return "\n".join(lines) + "\n"


GENERATED = [
    ("checks", markdown(catalogue())),
    ("drift.yaml", keys_table()),
    ("formats", formats_page.table(LOADERS, FORMATS)),
]


@pytest.mark.parametrize(("name", "text"), GENERATED, ids=[name for name, _ in GENERATED])
def test_generated_parts_are_up_to_date(name: str, text: str) -> None:
    readme = README.read_text(encoding="utf-8")
    begin, end = f"<!-- {name}: begin -->\n", f"<!-- {name}: end -->"
    assert begin in readme
    head, rest = readme.split(begin)
    tail = rest[rest.index(end) :]
    if os.environ.get("RENEW_GOLDEN"):
        README.write_text(head + begin + text + tail, encoding="utf-8")
        return
    assert rest.startswith(text), "RENEW_GOLDEN=1 pytest tests/test_readme.py"


def test_the_page_of_formats_is_up_to_date() -> None:
    text = formats_page.page(LOADERS)
    if os.environ.get("RENEW_GOLDEN"):
        (ROOT / FORMATS).write_text(text, encoding="utf-8")
        return
    assert (ROOT / FORMATS).read_text(encoding="utf-8") == text, "RENEW_GOLDEN=1 pytest tests/test_readme.py"


def test_the_two_commands_stand_right_under_their_marks() -> None:
    readme = README.read_text(encoding="utf-8")
    blocks = dict(re.findall(r"<!-- quickstart: (\w+) -->\n```bash\n(.+?)\n```", readme, re.DOTALL))
    assert set(blocks) == {"run", "test"}
    assert "driftcheck audit" in blocks["run"]
    assert "pytest" in blocks["test"]


def test_the_drift_yaml_it_shows_is_valid() -> None:
    readme = README.read_text(encoding="utf-8")
    shown = re.search(r"## drift.yaml\n\n```yaml\n(.+?)```", readme, re.DOTALL)
    assert shown
    parse_config(shown[1], Path("drift.yaml"))
    assert set(yaml.safe_load(shown[1])) <= set(Settings.model_fields)


def test_it_names_every_exit_code() -> None:
    readme = README.read_text(encoding="utf-8")
    assert all(f"| {code.value} | " in readme for code in ExitCode)


@pytest.mark.parametrize("path", ["drift.yaml", "examples/bad-quarter/drift.yaml"])
def test_the_configs_of_the_examples_name_files_that_are_there(path: str) -> None:
    config = load_config(ROOT / path)
    for pattern in (*config.settings.eval_set, *config.settings.runs, *config.settings.production):
        assert (
            list(config.folder.glob(pattern))
            or list(config.folder.resolve().glob(pattern))
            or (config.folder / pattern).exists()
        ), pattern
