"""Acts of the state authority and of an institution's control account on the chain, one function an act.

Nobody here acts alone where two must agree: `decide` proposes with one member, approves with as many as the threshold
asks, and executes what was proposed and nothing else. Keys stay in the senders; nothing is stored here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from acredita.anchoring.account_signature import sign_consent
from acredita.anchoring.ledger import Ledger, TxReceipt
from acredita.anchoring.sender import Sender
from acredita.anchoring.transaction import TransactionSigner
from acredita.anchoring.types import Address, Digest, IssuerId
from acredita.contracts import bindings
from acredita.contracts.abi import Call, Deployment
from acredita.contracts.account_consent import ConsentDomain, SignedConsent
from acredita.contracts.bindings import AccountPurpose, KeyPurpose, deploy_data
from acredita.registry.keys.key_statement import KeyStatement, make_statement
from acredita.registry.keys.multikey import key_id
from acredita.registry.keys.signer import Signer
from acredita.registry.ledger_facts.trust_file import CONTRACTS
from eth_hash.auto import keccak

CONTROL_REACH_SECONDS: Final = (
    72 * 3600
)  # IssuerRegistry, CONTROL_REACH: how far back a control account dates a compromise
CONSENT_SECONDS: Final = 30 * 24 * 3600  # the newest block may be old; the contract allows 45 days


def deploy(
    sender: Sender, members: Sequence[Address], threshold: int, recovery: Sequence[Address], recovery_threshold: int
) -> Deployment:
    """Deploy the four contracts of one installation, in the order in which they name each other."""
    council = sender.deploy(deploy_data("Council", members, threshold, recovery, recovery_threshold))
    issuers = sender.deploy(deploy_data("IssuerRegistry", council))
    programmes = sender.deploy(deploy_data("ProgrammeRegistry", council, issuers))
    log = sender.deploy(deploy_data("CredentialLog", issuers, council))
    return Deployment(council, issuers, programmes, log)


def code_hashes(ledger: Ledger, contracts: Deployment) -> dict[str, bytes]:
    """Map each contract name to keccak-256 of its runtime code, as a trust file pins them."""
    return {name: bytes(keccak(ledger.code(Address(getattr(contracts, name))))) for name in CONTRACTS}


def consent_of(
    ledger: Ledger, registry: bytes, account: TransactionSigner, subject: bytes, purpose: AccountPurpose
) -> SignedConsent:
    """Let one of our own accounts consent to be bound to a party in this registry, for CONSENT_SECONDS."""
    deadline = ledger.head().time + CONSENT_SECONDS
    return sign_consent(account, ConsentDomain(ledger.chain_id(), registry), subject, purpose, deadline)


@dataclass(frozen=True)
class Authority:
    """Members of the council, as many as its threshold at least; the first proposes."""

    contracts: Deployment
    members: tuple[Sender, ...]

    @property
    def issuers(self) -> bindings.IssuerRegistry:
        """The issuer registry."""
        return bindings.IssuerRegistry(self.contracts.issuer_registry)

    @property
    def programmes(self) -> bindings.ProgrammeRegistry:
        """The programme registry."""
        return bindings.ProgrammeRegistry(self.contracts.programme_registry)

    def decide(self, call: Call, act: bytes) -> TxReceipt:
        """Propose, approve, execute. `act`: SHA-256 of the legal act. Raises ContractRefused with the contract's reason."""
        council = bindings.Council(self.contracts.council)
        proposer, *others = self.members
        content = (call.to, bytes(keccak(call.data)), act)
        number = _proposal_number(proposer.transact(council.propose(*content)))
        for member in others:
            member.transact(council.approve(number, *content))
        return proposer.transact(council.execute(number, call.data))


def _proposal_number(receipt: TxReceipt) -> int:
    for log in receipt.logs:
        event = bindings.decode_event(log)
        if isinstance(event, bindings.Proposed):
            return event.proposal
    raise RuntimeError("a proposal that succeeded logs its number")


@dataclass(frozen=True)
class ControlAccount:
    """One institution's cold account: applies, attests, adds and ends keys and accounts, submits programmes."""

    contracts: Deployment
    issuer: IssuerId
    control: Sender
    chain_id: int

    @property
    def _issuers(self) -> bindings.IssuerRegistry:
        return bindings.IssuerRegistry(self.contracts.issuer_registry)

    def apply(self, act: bytes) -> TxReceipt:
        """Apply for accreditation by the council."""
        return self.control.transact(self._issuers.apply(self.issuer, bindings.NO_SUBJECT, act))

    def attest_quality(self, attestation: bytes) -> TxReceipt:
        """Attest the internal quality assurance."""
        return self.control.transact(self._issuers.attest_quality(self.issuer, attestation))

    def add_key(self, signer: Signer, purpose: KeyPurpose) -> KeyStatement:
        """Add a key that says itself where it belongs; the statement goes to `documents/`."""
        statement = self.statement(signer, purpose)
        self.record_key(key_id(signer.multikey), purpose, statement)
        return statement

    def statement(self, signer: Signer, purpose: KeyPurpose) -> KeyStatement:
        """Make the statement whose digest `add_key` records, so that it is stored before the chain learns of the key."""
        registry = Address(self.contracts.issuer_registry)
        return make_statement(self.chain_id, registry, self.issuer, int(purpose), signer)

    def record_key(self, key: bytes, purpose: KeyPurpose, statement: KeyStatement) -> TxReceipt:
        """Add a key with its statement."""
        return self.control.transact(self._issuers.add_key(self.issuer, key, purpose, statement.digest))

    def end_key(self, key: bytes) -> TxReceipt:
        """End a key by its id. Everything it signed and anchored before stays good."""
        return self.control.transact(self._issuers.end_key(self.issuer, key))

    def key_compromised(self, key: bytes, since: int, act: bytes) -> TxReceipt:
        """Mark a key as compromised. `since` (Unix seconds): at most CONTROL_REACH_SECONDS back."""
        return self.control.transact(self._issuers.key_compromised(self.issuer, key, since, act))

    def add_anchoring_account(self, account: TransactionSigner) -> TxReceipt:
        """Add an anchoring account, which signs its consent."""
        purpose = AccountPurpose.ANCHORING
        consent = consent_of(self.control.ledger, self._issuers.address, account, self.issuer, purpose)
        return self.control.transact(self._issuers.add_anchoring_account(self.issuer, account.address, consent))

    def end_account(self, account: Address, act: bytes) -> TxReceipt:
        """End an anchoring account."""
        return self.control.transact(self._issuers.end_account(account, act))

    def account_compromised(self, account: Address, since: int, act: bytes) -> TxReceipt:
        """Mark an anchoring account as compromised since a time (Unix seconds)."""
        return self.control.transact(self._issuers.account_compromised(account, since, act))

    def submit_programme(self, document: Digest, supersedes: bytes = bindings.NO_SUBJECT) -> TxReceipt:
        """Submit a programme version for approval. `supersedes`: an earlier document of this institution."""
        registry = bindings.ProgrammeRegistry(self.contracts.programme_registry)
        return self.control.transact(registry.submit(self.issuer, document, supersedes))
