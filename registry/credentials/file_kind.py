"""Name the kind of a file that is no text: a workbook, a PDF, an image, an archive.

A person who chose the wrong file reads which file it is and how to save it. The kind is found by the first bytes, never
by the name of the file. A kind is one noun phrase for the sentence "a workbook of Excel (.xlsx)".
"""

from typing import BinaryIO, Final

SEEN_BYTES: Final = 1 << 20  # of a ZIP: its list of names is searched no further

_BEGINNINGS: Final = (
    (b"%PDF-", "a PDF document"),
    (b"\x89PNG\r\n", "an image (PNG)"),
    (b"\xff\xd8\xff", "an image (JPEG)"),
    (b"GIF8", "an image (GIF)"),
    (b"BM", "an image (BMP)"),
    (b"II*\0", "an image (TIFF)"),
    (b"MM\0*", "an image (TIFF)"),
    (b"{\\rtf", "a text document (RTF)"),
    (b"\x1f\x8b", "a compressed file (gzip)"),
    (b"7z\xbc\xaf\x27\x1c", "an archive (7z)"),
    (b"Rar!\x1a\x07", "an archive (RAR)"),
    (b"SQLite format 3\0", "a database (SQLite)"),
    (b"ID;P", "a workbook (SYLK)"),
)
_MEDIA: Final = ((b"ftyphei", "an image (HEIC)"), (b"ftypmif1", "an image (HEIC)"), (b"ftypavif", "an image (AVIF)"))
# Workbooks first: a workbook may hold a document, never the other way about in these formats.
_IN_ZIP: Final = (
    (b"xl/workbook.bin", "a workbook of Excel (.xlsb)"),
    (b"xl/", "a workbook of Excel (.xlsx)"),
    (b"opendocument.spreadsheet", "a workbook of LibreOffice (.ods)"),
    (b"word/", "a document of Word (.docx)"),
    (b"opendocument.text", "a document of LibreOffice (.odt)"),
    (b"ppt/", "a presentation of PowerPoint (.pptx)"),
    (b"Index/Document.iwa", "a workbook of Numbers"),
)
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_EARLY_EXCEL: Final = (b"\x09\x08\x10\0", b"\x09\x08\x08\0", b"\x09\x04\x06\0", b"\x09\x02\x06\0", b"\x09\0\x04\0")
_ZIPS: Final = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")


def kind_of(beginning: bytes, rest: BinaryIO) -> str | None:
    """Name a file that is no text by its beginning; None where it may be text. A ZIP is read on from `rest`."""
    if beginning.startswith(_ZIPS):
        return _zip_kind(beginning + rest.read(SEEN_BYTES))
    if beginning.startswith(_OLE):  # directory names of the container are UTF-16
        content = beginning + rest.read(SEEN_BYTES)
        named = "WordDocument".encode("utf-16-le") in content
        return "a document of Word (.doc)" if named else "a workbook of Excel (.xls)"
    if beginning.startswith(_EARLY_EXCEL):
        return "a workbook of Excel (.xls)"
    if beginning.startswith(b"RIFF") and beginning[8:12] == b"WEBP":
        return "an image (WebP)"
    media = next((kind for mark, kind in _MEDIA if beginning[4:].startswith(mark)), None)
    return media or next((kind for mark, kind in _BEGINNINGS if beginning.startswith(mark)), _marked_up(beginning))


def _zip_kind(content: bytes) -> str:
    return next((kind for name, kind in _IN_ZIP if name in content), "an archive (ZIP)")


def _marked_up(beginning: bytes) -> str | None:
    """Name a text in a markup language, which exports of web pages often are in spite of their name."""
    text = beginning.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith((b"<!doctype html", b"<html", b"<table", b"<head", b"<meta")):
        return "a web page (HTML)"
    if text.startswith(b"<svg"):
        return "an image (SVG)"
    if text.startswith((b"<?xml", b"<workbook", b"<")):
        return "a document in XML"
    return None
