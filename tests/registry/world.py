"""A small real world in memory: an embedded chain, the four contracts, a council of three, agency, issuers, anchored logs.

Nothing is imitated: transactions are signed and mined, credentials are signed by registered keys, entries stand in logs
whose checkpoints the contract has accepted. Keys, genesis and clock are fixed. `branch` goes back to the moment it was
entered at, chain and logs alike, so one world serves many tests. Blocks have the form of QBFT, so that a test may read the
same world through sealed endpoints (`tests/simulators/qbft_endpoint.py`).
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from acredita.anchoring import entries as log_entries
from acredita.anchoring.checkpoint import Checkpoint, CheckpointKind, opening
from acredita.anchoring.entries import Entry, EntryKind, encode, log_id, opened, status_change
from acredita.anchoring.ledger import TxReceipt
from acredita.anchoring.log import MemoryNodes, RunningLog, in_batch_order
from acredita.anchoring.merkle import Frontier
from acredita.anchoring.receipts import Receipt
from acredita.anchoring.rpc_ledger import RpcLedger
from acredita.anchoring.sender import Sender
from acredita.anchoring.status_bits import CLEAR, Status, StatusBits
from acredita.anchoring.transaction import LocalAccount
from acredita.anchoring.types import Address, BlockHash, Digest, IssuerId
from acredita.contracts import bindings
from acredita.contracts.abi import Call, Deployment
from acredita.contracts.bindings import KeyPurpose, SignedConsent
from acredita.devnet.rpc.dispatch import Rpc
from acredita.devnet.rpc.provider import EmbeddedProvider
from acredita.node.demo.documents import DemoDocuments, documents_for, institutions
from acredita.node.ledger.single_operator_acts import consent_of
from acredita.node.verification.verifier import Verifier
from acredita.registry.credentials.build import Award, Issuer, build_credential
from acredita.registry.credentials.status_list import build_status_list
from acredita.registry.credentials.status_position import LIST_BITS, entry_at, list_url
from acredita.registry.keys.did import did_key, issuer_id, key_method, web_method
from acredita.registry.keys.key_statement import make_statement
from acredita.registry.keys.multikey import key_id
from acredita.registry.keys.signer import PrivateKeySigner
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.ledger_facts.log_entries import EntriesAtHand
from acredita.registry.ledger_facts.observer import Observer
from acredita.registry.ledger_facts.trust_draft import sign_trust
from acredita.registry.ledger_facts.trust_file import CONTRACTS, Trust, parse_trust
from acredita.registry.ledger_facts.trusted_chain import development_chain
from acredita.registry.programmes.programme import Programme
from acredita.registry.programmes.scope import Scope, parse_scope
from acredita.registry.proofs.data_integrity import ProofOptions, add_proof, verify_proof
from acredita.registry.proofs.resolve_key import key_for
from acredita.registry.verification.case import Moment
from acredita.registry.verification.results import VerificationReport
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from eth_hash.auto import keccak

from tests.simulators.qbft import VALIDATORS, QbftChain, extra_data

HOUR, DAY = 3600, 24 * 3600
GENESIS_TIME = 1_767_225_600  # 2026-01-01T00:00:00Z
ISSUED = GENESIS_TIME + 60 * DAY
GENESIS_DATA = extra_data(VALIDATORS)
ACT = b"\xac" * 32
LEARNER = "CANARIO-Ñandú-7f3a"
BASE = "https://nodo.example"
OPEN, STATUS_ONLY = CheckpointKind.OPEN, CheckpointKind.STATUS_ONLY


def seed(name: str) -> bytes:
    return hashlib.sha256(b"acredita test " + name.encode()).digest()


def account(name: str) -> LocalAccount:
    return LocalAccount(seed(name))


def signer(name: str) -> PrivateKeySigner:
    return PrivateKeySigner.of(Ed25519PrivateKey.from_private_bytes(seed(name)))


class Clock:
    """Seconds that pass only when told; a block takes the next one where two fall together."""

    def __init__(self) -> None:
        self.now = GENESIS_TIME

    def __call__(self) -> int:
        return self.now


@dataclass(frozen=True)
class Party:
    """An institution: its DID, the hands that act for it, and the key it signs with."""

    name: str
    did: str
    key: PrivateKeySigner

    @property
    def id(self) -> IssuerId:
        return issuer_id(self.did)

    @property
    def control(self) -> LocalAccount:
        return account(f"{self.name} control")

    @property
    def anchoring(self) -> LocalAccount:
        return account(f"{self.name} anchoring")

    @property
    def method(self) -> str:
        return key_method(self.key.public) if self.did.startswith("did:key:") else web_method(self.did, self.key.public)


def party(name: str, did: str | None = None) -> Party:
    key = signer(f"{name} key")
    return Party(name, did or did_key(key.public), key)


@dataclass(frozen=True)
class Epoch:
    """One epoch of an issuer's log as its writer knows it: every entry, and every checkpoint from number 0."""

    number: int
    entries: tuple[Entry, ...]
    checkpoints: tuple[Checkpoint, ...]
    places: Mapping[int, TxReceipt] = field(default_factory=dict)


