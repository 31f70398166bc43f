"""Hold the tree of commands as values, for shell completion and the manual page. `cli/command_tree` fills it.

A command's `words` are those after `acredita`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Shell(StrEnum):
    """A shell that a script is made for."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


class ValueKind(StrEnum):
    """The kinds of values that an option or argument takes."""

    FLAG = "flag"
    FILE = "file"
    CHOICE = "choice"
    NUMBER = "number"
    TEXT = "text"


@dataclass(frozen=True)
class ParameterEntry:
    """An option (`names` begin with a hyphen) or an argument. `variable`: of the environment, empty for none."""

    names: tuple[str, ...]
    help: str
    kind: ValueKind
    choices: tuple[str, ...] = ()
    required: bool = False
    variable: str = ""

    @property
    def is_option(self) -> bool:
        """True for an option."""
        return self.names[0].startswith("-")


@dataclass(frozen=True)
class CommandEntry:
    """A command or group. The one without words is `acredita` itself."""

    words: tuple[str, ...]
    help: str
    parameters: tuple[ParameterEntry, ...]
    children: tuple["CommandEntry", ...] = ()

    @property
    def line(self) -> str:
        """The words, as they are typed."""
        return " ".join(self.words)

    @property
    def options(self) -> tuple[ParameterEntry, ...]:
        """The options of the command."""
        return tuple(each for each in self.parameters if each.is_option)

    @property
    def arguments(self) -> tuple[ParameterEntry, ...]:
        """The arguments of the command."""
        return tuple(each for each in self.parameters if not each.is_option)


def every_command(entry: CommandEntry) -> Iterator[CommandEntry]:
    """Yield a command and all below it, each before its children."""
    yield entry
    for child in entry.children:
        yield from every_command(child)
