"""What this project asks of a chain, in one small protocol, and the protocol over JSON-RPC.

Errors are grouped by what the caller does:

- LedgerUnreachable: could not tell. Nothing may be concluded from it, neither that something happened nor
  that it did not; ask again later. NotAccepted is the one case where an endpoint answered a sent transaction
  with words of its own: still no proof that the transaction is not on its way.
- Refused (contracts.reasons): the contract said no, with its reason.
- LedgerStop: going on would do damage; an operator decides (GENESIS_CHANGED, NONCE_FOREIGN, LOG_AHEAD).

No method has a default for an answer it did not get. A block is named by its number; who needs to know that
the block is still the same one compares hashes. Retries and patience are the caller's: a method asks once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeVar

import rlp  # type: ignore[import-untyped]
from acredita.anchoring.types import Address, BlockHash, TxHash
from acredita.contracts.abi import AbiError, Call, RawLog, View
from acredita.contracts.reasons import refusal
from web3 import HTTPProvider
from web3.providers.base import BaseProvider
from web3.types import RPCEndpoint

T = TypeVar("T")

RPC_TIMEOUT_SECONDS: Final = 10.0
MAX_LOG_BLOCKS: Final = 5_000  # one page of `logs`; public and Besu endpoints cap ranges near here

REVERTED_CODE: Final = 3  # how Anvil, geth and Besu tell a revert with data


class LedgerUnreachable(Exception):
    """Could not tell: no answer, no sense in the answer, or answers that disagree. Ask again later."""


class NotAccepted(LedgerUnreachable):
    """The endpoint answered the sent bytes with an error. They may be known to it, or to others, all the
    same.
    """


class LedgerStop(Exception):
    """Going on would do damage. `code` is stable, `expected` and `found` say what differs."""

    code = "LEDGER_STOP"

    def __init__(self, subject: str, expected: str, found: str) -> None:
        super().__init__(f"{self.code}: {subject}: expected {expected}, found {found}")
        self.subject = subject
        self.expected = expected
        self.found = found


class GenesisChanged(LedgerStop):
    """Another chain, or another contract, than the one our log is tied to."""

    code = "GENESIS_CHANGED"


class NonceForeign(LedgerStop):
    """The account sent a transaction that is not in our storage."""

    code = "NONCE_FOREIGN"


class LogAhead(LedgerStop):
    """The chain holds checkpoints of this log that our storage cannot rebuild."""

    code = "LOG_AHEAD"


@dataclass(frozen=True, slots=True)
class Block:
    number: int
    hash: BlockHash
    parent: BlockHash
    time: int
    header: bytes
    """RLP of the header; its keccak-256 is `hash` except under QBFT, whose hash leaves the commit seals
    out.
    """


@dataclass(frozen=True, slots=True)
class TxReceipt:
    transaction: TxHash
    succeeded: bool
    block_number: int
    block_hash: BlockHash
    gas_used: int
    contract: Address | None
    logs: tuple[RawLog, ...]


@dataclass(frozen=True, slots=True)
class StorageProof:
    slot: bytes
    value: int
    nodes: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class AccountProof:
    """EIP-1186: what `eth_getProof` tells about one account and some of its slots."""

    address: Address
    balance: int
    nonce: int
    code_hash: bytes
    storage_hash: bytes
    nodes: tuple[bytes, ...]
    storage: tuple[StorageProof, ...]


@dataclass(frozen=True, slots=True)
class LogQuery:
    """Logs of these contracts between two blocks, both included; `topics` as eth_getLogs takes them."""

    first: int
    last: int
    addresses: tuple[Address, ...]
    topics: tuple[bytes | None, ...] = ()


class Ledger(Protocol):
    """A chain as this project needs it. Every method raises LedgerUnreachable when it could not tell."""

    def chain_id(self) -> int: ...

    def head(self) -> Block:
        """The newest block the endpoint knows."""

    def block(self, number: int) -> Block | None:
        """The block at this height on the chain as it stands, None when the chain is not that long."""

    def code(self, address: Address) -> bytes: ...

    def nonce(self, account: Address, block: int) -> int:
        """Transactions of the account that are in blocks up to this one."""

    def read(self, view: View[T], block: int | None = None) -> T:
        """The contract's answer at this block (None: the newest). Raises Refused."""

    def simulate(self, call: Call, sender: Address) -> bytes:
        """What the call would return at the head, changing nothing. Raises Refused."""

    def send_raw(self, raw: bytes) -> TxHash:
        """Hands the signed bytes over. That it returned says nothing about a block."""

    def receipt(self, transaction: TxHash) -> TxReceipt | None:
        """The receipt on the chain as it stands, None when the transaction is in no block."""

    def logs(self, query: LogQuery) -> Sequence[RawLog]:
        """All logs asked for, in chain order."""

    def proof(self, address: Address, slots: Sequence[bytes], block: int) -> AccountProof:
        """Trie nodes for the account and slots at this block."""


