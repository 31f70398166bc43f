"""Keep the proven records of the subjects that were asked about lately, until there is a newer block to prove at."""

import threading
from collections import OrderedDict
from typing import Final

from acredita.anchoring.ledger import Block
from acredita.anchoring.types import BlockHash
from acredita.registry.evidence.build_registry_proof import ProvenRecords, prove_records
from acredita.registry.evidence.registry_proof import RegistryQuestion
from acredita.registry.ledger_facts.observer import Observer
from acredita.registry.ledger_facts.trust_file import Trust

KEPT_PROOFS: Final = 64
"""Subjects whose proofs are kept; one of more than MAX_KEPT_BYTES is not."""
MAX_KEPT_BYTES: Final = 256 * 1024


class KnownProofs:
    """Records and trie nodes of the subjects that were asked about lately, at one block. Used by several threads."""

    def __init__(self) -> None:
        self._block: BlockHash | None = None
        self._known: OrderedDict[tuple[bytes, bytes], ProvenRecords] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, observer: Observer, trust: Trust, question: RegistryQuestion, block: Block) -> ProvenRecords:
        """Return the proven records of a question's subjects. Raises EvidenceUnavailable, LedgerUnavailable."""
        key = (question.contract.encode(), question.key)
        with self._lock:
            known = self._known.get(key) if self._block == block.hash else None
        if known is None:
            known = prove_records(observer, trust, question, block)
        if _size(known) <= MAX_KEPT_BYTES:
            self._keep(key, known)
        return known

    def _keep(self, key: tuple[bytes, bytes], known: ProvenRecords) -> None:
        with self._lock:
            if self._block != known.block.hash:
                self._known.clear()
            self._block = known.block.hash
            self._known[key] = known
            self._known.move_to_end(key)
            if len(self._known) > KEPT_PROOFS:
                self._known.popitem(last=False)


def _size(known: ProvenRecords) -> int:
    return sum(map(len, known.nodes)) + sum(len(record) for records in known.records.values() for record in records)
