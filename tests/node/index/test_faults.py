"""A fault at every outside call of a step leaves the index as it was or as it should be, and the next step ends it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random

import pytest
from acredita.contracts import bindings
from acredita.node.index.follower import IndexFollower, IndexStep
from acredita.node.index.identity import addresses_of
from acredita.node.index.provisional import EVENTS_IN_MEMORY
from acredita.node.index.snapshot import IndexReader
from acredita.node.storage.database import Database, LeaseLostError, StorageUnavailable
from acredita.node.storage.leases import Leases
from acredita.registry.keys.multikey import KeyId
from acredita.registry.ledger_facts.histories import PartyState, ProgrammeState, fold_party, fold_programme
from acredita.registry.ledger_facts.whole_records import events_of

from tests.node.index.followed import DrawnHistory, FollowedIndex, opened, trust_of
from tests.simulators.faults import Fault, FaultyDatabase, FaultyLedger, Killed, Kind
from tests.simulators.installation import ACT, Installation, Issuer

KINDS = (Kind.NOTHING_HAPPENED, Kind.IT_HAPPENED, Kind.KILLED_BEFORE, Kind.KILLED_AFTER, Kind.DISK_FULL)


@pytest.fixture
def prepared(installation: Installation, ut: Issuer, migrated: Path, tmp_path: Path) -> Iterator[FollowedIndex]:
    """Return an index whose next step takes a reorganisation back and adds events."""
    shutil.copy(migrated, tmp_path / "prepared.db")
    database = Database.open(f"sqlite:///{tmp_path / 'prepared.db'}")
    index = FollowedIndex(installation, database, trust_of(installation))
    history = DrawnHistory(installation, ut, Random(3))
    index.follower().advance()

    def seen() -> None:
        history.act()
        index.follower().advance()

    def instead() -> None:
        history.act()
        history.act()

    history.reorganise(seen, instead)
    yield index
    database.close()


@pytest.mark.parametrize("in_memory", [EVENTS_IN_MEMORY, 1], ids=["in memory", "in a table"])
def test_a_fault_at_every_call(prepared: FollowedIndex, tmp_path: Path, in_memory: int) -> None:
    before = prepared.state_hash()
    whole = Fault()
    with _copied(prepared, tmp_path) as copy:
        _step(copy, whole, in_memory)
        after = copy.state_hash()
    assert len(whole.calls) > 15
    for kind in KINDS:
        for at, call in enumerate(whole.calls):
            fault = Fault(kind, at)
            with _copied(prepared, tmp_path) as copy:
                with suppress(Killed, StorageUnavailable, LeaseLostError):
                    _step(copy, fault, in_memory)
                assert fault.struck, (kind, call)
                assert copy.state_hash() in (before, after), (kind, call)
                assert _step(copy, Fault(), in_memory) in (IndexStep.ADVANCED, IndexStep.AT_HEAD)
                assert copy.state_hash() == after, (kind, call)


@contextmanager
def _copied(prepared: FollowedIndex, folder: Path) -> Iterator[FollowedIndex]:
    path = folder / "copy.db"
    shutil.copy(prepared.database.engine.url.database or "", path)
    database = opened(path)
    try:
        yield FollowedIndex(prepared.installation, database, prepared.trust)
    finally:
        database.close()
        for file in folder.glob("copy.db*"):
            file.unlink()


def _step(index: FollowedIndex, fault: Fault, in_memory: int) -> IndexStep:
    """Take one step as a new process does."""
    database = FaultyDatabase(index.database, fault)
    leases = Leases(database, "test", ended=lambda _: True)
    ledger = FaultyLedger(index.installation.ledger, fault)
    clock = index.installation.clock
    follower = IndexFollower(database, leases, ledger, index.trust, clock, events_in_memory=in_memory)
    return follower.advance().step


def test_answers_at_past_times_are_the_contracts_own(prepared: FollowedIndex, ut: Issuer) -> None:
    """Compare states and keys, folded from the index, with the views of the contracts at random past times."""
    installation, random = prepared.installation, Random(11)
    issuers = bindings.IssuerRegistry(installation.deployment.issuer_registry)
    programmes = bindings.ProgrammeRegistry(installation.deployment.programme_registry)
    installation.decide(issuers.suspend(ut.id, ACT))
    installation.clock.now += 1_000
    installation.decide(issuers.reinstate(ut.id, ACT))
    document = bytes([7]) * 32
    installation.act(ut.control, programmes.submit(ut.id, document))
    version = bindings.programme_version(ut.id, document)
    installation.decide(programmes.approve(ut.id, document, 0, ACT))
    key = KeyId(bytes([9]) * 32)
    installation.act(ut.control, issuers.add_key(ut.id, key, bindings.KeyPurpose.ASSERTION, ACT))
    installation.clock.now += 1_000
    installation.act(ut.control, issuers.end_key(ut.id, key))
    prepared.follower().advance()

    head, stored = installation.ledger.head(), IndexReader(prepared.database, prepared.trust).stored()
    assert stored is not None
    assert stored.is_at(head)
    _, registry, versions, _ = addresses_of(prepared.trust.contracts)
    records = stored.snapshot().records(registry, ut.id)
    submitted = stored.snapshot().records(versions, version)
    party, programme = fold_party(ut.id, events_of(records)), fold_programme(events_of(submitted))
    block = installation.ledger.block(0)
    assert block is not None
    times = [random.randrange(block.time, head.time + 1) for _ in range(60)]
    times += [event.time for event in events_of([*records, *submitted])]
    states, held = set(), set()
    for t in times:
        state = party.at(t).state
        states.add(state)
        assert state.name == installation.ledger.read(issuers.state_at(ut.id, t)).name
        is_approved = programme.state_at(t) is ProgrammeState.APPROVED
        assert is_approved is installation.ledger.read(programmes.approved_at(version, t))
        held.add(party.keys[key].holds(t))
        purpose = installation.ledger.read(issuers.key_at(ut.id, key, t))
        assert (purpose is bindings.KeyPurpose.ASSERTION) is party.keys[key].holds(t)
    assert {PartyState.ACTIVE, PartyState.SUSPENDED} <= states
    assert held == {True, False}
