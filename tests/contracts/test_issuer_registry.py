"""Accreditation over time: what the registry answers about a moment, and what every record leaves behind."""

from acredita.contracts.bindings import (
    EMPTY_HISTORY,
    NO_SUBJECT,
    AccountPurpose,
    Event,
    IssuerEvent,
    IssuerState,
    KeyPurpose,
    ReviewRecorded,
    StateRecorded,
    fold_history,
)

from tests.contracts.harness import (
    ACT,
    AGENCY,
    AGENCY_ACCOUNT,
    DAY,
    HOUR,
    MEMBERS,
    STRANGER,
    UP,
    UT,
    YEAR,
    Institution,
    World,
    accreditor,
    activation,
    active,
    add_account,
    apply,
    appoint_custodian,
    attest,
    below,
    deploy,
    digest,
    recognise_agency,
    replace_control,
    review,
    reviewed,
)
from tests.contracts.log_evm import account

THIRD = Institution("third")


def states(world: World, who: Institution = UT) -> list[int]:
    return [e.state for e in world.events if isinstance(e, StateRecorded) and e.subject == who.subject]


def state_at(world: World, t: int, who: Institution = UT) -> IssuerState:
    return world.ask(world.issuers.state_at(who.subject, t))


def recognised(world: World, who: Institution, t: int | None = None) -> bool:
    return world.ask(world.issuers.recognised_at(who.subject, world.now if t is None else t))


def may_open(world: World, who: Institution = UT) -> bool:
    return world.ask(world.issuers.anchor_rights(who.anchoring)).may_open


def test_the_way_to_an_accreditation() -> None:
    world = deploy()
    active(world)
    assert states(world) == [
        IssuerState.APPLIED,
        IssuerState.QA_ATTESTED,
        IssuerState.REVIEWED,
        IssuerState.ACTIVE,
    ]
    assert may_open(world)


def test_suspended_and_reinstated_a_moment_between_says_no() -> None:
    world = deploy()
    active(world)
    world.pass_time(DAY)
    suspended = world.now
    world.decide(world.issuers.suspend(UT.subject, digest("why")))
    world.pass_time(DAY)
    world.decide(world.issuers.reinstate(UT.subject, ACT))
    found = [state_at(world, t) for t in (suspended - 1, suspended, suspended + DAY - 1, world.now)]
    assert found == [
        IssuerState.ACTIVE,
        IssuerState.SUSPENDED,
        IssuerState.SUSPENDED,
        IssuerState.ACTIVE,
    ]
    event = [e for e in world.events if isinstance(e, StateRecorded)][-2]
    assert (event.act, event.actor, event.time) == (digest("why"), world.council.address, suspended)


def test_an_accreditation_expires_without_a_transaction_and_is_renewed_by_a_new_record() -> None:
    world = deploy()
    until = world.now + YEAR
    active(world, until=until)
    world.pass_time(YEAR)
    assert world.ask(world.issuers.issuer_now(UT.subject)).state == IssuerState.EXPIRED
    assert not may_open(world)
    assert world.ask(world.issuers.anchor_rights(UT.anchoring)).may_status
    review(world)
    world.pass_time(DAY)
    world.as_council(world.issuers.renew(UT.subject, world.now + YEAR, ACT))
    assert states(world)[-2:] == [IssuerState.ACTIVE, IssuerState.ACTIVE]
    assert state_at(world, until - 1) == IssuerState.ACTIVE
    assert state_at(world, until) == IssuerState.EXPIRED
    assert state_at(world, world.now) == IssuerState.ACTIVE


def test_a_renewal_needs_a_review_of_its_own() -> None:
    world = deploy()
    active(world)
    renewal = world.issuers.renew(UT.subject, world.now + 2 * YEAR, ACT)
    assert world.attempt(world.council.address, renewal).reason == "issuer: no agency review"


def test_an_unfavourable_review_takes_back_the_same_agencys_favourable_one() -> None:
    world = deploy()
    reviewed(world)
    review(world, favourable=False)
    assert state_at(world, world.now) == IssuerState.REVIEWED
    assert world.attempt(world.council.address, activation(world)).reason == "issuer: no agency review"
    world.pass_time(DAY)
    review(world)
    world.as_council(activation(world))


