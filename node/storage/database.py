"""Open the database and run its two kinds of transaction: `read` and `write`.

Invariants: a write transaction of an institution carries its lease and first compares the fencing number in the database, so
a writer that lost its lease cannot write; when `write` returns, the rows are on disk (SQLite: WAL with synchronous=FULL;
PostgreSQL: synchronous_commit).

Errors are grouped by what to do: StorageUnavailable (nothing was written, or whether it was is read on the
next run: retry), LeaseLostError (stop writing). A constraint's IntegrityError passes through: it belongs to the
statement's author.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from acredita.anchoring.types import IssuerId
from acredita.contracts.coded_error import FixedCodeError
from acredita.node.storage.models import LeaseRow
from acredita.node.storage.private_files import create_private
from acredita.registry.codes import Code
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, update
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DatabaseError, DisconnectionError, OperationalError
from sqlalchemy.pool import NullPool, QueuePool

MIGRATIONS: Final = Path(__file__).parent / "migrations"
# A backup is kept for years and is not migrated. In these versions every table that a backup has today has the same columns.
BACKUP_SCHEMAS: Final = ("0001", "0002", "0003", "0004", "0005", "0006")
BUSY_SECONDS: Final = 10.0  # a SQLite writer waits so long for another one before it fails
# Room for the pages that a batch of 1,024 touches in tables indexed by digest, at any size of the log. With the 2 MiB of
# SQLite's default, pages are dropped and read again within one transaction. Memory is used only as far as it is filled.
SQLITE_CACHE_KIBIBYTES: Final = 16 * 1_024
KEPT_READERS: Final = 4  # connections of finished reads, where they are kept
FROZEN_SECONDS: Final = 10  # a PostgreSQL session may hold locks in silence, or wait for one, for so long


class StorageUnavailable(FixedCodeError):
    """The database could not be read or written now: disk full, read-only, gone. Retry later."""

    code = Code.STORAGE_UNAVAILABLE


class SchemaVersionError(FixedCodeError):
    """The database is of another version of the software: it is opened by `acredita node run` of its own version."""

    code = Code.SCHEMA_MISMATCH

    def __init__(self, expected: str | None, found: str | None) -> None:
        super().__init__(f"schema {expected} expected, {found} found")
        self.expected = expected
        self.found = found


class LeaseLostError(FixedCodeError):
    """Another process writes for this institution now: stop, and write nothing more."""

    code = Code.LEASE_LOST


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write for one institution, as long as the database still shows this fencing number."""

    issuer: IssuerId
    holder: str
    fencing: int


class Database:
    """The tables of one node. Safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._readers = engine

    @classmethod
    def open(cls, url: str) -> "Database":
        """Open a database whose schema exists. Raises SchemaVersionError, StorageUnavailable."""
        return cls(_engine(make_url(url)))._begun(cls.check_schema)

    @classmethod
    def open_backup(cls, url: str) -> "Database":
        """Open a file of a backup, of this version or an earlier one. Raises SchemaVersionError, StorageUnavailable."""
        return cls(_engine(make_url(url)))._begun(lambda database: database.check_schema(*BACKUP_SCHEMAS))

    @classmethod
    def create(cls, url: str) -> "Database":
        """Open a database and migrate its schema to this version. A file that is made is closed to other users."""
        file = _file_of(make_url(url))
        if file is not None:
            with suppress(OSError):  # SQLite reports a place that cannot be written
                create_private(file)
        return cls(_engine(make_url(url)))._begun(cls.migrate)

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

    def pragma(self, statement: str) -> None:
        """Run a PRAGMA of SQLite outside any transaction, because some of them must be."""
        with _storage_errors():
            connection = self._engine.raw_connection()
        try:
            connection.cursor().execute(f"PRAGMA {statement}").fetchall()
        except sqlite3.OperationalError as error:
            raise StorageUnavailable(str(error)) from error
        finally:
            connection.close()

    def keep_readers(self) -> None:
        """Keep connections of finished reads for later ones. Opening a SQLite file costs more than most reads of it."""
        if self._readers is self._engine and _file_of(self._engine.url) is not None:
            self._readers = _reading_engine(self._engine.url)

    def close(self) -> None:
        """Close every connection."""
        self._readers.dispose()
        self._engine.dispose()

    def migrate(self, revision: str = "head") -> None:
        """Migrate the schema to a revision."""
        with _storage_errors(), self._engine.connect() as connection:
            _alembic(connection, revision)

    def check_schema(self, *accepted: str) -> None:
        """Check that the schema is of this version, or one of `accepted`. Raises SchemaVersionError."""
        with self.read() as connection:
            revision = MigrationContext.configure(connection).get_current_revision()
        expected = ScriptDirectory(str(MIGRATIONS)).get_current_head()
        if revision not in (expected, *accepted):
            raise SchemaVersionError(expected, revision)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a read transaction: all statements see the database as of the first."""
        options: dict[str, Any] = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        with _storage_errors(), self._readers.connect() as connection:
            connection = connection.execution_options(**options)
            with connection.begin():
                yield connection

    @contextmanager
    def write(self, lease: Lease | None = None) -> Iterator[Connection]:
        """Open a write transaction: all or nothing, on disk when it returns.

        `lease`: write only while it is still ours. Raises LeaseLostError.
        """
        with _storage_errors(), self._engine.connect() as connection:
            connection = connection.execution_options(acredita_write=True)
            with connection.begin():
                if lease is not None:
                    check_lease(connection, lease)
                yield connection


