"""A ledger that passes every question on to another one, for those that answer some question otherwise."""

from collections.abc import Sequence
from typing import TypeVar

from acredita.anchoring.ledger import AccountProof, Block, BlockName, Ledger, LogQuery, TxReceipt
from acredita.anchoring.question_batch import AnswerBatch, QuestionBatch
from acredita.anchoring.types import Address, TxHash
from acredita.contracts.abi import Call, RawLog, View

T = TypeVar("T")


class PassingLedger:
    """A ledger in front of another one."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def chain_id(self) -> int:
        return self._ledger.chain_id()

    def head(self) -> Block:
        return self._ledger.head()

    def block(self, number: int) -> Block | None:
        return self._ledger.block(number)

    def code(self, address: Address, block: BlockName | None = None) -> bytes:
        return self._ledger.code(address, block)

    def nonce(self, account: Address, block: int) -> int:
        return self._ledger.nonce(account, block)

    def read(self, view: View[T], block: BlockName | None = None) -> T:
        return self._ledger.read(view, block)

    def simulate(self, call: Call, sender: Address) -> bytes:
        return self._ledger.simulate(call, sender)

    def send_raw(self, raw: bytes) -> TxHash:
        return self._ledger.send_raw(raw)

    def receipt(self, transaction: TxHash) -> TxReceipt | None:
        return self._ledger.receipt(transaction)

    def logs(self, query: LogQuery) -> Sequence[RawLog]:
        return self._ledger.logs(query)

    def batch(self, questions: QuestionBatch) -> AnswerBatch:
        return self._ledger.batch(questions)

    def proof(self, address: Address, slots: Sequence[bytes], block: BlockName) -> AccountProof:
        return self._ledger.proof(address, slots, block)
