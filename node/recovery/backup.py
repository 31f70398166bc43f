"""Back up a running node and restore it: all tables as of one moment, the data keys in a file of their own.

A backup is a folder with `node.db` (SQLite, for any database of the node) and `manifest.json`. The data keys go to one
file elsewhere, which each backup replaces. Old backups may therefore be kept for years: a credential that was erased
since has no key in any of them. A restore needs both, refuses keys older than the backup, and leaves out credentials
without a key. Keystores and the embedded chain are not included: the operator keeps their files. After a restore the
write path finds out by itself that the chain is ahead of the log (LOG_AHEAD).
"""

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from acredita.node.index.identity import INDEX_LEASE
from acredita.node.publication.durable_files import sync_folder
from acredita.node.storage import list_addresses
from acredita.node.storage.database import Database, read_only_url
from acredita.node.storage.models import (
    DERIVED,
    FOLLOWING,
    SHARED,
    AuditEvent,
    Base,
    CredentialRow,
    DataKey,
    LeaseRow,
    QueueItem,
    ReceiptRow,
    StatusPosition,
)
from acredita.node.storage.private_files import make_private_folder
from acredita.node.storage.queue import FORGOTTEN, ItemState
from acredita.node.storage.trail import OPERATOR, Action, record
from sqlalchemy import Connection, Table, case, delete, func, insert, inspect, select, text, update

FORMAT: Final = "acredita-backup/1"
DATABASE, MANIFEST = "node.db", "manifest.json"
ROWS_AT_ONCE: Final = 1_000
BACKUP = "backup"


class BackupRefused(Exception):
    """A backup or restore that cannot be done as requested. Nothing was left behind."""


@dataclass(frozen=True, slots=True)
class Backup:
    """The contents of a backup: its moment (Unix seconds) and the number of rows by table."""

    created: int
    rows: dict[str, int]


def back_up(database: Database, folder: Path, keys_file: Path, *, now: int, actor: str = OPERATOR) -> Backup:
    """Write a backup into a new folder and replace the file of data keys. The node may write meanwhile.

    Raises BackupRefused if the folder exists.
    """
    if folder.exists():
        raise BackupRefused(f"{folder}: a new folder expected")
    unfinished = folder.with_name(f"{folder.name}.unfinished")
    new_keys = keys_file.with_name(f"{keys_file.name}.unfinished")
    _remove(unfinished, new_keys)
    make_private_folder(unfinished)
    make_private_folder(keys_file.parent)
    try:
        with database.read() as connection:
            rows = _copy_to_file(connection, unfinished / DATABASE, _without_keys())
            _copy_to_file(connection, new_keys, [_table(DataKey)], stamp=now)
        _write_manifest(unfinished / MANIFEST, now, rows)
        # Keys first: a crash between the two leaves keys that are newer than every backup, which restores.
        new_keys.replace(keys_file)
        unfinished.rename(folder)
        sync_folder(folder.parent)
        with database.write() as connection:
            record(connection, None, actor, Action.BACKED_UP, now=now, rows=sum(rows.values()))
    except BaseException:
        _remove(unfinished, new_keys)
        raise
    return Backup(now, rows)


def restore(folder: Path, keys_file: Path, url: str, *, now: int, actor: str = OPERATOR) -> Backup:
    """Fill an empty database from a backup and the newest file of data keys. Raises BackupRefused.

    An index of the ledger that is there already is deleted: the node builds it from the ledger.
    """
    backup = _read_manifest(folder / MANIFEST)
    source = Database.open_backup(read_only_url(folder / DATABASE))
    keys = Database.open_backup(read_only_url(keys_file))
    target = Database.create(url)
    try:
        with source.read() as old, keys.read() as kept, target.write() as connection:
            _check_stamp(kept, backup)
            _delete_index(connection)
            _check_empty(connection)
            for table in _of_backup(old):
                _copy(old, connection, table)
            _copy(kept, connection, _table(DataKey))
            list_addresses.fill(connection)
            _forget_keyless(connection)
            if not target.is_sqlite:
                _move_counters_on(connection)
            record(connection, None, actor, Action.RESTORED, now=now, created=backup.created)
    finally:
        for opened in (source, keys, target):
            opened.close()
    return backup


def _table(model: type[Base]) -> Table:
    table = model.__table__
    if not isinstance(table, Table):
        raise TypeError(f"{model.__name__} is not one table")
    return table


