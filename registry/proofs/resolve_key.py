"""Resolve a verification method to its public key, without fetching.

did:key carries its key. For did:web the DID document must be available. It says which key a method names today and
nothing about the past, which is why step 5 asks the ledger. A reader without a ledger believes the document
(`key_for`). A verdict also uses a key that the document calls revoked (`key_named`): the ledger says since when, and an
earlier anchor stays valid.
"""

from collections.abc import Mapping

from acredita.registry.codes import Code
from acredita.registry.keys.did import DidRefused, did_key_of_method, split_method
from acredita.registry.keys.multikey import KeyRefused, PublicKey, parse_multibase
from acredita.registry.proofs.data_integrity import ProofCheckUnavailable, ProofRefused


def key_for(method: str, dids: Mapping[str, object]) -> PublicKey:
    """Return the key of a verification method.

    Raises ProofRefused if the method names none, ProofCheckUnavailable if its document is missing.
    """
    return _key(method, dids, even_revoked=False)


def key_named(method: str, dids: Mapping[str, object]) -> PublicKey:
    """Return the key of a verification method, revoked or not. The caller must ask the ledger whether it held."""
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
    """Return `publicKeyMultibase` of the method, if the document allows it to assert (DID Core 5.3.2)."""
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
