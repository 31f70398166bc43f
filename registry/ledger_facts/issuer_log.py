"""Rebuild an issuer's whole log from entries and compare it with the checkpoints the contract stores.

No file is believed. Root and status root are computed again from the 70-byte entries of every epoch. They must give the
word the contract stores for the last good checkpoint of each closed epoch, and for the head of the current one. Status
bits continue through the epochs. A receipt is made from the rebuilt log: of the first entry of a digest that counts.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from acredita.anchoring import entries as log_entries
from acredita.anchoring.entries import ENTRY_BYTES, Entry, EntryKind, EntryRefused
from acredita.anchoring.log import MemoryNodes
from acredita.anchoring.merkle import Frontier, inclusion_path, leaf_hash, root
from acredita.anchoring.receipts import Receipt
from acredita.anchoring.status_bits import Status, StatusBits, StatusProof
from acredita.anchoring.types import Address, BlockHash, Digest, IssuerId, TxHash
from acredita.registry.codes import Code
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.ledger_facts.log_chain import LinkedCheckpoint, LinkedEpoch, LogChain

_INDEX_BITS: Final = 48  # a log has fewer than 2^48 entries


@dataclass(frozen=True)
class LogName:
    """The chain, contract and issuer that every receipt of a log names."""

    chain_id: int
    genesis: BlockHash
    contract: Address
    issuer: IssuerId


@dataclass(frozen=True)
class EpochEntries:
    """The entries of one epoch that count, under checkpoints that are linked to the head."""

    linked: LinkedEpoch
    data: bytes

    def encoded(self, index: int) -> bytes:
        """Return the 70 bytes of an entry."""
        return self.data[index * ENTRY_BYTES : (index + 1) * ENTRY_BYTES]

    def first_covering(self, index: int) -> LinkedCheckpoint:
        """Return the first checkpoint that covers an entry."""
        checkpoints = self.linked.checkpoints
        return checkpoints[bisect_right(checkpoints, index, key=lambda each: each.checkpoint.size)]

    def path(self, index: int, size: int) -> tuple[bytes, ...]:
        """Return the inclusion path of an entry in the tree of `size` entries."""
        return tuple(inclusion_path(index, size, self._nodes.node))

    @cached_property
    def _nodes(self) -> MemoryNodes:
        """The tree's nodes, hashed when the first path is asked for: most receipts that are shown need none."""
        nodes, frontier = MemoryNodes(), Frontier()
        for index in range(len(self.data) // ENTRY_BYTES):
            completed = frontier.append(leaf_hash(self.encoded(index)))
            nodes.put([(level, index >> level, node) for level, node in enumerate(completed)])
        return nodes


@dataclass(frozen=True)
class IssuerLog:
    """The bits and entries of a log up to `time`, the block time of the newest checkpoint (0: none).

    `issued`: digest → epoch and index of its first entry, packed into one number.
    """

    name: LogName
    time: int
    status: StatusBits
    issued: Mapping[Digest, int]
    epochs: Mapping[int, EpochEntries]

    def bits(self, position: int) -> Status:
        return self.status.status(position)

    def holds(self, digest: Digest) -> bool:
        return digest in self.issued

    def receipt(self, digest: Digest, shown: Receipt | None = None) -> Receipt | None:
        """Return the receipt of the first entry of a digest; None if there is none.

        `shown` is returned where it is that receipt, whatever block it names.
        """
        packed = self.issued.get(digest)
        if packed is None:
            return None
        epoch, index = packed >> _INDEX_BITS, packed & (1 << _INDEX_BITS) - 1
        entries = self.epochs[epoch]
        linked = entries.first_covering(index)
        if shown is not None and self._is_receipt_of(shown, epoch, index, linked) and shown.inclusion_fault() is None:
            return shown
        return self._receipt(epoch, index, linked)

    def _is_receipt_of(self, shown: Receipt, epoch: int, index: int, linked: LinkedCheckpoint) -> bool:
        named = LogName(shown.chain_id, shown.genesis, shown.contract, shown.issuer)
        place = (shown.epoch, shown.index, shown.checkpoint)
        encoded = log_entries.encode(shown.entry)
        return (named, place, encoded) == (
            self.name,
            (epoch, index, linked.checkpoint),
            self.epochs[epoch].encoded(index),
        )

    def _receipt(self, epoch: int, index: int, linked: LinkedCheckpoint) -> Receipt:
        entries, log = self.epochs[epoch], linked.log
        if log is None:
            raise RuntimeError("the opening of epoch 1 covers no issued entry")
        return Receipt(
            entry=log_entries.decode(entries.encoded(index)),
            index=index,
            inclusion=entries.path(index, linked.checkpoint.size),
            checkpoint=linked.checkpoint,
            chain_id=self.name.chain_id,
            genesis=self.name.genesis,
            contract=self.name.contract,
            issuer=self.name.issuer,
            epoch=epoch,
            block_number=log.block_number,
            block_hash=BlockHash(log.block_hash),
            transaction=TxHash(log.transaction),
        )

    def prove(self, position: int) -> StatusProof:
        """Build the proof of a position's bits under the status root of the newest checkpoint."""
        return self.status.prove(position)


def rebuild(name: LogName, chain: LogChain, files: Mapping[int, bytes]) -> IssuerLog | Missing:
    """Rebuild the log up to the last checkpoint that counts of every epoch, oldest first.

    An epoch with no checkpoint but the opening needs no entries. `files`: epoch → its entries, 70 bytes each; they may
    reach beyond the checkpoint. Returns Missing("LOG_MISSING") if the entries do not lead to the contract's roots.
    """
    status, issued, time = StatusBits(), dict[Digest, int](), 0
    epochs: dict[int, EpochEntries] = {}
    for linked in chain.epochs:
        if linked.last.number == 0:
            continue
        entries = _entries(linked, files.get(linked.number, b""), status)
        if isinstance(entries, Missing):
            return entries
        epochs[linked.number] = EpochEntries(linked, files[linked.number][: linked.last.size * ENTRY_BYTES])
        for index, entry in enumerate(entries):
            if entry.kind is EntryKind.ISSUED:
                issued.setdefault(entry.digest, linked.number << _INDEX_BITS | index)
        time = linked.last.time
    return IssuerLog(name, time, status, issued, epochs)


def _entries(linked: LinkedEpoch, data: bytes, status: StatusBits) -> list[Entry] | Missing:
    """Read the entries of one epoch if they give both roots of its last checkpoint; `status` continues with them."""
    epoch, checkpoint = linked.number, linked.last
    size = checkpoint.size * ENTRY_BYTES
    if len(data) < size:
        return Missing(Code.LOG_MISSING, f"epoch {epoch}: {checkpoint.size} entries wanted, fewer at hand")
    encoded = [data[at : at + ENTRY_BYTES] for at in range(0, size, ENTRY_BYTES)]
    if root(map(leaf_hash, encoded)) != checkpoint.root:
        return Missing(Code.LOG_MISSING, f"epoch {epoch}: the entries at hand are not those the contract holds")
    try:
        parsed = [log_entries.decode(entry) for entry in encoded]
    except EntryRefused as error:  # an unknown kind of entry ends the reading
        return Missing(Code.LOG_MISSING, f"epoch {epoch}: {error}")
    status.replay(parsed)
    if status.root() != checkpoint.status_root:
        return Missing(Code.LOG_MISSING, f"epoch {epoch}: the status root is not the one its entries give")
    return parsed
