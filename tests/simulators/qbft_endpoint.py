"""The JSON-RPC endpoint of one QBFT validator: its own head, its own copies of blocks, in one of Besu's dialects.

In process it is a function of method and parameters, as `half_endpoint` takes one; `listening` serves it on loopback.
"""

import copy
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from acredita.anchoring.rpc_ledger import RpcLedger
from acredita.devnet.blocks import decode_transaction
from acredita.devnet.errors import Refusal, UnknownBlockRefused
from requests import HTTPError

from tests.simulators import endpoint
from tests.simulators.half_endpoint import Ask, HalfProvider, Manner, failing
from tests.simulators.qbft import QbftNetwork
from tests.simulators.qbft_dialects import PENDING_IS_LATEST, BeyondHead, Dialect, RevertShape

Answer = dict[str, Any]

STATE_BLOCKS = {
    "eth_call": 1,
    "eth_estimateGas": 1,
    "eth_getBalance": 1,
    "eth_getCode": 1,
    "eth_getTransactionCount": 1,
    "eth_getProof": 2,
    "eth_getStorageAt": 2,
}
"""Place of the block among the parameters of each question about state."""
TAGS_OF_THE_HEAD = frozenset({"latest", "pending", "safe", "finalized"})
HASH_CHARACTERS = 66
SYNCING_FROM = 2  # blocks behind, from which Besu says that it is syncing
UNAUTHORISED_ANSWER = {"code": -40100, "message": "Unauthorized"}
NOT_ALLOWED = (-32007, "Sender account not authorized to send transactions")
PRICE_TOO_LOW = (-32009, "Gas price below configured minimum gas price")
REFUSALS = {
    Refusal.NONCE_TOO_LOW: (-32001, "Nonce too low"),
    Refusal.ALREADY_KNOWN: (-32000, "Known transaction"),
    Refusal.UNDERPRICED: (-32000, "Replacement transaction underpriced"),
    Refusal.UNDECODABLE: (-32602, "Invalid params"),
    Refusal.SENDER_NOT_ALLOWED: NOT_ALLOWED,
}
"""Besu's words (RpcErrorType.java) for the embedded chain's."""
CLIENT = "besu/v26.2.0/linux-x86_64/openjdk-java-21"  # the form of Besu's words
BLOCK_NOT_FOUND = (-32000, "Block not found")
NO_STATE = (-32000, "World state unavailable")


