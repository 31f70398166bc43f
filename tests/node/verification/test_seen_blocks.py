"""The highest block seen is kept beyond the process: no answer rests on a ledger that ends below it."""

import json
import multiprocessing
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from acredita.anchoring.ledger import Block, PartialLedgerUnavailable
from acredita.anchoring.rpc_ledger import RpcLedger
from acredita.anchoring.types import Address, BlockHash
from acredita.node.index.follower import IndexFollower
from acredita.node.index.snapshot import IndexReader
from acredita.node.index.sources import gathered_windows
from acredita.node.index.windows import LogWindows
from acredita.node.ledger.view import NodeObserver, Observations, SeenInMemory
from acredita.node.publication.trust_folder import FileRefused
from acredita.node.storage.database import Database
from acredita.node.storage.leases import Leases
from acredita.node.storage.ledger_index import IndexFault, record_fault
from acredita.node.verification.files import Moment, observe
from acredita.node.verification.seen_blocks import SeenFile
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.ledger_facts.observed_block import observed_block
from acredita.registry.ledger_facts.trust_file import Trust
from acredita.registry.ledger_facts.trusted_chain import ValidatorSet, qbft_chain

from tests.registry.world import build_anchored_world
from tests.simulators.half_endpoint import Answers, HalfProvider, heightened, rolled_back
from tests.simulators.qbft import VALIDATORS

CHAIN, OTHER = BlockHash(b"\x01" * 32), BlockHash(b"\x02" * 32)


def block(number: int) -> Block:
    return Block(number, BlockHash(number.to_bytes(32, "big")), BlockHash(bytes(32)), 0, b"")


def test_two_processes_never_lower_what_one_of_them_has_seen(tmp_path: Path) -> None:
    """Let both read the file before either writes it."""
    path = tmp_path / "folder" / "seen.json"
    first, second = SeenFile(path), SeenFile(path)
    first.note(CHAIN, block(105))
    second.note(CHAIN, block(103))
    second.note(OTHER, block(7))
    assert (SeenFile(path).highest(CHAIN), SeenFile(path).highest(OTHER)) == (105, 7)
    assert second.highest(CHAIN) == 105


def _note_all(path: Path, numbers: range) -> None:
    seen = SeenFile(path)
    for number in numbers:
        seen.note(CHAIN, block(number))


def test_many_processes_leave_one_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "seen.json"
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=_note_all, args=(path, range(start, 200, 4))) for start in (1, 2, 3, 4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0] * 4
    assert SeenFile(path).highest(CHAIN) == 199
    assert set(json.loads(path.read_text())["chains"]) == {"0x" + CHAIN.hex()}


def test_a_folder_that_cannot_be_written_changes_no_answer(tmp_path: Path) -> None:
    path = tmp_path / "a file" / "seen.json"
    path.parent.write_text("no folder")
    seen = SeenFile(path)
    seen.note(CHAIN, block(5))
    assert seen.highest(CHAIN) == 5


def test_a_spoilt_file_is_refused_at_the_start_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "seen.json"
    seen = SeenFile(path)
    path.write_text("{}")
    seen.note(CHAIN, block(5))
    assert (seen.highest(CHAIN), path.read_text()) == (5, "{}")
    with pytest.raises(FileRefused):
        SeenFile(path)


def test_a_node_that_starts_again_asks_no_ledger_below_what_it_has_seen(tmp_path: Path) -> None:
    """Name an old block in the trust file, so that only the remembered head shows the lag."""
    world, path = build_anchored_world().world, tmp_path / "seen.json"
    first = world.ledger.block(1)
    assert first is not None
    trust = world.trust(blocks={1: first.hash})
    honest = Observations(trust, world.ledger, world.entries_of, seen=SeenFile(path))
    observer = honest.now()
    assert isinstance(observer, NodeObserver)
    assert SeenFile(path).highest(trust.genesis) == 0, "an endpoint's word alone"
    assert observer.party(world.parties["up"].id) is not None
    behind = RpcLedger(HalfProvider(Answers(world.rpc), [rolled_back(1)]))
    assert isinstance(Observations(trust, behind, world.entries_of).now(), NodeObserver)
    observed = Observations(trust, behind, world.entries_of, seen=SeenFile(path)).now()
    assert isinstance(observed, Missing)
    assert observed.code == "LEDGER_BEHIND"


