"""Name the command that ends a stop, by its code. docs/operations.md says what each stop means."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from acredita.registry.codes import Code

_COMMANDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        Code.GENESIS_CHANGED: "put the right chain back or, where it is gone for good: "
        "acredita node migrate --profile NAME --from OLD_GENESIS --to NEW_GENESIS --dry-run",
        Code.LEDGER_FORKED: "find out which chain is right; if it is the one that is there now: acredita index rebuild",
        Code.LOG_AHEAD: "if an old backup was restored: acredita node mend --profile NAME --mirror URL|DIR",
    }
)


def command_for(code: str) -> str | None:
    """Return what an operator can do about a stop, or None if no command ends it."""
    return _COMMANDS.get(code)


def with_command(sentence: str, code: str) -> str:
    """Append what an operator can do about a stop to the sentence that reports it."""
    command = command_for(code)
    return sentence if command is None else f"{sentence}; {command}"
