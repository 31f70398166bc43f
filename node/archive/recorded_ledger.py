"""Record what a ledger answers at one block, and answer the same questions again without it.

The head is the one of the first answer, so that all is read at one block although the chain goes on. Logs are kept whole, by
contract. A question that was not recorded is LedgerUnavailable: an archive never answers for what it does not hold.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NoReturn, TypeVar

from acredita.anchoring.ledger import (
    AccountProof,
    Block,
    BlockName,
    Ledger,
    LedgerUnavailable,
    LogQuery,
    TxReceipt,
)
from acredita.anchoring.question_batch import AnswerBatch, QuestionBatch, one_by_one
from acredita.anchoring.quorum import endpoints_of
from acredita.anchoring.types import Address, TxHash
from acredita.contracts.abi import Call, RawLog, View

T = TypeVar("T")

ProofQuestion = tuple[bytes, tuple[bytes, ...]]
"""Account and slots of a proof."""


class NotRecordedUnavailable(LedgerUnavailable):
    """A question that the archive has no answer to."""


@dataclass
class LedgerRecord:
    """The answers of a ledger at `head`. Code, views and proofs are those of the head's state."""

    chain_id: int
    head: Block
    blocks: dict[int, Block] = field(default_factory=dict)
    codes: dict[bytes, bytes] = field(default_factory=dict)
    views: dict[tuple[bytes, bytes], bytes] = field(default_factory=dict)
    proofs: dict[ProofQuestion, AccountProof] = field(default_factory=dict)
    logs: dict[bytes, Sequence[RawLog]] = field(default_factory=dict)


class _NothingSent:
    """The calls of a ledger that no archive answers."""

    def nonce(self, account: Address, block: int) -> int:
        """Raise: a nonce is no public state of a registry."""
        _refuse("a nonce")

    def simulate(self, call: Call, sender: Address) -> bytes:
        """Raise: nothing is simulated."""
        _refuse("a simulated call")

    def send_raw(self, raw: bytes) -> TxHash:
        """Raise: nothing is sent."""
        _refuse("a transaction to send")

    def receipt(self, transaction: TxHash) -> TxReceipt | None:
        """Raise: receipts of transactions are not kept."""
        _refuse("the receipt of a transaction")


class RecordingLedger(_NothingSent):
    """A ledger that answers from another one and keeps each answer."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._record: LedgerRecord | None = None

    @property
    def record(self) -> LedgerRecord:
        """The answers so far. The first use fixes the head."""
        if self._record is None:
            head = self._ledger.head()
            self._record = LedgerRecord(self._ledger.chain_id(), head, {head.number: head})
        return self._record

    @property
    def endpoints(self) -> tuple[Ledger, ...]:
        """The single endpoints behind it."""
        return endpoints_of(self._ledger)

    def chain_id(self) -> int:
        """Return the chain id."""
        return self.record.chain_id

    def head(self) -> Block:
        """Return the block at which everything is recorded."""
        return self.record.head

    def block(self, number: int) -> Block | None:
        """Return a block, and keep it."""
        if number not in self.record.blocks:
            block = self._ledger.block(number)
            if block is None:
                return None
            self.record.blocks[number] = block
        return self.record.blocks[number]

    def code(self, address: Address, block: BlockName | None = None) -> bytes:
        """Return the code at an address, and keep it."""
        name = _state_name(self.record, block)
        if address not in self.record.codes or name is not None:
            code = self._ledger.code(address, name or self.record.head.hash)
            self.record.codes[address] = code
        return self.record.codes[address]

    def read(self, view: View[T], block: BlockName | None = None) -> T:
        """Return a contract's answer, and keep it."""
        name = _state_name(self.record, block)
        raw = View(view.to, view.data, bytes)
        if name is not None:
            return view.decode(self._ledger.read(raw, name))
        key = (view.to, view.data)
        if key not in self.record.views:
            self.record.views[key] = self._ledger.read(raw, self.record.head.hash)
        return view.decode(self.record.views[key])

    def logs(self, query: LogQuery) -> Sequence[RawLog]:
        """Return logs. Those of a whole contract are kept by `keep_logs`, once they are known to be whole."""
        return self._ledger.logs(query)

    def keep_logs(self, contract: bytes, logs: Sequence[RawLog]) -> None:
        """Keep all logs of a contract up to the head."""
        self.record.logs[contract] = tuple(logs)

    def proof(self, address: Address, slots: Sequence[bytes], block: BlockName) -> AccountProof:
        """Return a proof, and keep it where it is of the head or of the vouched block below it."""
        proof = self._ledger.proof(address, slots, block)
        self.record.proofs[address, tuple(slots)] = proof
        return proof

    def batch(self, questions: QuestionBatch) -> AnswerBatch:
        """Answer the questions one by one, so that each is kept."""
        return one_by_one(self, questions)


class RecordedLedger(_NothingSent):
    """A ledger that gives the answers of a record."""

    def __init__(self, record: LedgerRecord) -> None:
        self._record = record

    def chain_id(self) -> int:
        """Return the recorded chain id."""
        return self._record.chain_id

    def head(self) -> Block:
        """Return the recorded head."""
        return self._record.head

    def block(self, number: int) -> Block | None:
        """Return a recorded block; None above the head."""
        if number > self._record.head.number:
            return None
        return _kept(self._record.blocks, number, f"block {number}")

    def code(self, address: Address, block: BlockName | None = None) -> bytes:
        """Return the recorded code at an address."""
        return _kept(self._record.codes, bytes(address), f"the code at 0x{address.hex()}")

    def read(self, view: View[T], block: BlockName | None = None) -> T:
        """Return the recorded answer of a contract."""
        if _state_name(self._record, block) is not None:
            _refuse("the state of another block")
        question = f"the question 0x{view.data.hex()} to 0x{view.to.hex()}"
        return view.decode(_kept(self._record.views, (view.to, view.data), question))

    def logs(self, query: LogQuery) -> Sequence[RawLog]:
        """Return the recorded logs of a query."""
        logs: list[RawLog] = []
        for address in query.addresses:
            kept = _kept(self._record.logs, bytes(address), f"the logs of 0x{address.hex()}")
            logs += [log for log in kept if _answers(log, query)]
        return sorted(logs, key=lambda log: (log.block_number, log.index)) if len(query.addresses) > 1 else logs

    def proof(self, address: Address, slots: Sequence[bytes], block: BlockName) -> AccountProof:
        """Return a recorded proof. The reader checks it against the block that it asked for."""
        return _kept(self._record.proofs, (bytes(address), tuple(slots)), f"a proof of 0x{address.hex()}")

    def batch(self, questions: QuestionBatch) -> AnswerBatch:
        """Answer the questions one by one."""
        return one_by_one(self, questions)


K = TypeVar("K")


def _kept(answers: Mapping[K, T], key: K, question: str) -> T:
    if key not in answers:
        _refuse(question)
    return answers[key]


def _state_name(record: LedgerRecord, block: BlockName | None) -> BlockName | None:
    """Return the name of a block whose state is not the head's; None for the head's."""
    return None if block in (None, record.head.hash, record.head.number) else block


def _answers(log: RawLog, query: LogQuery) -> bool:
    wanted = (topic is None or log.topics[at : at + 1] == (topic,) for at, topic in enumerate(query.topics))
    return query.first <= log.block_number <= query.last and all(wanted)


def _refuse(question: str) -> NoReturn:
    raise NotRecordedUnavailable(f"the archive does not hold {question}")
