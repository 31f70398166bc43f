"""A log in storage, confirmed at chosen sizes: everything a reader of the log needs, without a chain that says so."""

import hashlib
from collections.abc import Sequence

from acredita.anchoring.checkpoint import Checkpoint
from acredita.anchoring.entries import encode, issued
from acredita.anchoring.log import RunningLog
from acredita.anchoring.merkle import leaf_hash
from acredita.anchoring.status_bits import EMPTY_STATUS_ROOT, StatusBits
from acredita.anchoring.types import BlockHash, Digest, IssuerId, TxHash, Word
from acredita.node.storage import stored_checkpoints, stored_log
from acredita.node.storage.database import Database
from acredita.node.storage.stored_checkpoints import BlockPosition, CheckpointState
from acredita.node.storage.stored_log import StoredNodes
from sqlalchemy import Connection


def digest(number: int) -> Digest:
    return Digest(hashlib.sha256(b"%d" % number).digest())


def fill(
    database: Database, issuer: IssuerId, sizes: Sequence[int], beyond: int = 0, *, continued: bool = False
) -> list[bytes]:
    """Extend a log that was just opened to each of these sizes, rising. `beyond`: provisional entries after them.

    `continued`: the log may have checkpoints. Returns the leaf hashes of all entries, provisional ones included; of a
    log that is continued, of the new ones.
    """
    with database.write() as connection:
        opening = stored_checkpoints.newest_confirmed(connection, issuer)
        assert opening is not None
        last = opening.checkpoint
        assert continued or last.number == 0
        leaves: list[bytes] = [] if continued else [last.root]
        running = RunningLog.open(StoredNodes(connection, issuer, 1), last.size, StatusBits())
        for number, size in enumerate(sizes, start=last.number + 1):
            old = running.size
            leaves += _append(connection, issuer, running, old, size)
            checkpoint = Checkpoint(1, number, old, size, running.root(), EMPTY_STATUS_ROOT, number, Word(bytes(32)))
            block_position = BlockPosition(TxHash(bytes(32)), number, BlockHash(bytes(32)))
            stored_checkpoints.insert_checkpoint(
                connection, issuer, 1, checkpoint, state=CheckpointState.CONFIRMED, block_position=block_position
            )
        leaves += _append(connection, issuer, running, running.size, running.size + beyond)
    return leaves


def _append(connection: Connection, issuer: IssuerId, running: RunningLog, first: int, end: int) -> list[bytes]:
    entries = [issued(digest(number), digest(0)) for number in range(first, end)]
    if entries:
        running.extend(entries)
        stored_log.insert_entries(connection, issuer, 1, first, entries)
    return [leaf_hash(encode(entry)) for entry in entries]
