"""Where a key may lie, and what is told of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from driftcheck.errors import ConfigError, DriftcheckError, InputError, OutputError
from driftcheck.sealing.key import FILE_VARIABLE, KEY_VARIABLE, find_key, make_key


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with drift.yaml in a folder below its root."""
    folder = tmp_path / "repo" / "evals"
    folder.mkdir(parents=True)
    (tmp_path / "repo" / ".git").mkdir()
    (tmp_path / "safe").mkdir()
    return folder


def test_a_key_is_found_by_option_then_variable_then_file(project: Path, tmp_path: Path) -> None:
    paths = [tmp_path / "safe" / name for name in "abc"]
    tokens = [make_key(path, project=project).token for path in paths]
    found = {KEY_VARIABLE: paths[1].read_text(), FILE_VARIABLE: str(paths[2])}
    assert find_key(paths[0], found, project=project).token == tokens[0]
    assert find_key(None, found, project=project).token == tokens[1]
    del found[KEY_VARIABLE]
    assert find_key(None, found, project=project).token == tokens[2]
    with pytest.raises(ConfigError, match="no key"):
        find_key(None, {}, project=project)
    assert len(set(tokens)) == 3
    assert all(token not in path.read_text() for token, path in zip(tokens, paths, strict=True))


@pytest.mark.parametrize("place", ["evals/k", "k", "evals/deep/k", "../repo/k"])
def test_no_key_is_made_or_read_in_the_repository(project: Path, place: str) -> None:
    root = project.parent
    (root / "evals" / "deep").mkdir()
    target = root / place
    with pytest.raises(OutputError, match="a key must not lie"):
        make_key(target, project=project)
    assert not target.exists()
    target.write_text("driftcheck-seal-" + "A" * 43)
    with pytest.raises(InputError, match="a key must not lie"):
        find_key(target, {}, project=project)


@pytest.mark.skipif(os.name != "posix", reason="links need a right on Windows")
def test_links_do_not_lead_into_the_repository_or_out_of_it(project: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(project, target_is_directory=True)
    with pytest.raises(OutputError, match="a key must not lie"):
        make_key(tmp_path / "link" / "k", project=project)
    make_key(tmp_path / "safe" / "k", project=project)
    (project / "k").symlink_to(tmp_path / "safe" / "k")
    with pytest.raises(InputError, match="a key must not lie"):
        find_key(project / "k", {}, project=project)
    (tmp_path / "safe" / "dangling").symlink_to(tmp_path / "safe" / "nowhere")
    with pytest.raises(OutputError, match="is there already"):
        make_key(tmp_path / "safe" / "dangling", project=project)
    assert not (tmp_path / "safe" / "nowhere").exists()


@pytest.mark.skipif(os.name != "posix", reason="modes are of POSIX")
def test_a_key_that_others_can_read_is_told(project: Path, tmp_path: Path) -> None:
    path = tmp_path / "safe" / "k"
    make_key(path, project=project)
    assert path.stat().st_mode & 0o777 == 0o600
    assert find_key(path, {}, project=project).warning == ""
    path.chmod(0o640)
    assert find_key(path, {}, project=project).warning.endswith("can be read by others than you: chmod 600 it")


@pytest.mark.parametrize(
    "text", ["", "secret-of-mine", "driftcheck-seal-", "driftcheck-seal-short", "driftcheck-seal-" + "A" * 44, "A" * 43]
)
def test_what_is_no_key_is_not_quoted(project: Path, tmp_path: Path, text: str) -> None:
    path = tmp_path / "safe" / "k"
    path.write_text(text)
    with pytest.raises(DriftcheckError) as problem:
        find_key(path, {}, project=project)
    assert "holds no key of a seal" in str(problem.value)
    body = text.removeprefix("driftcheck-seal-")
    assert not body or body not in str(problem.value)
    assert "secret" not in repr(make_key(tmp_path / "safe" / "other", project=project))


def test_the_folder_of_a_new_key_is_made_for_its_owner_alone(project: Path, tmp_path: Path) -> None:
    target = tmp_path / "home" / ".config" / "driftcheck" / "key"
    token = make_key(target, project=project).token
    assert find_key(target, {}, project=project).token == token
    if os.name == "posix":
        assert target.parent.stat().st_mode & 0o777 == 0o700
    with pytest.raises(OutputError, match="cannot be written"):
        make_key(target / "in-a-file", project=project)


def test_a_tilde_is_the_home_where_no_shell_reads_it(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path / "safe"))
    token = make_key(Path("~/keys/seal"), project=project).token
    assert (tmp_path / "safe" / "keys" / "seal").is_file()
    assert find_key(None, {FILE_VARIABLE: "~/keys/seal"}, project=project).token == token
    assert find_key(Path("~/keys/seal"), {}, project=project).token == token
