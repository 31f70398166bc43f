"""Open SQLite files: one connection a transaction for writers, kept connections for reads.

Invariants: WAL with synchronous=FULL, so that a commit is on disk when it returns; deleted bytes are overwritten; a
transaction that will write takes the lock at its beginning.
"""

import sqlite3
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from acredita.node.storage.database_url import parse_url
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import NullPool, QueuePool

BUSY_SECONDS: Final = 10.0  # a SQLite writer waits so long for another one before it fails
# Room for the pages that a batch of 1,024 touches in tables indexed by digest, at any size of the log. With the 2 MiB of
# SQLite's default, pages are dropped and read again within one transaction. Memory is used only as far as it is filled.
SQLITE_CACHE_KIBIBYTES: Final = 16 * 1_024
KEPT_READERS: Final = 4  # connections of finished reads, where they are kept
WRITING: Final = "acredita_write"  # the execution option of a transaction that will write


def read_only_url(path: Path) -> str:
    """Return the URL of a SQLite file that is opened without writing anything beside it."""
    return f"sqlite:///file:{quote(str(path.absolute()))}?mode=ro&uri=true"


def file_of(url: URL) -> Path | None:
    """Return the file of a SQLite database, or None for one in memory, one that is named by a URI, or another server."""
    name = url.database or ":"
    return None if url.get_backend_name() != "sqlite" or name.startswith((":", "file:")) else Path(name)


def is_missing_file(url: str) -> bool:
    """Return whether this is the URL of a SQLite file that does not exist."""
    file = file_of(parse_url(url))
    return file is not None and not file.is_file()


def existing_file_url(url: URL) -> URL:
    """Return the URL that opens a SQLite file only if it exists: opening a plain path would make it."""
    file = file_of(url)
    if file is None:
        return url
    named = url.set(database=f"file:{quote(str(file.absolute()))}")
    return named.update_query_dict({"mode": "rw", "uri": "true"})


def sqlite_engine(url: URL) -> Engine:
    """Return an engine that opens a connection for each transaction."""
    # A connection to a file costs less than a wrong guess about which thread may reuse it.
    engine = create_engine(url, poolclass=NullPool, connect_args=_patience(url))
    read_only = url.query.get("mode") == "ro"
    event.listen(engine, "connect", _leave_begin_to_us if read_only else _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def sqlite_reading_engine(url: URL) -> Engine:
    """Return an engine whose connections to a SQLite file are kept between reads and write nothing."""
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=KEPT_READERS,
        max_overflow=-1,  # more readers at once open connections that are not kept
        connect_args=_patience(url)
        | {"check_same_thread": False},  # the pool gives a connection to one thread at a time
    )
    event.listen(engine, "connect", _prepare_kept_reader)
    event.listen(engine, "checkout", _check_same_file)
    event.listen(engine, "begin", _begin)
    return engine


def _patience(url: URL) -> dict[str, Any]:
    return {} if "timeout" in url.query else {"timeout": BUSY_SECONDS}


def _prepare(connection: sqlite3.Connection, record: object) -> None:
    _leave_begin_to_us(connection, record)
    cursor = connection.cursor()
    cache = f"cache_size = -{SQLITE_CACHE_KIBIBYTES}"  # negative: in KiB, not pages
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "secure_delete = ON", cache):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _prepare_kept_reader(connection: sqlite3.Connection, record: Any) -> None:
    _prepare(connection, record)
    connection.execute("PRAGMA query_only = ON").close()
    record.info["path"] = next(row[2] for row in connection.execute("PRAGMA database_list") if row[1] == "main")
    record.info["file"] = _identity_of(record.info["path"])


def _leave_begin_to_us(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # BEGIN is ours to say, see _begin


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


def _begin(connection: Connection) -> None:
    # IMMEDIATE: a transaction that will write takes the lock first, and never fails half-way for having read.
    writing = connection.get_execution_options().get(WRITING, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
