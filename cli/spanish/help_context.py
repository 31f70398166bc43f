"""Carry the reader's language through a command line, and write the headings of help in it.

The headings are constants of `typer.rich_utils`, which is imported when a help is shown. A context sets them to its
language each time, so that a process may show both.
"""

from typing import Any, Final, cast

from acredita.cli.spanish.help_texts import HEADINGS, HELP_OPTION, USAGE
from acredita.node.verification.language import Language
from typer.core import TyperCommand

_IN_CONTEXT: Final = "acredita.language"
_Context: Final[Any] = TyperCommand.context_class
_ENGLISH: dict[str, str] = {}  # the library's own headings, kept before they are replaced


def in_context(language: Language) -> dict[str, Any]:
    """Return the object that carries the language to every command of a command line."""
    return {_IN_CONTEXT: language}


def language_in(context: Any) -> Language:
    """Return the language that `in_context` was given; Spanish where nothing was."""
    carried = context.obj if isinstance(context.obj, dict) else {}
    return cast(Language, carried.get(_IN_CONTEXT, Language.ES))


class _SpanishFormatter(_Context.formatter_class):  # type: ignore[misc]
    """A formatter with the Spanish word for usage."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, args, prefix or USAGE)


class ReaderContext(_Context):  # type: ignore[misc]
    """A context of a command whose help is in the reader's language."""

    def make_formatter(self) -> Any:
        """Set the headings, and the help of the option that shows it, when a help is shown."""
        if language_in(self) is not Language.ES:
            _set_headings({})
            return super().make_formatter()
        _set_headings(HEADINGS)
        self.formatter_class = _SpanishFormatter
        option = self.command.get_help_option(self)
        if option is not None:
            option.help = HELP_OPTION
        return super().make_formatter()


def _set_headings(headings: dict[str, str]) -> None:
    from typer import rich_utils

    for name in HEADINGS:
        _ENGLISH.setdefault(name, getattr(rich_utils, name))
        setattr(rich_utils, name, headings.get(name, _ENGLISH[name]))
