"""Count the work of a request in operations, and stop at a limit: the same count on every machine.

An operation is a step of the algorithms and no time; docs/protocol.md defines each, so that another implementation counts
equally. The count of a document depends on the document alone, never on what was cached before.

The budget of a request belongs to the context of its task and of the threads that work for it. A code path that nobody
thought of takes from it too, which an argument could not ensure. Without one, each document has a budget of its own.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from acredita.registry.canonicalisation.safe_values import CanonicalFormRefused
from acredita.registry.codes import Code

MAX_OPERATIONS: Final = 1_000_000
"""Operations of one request: about a second. A credential of ours takes 40,000, one by the slow path no more."""
PER_VALUE: Final = 20
"""Operations of one JSON value: what a member of an object or an item of a list costs in expansion."""
PER_TYPE: Final = 100
"""Operations of one type of a node: its own context may have to be entered."""
PER_SIGNATURE: Final = 500
"""Operations of checking one signature."""
PER_STATUS_ENTRY: Final = 1_000
"""Operations of looking up one status entry: a list is read and unpacked."""
JCS_BYTES: Final = 8
"""Bytes of an RFC 8785 form that cost one operation."""
FORM_BYTES: Final = 128
"""Bytes of canonical N-Quads that cost one operation."""
PER_CONTEXT_VALUE: Final = 10
"""Operations of one value of a context, each time the context is entered, in a document with an inline context."""


class OperationBudget:
    """The operations that one request has left. Each document of the request takes from the same budget."""

    __slots__ = ("left", "limit")

    def __init__(self, limit: int = MAX_OPERATIONS) -> None:
        self.limit = limit
        self.left = limit

    @property
    def spent(self) -> int:
        """The operations taken so far."""
        return self.limit - self.left

    def spend(self, operations: int) -> None:
        """Take operations. Raises CanonicalFormRefused once there are none left."""
        self.left -= operations
        if self.left < 0:
            raise CanonicalFormRefused("", Code.WORK_LIMIT, f"at most {self.limit} counted operations for one request")

    def spend_document(self, values: int, types: int) -> None:
        """Take the operations of reading a document with so many JSON values and types."""
        self.spend(PER_VALUE * values + PER_TYPE * types)


_current: ContextVar[OperationBudget | None] = ContextVar("operation_budget", default=None)


def current_budget() -> OperationBudget:
    """Return the budget of the running request; a new one where none runs."""
    return _current.get() or OperationBudget()


@contextmanager
def request_budget() -> Iterator[OperationBudget]:
    """Run a request under one budget. A request within a request shares the budget of the outer one."""
    known = _current.get()
    if known is not None:
        yield known
        return
    with separate_budget() as budget:
        yield budget


@contextmanager
def separate_budget() -> Iterator[OperationBudget]:
    """Run a piece of work under a budget of its own: a request, or the node's own documents within one."""
    token = _current.set(OperationBudget())
    try:
        yield current_budget()
    finally:
        _current.reset(token)
