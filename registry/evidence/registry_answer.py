"""Say in JSON what the registry holds of an issuer or a programme version, from its records.

A node answers with these functions, and whoever checks an answer with proof makes it again from the proven records. So
the two agree to the letter. Three readings of a past moment are kept apart:

- `then`: by the records up to the moment, as it was known then;
- `then_as_known_now`: at the moment, by all records up to the block. A key that was compromised since, or an
  accreditation that was declared void, shows here alone;
- `now`: at the block.

In an answer with proof a member without a value is left out.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, cast

from acredita.anchoring.receipts import time_text
from acredita.anchoring.types import Digest, IssuerId, to_hex
from acredita.contracts.bindings import Event
from acredita.registry.keys.did import DidRefused, issuer_id
from acredita.registry.ledger_facts.histories import (
    ASSERTION,
    PartyHistory,
    ProgrammeHistory,
    ProgrammeState,
    fold_party,
    fold_programme,
    recognised_at,
)
from acredita.registry.programmes.programme import Programme
from acredita.registry.programmes.scope import Scope

Members = dict[str, Any]
Records = Mapping[IssuerId, Sequence[Event]]

THEN: Final = "then"
THEN_AS_KNOWN_NOW: Final = "then_as_known_now"
NOW: Final = "now"


def issuer_answer(
    events: Records, subject: IssuerId, scope_of: Callable[[Digest], Scope | None], present: int, at: int | None
) -> Members:
    """Return the answer about an issuer. `events`: of it and of every party above it; `present`: the block's time."""

    def reading(records: Records, t: int) -> Members:
        parties = {party: fold_party(party, of_party) for party, of_party in records.items() if of_party}
        return _issuer_reading(parties, subject, scope_of, t)

    whole = fold_party(subject, events.get(subject, ()))
    answer = {NOW: reading(events, present) | {"timeline": timeline(whole)}}
    if at is not None:
        answer[THEN] = reading({party: _until(of_party, at) for party, of_party in events.items()}, at)
        answer[THEN_AS_KNOWN_NOW] = reading(events, at)
    return without_nulls(answer)


def programme_answer(
    events: Sequence[Event], owner: IssuerId, digest: Digest, document: Programme | None, present: int, at: int | None
) -> Members:
    """Return the answer about an owner's programme version. `present`: the block's time."""

    def reading(records: Sequence[Event], t: int) -> Members:
        history = fold_programme(records) or ProgrammeHistory(owner, digest, ())
        approved = None if document is None else _is_approved(history, document, t)
        return programme_members(history, document, t) | {"approved": approved}

    whole = fold_programme(events) or ProgrammeHistory(owner, digest, ())
    answer = {NOW: reading(events, present) | {"timeline": programme_timeline(whole)}}
    if at is not None:
        answer[THEN] = reading(_until(events, at), at)
        answer[THEN_AS_KNOWN_NOW] = reading(events, at)
    return without_nulls(answer)


def _until(events: Sequence[Event], at: int) -> list[Event]:
    return [event for event in events if event.time <= at]


def _issuer_reading(
    parties: Mapping[IssuerId, PartyHistory],
    subject: IssuerId,
    scope_of: Callable[[Digest], Scope | None],
    t: int,
) -> Members:
    party = parties.get(subject) or PartyHistory(subject)
    is_void = party.void_from is not None and t >= party.void_from
    digest = party.scope_at(t)
    scope = None if digest is None else scope_of(digest)
    own = scope if scope is not None and is_did_of(scope.did, subject) else None
    windows = zip(key_windows(party), party.keys.values(), strict=True)
    return {
        **issuer_members(party, own, t),
        "recognised": recognised_at(parties, subject, t) and not is_void,
        "keys": [{**key, "in_force": window.holds(t)} for key, window in windows],
        "agency": [{"from": time_text(start), "until": time_text(end)} for start, end, _ in party.recognitions] or None,
    }


def issuer_members(party: PartyHistory, scope: Scope | None, t: int) -> Members:
    """Return an issuer's state at t. `scope`: the document of its scope in force, if it is at hand and its own."""
    accreditation, digest = party.at(t), party.scope_at(t)
    return {
        "issuer": to_hex(party.subject),
        "did": None if scope is None else scope.did,
        "name": None if scope is None else scope.name,
        "state": accreditation.state.value,
        "until": time_text(accreditation.until) if accreditation.until else None,
        "accreditor": None if accreditation.accreditor is None else to_hex(accreditation.accreditor),
        "delegates": accreditation.delegates,
        "scope": None if digest is None else to_hex(digest),
        "levels": None if scope is None else sorted(scope.levels),
        "sectors": None if scope is None else sorted(scope.sectors),
        "void_from": None if party.void_from is None else time_text(party.void_from),
    }


def key_windows(party: PartyHistory) -> list[Members]:
    """Return the keys of a party, each with the time that it is valid in."""
    return [
        {
            "key": to_hex(key),
            "purpose": "assertion" if window.purpose == ASSERTION else "note",
            "from": time_text(window.start),
            "until": None if window.until is None else time_text(window.until),
            "compromised": None if window.compromised is None else time_text(window.compromised),
        }
        for key, window in party.keys.items()
    ]


def timeline(party: PartyHistory) -> list[Members]:
    """Return every change of a party's state, with its act and the account that recorded it."""
    return [
        _change(step.time, step.state.value, step.until) | {"act": to_hex(step.act), "actor": to_hex(step.actor)}
        for step in party.transitions
    ]


def programme_members(history: ProgrammeHistory, document: Programme | None, t: int) -> Members:
    """Return a version's state at t. `document`: its document, if it is at hand."""
    return {
        "programme": to_hex(history.document),
        "owner": to_hex(history.owner),
        "state": history.state_at(t).value,
        "id": None if document is None else document.id,
        "version": None if document is None else document.version,
        "title": None if document is None else document.title,
    }


def _is_approved(history: ProgrammeHistory, document: Programme, t: int) -> bool:
    """Return whether a version was approved at t. One whose document names another issuer never is."""
    return history.state_at(t) is ProgrammeState.APPROVED and is_did_of(document.issuer, history.owner)


def programme_timeline(history: ProgrammeHistory) -> list[Members]:
    """Return every change of a version's state."""
    return [_change(record.time, record.state.value, record.until) for record in history.records]


def _change(time: int, state: str, until: int) -> Members:
    return {"time": time_text(time), "state": state, "until": time_text(until) if until else None}


def is_did_of(did: str, subject: IssuerId) -> bool:
    """Return whether a DID is the one of a party. A council can record a document that names another."""
    try:
        return issuer_id(did) == subject
    except DidRefused:
        return False


def without_nulls(members: Members) -> Members:
    """Return a JSON object without the members that are null, at any depth."""
    return cast(Members, _pruned(members))


def _pruned(value: object) -> object:
    if isinstance(value, Mapping):
        return {name: _pruned(member) for name, member in value.items() if member is not None}
    if isinstance(value, list):
        return [_pruned(item) for item in value]
    return value
