"""Data Integrity proofs: add one to a document, verify those it carries.

`ProofRefused` means checked and false, or not a proof; `ProofCheckUnavailable` means that it could not be checked
here. Whether the key may speak for the issuer is asked elsewhere: a proof says only that this key signed
this document.

Clauses: VC-DATA-INTEGRITY is the W3C Recommendation of 15 May 2025.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from acredita.anchoring.types import Digest
from acredita.registry.canonicalisation.canonical import CanonicalFormRefused
from acredita.registry.canonicalisation.contexts import ContextSet
from acredita.registry.canonicalisation.safe_values import IRI
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
from acredita.registry.proofs.cryptosuites import ED25519_2020, SIGNATURE_BYTES, SUITES, Suite

__all__ = [
    "ProofCheck",
    "ProofCheckUnavailable",
    "ProofRefused",
    "Signer",
    "add_proof",
    "check_expected",
    "credential_digest",
    "verify_proof",
]

DIGEST_DOMAIN = b"acredita/credential/1"
MAX_PROOF_VALUE = 160
"""Characters of a proofValue: 96 bytes take 133; decoding base58 is quadratic."""
MAX_PROOFS = 8
"""Proofs of one document: each costs a canonicalisation."""

KeyFor = Callable[[str], PublicKey]

_PROOF_KEYS = frozenset(
    [
        "id",
        "type",
        "cryptosuite",
        "created",
        "expires",
        "verificationMethod",
        "proofPurpose",
        "proofValue",
        "challenge",
        "domain",
        "nonce",
        "previousProof",
        "@context",
    ]
)
# XML Schema 1.1 dateTimeStamp, years of four digits.
_TIMESTAMP = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,9})?(Z|[+-]\d\d:\d\d)")


class ProofRefused(ValueError):
    """The proof is missing, malformed, or does not verify."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class ProofCheckUnavailable(ValueError):
    """The proof could not be checked here: an unknown cryptosuite, or a key that is not at hand."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


@dataclass(frozen=True)
class ProofCheck:
    """A proof that verified. `signature` has low s where it is ECDSA: as the credential digest takes it."""

    hash_data: bytes
    signature: bytes
    verification_method: str
    created: datetime | None
    suite: str
    key: PublicKey
    purpose: str
    expires: datetime | None = None
    challenge: str | None = None
    domains: tuple[str, ...] = ()
    previous: tuple[str, ...] = ()

    @property
    def multikey(self) -> bytes:
        return self.key.multikey

    @property
    def digest(self) -> Digest:
        return credential_digest(self.hash_data, self.signature)


def credential_digest(hash_data: bytes, signature: bytes) -> Digest:
    """SHA-256("acredita/credential/1" ‖ H ‖ S); an ECDSA S has low s already (`ProofCheck.signature`)."""
    return Digest(hashlib.sha256(DIGEST_DOMAIN + hash_data + signature).digest())


def add_proof(
    document: Mapping[str, Any],
    *,
    cryptosuite: str,
    signer: Signer,
    verification_method: str,
    created: datetime,
    purpose: str = "assertionMethod",
    challenge: str | None = None,
    domain: str | None = None,
    proof_id: str | None = None,
    previous: Sequence[str] = (),
    contexts: ContextSet | None = None,
) -> dict[str, Any]:
    """The document with one more proof. Raises CanonicalFormRefused or JcsRefused where it has no canonical form.

    `previous` names, by id, the proofs already there that this one vouches for (VC-DATA-INTEGRITY 4.3).
    """
    suite = SUITES[cryptosuite]
    if signer.algorithm not in suite.algorithms:
        raise KeyRefused(f"{cryptosuite} does not sign with {signer.algorithm}")
    options = _options(suite, verification_method, created, purpose, challenge, domain, proof_id, previous)
    unsecured = {key: value for key, value in document.items() if key != "proof"}
    earlier = _proofs_of(document) if "proof" in document else []
    if suite.form == "jcs" and "@context" in unsecured:
        options["@context"] = unsecured["@context"]  # VC-DI-EDDSA 3.3.1 step 2
    hash_data = suite.hash_data(_with_previous(unsecured, options, earlier), options, signer.algorithm, contexts)
    proof = {**options, "proofValue": encode_multibase(signer.sign(hash_data))}
    return {**unsecured, "proof": [*earlier, proof] if earlier else proof}


def verify_proof(document: Mapping[str, Any], key_for: KeyFor, *, contexts: ContextSet | None = None) -> ProofCheck:
    """The one proof of a document. A set or chain has no single answer: see `verify_proofs`."""
    proofs = _proofs_of(document)
    if len(proofs) != 1:
        raise ProofRefused(Code.PROOF_MALFORMED, f"one proof expected, found {len(proofs)}")
    return verify_proofs(document, key_for, contexts=contexts)[0]


def verify_proofs(
    document: Mapping[str, Any], key_for: KeyFor, *, contexts: ContextSet | None = None
) -> list[ProofCheck]:
    """Every proof of a set or chain, in order; the first that fails is raised (VC-DATA-INTEGRITY 4.5)."""
    proofs = _proofs_of(document)
    unsecured = {key: value for key, value in document.items() if key != "proof"}
    return [_verify_one(unsecured, proof, proofs, key_for, contexts) for proof in proofs]


def check_expected(
    check: ProofCheck,
    *,
    purpose: str,
    now: datetime,
    challenge: str | None = None,
    domain: str | None = None,
) -> None:
    """What the verifier asks of a proof beyond its signature, or ProofRefused (VC-DATA-INTEGRITY 4.4 steps 5–7).

    A proof made for a domain or a challenge is refused by a verifier who names none: it was made for somebody else.
    """
    if check.purpose != purpose:
        raise ProofRefused(Code.PROOF_PURPOSE_MISMATCH, f"expected {purpose}, found {check.purpose[:80]}")
    if set(check.domains) != ({domain} if domain is not None else set()):
        raise ProofRefused(
            Code.PROOF_DOMAIN_MISMATCH, f"expected {domain}, found {', '.join(check.domains)[:200] or None}"
        )
    if check.challenge != challenge:
        raise ProofRefused(Code.PROOF_CHALLENGE_MISMATCH, "the proof answers another challenge")
    if check.expires is not None and check.expires <= now:
        raise ProofRefused(Code.PROOF_EXPIRED, f"expired {timestamp(check.expires)}")


def parse_timestamp(value: object, name: str) -> datetime:
    """A dateTimeStamp in UTC, or ProofRefused."""
    match = _TIMESTAMP.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ProofRefused(Code.PROOF_MALFORMED, f"{name}: a dateTimeStamp with a time zone expected")
    whole, fraction, zone = match.groups()
    try:
        parsed = datetime.fromisoformat(whole + (fraction or "")[:7] + zone.replace("Z", "+00:00"))
        return parsed.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ProofRefused(Code.PROOF_MALFORMED, f"{name}: {value} is no date") from error


def timestamp(moment: datetime) -> str:
    """A moment as dateTimeStamp in UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _options(
    suite: Suite,
    method: str,
    created: datetime,
    purpose: str,
    challenge: str | None,
    domain: str | None,
    proof_id: str | None,
    previous: Sequence[str],
) -> dict[str, Any]:
    options: dict[str, Any] = {"id": proof_id} if proof_id else {}
    options |= {
        "type": "DataIntegrityProof",
        "cryptosuite": suite.name,
        "created": timestamp(created),
        "verificationMethod": method,
        "proofPurpose": purpose,
    }
    options |= {"challenge": challenge} if challenge is not None else {}
    options |= {"domain": domain} if domain is not None else {}
    if previous:
        options["previousProof"] = list(previous) if len(previous) > 1 else previous[0]
    return options


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
    suite = _suite_of(proof)
    facts = _facts(proof)
    options = {key: value for key, value in proof.items() if key != "proofValue"}
    key = key_for(proof["verificationMethod"])
    signature = _signature(proof, suite, key)
    target = _with_previous(_as_signed(unsecured, options, suite), options, proofs)
    for signed_options in _possible_options(suite, options, unsecured):
        try:
            hash_data = suite.hash_data(target, signed_options, key.algorithm, contexts)
        except (CanonicalFormRefused, JcsRefused) as error:
            raise _without_form(error) from error
        if key.verifies(signature, hash_data):
            return ProofCheck(hash_data, low_s(key.algorithm, signature), suite=suite.name, key=key, **facts)
    raise ProofRefused(Code.PROOF_INVALID, "the signature does not fit the document")


