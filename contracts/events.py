"""Events of the contracts: one frozen dataclass an event, fields named and ordered as the contract declares them.

`decode_event` reads a log whose address the caller has already checked: topics prove nothing about who emitted them.
An event is a *record*: topic 0, subject and data. Records are folded into the contract's total, those of the two
registries also into their subject's history hash. An event of the council about no proposal has the subject zero, and no
topic for it.
"""

import hashlib
from dataclasses import dataclass

from acredita.contracts.abi import AbiError, RawLog
from acredita.contracts.interface import EventShape, decode_fields, interface

EMPTY_HISTORY = bytes(32)
RECORD_TOPICS = 2  # topic 0 and the subject, which alone is indexed
NO_SUBJECT = bytes(32)


# Council


@dataclass(frozen=True, slots=True)
class Proposed:
    """A proposal, with the hash of its calldata; the proposer's approval counts."""

    proposal: int
    target: bytes
    member: bytes
    calldata_hash: bytes
    act: bytes
    time: int


@dataclass(frozen=True, slots=True)
class Approved:
    """One member's approval of a proposal."""

    proposal: int
    member: bytes
    time: int


@dataclass(frozen=True, slots=True)
class Retracted:
    """One member's approval, taken back; the proposer's closes the proposal."""

    proposal: int
    member: bytes
    closed: bool
    time: int


@dataclass(frozen=True, slots=True)
class Executed:
    """The execution of a proposal."""

    proposal: int
    member: bytes
    act: bytes
    time: int


@dataclass(frozen=True, slots=True)
class MembersSet:
    """A change of members or threshold, with the number of the new configuration."""

    configuration: int
    members: tuple[bytes, ...]
    threshold: int
    time: int


@dataclass(frozen=True, slots=True)
class UrgentSuspension:
    """A suspension at once by one member."""

    registry: bytes
    issuer: bytes
    member: bytes
    act: bytes
    time: int


@dataclass(frozen=True, slots=True)
class TrustRecorded:
    """A trust file that the council recorded, by the SHA-256 of its bytes."""

    number: int
    digest: bytes
    time: int


@dataclass(frozen=True, slots=True)
class RecoveryProposed:
    """A recovery, proposed by a holder of the recovery set."""

    recovery: int
    member: bytes
    members: tuple[bytes, ...]
    threshold: int
    time: int


@dataclass(frozen=True, slots=True)
class RecoveryApproved:
    """One holder's approval of a recovery; `ready` 0 until enough have approved."""

    recovery: int
    member: bytes
    ready: int
    time: int


@dataclass(frozen=True, slots=True)
class RecoveryCancelled:
    """A recovery cancelled by the council."""

    recovery: int
    time: int


@dataclass(frozen=True, slots=True)
class RecoveryExecuted:
    """The execution of a recovery."""

    recovery: int
    member: bytes
    time: int


# IssuerRegistry


@dataclass(frozen=True, slots=True)
class StateRecorded:
    """The one event that moves an issuer's state; `lapses` is set on an urgent suspension alone."""

    subject: bytes
    state: int
    until: int
    accreditor: bytes
    delegates: bool
    lapses: int
    act: bytes
    actor: bytes
    time: int


@dataclass(frozen=True, slots=True)
class ReviewRecorded:
    """An agency's decision and the window in which the agency was recognised when it made it."""

    subject: bytes
    agency: bytes
    favourable: bool
    report: bytes
    recognised_from: int
    recognised_until: int
    actor: bytes
    time: int


@dataclass(frozen=True, slots=True)
class ScopeRecorded:
    """A scope that is in force from `time` on."""

    subject: bytes
    scope: bytes
    act: bytes
    time: int


@dataclass(frozen=True, slots=True)
class KeyAdded:
    """A key that is in force from `time` on."""

    subject: bytes
    key_id: bytes
    purpose: int
    statement: bytes
    time: int


@dataclass(frozen=True, slots=True)
class KeyEnded:
    """The end of a key at `time`."""

    subject: bytes
    key_id: bytes
    time: int


@dataclass(frozen=True, slots=True)
class KeyCompromised:
    """A key marked as compromised since `since`."""

    subject: bytes
    key_id: bytes
    since: int
    act: bytes
    time: int


@dataclass(frozen=True, slots=True)
class AccountAdded:
    """An account that is in force from `time` on."""

    subject: bytes
    account: bytes
    purpose: int
    act: bytes
    time: int


@dataclass(frozen=True, slots=True)
class AccountEnded:
    """The end of an account at `time`."""

    subject: bytes
    account: bytes
    act: bytes
    time: int


@dataclass(frozen=True, slots=True)
class AccountCompromised:
    """An account marked as compromised since `since`."""

    subject: bytes
    account: bytes
    since: int
    act: bytes
    time: int


@dataclass(frozen=True, slots=True)
class VoidFromRecorded:
    """The time from which nothing of an issuer counts."""

    subject: bytes
    since: int
    act: bytes
    time: int


