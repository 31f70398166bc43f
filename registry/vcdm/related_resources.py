"""Compute digests of related resources (VCDM 2.0 5.3) over available bytes, never over bytes that are fetched.

`digestSRI` holds one or more hash expressions of Subresource Integrity. `digestMultibase` holds one or more multibase
values of a multihash. The bare hash without its multihash header, which published examples show, is read as well. A
resource whose bytes are not available is not reported as wrong: it stays unchecked.
"""

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType

from acredita.registry.keys.multikey import KeyRefused, decode_multibase

MAX_DIGEST_CHARACTERS = 512
"""Characters of one member: SHA-512 takes 95, and a member may hold a few."""

BytesOf = Callable[[str], bytes | None]

_SRI = re.compile(r"(sha256|sha384|sha512)-([A-Za-z0-9+/]+={0,2})(\?\S*)?")
# multicodec table: code of the hash, then its length in bytes
_MULTIHASHES = {b"\x12\x20": "sha256", b"\x20\x30": "sha384", b"\x13\x40": "sha512"}
_BARE = {32: "sha256", 48: "sha384", 64: "sha512"}


def bundled_bytes(url: str) -> bytes | None:
    """Return the bytes of a bundled JSON-LD context, None for any other address."""
    return _bundled().get(url)


def sri_digests(text: str) -> list[tuple[str, bytes]] | None:
    """Read the hash name and hash of every expression; None where one of them is malformed."""
    if not 0 < len(text) <= MAX_DIGEST_CHARACTERS:
        return None
    matches = [_SRI.fullmatch(part) for part in text.split()]
    digests = [_sri(match[1], match[2]) for match in matches if match is not None]
    complete = [digest for digest in digests if digest is not None]
    return complete if complete and len(complete) == len(matches) else None


def multibase_digest(text: str) -> tuple[str, bytes] | None:
    """Read the hash name and hash of a multibase value (base64url or base58btc); None where it is malformed."""
    data = _multibase(text) if 0 < len(text) <= MAX_DIGEST_CHARACTERS else None
    if data is None:
        return None
    name = _MULTIHASHES.get(data[:2])
    if name is not None and len(data) == 2 + hashlib.new(name).digest_size:
        return name, data[2:]
    bare = _BARE.get(len(data))
    return None if bare is None else (bare, data)


def fits(data: bytes, digest: tuple[str, bytes]) -> bool:
    """Return True if the bytes hash to the digest."""
    name, expected = digest
    return hmac.compare_digest(hashlib.new(name, data).digest(), expected)


def _sri(name: str, text: str) -> tuple[str, bytes] | None:
    try:
        value = base64.b64decode(text, validate=True)
    except binascii.Error:
        return None
    return (name, value) if len(value) == hashlib.new(name).digest_size else None


def _multibase(text: str) -> bytes | None:
    try:
        if text.startswith("u"):
            return base64.b64decode(text[1:] + "=" * (-len(text[1:]) % 4), altchars=b"-_", validate=True)
        return decode_multibase(text) if text.startswith("z") else None
    except (binascii.Error, ValueError, KeyRefused):
        return None


@cache
def _bundled() -> Mapping[str, bytes]:
    folder = resources.files("acredita.registry.canonicalisation") / "context_documents"
    return MappingProxyType(dict(_files(json.loads((folder / "manifest.json").read_bytes())["contexts"])))


def _files(rows: list[dict[str, str]]) -> Iterator[tuple[str, bytes]]:
    folder = resources.files("acredita.registry.canonicalisation") / "context_documents"
    for row in rows:
        yield row["url"], (folder / row["file"]).read_bytes()