@pytest.mark.parametrize("number", [2**40, 2**53 - 1])
def test_a_head_of_an_endless_height_is_half_a_ledger_and_leaves_no_trace(tmp_path: Path, number: int) -> None:
    """Count the questions: a list of all pages would end the process, and one page after the other the day."""
    world, asked = build_anchored_world().world, Counter[str]()
    answers = Answers(world.rpc)

    def counted(method: str, params: list[Any]) -> dict[str, Any]:
        asked[method] += 1
        return answers(method, params)

    trust, path = world.trust(blocks={}), tmp_path / "seen.json"
    liar = RpcLedger(HalfProvider(counted, [heightened(number)]))
    by_user = observe(trust, world.entries_of, liar, Moment(1), SeenFile(path))
    by_node = Observations(trust, liar, world.entries_of, seen=SeenFile(path)).now()
    for observer in (by_user, by_node):
        assert isinstance(observer, NodeObserver)
        with pytest.raises(PartialLedgerUnavailable, match="100000 queries"):
            observer.party(world.parties["up"].id)
        with pytest.raises(PartialLedgerUnavailable, match="100000 queries"):
            observer.chain(world.parties["up"].id)
    assert asked["eth_getLogs"] == 0
    windows = LogWindows((Address(trust.contracts.council),))
    with pytest.raises(PartialLedgerUnavailable, match="100000 queries"):
        list(windows.each(liar, 0, number))
    with pytest.raises(PartialLedgerUnavailable, match="100000 queries"):
        list(gathered_windows([liar], windows, 0, number))
    honest = Observations(trust, world.ledger, world.entries_of, seen=SeenFile(path)).now()
    assert isinstance(honest, NodeObserver)


def test_a_head_whose_records_are_not_whole_is_not_remembered(tmp_path: Path) -> None:
    world, path = build_anchored_world().world, tmp_path / "seen.json"
    trust, head = world.trust(blocks={}), world.ledger.head()
    liar = RpcLedger(HalfProvider(Answers(world.rpc), [heightened(head.number + 10, lambda logs: logs[:-1])]))
    observer = observe(trust, world.entries_of, liar, Moment(1), SeenFile(path))
    assert isinstance(observer, NodeObserver)
    with pytest.raises(PartialLedgerUnavailable, match="not whole"):
        observer.party(world.parties["up"].id)
    assert SeenFile(path).highest(trust.genesis) == 0
    honest = observe(trust, world.entries_of, world.ledger, Moment(1), SeenFile(path))
    assert isinstance(honest, NodeObserver)
    assert honest.party(world.parties["up"].id) is not None
    assert SeenFile(path).highest(trust.genesis) == head.number


@pytest.mark.parametrize("distance", [0, 1, 3])
def test_another_block_in_the_place_of_the_highest_seen_is_a_fork_where_blocks_are_final(distance: int) -> None:
    world = build_anchored_world().world
    demo, ledger = world.trust(), world.ledger
    validators = ValidatorSet(1, None, tuple(one.address for one in VALIDATORS))
    trust = replace(demo, chain=qbft_chain([validators], period=2, idle=60, blocks=demo.blocks))
    head = ledger.head()
    there = ledger.block(head.number - distance)
    assert there is not None

    def answer(of: Trust, seen_hash: BlockHash) -> NodeObserver | Missing:
        """Observe the head after a block of this hash was seen below it, by a node and by a user."""
        seen, mine = SeenInMemory(), SeenInMemory()
        for each in (seen, mine):
            each.note(of.genesis, replace(there, hash=seen_hash))
        by_user = observed_block(ledger, of, None, mine)
        by_node = Observations(of, ledger, world.entries_of, seen).now()
        assert isinstance(by_user, Missing) is isinstance(by_node, Missing)
        return by_node

    forked = answer(trust, BlockHash(b"\x66" * 32))
    assert isinstance(forked, Missing)
    assert forked.code == "LEDGER_FORKED"
    assert forked.detail.startswith(f"block {there.number} was final: 0x{'66' * 32} was seen, ")
    assert isinstance(answer(trust, there.hash), NodeObserver)
    assert isinstance(answer(demo, BlockHash(b"\x66" * 32)), NodeObserver), "a development chain is reorganised"


def test_a_node_whose_index_met_a_fork_answers_at_the_block_of_the_index_alone(tmp_path: Path) -> None:
    world = build_anchored_world().world
    validators = ValidatorSet(1, None, tuple(one.address for one in VALIDATORS))
    trust = replace(world.trust(), chain=qbft_chain([validators], period=2, idle=60))
    database = Database.create(f"sqlite:///{tmp_path / 'node.db'}")
    IndexFollower(database, Leases(database, "test"), world.ledger, trust, world.clock).advance()
    observations = Observations(trust, world.ledger, world.entries_of, None, IndexReader(database, trust))
    with database.write() as connection:
        record_fault(connection, IndexFault("LEDGER_FORKED", "block 9: expected 0x01, found 0x02", 1, 9))
    assert isinstance(observations.now(), NodeObserver), "the head is the block that the index has checked"
    world.chain.mine()
    forked = observations.now()
    assert isinstance(forked, Missing)
    assert (forked.code, forked.detail) == ("LEDGER_FORKED", "block 9: expected 0x01, found 0x02")
    database.close()
