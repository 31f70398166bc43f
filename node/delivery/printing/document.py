"""Make the printable credential: one page in Spanish with a QR code, and the badge's image.

The credential and its receipt are attached to the PDF and baked into the image. The same credential gives the same
bytes. The page proves nothing by itself: the QR code leads to the registry's answer, and a verifier checks the attached
files.
"""

import io
from dataclasses import asdict

import segno
from acredita.node.delivery.printing.typesetting import typeset_image, typeset_pdf
from acredita.node.delivery.printing.wording import Wording
from acredita.registry.credentials.baked_png import bake_png
from acredita.registry.credentials.baked_svg import bake_svg


def credential_pdf(words: Wording, credential: bytes, receipt: bytes, timestamp: int) -> bytes:
    """Return the page as PDF, with both files attached unchanged."""
    files = {"credential": credential.decode("utf-8"), "receipt": receipt.decode("utf-8"), "qr": qr_svg(words.link)}
    return typeset_pdf("credencial", asdict(words), files, timestamp)


def badge_png(words: Wording, credential: bytes, receipt: bytes) -> bytes:
    """Return the badge as PNG, with both files baked in."""
    return bake_png(typeset_image("insignia", _badge(words), "png"), credential, receipt)


def badge_svg(words: Wording, credential: bytes, receipt: bytes) -> bytes:
    """Return the badge as SVG, with both files baked in."""
    return bake_svg(typeset_image("insignia", _badge(words), "svg"), credential, receipt)


def qr_svg(link: str) -> str:
    """Return a QR code that is readable after a fold or a stain: a quarter may be lost (ISO/IEC 18004, level Q)."""
    written = io.BytesIO()
    segno.make(link, error="q", micro=False).save(written, kind="svg", border=4, xmldecl=False)
    return written.getvalue().decode("utf-8")


def _badge(words: Wording) -> dict[str, object]:
    return {
        "title": words.title,
        "issuer": words.issuer,
        "awarded": words.awarded,
        "demo": words.demo,
        "family": words.family,
    }
