"""Histories of parties and programmes, folded from the registries' records.

A history is built from one subject's events in order. It answers `at(t)`, `scope_at(t)` and `state_at(t)` exactly as
the contract's views do: by the last record with block time ≤ t, and t < until. Records are append-only, so an answer
about the past never changes. The exceptions are `void_from` and `compromised since`, which only move earlier. Every
event with a subject is a record. The records fold to the history hash the contract stores (`history_hash`), by which an
offline bundle proves that none was left out.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from acredita.anchoring.ledger import PartialLedgerUnavailable
from acredita.anchoring.types import Address, Digest, IssuerId
from acredita.contracts import bindings
from acredita.contracts.bindings import Event
from acredita.registry.keys.multikey import KeyId

MAX_ACCREDITORS = 2  # accreditation may be delegated, at most two accreditors deep
ASSERTION, NOTE = 1, 2  # purposes of keys
ANCHORING, CUSTODIAN, CONTROL, AGENCY = 1, 2, 3, 4  # purposes of accounts


class PartyState(StrEnum):
    """The states on the chain, and two derived ones: expired, and under review (suspended by one member)."""

    UNKNOWN = "unknown"
    APPLIED = "applied"
    QA_ATTESTED = "qa_attested"
    REVIEWED = "reviewed"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    UNDER_REVIEW = "under_review"


_ON_CHAIN = (
    PartyState.UNKNOWN,
    PartyState.APPLIED,
    PartyState.QA_ATTESTED,
    PartyState.REVIEWED,
    PartyState.ACTIVE,
    PartyState.SUSPENDED,
    PartyState.REVOKED,
    PartyState.REJECTED,
    PartyState.WITHDRAWN,
)


@dataclass(frozen=True)
class PartyAtTime:
    """A party at one time. `delegates`: it may accredit others. `accreditor`: the party above it, None the council."""

    state: PartyState
    until: int = 0
    accreditor: IssuerId | None = None
    delegates: bool = False


@dataclass(frozen=True)
class ValidityWindow:
    """The time a key or account is valid: from ≤ t < until, before `compromised`. Unix seconds; None is no end."""

    purpose: int
    start: int
    until: int | None = None
    compromised: int | None = None

    def is_compromised(self, t: int) -> bool:
        """Return whether the key or account was compromised at t."""
        return self.compromised is not None and t >= self.compromised

    def holds(self, t: int) -> bool:
        """Return whether the key or account was valid at t."""
        ended = self.until is not None and t >= self.until
        return self.start <= t and not ended and not self.is_compromised(t)


@dataclass(frozen=True)
class StateTransition:
    """One StateRecorded event. `lapses`: the end of an urgent suspension, 0 for every other record."""

    time: int
    state: PartyState
    until: int
    accreditor: IssuerId | None
    delegates: bool
    lapses: int
    act: bytes
    actor: Address

    def at(self, t: int) -> PartyAtTime:
        """Return the party at t, if this is the last transition up to t."""
        state = self.state
        if self.lapses:
            state = PartyState.UNDER_REVIEW if t < self.lapses else PartyState.ACTIVE
        if state is PartyState.ACTIVE and t >= self.until:
            state = PartyState.EXPIRED
        return PartyAtTime(state, self.until, self.accreditor, self.delegates)


@dataclass(frozen=True)
class AgencyReview:
    """A quality agency's decision, with the window of recognition the agency had when it recorded it."""

    time: int
    agency: bytes
    favourable: bool
    report: bytes


