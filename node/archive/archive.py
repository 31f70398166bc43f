"""Write the archive of an audit, read one again, and unpack one into a folder.

An archive is written whole or not at all, and never over another file. It is unpacked whole or not at all.
"""

import hashlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from acredita.anchoring.types import Address, Digest
from acredita.contracts import bindings
from acredita.contracts.abi import Deployment
from acredita.node.archive.ledger_files import ledger_files, read_ledger_files
from acredita.node.archive.public_files import public_files
from acredita.node.archive.recorded_ledger import LedgerRecord, RecordingLedger
from acredita.node.archive.tar_file import LEDGER_FILES, read_tar, write_tar
from acredita.registry.ledger_facts.observer import Observer
from acredita.registry.ledger_facts.whole_records import whole_contract

_PARTIAL: Final = ".part"


def record_logs(recording: RecordingLedger, observer: Observer) -> None:
    """Record all logs of the four contracts, each held against its total. Raises LedgerUnavailable."""
    contracts = observer.contracts
    for contract in (
        bindings.Council(contracts.council),
        bindings.IssuerRegistry(contracts.issuer_registry),
        bindings.ProgrammeRegistry(contracts.programme_registry),
        bindings.CredentialLog(contracts.credential_log),
    ):
        logs = whole_contract(observer.ledger, Address(contract.address), observer.state_block, contract.total())
        recording.keep_logs(contract.address, logs)


def write_archive(out: Path, record: LedgerRecord, contracts: Deployment, bases: list[Path], trust: bytes) -> Digest:
    """Write an archive and return its SHA-256. `trust`: the trust file that was used. Raises ArchiveRefused, OSError."""
    files: Mapping[str, Path | bytes] = {
        **public_files(bases),
        **ledger_files(record, contracts),
        "trust.json": trust,
    }
    partial = out.with_name(out.name + _PARTIAL)
    try:
        with partial.open("wb") as file:
            digest = write_tar(file, files)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(out)
    finally:
        partial.unlink(missing_ok=True)
    return digest


def unpack_archive(file: Path, to: Path) -> LedgerRecord:
    """Unpack an archive into an empty folder, and return the record of its ledger. Raises ArchiveRefused, OSError.

    The public files have the layout of a trust file's folder; the record of the ledger is in `ledger/`.
    """
    kept: dict[str, bytes] = {}
    with file.open("rb") as archive:
        for name, chunks in read_tar(archive):
            path = to / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as target:
                for chunk in chunks:
                    target.write(chunk)
            if name in LEDGER_FILES:
                kept[name] = path.read_bytes()
    return read_ledger_files(kept)


def import_archive(file: Path, to: Path) -> LedgerRecord:
    """Unpack an archive into a folder that does not exist yet, whole or not at all. Raises ArchiveRefused, OSError."""
    partial = to.with_name(to.name + _PARTIAL)
    partial.mkdir(parents=True)
    try:
        record = unpack_archive(file, partial)
        partial.rename(to)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return record


def archive_digest(file: Path) -> Digest:
    """Return the SHA-256 of an archive's file."""
    with file.open("rb") as content:
        return Digest(hashlib.file_digest(content, "sha256").digest())
