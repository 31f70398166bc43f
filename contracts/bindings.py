"""The contracts as Python values: one class a contract, whose methods give a `Call` to send or a `View` to ask.

This is the only module that names the contracts' functions for programs; `registry.acts.table` names them for people. It
opens no socket and holds no state but the address. Events and refusals are re-exported, so that callers need one import.

Hashes, subjects (keccak-256 of a DID) and versions (keccak-256 of owner and document) are 32 bytes, accounts 20, times Unix
seconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from acredita.contracts.abi import Call, View, encode
from acredita.contracts.account_consent import BY_CALL, SignedConsent
from acredita.contracts.answers import (
    AccountPurpose,
    AccountRecord,
    AgencyWindow,
    AnchorRights,
    IssuerNow,
    IssuerState,
    KeyPurpose,
    KeyRecord,
    ProgrammeNow,
    ProgrammeState,
    StoredProposal,
    StoredRecovery,
    read_account_at,
    read_account_record,
    read_issuer_now,
    read_key_record,
    read_programme_now,
)
from acredita.contracts.artifact import load
from acredita.contracts.events import (
    EMPTY_HISTORY,
    NO_SUBJECT,
    AccountAdded,
    AccountCompromised,
    AccountEnded,
    AgencyRecorded,
    Anchored,
    Approved,
    CouncilEvent,
    EpochOpened,
    Event,
    Executed,
    IssuerEvent,
    KeyAdded,
    KeyCompromised,
    KeyEnded,
    LogEvent,
    MembersSet,
    PredecessorRecorded,
    ProgrammeEvent,
    ProgrammeRecorded,
    ProgrammeReviewed,
    ProgrammeSubmitted,
    ProgrammeSuperseded,
    Proposed,
    RecoveryApproved,
    RecoveryCancelled,
    RecoveryExecuted,
    RecoveryProposed,
    Retracted,
    ReviewRecorded,
    ScopeRecorded,
    StateRecorded,
    TrustRecorded,
    UrgentSuspension,
    VoidFromRecorded,
    decode_event,
    event_topics,
    fold_history,
    record_of,
)
from acredita.contracts.interface import interface
from acredita.contracts.reasons import (
    ContractRefused,
    InputRefused,
    SenderRefused,
    StateRefused,
    UnexplainedRefused,
    refusal,
)
from eth_hash.auto import keccak

__all__ = [
    "BY_CALL",
    "EMPTY_HISTORY",
    "MAX_ACCOUNTS",
    "MAX_BATCH",
    "MAX_KEYS",
    "NO_SUBJECT",
    "AccountAdded",
    "AccountCompromised",
    "AccountEnded",
    "AccountPurpose",
    "AccountRecord",
    "AgencyRecorded",
    "AgencyWindow",
    "AnchorRights",
    "Anchored",
    "Approved",
    "ContractRefused",
    "Council",
    "CouncilEvent",
    "CredentialLog",
    "EpochOpened",
    "Event",
    "Executed",
    "InputRefused",
    "IssuerEvent",
    "IssuerNow",
    "IssuerRegistry",
    "IssuerState",
    "KeyAdded",
    "KeyCompromised",
    "KeyEnded",
    "KeyPurpose",
    "KeyRecord",
    "LogEvent",
    "MembersSet",
    "PredecessorRecorded",
    "ProgrammeEvent",
    "ProgrammeNow",
    "ProgrammeRecorded",
    "ProgrammeRegistry",
    "ProgrammeReviewed",
    "ProgrammeState",
    "ProgrammeSubmitted",
    "ProgrammeSuperseded",
    "Proposed",
    "RecoveryApproved",
    "RecoveryCancelled",
    "RecoveryExecuted",
    "RecoveryProposed",
    "Retracted",
    "ReviewRecorded",
    "ScopeRecorded",
    "SenderRefused",
    "SignedConsent",
    "StateRecorded",
    "StateRefused",
    "StoredProposal",
    "StoredRecovery",
    "TrustRecorded",
    "UnexplainedRefused",
    "UrgentSuspension",
    "VoidFromRecorded",
    "decode_event",
    "deploy_data",
    "event_topics",
    "fold_history",
    "members_hash",
    "programme_version",
    "record_of",
    "refusal",
]

PROGRAMME_TAG = b"acredita/programme/1"
MAX_KEYS, MAX_ACCOUNTS = 16, 8  # usable keys and anchoring accounts of a party
MAX_BATCH = 200  # versions one `approve_batch` takes


def deploy_data(name: str, *values: object) -> bytes:
    """Return the creation code and constructor arguments of a contract."""
    arguments = encode(interface(name).constructor, values)
    return load(name).bytecode + arguments


def members_hash(members: Sequence[bytes], threshold: int) -> bytes:
    """Return the hash of new members and threshold, by which the council knows a recovery."""
    return bytes(keccak(encode(("address[]", "uint256"), (members, threshold))))


def programme_version(owner: bytes, document: bytes) -> bytes:
    """Return the subject of a programme version: it belongs to its owner, whoever else submits the same document."""
    return bytes(keccak(PROGRAMME_TAG + owner + document))


@dataclass(frozen=True, slots=True)
class Council:
    """The authority: proposals, urgent suspension, recovery."""

    address: bytes

    def propose(self, target: bytes, calldata_hash: bytes, act: bytes) -> Call:
        """Propose a call of `target`; the proposer's approval counts. `act`: SHA-256 of the legal act."""
        return _COUNCIL.call(self.address, "propose", target, calldata_hash, act)

    def approve(self, proposal: int, target: bytes, calldata_hash: bytes, act: bytes) -> Call:
        """Approve a proposal, once a member. The contract refuses it unless the rest is what the proposal says, so pass
        what was read and checked, never what an endpoint answers.
        """
        return _COUNCIL.call(self.address, "approve", proposal, target, calldata_hash, act)

    def retract(self, proposal: int) -> Call:
        """Take back one's own approval. The proposer's closes the proposal."""
        return _COUNCIL.call(self.address, "retract", proposal)

    def execute(self, proposal: int, data: bytes) -> Call:
        """Execute a proposal that enough members approved. `data`: the calldata whose hash was proposed."""
        return _COUNCIL.call(self.address, "execute", proposal, data)

    def set_members(self, members: Sequence[bytes], threshold: int) -> Call:
        """Set members and threshold. Only the council itself may call it, as the content of a proposal."""
        return _COUNCIL.call(self.address, "set_members", members, threshold)

    def record_trust(self, number: int, digest: bytes) -> Call:
        """Record a trust file by its number and SHA-256. Only the council itself may call it, as the content of a
        proposal; the number only rises.
        """
        return _COUNCIL.call(self.address, "record_trust", number, digest)

    def suspend_urgently(self, registry: bytes, issuer: bytes, act: bytes) -> Call:
        """Suspend an issuer at once, by any one member; the suspension lapses unless the council confirms it."""
        return _COUNCIL.call(self.address, "suspend_urgently", registry, issuer, act)

    def propose_recovery(self, members: Sequence[bytes], threshold: int) -> Call:
        """Propose new members, by a holder of the recovery set."""
        return _COUNCIL.call(self.address, "propose_recovery", members, threshold)

    def approve_recovery(self, recovery: int, members_hash: bytes) -> Call:
        """Approve a recovery, once a holder. `members_hash`: of the members and threshold that the holder read."""
        return _COUNCIL.call(self.address, "approve_recovery", recovery, members_hash)

    def execute_recovery(self, recovery: int, members: Sequence[bytes], threshold: int) -> Call:
        """Execute a recovery after its public delay."""
        return _COUNCIL.call(self.address, "execute_recovery", recovery, members, threshold)

    def cancel_recovery(self, recovery: int) -> Call:
        """Cancel a recovery. Only the council itself may call it, as the content of a proposal."""
        return _COUNCIL.call(self.address, "cancel_recovery", recovery)

    def members(self) -> View[tuple[bytes, ...]]:
        """Read the members' accounts."""
        return _COUNCIL.view(self.address, "members", tuple)

    def threshold(self) -> View[int]:
        """Read how many members must approve."""
        return _COUNCIL.view(self.address, "threshold", int)

    def recovery_members(self) -> View[tuple[bytes, ...]]:
        """Read the accounts of the recovery set."""
        return _COUNCIL.view(self.address, "recovery_members", tuple)

    def recovery_threshold(self) -> View[int]:
        """Read how many holders must approve a recovery."""
        return _COUNCIL.view(self.address, "recovery_threshold", int)

    def configuration(self) -> View[int]:
        """Read the number of the present membership; a change of members raises it and voids open proposals."""
        return _COUNCIL.view(self.address, "configuration", int)

    def is_member(self, account: bytes) -> View[bool]:
        """Read whether an account is a member now."""
        return _COUNCIL.view(self.address, "is_member", bool, account)

    def approvals(self, proposal: int) -> View[int]:
        """Read how many present members approve a proposal."""
        return _COUNCIL.view(self.address, "approvals", int, proposal)

    def approved(self, proposal: int, member: bytes) -> View[bool]:
        """Read whether a member has approved a proposal."""
        return _COUNCIL.view(self.address, "approved", bool, proposal, member)

    def proposal(self, proposal: int) -> View[StoredProposal]:
        """Read a proposal as it is stored."""
        return _COUNCIL.view(self.address, "proposals", StoredProposal, proposal)

    def proposal_count(self) -> View[int]:
        """Read how many proposals there are; the newest has this number."""
        return _COUNCIL.view(self.address, "proposal_count", int)

    def recovery(self, recovery: int) -> View[StoredRecovery]:
        """Read a recovery as it is stored."""
        return _COUNCIL.view(self.address, "recoveries", StoredRecovery, recovery)

    def recovery_count(self) -> View[int]:
        """Read how many recoveries there are; the newest has this number."""
        return _COUNCIL.view(self.address, "recovery_count", int)

    def trust_number(self) -> View[int]:
        """Read the number of the newest trust file that the council recorded, 0 where there is none."""
        return _COUNCIL.view(self.address, "trust_number", int)

    def trust_file(self, number: int) -> View[bytes]:
        """Read the SHA-256 of a recorded trust file, 32 zero bytes where the council recorded none of this number."""
        return _COUNCIL.view(self.address, "trust_files", bytes, number)

    def total(self) -> View[bytes]:
        """Read the fold of all events of this contract; 32 zero bytes before the first."""
        return _COUNCIL.view(self.address, "total", bytes)


