"""Run a whole installation on the embedded chain as one operator: for schools, trials and demonstrations.

Contracts, keys and files are the same as in production. But one keystore holds the keys of council, agency and trust
file, and the pages show "demo chain". In production each key is held by another party on a machine of its own.
"""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from acredita.anchoring.ledger import Ledger
from acredita.anchoring.sender import Sender
from acredita.anchoring.types import BlockHash, Digest, IssuerId
from acredita.contracts.abi import Deployment
from acredita.contracts.bindings import AccountPurpose, KeyPurpose
from acredita.node.custody.key_ring import ANCHORING, ASSERTION, CONTROL, NOTE
from acredita.node.ledger.single_operator_acts import (
    Authority,
    ControlAccount,
    Shown,
    code_hashes,
    consent_of,
    deploy,
    do_alone,
    show_nothing,
)
from acredita.node.publication.trust_folder import publish_trust, write_json
from acredita.node.runtime.tenant import generate_keys
from acredita.registry.acts.roles import check_member, check_party_account, roles_of
from acredita.registry.keys.did import issuer_id
from acredita.registry.keys.keystore import KeyAlgorithm, KeyState, Keystore, KeystorePurpose
from acredita.registry.ledger_facts.trust_draft import sign_trust
from acredita.registry.ledger_facts.trust_file import Trust
from acredita.registry.ledger_facts.trusted_chain import development_chain
from acredita.registry.programmes.programme import Programme
from acredita.registry.programmes.scope import Scope

MEMBERS: Final = ("member-1", "member-2", "member-3")
KEEPERS: Final = ("keeper-1", "keeper-2")
AGENCY, TRUST = "agency", "trust"
AGENCY_DID: Final = "did:web:agencia.example"
AGENCY_YEARS: Final = 10
YEAR_SECONDS: Final = 365 * 24 * 3600
ADDRESS_BYTES: Final = 20


def generate_authority(keystore: Keystore) -> None:
    """Generate three members, two keepers of the recovery set, an agency's account, and the key that signs trust files."""
    for name in (*MEMBERS, *KEEPERS, AGENCY):
        keystore.generate(name, KeystorePurpose.CONTROL)
    keystore.generate(TRUST, KeystorePurpose.TRUST)


