"""Audit: the whole history replayed from the ledger, compared with the entries at hand.

Nobody's permission is needed: the chain and the logs' entries are public. From block 0 to B the audit

- folds every record of both registries and compares each subject's history hash with the contract's, and the number of
  subjects with the contract's count, so that an endpoint cannot leave one out;
- where key statements are at hand, checks that each key spoke for itself (`key_statement`);
- links every checkpoint of every log to the one before by its word, up to the head the contract keeps, and rebuilds each
  log from its 70-byte entries, comparing root and status root at every checkpoint that counts (`audit_logs`);
- where published status lists are at hand, holds them against the positions the entries revoke (`audit_lists`);
- follows what the contract cannot see: entries of the wrong kind of checkpoint, of a programme that was not approved, a
  digest issued twice, a credential corrected after it was revoked.

It takes no decision and mends nothing. Scopes are not replayed: they need documents, and the verifier asks them.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from acredita.anchoring.ledger import Block, Ledger
from acredita.anchoring.types import Address, Digest, IssuerId, to_hex
from acredita.contracts import bindings
from acredita.contracts.abi import AbiError, Deployment, RawLog
from acredita.registry.audit.journal import AuditFinding, Journal, UnknownRecordError, decoded
from acredita.registry.audit.logs import LogSummary, replay_logs
from acredita.registry.audit.status_lists import PublishedLists
from acredita.registry.codes import Code
from acredita.registry.keys.key_statement import KeyStatement, KeyStatementRefused, check_statement
from acredita.registry.keys.multikey import KeyRefused, key_id
from acredita.registry.ledger_facts.histories import PartyHistory, ProgrammeHistory, fold_party, fold_programme
from acredita.registry.ledger_facts.observer import EntriesOf

__all__ = ["Audit", "AuditFinding", "LogSummary", "PublishedLists", "StatementOf", "replay"]

StatementOf = Callable[[Digest], bytes | None]
"""SHA-256 → the key statement with that digest, None where it is not at hand."""


@dataclass(frozen=True)
class Audit:
    """The result of a replay up to `block`. `state_hash` binds every history hash and word that was recomputed."""

    block: Block
    parties: int
    programmes: int
    logs: tuple[LogSummary, ...]
    findings: tuple[AuditFinding, ...]
    state_hash: bytes

    @property
    def clean(self) -> bool:
        return not any(finding.weight == "divergence" for finding in self.findings)


def replay(
    ledger: Ledger,
    contracts: Deployment,
    block: Block,
    entries_of: EntriesOf,
    statement_of: StatementOf | None = None,
    published: PublishedLists | None = None,
) -> Audit:
    """Replay everything up to `block`. Raises LedgerUnavailable when the ledger stops answering."""
    journal = Journal(ledger, contracts, block)
    issuers = bindings.IssuerRegistry(contracts.issuer_registry)
    parties = _registry(journal, contracts.issuer_registry, issuers)
    programmes = _registry(
        journal, contracts.programme_registry, bindings.ProgrammeRegistry(contracts.programme_registry)
    )
    _count_parties(journal, issuers, parties)
    folded = _fold_parties(journal, parties, statement_of)
    histories = _fold_programmes(journal, programmes)
    subjects = {IssuerId(subject): folded.get(subject) for subject in sorted(parties)}
    logs = replay_logs(journal, subjects, entries_of, histories, published)
    state_hash = hashlib.sha256(b"acredita/state/1" + b"".join(journal.parts)).digest()
    return Audit(block, len(parties), len(programmes), tuple(logs), tuple(journal.findings), state_hash)


def _registry(
    journal: Journal, contract: bytes, registry: bindings.IssuerRegistry | bindings.ProgrammeRegistry
) -> dict[bytes, list[RawLog]]:
    """Every subject's records; those that do not fold to the contract's history hash are reported and left out."""
    good = {}
    for subject, logs in sorted(journal.records(contract).items()):
        folded = bindings.EMPTY_HISTORY
        for log in logs:
            folded = bindings.fold_history(folded, bindings.record_of(log))
        stored = journal.ledger.read(registry.history(subject), journal.block.number)
        if folded == stored:
            good[subject] = logs
        else:
            detail = f"folded {to_hex(folded)}, stored {to_hex(stored)}"
            journal.diverges(Code.HISTORY_MISMATCH, to_hex(subject), detail)
        journal.parts += [subject, folded]
    return good


def _count_parties(journal: Journal, issuers: bindings.IssuerRegistry, parties: Mapping[bytes, list[RawLog]]) -> None:
    """Whoever is in the registry has records; the note on a predecessor is of no party."""
    wanted = journal.ledger.read(issuers.party_count(), journal.block.number)
    found = sum(not isinstance(decoded(logs[0]), bindings.PredecessorRecorded) for logs in parties.values())
    if found < wanted:
        journal.diverges(Code.HISTORY_MISMATCH, "registry", f"{wanted} parties in the contract, {found} confirmed")


def _fold_parties(
    journal: Journal, parties: Mapping[bytes, list[RawLog]], statement_of: StatementOf | None
) -> dict[bytes, PartyHistory]:
    found = {}
    for subject, logs in parties.items():
        try:
            events = [decoded(log) for log in logs]
            found[subject] = fold_party(IssuerId(subject), events)
        except (UnknownRecordError, AbiError) as error:
            journal.diverges(Code.RECORD_UNKNOWN, to_hex(subject), str(error))
            continue
        if statement_of is not None:
            for event in events:
                if isinstance(event, bindings.KeyAdded):
                    _check_key(journal, event, statement_of(Digest(event.statement)))
    return found


def _check_key(journal: Journal, event: bindings.KeyAdded, statement: bytes | None) -> None:
    """The key said itself that it belongs here, and it is one that can sign."""
    where = f"{to_hex(event.subject)} key {to_hex(event.key_id)}"
    if statement is None:
        journal.observes(Code.KEY_STATEMENT_MISSING, where, f"no document {to_hex(event.statement)}")
        return
    made = KeyStatement(statement)
    registry, chain_id = Address(journal.contracts.issuer_registry), journal.ledger.chain_id()
    try:
        key = check_statement(made, chain_id, registry, IssuerId(event.subject), event.purpose)
    except (KeyStatementRefused, KeyRefused) as error:
        journal.observes(Code.KEY_STATEMENT_INVALID, where, str(error))
        return
    if made.digest != event.statement or key_id(key.multikey) != event.key_id:
        journal.observes(Code.KEY_STATEMENT_INVALID, where, "the statement is of another key, or another statement")


def _fold_programmes(journal: Journal, programmes: Mapping[bytes, list[RawLog]]) -> dict[Digest, ProgrammeHistory]:
    found = {}
    for version, logs in programmes.items():
        try:
            events = [decoded(log) for log in logs]
        except (UnknownRecordError, AbiError) as error:
            journal.diverges(Code.RECORD_UNKNOWN, to_hex(version), str(error))
            continue
        if not isinstance(events[0], bindings.PredecessorRecorded):
            found[Digest(version)] = fold_programme(Digest(version), events)
    return found