@dataclass(frozen=True)
class PartyHistory:
    """The chain's whole record of one issuer, accreditor or agency."""

    subject: IssuerId
    transitions: tuple[StateTransition, ...] = ()
    scopes: tuple[tuple[int, Digest], ...] = ()
    keys: dict[KeyId, ValidityWindow] = field(default_factory=dict)
    accounts: dict[Address, ValidityWindow] = field(default_factory=dict)
    reviews: tuple[AgencyReview, ...] = ()
    recognitions: tuple[tuple[int, int, Address], ...] = ()
    void_from: int | None = None

    @property
    def was_active(self) -> bool:
        """True if the party is or ever was active."""
        return any(transition.state is PartyState.ACTIVE for transition in self.transitions)

    def at(self, t: int) -> PartyAtTime:
        """Return the party at t. It is unknown before its first record."""
        place = bisect_right(self.transitions, t, key=lambda record: record.time)
        return self.transitions[place - 1].at(t) if place else PartyAtTime(PartyState.UNKNOWN)

    def scope_at(self, t: int) -> Digest | None:
        """Return the digest of the scope in force at t."""
        place = bisect_right(self.scopes, t, key=lambda record: record[0])
        return self.scopes[place - 1][1] if place else None

    def assertion_key(self, key: KeyId) -> ValidityWindow | None:
        """Return the window of an assertion key; None if the party never had it."""
        window = self.keys.get(key)
        return window if window is not None and window.purpose == ASSERTION else None


def accreditation_chain(
    parties: Mapping[IssuerId, PartyHistory], party: PartyHistory, t: int
) -> Iterator[PartyHistory | None]:
    """Yield a party and then its accreditors upwards as of t.

    Yields None for an unknown accreditor, and where the chain is too deep.
    """
    link: PartyHistory | None = party
    for depth in range(MAX_ACCREDITORS + 2):
        yield link
        above = link.at(t).accreditor if link else None
        if above is None:
            return
        link = parties.get(above) if depth < MAX_ACCREDITORS else None


def recognised_at(parties: Mapping[IssuerId, PartyHistory], issuer: IssuerId, t: int) -> bool:
    """Return whether the issuer was active at t, as was every accreditor above it, each entitled to accredit."""
    if issuer not in parties:
        return False
    own, *above = accreditation_chain(parties, parties[issuer], t)
    active = own is not None and own.at(t).state is PartyState.ACTIVE
    return active and all(link is not None and _carries(link, t) for link in above)


def _carries(accreditor: PartyHistory, t: int) -> bool:
    then = accreditor.at(t)
    return then.state is PartyState.ACTIVE and then.delegates


class ProgrammeState(StrEnum):
    """The states of a programme version on the chain. `expired` is derived from its window."""

    UNKNOWN = "unknown"
    SUBMITTED = "submitted"
    REVIEWED = "reviewed"
    APPROVED = "approved"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"


@dataclass(frozen=True)
class ProgrammeRecord:
    """One transition of a programme version. An approval holds until `until` (0: no end)."""

    time: int
    state: ProgrammeState
    until: int


@dataclass(frozen=True)
class ProgrammeHistory:
    """The chain's whole record of one programme version: an owner and a document.

    The chain does not read documents. A document that names another issuer than the owner is never recognised.
    """

    owner: IssuerId
    document: Digest
    records: tuple[ProgrammeRecord, ...]

    def state_at(self, t: int) -> ProgrammeState:
        """Return the version's state at t."""
        place = bisect_right(self.records, t, key=lambda record: record.time)
        if not place:
            return ProgrammeState.UNKNOWN
        record = self.records[place - 1]
        ended = record.state is ProgrammeState.APPROVED and record.until and t >= record.until
        return ProgrammeState.EXPIRED if ended else record.state


def fold_party(subject: IssuerId, events: Iterable[Event]) -> PartyHistory:
    """Fold the events of one subject of the IssuerRegistry, oldest first, into its history.

    Raises PartialLedgerUnavailable for an event that the contract cannot have logged.
    """
    history = PartyHistory(subject)
    for event in events:
        try:
            history = _apply(history, event)
        except (IndexError, KeyError) as error:  # a state without a name, the end of what never began
            raise PartialLedgerUnavailable(f"no contract of ours logs {type(event).__name__} like this") from error
    return history


