"""The index advances only with what gives the contracts' totals, and a starved one catches up."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random

import pytest
from acredita.anchoring.ledger import LedgerUnavailable, LogQuery
from acredita.anchoring.question_batch import AnswerBatch, QuestionBatch
from acredita.anchoring.quorum import QuorumLedger
from acredita.anchoring.rpc_ledger import RpcLedger
from acredita.anchoring.types import BlockHash
from acredita.contracts import bindings
from acredita.contracts.abi import RawLog
from acredita.node.index.follower import ANEW_SECONDS, IndexFollower, IndexRun, IndexStep
from acredita.node.index.identity import INDEX_LEASE, totals_of
from acredita.node.index.window_search import MAX_HEAD_AGE
from acredita.node.storage import ledger_index
from acredita.node.storage.database import LeaseLostError
from acredita.node.storage.ledger_event_rows import IndexedEvent
from acredita.node.storage.models import LedgerEventRow, LedgerProvisionalEventRow
from acredita.registry.evidence.proven_ledger import ProvenLedger
from acredita.registry.ledger_facts.trusted_chain import development_chain
from sqlalchemy import func, select, update

from tests.node.index.followed import DrawnHistory, FollowedIndex, embedded, starving, trust_of
from tests.simulators.half_endpoint import (
    EDITS,
    Answers,
    HalfProvider,
    LogEdit,
    dropping,
    inventing,
    reordering,
    repeating,
    repeating_in_place,
    swapping,
    without,
)
from tests.simulators.installation import Installation, Issuer
from tests.simulators.ledger import Lagging, WrappedLedger
from tests.simulators.qbft_lies import false_views

MENDED = (repeating, repeating_in_place, reordering, swapping, inventing)
ADVANCED, AT_HEAD = IndexRun(IndexStep.ADVANCED), IndexRun(IndexStep.AT_HEAD)


class CountedLedger(WrappedLedger):
    """Lists the questions it is asked."""

    def __init__(self, installation: Installation) -> None:
        super().__init__(installation.ledger)
        self.questions: list[str] = []

    def around(self, name: str, call: Callable[[], object]) -> object:  # type: ignore[override]
        self.questions.append(name)
        return call()

    def batch(self, questions: QuestionBatch) -> AnswerBatch:
        self.questions.append("batch")
        return self.ledger.batch(questions)


class NarrowLedger(WrappedLedger):
    """Answers no log query over more than some blocks, as public endpoints do."""

    def __init__(self, installation: Installation, blocks: int) -> None:
        super().__init__(installation.ledger)
        self.blocks = blocks

    def logs(self, query: LogQuery) -> Sequence[RawLog]:
        if query.last - query.first >= self.blocks:
            raise LedgerUnavailable("eth_getLogs: query exceeds max block range")
        return super().logs(query)


@pytest.fixture
def history(installation: Installation, ut: Issuer) -> DrawnHistory:
    return DrawnHistory(installation, ut, Random(7))


def test_the_totals_of_the_index_are_the_contracts(index: FollowedIndex, history: DrawnHistory) -> None:
    history.act()
    assert index.follower().advance() == ADVANCED
    block, head = index.state().block, index.installation.ledger.head()
    assert block is not None
    assert (block.number, block.hash, block.time) == (head.number, head.hash, head.time)
    assert block.totals == tuple(index.installation.ledger.read(view) for view in totals_of(index.trust.contracts))
    assert index.follower().advance() == AT_HEAD


def test_a_block_costs_its_logs_and_the_totals(index: FollowedIndex, history: DrawnHistory) -> None:
    """Ask two questions for a block, whatever the height and the number of events."""
    ledger = CountedLedger(index.installation)
    follower = index.follower(ledger)
    follower.advance()
    for blocks in (0, 40):
        history.mine(blocks)
        follower.advance()
        history.act()
        ledger.questions.clear()
        assert follower.advance() == ADVANCED
        assert ledger.questions == ["head", "batch"]
    ledger.questions.clear()
    assert follower.advance() == AT_HEAD
    assert ledger.questions == ["head"]


@pytest.mark.parametrize("edit", range(len(EDITS)))
def test_a_starved_index_stays_says_why_and_catches_up(index: FollowedIndex, history: DrawnHistory, edit: int) -> None:
    """Change the logs: nothing but what gives the totals is taken, and an honest answer is enough afterwards."""
    history.act()
    index.follower().advance()
    height, before = index.height(), index.state_hash()
    for _ in range(3):
        history.act()
    ledger = starving(index.installation, _always(EDITS[edit](Random(edit))))
    run = index.follower(ledger).advance()
    if EDITS[edit] in MENDED and run == ADVANCED:  # in order, once each and asked by subject, they are whole
        followed = index.state_hash()
        index.follower().rebuild()
        assert index.state_hash() == followed
        return
    assert run.step is IndexStep.STOPPED
    assert run.fault is not None
    assert (run.fault.code, run.fault.head) == ("LEDGER_INCOMPLETE", index.installation.ledger.head().number)
    assert (index.height(), index.state_hash(), index.state().fault) == (height, before, run.fault)
    assert index.follower().advance() == ADVANCED
    assert index.state().fault is None
    assert index.height() == index.installation.ledger.head().number


def _always(edit: LogEdit) -> LogEdit:
    """Leave out the last log where the drawn edit happened to change nothing."""
    return lambda logs: edited if (edited := edit(list(logs))) != logs else logs[:-1]


def test_an_empty_window_is_checked(index: FollowedIndex, history: DrawnHistory) -> None:
    index.follower().advance()
    history.act()
    run = index.follower(starving(index.installation, lambda _: [])).advance()
    assert run.fault is not None
    assert run.fault.code == "LEDGER_INCOMPLETE"
    history.mine(1)
    index.follower().advance()
    history.mine(1)
    assert index.follower(starving(index.installation, lambda _: [])).advance() == ADVANCED, "an empty block is whole"


def test_a_fault_keeps_its_beginning(index: FollowedIndex, history: DrawnHistory) -> None:
    history.act()
    ledger = starving(index.installation, lambda logs: logs[:-1])
    first = index.follower(ledger).advance().fault
    history.act()
    second = index.follower(ledger).advance().fault
    assert first is not None
    assert second is not None
    assert first.since == second.since < index.installation.clock()
    assert index.state().block is None, "nothing was ever checked"


def test_each_endpoint_is_asked_in_turn(index: FollowedIndex, history: DrawnHistory) -> None:
    history.act()
    starved = starving(index.installation, lambda logs: logs[:-1])
    assert index.follower(QuorumLedger([starved, embedded(index.installation)])).advance() == ADVANCED


def test_endpoints_that_cannot_agree_on_logs_do_not_stop_the_index(index: FollowedIndex, history: DrawnHistory) -> None:
    history.act()
    starved = starving(index.installation, lambda logs: logs[:-1])
    assert index.follower(QuorumLedger([starved, embedded(index.installation)], agree=2)).advance() == ADVANCED


def test_two_half_endpoints_make_a_whole_one(index: FollowedIndex, history: DrawnHistory) -> None:
    for _ in range(3):
        history.act()
    first = starving(index.installation, lambda logs: logs[::2])
    second = starving(index.installation, lambda logs: logs[1::2])
    assert index.follower(QuorumLedger([first, second])).advance() == ADVANCED


def test_a_subject_that_is_left_out_of_ranges_is_fetched_by_topic(index: FollowedIndex, history: DrawnHistory) -> None:
    """Leave a key out of every answer about a range of blocks, and keep it in answers about one subject."""
    history.act()
    drop = without(bindings.KeyAdded, last=True)
    ranges = starving(index.installation, lambda logs: logs if _is_of_one(logs) else drop(logs))
    assert index.follower(ranges).advance() == ADVANCED


def _is_of_one(logs: list[dict[str, object]]) -> bool:
    return len({str(log["topics"]).split(",")[-1] for log in logs}) == 1


def test_a_long_step_waits_in_a_table_and_never_in_memory(index: FollowedIndex, history: DrawnHistory) -> None:
    """Follow through windows of three blocks, with at most two events in memory between them."""
    for _ in range(12):
        history.act()
    index.follower().advance()
    followed = index.state_hash()
    staged: list[int] = []

    class Watched(IndexFollower):
        def _stage(self, events: Sequence[IndexedEvent], anew: bool) -> None:
            staged.append(len(events))
            super()._stage(events, anew)

    narrow = NarrowLedger(index.installation, 3)
    clock = index.installation.clock
    follower = Watched(index.database, index.leases, narrow, index.trust, clock, events_in_memory=2)
    while follower.rebuild() != ADVANCED:
        staged.clear()
    assert index.state_hash() == followed
    assert len(staged) > 3
    assert max(staged) < 12
    assert sum(staged) >= len(index.events()) - 2
    with index.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(LedgerProvisionalEventRow)).scalar_one() == 0


class MiningLedger(NarrowLedger):
    """Adds blocks while it is asked for logs, as a chain does while a long catching-up asks for window after window."""

    def __init__(self, installation: Installation, history: DrawnHistory) -> None:
        super().__init__(installation, 4)
        self.history = history
        self.answered = 0

    def logs(self, query: LogQuery) -> Sequence[RawLog]:
        logs = super().logs(query)
        self.answered += 1
        if self.answered == 2:
            self.history.mine(3 * MAX_HEAD_AGE)
            self.history.act()
        return logs


def test_totals_are_asked_at_a_head_that_is_not_old(index: FollowedIndex, history: DrawnHistory) -> None:
    """Check events at a block whose state the endpoint still has, however long the windows before it took."""
    history.mine(16)
    follower = index.follower(MiningLedger(index.installation, history))
    runs = [follower.advance()]
    while runs[-1].fault is not None and len(runs) < 4:
        assert runs[-1].fault.code == "LEDGER_UNREACHABLE"
        runs.append(follower.advance())
    assert runs[-1].step is IndexStep.ADVANCED
    assert index.height() >= index.installation.ledger.head().number - MAX_HEAD_AGE


def test_a_narrow_endpoint_is_asked_in_narrow_windows(index: FollowedIndex, history: DrawnHistory) -> None:
    history.mine(30)
    follower = index.follower(NarrowLedger(index.installation, 16))
    runs = [follower.advance()]
    while runs[-1].fault is not None:
        assert runs[-1].fault.code == "LEDGER_UNREACHABLE"
        runs.append(follower.advance())
    assert len(runs) <= 2, "a run halves the window up to four times"
    assert index.height() == index.installation.ledger.head().number


def test_a_lower_head_is_lag_and_takes_nothing_back(index: FollowedIndex, history: DrawnHistory) -> None:
    history.act()
    index.follower().advance()
    height, before = index.height(), index.state_hash()
    run = index.follower(Lagging(index.installation.ledger, 2)).advance()
    assert run.fault is not None
    assert run.fault.code == "LEDGER_BEHIND"
    assert (index.height(), index.state_hash()) == (height, before)
    assert index.follower().advance() == AT_HEAD
    assert index.state().fault is None


def test_a_reorganisation_takes_back_what_it_undid(index: FollowedIndex, history: DrawnHistory) -> None:
    def seen() -> None:
        for _ in range(3):
            history.act()
            index.follower().advance()

    def instead() -> None:
        history.mine(2)
        history.act()
        history.act()

    index.follower().advance()
    before = index.events()
    history.reorganise(seen, instead)
    assert index.follower().advance() == ADVANCED
    assert index.events()[: len(before)] == before
    assert len(index.events()) > len(before)
    followed = index.state_hash()
    assert index.follower().rebuild() == ADVANCED
    assert index.state_hash() == followed


def test_a_block_that_the_trust_file_names_is_never_undone(index: FollowedIndex, history: DrawnHistory) -> None:
    """Take a pinned block off the chain: the chain is another one, and the index stays."""

    def seen() -> None:
        history.act()
        index.trust = trust_of(index.installation, pinned=index.installation.ledger.head().number)
        index.follower().advance()

    def instead() -> None:
        history.act()
        history.act()

    history.reorganise(seen, instead)
    height = index.height()
    run = index.follower().advance()
    assert run.fault is not None
    assert run.fault.code == "LEDGER_INCOMPLETE"
    assert index.height() == height


def test_another_block_under_validators_is_a_fork_and_stops(index: FollowedIndex, history: DrawnHistory) -> None:
    index.trust = trust_of(index.installation, is_qbft=True)

    def seen() -> None:
        history.act()
        index.follower().advance()

    def instead() -> None:
        history.act()
        history.act()

    history.reorganise(seen, instead)
    kept = index.state().block
    run = index.follower().advance()
    assert run.fault is not None
    assert run.fault.code == "LEDGER_FORKED"
    state = index.state()
    assert (state.block, state.fault) == (kept, run.fault)
    other = index.installation.ledger.block(index.height())
    assert other is not None
    assert state.other_header == other.header
    history.act()
    assert index.follower().advance() == run, "a fork stops the index until a person looks"
    assert index.follower().rebuild() == ADVANCED
    assert (index.state().fault, index.state().other_header) == (None, None)


def test_a_lower_head_of_another_chain_is_a_fork_too(index: FollowedIndex, history: DrawnHistory) -> None:
    index.trust = trust_of(index.installation, is_qbft=True)

    def seen() -> None:
        for _ in range(3):
            history.act()
            index.follower().advance()

    history.reorganise(seen, history.act)
    run = index.follower().advance()
    assert run.fault is not None
    assert run.fault.code == "LEDGER_FORKED"


def test_another_chain_is_named_and_a_new_trust_file_begins_anew(index: FollowedIndex, history: DrawnHistory) -> None:
    index.follower().advance()
    trust = index.trust
    index.trust = replace(trust, genesis=BlockHash(bytes(32)))
    run = index.follower().advance()
    assert run.fault is not None
    assert run.fault.code == "GENESIS_CHANGED"
    with index.database.write() as connection:
        block = index.state().block
        assert block is not None
        foreign = replace(block, identity=bytes(32))
        ledger_index.advance(connection, expected=block, kept_up_to=-1, events=index.events(), block=foreign, hashes={})
    index.trust = trust
    assert index.follower().advance() == ADVANCED
    assert index.state().block == block


def test_damaged_rows_are_replaced_by_an_index_built_anew(index: FollowedIndex, history: DrawnHistory) -> None:
    index.follower().advance()
    follower = index.follower()
    with index.database.write() as connection:
        connection.execute(update(LedgerEventRow).values(data=b""))
        block = index.state().block
        assert block is not None
        damaged = replace(block, totals=(bytes(32),) * 4)
        ledger_index.advance(connection, expected=block, kept_up_to=block.number, events=(), block=damaged, hashes={})
    history.act()
    assert follower.advance() == ADVANCED
    assert all(event.data for event in index.events())


def test_building_anew_is_not_tried_at_every_look(index: FollowedIndex, history: DrawnHistory) -> None:
    index.follower().advance()
    history.act()
    asked: list[int] = []

    def edit(logs: list[dict[str, object]]) -> list[dict[str, object]]:
        asked.append(len(logs))
        return logs[:-1]

    follower = index.follower(starving(index.installation, edit))
    for seconds, most in ((0.0, True), (1.0, False), (ANEW_SECONDS, True)):
        index.seconds[0] = seconds
        asked.clear()
        follower.advance()
        assert (max(asked) > 10) is most


def test_one_process_follows_at_a_time(index: FollowedIndex, history: DrawnHistory) -> None:
    with index.leases.held(INDEX_LEASE):
        assert index.follower().advance() == IndexRun(IndexStep.BUSY)
    assert index.follower().advance() == ADVANCED


def test_an_advance_from_another_block_than_the_stored_one_is_refused(
    index: FollowedIndex, history: DrawnHistory
) -> None:
    index.follower().advance()
    old = index.state().block
    history.act()
    index.follower().advance()
    new, before = index.state().block, index.events()
    assert new is not None
    with pytest.raises(LeaseLostError), index.database.write() as connection:
        ledger_index.advance(connection, expected=old, kept_up_to=-1, events=(), block=new, hashes={})
    with pytest.raises(LeaseLostError), index.database.write() as connection:
        ledger_index.advance(connection, expected=None, kept_up_to=-1, events=(), block=new, hashes={})
    assert index.events() == before


def test_the_hashes_of_the_last_blocks_are_kept_and_no_others(index: FollowedIndex, history: DrawnHistory) -> None:
    index.follower().advance()
    history.mine(40)
    index.follower().advance()
    with index.database.read() as connection:
        seen = ledger_index.seen_blocks(connection)
    present = [index.installation.ledger.block(number) for number, _ in seen]
    assert [block_hash for _, block_hash in seen] == [block.hash for block in present if block is not None]
    assert len(seen) < 30


def follow_drawn_history(index: FollowedIndex, rebuilt: FollowedIndex, ut: Issuer, seed: int) -> None:
    """Follow a drawn history through honest, starving and lagging endpoints, and compare with an index built anew."""
    random = Random(seed)
    history = DrawnHistory(index.installation, ut, random)

    def look() -> None:
        ledger = random.choice(
            (
                index.installation.ledger,
                starving(index.installation, dropping(seed, random.choice((0.1, 0.5)))),
                Lagging(index.installation.ledger, random.randrange(1, 3)),
            )
        )
        index.follower(ledger).advance()

    def go_on() -> None:
        for _ in range(random.randrange(1, 3)):
            history.act() if random.random() < 0.7 else history.mine(random.randrange(1, 4))
            if random.random() < 0.6:
                look()

    for _ in range(random.randrange(2, 4)):
        if random.random() < 0.5:
            history.reorganise(go_on, go_on)
        else:
            go_on()
    history.mine(4)
    assert index.follower().advance() in (ADVANCED, AT_HEAD)
    assert rebuilt.follower().rebuild() == ADVANCED
    assert index.events() == rebuilt.events()
    assert index.state_hash() == rebuilt.state_hash()


# --- by proof ---


def test_by_proof_an_endpoint_that_lies_in_every_view_feeds_the_index_nothing_false(
    index: FollowedIndex, history: DrawnHistory
) -> None:
    """Let the endpoint lie in every view: totals are proven, so the index follows; a lie in the logs stops it."""
    installation = index.installation
    for _ in range(3):
        history.act()
        head = installation.ledger.head()
        index.trust = replace(index.trust, chain=development_chain({0: index.trust.genesis, head.number: head.hash}))
        false = RpcLedger(HalfProvider(Answers(installation.rpc), [false_views(Random(1))]))
        assert index.follower(ProvenLedger(false, index.trust)).advance() == ADVANCED
        assert index.height() == head.number
    assert index.follower().advance() == AT_HEAD
    history.act()
    head = installation.ledger.head()
    index.trust = replace(index.trust, chain=development_chain({**index.trust.blocks, head.number: head.hash}))
    starved = ProvenLedger(starving(installation, dropping(1, 1.0)), index.trust)
    run = index.follower(starved).advance()
    assert run.fault is not None
    assert run.fault.code == "LEDGER_INCOMPLETE"
