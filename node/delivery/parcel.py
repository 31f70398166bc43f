"""Make the parcel that a person receives of one credential, and write it as a folder or as a ZIP.

A parcel holds the signed credential, its anchor receipt, the badge as PNG and SVG, the printable page, and a manifest
with the SHA-256 of each file. Only a credential that is anchored and in force is delivered. No file is named for a
person and none holds a name. A folder is named by the first digits of the digest; only the institution knows whose it
is.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from acredita.anchoring.entries import EntryKind
from acredita.anchoring.ledger import LedgerUnavailable
from acredita.anchoring.receipts import Receipt
from acredita.anchoring.types import Digest, IssuerId
from acredita.contracts.coded_error import CodedError
from acredita.node.delivery.printing.document import badge_png, badge_svg, credential_pdf
from acredita.node.delivery.printing.wording import PrintedNames, wording
from acredita.node.issuance.institution import Institution
from acredita.node.storage import credentials
from acredita.node.storage.private_files import write_private
from acredita.node.storage.receipts import receipt_bytes
from acredita.node.verification.carried_parts import CREDENTIAL_NAME, RECEIPT_NAME
from acredita.registry.codes import Code
from acredita.registry.credentials.parse import ParsedCredential, parse_credential
from acredita.registry.json_documents.strict import read_json
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.ledger_facts.observer import Observer
from acredita.registry.programmes.programme import Programme
from acredita.registry.programmes.scope import Scope

FORMAT: Final = "acredita-delivery/1"
MANIFEST_NAME: Final = "manifiesto.json"
FOLDER_DIGITS: Final = 16  # hex digits of the digest that name a folder: no two of a million credentials share them

_ZIP_DATE: Final = (1980, 1, 1, 0, 0, 0)  # the format's first day: the same parcel has the same bytes


class DeliveryRefused(CodedError[Code]):
    """A credential that is not delivered now."""


@dataclass(frozen=True)
class ParcelFile:
    """One file of a parcel, with its media type."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True)
class Parcel:
    """All files that one person receives. The manifest is the last one."""

    digest: Digest
    files: tuple[ParcelFile, ...]

    @property
    def name(self) -> str:
        """The name of the parcel's folder."""
        return self.digest.hex()[:FOLDER_DIGITS]


@dataclass(frozen=True)
class ParcelBuilder:
    """A source of parcels of one institution. `base`: the node's address; `names`: returns the issuer's name as of now."""

    institution: Institution
    base: str
    programme: Callable[[Digest], Programme | None]
    names: Callable[[], PrintedNames]

    def parcel(self, digest: Digest) -> Parcel:
        """Build the parcel of a credential.

        Raises DeliveryRefused, and InstitutionRefused for a digest that the institution does not have.
        """
        content = self.institution.credential(digest)
        credential = parse_credential(read_json(content))
        receipt = self._receipt(credential, digest)
        programme = self.programme(credential.programme)
        if programme is None:
            raise DeliveryRefused(Code.DOCUMENT_MISSING, "the programme's document is not at hand")
        words = wording(credential, programme, self.names(), digest, receipt, self.base)
        proof = receipt_bytes(receipt)
        files = (
            ParcelFile(CREDENTIAL_NAME, "application/vc", content),
            ParcelFile(RECEIPT_NAME, "application/json", proof),
            ParcelFile("credencial.pdf", "application/pdf", credential_pdf(words, content, proof, _page_time(receipt))),
            ParcelFile("insignia.png", "image/png", badge_png(words, content, proof)),
            ParcelFile("insignia.svg", "image/svg+xml", badge_svg(words, content, proof)),
            ParcelFile("LEEME.txt", "text/plain; charset=utf-8", _LETTER.format(link=words.link).encode()),
        )
        return Parcel(digest, (*files, _manifest(digest, words.link, files)))

    def _receipt(self, credential: ParsedCredential, digest: Digest) -> Receipt:
        """Return the anchor receipt of a credential that is in force. Raises DeliveryRefused for any other."""
        with self.institution.context.database.read() as connection:
            changes = credentials.status_changes(connection, self.institution.issuer, credential.position)
        code = _not_in_force(changes)
        if code is not None:
            raise DeliveryRefused(code, "only a credential in force is delivered")
        receipt = self.institution.receipt(digest)
        if receipt is None:
            raise DeliveryRefused(Code.PENDING_ANCHOR, "delivered once it is anchored")
        return receipt