@dataclass(frozen=True)
class Operator:
    """The authority and the agency on one ledger, as one person. `folder`: for trust file and public documents.

    `shown`: sees each act before it is sent.
    """

    ledger: Ledger
    keystore: Keystore
    folder: Path
    clock: Callable[[], int]
    shown: Shown = show_nothing

    def set_up(self) -> Deployment:
        """Deploy the contracts, recognise the agency, write the first trust file."""
        contracts = self.establish(self._sender(MEMBERS[0]))
        self.record_trust(contracts, self.write_trust(contracts, number=1))
        return contracts

    def establish(self, deployer: Sender) -> Deployment:
        """Deploy the contracts and recognise the agency. No trust file names them yet; the deployer gets no rights."""
        members = [self._sender(name).address for name in MEMBERS]
        keepers = [self._sender(name).address for name in KEEPERS]
        contracts = deploy(deployer, members, 2, keepers, 2)
        until = self.ledger.head().time + AGENCY_YEARS * YEAR_SECONDS
        act, agency, subject = (
            self._act("Reconocimiento de la agencia"),
            self.keystore.account(AGENCY),
            issuer_id(AGENCY_DID),
        )
        consent = consent_of(self.ledger, contracts.issuer_registry, agency, subject, AccountPurpose.AGENCY)
        values = {"did": subject, "account-address": agency.address, "until": until, "act": act, "consent": consent}
        self._authority(contracts).do("recognise-agency", values, act)
        return contracts

    def name_predecessor(self, contracts: Deployment, old: Deployment, state_hash: Digest, act: Digest) -> None:
        """Record in both registries which ones they succeed, in which final state, and by which record. Possible once."""
        council = self._authority(contracts)
        for name, predecessor in (
            ("predecessor", old.issuer_registry),
            ("programmes-predecessor", old.programme_registry),
        ):
            council.do(name, {"predecessor": predecessor, "state-hash": state_hash, "act": act}, act)

    def record_trust(self, contracts: Deployment, trust: Trust) -> None:
        """Record a trust file by the council. Files that only name newer blocks need no record."""
        act, values = self._act(f"Archivo de confianza {trust.number}"), {"trust-file": (trust.number, trust.digest)}
        self._authority(contracts).do("record-trust", values, act)

    def write_trust(self, contracts: Deployment, number: int) -> Trust:
        """Write a trust file that vouches for genesis and the newest block."""
        head, genesis = self.ledger.head(), self.ledger.block(0)
        assert genesis is not None
        document = sign_trust(
            number=number,
            issued=self.clock(),
            chain_id=self.ledger.chain_id(),
            genesis=BlockHash(genesis.hash),
            contracts=contracts,
            code_hashes=code_hashes(self.ledger, contracts),
            chain=development_chain({genesis.number: genesis.hash, head.number: head.hash}),
            signers=[self.keystore.signer(TRUST)],
        )
        return publish_trust(self.folder, document)

    def accredit(self, contracts: Deployment, institution: Keystore, scope: Scope, until: int) -> IssuerId:
        """Apply, attest, review and activate, each step by its own account.

        The institution is the one that the scope names. Every key in use is added, and every assertion key that was
        ended but not compromised. On a chain made anew, credentials that such a key signed are anchored again; then
        `keys retire --due` ends it. Raises ContractRefused with the contract's reason.
        """
        issuer = issuer_id(scope.did)
        control = self._control(contracts, institution, issuer)
        for name in _in_use(institution, ANCHORING):
            check_party_account(self.ledger, contracts, institution.account(name).address)
        act = self._act(f"Acreditación {issuer.hex()}")
        control.apply(act)
        control.attest_quality(self._act("Sistema interno de calidad"))
        for family, purpose in ((ASSERTION, KeyPurpose.ASSERTION), (NOTE, KeyPurpose.NOTE)):
            for name in _in_use(institution, family, *(_SIGNED if family == ASSERTION else ())):
                statement = control.add_key(institution.signer(name), purpose)
                self._keep(f"{statement.digest.hex()}.bin", statement.data)
        for name in _in_use(institution, ANCHORING):
            control.add_anchoring_account(institution.account(name))
        council = self._authority(contracts)
        review = {"did": issuer, "favourable": True, "report": self._act("Dictamen favorable")}
        do_alone(self._sender(AGENCY), contracts, "review", review, self.shown)
        write_json(self.folder / "documents" / f"{scope.digest.hex()}.json", scope.document)
        council.do("activate", {"did": issuer, "until": until, "scope": scope.digest, "act": act}, act)
        return issuer

    def approve(self, contracts: Deployment, institution: Keystore, programme: Programme) -> Digest:
        """Submit a programme version as the institution and approve it as the council."""
        issuer = issuer_id(programme.issuer)
        act = self._act(f"Aprobación {programme.digest.hex()}")
        self._control(contracts, institution, issuer).submit_programme(programme.digest)
        write_json(self.folder / "documents" / f"{programme.digest.hex()}.json", programme.document)
        values = {"programme": (issuer, programme.digest), "until": 0, "act": act}
        self._authority(contracts).do("approve-programme", values, act)
        return programme.digest

    def mark_compromised(self, contracts: Deployment, issuer: IssuerId, key: bytes, since: int, reason: str) -> None:
        """Mark a key (its id) or an account (its address) as compromised by the council, since any time in the past."""
        act = self._act(f"Clave comprometida {key.hex()}: {reason}")
        if len(key) == ADDRESS_BYTES:
            name, marked = "account-compromised", {"account-address": key}
        else:
            name, marked = "key-compromised", {"did": issuer, "key": key}
        self._authority(contracts).do(name, {**marked, "since": since, "act": act}, act)

    def suspend(self, contracts: Deployment, issuer: IssuerId, reason: str) -> None:
        """Suspend an institution by the council."""
        act = self._act(f"Suspensión {issuer.hex()}: {reason}")
        self._authority(contracts).do("suspend", {"did": issuer, "act": act}, act)

    def reinstate(self, contracts: Deployment, issuer: IssuerId, reason: str) -> None:
        """Lift the suspension of an institution by the council."""
        act = self._act(f"Restitución {issuer.hex()}: {reason}")
        self._authority(contracts).do("reinstate", {"did": issuer, "act": act}, act)

    def _authority(self, contracts: Deployment) -> Authority:
        """Return the members that act. Raises RegistryActRefused for one that is also an account of a party."""
        for name in MEMBERS[:2]:
            check_member(roles_of(self.ledger, contracts, self.keystore.account(name).address))
        return Authority(contracts, tuple(self._sender(name) for name in MEMBERS[:2]), self.shown)

    def _sender(self, name: str) -> Sender:
        return Sender(self.ledger, self.keystore.account(name), depth=0)

    def _control(self, contracts: Deployment, institution: Keystore, issuer: IssuerId) -> ControlAccount:
        """Return the institution's control account. Raises RegistryActRefused for one that is also a member."""
        check_party_account(self.ledger, contracts, institution.account(CONTROL).address)
        sender = Sender(self.ledger, institution.account(CONTROL), depth=0)
        return ControlAccount(contracts, issuer, sender, self.ledger.chain_id(), self.shown)

    def _act(self, text: str) -> bytes:
        """Keep a legal act among the public documents and return its digest. A nonce keeps two of the same day apart."""
        content = f"{text} · {self.clock()} · {secrets.token_hex(8)}".encode()
        digest = hashlib.sha256(content).digest()
        self._keep(f"{digest.hex()}.txt", content)
        return digest

    def _keep(self, name: str, content: bytes) -> None:
        folder = self.folder / "documents"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


_SIGNED: Final = (KeyState.ENDED,)


def _in_use(keystore: Keystore, family: str, *others: KeyState) -> list[str]:
    """Return the names of the keys that are in use or in one of these other states."""
    return [key.name for key in keystore.family(family) if key.state in (KeyState.IN_USE, *others)]


def new_institution(
    path: Path,
    passphrase: bytes,
    n: int,
    assertion: KeyAlgorithm = KeyAlgorithm.ED25519,
    *,
    with_control: bool = True,
) -> Keystore:
    """Create a keystore with one key of each purpose. A control account may be kept elsewhere."""
    keystore = Keystore.create(path, passphrase, n=n)
    generate_keys(keystore, assertion, with_control=with_control)
    return keystore
