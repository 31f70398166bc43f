"""Put a credential into an SVG image and take it out again: one element below the root (Open Badges 3.0, 5.3.2).

The credential's bytes are those that were signed, with the two characters escaped that XML cannot hold. A document type
that declares nothing itself is passed over. An internal subset, and with it every entity, is refused.
"""

import re
from typing import Final
from xml.parsers import expat

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

MAX_ELEMENTS: Final = 100_000
"""Elements of one SVG."""

NAMESPACE: Final = "https://purl.imsglobal.org/ob/v3p0"  # OB 3.0 5.3.2.1
RECEIPT_NAMESPACE: Final = "urn:acredita:receipt:1"

# A mark, the declaration, comments and instructions may precede it (XML 1.0 2.8). It has no `[`.
_DOCUMENT_TYPE: Final = re.compile(
    rb"(?:\xef\xbb\xbf)?+(?>\s++|<\?.*?\?>|<!--.*?-->)*+"
    rb"(<!DOCTYPE\s++(?:[A-Za-z_][\w.-]*+:)?+svg(?>\s++(?>PUBLIC\s++(?>\"[^\"]*+\"|'[^']*+')|SYSTEM)(?>\s++(?>\"[^\"]*+\"|'[^']*+'))?+)?+\s*+>)",
    re.DOTALL,
)
_PLACES: Final = {f"{NAMESPACE} credential": CREDENTIAL, f"{RECEIPT_NAMESPACE} receipt": RECEIPT}


def bake_svg(image: bytes, credential: bytes, receipt: bytes | None = None) -> bytes:
    """Put the credential directly after the `<svg>` tag (OB 3.0 5.3.2.1), in UTF-8."""
    reading = _SvgReading()
    reading.read(image)
    if reading.texts:
        raise BakingRefused(Code.BAKED_TWICE, "the image carries a credential already")
    end = _end_of_tag(image, reading.root_at)
    if image[end - 1 : end] == b"/":
        raise BakingRefused(Code.BAKED_MALFORMED, "an image with something in it expected")
    elements = _element("openbadges", NAMESPACE, CREDENTIAL, credential)
    if receipt is not None:
        elements += _element("acredita", RECEIPT_NAMESPACE, RECEIPT, receipt)
    declared = f' xmlns:openbadges="{NAMESPACE}"'.encode() if b"xmlns:openbadges=" not in image[:end] else b""
    baked = image[:end] + declared + b">" + elements + image[end + 1 :]
    check = _SvgReading()
    check.read(baked)
    if check.texts.get(CREDENTIAL) != _xml_safe(credential):  # the image may use the prefix for another namespace
        raise BakingRefused(Code.BAKED_MALFORMED, "an image that does not use the prefix openbadges otherwise expected")
    return baked


def extract_svg(image: bytes) -> BakedCredential:
    """Take the credential out of an SVG. Entities are refused."""
    reading = _SvgReading()
    reading.read(image)
    return baked_in(reading.texts)


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
        check_size(image)
        try:
            image.decode("utf-8")  # expat would follow another encoding's mark and count bytes differently
            self._parser.Parse(_without_document_type(image), True)
        except UnicodeDecodeError as error:
            raise BakingRefused(Code.BAKED_MALFORMED, "an SVG in UTF-8 expected") from error
        except expat.ExpatError as error:
            raise BakingRefused(Code.BAKED_MALFORMED, f"an SVG in UTF-8 expected: line {error.lineno}") from error

    def _doctype(self, *_names: object) -> None:
        # Entities are declared only there: without it no text grows and none is fetched.
        raise BakingRefused(Code.BAKED_MALFORMED, "an SVG whose document type declares nothing expected")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        if self._elements > MAX_ELEMENTS:
            raise BakingRefused(Code.BAKED_TOO_LARGE, f"at most {MAX_ELEMENTS} elements")
        if self._elements == 1:
            if name not in ("http://www.w3.org/2000/svg svg", "svg"):
                raise BakingRefused(Code.BAKED_EMPTY, "an SVG expected")
            self.root_at = self._parser.CurrentByteIndex
        if self._place is not None:
            raise BakingRefused(Code.BAKED_MALFORMED, "an element inside the credential")
        if name in _PLACES:
            # `verify` holds a credential that is a VC-JWT, unchanged.
            self._place, self._text, self._size = _PLACES[name], [attributes.get("verify", "")], 0

    def _end(self, name: str) -> None:
        if self._place is not None:
            token, *written = (part.strip() for part in (self._text[0], "".join(self._text[1:])))
            if token and any(written):
                raise BakingRefused(Code.BAKED_TWICE, "a credential as attribute or as text expected, found both")
            keep(self.texts, self._place, (token or written[0]).encode())
            self._place = None

    def _characters(self, text: str) -> None:
        if self._place is None:
            return
        self._size += len(text)
        if self._size > MAX_TEXT_BYTES:
            raise BakingRefused(Code.BAKED_TOO_LARGE, f"at most {MAX_TEXT_BYTES} bytes of credential")
        self._text.append(text)


def _without_document_type(image: bytes) -> bytes:
    """Return the image with spaces in place of a document type that names a DTD at most.

    Without it no parser may pass over an unknown entity: XML 1.0 4.1 makes one an error. Places stay as they are.
    """
    match = _DOCUMENT_TYPE.match(image)
    return image if match is None else image[: match.start(1)] + b" " * len(match[1]) + image[match.end(1) :]


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
