"""Read and write a chain over JSON-RPC, through web3's providers.

A method asks once: retries and patience are the caller's. An error of the endpoint, and an answer that does not parse, is
LedgerUnavailable. No method has a default for an answer it did not get.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, TypeVar

from acredita.anchoring.ledger import (
    AccountProof,
    Block,
    BlockName,
    LedgerUnavailable,
    LogQuery,
    PartialLedgerUnavailable,
    SubmissionUnavailable,
    TxReceipt,
)
from acredita.anchoring.question_batch import AnswerBatch, QuestionBatch, one_by_one
from acredita.anchoring.rpc_answers import (
    MAX_EXACT,
    read_account_proof,
    read_block,
    read_data,
    read_log,
    read_quantity,
    read_receipt,
)
from acredita.anchoring.rpc_batch import Request, batch_replies, line_fault
from acredita.anchoring.rpc_provider import EndpointProvider
from acredita.anchoring.types import Address, TxHash
from acredita.contracts.abi import AbiError, Call, RawLog, View
from acredita.contracts.reasons import ContractRefused, refusal
from web3.providers.base import BaseProvider
from web3.types import RPCEndpoint

T = TypeVar("T")

RPC_TIMEOUT_SECONDS: Final = 10.0
MAX_LOG_BLOCKS: Final = 5_000  # one page of `logs`; public and Besu endpoints cap ranges near here
MAX_LOG_QUERIES: Final = 100_000  # pages of one question: 500 million blocks, 15 years at a block a second

REVERTED_CODE: Final = 3  # how Anvil, geth and Besu tell a revert with data


class RpcLedger:
    """A ledger behind one web3 provider: HTTP, or the embedded chain in the same process."""

    def __init__(self, provider: BaseProvider) -> None:
        self._provider = provider
        self._newest: tuple[object, Block] | None = None  # the last answer about the head, and the block it was read as

    @classmethod
    def over_http(
        cls, url: str, timeout: float = RPC_TIMEOUT_SECONDS, access: Mapping[str, Any] | None = None
    ) -> "RpcLedger":
        """Open a ledger over HTTP at an endpoint. `access`: how we prove who asks, as `requests` takes it."""
        request = {"timeout": timeout, "allow_redirects": False, **(access or {})}
        return cls(EndpointProvider(url, request_kwargs=request, exception_retry_configuration=None))

    def chain_id(self) -> int:
        return read_quantity(self._ask(*_CHAIN_ID), "chain id", MAX_EXACT)

    def head(self) -> Block:
        answer = self._ask("eth_getBlockByNumber", ["latest", False])
        known = self._newest
        if known is None or known[0] != answer:  # reading an answer hashes its header
            self._newest = known = (answer, read_block(answer))
        return known[1]

    def block(self, number: int) -> Block | None:
        answer = self._ask(*_block_request(number))
        block = None if answer is None else read_block(answer)
        if block is not None and block.number != number:
            raise PartialLedgerUnavailable(f"block {number} requested, block {block.number} answered")
        return block

    def code(self, address: Address, block: BlockName | None = None) -> bytes:
        return read_data(self._ask(*_code_request(address, block)), "code")

    def nonce(self, account: Address, block: int) -> int:
        return read_quantity(self._ask("eth_getTransactionCount", [_hex(account), hex(block)]), "nonce")

    def read(self, view: View[T], block: BlockName | None = None) -> T:
        try:
            return view.decode(self._call(*_view_request(view, block)))
        # No contract at the address answers with no bytes, and no contract of ours has a state that its enumeration does
        # not name (ValueError): that is no reading of state. No view of ours reverts at a question we ask.
        except (AbiError, ValueError, ContractRefused) as error:
            raise PartialLedgerUnavailable(f"unreadable answer from {_hex(view.to)}: {error}") from error

    def simulate(self, call: Call, sender: Address) -> bytes:
        request = {"from": _hex(sender), "to": _hex(call.to), "data": _hex(call.data), "gasPrice": "0x0"}
        # The next block, not the last: a checkpoint must be younger than the one before it.
        return self._call("eth_call", [request, "pending"])

    def send_raw(self, raw: bytes) -> TxHash:
        response = self._request("eth_sendRawTransaction", [_hex(raw)])
        if "error" in response:
            raise SubmissionUnavailable(_message(response["error"]))
        return TxHash(read_data(response["result"], "transaction hash", 32))

    def receipt(self, transaction: TxHash) -> TxReceipt | None:
        answer = self._ask("eth_getTransactionReceipt", [_hex(transaction)])
        return None if answer is None else read_receipt(answer)

    def logs(self, query: LogQuery) -> Sequence[RawLog]:
        return [log for page in _pages(query) for log in self._log_page(page)]

    def proof(self, address: Address, slots: Sequence[bytes], block: BlockName) -> AccountProof:
        params = [_hex(address), [_hex(slot) for slot in slots], _block_parameter(block)]
        return read_account_proof(self._ask("eth_getProof", params), address)

    def batch(self, questions: QuestionBatch) -> AnswerBatch:
        replies = batch_replies(self._provider, _requests_of(questions))
        return one_by_one(self if replies is None else RpcLedger(replies), questions)

    def told(self, method: str, *params: Any) -> Any:
        """Return the answer to a question that not every endpoint answers; None where it gives none."""
        try:
            return self._ask(method, list(params))
        except LedgerUnavailable:
            return None

    def _log_page(self, page: LogQuery) -> list[RawLog]:
        answer = self._ask(*_logs_request(page))
        if not isinstance(answer, list):
            raise LedgerUnavailable("logs are no list")
        logs = [read_log(entry) for entry in answer]
        if not all(page.first <= log.block_number <= page.last and _is_of(log, page) for log in logs):
            raise PartialLedgerUnavailable("the answer holds a log that was not requested")
        return logs

    def _call(self, method: str, params: list[Any]) -> bytes:
        response = self._request(method, params)
        if "error" in response:
            _raise_call_error(response["error"])
        return read_data(response["result"], "call result")

    def _ask(self, method: str, params: list[Any]) -> Any:
        response = self._request(method, params)
        if "error" in response:
            raise LedgerUnavailable(f"{method}: {_message(response['error'])}")
        return response["result"]

    def _request(self, method: str, params: list[Any]) -> Mapping[str, Any]:
        try:
            response = self._provider.make_request(RPCEndpoint(method), params)
        # OSError covers requests' exceptions, timeouts and sockets; ValueError an answer that is no JSON.
        except (OSError, ValueError) as error:
            raise LedgerUnavailable(f"{method}: {line_fault(error)}") from error
        if not isinstance(response, Mapping) or ("result" not in response and "error" not in response):
            raise LedgerUnavailable(f"{method}: no JSON-RPC answer")
        return response


_CHAIN_ID: Final[Request] = ("eth_chainId", [])


def _block_request(number: int) -> Request:
    return "eth_getBlockByNumber", [hex(number), False]


def _code_request(address: Address, block: BlockName | None) -> Request:
    return "eth_getCode", [_hex(address), _block_parameter(block)]


def _view_request(view: View[T], block: BlockName | None) -> Request:
    return "eth_call", [{"to": _hex(view.to), "data": _hex(view.data)}, _block_parameter(block)]


def _logs_request(page: LogQuery) -> Request:
    criteria = {
        "fromBlock": hex(page.first),
        "toBlock": hex(page.last),
        "address": [_hex(address) for address in page.addresses],
        "topics": [None if topic is None else _hex(topic) for topic in page.topics],
    }
    return "eth_getLogs", [criteria]


def _requests_of(questions: QuestionBatch) -> list[Request]:
    return [
        _CHAIN_ID,
        *map(_block_request, questions.heights),
        *(_code_request(address, questions.block) for address in questions.codes),
        *(_view_request(view, questions.block) for view in questions.views),
        *([] if questions.logs is None else map(_logs_request, _pages(questions.logs))),
    ]


def check_askable(first: int, last: int) -> None:
    """Check that logs of these blocks take no more queries than a question may. Raises PartialLedgerUnavailable.

    A head of an endless height would take endless ones.
    """
    if last - first >= MAX_LOG_QUERIES * MAX_LOG_BLOCKS:
        raise PartialLedgerUnavailable(
            f"blocks {first} to {last} take more than {MAX_LOG_QUERIES} queries of {MAX_LOG_BLOCKS} blocks"
        )


def _pages(query: LogQuery) -> Iterator[LogQuery]:
    check_askable(query.first, query.last)
    for first in range(query.first, query.last + 1, MAX_LOG_BLOCKS):
        yield replace(query, first=first, last=min(query.last, first + MAX_LOG_BLOCKS - 1))


def _raise_call_error(error: Any) -> None:
    """Raise ContractRefused for a revert, else LedgerUnavailable: only a revert is the chain's own refusal."""
    data = error.get("data") if isinstance(error, Mapping) else None
    if isinstance(data, Mapping):  # some clients nest it
        data = data.get("data")
    message = _message(error)
    reverted = isinstance(error, Mapping) and (error.get("code") == REVERTED_CODE or "revert" in message.lower())
    if not reverted:
        raise LedgerUnavailable(f"eth_call: {message}")
    raise refusal(b"" if data is None else read_data(data, "revert data"))


def _is_of(log: RawLog, query: LogQuery) -> bool:
    wanted = query.topics
    if log.address not in query.addresses or len(log.topics) < len(wanted):
        return False
    return all(topic is None or topic == present for topic, present in zip(wanted, log.topics, strict=False))


def _block_parameter(block: BlockName | None) -> str | Mapping[str, object]:
    """Write the block of a question: by hash as EIP-1898 says, so that an endpoint on another chain cannot answer."""
    if block is None:
        return "latest"
    if isinstance(block, int):
        return hex(block)
    return {"blockHash": _hex(block), "requireCanonical": True}


def _message(error: Any) -> str:
    text = error.get("message") if isinstance(error, Mapping) else error
    return str(text)[:200]


def _hex(value: bytes) -> str:
    return "0x" + value.hex()
