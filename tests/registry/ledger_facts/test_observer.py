"""Facts from a ledger: one block, nothing made up, nothing believed that storage does not confirm."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from acredita.anchoring.checkpoint import Checkpoint
from acredita.anchoring.entries import EntryKind
from acredita.anchoring.ledger import Ledger, LedgerUnavailable, LogQuery
from acredita.anchoring.rpc_ledger import RpcLedger
from acredita.contracts import bindings
from acredita.contracts.abi import RawLog
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.ledger_facts.issuer_log import IssuerLog
from acredita.registry.ledger_facts.observer import Observer, newest_block

from tests.registry.verification.cases import seen_at
from tests.registry.world import ACT, DAY, GENESIS_TIME, HOUR, STATUS_ONLY, Standing, party


@pytest.mark.parametrize("after", [-1, 0, 1])
def test_the_newest_block_not_after_a_moment(place: Standing, after: int) -> None:
    world = place.world
    for number in range(1, world.chain.head.number + 1, 5):
        time = world.chain.header(number).timestamp
        found = newest_block(world.ledger, time + after)
        expected = max(n for n in range(number + 2) if _time(place, n) <= time + after)
        assert found is not None
        assert found.number == expected


def _time(place: Standing, number: int) -> int:
    head = place.world.chain.head.number
    return place.world.chain.header(number).timestamp if number <= head else 2**40


def test_before_the_chain_began_there_is_no_block(place: Standing) -> None:
    assert newest_block(place.world.ledger, GENESIS_TIME - 1) is None
    first = newest_block(place.world.ledger, GENESIS_TIME)
    assert first is not None
    assert first.number == 0
    assert newest_block(place.world.ledger, None) == place.world.ledger.head()


def test_everything_is_read_at_the_block_of_the_observer(place: Standing) -> None:
    world, before = place.world, place.world.observer()
    world.pass_time(DAY)
    world.decide(world.issuers.suspend(place.up.id, ACT))
    world.anchor(place.up, changes=[(EntryKind.REVOKED, place.good.position)], kind=STATUS_ONLY)
    old = before.facts(place.up.id, place.good.programme.digest, place.receipt)
    new = world.observer().facts(place.up.id, place.good.programme.digest, place.receipt)
    assert isinstance(old.log, IssuerLog)
    assert isinstance(new.log, IssuerLog)
    assert not old.log.bits(place.good.position).revoked
    assert new.log.bits(place.good.position).revoked
    assert len(new.parties[place.up.id].transitions) == len(old.parties[place.up.id].transitions) + 1
    assert old.block_time < new.block_time


def test_facts_tell_the_chain_and_its_code(place: Standing) -> None:
    facts, trust = place.world.observer().facts(place.up.id, place.good.programme.digest, None), place.world.trust()
    assert (facts.chain_id, facts.genesis, facts.code_hashes) == (trust.chain_id, trust.genesis, trust.code_hashes)
    assert facts.stored_word is None
    assert not facts.offline


def test_a_foreign_receipt_is_not_asked_about(place: Standing) -> None:
    foreign = replace(place.receipt, issuer=party("somebody").id)
    facts = place.world.observer().facts(place.up.id, place.good.programme.digest, foreign)
    assert (facts.stored_word, facts.last_good) == (None, None)


def test_nobody_knows_an_issuer_that_never_applied(place: Standing) -> None:
    stranger = party("stranger")
    facts = place.world.observer().facts(stranger.id, b"\x01" * 32, None)
    assert facts.parties == {}
    assert facts.programmes == {}
    assert isinstance(facts.log, IssuerLog)
    assert facts.log.holds(place.good.digest) is False
    assert facts.log.time == 0


def test_the_last_good_number_is_told_of_closed_epochs_only(place: Standing) -> None:
    world = place.world
    assert world.observer().last_good(place.up.id, 1) is None
    world.anchor(place.up, [world.sign(place.up)])
    world.open_epoch(place.up, last_good=1)
    assert world.observer().last_good(place.up.id, 1) == 1
    assert world.observer().last_good(place.up.id, 2) is None


@pytest.mark.parametrize("last_good", [0, 1])
def test_the_newest_checkpoint_is_the_heads_also_when_an_epoch_has_just_opened(place: Standing, last_good: int) -> None:
    world = place.world
    assert newest(place) == world.epoch(place.up).checkpoints[-1]
    world.open_epoch(place.up, last_good=last_good)
    assert newest(place) == world.epoch(place.up).checkpoints[0]
    assert world.ledger.read(world.log.checkpoint_word(place.up.id, 2, 0)) == newest(place).word()


def newest(place: Standing) -> Checkpoint:
    return place.world.observer().newest_checkpoint(place.up.id)


def test_before_the_first_anchor_the_opening_is_the_newest_checkpoint(place: Standing) -> None:
    stranger = party("stranger")
    found = place.world.observer().newest_checkpoint(stranger.id)
    assert found.word() == place.world.ledger.read(place.world.log.checkpoint_word(stranger.id, 1, 0))


def test_an_epoch_whose_every_checkpoint_is_void_needs_no_entries(place: Standing) -> None:
    world = place.world
    world.open_epoch(place.up, last_good=0)
    observer = replace(world.observer(), entries_of=lambda issuer: {})
    log = observer.log(place.up.id)
    assert isinstance(log, IssuerLog)
    assert not log.holds(place.good.digest)


ENTRIES = {
    "nothing": lambda data: {},
    "too few": lambda data: {1: data[:-1]},
    "one edited": lambda data: {1: data[:80] + bytes([data[80] ^ 1]) + data[81:]},
    "two swapped": lambda data: {1: data[:70] + data[140:210] + data[70:140] + data[210:]},
}


@pytest.mark.parametrize("name", ENTRIES)
def test_entries_that_do_not_lead_to_the_contracts_root_are_no_log(place: Standing, name: str) -> None:
    entries = ENTRIES[name](place.world.entries_of(place.up.id)[1])
    observer = replace(place.world.observer(), entries_of=lambda issuer: entries)
    found = observer.log(place.up.id)
    assert isinstance(found, Missing)
    assert found.code == "LOG_MISSING"


def test_entries_beyond_the_last_checkpoint_do_not_count(place: Standing) -> None:
    data = place.world.entries_of(place.up.id)[1]
    observer = replace(place.world.observer(), entries_of=lambda issuer: {1: data + data[-70:]})
    assert isinstance(observer.log(place.up.id), IssuerLog)


class Forging(RpcLedger):
    """An endpoint whose events tell another root than its storage."""

    def __init__(self, honest: Ledger) -> None:
        self._honest = honest
        super().__init__(honest._provider)  # type: ignore[attr-defined]

    def logs(self, query: LogQuery) -> Sequence[RawLog]:
        return [self._forged(log) for log in self._honest.logs(query)]

    def _forged(self, log: RawLog) -> RawLog:
        event = bindings.decode_event(log)
        if not isinstance(event, bindings.Anchored):
            return log
        return replace(log, data=log.data.replace(event.root, bytes(32)))


def test_events_that_storage_does_not_confirm_are_no_answer(place: Standing) -> None:
    observer = replace(place.world.observer(), ledger=Forging(place.world.ledger))
    with pytest.raises(LedgerUnavailable, match="disagree"):
        observer.log(place.up.id)


def test_a_ledger_that_goes_back_while_it_is_read_is_no_answer(place: Standing) -> None:
    world = place.world
    with world.branch():
        world.pass_time(HOUR)
        world.chain.mine()
        world.chain.mine()
        observer = world.observer()
    with pytest.raises(LedgerUnavailable):
        observer.facts(place.up.id, place.good.programme.digest, place.receipt)


def test_an_observer_of_the_past_knows_nothing_later(place: Standing) -> None:
    observer: Observer = seen_at(place.world, place.receipt.checkpoint.time - 1)
    facts = observer.facts(place.up.id, place.good.programme.digest, place.receipt)
    assert facts.stored_word is None
