"""From a verification method to its public key, with nothing fetched.

did:key carries its key. For did:web the DID document must be at hand; it says which key a method names today and nothing
about yesterday, which is why step 5 asks the ledger.
"""

from collections.abc import Mapping

from acredita.registry.did import DidError, did_key_of_method, split_method
from acredita.registry.multikey import KeyRefused, PublicKey, parse_multibase
from acredita.registry.proofs import ProofInvalid, ProofUnsupported


def key_for(method: str, dids: Mapping[str, object]) -> PublicKey:
    """The key of a verification method; ProofInvalid where it names none, ProofUnsupported where it cannot be known."""
    try:
        did, _ = split_method(method)
        if did.startswith("did:key:"):
            return did_key_of_method(method)
        if did not in dids:
            raise ProofUnsupported("DID_UNRESOLVED", f"no DID document of {did} at hand")
        return parse_multibase(_multibase(dids[did], did, method))
    except (DidError, KeyRefused) as error:
        raise ProofInvalid("PROOF_KEY_REFUSED", str(error)) from error


def _multibase(document: object, did: str, method: str) -> str:
    """`publicKeyMultibase` of the method, provided the document allows it to assert (DID Core 5.3.2)."""
    if not isinstance(document, dict) or document.get("id") != did:
        raise ProofUnsupported("DID_UNRESOLVED", f"the DID document at hand is not that of {did}")
    asserting = document.get("assertionMethod", [])
    methods = document.get("verificationMethod", [])
    for entry in methods if isinstance(methods, list) else []:
        if isinstance(entry, dict) and entry.get("id") == method and method in asserting:
            key = entry.get("publicKeyMultibase")
            if isinstance(key, str):
                return key
    raise ProofInvalid("PROOF_KEY_REFUSED", f"{did} names no assertion key {method}")