@dataclass
class QbftEndpoint:
    """A validator as its clients meet it. `place`: its number in the network.

    `chain_answers`: the embedded chain's own answers, kept while it stands still; None asks it each time.
    """

    network: QbftNetwork
    place: int
    dialect: Dialect = PENDING_IS_LATEST
    chain_answers: Ask | None = None
    _copies: dict[str, str] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        if self.dialect.least_price:
            self.network.least_prices = dict.fromkeys(range(len(self.network.validators)), self.dialect.least_price)

    def __call__(self, method: str, params: list[Any]) -> Answer:
        """Answer one question in process, where nobody has the token."""
        if self.dialect.token is not None:
            raise HTTPError("401 Client Error: Unauthorized")
        return self.answer(method, params)

    @property
    def head(self) -> int:
        """The height that this validator has reached."""
        return self.network.head_of(self.place)

    def ledger(self, *manners: Manner) -> RpcLedger:
        """Return the ledger behind this endpoint, in process; `manners` change questions and answers."""
        return RpcLedger(HalfProvider(self, manners))

    @contextmanager
    def listening(self) -> Iterator[str]:
        """Serve JSON-RPC on loopback until the block ends; yield the address."""
        with endpoint.listening(_handler(self)) as url:
            yield url

    def answer(self, method: str, params: list[Any]) -> Answer:
        """Answer one question. Raises ConnectionError while the validator is down."""
        if self.place in self.network.down:
            raise ConnectionError("the validator is down")
        params = copy.deepcopy(list(params))
        if method in STATE_BLOCKS:
            return self._state(method, params)
        if method == "eth_getBlockByNumber":
            return self._block(self._height(params[0]), params)
        if method == "eth_getBlockByHash":
            return self._block(self._height({"blockHash": params[0]}), params)
        own = {
            "eth_blockNumber": lambda: hex(self.head),
            "eth_syncing": self._syncing,
            "web3_clientVersion": lambda: CLIENT,
            "net_peerCount": lambda: hex(len(self.network.up) - 1),
            "qbft_getValidatorsByBlockNumber": self._validators,
            "qbft_getSignerMetrics": self._signers,
        }
        if method in own:
            return _result(own[method]())
        if method == "eth_getLogs":
            return self._logs(params[0])
        if method == "eth_sendRawTransaction":
            return self._send(params)
        return self._unknown_above_head(self._ask(method, params))

    def _ask(self, method: str, params: list[Any]) -> Answer:
        if self.chain_answers is not None:
            return self.chain_answers(method, params)
        request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        answer: Answer = json.loads(json.dumps(self.network.rpc.handle(request)))
        return answer

    # ---- blocks -----------------------------------------------------------------------------------------------

    def _height(self, block: Any) -> int | None:
        """Return the height of a block by its name; None for a hash that this validator does not have."""
        if isinstance(block, dict):
            block = block.get("blockHash") or block.get("blockNumber")
        if block in TAGS_OF_THE_HEAD or block is None:
            return self.head
        if block == "earliest":
            return 0
        if len(block) < HASH_CHARACTERS:
            return int(block, 16)
        try:
            height = self.network.chain.number_of(bytes.fromhex(block[2:]))
        except UnknownBlockRefused:
            return None
        return height if height <= self.head else None

    def _block(self, height: int | None, params: list[Any]) -> Answer:
        if height is None or height > self.head:
            return _result(None)
        question = json.dumps([self.network.chain.header(height).hash.hex(), *params[1:]])
        if question not in self._copies:
            answer = self._ask("eth_getBlockByNumber", [hex(height), *params[1:]])
            own = self.network.copy_of(self.place, self.network.chain.header(height))
            answer["result"]["extraData"] = "0x" + own.hex()
            self._copies[question] = json.dumps(answer)
        kept: Answer = json.loads(self._copies[question])
        return kept

    def _unknown_above_head(self, answer: Answer) -> Answer:
        """Answer null for what is in a block that this validator does not have yet."""
        result = answer.get("result")
        above = isinstance(result, dict) and int(result.get("blockNumber") or "0x0", 16) > self.head
        return _result(None) if above else answer

    # ---- state ------------------------------------------------------------------------------------------------

    def _state(self, method: str, params: list[Any]) -> Answer:
        place = STATE_BLOCKS[method]
        named = params[place] if len(params) > place else "latest"
        height = self._height(named)
        if height is None or height > self.head:
            return _result(None) if self.dialect.future_is_null else failing(*_said(BLOCK_NOT_FOUND))
        window = self.dialect.state_window
        if window is not None and height < self.head - window:
            return failing(*_said(NO_STATE))
        waits = method == "eth_getTransactionCount" or not self.dialect.pending_is_latest
        is_pending = named == "pending" and waits and self.head == self.network.chain.head.number
        params[place:] = ["pending" if is_pending else hex(height)]
        return self._reverted(self._ask(method, params))

    def _reverted(self, answer: Answer) -> Answer:
        """Tell a revert as Besu does: without data it is an internal error, whatever the contract meant."""
        error = answer.get("error")
        if error is None or error["code"] != 3:
            return answer
        if error.get("data", "0x") == "0x":
            return failing("Internal error", -32603)
        code = -32000 if self.dialect.revert is RevertShape.SERVER_ERROR else 3
        answer = failing("Execution reverted", code)
        if self.dialect.revert is not RevertShape.NO_DATA:
            answer["error"]["data"] = error["data"]
        return answer

    # ---- logs -------------------------------------------------------------------------------------------------

    def _logs(self, query: dict[str, Any]) -> Answer:
        if "blockHash" in query:
            height = self._height(query)
            return failing(*_said(BLOCK_NOT_FOUND)) if height is None else self._ask("eth_getLogs", [query])
        first, last = self._height(query.get("fromBlock", "earliest")), self._height(query.get("toBlock"))
        if first is None or last is None or last < first:
            return failing("Invalid params", -32602)
        if last <= self.head:
            return self._ask("eth_getLogs", [{**query, "toBlock": hex(last)}])
        match self.dialect.beyond_head:
            case BeyondHead.ERROR:
                return failing("Invalid params", -32602)
            case BeyondHead.PARTIAL if first <= self.head:
                return self._ask("eth_getLogs", [{**query, "toBlock": hex(self.head)}])
        return _result([])

    # ---- transactions -----------------------------------------------------------------------------------------

    def _send(self, params: list[Any]) -> Answer:
        if not self.dialect.senders_allowed:
            return failing(*_said(NOT_ALLOWED))
        price = decode_transaction(bytes.fromhex(params[0][2:])).max_priority_fee_per_gas
        if self.dialect.least_price == 0 and price < self.network.least_prices.get(self.place, 0):
            return failing(*_said(PRICE_TOO_LOW))
        answer = self._ask("eth_sendRawTransaction", params)
        words = answer.get("error", {}).get("message", "")
        refusal = next((said for start, said in REFUSALS.items() if words.startswith(start)), None)
        return answer if refusal is None else failing(*_said(refusal))

    # ---- the network ------------------------------------------------------------------------------------------

    def _syncing(self) -> object:
        behind = self.network.chain.head.number - self.head
        if behind < SYNCING_FROM:
            return False
        highest = hex(self.network.chain.head.number)
        return {"startingBlock": "0x0", "currentBlock": hex(self.head), "highestBlock": highest}

    def _validators(self) -> list[str]:
        return sorted("0x" + validator.address.hex() for validator in self.network.validators)

    def _signers(self) -> list[dict[str, str]]:
        """Count the blocks that each validator proposed among the newest hundred, as Besu does by default."""
        heights = range(max(1, self.head - 99), self.head + 1)
        proposed: dict[str, list[int]] = {address: [] for address in self._validators()}
        for height in heights:
            proposed["0x" + self.network.chain.header(height).coinbase.hex()].append(height)
        return [
            {
                "address": address,
                "proposedBlockCount": hex(len(blocks)),
                "lastProposedBlockNumber": hex(max(blocks, default=0)),
            }
            for address, blocks in proposed.items()
        ]


