"""The succession of trust files: which file may follow which.

File n + 1 is signed by the thresholds of n and of itself, as The Update Framework rotates its root. So keys are replaced
without a new pin, and one stolen key signs nothing. A change of chain, genesis or contracts is never followed: who means
it confirms the new file by its hash.
"""

from dataclasses import dataclass

from acredita.anchoring.types import Digest, to_hex
from acredita.registry.codes import Code
from acredita.registry.ledger_facts.trust_file import Trust, TrustRefused


@dataclass(frozen=True)
class RecordedTrust:
    """The newest trust file that the council recorded, by number and hash."""

    number: int
    digest: Digest


def recorded_fault(trust: Trust, recorded: RecordedTrust | None) -> Code | None:
    """Return why a trust file is not the one that the council recorded last; None if it is, or a newer one.

    A newer file counts by its own signatures: the council may record it later.
    """
    if recorded is None or recorded.number < trust.number:
        return None
    if recorded.number > trust.number:
        return Code.TRUST_OUTDATED
    return None if recorded.digest == trust.digest else Code.TRUST_EQUIVOCATION


def check_same(trust: Trust, other: Trust) -> None:
    """Check that two files of one number are one file. Raises TrustRefused."""
    if trust.number == other.number and trust.digest != other.digest:
        raise TrustRefused(
            Code.TRUST_EQUIVOCATION,
            f"two trust files have number {trust.number}: {to_hex(trust.digest)} and {to_hex(other.digest)}",
        )


def check_next(trust: Trust, other: Trust) -> None:
    """Check that a file is the trusted one itself or the next after it. Raises TrustRefused."""
    if other.digest != trust.digest:
        check_successor(trust, other)


def check_successor(trust: Trust, following: Trust) -> None:
    """Check that a file is the next one after a file that is trusted. Raises TrustRefused."""
    check_same(trust, following)
    if following.number < trust.number:
        raise TrustRefused(
            Code.TRUST_ROLLED_BACK, f"trust file {following.number} is older than {trust.number}, already seen"
        )
    if following.number != trust.number + 1:
        raise TrustRefused(
            Code.TRUST_NUMBER_SKIPPED,
            f"trust file {trust.number + 1} expected after {trust.number}, found {following.number}",
        )
    if not following.is_signed_by(trust.keys, trust.threshold):
        signed = len(following.signers & set(trust.keys))
        raise TrustRefused(
            Code.TRUST_SIGNATURES_TOO_FEW,
            f"trust file {following.number}: {signed} of {trust.threshold} signatures by the keys of {trust.number}",
        )
    if following.ledger != trust.ledger:
        raise TrustRefused(
            Code.TRUST_OTHER_LEDGER, f"trust file {following.number} names another chain, genesis or contracts"
        )