@dataclass
class DocumentSource:
    """Documents and lists at hand; a test takes some away or puts others in."""

    programmes: dict[Digest, Programme] = field(default_factory=dict)
    scopes: dict[Digest, Scope] = field(default_factory=dict)
    lists: dict[tuple[IssuerId, int], object] = field(default_factory=dict)
    dids: dict[str, object] = field(default_factory=dict)

    def programme(self, digest: Digest) -> Programme | None:
        return self.programmes.get(digest)

    def scope(self, digest: Digest) -> Scope | None:
        return self.scopes.get(digest)

    def status_list(self, issuer: IssuerId, list_number: int) -> object | None:
        return self.lists.get((issuer, list_number))

    def requested_status(self, issuer: IssuerId, position: int, until: int | None) -> Status:
        return CLEAR

    def copy(self) -> "DocumentSource":
        return DocumentSource(dict(self.programmes), dict(self.scopes), dict(self.lists), dict(self.dids))


@dataclass(frozen=True)
class Credential:
    """A signed credential: the document, its bytes as somebody would send them, and what the log calls it."""

    document: Mapping[str, Any]
    programme: Programme
    digest: Digest

    @property
    def data(self) -> bytes:
        return json.dumps(self.document, ensure_ascii=False).encode()

    @property
    def entry(self) -> Entry:
        return log_entries.issued(self.digest, self.programme.digest)

    @property
    def position(self) -> int:
        status = self.document["credentialStatus"]
        list_number = int(status["statusListCredential"].rsplit("/", 1)[1])
        return list_number * LIST_BITS + int(status["statusListIndex"])


