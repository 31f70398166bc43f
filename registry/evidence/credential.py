"""Plain values for one verification: the credential as read, the outcome of its proof, and its evidence.

A credential is read once (`CredentialReading`) and its proof verified once (`CheckedCredential`); later steps take both
from here. `Evidence` needs no trust, because every part of it is checked. This module does no I/O: the node reads files
and `registry.evidence.bundle` reads bundles.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from acredita.anchoring.receipts import Receipt
from acredita.anchoring.status_bits import CLEAR, Status
from acredita.anchoring.types import Digest
from acredita.registry.codes import Code
from acredita.registry.credentials.parse import ParsedCredential, ProfileRefused, is_credential, parse_credential
from acredita.registry.evidence.foreign import ForeignCredential, check_foreign
from acredita.registry.json_documents.strict import JsonRefused, read_json
from acredita.registry.keys.did import DidRefused, parse_did
from acredita.registry.programmes.programme import Programme
from acredita.registry.programmes.scope import Scope
from acredita.registry.proofs.data_integrity import ProofCheck, ProofCheckUnavailable, ProofRefused, verify_proof
from acredita.registry.proofs.resolve_key import key_named


@dataclass(frozen=True)
class CredentialReading:
    """A credential as read: the document with its fields, or the fault for which it is not of our profile.

    `token`: the compact JWS that secures a credential in that form; `document` then holds what its payload claims.
    """

    document: Mapping[str, Any]
    parsed: ParsedCredential | None
    fault: JsonRefused | ProfileRefused | None = None
    token: str | None = None


def read_credential(data: bytes) -> CredentialReading:
    """Read a credential's bytes as step 1 demands: strict JSON, then our profile.

    A fault is kept in the result and not raised.
    """
    try:
        document = read_json(data)
    except JsonRefused as error:
        return CredentialReading(_despite(data, error), None, error)
    return read_document(document)


def _despite(data: bytes, fault: JsonRefused) -> Mapping[str, Any]:
    """Return the document that a fault leaves with one reading: only nulls do, which other profiles allow."""
    if fault.code != Code.JSON_NULL:
        return {}
    try:
        document = read_json(data, with_nulls=True)
    except JsonRefused:
        return {}
    return document if isinstance(document, dict) else {}


def read_document(document: object) -> CredentialReading:
    """Read a credential from a JSON value that was parsed strictly as part of a larger file."""
    try:
        parsed = parse_credential(document)
        _check_issuer(parsed)
    except ProfileRefused as error:
        known = document if isinstance(document, dict) and is_credential(document) else {}
        return CredentialReading(known, None, error)
    return CredentialReading(cast(Mapping[str, Any], document), parsed)  # the profile accepts only an object


def _check_issuer(parsed: ParsedCredential) -> None:
    """Refuse an issuer whose DID is of another method or spelling, because it has no single id on the ledger."""
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

    `proof` is None if the credential is not of our profile. `foreign` then says what it claims, if it can be read at all.
    """

    reading: CredentialReading
    proof: ProofResult | None
    foreign: ForeignCredential | None = None

    @property
    def digest(self) -> Digest | None:
        """The digest the issuer's log has for the credential; None unless the proof holds."""
        return self.proof.digest if isinstance(self.proof, ProofCheck) else None


def check_proof(reading: CredentialReading, dids: Mapping[str, object]) -> CheckedCredential:
    """Verify the proof of a credential. `dids`: DID documents by DID, for the keys of did:web.

    A failure is kept in the result and not raised.
    """
    if reading.parsed is None:
        if not reading.document:
            return CheckedCredential(reading, None)
        foreign = check_foreign(reading.document, reading.token, lambda method: key_named(method, dids))
        return CheckedCredential(reading, None, foreign)
    try:
        return CheckedCredential(reading, verify_proof(reading.document, lambda method: key_named(method, dids)))
    except (ProofRefused, ProofCheckUnavailable) as error:
        return CheckedCredential(reading, error)


@dataclass(frozen=True)
class Evidence:
    """Evidence of one credential that needs no ledger.

    `status_list`: the list credential as read, or None; step 10 checks its proof. `programmes` and `scopes` are keyed by the
    SHA-256 of their JCS form. `dids`: DID documents by DID, for did:web. `requested_status`: the status after every change
    that the institution's own node has accepted, anchored or not; clear where this is another node.
    """

    receipt: Receipt | None = None
    programmes: Mapping[Digest, Programme] = field(default_factory=dict)
    scopes: Mapping[Digest, Scope] = field(default_factory=dict)
    dids: Mapping[str, object] = field(default_factory=dict)
    status_list: object = None
    requested_status: Status = CLEAR
