"""From a verification method to its public key, with nothing fetched.

did:key carries its key. For did:web the DID document must be at hand; it says which key a method names today and nothing
about yesterday, which is why step 5 asks the ledger. Whoever has no ledger believes the document (`key_for`); a verdict
also reads a key that the document calls revoked (`key_named`), because the ledger says since when, and what was anchored
before stays good.
"""

from collections.abc import Mapping

from acredita.registry.codes import Code
from acredita.registry.keys.did import DidRefused, did_key_of_method, split_method
from acredita.registry.keys.multikey import KeyRefused, PublicKey, parse_multibase
from acredita.registry.proofs.data_integrity import ProofCheckUnavailable, ProofRefused


def key_for(method: str, dids: Mapping[str, object]) -> PublicKey:
    """The key of a verification method; ProofRefused where it names none, ProofCheckUnavailable where it cannot be known."""
    return _key(method, dids, even_revoked=False)


def key_named(method: str, dids: Mapping[str, object]) -> PublicKey:
    """The same, revoked or not: only for a reader that asks the ledger whether the key held."""
    return _key(method, dids, even_revoked=True)


def _key(method: str, dids: Mapping[str, object], *, even_revoked: bool) -> PublicKey:
    try:
        did, _ = split_method(method)
        if did.startswith("did:key:"):
            return did_key_of_method(method)
        if did not in dids:
            raise ProofCheckUnavailable(Code.DID_UNRESOLVED, f"no DID document of {did} at hand")
        return parse_multibase(_multibase(dids[did], did, method, even_revoked))
    except (DidRefused, KeyRefused) as error:
        raise ProofRefused(Code.PROOF_KEY_REFUSED, str(error)) from error


def _multibase(document: object, did: str, method: str, even_revoked: bool) -> str:
    """`publicKeyMultibase` of the method, provided the document allows it to assert (DID Core 5.3.2)."""
    if not isinstance(document, dict) or document.get("id") != did:
        raise ProofCheckUnavailable(Code.DID_UNRESOLVED, f"the DID document at hand is not that of {did}")
    asserting = document.get("assertionMethod", [])
    methods = document.get("verificationMethod", [])
    for entry in methods if isinstance(methods, list) else []:
        if isinstance(entry, dict) and entry.get("id") == method:
            usable = method in asserting or (even_revoked and isinstance(entry.get("revoked"), str))
            key = entry.get("publicKeyMultibase")
            if usable and isinstance(key, str):
                return key
    raise ProofRefused(Code.PROOF_KEY_REFUSED, f"{did} names no assertion key {method}")
