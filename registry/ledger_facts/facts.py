"""Facts of one ledger at one block B, as plain values.

`LedgerFacts` is the answer of one ledger; step 6 of a verification checks that it is the pinned one. A part that is not
available is `Missing` with the code that says why. This module does no I/O: `observer` fills these values from a
ledger, `registry.evidence.proven_facts` from a bundle.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from acredita.anchoring.status_bits import Status
from acredita.anchoring.types import BlockHash, Digest, IssuerId, Word
from acredita.registry.codes import Code
from acredita.registry.ledger_facts.histories import PartyHistory, ProgrammeHistory


class LogAtHead(Protocol):
    """The issuer's log at its newest checkpoint up to B: rebuilt or proven, never merely claimed."""

    @property
    def time(self) -> int:
        """Block time of that checkpoint; 0 for a log that was never anchored."""

    def bits(self, position: int) -> Status:
        """Return the three bits of a position. They are clear if no list of that number exists."""

    def holds(self, digest: Digest) -> bool | None:
        """Return whether an `issued` entry names the digest; None if only single leaves were proven."""


@dataclass(frozen=True)
class Missing:
    """A value that is not available, and the code that says why."""

    code: Code
    detail: str = ""


@dataclass(frozen=True)
class LedgerFacts:
    """The facts of one ledger at block B. Times are Unix seconds.

    `has_period`: blocks come at fixed intervals, not on demand. `code_hashes`: contract name → keccak-256 of its
    runtime code. `stored_word`: the word the contract stores for the receipt's (issuer, epoch, number); None if the
    slot is empty or there is no receipt. `last_good`: of the receipt's epoch, if it is closed. `offline`: the facts
    come from a bundle, so their age counts.
    """

    chain_id: int
    genesis: BlockHash
    code_hashes: Mapping[str, bytes]
    block_number: int
    block_time: int
    parties: Mapping[IssuerId, PartyHistory]
    programmes: Mapping[Digest, ProgrammeHistory]
    stored_word: Word | None
    last_good: int | None
    log: LogAtHead | Missing
    has_period: bool = False
    offline: bool = False