@dataclass(frozen=True, slots=True)
class AgencyRecorded:
    """A window of recognition from `time` to `until`; an ended one has `until` equal to `time`."""

    subject: bytes
    account: bytes
    until: int
    act: bytes
    time: int


@dataclass(frozen=True, slots=True)
class PredecessorRecorded:
    """The registry this one follows, and the hash of its final state."""

    subject: bytes
    predecessor: bytes
    state_hash: bytes
    act: bytes
    time: int


# ProgrammeRegistry


@dataclass(frozen=True, slots=True)
class ProgrammeSubmitted:
    """A programme version, submitted by its owner. `supersedes`: an earlier document of the same owner, or zeros."""

    subject: bytes
    owner: bytes
    document: bytes
    supersedes: bytes
    actor: bytes
    time: int


@dataclass(frozen=True, slots=True)
class ProgrammeReviewed:
    """An agency's decision on a version and the window in which the agency was recognised when it made it."""

    subject: bytes
    agency: bytes
    favourable: bool
    report: bytes
    recognised_from: int
    recognised_until: int
    actor: bytes
    time: int


@dataclass(frozen=True, slots=True)
class ProgrammeRecorded:
    """The one event that moves a version's state; `until` 0 is open."""

    subject: bytes
    state: int
    until: int
    act: bytes
    time: int


@dataclass(frozen=True, slots=True)
class ProgrammeSuperseded:
    """The version, by owner and document, that takes another's place."""

    subject: bytes
    owner: bytes
    document: bytes
    time: int


# CredentialLog


@dataclass(frozen=True, slots=True)
class Anchored:
    """A checkpoint of an issuer's log."""

    issuer: bytes
    epoch: int
    number: int
    kind: int
    old_size: int
    size: int
    root: bytes
    status_root: bytes
    previous: bytes
    word: bytes
    account: bytes
    time: int


@dataclass(frozen=True, slots=True)
class EpochOpened:
    """A new epoch of an issuer's log, after the last good checkpoint of the epoch before."""

    issuer: bytes
    epoch: int
    last_good: int
    root: bytes
    status_root: bytes
    previous: bytes
    word: bytes
    act: bytes
    time: int


CouncilEvent = (
    Proposed
    | Approved
    | Retracted
    | Executed
    | MembersSet
    | UrgentSuspension
    | TrustRecorded
    | RecoveryProposed
    | RecoveryApproved
    | RecoveryCancelled
    | RecoveryExecuted
)
IssuerEvent = (
    StateRecorded
    | ReviewRecorded
    | ScopeRecorded
    | KeyAdded
    | KeyEnded
    | KeyCompromised
    | AccountAdded
    | AccountEnded
    | AccountCompromised
    | VoidFromRecorded
    | AgencyRecorded
    | PredecessorRecorded
)
ProgrammeEvent = ProgrammeSubmitted | ProgrammeReviewed | ProgrammeRecorded | ProgrammeSuperseded
LogEvent = Anchored | EpochOpened
Event = CouncilEvent | IssuerEvent | ProgrammeEvent | LogEvent

CONTRACTS = ("Council", "IssuerRegistry", "ProgrammeRegistry", "CredentialLog")
EVENT_CLASSES: dict[str, type[Event]] = {
    kind.__name__: kind
    for kind in (
        *CouncilEvent.__args__,
        *IssuerEvent.__args__,
        *ProgrammeEvent.__args__,
        *LogEvent.__args__,
    )
}


def decode_event(log: RawLog) -> Event | None:
    """Decode a log; None where no contract of ours has its topic. Raises AbiError where the shape is wrong."""
    shape = _shape(log)
    if shape is None:
        return None
    return EVENT_CLASSES[shape.name](**decode_fields(shape, log.topics, log.data))  # type: ignore[arg-type]


def record_of(log: RawLog) -> bytes:
    """Return topic 0, subject and data, which the contracts fold into the total and the subject's history."""
    if len(log.topics) not in (1, RECORD_TOPICS):
        raise AbiError(f"a record has at most {RECORD_TOPICS} topics, this log has {len(log.topics)}")
    subject = log.topics[1] if len(log.topics) == RECORD_TOPICS else NO_SUBJECT
    return log.topics[0] + subject + log.data


def fold_history(history: bytes, record: bytes) -> bytes:
    """Return the history hash of a subject, or the total of a contract, after one more record.

    Both begin as EMPTY_HISTORY.
    """
    return hashlib.sha256(history + record).digest()


def event_topics(contract: str) -> dict[str, bytes]:
    """Map the name of each event of a contract to its topic 0."""
    return {shape.name: shape.topic for shape in interface(contract).events.values()}


def _shape(log: RawLog) -> EventShape | None:
    if not log.topics:
        return None
    for contract in CONTRACTS:
        shape = interface(contract).events.get(log.topics[0])
        if shape is not None:
            return shape
    return None
