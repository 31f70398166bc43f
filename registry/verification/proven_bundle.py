"""Verification from an evidence bundle, offline: the same twelve steps, with the bundle in place of a ledger."""

from dataclasses import dataclass

from acredita.registry.codes import Code
from acredita.registry.evidence.bundle import Bundle
from acredita.registry.evidence.credential import (
    CheckedCredential,
    CredentialReading,
    Evidence,
    check_proof,
    read_document,
)
from acredita.registry.evidence.proven_facts import proven_facts
from acredita.registry.ledger_facts.facts import LedgerFacts, Missing
from acredita.registry.ledger_facts.trust_file import Trust
from acredita.registry.verification.case import Moment
from acredita.registry.verification.results import VerificationReport
from acredita.registry.verification.twelve_steps import verify


@dataclass(frozen=True)
class ProvenBundle:
    """A bundle's credential with its proof checked, its documents, and the ledger facts it proves."""

    credential: CheckedCredential
    evidence: Evidence
    facts: LedgerFacts | Missing

    def verify(self, trust: Trust | Missing, moment: Moment, identifier: str | None = None) -> VerificationReport:
        """Verify the credential at `moment`, under the trust file the facts were proven with."""
        return verify(self.credential, self.evidence, trust, self.facts, moment, identifier)


def prove_bundle(bundle: Bundle, trust: Trust | Missing) -> ProvenBundle:
    """Read a bundle once. Without a trust file or a readable credential no fact is proven."""
    reading, evidence = read_document(bundle.credential), bundle.evidence()
    return ProvenBundle(check_proof(reading, evidence.dids), evidence, _facts(bundle, reading, trust))


def verify_bundle(
    bundle: Bundle, trust: Trust | Missing, moment: Moment, identifier: str | None = None
) -> VerificationReport:
    """Verify a bundle's credential at `moment`."""
    return prove_bundle(bundle, trust).verify(trust, moment, identifier)


def _facts(bundle: Bundle, reading: CredentialReading, trust: Trust | Missing) -> LedgerFacts | Missing:
    if isinstance(trust, Missing):
        return trust
    if reading.parsed is None:
        return Missing(Code.STEP_DEPENDS)
    return proven_facts(bundle, reading.parsed, trust)
