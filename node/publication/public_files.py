"""The public files of a node's own institutions, beside its trust file: confirmed log entries and status lists.

Written after something was anchored, whole files in the place of older ones, so that anybody can copy the folder, verify
against it and audit it without asking the node (`trust_folder` says how it is laid out).
"""

import json
from pathlib import Path

from acredita.anchoring.types import IssuerId
from acredita.node.publication.trust_folder import write_bytes, write_json
from acredita.node.storage import credentials, institutions, stored_checkpoints, stored_log
from acredita.node.storage.database import Database


def publish(database: Database, base: Path) -> None:
    """Write confirmed entries and published lists of every institution. Raises OSError, StorageUnavailable."""
    with database.read() as connection:
        issuers = [registered.issuer for registered in institutions.institutions(connection)]
    for issuer in issuers:
        for epoch, entries in confirmed_entries(database, issuer).items():
            _write_entries(base / "log" / issuer.hex() / str(epoch) / "entries.bin", b"".join(entries))
        _write_lists(database, issuer, base)


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


def _write_lists(database: Database, issuer: IssuerId, base: Path) -> None:
    number = 0
    while True:
        with database.read() as connection:
            document = credentials.published_list(connection, issuer, number)
        if document is None:
            return
        write_json(base / "status" / issuer.hex() / f"{number}.json", json.loads(document))
        number += 1
