"""A whole installation on an embedded chain in memory: contracts, council, agency, issuers with anchoring accounts.

Everything is deterministic: keys, genesis and clock are fixed, so a test that fails fails again.
"""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from acredita.anchoring.ledger import Ledger
from acredita.anchoring.rpc_ledger import RpcLedger
from acredita.anchoring.sender import Sender
from acredita.anchoring.transaction import LocalAccount
from acredita.anchoring.types import Address, IssuerId
from acredita.contracts import bindings
from acredita.contracts.abi import Call, Deployment
from acredita.contracts.bindings import AccountPurpose
from acredita.devnet.chain import Chain
from acredita.devnet.rpc.dispatch import Rpc
from acredita.devnet.rpc.provider import EmbeddedProvider
from acredita.node.ledger.single_operator_acts import consent_of
from eth_hash.auto import keccak

GENESIS_TIME = 1_767_225_600  # 2026-01-01T00:00:00Z
YEAR = 365 * 24 * 3600
ACT = b"\xac" * 32
NOBODY = bytes(32)


class SteppingClock:
    """Seconds that pass only when told."""

    def __init__(self, now: int = GENESIS_TIME) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now


def account(name: str) -> LocalAccount:
    return LocalAccount(hashlib.sha256(b"acredita test account " + name.encode()).digest())


@dataclass
class Issuer:
    """An institution as the registry knows it."""

    id: IssuerId
    control: LocalAccount
    anchoring: LocalAccount


@dataclass
class Parties:
    """The contracts on some ledger, and hands to act as each party."""

    ledger: Ledger
    clock: SteppingClock
    deployment: Deployment
    senders: dict[Address, Sender] = field(default_factory=dict)

    def act(self, who: LocalAccount, call: Call) -> None:
        """Send one transaction of one party. Raises the chain's refusal."""
        sender = self.senders.get(who.address)
        if sender is None:
            sender = self.senders[who.address] = Sender(self.ledger, who, depth=0)
        sender.transact(call)

    def decide(self, call: Call) -> None:
        """Decide once by the council, by the only member it takes."""
        council = bindings.Council(self.deployment.council)
        self.act(MEMBER, council.propose(call.to, keccak(call.data), ACT))
        number = self.ledger.read(council.proposal_count())
        self.act(MEMBER, council.execute(number, call.data))

    def anchoring(self, issuer: IssuerId, account: LocalAccount) -> Call:
        """Return the call that adds an anchoring account, with the account's consent."""
        registry = bindings.IssuerRegistry(self.deployment.issuer_registry)
        consent = consent_of(self.ledger, registry.address, account, issuer, AccountPurpose.ANCHORING)
        return registry.add_anchoring_account(issuer, account.address, consent)

    def new_issuer(self, name: str) -> Issuer:
        """Bring an issuer from its application to a year of activity, with one assertion key and one anchoring
        account.
        """
        issuer = issuer_named(name)
        registry = bindings.IssuerRegistry(self.deployment.issuer_registry)
        key = hashlib.sha256(name.encode()).digest()
        self.act(issuer.control, registry.apply(issuer.id, NOBODY, ACT))
        self.act(issuer.control, registry.add_key(issuer.id, key, bindings.KeyPurpose.ASSERTION, ACT))
        self.act(issuer.control, self.anchoring(issuer.id, issuer.anchoring))
        self.act(issuer.control, registry.attest_quality(issuer.id, ACT))
        self.act(AGENCY, registry.review(issuer.id, True, ACT))
        self.decide(registry.activate(issuer.id, self.clock() + YEAR, ACT, ACT))
        return issuer


@dataclass
class Installation(Parties):
    """The same on an embedded chain of this process."""

    chain: Chain = field(kw_only=True)
    rpc: Rpc = field(kw_only=True)


MEMBER, SECOND_MEMBER, AGENCY = account("member 1"), account("member 2"), account("agency")
AGENCY_ID = keccak(b"did:web:agency.example")


def issuer_named(name: str) -> Issuer:
    """Return the ids and keys that an institution of this name has on every installation."""
    did = f"did:web:{name}.example"
    return Issuer(IssuerId(keccak(did.encode())), account(f"{name} control"), account(f"{name} anchor"))


def install(folder: Path | None = None) -> Installation:
    """Install the four contracts and a recognised agency on a fresh chain, in memory or in a folder."""
    clock = SteppingClock()
    return install_on(Chain.open(folder, genesis_time=GENESIS_TIME, extra_data=b"\x01" * 32, clock=clock), clock)


def install_on(chain: Chain, clock: SteppingClock) -> Installation:
    """Install the same on a chain that is empty, with a block for each transaction."""
    rpc = Rpc(chain)
    parties = deploy_on(RpcLedger(EmbeddedProvider(rpc)), clock)
    return Installation(parties.ledger, clock, parties.deployment, parties.senders, chain=chain, rpc=rpc)


def deploy_on(ledger: Ledger, clock: SteppingClock) -> Parties:
    """Deploy the contracts on a ledger and recognise the agency by the council."""
    parties = Parties(ledger, clock, _deploy(ledger))
    registry = bindings.IssuerRegistry(parties.deployment.issuer_registry)
    consent = consent_of(ledger, registry.address, AGENCY, AGENCY_ID, AccountPurpose.AGENCY)
    parties.decide(registry.recognise_agency(AGENCY_ID, AGENCY.address, clock() + YEAR, ACT, consent))
    return parties


def reopen(folder: Path, deployment: Deployment) -> Installation:
    """Open the installation in a folder, as another process does."""
    clock = SteppingClock()
    chain = Chain.open(folder, clock=clock)
    rpc = Rpc(chain)
    return Installation(RpcLedger(EmbeddedProvider(rpc)), clock, deployment, chain=chain, rpc=rpc)


def _deploy(ledger: Ledger) -> Deployment:
    deployer = Sender(ledger, account("deployer"), depth=0)
    members = [MEMBER.address, SECOND_MEMBER.address]
    council = deployer.deploy(bindings.deploy_data("Council", members, 1, members, 2))
    issuers = deployer.deploy(bindings.deploy_data("IssuerRegistry", council))
    programmes = deployer.deploy(bindings.deploy_data("ProgrammeRegistry", council, issuers))
    log = deployer.deploy(bindings.deploy_data("CredentialLog", issuers, council))
    return Deployment(council, issuers, programmes, log)
