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
from acredita.registry.keys.multikey import PublicKey
from acredita.registry.programmes.programme import Programme
from acredita.registry.programmes.scope import Scope
from acredita.registry.proofs.data_integrity import (
    KeyFor,
    ProofCheck,
    ProofCheckUnavailable,
    ProofRefused,
    verify_proof,
)
from acredita.registry.proofs.resolve_key import key_in_method, key_named


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
    `proof` rests on the issuer's DID document. `proof_by_method` rests on the key in the method alone; None if the issuer
    is no did:web, or the method is not the issuer's. Which of the two counts is decided with the ledger (`deciding_proof`).
    """

    reading: CredentialReading
    proof: ProofResult | None
    foreign: ForeignCredential | None = None
    proof_by_method: ProofResult | None = None

    @property
    def digest(self) -> Digest | None:
        """The digest the issuer's log has for the credential; None unless the proof holds by either key."""
        held = (result for result in (self.proof, self.proof_by_method) if isinstance(result, ProofCheck))
        return next((check.digest for check in held), None)


def check_proof(reading: CredentialReading, dids: Mapping[str, object]) -> CheckedCredential:
    """Verify the proof of a credential. `dids`: DID documents by DID, for the keys of did:web.

    A failure is kept in the result and not raised.
    """
    if reading.parsed is None:
        if not reading.document:
            return CheckedCredential(reading, None)
        foreign = check_foreign(reading.document, reading.token, lambda method: key_named(method, dids))
        return CheckedCredential(reading, None, foreign)
    if reading.parsed.issuer.startswith("did:web:"):
        return _check_by_both(reading, reading.parsed.issuer, dids)
    return CheckedCredential(reading, _result(reading, lambda method: key_named(method, dids)))


def _check_by_both(reading: CredentialReading, issuer: str, dids: Mapping[str, object]) -> CheckedCredential:
    """Verify the proof of a did:web by the key in its method, and by the key in the issuer's document if it is another."""
    methods: list[str] = []

    def key_of(method: str) -> PublicKey:
        methods.append(method)
        return key_in_method(method, issuer)

    by_method = _result(reading, key_of)
    if not methods:  # malformed: no key was asked for
        return CheckedCredential(reading, by_method, None, by_method)
    try:
        named = key_named(methods[0], dids)
    except (ProofRefused, ProofCheckUnavailable) as error:
        by_document: ProofResult = error
    else:
        is_same = isinstance(by_method, ProofCheck) and by_method.multikey == named.multikey
        by_document = by_method if is_same else _result(reading, lambda _method: named)
    is_own = methods[0].partition("#")[0] == issuer
    return CheckedCredential(reading, by_document, None, by_method if is_own else None)


def _result(reading: CredentialReading, key_for: KeyFor) -> ProofResult:
    try:
        return verify_proof(reading.document, key_for)
    except (ProofRefused, ProofCheckUnavailable) as error:
        return error


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
