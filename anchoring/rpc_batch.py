"""Send several requests to a JSON-RPC endpoint in one round trip, and give each answer to the question it belongs to.

An endpoint may take no batches. Then nothing is lost: the caller asks one by one.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from acredita.anchoring.ledger import LedgerUnavailable, PartialLedgerUnavailable
from web3.providers.base import BaseProvider
from web3.types import RPCEndpoint, RPCResponse

Request = tuple[str, list[Any]]

_NOT_ADMITTED: Final = (401, 403)


class RepliesProvider(BaseProvider):
    """A provider that has the answers of one batch and no others."""

    def __init__(self, replies: Mapping[str, RPCResponse]) -> None:
        super().__init__()
        self._replies = replies

    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        """Return the answer of a request of the batch."""
        return self._replies[_key(method, params)]


def batch_replies(provider: BaseProvider, requests: Sequence[Request]) -> RepliesProvider | None:
    """Send requests together. Return their answers; None if the endpoint takes no batches. Raises LedgerUnavailable."""
    send = getattr(provider, "make_batch_request", None)
    if send is None:
        return None
    try:
        answers = send([(RPCEndpoint(method), params) for method, params in requests])
    # Beside sockets and JSON: web3 sorts the answers by their ids, whatever an endpoint has put in their place.
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise LedgerUnavailable(f"batch: {line_fault(error)}") from error
    if not isinstance(answers, list):
        return None
    if len(answers) != len(requests):
        raise PartialLedgerUnavailable(f"{len(requests)} requests in a batch, {len(answers)} answers")
    return RepliesProvider({_key(*request): answer for request, answer in zip(requests, answers, strict=True)})


def _key(method: str, params: object) -> str:
    return json.dumps([method, params])


def line_fault(error: Exception) -> str:
    """Name what failed on the line. Never the error's own text: it may hold an address or a header with a secret."""
    status = getattr(getattr(error, "response", None), "status_code", None)
    if status in _NOT_ADMITTED:
        return f"HTTP {status}: the endpoint wants a token or certificate that it accepts"
    return f"HTTP {status}" if isinstance(status, int) else type(error).__name__
