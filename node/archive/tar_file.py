"""Write and read the bytes of an archive, `acredita-archive/1`: a ustar file that has one form, and a manifest of SHA-256s.

The first file is `manifest.json`; the others follow in its order. A reader computes each header from the manifest and
compares it byte by byte, with the padding and the two zero blocks at the end. So no byte of an archive is without a meaning,
and a change of any is found and named. It is not compressed: hashes are most of it, and a compressed byte may have two forms.

Sizes are checked before anything is read. A name is accepted only if it is one of an archive.
"""

import hashlib
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from acredita.anchoring.types import Digest, FormatRefused, from_hex, to_hex
from acredita.contracts.coded_error import CodedError
from acredita.node.archive.public_files import PUBLIC_NAME
from acredita.registry.codes import Code
from acredita.registry.json_documents.jcs import jcs
from acredita.registry.json_documents.strict import JsonRefused, read_json

FORMAT: Final = "acredita-archive/1"
MANIFEST: Final = "manifest.json"
LEDGER_FILES: Final = (
    "ledger/state.json",
    "ledger/logs/council.json",
    "ledger/logs/credential_log.json",
    "ledger/logs/issuer_registry.json",
    "ledger/logs/programme_registry.json",
)
MAX_MANIFEST_BYTES: Final = 64 << 20
MAX_FILES: Final = 500_000
MAX_FILE_BYTES: Final = 512 << 20
MAX_BYTES: Final = 8 << 30
"""Bytes of all files together: a log of three million entries takes 500 MiB."""
_BLOCK: Final = tarfile.BLOCKSIZE
_END: Final = bytes(2 * _BLOCK)
_CHUNK: Final = 1 << 20
_SIZE_FIELD: Final = slice(124, 135)  # of a ustar header, octal digits


class ArchiveRefused(CodedError[Code]):
    """A file that is no archive, or one of which a byte was changed. The message names the file inside it and the rule."""

    CODE_IN_TEXT = True


@dataclass(frozen=True)
class ArchivedFile:
    """One line of the manifest."""

    name: str
    size: int
    digest: Digest


def write_tar(out: IO[bytes], files: Mapping[str, Path | bytes]) -> Digest:
    """Write an archive of these files, and return its SHA-256. `files`: name → file or content."""
    listed = [_measured(name, source) for name, source in sorted(files.items())]
    manifest = jcs({"format": FORMAT, "files": [_line(each) for each in listed]})
    whole = hashlib.sha256()
    for chunk in _chunks(manifest, listed, files):
        out.write(chunk)
        whole.update(chunk)
    return Digest(whole.digest())


def _chunks(manifest: bytes, listed: list[ArchivedFile], files: Mapping[str, Path | bytes]) -> Iterator[bytes]:
    yield _header(MANIFEST, len(manifest)) + manifest + _padding(len(manifest))
    for each in listed:
        yield _header(each.name, each.size)
        read = 0
        for chunk in _content(files[each.name]):
            read += len(chunk)
            yield chunk
        if read != each.size:
            raise ArchiveRefused(Code.ARCHIVE_ALTERED, f"{each.name}: the file changed while it was being archived")
        yield _padding(each.size)
    yield _END


