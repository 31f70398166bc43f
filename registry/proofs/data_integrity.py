"""Data Integrity proofs: add one to a document, verify those it carries.

A proof says only that this key signed this document under these options (`proof_options`). The key's right to sign for the
issuer is checked elsewhere.

Clauses: VC-DATA-INTEGRITY is the W3C Recommendation of 15 May 2025.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from acredita.anchoring.types import Digest
from acredita.registry.canonicalisation.canonical import CanonicalFormRefused
from acredita.registry.canonicalisation.contexts import ContextSet
from acredita.registry.codes import Code
from acredita.registry.json_documents.jcs import JcsRefused
from acredita.registry.keys.multikey import (
    KeyRefused,
    PublicKey,
    decode_multibase,
    encode_multibase,
    low_s,
)
from acredita.registry.keys.signer import Signer
from acredita.registry.proofs.cryptosuites import SIGNATURE_BYTES, SUITES, Suite
from acredita.registry.proofs.proof_options import (
    ProofCheckUnavailable,
    ProofOptions,
    ProofRefused,
    malformed,
    parse_options,
    spend_signature,
    timestamp,
)

__all__ = [
    "ProofCheck",
    "ProofCheckUnavailable",
    "ProofOptions",
    "ProofRefused",
    "Signer",
    "add_proof",
    "check_expected",
    "credential_digest",
    "each_proof",
    "verify_proof",
    "verify_proof_at",
]

DIGEST_DOMAIN = b"acredita/credential/1"
MAX_PROOF_VALUE = 160
"""Characters of a proofValue: 96 bytes take 133; decoding base58 is quadratic."""
MAX_PROOFS = 8
"""Proofs of one document: each costs a canonicalisation."""

KeyFor = Callable[[str], PublicKey]


@dataclass(frozen=True)
class ProofCheck:
    """A proof that verified. An ECDSA `signature` has low s, as the credential digest requires."""

    hash_data: bytes
    signature: bytes
    key: PublicKey
    options: ProofOptions

    @property
    def verification_method(self) -> str:
        """Verification method that the proof names."""
        return self.options.verification_method

    @property
    def multikey(self) -> bytes:
        """Public key as Multikey bytes."""
        return self.key.multikey

    @property
    def digest(self) -> Digest:
        """Digest of the credential with this proof."""
        return credential_digest(self.hash_data, self.signature)


def credential_digest(hash_data: bytes, signature: bytes) -> Digest:
    """Compute SHA-256("acredita/credential/1" ‖ H ‖ S). An ECDSA S must have low s (`ProofCheck.signature`)."""
    return Digest(hashlib.sha256(DIGEST_DOMAIN + hash_data + signature).digest())


def add_proof(
    document: Mapping[str, Any], options: ProofOptions, signer: Signer, *, contexts: ContextSet | None = None
) -> dict[str, Any]:
    """Add one more proof to a document. Raises CanonicalFormRefused or JcsRefused where it has no canonical form.

    `options.previous` names proofs the document has already.
    """
    suite = SUITES[options.cryptosuite]
    if signer.algorithm not in suite.algorithms:
        raise KeyRefused(f"{suite.name} does not sign with {signer.algorithm}")
    unsecured = {key: value for key, value in document.items() if key != "proof"}
    earlier = _proofs_of(document) if "proof" in document else []
    signed_options = options.document()
    if suite.form == "jcs" and "@context" in unsecured:
        signed_options["@context"] = unsecured["@context"]  # VC-DI-EDDSA 3.3.1 step 2
    target = _with_previous(unsecured, options, earlier)
    signature = signer.sign(suite.hash_data(target, signed_options, signer.algorithm, contexts))
    proof = {**signed_options, "proofValue": encode_multibase(signature)}
    return {**unsecured, "proof": [*earlier, proof] if earlier else proof}


def verify_proof(document: Mapping[str, Any], key_for: KeyFor, *, contexts: ContextSet | None = None) -> ProofCheck:
    """Verify the one proof of a document. Raises ProofRefused, ProofCheckUnavailable.

    A set or chain has no single answer: see `verify_proofs`.
    """
    proofs = _proofs_of(document)
    if len(proofs) != 1:
        raise ProofRefused(Code.PROOF_MALFORMED, f"one proof expected, found {len(proofs)}")
    return verify_proofs(document, key_for, contexts=contexts)[0]


def verify_proofs(
    document: Mapping[str, Any], key_for: KeyFor, *, contexts: ContextSet | None = None
) -> list[ProofCheck]:
    """Verify every proof of a set or chain, in order (VC-DATA-INTEGRITY 4.5). Raises the first failure."""
    return [
        verify_proof_at(document, index, key_for, contexts=contexts) for index, _ in enumerate(_proofs_of(document))
    ]


def verify_proof_at(
    document: Mapping[str, Any], index: int, key_for: KeyFor, *, contexts: ContextSet | None = None
) -> ProofCheck:
    """Verify one proof of a set or chain. Raises ProofRefused, ProofCheckUnavailable, whose `place` begins with `index`."""
    proofs = _proofs_of(document)
    unsecured = {key: value for key, value in document.items() if key != "proof"}
    try:
        return _verify_one(unsecured, proofs[index], proofs, key_for, contexts)
    except (ProofRefused, ProofCheckUnavailable) as error:
        error.place = (index, *error.place)
        raise


def each_proof(
    document: Mapping[str, Any], key_for: KeyFor, *, contexts: ContextSet | None = None
) -> list[tuple[str | None, ProofCheck | ProofRefused | ProofCheckUnavailable]]:
    """Verify each proof of a document on its own. Returns the method each one names, and its result."""
    try:
        proofs = _proofs_of(document)
    except ProofRefused as error:
        return [(None, error)]
    unsecured = {key: value for key, value in document.items() if key != "proof"}
    return [(_method_of(proof), _result_of(unsecured, proof, proofs, key_for, contexts)) for proof in proofs]


def _method_of(proof: Mapping[str, Any]) -> str | None:
    method = proof.get("verificationMethod")
    return method if isinstance(method, str) else None


def _result_of(
    unsecured: dict[str, Any],
    proof: Mapping[str, Any],
    proofs: Sequence[Mapping[str, Any]],
    key_for: KeyFor,
    contexts: ContextSet | None,
) -> ProofCheck | ProofRefused | ProofCheckUnavailable:
    try:
        return _verify_one(unsecured, proof, proofs, key_for, contexts)
    except (ProofRefused, ProofCheckUnavailable) as error:
        return error


def check_expected(
    options: ProofOptions,
    *,
    purpose: str,
    now: datetime,
    challenge: str | None = None,
    domain: str | None = None,
) -> None:
    """Check what a verifier expects of a proof beyond its signature. Raises ProofRefused.

    The rules are those of VC-DATA-INTEGRITY 4.4 steps 5–7. A verifier that names no domain and no challenge refuses a
    proof made for one, because it was made for another verifier.
    """
    if options.purpose != purpose:
        raise ProofRefused(Code.PROOF_PURPOSE_MISMATCH, f"expected {purpose}, found {options.purpose[:80]}")
    if set(options.domains) != ({domain} if domain is not None else set()):
        raise ProofRefused(
            Code.PROOF_DOMAIN_MISMATCH, f"expected {domain}, found {', '.join(options.domains)[:200] or None}"
        )
    if options.challenge != challenge:
        raise ProofRefused(Code.PROOF_CHALLENGE_MISMATCH, "the proof answers another challenge")
    if options.expires is not None and options.expires <= now:
        raise ProofRefused(Code.PROOF_EXPIRED, f"expired {timestamp(options.expires)}")


def _proofs_of(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    if "proof" not in document:
        raise ProofRefused(Code.PROOF_MISSING, "the document has no proof")
    proofs = document["proof"] if isinstance(document["proof"], list) else [document["proof"]]
    if not proofs:
        raise ProofRefused(Code.PROOF_MISSING, "the document has no proof")
    if len(proofs) > MAX_PROOFS:
        raise ProofRefused(Code.PROOF_MALFORMED, f"at most {MAX_PROOFS} proofs, found {len(proofs)}")
    if not all(isinstance(proof, dict) for proof in proofs):
        raise ProofRefused(Code.PROOF_MALFORMED, "a proof is an object")
    return proofs


def _verify_one(
    unsecured: dict[str, Any],
    proof: Mapping[str, Any],
    proofs: Sequence[Mapping[str, Any]],
    key_for: KeyFor,
    contexts: ContextSet | None,
) -> ProofCheck:
    options = parse_options(proof)
    suite, key = options.suite, key_for(options.verification_method)
    signature = _signature(proof["proofValue"], suite, key)
    shown = {name: value for name, value in proof.items() if name != "proofValue"}
    target = _with_previous(_as_signed(unsecured, shown, suite), options, proofs)
    for signed_options in _possible_options(suite, shown, unsecured):
        try:
            hash_data = suite.hash_data(target, signed_options, key.algorithm, contexts)
        except (CanonicalFormRefused, JcsRefused) as error:
            raise _without_form(error) from error
        spend_signature()
        if key.verifies(signature, hash_data):
            return ProofCheck(hash_data, low_s(key.algorithm, signature), key, options)
    raise ProofRefused(Code.PROOF_INVALID, "the signature does not fit the document")


def _possible_options(suite: Suite, shown: dict[str, Any], unsecured: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the options as the proof shows them; for JCS also with contexts that were signed but not shown.

    VC-DI-EDDSA 3.3.1 step 2 puts the contexts into the proof. Its drafts, and libraries that still follow them, hashed
    the document's contexts with the options and left them out of the proof. Such a signature covers no less.
    """
    yield shown
    if suite.form == "jcs" and "@context" not in shown and "@context" in unsecured:
        yield {**shown, "@context": unsecured["@context"]}