class World:
    """The chain and everybody on it. Times are Unix seconds; `clock.now` is moved by the tests."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.chain = QbftChain.open(None, genesis_time=GENESIS_TIME, extra_data=GENESIS_DATA, clock=self.clock)
        self.rpc = Rpc(self.chain)
        self.ledger = RpcLedger(EmbeddedProvider(self.rpc))
        self.members = [account(f"member {number}") for number in range(3)]
        self.agency = account("agency")
        self.contracts = self._deploy()
        self.issuers = bindings.IssuerRegistry(self.contracts.issuer_registry)
        self.programmes = bindings.ProgrammeRegistry(self.contracts.programme_registry)
        self.log = bindings.CredentialLog(self.contracts.credential_log)
        self.epochs: dict[IssuerId, tuple[Epoch, ...]] = {}
        self.document_source = DocumentSource()
        self.parties = {row.key.removeprefix("demo-"): party(row.key) for row in institutions()}
        self.documents: DemoDocuments = documents_for({f"demo-{key}": p.did for key, p in self.parties.items()})
        self.document_source.programmes = {p.digest: p for p in self.documents.programmes}
        self.document_source.scopes = {s.digest: s for s in self.documents.scopes.values()}
        self._issued = 0
        agency = seed("agency id")
        self.decide(
            self.issuers.recognise_agency(
                agency, self.agency.address, GENESIS_TIME + 9999 * DAY, ACT, self.consent(self.agency, agency, 4)
            )
        )

    # ---- acting ---------------------------------------------------------------------------------------------

    def act(self, who: LocalAccount, call: Call) -> TxReceipt:
        """Send one transaction by one account. Raises the chain's refusal."""
        return Sender(self.ledger, who, depth=0).transact(call)

    def decide(self, call: Call) -> TxReceipt:
        """Decide once by the council: proposed by one member, approved by a second, executed."""
        council = bindings.Council(self.contracts.council)
        first, second, _ = self.members
        content = (call.to, keccak(call.data), ACT)
        self.act(first, council.propose(*content))
        number = self.ledger.read(council.proposal_count())
        self.act(second, council.approve(number, *content))
        return self.act(first, council.execute(number, call.data))

    def consent(self, account: LocalAccount, subject: bytes, purpose: int) -> SignedConsent:
        """Return the signature by which an account consents to be bound to a party."""
        registry = self.contracts.issuer_registry
        return consent_of(self.ledger, registry, account, subject, bindings.AccountPurpose(purpose))

    def pass_time(self, seconds: int) -> int:
        """Move the clock on, past every block there is; the new time."""
        self.clock.now = max(self.clock.now, self.now) + seconds
        return self.clock.now

    @property
    def now(self) -> int:
        """Time of the newest block."""
        return self.chain.head.timestamp

    def apply(self, who: Party, accreditor: Party | None = None) -> None:
        """Take every step up to the agency's favourable review, with one assertion key and one anchoring account."""
        above = accreditor.id if accreditor else bindings.NO_SUBJECT
        self.act(who.control, self.issuers.apply(who.id, above, ACT))
        self.add_key(who, who.key)
        consent = self.consent(who.anchoring, who.id, 1)
        self.act(who.control, self.issuers.add_anchoring_account(who.id, who.anchoring.address, consent))
        self.act(who.control, self.issuers.attest_quality(who.id, ACT))
        self.act(self.agency, self.issuers.review(who.id, True, ACT))

    def add_key(self, who: Party, key: PrivateKeySigner, purpose: KeyPurpose = KeyPurpose.ASSERTION) -> None:
        registry = Address(self.contracts.issuer_registry)
        statement = make_statement(self.chain.chain_id, registry, who.id, int(purpose), key)
        self.act(who.control, self.issuers.add_key(who.id, key_id(key.multikey), purpose, statement.digest))

    def accredit(self, who: Party, scope: Scope, days: int = 365, accreditor: Party | None = None) -> None:
        """Apply and be activated, by the council or by the accreditor's control account."""
        self.apply(who, accreditor)
        call = self.issuers.activate(who.id, max(self.clock.now, self.now) + days * DAY, scope.digest, ACT)
        if accreditor:
            self.act(accreditor.control, call)
        else:
            self.decide(call)

    def approve(self, who: Party, programme: Programme, until: int = 0, supersedes: Programme | None = None) -> None:
        earlier = supersedes.digest if supersedes else bindings.NO_SUBJECT
        self.act(who.control, self.programmes.submit(who.id, programme.digest, earlier))
        self.decide(self.programmes.approve(who.id, programme.digest, until, ACT))

    def scope(self, who: Party, **changes: object) -> Scope:
        """Make a scope document of this party that covers the demo's `up` scope, with these changes."""
        document = dict(self.documents.scopes["demo-up"].document) | {"did": who.did} | changes
        scope = parse_scope(document)
        self.document_source.scopes[scope.digest] = scope
        return scope

    # ---- signing --------------------------------------------------------------------------------------------

    def sign(
        self,
        who: Party,
        programme: Programme | str = "analitica-ingenieria",
        *,
        key: PrivateKeySigner | None = None,
        method: str | None = None,
        valid_from: int = ISSUED,
        created: int | None = None,
        position: int | None = None,
        did: str | None = None,
        changes: Mapping[str, Any] | None = None,
    ) -> Credential:
        """Sign a credential of a fictitious learner; `changes` replace top-level members before signing."""
        chosen = self.documents.programme(programme) if isinstance(programme, str) else programme
        self._issued += 1
        status_position = 1000 + self._issued if position is None else position
        award = Award(
            identifier=LEARNER,
            did=did,
            awarded=date(2026, 2, 20),
            result="91.5" if chosen.grading.rubric is None else "Destacado",
            evidence_url=None,
        )
        document = build_credential(
            chosen,
            award,
            Issuer(who.did, f"{who.name} (DEMO)"),
            identifier=UUID(bytes=seed(f"credential {self._issued}")[:16], version=4),
            status=entry_at(BASE, who.id, status_position),
            valid_from=valid_from,
            salt=bytes(16),
        )
        signed = add_proof(
            document | (changes or {}),
            ProofOptions(
                "eddsa-rdfc-2022",
                method or who.method,
                datetime.fromtimestamp(valid_from if created is None else created, UTC),
            ),
            key or who.key,
        )
        return Credential(signed, chosen, self.digest_of(signed))

    def digest_of(self, document: Mapping[str, Any]) -> Digest:
        return verify_proof(document, lambda method: key_for(method, self.document_source.dids, now=self.now)).digest

    def status_list(
        self,
        who: Party,
        revoked: Sequence[int],
        issued: int,
        *,
        list_number: int = 0,
        key: PrivateKeySigner | None = None,
    ) -> dict[str, Any]:
        """Sign a published list; `revoked` holds indexes of it."""
        url = list_url(BASE, who.id, list_number)
        signing = key or who.key
        return add_proof(
            build_status_list(url=url, issuer=who.did, revoked=revoked, issued=issued),
            ProofOptions("eddsa-rdfc-2022", who.method, datetime.fromtimestamp(issued, UTC)),
            signing,
        )

    # ---- anchoring ------------------------------------------------------------------------------------------

    def epoch(self, who: Party) -> Epoch:
        return self.epochs_of(who)[-1]

    def epochs_of(self, who: Party) -> tuple[Epoch, ...]:
        first = log_id(self.chain.chain_id, Address(self.contracts.credential_log), who.id, 1)
        return self.epochs.get(who.id) or (Epoch(1, (opened(first),), (opening(first),)),)

    def anchor(
        self,
        who: Party,
        issued: Sequence[Credential] = (),
        changes: Sequence[tuple[EntryKind, int]] = (),
        *,
        kind: CheckpointKind = OPEN,
        account: LocalAccount | None = None,
    ) -> list[Receipt]:
        """Anchor one checkpoint with these entries; return a receipt for each credential, in the order given."""
        moved = [status_change(*change) for change in changes]
        self.anchor_entries(who, in_batch_order([c.entry for c in issued], moved), kind=kind, account=account)
        return [self.receipt(who, credential) for credential in issued]

    def anchor_entries(
        self, who: Party, entries: Sequence[Entry], *, kind: CheckpointKind = OPEN, account: LocalAccount | None = None
    ) -> TxReceipt:
        """Anchor one checkpoint with exactly these entries in this order, whatever they are."""
        *earlier, now = self.epochs_of(who)
        running = self._running(earlier, now)
        running.extend(entries)
        proposed = running.propose(now.checkpoints[-1], kind)
        call = self.log.anchor(
            kind, proposed.size, proposed.root, proposed.status_root, proposed.last.parts(), proposed.consistency_path
        )
        mined = self.act(account or who.anchoring, call)
        checkpoint = proposed.checkpoint(self.chain.header(mined.block_number).timestamp)
        grown = replace(
            now,
            entries=(*now.entries, *entries),
            checkpoints=(*now.checkpoints, checkpoint),
            places={**now.places, checkpoint.number: mined},
        )
        self.epochs[who.id] = (*earlier, grown)
        return mined

    def receipt(self, who: Party, credential: Credential, epoch: int | None = None) -> Receipt:
        """Return the receipt of the first checkpoint that covers the credential."""
        epoch_of = next(e for e in reversed(self.epochs_of(who)) if epoch in (None, e.number))
        index = epoch_of.entries.index(credential.entry)
        checkpoint = next(c for c in epoch_of.checkpoints if c.old_size <= index < c.size)
        mined = epoch_of.places[checkpoint.number]
        return Receipt(
            entry=credential.entry,
            index=index,
            inclusion=tuple(self._running((), epoch_of).inclusion_path(index, checkpoint.size)),
            checkpoint=checkpoint,
            chain_id=self.chain.chain_id,
            genesis=BlockHash(self.chain.header(0).hash),
            contract=Address(self.contracts.credential_log),
            issuer=who.id,
            epoch=epoch_of.number,
            block_number=mined.block_number,
            block_hash=mined.block_hash,
            transaction=mined.transaction,
        )

    def open_epoch(self, who: Party, last_good: int) -> None:
        """Close the current epoch at a checkpoint by the council; the writer begins the next log."""
        *earlier, now = self.epochs_of(who)
        good = now.checkpoints[last_good]
        mined = self.decide(self.log.open_epoch(who.id, good.parts(), ACT))
        time = self.chain.header(mined.block_number).timestamp
        log = log_id(self.chain.chain_id, Address(self.contracts.credential_log), who.id, now.number + 1)
        first = opening(log, time=time, status_root=good.status_root, previous=good.word())
        closed = replace(now, entries=now.entries[: good.size])
        self.epochs[who.id] = (*earlier, closed, Epoch(now.number + 1, (opened(log),), (first,)))

    def entries_of(self, issuer: IssuerId) -> EntriesAtHand:
        """Return the issuer's entries, by epoch."""
        return EntriesAtHand({e.number: b"".join(map(encode, e.entries)) for e in self.epochs.get(issuer, ())})

    def _running(self, earlier: Sequence[Epoch], now: Epoch) -> RunningLog:
        status = StatusBits()
        for epoch in earlier:
            status.replay(epoch.entries)
        running = RunningLog(MemoryNodes(), Frontier(), status)
        running.extend(now.entries)
        return running

    # ---- verifying ------------------------------------------------------------------------------------------

    def trust(self, *, issued: int | None = None, blocks: Mapping[int, BlockHash] | None = None) -> Trust:
        """Read `trust_document` as a verifier does."""
        return parse_trust(self.trust_document(issued=issued, blocks=blocks))

    def trust_document(
        self, *, issued: int | None = None, blocks: Mapping[int, BlockHash] | None = None
    ) -> dict[str, object]:
        """Sign a trust file of the authority for this chain, naming its newest block or the given blocks."""
        head = self.ledger.head()
        hashes = {name: keccak(self.ledger.code(Address(getattr(self.contracts, name)))) for name in CONTRACTS}
        return sign_trust(
            number=1,
            issued=max(self.clock.now, head.time) if issued is None else issued,
            chain_id=self.chain.chain_id,
            genesis=BlockHash(self.chain.header(0).hash),
            contracts=self.contracts,
            code_hashes=hashes,
            chain=development_chain({head.number: head.hash} if blocks is None else blocks),
            signers=[signer("authority")],
        )

    def observer(self, *, stalled_after: int | None = None) -> Observer:
        return Observer(self.ledger, self.contracts, self.ledger.head(), self.entries_of, stalled_after)

    def verify(self, credential: bytes, receipt: Receipt | None, at: int | None = None) -> VerificationReport:
        """Verify the plain case: all documents available, at the present moment."""
        moment = Moment(max(self.clock.now, self.now) if at is None else at)
        verifier = Verifier(self.trust(), self.observer(), self.document_source)
        return verifier.verify(verifier.read(credential), receipt, moment)

    @contextmanager
    def branch(self) -> Iterator["World"]:
        """Enter a branch of the world: every change inside is taken back at its end."""
        snapshot, now = self.chain.snapshot(), self.clock.now
        epochs, document_source, issued = dict(self.epochs), self.document_source.copy(), self._issued
        try:
            yield self
        finally:
            self.chain.revert(snapshot)
            self.clock.now, self.epochs, self.document_source, self._issued = now, epochs, document_source, issued

    def _deploy(self) -> Deployment:
        deployer = Sender(self.ledger, account("deployer"), depth=0)
        members = [member.address for member in self.members]
        council = deployer.deploy(bindings.deploy_data("Council", members, 2, members, 2))
        issuers = deployer.deploy(bindings.deploy_data("IssuerRegistry", council))
        programmes = deployer.deploy(bindings.deploy_data("ProgrammeRegistry", council, issuers))
        log = deployer.deploy(bindings.deploy_data("CredentialLog", issuers, council))
        return Deployment(council, issuers, programmes, log)


