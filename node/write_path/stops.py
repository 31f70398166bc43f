"""What an operator can do about a stop, by its code: one sentence that names the command. What it means: operations.md."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from acredita.registry.codes import Code

_COMMANDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        Code.GENESIS_CHANGED: "put the right chain back or, where it is gone for good: "
        "acredita node migrate --profile NAME --from OLD_GENESIS --to NEW_GENESIS --dry-run",
        Code.LOG_AHEAD: "if an old backup was restored: acredita node mend --profile NAME --mirror URL|DIR",
    }
)


def command_for(code: str) -> str | None:
    """None where there is no command for it."""
    return _COMMANDS.get(code)


def with_command(sentence: str, code: str) -> str:
    """The sentence, and after it what can be done."""
    command = command_for(code)
    return sentence if command is None else f"{sentence}; {command}"
