"""Ledgers between the write path and the real embedded chain, each odd in one way that real endpoints are odd in."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from acredita.anchoring.ledger import (
    AccountProof,
    Block,
    BlockName,
    Ledger,
    LedgerUnavailable,
    LogQuery,
    SubmissionUnavailable,
    TxReceipt,
)
from acredita.anchoring.question_batch import AnswerBatch, QuestionBatch, one_by_one
from acredita.anchoring.types import Address, TxHash
from acredita.contracts.abi import Call, RawLog, View

T = TypeVar("T")


class WrappedLedger:
    """Passes every call on through `around`, where a subclass may do something before, after or instead."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def around(self, name: str, call: Callable[[], T]) -> T:
        return call()

    def chain_id(self) -> int:
        return self.around("chain_id", self.ledger.chain_id)

    def head(self) -> Block:
        return self.around("head", self.ledger.head)

    def block(self, number: int) -> Block | None:
        return self.around("block", lambda: self.ledger.block(number))

    def code(self, address: Address, block: BlockName | None = None) -> bytes:
        return self.around("code", lambda: self.ledger.code(address, block))

    def nonce(self, account: Address, block: int) -> int:
        return self.around("nonce", lambda: self.ledger.nonce(account, block))

    def read(self, view: View[T], block: BlockName | None = None) -> T:
        return self.around("read", lambda: self.ledger.read(view, block))

    def simulate(self, call: Call, sender: Address) -> bytes:
        return self.around("simulate", lambda: self.ledger.simulate(call, sender))

    def send_raw(self, raw: bytes) -> TxHash:
        return self.around("send_raw", lambda: self.ledger.send_raw(raw))

    def receipt(self, transaction: TxHash) -> TxReceipt | None:
        return self.around("receipt", lambda: self.ledger.receipt(transaction))

    def logs(self, query: LogQuery) -> Sequence[RawLog]:
        return self.around("logs", lambda: self.ledger.logs(query))

    def proof(self, address: Address, slots: Sequence[bytes], block: BlockName) -> AccountProof:
        return self.around("proof", lambda: self.ledger.proof(address, slots, block))

    def batch(self, questions: QuestionBatch) -> AnswerBatch:
        """Ask one by one, so that what a subclass does to a question holds in a batch too."""
        return one_by_one(self, questions)


class Meddled(WrappedLedger):
    """Somebody acts between the question whether a call would pass and the sending of it."""

    def __init__(self, ledger: Ledger, before_send: Callable[[], None]) -> None:
        super().__init__(ledger)
        self._before_send: Callable[[], None] | None = before_send

    def send_raw(self, raw: bytes) -> TxHash:
        if self._before_send is not None:
            meddle, self._before_send = self._before_send, None
            meddle()
        return super().send_raw(raw)


class Followed(WrappedLedger):
    """Somebody acts right after a transaction was sent, before anything is asked about it."""

    def __init__(self, ledger: Ledger, after_send: Callable[[], None]) -> None:
        super().__init__(ledger)
        self._after_send: Callable[[], None] | None = after_send

    def send_raw(self, raw: bytes) -> TxHash:
        sent = super().send_raw(raw)
        if self._after_send is not None:
            act, self._after_send = self._after_send, None
            act()
        return sent


class Swallowing(WrappedLedger):
    """Takes transactions, says thank you, and passes none on. Keeps what it was sent."""

    def __init__(self, ledger: Ledger, says: str | None = None) -> None:
        super().__init__(ledger)
        self.sent: list[bytes] = []
        self._says = says

    def send_raw(self, raw: bytes) -> TxHash:
        self.sent.append(raw)
        if self._says is not None:
            raise SubmissionUnavailable(self._says)
        return TxHash(bytes(32))


class Lying(WrappedLedger):
    """Turns the word of a receipt round."""

    def receipt(self, transaction: TxHash) -> TxReceipt | None:
        receipt = super().receipt(transaction)
        return None if receipt is None else replace(receipt, succeeded=not receipt.succeeded)


class Inventing(WrappedLedger):
    """Has a receipt for everything it was sent, and sends nothing."""

    def send_raw(self, raw: bytes) -> TxHash:
        return TxHash(bytes(32))

    def receipt(self, transaction: TxHash) -> TxReceipt | None:
        head = self.head()
        return TxReceipt(transaction, True, head.number, head.hash, 21_000, None, ())


class Lagging(WrappedLedger):
    """An endpoint that is some blocks behind the others."""

    def __init__(self, ledger: Ledger, blocks: int) -> None:
        super().__init__(ledger)
        self.blocks = blocks

    def head(self) -> Block:
        behind = super().block(super().head().number - self.blocks)
        assert behind is not None
        return behind

    def block(self, number: int) -> Block | None:
        return super().block(number) if number <= self.head().number else None

    def receipt(self, transaction: TxHash) -> TxReceipt | None:
        receipt = super().receipt(transaction)
        return None if receipt is None or receipt.block_number > self.head().number else receipt

    def nonce(self, account: Address, block: int) -> int:
        return super().nonce(account, min(block, self.head().number))


class Forgetful(WrappedLedger):
    """Tells the newest blocks, but answers for contracts as of an old one."""

    def __init__(self, ledger: Ledger, block: int) -> None:
        super().__init__(ledger)
        self.old = block

    def read(self, view: View[T], block: BlockName | None = None) -> T:
        return super().read(view, self.old)


class StateOfNewest(WrappedLedger):
    """Keeps the state of its newest blocks alone, as Besu's default storage does of 512: older state is no answer.

    `blocks`: how many below its head.
    """

    def __init__(self, ledger: Ledger, blocks: int = 0) -> None:
        super().__init__(ledger)
        self.blocks = blocks

    def code(self, address: Address, block: BlockName | None = None) -> bytes:
        self._check(block)
        return super().code(address, block)

    def nonce(self, account: Address, block: int) -> int:
        self._check(block)
        return super().nonce(account, block)

    def read(self, view: View[T], block: BlockName | None = None) -> T:
        self._check(block)
        return super().read(view, block)

    def proof(self, address: Address, slots: Sequence[bytes], block: BlockName) -> AccountProof:
        self._check(block)
        return super().proof(address, slots, block)

    def _check(self, block: BlockName | None) -> None:
        newest = super().head().number
        kept = [super(StateOfNewest, self).block(number) for number in range(max(0, newest - self.blocks), newest + 1)]
        names = {name for one in kept if one is not None for name in (one.number, one.hash)}
        if block is not None and block not in names:
            raise LedgerUnavailable("World state unavailable")
