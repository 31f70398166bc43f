"""Forget one credential (an ARCO cancellation): its bytes, its data key, the map of its status position, its links.

Two things stay, and say nothing about anybody: the entry in the log, which the proofs of others need, and the fact that a
status position is used. Backups hold ciphertext only, so erasing the data key reaches them: the one file of data keys beside
them is rewritten by every backup, and at once by `forget_in_keys`. The audit trail says that a credential was forgotten, not
which one.
"""

import secrets
from collections.abc import Callable
from pathlib import Path

from acredita.anchoring.types import Digest, IssuerId
from acredita.node.storage import credentials
from acredita.node.storage.database import Database
from acredita.node.storage.models import DataKey, Delivery, QueueItem, ReceiptRow
from acredita.node.storage.queue import FORGOTTEN, ItemState
from acredita.node.storage.trail import Action, record
from sqlalchemy import Connection, delete, update


def forget(
    database: Database,
    issuer: IssuerId,
    digest: Digest,
    *,
    actor: str,
    now: int,
    random: Callable[[int], bytes] = secrets.token_bytes,
) -> bool:
    """Forget one credential. Return False if the node has none of this digest.

    When it returns, the bytes are overwritten.
    """
    with database.write() as connection:
        if not credentials.forget_credential(connection, issuer, digest):
            return False
        _forget_traces(connection, issuer, digest, random)
        record(connection, issuer, actor, Action.FORGOTTEN, now=now)
    _overwrite_journal(database)
    return True


def forget_in_keys(keys_file: Path, issuer: IssuerId, digest: Digest) -> bool:
    """Delete the data key in the file that a backup keeps apart. Return False if the file has none."""
    keys = Database.open_backup(f"sqlite:///{keys_file}")
    try:
        with keys.write() as connection:
            gone = connection.execute(delete(DataKey).where(DataKey.issuer == issuer, DataKey.digest == digest))
        _overwrite_journal(keys)
    finally:
        keys.close()
    return gone.rowcount == 1


def _forget_traces(connection: Connection, issuer: IssuerId, digest: Digest, random: Callable[[int], bytes]) -> None:
    connection.execute(delete(Delivery).where(Delivery.issuer == issuer, Delivery.digest == digest))
    # Also in the logs of lost ledgers, which have owners of their own.
    connection.execute(delete(ReceiptRow).where(ReceiptRow.digest == digest))
    mine = (QueueItem.issuer == issuer, QueueItem.digest == digest)
    # An item whose entry is not in the log need not enter it. An item whose entry is keeps it, under a random key.
    connection.execute(delete(QueueItem).where(*mine, QueueItem.state.in_((ItemState.QUEUED, ItemState.REFUSED))))
    connection.execute(update(QueueItem).where(*mine).values(key=f"{FORGOTTEN}:{random(16).hex()}"))


def _overwrite_journal(database: Database) -> None:
    """Empty the journal, which still has the old pages. In the file SQLite overwrites deleted bytes (secure_delete)."""
    if database.is_sqlite:
        database.pragma("wal_checkpoint(TRUNCATE)")
