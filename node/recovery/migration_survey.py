"""Survey a migration: the credentials and status bits to carry to the new ledger, and whether it would recognise them.

Nothing is written here. A credential that the new chain would not recognise refuses the whole migration, or is left
out.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from acredita.anchoring.entries import POSITIONS_PER_LIST, Entry, EntryKind, status_change
from acredita.anchoring.ledger import LedgerUnavailable
from acredita.anchoring.status_bits import StatusBits, StatusPurpose
from acredita.anchoring.types import Digest, to_hex
from acredita.contracts import bindings
from acredita.contracts.bindings import KeyPurpose
from acredita.node.recovery.migration_ledgers import (
    MigrationRefused,
    MigrationRequest,
    check_genesis,
    check_log_is_new,
    identity_of_new_ledger,
    pinned_trust,
)
from acredita.node.runtime.open_node import RunningNode
from acredita.node.runtime.preflight import UNTOLD, approval_fault
from acredita.node.runtime.tenant import Tenant
from acredita.node.storage import former_logs, queue, stored_checkpoints
from acredita.node.storage.institutions import LedgerIdentity
from acredita.node.write_path.status_memory import StatusMemory
from acredita.node.write_path.writer import Writer
from acredita.registry.codes import Code
from acredita.registry.credentials.status_list import StatusListRefused, is_set, parse_status_list
from acredita.registry.evidence.credential import read_credential
from acredita.registry.json_documents.strict import JsonRefused, read_json
from acredita.registry.keys.multikey import key_id, parse_multibase
from sqlalchemy import Connection

_MAX_NAMED: Final = 5  # faults in one sentence; the next run shows the others


@dataclass(frozen=True)
class MigrationSurvey:
    """The effect of a migration, planned or done. `left`: code → number of credentials without an entry in the new log.

    `changes`: kind of entry → number of status changes that are entered again.
    """

    old: LedgerIdentity
    new: LedgerIdentity
    carried: int
    left: Mapping[str, int]
    changes: Mapping[str, int]
    unknown: int  # issued entries of the old log whose credential this node does not have
    reasons: Mapping[Digest, str] = field(repr=False, default_factory=dict)

    def document(self) -> dict[str, object]:
        """Return the counts in the JSON form of `node migrate`."""
        return {
            "from": to_hex(self.old.genesis),
            "to": to_hex(self.new.genesis),
            "carried": self.carried,
            "left": dict(self.left),
            "changes": dict(self.changes),
            "unknown": self.unknown,
        }


@dataclass(frozen=True)
class FormerCredentials:
    """The credentials of the old log. `reasons`: those that are over, by code; `needs`: programme and key of others."""

    reasons: Mapping[Digest, str]
    needs: Mapping[Digest, tuple[Digest, str]]


def survey_migration(
    node: RunningNode, tenant: Tenant, request: MigrationRequest, *, leave_unrecognised: bool = False
) -> MigrationSurvey:
    """Survey the move to a ledger whose contracts are deployed.

    `leave_unrecognised`: leave out credentials that the new chain would not recognise, instead of refusing. Raises
    MigrationRefused, LedgerUnavailable.
    """
    check_genesis(node, tenant, request)
    old, new = tenant.writer.identity, identity_of_new_ledger(node)
    check_log_is_new(tenant.issuer, old, new)
    _check_rights(node, tenant)
    former = former_credentials(node, tenant)
    reasons = dict(former.reasons) | _unrecognised(node, tenant, former, leave_unrecognised)
    with node.database.read() as connection:
        entries = changes_of(effective_status_bits(connection, tenant.writer))
        unknown = former_logs.unknown_entries(connection, tenant.issuer)
    carried = len(former.needs.keys() - reasons.keys())
    return MigrationSurvey(old, new, carried, Counter(reasons.values()), by_kind(entries), unknown, reasons)


def survey_before_deployment(node: RunningNode, tenant: Tenant, request: MigrationRequest) -> MigrationSurvey:
    """Survey what there is to carry while the contracts of the new chain are still to be deployed."""
    check_genesis(node, tenant, request)
    former, old = former_credentials(node, tenant), tenant.writer.identity
    with node.database.read() as connection:
        entries = changes_of(effective_status_bits(connection, tenant.writer))
        unknown = former_logs.unknown_entries(connection, tenant.issuer)
    new = LedgerIdentity(node.ledger.chain_id(), request.new, old.contract, old.code_hash)
    return MigrationSurvey(
        old, new, len(former.needs), Counter(former.reasons.values()), by_kind(entries), unknown, former.reasons
    )


def former_credentials(node: RunningNode, tenant: Tenant) -> FormerCredentials:
    """Open every stored credential of the old log: revoked, expired, or in force and by which programme and key."""
    reasons: dict[Digest, str] = {}
    needs: dict[Digest, tuple[Digest, str]] = {}
    with node.database.read() as connection:
        bits = effective_status_bits(connection, tenant.writer)
        positions = former_logs.carriable(connection, tenant.issuer)
    for digest, position in positions.items():
        parsed = read_credential(tenant.institution.credential(digest)).parsed
        if parsed is None or parsed.verification_method is None:
            raise RuntimeError("a stored credential is not in our profile")
        if position is not None and bits.status(position).revoked:
            reasons[digest] = Code.CREDENTIAL_REVOKED
        elif parsed.valid_until is not None and parsed.valid_until <= node.clock():
            reasons[digest] = Code.CREDENTIAL_EXPIRED
        else:
            needs[digest] = (parsed.programme, parsed.verification_method)
    return FormerCredentials(reasons, needs)


def effective_status_bits(connection: Connection, writer: Writer) -> StatusBits:
    """Return every bit that somebody could see or rely on: anchored, queued, or published ahead of the chain."""
    newest = stored_checkpoints.newest_confirmed(connection, writer.issuer)
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
    except (JsonRefused, StatusListRefused) as error:
        raise MigrationRefused(Code.STATUS_LIST_INVALID, f"the stored list {number} cannot be read: {error}") from error
    return [number * POSITIONS_PER_LIST + index for index in range(8 * len(listed)) if is_set(listed, index)]


def changes_of(bits: StatusBits) -> list[Entry]:
    """Return the entries that set these bits from none, by position; a revocation comes last, as in a correction."""
    entries = []
    for number in range(bits.lists):
        revoked, suspended, replaced = (bits.bitstring(number, purpose) for purpose in StatusPurpose)
        for index in range(POSITIONS_PER_LIST):
            position = number * POSITIONS_PER_LIST + index
            for kind, bitstring in (
                (EntryKind.SUSPENDED, suspended),
                (EntryKind.REPLACED, replaced),
                (EntryKind.REVOKED, revoked),
            ):
                if bitstring[index >> 3] & (0x80 >> (index & 7)):
                    entries.append(status_change(kind, position))
    return entries


def by_kind(entries: list[Entry]) -> dict[str, int]:
    """Count entries by the name of their kind."""
    return dict(Counter(entry.kind.name.lower() for entry in entries))


def _check_rights(node: RunningNode, tenant: Tenant) -> None:
    registry = bindings.IssuerRegistry(pinned_trust(node).contracts.issuer_registry)
    account = tenant.writer.for_run().signer.address
    rights = node.ledger.read(registry.anchor_rights(account))
    if rights.issuer != tenant.issuer or not rights.may_status:
        raise MigrationRefused(Code.ACCOUNT_NOT_ALLOWED, "the new registry does not know the anchoring account as ours")
    if not rights.may_open:
        raise MigrationRefused(Code.ISSUER_NOT_ACTIVE, "the institution is not accredited on the new chain")


def _unrecognised(node: RunningNode, tenant: Tenant, former: FormerCredentials, leave: bool) -> dict[Digest, str]:
    """Return the credentials that the new chain would not recognise, with their codes. Refuses them unless `leave`.

    A digest is issued once in a log, so a credential that is not recognised when it is anchored never will be.
    """
    programmes = {programme: _programme_fault(node, tenant, programme) for programme, _ in former.needs.values()}
    keys = {method: _key_fault(node, tenant, method) for _, method in former.needs.values()}
    faults = sorted(fault for fault in (*programmes.values(), *keys.values()) if fault is not None)
    if faults and not leave:
        raise MigrationRefused(faults[0][0], "; ".join(sentence for _, sentence in faults[:_MAX_NAMED]))
    faulty = {digest: programmes[programme] or keys[method] for digest, (programme, method) in former.needs.items()}
    return {digest: fault[0] for digest, fault in faulty.items() if fault is not None}


def _programme_fault(node: RunningNode, tenant: Tenant, digest: Digest) -> tuple[Code, str] | None:
    programme = node.folder.programme(digest)
    if programme is None:
        return Code.DOCUMENT_MISSING, f"the document of programme {to_hex(digest)} is not in documents/"
    fault = approval_fault(node, tenant, programme)
    if fault is not None and fault.code in UNTOLD:  # a chain that does not answer leaves no entry behind
        raise LedgerUnavailable(f"{fault.code}: {fault.detail}")
    return None if fault is None else (fault.code, f"programme {programme.id} {to_hex(digest)}: {fault.detail}")


def _key_fault(node: RunningNode, tenant: Tenant, method: str) -> tuple[Code, str] | None:
    registry = bindings.IssuerRegistry(pinned_trust(node).contracts.issuer_registry)
    key = parse_multibase(method.partition("#")[2])  # our methods are named by their key, did:key and did:web alike
    now = node.ledger.head().time
    purpose = node.ledger.read(registry.key_at(tenant.issuer, key_id(key.multikey), now))
    if purpose == KeyPurpose.ASSERTION:
        return None
    return Code.KEY_NOT_REGISTERED, f"the new registry does not know the key {method}"
