"""Hold what every carrier of a credential has in common: the parts that are looked for, and the limits of reading them.

Limits that are not named here belong to one kind of carrier (`unpack_pdf`, `registry.credentials.baked_png`, `baked_svg`).
"""

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


class UnpackingRefused(CodedError[Code]):
    """A file from which no credential can be taken; `code` is stable."""


@dataclass(frozen=True)
class Carried:
    """The credential's bytes, the receipt's if the file carries one, and the bundle if they came in one."""

    credential: bytes
    receipt: bytes | None = None
    bundle: Bundle | None = None


def check_count(count: int) -> None:
    """Refuse a carrier of more than MAX_PARTS files."""
    if count > MAX_PARTS:
        raise UnpackingRefused(Code.FILE_TOO_LARGE, f"at most {MAX_PARTS} files in one")


def carried_parts(parts: Iterable[tuple[str, bytes]]) -> Carried:
    """Return the credential and the receipt among named parts. Raises UnpackingRefused if one is there twice, or none is."""
    contents: dict[str, bytes] = {}
    for name, content in parts:
        if name in (CREDENTIAL_NAME, RECEIPT_NAME):
            if name in contents:
                raise UnpackingRefused(Code.FILE_TWICE, f"one {name} expected, found two")
            contents[name] = content
    if CREDENTIAL_NAME not in contents:
        raise UnpackingRefused(Code.NOT_A_CREDENTIAL, f"no {CREDENTIAL_NAME} in this file")
    return Carried(contents[CREDENTIAL_NAME], contents.get(RECEIPT_NAME))
