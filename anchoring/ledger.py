"""Define the ledger as this project needs it: one small protocol, its values and its errors.

Errors are grouped by what the caller does:

- LedgerUnavailable: could not tell. Nothing may be concluded from it, neither that something happened nor
  that it did not; ask again later. Its kinds say why: SubmissionUnavailable where an endpoint answered a sent transaction
  with words of its own, which is no proof that the transaction is not on its way; PartialLedgerUnavailable where the
  answers leave something out or contradict each other; LedgerBehindUnavailable where the head is below a known block;
  LedgerForkedUnavailable where a final block is another one than was seen;
  DisputedRefusalUnavailable where endpoints differ about a contract's refusal.
- ContractRefused (contracts.reasons): the contract said no, with its reason.
- LedgerStopError: going on would do damage; an operator decides (GENESIS_CHANGED, NONCE_FOREIGN, LOG_AHEAD).

No method has a default for an answer it did not get. State is asked for at a block that is named by its hash, or by its
number where the chain's present block of that height is meant. Retries and patience are the caller's: a method asks
once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from acredita.anchoring.question_batch import AnswerBatch, QuestionBatch
from acredita.anchoring.types import Address, BlockHash, TxHash
from acredita.contracts.abi import Call, RawLog, View
from acredita.contracts.coded_error import FixedCodeError
from acredita.contracts.reasons import ContractRefused

T = TypeVar("T")


class LedgerUnavailable(FixedCodeError):
    """Could not tell: no answer, no sense in the answer, or answers that disagree. Ask again later."""

    code = "LEDGER_UNREACHABLE"


class SubmissionUnavailable(LedgerUnavailable):
    """The endpoint answered the sent bytes with an error. It, or another, may know them all the same."""


class PartialLedgerUnavailable(LedgerUnavailable):
    """Answers of which a part is missing, invented or contradicted by another: half a ledger is no ledger."""

    code = "LEDGER_INCOMPLETE"


class LedgerBehindUnavailable(LedgerUnavailable):
    """A head below a block that is known to be on the chain: the endpoint lags, or the chain was cut short."""

    code = "LEDGER_BEHIND"


class LedgerForkedUnavailable(LedgerUnavailable):
    """Another block at a height that was seen on a chain whose blocks are final: nothing tells which of the two is right."""

    code = "LEDGER_FORKED"


class DisputedRefusalUnavailable(LedgerUnavailable):
    """A refusal by some endpoints of a call that another accepts: one of them lags or is false. `refused`: what they said."""

    def __init__(self, refused: ContractRefused) -> None:
        super().__init__(f"some endpoints refuse the call ({refused.reason}), another accepts it")
        self.refused = refused


class LedgerStopError(FixedCodeError):
    """Going on would do damage. `code` is stable, `expected` and `found` say what differs."""

    CODE_IN_TEXT = True
    code = "LEDGER_STOP"

    def __init__(self, subject: str, expected: str, found: str) -> None:
        super().__init__(f"{subject}: expected {expected}, found {found}")
        self.subject = subject
        self.expected = expected
        self.found = found


class GenesisChangedError(LedgerStopError):
    """Another chain, or another contract, than the one our log is tied to."""

    code = "GENESIS_CHANGED"


class NonceForeignError(LedgerStopError):
    """The account sent a transaction that is not in our storage."""

    code = "NONCE_FOREIGN"


class LogAheadError(LedgerStopError):
    """The chain holds checkpoints of this log that our storage cannot rebuild."""

    code = "LOG_AHEAD"


@dataclass(frozen=True, slots=True)
class Block:
    """A block of the chain. `time` is Unix seconds. Two copies of a block are equal although their seals differ."""

    number: int
    hash: BlockHash
    parent: BlockHash
    time: int
    header: bytes = field(compare=False)
    """RLP of the header; its keccak-256 is `hash` except under QBFT, whose hash leaves the commit seals
    out.
    """


BlockName = int | BlockHash
"""A block by its number, of the present chain, or by its hash, of whichever chain has it."""


@dataclass(frozen=True, slots=True)
class TxReceipt:
    """The receipt of a transaction that is in a block."""

    transaction: TxHash
    succeeded: bool
    block_number: int
    block_hash: BlockHash
    gas_used: int
    contract: Address | None
    logs: tuple[RawLog, ...]


@dataclass(frozen=True, slots=True)
class StorageProof:
    """EIP-1186: one storage slot with the trie nodes that show it."""

    slot: bytes
    value: int
    nodes: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class AccountProof:
    """EIP-1186: the answer of `eth_getProof` about one account and some of its slots."""

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
    """A chain as this project needs it. Every method raises LedgerUnavailable when it could not tell."""

    def chain_id(self) -> int:
        """Return the chain id."""

    def head(self) -> Block:
        """Return the newest block the endpoint knows."""

    def block(self, number: int) -> Block | None:
        """Return the block at this height of the present chain, None when the chain is not that long."""

    def code(self, address: Address, block: BlockName | None = None) -> bytes:
        """Return the runtime code at an address (None: at the newest block); empty where there is no contract."""

    def nonce(self, account: Address, block: int) -> int:
        """Return the number of the account's transactions in blocks up to this one."""

    def read(self, view: View[T], block: BlockName | None = None) -> T:
        """Return the contract's answer at this block (None: the newest). A view that reverts is no answer."""

    def simulate(self, call: Call, sender: Address) -> bytes:
        """Return the result that the call would have at the head, changing nothing. Raises ContractRefused."""

    def send_raw(self, raw: bytes) -> TxHash:
        """Send the signed bytes. Its return says nothing about a block."""

    def receipt(self, transaction: TxHash) -> TxReceipt | None:
        """Return the receipt on the present chain, None when the transaction is in no block."""

    def logs(self, query: LogQuery) -> Sequence[RawLog]:
        """Return all logs of the query, in chain order."""

    def proof(self, address: Address, slots: Sequence[bytes], block: BlockName) -> AccountProof:
        """Return the trie nodes of the account and slots at this block."""

    def batch(self, questions: QuestionBatch) -> AnswerBatch:
        """Return the answers to several questions, in one round trip where the endpoint takes batches."""
