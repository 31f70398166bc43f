"""Decide by which key step 3 is answered, because a DID document is no part of the registry.

1. A party of the registry signs with a key that its method names by its Multikey. Step 4 looks that key's hash up in the
   ledger's records. The party's DID document can only make a note (`DID_DIFFERS`): a lapsed domain breaks nothing.
2. Of any other issuer the DID document decides.
3. While the ledger could not be asked, nobody knows which of the two it is. What both say is said.
"""

from collections.abc import Mapping

from acredita.anchoring.types import IssuerId
from acredita.registry.codes import Code
from acredita.registry.evidence.credential import ProofResult
from acredita.registry.keys.multikey import key_id
from acredita.registry.ledger_facts.facts import LedgerFacts, Missing
from acredita.registry.proofs.data_integrity import ProofCheck, ProofCheckUnavailable, ProofRefused
from acredita.registry.proofs.resolve_key import key_for
from acredita.registry.verification.results import ReportNote


def deciding_proof(
    by_document: ProofResult, by_method: ProofResult | None, issuer: IssuerId, ledger: LedgerFacts | Missing
) -> ProofResult:
    """Return the outcome of a credential's proof that counts. `by_method`: as in CheckedCredential."""
    if by_method is None:
        return by_document
    if not isinstance(ledger, Missing):
        return by_method if issuer in ledger.parties else by_document
    if isinstance(by_document, ProofRefused) and isinstance(by_method, ProofCheck):
        return ProofCheckUnavailable(ledger.code, f"whose key it is, the registry knows: {ledger.detail}")
    return by_document


def document_note(
    check: ProofCheck, did: str, issuer: IssuerId, ledger: LedgerFacts | Missing, dids: Mapping[str, object], now: int
) -> ReportNote | None:
    """Return that a party's DID document at hand does not give a key that the ledger has in force; None if it does."""
    party = None if isinstance(ledger, Missing) else ledger.parties.get(issuer)
    window = None if party is None else party.assertion_key(key_id(check.multikey))
    if window is None or not window.holds(now) or not did.startswith("did:web:") or dids.get(did) is None:
        return None
    try:
        named = key_for(check.verification_method, dids, now=now)
    except (ProofRefused, ProofCheckUnavailable) as error:
        return ReportNote(Code.DID_DIFFERS, str(error))
    is_same = named.multikey == check.multikey
    return None if is_same else ReportNote(Code.DID_DIFFERS, f"another key as {check.verification_method}")
