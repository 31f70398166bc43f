"""Open the database and run its two kinds of transaction: `read` and `write`.

Invariants: a write transaction of an institution carries its lease and first compares the fencing number in the database, so
a writer that lost its lease cannot write; when `write` returns, the rows are on disk (SQLite: WAL with synchronous=FULL;
PostgreSQL: synchronous_commit, on a synchronous standby's disk too). A reader's database writes nothing and migrates nothing,
and each of its reads sees the schema's version first.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from acredita.anchoring.types import IssuerId
from acredita.node.storage.database_url import parse_url
from acredita.node.storage.errors import (
    LeaseLostError,
    ReadOnlyStorageUnavailable,
    SchemaVersionError,
    StorageUnavailable,
    storage_errors,
)
from acredita.node.storage.models import InstitutionRow, LeaseRow
from acredita.node.storage.postgresql import is_unreplicated, limit_commit, lock_migration, postgres_engine
from acredita.node.storage.private_files import create_private
from acredita.node.storage.replication import Replication, StandbyAge, read_replication
from acredita.node.storage.sqlite import (
    WRITING,
    existing_file_url,
    file_of,
    read_only_url,
    sqlite_engine,
    sqlite_reading_engine,
)
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect, select, text, update
from sqlalchemy.engine import URL
from sqlalchemy.exc import DatabaseError

__all__ = [
    "BACKUP_SCHEMAS",
    "MIGRATIONS",
    "Database",
    "Lease",
    "LeaseLostError",
    "SchemaVersionError",
    "StorageUnavailable",
    "check_lease",
    "read_only_url",
]

MIGRATIONS: Final = Path(__file__).parent / "migrations"
_REVISION: Final = text("SELECT version_num FROM alembic_version")
_UNDEFINED_TABLE: Final = "42P01"  # PostgreSQL, errcodes: undefined_table
# A backup is kept for years and is not migrated. In these versions every table that a backup has today has the
# same columns, or is not there yet and was SHARED or FOLLOWING from its beginning.
BACKUP_SCHEMAS: Final = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009", "0010")


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write for one institution, as long as the database still shows this fencing number."""

    issuer: IssuerId
    holder: str
    fencing: int


