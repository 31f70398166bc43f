"""pymerkle and merkletools, asked over JSON lines. Runs in their own interpreter, without acredita.

A request is {"ask": name, ...}; hashes and data are hex. The answer is one JSON value.
"""

import json
import sys
import warnings
from typing import Any

warnings.simplefilter("ignore")  # merkletools says at import that sha3 is not there

import merkletools  # noqa: E402
import pymerkle  # noqa: E402


def grow(size: int) -> pymerkle.InmemoryTree:
    tree = pymerkle.InmemoryTree(algorithm="sha256")
    for index in range(size):
        tree.append_entry(entry(index))
    return tree


def entry(index: int) -> bytes:
    return b"entry %d" % index


def roots(request: dict[str, Any]) -> list[str]:
    tree = grow(max(request["sizes"]))
    return [tree.get_root(size).hex() for size in request["sizes"]]


def inclusions(request: dict[str, Any]) -> list[list[str]]:
    """Return paths without the leaf itself, which pymerkle puts first; its indices start at 1."""
    tree = grow(max(size for _, size in request["cases"]))
    proofs = (tree.prove_inclusion(index + 1, size).serialize() for index, size in request["cases"])
    return [proof["path"][1:] for proof in proofs]


def consistent(request: dict[str, Any]) -> list[bool]:
    """Decide whether pymerkle's proof for (old, new) leads to the given roots."""
    tree = grow(max(new for _, new in request["cases"]))
    return [_consistent(tree, case, roots) for case, roots in zip(request["cases"], request["roots"], strict=True)]


def _consistent(tree: pymerkle.InmemoryTree, case: list[int], roots: list[str]) -> bool:
    proof = tree.prove_consistency(*case)
    try:
        pymerkle.verify_consistency(*(bytes.fromhex(root) for root in roots), proof, *case)
    except pymerkle.InvalidProof:
        return False
    return True


def forgery(request: dict[str, Any]) -> dict[str, Any]:
    """Decide whether merkletools takes `target` for a leaf under the root of its own tree over `leaves`."""
    tree = merkletools.MerkleTools(hash_type="sha256")
    tree.add_leaf(request["leaves"])
    tree.make_tree()
    root = tree.get_merkle_root()
    return {"root": root, "taken": tree.validate_proof(request["proof"], request["target"], root)}


ANSWERS = {function.__name__: function for function in (roots, inclusions, consistent, forgery)}


def main() -> None:
    for line in sys.stdin:
        request = json.loads(line)
        print(json.dumps(ANSWERS[request["ask"]](request)), flush=True)


if __name__ == "__main__":
    main()
