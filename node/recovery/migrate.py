"""Moving an institution's log to another ledger, when the one it was tied to is gone for good (GENESIS_CHANGED).

An operator starts this, naming the genesis block that is gone and the one that takes its place; no run does it by
itself, and never while the old chain still answers. Entry 0 of a log names its chain and contract, so the log begins
anew there, and what still holds is entered in it again:

 1 survey    is the old ledger gone, is the new one the one the trust file pins, and would everything carried over be
             recognised there? Otherwise MigrationRefused, and nothing is touched
 2 record    `acredita-migration/1`: both ledgers and the last checkpoint of every log, on disk before anything moves
 3 keep      the old public log, its status lists and its trust file, under `predecessors/<old genesis>/`
 4 move      one database transaction: the old log goes to an owner of its own with its receipts; credentials in force
             are requeued; every status bit, revocations above all, is queued as an entry at its position
 5 publish   the new log and the lists stand where the old ones stood; the write path anchors as ever

A crash before 4 leaves everything as it was but for files that are written again; after it the next run begins at 5.
Revoked and expired credentials get no new entry, forgotten ones are not brought back: their bits are.
"""

from collections import Counter
from dataclasses import dataclass

from acredita.anchoring.types import Digest, to_hex
from acredita.node.publication.trust_folder import read_json_file
from acredita.node.recovery.migration_ledgers import MigrationRefused, MigrationRequest
from acredita.node.recovery.migration_record import (
    FOLDER,
    identity_document,
    keep_public,
    named_on_ledger,
    renew_public,
    write_record,
)
from acredita.node.recovery.migration_survey import (
    MigrationSurvey,
    by_kind,
    changes_of,
    effective_status_bits,
    survey_migration,
)
from acredita.node.runtime.open_node import RunningNode
from acredita.node.runtime.tenant import Tenant
from acredita.node.storage import former_logs, institutions
from acredita.node.storage.trail import OPERATOR, Action, record
from acredita.node.write_path.writer import Writer
from acredita.registry.codes import Code
from acredita.registry.json_documents.jcs import jcs_digest
from sqlalchemy import Connection


@dataclass(frozen=True)
class Migration:
    """A migration done: its record's digest, and whether the new registry names the predecessor with it."""

    record: Digest
    on_ledger: bool
    survey: MigrationSurvey | None  # None where an earlier run had moved the log already


def migrate(
    node: RunningNode,
    tenant: Tenant,
    request: MigrationRequest,
    *,
    leave_unrecognised: bool = False,
    actor: str = OPERATOR,
) -> Migration:
    """All five steps; run again after a crash it ends the same. Raises MigrationRefused, LedgerUnavailable, OSError."""
    done = finished_migration(node, tenant, request)
    if done is not None:
        renew_public(node, tenant.issuer)
        return done
    survey = survey_migration(node, tenant, request, leave_unrecognised=leave_unrecognised)
    digest = write_record(node, survey.old, survey.new)
    keep_public(node, tenant.issuer, survey.old)
    with tenant.writer.leases.held(tenant.issuer) as lease:
        if lease is None:
            raise MigrationRefused(Code.WRITER_BUSY, "another process writes for this institution: stop it first")
        with node.database.write(lease) as connection:
            # POINT OF NO RETURN: with this transaction the institution belongs to the new ledger.
            moved = _move(connection, tenant.writer, survey)
            record(
                connection,
                tenant.issuer,
                actor,
                Action.MIGRATED,
                now=node.clock(),
                record=to_hex(digest),
                carried=moved.carried,
                left=sum(moved.left.values()),
                changes=sum(moved.changes.values()),
            )
    renew_public(node, tenant.issuer)
    return Migration(digest, named_on_ledger(node, digest), moved)


def _move(connection: Connection, writer: Writer, survey: MigrationSurvey) -> MigrationSurvey:
    """In the caller's transaction. What changed since the survey counts: a revocation of this moment is carried too."""
    issuer, now = writer.issuer, writer.clock()
    registered = institutions.institution(connection, issuer)
    if registered is None or registered.identity != survey.old:
        raise MigrationRefused(Code.WRITER_BUSY, "another process has moved this log")
    bits = effective_status_bits(connection, writer)
    entries = changes_of(bits)
    known = former_logs.carriable(connection, issuer)
    reasons = {digest: code for digest, code in survey.reasons.items() if digest in known}
    for digest, position in known.items():
        if position is not None and bits.status(position).revoked:
            reasons[digest] = Code.CREDENTIAL_REVOKED
    carried = known.keys() - reasons.keys()
    former_logs.leave_queue(connection, issuer, reasons)
    former_logs.queue_carried(connection, issuer, carried, now)
    former_logs.queue_changes(connection, issuer, survey.old, entries, now)
    former_logs.keep_log(connection, issuer, survey.old)
    former_logs.open_successor(connection, issuer, survey.new)
    left = Counter(reasons.values())
    return MigrationSurvey(survey.old, survey.new, len(carried), left, by_kind(entries), survey.unknown, reasons)


def finished_migration(node: RunningNode, tenant: Tenant, request: MigrationRequest) -> Migration | None:
    """The migration an earlier run has made durable, None where there is none."""
    path = node.folder.base / FOLDER / request.old.hex() / "migration.json"
    known = tenant.writer.identity
    if known.genesis != request.new or not path.is_file():
        return None
    document = read_json_file(path)
    if not isinstance(document, dict) or document.get("successor") != identity_document(known):
        return None
    digest = jcs_digest(document)
    return Migration(digest, named_on_ledger(node, digest), None)
