"""Hold what every carrier of a credential has in common: the parts that are looked for, and the limits of reading them.

Limits that are not named here belong to one kind of carrier (`unpack_pdf`, `registry.credentials.baked_png`, `baked_svg`).
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from acredita.contracts.coded_error import CodedError
from acredita.registry.codes import Code
from acredita.registry.evidence.bundle import Bundle
from acredita.registry.json_documents.strict import MAX_BYTES

MAX_FILE_BYTES: Final = 8 << 20
"""Bytes of a carrier: a delivered ZIP of ours takes about 250 KB."""
MAX_PARTS: Final = 64
"""Entries of a ZIP, attachments of a PDF: ours have eight and two."""
MAX_PART_BYTES: Final = MAX_BYTES
"""Bytes of one carried document, unpacked: what strict reading takes."""

CREDENTIAL_NAME: Final = "credencial.json"
RECEIPT_NAME: Final = "comprobante.json"

# A second download or a copy gets another name: `credencial (1).json`, `credencial - copia.json`, `credencial 2.json`.
_PART_NAME: Final = re.compile(
    r"(?P<part>credencial|comprobante)(?:[ _-]*(?:copia|copy))?(?: ?\([0-9]{1,3}\)|[ _-][0-9]{1,3})?\.json(?:\.txt)?"
)
_FORKS: Final = "__macosx"  # the folder in which macOS packs what its files have beside their content


class UnpackingRefused(CodedError[Code]):
    """A file from which no credential can be taken; `code` is stable."""


@dataclass(frozen=True)
class Carried:
    """The credential's bytes, the receipt's if the file carries one, and the bundle if they came in one."""

    credential: bytes
    receipt: bytes | None = None
    bundle: Bundle | None = None


def part_name(path: str) -> str | None:
    """Return which part a file in a carrier is, by its name in any packer's spelling; None for any other file.

    Some packers write `\\` between folders, some names in capitals. Case and copies' numbers do not count.
    """
    folders = unicodedata.normalize("NFC", path).casefold().replace("\\", "/").split("/")
    match = None if _FORKS in folders else _PART_NAME.fullmatch(folders[-1].strip())
    return None if match is None else f"{match['part']}.json"


def check_count(count: int) -> None:
    """Refuse a carrier of more than MAX_PARTS files."""
    if count > MAX_PARTS:
        raise UnpackingRefused(Code.FILE_TOO_LARGE, f"at most {MAX_PARTS} files in one")


def carried_parts(parts: Iterable[tuple[str, bytes]]) -> Carried:
    """Return the credential and the receipt among named parts. Raises UnpackingRefused if one is there twice, or none is."""
    contents: dict[str, bytes] = {}
    for path, content in parts:
        name = part_name(path)
        if name is None:
            continue
        if contents.setdefault(name, content) != content:  # the same file twice is one file
            raise UnpackingRefused(Code.FILE_TWICE, f"one {name} expected, found two")
    if CREDENTIAL_NAME not in contents:
        raise UnpackingRefused(Code.NOT_A_CREDENTIAL, f"no {CREDENTIAL_NAME} in this file")
    return Carried(contents[CREDENTIAL_NAME], contents.get(RECEIPT_NAME))
