"""A hostile product through every output: each is written, and by its own parser nothing in it breaks out."""

from __future__ import annotations

import json
import re
import shutil
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

import jsonschema
import pandas as pd
import pytest
from defusedxml import ElementTree
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from tests.fakes import FakeEncoder
from tests.hostile.world import write_hostile_world
from tests.renderers.gfm import RENDERERS, seen
from tests.renderers.test_json_report import SCHEMA, closed
from tests.renderers.test_markdown import check_inert

from driftcheck.cli import run
from driftcheck.renderers.formats import FORMATS


@dataclass(frozen=True)
class Written:
    """The outputs of one audit, by format, and what it printed."""

    folder: Path
    terminal: str
    errors: str

    def path(self, format: str) -> Path:
        return self.folder / f"out.{format}"

    def text(self, format: str) -> str:
        return self.path(format).read_bytes().decode("utf-8")


@dataclass(frozen=True)
class Outputs:
    """The hostile product's, and as a measure of what is ours those of the same one in peace."""

    hostile: Written
    peaceful: Written
    texts: bool


@pytest.fixture(scope="module", params=[False, True], ids=["ids", "texts"])
def outputs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Outputs:
    texts = bool(request.param)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DRIFTCHECK_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.delenv("GITHUB_STEP_SUMMARY", raising=False)
        patch.setattr("driftcheck.embedding.encoder.SentenceTransformerEncoder", FakeEncoder)
        hostile, peaceful = (
            audit(tmp_path_factory.mktemp(name), patch, hostile=name == "hostile", texts=texts)
            for name in ("hostile", "peaceful")
        )
    return Outputs(hostile, peaceful, texts)


def audit(folder: Path, patch: pytest.MonkeyPatch, *, hostile: bool, texts: bool) -> Written:
    import contextlib
    import io

    write_hostile_world(folder, hostile=hostile)
    patch.chdir(folder)
    files = [word for format in FORMATS for word in ("-o", f"{format.name}:out.{format.name}")]
    out, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
        code = run(["audit", *files, "--verbose", *(["--text"] if texts else ["--no-text"])])
    assert code == 1, errors.getvalue()
    return Written(folder, out.getvalue(), errors.getvalue())


def test_the_world_is_as_hostile_as_it_says(outputs: Outputs) -> None:
    """Slices, ratings, findings with evidence, and attacks in every field that they are planted in."""
    report = json.loads(outputs.hostile.text("json"))
    findings = {finding["name"]: finding for finding in report["findings"]}
    failed = {name for name, finding in findings.items() if finding["status"] == "fail"}
    assert {"topic-divergence", "slice-coverage", "blind-slices", "csat-gap"} <= failed
    assert findings["error-mix"]["evidence"]
    assert any(row["label"].startswith("> quote") for row in findings["metadata-mix"]["evidence"])
    assert report["inputs"]["production"]["n_rated"] > 300
    assert report["inputs"]["eval_set"]["n_cases"] == 160
    assert report["inputs"]["production"]["n_sessions"] == 600
    assert "onerror" in report["inputs"]["eval_set"]["path"]
    assert any("feedback" in name and "<" in name for name in report["inputs"]["production"]["feedback_fields"])
    traces = pd.read_parquet(outputs.hostile.path("parquet") / "traces.parquet")
    for part in ("</script>", "::add-mask::", "\x1b]8;;", "\u202e", "=HYPERLINK", "{{", "\x00"):
        assert traces["trace_id"].str.contains(part, regex=False).any(), part
    assert traces["model"].str.contains("<", regex=False).any()


def read_json(one: Outputs) -> None:
    report = json.loads(one.hostile.text("json"))
    jsonschema.Draft202012Validator(closed(SCHEMA)).validate(report)
    check_no_control(one.hostile.text("json"))
    check_no_command(one.hostile.text("json"))


def read_markdown(one: Outputs) -> None:
    for parse in RENDERERS:
        page = seen(parse(one.hostile.text("markdown")))
        check_inert(page)
        calm = seen(parse(one.peaceful.text("markdown")))
        assert page.tags <= calm.tags
    check_no_control(one.hostile.text("markdown"))


def read_junit(one: Outputs) -> None:
    def shape(written: Written) -> list[tuple[str, tuple[str, ...]]]:
        root = ElementTree.fromstring(written.text("junit").encode())
        return [(element.tag, tuple(element.attrib)) for element in root.iter()]

    assert set(shape(one.hostile)) <= set(shape(one.peaceful))
    text = one.hostile.text("junit")
    assert "<![CDATA[" not in text
    assert "<!" not in text
    check_no_control(text)


def read_sarif(one: Outputs) -> None:
    log = json.loads(one.hostile.text("sarif"))
    calm = json.loads(one.peaceful.text("sarif"))
    ids = {rule["id"] for rule in calm["runs"][0]["tool"]["driver"]["rules"]}
    for result in log["runs"][0]["results"]:
        assert result["ruleId"] in ids
        # in a message `[text](target)` is a link; a backslash makes a bracket a bracket
        assert not re.search(r"(?<!\\)\[[^\]\\]*\]\(", result["message"]["text"])
        for place in result.get("locations", []):
            uri = place["physicalLocation"]["artifactLocation"]["uri"]
            assert re.fullmatch(r"[A-Za-z0-9._~/%-]+", uri), uri
    check_no_control(one.hostile.text("sarif"))


