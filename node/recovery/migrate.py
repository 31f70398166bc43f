"""Moving an institution's log to another ledger, when the one it was tied to is gone for good (GENESIS_CHANGED).

An operator starts this, naming the genesis block that is gone and the one that takes its place; no run does it by
itself, and never while the old chain still answers. Entry 0 of a log names its chain and contract, so the log begins
anew there, and what still holds is entered in it again:

 1 survey    is the old ledger gone, is the new one the one the trust file pins, and would everything carried over be
             recognised there? Otherwise MigrationRefused, and nothing is touched
 2 record    `acredita-migration/1`: both ledgers and the last checkpoint of every log, on disk before anything moves
 3 keep      the old public log, its status lists and its trust file, under `predecessors/<old genesis>/`
 4 move      one database transaction: the old log goes to an owner of its own with its receipts; credentials in force
             are queued again; every status bit, revocations above all, is queued as an entry at its position
 5 publish   the new log and the lists stand where the old ones stood; the write path anchors as ever

A crash before 4 leaves everything as it was but for files that are written again; after it the next run begins at 5.
Revoked and expired credentials get no new entry, forgotten ones are not brought back: their bits are.
"""

import hashlib
import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from acredita.anchoring.checkpoint import Checkpoint
from acredita.anchoring.entries import (
    ENTRY_BYTES,
    POSITIONS_PER_LIST,
    Entry,
    EntryKind,
    encode,
    log_id,
    opened,
    status_change,
)
from acredita.anchoring.ledger import GenesisChanged, LogQuery
from acredita.anchoring.receipts import time_text
from acredita.anchoring.status import Purpose, StatusBits
from acredita.anchoring.types import Address, BlockHash, Digest, IssuerId, Word, to_hex
from acredita.contracts import bindings
from acredita.contracts.bindings import KeyPurpose
from acredita.node.publication.public_files import confirmed_entries, publish
from acredita.node.publication.trust_folder import read_json_file, write_bytes, write_json
from acredita.node.runtime.open_node import RunningNode
from acredita.node.runtime.preflight import approval_fault
from acredita.node.runtime.tenant import Office, ledger_identity
from acredita.node.storage import former_logs, institutions, queue, stored_log
from acredita.node.storage.institutions import FIRST_EPOCH, LedgerIdentity, Registered
from acredita.node.storage.stored_log import StoredCheckpoint
from acredita.node.storage.trail import OPERATOR, Action, record
from acredita.node.write_path.catch_up import check_identity
from acredita.node.write_path.writer import StatusMemory, Writer
from acredita.registry.codes import Code
from acredita.registry.credentials.status_list import StatusListRefused, is_set, parse_status_list
from acredita.registry.evidence.credential import read_credential
from acredita.registry.json_documents.jcs import jcs_digest
from acredita.registry.json_documents.strict import ReadingError, read_json
from acredita.registry.keys.multikey import key_id, parse_multibase
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.ledger_facts.trust_file import Trust
from sqlalchemy import Connection

FORMAT: Final = "acredita-migration/1"
FOLDER: Final = "predecessors"
_STATE_DOMAIN: Final = b"acredita/migration-state/1"
_MAX_NAMED: Final = 5  # faults told in one sentence; mending one shows the next


class MigrationRefused(Exception):
    """The log is not moved; nothing was touched. `code` is stable."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


@dataclass(frozen=True)
class Asked:
    """What the operator has written down: the genesis block that is gone, and the one that takes its place."""

    old: BlockHash
    new: BlockHash


@dataclass(frozen=True)
class Survey:
    """What a migration would do, or has done. `left`: code → credentials that get no entry in the new log."""

    old: LedgerIdentity
    new: LedgerIdentity
    carried: int
    left: Mapping[str, int]
    changes: Mapping[str, int]
    unknown: int  # issued entries of the old log whose credential this node does not have
    reasons: Mapping[Digest, str] = field(repr=False, default_factory=dict)

    def document(self) -> dict[str, object]:
        return {
            "from": to_hex(self.old.genesis),
            "to": to_hex(self.new.genesis),
            "carried": self.carried,
            "left": dict(self.left),
            "changes": dict(self.changes),
            "unknown": self.unknown,
        }


@dataclass(frozen=True)
class Migration:
    """A migration done: its record's digest, and whether the new registry names the predecessor with it."""

    record: Digest
    on_ledger: bool
    survey: Survey | None  # None where an earlier run had moved the log already


