"""Verification from an evidence bundle, offline: the same twelve steps, with the bundle in place of a ledger."""

from dataclasses import dataclass

from acredita.anchoring.types import IssuerId
from acredita.registry.codes import Code
from acredita.registry.evidence.bundle import Bundle
from acredita.registry.evidence.credential import (
    CheckedCredential,
    CredentialReading,
    Evidence,
    check_proof,
    read_document,
)
from acredita.registry.evidence.open_document import DocumentRefused, open_value
from acredita.registry.evidence.proven_facts import proven_facts, proven_parties
from acredita.registry.ledger_facts.facts import LedgerFacts, Missing
from acredita.registry.ledger_facts.trust_file import Trust
from acredita.registry.verification.case import Moment
from acredita.registry.verification.foreign import RegistryFacts, verify_foreign
from acredita.registry.verification.results import VerificationReport
from acredita.registry.verification.twelve_steps import verify


@dataclass(frozen=True)
class ProvenBundle:
    """A bundle's credential with its proof checked, its documents, and the ledger facts it proves.

    `registry`: what it proves of the parties that a credential outside our profile could be of.
    """

    credential: CheckedCredential
    evidence: Evidence
    facts: LedgerFacts | Missing
    registry: RegistryFacts | Missing

    def verify(self, trust: Trust | Missing, moment: Moment, identifier: str | None = None) -> VerificationReport:
        """Verify the credential at `moment`, under the trust file the facts were proven with."""
        foreign = self.credential.foreign
        if foreign is not None:
            dids = self.evidence.dids
            return verify_foreign(self.credential, foreign, self.registry, trust, moment, dids, identifier)
        return verify(self.credential, self.evidence, trust, self.facts, moment, identifier)


def prove_bundle(bundle: Bundle, trust: Trust | Missing) -> ProvenBundle:
    """Read a bundle once. Without a trust file or a readable credential no fact is proven."""
    reading, evidence = _reading(bundle.credential), bundle.evidence()
    credential = check_proof(reading, evidence.dids)
    return ProvenBundle(
        credential, evidence, _facts(bundle, reading, trust), proven_registry(bundle, credential, trust)
    )


def proven_registry(bundle: Bundle, credential: CheckedCredential, trust: Trust | Missing) -> RegistryFacts | Missing:
    """Prove what a bundle says of the parties that its credential could be of. Without one of them nothing is known."""
    named = frozenset[IssuerId]() if credential.foreign is None else credential.foreign.named
    if isinstance(trust, Missing):
        return trust
    facts = proven_parties(bundle, named, trust)
    return facts if isinstance(facts, Missing) else RegistryFacts(facts, lambda _: Evidence(dids=bundle.dids))


def _reading(document: object) -> CredentialReading:
    """Read a bundle's credential; a token is opened. A bundle holds one credential and no container."""
    try:
        opened = open_value(document)
    except DocumentRefused:
        return read_document(document)
    return read_document(document) if opened.is_container else opened.credentials[0]


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
