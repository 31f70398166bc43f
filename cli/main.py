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
from acredita.cli.options import Lang
from acredita.cli.reader_language import language_of
from acredita.cli.spanish.help_context import in_context
from acredita.node.verification.language import Language

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
    lang: Lang = Language.ES,
) -> None:
    """Parse the options before a command. `--lang` is read by `main`, because it counts wherever it stands."""


def run() -> None:
    """Run the `acredita` script."""
    outlive_reader()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # keys are in memory, here and in the processes started from here
    code = main(sys.argv[1:])
    try:
        sys.stdout.flush()
    except OSError as error:
        if code != UNUSABLE:  # else it has been said
            sentence = f"standard output: {(error.strerror or 'cannot be written').lower()}"
            _end(sentence, UNUSABLE, language_of(sys.argv[1:], os.environ))
        os._exit(UNUSABLE)  # the interpreter would try the same once more, and say it with a traceback
    sys.exit(code)


def main(arguments: list[str]) -> int:
    """Run one command and return its exit code (docs/cli.md)."""
    for logger in ("acredita", "sqlalchemy"):  # a command speaks through its output alone
        logging.getLogger(logger).addHandler(logging.NullHandler())
    language = language_of(arguments, os.environ)
    try:
        code = app(args=arguments, standalone_mode=False, obj=in_context(language))
    except typer.TyperException as error:
        sentence = error.format_message()
        return _end(sentence, UNUSABLE, language) if sentence else UNUSABLE  # without words: the help was shown
    except (typer.Abort, KeyboardInterrupt):
        return _end("interrupted", UNUSABLE, language)
    except ArgumentRefused as error:
        return _end(str(error), UNUSABLE, language)
    except ActRefused as error:
        return _end(str(error), NEGATIVE, language)
    except Exception as error:  # noqa: BLE001 - the outermost place: said in one sentence, kept in a log
        return _end_with_error(error, language)
    if code == _KEYBOARD:
        return _end("interrupted", UNUSABLE, language)
    return code if isinstance(code, int) else OK


def _end_with_error(error: Exception, language: Language) -> int:
    from acredita.cli.exit_for_error import exit_for_error

    if isinstance(error, OSError) and error.filename is None and not _output_is_open():
        return _end(f"standard output: {(error.strerror or 'cannot be written').lower()}", UNUSABLE, language)
    foreseen = exit_for_error(error)
    if foreseen is not None:
        return _end(*foreseen, language)
    return _end(f"internal error: {type(error).__name__}; details in {_log(error)}", INTERNAL, language)


def _output_is_open() -> bool:
    """Return False if what was printed cannot be written, to a full disk for one."""
    try:
        sys.stdout.flush()
    except OSError:
        return False
    return True


def _end(sentence: str, code: int, language: Language) -> int:
    """Write the one sentence of a failed command in the reader's language, and return its exit code."""
    from acredita.cli.spanish.sentences import said

    sys.stderr.write(f"acredita: {said(sentence, language)}\n")
    return code


def _log(error: Exception) -> Path:
    """Write the traceback to the user's state folder; the sentence on the screen names the file."""
    base = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    folder = base / "acredita"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"error-{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{os.getpid()}.log"
    # An exception's text may hold what was read: a credential, a person's identifier.
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write("".join(traceback.format_exception(error)))
    return path
