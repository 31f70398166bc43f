"""Status bits follow entries only, and the incremental tree is the defined one."""

import pytest
from acredita.anchoring import status_bits
from acredita.anchoring.entries import EntryKind, issued, status_change
from acredita.anchoring.merkle import node_hash
from acredita.anchoring.status_bits import (
    CLEAR,
    EMPTY_STATUS_ROOT,
    BeyondProof,
    LeafProof,
    Status,
    StatusBits,
    StatusProofRefused,
    StatusPurpose,
    verify_leaf,
)
from acredita.anchoring.types import Digest, Root
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.anchoring import plain

LIST = 2**17
KINDS = st.sampled_from([2, 3, 4, 5])
# Near the edges of lists and chunks, where off-by-one lives, and anywhere in five lists.
POSITIONS = st.one_of(
    st.builds(lambda base, step: max(0, base + step), st.sampled_from([0, 256, LIST, 2 * LIST]), st.integers(-2, 2)),
    st.integers(0, 5 * LIST - 1),
)
CHANGES = st.lists(st.tuples(KINDS, POSITIONS), max_size=12)


def bits_after(changes: list[tuple[int, int]]) -> StatusBits:
    bits = StatusBits()
    bits.replay(status_change(EntryKind(kind), position) for kind, position in changes)
    return bits


@given(CHANGES, CHANGES)
@settings(derandomize=True, max_examples=25, deadline=None)
def test_the_root_is_the_defined_one_also_when_it_was_asked_between(
    before: list[tuple[int, int]], after: list[tuple[int, int]]
) -> None:
    bits = bits_after(before)
    bits.root()
    twin = bits.copy()
    for value in (bits, twin):
        value.replay(status_change(EntryKind(kind), position) for kind, position in after)
    assert twin.root() == bits.root()
    assert bits.root() == plain.status_root(plain.status_leaves([*before, *after]))
    assert bits.root() == bits_after([*before, *after]).root()


@given(CHANGES, POSITIONS)
@settings(derandomize=True, max_examples=60, deadline=None)
def test_every_position_proves_its_bits(changes: list[tuple[int, int]], position: int) -> None:
    bits = bits_after(changes)
    root = bits.root()
    for at in {position, *(place for _, place in changes)}:
        assert verify_leaf(root, at, bits.prove(at)) == bits.status(at) == _model(changes, at)


def _model(changes: list[tuple[int, int]], position: int) -> Status:
    kinds = [kind for kind, place in changes if place == position]
    suspensions = [kind for kind in kinds if kind in (3, 4)]
    return Status(revoked=2 in kinds, suspended=suspensions[-1:] == [3], replaced=5 in kinds)


def test_no_lists_have_the_known_root() -> None:
    assert StatusBits().root().hex() == "43b73d55ce889fe00a1469d56603b4db1edc6106cd9b52808f12f38779c8e76d"
    assert StatusBits().root() == EMPTY_STATUS_ROOT


def test_entries_that_move_no_bit() -> None:
    bits = bits_after([])
    bits.apply(issued(Digest(bytes(32)), Digest(bytes(32))))
    assert bits.lists == 0
    bits = bits_after([(4, 2 * LIST)])
    assert bits.lists == 3
    assert bits.root() == plain.status_root(plain.status_leaves([(4, 2 * LIST)]))
    bits = bits_after([(2, 9), (2, 9)])
    assert bits.root() == bits_after([(2, 9)]).root()


def test_revocation_is_never_taken_back() -> None:
    assert bits_after([(2, 9), (4, 9)]).status(9).revoked


def test_a_position_beyond_the_lists_is_clear() -> None:
    bits = bits_after([(2, 0)])
    proof = bits.prove(LIST)
    assert isinstance(proof, BeyondProof)
    assert verify_leaf(bits.root(), LIST, proof) == CLEAR
    with pytest.raises(StatusProofRefused):
        verify_leaf(bits.root(), 0, proof)


def test_the_bitstring_has_position_0_left_most() -> None:
    bits = bits_after([(2, LIST), (2, LIST + 9), (3, LIST + 1)])
    revoked = bits.bitstring(1, StatusPurpose.REVOCATION)
    assert (len(revoked), revoked[0], revoked[1]) == (LIST // 8, 0b1000_0000, 0b0100_0000)
    assert bits.bitstring(1, StatusPurpose.SUSPENSION)[0] == 0b0100_0000
    assert not any(bits.bitstring(0, StatusPurpose.REVOCATION))


def test_a_copy_goes_its_own_way() -> None:
    bits = bits_after([(2, 5), (3, LIST)])
    root, twin = bits.root(), bits.copy()
    twin.apply(status_change(EntryKind.REVOKED, 6))
    assert twin.root() == bits_after([(2, 5), (3, LIST), (2, 6)]).root()
    assert bits.root() == root
    assert bits.status(6) == CLEAR


def test_a_copy_hashes_what_it_changes_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    bits = bits_after([(2, number * LIST) for number in range(8)])
    bits.root()
    hashed: list[bytes] = []

    def noted(left: bytes, right: bytes) -> bytes:
        hashed.append(node_hash(left, right))
        return hashed[-1]

    monkeypatch.setattr(status_bits, "node_hash", noted)
    twin = bits.copy()
    twin.apply(status_change(EntryKind.REVOKED, 7 * LIST + 300))
    twin.root()
    in_its_list, above = 9, 3
    assert len(hashed) == in_its_list + above


def test_more_lists_than_are_kept_at_hand() -> None:
    changes = [(2, number * LIST + number) for number in range(70)] + [(3, 0), (3, 35 * LIST)]
    bits = bits_after(changes[:70])
    bits.root()
    bits.replay(status_change(EntryKind(kind), position) for kind, position in changes[70:])
    assert bits.root() == plain.status_root(plain.status_leaves(changes))


LEAF_BITS = bits_after([(2, 5), (3, 300), (5, LIST + 7)])


@pytest.mark.parametrize("part", ["leaf", "path", "order", "lists", "position", "root", "long", "short", "bare"])
def test_a_mutated_proof_shows_nothing(part: str) -> None:
    root, position = LEAF_BITS.root(), 5
    proof = LEAF_BITS.prove(position)
    assert isinstance(proof, LeafProof)
    lists, leaf, path = proof.lists, proof.leaf, proof.path
    match part:
        case "leaf":
            proof = LeafProof(lists, leaf[:9] + bytes(96), path)
        case "path":
            proof = LeafProof(lists, leaf, (bytes(32), *path[1:]))
        case "order":
            proof = LeafProof(lists, leaf, (path[1], path[0], *path[2:]))
        case "lists":
            proof = LeafProof(lists + 1, leaf, path)
        case "position":
            position = 300
        case "root":
            root = Root(bytes(32))
        case "long":
            proof = LeafProof(lists, leaf, (*path, bytes(32)))
        case "short":
            proof = LeafProof(lists, leaf, path[:-1])
        case "bare":
            proof = LeafProof(lists, b"", path)
    with pytest.raises(StatusProofRefused):
        verify_leaf(root, position, proof)


@pytest.mark.parametrize("position", [-1, 0xFFFFFFFF, 1 << 40])
def test_a_position_that_can_not_be_drawn_has_no_status(position: int) -> None:
    with pytest.raises(StatusProofRefused):
        verify_leaf(LEAF_BITS.root(), position, LEAF_BITS.prove(5))


def test_a_leaf_of_another_list_does_not_answer() -> None:
    bits = bits_after([(2, 5), (2, LIST + 6)])
    with pytest.raises(StatusProofRefused):
        verify_leaf(bits.root(), LIST + 5, bits.prove(5))
