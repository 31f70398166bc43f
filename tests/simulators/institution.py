"""One institution of a node on a simulated installation: enqueue, anchor, and say whether the invariants hold."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from acredita.anchoring.checkpoint import unpack_head
from acredita.anchoring.entries import EntryKind, decode
from acredita.anchoring.ledger import Ledger
from acredita.anchoring.merkle import leaf_hash, root
from acredita.anchoring.status_bits import StatusBits
from acredita.anchoring.transaction import Patience
from acredita.anchoring.types import Address, BlockHash, Digest, IssuerId
from acredita.contracts.bindings import CredentialLog
from acredita.node.storage import institutions, queue, stored_checkpoints, stored_log
from acredita.node.storage.database import Database
from acredita.node.storage.institutions import LedgerIdentity
from acredita.node.storage.leases import Leases
from acredita.node.storage.receipts import load_receipt
from acredita.node.write_path.writer import AnchoringPolicy, Writer
from eth_hash.auto import keccak

from tests.simulators.installation import Issuer, Parties
from tests.simulators.running_log import check_running_log

PROGRAMME = Digest(b"\x77" * 32)
NO_WAITING = Patience(seconds=0.0, sleep=lambda _: None)
POLICY = AnchoringPolicy(depth=0, max_batch=64, issued_seconds=0, status_seconds=0, patience=NO_WAITING)


class KeptLists:
    """A publisher that remembers what it was asked to publish last."""

    def __init__(self) -> None:
        self.published = 0
        self.bits = StatusBits()

    def publish(self, issuer: IssuerId, bits: StatusBits) -> None:
        self.published += 1
        self.bits = bits.copy()


@dataclass
class SimulatedInstitution:
    """The institution's writer, and what its own staff does: issue and revoke."""

    installation: Parties
    issuer: Issuer
    writer: Writer
    publisher: KeptLists

    def issue(self, *numbers: int) -> list[Digest]:
        digests = [credential_digest(number) for number in numbers]
        with self.writer.database.write() as connection:
            for digest in digests:
                queue.enqueue_issued(
                    connection,
                    self.writer.issuer,
                    digest,
                    PROGRAMME,
                    key=f"issue {digest.hex()}",
                    now=self.writer.clock(),
                )
        return digests

    def change(self, kind: EntryKind, *positions: int) -> None:
        with self.writer.database.write() as connection:
            for position in positions:
                queue.enqueue_status(
                    connection,
                    self.writer.issuer,
                    kind,
                    position,
                    key=f"{kind.name} {position}",
                    now=self.writer.clock(),
                )

    def on(self, **changes: object) -> "SimulatedInstitution":
        """Return the institution with another ledger, policy or clock, as after a restart with another configuration."""
        return replace(self, writer=replace(self.writer, **changes))  # type: ignore[arg-type]

    def publishing_to(self, publisher: KeptLists) -> "SimulatedInstitution":
        """Return the institution with lists as they were on disk, as a new process finds them."""
        return replace(self.on(publisher=publisher), publisher=publisher)

    def state(self, digest: Digest) -> str | None:
        with self.writer.database.read() as connection:
            item = queue.digest_status(connection, self.writer.issuer, digest)
        return None if item is None else item.state


def credential_digest(number: int) -> Digest:
    return Digest(keccak(b"credential %d" % number))


def identity(ledger: Ledger, contract: Address) -> LedgerIdentity:
    genesis = ledger.block(0)
    assert genesis is not None
    return LedgerIdentity(ledger.chain_id(), BlockHash(genesis.hash), contract, keccak(ledger.code(contract)))


