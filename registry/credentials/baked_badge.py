"""Baked badges: put a credential into a PNG or SVG image (Open Badges 3.0, section 5.3), and take it out again.

The credential's bytes are those that were signed. A PNG holds them unchanged, an SVG with the two characters escaped
that XML cannot hold. The anchor receipt may be included in a chunk or element of our own, which other readers skip.
Extraction proves nothing; the bytes are verified later. An image with two credentials is refused. Pixels are not
decoded, nothing is drawn and nothing is fetched. A limit named here bounds every size.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from xml.parsers import expat

from acredita.contracts.coded_error import CodedError
from acredita.registry.codes import Code
from acredita.registry.json_documents.strict import MAX_BYTES

MAX_IMAGE_BYTES: Final = 4 << 20
"""Bytes of one image: a badge of ours takes about 100 KB, a photograph would still pass."""
MAX_CHUNKS: Final = 4_096
"""Chunks of one PNG: an encoder writes some dozens."""
MAX_TEXT_BYTES: Final = MAX_BYTES
"""Bytes of one carried document, after unpacking: what strict reading takes."""
MAX_ELEMENTS: Final = 100_000
"""Elements of one SVG."""

PNG_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
KEYWORD: Final = b"openbadgecredential"  # OB 3.0 5.3.1.1
RECEIPT_KEYWORD: Final = b"acredita-receipt"
NAMESPACE: Final = "https://purl.imsglobal.org/ob/v3p0"  # OB 3.0 5.3.2.1
RECEIPT_NAMESPACE: Final = "urn:acredita:receipt:1"


_CREDENTIAL: Final = "credential"
_RECEIPT: Final = "receipt"
_CHUNK_OVERHEAD: Final = 12  # PNG 5.3: length, type and CRC, four bytes each
_SVG_PLACES: Final = {f"{NAMESPACE} credential": _CREDENTIAL, f"{RECEIPT_NAMESPACE} receipt": _RECEIPT}
_PNG_PLACES: Final = {KEYWORD: _CREDENTIAL, RECEIPT_KEYWORD: _RECEIPT}


class BakingRefused(CodedError[Code]):
    """An image that cannot be baked, or that holds no credential to extract; `code` is stable."""


@dataclass(frozen=True)
class BakedCredential:
    """The bytes of the credential in an image, and the receipt's if it is included."""

    credential: bytes
    receipt: bytes | None


def bake_png(image: bytes, credential: bytes, receipt: bytes | None = None) -> bytes:
    """Put the credential into an iTXt chunk of a PNG. Raises BakingRefused if the image carries one already."""
    chunks = list(_chunks(image))
    if any(keyword in _PNG_PLACES for keyword, _ in _texts(chunks)):
        raise BakingRefused(Code.BAKED_TWICE, "the image carries a credential already")
    parts = [(KEYWORD, credential)] + ([] if receipt is None else [(RECEIPT_KEYWORD, receipt)])
    header, *others = chunks
    return PNG_SIGNATURE + b"".join(
        _chunk(kind, data) for kind, data in (header, *(_text_chunk(*part) for part in parts), *others)
    )


def extract_png(image: bytes) -> BakedCredential:
    """Take the credential out of a PNG. Raises BakingRefused for none, for two, and beyond a limit."""
    texts: dict[str, bytes] = {}
    for keyword, data in _texts(_chunks(image)):
        if keyword in _PNG_PLACES:
            _keep(texts, _PNG_PLACES[keyword], _international_text(data))
    return _baked(texts)


def bake_svg(image: bytes, credential: bytes, receipt: bytes | None = None) -> bytes:
    """Put the credential directly after the `<svg>` tag (OB 3.0 5.3.2.1), in UTF-8."""
    reading = _SvgReading()
    reading.read(image)
    if reading.texts:
        raise BakingRefused(Code.BAKED_TWICE, "the image carries a credential already")
    end = _end_of_tag(image, reading.root_at)
    if image[end - 1 : end] == b"/":
        raise BakingRefused(Code.BAKED_MALFORMED, "an image with something in it expected")
    elements = _element("openbadges", NAMESPACE, _CREDENTIAL, credential)
    if receipt is not None:
        elements += _element("acredita", RECEIPT_NAMESPACE, _RECEIPT, receipt)
    declared = f' xmlns:openbadges="{NAMESPACE}"'.encode() if b"xmlns:openbadges=" not in image[:end] else b""
    baked = image[:end] + declared + b">" + elements + image[end + 1 :]
    check = _SvgReading()
    check.read(baked)
    if check.texts.get(_CREDENTIAL) != _xml_safe(credential):  # the image may use the prefix for another namespace
        raise BakingRefused(Code.BAKED_MALFORMED, "an image that does not use the prefix openbadges otherwise expected")
    return baked


def extract_svg(image: bytes) -> BakedCredential:
    """Take the credential out of an SVG. A document type, and with it every entity, is refused."""
    reading = _SvgReading()
    reading.read(image)
    return _baked(reading.texts)


def _baked(texts: dict[str, bytes]) -> BakedCredential:
    if _CREDENTIAL not in texts:
        raise BakingRefused(Code.BAKED_EMPTY, "no Open Badges 3.0 credential in this image")
    return BakedCredential(texts[_CREDENTIAL], texts.get(_RECEIPT))


def _keep(texts: dict[str, bytes], place: str, text: bytes) -> None:
    if place in texts:  # OB 3.0 5.3.1.1: not more than once
        raise BakingRefused(Code.BAKED_TWICE, f"one {place} in an image expected, found two")
    texts[place] = text


# --- PNG ---


