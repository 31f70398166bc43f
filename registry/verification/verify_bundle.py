"""Verify a credential from an evidence bundle, with no ledger: the same twelve steps, with the bundle for a ledger."""

from acredita.registry.codes import Code
from acredita.registry.evidence.bundle import Bundle
from acredita.registry.evidence.proven_facts import proven_facts
from acredita.registry.ledger_facts.facts import LedgerFacts, Missing
from acredita.registry.ledger_facts.trust_file import Trust
from acredita.registry.verification.results import Report
from acredita.registry.verification.verify import Moment, verify


def verify_bundle(bundle: Bundle, trust: Trust | Missing, moment: Moment, identifier: str | None = None) -> Report:
    """Verify a bundle's credential at `moment`. Without a trust file or a readable credential no fact is proven."""
    evidence = bundle.evidence()
    parsed = evidence.credential.parsed
    if isinstance(trust, Missing) or parsed is None:
        facts: LedgerFacts | Missing = trust if isinstance(trust, Missing) else Missing(Code.STEP_DEPENDS)
    else:
        facts = proven_facts(bundle, parsed, trust)
    return verify(evidence, trust, facts, moment, identifier)
