"""Name what can go wrong with storage, grouped by what to do, and translate what SQLAlchemy and the drivers raise.

StorageUnavailable: nothing was written, or whether it was is read on the next run; retry. Its subclasses say what an operator
can do. LeaseLostError: stop writing. A constraint's IntegrityError passes through: it belongs to the statement's author.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from acredita.contracts.coded_error import FixedCodeError
from acredita.registry.codes import Code
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

_READ_ONLY: Final = "25006"  # PostgreSQL, errcodes: read_only_sql_transaction
_FORBIDDEN: Final = "42501"  # insufficient_privilege


class StorageUnavailable(FixedCodeError):
    """The database could not be read or written now: disk full, gone, no connection free. Retry later."""

    code = Code.STORAGE_UNAVAILABLE


class ReadOnlyStorageUnavailable(StorageUnavailable):
    """A write came to a database that only reads: a standby, or the database of a read node."""

    code = Code.STORAGE_READ_ONLY


class UnsafeStorageUnavailable(StorageUnavailable):
    """The server would lose or tear what it has confirmed. Nothing is written to it until its setting is changed."""

    code = Code.STORAGE_UNSAFE


class StaleStorageUnavailable(StorageUnavailable):
    """The standby that is read is behind its primary, or cut off: its answers would be older than they look."""

    code = Code.STORAGE_BEHIND


class SchemaVersionError(StorageUnavailable):
    """The database is of another version of the software: it is opened by `acredita node run` of its own version."""

    code = Code.SCHEMA_MISMATCH

    def __init__(self, expected: str | None, found: str | None) -> None:
        super().__init__(f"schema {expected} expected, {found} found")
        self.expected = expected
        self.found = found


class LeaseLostError(FixedCodeError):
    """Another process writes for this institution now: stop, and write nothing more."""

    code = Code.LEASE_LOST


@contextmanager
def storage_errors() -> Iterator[None]:
    """Raise the errors of this module in place of those of the database that they name."""
    try:
        yield
    except PoolTimeoutError as error:
        raise StorageUnavailable("every connection to the database is taken") from error
    except DatabaseError as error:
        translated = _translated(error)
        if translated is None:
            raise
        raise translated from error


def _translated(error: DatabaseError) -> StorageUnavailable | None:
    """Return the error of this module that a driver's error is; None if it is a fault of the statement."""
    text, state = str(error.orig), getattr(error.orig, "sqlstate", None)
    if state == _READ_ONLY or getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_READONLY:
        return ReadOnlyStorageUnavailable(text)
    # PostgreSQL that goes away in mid-statement gives InterfaceError, InternalError or the bare class.
    if isinstance(error, OperationalError) or error.connection_invalidated or state == _FORBIDDEN:
        return StorageUnavailable(text)
    return None
