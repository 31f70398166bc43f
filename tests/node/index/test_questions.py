"""A verification costs at most two questions to the ledger, at any height, with any number of parties and checkpoints.

A question is one round trip; a JSON-RPC batch is one.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from acredita.anchoring.entries import EntryKind
from acredita.anchoring.ledger import LedgerUnavailable
from acredita.anchoring.rpc_ledger import RpcLedger
from acredita.anchoring.types import IssuerId
from acredita.contracts import bindings
from acredita.devnet.rpc.provider import EmbeddedProvider
from acredita.node.index.follower import IndexFollower, IndexStep
from acredita.node.index.snapshot import IndexReader
from acredita.node.ledger.view import NodeObserver, Observations
from acredita.node.storage.database import Database
from acredita.node.storage.leases import Leases
from acredita.node.verification.verifier import Verifier
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.ledger_facts.trust_file import Trust
from acredita.registry.verification.case import Moment
from acredita.registry.verification.results import Verdict
from web3.types import RPCEndpoint, RPCResponse

from tests.registry.world import ACT, STATUS_ONLY, AnchoredWorld, account, build_anchored_world

MOST = 2
MOST_ABOUT_THE_PAST = 6  # the head, the events after the index, three to find the block among 270,000, and its header


class CountingProvider(EmbeddedProvider):
    """Counts round trips."""

    def __init__(self, rpc: Any) -> None:
        super().__init__(rpc)
        self.round_trips = 0

    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        self.round_trips += 1
        return super().make_request(method, params)

    def make_batch_request(self, requests: list[tuple[RPCEndpoint, Any]]) -> list[RPCResponse] | RPCResponse:
        self.round_trips += 1
        return super().make_batch_request(requests)


class WithoutBatches(CountingProvider):
    """An endpoint that refuses batches."""

    def make_batch_request(self, requests: list[tuple[RPCEndpoint, Any]]) -> list[RPCResponse] | RPCResponse:
        self.round_trips += 1
        return {"jsonrpc": "2.0", "id": None, "error": {"code": -32600, "message": "no batches"}}  # type: ignore[return-value, typeddict-item]


@dataclass
class IndexedWorld:
    """A world, an index of its ledger, and a node that verifies by both."""

    anchored: AnchoredWorld
    database: Database
    trust: Trust

    def follow(self) -> None:
        world = self.anchored.world
        leases = Leases(self.database, "test")
        run = IndexFollower(self.database, leases, world.ledger, self.trust, world.clock).advance()
        assert run.step in (IndexStep.ADVANCED, IndexStep.AT_HEAD), run

    def node(self, provider: type[CountingProvider] = CountingProvider) -> "CountedNode":
        counting = provider(self.anchored.world.rpc)
        reader = IndexReader(self.database, self.trust)
        entries_of = self.anchored.world.entries_of
        return CountedNode(self, counting, Observations(self.trust, RpcLedger(counting), entries_of, index=reader))

    def mine(self, blocks: int) -> None:
        world = self.anchored.world
        world.rpc.handle({"jsonrpc": "2.0", "id": 1, "method": "anvil_mine", "params": [hex(blocks)]})
        world.clock.now = max(world.clock.now, world.ledger.head().time)

    def apply(self, parties: int) -> None:
        world = self.anchored.world
        for number in range(parties):
            subject = IssuerId(hashlib.sha256(f"party {number}".encode()).digest())
            world.act(account(f"applicant {number}"), world.issuers.apply(subject, bindings.NO_SUBJECT, ACT))

    def checkpoints(self, count: int) -> None:
        for _ in range(count):
            self.anchored.world.clock.now += 1
            position = self.anchored.credentials[4].position
            self.anchored.world.anchor(self.anchored.up, changes=[(EntryKind.REVOKED, position)], kind=STATUS_ONLY)


@dataclass
class CountedNode:
    """One process of a node, with the round trips of its endpoint."""

    indexed: IndexedWorld
    provider: CountingProvider
    observations: Observations

    def verify(self, at: int | None = None) -> tuple[Verdict, int]:
        """Return the verdict of a good credential without a receipt, and the questions that it cost."""
        before, anchored = self.provider.round_trips, self.indexed.anchored
        observer = self.observations.at(at)
        verifier = Verifier(self.observations.trust, observer, anchored.world.document_source)
        moment = Moment(anchored.world.clock.now, given=at is not None)
        report = verifier.verify(verifier.read(anchored.good.data), None, moment)
        return report.verdict, self.provider.round_trips - before

    def observer(self) -> NodeObserver:
        observer = self.observations.now()
        assert isinstance(observer, NodeObserver)
        return observer


@pytest.fixture(scope="module")
def shared() -> AnchoredWorld:
    return build_anchored_world()


@pytest.fixture
def indexed(shared: AnchoredWorld, database: Database) -> Iterator[IndexedWorld]:
    with shared.world.branch():
        yield IndexedWorld(shared, database, shared.world.trust())


def check_costs(indexed: IndexedWorld) -> None:
    """Check what verifications cost with the index at the head and behind it, and lists and past moments."""
    indexed.follow()
    node = indexed.node()
    assert node.verify() == (Verdict.RECOGNISED, MOST), "the first of a process checks the pins too"
    assert node.verify() == (Verdict.RECOGNISED, 1)
    for blocks, follows in ((1, True), (1, False), (40, False)):
        indexed.mine(blocks)
        if follows:
            indexed.follow()
        verdict, questions = node.verify()
        assert verdict is Verdict.RECOGNISED
        assert questions == (1 if follows else MOST), (blocks, follows)
    asked = node.provider.round_trips
    observer = node.observer()
    assert observer.issuers()
    assert observer.versions
    assert observer.parties(indexed.anchored.up.id)
    assert observer.page_of_records(observer.contracts.credential_log, indexed.anchored.up.id, 0, 5)
    assert node.provider.round_trips == asked + 1, "the head alone"
    past = indexed.anchored.receipt.checkpoint.time + 1
    verdict, questions = indexed.node().verify(past)
    assert verdict is Verdict.RECOGNISED
    assert questions <= MOST_ABOUT_THE_PAST


@pytest.mark.parametrize("blocks", [100, 10_000, pytest.param(100_000, marks=pytest.mark.slow)])
def test_at_any_height(indexed: IndexedWorld, blocks: int) -> None:
    indexed.mine(blocks)
    check_costs(indexed)


@pytest.mark.parametrize("parties", [20, pytest.param(1_000, marks=pytest.mark.slow)])
def test_with_any_number_of_parties(indexed: IndexedWorld, parties: int) -> None:
    indexed.apply(parties)
    check_costs(indexed)


@pytest.mark.parametrize("checkpoints", [10, pytest.param(1_000, marks=pytest.mark.slow)])
def test_with_any_number_of_checkpoints(indexed: IndexedWorld, checkpoints: int) -> None:
    indexed.checkpoints(checkpoints)
    check_costs(indexed)


def test_an_endpoint_without_batches_gives_the_same(indexed: IndexedWorld) -> None:
    indexed.follow()
    indexed.mine(1)
    verdict, questions = indexed.node(WithoutBatches).verify()
    assert verdict is Verdict.RECOGNISED
    assert questions > MOST


def test_events_after_the_index_count(indexed: IndexedWorld) -> None:
    """Verify after a suspension that the index does not have yet: it decides the verdict, in two questions."""
    indexed.follow()
    node, world = indexed.node(), indexed.anchored.world
    assert node.verify()[0] is Verdict.RECOGNISED
    world.decide(world.issuers.suspend(indexed.anchored.up.id, ACT))
    verdict, questions = node.verify()
    assert questions == MOST
    assert verdict is not Verdict.RECOGNISED
    from_ledger = Observations(indexed.trust, world.ledger, world.entries_of).now()
    verifier = Verifier(indexed.trust, from_ledger, world.document_source)
    moment = Moment(world.clock.now)
    assert verifier.verify(verifier.read(indexed.anchored.good.data), None, moment).verdict is verdict


def test_a_snapshot_outlives_the_block_of_the_index(indexed: IndexedWorld) -> None:
    """Read from an observer what it began with, after the index has moved on."""
    indexed.follow()
    node, up = indexed.node(), indexed.anchored.up
    observer = node.observer()
    records = len(observer.page_of_records(observer.contracts.credential_log, up.id, 0, 100))
    indexed.checkpoints(3)
    indexed.follow()
    assert len(observer.page_of_records(observer.contracts.credential_log, up.id, 0, 100)) == records
    assert observer.head(up.id).number == 1
    assert node.observer().head(up.id).number == 4


def test_checkpoints_are_extended_and_those_of_another_branch_forgotten(indexed: IndexedWorld) -> None:
    """Link an issuer's checkpoints block after block, also after a reorganisation, as the ledger itself states them."""
    indexed.follow()
    node, up, world = indexed.node(), indexed.anchored.up, indexed.anchored.world

    def check() -> None:
        from_ledger = Observations(indexed.trust, world.ledger, world.entries_of).now()
        assert isinstance(from_ledger, NodeObserver)
        assert node.observer().chain(up.id) == from_ledger.chain(up.id)

    for follows in (True, False, True):
        indexed.checkpoints(2)
        if follows:
            indexed.follow()
        check()
    snapshot, epochs = world.chain.snapshot(), dict(world.epochs)
    indexed.checkpoints(2)
    indexed.follow()
    check()
    world.chain.revert(snapshot)
    world.epochs = epochs
    world.clock.now += 100
    indexed.checkpoints(2)
    indexed.mine(4)
    indexed.follow()
    check()
    world.open_epoch(up, 3)
    indexed.checkpoints(1)
    check()
    assert len(node.observer().chain(up.id).epochs) == 2


