"""Trees and proofs against the recursive definitions, and every mutation refused."""

import random

import pytest
from acredita.anchoring.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_path,
    implied_root,
    inclusion_path,
    leaf_hash,
    node_hash,
    root,
    root_at,
    verify_consistency,
    verify_inclusion,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.anchoring import plain

LEAVES = [leaf_hash(number.to_bytes(2, "big")) for number in range(2100)]


class Subtrees:
    """Complete subtrees of LEAVES as appending yields them; counts what is read."""

    def __init__(self, size: int) -> None:
        self._nodes: dict[tuple[int, int], bytes] = {}
        self.reads = 0
        frontier = Frontier()
        for index in range(size):
            for level, node in enumerate(frontier.append(LEAVES[index % len(LEAVES)])):
                self._nodes[level, index >> level] = node

    def __call__(self, level: int, index: int) -> bytes:
        self.reads += 1
        return self._nodes[level, index]


NODES = Subtrees(len(LEAVES))
SIZES = st.integers(1, 300)


@pytest.mark.parametrize("size", [*range(40), 511, 512, 513, 1023, 1024, 1025, 2100])
def test_the_root_is_the_same_by_every_way(size: int) -> None:
    expected = plain.mth(LEAVES[:size])
    frontier = Frontier()
    for leaf in LEAVES[:size]:
        frontier.append(leaf)
    assert root(LEAVES[:size]) == root_at(size, NODES) == frontier.root() == expected
    assert Frontier.read(size, NODES).peaks == frontier.peaks


def test_the_peaks_of_seven_leaves_are_those_drawn_in_frontier() -> None:
    frontier = Frontier()
    for leaf in LEAVES[:7]:
        frontier.append(leaf)
    a, b, c = root(LEAVES[:4]), root(LEAVES[4:6]), LEAVES[6]
    assert frontier.peaks == (a, b, c)
    assert frontier.root() == node_hash(a, node_hash(b, c))
    pair = node_hash(c, LEAVES[7])
    assert frontier.append(LEAVES[7]) == [LEAVES[7], pair, node_hash(b, pair), root(LEAVES[:8])]
    assert frontier.peaks == (root(LEAVES[:8]),)


@given(st.lists(st.integers(0, 700), max_size=4))
@settings(derandomize=True, max_examples=40)
def test_extending_in_any_steps_is_appending(steps: list[int]) -> None:
    frontier, rest = Frontier(), iter(LEAVES)
    for step in steps:
        frontier.extend(leaf for _, leaf in zip(range(step), rest, strict=False))
    total = min(sum(steps), len(LEAVES))
    assert frontier.size == total
    if total <= len(LEAVES):
        assert frontier.root() == root_at(total, NODES)


def test_every_path_up_to_40_leaves_is_the_defined_one() -> None:
    for size in range(1, 41):
        leaves = LEAVES[:size]
        for index in range(size):
            assert inclusion_path(index, size, NODES) == plain.path(index, leaves)
        for old in range(1, size):
            assert consistency_path(old, size, NODES) == plain.consistency(old, leaves)


def test_every_leaf_proves_in_every_tree_up_to_40() -> None:
    for size in range(1, 41):
        head = root(LEAVES[:size])
        for index in range(size):
            assert verify_inclusion(LEAVES[index], index, size, inclusion_path(index, size, NODES), head)


@given(SIZES, st.randoms(use_true_random=False))
@settings(derandomize=True, max_examples=150)
def test_a_mutated_inclusion_fails(size: int, chance: random.Random) -> None:
    index = chance.randrange(size)
    path, head, leaf = inclusion_path(index, size, NODES), root(LEAVES[:size]), LEAVES[index]
    assert verify_inclusion(leaf, index, size, path, head)
    for wrong in _mutations(path, chance):
        assert not verify_inclusion(leaf, index, size, wrong, head)
    assert not verify_inclusion(_flip(leaf, chance), index, size, path, head)
    assert not verify_inclusion(leaf, index, size, path, _flip(head, chance))
    for other in range(size):
        assert other == index or not verify_inclusion(leaf, other, size, path, head)
    for place in (-1, size, size + 1):
        assert not verify_inclusion(leaf, place, size, path, head)


