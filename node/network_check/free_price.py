"""A transaction of price zero must get into a block of every proposer.

One transaction waits at a time. A block without it counts against its proposer. A single one may have been begun before the
transaction arrived, so that a proposer is judged after several. Waiting is bounded by blocks and by time. The account's nonce
is read by proof at the end, so that no endpoint can claim a block for a transaction that it kept.
"""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from acredita.anchoring.call_signer import CallSigner
from acredita.anchoring.ledger import LedgerUnavailable
from acredita.anchoring.rpc_answers import MAX_EXACT, read_quantity
from acredita.anchoring.state_proof import StateProofRefused
from acredita.anchoring.transaction import UnsignedTransaction
from acredita.anchoring.types import Address, to_hex
from acredita.contracts.abi import Call
from acredita.node.network_check.access_subjects import PLAIN_GAS, is_price_refused, is_sender_refused
from acredita.node.network_check.asking import AnswerUnavailable, QuestionRefused
from acredita.node.network_check.chain_subjects import is_sealed_by, told_quantity, told_validators
from acredita.node.network_check.checked_chain import ToldBlock
from acredita.node.network_check.history_subjects import proven_nonce
from acredita.node.network_check.lines import CheckLine, fault, fine, not_checked, unknown
from acredita.node.network_check.subject import CheckContext
from acredita.registry.acts.shapes import Text
from acredita.registry.codes import Code

PASSED_OVER: Final = 3  # blocks of a proposer that leave a waiting transaction out
LEAST_TURNS: Final = 2  # of each proposer, before one counts as absent
BLOCKS_EACH: Final = 6  # that each proposer may take in all
MAX_WAIT_SECONDS: Final = 600.0
USUAL_PERIOD: Final = 5  # seconds, where none is named
MAX_BLOCKS_AT_ONCE: Final = 64
SEEN_BLOCKS: Final = 32  # whose proposers are those of a chain that tells no validators
POLLS_PER_PERIOD: Final = 5
LEAST_POLL_SECONDS: Final = 0.1


@dataclass
class ProposerRounds:
    """The course of the transactions. `included`, `passed`: blocks of each proposer with the waiting one and without it."""

    context: CheckContext
    signer: CallSigner
    required: frozenset[Address]
    chain_id: int
    nonce: int
    read_to: int
    included: Counter[Address] = field(default_factory=Counter)
    passed: Counter[Address] = field(default_factory=Counter)
    blocks: int = 0
    sent: int = 0
    waiting: str | None = None
    waiting_since: int = 0
    newest: ToldBlock | None = None

    @property
    def missing(self) -> list[Address]:
        """Proposers that have not taken a transaction."""
        return sorted(self.required - self.included.keys())

    @property
    def is_done(self) -> bool:
        """True if every proposer has taken one, or enough was seen of those that have not."""
        if self.blocks >= BLOCKS_EACH * max(1, len(self.required)):
            return True
        if not self.included:
            return bool(self.passed) and all(self.passed[each] >= PASSED_OVER for each in self.required or self.passed)
        return all(self.passed[each] >= PASSED_OVER for each in self.missing)

    def send(self) -> None:
        """Send the next transaction where none is waiting. Raises AnswerUnavailable, QuestionRefused."""
        if self.waiting is not None:
            return
        call = Call(self.signer.address, b"")
        signed = self.signer.sign_call(UnsignedTransaction(self.chain_id, self.nonce + self.sent, PLAIN_GAS, call))
        since = self.context.chain.newest().block.number
        self.context.endpoint.ask("eth_sendRawTransaction", to_hex(signed.raw))
        self.sent, self.waiting, self.waiting_since = self.sent + 1, to_hex(signed.hash), since

    def read_blocks(self) -> None:
        """Read the blocks that have come. Raises AnswerUnavailable, QuestionRefused."""
        head = self.context.chain.newest().block.number
        for number in range(self.read_to + 1, min(head, self.read_to + MAX_BLOCKS_AT_ONCE) + 1):
            block = self.context.chain.at(number)
            self._check(block)
            self.read_to, self.newest, self.blocks = number, block, self.blocks + 1
            if self.waiting is None:
                continue
            if self.waiting in block.transactions:
                self.included[block.proposer] += 1
                self.waiting = None
            elif number > self.waiting_since:
                self.passed[block.proposer] += 1

    def _check(self, block: ToldBlock) -> None:
        """Check that a block is what its header says, and sealed where validators are named. Raises AnswerUnavailable."""
        if not block.is_hashed:
            raise AnswerUnavailable(Code.HEADER_FALSE, str(block.block.number))
        named = self.context.expected.sealers_at(block.block.number, block.block.time)
        if named is not None and not is_sealed_by(block, named):
            raise AnswerUnavailable(Code.SEALS_TOO_FEW, str(block.block.number))


