"""A small authority on a bare EVM: the four contracts deployed, people with accounts, a clock set by hand.

`World.send` folds every registry event as an auditor would, so that any test may compare the fold with the contract's
history hash. `as_council` sends from the council contract's own address: the way through proposals is tested where it
is the subject (test_council).
"""

import hashlib
from dataclasses import dataclass, field
from typing import TypeVar

from acredita.contracts import bindings
from acredita.contracts.abi import Call, RawLog, View
from acredita.contracts.bindings import (
    NO_SUBJECT,
    AccountPurpose,
    Council,
    CredentialLog,
    Event,
    IssuerRegistry,
    KeyPurpose,
    ProgrammeRegistry,
    deploy_data,
)
from eth_hash.auto import keccak

from tests.contracts.log_evm import Evm, Outcome, account

T = TypeVar("T")

HOUR = 3600
DAY = 24 * HOUR
YEAR = 365 * DAY
DEVNET_ID = 31337
PRODUCTION_ID = 2026

MEMBERS = tuple(account(f"member {n}") for n in range(3))
RECOVERY = tuple(account(f"recovery {n}") for n in range(3))
AGENCY_ACCOUNT = account("agency")
STRANGER = account("stranger")


def digest(name: str) -> bytes:
    """Return a hash that represents a document, a DID or a key."""
    return hashlib.sha256(name.encode()).digest()


ACT = digest("act")
AGENCY = digest("did:agency")


class Refusal(AssertionError):
    """A call that a test needs to succeed was refused."""


@dataclass
class World:
    """The deployed contracts and what was told so far."""

    evm: Evm
    council: Council
    issuers: IssuerRegistry
    programmes: ProgrammeRegistry
    log: CredentialLog
    histories: dict[tuple[bytes, bytes], bytes] = field(default_factory=dict)
    totals: dict[bytes, bytes] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)

    @property
    def now(self) -> int:
        return self.evm.time

    def pass_time(self, seconds: int) -> None:
        self.evm.pass_time(seconds)

    def attempt(self, sender: bytes, call: Call) -> Outcome:
        """Send a call that may be refused; take note of what it told."""
        outcome = self.evm.send(sender, call.to, call.data)
        for position, log in enumerate(outcome.logs):
            self._note(RawLog(log.address, log.topics, log.data, 0, bytes(32), bytes(32), position))
        return outcome

    def send(self, sender: bytes, call: Call) -> Outcome:
        outcome = self.attempt(sender, call)
        if not outcome.accepted:
            raise Refusal(outcome.reason)
        return outcome

    def as_council(self, call: Call) -> Outcome:
        return self.send(self.council.address, call)

    def decide(self, call: Call, act: bytes = ACT) -> Outcome:
        """Propose by one member, approve by another and carry out."""
        proposal = self.propose(call, act)
        self.send(MEMBERS[1], self.approval(proposal))
        return self.send(MEMBERS[1], self.council.execute(proposal, call.data))

    def propose(self, call: Call, act: bytes = ACT) -> int:
        self.send(MEMBERS[0], self.council.propose(call.to, keccak(call.data), act))
        return self.ask(self.council.proposal_count())

    def approval(self, proposal: int) -> Call:
        """Return the approval of a proposal as it is stored."""
        stored = self.ask(self.council.proposal(proposal))
        return self.council.approve(proposal, stored.target, stored.calldata_hash, stored.act)

    def recovery_approval(self, recovery: int) -> Call:
        """Return the approval of a recovery as it is stored."""
        return self.council.approve_recovery(recovery, self.ask(self.council.recovery(recovery)).members_hash)

    def ask(self, view: View[T]) -> T:
        outcome = self.evm.read(view.to, view.data)
        if not outcome.accepted:
            raise Refusal(outcome.reason)
        return view.decode(outcome.output)

    def history(self, registry: bytes, subject: bytes) -> bytes:
        """Fold the history hash from the events, as an auditor does."""
        return self.histories.get((registry, subject), bindings.EMPTY_HISTORY)

    def total(self, contract: bytes) -> bytes:
        """Fold the total of a contract from its events, as an auditor does."""
        return self.totals.get(contract, bindings.EMPTY_HISTORY)

    def check_totals(self) -> None:
        """Check that the events of each contract fold to its total."""
        for contract in (self.council, self.issuers, self.programmes, self.log):
            assert self.ask(contract.total()) == self.total(contract.address), type(contract).__name__

    def count(self, log: RawLog) -> None:
        """Fold one more event into the total of its contract."""
        self.totals[log.address] = bindings.fold_history(self.total(log.address), bindings.record_of(log))

    def _note(self, log: RawLog) -> None:
        event = bindings.decode_event(log)
        assert event is not None, "an event no binding knows"
        self.events.append(event)
        self.count(log)
        if log.address in (self.issuers.address, self.programmes.address):
            place = (log.address, log.topics[1])
            before = self.histories.get(place, bindings.EMPTY_HISTORY)
            self.histories[place] = bindings.fold_history(before, bindings.record_of(log))


