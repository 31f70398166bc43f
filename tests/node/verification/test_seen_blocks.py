"""The highest block seen is kept beyond the process: no answer rests on a ledger that ends below it."""

import json
import multiprocessing
from pathlib import Path

import pytest
from acredita.anchoring.ledger import Block
from acredita.anchoring.rpc_ledger import RpcLedger
from acredita.anchoring.types import BlockHash
from acredita.node.ledger.view import NodeObserver, Observations
from acredita.node.publication.trust_folder import FileRefused
from acredita.node.verification.seen_blocks import SeenFile
from acredita.registry.ledger_facts.facts import Missing

from tests.registry.world import build_anchored_world
from tests.simulators.half_endpoint import Answers, HalfProvider, rolled_back

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
    assert isinstance(honest.now(), NodeObserver)
    behind = RpcLedger(HalfProvider(Answers(world.rpc), [rolled_back(1)]))
    assert isinstance(Observations(trust, behind, world.entries_of).now(), NodeObserver)
    observed = Observations(trust, behind, world.entries_of, seen=SeenFile(path)).now()
    assert isinstance(observed, Missing)
    assert observed.code == "LEDGER_BEHIND"
