"""Put a credential into a PNG image and take it out again: one text chunk, its bytes unchanged (Open Badges 3.0, 5.3.1).

Other chunks are copied as they are. The text is written uncompressed. A compressed text is read too, within the limit.
"""

import struct
import zlib
from collections.abc import Callable, Iterator
from typing import Final

from acredita.registry.codes import Code
from acredita.registry.credentials.baked_badge import (
    CREDENTIAL,
    MAX_TEXT_BYTES,
    RECEIPT,
    BakedCredential,
    BakingRefused,
    baked_in,
    check_size,
    keep,
)

MAX_CHUNKS: Final = 4_096
"""Chunks of one PNG: an encoder writes some dozens."""

PNG_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
KEYWORD: Final = b"openbadgecredential"  # OB 3.0 5.3.1.1
RECEIPT_KEYWORD: Final = b"acredita-receipt"

_CHUNK_OVERHEAD: Final = 12  # PNG 5.3: length, type and CRC, four bytes each
_PLACES: Final = {KEYWORD: CREDENTIAL, RECEIPT_KEYWORD: RECEIPT}


def bake_png(image: bytes, credential: bytes, receipt: bytes | None = None) -> bytes:
    """Put the credential into an iTXt chunk of a PNG. Raises BakingRefused if the image carries one already."""
    chunks = list(_chunks(image))
    if any(keyword in _PLACES for keyword, _ in _texts(chunks)):
        raise BakingRefused(Code.BAKED_TWICE, "the image carries a credential already")
    parts = [(KEYWORD, credential)] + ([] if receipt is None else [(RECEIPT_KEYWORD, receipt)])
    header, *others = chunks
    return PNG_SIGNATURE + b"".join(
        _chunk(kind, data) for kind, data in (header, *(_text_chunk(*part) for part in parts), *others)
    )


def extract_png(image: bytes) -> BakedCredential:
    """Take the credential out of a PNG. Raises BakingRefused for none, for two, and beyond a limit."""
    texts: dict[str, bytes] = {}
    for keyword, data in _texts(_chunks(image, _is_ours)):
        if keyword in _PLACES:
            keep(texts, _PLACES[keyword], _international_text(data))
    return baked_in(texts)


def _is_ours(kind: bytes, data: bytes) -> bool:
    """Return whether a chunk carries a credential or receipt. Of another one a wrong checksum does not matter here."""
    return any(keyword in _PLACES for keyword, _ in _texts([(kind, data)]))


def _chunks(
    image: bytes, must_fit: Callable[[bytes, bytes], bool] = lambda _kind, _data: True
) -> Iterator[tuple[bytes, bytes]]:
    """Yield type and data of every chunk up to IEND. The CRCs of those that must fit are checked (PNG 5.3)."""
    check_size(image)
    if not image.startswith(PNG_SIGNATURE):
        raise BakingRefused(Code.BAKED_MALFORMED, "a PNG expected")
    at = len(PNG_SIGNATURE)
    for _ in range(MAX_CHUNKS):
        kind, data, fits = _chunk_at(image, at)
        if at == len(PNG_SIGNATURE) and kind != b"IHDR":
            raise BakingRefused(Code.BAKED_MALFORMED, "IHDR expected as the first chunk")
        if not fits and must_fit(kind, data):
            raise BakingRefused(Code.BAKED_MALFORMED, "the checksum of a chunk does not fit")
        yield kind, data
        if kind == b"IEND":
            return
        at += len(data) + _CHUNK_OVERHEAD
    raise BakingRefused(Code.BAKED_TOO_LARGE, f"at most {MAX_CHUNKS} chunks")


def _chunk_at(image: bytes, at: int) -> tuple[bytes, bytes, bool]:
    """Return type and data of the chunk at this place, and whether its checksum fits."""
    if at + _CHUNK_OVERHEAD > len(image):
        raise BakingRefused(Code.BAKED_MALFORMED, "the image ends before IEND")
    length, kind = struct.unpack_from(">I4s", image, at)
    end = at + 8 + length
    if end + 4 > len(image):
        raise BakingRefused(Code.BAKED_MALFORMED, "a chunk is longer than the image")
    (crc,) = struct.unpack_from(">I", image, end)
    return kind, image[at + 8 : end], crc == zlib.crc32(image[at + 4 : end])


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _text_chunk(keyword: bytes, text: bytes) -> tuple[bytes, bytes]:
    """Build an uncompressed iTXt chunk without language and translated keyword (PNG 11.3.3.4)."""
    if len(text) > MAX_TEXT_BYTES:
        raise BakingRefused(Code.BAKED_TOO_LARGE, f"at most {MAX_TEXT_BYTES} bytes")
    return b"iTXt", keyword + b"\0\0\0\0\0" + text


def _texts(chunks: "Iterator[tuple[bytes, bytes]] | list[tuple[bytes, bytes]]") -> Iterator[tuple[bytes, bytes]]:
    """Yield keyword and rest of every iTXt chunk."""
    for kind, data in chunks:
        if kind == b"iTXt":
            keyword, _, rest = data.partition(b"\0")
            yield keyword, rest


def _international_text(rest: bytes) -> bytes:
    """Return the text of an iTXt chunk after its keyword.

    Bakers must not compress it. A compressed text is read all the same, within the limit.
    """
    if len(rest) < 2:
        raise BakingRefused(Code.BAKED_MALFORMED, "a text chunk ends too early")
    packed, method = rest[0], rest[1]
    fields = rest[2:].split(b"\0", 2)
    if len(fields) != 3 or packed > 1 or method != 0:
        raise BakingRefused(Code.BAKED_MALFORMED, "a text chunk in the form of PNG 11.3.3.4 expected")
    text = _inflate(fields[2]) if packed else fields[2]
    if len(text) > MAX_TEXT_BYTES:
        raise BakingRefused(Code.BAKED_TOO_LARGE, f"at most {MAX_TEXT_BYTES} bytes of credential")
    return text


def _inflate(packed: bytes) -> bytes:
    """Decompress at most one byte more than the limit."""
    try:
        return zlib.decompressobj().decompress(packed, MAX_TEXT_BYTES + 1)
    except zlib.error as error:
        raise BakingRefused(Code.BAKED_MALFORMED, "a packed text chunk does not unpack") from error
