"""Choose the block B that a verification looks at, and check that its chain is the one the trust file pins.

1. The newest block's header gives its own hash, so its time is the block's.
2. Chain id, genesis and contract code are the pinned ones.
3. Every block the trust file names up to the head has its hash; a head below the highest of them is behind.
4. The head is not below the highest block that was seen before (`SeenBlocks`), and on a chain of validators that block is
   still there.
5. B is the head, or the newest block not after a moment in the past.
"""

from dataclasses import dataclass
from typing import Final, Protocol, runtime_checkable

from acredita.anchoring import qbft
from acredita.anchoring.ledger import (
    Block,
    Ledger,
    LedgerBehindUnavailable,
    LedgerForkedUnavailable,
    LedgerUnavailable,
    PartialLedgerUnavailable,
)
from acredita.anchoring.question_batch import AnswerBatch, BlockPoint, QuestionBatch
from acredita.anchoring.state_proof import StateProofRefused, header_hash, read_header
from acredita.anchoring.types import BlockHash, to_hex
from acredita.registry.codes import Code
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.ledger_facts.trust_file import Trust

BLOCKS_AT_ONCE: Final = 64  # heights in one batch: of 270,000 blocks the one is found in three round trips


@dataclass(frozen=True)
class SeenBlock:
    """The highest block seen of one chain."""

    number: int
    hash: BlockHash


class SeenBlocks(Protocol):
    """The highest block that this node or user has seen of a chain, kept beyond the process."""

    def highest_block(self, genesis: BlockHash) -> SeenBlock | None:
        """Return the highest block seen; None where none was."""

    def note(self, genesis: BlockHash, block: Block) -> None:
        """Remember a block if it is the highest."""


@runtime_checkable
class ReadAsOf(Protocol):
    """A ledger whose blocks of the past are not read: what is read at the head is cut at the moment itself."""

    def as_of(self, head: Block, time: int) -> Block | None:
        """Return the head as a block of an earlier moment (Unix seconds); None if the chain began later."""


@dataclass(frozen=True)
class ObservedBlock:
    """Block B and the head. State is read at the head; what is read is cut at B where B is older."""

    block: Block
    head: Block

    @property
    def asked_at(self) -> Block | None:
        """The head if B is an older block, else None."""
        return None if self.block == self.head else self.head


def observed_block(
    ledger: Ledger, trust: Trust, at: int | None, seen: SeenBlocks | None = None
) -> ObservedBlock | Missing:
    """Choose B: the newest block, or the newest not after `at` (Unix seconds).

    Returns `Missing` where the ledger does not answer, is another chain, lags behind or contradicts the trust file.
    """
    try:
        head = ledger.head()
        fault = head_fault(ledger, trust, head, seen=None if seen is None else seen.highest_block(trust.genesis))
        if fault is not None:
            return fault
        if seen is not None:
            check_not_behind(seen, trust, head)  # 4
        block = newest_block(ledger, head, at)  # 5
    except LedgerUnavailable as error:
        return Missing.of(error)
    if block is None:
        return Missing(Code.LEDGER_MISSING, "the chain began after the moment asked about")
    return ObservedBlock(block, head)


def head_fault(
    ledger: Ledger, trust: Trust, head: Block, *, all_pins: bool = True, seen: SeenBlock | None = None
) -> Missing | None:
    """Return why the head is none of the pinned chain; None if it is one. Raises LedgerUnavailable.

    `all_pins`: look at every block the trust file names; else at the highest only, because the others were found before.
    `seen`: the highest block seen, which must be on the chain if blocks are final; None where it is not to be looked at.
    """
    check_header(head)  # 1
    checkable = None if isinstance(ledger, ReadAsOf) else seen  # below a proven block nothing is told
    questions = head_questions(trust, head, all_pins=all_pins, seen=checkable)
    return answered_fault(trust, head, questions, ledger.batch(questions), checkable)


def head_questions(trust: Trust, head: Block, *, all_pins: bool = True, seen: SeenBlock | None = None) -> QuestionBatch:
    """Return the questions that tell whether the head is of the pinned chain: the first block, the named and the seen one."""
    named = sorted(trust.blocks, reverse=True)
    wanted = set(named if all_pins else named[:1])
    if seen is not None and not trust.is_demo_chain:
        wanted.add(seen.number)
    below = (number for number in sorted(wanted, reverse=True) if 0 < number < head.number)
    return QuestionBatch(head.hash, heights=(0, *below))


