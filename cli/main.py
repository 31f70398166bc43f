"""Run the command `acredita`: groups of commands, and the one place where an error becomes an exit code.

Nothing below raises SystemExit for a reason of its own: commands raise typed errors or return an exit code, and `run` says
the one sentence. An unexpected error is written to a log file with its traceback and reported in one sentence, exit 4.
"""

import logging
import os
import resource
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer
from acredita.cli.broken_pipe import outlive_reader
from acredita.cli.exit_codes import INTERNAL, NEGATIVE, OK, UNUSABLE, ActRefused, ArgumentRefused
from acredita.cli.lazy_commands import Commands

_KEYBOARD: Final = 130  # what the library makes of the keyboard's interrupt

app = typer.Typer(
    cls=Commands,
    name="acredita",
    help="Permissioned, ledger-anchored registry node for microcredentials.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _print_version(requested: bool) -> None:
    if requested:
        from importlib.metadata import version

        typer.echo(f"acredita {version('acredita')}")
        raise typer.Exit


@app.callback()
def acredita(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Parse the options before a command: only `--version` exists."""


def run() -> None:
    """Run the `acredita` script."""
    outlive_reader()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # keys are in memory, here and in the processes started from here
    code = main(sys.argv[1:])
    try:
        sys.stdout.flush()
    except OSError as error:
        if code != UNUSABLE:  # else it has been said
            _end(f"standard output: {(error.strerror or 'cannot be written').lower()}", UNUSABLE)
        os._exit(UNUSABLE)  # the interpreter would try the same once more, and say it with a traceback
    sys.exit(code)


def main(arguments: list[str]) -> int:
    """Run one command and return its exit code (docs/cli.md)."""
    logging.getLogger("acredita").addHandler(logging.NullHandler())  # a command speaks through its output alone
    try:
        code = app(args=arguments, standalone_mode=False)
    except typer.TyperException as error:
        sentence = error.format_message()
        return _end(sentence, UNUSABLE) if sentence else UNUSABLE  # without words: the help was shown
    except (typer.Abort, KeyboardInterrupt):
        return _end("interrupted", UNUSABLE)
    except ArgumentRefused as error:
        return _end(str(error), UNUSABLE)
    except ActRefused as error:
        return _end(str(error), NEGATIVE)
    except Exception as error:  # noqa: BLE001 - the outermost place: said in one sentence, kept in a log
        return _end_with_error(error)
    if code == _KEYBOARD:
        return _end("interrupted", UNUSABLE)
    return code if isinstance(code, int) else OK


def _end_with_error(error: Exception) -> int:
    from acredita.cli.exit_for_error import exit_for_error

    foreseen = exit_for_error(error)
    if foreseen is not None:
        return _end(*foreseen)
    return _end(f"internal error: {type(error).__name__}; details in {_log(error)}", INTERNAL)


def _end(sentence: str, code: int) -> int:
    """Write the one sentence of a failed command, and return its exit code."""
    sys.stderr.write(f"acredita: {sentence}\n")
    return code


def _log(error: Exception) -> Path:
    """Write the traceback to the user's state folder; the sentence on the screen names the file."""
    base = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    folder = base / "acredita"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"error-{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{os.getpid()}.log"
    path.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
    return path