@dataclass
class AnchoredWorld:
    """A world in which one institution is accredited, three of its programmes are approved and five credentials anchored."""

    world: World
    up: Party
    credentials: list[Credential]
    receipts: list[Receipt]

    @property
    def good(self) -> Credential:
        return self.credentials[0]

    @property
    def receipt(self) -> Receipt:
        return self.receipts[0]


def build_anchored_world() -> AnchoredWorld:
    """Accredit `up` in January for a year; anchor credentials in March, the clock just after."""
    world = World()
    up = world.parties["up"]
    world.pass_time(10 * DAY)
    world.accredit(up, world.documents.scopes["demo-up"])
    for name, version in (("analitica-ingenieria", None), ("sostenibilidad-procesos", None)):
        world.approve(up, world.documents.programme(name, version))
    world.approve(up, world.documents.programme("diseno-microcredenciales", "1.0.0"))
    world.clock.now = ISSUED + HOUR
    credentials = [world.sign(up) for _ in range(4)]
    credentials.append(world.sign(up, world.documents.programme("diseno-microcredenciales", "1.0.0")))
    receipts = world.anchor(up, credentials)
    world.pass_time(HOUR)
    return AnchoredWorld(world, up, credentials, receipts)


def unreachable(detail: str = "no answer") -> Missing:
    return Missing("LEDGER_UNREACHABLE", detail)