class Database:
    """The tables of one node. Safe to share between threads. `reader`: nothing is written and nothing is migrated."""

    def __init__(self, engine: Engine, *, reader: bool = False) -> None:
        self._engine = engine
        self._readers = engine
        self._is_reader = reader
        self._age = StandbyAge()

    @classmethod
    def open(cls, url: str) -> "Database":
        """Open a database whose schema exists. Raises SchemaVersionError, StorageUnavailable."""
        return cls(_engine(parse_url(url)))._begun(cls.check_schema)

    @classmethod
    def open_reader(cls, url: str) -> "Database":
        """Open another process's database, or a standby of it, to read it. What is wrong with it shows in each read."""
        parsed = parse_url(url)
        if parsed.get_backend_name() == "sqlite":
            return cls(sqlite_reading_engine(existing_file_url(parsed)), reader=True)
        return cls(postgres_engine(parsed, reading=True), reader=True)

    @classmethod
    def open_backup(cls, url: str) -> "Database":
        """Open a file of a backup, of this version or an earlier one. Raises SchemaVersionError, StorageUnavailable."""
        return cls(_engine(parse_url(url)))._begun(lambda database: database.check_schema(*BACKUP_SCHEMAS))

    @classmethod
    def create(cls, url: str) -> "Database":
        """Open a database and migrate its schema to this version. A file that is made is closed to other users."""
        file = file_of(parse_url(url))
        if file is not None:
            with suppress(OSError):  # SQLite reports a place that cannot be written
                create_private(file)
        return cls(_engine(parse_url(url)))._begun(cls.migrate)

    def _begun(self, begin: Callable[["Database"], None]) -> "Database":
        """Return this database if `begin` succeeds, and close it if not."""
        try:
            begin(self)
        except BaseException:
            self.close()
            raise
        return self

    @property
    def engine(self) -> Engine:
        """The engine behind this database."""
        return self._engine

    @property
    def is_sqlite(self) -> bool:
        """True for SQLite, False for PostgreSQL."""
        return self._engine.dialect.name == "sqlite"

    @property
    def is_reader(self) -> bool:
        """True if this process only reads the database."""
        return self._is_reader

    def pragma(self, statement: str) -> None:
        """Run a PRAGMA of SQLite outside any transaction, because some of them must be."""
        with storage_errors():
            connection = self._engine.raw_connection()
        try:
            connection.cursor().execute(f"PRAGMA {statement}").fetchall()
        except sqlite3.OperationalError as error:
            raise StorageUnavailable(str(error)) from error
        finally:
            connection.close()

    def keep_readers(self) -> None:
        """Keep connections of finished reads for later ones. Opening a SQLite file costs more than most reads of it."""
        if self._readers is self._engine and not self._is_reader and file_of(self._engine.url) is not None:
            self._readers = sqlite_reading_engine(self._engine.url)

    def close(self) -> None:
        """Close every connection."""
        self._readers.dispose()
        self._engine.dispose()

    def migrate(self, revision: str = "head") -> None:
        """Migrate the schema to a revision, one process at a time. Raises SchemaVersionError for a later schema."""
        with self.write() as connection:
            if not self.is_sqlite:  # SQLite has one writer at a time
                lock_migration(connection)
            _check_known(connection)
            _alembic(connection, revision)

    def check_schema(self, *accepted: str) -> None:
        """Check that the schema is of this version, or one of `accepted`. Raises SchemaVersionError."""
        with self._reading() as connection:
            _check_revision(connection, *accepted)

    def has_institution(self) -> bool:
        """Return whether a node writes here for an institution, whatever the version of the schema."""
        with self._reading() as connection:
            known = inspect(connection).has_table(InstitutionRow.__tablename__)
            return known and connection.execute(select(InstitutionRow.issuer).limit(1)).first() is not None

    def replication(self) -> Replication:
        """Return how the database is replicated, or how far behind its primary it is."""
        with self._reading() as connection:
            return read_replication(connection, self._age)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a read transaction: all statements see the database as of the first.

        A reader raises SchemaVersionError beside another schema, and StaleStorageUnavailable on a standby left behind.
        """
        with self._reading() as connection:
            if self._is_reader:
                _check_revision(connection)
                if not self.is_sqlite:
                    self._age.check(connection)
            yield connection

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        options: dict[str, Any] = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        with storage_errors(), self._readers.connect() as connection:
            connection = connection.execution_options(**options)
            with connection.begin():
                yield connection

    @contextmanager
    def write(self, lease: Lease | None = None) -> Iterator[Connection]:
        """Open a write transaction: all or nothing, on disk when it returns.

        `lease`: write only while it is still ours. Raises LeaseLostError, and ReadOnlyStorageUnavailable on a reader.
        """
        if self._is_reader:
            raise ReadOnlyStorageUnavailable("this process only reads the database: no passphrase is configured")
        with storage_errors(), self._engine.connect() as connection:
            connection = connection.execution_options(**{WRITING: True})
            with connection.begin():
                if lease is not None:
                    check_lease(connection, lease)
                yield connection
                if not self.is_sqlite:
                    limit_commit(connection)
            if is_unreplicated(connection):
                # Nothing may follow that relies on it. The next write waits for the standby again, and so for this one.
                raise StorageUnavailable(
                    "the commit is on this server, but its synchronous standby has not confirmed it"
                )


def check_lease(connection: Connection, lease: Lease) -> None:
    """Compare the fencing number and lock the lease's row until the transaction ends. Raises LeaseLostError."""
    renewed = connection.execute(
        update(LeaseRow)
        .where(LeaseRow.issuer == lease.issuer, LeaseRow.fencing == lease.fencing)
        .values(beat=LeaseRow.beat + 1)
    )
    if renewed.rowcount != 1:
        raise LeaseLostError(f"fencing number {lease.fencing} is no longer the newest")


def _engine(url: URL) -> Engine:
    return sqlite_engine(url) if url.get_backend_name() == "sqlite" else postgres_engine(url)


@cache
def _versions() -> tuple[str | None, frozenset[str]]:
    """Return the newest version of the schema, and all that this software knows."""
    script = ScriptDirectory(str(MIGRATIONS))
    return script.get_current_head(), frozenset(one.revision for one in script.walk_revisions())


def _check_known(connection: Connection) -> None:
    """Check that no later software has migrated the schema. Raises SchemaVersionError."""
    revision, (expected, known) = MigrationContext.configure(connection).get_current_revision(), _versions()
    if revision is not None and revision not in known:
        raise SchemaVersionError(expected, revision)


def _check_revision(connection: Connection, *accepted: str) -> None:
    revision, (expected, _) = _revision(connection), _versions()
    if revision not in (expected, *accepted):
        raise SchemaVersionError(expected, revision)


def _revision(connection: Connection) -> str | None:
    """Return the version of the schema that this transaction sees, in one question; None without one."""
    try:
        return connection.execute(_REVISION).scalar_one_or_none()
    except DatabaseError as error:
        if getattr(error.orig, "sqlstate", None) == _UNDEFINED_TABLE or "no such table" in str(error.orig):
            return None
        raise


def _alembic(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
