"""The whole state at the head as one compressed text, and back: `anvil_dumpState`, `anvil_loadState`.

The tries hold hashes of addresses and slots, not the addresses, so this is the tries' nodes and not Anvil's table of
accounts: a dump loads here and not there. Blocks, receipts and logs are not in it.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from typing import Any

import rlp  # type: ignore[import-untyped]
from acredita.contracts.nesting import read_nested
from acredita.devnet.blocks import BLANK_ROOT
from acredita.devnet.chain import Chain
from acredita.devnet.evm import NodeStore
from acredita.devnet.rpc.errors import invalid_params
from eth.constants import EMPTY_SHA3
from eth_hash.auto import keccak
from eth_typing import Hash32

FORMAT = "acredita-devnet-state/1"
# Unpacked size at which loading stops: 256 MiB.
DUMP_LIMIT_BYTES = 256 * 1024 * 1024


def dump_state(chain: Chain) -> bytes:
    """Dump the whole state at the head as one compressed text."""
    nodes = {"0x" + key.hex(): "0x" + value.hex() for key, value in _account_nodes(chain.nodes, chain.state_root)}
    form = {"format": FORMAT, "state_root": "0x" + chain.state_root.hex(), "nodes": nodes}
    return gzip.compress(json.dumps(form, sort_keys=True).encode(), mtime=0)


def read_dump(packed: bytes) -> tuple[Hash32, dict[bytes, bytes]]:
    """State root and nodes of a dump, every node checked against its name. Raises RpcError."""
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        form = read_nested(unpacker.decompress(packed, DUMP_LIMIT_BYTES))
        root = Hash32(bytes.fromhex(form["state_root"][2:]))
        nodes = {bytes.fromhex(key[2:]): bytes.fromhex(value[2:]) for key, value in form["nodes"].items()}
    except (zlib.error, ValueError, KeyError, TypeError, AttributeError) as error:
        raise invalid_params(f"not a state dump of this chain: {error}") from error
    if form.get("format") != FORMAT or any(keccak(value) != key for key, value in nodes.items()):
        raise invalid_params("not a state dump of this chain")
    if root != BLANK_ROOT and root not in nodes:
        raise invalid_params("the state dump lacks its root")
    return root, nodes


def _account_nodes(store: NodeStore, root: Hash32) -> Iterator[tuple[bytes, bytes]]:
    for key, value, leaves in _walk(store, root):
        yield key, value
        for leaf in leaves:
            _, _, storage_root, code_hash = rlp.decode(leaf)
            if code_hash != EMPTY_SHA3:
                yield code_hash, store[code_hash]
            for slot_key, slot_value, _ in _walk(store, storage_root):
                yield slot_key, slot_value


def _walk(store: NodeStore, root: bytes) -> Iterator[tuple[bytes, bytes, list[bytes]]]:
    """Iterate over the nodes below a root, by hash, with the values of the leaves in each."""
    if root == BLANK_ROOT:
        return
    waiting = [bytes(root)]
    while waiting:
        key = waiting.pop()
        encoded = store[key]
        leaves: list[bytes] = []
        _collect(rlp.decode(encoded), waiting, leaves)
        yield key, encoded, leaves


def _collect(node: Any, children: list[bytes], leaves: list[bytes]) -> None:
    """Sort what a node points to: hashes to follow, leaf values, and small nodes that stand inside it."""
    if len(node) == 17:
        for child in node[:16]:
            _follow(child, children, leaves)
        return
    # Hex-prefix encoding: 2 and 3 in the first nibble mark a leaf, 0 and 1 an extension.
    if node[0][0] >> 4 >= 2:
        leaves.append(node[1])
    else:
        _follow(node[1], children, leaves)


def _follow(child: Any, children: list[bytes], leaves: list[bytes]) -> None:
    if isinstance(child, list):
        _collect(child, children, leaves)
    elif child:
        children.append(child)