def registered_names(
    institution: Institution, observer: Observer | Missing, scope_of: Callable[[Digest], Scope | None], *, demo: bool
) -> PrintedNames:
    """Return the issuer's name of its approved scope, or the institution's own if no ledger or document answers."""
    digest = None if isinstance(observer, Missing) else _scope_digest(observer, institution.issuer)
    scope = scope_of(digest) if digest else None
    return PrintedNames(scope.name["es"] if scope else institution.name, demo)


def _scope_digest(observer: Observer, issuer: IssuerId) -> Digest | None:
    try:
        party = observer.party(issuer)
    except LedgerUnavailable:
        return None
    return party.scope_at(observer.block.time) if party else None


def write_folder(parcel: Parcel, out: Path) -> Path:
    """Write the parcel as a folder. The manifest is written last, so that a folder without it is incomplete."""
    folder = out / parcel.name
    for file in parcel.files:
        write_private(folder / file.name, file.content)
    return folder


def write_zip(parcel: Parcel, out: Path) -> Path:
    """Write the parcel as a ZIP archive and return its path."""
    path = out / f"{parcel.name}.zip"
    write_private(path, zip_bytes(parcel))
    return path


def zip_bytes(parcel: Parcel) -> bytes:
    """Return the parcel's folder as a ZIP archive. Equal files give equal bytes."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in parcel.files:
            entry = zipfile.ZipInfo(f"{parcel.name}/{file.name}", _ZIP_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, file.content)
    return written.getvalue()


# --- the files ---


def _manifest(digest: Digest, link: str, files: tuple[ParcelFile, ...]) -> ParcelFile:
    listed = [
        {
            "name": file.name,
            "media_type": file.media_type,
            "bytes": len(file.content),
            "sha256": hashlib.sha256(file.content).hexdigest(),
        }
        for file in files
    ]
    document = {"format": FORMAT, "digest": f"0x{digest.hex()}", "verify": link, "files": listed}
    text = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    return ParcelFile(MANIFEST_NAME, "application/json", text.encode())


def _not_in_force(changes: list[EntryKind]) -> Code | None:
    """Return the code of the reason why a credential is not in force, None if it is in force."""
    if EntryKind.REPLACED in changes:
        return Code.SUPERSEDED
    if EntryKind.REVOKED in changes:
        return Code.CREDENTIAL_REVOKED
    turns = [change for change in changes if change in (EntryKind.SUSPENDED, EntryKind.REINSTATED)]
    return Code.CREDENTIAL_SUSPENDED if turns and turns[-1] is EntryKind.SUSPENDED else None


def _page_time(receipt: Receipt) -> int:
    """Return the date of the page: the checkpoint's, so that it is the same at every printing."""
    return receipt.checkpoint.time


_LETTER: Final = """\
Su microcredencial

credencial.json     La microcredencial firmada. Este es el archivo que vale: consérvelo.
comprobante.json    Comprobante de anclaje: demuestra cuándo quedó registrada.
credencial.pdf      Hoja para imprimir; lleva adjuntos los dos archivos anteriores.
insignia.png        Insignia para mostrar; lleva dentro la microcredencial.
insignia.svg        La misma insignia, en dibujo escalable.
manifiesto.json     Lista de los archivos con su huella SHA-256.

Quien lo desee puede consultar el programa, la entidad emisora y el estado de hoy en:
{link}

Ningún archivo lleva su nombre. Quien reciba la microcredencial comprueba que es suya con el
identificador que usted le dé: muéstrelo solo a quien deba verificarla.
"""