def survey(node: RunningNode, office: Office, asked: Asked, *, leave_unrecognised: bool = False) -> Survey:
    """Step 1. `leave_unrecognised`: what would not be recognised on the new chain stays behind, instead of refusing all.

    Raises MigrationRefused, LedgerUnreachable.
    """
    check_genesis(node, office, asked)
    old, new = office.writer.identity, _new_identity(node)
    _check_log_is_new(office.issuer, old, new)
    _check_rights(node, office)
    held = holdings(node, office)
    reasons = dict(held.reasons) | _unrecognised(node, office, held, leave_unrecognised)
    with node.database.read() as connection:
        entries = changes_of(standing_bits(connection, office.writer))
        unknown = former_logs.unknown_entries(connection, office.issuer)
    carried = len(held.needs.keys() - reasons.keys())
    return Survey(old, new, carried, Counter(reasons.values()), _by_kind(entries), unknown, reasons)


def outlook(node: RunningNode, office: Office, asked: Asked) -> Survey:
    """What there is to carry over, where the contracts of the new chain are still to be deployed."""
    check_genesis(node, office, asked)
    held, old = holdings(node, office), office.writer.identity
    with node.database.read() as connection:
        entries = changes_of(standing_bits(connection, office.writer))
        unknown = former_logs.unknown_entries(connection, office.issuer)
    new = LedgerIdentity(node.ledger.chain_id(), asked.new, old.contract, old.code_hash)
    return Survey(old, new, len(held.needs), Counter(held.reasons.values()), _by_kind(entries), unknown, held.reasons)


def migrate(
    node: RunningNode, office: Office, asked: Asked, *, leave_unrecognised: bool = False, actor: str = OPERATOR
) -> Migration:
    """All five steps; run again after a crash it ends the same. Raises MigrationRefused, LedgerUnreachable, OSError."""
    done = finished(node, office, asked)
    if done is not None:
        renew_public(node, office.issuer)
        return done
    found = survey(node, office, asked, leave_unrecognised=leave_unrecognised)
    digest = write_record(node, found.old, found.new)
    keep_public(node, office.issuer, found.old)
    with office.writer.leases.held(office.issuer) as lease:
        if lease is None:
            raise MigrationRefused(Code.WRITER_BUSY, "another process writes for this institution: stop it first")
        with node.database.write(lease) as connection:
            # POINT OF NO RETURN: with this transaction the institution belongs to the new ledger.
            moved = _move(connection, office.writer, found)
            record(
                connection,
                office.issuer,
                actor,
                Action.MIGRATED,
                now=node.clock(),
                record=to_hex(digest),
                carried=moved.carried,
                left=sum(moved.left.values()),
                changes=sum(moved.changes.values()),
            )
    renew_public(node, office.issuer)
    return Migration(digest, named_on_ledger(node, digest), moved)


def check_genesis(node: RunningNode, office: Office, asked: Asked) -> None:
    """Both chains are the ones the operator has named, and the old one is gone."""
    known, answered = office.writer.identity, _answered(node)
    if node.reading_only is not None:
        raise MigrationRefused(Code.WRITER_BUSY, node.reading_only)
    if asked.old != known.genesis:
        raise MigrationRefused(Code.GENESIS_UNEXPECTED, f"this log is tied to {to_hex(known.genesis)}, not to --from")
    if asked.new != answered:
        raise MigrationRefused(Code.GENESIS_UNEXPECTED, f"the chain that answers is {to_hex(answered)}, not --to")
    if not is_gone(office.writer):
        raise MigrationRefused(Code.LEDGER_NOT_GONE, "the chain of this log answers: there is nothing to migrate")


def is_gone(writer: Writer) -> bool:
    """Whether what answers is not the ledger this log was opened on."""
    try:
        check_identity(writer)
    except GenesisChanged:
        return True
    return False


def _answered(node: RunningNode) -> BlockHash:
    genesis = node.ledger.block(0)
    if genesis is None:
        raise MigrationRefused(Code.LEDGER_MISSING, "the chain has no block 0")
    return BlockHash(genesis.hash)


