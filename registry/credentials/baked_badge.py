"""Hold what baked badges have in common: PNG and SVG images with a credential (Open Badges 3.0, section 5.3).

The credential's bytes are those that were signed. The anchor receipt may be included in a chunk or element of our own,
which other readers skip. Extraction proves nothing; the bytes are verified later. An image with two credentials is
refused. Pixels are not decoded, nothing is drawn and nothing is fetched. A named limit bounds every size.
"""

from dataclasses import dataclass
from typing import Final

from acredita.contracts.coded_error import CodedError
from acredita.registry.codes import Code
from acredita.registry.json_documents.strict import MAX_BYTES

MAX_IMAGE_BYTES: Final = 4 << 20
"""Bytes of one image: a badge of ours takes about 100 KB, a photograph would still pass."""
MAX_TEXT_BYTES: Final = MAX_BYTES
"""Bytes of one carried document, after unpacking: what strict reading takes."""

CREDENTIAL: Final = "credential"
RECEIPT: Final = "receipt"


class BakingRefused(CodedError[Code]):
    """An image that cannot be baked, or that holds no credential to extract; `code` is stable."""


@dataclass(frozen=True)
class BakedCredential:
    """The bytes of the credential in an image, and the receipt's if it is included."""

    credential: bytes
    receipt: bytes | None


def baked_in(texts: dict[str, bytes]) -> BakedCredential:
    """Return what an image's texts carry. Raises BakingRefused if no credential is among them."""
    if CREDENTIAL not in texts:
        raise BakingRefused(Code.BAKED_EMPTY, "no Open Badges 3.0 credential in this image")
    return BakedCredential(texts[CREDENTIAL], texts.get(RECEIPT))


def keep(texts: dict[str, bytes], place: str, text: bytes) -> None:
    """Keep one text of an image. Raises BakingRefused if there is one at this place already."""
    if place in texts:  # OB 3.0 5.3.1.1: not more than once
        raise BakingRefused(Code.BAKED_TWICE, f"one {place} in an image expected, found two")
    texts[place] = text


def check_size(image: bytes) -> None:
    """Raise BakingRefused for an image beyond the limit."""
    if len(image) > MAX_IMAGE_BYTES:
        raise BakingRefused(Code.BAKED_TOO_LARGE, f"at most {MAX_IMAGE_BYTES} bytes of image, found {len(image)}")