def answered_fault(
    trust: Trust, head: Block, questions: QuestionBatch, answers: AnswerBatch, seen: SeenBlock | None = None
) -> Missing | None:
    """Return why the answers to `head_questions` are not of the pinned chain; None if they are.

    Raises LedgerBehindUnavailable for a head below a named block, PartialLedgerUnavailable for another hash of a named
    one, LedgerForkedUnavailable for another hash of the seen one.
    """
    blocks = {number: _present(number, block) for number, block in zip(questions.heights, answers.blocks, strict=True)}
    if (answers.chain_id, blocks[0].hash) != (trust.chain_id, trust.genesis):  # 2
        return Missing(Code.GENESIS_CHANGED, "the ledger at hand is not the chain the trust file pins")
    highest = max(trust.blocks, default=0)  # 3
    if head.number < highest:
        raise LedgerBehindUnavailable(f"the ledger ends at block {head.number}, the trust file names block {highest}")
    hashes = {number: block.hash for number, block in blocks.items()} | {head.number: head.hash}
    for number in hashes.keys() & trust.blocks.keys():
        if hashes[number] != trust.blocks[number]:
            raise PartialLedgerUnavailable(
                f"block {number}: {to_hex(trust.blocks[number])} expected, {to_hex(hashes[number])} found"
            )
    if seen is not None and seen.number in hashes:
        _check_not_forked(trust, seen, hashes[seen.number])
    return None


def _check_not_forked(trust: Trust, seen: SeenBlock, present: BlockHash) -> None:
    """Check that a final block is still the one that was seen. Raises LedgerForkedUnavailable."""
    if not trust.is_demo_chain and present != seen.hash:
        raise LedgerForkedUnavailable(
            f"block {seen.number} was final: {to_hex(seen.hash)} was seen, {to_hex(present)} is there now"
        )


def _present(number: int, block: BlockPoint | None) -> BlockPoint:
    if block is None:
        raise LedgerUnavailable(f"the ledger lost block {number} while it was being read")
    return block


def check_not_behind(seen: SeenBlocks, trust: Trust, head: Block) -> None:
    """Check the head against the highest block seen. Raises LedgerBehindUnavailable if that is higher.

    Raises LedgerForkedUnavailable if another one was seen at its height, and blocks are final.
    """
    highest = seen.highest_block(trust.genesis)
    if highest is not None and head.number < highest.number:
        raise LedgerBehindUnavailable(f"the ledger ends at block {head.number}, block {highest.number} was seen before")
    if highest is not None and head.number == highest.number:
        _check_not_forked(trust, highest, head.hash)


def is_vouched(ledger: Ledger, trust: Trust, head: Block) -> bool:
    """Return whether more than an endpoint's word stands for a checked head: a proof, or its name in the trust file.

    Any other head is noted as seen only when records up to it were whole. A height that is a lie would else end every
    later answer as LEDGER_BEHIND.
    """
    return isinstance(ledger, ReadAsOf) or head.number in trust.blocks


def newest_block(ledger: Ledger, head: Block, at: int | None) -> Block | None:
    """Return the head, or the newest block not after `at` (Unix seconds); None if the chain began later.

    Of a ledger that is read by proof, `at` itself is the time of the block.
    """
    if at is None or head.time <= at:
        return head
    if isinstance(ledger, ReadAsOf):
        return ledger.as_of(head, at)
    low, high = -1, head.number  # block times rise strictly: the answer is in [low, high)
    while high - low > 1:
        heights = _between(low, high)
        points = ledger.batch(QuestionBatch(head.hash, heights=heights)).blocks
        for height, point in zip(heights, points, strict=True):
            if _present(height, point).time > at:
                high = height
                break
            low = height
    if low < 0:
        return None
    block = block_of(ledger, low)
    check_header(block)
    return block


def _between(low: int, high: int) -> tuple[int, ...]:
    """Return heights between two heights: all of them, or as many as one round trip asks, at equal distances."""
    step = max(1, -(-(high - low) // (BLOCKS_AT_ONCE + 1)))
    return tuple(range(low + step, high, step))


def block_of(ledger: Ledger, number: int) -> Block:
    """Return the block of a number that the chain must have. Raises LedgerUnavailable."""
    block = ledger.block(number)
    if block is None:
        raise LedgerUnavailable(f"the ledger lost block {number} while it was being read")
    return block


def check_header(block: Block) -> None:
    """Check that the header's fields give the block's hash, with or without the seals of QBFT."""
    try:
        header = read_header(block.header)
        agrees = block.hash in (header_hash(block.header), _qbft_hash(block.header))
    except StateProofRefused as error:
        raise PartialLedgerUnavailable(f"block {block.number}: {error}") from error
    if not agrees or (header.number, header.time, header.parent) != (block.number, block.time, block.parent):
        raise PartialLedgerUnavailable(f"block {block.number}: its header does not give its hash")


def _qbft_hash(header: bytes) -> BlockHash | None:
    try:
        return qbft.block_hash(header)
    except StateProofRefused:  # extraData of another kind of chain
        return None
