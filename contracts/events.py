"""What the contracts tell: one frozen dataclass an event, fields named and ordered as the contract declares them.

`decode_event` reads a log whose address the caller has already checked: topics prove nothing about who emitted them.
An event of the two registries is a *record*: topic 0, subject and data, folded into the subject's history hash.
"""

import hashlib
from dataclasses import dataclass

from acredita.contracts.abi import AbiError, RawLog
from acredita.contracts.interface import EventShape, decode_fields, interface

EMPTY_HISTORY = bytes(32)
RECORD_TOPICS = 2  # topic 0 and the subject, which alone is indexed


# Council


@dataclass(frozen=True, slots=True)
class Proposed:
    proposal: int
    target: bytes
    member: bytes
    calldata_hash: bytes
    act: bytes
    time: int


@dataclass(frozen=True, slots=True)
class Approved:
    proposal: int
    member: bytes
    time: int


@dataclass(frozen=True, slots=True)
class Executed:
    proposal: int
    member: bytes
    act: bytes
    time: int


@dataclass(frozen=True, slots=True)
class MembersSet:
    configuration: int
    members: tuple[bytes, ...]
    threshold: int
    time: int


@dataclass(frozen=True, slots=True)
class UrgentSuspension:
    registry: bytes
    issuer: bytes
    member: bytes
    act: bytes
    time: int


@dataclass(frozen=True, slots=True)
class RecoveryProposed:
    recovery: int
    member: bytes
    members: tuple[bytes, ...]
    threshold: int
    time: int


@dataclass(frozen=True, slots=True)
class RecoveryApproved:
    recovery: int
    member: bytes
    ready: int
    time: int


@dataclass(frozen=True, slots=True)
class RecoveryCancelled:
    recovery: int
    time: int


@dataclass(frozen=True, slots=True)
class RecoveryExecuted:
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
    subject: bytes
    scope: bytes
    act: bytes
    time: int


@dataclass(frozen=True, slots=True)
class KeyAdded:
    subject: bytes
    key_id: bytes
    purpose: int
    statement: bytes
    time: int


@dataclass(frozen=True, slots=True)
class KeyEnded:
    subject: bytes
    key_id: bytes
    time: int


@dataclass(frozen=True, slots=True)
class KeyCompromised:
    subject: bytes
    key_id: bytes
    since: int
    act: bytes
    time: int


@dataclass(frozen=True, slots=True)
class AccountAdded:
    subject: bytes
    account: bytes
    purpose: int
    act: bytes
    time: int


@dataclass(frozen=True, slots=True)
class AccountEnded:
    subject: bytes
    account: bytes
    act: bytes
    time: int


@dataclass(frozen=True, slots=True)
class AccountCompromised:
    subject: bytes
    account: bytes
    since: int
    act: bytes
    time: int


@dataclass(frozen=True, slots=True)
class VoidFromRecorded:
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
    subject: bytes
    predecessor: bytes
    state_hash: bytes
    act: bytes
    time: int


# ProgrammeRegistry


@dataclass(frozen=True, slots=True)
class ProgrammeSubmitted:
    subject: bytes
    owner: bytes
    supersedes: bytes
    actor: bytes
    time: int


@dataclass(frozen=True, slots=True)
class ProgrammeReviewed:
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
    subject: bytes
    successor: bytes
    time: int


# CredentialLog


@dataclass(frozen=True, slots=True)
class Anchored:
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
    | Executed
    | MembersSet
    | UrgentSuspension
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
    """The event a log holds, None where no contract of ours has its topic; AbiError where the shape is wrong."""
    shape = _shape(log)
    if shape is None:
        return None
    return EVENT_CLASSES[shape.name](**decode_fields(shape, log.topics, log.data))  # type: ignore[arg-type]


def record_of(log: RawLog) -> bytes:
    """Topic 0, subject and data: what the registries fold into the subject's history."""
    if len(log.topics) != RECORD_TOPICS:
        raise AbiError(f"a record has {RECORD_TOPICS} topics, this log has {len(log.topics)}")
    return b"".join(log.topics) + log.data


def fold_history(history: bytes, record: bytes) -> bytes:
    """The history hash after one more record; it begins as EMPTY_HISTORY."""
    return hashlib.sha256(history + record).digest()


def event_topics(contract: str) -> dict[str, bytes]:
    """Topic 0 of every event of a contract, by the event's name."""
    return {shape.name: shape.topic for shape in interface(contract).events.values()}


def _shape(log: RawLog) -> EventShape | None:
    if not log.topics:
        return None
    for contract in CONTRACTS:
        shape = interface(contract).events.get(log.topics[0])
        if shape is not None:
            return shape
    return None
