"""Take a credential and its receipt out of a PDF's attachments, within limits of memory and work.

Nothing is run, drawn or fetched. A PDF that its parser would have to mend is refused.
"""

import io
import logging
import struct
import zlib
from itertools import islice
from typing import Final

import pypdf
from acredita.node.verification.carried_parts import (
    MAX_FILE_BYTES,
    MAX_PART_BYTES,
    MAX_PARTS,
    Carried,
    UnpackingRefused,
    carried_parts,
    check_count,
    part_name,
)
from acredita.registry.codes import Code
from pypdf.errors import LimitReachedError, PyPdfError
from pypdf.generic import EmbeddedFile

MAX_PDF_STREAM_BYTES: Final = 4 << 20
"""Bytes of any one stream of a PDF, unpacked: its cross-references are streams too."""
MAX_PDF_ITEMS: Final = 2_000
"""Elements of any one array or dictionary of a PDF."""

_HEADER: Final = b"%PDF-1.7\n"

# Errors that a damaged or hostile PDF makes its parser raise beside its own, because it converts and indexes as it reads.
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

# The parser's warnings are dropped: an oddity that matters is an error here.
logging.getLogger("pypdf").addHandler(logging.NullHandler())


def unpack_pdf(content: bytes, header_at: int = 0) -> Carried:
    """Return the credential and receipt in a PDF of at most MAX_FILE_BYTES. Raises UnpackingRefused.

    `header_at`: bytes before the header, which mail gateways and editors leave. Its places count from the header (ISO
    32000-1 annex H, note 13), or from the file's beginning, where the bytes were put before a finished PDF.
    """
    try:
        return _unpack(content[header_at:])
    except UnpackingRefused as error:
        if not header_at or error.code != Code.FILE_MALFORMED:
            raise
        return _unpack(_HEADER.ljust(header_at, b"\n")[:header_at] + content[header_at:])


def _unpack(content: bytes) -> Carried:
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
            listed = pypdf.PdfReader(io.BytesIO(content), strict=True).attachment_list
            attachments = list(islice(listed, MAX_PARTS + 1))
            check_count(len(attachments))
            return carried_parts((attached.name, _attachment(attached)) for attached in attachments)
        except UnpackingRefused:
            raise
        except _PDF_FAULTS as error:
            if _is_limit(error):
                message = f"at most {MAX_PDF_STREAM_BYTES} bytes of a stream unpacked"
                raise UnpackingRefused(Code.FILE_TOO_LARGE, message) from error
            raise UnpackingRefused(Code.FILE_MALFORMED, "a PDF that can be read without mending it expected") from error


def _is_limit(error: BaseException | None) -> bool:
    """Return whether a limit caused an error. The parser wraps such an error when it reads a trailer."""
    while error is not None and not isinstance(error, LimitReachedError):
        error = error.__cause__ or error.__context__
    return error is not None


def _attachment(attached: EmbeddedFile) -> bytes:
    if part_name(attached.name) is None:
        return b""
    content = attached.content
    if len(content) > MAX_PART_BYTES:
        raise UnpackingRefused(Code.FILE_TOO_LARGE, f"at most {MAX_PART_BYTES} bytes attached")
    return content
