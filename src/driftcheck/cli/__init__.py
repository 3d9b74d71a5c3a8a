"""The command line: one file per command; this one puts them together and turns every error into one line.

Nothing heavy is imported here: pandas, scikit-learn and torch come in with the command that needs them.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from driftcheck import __version__
from driftcheck.cli.audit import audit_command
from driftcheck.cli.checks import checks_command
from driftcheck.cli.explain import explain_command
from driftcheck.cli.init import init_command
from driftcheck.cli.inspect import inspect_command
from driftcheck.errors import DriftcheckError, ExitCode

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
app.command("audit")(audit_command)
app.command("inspect")(inspect_command)
app.command("init")(init_command)
app.command("checks")(checks_command)
app.command("explain")(explain_command)


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
    try:
        code = app(arguments, standalone_mode=False, prog_name="driftcheck")
        sys.stdout.flush()
        if code == ExitCode.INTERRUPTED:  # typer's way of telling of Ctrl-C
            return _interrupted()
        return int(code) if isinstance(code, int) else ExitCode.OK
    except DriftcheckError as error:
        return _say(str(error), error.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        return _interrupted()
    except BrokenPipeError:
        # the reader of a pipe went away, such as `| head`; keep the interpreter from complaining at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.OK
    except Exception as error:  # the one place where anything is caught
        if isinstance(error, _ClickException):
            return _say(_usage_line(error), ExitCode.USAGE)
        return _say(f"a bug of ours: please report it with {_traceback_file()}", ExitCode.BUG)


def _interrupted() -> int:
    return _say("interrupted; what was embedded is kept", ExitCode.INTERRUPTED)


def _usage_line(error: Exception) -> str:
    """One line for a command line that the parser refuses."""
    message = str(getattr(error, "message", error)).rstrip(".").replace("\n", " ").removeprefix("Value error, ")
    message = message or "missing"
    if hint := getattr(error, "param_hint", None) or getattr(getattr(error, "param", None), "opts", [""])[-1]:
        message = f"{str(hint).strip(chr(39))}: {message}"
    command = getattr(getattr(error, "ctx", None), "command_path", "driftcheck")
    return f"{message} (see {command} --help)"


def _say(line: str, code: ExitCode) -> int:
    # what is quoted may come out of a file: no control character of it acts on the terminal
    visible = "".join(character if character.isprintable() else f"\\x{ord(character):02x}" for character in line)
    encoding = sys.stderr.encoding or "utf-8"
    print(f"driftcheck: {visible}".encode(encoding, "backslashreplace").decode(encoding), file=sys.stderr)
    return code


def _traceback_file() -> str:
    import tempfile
    import traceback

    with tempfile.NamedTemporaryFile(
        "w", prefix="driftcheck-", suffix=".log", delete=False, encoding="utf-8", errors="backslashreplace"
    ) as file:
        file.write(f"driftcheck {__version__}, Python {sys.version}\n\n{traceback.format_exc()}")
    return file.name
