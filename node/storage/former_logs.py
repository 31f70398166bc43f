"""Keep the log of a lost ledger as it was, under an owner of its own, while the institution begins a new log.

Every table is keyed by issuer. A log that ended with its ledger gets an owner that is no issuer on any ledger: 32 bytes from
the institution and the ledger's identity. So its entries, tree, checkpoints, transactions and receipts stay in the database
and its backups, and no query of an institution sees them. The queue, credentials, positions and published lists stay with
the institution.

Invariant: every function works in the caller's transaction, so a migration is one transaction.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from acredita.anchoring.checkpoint import opening
from acredita.anchoring.entries import Entry, EntryKind, log_id, opened
from acredita.anchoring.log import RunningLog
from acredita.anchoring.status_bits import StatusBits
from acredita.anchoring.types import Digest, IssuerId
from acredita.node.storage import stored_checkpoints, stored_log
from acredita.node.storage.institutions import FIRST_EPOCH, LedgerIdentity
from acredita.node.storage.models import (
    AccountRow,
    Base,
    CheckpointRow,
    CredentialRow,
    InstitutionRow,
    LogEntry,
    QueueItem,
    ReceiptRow,
    StatusListRow,
    StatusPosition,
    TransactionRow,
    TreeNode,
)
from acredita.node.storage.queue import FORGOTTEN, ItemState, enqueue_status
from acredita.node.storage.stored_checkpoints import CheckpointState
from acredita.node.storage.stored_log import StoredNodes
from sqlalchemy import Connection, bindparam, func, select, update

LEFT_BEHIND: Final = "left_behind"  # state of a queue item that belongs to the predecessor's log only
_DOMAIN: Final = b"acredita/predecessor/1"
_KEPT: Final[tuple[type[Base], ...]] = (LogEntry, TreeNode, CheckpointRow, TransactionRow, AccountRow, ReceiptRow)
_WAITED: Final = (ItemState.QUEUED, ItemState.APPENDED, ItemState.ANCHORED)


def predecessor_owner(issuer: IssuerId, identity: LedgerIdentity) -> IssuerId:
    """Return the owner under which the log of this institution on that ledger is kept."""
    where = identity.chain_id.to_bytes(32, "big") + identity.genesis + identity.contract
    return IssuerId(hashlib.sha256(_DOMAIN + where + issuer).digest())


def keep_log(connection: Connection, issuer: IssuerId, identity: LedgerIdentity) -> None:
    """Move the log, its transactions and its receipts to the owner of former logs, unchanged."""
    owner = predecessor_owner(issuer, identity)
    for table in _KEPT:
        connection.execute(update(table).where(table.__table__.c.issuer == issuer).values(issuer=owner))


def open_successor(connection: Connection, issuer: IssuerId, identity: LedgerIdentity) -> None:
    """Bind the institution to another ledger, and open epoch 1 of its log there."""
    connection.execute(
        update(InstitutionRow)
        .where(InstitutionRow.issuer == issuer)
        .values(
            chain_id=identity.chain_id,
            genesis=identity.genesis,
            contract=identity.contract,
            code_hash=identity.code_hash,
            stop_code=None,
            stop_detail=None,
            stopped_at=None,
        )
    )
    log = log_id(identity.chain_id, identity.contract, issuer, FIRST_EPOCH)
    RunningLog.start(StoredNodes(connection, issuer, FIRST_EPOCH), log, StatusBits())
    stored_log.insert_entries(connection, issuer, FIRST_EPOCH, 0, [opened(log)])
    stored_checkpoints.insert_checkpoint(connection, issuer, FIRST_EPOCH, opening(log), state=CheckpointState.CONFIRMED)


def carriable(connection: Connection, issuer: IssuerId) -> dict[Digest, int | None]:
    """Return digest → status position of every stored credential in the old log or on its way there."""
    rows = connection.execute(
        select(QueueItem.digest, StatusPosition.position)
        .join(CredentialRow, (CredentialRow.issuer == QueueItem.issuer) & (CredentialRow.digest == QueueItem.digest))
        .outerjoin(
            StatusPosition,
            (StatusPosition.issuer == QueueItem.issuer) & (StatusPosition.digest == QueueItem.digest),
        )
        .where(
            QueueItem.issuer == issuer,
            QueueItem.kind == int(EntryKind.ISSUED),
            QueueItem.state.in_(_WAITED),
            ~QueueItem.key.startswith(f"{FORGOTTEN}:"),
        )
    )
    return {Digest(digest): position for digest, position in rows if digest is not None}


def unknown_entries(connection: Connection, issuer: IssuerId) -> int:
    """Count the `issued` entries of the old log without an item: a mirror restored them after an old backup."""
    known = select(QueueItem.id).where(QueueItem.issuer == issuer, QueueItem.digest == LogEntry.digest)
    return connection.execute(
        select(func.count())
        .select_from(LogEntry)
        .where(LogEntry.issuer == issuer, LogEntry.kind == int(EntryKind.ISSUED), ~known.exists())
    ).scalar_one()


def leave_queue(connection: Connection, issuer: IssuerId, reasons: Mapping[Digest, str]) -> None:
    """Leave every item of the old log behind, keyed as before, so that nothing is issued twice.

    `reasons`: why a credential is not carried over.
    """
    unplaced = {"state": LEFT_BEHIND, "epoch": None, "entry_index": None, "anchored_at": None}
    connection.execute(
        update(QueueItem).where(QueueItem.issuer == issuer, QueueItem.state.in_(_WAITED)).values(**unplaced)
    )
    if reasons:
        connection.execute(
            update(QueueItem)
            .where(QueueItem.issuer == issuer, QueueItem.digest == bindparam("gone"))
            .values(reason_code=bindparam("why")),
            [{"gone": digest, "why": code} for digest, code in reasons.items()],
        )


def queue_carried(connection: Connection, issuer: IssuerId, carried: Collection[Digest], now: int) -> None:
    """Queue these credentials for the new log."""
    if carried:
        connection.execute(
            update(QueueItem)
            .where(QueueItem.issuer == issuer, QueueItem.digest == bindparam("carried"))
            .values(state=ItemState.QUEUED, queued_at=now, reason_code=None, reason=None),
            [{"carried": digest} for digest in carried],
        )


def queue_changes(
    connection: Connection, issuer: IssuerId, identity: LedgerIdentity, entries: Sequence[Entry], now: int
) -> None:
    """Queue status changes for the new log, at the same positions."""
    chain = predecessor_owner(issuer, identity).hex()[:16]
    for entry in entries:
        key = f"carried:{chain}:{entry.position}:{int(entry.kind)}"
        enqueue_status(connection, issuer, entry.kind, entry.position, key=key, now=now)


def published_lists(connection: Connection, issuer: IssuerId) -> dict[int, bytes]:
    """List number → the list as published last."""
    rows = connection.execute(
        select(StatusListRow.list_number, StatusListRow.document).where(StatusListRow.issuer == issuer)
    )
    return dict(rows.all())
