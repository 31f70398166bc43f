"""Word what an error of the VC-API expected, by its code: never the fault itself, and never a value that was sent.

The title of a problem names the fault. Its detail names the rule, so that a reader knows what to change.
"""

from collections.abc import Mapping
from typing import Any, Final

from acredita.node.issuance.institution import InstitutionRefused
from acredita.registry.canonicalisation.safe_values import CanonicalFormRefused
from acredita.registry.codes import Code
from acredita.registry.json_documents.schema_faults import SchemaFault, pointer
from acredita.registry.proofs.data_integrity import ProofCheckUnavailable, ProofRefused

EXPECTED: Final[Mapping[Code, str]] = {
    Code.CONTEXT_UNKNOWN: "contexts that are bundled or configured on this node, because none is fetched",
    Code.CONTEXT_INVALID: "a context that is a URL, or an object without @import",
    Code.TERM_REDEFINED: "protected terms with the meaning of the context that protects them",
    Code.TERM_UNMAPPED: "a key that a context maps to an IRI",
    Code.TYPE_UNMAPPED: "a type that a context maps to an IRI",
    Code.IRI_INVALID: "an IRI of characters that IRIs have",
    Code.IRI_RELATIVE: "an absolute IRI",
    Code.JSONLD_INVALID: "a document that JSON-LD 1.1 can expand",
    Code.VALUE_NULL: "a value, or no such key",
    Code.VALUE_UNSIGNED: "a value that reaches the signed statements",
    Code.NUMBER_UNSAFE: "a number below 2^53 in at most 16 digits and without an exponent",
    Code.CONTROL_CHARACTER: "text without control characters",
    Code.DOCUMENT_TOO_LARGE: "a document within the limits of size and number of values",
    Code.TOO_DEEP: "a document within the limit of depth",
    Code.NOTHING_SIGNED: "a document with at least one statement",
    Code.GRAPH_TOO_COMPLEX: "a graph whose canonical form is within the budget",
    Code.WORK_LIMIT: "a request within the budget of counted operations",
    Code.PROOF_MISSING: "a proof",
    Code.PROOF_MALFORMED: "a proof in the form that its type defines",
    Code.PROOF_INVALID: "a signature that fits the document and its proof options",
    Code.PROOF_KEY_REFUSED: "a key that its DID document allows for this purpose at this moment",
    Code.PROOF_PURPOSE_MISMATCH: "the purpose of the request, or that of the document without one",
    Code.PROOF_DOMAIN_MISMATCH: "the domain of the request, or none without one",
    Code.PROOF_CHALLENGE_MISMATCH: "the challenge of the request, or none without one",
    Code.PROOF_EXPIRED: "a proof whose end is still to come",
    Code.CRYPTOSUITE_UNKNOWN: "a cryptosuite or an algorithm that is checked here",
    Code.KEY_UNREADABLE: "a Multikey or JsonWebKey of Ed25519, P-256 or P-384, described in one way",
    Code.DID_UNRESOLVED: "a did:key, or a DID whose document this node has",
}
"""Code of a proof or of a canonical form → the rule that holds for it."""

_OF_INSTITUTION: Final[Mapping[Code, tuple[str, str]]] = {
    Code.ISSUER_NOT_OF_PROFILE: ("/issuer", "the DID of the institution"),
    Code.ACHIEVEMENT_NOT_APPROVED: (
        "/credentialSubject/achievement",
        "the achievement that an approved programme builds",
    ),
    Code.SCHEMA_INVALID: ("", "a credential that fits the schema of the profile"),
}
"""Code of a refusal by an institution → the place in the credential, and the rule."""

_MEMBERS: Final[Mapping[Code, str]] = {
    Code.PROOF_KEY_REFUSED: "verificationMethod",
    Code.KEY_UNREADABLE: "verificationMethod",
    Code.DID_UNRESOLVED: "verificationMethod",
    Code.CRYPTOSUITE_UNKNOWN: "cryptosuite",
    Code.PROOF_PURPOSE_MISMATCH: "proofPurpose",
    Code.PROOF_DOMAIN_MISMATCH: "domain",
    Code.PROOF_CHALLENGE_MISMATCH: "challenge",
    Code.PROOF_EXPIRED: "expires",
}
"""The option of a proof that a code is about. A code that is not here is about the whole proof."""


def expected_of(code: Code) -> str:
    """Return the rule that a code of a proof or of a canonical form is about."""
    return EXPECTED.get(code, "a document that this node can check")


def proof_fault(document: Mapping[str, Any], error: ProofRefused | ProofCheckUnavailable) -> SchemaFault:
    """Return the fault of a proof of the document, at the place that the error or its code names."""
    proofs = document.get("proof")
    index = next(iter(error.place), 0)
    path: list[str | int] = ["proof"]
    proof: object = proofs
    if isinstance(proofs, list) and isinstance(index, int) and index < len(proofs):
        path.append(index)
        proof = proofs[index]
    member = error.place[-1] if len(error.place) > 1 else _MEMBERS.get(error.code)
    if isinstance(proof, Mapping) and isinstance(member, str) and member in proof:
        path.append(member)
    return SchemaFault(pointer(path), error.code, expected_of(error.code))


def institution_fault(error: InstitutionRefused) -> SchemaFault:
    """Return the fault of a credential that the institution does not sign."""
    place, expected = _OF_INSTITUTION.get(error.code, ("", "a credential that the institution signs"))
    return SchemaFault(place, error.code, expected)


def form_fault(document: Mapping[str, Any], error: CanonicalFormRefused) -> SchemaFault:
    """Return the fault of a document without a canonical form. A redefined term is at the contexts of its object."""
    place = error.pointer
    if error.code in (Code.TERM_REDEFINED, Code.JSONLD_INVALID) and not place and "@context" in document:
        place = "/@context"
    return SchemaFault(place, error.code, expected_of(error.code))
