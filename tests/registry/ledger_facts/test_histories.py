"""Histories folded from events answer as the contracts: whenever anything changed, and a second on each side."""

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

import pytest
from acredita.anchoring.ledger import PartialLedgerUnavailable
from acredita.anchoring.types import Address, IssuerId
from acredita.contracts import bindings
from acredita.contracts.abi import Call
from acredita.contracts.bindings import NO_SUBJECT, AccountPurpose, Event, KeyPurpose, programme_version
from acredita.registry.keys.multikey import KeyId
from acredita.registry.ledger_facts.histories import (
    PartyHistory,
    PartyState,
    ProgrammeHistory,
    ProgrammeState,
    ValidityWindow,
    fold_party,
    fold_programme,
    recognised_at,
)

from tests.contracts.harness import (
    ACT,
    AGENCY,
    AGENCY_ACCOUNT,
    DAY,
    HOUR,
    MEMBERS,
    Institution,
    World,
    accreditor,
    active,
    below,
    deploy,
    digest,
)
from tests.contracts.log_evm import account

TOP, MIDDLE, LOW = Institution("top"), Institution("middle"), Institution("low")
PARTIES = (TOP, MIDDLE, LOW)
VERSIONS = tuple(digest(f"version {number}") for number in range(3))
CUSTODIAN = account("custodian")


@dataclass(frozen=True)
class Action:
    """One call by one hand; the contract refuses what is not legal now, and then nothing has happened."""

    sender: bytes
    call: Call
    weight: float = 1.0


def party_actions(world: World, who: Institution, days: int) -> list[Action]:
    """Return the possible acts on an institution; those that would end the story are rare."""
    issuers, council = world.issuers, world.council.address
    later, earlier = world.now + days * DAY + HOUR, max(1, world.now - days * DAY)
    above = {TOP: council, MIDDLE: TOP.control, LOW: MIDDLE.control}[who]
    control, custodian = account(f"{who.name} control {days}"), account(f"custodian {days}")
    world.send(control, issuers.consent(who.subject, AccountPurpose.CONTROL))
    world.send(custodian, issuers.consent(who.subject, AccountPurpose.CUSTODIAN))
    return [
        Action(council, issuers.suspend(who.subject, ACT)),
        Action(council, issuers.reinstate(who.subject, ACT), 3),
        Action(MEMBERS[days % 3], world.council.suspend_urgently(issuers.address, who.subject, ACT)),
        Action(AGENCY_ACCOUNT, issuers.review(who.subject, True, ACT), 3),
        Action(above, issuers.renew(who.subject, later, ACT), 4),
        Action(council, issuers.amend_scope(who.subject, digest(f"scope {days}"), ACT)),
        Action(council, issuers.set_delegation(who.subject, days % 2 == 0, ACT)),
        Action(council, issuers.set_void_from(who.subject, earlier, ACT), 0.5),
        Action(council, issuers.revoke(who.subject, ACT), 0.2),
        Action(who.control, issuers.add_key(who.subject, digest(f"{who.name} key {days}"), KeyPurpose.NOTE, ACT)),
        Action(who.control, issuers.end_key(who.subject, who.key)),
        Action(council, issuers.key_compromised(who.subject, who.key, earlier, ACT), 0.5),
        Action(who.control, issuers.end_account(who.anchoring, ACT), 0.5),
        Action(council, issuers.account_compromised(who.anchoring, earlier, ACT), 0.5),
        Action(council, issuers.replace_control(who.subject, control, days % 2 == 0, earlier, ACT), 0.2),
        Action(council, issuers.appoint_custodian(who.subject, custodian, ACT), 0.5),
        Action(council, issuers.end_agency(AGENCY, ACT), 0.2),
        Action(council, issuers.recognise_agency(AGENCY, AGENCY_ACCOUNT, later + 400 * DAY, ACT), 0.5),
    ]


def programme_actions(world: World, document: bytes, days: int) -> list[Action]:
    programmes, council = world.programmes, world.council.address
    until = world.now + days * DAY + HOUR if days % 2 else 0
    before = VERSIONS[VERSIONS.index(document) - 1]
    supersedes = before if document != VERSIONS[0] and days % 3 else NO_SUBJECT
    return [
        Action(TOP.control, programmes.submit(TOP.subject, document, supersedes), 3),
        Action(AGENCY_ACCOUNT, programmes.review(TOP.subject, document, days % 3 != 0, ACT)),
        Action(council, programmes.approve(TOP.subject, document, until, ACT), 3),
        Action(council, programmes.suspend(TOP.subject, document, ACT)),
        Action(council, programmes.reinstate(TOP.subject, document, ACT)),
        Action(TOP.control, programmes.withdraw(TOP.subject, document, ACT), 0.3),
    ]


