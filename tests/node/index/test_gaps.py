"""One subject that nothing mends does not hold up the others: it alone is in doubt, lists say so, and it is mended later."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest
from acredita.anchoring.ledger import Ledger, LedgerUnavailable, PartialLedgerUnavailable
from acredita.anchoring.types import Address, IssuerId
from acredita.contracts import bindings
from acredita.node.index.follower import FILL_SECONDS, GAP_PATIENCE_SECONDS, IndexFollower, IndexRun, IndexStep
from acredita.node.index.snapshot import IndexReader, IndexSnapshot
from acredita.node.ledger.view import NodeObserver, Observations
from acredita.node.storage import ledger_gaps
from acredita.registry.ledger_facts.log_entries import EntriesAtHand

from tests.node.index.followed import DrawnHistory, FollowedIndex, embedded, starving
from tests.simulators.half_endpoint import LogEdit
from tests.simulators.installation import ACT, NOBODY, Installation, Issuer, account

ADVANCED = IndexRun(IndexStep.ADVANCED)


def dropping_subject(subject: bytes) -> LogEdit:
    """Leave out every log of a subject, in any answer."""
    name = "0x" + subject.hex()
    return lambda logs: [log for log in logs if name not in log["topics"]]


def applied(installation: Installation, name: str) -> IssuerId:
    """Let a new party apply."""
    subject = IssuerId(name.encode().ljust(32, b"\x01"))
    registry = bindings.IssuerRegistry(installation.deployment.issuer_registry)
    installation.act(account(name), registry.apply(subject, NOBODY, ACT))
    return subject


@dataclass
class Starved:
    """An index whose one endpoint leaves out all of one party that applied after the index began."""

    index: FollowedIndex
    history: DrawnHistory
    lost: IssuerId
    clock: list[int] = field(default_factory=lambda: [0])

    @property
    def ledger(self) -> Ledger:
        return starving(self.index.installation, dropping_subject(self.lost))

    def follower(self, ledger: Ledger | None = None) -> IndexFollower:
        index = self.index
        used = self.ledger if ledger is None else ledger
        return IndexFollower(
            index.database, index.leases, used, index.trust, lambda: self.clock[0], lambda: index.seconds[0]
        )

    def past_patience(self) -> None:
        assert self.follower().advance().step is IndexStep.STOPPED
        self.clock[0] += GAP_PATIENCE_SECONDS
        self.index.seconds[0] += GAP_PATIENCE_SECONDS

    def snapshot(self) -> IndexSnapshot:
        stored = IndexReader(self.index.database, self.index.trust).stored()
        assert stored is not None
        return stored.snapshot()

    def observer(self, ledger: Ledger) -> NodeObserver:
        reader = IndexReader(self.index.database, self.index.trust)
        observer = Observations(self.index.trust, ledger, lambda _: EntriesAtHand(), index=reader).now()
        assert isinstance(observer, NodeObserver)
        return observer


@pytest.fixture
def starved(index: FollowedIndex, ut: Issuer) -> Starved:
    history = DrawnHistory(index.installation, ut, Random(7))
    index.follower().advance()
    lost = applied(index.installation, "lost")
    index.follower().advance()
    registry = bindings.IssuerRegistry(index.installation.deployment.issuer_registry)
    index.installation.act(account("lost"), registry.attest_quality(lost, ACT))
    applied(index.installation, "sound")
    return Starved(index, history, lost)


def test_an_index_waits_before_it_goes_on_without_a_subject(starved: Starved) -> None:
    follower, height = starved.follower(), starved.index.height()
    assert follower.advance().step is IndexStep.STOPPED
    starved.clock[0] += GAP_PATIENCE_SECONDS - 1
    assert follower.advance().step is IndexStep.STOPPED
    assert starved.index.height() == height
    starved.clock[0] += 1
    run = follower.advance()
    assert run.step is IndexStep.ADVANCED
    assert run.fault is not None
    assert run.fault.code == "LEDGER_INCOMPLETE"
    assert starved.lost.hex() in run.fault.detail
    assert starved.index.height() == starved.index.installation.ledger.head().number
    assert starved.index.state().fault == run.fault, "an operator is told"


def test_only_the_subject_is_in_doubt(starved: Starved, ut: Issuer) -> None:
    starved.past_patience()
    starved.follower().advance()
    snapshot, contracts = starved.snapshot(), starved.index.trust.contracts
    registry = contracts.issuer_registry
    sound = IssuerId(b"sound".ljust(32, b"\x01"))
    assert snapshot.doubted(registry) == {starved.lost}
    assert not snapshot.has_all_of(registry, starved.lost)
    assert not snapshot.has_all_of(registry, bytes(32)), "a stranger may be among what is missing"
    assert snapshot.has_all_of(registry, sound)
    assert snapshot.has_all_of(registry, ut.id)
    assert not snapshot.is_whole(registry)
    assert snapshot.is_whole(contracts.credential_log)
    starving_observer, honest = starved.observer(starved.ledger), starved.observer(starved.index.installation.ledger)
    for observer in (starving_observer, honest):
        assert observer.party(sound) is not None
        assert observer.party(ut.id) == honest.party(ut.id)
        assert observer.lacks_of(registry) == {starved.lost}
        assert ut.id in observer.listed
        assert sound not in observer.listed, "an applicant is in no public list"
        assert observer.lacks_of(contracts.programme_registry) is None
    with pytest.raises(PartialLedgerUnavailable):
        starving_observer.party(starved.lost)
    assert honest.party(starved.lost) is not None, "the ledger itself is asked"


def test_the_index_goes_on_beyond_a_gap_and_fills_it_later(starved: Starved) -> None:
    starved.past_patience()
    starved.follower().advance()
    for _ in range(3):
        starved.history.act()
        assert starved.follower().advance().step is IndexStep.ADVANCED
    assert starved.index.state().gaps
    starved.index.seconds[0] += FILL_SECONDS
    starved.follower(embedded(starved.index.installation)).advance()
    assert starved.index.state().gaps == ()
    assert starved.snapshot().is_whole(starved.index.trust.contracts.issuer_registry)
    filled, events = starved.index.state_hash(), starved.index.events()
    starved.follower(starved.index.installation.ledger).rebuild()
    assert starved.index.events() == events
    assert starved.index.state_hash() == filled
    with starved.index.database.read() as connection:
        assert ledger_gaps.doubts(connection) == frozenset()
    starved.follower(starved.index.installation.ledger).advance()
    assert starved.index.state().fault is None


def test_one_look_fills_the_gaps_of_all_contracts(starved: Starved, ut: Issuer) -> None:
    installation, index = starved.index.installation, starved.index
    issuers = bindings.IssuerRegistry(installation.deployment.issuer_registry)
    registry = bindings.ProgrammeRegistry(installation.deployment.programme_registry)
    installation.act(ut.control, registry.submit(ut.id, b"\x09" * 32))
    index.follower().advance()
    begun, address = index.height(), "0x" + registry.address.hex()
    installation.act(account("lost"), issuers.withdraw(starved.lost, ACT))
    installation.act(ut.control, registry.withdraw(ut.id, b"\x09" * 32, ACT))

    def leave_out(logs: list[dict[str, Any]]) -> list[dict[str, Any]]:
        kept = dropping_subject(starved.lost)(logs)
        return [log for log in kept if log["address"].lower() != address or int(log["blockNumber"], 16) <= begun]

    half = starving(installation, leave_out)
    assert starved.follower(half).advance().step is IndexStep.STOPPED
    starved.clock[0] += GAP_PATIENCE_SECONDS
    assert starved.follower(half).advance().step is IndexStep.ADVANCED
    assert len(index.state().gaps) == 2
    index.seconds[0] += FILL_SECONDS
    starved.follower(embedded(installation)).advance()
    assert index.state().gaps == ()


def test_a_gap_is_not_looked_at_in_every_step(starved: Starved) -> None:
    starved.past_patience()
    follower = starved.follower()
    follower.advance()
    honest = starved.follower(embedded(starved.index.installation))
    honest.advance()
    assert starved.index.state().gaps == (), "a new process looks at once"


def test_a_reorganisation_below_a_gap_ends_it(starved: Starved) -> None:
    installation = starved.index.installation
    snapshot = installation.chain.snapshot()
    starved.history.act()
    starved.past_patience()
    starved.follower().advance()
    assert starved.index.state().gaps
    installation.chain.revert(snapshot)
    installation.senders.clear()
    starved.history.mine(8)
    run = starved.follower(embedded(installation)).advance()
    assert run.step is IndexStep.ADVANCED
    assert starved.index.state().gaps == ()
    followed = starved.index.state_hash()
    starved.follower(embedded(installation)).rebuild()
    assert starved.index.state_hash() == followed


def test_an_endpoint_that_leaves_out_too_much_still_holds_the_index(starved: Starved, ut: Issuer) -> None:
    """Leave out a whole contract: too much is missing, and the index stays."""
    log = Address(starved.index.trust.contracts.issuer_registry)
    address = "0x" + log.hex()
    edit: Callable[[list[dict[str, object]]], list[dict[str, object]]] = lambda logs: [  # noqa: E731
        entry for entry in logs if str(entry["address"]).lower() != address
    ]
    for number in range(70):
        applied(starved.index.installation, f"many {number}")
    starved.index.follower().advance()
    registry = bindings.IssuerRegistry(log)
    for number in range(70):
        subject = f"many {number}".encode().ljust(32, b"\x01")
        starved.index.installation.act(account(f"many {number}"), registry.attest_quality(subject, ACT))
    ledger = starving(starved.index.installation, edit)
    height = starved.index.height()
    assert starved.follower(ledger).advance().step is IndexStep.STOPPED
    starved.clock[0] += 10 * GAP_PATIENCE_SECONDS
    run = starved.follower(ledger).advance()
    assert run.step is IndexStep.STOPPED
    assert starved.index.height() == height
    with pytest.raises(LedgerUnavailable):
        starved.observer(ledger).party(ut.id)
