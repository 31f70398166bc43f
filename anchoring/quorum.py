"""Several endpoints as one ledger: enough of them must give the same answer, and every one gets each transaction.

With `agree` = 1 this is failover: the first that answers is believed. With more, one endpoint that lies or lags
behind cannot make an anchor look confirmed or lost: answers that are not alike raise LedgerUnavailable, like no
answer. A contract's refusal is an answer too. Answers are compared in the ledger's own types, byte for byte.
"""

from collections.abc import Callable, Sequence
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
from acredita.anchoring.types import Address, TxHash
from acredita.contracts.abi import Call, RawLog, View
from acredita.contracts.reasons import ContractRefused

T = TypeVar("T")


class QuorumLedger:
    """A ledger made of several endpoints. `agree`: how many must give the same answer."""

    def __init__(self, endpoints: Sequence[Ledger], agree: int = 1) -> None:
        if not 1 <= agree <= len(endpoints):
            raise ValueError(f"{agree} of {len(endpoints)} endpoints cannot agree")
        self._endpoints = tuple(endpoints)
        self._agree = agree

    @property
    def endpoints(self) -> tuple[Ledger, ...]:
        """The single endpoints, for answers that are checked by other means than agreement."""
        return self._endpoints

    def chain_id(self) -> int:
        return self._alike(lambda ledger: ledger.chain_id())

    def head(self) -> Block:
        """Return the highest block that enough endpoints have; they need not be equally far."""
        if self._agree == 1:
            return self._alike(lambda ledger: ledger.head())
        heads = sorted((block.number for block in self._answers(lambda ledger: ledger.head())), reverse=True)
        if len(heads) < self._agree:
            raise LedgerUnavailable(f"{len(heads)} endpoints answer, {self._agree} have to")
        block = self.block(heads[self._agree - 1])
        if block is None:
            raise LedgerUnavailable("the endpoints lost the block they had all reached")
        return block

    def block(self, number: int) -> Block | None:
        return self._alike(lambda ledger: ledger.block(number))

    def code(self, address: Address, block: BlockName | None = None) -> bytes:
        return self._alike(lambda ledger: ledger.code(address, block))

    def nonce(self, account: Address, block: int) -> int:
        return self._alike(lambda ledger: ledger.nonce(account, block))

    def read(self, view: View[T], block: BlockName | None = None) -> T:
        at = self.head().number if block is None and self._agree > 1 else block
        return self._alike(lambda ledger: ledger.read(view, at))

    def simulate(self, call: Call, sender: Address) -> bytes:
        return self._alike(lambda ledger: ledger.simulate(call, sender))

    def send_raw(self, raw: bytes) -> TxHash:
        """Send to every endpoint; one that accepts the transaction is enough."""
        taken: TxHash | None = None
        failure: LedgerUnavailable = LedgerUnavailable("there is no endpoint")
        for ledger in self._endpoints:
            try:
                taken = ledger.send_raw(raw)
            except LedgerUnavailable as error:
                # Words of an endpoint tell an operator more than the silence of another.
                failure = failure if isinstance(failure, SubmissionUnavailable) else error
        if taken is None:
            raise failure
        return taken

    def receipt(self, transaction: TxHash) -> TxReceipt | None:
        return self._alike(lambda ledger: ledger.receipt(transaction))

    def logs(self, query: LogQuery) -> Sequence[RawLog]:
        return self._alike(lambda ledger: tuple(ledger.logs(query)))

    def proof(self, address: Address, slots: Sequence[bytes], block: BlockName) -> AccountProof:
        return self._alike(lambda ledger: ledger.proof(address, slots, block))

    def _alike(self, ask: Callable[[Ledger], T]) -> T:
        """Return the first answer that `agree` endpoints give; a refusal counts by its reason."""
        answers: list[tuple[T | str, Callable[[], T]]] = []
        for ledger in self._endpoints:
            answer = _answer(ledger, ask)
            if answer is None:
                continue
            answers.append(answer)
            if sum(value == answer[0] for value, _ in answers) >= self._agree:
                return answer[1]()
        raise LedgerUnavailable(f"{len(answers)} of {len(self._endpoints)} endpoints answer, not alike")

    def _answers(self, ask: Callable[[Ledger], T]) -> list[T]:
        answers = [_answer(ledger, ask) for ledger in self._endpoints]
        return [answer[1]() for answer in answers if answer is not None]


def _answer(ledger: Ledger, ask: Callable[[Ledger], T]) -> tuple[T | str, Callable[[], T]] | None:
    """Ask one endpoint. Return a value to compare and a function that gives the answer back; None without an answer."""
    try:
        answer = ask(ledger)
    except LedgerUnavailable:
        return None
    except ContractRefused as refused:
        again = refused

        def refuse() -> T:
            raise again

        return f"refused: {refused.reason}", refuse
    return answer, lambda: answer
