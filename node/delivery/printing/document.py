"""The printable credential: one page in Spanish with a QR code, the credential and its receipt attached to the PDF.

The same credential gives the same bytes. The page proves nothing by itself: the QR code leads to the registry's answer, and
the attached files are what a verifier checks.
"""

import io
from dataclasses import asdict

import segno
from acredita.node.delivery.printing.typesetting import typeset_image, typeset_pdf
from acredita.node.delivery.printing.wording import Wording
from acredita.registry.credentials.baked_badge import bake_png, bake_svg


def credential_pdf(words: Wording, credential: bytes, receipt: bytes, timestamp: int) -> bytes:
    """The page, with both files attached as they stand."""
    files = {"credential": credential.decode("utf-8"), "receipt": receipt.decode("utf-8"), "qr": qr_svg(words.link)}
    return typeset_pdf("credencial", asdict(words), files, timestamp)


def badge_png(words: Wording, credential: bytes, receipt: bytes) -> bytes:
    """The badge's image with both baked in."""
    return bake_png(typeset_image("insignia", _badge(words), "png"), credential, receipt)


def badge_svg(words: Wording, credential: bytes, receipt: bytes) -> bytes:
    return bake_svg(typeset_image("insignia", _badge(words), "svg"), credential, receipt)


def qr_svg(link: str) -> str:
    """A QR code that survives a fold or a stain: a quarter of it may be lost (ISO/IEC 18004, level Q)."""
    written = io.BytesIO()
    segno.make(link, error="q", micro=False).save(written, kind="svg", border=4, xmldecl=False)
    return written.getvalue().decode("utf-8")


def _badge(words: Wording) -> dict[str, object]:
    return {"title": words.title, "issuer": words.issuer, "awarded": words.awarded, "demo": words.demo}