def _chunks(image: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield type and data of every chunk up to IEND, their CRCs checked (PNG 5.3)."""
    _check_size(image)
    if not image.startswith(PNG_SIGNATURE):
        raise BakingRefused(Code.BAKED_MALFORMED, "a PNG expected")
    at = len(PNG_SIGNATURE)
    for _ in range(MAX_CHUNKS):
        kind, data = _chunk_at(image, at)
        if at == len(PNG_SIGNATURE) and kind != b"IHDR":
            raise BakingRefused(Code.BAKED_MALFORMED, "IHDR expected as the first chunk")
        yield kind, data
        if kind == b"IEND":
            return
        at += len(data) + _CHUNK_OVERHEAD
    raise BakingRefused(Code.BAKED_TOO_LARGE, f"at most {MAX_CHUNKS} chunks")


def _chunk_at(image: bytes, at: int) -> tuple[bytes, bytes]:
    if at + _CHUNK_OVERHEAD > len(image):
        raise BakingRefused(Code.BAKED_MALFORMED, "the image ends before IEND")
    length, kind = struct.unpack_from(">I4s", image, at)
    end = at + 8 + length
    if end + 4 > len(image):
        raise BakingRefused(Code.BAKED_MALFORMED, "a chunk is longer than the image")
    (crc,) = struct.unpack_from(">I", image, end)
    if crc != zlib.crc32(image[at + 4 : end]):
        raise BakingRefused(Code.BAKED_MALFORMED, "the checksum of a chunk does not fit")
    return kind, image[at + 8 : end]


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


# --- SVG ---


class _SvgReading:
    """One pass over an SVG: the start of its root tag, and the text of the elements looked for."""

    def __init__(self) -> None:
        self.root_at = -1
        self.texts: dict[str, bytes] = {}
        self._place: str | None = None
        self._text: list[str] = []
        self._size = 0
        self._elements = 0
        self._parser = expat.ParserCreate("UTF-8", namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters

    def read(self, image: bytes) -> None:
        _check_size(image)
        try:
            image.decode("utf-8")  # expat would follow another encoding's mark and count bytes differently
            self._parser.Parse(image, True)
        except UnicodeDecodeError as error:
            raise BakingRefused(Code.BAKED_MALFORMED, "an SVG in UTF-8 expected") from error
        except expat.ExpatError as error:
            raise BakingRefused(Code.BAKED_MALFORMED, f"an SVG in UTF-8 expected: line {error.lineno}") from error

    def _doctype(self, *_names: object) -> None:
        # Entities are declared only there: without it no text grows and none is fetched.
        raise BakingRefused(Code.BAKED_MALFORMED, "an SVG without a document type expected")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        if self._elements > MAX_ELEMENTS:
            raise BakingRefused(Code.BAKED_TOO_LARGE, f"at most {MAX_ELEMENTS} elements")
        if self._elements == 1:
            if name not in ("http://www.w3.org/2000/svg svg", "svg"):
                raise BakingRefused(Code.BAKED_MALFORMED, "an SVG expected")
            self.root_at = self._parser.CurrentByteIndex
        if self._place is not None:
            raise BakingRefused(Code.BAKED_MALFORMED, "an element inside the credential")
        if name in _SVG_PLACES:
            # `verify` holds a credential that is a VC-JWT, unchanged.
            self._place, self._text, self._size = _SVG_PLACES[name], [attributes.get("verify", "")], 0

    def _end(self, name: str) -> None:
        if self._place is not None:
            _keep(self.texts, self._place, "".join(self._text).strip().encode())
            self._place = None

    def _characters(self, text: str) -> None:
        if self._place is None:
            return
        self._size += len(text)
        if self._size > MAX_TEXT_BYTES:
            raise BakingRefused(Code.BAKED_TOO_LARGE, f"at most {MAX_TEXT_BYTES} bytes of credential")
        self._text.append(text)


def _element(prefix: str, namespace: str, name: str, text: bytes) -> bytes:
    """Build an element with the text as CDATA. A text that would end the section early is split (XML 1.0 2.7)."""
    if len(text) > MAX_TEXT_BYTES:
        raise BakingRefused(Code.BAKED_TOO_LARGE, f"at most {MAX_TEXT_BYTES} bytes")
    inside = _xml_safe(text).replace(b"]]>", b"]]]]><![CDATA[>")
    tag = f"{prefix}:{name}".encode()
    declared = f' xmlns:{prefix}="{namespace}"'.encode() if prefix != "openbadges" else b""
    return b"\n<" + tag + declared + b"><![CDATA[" + inside + b"]]></" + tag + b">"


def _xml_safe(text: bytes) -> bytes:
    """Escape U+FFFE and U+FFFF, which XML 1.0 2.2 excludes. JSON holds them only in strings, which may escape them."""
    return text.strip().replace(b"\xef\xbf\xbe", b"\\ufffe").replace(b"\xef\xbf\xbf", b"\\uffff")


def _end_of_tag(image: bytes, start: int) -> int:
    """Find the `>` of the tag that begins at `start`. A `>` inside an attribute's quotes is skipped."""
    quote = 0
    for at in range(start, len(image)):
        byte = image[at]
        if quote:
            quote = 0 if byte == quote else quote
        elif byte in b"\"'":
            quote = byte
        elif byte == ord(">"):
            return at
    raise BakingRefused(Code.BAKED_MALFORMED, "the svg tag does not end")


def _check_size(image: bytes) -> None:
    if len(image) > MAX_IMAGE_BYTES:
        raise BakingRefused(Code.BAKED_TOO_LARGE, f"at most {MAX_IMAGE_BYTES} bytes of image, found {len(image)}")
