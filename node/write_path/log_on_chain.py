"""Read what the chain holds of one institution's log: its head, checkpoint words, closed epochs and opening events.

Invariants: every answer of a `LogAtBlock` is for one block, deep enough to count; nothing is written or sent here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from acredita.anchoring.checkpoint import Head
from acredita.anchoring.ledger import Block, Ledger, LogQuery, PartialLedgerUnavailable
from acredita.anchoring.quorum import first_whole
from acredita.anchoring.transaction import confirmed_head
from acredita.anchoring.types import Address, BlockHash, IssuerId, TxHash, Word
from acredita.contracts.abi import RawLog
from acredita.contracts.bindings import CredentialLog, EpochOpened
from acredita.node.storage.stored_checkpoints import BlockPosition, StoredCheckpoint
from acredita.node.write_path.log_record import LogIdentity
from acredita.registry.ledger_facts.log_chain import LogChain, LoggedCheckpoints
from acredita.registry.ledger_facts.observer import read_head
from acredita.registry.ledger_facts.whole_records import events_of

T = TypeVar("T")

CheckUndone = Callable[[BlockPosition, Block], None]


@dataclass(frozen=True, slots=True)
class LogOnChain:
    """One institution's log on the chain. `depth`: blocks that must lie on top of a block before it counts.

    `check_undone`: raises LedgerForkedError where a block may not have been undone; None where any may.
    """

    log: LogIdentity
    ledger: Ledger
    depth: int
    check_undone: CheckUndone | None = None

    @property
    def issuer(self) -> IssuerId:
        """The issuer the log belongs to."""
        return self.log.issuer

    @property
    def contract(self) -> CredentialLog:
        """The contract that holds the log's checkpoints."""
        return CredentialLog(self.log.ledger.contract)

    def confirmed_block(self) -> Block:
        """Return the newest block that is deep enough. Raises LedgerUnavailable."""
        return confirmed_head(self.ledger, self.depth)

    def at_confirmed_block(self) -> "LogAtBlock":
        """Return the log at the newest block that is deep enough. Raises LedgerUnavailable."""
        block = self.confirmed_block()
        return LogAtBlock(self, block, read_head(self.ledger, self.contract, self.issuer, block.hash))

    def confirmed_nonce(self, account: Address) -> int:
        """Return how many transactions of an account the chain counts at the newest block that is deep enough."""
        return self.ledger.nonce(account, self.confirmed_block().number)

    def has_block_of(self, stored: StoredCheckpoint) -> bool:
        """Decide whether the checkpoint's block is still on the chain. The opening of epoch 1 needs no block.

        The chain reaches that height, as `catch_up` has found before. Raises PartialLedgerUnavailable where the endpoint
        has no block there all the same, LedgerForkedError where a final block is another one now.
        """
        if stored.block_position is None:
            return True
        block = self.ledger.block(stored.block_position.block_number)
        if block is None:
            raise PartialLedgerUnavailable(f"the ledger has no block {stored.block_position.block_number} any more")
        if block.hash == stored.block_position.block_hash:
            return True
        if self.check_undone is not None:
            self.check_undone(stored.block_position, block)
        return False


@dataclass(frozen=True, slots=True)
class LogAtBlock:
    """One institution's log as the contract holds it at one block. `head`: its newest checkpoint there."""

    chain: LogOnChain
    block: Block
    head: Head

    def word(self, epoch: int, number: int) -> bytes:
        """Return the word of a checkpoint; zeros where the contract has none."""
        view = self.chain.contract.checkpoint_word(self.chain.issuer, epoch, number)
        return self.chain.ledger.read(view, self.block.hash)

    def is_void(self, epoch: int, number: int) -> bool:
        """Decide whether the council has closed the epoch below this checkpoint."""
        if epoch >= self.head.epoch:
            return False
        view = self.chain.contract.last_good(self.chain.issuer, epoch)
        return number > self.chain.ledger.read(view, self.block.hash)

    def raw_events(self) -> list[RawLog]:
        """Return the events of this log up to the block, among which every checkpoint that counts is linked to the head.

        Raises PartialLedgerUnavailable where no endpoint has them all.
        """
        return self._whole(lambda raw_events, _linked: raw_events)

    def linked(self) -> LogChain:
        """Return the checkpoints that count, linked by their words to the contract's head.

        Raises PartialLedgerUnavailable where an event of them is missing at every endpoint.
        """
        return self._whole(lambda _raw_events, linked: linked)

    def _whole(self, take: Callable[[list[RawLog], LogChain], T]) -> T:
        identity, head = self.chain.log.ledger, self.head
        word = Word(self.word(head.epoch, head.number))

        def check(raw_events: Sequence[RawLog]) -> T:
            logged = LoggedCheckpoints.of(identity.chain_id, identity.contract, self.chain.issuer, raw_events)
            return take(list(raw_events), logged.link(head, word))

        query = LogQuery(0, self.block.number, (identity.contract,), (None, self.chain.issuer))
        return first_whole(self.chain.ledger, query, check)

    def openings(self) -> list["EpochOpening"]:
        """Return every epoch the council has opened for this institution, in order."""
        openings = [epoch.checkpoints[0].log for epoch in self.linked().epochs]
        known = [raw for raw in openings if raw is not None]
        events = zip(events_of(known), known, strict=True)
        return [EpochOpening(event, position_of(raw)) for event, raw in events if isinstance(event, EpochOpened)]


@dataclass(frozen=True, slots=True)
class EpochOpening:
    """An act of the council that opened an epoch, and the block it is in."""

    event: EpochOpened
    block_position: BlockPosition


def position_of(raw: RawLog) -> BlockPosition:
    """Return the block and transaction of an event."""
    return BlockPosition(TxHash(raw.transaction), raw.block_number, BlockHash(raw.block_hash))
