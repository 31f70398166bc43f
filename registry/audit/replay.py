"""Audit the whole history: replay the ledger and compare it with the available entries.

The chain and the logs' entries are public, so an audit needs nobody's permission. From block 0 to B the audit

- folds every event of the registries and of the log into the contract's total. An endpoint that leaves one out, or
  invents one, gives no audit (PartialLedgerUnavailable), neither an agreement nor a divergence;
- folds every record of both registries and compares each subject's history hash with the contract's. It compares the
  number of parties with the contract's count, so that an endpoint cannot leave one out. Answers of the ledger that
  contradict each other are could-not-tell (`LEDGER_INCOMPLETE`), because the contracts' code is pinned;
- checks each key statement that is available: the key itself must have signed it (`_check_key`). One that a list of the
  trust file's signers withholds is reported as withheld, and not as missing;
- links every checkpoint of every log to the one before by its word, up to the head that the contract stores. It rebuilds
  each log from its 70-byte entries and compares root and status root at every checkpoint that counts (`logs`);
- compares the published status lists that are available with the positions that the entries revoke (`status_lists`);
- finds faults that the contract cannot see: entries in the wrong kind of checkpoint, a programme that was not approved,
  a digest issued twice, a credential corrected after it was revoked, a council member with another role;
- replays the right to issue at each checkpoint: standing, scopes, anchoring account, digests of two issuers (`issuance`);
- reads the programme and scope documents that are available (`documents`).

It decides nothing and mends nothing.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from acredita.anchoring.ledger import Block, Ledger
from acredita.anchoring.types import Address, Digest, IssuerId, to_hex
from acredita.contracts import bindings
from acredita.contracts.abi import AbiError, Deployment, RawLog
from acredita.registry.audit.documents import check_documents
from acredita.registry.audit.entry_copies import LogSource, LogSources
from acredita.registry.audit.finding import AuditFinding
from acredita.registry.audit.issuance import DocumentsAtHand
from acredita.registry.audit.journal import Journal, UnknownRecordError, decoded
from acredita.registry.audit.logs import LogSummary, ProgrammeVersions, replay_logs
from acredita.registry.audit.status_lists import PublishedLists
from acredita.registry.codes import Code
from acredita.registry.keys.key_statement import KeyStatement, KeyStatementRefused, check_statement
from acredita.registry.keys.multikey import KeyRefused, key_id
from acredita.registry.ledger_facts.histories import PartyHistory, fold_party, fold_programme
from acredita.registry.ledger_facts.log_entries import EntriesOf

__all__ = [
    "Audit",
    "AuditFinding",
    "AuditOutcome",
    "LogSource",
    "LogSummary",
    "PublishedLists",
    "StatementOf",
    "replay",
]

AuditOutcome = Literal["agrees", "differs", "unknown"]
"""The answer of an audit. `unknown`: it could not tell."""

StatementOf = Callable[[Digest], bytes | None]
"""SHA-256 → the key statement with that digest, or None where it is not available."""


@dataclass(frozen=True)
class Audit:
    """The result of a replay up to `block`. `state_hash` binds every history hash and word that was recomputed.

    `histories`: the records of each party that the ledger confirms.
    """

    block: Block
    parties: int
    programmes: int
    logs: tuple[LogSummary, ...]
    findings: tuple[AuditFinding, ...]
    state_hash: bytes
    histories: Mapping[IssuerId, PartyHistory]

    @property
    def outcome(self) -> AuditOutcome:
        """The answer of the audit. A ledger that contradicts itself shows nothing, so no divergence counts beside it."""
        if any(finding.code is Code.LEDGER_INCOMPLETE for finding in self.findings):
            return "unknown"
        weights = {finding.weight for finding in self.findings}
        if "divergence" in weights:
            return "differs"
        return "unknown" if "unknown" in weights else "agrees"

    @property
    def clean(self) -> bool:
        """True if the audit agrees: no finding is a divergence, and nothing is unknown."""
        return self.outcome == "agrees"


def replay(
    ledger: Ledger,
    contracts: Deployment,
    block: Block,
    entries_of: EntriesOf | Sequence[LogSource],
    statement_of: StatementOf | None = None,
    published: PublishedLists | None = None,
    withheld: frozenset[Digest] = frozenset(),
    documents: DocumentsAtHand | None = None,
) -> Audit:
    """Replay everything up to `block`. `withheld`: documents that a signed list withholds, so that they are not missing.

    `entries_of`: the copies of the logs, or several sources of them, asked in order. One that does not answer is a
    finding. `documents`: programmes and scopes. Without them no scope is replayed and no document is missed. Raises
    LedgerUnavailable when the ledger does not answer, or answers in part.
    """
    sources = LogSources([LogSource("", entries_of)] if callable(entries_of) else entries_of)
    journal = Journal(ledger, contracts, block)
    issuers = bindings.IssuerRegistry(contracts.issuer_registry)
    parties = _registry(journal, issuers)
    programmes = _registry(journal, bindings.ProgrammeRegistry(contracts.programme_registry))
    _count_parties(journal, issuers, parties)
    folded = _fold_parties(journal, parties, statement_of, withheld)
    _check_members(journal, folded)
    histories = _fold_programmes(journal, programmes)
    if documents is not None:
        check_documents(journal, documents, folded.values(), histories.values(), withheld)
    confirmed = {IssuerId(subject): history for subject, history in folded.items()}
    subjects = {IssuerId(subject): folded.get(subject) for subject in sorted(parties)}
    logs = replay_logs(journal, subjects, sources, histories, published, documents)
    state_hash = hashlib.sha256(b"acredita/state/1" + b"".join(journal.parts)).digest()
    return Audit(block, len(parties), len(programmes), tuple(logs), tuple(journal.findings), state_hash, confirmed)


def _registry(
    journal: Journal, registry: bindings.IssuerRegistry | bindings.ProgrammeRegistry
) -> dict[bytes, list[RawLog]]:
    """Return the records of every subject that fold to the contract's history hash.

    The other subjects are reported and left out.
    """
    good = {}
    for subject, logs in sorted(journal.records(registry).items()):
        folded = bindings.EMPTY_HISTORY
        for log in logs:
            folded = bindings.fold_history(folded, bindings.record_of(log))
        stored = journal.read(registry.history(subject))
        if folded == stored:
            good[subject] = logs
        else:
            detail = f"folded {to_hex(folded)}, stored {to_hex(stored)}"
            journal.contradicts(Code.HISTORY_MISMATCH, to_hex(subject), detail)
        journal.parts += [subject, folded]
    return good


def _count_parties(journal: Journal, issuers: bindings.IssuerRegistry, parties: Mapping[bytes, list[RawLog]]) -> None:
    """Check that every party of the registry has records. The record of a predecessor belongs to no party."""
    wanted = journal.read(issuers.party_count())
    confirmed = sum(not isinstance(decoded(logs[0]), bindings.PredecessorRecorded) for logs in parties.values())
    if confirmed < wanted:
        journal.contradicts(
            Code.HISTORY_MISMATCH, "registry", f"{wanted} parties in the contract, {confirmed} confirmed"
        )


def _check_members(journal: Journal, parties: Mapping[bytes, PartyHistory]) -> None:
    """Check that no member of the council has another role: the registry refuses to bind a member, but an account with a
    role may become one.
    """
    roles = {account: party.subject for party in parties.values() for account in _accounts_of(party)}
    for member in _members(journal):
        if member in roles:
            detail = f"account 0x{member.hex()} belongs to {to_hex(roles[member])}"
            journal.observes(Code.ACCOUNT_TWO_ROLES, "council", detail)


def _accounts_of(party: PartyHistory) -> set[Address]:
    return set(party.accounts) | {account for _, _, account in party.recognitions}


def _members(journal: Journal) -> tuple[Address, ...]:
    """Return the members after the council's last change, from all its events."""
    logs = journal.records(bindings.Council(journal.contracts.council)).get(bindings.NO_SUBJECT, [])
    try:
        changes = [event for log in logs if isinstance(event := decoded(log), bindings.MembersSet)]
    except (UnknownRecordError, AbiError) as error:
        journal.contradicts(Code.RECORD_UNKNOWN, "council", str(error))
        return ()
    return tuple(Address(member) for member in changes[-1].members) if changes else ()


