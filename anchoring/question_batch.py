"""Several questions to a ledger in one round trip: what they ask, what they get, and how a ledger without batches answers.

State is read at one block, named by its hash. Of other blocks hash and time are answered and no header, because validators
seal the same block differently.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from acredita.anchoring.types import Address, BlockHash
from acredita.contracts.abi import RawLog, View

if TYPE_CHECKING:
    from acredita.anchoring.ledger import Ledger, LogQuery


class BlockPoint(NamedTuple):
    """Hash and time of a block of a known height."""

    hash: BlockHash
    time: int


@dataclass(frozen=True, slots=True)
class QuestionBatch:
    """Questions for one round trip. `block`: whose state is read; `heights`: of other blocks that are wanted."""

    block: BlockHash
    views: tuple[View[Any], ...] = ()
    codes: tuple[Address, ...] = ()
    heights: tuple[int, ...] = ()
    logs: "LogQuery | None" = None


@dataclass(frozen=True, slots=True)
class AnswerBatch:
    """The answers, in the order of the questions. `blocks`: None for a height that the chain does not have."""

    chain_id: int
    views: tuple[Any, ...] = ()
    codes: tuple[bytes, ...] = ()
    blocks: tuple[BlockPoint | None, ...] = ()
    logs: tuple[RawLog, ...] = ()


def one_by_one(ledger: "Ledger", questions: QuestionBatch) -> AnswerBatch:
    """Ask the questions one after the other. Raises LedgerUnavailable for the first without an answer."""
    chain_id = ledger.chain_id()
    blocks = tuple(ledger.block(height) for height in questions.heights)
    codes = tuple(ledger.code(address, questions.block) for address in questions.codes)
    views = tuple(ledger.read(view, questions.block) for view in questions.views)
    logs = () if questions.logs is None else tuple(ledger.logs(questions.logs))
    points = tuple(None if block is None else BlockPoint(block.hash, block.time) for block in blocks)
    return AnswerBatch(chain_id, views, codes, points, logs)
