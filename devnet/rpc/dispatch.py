"""JSON-RPC over a chain, in Anvil's shape: one request or a batch in, one answer or a list out.

Invariants: one request at a time (a lock), so any number of threads may call; an unknown method answers -32601; a request
that fails answers an error object and changes nothing. docs/devnet.md lists the offered methods and the missing ones.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any

from acredita.contracts.nesting import read_nested
from acredita.devnet.chain import Chain
from acredita.devnet.errors import ChainStorageError, ReadOnlyRefused, TransactionRefused, UnknownBlockRefused
from acredita.devnet.interval import IntervalMining
from acredita.devnet.miner import Miner
from acredita.devnet.rpc.development_methods import DevelopmentMethods
from acredita.devnet.rpc.errors import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    PARSE_ERROR,
    RpcError,
    refused,
    unknown_block,
)
from acredita.devnet.rpc.ethereum_methods import EthereumMethods
from acredita.devnet.rpc.filter_methods import FilterMethods
from acredita.devnet.rpc.parameters import Parameters
from acredita.devnet.unlocked_accounts import UnlockedAccounts

# Requests in one batch; a client that needs more sends several.
BATCH_LIMIT = 1_000
JSONRPC_VERSION = "2.0"

Method = Callable[[Parameters], Any]

_log = logging.getLogger("acredita.devnet")


class Rpc:
    """The one way in. Close it to stop interval mining; it does not close the chain."""

    def __init__(self, chain: Chain, *, automine: bool = True, block_time: float = 0.0) -> None:
        self.chain = chain
        self._lock = threading.RLock()
        self.miner = Miner(chain, automine=automine and not block_time)
        self._interval = IntervalMining(self._mine_at_interval)
        unlocked = UnlockedAccounts()
        ethereum = EthereumMethods(chain, self.miner, unlocked)
        development = DevelopmentMethods(chain, self.miner, unlocked, self._interval)
        self._methods: Mapping[str, Method] = {
            **ethereum.table(),
            **FilterMethods(chain, self.miner).table(),
            **development.table(),
        }
        self._interval.every(block_time)

    def close(self) -> None:
        """Stop interval mining."""
        self._interval.close()

    @property
    def methods(self) -> frozenset[str]:
        """The names of all methods."""
        return frozenset(self._methods)

    def handle_bytes(self, body: bytes) -> bytes:
        """Answer a request as its bytes came; the answer is empty for a batch of notifications."""
        try:
            request = read_nested(body)
        except ValueError:
            return _encoded(_error(None, PARSE_ERROR, "Parse error"))
        answer = self.handle(request)
        return b"" if answer is None else _encoded(answer)

    def handle(self, request: Any) -> Any:
        """Answer a request object or a list of them."""
        if not isinstance(request, list):
            return self._answer(request)
        if not request or len(request) > BATCH_LIMIT:
            return _error(None, INVALID_REQUEST, f"a batch holds 1 to {BATCH_LIMIT} requests")
        answers = [answer for one in request if (answer := self._answer(one)) is not None]
        return answers or None

    def _answer(self, request: Any) -> dict[str, Any] | None:
        if not isinstance(request, dict) or not isinstance(request.get("method"), str):
            return _error(None, INVALID_REQUEST, "Invalid request")
        answer = self._call(request["method"], request.get("params"), request.get("id"))
        # JSON-RPC 2.0, 4.1: a request without an id is a notification and gets no answer.
        return answer if "id" in request else None

    def _call(self, name: str, params: Any, request_id: Any) -> dict[str, Any]:
        method = self._methods.get(name)
        if method is None:
            return _error(request_id, METHOD_NOT_FOUND, "Method not found")
        if params is not None and not isinstance(params, list):
            return _error(request_id, INVALID_PARAMS, "params must be a list")
        try:
            with self._lock:
                result = method(Parameters(params or []))
        except RpcError as error:
            return _failure(request_id, error)
        except TransactionRefused as error:
            return _failure(request_id, refused(error))
        except UnknownBlockRefused as error:
            return _failure(request_id, unknown_block(error, self.chain.head.number))
        except (ReadOnlyRefused, ChainStorageError) as error:
            return _error(request_id, INTERNAL_ERROR, str(error))
        except Exception:  # noqa: BLE001
            # The outermost loop: a fault of ours must not end the server, and its words stay in the log.
            _log.exception("%s failed", name)
            return _error(request_id, INTERNAL_ERROR, "Internal error")
        return {"jsonrpc": JSONRPC_VERSION, "id": request_id, "result": result}

    def _mine_at_interval(self) -> None:
        with self._lock:
            # A request that was answered while this waited for the lock may have ended the interval.
            if self._interval.seconds:
                self.miner.mine_block()


def _failure(request_id: Any, error: RpcError) -> dict[str, Any]:
    return _error(request_id, error.code, error.message, error.data)


def _error(request_id: Any, code: int, message: str, data: object = None) -> dict[str, Any]:
    error: dict[str, Any] = {"code": code, "message": message}
    if data is not None:
        error["data"] = data
    return {"jsonrpc": JSONRPC_VERSION, "id": request_id, "error": error}


def _encoded(answer: Any) -> bytes:
    return json.dumps(answer, separators=(",", ":")).encode()
