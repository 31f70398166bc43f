"""Plain values for one verification: the credential as read, the outcome of its proof, and its evidence.

A credential is read once (`CredentialReading`) and its proof verified once (`CheckedCredential`); later steps take both
from here. `Evidence` needs no trust, because every part of it is checked. This module does no I/O: files are read by
`registry.evidence.bundle` and by the node.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from acredita.anchoring.receipts import Receipt
from acredita.anchoring.types import Digest
from acredita.registry.codes import Code
from acredita.registry.credentials.parse import ParsedCredential, ProfileRefused, parse_credential
from acredita.registry.json_documents.strict import JsonRefused, read_json
from acredita.registry.keys.did import DidRefused, parse_did
from acredita.registry.programmes.programme import Programme
from acredita.registry.programmes.scope import Scope
from acredita.registry.proofs.data_integrity import ProofCheck, ProofCheckUnavailable, ProofRefused, verify_proof
from acredita.registry.proofs.resolve_key import key_named


@dataclass(frozen=True)
class CredentialReading:
    """A credential's bytes as read: the document with its fields, or the fault that kept it from being read."""

    document: Mapping[str, Any]
    parsed: ParsedCredential | None
    fault: JsonRefused | ProfileRefused | None = None


def read_credential(data: bytes) -> CredentialReading:
    """Step 1 of a verification: strict JSON, then our profile. What it cannot read it does not raise but keeps."""
    try:
        document = read_json(data)
    except JsonRefused as error:
        return CredentialReading({}, None, error)
    return read_document(document)


def read_document(document: object) -> CredentialReading:
    """The same for a JSON value that was read strictly already, as part of a larger file."""
    try:
        parsed = parse_credential(document)
        _check_issuer(parsed)
    except ProfileRefused as error:
        return CredentialReading({}, None, error)
    return CredentialReading(cast(Mapping[str, Any], document), parsed)  # the profile takes nothing but an object


def _check_issuer(parsed: ParsedCredential) -> None:
    """An issuer has one id on the ledger only where its DID is of a method, and a spelling, that is read here."""
    try:
        parse_did(parsed.issuer)
    except DidRefused:
        raise ProfileRefused(
            ("issuer", "id"), Code.PROFILE_VALUE, "a did:key or did:web, in its one spelling"
        ) from None


ProofResult = ProofCheck | ProofRefused | ProofCheckUnavailable
"""The outcome of one proof verification: the check that passed, or why none did."""


@dataclass(frozen=True)
class CheckedCredential:
    """A credential as read, with the outcome of its one proof verification.

    `proof` is None where the credential could not be read, because nothing was verified then.
    """

    reading: CredentialReading
    proof: ProofResult | None

    @property
    def digest(self) -> Digest | None:
        """The digest the issuer's log has for the credential; None unless the proof holds."""
        return self.proof.digest if isinstance(self.proof, ProofCheck) else None


def check_proof(reading: CredentialReading, dids: Mapping[str, object]) -> CheckedCredential:
    """Verify the proof of a credential. `dids`: DID documents by DID, for the keys of did:web.

    A failure is kept in the result and not raised.
    """
    if reading.parsed is None:
        return CheckedCredential(reading, None)
    try:
        return CheckedCredential(reading, verify_proof(reading.document, lambda method: key_named(method, dids)))
    except (ProofRefused, ProofCheckUnavailable) as error:
        return CheckedCredential(reading, error)


@dataclass(frozen=True)
class Evidence:
    """What is known about one credential without asking a ledger.

    `status_list`: the list credential as read, None where there is none; step 10 checks its proof.
    `programmes` and `scopes` by SHA-256 of their JCS form, which parsing them computed. `dids`: DID documents by DID,
    for did:web.
    """

    receipt: Receipt | None = None
    programmes: Mapping[Digest, Programme] = field(default_factory=dict)
    scopes: Mapping[Digest, Scope] = field(default_factory=dict)
    dids: Mapping[str, object] = field(default_factory=dict)
    status_list: object = None
