"""Hold what writing for one institution takes: its ledger, account, storage and limits.

Invariant: a `Writer` is made once at start and never changed. `anchor_pending` and the tenant hold it whole; the functions
they call get the part they need: `record` (the stored log, under a lease), `chain` (the log on the chain) or a limit.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final, Protocol

from acredita.anchoring.ledger import Ledger
from acredita.anchoring.status_bits import StatusBits
from acredita.anchoring.transaction import Patience, TransactionSigner
from acredita.anchoring.types import Address, IssuerId
from acredita.node.storage.database import Database, Lease
from acredita.node.storage.institutions import LedgerIdentity
from acredita.node.storage.leases import Leases
from acredita.node.write_path.finality import check_decided
from acredita.node.write_path.log_on_chain import LogOnChain
from acredita.node.write_path.log_record import LogIdentity, LogRecord
from acredita.node.write_path.status_memory import StatusMemory

MAX_BATCH_ENTRIES: Final = 1_024
HOLDING_SECONDS: Final = 48 * 3600  # 72 hours after signing a credential without anchor counts as overdue
STATUS_SECONDS: Final = 60  # revocations are on the chain within five minutes
ISSUED_SECONDS: Final = 600


class StatusPublisher(Protocol):
    """A publisher of status lists, which run ahead of the chain and never behind."""

    def publish(self, issuer: IssuerId, bits: StatusBits) -> None:
        """Publish at least these bits: when it returns, the published lists show them. Raises StorageUnavailable."""


@dataclass(frozen=True, slots=True)
class AnchoringPolicy:
    """The limits of size and age that decide when a batch is anchored.

    `depth`: blocks that must lie on top before a transaction counts; belongs to the chain and has no default.
    `min_batch`: issued entries wait until so many are there (a batch of one reveals who was in it), but no longer than
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
    """One institution's writer. `account_in_force`: called when a run begins; None keeps `signer`.

    `registry`: the issuer registry, whose state explains a refusal; None where it is not known. `is_final`: validators
    seal the chain's blocks, so that none is ever undone.
    """

    issuer: IssuerId
    identity: LedgerIdentity
    database: Database
    leases: Leases
    ledger: Ledger
    signer: TransactionSigner
    publisher: StatusPublisher
    policy: AnchoringPolicy
    clock: Callable[[], int]
    account_in_force: Callable[[], TransactionSigner] | None = None
    registry: Address | None = None
    is_final: bool = False
    status_memory: StatusMemory = field(default_factory=StatusMemory)

    @property
    def log(self) -> LogIdentity:
        """The log this writer appends to."""
        return LogIdentity(self.issuer, self.identity)

    @property
    def chain(self) -> LogOnChain:
        """The same log as the chain holds it."""
        check_undone = partial(check_decided, self.database, self.ledger) if self.is_final else None
        return LogOnChain(self.log, self.ledger, self.policy.depth, check_undone)

    def record(self, lease: Lease) -> LogRecord:
        """Return the stored log for the holder of this lease."""
        return LogRecord(self.log, self.database, lease, self.clock)

    def for_run(self) -> "Writer":
        """Return the writer with the account in force when a run begins; within a run it never changes."""
        if self.account_in_force is None:
            return self
        account = self.account_in_force()
        return self if account.address == self.signer.address else replace(self, signer=account)