def test_another_agencys_unfavourable_review_is_only_a_record() -> None:
    world = deploy()
    reviewed(world)
    other, until = account("other agency"), world.now + YEAR
    recognise_agency(world, until, digest("did:other"), other)
    world.send(other, world.issuers.review(UT.subject, False, digest("report")))
    world.as_council(activation(world))


def test_a_review_tells_the_window_in_which_the_agency_was_recognised() -> None:
    world = deploy()
    begun, until = world.now, world.now + 90 * DAY
    recognise_agency(world, until)
    world.pass_time(DAY)
    apply(world)
    attest(world)
    review(world)
    (event,) = [e for e in world.events if isinstance(e, ReviewRecorded)]
    assert (event.agency, event.recognised_from, event.recognised_until) == (AGENCY, begun, until)


def test_an_agency_that_became_a_member_of_the_authority_cannot_review() -> None:
    world = deploy()
    recognise_agency(world)
    apply(world)
    attest(world)
    world.decide(world.council.set_members((*MEMBERS[:2], AGENCY_ACCOUNT), 2))
    outcome = world.attempt(AGENCY_ACCOUNT, world.issuers.review(UT.subject, True, ACT))
    assert outcome.reason == "agency: not recognised"


def test_a_replaced_agency_account_cannot_review() -> None:
    world = deploy()
    recognise_agency(world)
    apply(world)
    attest(world)
    successor, until = account("agency, new account"), world.now + YEAR
    recognise_agency(world, until, AGENCY, successor)
    call = world.issuers.review(UT.subject, True, ACT)
    assert world.attempt(AGENCY_ACCOUNT, call).reason == "agency: not recognised"
    world.send(successor, call)


def test_an_ended_agencys_past_stands() -> None:
    world = deploy()
    recognise_agency(world)
    world.pass_time(DAY)
    world.as_council(world.issuers.end_agency(AGENCY, ACT))
    before = world.ask(world.issuers.agency_at(AGENCY, world.now - 1))
    assert before.account == AGENCY_ACCOUNT
    assert world.ask(world.issuers.agency_at(AGENCY, world.now)).agency == NO_SUBJECT


def test_an_urgent_suspension_reads_under_review_then_lapses_and_stays_in_the_past() -> None:
    world = deploy()
    active(world)
    world.pass_time(HOUR)
    begun = world.now
    world.send(MEMBERS[2], world.council.suspend_urgently(world.issuers.address, UT.subject, ACT))
    now = world.ask(world.issuers.issuer_now(UT.subject))
    assert (now.state, now.lapses) == (IssuerState.SUSPENDED, begun + 72 * HOUR)
    assert not may_open(world)
    world.pass_time(72 * HOUR)
    now = world.ask(world.issuers.issuer_now(UT.subject))
    assert (now.state, now.lapses) == (IssuerState.ACTIVE, 0)
    assert may_open(world)
    assert state_at(world, begun + 72 * HOUR - 1) == IssuerState.SUSPENDED
    assert state_at(world, begun + 72 * HOUR) == IssuerState.ACTIVE


def test_a_confirmed_urgent_suspension_does_not_lapse() -> None:
    world = deploy()
    active(world)
    world.send(MEMBERS[0], world.council.suspend_urgently(world.issuers.address, UT.subject, ACT))
    world.pass_time(HOUR)
    world.decide(world.issuers.suspend(UT.subject, ACT))
    assert world.ask(world.issuers.issuer_now(UT.subject)).lapses == 0
    world.pass_time(100 * HOUR)
    assert state_at(world, world.now) == IssuerState.SUSPENDED


def test_an_urgent_suspension_tells_the_member_who_asked() -> None:
    world = deploy()
    active(world)
    world.send(MEMBERS[1], world.council.suspend_urgently(world.issuers.address, UT.subject, ACT))
    event = [e for e in world.events if isinstance(e, StateRecorded)][-1]
    assert (event.actor, event.lapses) == (MEMBERS[1], world.now + 72 * HOUR)