def _new_identity(node: RunningNode) -> LedgerIdentity:
    """The ledger that answers, as the trust file pins it. An old trust file names a chain that is gone."""
    trust = _trust(node)
    identity = ledger_identity(node.ledger, Address(trust.contracts.credential_log))
    pinned = (trust.chain_id, trust.genesis, trust.code_hashes.get("credential_log"))
    if (identity.chain_id, identity.genesis, identity.code_hash) != pinned:
        raise MigrationRefused(
            Code.TRUST_OUTDATED,
            f"{node.configuration.trust_file} does not name the chain that answers: put the authority's new trust "
            "file there, or deploy anew with --redeploy where one operator holds the authority's keys",
        )
    return identity


def _trust(node: RunningNode) -> Trust:
    if isinstance(node.trust, Missing):
        raise MigrationRefused(node.trust.code, node.trust.detail)
    return node.trust


def _check_log_is_new(issuer: IssuerId, old: LedgerIdentity, new: LedgerIdentity) -> None:
    """A log id names chain id and contract, not the genesis block: at the same address it would be the old log's."""
    ids = {log_id(one.chain_id, one.contract, issuer, FIRST_EPOCH) for one in (old, new)}
    if len(ids) == 1:
        raise MigrationRefused(
            Code.LOG_ID_REPEATED, "the contracts stand at the old chain id and address: deploy them at another address"
        )


# --- 1 survey ---


@dataclass(frozen=True)
class Holdings:
    """The credentials of the old log. `reasons`: why one is over; `needs`: programme and key of those in force."""

    reasons: Mapping[Digest, str]
    needs: Mapping[Digest, tuple[Digest, str]]


def holdings(node: RunningNode, office: Office) -> Holdings:
    """Every credential at hand is opened and looked at: is it revoked, has it expired, what does it rest on?"""
    reasons: dict[Digest, str] = {}
    needs: dict[Digest, tuple[Digest, str]] = {}
    with node.database.read() as connection:
        bits = standing_bits(connection, office.writer)
        positions = former_logs.carriable(connection, office.issuer)
    for digest, position in positions.items():
        parsed = read_credential(office.institution.credential(digest)).parsed
        if parsed is None or parsed.verification_method is None:
            raise RuntimeError("a stored credential is not in our profile")
        if position is not None and bits.status(position).revoked:
            reasons[digest] = Code.CREDENTIAL_REVOKED
        elif parsed.valid_until is not None and parsed.valid_until <= node.clock():
            reasons[digest] = Code.CREDENTIAL_EXPIRED
        else:
            needs[digest] = (parsed.programme, parsed.verification_method)
    return Holdings(reasons, needs)


def standing_bits(connection: Connection, writer: Writer) -> StatusBits:
    """Every bit that was set for anybody to see or to rely on: anchored, waiting, or published ahead of the chain."""
    newest = stored_log.newest_confirmed(connection, writer.issuer)
    if newest is None:
        raise RuntimeError("the institution is not registered in this database")
    bits = StatusMemory().at(connection, writer.issuer, newest)
    bits.replay(queue.queued_status(connection, writer.issuer))
    for number, document in former_logs.published_lists(connection, writer.issuer).items():
        for position in _published(number, document):
            if not bits.status(position).revoked:
                bits.apply(status_change(EntryKind.REVOKED, position))
    return bits


def _published(number: int, document: bytes) -> list[int]:
    try:
        listed = parse_status_list(read_json(document)).bits
    except (ReadingError, StatusListRefused) as error:
        raise MigrationRefused(Code.STATUS_LIST_INVALID, f"the stored list {number} cannot be read: {error}") from error
    return [number * POSITIONS_PER_LIST + index for index in range(8 * len(listed)) if is_set(listed, index)]


def changes_of(bits: StatusBits) -> list[Entry]:
    """The entries that set these bits from none: by position, revocation last, as a correction writes them."""
    found = []
    for number in range(bits.lists):
        revoked, suspended, replaced = (bits.bitstring(number, purpose) for purpose in Purpose)
        for index in range(POSITIONS_PER_LIST):
            position = number * POSITIONS_PER_LIST + index
            for kind, bitstring in (
                (EntryKind.SUSPENDED, suspended),
                (EntryKind.REPLACED, replaced),
                (EntryKind.REVOKED, revoked),
            ):
                if bitstring[index >> 3] & (0x80 >> (index & 7)):
                    found.append(status_change(kind, position))
    return found