def read_only_url(path: Path) -> str:
    """Return the URL of a SQLite file that is opened without writing anything beside it."""
    return f"sqlite:///file:{quote(str(path.absolute()))}?mode=ro&uri=true"


def check_lease(connection: Connection, lease: Lease) -> None:
    """Compare the fencing number and lock the lease's row until the transaction ends. Raises LeaseLostError."""
    renewed = connection.execute(
        update(LeaseRow)
        .where(LeaseRow.issuer == lease.issuer, LeaseRow.fencing == lease.fencing)
        .values(beat=LeaseRow.beat + 1)
    )
    if renewed.rowcount != 1:
        raise LeaseLostError(f"fencing number {lease.fencing} is no longer the newest")


@contextmanager
def _storage_errors() -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        raise StorageUnavailable(str(error.orig)) from error
    except DatabaseError as error:
        # PostgreSQL that goes away in mid-statement gives InterfaceError, InternalError or the bare class.
        if error.connection_invalidated:
            raise StorageUnavailable(str(error.orig)) from error
        raise


def _file_of(url: URL) -> Path | None:
    """Return the file of a SQLite database, or None for one in memory, one that is named by a URI, or another server."""
    name = url.database or ":"
    return None if url.get_backend_name() != "sqlite" or name.startswith((":", "file:")) else Path(name)


def _engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        engine = create_engine(url, pool_pre_ping=True)
        event.listen(engine, "connect", _prepare_postgres)
        return engine
    # A connection to a file costs less than a wrong guess about which thread may reuse it.
    patience = {} if "timeout" in url.query else {"timeout": BUSY_SECONDS}
    engine = create_engine(url, poolclass=NullPool, connect_args=patience)
    read_only = url.query.get("mode") == "ro"
    event.listen(engine, "connect", _prepare_sqlite_reader if read_only else _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _reading_engine(url: URL) -> Engine:
    """Return an engine whose connections to a SQLite file are kept between reads and write nothing."""
    patience = {} if "timeout" in url.query else {"timeout": BUSY_SECONDS}
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=KEPT_READERS,
        max_overflow=-1,  # more readers at once open connections that are not kept
        connect_args=patience | {"check_same_thread": False},  # the pool gives a connection to one thread at a time
    )
    event.listen(engine, "connect", _prepare_kept_reader)
    event.listen(engine, "checkout", _check_same_file)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_kept_reader(connection: sqlite3.Connection, record: Any) -> None:
    _prepare_sqlite(connection, record)
    connection.execute("PRAGMA query_only = ON").close()
    record.info["path"] = next(row[2] for row in connection.execute("PRAGMA database_list") if row[1] == "main")
    record.info["file"] = _identity_of(record.info["path"])


def _check_same_file(_connection: sqlite3.Connection, record: Any, _proxy: object) -> None:
    # A file that was removed or replaced would be read on, unseen, through a connection opened before.
    if _identity_of(record.info["path"]) != record.info["file"]:
        raise DisconnectionError  # the pool opens another connection


def _identity_of(path: str) -> tuple[int, int] | None:
    """Return device and inode of the file at a path, or None if there is none."""
    try:
        status = Path(path).stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _prepare_postgres(connection: Any, _record: object) -> None:
    # A process frozen in the middle of a transaction would keep its lease's row locked for ever: the server ends it.
    with connection.cursor() as cursor:
        cursor.execute(f"SET idle_in_transaction_session_timeout = '{FROZEN_SECONDS}s'")
        cursor.execute(f"SET lock_timeout = '{FROZEN_SECONDS}s'")
    connection.commit()


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # BEGIN is ours to say, see _begin_sqlite
    cursor = connection.cursor()
    cache = f"cache_size = -{SQLITE_CACHE_KIBIBYTES}"  # negative: in KiB, not pages
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "secure_delete = ON", cache):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _prepare_sqlite_reader(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None


def _begin_sqlite(connection: Connection) -> None:
    # IMMEDIATE: a transaction that will write takes the lock first, and never fails half-way for having read.
    writing = connection.get_execution_options().get("acredita_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _alembic(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection.execution_options(acredita_write=True)
    command.upgrade(config, revision)