def test_an_open_urgent_suspension_gives_its_place_back_when_the_quorum_decides() -> None:
    world = deploy()
    names = [Institution(name) for name in ("a", "b", "c", "d")]
    for who in names:
        active(world, who)
    for who in names[:3]:
        world.send(MEMBERS[0], world.council.suspend_urgently(world.issuers.address, who.subject, ACT))
    world.decide(world.issuers.suspend(names[1].subject, ACT))
    world.send(MEMBERS[0], world.council.suspend_urgently(world.issuers.address, names[3].subject, ACT))


def urgently(world: World, member: bytes, who: Institution) -> str | None:
    call = world.council.suspend_urgently(world.issuers.address, who.subject, ACT)
    return world.attempt(member, call).reason


def test_a_member_may_suspend_the_same_issuer_again_after_thirty_days() -> None:
    world = deploy()
    active(world)
    assert urgently(world, MEMBERS[0], UT) is None
    world.pass_time(30 * DAY)
    assert urgently(world, MEMBERS[0], UT) is None


def test_another_members_suspension_takes_none_of_ones_own_places() -> None:
    world = deploy()
    names = [Institution(name) for name in ("a", "b", "c", "d")]
    for who in names:
        active(world, who)
    for who in names[:3]:
        assert urgently(world, MEMBERS[0], who) is None
    world.pass_time(72 * HOUR)
    for who in names[:3]:
        assert urgently(world, MEMBERS[1], who) is None
    assert urgently(world, MEMBERS[0], names[3]) is None
    assert urgently(world, MEMBERS[1], UT) == "issuer: unknown"


def test_a_suspended_issuer_is_not_suspended_again() -> None:
    world = deploy()
    active(world)
    suspension = world.issuers.suspend(UT.subject, ACT)
    world.as_council(suspension)
    assert world.attempt(world.council.address, suspension).reason == "issuer: state"


def chain(world: World) -> None:
    """Accredit UT below THIRD below UP."""
    accreditor(world, UP)
    below(world, THIRD, UP)
    world.as_council(world.issuers.set_delegation(THIRD.subject, True, ACT))
    below(world, UT, THIRD)


def test_two_accreditors_deep_every_one_must_be_active() -> None:
    world = deploy()
    chain(world)
    assert may_open(world)
    world.pass_time(HOUR)
    world.as_council(world.issuers.suspend(UP.subject, ACT))
    assert not may_open(world)
    assert not may_open(world, THIRD)
    assert state_at(world, world.now) == IssuerState.ACTIVE
    assert recognised(world, UT, world.now - 1)
    assert not recognised(world, UT)
    world.pass_time(HOUR)
    world.as_council(world.issuers.reinstate(UP.subject, ACT))
    assert may_open(world)
    assert not recognised(world, UT, world.now - 1)


def test_an_accreditor_that_expired_carries_nobody() -> None:
    world = deploy()
    active(world, UP, until=world.now + 10 * DAY)
    world.as_council(world.issuers.set_delegation(UP.subject, True, ACT))
    below(world, UT, UP)
    world.pass_time(10 * DAY)
    assert state_at(world, world.now) == IssuerState.ACTIVE
    assert not may_open(world)


def test_whose_right_to_accredit_is_taken_carries_nobody_but_itself() -> None:
    world = deploy()
    chain(world)
    world.pass_time(HOUR)
    world.as_council(world.issuers.set_delegation(THIRD.subject, False, ACT))
    assert may_open(world, THIRD)
    assert not may_open(world, UT)
    assert recognised(world, UT, world.now - 1)


def test_only_the_accreditor_applied_to_may_accredit() -> None:
    world = deploy()
    accreditor(world, UP)
    reviewed(world, UT)
    assert world.attempt(UP.control, activation(world)).reason == "registry: not the council"
    accreditor(world, THIRD)
    fourth = Institution("fourth")
    reviewed(world, fourth, THIRD.subject)
    assert world.attempt(UP.control, activation(world, fourth)).reason == "issuer: not the control account"


