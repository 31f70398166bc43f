"""Read the verification methods of a DID document (DID Core 5.2, 5.3; Controlled Identifiers 2.2, 3.3).

A method is listed under `verificationMethod` or embedded in a relationship. Its id and its controller may be relative
to the DID. ProofRefused: the document says that the method may not be used. ProofCheckUnavailable (KEY_UNREADABLE):
the document, the method or its key has a form that is not read here, which is no forgery.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from acredita.registry.codes import Code
from acredita.registry.keys.jwk import parse_jwk
from acredita.registry.keys.multikey import (
    ED25519,
    P256,
    P384,
    Algorithm,
    KeyRefused,
    PrivateKeyRefused,
    PublicKey,
    parse_multibase,
)
from acredita.registry.proofs.proof_options import ProofCheckUnavailable, ProofRefused, parse_timestamp

ASSERTION: Final = "assertionMethod"
RELATIONSHIPS: Final = (ASSERTION, "authentication", "capabilityInvocation", "capabilityDelegation", "keyAgreement")
"""The relationships in which a document may embed a method (DID Core 5.3)."""

_ALL: Final = frozenset({ED25519, P256, P384})
_MULTIBASE_TYPES: Final[Mapping[object, frozenset[Algorithm]]] = {
    "Multikey": _ALL,
    "Ed25519VerificationKey2020": frozenset({ED25519}),
    "EcdsaSecp256r1VerificationKey2019": frozenset({P256}),
    "EcdsaSecp384r1VerificationKey2019": frozenset({P384}),
}
_JWK_TYPES: Final = frozenset({"JsonWebKey", "JsonWebKey2020"})
_SECRETS: Final = frozenset({"secretKeyMultibase", "secretKeyJwk", "privateKeyMultibase", "privateKeyJwk"})
"""Members that show a private key (Controlled Identifiers 2.2.2, 2.2.3): everybody can sign with such a key."""


def find_method(document: Mapping[str, Any], did: str, method: str) -> Mapping[str, Any]:
    """Return the definition of a method, which the document gives once or always equally.

    Raises ProofRefused if the document has no such method.
    """
    definitions = [entry for entry in methods_of(document) if _absolute(entry.get("id"), did) == method]
    if not definitions:
        raise ProofRefused(Code.PROOF_KEY_REFUSED, f"{did} names no key {method}")
    if any(entry != definitions[0] for entry in definitions):
        raise _unreadable(f"{method}: two definitions of one name")
    return definitions[0]


def methods_of(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield every method of a document, listed or embedded. Raises ProofCheckUnavailable for a member that is no list."""
    for name in ("verificationMethod", *RELATIONSHIPS):
        yield from (entry for entry in _list_of(document, name) if isinstance(entry, Mapping))


def is_related(document: Mapping[str, Any], did: str, method: str, relationship: str) -> bool:
    """Return True if the document names or embeds the method in the relationship (Controlled Identifiers 3.3, 11)."""
    entries = _list_of(document, relationship) if relationship in RELATIONSHIPS else []
    named = (entry.get("id") if isinstance(entry, Mapping) else entry for entry in entries)
    return any(_absolute(name, did) == method for name in named)


def check_controller(entry: Mapping[str, Any], did: str) -> None:
    """Check that the controller of a method is its document's subject (Controlled Identifiers 3.3, 10)."""
    controller = _absolute(entry.get("controller"), did)
    if controller is None:
        raise _unreadable("controller: a string expected")
    if controller != did:
        raise ProofRefused(Code.PROOF_KEY_REFUSED, f"a key of {did} expected, found one that {controller} controls")


def check_in_force(entry: Mapping[str, Any], now: int) -> None:
    """Check that a method has neither expired nor been revoked.

    Controlled Identifiers 2.2: at or after either moment no proof by the method is verified, whenever it was made. The
    signer alone states when that was, and who has stolen a key can state any day.
    """
    for name in ("revoked", "expires"):
        if name in entry and _moment(entry, name) <= datetime.fromtimestamp(now, UTC):
            raise ProofRefused(Code.PROOF_KEY_REFUSED, f"a key in force expected, found {name} {entry[name]}")


def key_of(entry: Mapping[str, Any]) -> PublicKey:
    """Return the public key of a method.

    Raises ProofRefused if it shows its private key, ProofCheckUnavailable if its key is not read here.
    """
    if _SECRETS & set(entry):
        raise ProofRefused(Code.PROOF_KEY_REFUSED, "a public key expected, found its private key")
    kind, multibase, jwk = entry.get("type"), entry.get("publicKeyMultibase"), entry.get("publicKeyJwk")
    if multibase is not None and jwk is not None:  # Controlled Identifiers 2.2.1: not two forms of one key
        raise _unreadable("one form of the key expected, found two")
    try:
        if isinstance(kind, str) and kind in _JWK_TYPES:
            return parse_jwk(jwk)
        if isinstance(kind, str) and kind in _MULTIBASE_TYPES and isinstance(multibase, str):
            return _of_kind(parse_multibase(multibase), _MULTIBASE_TYPES[kind])
    except PrivateKeyRefused as error:
        raise ProofRefused(Code.PROOF_KEY_REFUSED, str(error)) from error
    except KeyRefused as error:
        raise _unreadable(str(error)) from error
    raise _unreadable("a Multikey, JsonWebKey or JsonWebKey2020 expected")


def _of_kind(key: PublicKey, kinds: frozenset[Algorithm]) -> PublicKey:
    if key.algorithm not in kinds:
        raise KeyRefused(f"the type of the method has no keys of {key.algorithm}")
    return key


def _list_of(document: Mapping[str, Any], name: str) -> list[Any]:
    value = document.get(name, [])
    if not isinstance(value, list):
        raise _unreadable(f"{name}: a list expected")
    return value


def _absolute(name: object, did: str) -> str | None:
    """Return a URL of a DID document in full: one that begins with `#` is relative to the DID (DID Core 3.2.2)."""
    if not isinstance(name, str):
        return None
    return did + name if name.startswith("#") else name


def _moment(entry: Mapping[str, Any], name: str) -> datetime:
    try:
        return parse_timestamp(entry[name], name)
    except ProofRefused as error:
        raise _unreadable(str(error)) from error


def _unreadable(message: str) -> ProofCheckUnavailable:
    return ProofCheckUnavailable(Code.KEY_UNREADABLE, message)
