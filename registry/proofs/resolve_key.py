"""Resolve a verification method to its public key, without fetching.

did:key carries its key. For another DID its document must be available. It says which key a method names today and
nothing about the past, which is why step 5 asks the ledger. A reader without a ledger believes the document
(`key_for`). A verdict also uses a key that the document calls revoked or expired (`key_named`): the ledger says since
when, and an earlier anchor stays valid.

A party of the registry names its key in the method itself, and the ledger has the key's hash (`key_in_method`). No
document is asked.
"""

from collections.abc import Mapping
from typing import Any

from acredita.registry.codes import Code
from acredita.registry.keys.did import MAX_DID, DidRefused, did_key_of_method, has_another_spelling, split_method
from acredita.registry.keys.multikey import KeyKindRefused, KeyRefused, PublicKey, parse_multibase
from acredita.registry.proofs.data_integrity import ProofCheckUnavailable, ProofRefused
from acredita.registry.proofs.verification_methods import (
    ASSERTION,
    check_controller,
    check_in_force,
    find_method,
    is_related,
    key_of,
)


def key_for(method: str, dids: Mapping[str, object], *, now: int, relationship: str = ASSERTION) -> PublicKey:
    """Return the key of a verification method, which its document allows for the relationship at this moment.

    `now`: Unix seconds. Raises ProofRefused if the method names no such key, ProofCheckUnavailable if it cannot be read.
    """
    if method.startswith("did:key:"):
        return did_key_for(method)
    did, document = _document(method, dids)
    entry = find_method(document, did, method)
    check_controller(entry, did)
    if not is_related(document, did, method, relationship):
        raise _unrelated(did, method, relationship)
    check_in_force(entry, now)
    return key_of(entry)


def key_named(method: str, dids: Mapping[str, object]) -> PublicKey:
    """Return the key of a verification method, revoked or not. The caller must ask the ledger whether it held."""
    if method.startswith("did:key:"):
        return did_key_for(method)
    did, document = _document(method, dids)
    entry = find_method(document, did, method)
    check_controller(entry, did)
    if not (is_related(document, did, method, ASSERTION) or isinstance(entry.get("revoked"), str)):
        raise _unrelated(did, method, ASSERTION)
    return key_of(entry)


def key_in_method(method: str, did: str) -> PublicKey:
    """Return the key that a method of a did:web is: its fragment is the key's Multikey. `did`: whose key is expected.

    Only for a party of the registry, whose keys the ledger has by their hashes. Raises ProofRefused.
    """
    try:
        signer, fragment = split_method(method)
        if signer != did:
            raise ProofRefused(Code.PROOF_KEY_REFUSED, f"a key of {did} expected, found {method[:80]!r}")
        return parse_multibase(fragment)
    except (DidRefused, KeyRefused) as error:
        raise ProofRefused(Code.PROOF_KEY_REFUSED, f"{method[:80]!r} names no key: {error}") from error


def key_of_list(method: str, party: str | None, dids: Mapping[str, object], now: int) -> PublicKey:
    """Return the key of a status list's proof. Raises ProofRefused, ProofCheckUnavailable.

    `party`: the DID of the list's issuer if it is a party of the registry.
    """
    if party is not None and party.startswith("did:web:"):
        return key_in_method(method, party)
    return key_for(method, dids, now=now)


def did_key_for(method: str) -> PublicKey:
    """Return the key of a did:key method, for which no document is needed.

    Raises ProofRefused if it names none, ProofCheckUnavailable for a kind of key that is not read here.
    """
    if not method.startswith("did:key:"):
        raise ProofCheckUnavailable(Code.DID_UNRESOLVED, f"a did:key expected, found {method[:80]!r}")
    if len(method) > MAX_DID:  # RSA; no key that is read here is as long
        raise ProofCheckUnavailable(Code.KEY_UNREADABLE, f"a did:key of at most {MAX_DID} characters expected")
    try:
        return did_key_of_method(method)
    except DidRefused as error:
        if isinstance(error.__cause__, KeyKindRefused):
            raise ProofCheckUnavailable(Code.KEY_UNREADABLE, str(error)) from error
        raise ProofRefused(Code.PROOF_KEY_REFUSED, str(error)) from error


def _document(method: str, dids: Mapping[str, object]) -> tuple[str, Mapping[str, Any]]:
    """Return the DID of a method and its document. Raises ProofCheckUnavailable where there is none."""
    if not method.startswith("did:") or len(method) > MAX_DID:
        raise ProofCheckUnavailable(Code.DID_UNRESOLVED, f"a DID URL expected, found {method[:80]!r}")
    try:
        did, _ = split_method(method)
    except DidRefused as error:
        raise ProofRefused(Code.PROOF_KEY_REFUSED, str(error)) from error
    if has_another_spelling(did) or did not in dids:
        raise ProofCheckUnavailable(Code.DID_UNRESOLVED, f"no DID document of {did} at hand")
    document = dids[did]
    if not isinstance(document, Mapping) or document.get("id") != did:
        raise ProofCheckUnavailable(Code.DID_UNRESOLVED, f"the DID document at hand is not that of {did}")
    return did, document


def _unrelated(did: str, method: str, relationship: str) -> ProofRefused:
    return ProofRefused(Code.PROOF_KEY_REFUSED, f"{did} does not name {method} under {relationship[:40]}")
