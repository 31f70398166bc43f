"""Status list credentials, W3C Bitstring Status List 1.0: build our own, read any issuer's.

A list is public and shows only which of its 131,072 positions are revoked. Any VC verifier can read it. A verifier with
the log needs no list, because the log's own bits are the same. Decoding stops at the size of a list, so a small file
that unpacks to gigabytes is refused and not unpacked.
"""

import base64
import gzip
import zlib
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from acredita.anchoring.receipts import time_text
from acredita.anchoring.types import IssuerId
from acredita.contracts.coded_error import CodedError
from acredita.registry.canonicalisation.contexts import CREDENTIALS_V2
from acredita.registry.codes import Code
from acredita.registry.credentials.parse import moment
from acredita.registry.credentials.shapes import (
    ProfileRefused,
    Shape,
    did,
    exactly,
    matching,
    proof_shape,
    refuse_keywords,
    web,
)
from acredita.registry.credentials.status_position import LIST_BITS, NO_POSITION, parse_list_url, position

LIST_BYTES: Final = LIST_BITS // 8
# 16 KiB of random bits take 16 KiB + headers gzipped and a third more in base64url.
MAX_ENCODED_CHARS: Final = 24_000
MAX_FOREIGN_BYTES: Final = 1 << 20
"""Bytes of another issuer's list, unpacked: eight million positions. The standard demands at least 16 KiB (2.2)."""
# If half of a list is used, this many draws all miss once in 2^64. A list is left a little before it is full.
_MAX_DRAWS: Final = 64

_CONTEXTS: Final = [CREDENTIALS_V2]
# One spelling of a moment: UTC, and milliseconds only where they are not zero. A list may be issued more than once a second.
_moment_text: Final = matching(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.(?!000)[0-9]{3})?Z", "a time YYYY-MM-DDThh:mm:ss[.sss]Z"
)
_SUBJECT: Final = Shape(
    {
        "id": web,
        "type": exactly("BitstringStatusList"),
        "statusPurpose": exactly("revocation"),
        "encodedList": matching(r"u[A-Za-z0-9_-]+", "multibase base64url", most=MAX_ENCODED_CHARS),
    }
)
_LIST: Final = Shape(
    {
        "@context": exactly(_CONTEXTS),
        "id": web,
        "type": exactly(["VerifiableCredential", "BitstringStatusListCredential"]),
        "issuer": did,
        "validFrom": _moment_text,
        "credentialSubject": _SUBJECT,
        "proof": proof_shape(_CONTEXTS),
    },
    {"validUntil": _moment_text},
)


class StatusListRefused(CodedError[Code]):
    """A document that is no status list of ours, or does not decode; `code` says which."""

    CODE_IN_TEXT = True


@dataclass(frozen=True)
class StatusList:
    """A status list as read. `bits`: the whole list, position 0 the left-most bit.

    `issued` in Unix seconds; `milliseconds` of that second tell apart lists that were issued within it.
    """

    url: str
    issuer: str
    list_issuer: IssuerId
    list_number: int
    issued: int
    milliseconds: int
    bits: bytes

    @property
    def version(self) -> int:
        """The moment of issue in milliseconds since 1970: of two lists of one address the greater is the newer."""
        return self.issued * 1_000 + self.milliseconds

    def is_set(self, index: int) -> bool:
        """Return whether the position is revoked. `index` is below 131,072."""
        return is_set(self.bits, index)


def build_status_list(
    *, url: str, issuer: str, revoked: Iterable[int], issued: int, milliseconds: int = 0
) -> dict[str, Any]:
    """Build the unsigned list credential. `revoked`: indexes of this list. `issued`: Unix seconds, and milliseconds."""
    return {
        "@context": list(_CONTEXTS),
        "id": url,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer,
        "validFrom": _moment(issued, milliseconds),
        "credentialSubject": {
            "id": f"{url}#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": encode_list(bitstring(revoked)),
        },
    }


def parse_status_list(document: object) -> StatusList:
    """Parse a signed list credential. Raises StatusListRefused. Its proof is checked elsewhere."""
    try:
        refuse_keywords(document)
        _LIST(document, ())
        return _read(document)
    except ProfileRefused as error:
        raise StatusListRefused(Code.STATUS_LIST_INVALID, str(error)) from error


def bitstring(indexes: Iterable[int]) -> bytes:
    """Build a list with these positions set; position 0 is the left-most bit (Bitstring Status List 1.0 4.2)."""
    bits = bytearray(LIST_BYTES)
    for index in indexes:
        if not 0 <= index < LIST_BITS:
            raise ValueError(f"index: below {LIST_BITS} expected")
        bits[index >> 3] |= 0x80 >> (index & 7)
    return bytes(bits)


def is_set(bits: bytes, index: int) -> bool:
    """Return whether a bit is set."""
    if not 0 <= index < 8 * len(bits):
        raise ValueError(f"index: below {8 * len(bits)} expected")
    return bool(bits[index >> 3] & (0x80 >> (index & 7)))


