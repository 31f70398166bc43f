"""Give every command the option `--lang`, and its help, usage and errors the language that it chooses.

The language is that of the last `--lang` on the command line, else of the variable ACREDITA_LANG, else Spanish. It is
known before the arguments are parsed, because a usage error is in it as well.
"""

import inspect
from collections.abc import Mapping, Sequence
from typing import Any, Final

import typer
from acredita.cli.options import LANGUAGE_VARIABLE, Lang
from acredita.cli.spanish.help_context import ReaderContext
from acredita.cli.spanish.help_texts import METAVARS, spanish_help
from acredita.node.verification.language import Language

OPTION: Final = "--lang"


def language_of(arguments: Sequence[str], environment: Mapping[str, str]) -> Language:
    """Return the language of a command line; one that is none is refused by the parser."""
    chosen = environment.get(LANGUAGE_VARIABLE, "")
    for place, argument in enumerate(arguments):
        if argument == "--":
            break
        if argument == OPTION:
            chosen = arguments[place + 1] if place + 1 < len(arguments) else chosen
        elif argument.startswith(f"{OPTION}="):
            chosen = argument.removeprefix(f"{OPTION}=")
    return next((language for language in Language if language.value == chosen), Language.ES)


def speak(command: Any, language: Language) -> None:
    """Give a command, and each of a group, the option and the help of a language."""
    if all(OPTION not in parameter.opts for parameter in command.params):
        command.params.append(_option())
    command.context_class = ReaderContext
    if language is Language.ES:
        _translate(command)
    for child in getattr(command, "commands", {}).values():
        speak(child, language)


def _option() -> Any:
    """Make the option for a command that prints nothing of its own: its help and its errors are in the language."""
    part = typer.Typer(add_completion=False)
    part.command()(_only_language)
    option = typer.main.get_command(part).params[0]
    option.expose_value = False
    return option


def _only_language(lang: Lang = Language.ES) -> None:
    """Declare the one option."""


def _translate(command: Any) -> None:
    for attribute in ("help", "short_help"):
        text = getattr(command, attribute, None)
        if text:
            setattr(command, attribute, spanish_help(inspect.cleandoc(text)))
    for parameter in command.params:
        if getattr(parameter, "help", None):
            parameter.help = spanish_help(parameter.help)
    for attribute, metavar in METAVARS.items():
        if hasattr(command, attribute):
            setattr(command, attribute, metavar)