class RpcLedger:
    """A ledger behind one web3 provider: HTTP, or the embedded chain in the same process."""

    def __init__(self, provider: BaseProvider) -> None:
        self._provider = provider

    @classmethod
    def over_http(cls, url: str, timeout: float = RPC_TIMEOUT_SECONDS) -> "RpcLedger":
        """An endpoint by URL. web3's own retries are off: they hide how often a transaction was sent."""
        request = {"timeout": timeout, "allow_redirects": False}
        return cls(HTTPProvider(url, request_kwargs=request, exception_retry_configuration=None))

    def chain_id(self) -> int:
        return _quantity(self._ask("eth_chainId"), "chain id")

    def head(self) -> Block:
        return _block(self._ask("eth_getBlockByNumber", "latest", False))

    def block(self, number: int) -> Block | None:
        found = self._ask("eth_getBlockByNumber", hex(number), False)
        return None if found is None else _block(found)

    def code(self, address: Address) -> bytes:
        return _data(self._ask("eth_getCode", _hex(address), "latest"), "code")

    def nonce(self, account: Address, block: int) -> int:
        return _quantity(self._ask("eth_getTransactionCount", _hex(account), hex(block)), "nonce")

    def read(self, view: View[T], block: int | None = None) -> T:
        asked = {"to": _hex(view.to), "data": _hex(view.data)}
        answer = self._call(asked, "latest" if block is None else hex(block))
        try:
            return view.decode(answer)
        except AbiError as error:
            # No contract at the address answers with no bytes: that is no reading of state.
            raise LedgerUnreachable(f"unreadable answer from {_hex(view.to)}: {error}") from error

    def simulate(self, call: Call, sender: Address) -> bytes:
        asked = {"from": _hex(sender), "to": _hex(call.to), "data": _hex(call.data), "gasPrice": "0x0"}
        # The next block, not the last: a checkpoint must be younger than the one before it.
        return self._call(asked, "pending")

    def send_raw(self, raw: bytes) -> TxHash:
        response = self._request("eth_sendRawTransaction", _hex(raw))
        if "error" in response:
            raise NotAccepted(_message(response["error"]))
        return TxHash(_data(response["result"], "transaction hash", 32))

    def receipt(self, transaction: TxHash) -> TxReceipt | None:
        found = self._ask("eth_getTransactionReceipt", _hex(transaction))
        return None if found is None else _receipt(found)

    def logs(self, query: LogQuery) -> Sequence[RawLog]:
        found: list[RawLog] = []
        for first in range(query.first, query.last + 1, MAX_LOG_BLOCKS):
            found.extend(self._log_page(query, first, min(query.last, first + MAX_LOG_BLOCKS - 1)))
        return found

    def proof(self, address: Address, slots: Sequence[bytes], block: int) -> AccountProof:
        found = self._ask("eth_getProof", _hex(address), [_hex(slot) for slot in slots], hex(block))
        return _account_proof(found, address)

    def _log_page(self, query: LogQuery, first: int, last: int) -> list[RawLog]:
        asked = {
            "fromBlock": hex(first),
            "toBlock": hex(last),
            "address": [_hex(address) for address in query.addresses],
            "topics": [None if topic is None else _hex(topic) for topic in query.topics],
        }
        found = self._ask("eth_getLogs", asked)
        if not isinstance(found, list):
            raise LedgerUnreachable("logs are no list")
        return [_log(entry) for entry in found]

    def _call(self, asked: Mapping[str, str], block: str) -> bytes:
        response = self._request("eth_call", asked, block)
        if "error" in response:
            _raise_call_error(response["error"])
        return _data(response["result"], "call result")

    def _ask(self, method: str, *params: Any) -> Any:
        response = self._request(method, *params)
        if "error" in response:
            raise LedgerUnreachable(f"{method}: {_message(response['error'])}")
        return response["result"]

    def _request(self, method: str, *params: Any) -> Mapping[str, Any]:
        try:
            response = self._provider.make_request(RPCEndpoint(method), list(params))
        # OSError covers requests' exceptions, timeouts and sockets; ValueError an answer that is no JSON.
        except (OSError, ValueError) as error:
            raise LedgerUnreachable(f"{method}: {type(error).__name__}") from error
        if not isinstance(response, Mapping) or ("result" not in response and "error" not in response):
            raise LedgerUnreachable(f"{method}: no JSON-RPC answer")
        return response


def _raise_call_error(error: Any) -> None:
    """A revert becomes Refused; every other error of a call says nothing about the contract."""
    data = error.get("data") if isinstance(error, Mapping) else None
    if isinstance(data, Mapping):  # some clients nest it
        data = data.get("data")
    message = _message(error)
    reverted = isinstance(error, Mapping) and (error.get("code") == REVERTED_CODE or "revert" in message.lower())
    if not reverted:
        raise LedgerUnreachable(f"eth_call: {message}")
    raise refusal(b"" if data is None else _data(data, "revert data"))


def _message(error: Any) -> str:
    text = error.get("message") if isinstance(error, Mapping) else error
    return str(text)[:200]


def _hex(value: bytes) -> str:
    return "0x" + value.hex()


def _quantity(value: Any, what: str) -> int:
    if not isinstance(value, str) or not value.startswith("0x"):
        raise LedgerUnreachable(f"{what}: no quantity")
    try:
        return int(value, 16)
    except ValueError as error:
        raise LedgerUnreachable(f"{what}: no quantity") from error


