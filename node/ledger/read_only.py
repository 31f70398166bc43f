"""Open a ledger for reading alone: an endpoint by URL, or the folder of an embedded chain.

Commands that need no node (`verify`, `bundle`, `audit`) use it; a node opens its ledger by `connect`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from acredita.anchoring.ledger import Ledger
from acredita.anchoring.rpc_ledger import RpcLedger
from acredita.devnet.chain import Chain
from acredita.devnet.rpc.dispatch import Rpc
from acredita.devnet.rpc.provider import EmbeddedProvider


def ledger_over_http(url: str) -> Ledger:
    """Return the ledger behind a JSON-RPC address. Nothing is requested yet."""
    return RpcLedger.over_http(url)


@contextmanager
def chain_folder_ledger(folder: Path) -> Iterator[Ledger]:
    """Open an embedded chain's folder read-only. Raises ChainFolderError."""
    with Chain.open(folder, read_only=True) as chain:
        yield RpcLedger(EmbeddedProvider(Rpc(chain)))
