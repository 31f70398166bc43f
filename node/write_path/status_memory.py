"""Keep the status bits of one institution between runs, replayed once and then moved on with each checkpoint.

Invariant: the bits are returned only for a checkpoint whose prefix was verified against the stored word. The running log
is not kept: each run reads what it needs from storage, so a run that follows a crash is like any other.
"""

from acredita.anchoring.status_bits import StatusBits
from acredita.anchoring.types import IssuerId, Word
from acredita.node.storage import stored_checkpoints, stored_log
from acredita.node.storage.stored_checkpoints import StoredCheckpoint
from sqlalchemy import Connection


class StatusMemory:
    """The status bits at the confirmed checkpoint that was requested last."""

    def __init__(self) -> None:
        self._known: tuple[int, int, Word] | None = None
        self._size = 0
        self._bits = StatusBits()

    def at(self, connection: Connection, issuer: IssuerId, newest: StoredCheckpoint) -> StatusBits:
        """Return a copy of the bits at this checkpoint: through all epochs, each up to its last good checkpoint."""
        checkpoint = newest.checkpoint
        if not self._is_prefix(connection, issuer, newest):
            self._bits, self._size = _earlier_epochs(connection, issuer, newest.epoch), 0
        self._bits.replay(stored_log.read_status_entries(connection, issuer, newest.epoch, self._size, checkpoint.size))
        self._known, self._size = (newest.epoch, checkpoint.number, checkpoint.word()), checkpoint.size
        return self._bits.copy()

    def _is_prefix(self, connection: Connection, issuer: IssuerId, newest: StoredCheckpoint) -> bool:
        if self._known is None or self._known[0] != newest.epoch or self._known[1] > newest.checkpoint.number:
            return False
        known = stored_checkpoints.checkpoint_at(connection, issuer, self._known[0], self._known[1])
        return known is not None and known.checkpoint.word() == self._known[2]


def _earlier_epochs(connection: Connection, issuer: IssuerId, epoch: int) -> StatusBits:
    bits = StatusBits()
    for earlier, size in stored_checkpoints.confirmed_sizes(connection, issuer).items():
        if earlier < epoch:
            bits.replay(stored_log.read_status_entries(connection, issuer, earlier, 0, size))
    return bits