def _by_kind(entries: list[Entry]) -> dict[str, int]:
    return dict(Counter(entry.kind.name.lower() for entry in entries))


def _check_rights(node: RunningNode, office: Office) -> None:
    registry = bindings.IssuerRegistry(_trust(node).contracts.issuer_registry)
    account = office.writer.for_run().signer.address
    rights = node.ledger.read(registry.anchor_rights(account))
    if rights.issuer != office.issuer or not rights.may_status:
        raise MigrationRefused(Code.ACCOUNT_NOT_ALLOWED, "the new registry does not know the anchoring account as ours")
    if not rights.may_open:
        raise MigrationRefused(Code.ISSUER_NOT_ACTIVE, "the institution is not accredited on the new chain")


def _unrecognised(node: RunningNode, office: Office, held: Holdings, leave: bool) -> dict[Digest, str]:
    """Credential → code. A digest is issued once in a log: what is not recognised when it is anchored never will be."""
    programmes = {programme: _programme_fault(node, office, programme) for programme, _ in held.needs.values()}
    keys = {method: _key_fault(node, office, method) for _, method in held.needs.values()}
    faults = sorted(fault for fault in (*programmes.values(), *keys.values()) if fault is not None)
    if faults and not leave:
        raise MigrationRefused(faults[0][0], "; ".join(told for _, told in faults[:_MAX_NAMED]))
    found = {digest: programmes[programme] or keys[method] for digest, (programme, method) in held.needs.items()}
    return {digest: fault[0] for digest, fault in found.items() if fault is not None}


def _programme_fault(node: RunningNode, office: Office, digest: Digest) -> tuple[str, str] | None:
    programme = node.folder.programme(digest)
    if programme is None:
        return Code.DOCUMENT_MISSING, f"the document of programme {to_hex(digest)} is not in documents/"
    fault = approval_fault(node, office, programme)
    return None if fault is None else (fault.code, f"programme {programme.id} {to_hex(digest)}: {fault.detail}")


def _key_fault(node: RunningNode, office: Office, method: str) -> tuple[str, str] | None:
    registry = bindings.IssuerRegistry(_trust(node).contracts.issuer_registry)
    key = parse_multibase(method.partition("#")[2])  # our methods are named by their key, did:key and did:web alike
    now = node.ledger.head().time
    purpose = node.ledger.read(registry.key_at(office.issuer, key_id(key.multikey), now))
    if purpose == KeyPurpose.ASSERTION:
        return None
    return Code.KEY_NOT_REGISTERED, f"the new registry does not know the key {method}"


# --- 2 record ---


def predecessor_folder(base: Path, old: LedgerIdentity) -> Path:
    return base / FOLDER / old.genesis.hex()


def write_record(node: RunningNode, old: LedgerIdentity, new: LedgerIdentity) -> Digest:
    """The migration's record, on disk under its digest; the same one again after a crash."""
    path = predecessor_folder(node.folder.base, old) / "migration.json"
    document = read_json_file(path) if path.is_file() else None
    ledgers = _identity_document(old), _identity_document(new)
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
        "predecessor": _identity_document(old),
        "successor": _identity_document(new),
        "state_hash": to_hex(final_state(node, old)),
        "logs": [_log_document(one, newest, old, new) for one, newest in _ended(node, old)],
    }


def final_state(node: RunningNode, old: LedgerIdentity) -> Digest:
    """The state hash of every log that this node had on the old ledger."""
    return state_hash([(one.issuer, newest.epoch, newest.checkpoint.word()) for one, newest in _ended(node, old)])


def _ended(node: RunningNode, old: LedgerIdentity) -> list[tuple[Registered, StoredCheckpoint]]:
    with node.database.read() as connection:
        logs = [
            (one, stored_log.newest_confirmed(connection, one.issuer))
            for one in sorted(institutions.institutions(connection), key=lambda one: one.issuer)
            if one.identity == old
        ]
    return [(one, newest) for one, newest in logs if newest is not None]


def state_hash(logs: list[tuple[IssuerId, int, Word]]) -> Digest:
    """What the predecessor ended with: the last word of every log, and with it every checkpoint and epoch before it."""
    parts = b"".join(issuer + epoch.to_bytes(4, "big") + word for issuer, epoch, word in sorted(logs))
    return Digest(hashlib.sha256(_STATE_DOMAIN + parts).digest())


