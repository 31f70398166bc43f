"""Open a tenant: one institution in this node, with its keystore, the acts of its staff and its writer over one database.

The demonstration, the tests and `acredita node run` use the same function. Key names are fixed, so that a keystore says what
it holds: `assertion`, `note`, `anchoring`, `control`, `idempotency`, `data`. A key that follows another has a number
(`assertion-2`), and `custody/key_ring` chooses which of them is used.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from acredita.anchoring.ledger import GenesisChangedError, Ledger, LedgerUnavailable
from acredita.anchoring.types import Address, IssuerId, to_hex
from acredita.node.custody.key_ring import (
    ANCHORING,
    ASSERTION,
    CONTROL,
    DATA,
    DEFAULT_CRYPTOSUITE,
    IDEMPOTENCY,
    NOTE,
    KeyRing,
    first_did,
)
from acredita.node.custody.vault import Vault
from acredita.node.issuance.context import MAX_QUEUED, InstitutionRefused, IssuanceContext
from acredita.node.issuance.institution import Institution
from acredita.node.publication.status_lists import ListPublisher
from acredita.node.storage import institutions, list_addresses
from acredita.node.storage.database import Database
from acredita.node.storage.institutions import LedgerIdentity
from acredita.node.storage.leases import Leases
from acredita.node.write_path.writer import AnchoringPolicy, Writer
from acredita.registry.codes import Code
from acredita.registry.credentials.days import DEFAULT_ZONE
from acredita.registry.keys.did import issuer_id
from acredita.registry.keys.keystore import KeyAlgorithm, Keystore, KeystorePurpose
from eth_hash.auto import keccak
from sqlalchemy import Connection


def generate_keys(
    keystore: Keystore, assertion: KeyAlgorithm = KeyAlgorithm.ED25519, *, with_control: bool = True
) -> None:
    """Generate one key of each purpose, for an institution that begins. A control account may be kept elsewhere."""
    keystore.generate(ASSERTION, KeystorePurpose.ASSERTION, assertion)
    purposes = {NOTE: KeystorePurpose.NOTE, ANCHORING: KeystorePurpose.ANCHORING}
    purposes |= {CONTROL: KeystorePurpose.CONTROL} if with_control else {}
    purposes |= {IDEMPOTENCY: KeystorePurpose.IDEMPOTENCY, DATA: KeystorePurpose.DATA}
    for name, purpose in purposes.items():
        keystore.generate(name, purpose)


@dataclass(frozen=True)
class _MasterKey:
    """The keystore's data key as the master key of the vault."""

    keystore: Keystore

    def wrap(self, secret: bytes, context: bytes) -> bytes:
        return self.keystore.wrap(DATA, secret, context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        return self.keystore.unwrap(DATA, wrapped, context)


@dataclass(frozen=True)
class Tenant:
    """One institution in this node. `profile`: its short name."""

    profile: str
    keystore: Keystore
    keys: KeyRing
    institution: Institution
    writer: Writer

    @property
    def issuer(self) -> IssuerId:
        """The institution's issuer id."""
        return self.institution.issuer

    @property
    def database(self) -> Database:
        """The database of the node."""
        return self.institution.context.database


def ledger_identity(ledger: Ledger, contract: Address) -> LedgerIdentity:
    """Read the identity of this ledger, for a log that is to be tied to it."""
    genesis = ledger.block(0)
    if genesis is None:
        raise LedgerUnavailable("the ledger has no block 0")
    return LedgerIdentity(ledger.chain_id(), genesis.hash, contract, bytes(keccak(ledger.code(contract))))


def open_tenant(
    *,
    profile: str,
    name: str,
    base: str,
    keystore: Keystore,
    database: Database,
    leases: Leases,
    ledger: Ledger,
    contract: Address,
    policy: AnchoringPolicy,
    clock: Callable[[], int],
    max_queued: int = MAX_QUEUED,
    zone: str = DEFAULT_ZONE,
    did: str = "",
    registry: Address | None = None,
    cryptosuite: str = DEFAULT_CRYPTOSUITE,
    pinned: LedgerIdentity | None = None,
    is_final: bool = False,
    former_bases: Collection[str] = (),
) -> Tenant:
    """Open an institution and register it in the database when it is new.

    `did`: empty for the did:key of its first assertion key. `registry`: the issuer registry, which says which keys are in
    force; None if it is not to be read. `pinned`: the ledger that the trust file names; a new log is tied to no other.
    `is_final`: validators seal the chain's blocks, so that none is ever undone. `former_bases`: addresses that the
    institution had before. Raises GenesisChangedError, and InstitutionRefused for lists under any other address.
    """
    did = did or first_did(keystore)
    issuer = issuer_id(did)
    keys = KeyRing(keystore, issuer, did, ledger, registry, cryptosuite)
    with database.write() as connection:
        identity = _registered_identity(connection, ledger, contract, pinned, profile=profile, did=did, now=clock())
        _check_base(list_addresses.addresses(connection, issuer).values(), base, former_bases, profile)
    lists = ListPublisher(database, did, base, keys.signing, clock)
    context = IssuanceContext(
        issuer=issuer,
        did=did,
        name=name,
        base=base,
        database=database,
        vault=Vault(issuer, _MasterKey(keystore)),
        keys=keys.signing,
        lists=lists,
        mac=lambda message: keystore.mac(IDEMPOTENCY, message),
        clock=clock,
        max_queued=max_queued,
        zone=zone,
    )
    writer = Writer(
        issuer=issuer,
        identity=identity,
        database=database,
        leases=leases,
        ledger=ledger,
        signer=keys.account(),
        publisher=lists,
        policy=policy,
        clock=clock,
        account_in_force=keys.account,
        registry=registry,
        is_final=is_final,
    )
    return Tenant(profile, keystore, keys, Institution(context), writer)


def _registered_identity(
    connection: Connection,
    ledger: Ledger,
    contract: Address,
    pinned: LedgerIdentity | None,
    *,
    profile: str,
    did: str,
    now: int,
) -> LedgerIdentity:
    """Return the identity of the ledger an institution's log is tied to; register the institution when it is new."""
    issuer = issuer_id(did)
    known = institutions.institution(connection, issuer)
    if known is not None:
        return known.identity
    identity = ledger_identity(ledger, contract)
    if pinned is not None:
        _check_pinned(identity, pinned)
    _check_profile(institutions.institutions(connection), profile, did)
    institutions.register(connection, issuer, profile=profile, did=did, identity=identity, now=now)
    return identity


def _check_pinned(identity: LedgerIdentity, pinned: LedgerIdentity) -> None:
    """Check that a ledger is the one the trust file names, before a log is tied to it. Raises GenesisChangedError."""
    if identity.chain_id != pinned.chain_id:
        raise GenesisChangedError("chain id of the trust file", str(pinned.chain_id), str(identity.chain_id))
    if identity.genesis != pinned.genesis:
        raise GenesisChangedError("genesis of the trust file", to_hex(pinned.genesis), to_hex(identity.genesis))
    if identity.code_hash != pinned.code_hash:
        raise GenesisChangedError(
            "code of the trust file's credential log", to_hex(pinned.code_hash), to_hex(identity.code_hash)
        )


def _check_base(begun: Iterable[str], base: str, former_bases: Collection[str], profile: str) -> None:
    """Refuse an address under which no list of the institution was begun, while older addresses are not named."""
    unnamed = sorted(set(begun) - {base, *former_bases})
    if unnamed:
        raise InstitutionRefused(
            Code.BASE_CHANGED,
            f"credentials of {profile} name {unnamed[0]}, the configuration {base}: "
            f'set it back, or add "{unnamed[0]}" to institution.former_bases',
        )


def _check_profile(known: Iterable[institutions.RegisteredInstitution], profile: str, did: str) -> None:
    """Refuse a short name that belongs to another DID.

    Another DID is another issuer with another log, and needs another name.
    """
    other = next((one.did for one in known if one.profile == profile), None)
    if other is not None:
        raise InstitutionRefused(Code.PROFILE_TAKEN, f"{profile} is {other} in this database; {did} needs another name")
