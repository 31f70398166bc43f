"""Decide of a credential without receipt and log whether any anchor up to B could have made it recognised.

Ledger time decides: an anchor counts if issuer, programme and key held at its block time. Records are whole, so "at no
time" is an answer. The proof's own time is a claim; a claim of an earlier time only widens the window.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from acredita.registry.codes import Code
from acredita.registry.keys.multikey import KeyId
from acredita.registry.ledger_facts.histories import PartyState, ProgrammeState, recognised_at
from acredita.registry.verification.accreditation import CaseAtTime
from acredita.registry.verification.results import StepOutcome, StepResult, failed

CLOCK_SLACK_SECONDS: Final = 60  # a signer's clock may run ahead of the chain's

_FOR_EVER: Final = frozenset({Code.PROGRAMME_MISMATCH, Code.PROGRAMME_NOT_OF_ISSUER})  # a document never changes


def never_anchorable(
    case: CaseAtTime, key: KeyId, created: int | None, now: Sequence[StepResult]
) -> Sequence[StepResult]:
    """Return why nothing that was anchored could be recognised; empty where something could.

    `case`: as of now. `created`: the proof's own time, Unix seconds. `now`: steps 5, 8 and 9 for now.
    """
    issuer, programme = (step for step in now if step.number in (8, 9))
    if issuer.outcome is StepOutcome.FAILED and not _was_ever_active(case):
        return [issuer]
    if programme.outcome is StepOutcome.FAILED and not _was_ever_approved(case):
        return [programme]
    if programme.code in _FOR_EVER:
        return [programme]
    start, end = 0 if created is None else created - CLOCK_SLACK_SECONDS, case.facts.block_time
    if start > end or any(_holds(case, key, t) for t in _times(case, key, start, end)):
        return []
    return [failed(6, Code.CANNOT_BE_ANCHORED, expected=f"issuer, programme and key in force after {start}")]


def _was_ever_active(case: CaseAtTime) -> bool:
    party = case.party
    return party is not None and any(t.state is PartyState.ACTIVE for t in party.transitions)


def _was_ever_approved(case: CaseAtTime) -> bool:
    history = case.history
    return history is not None and any(record.state is ProgrammeState.APPROVED for record in history.records)


def _holds(case: CaseAtTime, key: KeyId, t: int) -> bool:
    party, history = case.party, case.history
    window = None if party is None else party.assertion_key(key)
    if party is None or history is None or window is None:
        return False
    is_void = party.void_from is not None and t >= party.void_from
    recognised = recognised_at(case.facts.parties, case.issuer, t) and not is_void
    return recognised and window.holds(t) and history.state_at(t) is ProgrammeState.APPROVED


def _times(case: CaseAtTime, key: KeyId, start: int, end: int) -> Iterator[int]:
    """Yield the start and every time up to the end at which something may begin to hold."""
    yield start
    yield from (t for t in _changes(case, key) if start < t <= end)


def _changes(case: CaseAtTime, key: KeyId) -> Iterator[int]:
    for each in case.facts.parties.values():
        for transition in each.transitions:
            yield from (transition.time, transition.lapses)  # at an end nothing begins to hold
    party, history = case.party, case.history
    window = None if party is None else party.assertion_key(key)
    if window is not None:
        yield window.start
    for record in history.records if history is not None else ():
        yield record.time
