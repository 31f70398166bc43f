"""Facts of one ledger at one block B, as plain values.

`LedgerFacts` is the answer of one ledger; step 6 of a verification checks that it is the pinned one. A part that is not
available is `Missing` with the code that says why. This module does no I/O: `observer` fills these values from a
ledger, `registry.evidence.proven_facts` from a bundle.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from acredita.anchoring.ledger import LedgerUnavailable
from acredita.anchoring.receipts import Receipt
from acredita.anchoring.status_bits import Status
from acredita.anchoring.types import BlockHash, Digest, IssuerId, Word
from acredita.registry.codes import CODES, Code
from acredita.registry.ledger_facts.histories import PartyHistory, ProgrammeHistory
from acredita.registry.ledger_facts.trust_succession import RecordedTrust

COULD_NOT_TELL: Final = frozenset(
    {
        Code.LEDGER_UNREACHABLE,
        Code.LEDGER_INCOMPLETE,
        Code.LEDGER_BEHIND,
        Code.LEDGER_FORKED,
        Code.PROOFS_UNAVAILABLE,
    }
)
"""The codes of a ledger that may answer later, or by another endpoint."""


class LogAtHead(Protocol):
    """The issuer's log at its newest checkpoint up to B: rebuilt or proven, never merely claimed."""

    @property
    def time(self) -> int:
        """Block time of that checkpoint; 0 for a log that was never anchored."""

    def bits(self, position: int) -> Status:
        """Return the three bits of a position. They are clear if no list of that number exists."""

    def holds(self, digest: Digest) -> bool | None:
        """Return whether an `issued` entry names the digest; None if only single leaves were proven."""

    def receipt(self, digest: Digest, shown: Receipt | None = None) -> Receipt | None:
        """Return the receipt of the first entry of a digest that counts, made from the log.

        Returns None if there is no such entry, or only single leaves were proven. `shown`: a receipt that is returned
        where it is that one, whatever block it names.
        """


@dataclass(frozen=True)
class Missing:
    """A value that is not available, and the code that says why."""

    code: Code
    detail: str = ""

    @classmethod
    def of(cls, error: LedgerUnavailable) -> "Missing":
        """Return the value of a ledger that could not tell: not reached, incomplete, behind, or forked."""
        return cls(CODES[error.code] if error.code in COULD_NOT_TELL else Code.LEDGER_UNREACHABLE, str(error))


@dataclass(frozen=True)
class LedgerFacts:
    """The facts of one ledger at block B. Times are Unix seconds.

    `stalled_after`: age in seconds at which the newest block means that the chain has stopped; None where blocks come on
    demand. `code_hashes`: contract name → keccak-256 of its runtime code. `programmes`: versions of the credential's own
    issuer, by the digest of their document. `stored_word`: the word the contract stores for the (issuer, epoch, number)
    of the receipt that was handed in; None if the slot is empty or there is no receipt. `last_good`: of that receipt's
    epoch, if it is closed. `offline`: the facts come from a bundle, so their age counts. `recorded_trust`: the newest
    trust file that the council recorded; None where it recorded none, or for a bundle.
    """

    chain_id: int
    genesis: BlockHash
    code_hashes: Mapping[str, bytes]
    block_number: int
    block_hash: BlockHash
    block_time: int
    parties: Mapping[IssuerId, PartyHistory]
    programmes: Mapping[Digest, ProgrammeHistory]
    stored_word: Word | None
    last_good: int | None
    log: LogAtHead | Missing
    stalled_after: int | None = None
    offline: bool = False
    recorded_trust: RecordedTrust | None = None
