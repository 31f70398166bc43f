"""Decide whether the registry lets an institution issue at a time, and by which record."""

from dataclasses import replace

import pytest
from acredita.anchoring.types import Address, IssuerId
from acredita.registry.ledger_facts.accreditation import ACCREDITATION_NOTICE_SECONDS, accreditation_now
from acredita.registry.ledger_facts.histories import PartyHistory, PartyState, StateTransition

ISSUER, ABOVE, TOP = (IssuerId(bytes([number]) * 32) for number in (1, 2, 3))
COUNCIL, MEMBER = Address(b"\xc0" * 20), Address(b"\x3e" * 20)
END = 10_000_000_000
NOW = END - ACCREDITATION_NOTICE_SECONDS - 1


def record(state: PartyState, time: int = 100, **changes: object) -> StateTransition:
    active = StateTransition(time, state, END, None, False, 0, b"\xac" * 32, COUNCIL)
    return replace(active, **changes)  # type: ignore[arg-type]


def party(subject: IssuerId, *records: StateTransition) -> PartyHistory:
    return PartyHistory(subject, records)


@pytest.mark.parametrize(
    ("last", "code", "is_stop"),
    [
        (record(PartyState.ACTIVE), None, False),
        (record(PartyState.SUSPENDED), "ISSUER_SUSPENDED_NOW", True),
        (record(PartyState.SUSPENDED, lapses=END, actor=MEMBER), "ISSUER_UNDER_REVIEW", True),
        (record(PartyState.SUSPENDED, lapses=NOW), None, False),
        (record(PartyState.REVOKED), "ISSUER_REVOKED_NOW", True),
        (record(PartyState.REJECTED), "ISSUER_NOT_ACTIVE", True),
        (record(PartyState.APPLIED), "ISSUER_NOT_ACTIVE", False),
        (record(PartyState.WITHDRAWN), "ISSUER_NOT_ACTIVE", False),
        (record(PartyState.ACTIVE, until=NOW), "ISSUER_ACCREDITATION_EXPIRED_NOW", True),
        (record(PartyState.ACTIVE, until=NOW + 1), "ACCREDITATION_ENDS_SOON", False),
    ],
)
def test_each_state_has_its_code(last: StateTransition, code: str | None, is_stop: bool) -> None:
    found = accreditation_now({ISSUER: party(ISSUER, last)}, ISSUER, NOW)
    assert (found.code, found.is_stop, found.record) == (code, is_stop, last)
    assert found.is_active is (code in (None, "ACCREDITATION_ENDS_SOON"))


def test_the_record_is_named_with_its_account_and_act() -> None:
    by_council = accreditation_now({ISSUER: party(ISSUER, record(PartyState.SUSPENDED))}, ISSUER, NOW)
    assert by_council.sentence(COUNCIL) == (
        f"the institution is suspended by the record of 1970-01-01T00:01:40Z, made by the council 0x{COUNCIL.hex()}, "
        f"act 0x{'ac' * 32}"
    )
    urgent = record(PartyState.SUSPENDED, lapses=END, actor=MEMBER)
    by_member = accreditation_now({ISSUER: party(ISSUER, urgent)}, ISSUER, NOW)
    assert "is suspended at once until 2286-11-20T17:46:40Z by the record" in by_member.sentence(COUNCIL)
    assert f"made by 0x{MEMBER.hex()}, act" in by_member.sentence(COUNCIL)
    document = by_member.document(COUNCIL)
    assert (document["by"], document["by_council"]) == (f"0x{MEMBER.hex()}", False)


@pytest.mark.parametrize(
    ("above", "words"),
    [
        (record(PartyState.SUSPENDED, delegates=True), "suspended"),
        (record(PartyState.ACTIVE), "not entitled to accredit"),
        (record(PartyState.ACTIVE, delegates=True, until=NOW), "accredited no more since"),
    ],
)
def test_an_accreditor_that_does_not_carry_it_stops_an_institution(above: StateTransition, words: str) -> None:
    own = party(ISSUER, record(PartyState.ACTIVE, accreditor=ABOVE))
    carried = accreditation_now(
        {ISSUER: own, ABOVE: party(ABOVE, record(PartyState.ACTIVE, delegates=True))}, ISSUER, NOW
    )
    assert (carried.code, carried.is_active) == (None, True)
    stopped = accreditation_now({ISSUER: own, ABOVE: party(ABOVE, above)}, ISSUER, NOW)
    assert (stopped.code, stopped.is_stop, stopped.is_active) == ("ACCREDITOR_NOT_ACTIVE_NOW", True, False)
    assert stopped.sentence(COUNCIL).startswith(f"its accreditor 0x{ABOVE.hex()} is {words}")


def test_an_unknown_institution_and_an_unknown_accreditor() -> None:
    stranger = accreditation_now({}, ISSUER, NOW)
    assert (stranger.code, stranger.is_active, stranger.is_stop) == ("ISSUER_UNKNOWN", False, False)
    assert stranger.sentence(COUNCIL) == "the registry does not know this institution"
    own = party(ISSUER, record(PartyState.ACTIVE, accreditor=TOP))
    assert accreditation_now({ISSUER: own}, ISSUER, NOW).code == "ACCREDITOR_NOT_ACTIVE_NOW"
