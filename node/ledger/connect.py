"""Open the ledger that a configuration names: endpoints by URL, the embedded chain in this process, or its folder read-only.

A node that has neither endpoints nor a chain nor a trust file is to join a chain: none is begun for it.

The opener of a ledger closes it: after its block the embedded chain's folder is free for another process.
Nothing above this module knows which of the three it talks to.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from acredita.anchoring.ledger import Ledger
from acredita.anchoring.rpc_ledger import RpcLedger
from acredita.devnet.chain import Chain
from acredita.devnet.rpc.dispatch import Rpc
from acredita.devnet.rpc.provider import EmbeddedProvider
from acredita.node.config import Configuration, LedgerSettings
from acredita.node.ledger.endpoints import open_endpoints
from acredita.node.ledger.no_endpoint import NoEndpoint

EMBEDDED_DEPTH = 0


@dataclass(frozen=True, slots=True)
class OpenLedger:
    """A ledger ready for use. `depth`: blocks that must lie on top; `rpc`: the embedded chain's own, where there is
    one.
    """

    ledger: Ledger
    depth: int
    rpc: Rpc | None


@contextmanager
def open_ledger(configuration: Configuration) -> Iterator[OpenLedger]:
    """Open the configured ledger, and ask endpoints nothing.

    Raises ChainFolderError for a chain folder that cannot be used, ConfigurationError for a file of an endpoint.
    """
    settings = configuration.ledger
    if settings.rpc:
        yield _over_http(settings)
        return
    folder = configuration.chain_folder
    if not folder.exists() and not configuration.trust_file.exists():
        yield OpenLedger(RpcLedger(NoEndpoint()), EMBEDDED_DEPTH, None)
        return
    with Chain.open(folder, read_only=settings.read_only) as chain:
        rpc = Rpc(chain)
        try:
            yield OpenLedger(RpcLedger(EmbeddedProvider(rpc)), settings.depth or EMBEDDED_DEPTH, rpc)
        finally:
            rpc.close()


def _over_http(settings: LedgerSettings) -> OpenLedger:
    if settings.depth is None:
        raise RuntimeError("a configuration with endpoints has a depth")
    return OpenLedger(open_endpoints(settings), settings.depth, None)
