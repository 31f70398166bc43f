"""Open the ledger that a configuration names: endpoints by URL, the embedded chain in this process, or its folder read-only.

The opener of a ledger closes it: after its block the embedded chain's folder is free for another process.
Nothing above this module knows which of the three it talks to.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from acredita.anchoring.ledger import Ledger
from acredita.anchoring.quorum import QuorumLedger
from acredita.anchoring.rpc_ledger import RpcLedger
from acredita.devnet.chain import Chain
from acredita.devnet.rpc.dispatch import Rpc
from acredita.devnet.rpc.provider import EmbeddedProvider
from acredita.node.config import Configuration, LedgerSettings

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
    """Open the configured ledger. Raises ChainFolderError for a chain folder that cannot be used; asks endpoints
    nothing.
    """
    settings = configuration.ledger
    if settings.rpc:
        yield _over_http(settings)
        return
    folder = configuration.chain_folder
    with Chain.open(folder, read_only=settings.read_only) as chain:
        rpc = Rpc(chain)
        try:
            yield OpenLedger(RpcLedger(EmbeddedProvider(rpc)), settings.depth or EMBEDDED_DEPTH, rpc)
        finally:
            rpc.close()


def _over_http(settings: LedgerSettings) -> OpenLedger:
    if settings.depth is None:
        raise RuntimeError("a configuration with endpoints has a depth")
    endpoints = [RpcLedger.over_http(url, settings.timeout_seconds) for url in settings.rpc]
    ledger: Ledger = endpoints[0] if len(endpoints) == 1 else QuorumLedger(endpoints, settings.agree)
    return OpenLedger(ledger, settings.depth, None)
