"""drift.yaml: what it takes, and the one line it gives for what it does not."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import jsonschema
import pytest
import yaml

from driftcheck.config import Design, Settings, json_schema, load_config, parse_config
from driftcheck.errors import ConfigError
from driftcheck.scaffold import _EXAMPLES, Found, draft

HERE = Path("drift.yaml")


def test_every_key_is_read() -> None:
    text = "\n".join(f"{name}: {example}" for name, example in _EXAMPLES.items())
    settings = parse_config(text, HERE).settings
    assert set(_EXAMPLES) == set(Settings.model_fields)
    assert settings.window == 28 * 86_400
    assert settings.production == ("exports/*.jsonl",)
    assert settings.satisfaction.good == ">= 4"
    assert settings.checks["thin-slices"].off
    assert settings.waivers[0].slice == "s12"


def test_off_is_read_whatever_yaml_makes_of_it() -> None:
    settings = parse_config("checks: {a: off, b: 'off', c: on}", HERE).settings
    assert [settings.checks[name].off for name in "abc"] == [True, True, False]


def test_settings_are_frozen() -> None:
    settings = parse_config("design: stratified", HERE).settings
    assert settings.design is Design.STRATIFIED
    with pytest.raises(ValueError, match="frozen"):
        settings.design = Design.SAMPLE  # type: ignore[misc]  # that is what is tested


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("eval_sett: a", "drift.yaml:1: unknown key 'eval_sett' (did you mean eval_set?)"),
        ("window: 4w\nchecks:\n  csat-gap: {fial: 0.1}", "drift.yaml:3: unknown key 'fial' (did you mean fail?)"),
        ("window: 3 moons", "drift.yaml:1: window: not a duration; write 28d, 4w or 36h"),
        ("\nsample: ten", "drift.yaml:2: sample: not a whole number"),
        ("satisfaction: csat", "drift.yaml:1: satisfaction: not a mapping, such as {key: value}"),
        (
            "waivers:\n- {check: a, until: 2026-12-31, owner: b, reason: ' '}",
            "drift.yaml:2: waivers.0.reason: blank",
        ),
        ("waivers: [{check: a}]", "drift.yaml:1: waivers.0: lacks until, owner, reason"),
        (
            "checks: {csat-gap: {fail: -1}}",
            "drift.yaml:1: checks.csat-gap.fail: input should be greater",
        ),
        (
            "checks: {csat-gap: {warn: 0.9, fail: 0.1}}",
            "drift.yaml:1: checks.csat-gap: warns at 0.9, above",
        ),
        ("a: [", "drift.yaml:1: not valid YAML"),
        ("- a\n- b", "drift.yaml:1: not a mapping of keys"),
        ("waivers:\n- {check: a, until: 2026-13-01}", "drift.yaml: a value cannot be read: month must be in 1..12"),
        ("columns: {prodcution: {}}", "drift.yaml:1: unknown key 'prodcution' (did you mean production?)"),
    ],
)
def test_errors_are_one_line_with_their_place(text: str, line: str) -> None:
    with pytest.raises(ConfigError) as error:
        parse_config(text, HERE)
    assert str(error.value).startswith(line)
    assert "\n" not in str(error.value)


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="driftcheck init writes one"):
        load_config(tmp_path / "drift.yaml")


def test_where_names_the_line_of_a_key() -> None:
    config = parse_config("window: 4w\nchecks:\n  csat-gap: off\n", HERE)
    assert config.where("checks", "csat-gap") == "drift.yaml:3"
    assert config.where("checks", "no-such") == "drift.yaml:2"
    assert config.where("model") == "drift.yaml"


def test_the_draft_is_a_valid_config_with_every_key() -> None:
    text = draft(Found(None, None, None))
    assert parse_config(text, HERE).settings == Settings()
    written = {f"# {name}: {example}" for name, example in _EXAMPLES.items()}
    uncommented = "\n".join(line[2:] for line in text.splitlines() if line in written)
    assert set(yaml.safe_load(uncommented)) == set(Settings.model_fields)


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n" for before, name in pairwise("abcdefghijk")
)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (BOMB, "drift.yaml: stands for more than 100,000 values"),
        (BOMB.replace("[", "{<<: [").replace("]", "]}"), "drift.yaml: stands for more than 100,000 values"),
        ("eval_set: &a [*a]", "drift.yaml:1: a value contains itself"),
        ("#" * (2 << 20), "drift.yaml: is larger than 1 MB"),
        ("[" * 5_000, "drift.yaml"),
        ("window: 4w\nsample: 200\nwindow: 2w", "drift.yaml:3: 'window' is here twice, first in line 1"),
        ("checks:\n  csat-gap: off\n  csat-gap: on", "drift.yaml:3: 'csat-gap' is here twice, first in line 2"),
        ("waivers:\n- {check: a,\n   check: b}", "drift.yaml:3: 'check' is here twice, first in line 2"),
    ],
)
def test_what_is_more_than_it_looks_is_refused(text: str, line: str) -> None:
    with pytest.raises(ConfigError) as error:
        parse_config(text, HERE)
    assert str(error.value).startswith(line)
    assert "\n" not in str(error.value)


def test_aliases_are_fine(tmp_path: Path) -> None:
    (tmp_path / "drift.yaml").write_text("eval_set: &files [a.jsonl, b.jsonl]\nruns: *files\n")
    assert load_config(tmp_path / "drift.yaml").settings.runs == ("a.jsonl", "b.jsonl")


def test_what_is_no_text_is_said_without_the_words_of_python(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is a folder"):
        load_config(tmp_path)
    (tmp_path / "drift.yaml").write_bytes(b"owner: J\xfcrg")
    with pytest.raises(ConfigError, match=r"is not UTF-8 text \(save it as UTF-8\)"):
        load_config(tmp_path / "drift.yaml")


def test_the_schema_takes_what_people_write() -> None:
    """Editors hold a drift.yaml against it: every way of writing a key that is read must be allowed, and no other."""
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)

    def refused(text: str) -> list[str]:
        found = json.loads(json.dumps(yaml.safe_load(text), default=str))  # to an editor a day is a text
        return [error.message for error in jsonschema.Draft202012Validator(schema).iter_errors(found)]

    for name, example in _EXAMPLES.items():
        assert refused(f"{name}: {example}") == [], name
    for text in (
        "waivers:",
        "eval_set: [a.yaml, b.yaml]",
        "checks: {thin-slices: off, csat-gap: {fail: 0.2}}",
        "ledger: off",
    ):
        assert refused(text) == []
    assert refused("max_age: 13w") == []
    for text in ("window: soon", "max_age: {default: 3 moons}", "checks: {csat-gap: maybe}", "ownr: ana"):
        assert refused(text) != []
