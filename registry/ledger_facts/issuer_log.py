"""Rebuild an issuer's whole log from entries and compare it with the checkpoints the contract stores.

No file is believed. Root and status root are computed again from the 70-byte entries of every epoch. They must give the
word the contract stores for the last good checkpoint of each closed epoch, and for the head of the current one. Status
bits continue through the epochs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from acredita.anchoring import entries as log_entries
from acredita.anchoring.checkpoint import Checkpoint
from acredita.anchoring.entries import EntryKind, EntryRefused
from acredita.anchoring.merkle import leaf_hash, root
from acredita.anchoring.status_bits import Status, StatusBits, StatusProof
from acredita.anchoring.types import Digest
from acredita.registry.codes import Code
from acredita.registry.ledger_facts.facts import Missing


@dataclass(frozen=True)
class IssuerLog:
    """The bits and issued digests of a log up to `time`, the block time of the newest checkpoint (0: none)."""

    time: int
    status: StatusBits
    issued: frozenset[Digest]

    def bits(self, position: int) -> Status:
        return self.status.status(position)

    def holds(self, digest: Digest) -> bool:
        return digest in self.issued

    def prove(self, position: int) -> StatusProof:
        """Build the proof of a position's bits under the status root of the newest checkpoint."""
        return self.status.prove(position)


def rebuild(last: Sequence[tuple[int, Checkpoint]], files: Mapping[int, bytes]) -> IssuerLog | Missing:
    """Rebuild the log up to the last good checkpoint of every epoch, oldest first.

    `last`: (epoch, its last good checkpoint as the contract stores it); an epoch with no checkpoint but the opening is
    left out. `files`: epoch → its entries, 70 bytes each; they may reach beyond the checkpoint. Returns
    Missing("LOG_MISSING") if the entries do not lead to the contract's roots.
    """
    status, issued, time = StatusBits(), set[Digest](), 0
    for epoch, checkpoint in last:
        data, size = files.get(epoch, b""), checkpoint.size * log_entries.ENTRY_BYTES
        if len(data) < size:
            return Missing(Code.LOG_MISSING, f"epoch {epoch}: {checkpoint.size} entries wanted, fewer at hand")
        encoded = [data[at : at + log_entries.ENTRY_BYTES] for at in range(0, size, log_entries.ENTRY_BYTES)]
        if root(map(leaf_hash, encoded)) != checkpoint.root:
            return Missing(Code.LOG_MISSING, f"epoch {epoch}: the entries at hand are not those the contract holds")
        try:
            parsed = [log_entries.decode(entry) for entry in encoded]
        except EntryRefused as error:  # an unknown kind of entry ends the reading
            return Missing(Code.LOG_MISSING, f"epoch {epoch}: {error}")
        status.replay(parsed)
        if status.root() != checkpoint.status_root:
            return Missing(Code.LOG_MISSING, f"epoch {epoch}: the status root is not the one its entries give")
        issued.update(entry.digest for entry in parsed if entry.kind is EntryKind.ISSUED)
        time = checkpoint.time
    return IssuerLog(time, status, frozenset(issued))
