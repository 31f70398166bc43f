"""Read did:key and did:web as this project does, and compute the issuer id on the ledger.

A did:key names its key, so it needs no resolver and cannot change. A did:web is kept as it is spelt: lower-case ASCII
except its percent escapes, so that one issuer has one id. An escape has capital digits and stands only where it must;
no segment of the path leads elsewhere (`.`, `..`, an escaped slash). Nothing here opens a socket.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Literal

from acredita.anchoring.types import IssuerId
from acredita.registry.keys.multikey import KeyRefused, PublicKey, parse_multibase
from eth_hash.auto import keccak

MAX_DID = 512
"""Characters of a DID or DID URL: a did:key of P-384 takes 78, a did:web host at most 253."""

KEPT_DIDS: Final = 4_096
"""DIDs whose key or issuer id is not computed again. A text of them has at most MAX_DID characters."""

# did:web 3.2: the method-specific id is a host (escaped port) and, after colons, a path.
_HOST = r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*"
_SEGMENT = r"(?:[a-z0-9._~-]|%[0-9A-F]{2})+"
_WEB = re.compile(rf"did:web:(?P<host>{_HOST})(?:%3A(?P<port>[1-9][0-9]{{0,4}}))?(?P<path>(?::{_SEGMENT})*)")
# RFC 3986 6.2.2: another spelling of the same address. Capital letters are escaped, because a did:web has none.
_OTHER_ESCAPE = re.compile(r"%(?![0-9A-F]{2})|%(?:2D|2E|3[0-9]|5F|6[1-9A-F]|7[0-9A]|7E)")
# What a server may take for a separator or the end of a name, when it decodes the path.
_LEADS_ELSEWHERE = re.compile(r":\.{1,2}(?=:|$)|%(?:[01][0-9A-F]|2F|5C|7F)")
# DID Core 3.1: any DID.
_OTHER = re.compile(
    r"did:(?!(?:key|web):)[a-z0-9]+:(?:(?:[A-Za-z0-9._-]|%[0-9A-Fa-f]{2})*:)*(?:[A-Za-z0-9._-]|%[0-9A-Fa-f]{2})+"
)
_KEY = re.compile(r"did:key:(z[1-9A-HJ-NP-Za-km-z]+)")


class DidRefused(Exception):
    """The text is not a DID that this project reads."""


class DidMethodRefused(DidRefused):
    """The text may be a DID, of a method that is not read here."""


@dataclass(frozen=True)
class Did:
    """A DID that was read; `text` is its one spelling."""

    text: str
    method: Literal["key", "web"]
    key: PublicKey | None = None
    document_url: str | None = None


def parse_did(text: str) -> Did:
    """Parse a did:key (Ed25519, P-256, P-384) or did:web. Raises DidRefused."""
    if len(text) > MAX_DID:
        raise DidRefused(f"a DID has at most {MAX_DID} characters, found {len(text)}")
    if text.startswith("did:key:"):
        return Did(text, "key", key=_key_of(text))
    if text.startswith("did:web:"):
        return Did(text, "web", document_url=_web_url(text))
    kind = DidMethodRefused if _OTHER.fullmatch(text) else DidRefused
    raise kind(f"did:key or did:web expected, found {text[:40]!r}")


def has_another_spelling(did: str) -> bool:
    """Return True for a did:web that another text names too, or whose path leads out of its own place."""
    return did.startswith("did:web:") and bool(_OTHER_ESCAPE.search(did) or _LEADS_ELSEWHERE.search(did))


def did_key(key: PublicKey) -> str:
    """Return the did:key of a key."""
    return f"did:key:{key.multibase}"


def key_method(key: PublicKey) -> str:
    """Return the verification method of a did:key: `did:key:z…#z…` (did:key 3.1.2)."""
    return f"did:key:{key.multibase}#{key.multibase}"


def web_method(did: str, key: PublicKey) -> str:
    """Return the verification method of a key of a did:web; in this project the key is the fragment."""
    return f"{did}#{key.multibase}"


def split_method(method: str) -> tuple[str, str]:
    """Split a verification method into (DID, fragment). Raises DidRefused."""
    did, separator, fragment = method.partition("#")
    if len(method) > MAX_DID or not (separator and fragment and did.startswith("did:")):
        raise DidRefused(f"a DID URL with a fragment expected, found {method[:80]!r}")
    return did, fragment


def did_key_of_method(method: str) -> PublicKey:
    """Return the key that a did:key verification method names. Raises DidRefused unless the fragment repeats the key."""
    did, fragment = split_method(method)
    key = _key_of(did)
    if fragment != key.multibase:
        raise DidRefused(f"the fragment {fragment!r} is not the key of {did}")
    return key


@lru_cache(maxsize=KEPT_DIDS)
def issuer_id(did: str) -> IssuerId:
    """Return keccak-256 of the DID's bytes: the issuer's name on the ledger. Raises DidRefused."""
    return IssuerId(keccak(parse_did(did).text.encode("ascii")))


def did_key_document(key: PublicKey) -> dict[str, Any]:
    """Build the DID document that a did:key expands to, with one Multikey method for every signing purpose."""
    did, method = did_key(key), key_method(key)
    entry = {"id": method, "type": "Multikey", "controller": did, "publicKeyMultibase": key.multibase}
    return {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": did,
        "verificationMethod": [entry],
        "authentication": [method],
        "assertionMethod": [method],
        "capabilityDelegation": [method],
        "capabilityInvocation": [method],
    }


@lru_cache(maxsize=KEPT_DIDS)
def _key_of(did: str) -> PublicKey:
    match = _KEY.fullmatch(did)
    if match is None:
        raise DidRefused(f"not a did:key: {did[:80]!r}")
    try:
        return parse_multibase(match[1])
    except KeyRefused as error:
        raise DidRefused(f"{did[:80]}: {error}") from error


def _web_url(did: str) -> str:
    match = _WEB.fullmatch(did)
    if match is None or has_another_spelling(did):
        raise DidRefused(f"not a did:web in its one spelling, in lower-case ASCII: {did[:80]!r}")
    host = match["host"] + (f":{match['port']}" if match["port"] else "")
    path = match["path"].replace(":", "/") or "/.well-known"
    return f"https://{host}{path}/did.json"
