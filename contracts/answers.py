"""What the contracts' views answer: states and purposes by name, and one frozen dataclass for each compound answer."""

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
    """What a key is for; NONE where there is no such key, or it did not hold."""

    NONE = 0
    ASSERTION = 1
    NOTE = 2


class AccountPurpose(IntEnum):
    """What an account is for; NONE where it is unknown, or did not hold."""

    NONE = 0
    ANCHORING = 1
    CUSTODIAN = 2
    CONTROL = 3
    AGENCY = 4


@dataclass(frozen=True, slots=True)
class Proposal:
    """`proposed` 0: there is no such proposal."""

    target: bytes
    calldata_hash: bytes
    act: bytes
    proposed: int
    configuration: int
    executed: bool


@dataclass(frozen=True, slots=True)
class RecoveryStanding:
    """`ready` 0: the recovery set has not agreed yet."""

    members_hash: bytes
    approvals: int
    ready: int
    configuration: int
    closed: bool


@dataclass(frozen=True, slots=True)
class AnchorRights:
    """`issuer` is NO_SUBJECT for an account that belongs to none."""

    issuer: bytes
    may_open: bool
    may_status: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """An issuer now. `lapses` is set while an urgent suspension is unconfirmed: it is under review."""

    state: IssuerState
    time: int
    until: int
    accreditor: bytes
    delegates: bool
    lapses: int


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """`until` 0: open; `compromised` 0: never said."""

    purpose: KeyPurpose
    valid_from: int
    until: int
    compromised: int


@dataclass(frozen=True, slots=True)
class AccountRecord:
    """`until` 0: open; `compromised` 0: never said."""

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
class ProgrammeStanding:
    """A version now; `until` 0: open."""

    state: ProgrammeState
    time: int
    until: int
    owner: bytes
    supersedes: bytes


def read_standing(state: int, time: int, until: int, accreditor: bytes, delegates: bool, lapses: int) -> Standing:
    return Standing(IssuerState(state), time, until, accreditor, delegates, lapses)


def read_key_record(purpose: int, valid_from: int, until: int, compromised: int) -> KeyRecord:
    return KeyRecord(KeyPurpose(purpose), valid_from, until, compromised)


def read_account_record(subject: bytes, purpose: int, valid_from: int, until: int, compromised: int) -> AccountRecord:
    return AccountRecord(subject, AccountPurpose(purpose), valid_from, until, compromised)


def read_account_at(issuer: bytes, purpose: int) -> tuple[bytes, AccountPurpose]:
    return issuer, AccountPurpose(purpose)


def read_programme_standing(state: int, time: int, until: int, owner: bytes, supersedes: bytes) -> ProgrammeStanding:
    return ProgrammeStanding(ProgrammeState(state), time, until, owner, supersedes)
