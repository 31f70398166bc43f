"""An institution at work in this node: its keystore opened, its staff's acts and its writer over one database.

The same few lines make it for the demonstration, for tests and for `acredita node run`. Key names are fixed, so that a
keystore says what it holds: `assertion`, `note`, `anchoring`, `control`, `idempotency`, `data`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from acredita.anchoring.ledger import Ledger, LedgerUnreachable
from acredita.anchoring.types import Address, IssuerId
from acredita.node.institution import MAX_QUEUED, Institution
from acredita.node.status_lists import ListPublisher
from acredita.node.storage import institutions
from acredita.node.storage.database import Database
from acredita.node.storage.institutions import LedgerIdentity
from acredita.node.storage.leases import Leases
from acredita.node.vault import Vault
from acredita.node.writer import Policy, Writer
from acredita.registry.did import did_key, issuer_id, key_method
from acredita.registry.keystore import Keystore, Purpose
from acredita.registry.multikey import parse_multikey
from acredita.registry.signing import Signer
from eth_hash.auto import keccak

ASSERTION, NOTE, ANCHORING, CONTROL = "assertion", "note", "anchoring", "control"
IDEMPOTENCY, DATA = "idempotency", "data"


def generate_keys(keystore: Keystore) -> None:
    """One key of each purpose, for an institution that begins."""
    for name, purpose in (
        (ASSERTION, Purpose.ASSERTION),
        (NOTE, Purpose.NOTE),
        (ANCHORING, Purpose.ANCHORING),
        (CONTROL, Purpose.CONTROL),
        (IDEMPOTENCY, Purpose.IDEMPOTENCY),
        (DATA, Purpose.DATA),
    ):
        keystore.generate(name, purpose)


def newest_account(keystore: Keystore) -> str:
    """The name of the anchoring account in use: `anchoring`, or the highest of `anchoring-2`, `anchoring-3`, …"""
    names = [key.name for key in keystore.list_keys(Purpose.ANCHORING)]
    return max(names, key=lambda name: int(name.removeprefix(f"{ANCHORING}-") if "-" in name else 1))


def own_did(signer: Signer) -> str:
    """The did:key of an assertion key."""
    return did_key(parse_multikey(signer.multikey))


@dataclass(frozen=True)
class _MasterKey:
    """The keystore's data key as the vault wants it."""

    keystore: Keystore

    def wrap(self, secret: bytes, context: bytes) -> bytes:
        return self.keystore.wrap(DATA, secret, context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        return self.keystore.unwrap(DATA, wrapped, context)


@dataclass(frozen=True)
class Office:
    """Staff and writer of one institution."""

    profile: str
    keystore: Keystore
    institution: Institution
    writer: Writer

    @property
    def issuer(self) -> IssuerId:
        return self.institution.issuer


def ledger_identity(ledger: Ledger, contract: Address) -> LedgerIdentity:
    """What this ledger is, for a log that is to be tied to it."""
    genesis = ledger.block(0)
    if genesis is None:
        raise LedgerUnreachable("the ledger has no block 0")
    return LedgerIdentity(ledger.chain_id(), genesis.hash, contract, bytes(keccak(ledger.code(contract))))


def open_office(
    *,
    profile: str,
    name: str,
    base: str,
    keystore: Keystore,
    database: Database,
    leases: Leases,
    ledger: Ledger,
    contract: Address,
    policy: Policy,
    clock: Callable[[], int],
    anchoring: str = ANCHORING,
    max_queued: int = MAX_QUEUED,
) -> Office:
    """Open an institution whose DID is the did:key of its assertion key; register it in the database when it is new."""
    signer = keystore.signer(ASSERTION)
    did = own_did(signer)
    issuer, method = issuer_id(did), key_method(parse_multikey(signer.multikey))
    with database.write() as connection:
        known = institutions.institution(connection, issuer)
        identity = known.identity if known else ledger_identity(ledger, contract)
        if known is None:
            institutions.register(connection, issuer, profile=profile, did=did, identity=identity, now=clock())
    institution = Institution(
        issuer=issuer,
        did=did,
        name=name,
        base=base,
        database=database,
        vault=Vault(issuer, _MasterKey(keystore)),
        signer=signer,
        verification_method=method,
        mac=lambda message: keystore.mac(IDEMPOTENCY, message),
        clock=clock,
        max_queued=max_queued,
    )
    publisher = ListPublisher(database, did, base, signer, method, clock)
    writer = Writer(
        issuer=issuer,
        identity=identity,
        database=database,
        leases=leases,
        ledger=ledger,
        signer=keystore.account(anchoring),
        publisher=publisher,
        policy=policy,
        clock=clock,
    )
    return Office(profile, keystore, institution, writer)
