"""The running log: what it proposes extends what was, at a cost that grows with the logarithm."""

from collections.abc import Sequence

import pytest
from acredita.anchoring.checkpoint import CheckpointKind, opening
from acredita.anchoring.entries import Entry, EntryKind, encode, issued, opened, status_change
from acredita.anchoring.log import MemoryNodes, Node, RunningLog, in_batch_order
from acredita.anchoring.merkle import leaf_hash, root, verify_consistency, verify_inclusion
from acredita.anchoring.status_bits import EMPTY_STATUS_ROOT, StatusBits
from acredita.anchoring.types import Digest, LogId

from tests.anchoring import plain

LOG = LogId(b"\x10" * 32)
PROGRAMME = Digest(b"\xe2" * 32)


def credential(number: int) -> Entry:
    return issued(Digest(plain.sha256(number.to_bytes(4, "big"))), PROGRAMME)


class CountingNodes(MemoryNodes):
    def __init__(self) -> None:
        super().__init__()
        self.reads = self.writes = 0

    def node(self, level: int, index: int) -> bytes:
        self.reads += 1
        return super().node(level, index)

    def put(self, nodes: Sequence[Node]) -> None:
        self.writes += len(nodes)
        super().put(nodes)


def test_checkpoints_in_a_row_each_extend_the_one_before() -> None:
    log = RunningLog.start(MemoryNodes(), LOG, StatusBits())
    last, written = opening(LOG), [opened(LOG)]
    assert (log.size, log.root()) == (1, last.root)
    for batch in ([credential(1)], [credential(2), credential(3)], [status_change(EntryKind.REVOKED, 7)]):
        assert log.extend(batch) == len(written)
        written += batch
        proposed = log.propose(last, CheckpointKind.OPEN)
        roots = last.root, proposed.root
        assert proposed.root == root(leaf_hash(encode(entry)) for entry in written)
        assert verify_consistency(last.size, proposed.size, *roots, proposed.consistency_path)
        after = proposed.checkpoint(time=100 + last.time)
        assert (after.number, after.old_size, after.previous) == (last.number + 1, last.size, last.word())
        last = after
    assert last.status_root == plain.status_root(plain.status_leaves([(2, 7)]))


def test_every_entry_proves_in_every_checkpoint_that_covers_it() -> None:
    log = RunningLog.start(MemoryNodes(), LOG, StatusBits())
    leaves = [leaf_hash(encode(opened(LOG)))]
    for number in range(1, 33):
        assert log.append(credential(number)) == number
        leaves.append(leaf_hash(encode(credential(number))))
    for size in range(1, 34):
        head = plain.mth(leaves[:size])
        for index in range(size):
            assert verify_inclusion(leaves[index], index, size, log.inclusion_path(index, size), head)
    with pytest.raises(ValueError, match="33 entries"):
        log.inclusion_path(0, 34)


def test_a_log_opened_again_goes_on_as_if_it_had_never_stopped() -> None:
    nodes, straight = MemoryNodes(), RunningLog.start(MemoryNodes(), LOG, StatusBits())
    RunningLog.start(nodes, LOG, StatusBits())
    for number in range(1, 21):
        RunningLog.open(nodes, number, StatusBits()).append(credential(number))
        straight.append(credential(number))
    assert RunningLog.open(nodes, 21, StatusBits()).root() == straight.root()


def test_nothing_new_is_no_checkpoint() -> None:
    log = RunningLog.start(MemoryNodes(), LOG, StatusBits())
    with pytest.raises(ValueError, match="0 < old < new expected, found"):
        log.propose(opening(LOG), CheckpointKind.OPEN)


def test_bits_run_on_into_a_new_epoch() -> None:
    bits = StatusBits()
    bits.apply(status_change(EntryKind.REVOKED, 9))
    log = RunningLog.start(MemoryNodes(), LOG, bits)
    log.append(credential(1))
    proposed = log.propose(opening(LOG, time=5, status_root=bits.root()), CheckpointKind.OPEN)
    assert proposed.status_root == bits.root() != EMPTY_STATUS_ROOT


def test_a_batch_says_nothing_of_the_order_it_was_imported_in() -> None:
    revoke, replace = (status_change(kind, 3) for kind in (EntryKind.REVOKED, EntryKind.REPLACED))
    one = in_batch_order([credential(1), credential(2), credential(3)], [replace, revoke])
    two = in_batch_order([credential(3), credential(1), credential(2)], [replace, revoke])
    assert one == two
    assert one[3:] == [replace, revoke]


def test_a_node_is_put_once_and_in_order() -> None:
    nodes = MemoryNodes()
    nodes.put([(0, 0, bytes(32))])
    for index in (0, 2):
        with pytest.raises(RuntimeError, match="not the next"):
            nodes.put([(0, index, bytes(32))])
    for place in ((0, 1), (1, 0), (0, -1)):
        with pytest.raises(KeyError):
            nodes.node(*place)


def test_a_checkpoint_and_its_proofs_touch_nodes_by_the_logarithm() -> None:
    nodes = CountingNodes()
    log = RunningLog.start(nodes, LOG, StatusBits())
    log.extend(credential(number) for number in range(1, 5000))
    last = log.propose(opening(LOG), CheckpointKind.OPEN).checkpoint(time=1)
    nodes.reads = nodes.writes = 0
    log.append(credential(5000))
    assert nodes.writes <= 13
    log.propose(last, CheckpointKind.OPEN)
    assert nodes.reads <= 2 * 13
    nodes.reads = 0
    log.inclusion_path(1234, 5001)
    assert nodes.reads <= 2 * 13
