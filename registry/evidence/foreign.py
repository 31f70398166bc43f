"""Check somebody else's credential: what it claims to be, and each of its proofs.

A credential outside our profile is of another registry, or one of ours in another shape. So this module names every
party that the document could be of: its issuers, the DID of each proof's key, and the issuer of each status list. Nothing
it claims is shown to people. A proof in a form that is not known here could not be checked; only a signature that does
not fit, or is missing, is broken.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from acredita.anchoring.types import IssuerId
from acredita.registry.canonicalisation.safe_values import CanonicalFormRefused
from acredita.registry.codes import Code
from acredita.registry.credentials.status_position import LIST_BITS, NO_POSITION, StatusEntry, parse_list_url
from acredita.registry.json_documents.jcs import JcsRefused
from acredita.registry.keys.did import DidRefused, issuer_id
from acredita.registry.keys.multikey import KeyId, PublicKey, key_id
from acredita.registry.proofs.compact_jws import JwtCheck, named_key
from acredita.registry.proofs.data_integrity import (
    KeyFor,
    ProofCheck,
    ProofCheckUnavailable,
    ProofRefused,
    each_proof,
)
from acredita.registry.proofs.proof_options import UnknownOptionRefused

MAX_STATUS_ENTRIES: Final = 8
"""Status entries looked at: Open Badges allow one, the data model any number."""

_INDEX: Final = re.compile(r"0|[1-9][0-9]{0,5}")
_ENVELOPES: Final = frozenset({"EnvelopedVerifiableCredential", "EnvelopedVerifiablePresentation"})
_DID_URL_TAIL: Final = re.compile(r"[/?;#]")  # DID Core 3.2: what follows the DID itself
_BROKEN: Final = frozenset({Code.PROOF_INVALID, Code.PROOF_MALFORMED, Code.PROOF_MISSING})

ForeignResult = ProofCheck | JwtCheck | ProofRefused | ProofCheckUnavailable


@dataclass(frozen=True)
class ForeignProof:
    """One proof: the method it names, and its result. `Unavailable` also where its key or its form cannot be read."""

    method: str | None
    result: ForeignResult

    @property
    def signer(self) -> str | None:
        """The DID, or another address, of the key that the proof names."""
        return None if self.method is None else self.method.partition("#")[0] or None

    @property
    def holds(self) -> bool:
        """True if the signature fits the document."""
        return isinstance(self.result, ProofCheck | JwtCheck)

    @property
    def key(self) -> KeyId | None:
        """The id of the key whose signature fits."""
        return key_id(self.result.multikey) if isinstance(self.result, ProofCheck | JwtCheck) else None


@dataclass(frozen=True)
class ForeignCredential:
    """A credential outside our profile, as it claims to be. `issuers`: every text that its form gives as issuer.

    `lists`: the issuers of its status lists. `entries`: its status entries whose position can be read.
    """

    issuers: tuple[str, ...]
    proofs: tuple[ForeignProof, ...]
    lists: frozenset[IssuerId]
    entries: tuple[StatusEntry, ...]

    @property
    def named(self) -> frozenset[IssuerId]:
        """Every party that the document could be of, also by a key whose proof could not be checked.

        So no change to a document of ours makes it somebody else's while any trace of us is left in it.
        """
        signers = [proof.signer for proof in self.proofs if proof.signer is not None]
        ids = (_id_of(text) for text in (*self.issuers, *signers))
        return self.lists.union(identifier for identifier in ids if identifier is not None)


def check_foreign(document: Mapping[str, Any], token: str | None, key_for: KeyFor) -> ForeignCredential:
    """Check every proof of a document; of one secured by a compact JWS, `token`."""
    proofs = _proofs(document, key_for) if token is None else _token_proof(token, key_for)
    lists = list(islice(_lists(document), MAX_STATUS_ENTRIES))
    entries = (entry for item, issuer, number in lists if (entry := _entry(item, issuer, number)) is not None)
    return ForeignCredential(
        tuple(dict.fromkeys(_issuers(document))),
        tuple(proofs),
        frozenset(issuer for _, issuer, _ in lists),
        tuple(entries),
    )


def check_presentation(document: Mapping[str, Any], token: str | None, key_for: KeyFor) -> list[ForeignProof]:
    """Check every proof of a presentation; of one secured by a compact JWS, `token`."""
    if token is not None:
        return _token_proof(token, key_for, is_presentation=True)
    return [ForeignProof(method, _told_apart(result)) for method, result in each_proof(document, key_for)]


def _proofs(document: Mapping[str, Any], key_for: KeyFor) -> list[ForeignProof]:
    if _is_envelope(document):  # an envelope that holds no token, such as COSE
        unknown = ProofCheckUnavailable(Code.CRYPTOSUITE_UNKNOWN, "an envelope of this media type is not opened here")
        return [ForeignProof(None, unknown)]
    return [ForeignProof(method, _told_apart(result)) for method, result in each_proof(document, key_for)]


def _is_envelope(document: Mapping[str, Any]) -> bool:
    types = document.get("type", [])
    named = types if isinstance(types, list) else [types]
    return any(isinstance(name, str) and name in _ENVELOPES for name in named)


def _token_proof(token: str, key_for: KeyFor, *, is_presentation: bool = False) -> list[ForeignProof]:
    """Verify a token. The library for it is imported here, because our own credentials need none."""
    from acredita.registry.proofs.jose import verify_jwt, verify_presentation_jwt

    verify = verify_presentation_jwt if is_presentation else verify_jwt
    methods: list[str] = []

    def key_of(method: str) -> PublicKey:
        methods.append(method)
        return key_for(method)

    result: ForeignResult
    if "~" in token:
        result = ProofCheckUnavailable(Code.CRYPTOSUITE_UNKNOWN, "selective disclosure is not checked here")
    else:
        try:
            result = verify(token, key_of)
        except (ProofRefused, ProofCheckUnavailable) as error:
            result = _told_apart(error)
    return [ForeignProof(methods[0] if methods else named_key(token), result)]


def _told_apart(result: ForeignResult) -> ForeignResult:
    """Return a refusal that says nothing about the signature as "could not be checked"."""
    if not isinstance(result, ProofRefused):
        return result
    cause = result.__cause__
    if isinstance(cause, CanonicalFormRefused | JcsRefused):
        code = cause.code if isinstance(cause, CanonicalFormRefused) else Code.CRYPTOSUITE_UNKNOWN
        return ProofCheckUnavailable(code, f"no canonical form here: {cause}")
    if isinstance(result, UnknownOptionRefused):
        return ProofCheckUnavailable(Code.CRYPTOSUITE_UNKNOWN, result.message)
    return result if result.code in _BROKEN else ProofCheckUnavailable(result.code, result.message)


def _issuers(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield the ids of `issuer`, in each form that JSON-LD reads as the same, and of a token's `iss`."""
    for key in ("issuer", "iss"):
        yield from _ids(document.get(key))


def _ids(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for item in value if isinstance(value, list) else ():
        yield from _ids(item)
    for key in ("id", "@id") if isinstance(value, dict) else ():
        yield from _ids(value.get(key))


def _lists(document: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], IssuerId, int]]:
    """Yield each status entry whose list's address has our form, with issuer and list. No other list is of a party."""
    value = document.get("credentialStatus")
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict) and isinstance(item.get("statusListCredential"), str):
            try:
                issuer, list_number = parse_list_url(item["statusListCredential"])
            except ValueError:
                continue
            yield item, issuer, list_number


def _entry(item: Mapping[str, Any], issuer: IssuerId, list_number: int) -> StatusEntry | None:
    index = item.get("statusListIndex")
    if not isinstance(index, str) or not _INDEX.fullmatch(index) or int(index) >= LIST_BITS:
        return None
    entry = StatusEntry(item["statusListCredential"], issuer, list_number, int(index))
    return None if entry.position == NO_POSITION else entry


def _id_of(text: str) -> IssuerId | None:
    """Return the issuer id of a DID or of a DID URL of it; None for a text that no party here can have."""
    try:
        return issuer_id(_DID_URL_TAIL.split(text.strip(), maxsplit=1)[0])
    except DidRefused:
        return None
