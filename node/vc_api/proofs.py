"""Check the proof of a document: Data Integrity proofs inside it, or the JOSE envelope around it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from acredita.node.vc_api.checks import PROOF, STRUCTURE, CheckFindings, CheckOptions, CheckSources
from acredita.node.vc_api.expectations import expected_of, proof_fault
from acredita.registry.codes import Code
from acredita.registry.json_documents.schema_faults import SchemaFault
from acredita.registry.keys.did import DidRefused, key_method, parse_did
from acredita.registry.keys.multikey import PublicKey
from acredita.registry.proofs.compact_jws import JwtCheck
from acredita.registry.proofs.data_integrity import (
    KeyFor,
    ProofCheck,
    ProofCheckUnavailable,
    ProofOptions,
    ProofRefused,
    check_expected,
    verify_proofs,
)
from acredita.registry.vcdm.structure import envelope_faults


def check_proofs(
    sources: CheckSources, document: Mapping[str, Any], requested: CheckOptions, findings: CheckFindings
) -> list[ProofCheck]:
    """Verify every proof of the document. Returns the proofs, none if any of them does not hold."""
    try:
        checks = verify_proofs(
            document, lambda method: sources.key_for(method, requested.purpose), contexts=sources.known.contexts
        )
        for index, check in enumerate(checks):
            _check_request(sources, index, check, requested)
    except (ProofRefused, ProofCheckUnavailable) as error:
        findings.run(PROOF, [proof_fault(document, error)])
        return []
    findings.run(PROOF, [])
    if requested.challenge is None and any(check.options.challenge is not None for check in checks):
        findings.warnings.append(_challenge_unchecked("/proof"))
    return checks


def open_envelope(
    sources: CheckSources,
    document: object,
    kind: str,
    verify_token: Callable[[str, KeyFor], JwtCheck],
    requested: CheckOptions,
    findings: CheckFindings,
) -> JwtCheck | None:
    """Verify a JOSE envelope of this type and return what it holds; None if it does not hold.

    A token has no purpose of its own, so its key must serve the one that the caller expects.
    """
    if not findings.run(STRUCTURE, envelope_faults(document, kind)):
        return None
    assert isinstance(document, dict)  # the structure says so
    try:
        check = verify_token(
            document["id"].partition(",")[2], lambda method: _jose_key(sources, method, requested.purpose)
        )
    except (ProofRefused, ProofCheckUnavailable) as error:
        findings.run(PROOF, [SchemaFault("/id", error.code, expected_of(error.code))])
        return None
    findings.run(PROOF, _times(check.claims, sources.now))
    return check


def check_claims(claims: Mapping[str, Any], requested: CheckOptions, findings: CheckFindings) -> None:
    """Compare the token of a presentation with what the caller expects: `nonce` with the challenge, `aud` with the domain."""
    findings.run(PROOF, _mismatched_claims(claims, requested))
    if requested.challenge is None and "nonce" in claims:
        findings.warnings.append(_challenge_unchecked("/id"))


def _challenge_unchecked(where: str) -> SchemaFault:
    return SchemaFault(where, Code.CHALLENGE_UNCHECKED, "the challenge in options.challenge, with which it is compared")


def _check_request(sources: CheckSources, index: int, check: ProofCheck, requested: CheckOptions) -> None:
    """Check one proof against the request. Raises ProofRefused."""
    try:
        check_expected(
            _as_requested(check.options, requested),
            purpose=requested.purpose,
            now=datetime.fromtimestamp(sources.now, UTC),
            challenge=requested.challenge,
            domain=requested.domain,
        )
    except ProofRefused as error:
        error.place = (index,)
        raise


def _as_requested(options: ProofOptions, requested: CheckOptions) -> ProofOptions:
    """Return the options without a challenge or domain the caller did not name (VC-DATA-INTEGRITY 4.4 steps 6, 7)."""
    challenge = None if requested.challenge is None else options.challenge
    return replace(options, challenge=challenge, domains=() if requested.domain is None else options.domains)


def _jose_key(sources: CheckSources, method: str, purpose: str) -> PublicKey:
    """Return the key of a `kid`. A relaxed profile accepts any fragment for the one key of a did:key, as `#0`."""
    did, _, fragment = method.partition("#")
    if sources.relaxed and fragment and did.startswith("did:key:"):
        try:
            key = parse_did(did).key
        except DidRefused:
            key = None
        method = method if key is None else key_method(key)
    return sources.key_for(method, purpose)


def _mismatched_claims(claims: Mapping[str, Any], requested: CheckOptions) -> Iterator[SchemaFault]:
    """Yield a fault for a `nonce` or an `aud` (RFC 7519 4.1.3) that differs from what the caller expects."""
    if requested.challenge is not None and claims.get("nonce") != requested.challenge:
        yield SchemaFault("/id", Code.PROOF_CHALLENGE_MISMATCH, "a token that answers the challenge")
    audience = claims.get("aud", [])
    if requested.domain is not None and requested.domain not in (
        audience if isinstance(audience, list) else [audience]
    ):
        yield SchemaFault("/id", Code.PROOF_DOMAIN_MISMATCH, "a token made for the domain")


def _times(claims: Mapping[str, Any], now: int) -> Iterator[SchemaFault]:
    """Yield a fault for a token before its `nbf` or from its `exp` on (RFC 7519 4.1.4, 4.1.5)."""
    for name, code in (("exp", Code.PROOF_EXPIRED), ("nbf", Code.CREDENTIAL_NOT_YET_VALID)):
        value = claims.get(name)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int | float):
            yield SchemaFault(f"/{name}", Code.PROOF_MALFORMED, "a number of seconds")
        elif (now >= value) if name == "exp" else (now < value):
            yield SchemaFault(f"/{name}", code, "a token in force")