def _apply(history: PartyHistory, event: Event) -> PartyHistory:
    match event:
        case bindings.StateRecorded():
            return replace(history, transitions=(*history.transitions, _transition(event)))
        case bindings.ScopeRecorded():
            return replace(history, scopes=(*history.scopes, (event.time, Digest(event.scope))))
        case bindings.KeyAdded():
            added = ValidityWindow(event.purpose, event.time)
            return replace(history, keys={**history.keys, KeyId(event.key_id): added})
        case bindings.KeyEnded():
            return _change_key(history, KeyId(event.key_id), until=event.time)
        case bindings.KeyCompromised():
            return _change_key(history, KeyId(event.key_id), compromised=event.since)
        case bindings.AccountAdded():
            added = ValidityWindow(event.purpose, event.time)
            return replace(history, accounts={**history.accounts, Address(event.account): added})
        case bindings.AccountEnded():
            return _change_account(history, Address(event.account), until=event.time)
        case bindings.AccountCompromised():
            return _change_account(history, Address(event.account), compromised=event.since)
        case bindings.VoidFromRecorded():
            return replace(history, void_from=event.since)
        case bindings.ReviewRecorded():
            review = AgencyReview(event.time, event.agency, event.favourable, event.report)
            return replace(history, reviews=(*history.reviews, review))
        case bindings.AgencyRecorded():
            window = (event.time, event.until, Address(event.account))
            return replace(history, recognitions=(*history.recognitions, window))
    return history


def is_active(event: bindings.StateRecorded) -> bool:
    """Return whether an event makes its subject active."""
    return _ON_CHAIN[event.state] is PartyState.ACTIVE


_OWN_ACTS = frozenset(
    _ON_CHAIN.index(state) for state in (PartyState.APPLIED, PartyState.QA_ATTESTED, PartyState.WITHDRAWN)
)


def is_own_act(event: bindings.StateRecorded) -> bool:
    """Return whether a party itself makes the record: it applies, attests its quality or withdraws."""
    return event.state in _OWN_ACTS


def _transition(event: bindings.StateRecorded) -> StateTransition:
    return StateTransition(
        time=event.time,
        state=_ON_CHAIN[event.state],
        until=event.until,
        accreditor=IssuerId(event.accreditor) if any(event.accreditor) else None,
        delegates=event.delegates,
        lapses=event.lapses,
        act=event.act,
        actor=Address(event.actor),
    )


def _change_key(history: PartyHistory, key: KeyId, **changes: int) -> PartyHistory:
    return replace(history, keys={**history.keys, key: replace(history.keys[key], **changes)})


def _change_account(history: PartyHistory, account: Address, **changes: int) -> PartyHistory:
    changed = replace(history.accounts[account], **changes)
    return replace(history, accounts={**history.accounts, account: changed})


_PROGRAMME_ON_CHAIN = (
    ProgrammeState.UNKNOWN,
    ProgrammeState.SUBMITTED,
    ProgrammeState.REVIEWED,
    ProgrammeState.APPROVED,
    ProgrammeState.SUSPENDED,
    ProgrammeState.WITHDRAWN,
    ProgrammeState.SUPERSEDED,
)


def is_own_withdrawal(event: bindings.ProgrammeRecorded) -> bool:
    """Return whether the owner of a programme version itself makes the record."""
    return event.state == _PROGRAMME_ON_CHAIN.index(ProgrammeState.WITHDRAWN)


def fold_programme(events: Iterable[Event]) -> ProgrammeHistory | None:
    """Fold the events of one programme version, oldest first, into its history; None if it was never submitted.

    The predecessor that a registry records is a subject too, and no version. Raises PartialLedgerUnavailable as `fold_party`.
    """
    submission: bindings.ProgrammeSubmitted | None = None
    records: list[ProgrammeRecord] = []
    for event in events:
        if isinstance(event, bindings.ProgrammeSubmitted):
            submission = event
        elif isinstance(event, bindings.ProgrammeRecorded):  # the one event that moves a version's state
            if event.state >= len(_PROGRAMME_ON_CHAIN):
                raise PartialLedgerUnavailable(f"no contract of ours logs a programme in state {event.state}")
            records.append(ProgrammeRecord(event.time, _PROGRAMME_ON_CHAIN[event.state], event.until))
    if submission is None:
        return None
    return ProgrammeHistory(IssuerId(submission.owner), Digest(submission.document), tuple(records))
