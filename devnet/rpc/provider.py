"""A web3 provider over an `Rpc` in the same process: the same requests and answers as over HTTP, without the socket."""

from __future__ import annotations

import json
from typing import Any, cast

from acredita.devnet.rpc.dispatch import Rpc
from web3.providers.base import JSONBaseProvider
from web3.types import RPCEndpoint, RPCResponse


class EmbeddedProvider(JSONBaseProvider):
    """`Web3(EmbeddedProvider(rpc))`. Requests are written as JSON on the way, so what works here works over HTTP."""

    def __init__(self, rpc: Rpc, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._rpc = rpc

    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        """Answer one request in this process."""
        return cast(RPCResponse, self._rpc.handle(json.loads(self.encode_rpc_request(method, params))))

    def make_batch_request(self, requests: list[tuple[RPCEndpoint, Any]]) -> list[RPCResponse] | RPCResponse:
        """Answer a batch in this process."""
        answers = self._rpc.handle(json.loads(self.encode_batch_rpc_request(requests)))
        return cast("list[RPCResponse] | RPCResponse", answers)
