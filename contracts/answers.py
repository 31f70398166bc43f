"""Answers of the contracts' views: states and purposes by name, and one frozen dataclass for each compound answer."""

from dataclasses import dataclass
from enum import IntEnum


class IssuerState(IntEnum):
    """States of an issuer; EXPIRED is derived and never written."""

    UNKNOWN = 0
    APPLIED = 1
    QA_ATTESTED = 2
    REVIEWED = 3
    ACTIVE = 4
    SUSPENDED = 5
    REVOKED = 6
    REJECTED = 7
    WITHDRAWN = 8
    EXPIRED = 9


class ProgrammeState(IntEnum):
    """States of a programme version; EXPIRED is derived and never written."""

    UNKNOWN = 0
    SUBMITTED = 1
    REVIEWED = 2
    APPROVED = 3
    SUSPENDED = 4
    WITHDRAWN = 5
    SUPERSEDED = 6
    EXPIRED = 7


class KeyPurpose(IntEnum):
    """Purpose of a key; NONE where there is no such key, or it was not in force."""

    NONE = 0
    ASSERTION = 1
    NOTE = 2


class AccountPurpose(IntEnum):
    """Purpose of an account; NONE where it is unknown, or was not in force."""

    NONE = 0
    ANCHORING = 1
    CUSTODIAN = 2
    CONTROL = 3
    AGENCY = 4


@dataclass(frozen=True, slots=True)
class StoredProposal:
    """A proposal as stored. `proposed` 0 means that there is no such proposal, `closed` that its proposer retracted."""

    target: bytes
    calldata_hash: bytes
    act: bytes
    proposer: bytes
    proposed: int
    configuration: int
    executed: bool
    closed: bool


@dataclass(frozen=True, slots=True)
class StoredRecovery:
    """A recovery as stored. `ready` 0 means that the recovery set has not agreed yet."""

    members_hash: bytes
    approvals: int
    ready: int
    configuration: int
    closed: bool


@dataclass(frozen=True, slots=True)
class AnchorRights:
    """Rights of an account to anchor. `issuer` is NO_SUBJECT for an account that belongs to none."""

    issuer: bytes
    may_open: bool
    may_status: bool


@dataclass(frozen=True, slots=True)
class IssuerNow:
    """An issuer's present state. `lapses` is set while an urgent suspension is unconfirmed: it is under review."""

    state: IssuerState
    time: int
    until: int
    accreditor: bytes
    delegates: bool
    lapses: int


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """A key as stored. `until` 0 means open, `compromised` 0 means never marked."""

    purpose: KeyPurpose
    valid_from: int
    until: int
    compromised: int


@dataclass(frozen=True, slots=True)
class AccountRecord:
    """An account as stored. `until` 0 means open, `compromised` 0 means never marked."""

    subject: bytes
    purpose: AccountPurpose
    valid_from: int
    until: int
    compromised: int


@dataclass(frozen=True, slots=True)
class AgencyWindow:
    """An agency's recognition; zeros where there is none."""

    agency: bytes
    account: bytes
    recognised_from: int
    recognised_until: int


@dataclass(frozen=True, slots=True)
class ProgrammeNow:
    """A version now; `until` 0: open. `supersedes`: an earlier document of the same owner."""

    state: ProgrammeState
    time: int
    until: int
    owner: bytes
    supersedes: bytes


def read_issuer_now(state: int, time: int, until: int, accreditor: bytes, delegates: bool, lapses: int) -> IssuerNow:
    """Read the fields of an issuer's present state."""
    return IssuerNow(IssuerState(state), time, until, accreditor, delegates, lapses)


def read_key_record(purpose: int, valid_from: int, until: int, compromised: int) -> KeyRecord:
    """Read the fields of a key."""
    return KeyRecord(KeyPurpose(purpose), valid_from, until, compromised)


def read_account_record(subject: bytes, purpose: int, valid_from: int, until: int, compromised: int) -> AccountRecord:
    """Read the fields of an account."""
    return AccountRecord(subject, AccountPurpose(purpose), valid_from, until, compromised)


def read_account_at(issuer: bytes, purpose: int) -> tuple[bytes, AccountPurpose]:
    """Read the issuer and purpose of an account at a time."""
    return issuer, AccountPurpose(purpose)


def read_programme_now(state: int, time: int, until: int, owner: bytes, supersedes: bytes) -> ProgrammeNow:
    """Read the fields of a version's present state."""
    return ProgrammeNow(ProgrammeState(state), time, until, owner, supersedes)
