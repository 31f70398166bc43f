"""An issuer's whole log, rebuilt from entries and held against the checkpoints the contract stores.

Nothing is believed for being in a file: roots and status roots are computed again from the 70-byte entries of every epoch
and must give the word the contract holds for the last good checkpoint of each closed epoch and for the head of the current
one. Status bits run on through the epochs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from acredita.anchoring import entries as log_entries
from acredita.anchoring.checkpoint import Checkpoint
from acredita.anchoring.entries import EntryKind, EntryRefused
from acredita.anchoring.merkle import leaf_hash, root
from acredita.anchoring.status import Status, StatusBits, StatusProof
from acredita.anchoring.types import Digest
from acredita.registry.codes import Code
from acredita.registry.ledger_facts.facts import Missing


@dataclass(frozen=True)
class IssuerLog:
    """Bits and issued digests up to `time`, the block time of the newest checkpoint (0: none)."""

    time: int
    status: StatusBits
    issued: frozenset[Digest]

    def bits(self, position: int) -> Status:
        return self.status.status(position)

    def holds(self, digest: Digest) -> bool:
        return digest in self.issued

    def prove(self, position: int) -> StatusProof:
        """What shows the bits of a position under the status root of the newest checkpoint."""
        return self.status.prove(position)


def rebuild(last: Sequence[tuple[int, Checkpoint]], files: Mapping[int, bytes]) -> IssuerLog | Missing:
    """The log up to the last good checkpoint of every epoch, oldest first.

    `last`: (epoch, its last good checkpoint as the contract has it); an epoch without a checkpoint but the opening is left
    out. `files`: epoch → its entries, 70 bytes each, perhaps more than the checkpoint covers. Missing("LOG_MISSING") where
    they do not lead to the contract's roots.
    """
    status, issued, time = StatusBits(), set[Digest](), 0
    for epoch, checkpoint in last:
        data, wanted = files.get(epoch, b""), checkpoint.size * log_entries.ENTRY_BYTES
        if len(data) < wanted:
            return Missing(Code.LOG_MISSING, f"epoch {epoch}: {checkpoint.size} entries wanted, fewer at hand")
        encoded = [data[at : at + log_entries.ENTRY_BYTES] for at in range(0, wanted, log_entries.ENTRY_BYTES)]
        if root(map(leaf_hash, encoded)) != checkpoint.root:
            return Missing(Code.LOG_MISSING, f"epoch {epoch}: the entries at hand are not those the contract holds")
        try:
            parsed = [log_entries.decode(entry) for entry in encoded]
        except EntryRefused as error:  # a reader that meets an entry it does not know stops
            return Missing(Code.LOG_MISSING, f"epoch {epoch}: {error}")
        status.replay(parsed)
        if status.root() != checkpoint.status_root:
            return Missing(Code.LOG_MISSING, f"epoch {epoch}: the status root is not the one its entries give")
        issued.update(entry.digest for entry in parsed if entry.kind is EntryKind.ISSUED)
        time = checkpoint.time
    return IssuerLog(time, status, frozenset(issued))