def accredited_chain() -> World:
    """Accredit three institutions in a chain; the middle one may accredit, too."""
    world = deploy()
    accreditor(world, TOP)
    below(world, MIDDLE, TOP)
    world.as_council(world.issuers.set_delegation(MIDDLE.subject, True, ACT))
    below(world, LOW, MIDDLE)
    return world


def wander(world: World, chance: Random, moves: int) -> int:
    """Act at random on institutions and versions, several times in one block time; return how many acts were accepted."""
    taken = 0
    for _ in range(moves):
        world.pass_time(chance.choice((0, 1, HOUR, DAY, 20 * DAY)))
        days = chance.randrange(41)
        actions = (
            party_actions(world, chance.choice(PARTIES), days)
            if chance.random() < 0.6
            else programme_actions(world, chance.choice(VERSIONS), days)
        )
        [chosen] = chance.choices(actions, [action.weight for action in actions])
        taken += world.attempt(chosen.sender, chosen.call).accepted
    return taken


@pytest.mark.parametrize(
    "seed", [pytest.param(seed, marks=[pytest.mark.slow] if seed >= 10 else []) for seed in range(30)]
)
def test_histories_answer_as_the_contracts(seed: int) -> None:
    world = accredited_chain()
    assert wander(world, Random(seed), moves=30) >= 5
    compare(world)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1000, 1060))
def test_histories_answer_as_the_contracts_at_length(seed: int) -> None:
    world = accredited_chain()
    wander(world, Random(seed), moves=100)
    compare(world)


def compare(world: World) -> None:
    parties = {
        IssuerId(who.subject): fold_party(IssuerId(who.subject), events_of(world, who.subject)) for who in PARTIES
    }
    for history in parties.values():
        assert history.void_from == (world.ask(world.issuers.void_from(history.subject)) or None)
        compare_states(world, history)
        compare_windows(world, history)
    compare_recognition(world, parties)
    for document in VERSIONS:
        events = events_of(world, programme_version(TOP.subject, document))
        if events:
            history = fold_programme(events)
            assert (history.owner, history.document) == (TOP.subject, document)
            compare_programme(world, history)


def events_of(world: World, subject: bytes) -> list[Event]:
    return [event for event in world.events if getattr(event, "subject", None) == subject]


def beside(times: Iterable[int | None]) -> list[int]:
    """Return times at which an answer may change, and the seconds beside them."""
    return sorted({t + step for t in times if t for step in (-1, 0, 1)})


def turns(history: PartyHistory) -> set[int]:
    return {t for record in history.transitions for t in (record.time, record.until, record.lapses)}


CONTRACT_STATE = {PartyState.UNDER_REVIEW: PartyState.SUSPENDED}


def compare_states(world: World, history: PartyHistory) -> None:
    for t in beside(turns(history)):
        state = history.at(t).state
        told = PartyState(world.ask(world.issuers.state_at(history.subject, t)).name.lower())
        assert CONTRACT_STATE.get(state, state) is told
    for t in beside(time for time, _ in history.scopes):
        assert (history.scope_at(t) or NO_SUBJECT) == world.ask(world.issuers.scope_at(history.subject, t))


def compare_windows(world: World, history: PartyHistory) -> None:
    for key, window in history.keys.items():
        for t in beside((window.start, window.until, window.compromised)):
            assert held_for(window, t) == world.ask(world.issuers.key_at(history.subject, key, t))
    for address, window in history.accounts.items():
        for t in beside((window.start, window.until, window.compromised)):
            owner = history.subject if held_for(window, t) else NO_SUBJECT
            assert (owner, held_for(window, t)) == world.ask(world.issuers.account_at(address, t))


def held_for(window: ValidityWindow, t: int) -> int:
    return window.purpose if window.holds(t) else 0


def compare_recognition(world: World, parties: dict[IssuerId, PartyHistory]) -> None:
    """Compare a party's recognition at each change of its own state, or of any accreditor above it."""
    for t in beside(t for history in parties.values() for t in turns(history)):
        for subject in parties:
            assert recognised_at(parties, subject, t) == world.ask(world.issuers.recognised_at(subject, t))


