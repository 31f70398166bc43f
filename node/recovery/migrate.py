"""Move an institution's log to another ledger, if the one it was tied to is gone for good (GENESIS_CHANGED).

An operator starts this and names both genesis blocks: the one that is gone and the one that replaces it. No run starts
it, and nothing moves while the old chain still answers. Entry 0 of a log names its chain and contract. The log
therefore begins again on the new ledger, and entries that still hold are entered in it again:

 1 survey    Is the old ledger gone? Is the new one the one that the trust file pins? Would every carried credential be
             recognised there? Otherwise MigrationRefused is raised and nothing has changed.
 2 record    Write `acredita-migration/1`, with both ledgers and the last checkpoint of every log, before anything moves.
 3 keep      Copy the old public log, its status lists and its trust file to `predecessors/<old genesis>/`.
 4 move      In one transaction, give the old log with its receipts to an owner of its own, requeue the credentials in
             force, and queue every status bit as an entry at its position.
 5 publish   Publish the new log and the lists at the addresses of the old ones. The write path anchors as always.

A crash before 4 changes nothing but files that the next run writes again; after 4 the next run continues at 5. Revoked
and expired credentials get no new entry and erased ones are not restored: only their status bits are carried.
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
    """A completed migration: the digest of its record, and whether the new registry names the predecessor with it."""

    record: Digest
    on_ledger: bool
    survey: MigrationSurvey | None  # None if an earlier run had moved the log already


def migrate(
    node: RunningNode,
    tenant: Tenant,
    request: MigrationRequest,
    *,
    leave_unrecognised: bool = False,
    actor: str = OPERATOR,
) -> Migration:
    """Run all five steps; a run after a crash ends the same. Raises MigrationRefused, LedgerUnavailable, OSError."""
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
            # POINT OF NO RETURN: after this transaction the log belongs to the new ledger. A run after a crash finds it by
            # finished_migration and continues with step 5.
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
    """Move the log in the caller's transaction. Returns the survey as of now: a later revocation is carried too."""
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
    """Return the migration that an earlier run has completed, if there is one."""
    path = node.folder.base / FOLDER / request.old.hex() / "migration.json"
    known = tenant.writer.identity
    if known.genesis != request.new or not path.is_file():
        return None
    document = read_json_file(path)
    if not isinstance(document, dict) or document.get("successor") != identity_document(known):
        return None
    digest = jcs_digest(document)
    return Migration(digest, named_on_ledger(node, digest), None)