@dataclass(frozen=True, slots=True)
class IssuerRegistry:
    """Issuers, agencies, keys, accounts."""

    address: bytes

    def apply(self, issuer: bytes, accreditor: bytes, act: bytes) -> Call:
        """Apply for accreditation. `accreditor` NO_SUBJECT asks the council itself; the sender becomes the control
        account.
        """
        return _ISSUERS.call(self.address, "apply", issuer, accreditor, act)

    def attest_quality(self, issuer: bytes, attestation: bytes) -> Call:
        """Attest the institution's internal quality assurance. `attestation`: SHA-256 of the document."""
        return _ISSUERS.call(self.address, "attest_quality", issuer, attestation)

    def withdraw(self, issuer: bytes, act: bytes) -> Call:
        """Withdraw an application, by the control account."""
        return _ISSUERS.call(self.address, "withdraw", issuer, act)

    def add_key(self, issuer: bytes, key_id: bytes, purpose: KeyPurpose, statement: bytes) -> Call:
        """Add a key from the block time on. `statement`: SHA-256 of the key's signed statement."""
        return _ISSUERS.call(self.address, "add_key", issuer, key_id, int(purpose), statement)

    def end_key(self, issuer: bytes, key_id: bytes) -> Call:
        """End a key from the block time on."""
        return _ISSUERS.call(self.address, "end_key", issuer, key_id)

    def key_compromised(self, issuer: bytes, key_id: bytes, since: int, act: bytes) -> Call:
        """Mark a key as compromised since a time, which may only move earlier."""
        return _ISSUERS.call(self.address, "key_compromised", issuer, key_id, since, act)

    def consent(self, subject: bytes, purpose: AccountPurpose) -> Call:
        """Consent as the sender to be bound to a party; the purpose NONE takes it back. For accounts that cannot sign."""
        return _ISSUERS.call(self.address, "consent", subject, int(purpose))

    def add_anchoring_account(self, issuer: bytes, account: bytes, consent: SignedConsent = BY_CALL) -> Call:
        """Add an account that can anchor for the issuer and do nothing else."""
        return _ISSUERS.call(self.address, "add_anchoring_account", issuer, account, *_fields(consent))

    def end_account(self, account: bytes, act: bytes) -> Call:
        """End an anchoring or custodian account from the block time on."""
        return _ISSUERS.call(self.address, "end_account", account, act)

    def account_compromised(self, account: bytes, since: int, act: bytes) -> Call:
        """Mark an account as compromised since a time, which may only move earlier."""
        return _ISSUERS.call(self.address, "account_compromised", account, since, act)

    def review(self, issuer: bytes, favourable: bool, report: bytes) -> Call:
        """Record an agency's review of an issuer, by the agency's account. `report`: SHA-256 of the report."""
        return _ISSUERS.call(self.address, "review", issuer, favourable, report)

    def recognise_agency(
        self, agency: bytes, account: bytes, until: int, act: bytes, consent: SignedConsent = BY_CALL
    ) -> Call:
        """Recognise a quality agency until a time, or renew it. Only the council may call it; a new account consents."""
        return _ISSUERS.call(self.address, "recognise_agency", agency, account, until, act, *_fields(consent))

    def end_agency(self, agency: bytes, act: bytes) -> Call:
        """End the recognition of an agency. Only the council may call it."""
        return _ISSUERS.call(self.address, "end_agency", agency, act)

    def activate(self, issuer: bytes, until: int, scope: bytes, act: bytes) -> Call:
        """Accredit an issuer until a time within a scope. `scope`: SHA-256 of the scope document's JCS form."""
        return _ISSUERS.call(self.address, "activate", issuer, until, scope, act)

    def renew(self, issuer: bytes, until: int, act: bytes) -> Call:
        """Renew an active or expired accreditation as a new record, on a new favourable review."""
        return _ISSUERS.call(self.address, "renew", issuer, until, act)

    def amend_scope(self, issuer: bytes, scope: bytes, act: bytes) -> Call:
        """Replace the scope from the block time on."""
        return _ISSUERS.call(self.address, "amend_scope", issuer, scope, act)

    def reject(self, issuer: bytes, act: bytes) -> Call:
        """Reject an application."""
        return _ISSUERS.call(self.address, "reject", issuer, act)

    def suspend(self, issuer: bytes, act: bytes) -> Call:
        """Suspend an accreditation, or confirm an urgent suspension."""
        return _ISSUERS.call(self.address, "suspend", issuer, act)

    def reinstate(self, issuer: bytes, act: bytes) -> Call:
        """End a suspension, urgent or not. The end of the accreditation stays the same."""
        return _ISSUERS.call(self.address, "reinstate", issuer, act)

    def revoke(self, issuer: bytes, act: bytes) -> Call:
        """Revoke an accreditation for good."""
        return _ISSUERS.call(self.address, "revoke", issuer, act)

    def set_delegation(self, issuer: bytes, delegates: bool, act: bytes) -> Call:
        """Allow an issuer to accredit others, or forbid it."""
        return _ISSUERS.call(self.address, "set_delegation", issuer, delegates, act)

    def replace_control(
        self, issuer: bytes, account: bytes, keep: bool, since: int, act: bytes, consent: SignedConsent = BY_CALL
    ) -> Call:
        """Replace the control account of an issuer. Only the council may call it.

        Keys and anchoring accounts of a party that was never active end. A party that was active keeps them (`keep`, the
        account is lost), or they end, and what was added at or after `since` is compromised from its start (stolen).
        """
        arguments = (issuer, account, keep, since, act, *_fields(consent))
        return _ISSUERS.call(self.address, "replace_control", *arguments)

    def appoint_custodian(self, issuer: bytes, account: bytes, act: bytes, consent: SignedConsent = BY_CALL) -> Call:
        """Appoint an account that may anchor status changes when the issuer cannot. Only the council may call it."""
        return _ISSUERS.call(self.address, "appoint_custodian", issuer, account, act, *_fields(consent))

    def set_void_from(self, issuer: bytes, since: int, act: bytes) -> Call:
        """Declare for fraud that nothing anchored at or after a time counts; the time may only move earlier."""
        return _ISSUERS.call(self.address, "set_void_from", issuer, since, act)

    def suspend_urgently(self, issuer: bytes, member: bytes, act: bytes) -> Call:
        """Suspend an issuer for a member. Only the council contract calls it: members use `Council.suspend_urgently`."""
        return _ISSUERS.call(self.address, "suspend_urgently", issuer, member, act)

    def record_predecessor(self, predecessor: bytes, state_hash: bytes, act: bytes) -> Call:
        """Record the registry this one follows, with its final state hash."""
        return _ISSUERS.call(self.address, "record_predecessor", predecessor, state_hash, act)

    def council(self) -> View[bytes]:
        """Read the address of the council."""
        return _ISSUERS.view(self.address, "council", bytes)

    def total(self) -> View[bytes]:
        """Read the fold of all events of this contract; 32 zero bytes before the first."""
        return _ISSUERS.view(self.address, "total", bytes)

    def history(self, subject: bytes) -> View[bytes]:
        """Read the history hash of a party; 32 zero bytes before its first record."""
        return _ISSUERS.view(self.address, "history", bytes, subject)

    def number_of(self, subject: bytes) -> View[int]:
        """Read the number of a party, 0 where the registry has no such party."""
        return _ISSUERS.view(self.address, "number_of", int, subject)

    def subject_of(self, number: int) -> View[bytes]:
        """Read the subject of the party with this number."""
        return _ISSUERS.view(self.address, "subject_of", bytes, number)

    def party_count(self) -> View[int]:
        """Read how many parties there are."""
        return _ISSUERS.view(self.address, "party_count", int)

    def now_word(self, number: int) -> View[int]:
        """Read the packed word of a party's present state."""
        return _ISSUERS.view(self.address, "now_word", int, number)

    def transition_count(self, issuer: bytes) -> View[int]:
        """Read how many transitions an issuer has."""
        return _ISSUERS.view(self.address, "transition_count", int, issuer)

    def anchor_rights(self, account: bytes) -> View[AnchorRights]:
        """Read for which issuer an account may anchor now, and with which kind of checkpoint."""
        return _ISSUERS.view(self.address, "anchor_rights", AnchorRights, account)

    def issuer_now(self, issuer: bytes) -> View[IssuerNow]:
        """Read an issuer's present state, end and accreditor."""
        return _ISSUERS.view(self.address, "issuer_now", read_issuer_now, issuer)

    def state_at(self, issuer: bytes, t: int) -> View[IssuerState]:
        """Read the issuer's own state at `t`, without asking its accreditors."""
        return _ISSUERS.view(self.address, "state_at", IssuerState, issuer, t)

    def recognised_at(self, issuer: bytes, t: int) -> View[bool]:
        """Read whether the issuer was active at `t`, with every accreditor above it active and entitled to accredit."""
        return _ISSUERS.view(self.address, "recognised_at", bool, issuer, t)

    def key(self, issuer: bytes, key_id: bytes) -> View[KeyRecord]:
        """Read the record of a key."""
        return _ISSUERS.view(self.address, "key", read_key_record, issuer, key_id)

    def key_at(self, issuer: bytes, key_id: bytes, t: int) -> View[KeyPurpose]:
        """Read for which purpose a key was in force at `t`."""
        return _ISSUERS.view(self.address, "key_at", KeyPurpose, issuer, key_id, t)

    def account(self, account: bytes) -> View[AccountRecord]:
        """Read the record of an account."""
        return _ISSUERS.view(self.address, "account", read_account_record, account)

    def account_at(self, account: bytes, t: int) -> View[tuple[bytes, AccountPurpose]]:
        """Read for which issuer and purpose an account was in force at `t`."""
        return _ISSUERS.view(self.address, "account_at", read_account_at, account, t)

    def consents(self, account: bytes, subject: bytes) -> View[AccountPurpose]:
        """Read for which purpose an account consented by its own call to be bound to a party."""
        return _ISSUERS.view(self.address, "consents", AccountPurpose, account, subject)

    def usable_keys(self, issuer: bytes) -> View[tuple[bytes, ...]]:
        """Read the ids of the keys that are neither ended nor compromised, at most MAX_KEYS."""
        return _ISSUERS.view(self.address, "usable_keys", tuple, issuer)

    def usable_accounts(self, issuer: bytes) -> View[tuple[bytes, ...]]:
        """Read the anchoring accounts that are neither ended nor compromised, at most MAX_ACCOUNTS."""
        return _ISSUERS.view(self.address, "usable_accounts", tuple, issuer)

    def control_of(self, issuer: bytes) -> View[bytes]:
        """Read the control account that can act now, 20 zero bytes where there is none."""
        return _ISSUERS.view(self.address, "control_of", bytes, issuer)

    def scope_at(self, issuer: bytes, t: int) -> View[bytes]:
        """Read the digest of the scope in force at `t`."""
        return _ISSUERS.view(self.address, "scope_at", bytes, issuer, t)

    def void_from(self, issuer: bytes) -> View[int]:
        """Read since when the issuer's checkpoints are void, 0 where they are not."""
        return _ISSUERS.view(self.address, "void_from", int, issuer)

    def agency_at(self, agency: bytes, t: int) -> View[AgencyWindow]:
        """Read the window in which an agency was recognised at `t`."""

        def read(account: bytes, recognised_from: int, recognised_until: int) -> AgencyWindow:
            known = agency if recognised_until else NO_SUBJECT
            return AgencyWindow(known, account, recognised_from, recognised_until)

        return _ISSUERS.view(self.address, "agency_at", read, agency, t)

    def agency_of(self, account: bytes) -> View[AgencyWindow]:
        """Read the agency for which an account acts now."""

        def read(agency: bytes, recognised_from: int, recognised_until: int) -> AgencyWindow:
            return AgencyWindow(agency, account, recognised_from, recognised_until)

        return _ISSUERS.view(self.address, "agency_of", read, account)

    def predecessor(self) -> View[bytes]:
        """Read the address of the registry this one follows."""
        return _ISSUERS.view(self.address, "predecessor", bytes)


