"""A log in storage, confirmed at chosen sizes: everything a reader of the log needs, without a chain that says so."""

import hashlib
from collections.abc import Sequence

from acredita.anchoring.checkpoint import Checkpoint
from acredita.anchoring.entries import encode, issued
from acredita.anchoring.log import RunningLog
from acredita.anchoring.merkle import leaf_hash
from acredita.anchoring.status_bits import StatusBits
from acredita.anchoring.types import BlockHash, Digest, IssuerId, Root, TxHash, Word
from acredita.node.storage import stored_checkpoints, stored_log
from acredita.node.storage.database import Database
from acredita.node.storage.stored_checkpoints import BlockPosition, CheckpointState
from acredita.node.storage.stored_log import StoredNodes
from sqlalchemy import Connection


def digest(number: int) -> Digest:
    return Digest(hashlib.sha256(b"%d" % number).digest())


def fill(database: Database, issuer: IssuerId, sizes: Sequence[int], beyond: int = 0) -> list[bytes]:
    """Extend a log that was just opened to each of these sizes, rising. `beyond`: provisional entries after them.

    Returns the leaf hashes of all entries, provisional ones included.
    """
    with database.write() as connection:
        opening = stored_checkpoints.newest_confirmed(connection, issuer)
        assert opening is not None
        leaves: list[bytes] = [opening.checkpoint.root]
        running = RunningLog.open(StoredNodes(connection, issuer, 1), 1, StatusBits())
        for number, size in enumerate(sizes, start=1):
            old = len(leaves)
            leaves += _append(connection, issuer, running, old, size)
            checkpoint = Checkpoint(1, number, old, size, running.root(), Root(bytes(32)), number, Word(bytes(32)))
            block_position = BlockPosition(TxHash(bytes(32)), number, BlockHash(bytes(32)))
            stored_checkpoints.insert_checkpoint(
                connection, issuer, 1, checkpoint, state=CheckpointState.CONFIRMED, block_position=block_position
            )
        leaves += _append(connection, issuer, running, len(leaves), len(leaves) + beyond)
    return leaves


def _append(connection: Connection, issuer: IssuerId, running: RunningLog, first: int, end: int) -> list[bytes]:
    entries = [issued(digest(number), digest(0)) for number in range(first, end)]
    if entries:
        running.extend(entries)
        stored_log.insert_entries(connection, issuer, 1, first, entries)
    return [leaf_hash(encode(entry)) for entry in entries]
