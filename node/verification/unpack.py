"""Files that carry a credential: a baked badge, a printable PDF with attachments, a delivered ZIP, an evidence bundle.

From the file's bytes come the credential's bytes and, where it travels along, its receipt's; what they are worth is asked by
whoever verifies them. The kind is told by the first bytes, never by a name. Every carrier stops at a limit named here or in
`registry.baking`; two credentials in one file are refused, because nobody could say which one a person was shown. Nothing
is written to disk, run, drawn or fetched.
"""

import io
import json
import logging
import struct
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Final

import pypdf
from acredita.registry.codes import Code
from acredita.registry.credentials.baked_badge import PNG_SIGNATURE, BakingRefused, extract_png, extract_svg
from acredita.registry.evidence.bundle import Bundle, EvidenceRefused, read_bundle
from acredita.registry.json_documents.strict import MAX_BYTES
from pypdf.errors import LimitReachedError, PyPdfError
from pypdf.generic import EmbeddedFile

MAX_FILE_BYTES: Final = 8 << 20
"""Bytes of a carrier: a delivered ZIP of ours takes about 250 KB."""
MAX_PARTS: Final = 64
"""Entries of a ZIP, attachments of a PDF: ours have eight and two."""
MAX_PART_BYTES: Final = MAX_BYTES
"""Bytes of one carried document, unpacked: what strict reading takes."""
MAX_PDF_STREAM_BYTES: Final = 4 << 20
"""Bytes of any one stream of a PDF, unpacked: its cross-references are streams too."""
MAX_PDF_ITEMS: Final = 2_000
"""Elements of any one array or dictionary of a PDF."""

CREDENTIAL_NAME: Final = "credencial.json"
RECEIPT_NAME: Final = "comprobante.json"

FILE_TOO_LARGE: Final = "FILE_TOO_LARGE"
FILE_TWICE: Final = "FILE_TWICE"

_PDF: Final = b"%PDF-"
_ZIP: Final = b"PK\x03\x04"
_GZIP: Final = b"\x1f\x8b"

# What a damaged or hostile PDF makes its parser raise beside its own errors: it converts and indexes as it goes.
_PDF_FAULTS: Final = (
    PyPdfError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    NotImplementedError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)

# The parser warns of oddities on its own logger; what matters of them is told by the error below.
logging.getLogger("pypdf").addHandler(logging.NullHandler())


class UnpackingRefused(ValueError):
    """No credential can be taken out of the file; `code` is stable."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Carried:
    """The credential's bytes as they were carried, the receipt's where it was along, and the bundle that held both."""

    credential: bytes
    receipt: bytes | None = None
    bundle: Bundle | None = None


def unpack(content: bytes) -> Carried:
    """What a file carries; any other file is taken for the credential itself and left to strict reading."""
    if content.startswith(_PDF):
        return _unpack_pdf(_bounded(content))
    if content.startswith(_ZIP):
        return _unpack_zip(_bounded(content))
    if content.startswith(_GZIP):
        return _unpack_bundle(content)
    return _unpack_image(content)


def _bounded(content: bytes) -> bytes:
    if len(content) > MAX_FILE_BYTES:
        raise UnpackingRefused(FILE_TOO_LARGE, f"at most {MAX_FILE_BYTES} bytes")
    return content


def _unpack_bundle(content: bytes) -> Carried:
    """A bundle's credential and receipt, each as its JSON value says it: signatures are over values, not spelling."""
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
        raise UnpackingRefused(error.code, str(error)) from error
    return Carried(baked.credential, baked.receipt)


def _unpack_zip(content: bytes) -> Carried:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            _check_count(len(entries))
            return _carried((entry.filename.rsplit("/", 1)[-1], _entry(archive, entry)) for entry in entries)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, zlib.error, ValueError, OSError, struct.error) as error:
        if isinstance(error, UnpackingRefused):
            raise
        raise UnpackingRefused(Code.FILE_MALFORMED, "a ZIP archive that can be read expected") from error