def _possible_options(suite: Suite, options: dict[str, Any], unsecured: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The options as the proof shows them; for JCS also with contexts that were signed but not shown.

    VC-DI-EDDSA 3.3.1 step 2 puts the contexts into the proof. Its drafts, and libraries that still follow them, hashed
    the document's contexts with the options and left them out of the proof; such a signature covers no less.
    """
    yield options
    if suite.form == "jcs" and "@context" not in options and "@context" in unsecured:
        yield {**options, "@context": unsecured["@context"]}


def _without_form(error: CanonicalFormRefused | JcsRefused) -> ProofRefused | ProofCheckUnavailable:
    # What a context that is not at hand would say cannot be known; anything else is a fault of the document.
    if isinstance(error, CanonicalFormRefused) and error.code == Code.CONTEXT_UNKNOWN:
        return ProofCheckUnavailable(Code.CONTEXT_UNKNOWN, str(error))
    return ProofRefused(Code.PROOF_INVALID, f"no canonical form: {error}")


def _suite_of(proof: Mapping[str, Any]) -> Suite:
    kind, name = proof.get("type"), proof.get("cryptosuite")
    if not isinstance(kind, str) or (kind == "DataIntegrityProof" and not isinstance(name, str)):
        raise ProofRefused(Code.PROOF_MALFORMED, "a proof has a type, and a DataIntegrityProof a cryptosuite")
    if kind == ED25519_2020.name and "cryptosuite" not in proof:
        return ED25519_2020
    if kind != "DataIntegrityProof" or name not in SUITES:
        raise ProofCheckUnavailable(Code.CRYPTOSUITE_UNKNOWN, f"{kind} {name or ''} is not checked here")
    return SUITES[name]


def _facts(proof: Mapping[str, Any]) -> dict[str, Any]:
    """The options of a proof in their types, or ProofRefused (VC-DATA-INTEGRITY 2.1)."""
    unknown = sorted(set(proof) - _PROOF_KEYS)
    if unknown:
        raise ProofRefused(Code.PROOF_MALFORMED, f"unknown proof option {unknown[0]!r}")
    for name in ("verificationMethod", "proofPurpose", "proofValue"):
        if not isinstance(proof.get(name), str):
            raise ProofRefused(Code.PROOF_MALFORMED, f"{name}: a string expected")
    for name in ("id", "challenge", "nonce"):
        if not isinstance(proof.get(name, ""), str):
            raise ProofRefused(Code.PROOF_MALFORMED, f"{name}: a string expected")
    for name in ("id", "verificationMethod"):
        if name in proof and not IRI.fullmatch(proof[name]):
            raise ProofRefused(Code.PROOF_MALFORMED, f"{name}: a URL expected")
    return {
        "verification_method": proof["verificationMethod"],
        "purpose": proof["proofPurpose"],
        "created": parse_timestamp(proof["created"], "created") if "created" in proof else None,
        "expires": parse_timestamp(proof["expires"], "expires") if "expires" in proof else None,
        "challenge": proof.get("challenge"),
        "domains": _strings_of(proof, "domain"),
        "previous": _strings_of(proof, "previousProof"),
    }


def _strings_of(options: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """An option that is a string or a set of strings."""
    value = options.get(name, [])
    texts = value if isinstance(value, list) else [value]
    if not all(isinstance(text, str) for text in texts):
        raise ProofRefused(Code.PROOF_MALFORMED, f"{name}: a string or a set of strings expected")
    return tuple(texts)


def _signature(proof: Mapping[str, Any], suite: Suite, key: PublicKey) -> bytes:
    if key.algorithm not in suite.algorithms:
        raise ProofRefused(Code.PROOF_INVALID, f"{suite.name} does not sign with {key.algorithm}")
    if len(proof["proofValue"]) > MAX_PROOF_VALUE:
        raise ProofRefused(Code.PROOF_MALFORMED, f"proofValue: at most {MAX_PROOF_VALUE} characters")
    try:
        signature = decode_multibase(proof["proofValue"])
    except KeyRefused as error:
        raise ProofRefused(Code.PROOF_MALFORMED, f"proofValue: {error}") from error
    expected = SIGNATURE_BYTES[key.algorithm]
    if len(signature) != expected:
        raise ProofRefused(Code.PROOF_MALFORMED, f"proofValue: {expected} bytes expected, found {len(signature)}")
    return signature


def _as_signed(unsecured: dict[str, Any], options: Mapping[str, Any], suite: Suite) -> dict[str, Any]:
    """The document under the contexts that were signed (VC-DI-EDDSA 3.3.2 step 4)."""
    if "@context" not in options:
        return unsecured
    if suite.form != "jcs":
        raise ProofRefused(Code.PROOF_MALFORMED, "@context stands in the proof of a suite that does not sign it")
    signed, found = _as_list(options["@context"]), _as_list(unsecured.get("@context", []))
    if found[: len(signed)] != signed:
        raise ProofRefused(Code.PROOF_INVALID, "the document's contexts do not begin with those that were signed")
    return {**unsecured, "@context": options["@context"]}


def _as_list(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _with_previous(
    document: dict[str, Any], options: Mapping[str, Any], proofs: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """The document as a chained proof covers it: with the proofs it names (VC-DATA-INTEGRITY 4.3, 4.5)."""
    names = _strings_of(options, "previousProof")
    if not names:
        return document
    matching = [proof for name in names for proof in proofs if proof.get("id") == name]
    if len(matching) != len(names) or options.get("id") in names:
        raise ProofRefused(Code.PROOF_INVALID, "previousProof names a proof that is not there exactly once")
    return {**document, "proof": matching}
