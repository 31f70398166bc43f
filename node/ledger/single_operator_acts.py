"""Acts of the state authority and of an institution's control account on the chain, made from the table of acts.

Nobody here acts alone where two must agree: `decide` proposes with one member, approves with as many as the threshold
asks, and executes what was proposed and nothing else. Keys stay in the senders; nothing is stored here.
"""

from collections.abc import Callable, Mapping, Sequence
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
from acredita.registry.acts.calldata import DecodedAct, act_named, call_of, calldata_hash
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


Shown = Callable[[DecodedAct], None]
"""A function that sees an act before it is sent, to show it to a person."""


def show_nothing(act: DecodedAct) -> None:
    """Show nothing: for acts of a program."""


def do_alone(
    sender: Sender, contracts: Deployment, name: str, values: Mapping[str, object], shown: Shown = show_nothing
) -> TxReceipt:
    """Do an act of the table that one account does by itself. Raises ContractRefused with the contract's reason."""
    act = act_named(name, values)
    shown(act)
    return sender.transact(call_of(act, contracts))


@dataclass(frozen=True)
class Authority:
    """Members of the council, as many as its threshold at least; the first proposes. `shown`: sees each act before it."""

    contracts: Deployment
    members: tuple[Sender, ...]
    shown: Shown = show_nothing

    def do(self, name: str, values: Mapping[str, object], act: bytes) -> TxReceipt:
        """Decide an act of the table. `act`: SHA-256 of the legal act. Raises ContractRefused."""
        decoded = act_named(name, values)
        self.shown(decoded)
        return self.decide(call_of(decoded, self.contracts), act)

    def decide(self, call: Call, act: bytes) -> TxReceipt:
        """Propose, approve, execute. `act`: SHA-256 of the legal act. Raises ContractRefused with the contract's reason."""
        council = bindings.Council(self.contracts.council)
        proposer, *others = self.members
        content = (call.to, calldata_hash(call), act)
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
    """One institution's cold account: applies, attests, adds and ends keys and accounts, submits programmes.

    `shown`: sees each act before it is sent.
    """

    contracts: Deployment
    issuer: IssuerId
    control: Sender
    chain_id: int
    shown: Shown = show_nothing

    def apply(self, act: bytes) -> TxReceipt:
        """Apply for accreditation by the council."""
        return self._do("apply", {"did": self.issuer, "accreditor": bindings.NO_SUBJECT, "act": act})

    def attest_quality(self, attestation: bytes) -> TxReceipt:
        """Attest the internal quality assurance."""
        return self._do("attest-quality", {"did": self.issuer, "attestation": attestation})

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
        values = {"did": self.issuer, "key": key, "purpose": purpose, "statement": statement.digest}
        return self._do("add-key", values)

    def end_key(self, key: bytes) -> TxReceipt:
        """End a key by its id. Everything it signed and anchored before stays good."""
        return self._do("end-key", {"did": self.issuer, "key": key})

    def key_compromised(self, key: bytes, since: int, act: bytes) -> TxReceipt:
        """Mark a key as compromised. `since` (Unix seconds): at most CONTROL_REACH_SECONDS back."""
        return self._do("key-compromised", {"did": self.issuer, "key": key, "since": since, "act": act})

    def add_anchoring_account(self, account: TransactionSigner) -> TxReceipt:
        """Add an anchoring account, which signs its consent."""
        purpose, registry = AccountPurpose.ANCHORING, self.contracts.issuer_registry
        consent = consent_of(self.control.ledger, registry, account, self.issuer, purpose)
        values = {"did": self.issuer, "account-address": account.address, "consent": consent}
        return self._do("add-anchoring-account", values)

    def end_account(self, account: Address, act: bytes) -> TxReceipt:
        """End an anchoring account."""
        return self._do("end-account", {"account-address": account, "act": act})

    def account_compromised(self, account: Address, since: int, act: bytes) -> TxReceipt:
        """Mark an anchoring account as compromised since a time (Unix seconds)."""
        return self._do("account-compromised", {"account-address": account, "since": since, "act": act})

    def submit_programme(self, document: Digest, supersedes: bytes = bindings.NO_SUBJECT) -> TxReceipt:
        """Submit a programme version for approval. `supersedes`: an earlier document of this institution."""
        return self._do("submit-programme", {"programme": (self.issuer, document), "supersedes": supersedes})

    def _do(self, name: str, values: Mapping[str, object]) -> TxReceipt:
        return do_alone(self.control, self.contracts, name, values, self.shown)