def _fold_parties(
    journal: Journal,
    parties: Mapping[bytes, list[RawLog]],
    statement_of: StatementOf | None,
    withheld: frozenset[Digest],
) -> dict[bytes, PartyHistory]:
    histories = {}
    for subject, logs in parties.items():
        try:
            events = [decoded(log) for log in logs]
            histories[subject] = fold_party(IssuerId(subject), events)
        except (UnknownRecordError, AbiError) as error:
            journal.contradicts(Code.RECORD_UNKNOWN, to_hex(subject), str(error))
            continue
        if statement_of is not None:
            for event in events:
                if isinstance(event, bindings.KeyAdded):
                    statement = Digest(event.statement)
                    _check_key(journal, event, statement_of(statement), is_withheld=statement in withheld)
    return histories


def _check_key(journal: Journal, event: bindings.KeyAdded, data: bytes | None, *, is_withheld: bool) -> None:
    """Check that the key signed where it belongs, and that it is a key that can sign."""
    where = f"{to_hex(event.subject)} key {to_hex(event.key_id)}"
    if data is None:
        detail = f"no document {to_hex(event.statement)}"
        if is_withheld:
            journal.observes(Code.DOCUMENT_WITHHELD, where, detail)
        else:
            journal.lacks(Code.KEY_STATEMENT_MISSING, where, detail)
        return
    statement = KeyStatement(data)
    if statement.digest != event.statement:
        detail = f"the copy of document {to_hex(event.statement)} is damaged: its SHA-256 is {to_hex(statement.digest)}"
        journal.lacks(Code.KEY_STATEMENT_MISSING, where, detail)
        return
    registry, chain_id = Address(journal.contracts.issuer_registry), journal.ledger.chain_id()
    try:
        key = check_statement(statement, chain_id, registry, IssuerId(event.subject), event.purpose)
    except (KeyStatementRefused, KeyRefused) as error:
        journal.observes(Code.KEY_STATEMENT_INVALID, where, str(error))
        return
    if key_id(key.multikey) != event.key_id:
        journal.observes(Code.KEY_STATEMENT_INVALID, where, "the statement is of another key")


def _fold_programmes(journal: Journal, programmes: Mapping[bytes, list[RawLog]]) -> ProgrammeVersions:
    histories: ProgrammeVersions = {}
    for version, logs in programmes.items():
        try:
            events = [decoded(log) for log in logs]
        except (UnknownRecordError, AbiError) as error:
            journal.contradicts(Code.RECORD_UNKNOWN, to_hex(version), str(error))
            continue
        history = fold_programme(events)
        if history is not None:
            histories[history.owner, history.document] = history
        elif not isinstance(events[0], bindings.PredecessorRecorded):
            journal.contradicts(Code.RECORD_UNKNOWN, to_hex(version), "records of a version that was never submitted")
    return histories
