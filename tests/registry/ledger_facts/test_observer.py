"""Facts from a ledger: one block, nothing made up, nothing believed that storage does not confirm."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

import pytest
from acredita.anchoring.checkpoint import Checkpoint
from acredita.anchoring.entries import EntryKind
from acredita.anchoring.ledger import BlockName, Ledger, LedgerUnavailable, LogQuery
from acredita.anchoring.rpc_ledger import RpcLedger
from acredita.contracts import bindings
from acredita.contracts.abi import RawLog, View
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.ledger_facts.issuer_log import IssuerLog
from acredita.registry.ledger_facts.log_entries import EntriesAtHand
from acredita.registry.ledger_facts.observed_block import newest_block
from acredita.registry.ledger_facts.observer import Observer

from tests.registry.verification.cases import seen_at
from tests.registry.world import ACT, DAY, GENESIS_TIME, HOUR, STATUS_ONLY, AnchoredWorld, party

T = TypeVar("T")


@pytest.mark.parametrize("after", [-1, 0, 1])
def test_the_newest_block_not_after_a_moment(anchored: AnchoredWorld, after: int) -> None:
    world = anchored.world
    for number in range(1, world.chain.head.number + 1, 5):
        time = world.chain.header(number).timestamp
        found = newest_block(world.ledger, world.ledger.head(), time + after)
        expected = max(n for n in range(number + 2) if _time(anchored, n) <= time + after)
        assert found is not None
        assert found.number == expected


def _time(anchored: AnchoredWorld, number: int) -> int:
    head = anchored.world.chain.head.number
    return anchored.world.chain.header(number).timestamp if number <= head else 2**40


def test_before_the_chain_began_there_is_no_block(anchored: AnchoredWorld) -> None:
    ledger, head = anchored.world.ledger, anchored.world.ledger.head()
    assert newest_block(ledger, head, GENESIS_TIME - 1) is None
    first = newest_block(ledger, head, GENESIS_TIME)
    assert first is not None
    assert first.number == 0
    assert newest_block(ledger, head, None) == head


def test_everything_is_read_at_the_block_of_the_observer(anchored: AnchoredWorld) -> None:
    world, before = anchored.world, anchored.world.observer()
    world.pass_time(DAY)
    world.decide(world.issuers.suspend(anchored.up.id, ACT))
    world.anchor(anchored.up, changes=[(EntryKind.REVOKED, anchored.good.position)], kind=STATUS_ONLY)
    old = before.facts(anchored.up.id, anchored.good.programme.digest, anchored.receipt)
    new = world.observer().facts(anchored.up.id, anchored.good.programme.digest, anchored.receipt)
    assert isinstance(old.log, IssuerLog)
    assert isinstance(new.log, IssuerLog)
    assert not old.log.bits(anchored.good.position).revoked
    assert new.log.bits(anchored.good.position).revoked
    assert len(new.parties[anchored.up.id].transitions) == len(old.parties[anchored.up.id].transitions) + 1
    assert old.block_time < new.block_time


def test_facts_tell_the_chain_and_its_code(anchored: AnchoredWorld) -> None:
    facts, trust = (
        anchored.world.observer().facts(anchored.up.id, anchored.good.programme.digest, None),
        anchored.world.trust(),
    )
    assert (facts.chain_id, facts.genesis, facts.code_hashes) == (trust.chain_id, trust.genesis, trust.code_hashes)
    assert facts.stored_word is None
    assert not facts.offline


def test_a_foreign_receipt_is_not_asked_about(anchored: AnchoredWorld) -> None:
    foreign = replace(anchored.receipt, issuer=party("somebody").id)
    facts = anchored.world.observer().facts(anchored.up.id, anchored.good.programme.digest, foreign)
    assert (facts.stored_word, facts.last_good) == (None, None)


def test_nobody_knows_an_issuer_that_never_applied(anchored: AnchoredWorld) -> None:
    stranger = party("stranger")
    facts = anchored.world.observer().facts(stranger.id, b"\x01" * 32, None)
    assert facts.parties == {}
    assert facts.programmes == {}
    assert isinstance(facts.log, IssuerLog)
    assert facts.log.holds(anchored.good.digest) is False
    assert facts.log.time == 0


def test_the_last_good_number_is_told_of_closed_epochs_only(anchored: AnchoredWorld) -> None:
    world = anchored.world
    assert world.observer().last_good(anchored.up.id, 1) is None
    world.anchor(anchored.up, [world.sign(anchored.up)])
    world.open_epoch(anchored.up, last_good=1)
    assert world.observer().last_good(anchored.up.id, 1) == 1
    assert world.observer().last_good(anchored.up.id, 2) is None


@pytest.mark.parametrize("last_good", [0, 1])
def test_the_newest_checkpoint_is_the_heads_also_when_an_epoch_has_just_opened(
    anchored: AnchoredWorld, last_good: int
) -> None:
    world = anchored.world
    assert newest(anchored) == world.epoch(anchored.up).checkpoints[-1]
    world.open_epoch(anchored.up, last_good=last_good)
    assert newest(anchored) == world.epoch(anchored.up).checkpoints[0]
    assert world.ledger.read(world.log.checkpoint_word(anchored.up.id, 2, 0)) == newest(anchored).word()


def newest(anchored: AnchoredWorld) -> Checkpoint:
    return anchored.world.observer().newest_checkpoint(anchored.up.id)


def test_before_the_first_anchor_the_opening_is_the_newest_checkpoint(anchored: AnchoredWorld) -> None:
    stranger = party("stranger")
    found = anchored.world.observer().newest_checkpoint(stranger.id)
    assert found.word() == anchored.world.ledger.read(anchored.world.log.checkpoint_word(stranger.id, 1, 0))


def test_an_epoch_whose_every_checkpoint_is_void_needs_no_entries(anchored: AnchoredWorld) -> None:
    world = anchored.world
    world.open_epoch(anchored.up, last_good=0)
    observer = replace(world.observer(), entries_of=lambda issuer: EntriesAtHand())
    log = observer.log(anchored.up.id)
    assert isinstance(log, IssuerLog)
    assert not log.holds(anchored.good.digest)


ENTRIES = {
    "nothing": lambda data: {},
    "too few": lambda data: {1: data[:-1]},
    "one edited": lambda data: {1: data[:80] + bytes([data[80] ^ 1]) + data[81:]},
    "two swapped": lambda data: {1: data[:70] + data[140:210] + data[70:140] + data[210:]},
}


@pytest.mark.parametrize("name", ENTRIES)
def test_entries_that_do_not_lead_to_the_contracts_root_are_no_log(anchored: AnchoredWorld, name: str) -> None:
    entries = EntriesAtHand(ENTRIES[name](anchored.world.entries_of(anchored.up.id).by_epoch[1]))
    observer = replace(anchored.world.observer(), entries_of=lambda issuer: entries)
    found = observer.log(anchored.up.id)
    assert isinstance(found, Missing)
    assert found.code == "LOG_MISSING"


def test_entries_beyond_the_last_checkpoint_do_not_count(anchored: AnchoredWorld) -> None:
    data = anchored.world.entries_of(anchored.up.id).by_epoch[1]
    observer = replace(anchored.world.observer(), entries_of=lambda issuer: EntriesAtHand({1: data + data[-70:]}))
    assert isinstance(observer.log(anchored.up.id), IssuerLog)


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


def test_events_that_storage_does_not_confirm_are_no_answer(anchored: AnchoredWorld) -> None:
    observer = replace(anchored.world.observer(), ledger=Forging(anchored.world.ledger))
    with pytest.raises(LedgerUnavailable, match="no event of the log gives the word"):
        observer.log(anchored.up.id)


class HeadDenying(RpcLedger):
    """An endpoint that states an empty head, although its events are all there."""

    def __init__(self, honest: Ledger, head: View[int]) -> None:
        super().__init__(honest._provider)  # type: ignore[attr-defined]
        self._head = head

    def read(self, view: View[T], block: BlockName | None = None) -> T:
        return view.decode(bytes(32)) if view.data == self._head.data else super().read(view, block)


def test_a_head_below_the_newest_event_is_no_answer(anchored: AnchoredWorld) -> None:
    observer = anchored.world.observer()
    head = bindings.CredentialLog(observer.contracts.credential_log).head(anchored.up.id)
    denying = replace(observer, ledger=HeadDenying(anchored.world.ledger, head))
    with pytest.raises(LedgerUnavailable, match="the events end at"):
        denying.log(anchored.up.id)


def test_a_ledger_that_goes_back_while_it_is_read_is_no_answer(anchored: AnchoredWorld) -> None:
    world = anchored.world
    with world.branch():
        world.pass_time(HOUR)
        world.chain.mine()
        world.chain.mine()
        observer = world.observer()
    with pytest.raises(LedgerUnavailable):
        observer.facts(anchored.up.id, anchored.good.programme.digest, anchored.receipt)


def test_an_observer_of_the_past_knows_nothing_later(anchored: AnchoredWorld) -> None:
    observer: Observer = seen_at(anchored.world, anchored.receipt.checkpoint.time - 1)
    facts = observer.facts(anchored.up.id, anchored.good.programme.digest, anchored.receipt)
    assert facts.stored_word is None