def test_the_council_may_take_an_issuer_over_from_its_accreditor() -> None:
    world = deploy()
    accreditor(world, UP)
    below(world, UT, UP)
    world.as_council(world.issuers.revoke(UP.subject, ACT))
    review(world)
    world.as_council(world.issuers.renew(UT.subject, world.now + YEAR, ACT))
    assert may_open(world)
    assert world.ask(world.issuers.issuer_now(UT.subject)).accreditor == NO_SUBJECT


def test_an_issuer_with_two_accreditors_above_cannot_accredit() -> None:
    world = deploy()
    chain(world)
    fourth = Institution("fourth")
    reviewed(world, fourth, UT.subject)
    assert world.attempt(UT.control, activation(world, fourth)).reason == "accreditor: not accredited"
    deeper = world.issuers.set_delegation(UT.subject, True, ACT)
    assert world.attempt(world.council.address, deeper).reason == "accreditor: too deep"


def test_a_revoked_issuer_can_still_anchor_status() -> None:
    world = deploy()
    active(world)
    world.as_council(world.issuers.revoke(UT.subject, ACT))
    rights = world.ask(world.issuers.anchor_rights(UT.anchoring))
    assert (rights.issuer, rights.may_open, rights.may_status) == (UT.subject, False, True)
    renewed = Institution("ut renewed").anchoring
    add_account(world, UT, renewed)
    assert world.ask(world.issuers.anchor_rights(renewed)).may_status


def test_a_custodian_may_anchor_status_and_nothing_else_until_the_council_ends_it() -> None:
    world = deploy()
    active(world)
    custodian = account("custodian")
    appoint_custodian(world, UT, custodian)
    rights = world.ask(world.issuers.anchor_rights(custodian))
    assert (rights.issuer, rights.may_open, rights.may_status) == (UT.subject, False, True)
    end = world.issuers.end_account(custodian, ACT)
    assert world.attempt(UT.control, end).reason == "registry: not the council"
    world.pass_time(1)
    world.as_council(end)
    assert not world.ask(world.issuers.anchor_rights(custodian)).may_status
    control = world.ask(world.issuers.anchor_rights(UT.control))
    assert (control.issuer, control.may_open, control.may_status) == (UT.subject, False, False)
    past = world.ask(world.issuers.account_at(custodian, world.now - 1))
    assert past == (UT.subject, AccountPurpose.CUSTODIAN)


def test_only_the_council_marks_a_custodian() -> None:
    world = deploy()
    active(world)
    custodian = account("custodian")
    appoint_custodian(world, UT, custodian)
    mark = world.issuers.account_compromised(custodian, world.now, ACT)
    assert world.attempt(UT.control, mark).reason == "registry: not the council"
    world.as_council(mark)
    assert not world.ask(world.issuers.anchor_rights(custodian)).may_status


def test_a_key_or_account_that_ended_or_was_marked_does_not_count_for_activation() -> None:
    world = deploy()
    reviewed(world)
    world.send(UT.control, world.issuers.account_compromised(UT.anchoring, world.now, ACT))
    world.send(UT.control, world.issuers.end_account(UT.anchoring, ACT))  # marked and ended is counted off once
    assert world.attempt(world.council.address, activation(world)).reason == "issuer: no anchoring account"
    add_account(world, UT, account("another"))
    world.send(UT.control, world.issuers.key_compromised(UT.subject, UT.key, world.now, ACT))
    world.send(UT.control, world.issuers.end_key(UT.subject, UT.key))
    assert world.attempt(world.council.address, activation(world)).reason == "issuer: no assertion key"
    second = world.issuers.add_key(UT.subject, digest("second key"), KeyPurpose.ASSERTION, ACT)
    world.send(UT.control, second)
    world.as_council(activation(world))