@dataclass(frozen=True, slots=True)
class ProgrammeRegistry:
    """Programme versions and their approval."""

    address: bytes

    def submit(self, owner: bytes, document: bytes, supersedes: bytes = NO_SUBJECT) -> Call:
        """Submit a programme version for approval. `document`: SHA-256 of its JCS form. `supersedes`: an earlier
        document of the same owner.
        """
        return _PROGRAMMES.call(self.address, "submit", owner, document, supersedes)

    def withdraw(self, owner: bytes, document: bytes, act: bytes) -> Call:
        """Withdraw a version, by the owner's control account."""
        return _PROGRAMMES.call(self.address, "withdraw", owner, document, act)

    def review(self, owner: bytes, document: bytes, favourable: bool, report: bytes) -> Call:
        """Record an agency's review of a version, by the agency's account."""
        return _PROGRAMMES.call(self.address, "review", owner, document, favourable, report)

    def approve(self, owner: bytes, document: bytes, until: int, act: bytes) -> Call:
        """Approve a version until a time; `until` 0 leaves the window open."""
        return _PROGRAMMES.call(self.address, "approve", owner, document, until, act)

    def approve_batch(self, versions: Sequence[tuple[bytes, bytes]], until: int, act: bytes) -> Call:
        """Approve at most MAX_BATCH versions at once, each by owner and document."""
        return _PROGRAMMES.call(self.address, "approve_batch", versions, until, act)

    def suspend(self, owner: bytes, document: bytes, act: bytes) -> Call:
        """Suspend an approved version."""
        return _PROGRAMMES.call(self.address, "suspend", owner, document, act)

    def reinstate(self, owner: bytes, document: bytes, act: bytes) -> Call:
        """Reinstate a suspended version."""
        return _PROGRAMMES.call(self.address, "reinstate", owner, document, act)

    def record_predecessor(self, predecessor: bytes, state_hash: bytes, act: bytes) -> Call:
        """Record the registry this one follows, with its final state hash."""
        return _PROGRAMMES.call(self.address, "record_predecessor", predecessor, state_hash, act)

    def council(self) -> View[bytes]:
        """Read the address of the council."""
        return _PROGRAMMES.view(self.address, "council", bytes)

    def issuer_registry(self) -> View[bytes]:
        """Read the address of the issuer registry."""
        return _PROGRAMMES.view(self.address, "issuer_registry", bytes)

    def total(self) -> View[bytes]:
        """Read the fold of all events of this contract; 32 zero bytes before the first."""
        return _PROGRAMMES.view(self.address, "total", bytes)

    def history(self, version: bytes) -> View[bytes]:
        """Read the history hash of a version; 32 zero bytes before its first record."""
        return _PROGRAMMES.view(self.address, "history", bytes, version)

    def version_of(self, owner: bytes, document: bytes) -> View[bytes]:
        """Read the subject of a version, as the contract computes it."""
        return _PROGRAMMES.view(self.address, "version_of", bytes, owner, document)

    def programme_now(self, version: bytes) -> View[ProgrammeNow]:
        """Read a version's present state, owner and window."""
        return _PROGRAMMES.view(self.address, "programme_now", read_programme_now, version)

    def state_at(self, version: bytes, t: int) -> View[ProgrammeState]:
        """Read the state of a version at `t`."""
        return _PROGRAMMES.view(self.address, "state_at", ProgrammeState, version, t)

    def approved_at(self, version: bytes, t: int) -> View[bool]:
        """Read whether a version was approved, and its window open, at `t`."""
        return _PROGRAMMES.view(self.address, "approved_at", bool, version, t)

    def owner_of(self, version: bytes) -> View[bytes]:
        """Read the owner of a version."""
        return _PROGRAMMES.view(self.address, "owner_of", bytes, version)

    def supersedes(self, version: bytes) -> View[bytes]:
        """Read the earlier document of the owner that this version replaces."""
        return _PROGRAMMES.view(self.address, "supersedes", bytes, version)

    def transition_count(self, version: bytes) -> View[int]:
        """Read how many transitions a version has."""
        return _PROGRAMMES.view(self.address, "transition_count", int, version)

    def transition(self, version: bytes, position: int) -> View[int]:
        """Read the packed word of one transition."""
        return _PROGRAMMES.view(self.address, "transition", int, version, position)

    def predecessor(self) -> View[bytes]:
        """Read the address of the registry this one follows."""
        return _PROGRAMMES.view(self.address, "predecessor", bytes)


