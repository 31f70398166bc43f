"""Read the tree of commands with their help in one language.

The tree is what the parser itself uses, so no option is left out.
"""

import enum
import inspect
from pathlib import Path
from typing import Any, Final, get_args

import typer
from acredita.cli.bodies.command_entries import CommandEntry, ParameterEntry, ValueKind
from acredita.cli.lazy_commands import COMMANDS, loaded
from acredita.cli.main import app
from acredita.cli.reader_language import speak
from acredita.cli.spanish.help_texts import HELP_OPTION
from acredita.node.verification.language import Language, in_language

HELP: Final = (HELP_OPTION, "Show this message and exit.")


def command_tree(language: Language) -> CommandEntry:
    """Return the tree of all commands, with every help text in a language."""
    root: Any = typer.main.get_group(app)
    speak(root, language)
    children = tuple(_entry((name,), loaded(name, language), language) for name in COMMANDS)
    return CommandEntry((), _plain(root.help), _parameters(root, language), children)


def _entry(words: tuple[str, ...], command: Any, language: Language) -> CommandEntry:
    children = getattr(command, "commands", {})
    entries = tuple(_entry((*words, name), child, language) for name, child in children.items() if not child.hidden)
    return CommandEntry(words, _plain(command.help), _parameters(command, language), entries)


def _parameters(command: Any, language: Language) -> tuple[ParameterEntry, ...]:
    listed = [_parameter(each) for each in command.params if not getattr(each, "hidden", False)]
    listed = [each for each in listed if "--help" not in each.names]
    return (*listed, ParameterEntry(("--help",), in_language(HELP, language), ValueKind.FLAG))


def _parameter(parameter: Any) -> ParameterEntry:
    kind, choices = _kind(parameter)
    return ParameterEntry(
        names=(*parameter.opts, *parameter.secondary_opts),
        help=_plain(parameter.help),
        kind=kind,
        choices=choices,
        required=bool(parameter.required),
        variable=parameter.envvar if isinstance(parameter.envvar, str) else "",
    )


def _kind(parameter: Any) -> tuple[ValueKind, tuple[str, ...]]:
    annotation = parameter.type_descriptor.annotation
    types = [each for each in (annotation, *get_args(annotation)) if isinstance(each, type)]
    if getattr(parameter, "is_flag", False):
        return ValueKind.FLAG, ()
    for each in types:
        if issubclass(each, enum.Enum):
            return ValueKind.CHOICE, tuple(str(member.value) for member in each)
    if any(issubclass(each, Path) for each in types):
        return ValueKind.FILE, ()
    return (ValueKind.NUMBER if any(issubclass(each, int) for each in types) else ValueKind.TEXT), ()


def _plain(text: str | None) -> str:
    """Return a help text with a blank line between paragraphs and no other line breaks."""
    return "\n\n".join(" ".join(part.split()) for part in inspect.cleandoc(text or "").split("\n\n"))