def open_institution(
    installation: Parties,
    issuer: Issuer,
    database: Database,
    *,
    name: str = "ut",
    ledger: Ledger | None = None,
    policy: AnchoringPolicy = POLICY,
    clock: Callable[[], int] | None = None,
    holder: str = "node",
) -> SimulatedInstitution:
    """Register the institution unless it is, and make a writer for it.

    `holder`: the name of a process; another one of the name is known to have ended.
    """
    known = identity(installation.ledger, installation.deployment.credential_log)
    with database.write() as connection:
        if institutions.institution(connection, issuer.id) is None:
            institutions.register(
                connection, issuer.id, profile=name, did=f"did:web:{name}.example", identity=known, now=1
            )
    publisher = KeptLists()
    writer = Writer(
        issuer=issuer.id,
        identity=known,
        database=database,
        leases=Leases(database, holder, ended=lambda other: other.startswith(f"{holder}/")),
        ledger=installation.ledger if ledger is None else ledger,
        signer=issuer.anchoring,
        publisher=publisher,
        policy=policy,
        clock=installation.clock if clock is None else clock,
        registry=Address(installation.deployment.issuer_registry),
    )
    return SimulatedInstitution(installation, issuer, writer, publisher)


def check_invariants(institution: SimulatedInstitution, issued: list[Digest], changes: int = 0) -> None:
    """Check that nothing is lost or doubled: each released credential has one entry and a receipt that the chain
    confirms.
    """
    ledger, issuer = institution.installation.ledger, institution.writer.issuer
    check_running_log(institution.writer, ledger, issued)
    contract = CredentialLog(institution.installation.deployment.credential_log)
    head = unpack_head(ledger.read(contract.head(issuer)))
    with institution.writer.database.read() as connection:
        newest = stored_checkpoints.newest_confirmed(connection, issuer)
        assert newest is not None
        last = newest.checkpoint
        assert (head.epoch, head.number, head.size) == (newest.epoch, last.number, last.size)
        assert ledger.read(contract.checkpoint_word(issuer, head.epoch, head.number)) == last.word()
        data = list(stored_log.read_entries(connection, issuer, newest.epoch, 0, head.size))
        assert stored_log.appended_size(connection, issuer, newest.epoch) == head.size
        assert root(map(leaf_hash, data)) == last.root
        entries = [decode(entry) for entry in data]
        logged = [entry.digest for entry in entries if entry.kind is EntryKind.ISSUED]
        assert sorted(logged) == sorted(issued)
        assert sum(entry.kind.changes_status for entry in entries) == changes
        for digest in issued:
            status = queue.digest_status(connection, issuer, digest)
            assert status is not None
            assert status.state == "anchored"
            receipt = load_receipt(connection, issuer, digest)
            assert receipt is not None
            assert receipt.entry.digest == digest
            assert receipt.inclusion_fault() is None
            number = receipt.checkpoint.number
            word = ledger.read(contract.checkpoint_word(issuer, receipt.epoch, number))
            assert word == receipt.checkpoint.word()
            block = ledger.block(receipt.block_number)
            assert block is not None
            assert block.hash == receipt.block_hash
            sent = ledger.receipt(receipt.transaction)
            assert sent is not None
            assert (sent.succeeded, sent.block_hash) == (True, receipt.block_hash)


def check_released(institution: SimulatedInstitution, issued: list[Digest], epoch: int) -> None:
    """Check credentials released in a closed epoch: at or below its last good checkpoint, with receipts of existing
    blocks.
    """
    ledger, issuer = institution.installation.ledger, institution.writer.issuer
    contract = CredentialLog(institution.installation.deployment.credential_log)
    last_good = ledger.read(contract.last_good(issuer, epoch))
    for digest in issued:
        with institution.writer.database.read() as connection:
            receipt = load_receipt(connection, issuer, digest)
        assert institution.state(digest) == "anchored"
        assert receipt is not None
        assert (receipt.epoch, receipt.entry.digest) == (epoch, digest)
        assert receipt.checkpoint.number <= last_good
        assert receipt.inclusion_fault() is None
        assert ledger.read(contract.checkpoint_word(issuer, epoch, receipt.checkpoint.number)) == (
            receipt.checkpoint.word()
        )
        block = ledger.block(receipt.block_number)
        assert block is not None
        assert block.hash == receipt.block_hash
