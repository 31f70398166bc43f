"""The present on a development chain whose clock was moved ahead, and on any other."""

from acredita.anchoring.ledger import Block
from acredita.anchoring.types import BlockHash
from acredita.node.ledger.development_clock import TOLERATED_SECONDS, DevelopmentClock, NotingLedger

from tests.simulators.installation import install

NOW = 1_800_000_000


def block_at(time: int) -> Block:
    return Block(1, BlockHash(b"\x01" * 32), BlockHash(b"\x02" * 32), time, b"")


def test_a_head_far_ahead_is_the_present_and_one_nearby_is_not() -> None:
    clock = DevelopmentClock(lambda: NOW)
    clock.note(block_at(NOW + TOLERATED_SECONDS))
    assert clock() == NOW
    clock.note(block_at(NOW + 72 * 3600))
    clock.note(block_at(NOW))  # an older block takes nothing back
    assert clock() == NOW + 72 * 3600


def test_blocks_are_noted_as_they_are_read() -> None:
    installation = install()
    head = installation.ledger.head()
    clock = DevelopmentClock(lambda: head.time - 3600)
    noting = NotingLedger(installation.ledger, clock)
    assert noting.chain_id() == installation.ledger.chain_id()
    assert clock() == head.time - 3600
    assert noting.block(head.number) == head
    assert clock() == head.time
    assert noting.block(head.number + 1) is None
