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
    CREDENTIAL_NAME,
    MAX_FILE_BYTES,
    MAX_PART_BYTES,
    RECEIPT_NAME,
    Carried,
    UnpackingRefused,
    carried_parts,
    check_count,
)
from acredita.registry.codes import Code
from acredita.registry.credentials.baked_badge import BakingRefused
from acredita.registry.credentials.baked_png import PNG_SIGNATURE, extract_png
from acredita.registry.credentials.baked_svg import extract_svg
from acredita.registry.evidence.bundle import EvidenceRefused, read_bundle

_PDF: Final = b"%PDF-"
_ZIP: Final = b"PK\x03\x04"
_GZIP: Final = b"\x1f\x8b"


def unpack(content: bytes) -> Carried:
    """Return the parts a file carries. A file of no known kind is taken for the credential and read strictly later."""
    if content.startswith(_PDF):
        from acredita.node.verification.unpack_pdf import unpack_pdf

        return unpack_pdf(_bounded(content))
    if content.startswith(_ZIP):
        return _unpack_zip(_bounded(content))
    if content.startswith(_GZIP):
        return _unpack_bundle(content)
    return _unpack_image(content)


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
        elif content.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<"):
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
            return carried_parts((entry.filename.rsplit("/", 1)[-1], _entry(archive, entry)) for entry in entries)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, zlib.error, ValueError, OSError, struct.error) as error:
        raise UnpackingRefused(Code.FILE_MALFORMED, "a ZIP archive that can be read expected") from error


def _entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Read an entry of a ZIP; an entry under another name gives no bytes. Declared sizes are not believed."""
    if entry.filename.rsplit("/", 1)[-1] not in (CREDENTIAL_NAME, RECEIPT_NAME):
        return b""
    # LZMA and bzip2 let an archive choose how much memory its reader takes.
    if entry.flag_bits & 0x1 or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise UnpackingRefused(Code.FILE_MALFORMED, "entries without a password, stored or deflated, expected")
    with archive.open(entry) as opened:
        content = opened.read(MAX_PART_BYTES + 1)
    if len(content) > MAX_PART_BYTES:
        raise UnpackingRefused(Code.FILE_TOO_LARGE, f"at most {MAX_PART_BYTES} bytes unpacked")
    return content