@given(SIZES, st.integers(1, 300), st.randoms(use_true_random=False))
@settings(derandomize=True, max_examples=150)
def test_a_mutated_consistency_fails(old: int, more: int, chance: random.Random) -> None:
    new = old + more
    path = consistency_path(old, new, NODES)
    heads = root(LEAVES[:old]), root(LEAVES[:new])
    assert verify_consistency(old, new, *heads, path)
    for wrong in _mutations(path, chance):
        assert not verify_consistency(old, new, *heads, wrong)
    assert not verify_consistency(old, new, _flip(heads[0], chance), heads[1], path)
    assert not verify_consistency(old, new, heads[0], _flip(heads[1], chance), path)


def _mutations(path: list[bytes], chance: random.Random) -> list[list[bytes]]:
    """Yield paths that differ from a true one: a hash changed, dropped, doubled or added, two swapped, one cut short."""
    wrong = [[*path, bytes(32)], [bytes(32), *path]]
    for place, node in enumerate(path):
        wrong.append([*path[:place], _flip(node, chance), *path[place + 1 :]])
        wrong.append([*path[:place], *path[place + 1 :]])
        wrong.append([*path[:place], node, *path[place:]])
        wrong.append([*path[:place], node[:-1], *path[place + 1 :]])
    if len(path) > 1:
        wrong.append([path[1], path[0], *path[2:]])
    return wrong


def _flip(node: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(node))
    return node[:place] + bytes((node[place] ^ 1 << chance.randrange(8),)) + node[place + 1 :]


@pytest.mark.parametrize(("old", "new"), [(0, 0), (0, 5), (5, 5), (6, 5), (-1, 5)])
def test_consistency_is_between_a_tree_and_a_larger_one(old: int, new: int) -> None:
    head = root(LEAVES[:5])
    assert not verify_consistency(old, new, head, head, [])
    assert not verify_consistency(old, new, head, head, [head])
    with pytest.raises(ValueError, match="0 < old < new expected, found"):
        consistency_path(old, new, NODES)


def test_an_empty_path_shows_no_consistency() -> None:
    assert not verify_consistency(4, 5, root(LEAVES[:4]), root(LEAVES[:4]), [])


@pytest.mark.parametrize(("index", "size"), [(0, 0), (3, 3), (-1, 3)])
def test_no_path_for_a_leaf_that_is_not_there(index: int, size: int) -> None:
    with pytest.raises(ValueError, match=r"a leaf below .* expected, found"):
        inclusion_path(index, size, NODES)
    assert implied_root(LEAVES[0], index, size, []) is None


def test_an_inner_node_never_passes_as_a_leaf() -> None:
    inner = node_hash(LEAVES[0], LEAVES[1])
    head = root(LEAVES[:4])
    other = [node_hash(LEAVES[2], LEAVES[3])]
    assert node_hash(inner, other[0]) == head
    forged = LEAVES[0] + LEAVES[1]  # whose plain hash, without prefixes, would be the inner node
    assert not verify_inclusion(leaf_hash(forged), 0, 2, other, head)
    assert not verify_inclusion(leaf_hash(b"\x01" + forged), 0, 2, other, head)


def test_the_empty_tree() -> None:
    assert root([]) == root_at(0, NODES) == Frontier().root() == EMPTY_ROOT == plain.sha256()


def test_a_frontier_has_as_many_peaks_as_its_size_has_ones() -> None:
    with pytest.raises(ValueError, match="peaks"):
        Frontier(3, [bytes(32)])


def test_a_copied_frontier_goes_its_own_way() -> None:
    frontier = Frontier.read(5, NODES)
    twin = frontier.copy()
    twin.append(LEAVES[5])
    assert (frontier.root(), twin.root()) == (root_at(5, NODES), root_at(6, NODES))


def test_proofs_read_a_number_of_nodes_that_grows_with_the_logarithm() -> None:
    nodes = Subtrees(1 << 14)
    for size in (1 << 14, (1 << 14) - 1):
        for ask in (lambda n: inclusion_path(n // 3, n, nodes), lambda n: consistency_path(n // 3, n, nodes)):
            nodes.reads = 0
            ask(size)
            assert nodes.reads <= 2 * 14