def _identity_document(identity: LedgerIdentity) -> dict[str, object]:
    return {
        "chain_id": identity.chain_id,
        "genesis": to_hex(identity.genesis),
        "contract": to_hex(identity.contract),
        "code_hash": to_hex(identity.code_hash),
    }


def _log_document(
    one: Registered, newest: StoredCheckpoint, old: LedgerIdentity, new: LedgerIdentity
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
    """Whether the new registry names its predecessor with this record as the act. That note is the council's."""
    registry = Address(_trust(node).contracts.issuer_registry)
    predecessor = node.ledger.read(bindings.IssuerRegistry(registry).predecessor())
    query = LogQuery(0, node.ledger.head().number, (registry,), (None, bytes(12) + predecessor))
    notes = [bindings.decode_event(log) for log in node.ledger.logs(query)]
    return any(isinstance(note, bindings.PredecessorRecorded) and note.act == digest for note in notes)


# --- 3 keep, 5 publish ---


def keep_public(node: RunningNode, issuer: IssuerId, old: LedgerIdentity) -> None:
    """The old log as anybody could fetch it, and the published lists, beside the files of the new one."""
    folder = predecessor_folder(node.folder.base, old)
    for epoch, entries in confirmed_entries(node.database, issuer).items():
        write_bytes(folder / "log" / issuer.hex() / str(epoch) / "entries.bin", b"".join(entries))
    with node.database.read() as connection:
        for number, document in former_logs.published_lists(connection, issuer).items():
            write_bytes(folder / "status" / issuer.hex() / f"{number}.json", document)


def renew_public(node: RunningNode, issuer: IssuerId) -> None:
    """Epochs of the old log are not left standing beside those of the new one. What is of the new one stays, also where
    it is more than this database has: an old backup that is moved once more is mended from it.
    """
    with node.database.read() as connection:
        registered = institutions.institution(connection, issuer)
    log = node.folder.base / "log" / issuer.hex()
    for folder in log.iterdir() if log.is_dir() else ():
        if registered is None or not _is_of(registered, folder):
            shutil.rmtree(folder, ignore_errors=True)
    publish(node.database, node.folder.base)


def _is_of(registered: Registered, folder: Path) -> bool:
    """Whether a published epoch begins with the entry that names this ledger."""
    entries, identity = folder / "entries.bin", registered.identity
    if not folder.name.isdecimal() or not entries.is_file():
        return False
    log = log_id(identity.chain_id, identity.contract, registered.issuer, int(folder.name))
    with entries.open("rb") as file:
        return file.read(ENTRY_BYTES) == encode(opened(log))


# --- 4 move ---


def _move(connection: Connection, writer: Writer, found: Survey) -> Survey:
    """In the caller's transaction. What changed since the survey counts: a revocation of this moment is carried too."""
    issuer, now = writer.issuer, writer.clock()
    registered = institutions.institution(connection, issuer)
    if registered is None or registered.identity != found.old:
        raise MigrationRefused(Code.WRITER_BUSY, "another process has moved this log")
    bits = standing_bits(connection, writer)
    entries = changes_of(bits)
    known = former_logs.carriable(connection, issuer)
    reasons = {digest: code for digest, code in found.reasons.items() if digest in known}
    for digest, position in known.items():
        if position is not None and bits.status(position).revoked:
            reasons[digest] = Code.CREDENTIAL_REVOKED
    carried = known.keys() - reasons.keys()
    former_logs.leave_queue(connection, issuer, reasons)
    former_logs.queue_carried(connection, issuer, carried, now)
    former_logs.queue_changes(connection, issuer, found.old, entries, now)
    former_logs.keep_log(connection, issuer, found.old)
    former_logs.open_successor(connection, issuer, found.new)
    left = Counter(reasons.values())
    return Survey(found.old, found.new, len(carried), left, _by_kind(entries), found.unknown, reasons)


def finished(node: RunningNode, office: Office, asked: Asked) -> Migration | None:
    """The migration an earlier run has made durable, None where there is none."""
    path = node.folder.base / FOLDER / asked.old.hex() / "migration.json"
    known = office.writer.identity
    if known.genesis != asked.new or not path.is_file():
        return None
    document = read_json_file(path)
    if not isinstance(document, dict) or document.get("successor") != _identity_document(known):
        return None
    digest = jcs_digest(document)
    return Migration(digest, named_on_ledger(node, digest), None)
