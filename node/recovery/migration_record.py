"""Write the record `acredita-migration/1` of a migration, and keep the public files of the old and the new log apart.

These are the steps 2, 3 and 5 of `migrate`.
"""

import hashlib
import shutil
from pathlib import Path
from typing import Final

from acredita.anchoring.checkpoint import MAX_EPOCH, Checkpoint
from acredita.anchoring.entries import encode, log_id, opened
from acredita.anchoring.receipts import time_text
from acredita.anchoring.types import Address, Digest, IssuerId, Word, read_number, to_hex
from acredita.contracts import bindings
from acredita.node.publication.public_files import publish, publish_logs
from acredita.node.publication.trust_folder import TrustFolder, read_json_file, write_bytes, write_json
from acredita.node.recovery.migration_ledgers import pinned_trust
from acredita.node.runtime.open_node import RunningNode
from acredita.node.storage import former_logs, institutions, stored_checkpoints
from acredita.node.storage.institutions import FIRST_EPOCH, LedgerIdentity, RegisteredInstitution
from acredita.node.storage.stored_checkpoints import StoredCheckpoint
from acredita.registry.json_documents.jcs import jcs_digest
from acredita.registry.ledger_facts.log_entries import EntriesRefused
from acredita.registry.ledger_facts.whole_records import events_of, whole_records

FORMAT: Final = "acredita-migration/1"
FOLDER: Final = "predecessors"
_STATE_DOMAIN: Final = b"acredita/migration-state/1"


def predecessor_folder(base: Path, old: LedgerIdentity) -> Path:
    """Return the folder of the public files of a former ledger."""
    return base / FOLDER / old.genesis.hex()


def write_record(node: RunningNode, old: LedgerIdentity, new: LedgerIdentity) -> Digest:
    """Write the record of the migration and return its digest. A run after a crash finds and returns the same record."""
    path = predecessor_folder(node.folder.base, old) / "migration.json"
    document = read_json_file(path) if path.is_file() else None
    ledgers = identity_document(old), identity_document(new)
    if not isinstance(document, dict) or (document.get("predecessor"), document.get("successor")) != ledgers:
        document = _record(node, old, new)
        write_json(path, document)
    digest = jcs_digest(document)
    write_json(node.folder.base / "documents" / f"{digest.hex()}.json", document)
    return digest


def _record(node: RunningNode, old: LedgerIdentity, new: LedgerIdentity) -> dict[str, object]:
    return {
        "format": FORMAT,
        "time": time_text(node.clock()),
        "predecessor": identity_document(old),
        "successor": identity_document(new),
        "state_hash": to_hex(final_state(node, old)),
        "logs": [_log_document(one, newest, old, new) for one, newest in _former_logs(node, old)],
    }


def final_state(node: RunningNode, old: LedgerIdentity) -> Digest:
    """Return the state hash of every log that this node had on the old ledger."""
    return state_hash([(one.issuer, newest.epoch, newest.checkpoint.word()) for one, newest in _former_logs(node, old)])


def _former_logs(node: RunningNode, old: LedgerIdentity) -> list[tuple[RegisteredInstitution, StoredCheckpoint]]:
    with node.database.read() as connection:
        logs = [
            (one, stored_checkpoints.newest_confirmed(connection, one.issuer))
            for one in sorted(institutions.institutions(connection), key=lambda one: one.issuer)
            if one.identity == old
        ]
    return [(one, newest) for one, newest in logs if newest is not None]


def state_hash(logs: list[tuple[IssuerId, int, Word]]) -> Digest:
    """Hash the last word of every log: each word covers every checkpoint and epoch before it."""
    parts = b"".join(issuer + epoch.to_bytes(4, "big") + word for issuer, epoch, word in sorted(logs))
    return Digest(hashlib.sha256(_STATE_DOMAIN + parts).digest())


def identity_document(identity: LedgerIdentity) -> dict[str, object]:
    """Return the JSON form of a ledger's identity."""
    return {
        "chain_id": identity.chain_id,
        "genesis": to_hex(identity.genesis),
        "contract": to_hex(identity.contract),
        "code_hash": to_hex(identity.code_hash),
    }


def _log_document(
    one: RegisteredInstitution, newest: StoredCheckpoint, old: LedgerIdentity, new: LedgerIdentity
) -> dict[str, object]:
    return {
        "issuer": to_hex(one.issuer),
        "did": one.did,
        "epoch": newest.epoch,
        "log": to_hex(log_id(old.chain_id, old.contract, one.issuer, newest.epoch)),
        "successor_log": to_hex(log_id(new.chain_id, new.contract, one.issuer, FIRST_EPOCH)),
        "checkpoint": _checkpoint_document(newest.checkpoint),
    }


def _checkpoint_document(checkpoint: Checkpoint) -> dict[str, object]:
    return {
        "number": checkpoint.number,
        "size": checkpoint.size,
        "root": to_hex(checkpoint.root),
        "status_root": to_hex(checkpoint.status_root),
        "time": time_text(checkpoint.time),
        "word": to_hex(checkpoint.word()),
    }


def named_on_ledger(node: RunningNode, digest: Digest) -> bool:
    """Decide whether the new registry names its predecessor with this record as the act. The council makes that note."""
    registry = Address(pinned_trust(node).contracts.issuer_registry)
    contract, head = bindings.IssuerRegistry(registry), node.ledger.head()
    subject = bytes(12) + node.ledger.read(contract.predecessor(), head.hash)
    notes = events_of(whole_records(node.ledger, registry, subject, head, contract.history(subject)))
    return any(isinstance(note, bindings.PredecessorRecorded) and note.act == digest for note in notes)


def keep_public(node: RunningNode, issuer: IssuerId, old: LedgerIdentity) -> None:
    """Copy the public log and the published lists to the folder of the former ledger."""
    folder = predecessor_folder(node.folder.base, old)
    publish_logs(node.database, issuer, folder)
    with node.database.read() as connection:
        for number, document in former_logs.published_lists(connection, issuer).items():
            write_bytes(folder / "status" / issuer.hex() / f"{number}.json", document)


def renew_public(node: RunningNode, issuer: IssuerId) -> None:
    """Publish the new log, and remove epochs of the old log beside it.

    Files of the new log stay, even if they hold more than this database: they mend an old backup that is moved once
    more.
    """
    with node.database.read() as connection:
        registered = institutions.institution(connection, issuer)
    log = node.folder.base / "log" / issuer.hex()
    for folder in log.iterdir() if log.is_dir() else ():
        if registered is None or not _is_of(registered, node.folder, folder.name):
            shutil.rmtree(folder, ignore_errors=True)
    publish(node.database, node.folder.base)


def _is_of(registered: RegisteredInstitution, folder: TrustFolder, name: str) -> bool:
    """Decide whether a published epoch begins with the entry that names this ledger."""
    identity, epoch = registered.identity, read_number(name, MAX_EPOCH)
    if not epoch:
        return False
    log = log_id(identity.chain_id, identity.contract, registered.issuer, epoch)
    try:
        return folder.entries_of(registered.issuer).read(epoch, 0, 1) == encode(opened(log))
    except EntriesRefused:
        return False