def compare_programme(world: World, history: ProgrammeHistory) -> None:
    programmes, version = world.programmes, programme_version(history.owner, history.document)
    assert history.owner == world.ask(programmes.owner_of(version))
    for t in beside(t for record in history.records for t in (record.time, record.until)):
        state = ProgrammeState(world.ask(programmes.state_at(version, t)).name.lower())
        assert history.state_at(t) is state
        assert (history.state_at(t) is ProgrammeState.APPROVED) == world.ask(programmes.approved_at(version, t))


# --- what the moves above reach rarely ---------------------------------------------------------------------------------


def fold(world: World, who: Institution) -> PartyHistory:
    return fold_party(IssuerId(who.subject), events_of(world, who.subject))


def test_an_urgent_suspension_is_under_review_until_it_lapses_and_stays_so_in_the_past() -> None:
    world = deploy()
    active(world)
    ut = Institution("ut")
    world.send(MEMBERS[0], world.council.suspend_urgently(world.issuers.address, ut.subject, ACT))
    suspended = world.now
    world.pass_time(100 * HOUR)
    history = fold(world, ut)
    states = [history.at(suspended + hours * HOUR).state for hours in (0, 71, 72, 100)]
    assert states == [PartyState.UNDER_REVIEW, PartyState.UNDER_REVIEW, PartyState.ACTIVE, PartyState.ACTIVE]


def test_a_confirmed_suspension_does_not_lapse() -> None:
    world = deploy()
    active(world)
    ut = Institution("ut")
    world.send(MEMBERS[0], world.council.suspend_urgently(world.issuers.address, ut.subject, ACT))
    world.pass_time(HOUR)
    world.as_council(world.issuers.suspend(ut.subject, ACT))
    assert fold(world, ut).at(world.now + 100 * HOUR).state is PartyState.SUSPENDED


def test_an_accreditor_outside_the_parties_at_hand_carries_nobody() -> None:
    world = deploy()
    accreditor(world, TOP)
    below(world, MIDDLE, TOP)
    top, middle = fold(world, TOP), fold(world, MIDDLE)
    assert recognised_at({top.subject: top, middle.subject: middle}, middle.subject, world.now)
    assert not recognised_at({middle.subject: middle}, middle.subject, world.now)
    assert not recognised_at({}, middle.subject, world.now)


def test_agencies_and_reviews_are_kept() -> None:
    world = deploy()
    active(world)
    agency = fold_party(IssuerId(AGENCY), events_of(world, AGENCY))
    [(_, until, acting)] = agency.recognitions
    window = world.ask(world.issuers.agency_at(AGENCY, world.now))
    assert (acting, until) == (window.account, window.recognised_until)
    [review] = fold(world, Institution("ut")).reviews
    assert (review.agency, review.favourable) == (AGENCY, True)


def test_a_version_nobody_submitted_has_no_history() -> None:
    recorded = bindings.ProgrammeRecorded(VERSIONS[0], 3, 0, ACT, 1)
    assert fold_programme([recorded]) is None
    assert fold_programme([bindings.PredecessorRecorded(VERSIONS[0], ACT[:20], ACT, ACT, 1)]) is None


def test_a_note_key_is_no_assertion_key() -> None:
    world = deploy()
    active(world)
    ut = Institution("ut")
    note = KeyId(digest("note key"))
    world.send(ut.control, world.issuers.add_key(ut.subject, note, KeyPurpose.NOTE, ACT))
    history = fold(world, ut)
    assert history.assertion_key(KeyId(ut.key)) is not None
    assert history.assertion_key(note) is None
    assert history.accounts[Address(ut.control)].purpose == AccountPurpose.CONTROL


def test_events_that_no_contract_logs_are_no_history() -> None:
    """Refuse events that an endpoint invents together with the hashes that they fold to."""
    subject, nobody = bytes(32), bytes(20)
    ended = bindings.KeyEnded(subject, digest("no key"), 1)
    nameless = bindings.StateRecorded(subject, 200, 0, subject, False, 0, ACT, nobody, 1)
    for event in (ended, nameless):
        with pytest.raises(PartialLedgerUnavailable, match=type(event).__name__):
            fold_party(IssuerId(subject), [event])
    with pytest.raises(PartialLedgerUnavailable, match="state 200"):
        fold_programme([bindings.ProgrammeRecorded(subject, 200, 0, ACT, 1)])
