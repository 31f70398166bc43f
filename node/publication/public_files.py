"""The public files of a node's own institutions, beside its trust file: confirmed logs and status lists.

Tiles are written after something was anchored, each once; lists as soon as they change, in the place of older ones. So
anybody can copy the folder, serve it, verify against it and audit it without asking the node (`trust_folder` says how it
is laid out). What is newer than this database is left: a restored backup rolls nothing back.
"""

import json
from pathlib import Path

from acredita.anchoring.types import IssuerId
from acredita.node.publication.tile_files import TileFolder
from acredita.node.publication.tiles import StoredTiles
from acredita.node.publication.trust_folder import write_json
from acredita.node.storage import institutions, status_lists
from acredita.node.storage.database import Database
from acredita.node.storage.stored_checkpoints import confirmed_sizes
from acredita.registry.credentials.status_list import StatusListRefused, parse_status_list
from acredita.registry.json_documents.strict import JsonRefused, read_json


def publish(database: Database, base: Path, *, anew: bool = False) -> None:
    """Write new tiles and published lists of every institution. Raises OSError, StorageUnavailable.

    `anew`: compare every tile that is there, and mend the damaged ones.
    """
    for issuer in _issuers(database):
        publish_logs(database, issuer, base, anew=anew)
        publish_lists(database, issuer, base)


def publish_logs(database: Database, issuer: IssuerId, base: Path, *, anew: bool = False) -> None:
    """Write the tiles that an institution's logs have and the folder has not. Raises OSError, StorageUnavailable."""
    with database.read() as connection:
        for epoch in confirmed_sizes(connection, issuer):
            TileFolder(log_folder(base, issuer, epoch)).extend(StoredTiles(connection, issuer, epoch), anew=anew)


def log_folder(base: Path, issuer: IssuerId, epoch: int) -> Path:
    """Return the folder of one log."""
    return base / "log" / issuer.hex() / str(epoch)


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
