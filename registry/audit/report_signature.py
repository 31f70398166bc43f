"""Sign a report with the auditor's own key, and verify the signature: a Data Integrity proof, `eddsa-jcs-2022`.

The proof names the key as a did:key. So anybody can tell that the report is unaltered since that key signed it. That the
key is the auditor's is known only from the auditor: `key` is compared with the one that was handed over.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from acredita.registry.audit.report import FORMAT
from acredita.registry.codes import Code
from acredita.registry.json_documents.jcs import JcsRefused
from acredita.registry.keys.did import DidRefused, did_key_of_method, key_method
from acredita.registry.keys.multikey import KeyRefused, PublicKey, parse_multikey
from acredita.registry.keys.signer import Signer
from acredita.registry.proofs.data_integrity import add_proof, verify_proof
from acredita.registry.proofs.proof_options import ProofOptions, ProofRefused

SUITE: Final = "eddsa-jcs-2022"
PURPOSE: Final = "assertionMethod"
MAX_REPORT_BYTES: Final = 16 << 20
"""Bytes of a report; one finding takes about 500."""


@dataclass(frozen=True)
class ReportSignature:
    """The key that signed a report, and the time that its signer states."""

    key: PublicKey
    created: datetime


def sign_report(document: Mapping[str, object], signer: Signer, created: int) -> dict[str, Any]:
    """Return the report with its proof. `created`: Unix seconds."""
    method = key_method(parse_multikey(signer.multikey))
    return add_proof(document, ProofOptions(SUITE, method, datetime.fromtimestamp(created, UTC), PURPOSE), signer)


def verify_report(document: object) -> ReportSignature:
    """Verify the signature of a report. Raises ProofRefused, ProofCheckUnavailable.

    The answer that the report states must be the one that its findings give.
    """
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ProofRefused(Code.PROOF_MALFORMED, f"a document of the format {FORMAT} expected")
    try:
        check = verify_proof(document, _key_of)
    except JcsRefused as error:
        raise ProofRefused(Code.PROOF_INVALID, f"no canonical form: {error}") from error
    if (check.options.cryptosuite, check.options.purpose) != (SUITE, PURPOSE) or check.options.created is None:
        raise ProofRefused(Code.PROOF_MALFORMED, f"a proof {SUITE} for {PURPOSE} with its time expected")
    _check_answer(document)
    return ReportSignature(check.key, check.options.created)


def _key_of(method: str) -> PublicKey:
    try:
        return did_key_of_method(method)
    except (DidRefused, KeyRefused) as error:
        raise ProofRefused(Code.PROOF_MALFORMED, f"verificationMethod: {error}") from error


def _check_answer(document: Mapping[str, Any]) -> None:
    """Check that the report does not state a better answer than its findings."""
    findings, outcome = document.get("findings"), document.get("outcome")
    if not isinstance(findings, list) or not all(isinstance(each, dict) for each in findings):
        raise ProofRefused(Code.PROOF_MALFORMED, "findings: a list of objects expected")
    weights = {str(each.get("weight")) for each in findings}
    if outcome not in ("agrees", "differs", "unknown"):
        raise ProofRefused(Code.PROOF_MALFORMED, "outcome: agrees, differs or unknown expected")
    if outcome == "agrees" and not weights <= {"observation"}:
        raise ProofRefused(Code.PROOF_MALFORMED, "the outcome is better than the findings")