def test_a_key_holds_from_its_block_until_its_end() -> None:
    world = deploy()
    active(world)
    begun = world.now
    world.pass_time(DAY)
    world.send(UT.control, world.issuers.end_key(UT.subject, UT.key))
    purposes = [
        world.ask(world.issuers.key_at(UT.subject, UT.key, t)) for t in (begun - 1, begun, world.now - 1, world.now)
    ]
    assert purposes == [KeyPurpose.NONE, KeyPurpose.ASSERTION, KeyPurpose.ASSERTION, KeyPurpose.NONE]


def test_a_compromise_only_moves_earlier_and_the_council_reaches_any_time() -> None:
    world = deploy()
    active(world)
    begun = world.now
    world.pass_time(30 * DAY)
    world.send(UT.control, world.issuers.key_compromised(UT.subject, UT.key, world.now - 72 * HOUR, ACT))
    assert world.ask(world.issuers.key_at(UT.subject, UT.key, world.now - 72 * HOUR - 1)) == KeyPurpose.ASSERTION
    world.as_council(world.issuers.key_compromised(UT.subject, UT.key, begun + 1, ACT))
    assert world.ask(world.issuers.key_at(UT.subject, UT.key, begun)) == KeyPurpose.ASSERTION
    assert world.ask(world.issuers.key_at(UT.subject, UT.key, begun + 1)) == KeyPurpose.NONE
    assert world.ask(world.issuers.key(UT.subject, UT.key)).compromised == begun + 1


def test_a_rejected_institution_may_apply_again_by_the_same_hand() -> None:
    world = deploy()
    apply(world)
    world.as_council(world.issuers.reject(UT.subject, ACT))
    again = world.issuers.apply(UT.subject, NO_SUBJECT, ACT)
    assert world.attempt(STRANGER, again).reason == "issuer: not the control account"
    world.send(UT.control, again)
    assert state_at(world, world.now) == IssuerState.APPLIED


def test_a_scope_holds_from_its_record() -> None:
    world = deploy()
    active(world)
    begun = world.now
    world.pass_time(DAY)
    world.as_council(world.issuers.amend_scope(UT.subject, digest("narrower"), ACT))
    scopes = [world.ask(world.issuers.scope_at(UT.subject, t)) for t in (begun - 1, begun, world.now)]
    assert scopes == [bytes(32), digest("scope"), digest("narrower")]


def test_within_one_block_the_last_record_speaks_for_its_time() -> None:
    world = deploy()
    active(world)
    world.as_council(world.issuers.suspend(UT.subject, ACT))
    assert state_at(world, world.now) == IssuerState.SUSPENDED


def every_kind_of_record(world: World) -> None:
    chain(world)
    control = UT.control
    world.send(control, world.issuers.key_compromised(UT.subject, UT.key, world.now, ACT))
    world.send(control, world.issuers.end_key(UT.subject, UT.key))
    world.send(control, world.issuers.end_account(UT.anchoring, ACT))
    world.send(control, world.issuers.account_compromised(UT.anchoring, world.now, ACT))
    world.as_council(world.issuers.set_void_from(UT.subject, world.now, ACT))
    replace_control(world, UT, account("new"), keep=True)
    world.as_council(world.issuers.record_predecessor(STRANGER, digest("state"), ACT))


def test_folding_every_record_gives_the_history_hash() -> None:
    world = deploy()
    every_kind_of_record(world)
    kinds: set[type[Event]] = {type(event) for event in world.events}
    assert set(IssuerEvent.__args__) <= kinds
    assert len(world.histories) == 5  # three institutions, the agency, the predecessor
    for registry, subject in world.histories:
        assert registry == world.issuers.address
        assert world.ask(world.issuers.history(subject)) == world.history(registry, subject) != bytes(32)


def test_a_record_left_out_or_moved_gives_another_hash() -> None:
    records = [b"one", b"two", b"three"]

    def fold(chosen: list[bytes]) -> bytes:
        history = EMPTY_HISTORY
        for record in chosen:
            history = fold_history(history, record)
        return history

    variants = [records, records[:2], records[1:], [records[1], records[0], records[2]]]
    assert len({fold(variant) for variant in variants}) == len(variants)