def _without_form(error: CanonicalFormRefused | JcsRefused) -> ProofRefused | ProofCheckUnavailable:
    # The meaning of a missing context is unknown, and so is a form that would cost too much. Any other cause is a fault
    # of the document.
    if isinstance(error, CanonicalFormRefused) and error.code in (Code.CONTEXT_UNKNOWN, Code.WORK_LIMIT):
        return ProofCheckUnavailable(error.code, str(error))
    return ProofRefused(Code.PROOF_INVALID, f"no canonical form: {error}")


def _signature(text: str, suite: Suite, key: PublicKey) -> bytes:
    if key.algorithm not in suite.algorithms:
        raise ProofRefused(Code.PROOF_INVALID, f"{suite.name} does not sign with {key.algorithm}")
    if len(text) > MAX_PROOF_VALUE:
        raise malformed("proofValue", f"at most {MAX_PROOF_VALUE} characters expected")
    try:
        signature = decode_multibase(text)
    except KeyRefused as error:
        raise malformed("proofValue", str(error)) from error
    expected = SIGNATURE_BYTES[key.algorithm]
    if len(signature) != expected:
        raise malformed("proofValue", f"{expected} bytes expected, found {len(signature)}")
    return signature


def _as_signed(unsecured: dict[str, Any], shown: Mapping[str, Any], suite: Suite) -> dict[str, Any]:
    """Return the document under the contexts that were signed (VC-DI-EDDSA 3.3.2 step 4)."""
    if "@context" not in shown:
        return unsecured
    if suite.form != "jcs":
        raise ProofRefused(Code.PROOF_MALFORMED, "@context stands in the proof of a suite that does not sign it")
    signed, own = _as_list(shown["@context"]), _as_list(unsecured.get("@context", []))
    if own[: len(signed)] != signed:
        raise ProofRefused(Code.PROOF_INVALID, "the document's contexts do not begin with those that were signed")
    return {**unsecured, "@context": shown["@context"]}


def _as_list(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _with_previous(
    document: dict[str, Any], options: ProofOptions, proofs: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Return the document as a chained proof covers it: with the proofs it names (VC-DATA-INTEGRITY 4.3, 4.5)."""
    if not options.previous:
        return document
    matching = [proof for name in options.previous for proof in proofs if proof.get("id") == name]
    if len(matching) != len(options.previous) or options.id in options.previous:
        raise ProofRefused(Code.PROOF_INVALID, "previousProof names a proof that is not there exactly once")
    return {**document, "proof": matching}
