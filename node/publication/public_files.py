"""The public files of a node's own institutions, beside its trust file: confirmed log entries and status lists.

Entries are written after something was anchored, lists as soon as they change: whole files in the place of older ones, so
that anybody can copy the folder, verify against it and audit it without asking the node (`trust_folder` says how it is
laid out). A file that is newer than this database is left: a restored backup rolls nothing back.
"""

import json
from pathlib import Path

from acredita.anchoring.types import IssuerId
from acredita.node.publication.trust_folder import write_bytes, write_json
from acredita.node.storage import institutions, status_lists, stored_checkpoints, stored_log
from acredita.node.storage.database import Database
from acredita.registry.credentials.status_list import StatusListRefused, parse_status_list
from acredita.registry.json_documents.strict import JsonRefused, read_json


def publish(database: Database, base: Path) -> None:
    """Write confirmed entries and published lists of every institution. Raises OSError, StorageUnavailable."""
    for issuer in _issuers(database):
        for epoch, entries in confirmed_entries(database, issuer).items():
            _write_entries(base / "log" / issuer.hex() / str(epoch) / "entries.bin", b"".join(entries))
        publish_lists(database, issuer, base)


def publish_lists(database: Database, issuer: IssuerId, base: Path) -> None:
    """Write the lists of an institution that are newer than the folder's. Raises OSError, StorageUnavailable."""
    with database.read() as connection:
        versions = status_lists.versions(connection, issuer)
    for number, version in versions.items():
        path = base / "status" / issuer.hex() / f"{number}.json"
        if _version_of(path) < version:
            _write_list(database, issuer, number, path)


def _issuers(database: Database) -> list[IssuerId]:
    with database.read() as connection:
        return [registered.issuer for registered in institutions.institutions(connection)]


def _write_entries(path: Path, entries: bytes) -> None:
    """Write the entries, except over a longer file that begins with them. Then this database is older than the file
    (a restored backup), and the file may be the only copy that the log can be mended from.
    """
    if path.is_file() and path.stat().st_size > len(entries):
        with path.open("rb") as file:
            if file.read(len(entries)) == entries:
                return
    write_bytes(path, entries)


def confirmed_entries(database: Database, issuer: IssuerId) -> dict[int, list[bytes]]:
    """Map each epoch to its encoded entries under a confirmed checkpoint."""
    with database.read() as connection:
        sizes = stored_checkpoints.confirmed_sizes(connection, issuer)
        return {
            epoch: list(stored_log.read_entries(connection, issuer, epoch, 0, size)) for epoch, size in sizes.items()
        }


def _write_list(database: Database, issuer: IssuerId, number: int, path: Path) -> None:
    with database.read() as connection:
        stored = status_lists.read_list(connection, issuer, number)
    if stored is not None:
        write_json(path, json.loads(stored.document))


def _version_of(path: Path) -> int:
    """Return the version of the list in a file; less than any other where it cannot be read."""
    if not path.is_file():
        return -1
    try:
        return parse_status_list(read_json(path.read_bytes())).version
    except (JsonRefused, StatusListRefused):
        return -1
