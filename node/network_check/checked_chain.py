"""Blocks as an endpoint tells them. Each header is encoded and hashed here, so that no field can be told beside its hash.

The head is asked for once a check, so that all subjects speak of one block.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from acredita.anchoring.ledger import Block, LedgerUnavailable
from acredita.anchoring.qbft import block_hash
from acredita.anchoring.rpc_answers import MAX_EXACT, read_block, read_data, read_quantity
from acredita.anchoring.state_proof import StateProofRefused, header_hash
from acredita.anchoring.types import Address
from acredita.node.network_check.asking import AnswerUnavailable, AskedEndpoint
from acredita.registry.codes import Code

MAX_TRANSACTIONS: Final = 10_000  # hashes of one block


@dataclass(frozen=True, slots=True)
class ToldBlock:
    """A block with the fields that a check looks at. `is_hashed`: its header has the hash that the endpoint tells."""

    block: Block
    is_hashed: bool
    proposer: Address
    gas_limit: int
    base_fee: int | None
    fields: Mapping[str, Any]

    @property
    def transactions(self) -> tuple[str, ...]:
        """Hashes of its transactions, as the endpoint spells them."""
        listed = self.fields.get("transactions")
        return tuple(map(str, listed[:MAX_TRANSACTIONS])) if isinstance(listed, list) else ()


class CheckedChain:
    """The blocks of an endpoint."""

    def __init__(self, endpoint: AskedEndpoint) -> None:
        self.endpoint = endpoint
        self._head: ToldBlock | None = None

    def head(self) -> ToldBlock:
        """Return the head, the same one each time. Raises AnswerUnavailable, QuestionRefused."""
        if self._head is None:
            self._head = self.newest()
        return self._head

    def newest(self) -> ToldBlock:
        """Return the head of now. Raises AnswerUnavailable, QuestionRefused."""
        return self._read(self.endpoint.ask("eth_getBlockByNumber", "latest", False))

    def at(self, number: int) -> ToldBlock:
        """Return the block of a height. Raises AnswerUnavailable, QuestionRefused."""
        told_block = self._read(self.endpoint.ask("eth_getBlockByNumber", hex(number), False))
        if told_block.block.number != number:
            raise AnswerUnavailable(Code.LEDGER_INCOMPLETE, f"{number} ≠ {told_block.block.number}")
        return told_block

    def _read(self, answer: Any) -> ToldBlock:
        try:
            block = read_block(answer)
            fee = answer.get("baseFeePerGas")
            return ToldBlock(
                block=block,
                is_hashed=_has_its_hash(block),
                proposer=Address(read_data(answer["miner"], "miner", 20)),
                gas_limit=read_quantity(answer["gasLimit"], "gas limit", MAX_EXACT),
                base_fee=None if fee is None else read_quantity(fee, "base fee"),
                fields=answer,
            )
        except LedgerUnavailable as error:
            raise AnswerUnavailable(Code.ANSWER_UNREADABLE, str(error)) from error


def _has_its_hash(block: Block) -> bool:
    if header_hash(block.header) == block.hash:
        return True
    try:
        return block_hash(block.header) == block.hash
    except StateProofRefused:  # extraData of another kind of chain
        return False