def read_tar(file: IO[bytes]) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Yield name and content of each file, checked. Raises ArchiveRefused at the first byte that is not as it should be.

    The content of a file must be used up before the next one is asked for; its hash is compared at its end.
    """
    listed = _manifest(file)
    for each in listed:
        if _read(file, _BLOCK) != _header(each.name, each.size):
            raise ArchiveRefused(
                Code.ARCHIVE_ALTERED, f"{each.name}: its header is not the one that the manifest gives"
            )
        yield each.name, _checked(file, each)
    if _read(file, len(_END)) != _END or file.read(1):
        raise ArchiveRefused(Code.ARCHIVE_ALTERED, "the end: two blocks of zeros and nothing after them expected")


def _manifest(file: IO[bytes]) -> list[ArchivedFile]:
    header = _read(file, _BLOCK)
    digits = header[_SIZE_FIELD]
    size = int(digits, 8) if digits and all(0x30 <= byte <= 0x37 for byte in digits) else -1
    if not 0 < size <= MAX_MANIFEST_BYTES or header != _header(MANIFEST, size):
        raise ArchiveRefused(Code.ARCHIVE_MALFORMED, f"{MANIFEST}: the header of an archive's first file expected")
    content = _read(file, size)
    if _read(file, len(_padding(size))) != _padding(size):
        raise ArchiveRefused(Code.ARCHIVE_ALTERED, f"{MANIFEST}: zeros expected after it")
    return _parsed(content)


def _parsed(content: bytes) -> list[ArchivedFile]:
    try:
        document = read_json(content, max_bytes=MAX_MANIFEST_BYTES)
        listed = _listed(document)
    except (JsonRefused, FormatRefused) as error:
        raise ArchiveRefused(Code.ARCHIVE_MALFORMED, f"{MANIFEST}: {error}") from error
    if jcs(document) != content:
        raise ArchiveRefused(Code.ARCHIVE_MALFORMED, f"{MANIFEST}: the canonical form (JCS) expected")
    names = [each.name for each in listed]
    if names != sorted(set(names)) or not set(LEDGER_FILES) <= set(names):
        raise ArchiveRefused(Code.ARCHIVE_MALFORMED, f"{MANIFEST}: names in order, those of the ledger among them")
    if len(listed) > MAX_FILES or sum(each.size for each in listed) > MAX_BYTES:
        raise ArchiveRefused(Code.ARCHIVE_MALFORMED, f"{MANIFEST}: at most {MAX_FILES} files and {MAX_BYTES} bytes")
    return listed


def _listed(document: object) -> list[ArchivedFile]:
    if not isinstance(document, dict) or set(document) != {"format", "files"} or document["format"] != FORMAT:
        raise FormatRefused("/format", f"{FORMAT} expected")
    if not isinstance(document["files"], list):
        raise FormatRefused("/files", "a list expected")
    return [_read_line(each, f"/files/{number}") for number, each in enumerate(document["files"])]


def _read_line(line: object, where: str) -> ArchivedFile:
    if not isinstance(line, dict) or set(line) != {"path", "size", "sha256"}:
        raise FormatRefused(where, "path, size and sha256 expected")
    name, size = line["path"], line["size"]
    if not isinstance(name, str) or not (name in LEDGER_FILES or PUBLIC_NAME.fullmatch(name)):
        raise FormatRefused(f"{where}/path", "the name of a file of an archive expected")
    if type(size) is not int or not 0 <= size <= MAX_FILE_BYTES:
        raise FormatRefused(f"{where}/size", f"at most {MAX_FILE_BYTES} bytes expected")
    return ArchivedFile(name, size, Digest(from_hex(line["sha256"], 32, f"{where}/sha256")))


def _checked(file: IO[bytes], each: ArchivedFile) -> Iterator[bytes]:
    digest, left = hashlib.sha256(), each.size
    while left:
        chunk = _read(file, min(left, _CHUNK))
        digest.update(chunk)
        left -= len(chunk)
        yield chunk
    if digest.digest() != each.digest:
        actual = to_hex(digest.digest())
        raise ArchiveRefused(Code.ARCHIVE_ALTERED, f"{each.name}: {to_hex(each.digest)} expected, {actual} found")
    if _read(file, len(_padding(each.size))) != _padding(each.size):
        raise ArchiveRefused(Code.ARCHIVE_ALTERED, f"{each.name}: zeros expected after it")


def _read(file: IO[bytes], size: int) -> bytes:
    content = file.read(size)
    if len(content) != size:
        raise ArchiveRefused(Code.ARCHIVE_ALTERED, "the archive is cut short")
    return content


def _measured(name: str, source: Path | bytes) -> ArchivedFile:
    digest, size = hashlib.sha256(), 0
    for chunk in _content(source):
        digest.update(chunk)
        size += len(chunk)
    if size > MAX_FILE_BYTES:
        raise ArchiveRefused(Code.ARCHIVE_MALFORMED, f"{name}: at most {MAX_FILE_BYTES} bytes expected")
    return ArchivedFile(name, size, Digest(digest.digest()))


def _content(source: Path | bytes) -> Iterator[bytes]:
    if isinstance(source, bytes):
        yield source
        return
    with source.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _line(each: ArchivedFile) -> dict[str, object]:
    return {"path": each.name, "size": each.size, "sha256": to_hex(each.digest)}


def _header(name: str, size: int) -> bytes:
    """Return the ustar header of a file: mode 0644, no owner, no time."""
    info = tarfile.TarInfo(name)
    info.size = size
    return info.tobuf(tarfile.USTAR_FORMAT)


def _padding(size: int) -> bytes:
    return bytes(-size % _BLOCK)
