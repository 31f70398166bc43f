"""Answers: a report with names from approved documents, and the answer on a container of several credentials.

A container's verdict is that of its worst member. The proof of a presentation is a line beside it and changes nothing.
The credential's own words are not shown as the registry's.
"""

from collections.abc import Callable
from dataclasses import replace

from acredita.anchoring.ledger import LedgerUnavailable
from acredita.anchoring.receipts import Receipt
from acredita.anchoring.types import Digest
from acredita.node.verification.report import Answer
from acredita.node.verification.verifier import Verifier
from acredita.registry.canonicalisation.budget import request_budget
from acredita.registry.credentials.parse import ParsedCredential
from acredita.registry.evidence.credential import CheckedCredential, CredentialReading
from acredita.registry.evidence.holder_proof import check_holder
from acredita.registry.evidence.open_document import OpenedDocument
from acredita.registry.evidence.proven_facts import proven_facts
from acredita.registry.keys.did import issuer_id
from acredita.registry.ledger_facts.facts import LedgerFacts, Missing
from acredita.registry.ledger_facts.histories import PartyHistory
from acredita.registry.programmes.scope import Scope
from acredita.registry.verification.case import Moment
from acredita.registry.verification.results import Verdict, VerificationReport

ScopeOf = Callable[[Digest], Scope | None]
ReceiptOf = Callable[[CheckedCredential], Receipt | None]

_WORST_FIRST = {verdict: rank for rank, verdict in enumerate(Verdict)}


def verify_opened(
    verifier: Verifier, opened: OpenedDocument, receipt_of: ReceiptOf, moment: Moment, identifier: str | None
) -> Answer:
    """Verify each credential of what was handed in. The answer on a container is that on its worst member."""
    with request_budget():
        members = [_answer_on(verifier, reading, receipt_of, moment, identifier) for reading in opened.credentials]
        if not opened.is_container:
            return members[0]
        holders = [check_holder(presentation, verifier.document_source.dids) for presentation in opened.presentations]
    worst = min(members, key=lambda member: _WORST_FIRST[member.report.verdict])
    return replace(worst, members=tuple(members), holder_proofs=tuple(holders))


def _answer_on(
    verifier: Verifier, reading: CredentialReading, receipt_of: ReceiptOf, moment: Moment, identifier: str | None
) -> Answer:
    credential = verifier.check_proof(reading)
    report = verifier.verify(credential, receipt_of(credential), moment, identifier)
    return answer(reading, report, verifier)


def own_receipt(receipt: Receipt | None, opened: OpenedDocument) -> ReceiptOf:
    """Return the receipt handed in for the one credential handed in; of several, for that whose digest it holds."""

    def receipt_of(credential: CheckedCredential) -> Receipt | None:
        alone = len(opened.credentials) == 1
        fits = receipt is not None and receipt.entry.digest == credential.digest
        return receipt if alone or fits else None

    return receipt_of


def answer(credential: CredentialReading, report: VerificationReport, verifier: Verifier) -> Answer:
    """Add names from approved documents to a report."""
    parsed, trust = credential.parsed, verifier.trust
    demo = not isinstance(trust, Missing) and trust.is_demo_chain
    if parsed is None:
        return Answer(report, None, None, None, demo)
    programme = verifier.document_source.programme(parsed.programme)
    return Answer(report, parsed, programme, _issuer_name(verifier, parsed, report.checked_at), demo)


def _issuer_name(verifier: Verifier, parsed: ParsedCredential, at: int) -> str | None:
    """Return the issuer's name in the registry, from the ledger, or from the bundle if there is no ledger."""
    if isinstance(verifier.observer, Missing):
        if verifier.bundle is None or isinstance(verifier.trust, Missing):
            return None
        facts = proven_facts(verifier.bundle, parsed, verifier.trust)
        return proven_name(facts, parsed.issuer, at, verifier.document_source.scope)
    try:
        party = verifier.observer.party(issuer_id(parsed.issuer))
    except LedgerUnavailable:
        return None
    return _name_at(party, at, verifier.document_source.scope)


def proven_name(facts: LedgerFacts | Missing, did: str, at: int, scope_of: ScopeOf) -> str | None:
    """Return the issuer's name from the scope its proven records name.

    A bundle may hold any other scope, under any name.
    """
    return None if isinstance(facts, Missing) else _name_at(facts.parties.get(issuer_id(did)), at, scope_of)


def _name_at(party: PartyHistory | None, at: int, scope_of: ScopeOf) -> str | None:
    digest = party.scope_at(at) if party else None
    scope = scope_of(digest) if digest else None
    return scope.name["es"] if scope else None
