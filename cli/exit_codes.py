"""Exit codes of every command, and which error leads to which.

0 recognised or valid with warnings, a clean audit, work done · 1 a negative answer · 2 usage, or a file, folder or port
that cannot be used · 3 could not tell · 4 internal error. Several files: 4 wins over 1 over 2 over 3 over 0.
"""

from collections.abc import Iterable

OK = 0
NEGATIVE = 1
UNUSABLE = 2
UNKNOWN = 3
INTERNAL = 4

_WORST_FIRST = (INTERNAL, NEGATIVE, UNUSABLE, UNKNOWN, OK)


def worst(codes: Iterable[int]) -> int:
    """Return the exit code that wins over the others."""
    present = set(codes)
    return next((code for code in _WORST_FIRST if code in present), OK)


class ArgumentRefused(Exception):
    """A file, folder, port or argument that cannot be used; the message is the one sentence a person reads."""


class ActRefused(Exception):
    """A negative answer that is not a verdict: nothing was done, and the message says why."""