def _entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """An entry's bytes, or none of an entry that is not looked for. Declared sizes are not believed."""
    if entry.filename.rsplit("/", 1)[-1] not in (CREDENTIAL_NAME, RECEIPT_NAME):
        return b""
    # LZMA and bzip2 let an archive choose how much memory its reader takes.
    if entry.flag_bits & 0x1 or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise UnpackingRefused(Code.FILE_MALFORMED, "entries without a password, stored or deflated, expected")
    with archive.open(entry) as opened:
        found = opened.read(MAX_PART_BYTES + 1)
    if len(found) > MAX_PART_BYTES:
        raise UnpackingRefused(FILE_TOO_LARGE, f"at most {MAX_PART_BYTES} bytes unpacked")
    return found


def _unpack_pdf(content: bytes) -> Carried:
    limits = pypdf.apply_configuration(
        maximum_declared_stream_length=MAX_FILE_BYTES,
        zlib_maximum_output_length=MAX_PDF_STREAM_BYTES,
        zlib_maximum_recovery_input_length=MAX_PDF_STREAM_BYTES,
        lzw_maximum_output_length=MAX_PDF_STREAM_BYTES,
        run_length_maximum_output_length=MAX_PDF_STREAM_BYTES,
        brotli_maximum_output_length=MAX_PDF_STREAM_BYTES,
        array_based_stream_maximum_output_length=MAX_PDF_STREAM_BYTES,
        stream_decoding_work_maximum_length=4 * MAX_PDF_STREAM_BYTES,
        array_maximum_element_count=MAX_PDF_ITEMS,
        dictionary_maximum_element_count=MAX_PDF_ITEMS,
        stream_filters_maximum_length=4,
        jbig2dec_binary=None,
    )
    with limits:
        try:
            attachments = pypdf.PdfReader(io.BytesIO(content), strict=True).attachment_list
            found = list(islice(attachments, MAX_PARTS + 1))
            _check_count(len(found))
            return _carried((attached.name, _attachment(attached)) for attached in found)
        except UnpackingRefused:
            raise
        except _PDF_FAULTS as error:
            if _is_limit(error):
                message = f"at most {MAX_PDF_STREAM_BYTES} bytes of a stream unpacked"
                raise UnpackingRefused(FILE_TOO_LARGE, message) from error
            raise UnpackingRefused(Code.FILE_MALFORMED, "a PDF that can be read without mending it expected") from error


def _is_limit(error: BaseException | None) -> bool:
    """Whether a limit is behind an error; the parser wraps what it meets in a trailer."""
    while error is not None and not isinstance(error, LimitReachedError):
        error = error.__cause__ or error.__context__
    return error is not None


def _attachment(attached: EmbeddedFile) -> bytes:
    if attached.name not in (CREDENTIAL_NAME, RECEIPT_NAME):
        return b""
    content = attached.content
    if len(content) > MAX_PART_BYTES:
        raise UnpackingRefused(FILE_TOO_LARGE, f"at most {MAX_PART_BYTES} bytes attached")
    return content


def _check_count(count: int) -> None:
    if count > MAX_PARTS:
        raise UnpackingRefused(FILE_TOO_LARGE, f"at most {MAX_PARTS} files in one")


def _carried(parts: Iterable[tuple[str, bytes]]) -> Carried:
    found: dict[str, bytes] = {}
    for name, content in parts:
        if name in (CREDENTIAL_NAME, RECEIPT_NAME):
            if name in found:
                raise UnpackingRefused(FILE_TWICE, f"one {name} expected, found two")
            found[name] = content
    if CREDENTIAL_NAME not in found:
        raise UnpackingRefused(Code.FILE_EMPTY, f"no {CREDENTIAL_NAME} in this file")
    return Carried(found[CREDENTIAL_NAME], found.get(RECEIPT_NAME))
