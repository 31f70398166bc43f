"""Stand for the ledger of a node that was not told its endpoints yet: every question is unanswered, and says what to do."""

from typing import Any

from acredita.anchoring.ledger import LedgerUnavailable
from web3.providers.base import BaseProvider
from web3.types import RPCEndpoint, RPCResponse


class NoEndpoint(BaseProvider):
    """A provider without an endpoint behind it."""

    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        """Refuse one request. Raises LedgerUnavailable."""
        raise LedgerUnavailable("no endpoint is configured: set ledger.rpc, and run acredita node join")

    def make_batch_request(self, requests: list[tuple[RPCEndpoint, Any]]) -> list[RPCResponse] | RPCResponse:
        """Refuse a batch. Raises LedgerUnavailable."""
        raise LedgerUnavailable("no endpoint is configured: set ledger.rpc, and run acredita node join")
