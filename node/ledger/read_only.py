"""Open a ledger for reading alone: an endpoint by URL, endpoints of a file, or the folder of an embedded chain.

Commands that need no node (`verify`, `bundle`, `audit`) use it; a node opens its ledger by `connect`.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from acredita.anchoring.ledger import Ledger
from acredita.anchoring.rpc_ledger import RpcLedger
from acredita.devnet.chain import Chain
from acredita.devnet.rpc.dispatch import Rpc
from acredita.devnet.rpc.provider import EmbeddedProvider
from acredita.node.config import ConfigurationError, LedgerSettings, load_endpoints, read_endpoint
from acredita.node.ledger.endpoints import open_endpoints

_ADDRESS: Final = re.compile(r"https?://", re.IGNORECASE)


def ledger_over_http(rpc: str) -> Ledger:
    """Return the ledger behind a JSON-RPC address, or behind the endpoints in the [ledger] section of a file.

    Nothing is requested yet. Raises ConfigurationError.
    """
    return open_endpoints(endpoint_settings(rpc))


def endpoint_settings(rpc: str) -> LedgerSettings:
    """Read a JSON-RPC address, or the [ledger] section of a file. Raises ConfigurationError."""
    if _ADDRESS.match(rpc):
        return LedgerSettings(rpc=(read_endpoint(rpc),))
    if not rpc.strip():
        raise ConfigurationError("an address or a file expected, found nothing")  # Path("") is the folder it stands in
    return load_endpoints(Path(rpc))


@contextmanager
def chain_folder_ledger(folder: Path) -> Iterator[Ledger]:
    """Open an embedded chain's folder read-only. Raises ChainFolderError."""
    with Chain.open(folder, read_only=True) as chain:
        yield RpcLedger(EmbeddedProvider(Rpc(chain)))