def deploy(
    chain_id: int = DEVNET_ID,
    members: tuple[bytes, ...] = MEMBERS,
    threshold: int = 2,
    recovery: tuple[bytes, ...] = RECOVERY,
    recovery_threshold: int = 2,
) -> World:
    evm = Evm(chain_id)
    founded = evm.send(
        account("deployer"), b"", deploy_data("Council", members, threshold, recovery, recovery_threshold)
    )
    assert founded.accepted, founded.reason
    council = founded.created
    issuers = evm.deploy(deploy_data("IssuerRegistry", council))
    programmes = evm.deploy(deploy_data("ProgrammeRegistry", council, issuers))
    log = evm.deploy(deploy_data("CredentialLog", issuers, council))
    world = World(
        evm=evm,
        council=Council(council),
        issuers=IssuerRegistry(issuers),
        programmes=ProgrammeRegistry(programmes),
        log=CredentialLog(log),
    )
    for raw in founded.logs:
        world.count(RawLog(raw.address, raw.topics, raw.data, 0, bytes(32), bytes(32), 0))
    return world


@dataclass(frozen=True)
class Institution:
    """An institution's DID hash, accounts and key."""

    name: str

    @property
    def subject(self) -> bytes:
        return digest(f"did:{self.name}")

    @property
    def control(self) -> bytes:
        return account(f"{self.name} control")

    @property
    def anchoring(self) -> bytes:
        return account(f"{self.name} anchoring")

    @property
    def key(self) -> bytes:
        return digest(f"{self.name} key")


UT = Institution("ut")
UP = Institution("up")


def recognise_agency(
    world: World, until: int | None = None, agency: bytes = AGENCY, by: bytes = AGENCY_ACCOUNT
) -> None:
    """Recognise an agency by the council; its account consents by its own call."""
    end = world.now + 2 * YEAR if until is None else until
    world.send(by, world.issuers.consent(agency, AccountPurpose.AGENCY))
    world.as_council(world.issuers.recognise_agency(agency, by, end, ACT))


def apply(world: World, who: Institution = UT, accreditor: bytes = NO_SUBJECT) -> None:
    world.send(who.control, world.issuers.apply(who.subject, accreditor, ACT))


def prepare(world: World, who: Institution = UT) -> None:
    """Add a key and an anchoring account, as activation demands."""
    add = world.issuers.add_key(who.subject, who.key, KeyPurpose.ASSERTION, digest("statement"))
    world.send(who.control, add)
    add_account(world, who, who.anchoring)


def add_account(world: World, who: Institution, added: bytes) -> None:
    """Add an anchoring account that consents by its own call."""
    world.send(added, world.issuers.consent(who.subject, AccountPurpose.ANCHORING))
    world.send(who.control, world.issuers.add_anchoring_account(who.subject, added))


def replace_control(world: World, who: Institution, named: bytes, keep: bool, since: int = 0) -> None:
    """Replace a control account by the council; the new one consents by its own call."""
    world.send(named, world.issuers.consent(who.subject, AccountPurpose.CONTROL))
    world.as_council(world.issuers.replace_control(who.subject, named, keep, since, ACT))


def appoint_custodian(world: World, who: Institution, named: bytes) -> None:
    """Appoint a custodian by the council; the account consents by its own call."""
    world.send(named, world.issuers.consent(who.subject, AccountPurpose.CUSTODIAN))
    world.as_council(world.issuers.appoint_custodian(who.subject, named, ACT))


def attest(world: World, who: Institution = UT) -> None:
    world.send(who.control, world.issuers.attest_quality(who.subject, digest("attestation")))


def review(world: World, who: Institution = UT, favourable: bool = True) -> None:
    world.send(AGENCY_ACCOUNT, world.issuers.review(who.subject, favourable, digest("report")))


def reviewed(world: World, who: Institution = UT, accreditor: bytes = NO_SUBJECT) -> None:
    """Bring an institution up to its review."""
    if world.ask(world.issuers.number_of(AGENCY)) == 0:
        recognise_agency(world)
    apply(world, who, accreditor)
    prepare(world, who)
    attest(world, who)
    review(world, who)


def active(world: World, who: Institution = UT, until: int | None = None) -> None:
    """Accredit an institution by the council."""
    reviewed(world, who)
    end = world.now + YEAR if until is None else until
    world.as_council(world.issuers.activate(who.subject, end, digest("scope"), ACT))


def accreditor(world: World, who: Institution) -> None:
    active(world, who)
    world.as_council(world.issuers.set_delegation(who.subject, True, ACT))


def below(world: World, who: Institution, above: Institution) -> None:
    """Accredit an institution by another one."""
    reviewed(world, who, above.subject)
    world.send(above.control, activation(world, who))


def activation(world: World, who: Institution = UT, until: int | None = None) -> Call:
    end = world.now + YEAR if until is None else until
    return world.issuers.activate(who.subject, end, digest("scope"), ACT)


def submitted(world: World, document: bytes, who: Institution = UT, supersedes: bytes = NO_SUBJECT) -> None:
    world.send(who.control, world.programmes.submit(who.subject, document, supersedes))


def approved(world: World, document: bytes, who: Institution = UT, supersedes: bytes = NO_SUBJECT) -> None:
    submitted(world, document, who, supersedes)
    world.as_council(world.programmes.approve(who.subject, document, 0, ACT))
