"""Read an issuer's whole log and compare it with the checkpoints the contract stores.

No source of entries is believed. Root and status root are computed from the 70-byte entries of every epoch. They must give
the word the contract stores for the last good checkpoint of each closed epoch, and for the head of the current one. Status
bits continue through the epochs. A receipt is made from the log: of the first entry of a digest that counts.

A log that was read at an earlier head is extended by the entries behind it; nothing before is read or hashed again. It is
read whole again where the ledger's checkpoints do not continue the earlier ones, as after an epoch that was closed.
"""

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Final, Protocol

from acredita.anchoring import entries as log_entries
from acredita.anchoring.entries import ENTRY_BYTES, EntryKind, EntryRefused
from acredita.anchoring.merkle import Frontier, leaf_hash
from acredita.anchoring.receipts import Receipt
from acredita.anchoring.status_bits import Status, StatusBits, StatusProof
from acredita.anchoring.types import Address, BlockHash, Digest, IssuerId, TxHash
from acredita.registry.codes import Code
from acredita.registry.ledger_facts.entries_in_memory import EntriesInMemory, IssuedEntry
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.ledger_facts.log_chain import LinkedCheckpoint, LinkedEpoch, LogChain
from acredita.registry.ledger_facts.log_entries import EntriesRefused, EntriesUnavailable, LogEntries

_ISSUED_PREFIX: Final = bytes((1, EntryKind.ISSUED)) + b"\xff" * 4  # the other fields of nearly every entry are fixed
_DIGEST: Final = slice(6, 38)


@dataclass(frozen=True)
class LogName:
    """The chain, contract and issuer that every receipt of a log names."""

    chain_id: int
    genesis: BlockHash
    contract: Address
    issuer: IssuerId


class LogContent(Protocol):
    """The entries and hashes of every epoch of a log. It may hold more than the checkpoints of its reader cover."""

    def issued(self, digest: Digest) -> tuple[IssuedEntry, ...]:
        """Return the `issued` entries of a digest, oldest first: epoch and index."""

    def encoded(self, epoch: int, index: int) -> bytes:
        """Return the 70 bytes of an entry."""

    def path(self, epoch: int, index: int, size: int) -> tuple[bytes, ...]:
        """Return the inclusion path of an entry in the tree of `size` entries."""


@dataclass(frozen=True)
class IssuerLog:
    """The bits and entries of a log up to the newest checkpoint of `chain`, which they were compared with."""

    name: LogName
    chain: LogChain
    status: StatusBits
    content: LogContent

    @property
    def time(self) -> int:
        """Block time of the newest checkpoint that an anchor made; 0 if there is none."""
        return max((epoch.last.time for epoch in self.chain.epochs if epoch.last.number), default=0)

    def bits(self, position: int) -> Status:
        return self.status.status(position)

    def holds(self, digest: Digest) -> bool:
        return self._first(digest) is not None

    def receipt(self, digest: Digest, shown: Receipt | None = None) -> Receipt | None:
        """Return the receipt of the first entry of a digest; None if there is none.

        `shown` is returned where it is that receipt, whatever block it names.
        """
        first = self._first(digest)
        if first is None:
            return None
        linked = _first_covering(self.chain.epochs[first.epoch - 1], first.index)
        if shown is not None and self._is_receipt_of(shown, first, linked) and shown.inclusion_fault() is None:
            return shown
        return self._receipt(first, linked)

    def prove(self, position: int) -> StatusProof:
        """Build the proof of a position's bits under the status root of the newest checkpoint."""
        return self.status.prove(position)

    def _first(self, digest: Digest) -> IssuedEntry | None:
        """Return the first entry of a digest that a checkpoint of an anchor covers."""
        return next((entry for entry in self.content.issued(digest) if self._covers(entry)), None)

    def _covers(self, entry: IssuedEntry) -> bool:
        return entry.epoch <= len(self.chain.epochs) and entry.index < self.chain.epochs[entry.epoch - 1].last.size

    def _is_receipt_of(self, shown: Receipt, first: IssuedEntry, linked: LinkedCheckpoint) -> bool:
        named = LogName(shown.chain_id, shown.genesis, shown.contract, shown.issuer)
        place = (IssuedEntry(shown.epoch, shown.index), shown.checkpoint)
        encoded = log_entries.encode(shown.entry)
        return (named, place, encoded) == (
            self.name,
            (first, linked.checkpoint),
            self.content.encoded(first.epoch, first.index),
        )

    def _receipt(self, first: IssuedEntry, linked: LinkedCheckpoint) -> Receipt:
        log = linked.log
        if log is None:
            raise RuntimeError("the opening of epoch 1 covers no issued entry")
        receipt = Receipt(
            entry=log_entries.decode(self.content.encoded(first.epoch, first.index)),
            index=first.index,
            inclusion=self.content.path(first.epoch, first.index, linked.checkpoint.size),
            checkpoint=linked.checkpoint,
            chain_id=self.name.chain_id,
            genesis=self.name.genesis,
            contract=self.name.contract,
            issuer=self.name.issuer,
            epoch=first.epoch,
            block_number=log.block_number,
            block_hash=BlockHash(log.block_hash),
            transaction=TxHash(log.transaction),
        )
        if receipt.inclusion_fault() is not None:  # a database whose hashes are not those of its entries
            raise RuntimeError(f"entry {first.index} of epoch {first.epoch} is not under the root it was stored with")
        return receipt