def read_github(one: Outputs) -> None:
    lines = one.hostile.text("github").splitlines()
    statuses = [finding["status"] for finding in json.loads(one.hostile.text("json"))["findings"]]
    assert len(lines) == statuses.count("fail") + statuses.count("warn") > 3
    for line in lines:
        command = re.fullmatch(r"::(error|warning|notice) ([^:]*)::(.*)", line)
        assert command, line
        properties = [one.partition("=")[0] for one in command[2].split(",")]
        assert set(properties) <= {"file", "line", "endLine", "title"}
        assert len(properties) == len(set(properties))
        assert "##[" not in line
        assert not re.search(r"%(?!25|0A|0D|3A|2C)", line)
    check_no_control("\n".join(lines))


def read_openmetrics(one: Outputs) -> None:
    def names(written: Written) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for family in text_string_to_metric_families(written.text("openmetrics")):
            for sample in family.samples:
                found.setdefault(sample.name, set()).update(sample.labels)
        return found

    assert names(one.hostile) == names(one.peaceful)
    assert one.hostile.text("openmetrics").count("# EOF") == 1


def read_parquet(one: Outputs) -> None:
    """Parquet holds what the export held: raw text, and the reader's tool shows it."""
    for name, n in (("cases", 160), ("traces", 600)):
        frame = pd.read_parquet(one.hostile.path("parquet") / f"{name}.parquet")
        assert len(frame) == n
        assert list(frame.columns) == list(pd.read_parquet(one.peaceful.path("parquet") / f"{name}.parquet").columns)
        assert ("text" in frame) == one.texts


class Elements(HTMLParser):
    """Every element with the names of its attributes, and what could act in a value."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: set[tuple[str, tuple[str, ...]]] = set()
        self.targets: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add((tag, tuple(sorted(name for name, _ in attrs))))
        self.targets |= {value or "" for name, value in attrs if name in {"href", "src", "action", "style"}}


def read_html(one: Outputs) -> None:
    """No element, attribute or target that the same page in peace does not have; the browser's test is its own."""
    hostile, peaceful = Elements(), Elements()
    hostile.feed(one.hostile.text("html"))
    peaceful.feed(one.peaceful.text("html"))
    assert hostile.found <= peaceful.found
    assert not {name for _, names in hostile.found for name in names if name.startswith("on")}
    assert not [target for target in hostile.targets if re.match(r"\s*(javascript|data:text)", target, re.IGNORECASE)]


READERS: dict[str, Callable[[Outputs], None]] = {
    "json": read_json,
    "markdown": read_markdown,
    "junit": read_junit,
    "sarif": read_sarif,
    "github": read_github,
    "openmetrics": read_openmetrics,
    "parquet": read_parquet,
    "html": read_html,
}


@pytest.mark.parametrize("format", [format.name for format in FORMATS])
def test_nothing_breaks_out(format: str, outputs: Outputs) -> None:
    assert format in READERS, f"a new format: add its parser here ({format})"
    READERS[format](outputs)


def test_the_terminal_is_left_alone(outputs: Outputs) -> None:
    """No control character, no bidi override, and in a job's log no command to the runner."""
    for text in (outputs.hostile.terminal, outputs.hostile.errors):
        check_no_control(text)
        check_no_command(text)
    assert "\\x1b" in outputs.hostile.terminal


def test_texts_leave_only_when_asked(outputs: Outputs) -> None:
    """Of the files without `--text`, none holds a sentence of a case or trace."""
    frames = outputs.hostile.folder.glob("e*/*.jsonl")
    sentences = [json.loads(line)["input"] for path in frames for line in path.read_text().splitlines()]
    sentences = [text for text in sentences if text.isascii() and text.isprintable() and len(text) > 25]
    assert len(sentences) > 300
    for format in FORMATS:
        if format.render and not outputs.texts:
            text = outputs.hostile.text(format.name)
            assert not [sentence for sentence in sentences if sentence in text], format.name


def check_no_control(text: str) -> None:
    acting = {c for c in text if unicodedata.category(c) in {"Cc", "Cf", "Cs"}} - {"\n"}
    assert not acting, sorted(acting)


def check_no_command(text: str) -> None:
    # lines as the runner reads them: .NET's StreamReader ends one at \r and \n alone
    assert not [line for line in re.split(r"[\r\n]", text) if line.lstrip().startswith("::")]
    assert not re.search(r"##[A-Za-z]*\[", text)


def test_a_long_word_at_the_edge_of_a_line_is_no_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a line is broken, what follows begins the next one."""
    from rich.console import Console

    from driftcheck.renderers.screen.page import Page

    console = Console(width=30, file=(tmp_path / "out").open("w"), _environ={})
    page = Page(console)
    page.prose("::error::" * 40)
    page.prose("a ::error::b ##[error]c " * 20)
    page.table([], [])
    console.file.close()
    check_no_command((tmp_path / "out").read_text())
    shutil.rmtree(tmp_path)
