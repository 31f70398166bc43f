"""Several endpoints as one ledger: enough of them must give the same answer, and every one gets each transaction.

With `agree` = 1 this is failover: the first that answers is believed. With more, one endpoint that lies or lags
behind cannot make an anchor look confirmed or lost: answers that are not alike raise LedgerUnavailable, like no
answer. A contract's refusal is an answer too.

- Answers are compared in the ledger's own types, byte for byte. Of a block only what all validators share is compared,
  because each keeps a copy with its own round and seals.
- An endpoint that lags has no block or receipt yet. So absence counts only where too few endpoints have it.
- One endpoint's refusal is compared with the others, because an endpoint that lags may refuse what the chain accepts.
"""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar, runtime_checkable

from acredita.anchoring.ledger import (
    AccountProof,
    Block,
    BlockName,
    DisputedRefusalUnavailable,
    Ledger,
    LedgerUnavailable,
    LogQuery,
    PartialLedgerUnavailable,
    SubmissionUnavailable,
    TxReceipt,
)
from acredita.anchoring.qbft import shared_header
from acredita.anchoring.question_batch import AnswerBatch, QuestionBatch
from acredita.anchoring.types import Address, TxHash
from acredita.contracts.abi import Call, RawLog, View
from acredita.contracts.reasons import ContractRefused

T = TypeVar("T")


@runtime_checkable
class HasEndpoints(Protocol):
    """A ledger behind which several endpoints stand."""

    @property
    def endpoints(self) -> tuple[Ledger, ...]:
        """The single endpoints, for answers that are checked by other means than agreement."""


def endpoints_of(ledger: Ledger) -> tuple[Ledger, ...]:
    """Return the single endpoints behind a ledger; none if it is one itself."""
    return ledger.endpoints if isinstance(ledger, HasEndpoints) else ()


def first_whole(ledger: Ledger, query: LogQuery, check: Callable[[Sequence[RawLog]], T]) -> T:
    """Return what `check` makes of the logs of the first source that passes it: the ledger, then each endpoint alone.

    `check` compares the logs with the contract's own word and raises PartialLedgerUnavailable where they are not whole.
    So they may come from any endpoint. Raises the first failure.
    """
    try:
        return check(ledger.logs(query))
    except LedgerUnavailable as error:
        failure = error
    for endpoint in endpoints_of(ledger):
        try:
            return check(endpoint.logs(query))
        except LedgerUnavailable as error:
            if not isinstance(failure, PartialLedgerUnavailable):
                failure = error
    raise failure


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
        for number in dict.fromkeys(heads[self._agree - 1 :]):
            try:
                block = self.block(number)
            except LedgerUnavailable:  # one of them is on a fork of its own: the others may agree below it
                continue
            if block is not None:
                return block
        raise LedgerUnavailable("the endpoints do not agree about any block that enough of them have reached")

    def block(self, number: int) -> Block | None:
        return self._present(lambda ledger: ledger.block(number), _shared_block)

    def code(self, address: Address, block: BlockName | None = None) -> bytes:
        return self._alike(lambda ledger: ledger.code(address, block))

    def nonce(self, account: Address, block: int) -> int:
        return self._alike(lambda ledger: ledger.nonce(account, block))

    def read(self, view: View[T], block: BlockName | None = None) -> T:
        at = self.head().hash if block is None and self._agree > 1 else block
        return self._alike(lambda ledger: ledger.read(view, at))

    def simulate(self, call: Call, sender: Address) -> bytes:
        """Return the result that enough endpoints give. Raises ContractRefused where no endpoint accepts the call.

        Raises DisputedRefusalUnavailable where enough endpoints refuse it and another accepts it.
        """
        try:
            return self._alike(lambda ledger: ledger.simulate(call, sender))
        except ContractRefused as refused:
            others = [_answer(ledger, lambda ledger: ledger.simulate(call, sender)) for ledger in self._endpoints]
            if all(answer is None or isinstance(answer[0], str) for answer in others):
                raise
            raise DisputedRefusalUnavailable(refused) from refused

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
        return self._present(lambda ledger: ledger.receipt(transaction))

    def logs(self, query: LogQuery) -> Sequence[RawLog]:
        return self._alike(lambda ledger: tuple(ledger.logs(query)))

    def proof(self, address: Address, slots: Sequence[bytes], block: BlockName) -> AccountProof:
        return self._alike(lambda ledger: ledger.proof(address, slots, block))

    def batch(self, questions: QuestionBatch) -> AnswerBatch:
        return self._alike(lambda ledger: ledger.batch(questions))

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
        raise self._not_alike(len(answers))

    def _present(
        self, ask: Callable[[Ledger], T | None], shared: Callable[[T], object] = lambda whole: whole
    ) -> T | None:
        """Return the first answer of which `agree` endpoints have the same `shared` part.

        Return None where at least `agree` endpoints have nothing and no such answer is there.
        """
        parts: list[object] = []
        absent = 0
        for ledger in self._endpoints:
            try:
                answer = ask(ledger)
            except LedgerUnavailable:
                continue
            if answer is None:
                absent += 1
                continue
            parts.append(shared(answer))
            if parts.count(parts[-1]) >= self._agree:
                return answer
        if absent < self._agree:
            raise self._not_alike(absent + len(parts))
        return None

    def _not_alike(self, answered: int) -> LedgerUnavailable:
        return LedgerUnavailable(f"{answered} of {len(self._endpoints)} endpoints answer, not alike")

    def _answers(self, ask: Callable[[Ledger], T]) -> list[T]:
        answers = [_answer(ledger, ask) for ledger in self._endpoints]
        return [answer[1]() for answer in answers if answer is not None]


def _shared_block(block: Block) -> tuple[Block, bytes]:
    """Return what is the same in every validator's copy of a block."""
    return block, shared_header(block.header)


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