def rebuild(
    name: LogName, chain: LogChain, entries: LogEntries, earlier: IssuerLog | None = None
) -> IssuerLog | Missing:
    """Read the log up to the last checkpoint that counts of every epoch, oldest first.

    `earlier`: the same log at an earlier head; where the chain continues it, only the entries behind it are read. An epoch
    with no checkpoint but the opening needs no entries. Returns Missing("LOG_MISSING") if the entries do not lead to the
    contract's roots; `earlier` is then as it was.
    """
    if earlier is not None and isinstance(earlier.content, EntriesInMemory) and continues(earlier.chain, chain):
        with earlier.content.lock:
            if earlier.content.ends_at(_sizes(earlier.chain)):
                return _extended(name, chain, entries, earlier)
    return _extended(name, chain, entries, IssuerLog(name, LogChain(()), StatusBits(), EntriesInMemory()))


def continues(earlier: LogChain, later: LogChain) -> bool:
    """Decide whether a chain has every checkpoint of an earlier one, and its closed epochs end where they ended."""
    if len(earlier.epochs) > len(later.epochs):
        return False
    return all(_continues(old, new) for old, new in zip(earlier.epochs, later.epochs, strict=False))


def _continues(old: LinkedEpoch, new: LinkedEpoch) -> bool:
    number = old.last.number
    if number >= len(new.checkpoints) or (old.is_closed and old.last != new.last):
        return False
    return new.checkpoints[number].checkpoint == old.last


def _sizes(chain: LogChain) -> dict[int, int]:
    """Return epoch → entries, of the epochs that have entries to be read."""
    return {epoch.number: epoch.last.size for epoch in chain.epochs if epoch.last.number}


@dataclass
class _Growth:
    """Entries behind an earlier log, with what they lead to."""

    epoch: int
    more: bytes
    frontier: Frontier
    digests: list[tuple[int, Digest]] = field(default_factory=list)


def _extended(name: LogName, chain: LogChain, entries: LogEntries, earlier: IssuerLog) -> IssuerLog | Missing:
    """Read what is behind the earlier log. Its content grows once everything was compared, or not at all."""
    content, status, sizes = earlier.content, earlier.status.copy(), _sizes(earlier.chain)
    assert isinstance(content, EntriesInMemory)
    growths = []
    for linked in chain.epochs:
        if linked.last.number == 0 or linked.last.size == sizes.get(linked.number, 0):
            continue
        growth = _growth(linked, entries, content.frontier(linked.number), status)
        if isinstance(growth, Missing):
            return growth
        growths.append(growth)
    for growth in growths:
        content.extend(growth.epoch, growth.more, growth.frontier, growth.digests)
    return IssuerLog(name, chain, status, content)


def _growth(linked: LinkedEpoch, entries: LogEntries, frontier: Frontier, status: StatusBits) -> _Growth | Missing:
    """Read the entries of an epoch behind its frontier, if they give both roots of its last checkpoint.

    `frontier` and `status` continue with them.
    """
    epoch, checkpoint, first = linked.number, linked.last, frontier.size
    try:
        more = entries.read(epoch, first, checkpoint.size)
    except (EntriesUnavailable, EntriesRefused) as error:
        return Missing(Code.LOG_MISSING, f"epoch {epoch}: {error}")
    if len(more) != (checkpoint.size - first) * ENTRY_BYTES:
        return Missing(Code.LOG_MISSING, f"epoch {epoch}: {checkpoint.size} entries wanted, fewer at hand")
    encoded = [more[at : at + ENTRY_BYTES] for at in range(0, len(more), ENTRY_BYTES)]
    frontier.extend(map(leaf_hash, encoded))
    if frontier.root() != checkpoint.root:
        return Missing(Code.LOG_MISSING, f"epoch {epoch}: the entries at hand are not those the contract holds")
    growth = _Growth(epoch, more, frontier)
    try:
        growth.digests = _digests(encoded, first, status)
    except EntryRefused as error:  # an unknown kind of entry ends the reading
        return Missing(Code.LOG_MISSING, f"epoch {epoch}: {error}")
    if status.root() != checkpoint.status_root:
        return Missing(Code.LOG_MISSING, f"epoch {epoch}: the status root is not the one its entries give")
    return growth


def _digests(encoded: list[bytes], first: int, status: StatusBits) -> list[tuple[int, Digest]]:
    """Return index and digest of the `issued` entries, and apply the others to the bits. Raises EntryRefused."""
    digests = []
    for index, data in enumerate(encoded, first):
        if data.startswith(_ISSUED_PREFIX):
            digests.append((index, Digest(data[_DIGEST])))
        else:
            status.apply(log_entries.decode(data))
    return digests


def _first_covering(linked: LinkedEpoch, index: int) -> LinkedCheckpoint:
    return linked.checkpoints[bisect_right(linked.checkpoints, index, key=lambda each: each.checkpoint.size)]
