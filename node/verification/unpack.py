"""Take the credential out of a file: a baked badge, a printable PDF, a delivered ZIP, an evidence bundle, or plain
JSON.

The result is the credential's bytes and the receipt's, if the file carries one. Verification decides whether they are
genuine. The first bytes decide the kind, never a name. Every carrier stops at a limit named in `carried_parts`,
`unpack_pdf` or `registry.credentials.baked_badge` and its neighbours. A file with two credentials is refused, because
nobody could say which one a person was shown. Nothing is written to disk, run, drawn or fetched.
"""

import io
import json
import struct
import zipfile
import zlib
from typing import Final

from acredita.node.verification.carried_parts import (
    MAX_FILE_BYTES,
    MAX_PART_BYTES,
    Carried,
    UnpackingRefused,
    carried_parts,
    check_count,
    part_name,
)
from acredita.registry.codes import Code
from acredita.registry.credentials.baked_badge import BakingRefused
from acredita.registry.credentials.baked_png import PNG_SIGNATURE, extract_png
from acredita.registry.credentials.baked_svg import extract_svg
from acredita.registry.evidence.bundle import EvidenceRefused, read_bundle
from acredita.registry.json_documents.strict import BYTE_ORDER_MARK

_PDF: Final = b"%PDF-"
MAX_BEFORE_PDF: Final = 1_024
"""Bytes before a PDF's header that its readers pass over (ISO 32000-1 annex H, note 13)."""
# A local file; an empty archive; the marks of a spanned archive that fitted into one file.
_ZIPS: Final = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08PK", b"PK00PK")
_GZIP: Final = b"\x1f\x8b"

# Other methods of APPNOTE.TXT 4.4.5 that packers offer.
_METHODS: Final = {9: "Deflate64", 12: "bzip2", 14: "LZMA", 93: "Zstandard", 95: "XZ", 98: "PPMd"}


def unpack(content: bytes) -> Carried:
    """Return the parts a file carries. A file of no known kind is taken for the credential and read strictly later."""
    header_at = _pdf_header(content)
    if header_at is not None:
        from acredita.node.verification.unpack_pdf import unpack_pdf

        return unpack_pdf(_bounded(content), header_at)
    if content.startswith(_ZIPS):
        return _unpack_zip(_bounded(content))
    if content.startswith(_GZIP):
        return _unpack_bundle(content)
    return _unpack_image(content)


def _pdf_header(content: bytes) -> int | None:
    """Return where a PDF's header begins, within the first 1,024 bytes; None for another file."""
    if content.startswith((*_ZIPS, _GZIP, PNG_SIGNATURE)):
        return None
    at = content[: MAX_BEFORE_PDF + len(_PDF)].find(_PDF)
    text = content.removeprefix(BYTE_ORDER_MARK).lstrip()[:1]
    return None if at < 0 or text in (b"{", b"[", b'"', b"<") else at


def _bounded(content: bytes) -> bytes:
    if len(content) > MAX_FILE_BYTES:
        raise UnpackingRefused(Code.FILE_TOO_LARGE, f"at most {MAX_FILE_BYTES} bytes")
    return content


def _unpack_bundle(content: bytes) -> Carried:
    """Return a bundle's credential and receipt, each written as JSON: signatures cover values, not spelling."""
    try:
        bundle = read_bundle(content)
    except EvidenceRefused as error:
        raise UnpackingRefused(error.code, str(error)) from error
    credential, receipt = (
        json.dumps(value, ensure_ascii=False).encode() for value in (bundle.credential, bundle.receipt.to_document())
    )
    return Carried(credential, receipt, bundle)


def _unpack_image(content: bytes) -> Carried:
    try:
        if content.startswith(PNG_SIGNATURE):
            baked = extract_png(content)
        elif content.removeprefix(BYTE_ORDER_MARK).lstrip().startswith(b"<"):
            if b"<svg" not in content and b":svg" not in content:
                raise UnpackingRefused(Code.NOT_A_CREDENTIAL, "neither an SVG image nor JSON")
            baked = extract_svg(content)
        else:
            return Carried(content)
    except BakingRefused as error:
        code = Code.NOT_A_CREDENTIAL if error.code == Code.BAKED_EMPTY else error.code
        raise UnpackingRefused(code, str(error)) from error
    return Carried(baked.credential, baked.receipt)


def _unpack_zip(content: bytes) -> Carried:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            check_count(len(entries))
            return carried_parts((entry.filename, _entry(archive, entry)) for entry in entries)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, zlib.error, ValueError, OSError, struct.error) as error:
        raise UnpackingRefused(Code.FILE_MALFORMED, "a ZIP archive that can be read expected") from error


def _method_name(method: int) -> str:
    return f"packed by {_METHODS.get(method, f'method {method}')}"


def _entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Read an entry of a ZIP; an entry under another name gives no bytes. Declared sizes are not believed."""
    if part_name(entry.filename) is None:
        return b""
    # LZMA and bzip2 let an archive choose how much memory its reader takes; the others have no reader here.
    if entry.flag_bits & 0x1 or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        packing = "with a password" if entry.flag_bits & 0x1 else _method_name(entry.compress_type)
        raise UnpackingRefused(Code.FILE_PACKING_UNKNOWN, f"entries stored or deflated expected, found one {packing}")
    with archive.open(entry) as opened:
        content = opened.read(MAX_PART_BYTES + 1)
    if len(content) > MAX_PART_BYTES:
        raise UnpackingRefused(Code.FILE_TOO_LARGE, f"at most {MAX_PART_BYTES} bytes unpacked")
    return content