def endpoints_of(network: QbftNetwork, dialect: Dialect = PENDING_IS_LATEST) -> list[QbftEndpoint]:
    """Return an endpoint for each validator of a network."""
    return [QbftEndpoint(network, place, dialect) for place in range(len(network.validators))]


def _result(value: object) -> Answer:
    return {"jsonrpc": "2.0", "id": 1, "result": value}


def _said(error: tuple[int, str]) -> tuple[str, int]:
    code, message = error
    return message, code


def _handler(validator: QbftEndpoint) -> type[BaseHTTPRequestHandler]:
    class ValidatorHandler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            token = validator.dialect.token
            if token is not None and self.headers.get("Authorization") != f"Bearer {token}":
                self._write(401, {"jsonrpc": "2.0", "id": None, "error": UNAUTHORISED_ANSWER})
                return
            requests: Sequence[dict[str, Any]] = request if isinstance(request, list) else [request]
            try:
                answers = [_numbered(validator, one) for one in requests]
            except ConnectionError:
                self.close_connection = True
                return
            self._write(200, answers if isinstance(request, list) else answers[0])

        def _write(self, status: int, answer: object) -> None:
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with suppress(BrokenPipeError, ConnectionResetError):  # who asked has gone
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Write nothing."""

    return ValidatorHandler


def _numbered(validator: QbftEndpoint, request: dict[str, Any]) -> Answer:
    return validator.answer(request["method"], request.get("params", [])) | {"id": request.get("id")}
