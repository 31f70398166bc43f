"""Let a caller pace a long canonicalisation: its hooks are called again and again while the work is done.

A server uses them to do one long document at a time, in small pieces, and quick ones between the pieces. The hooks
belong to the context they are set in, as a decimal context does; without any nothing happens. A hook may raise an
exception of the caller, which ends the work; it never changes a result.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, Protocol


class Pace(Protocol):
    """The hooks of a caller."""

    def begin_slow_path(self) -> None:
        """Take note that work follows which one thread does at a time. May raise, and must not wait."""

    def step(self) -> None:
        """Take note of a step of work that holds no lock. May wait, or raise."""

    def step_under_lock(self) -> None:
        """Take note of a step of work that holds a lock. Must not wait for another thread."""


class _Unpaced:
    """The hooks where none are set."""

    def begin_slow_path(self) -> None:
        """Do nothing."""

    def step(self) -> None:
        """Do nothing."""

    def step_under_lock(self) -> None:
        """Do nothing."""


_UNPACED: Final = _Unpaced()
_pace: ContextVar[Pace | None] = ContextVar("pace", default=None)


@contextmanager
def paced_by(pace: Pace) -> Iterator[None]:
    """Call these hooks during every canonicalisation inside."""
    token = _pace.set(pace)
    try:
        yield
    finally:
        _pace.reset(token)


def current_pace() -> Pace:
    """Return the hooks that are set here."""
    return _pace.get() or _UNPACED