def test_pages_of_records_run_on_behind_the_index(indexed: IndexedWorld) -> None:
    indexed.follow()
    indexed.checkpoints(4)
    observer, up = indexed.node().observer(), indexed.anchored.up
    contract = observer.contracts.credential_log
    whole = observer.page_of_records(contract, up.id, 0, 100)
    assert len(whole) == 5
    for offset in range(7):
        for limit in range(1, 7):
            assert observer.page_of_records(contract, up.id, offset, limit) == whole[offset : offset + limit]


def test_a_head_below_the_index_is_behind(indexed: IndexedWorld) -> None:
    indexed.mine(5)
    indexed.follow()
    world = indexed.anchored.world
    snapshot = world.chain.snapshot()
    indexed.mine(3)
    indexed.follow()
    world.chain.revert(snapshot)
    observer = indexed.node().observations.now()
    assert isinstance(observer, Missing)
    assert observer.code == "LEDGER_BEHIND"


def test_a_reorganisation_leaves_no_answer_of_the_old_branch(indexed: IndexedWorld) -> None:
    indexed.follow()
    world, up = indexed.anchored.world, indexed.anchored.up
    snapshot = world.chain.snapshot()
    world.decide(world.issuers.suspend(up.id, ACT))
    indexed.follow()
    node = indexed.node()
    assert node.verify()[0] is not Verdict.RECOGNISED
    stale = node.observer()
    world.chain.revert(snapshot)
    indexed.mine(6)
    assert node.verify()[0] is Verdict.RECOGNISED, "read from the ledger, because the index is of another branch"
    indexed.follow()
    assert node.verify()[0] is Verdict.RECOGNISED
    with pytest.raises(LedgerUnavailable):
        stale.page_of_records(stale.contracts.issuer_registry, up.id, 0, 10)