def _data(value: Any, what: str, length: int | None = None) -> bytes:
    if not isinstance(value, str) or not value.startswith("0x"):
        raise LedgerUnreachable(f"{what}: no bytes")
    try:
        data = bytes.fromhex(value[2:])
    except ValueError as error:
        raise LedgerUnreachable(f"{what}: no bytes") from error
    if length is not None and len(data) != length:
        raise LedgerUnreachable(f"{what}: {length} bytes expected, {len(data)} found")
    return data


def _field(found: Any, key: str) -> Any:
    if not isinstance(found, Mapping) or key not in found:
        raise LedgerUnreachable(f"answer without {key}")
    return found[key]


def _list(found: Any, key: str) -> list[Any]:
    value = _field(found, key)
    if not isinstance(value, list):
        raise LedgerUnreachable(f"{key} is no list")
    return value


def _block(found: Any) -> Block:
    return Block(
        number=_quantity(_field(found, "number"), "block number"),
        hash=BlockHash(_data(_field(found, "hash"), "block hash", 32)),
        parent=BlockHash(_data(_field(found, "parentHash"), "parent hash", 32)),
        time=_quantity(_field(found, "timestamp"), "block time"),
        header=_header(found),
    )


# Yellow paper 4.4.3 and the forks after it, in order: the first group is in every header, the second may end early.
# Byte fields by their length, None where it varies; all others are numbers.
_HEADER_BYTES: Final[Mapping[str, int | None]] = {
    "parentHash": 32, "sha3Uncles": 32, "miner": 20, "stateRoot": 32, "transactionsRoot": 32, "receiptsRoot": 32,
    "logsBloom": 256, "extraData": None, "mixHash": 32, "nonce": 8, "withdrawalsRoot": 32,
    "parentBeaconBlockRoot": 32, "requestsHash": 32,
}  # fmt: skip
_HEADER_ALWAYS: Final = (
    "parentHash", "sha3Uncles", "miner", "stateRoot", "transactionsRoot", "receiptsRoot", "logsBloom",
    "difficulty", "number", "gasLimit", "gasUsed", "timestamp", "extraData", "mixHash", "nonce",
)  # fmt: skip
_HEADER_LATER: Final = (
    "baseFeePerGas", "withdrawalsRoot", "blobGasUsed", "excessBlobGas", "parentBeaconBlockRoot",
    "requestsHash",
)  # fmt: skip


def _header(found: Any) -> bytes:
    fields = [_header_field(found, key) for key in _HEADER_ALWAYS]
    for key in _HEADER_LATER:
        if found.get(key) is None:
            break
        fields.append(_header_field(found, key))
    return bytes(rlp.encode(fields))


def _header_field(found: Any, key: str) -> bytes:
    value = _field(found, key)
    if key in _HEADER_BYTES:
        return _data(value, key, _HEADER_BYTES[key])
    number = _quantity(value, key)
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def _receipt(found: Any) -> TxReceipt:
    contract = _field(found, "contractAddress")
    return TxReceipt(
        transaction=TxHash(_data(_field(found, "transactionHash"), "transaction hash", 32)),
        succeeded=_quantity(_field(found, "status"), "status") == 1,
        block_number=_quantity(_field(found, "blockNumber"), "block number"),
        block_hash=BlockHash(_data(_field(found, "blockHash"), "block hash", 32)),
        gas_used=_quantity(_field(found, "gasUsed"), "gas used"),
        contract=None if contract is None else Address(_data(contract, "contract address", 20)),
        logs=tuple(_log(entry) for entry in _list(found, "logs")),
    )


def _log(found: Any) -> RawLog:
    return RawLog(
        address=_data(_field(found, "address"), "log address", 20),
        topics=tuple(_data(topic, "topic", 32) for topic in _list(found, "topics")),
        data=_data(_field(found, "data"), "log data"),
        block_number=_quantity(_field(found, "blockNumber"), "block number"),
        block_hash=_data(_field(found, "blockHash"), "block hash", 32),
        transaction=_data(_field(found, "transactionHash"), "transaction hash", 32),
        index=_quantity(_field(found, "logIndex"), "log index"),
    )


def _account_proof(found: Any, address: Address) -> AccountProof:
    return AccountProof(
        address=address,
        balance=_quantity(_field(found, "balance"), "balance"),
        nonce=_quantity(_field(found, "nonce"), "nonce"),
        code_hash=_data(_field(found, "codeHash"), "code hash", 32),
        storage_hash=_data(_field(found, "storageHash"), "storage hash", 32),
        nodes=tuple(_data(node, "trie node") for node in _list(found, "accountProof")),
        storage=tuple(_storage_proof(entry) for entry in _list(found, "storageProof")),
    )


def _storage_proof(found: Any) -> StorageProof:
    return StorageProof(
        slot=_quantity(_field(found, "key"), "slot").to_bytes(32, "big"),
        value=_quantity(_field(found, "value"), "slot value"),
        nodes=tuple(_data(node, "trie node") for node in _list(found, "proof")),
    )
