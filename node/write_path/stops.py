"""What an operator can do about a stop, by its code: one sentence that names the command. What it means: operations.md."""

from types import MappingProxyType
from typing import Final

_REMEDIES: Final = MappingProxyType(
    {
        "GENESIS_CHANGED": "put the right chain back or, where it is gone for good: "
        "acredita node migrate --profile NAME --from OLD_GENESIS --to NEW_GENESIS --dry-run",
        "LOG_AHEAD": "if an old backup was restored: acredita node mend --profile NAME --mirror URL|DIR",
    }
)


def remedy(code: str) -> str | None:
    """None where there is no command for it."""
    return _REMEDIES.get(code)


def with_remedy(sentence: str, code: str) -> str:
    """The sentence, and after it what can be done."""
    told = remedy(code)
    return sentence if told is None else f"{sentence}; {told}"
