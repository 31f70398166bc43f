"""Hold what this node has stored of one institution's log, for the holder of its lease.

Invariant: each write transaction carries the lease, so a writer that has lost it cannot write.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from acredita.anchoring.types import IssuerId
from acredita.node.storage.database import Database, Lease
from acredita.node.storage.institutions import LedgerIdentity
from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class LogIdentity:
    """The issuer a log belongs to, and the ledger it is tied to."""

    issuer: IssuerId
    ledger: LedgerIdentity


@dataclass(frozen=True, slots=True)
class LogRecord:
    """One institution's log in the database. `clock`: seconds since 1970, for the columns that hold a time."""

    log: LogIdentity
    database: Database
    lease: Lease
    clock: Callable[[], int]

    @property
    def issuer(self) -> IssuerId:
        """The issuer the log belongs to."""
        return self.log.issuer

    def read(self) -> AbstractContextManager[Connection]:
        """Open a read transaction: one consistent view."""
        return self.database.read()

    def write(self) -> AbstractContextManager[Connection]:
        """Open a write transaction under the lease. Raises LeaseLostError."""
        return self.database.write(self.lease)