def encode_list(bits: bytes) -> str:
    """Encode a list as GZIP, then multibase base64url without padding. Equal bits give equal text: no time is stored."""
    return "u" + base64.urlsafe_b64encode(gzip.compress(bits, mtime=0)).rstrip(b"=").decode("ascii")


def decode_list(encoded: str) -> bytes:
    """Decode an `encodedList`. Raises StatusListRefused. Stops at the size of a list."""
    if len(encoded) > MAX_ENCODED_CHARS:
        raise StatusListRefused(Code.STATUS_LIST_INVALID, f"at most {MAX_ENCODED_CHARS} characters expected")
    bits = _unpacked(encoded, LIST_BYTES)
    if len(bits) != LIST_BYTES:
        raise StatusListRefused(Code.STATUS_LIST_LENGTH_ERROR, f"{LIST_BYTES} bytes expected")
    return bits


def decode_foreign_list(encoded: str) -> bytes:
    """Decode another issuer's `encodedList`, of any size from that of ours to MAX_FOREIGN_BYTES."""
    bits = _unpacked(encoded, MAX_FOREIGN_BYTES)
    if len(bits) < LIST_BYTES:
        raise StatusListRefused(Code.STATUS_LIST_LENGTH_ERROR, f"at least {LIST_BYTES} bytes expected")
    return bits


def bit_of(subject: Mapping[str, Any], index: int, purpose: str) -> bool:
    """Return a bit of any issuer's list whose structure is sound. `subject`: its credentialSubject.

    Raises StatusListRefused if the list is not of the purpose (Bitstring Status List 3.2, 8) or does not decode,
    IndexError for an index beyond the list.
    """
    purposes = subject["statusPurpose"]
    if purpose not in (purposes if isinstance(purposes, list) else [purposes]):
        raise StatusListRefused(Code.STATUS_LIST_INVALID, "a list of the entry's purpose expected")
    bits = decode_foreign_list(subject["encodedList"])
    if index >= 8 * len(bits):
        raise IndexError(index)
    return is_set(bits, index)


def _unpacked(encoded: str, most: int) -> bytes:
    if not encoded.startswith("u"):
        raise StatusListRefused(Code.STATUS_LIST_INVALID, "multibase base64url expected")
    try:
        packed = base64.b64decode(encoded[1:] + "=" * (-len(encoded[1:]) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raise StatusListRefused(Code.STATUS_LIST_INVALID, "base64url without padding expected") from None
    return _gunzip(packed, most)


def draw_position(list_number: int, used: Container[int], random_below: Callable[[int], int]) -> int:
    """Draw an unused position of a list. `used`: positions in use. `random_below(n)` gives 0 ≤ r < n.

    This only makes a clash rare; the database constraint decides. Raises StatusListFullError if 64 draws find none.
    """
    for _ in range(_MAX_DRAWS):
        drawn = position(list_number, random_below(LIST_BITS))
        if drawn not in used and drawn != NO_POSITION:
            return drawn
    raise StatusListFullError(list_number)


class StatusListFullError(Exception):
    """A list in which no unused position was found: the next list is to be opened."""

    def __init__(self, list_number: int) -> None:
        super().__init__(f"status list {list_number} is full")
        self.list_number = list_number


def _read(document: Any) -> StatusList:
    url, subject = document["id"], document["credentialSubject"]
    if subject["id"] != f"{url}#list":
        raise ProfileRefused(("credentialSubject", "id"), Code.PROFILE_CONTRADICTION, "the list's address and #list")
    try:
        list_issuer, list_number = parse_list_url(url)
    except ValueError:
        raise ProfileRefused(("id",), Code.PROFILE_CONTRADICTION, "…/status/<issuer>/<list>") from None
    issued, milliseconds = _read_moment(document["validFrom"], "validFrom")
    if "validUntil" in document:
        _read_moment(document["validUntil"], "validUntil")
    return StatusList(
        url=url,
        issuer=document["issuer"],
        list_issuer=list_issuer,
        list_number=list_number,
        issued=issued,
        milliseconds=milliseconds,
        bits=decode_list(subject["encodedList"]),
    )


def _moment(seconds: int, milliseconds: int) -> str:
    text = time_text(seconds)
    return f"{text[:-1]}.{milliseconds:03d}Z" if milliseconds else text


def _read_moment(text: str, key: str) -> tuple[int, int]:
    whole, _, fraction = text.removesuffix("Z").partition(".")
    return moment(f"{whole}Z", (key,)), int(fraction or "0")


def _gunzip(packed: bytes, most: int) -> bytes:
    inflater = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    try:
        bits = inflater.decompress(packed, most + 1)
    except zlib.error:
        raise StatusListRefused(Code.STATUS_LIST_INVALID, "gzip expected") from None
    if len(bits) > most:
        raise StatusListRefused(Code.STATUS_LIST_LENGTH_ERROR, f"{most} bytes expected, found more")
    if not inflater.eof or inflater.unused_data:
        raise StatusListRefused(Code.STATUS_LIST_INVALID, "one whole gzip member expected")
    return bits