@dataclass(frozen=True, slots=True)
class CredentialLog:
    """Checkpoints of the issuers' logs. `previous` is fixed, root, status root and previous word."""

    address: bytes

    def anchor(
        self,
        kind: int,
        size: int,
        root: bytes,
        status_root: bytes,
        previous: Sequence[bytes],
        consistency_path: Sequence[bytes],
    ) -> Call:
        """Anchor a checkpoint of the sender's issuer. `previous`: the head's checkpoint as fixed, root, status root,
        word.
        """
        return _LOG.call(self.address, "anchor", kind, size, root, status_root, previous, consistency_path)

    def open_epoch(self, issuer: bytes, previous: Sequence[bytes], act: bytes) -> Call:
        """Open a new epoch after the last good checkpoint. Only the council may call it, as the content of a
        proposal.
        """
        return _LOG.call(self.address, "open_epoch", issuer, previous, act)

    def total(self) -> View[bytes]:
        """Read the fold of all events of this contract; 32 zero bytes before the first."""
        return _LOG.view(self.address, "total", bytes)

    def head(self, issuer: bytes) -> View[int]:
        """Read the packed head of an issuer's log, 0 before its first anchor."""
        return _LOG.view(self.address, "head", int, issuer)

    def checkpoint_word(self, issuer: bytes, epoch: int, number: int) -> View[bytes]:
        """Read the stored word of a checkpoint, 32 zero bytes where there is none."""
        return _LOG.view(self.address, "checkpoint_word", bytes, issuer, epoch, number)

    def last_good(self, issuer: bytes, epoch: int) -> View[int]:
        """Read the number of the last good checkpoint of a closed epoch."""
        return _LOG.view(self.address, "last_good", int, issuer, epoch)

    def log_id(self, issuer: bytes, epoch: int) -> View[bytes]:
        """Read the log id of an issuer's epoch, entry 0 of that log."""
        return _LOG.view(self.address, "log_id", bytes, issuer, epoch)


def _fields(consent: SignedConsent) -> tuple[int, bytes]:
    return consent.deadline, consent.signature


_COUNCIL = interface("Council")
_ISSUERS = interface("IssuerRegistry")
_PROGRAMMES = interface("ProgrammeRegistry")
_LOG = interface("CredentialLog")
