"""The case of one verification: a credential that could be read, with the values its steps use.

A case is made after step 3. Its `ledger` holds the facts only if the trust file vouches for the ledger they come from.
"""

from dataclasses import dataclass
from typing import Final

from acredita.anchoring.receipts import Receipt, time_text
from acredita.anchoring.types import IssuerId
from acredita.registry.codes import Code
from acredita.registry.credentials.parse import ParsedCredential
from acredita.registry.evidence.credential import Evidence
from acredita.registry.ledger_facts.facts import LedgerFacts, Missing
from acredita.registry.ledger_facts.trust_file import Trust
from acredita.registry.ledger_facts.trust_succession import recorded_fault
from acredita.registry.verification.receipt_choice import ReceiptChoice

NOTICE_SECONDS: Final = 14 * 24 * 3600  # before its end, a trust file is to be replaced
EARLY_SECONDS: Final = 60  # a date may lie so far ahead of our clock: two clocks differ


@dataclass(frozen=True)
class Moment:
    """The verifier's clock (`at`, Unix seconds), whether it was given (`--at`), and the greatest age of a bundle."""

    at: int
    given: bool = False
    stale_after: int = 24 * 3600


@dataclass(frozen=True)
class Case:
    """One credential with its evidence, trust and ledger. `now`: the present of this verification, Unix seconds.

    `choice`: the anchor receipt to rest on.
    """

    parsed: ParsedCredential
    issuer: IssuerId
    evidence: Evidence
    trust: Trust | Missing
    ledger: LedgerFacts | Missing
    moment: Moment
    now: int
    choice: ReceiptChoice

    @property
    def receipt(self) -> Receipt | None:
        """The anchor receipt to rest on, if there is one."""
        return self.choice.receipt


def present(moment: Moment, facts: LedgerFacts | Missing) -> int:
    """Return the time to answer for, Unix seconds: the clock's, unless it runs behind the newest block."""
    if moment.given or isinstance(facts, Missing):
        return moment.at
    return max(moment.at, facts.block_time)


def not_in_force(trust: Trust, now: int) -> Code | None:
    """Return why a trust file does not count at a time (Unix seconds): not yet issued, or expired; None if it counts."""
    if trust.issued > now + EARLY_SECONDS:
        return Code.TRUST_NOT_YET_ISSUED
    return Code.TRUST_EXPIRED if now >= trust.expires else None


def ends_soon(trust: Trust, now: int) -> bool:
    """Return True in the last two weeks of a trust file, and after its end."""
    return now >= trust.expires - NOTICE_SECONDS


def head_age_fault(block_time: int, clock: int, stalled_after: int | None) -> Code | None:
    """Return why the newest block's time does not fit the clock; None if it does, or where blocks come on demand."""
    if stalled_after is None:
        return None
    if block_time > clock + EARLY_SECONDS:
        return Code.LEDGER_AHEAD_OF_CLOCK
    return Code.LEDGER_STALLED if clock - block_time > stalled_after else None


def trust_fault(trust: Trust, now: int, moment: Moment) -> Missing | None:
    """Return why a trust file does not count for a verification; None if it does.

    The past may be asked about with a file of today: a given moment has no latest day of issue.
    """
    refused = not_in_force(trust, now)
    if refused is None or (refused is not Code.TRUST_EXPIRED and moment.given):
        return None
    return Missing(
        refused, f"trust file {trust.number} is valid from {time_text(trust.issued)} to {time_text(trust.expires)}"
    )


def pinned_ledger(
    trust: Trust | Missing, facts: LedgerFacts | Missing, now: int, moment: Moment
) -> LedgerFacts | Missing:
    """Return the facts if they come from the pinned ledger and the trust file is in force, else why not."""
    if isinstance(trust, Missing):
        return trust
    refused = trust_fault(trust, now, moment)
    if refused is not None:
        return refused
    if isinstance(facts, Missing):
        return facts
    if (facts.chain_id, facts.genesis) != (trust.chain_id, trust.genesis):
        return Missing(Code.GENESIS_CHANGED, "the ledger at hand is not the chain the trust file pins")
    if any(trust.code_hashes.get(name) != code for name, code in facts.code_hashes.items()):
        return Missing(Code.CODE_CHANGED, "a contract's code is not the one the trust file pins")
    fault = recorded_fault(trust, facts.recorded_trust)
    if fault is not None:
        return Missing(fault, f"trust file {trust.number} is not the one that the council recorded last")
    return facts