def free_price(context: CheckContext, clock: Callable[[], float] = time.monotonic) -> CheckLine:
    """Send transactions of price zero until every proposer has taken one."""
    if context.signer is None:
        return fault(Code.PRICE_NOT_ZERO) if context.is_price_refused else not_checked(Code.ACCOUNT_WANTED)
    interval = context.expected.longest_interval or USUAL_PERIOD
    rounds = _begin(context, context.signer)
    seconds = min(MAX_WAIT_SECONDS, 2.0 * interval * BLOCKS_EACH * max(1, len(rounds.required)))
    context.endpoint.extend(seconds)
    end = clock() + seconds
    while not rounds.is_done and clock() < end:
        try:
            rounds.send()
        except QuestionRefused as error:
            return _refused_line(error)
        context.sleep(max(LEAST_POLL_SECONDS, interval / POLLS_PER_PERIOD))
        rounds.read_blocks()
    return _line(rounds)


def _begin(context: CheckContext, signer: CallSigner) -> ProposerRounds:
    required = context.expected.validators
    if required is None:
        try:
            required = told_validators(context)
        except QuestionRefused:  # a development chain, or methods that are switched off
            required = _seen_proposers(context)
    head = context.chain.newest().block.number
    return ProposerRounds(
        context, signer, required, told_quantity(context, "eth_chainId"), _nonce(context, signer.address), head
    )


def _seen_proposers(context: CheckContext) -> frozenset[Address]:
    """Return the proposers of the newest blocks; none of a chain without blocks."""
    head = context.chain.head().block.number
    return frozenset(context.chain.at(number).proposer for number in range(max(1, head - SEEN_BLOCKS + 1), head + 1))


def _nonce(context: CheckContext, account: Address) -> int:
    answer = context.endpoint.ask("eth_getTransactionCount", to_hex(account), "latest")
    try:
        return read_quantity(answer, "nonce", MAX_EXACT)
    except LedgerUnavailable as error:
        raise AnswerUnavailable(Code.ANSWER_UNREADABLE, str(error)) from error


def _refused_line(error: QuestionRefused) -> CheckLine:
    if is_sender_refused(error):
        return fault(Code.SENDER_NOT_ALLOWED, error.words)
    if is_price_refused(error):
        return fault(Code.PRICE_NOT_ZERO, error.words)
    return fault(Code.TRANSACTION_REFUSED, error.words)


def _line(rounds: ProposerRounds) -> CheckLine:
    if not rounds.included or rounds.newest is None:
        return fault(Code.TRANSACTION_NOT_MINED, Text(f"{rounds.blocks} blocks", f"{rounds.blocks} bloques"))
    if rounds.missing:
        return _missing_line(rounds)
    mined = rounds.sent - (rounds.waiting is not None)
    try:
        nonce = proven_nonce(rounds.context, rounds.signer.address, rounds.newest)
    except StateProofRefused as error:
        return fault(Code.STATE_PROOF_INVALID, str(error))
    if nonce < rounds.nonce + mined:
        return fault(Code.TRANSACTION_NOT_MINED, f"nonce {nonce}", f"≥ {rounds.nonce + mined}")
    return fine(
        Text(f"{mined} transactions in {rounds.blocks} blocks", f"{mined} transacciones en {rounds.blocks} bloques")
    )


def _missing_line(rounds: ProposerRounds) -> CheckLine:
    """Return what is known of proposers that have not taken a transaction."""
    over = [each for each in rounds.missing if rounds.passed[each] >= PASSED_OVER]
    absent = [each for each in rounds.missing if not rounds.passed[each]]
    if over:
        return fault(Code.PROPOSER_PASSES_OVER, _listed(over))
    if absent and rounds.blocks >= LEAST_TURNS * len(rounds.required):
        return fault(Code.PROPOSER_ABSENT, _listed(absent))
    return unknown(Code.CHECK_CUT_SHORT, _listed(rounds.missing))


def _listed(accounts: Sequence[Address]) -> str:
    return ", ".join(map(to_hex, accounts))
