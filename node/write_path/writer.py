"""What writing for one institution takes: its ledger, account, storage, limits; made once at start, never changed.

The running log is not part of it: every run reads what it needs from storage, so a run that follows a crash is like
any other. Only the replayed status bits are kept between runs, and they are checked against the checkpoint they
belong to.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

from acredita.anchoring.ledger import Ledger
from acredita.anchoring.sender import Patience, TransactionSigner
from acredita.anchoring.status import StatusBits
from acredita.anchoring.types import IssuerId, Word
from acredita.contracts.bindings import CredentialLog
from acredita.node.storage import stored_log
from acredita.node.storage.database import Database
from acredita.node.storage.institutions import LedgerIdentity
from acredita.node.storage.leases import Leases
from acredita.node.storage.stored_log import StoredCheckpoint
from sqlalchemy import Connection

# 105k with two accreditors, 64 path hashes of 1.2k, and room for a client that meters otherwise. Gas is free.
ANCHOR_GAS: Final = 500_000
MAX_BATCH_ENTRIES: Final = 1_024
HOLDING_SECONDS: Final = 48 * 3600  # 72 hours after signing a credential without anchor counts as overdue
STATUS_SECONDS: Final = 60  # revocations are on the chain within five minutes
ISSUED_SECONDS: Final = 600


class StatusPublisher(Protocol):
    """Publishes status lists, which run ahead of the chain and never behind."""

    def publish(self, issuer: IssuerId, bits: StatusBits) -> None:
        """When it returns, the published lists show at least these bits. Raises StorageUnavailable."""


@dataclass(frozen=True, slots=True)
class Policy:
    """When and how much is anchored.

    `depth`: blocks that must lie on top before a transaction counts; belongs to the chain and has no default.
    `min_batch`: issued entries wait until so many are there (one alone tells who was in the room), but no longer than
    `holding_seconds`. Status changes never wait for company.
    """

    depth: int
    max_batch: int = MAX_BATCH_ENTRIES
    min_batch: int = 1
    issued_seconds: int = ISSUED_SECONDS
    status_seconds: int = STATUS_SECONDS
    holding_seconds: int = HOLDING_SECONDS
    patience: Patience = field(default_factory=Patience)


@dataclass(frozen=True)
class Writer:
    issuer: IssuerId
    identity: LedgerIdentity
    database: Database
    leases: Leases
    ledger: Ledger
    signer: TransactionSigner
    publisher: StatusPublisher
    policy: Policy
    clock: Callable[[], int]
    account_in_force: Callable[[], TransactionSigner] | None = None
    status: "StatusMemory" = field(default_factory=lambda: StatusMemory())

    @property
    def contract(self) -> CredentialLog:
        return CredentialLog(self.identity.contract)

    def for_run(self) -> "Writer":
        """The writer with the account that is in force when a run begins; within a run it never changes."""
        if self.account_in_force is None:
            return self
        account = self.account_in_force()
        return self if account.address == self.signer.address else replace(self, signer=account)


class StatusMemory:
    """The bits at the newest confirmed checkpoint, replayed once and then moved on with each batch."""

    def __init__(self) -> None:
        self._known: tuple[int, int, Word] | None = None
        self._size = 0
        self._bits = StatusBits()

    def at(self, connection: Connection, issuer: IssuerId, newest: StoredCheckpoint) -> StatusBits:
        """A copy of the bits at this checkpoint: through all epochs, each up to its last good one."""
        here = newest.checkpoint
        if not self._is_prefix(connection, issuer, newest):
            self._bits, self._size = _earlier_epochs(connection, issuer, newest.epoch), 0
        self._bits.replay(stored_log.read_status_entries(connection, issuer, newest.epoch, self._size, here.size))
        self._known, self._size = (newest.epoch, here.number, here.word()), here.size
        return self._bits.copy()

    def _is_prefix(self, connection: Connection, issuer: IssuerId, newest: StoredCheckpoint) -> bool:
        if self._known is None or self._known[0] != newest.epoch or self._known[1] > newest.checkpoint.number:
            return False
        known = stored_log.checkpoint_at(connection, issuer, self._known[0], self._known[1])
        return known is not None and known.checkpoint.word() == self._known[2]


def _earlier_epochs(connection: Connection, issuer: IssuerId, epoch: int) -> StatusBits:
    bits = StatusBits()
    for earlier, size in stored_log.confirmed_sizes(connection, issuer).items():
        if earlier < epoch:
            bits.replay(stored_log.read_status_entries(connection, issuer, earlier, 0, size))
    return bits
