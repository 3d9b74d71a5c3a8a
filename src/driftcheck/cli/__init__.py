"""The command line: one file per command; this one puts them together and turns every error into one line.

Nothing heavy is imported here: pandas, scikit-learn and torch come in with the command that needs them.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Annotated, TextIO

import typer

from driftcheck import __version__
from driftcheck.cli.accept import accept_command
from driftcheck.cli.audit import audit_command
from driftcheck.cli.checks import checks_command
from driftcheck.cli.compare import compare_command
from driftcheck.cli.error_line import print_error
from driftcheck.cli.explain import explain_command
from driftcheck.cli.init import init_command
from driftcheck.cli.inputs import PATH_OPTIONS
from driftcheck.cli.inspect import inspect_command
from driftcheck.cli.investigate import investigate_command
from driftcheck.cli.power import power_command
from driftcheck.cli.refresh import refresh_command
from driftcheck.cli.retire import retire_command
from driftcheck.cli.seal import seal_command
from driftcheck.cli.trend import trend_command
from driftcheck.cli.unseal import unseal_command
from driftcheck.cli.validate import validate_command
from driftcheck.cli.waive import waive_command
from driftcheck.errors import DriftcheckError, ExitCode

_KEPT = {
    **dict.fromkeys(
        ("audit", "power", "compare", "investigate", "trend", "refresh", "retire"), "what was embedded is kept"
    ),
    "seal": "what it had begun, the next driftcheck seal brings to its end",
    "unseal": "where the ledger has the opening already, --force opens again",
}
"""What an interrupt leaves, by the command; the others write whole or not at all."""

# typer carries a click of its own and names only some of its exceptions; this is what every refusal of its parser is
_ClickException = typer.BadParameter.__mro__[2]

app = typer.Typer(
    name="driftcheck",
    help="Is the eval set still like this week's traffic, and does its score agree with users?",
    epilog="Exit codes: 0 nothing blocks, 1 a threshold is crossed, 2 an input is wrong, 3 blind (too little data), "
    "4 a bug of ours, 130 interrupted.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
_COMMANDS: tuple[tuple[str, Callable[..., int | None]], ...] = (
    ("audit", audit_command),
    ("power", power_command),
    ("compare", compare_command),
    ("investigate", investigate_command),
    ("trend", trend_command),
    ("refresh", refresh_command),
    ("accept", accept_command),
    ("retire", retire_command),
    ("validate", validate_command),
    ("seal", seal_command),
    ("unseal", unseal_command),
    ("waive", waive_command),
    ("inspect", inspect_command),
    ("init", init_command),
    ("checks", checks_command),
    ("explain", explain_command),
)


def one_line_each(text: str) -> str:
    r"""Paragraphs of a docstring without the line breaks of its source: the help breaks lines where the screen ends.

    >>> one_line_each("Do it.\n\n    Slowly\n    and with care.")
    'Do it.\n\nSlowly and with care.'
    """
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


for _name, _command in _COMMANDS:
    app.command(_name, help=one_line_each(_command.__doc__ or ""))(_command)


def spread_paths(arguments: list[str]) -> list[str]:
    """Let one option of paths take several: what the shell makes of `--production exports/*.jsonl`.

    >>> spread_paths(["audit", "--runs", "a", "b", "-q", "--production", "-"])
    ['audit', '--runs', 'a', '--runs', 'b', '-q', '--production', '-']
    """
    spread: list[str] = []
    option = ""
    for argument in arguments:
        if argument != "-" and argument.startswith("-"):
            option = argument if argument in PATH_OPTIONS else ""
        elif option and spread[-1] != option:
            spread.append(option)
        spread.append(argument)
    return spread


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"driftcheck {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    pass


def run(arguments: list[str] | None = None) -> int:
    """Run one command line and return its exit code; every error is one line on standard error."""
    out, err = _prepared(sys.stdout), _prepared(sys.stderr)
    sys.stdout, sys.stderr = out, err
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        code = app(
            spread_paths(arguments),
            standalone_mode=False,
            prog_name="driftcheck",
        )
        try:
            out.flush()
        except BrokenPipeError:
            _divert(out)
        if code == ExitCode.INTERRUPTED:  # typer's way of telling of Ctrl-C
            return _interrupted(arguments)
        return int(code) if isinstance(code, int) else ExitCode.OK
    except DriftcheckError as error:
        return _say(str(error), error.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        return _interrupted(arguments)
    except SystemExit as ending:
        # the reader of a pipe went away, such as `| head`: typer and Rich would make an exit code 1 of it
        if not isinstance(ending.__context__, BrokenPipeError):
            raise
        sys.stdout, sys.stderr = out, err
        _divert(out)
        return ExitCode.OK
    except Exception as error:  # the one place where anything is caught
        if type(error).__name__ == "NoArgsIsHelpError":  # the help has been printed: that says it all
            return ExitCode.USAGE
        if isinstance(error, _ClickException):
            return _say(_usage_line(error), ExitCode.USAGE)
        return _say(f"a bug of ours: please report it with {_traceback_file()}", ExitCode.BUG)


def _prepared(stream: TextIO | None) -> TextIO:
    """Return a stream that takes every text: what its encoding lacks is written as an escape."""
    if stream is None:  # closed by whoever started us, `>&-`
        return open(os.devnull, "w", encoding="utf-8")
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
    return stream


def _divert(stream: TextIO) -> None:
    """Let a stream without a reader run dry, so that the interpreter does not complain at its end."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _interrupted(arguments: list[str]) -> int:
    """Say what an interrupt leaves, by the command."""
    kept = _KEPT.get(arguments[0] if arguments else "", "")
    return _say(f"interrupted; {kept}" if kept else "interrupted", ExitCode.INTERRUPTED)


def _usage_line(error: Exception) -> str:
    """One line for a command line that the parser refuses."""
    message = str(getattr(error, "message", error)).rstrip(".").replace("\n", " ").removeprefix("Value error, ")
    message = message or "missing"
    if hint := getattr(error, "param_hint", None) or getattr(getattr(error, "param", None), "opts", [""])[-1]:
        message = f"{str(hint).strip(chr(39))}: {message}"
    command = getattr(getattr(error, "ctx", None), "command_path", "driftcheck")
    return f"{message} (see {command} --help)"


def _say(line: str, code: ExitCode) -> int:
    try:
        print_error(line)
    except BrokenPipeError:
        _divert(sys.stderr)
    return code


def _traceback_file() -> str:
    import tempfile
    import traceback

    with tempfile.NamedTemporaryFile(
        "w", prefix="driftcheck-", suffix=".log", delete=False, encoding="utf-8", errors="backslashreplace"
    ) as file:
        file.write(f"driftcheck {__version__}, Python {sys.version}\n\n{traceback.format_exc()}")
    return file.name
