"""Open PostgreSQL: sessions that lose nothing they have confirmed, in a pool of as many connections as a node has threads.

Invariants of a session that writes: it is on a primary; the server has `fsync` and `full_page_writes` on; a commit returns
when it is on disk here and, where standbys are synchronous, on a standby's disk. A commit of which that is not certain is
reported. A session of a reader cannot write.

A connection is tested before it is used, so that a transaction after a failover does not meet a dead one. A server whose
machine has vanished is noticed within half a minute, not after the quarter of an hour that TCP takes by itself.
"""

from typing import Any, Final

from acredita.node.storage.errors import ReadOnlyStorageUnavailable, StorageUnavailable, UnsafeStorageUnavailable
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL

FROZEN_SECONDS: Final = 10  # a session may hold locks in silence, or wait for one, for so long
COMMIT_SECONDS: Final = 30  # a commit waits so long for a synchronous standby before it is reported as not certain
KEPT_CONNECTIONS: Final = 10  # of finished transactions; more at once are opened and closed
# 40 of the web framework, 34 of the verification queue, 32 institutions at work, the index, and the main thread.
MOST_THREADS: Final = 108
POOL_WAIT_SECONDS: Final = 30
# As given to libpq; a URL may say otherwise.
PATIENCE: Final = {
    "connect_timeout": "10",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
}
_UNREPLICATED: Final = "acredita_unreplicated"
_PLAIN_WARNING: Final = "01000"  # PostgreSQL, errcodes: warning
_MIGRATION_LOCK: Final = 0x61637265646974  # "acredit": the advisory lock of one process that migrates
_DOCUMENTS_LOCK: Final = 0x61637265646F63  # "acredoc": of one process that stores documents

# `remote_apply` waits for more than `on`: an operator who set it keeps it.
_PREPARE: Final = f"""
SELECT pg_is_in_recovery(), current_setting('fsync'), current_setting('full_page_writes'),
    set_config('idle_in_transaction_session_timeout', '{FROZEN_SECONDS}s', false),
    set_config('lock_timeout', '{FROZEN_SECONDS}s', false),
    set_config('synchronous_commit',
        CASE current_setting('synchronous_commit') WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, false)
"""
_SAFE: Final = ("fsync", "full_page_writes")


def postgres_engine(url: URL, *, reading: bool = False) -> Engine:
    """Return an engine for a server. `reading`: its sessions cannot write, and may be on a standby."""
    patience = {name: value for name, value in PATIENCE.items() if name not in url.query}
    if not reading and _has_several_hosts(url) and "target_session_attrs" not in url.query:
        patience["target_session_attrs"] = "read-write"  # of several hosts, the primary
    try:
        engine = create_engine(
            url,
            pool_pre_ping=True,
            pool_use_lifo=True,
            pool_size=KEPT_CONNECTIONS,
            max_overflow=MOST_THREADS - KEPT_CONNECTIONS,
            pool_timeout=POOL_WAIT_SECONDS,
            connect_args=patience,
        )
    except ModuleNotFoundError as error:
        raise StorageUnavailable(
            "the driver of PostgreSQL is not installed: pip install 'acredita[postgres]'"
        ) from error
    event.listen(engine, "connect", _prepare_reader if reading else _prepare_writer)
    return engine


def is_unreplicated(connection: Connection) -> bool:
    """Return whether a commit on this connection ended without its standby. The next question starts anew."""
    return connection.info.pop(_UNREPLICATED, None) is not None


def limit_commit(connection: Connection) -> None:
    """Let the commit of this transaction wait for a synchronous standby no longer than `COMMIT_SECONDS`."""
    connection.exec_driver_sql(f"SET LOCAL statement_timeout = '{COMMIT_SECONDS}s'")


def lock_migration(connection: Connection) -> None:
    """Wait until no other process migrates this database, and keep others waiting until this transaction ends."""
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})")


def lock_documents(connection: Connection) -> None:
    """Wait until no other process stores documents, and keep others waiting until this transaction ends."""
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_DOCUMENTS_LOCK})")


def _has_several_hosts(url: URL) -> bool:
    hosts = url.query.get("host", ())
    return "," in hosts if isinstance(hosts, str) else len(hosts) > 1


def _prepare_writer(connection: Any, record: Any) -> None:
    fault = _session_fault(_settings(connection))
    if fault is not None:
        connection.close()
        raise fault

    def note_warning(diagnostic: Any) -> None:
        # The server commits here and only warns if the wait for a synchronous standby is cancelled, or takes too long.
        if diagnostic.sqlstate == _PLAIN_WARNING:
            record.info[_UNREPLICATED] = diagnostic.message_primary

    connection.add_notice_handler(note_warning)


def _prepare_reader(connection: Any, _record: object) -> None:
    _settings(connection)
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")
    connection.commit()


def _settings(connection: Any) -> tuple[Any, ...]:
    """Prepare a session. Return whether it is on a standby, and the server's settings of `_SAFE`."""
    with connection.cursor() as cursor:
        cursor.execute(_PREPARE)
        row: tuple[Any, ...] = cursor.fetchone()
    connection.commit()
    return row


def _session_fault(row: tuple[Any, ...]) -> ReadOnlyStorageUnavailable | UnsafeStorageUnavailable | None:
    """Return why a session must not write; None if it may."""
    if row[0]:
        return ReadOnlyStorageUnavailable("database.url: the server is a standby; the primary expected")
    for name, value in zip(_SAFE, row[1:], strict=False):
        if value != "on":
            return UnsafeStorageUnavailable(f"the server has {name} = {value}, so it may lose commits; on expected")
    return None
