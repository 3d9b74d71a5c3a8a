"""Where a refresh may write its report, and the command that finds its proposals."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from driftcheck.config import Config
from driftcheck.editing.proposals import default_path
from driftcheck.errors import OutputError
from driftcheck.intake import Paths
from driftcheck.loaders.source import Source, set_aside_as


def spare_proposals(outputs: Sequence[Path], sources: Sequence[Source], out: Path | None) -> None:
    """Refuse a report in the place of a proposals file, or of cases set aside. Raises OutputError."""
    for path in (*(default_path(source.path) for source in sources if source.path), *([out] if out else [])):
        spare(outputs, path)
    for output in outputs:  # of another file of the eval set, of another drift.yaml
        if set_aside_as(output.resolve()) is not None and output.exists():
            spare([output], output)


def spare(outputs: Sequence[Path], path: Path) -> None:
    """Refuse a report in the place of one file. Raises OutputError."""
    for output in outputs:
        if output.resolve() == path.resolve():
            what = set_aside_as(path.resolve()) or "proposals"
            holds = what if what == "proposals" else f"{what} cases"
            raise OutputError(str(output), f"is for {holds}: the report would replace them", "name another file")


def accepting(config: Config, eval_set: Paths | None, sources: Sequence[Source], out: Path | None) -> str:
    """The command that finds the proposals where they were written."""
    words = ["driftcheck", "accept"]
    if out is not None and out.resolve() not in {default_path(one.path).resolve() for one in sources if one.path}:
        words.append(str(out))
    if config.path is not None and config.path.resolve() != Path("drift.yaml").resolve():
        words += ["-c", str(config.path)]
    if eval_set is not None:
        words += ["--eval-set", *([str(eval_set)] if isinstance(eval_set, str | Path) else map(str, eval_set))]
    return shlex.join(words)
