"""The HTTP provider of a JSON-RPC endpoint, whose answers are read only as deep as one can be.

A stranger's brackets could otherwise end the process: the parser's stack is less than Python's limit (`contracts.nesting`).
"""

from typing import cast

from acredita.contracts.nesting import read_nested
from web3 import HTTPProvider
from web3.types import RPCResponse


class EndpointProvider(HTTPProvider):
    """An HTTP provider for an endpoint that is not trusted."""

    @staticmethod
    def decode_rpc_response(raw_response: bytes) -> RPCResponse:
        """Read an answer. Raises ValueError where it is no JSON, or too deep."""
        return cast(RPCResponse, read_nested(raw_response))
