"""The HTTP provider of a JSON-RPC endpoint that is not trusted.

- An answer is read only as deep as one can be. A stranger's brackets could otherwise end the process: the parser's stack is
  less than Python's limit (`contracts.nesting`).
- The headers of an answer come within the read time-out as a whole (`answer_headers`), a body within ANSWER_SECONDS. The
  time-out of a socket alone counts from its last byte. A body is read up to MAX_BODY_BYTES, unpacked.
- The answers of a batch have the ids of its questions, each once.
"""

import json
import time
from collections.abc import Sequence
from typing import Any, Final, cast

from acredita.anchoring.answer_headers import TimedHeadersAdapter
from acredita.anchoring.ledger import PartialLedgerUnavailable
from acredita.contracts.nesting import read_nested
from eth_typing import URI
from urllib3.exceptions import HTTPError
from web3 import HTTPProvider
from web3.types import RPCEndpoint, RPCResponse

MAX_BODY_BYTES: Final = 64 << 20  # of one answer, unpacked
ANSWER_SECONDS: Final = 60.0  # for one body whole
READ_SECONDS: Final = 30.0  # for the headers, and for one read of a body, where whoever opens it says nothing

_PIECE_BYTES: Final = 1 << 16


class EndpointProvider(HTTPProvider):
    """An HTTP provider for an endpoint that is not trusted. `max_bytes`, `seconds`: the bounds of one body."""

    max_bytes = MAX_BODY_BYTES
    seconds = ANSWER_SECONDS

    @staticmethod
    def decode_rpc_response(raw_response: bytes) -> RPCResponse:
        """Read an answer. Raises ValueError where it is no JSON, or too deep."""
        return cast(RPCResponse, read_nested(raw_response))

    def make_batch_request(self, batch_requests: list[tuple[RPCEndpoint, Any]]) -> list[RPCResponse] | RPCResponse:
        """Send several requests. Return their answers in the order of the requests, or one error for all.

        Raises PartialLedgerUnavailable for answers with other ids, OSError, ValueError.
        """
        body = self.encode_batch_rpc_request(batch_requests)
        answers: Any = self.decode_rpc_response(self._make_request(RPCEndpoint("batch"), body))
        if not isinstance(answers, list):
            return cast(RPCResponse, answers)
        return _in_order([request["id"] for request in json.loads(body)], answers)

    def _make_request(self, method: RPCEndpoint, request_data: bytes) -> bytes:
        """Send a request and read the body of its answer within the bounds. Raises OSError."""
        uri = cast(URI, self.endpoint_uri)
        session = self._request_session_manager.cache_and_return_session(uri)
        for scheme in ("http://", "https://"):
            if not isinstance(session.get_adapter(scheme), TimedHeadersAdapter):
                session.mount(scheme, TimedHeadersAdapter())
        request = {"timeout": READ_SECONDS, **self.get_request_kwargs()}
        with session.post(uri, data=request_data, stream=True, **request) as response:
            response.raise_for_status()
            return self._body(response.raw)

    def _body(self, raw: Any) -> bytes:
        """Read a body, as its pieces come, within the bounds. Raises OSError."""
        body, end = bytearray(), time.monotonic() + self.seconds
        while piece := _piece(raw):
            body += piece
            if len(body) > self.max_bytes:
                raise BodyOverflowError(f"more than {self.max_bytes} bytes")
            if time.monotonic() > end:
                raise TimeoutError(f"more than {self.seconds:g} s")
        if raw.length_remaining:
            raise ConnectionError("the body ends before its announced length")
        return bytes(body)


class BodyOverflowError(OSError):
    """A body of more bytes than an answer may have."""


def _piece(raw: Any) -> bytes:
    """Read what has come of a body, unpacked; nothing at its end. Raises ConnectionError."""
    try:
        return cast(bytes, raw.read1(_PIECE_BYTES, decode_content=True))
    except HTTPError as error:
        raise ConnectionError(type(error).__name__) from error


def _in_order(sent: Sequence[int], answers: Sequence[Any]) -> list[RPCResponse]:
    """Return the answers in the order of the ids sent. Raises PartialLedgerUnavailable where they have not just those."""
    ids: list[Any] = [answer.get("id") if isinstance(answer, dict) else None for answer in answers]
    if not all(type(each) is int for each in ids) or sorted(ids) != sorted(sent):
        raise PartialLedgerUnavailable("the answers of a batch do not have the ids of its questions, each once")
    by_id = dict(zip(ids, answers, strict=True))
    return [by_id[each] for each in sent]
