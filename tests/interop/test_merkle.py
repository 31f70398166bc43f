"""Trees of implementations that are not ours: pymerkle agrees with us; merkletools takes a forgery that we refuse.

Both live in an environment of their own, `.oracles/merkle`, because pymerkle pins a cachetools that other dependencies do
not take, and merkletools installs on today's Python without its dependencies only.
"""

import hashlib
import json
import random
import subprocess
from pathlib import Path
from typing import Any

import pytest
from acredita.anchoring.log import MemoryNodes
from acredita.anchoring.merkle import (
    Frontier,
    inclusion_path,
    leaf_hash,
    root_at,
    verify_inclusion,
)

from tests.left_out import Want, leave_out

pytestmark = pytest.mark.interop

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".oracles" / "merkle" / "bin" / "python"
ORACLE = Path(__file__).parent / "merkle" / "oracle.py"

LEAVES = 10_000
LEAF_HASHES = [leaf_hash(b"entry %d" % index) for index in range(LEAVES)]


def ask(name: str, **request: Any) -> Any:
    if not PYTHON.exists():
        leave_out(Want.ORACLES, "pymerkle and merkletools")
    line = json.dumps({"ask": name, **request})
    answer = subprocess.run([PYTHON, ORACLE], input=line, capture_output=True, text=True, check=True, timeout=500)
    return json.loads(answer.stdout)


@pytest.fixture(scope="module")
def nodes() -> MemoryNodes:
    stored, frontier = MemoryNodes(), Frontier()
    for index, leaf in enumerate(LEAF_HASHES):
        stored.put([(level, index >> level, node) for level, node in enumerate(frontier.append(leaf))])
    return stored


def sizes() -> list[int]:
    chance = random.Random(6962)
    return [*range(1, 130), 255, 256, 257, 4095, 4096, 4097, *chance.sample(range(130, LEAVES), 40), LEAVES]


def test_roots_to_10_000_leaves(nodes: MemoryNodes) -> None:
    assert ask("roots", sizes=sizes()) == [root_at(size, nodes.node).hex() for size in sizes()]


def test_inclusion_paths_to_10_000_leaves(nodes: MemoryNodes) -> None:
    chance = random.Random(1)
    cases = [(chance.randrange(size), size) for size in sizes() for _ in range(2)]
    for (index, size), path in zip(cases, ask("inclusions", cases=cases), strict=True):
        assert inclusion_path(index, size, nodes.node) == [bytes.fromhex(node) for node in path]
        head = root_at(size, nodes.node)
        assert verify_inclusion(LEAF_HASHES[index], index, size, [bytes.fromhex(node) for node in path], head)


def test_pymerkle_finds_our_roots_consistent(nodes: MemoryNodes) -> None:
    """Check our roots by pymerkle's own proofs, because they have another form: they list every complete subtree."""
    chance = random.Random(2)
    cases = [(chance.randrange(1, size), size) for size in sizes() if size > 1 for _ in range(2)]
    roots = [[root_at(size, nodes.node).hex() for size in case] for case in cases]
    assert ask("consistent", cases=cases, roots=roots) == [True] * len(cases)
    swapped = [[later, earlier] for earlier, later in roots]
    assert ask("consistent", cases=cases, roots=swapped) == [False] * len(cases)


def test_merkletools_takes_an_inner_node_for_a_leaf_and_ours_does_not() -> None:
    """Show why merkletools is not used: it hashes leaves and nodes alike.

    A reader of a tree of four credentials can show an "anchored" fifth one under the same root: the 64 bytes of two
    leaf hashes.
    """
    leaves = [hashlib.sha256(b"credential %d" % number).digest() for number in range(4)]
    forged = leaves[0] + leaves[1]
    sibling = hashlib.sha256(leaves[2] + leaves[3]).digest()
    answer = ask(
        "forgery",
        leaves=[leaf.hex() for leaf in leaves],
        target=hashlib.sha256(forged).hexdigest(),
        proof=[{"right": sibling.hex()}],
    )
    assert answer["taken"] is True
    root = bytes.fromhex(answer["root"])
    for size in range(1, 6):
        for index in range(size):
            assert not verify_inclusion(leaf_hash(forged), index, size, [sibling], root)


def test_the_same_forgery_against_a_tree_of_ours() -> None:
    leaves = [leaf_hash(b"credential %d" % number) for number in range(4)]
    stored, frontier = MemoryNodes(), Frontier()
    for index, leaf in enumerate(leaves):
        stored.put([(level, index >> level, node) for level, node in enumerate(frontier.append(leaf))])
    sibling, inner = stored.node(1, 1), stored.node(1, 0)
    for forged in (leaves[0] + leaves[1], b"\x01" + leaves[0] + leaves[1]):
        assert leaf_hash(forged) != inner
        assert not verify_inclusion(leaf_hash(forged), 0, 2, [sibling], frontier.root())
