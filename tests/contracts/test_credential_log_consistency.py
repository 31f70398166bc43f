"""The contract and Python take the same consistency proofs (RFC 9162 2.1.4.2), true ones and mutated ones alike."""

import random
from collections.abc import Iterator
from dataclasses import replace

import pytest
from acredita.anchoring.checkpoint import CheckpointKind
from acredita.anchoring.log import ProposedCheckpoint
from acredita.anchoring.merkle import verify_consistency
from acredita.anchoring.types import Root

from tests.contracts.harness import UT, World, active, deploy
from tests.contracts.log_writer import Writer, call_of, flipped

LEAVES = 2500
SEED = 9162


def _world() -> tuple[World, Writer]:
    world = deploy()
    active(world, UT)
    return world, Writer(world, UT)


def _python(proposal: ProposedCheckpoint) -> bool:
    last = proposal.last
    roots = last.root, proposal.root
    return verify_consistency(last.size, proposal.size, *roots, proposal.consistency_path)


def _contract(world: World, proposal: ProposedCheckpoint) -> bool:
    """Return the answer of `eth_call`; the state does not change."""
    call = call_of(world, proposal)
    outcome = world.evm.read(call.to, call.data, UT.anchoring)
    # Any other refusal would make this comparison say nothing about paths.
    assert outcome.reason in (None, "log: path", "log: consistency")
    return outcome.accepted


def _proposal(writer: Writer, size: int) -> ProposedCheckpoint:
    """Make a true proposal for the first `size` entries of a log that is already longer."""
    nodes = writer.log
    at_size = type(nodes).open(nodes.nodes, size, nodes.status)
    return at_size.propose(writer.last, CheckpointKind.OPEN)


def test_sizes_1_to_24_exhaustively() -> None:
    world, writer = _world()
    writer.add(23)
    chance = random.Random(SEED)
    for old in range(1, 24):
        world.pass_time(1)
        for new in range(old + 1, 25):
            true = _proposal(writer, new)
            assert _python(true)
            assert _contract(world, true)
            wrong = _mutated(true, chance)
            assert _contract(world, wrong) == _python(wrong)
        assert writer.attempt(_proposal(writer, old + 1)).accepted


def _compare(proofs: int, checkpoints: int) -> tuple[int, int]:
    """Compare proofs from `checkpoints` old sizes, spread over the log; return counts of (refused, mutated)."""
    world, writer = _world()
    chance = random.Random(SEED + proofs)
    writer.add(LEAVES)
    refused = mutated = 0
    for old in sorted(chance.sample(range(2, LEAVES - 1), checkpoints)):
        assert writer.attempt(_proposal(writer, old)).accepted
        world.pass_time(1)
        for _ in range(proofs // checkpoints):
            proposal = _proposal(writer, chance.randint(old + 1, LEAVES))
            if chance.random() < 0.5:
                proposal, mutated = _mutated(proposal, chance), mutated + 1
            expected = _python(proposal)
            refused += not expected
            assert _contract(world, proposal) == expected, proposal
    return refused, mutated


def test_500_random_proofs() -> None:
    refused, mutated = _compare(500, 25)
    assert 3 * mutated >= 500
    assert mutated >= refused > mutated // 2


@pytest.mark.slow
def test_10_000_random_proofs() -> None:
    refused, mutated = _compare(10_000, 200)
    assert 3 * mutated >= 10_000
    assert mutated >= refused > mutated // 2


def _mutated(proposal: ProposedCheckpoint, chance: random.Random) -> ProposedCheckpoint:
    return chance.choice(list(_mutations(proposal, chance)))


def _mutations(proposal: ProposedCheckpoint, chance: random.Random) -> Iterator[ProposedCheckpoint]:
    """Yield one proof of each way to be wrong. A changed size alone may still be consistent; then both must say so."""
    path, size = proposal.consistency_path, proposal.size
    place = chance.randrange(len(path))
    for wrong in (
        (*path[:place], flipped(path[place], chance), *path[place + 1 :]),
        (*path[:place], *path[place + 1 :]),
        (*path[:place], path[place], *path[place:]),
        (*path, flipped(path[-1], chance)),
        (proposal.last.root, *path),
        path[::-1] if len(path) > 1 else (),
        (),
    ):
        yield replace(proposal, consistency_path=wrong)
    yield replace(proposal, root=Root(flipped(proposal.root, chance)))
    yield replace(proposal, root=proposal.last.root)
    yield replace(proposal, size=size + 1)
    yield replace(proposal, size=2 * size)
    yield replace(proposal, size=max(proposal.last.size + 1, size - 1))
    yield replace(proposal, size=2**48 - 1)