def _without_keys() -> list[Table]:
    """Return the tables of a backup: not the data keys, nor what is rebuilt from the ledger."""
    tables = [table for table in Base.metadata.sorted_tables if table is not _table(DataKey)]
    return [table for table in tables if not table.info.get(DERIVED)]


def _of_backup(connection: Connection) -> list[Table]:
    """Return the tables of an opened backup. One of an earlier schema may lack shared and following tables."""
    known = inspect(connection)
    return [
        table for table in _without_keys() if not table.info.keys() & {SHARED, FOLLOWING} or known.has_table(table.name)
    ]


def _copy_to_file(source: Connection, path: Path, tables: list[Table], stamp: int | None = None) -> dict[str, int]:
    file = Database.create(f"sqlite:///{path}")
    try:
        with file.write() as connection:
            rows = {table.name: _copy(source, connection, table) for table in tables}
            if stamp is not None:
                connection.execute(insert(AuditEvent).values(time=stamp, actor="", action=BACKUP, detail=""))
        file.pragma("journal_mode = DELETE")  # one file that can be copied, without a journal beside it
    finally:
        file.close()
    return rows


def _copy(source: Connection, target: Connection, table: Table) -> int:
    count = 0
    query = select(table).order_by(*table.primary_key.columns).execution_options(yield_per=ROWS_AT_ONCE)
    for part in source.execute(query).mappings().partitions(ROWS_AT_ONCE):
        target.execute(insert(table), [dict(row) for row in part])
        count += len(part)
    return count


def _check_stamp(keys: Connection, backup: Backup) -> None:
    """Refuse keys from before the backup, because they lack those of its newest credentials."""
    stamp = keys.execute(select(func.max(AuditEvent.time)).where(AuditEvent.action == BACKUP)).scalar_one()
    if stamp is None or stamp < backup.created:
        raise BackupRefused(f"data keys of {backup.created} or later expected, found {stamp}")


def _delete_index(connection: Connection) -> None:
    for table in Base.metadata.sorted_tables:
        if table.info.get(DERIVED):
            connection.execute(delete(table))
    connection.execute(delete(LeaseRow).where(LeaseRow.issuer == INDEX_LEASE))


def _check_empty(connection: Connection) -> None:
    for table in Base.metadata.sorted_tables:
        if connection.execute(select(func.count()).select_from(table)).scalar_one():
            raise BackupRefused(f"an empty database expected, {table.name} has rows")


def _forget_keyless(connection: Connection) -> None:
    """Erase again the credentials that were erased after the backup."""
    gone = select(CredentialRow.digest).where(
        ~select(DataKey.digest)
        .where(DataKey.issuer == CredentialRow.issuer, DataKey.digest == CredentialRow.digest)
        .exists()
    )
    digests = [row[0] for row in connection.execute(gone)]
    for first in range(0, len(digests), ROWS_AT_ONCE):
        part = digests[first : first + ROWS_AT_ONCE]
        connection.execute(update(StatusPosition).where(StatusPosition.digest.in_(part)).values(digest=None))
        for model in (ReceiptRow, CredentialRow):
            connection.execute(delete(model).where(model.digest.in_(part)))
        for digest in part:
            # As of the backup it is not in the log and need not be appended. If it was appended since, it gets no receipt.
            state = case((QueueItem.state == ItemState.QUEUED, ItemState.REFUSED), else_=QueueItem.state)
            connection.execute(
                update(QueueItem)
                .where(QueueItem.digest == digest)
                .values(key=f"{FORGOTTEN}:{digest.hex()}", state=state)
            )


def _move_counters_on(connection: Connection) -> None:
    """Set PostgreSQL's serial counters past the copied rows, because rows with numbers of their own do not move them."""
    for table in Base.metadata.sorted_tables:
        if "id" in table.columns:
            connection.execute(
                text(
                    f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), "
                    f"(SELECT coalesce(max(id), 0) + 1 FROM {table.name}), false)"
                )
            )


def _write_manifest(path: Path, created: int, rows: dict[str, int]) -> None:
    document = {"format": FORMAT, "created": created, "rows": rows}
    with path.open("w", encoding="ascii") as file:
        json.dump(document, file, indent=2, sort_keys=True)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())


def _read_manifest(path: Path) -> Backup:
    try:
        document: Any = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise BackupRefused(f"{path}: no manifest of a backup") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise BackupRefused(f'{path}: "format": "{FORMAT}" expected')
    return Backup(document["created"], document["rows"])


def _remove(folder: Path, file: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    file.unlink(missing_ok=True)
