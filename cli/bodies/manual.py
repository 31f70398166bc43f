"""`acredita manual`: one manual page of all commands, made from their help, in the macros of man(7)."""

from collections.abc import Iterator
from importlib.metadata import version
from typing import Final

import typer
from acredita.cli.bodies.command_entries import CommandEntry, ParameterEntry, ValueKind, every_command
from acredita.node.verification.language import Language, in_language

# Spanish and English.
_TITLE: Final = ("Órdenes de Acredita", "Acredita's commands")
_NAME: Final = ("NOMBRE", "NAME")
_SYNOPSIS: Final = ("SINOPSIS", "SYNOPSIS")
_SYNTAX: Final = ("[OPCIONES] COMANDO [ARGUMENTOS]...", "[OPTIONS] COMMAND [ARGS]...")
_OPTIONS: Final = ("OPCIONES", "OPTIONS")
_COMMANDS: Final = ("COMANDOS", "COMMANDS")
_EXIT: Final = ("ESTADO DE SALIDA", "EXIT STATUS")
_VARIABLES: Final = ("ENTORNO", "ENVIRONMENT")
_REQUIRED: Final = ("obligatorio", "required")
_STANDS_FOR: Final = ("Vale por {}.", "Stands for {}.")
_EXIT_CODES: Final = (
    (
        "0",
        (
            "Reconocida, válida con avisos, probada, sin divergencias, o hecho.",
            "Recognised, valid with warnings, proven, no divergence, or done.",
        ),
    ),
    ("1", ("Una respuesta negativa.", "A negative answer.")),
    (
        "2",
        ("Uso, o un archivo, carpeta o puerto inutilizable.", "Usage, or a file, folder or port that cannot be used."),
    ),
    ("3", ("No se pudo saber.", "It could not be told.")),
    ("4", ("Un error interno, con la ruta de una bitácora.", "An internal error, with the path of a log.")),
)
_VALUES: Final = {
    ValueKind.FILE: ("ARCHIVO", "FILE"),
    ValueKind.NUMBER: ("N", "N"),
    ValueKind.TEXT: ("TEXTO", "TEXT"),
}


def manual(root: CommandEntry, lang: Language) -> None:
    """Run `acredita manual`. `root`: the tree of commands, with help in the language."""
    typer.echo("\n".join(page(root, lang)))


def page(root: CommandEntry, lang: Language) -> Iterator[str]:
    """Yield the lines of the page."""
    yield '.\\" -*- coding: utf-8 -*-'
    yield f'.TH ACREDITA 1 "" "acredita {version("acredita")}" "{in_language(_TITLE, lang)}"'
    yield from (_section(_NAME, lang), f"acredita \\- {_text(root.help)}", _section(_SYNOPSIS, lang))
    yield from (".B acredita", _text(in_language(_SYNTAX, lang)), _section(_OPTIONS, lang))
    for parameter in root.parameters:
        yield from _parameter(parameter, lang)
    yield _section(_COMMANDS, lang)
    for entry in every_command(root):
        if entry.words:
            yield from _command(entry, lang)
    yield from _exit_codes(lang)
    yield from _variables(root, lang)


def _section(title: tuple[str, str], lang: Language) -> str:
    return f".SH {in_language(title, lang)}"


def _command(entry: CommandEntry, lang: Language) -> Iterator[str]:
    arguments = " ".join(name.upper() for argument in entry.arguments for name in argument.names)
    yield f'.SS "acredita {_text(entry.line)}{" " if arguments else ""}{_text(arguments)}"'
    paragraphs = entry.help.split("\n\n")
    yield _text(paragraphs[0])
    for paragraph in paragraphs[1:]:
        yield from (".PP", _text(paragraph))
    for parameter in entry.parameters:
        if not entry.children or parameter.is_option:
            yield from _parameter(parameter, lang)


def _parameter(parameter: ParameterEntry, lang: Language) -> Iterator[str]:
    names = ", ".join(f"\\fB{_text(name)}\\fR" for name in parameter.names)
    if not parameter.is_option:
        names = f"\\fI{_text(parameter.names[0].upper())}\\fR"
    value = f" \\fI{_text(_placeholder(parameter, lang))}\\fR" if parameter.is_option else ""
    required = f" ({in_language(_REQUIRED, lang)})" if parameter.required else ""
    yield from (".TP", names + value.replace(" \\fI\\fR", "") + required, _text(parameter.help) or "\\&")


def _placeholder(parameter: ParameterEntry, lang: Language) -> str:
    if parameter.kind is ValueKind.FLAG:
        return ""
    return "|".join(parameter.choices) or in_language(_VALUES[parameter.kind], lang)


def _exit_codes(lang: Language) -> Iterator[str]:
    yield _section(_EXIT, lang)
    for code, sentence in _EXIT_CODES:
        yield from (".TP", f"\\fB{code}\\fR", _text(in_language(sentence, lang)))


def _variables(root: CommandEntry, lang: Language) -> Iterator[str]:
    """Yield each variable of the environment with the options that it stands for."""
    options: dict[str, set[str]] = {}
    for entry in every_command(root):
        for parameter in entry.parameters:
            if parameter.variable:
                options.setdefault(parameter.variable, set()).add(parameter.names[0])
    yield _section(_VARIABLES, lang)
    for variable, names in sorted(options.items()):
        yield from (
            ".TP",
            f"\\fB{_text(variable)}\\fR",
            _text(in_language(_STANDS_FOR, lang).format(", ".join(sorted(names)))),
        )


def _text(text: str) -> str:
    """Return a text of which roff takes every character for itself, also the first of a line."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-").replace('"', "\\(dq")
    return f"\\&{escaped}" if escaped[:1] in (".", "'") else escaped
