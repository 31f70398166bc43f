"""The council decides together: proposals bound to their content, counted by the members of the moment."""

from acredita.contracts.bindings import AccountPurpose, Approved, Executed, MembersSet, Proposed
from eth_hash.auto import keccak

from tests.contracts.harness import (
    ACT,
    AGENCY,
    AGENCY_ACCOUNT,
    DAY,
    MEMBERS,
    RECOVERY,
    STRANGER,
    YEAR,
    World,
    deploy,
    digest,
    recognise_agency,
)
from tests.contracts.log_evm import account

NEW_MEMBERS = tuple(account(f"new member {n}") for n in range(3))


def recognition(world: World) -> tuple[int, bytes]:
    """Make a proposal with one approval; return it with its calldata."""
    world.send(AGENCY_ACCOUNT, world.issuers.consent(AGENCY, AccountPurpose.AGENCY))
    call = world.issuers.recognise_agency(AGENCY, AGENCY_ACCOUNT, world.now + YEAR, ACT)
    return world.propose(call, digest("legal act")), call.data


def recognised(world: World) -> bool:
    return world.ask(world.issuers.agency_of(AGENCY_ACCOUNT)).agency == AGENCY


def test_two_of_three_decide() -> None:
    world = deploy()
    proposal, data = recognition(world)
    world.send(MEMBERS[2], world.approval(proposal))
    world.send(MEMBERS[2], world.council.execute(proposal, data))
    assert recognised(world)


def test_a_decision_leaves_its_trail() -> None:
    world = deploy()
    proposal, data = recognition(world)
    world.send(MEMBERS[1], world.approval(proposal))
    world.send(MEMBERS[2], world.council.execute(proposal, data))
    trail = [event for event in world.events if isinstance(event, Proposed | Approved | Executed)]
    assert trail == [
        Proposed(proposal, world.issuers.address, MEMBERS[0], keccak(data), digest("legal act"), world.now),
        Approved(proposal, MEMBERS[1], world.now),
        Executed(proposal, MEMBERS[2], digest("legal act"), world.now),
    ]


def test_the_calldata_is_bound_to_the_last_byte() -> None:
    world = deploy()
    proposal, data = recognition(world)
    world.send(MEMBERS[1], world.approval(proposal))
    for other in (data[:-1], data + b"\x00", data[:-1] + bytes((data[-1] ^ 1,))):
        outcome = world.attempt(MEMBERS[1], world.council.execute(proposal, other))
        assert outcome.reason == "council: calldata"
    assert not recognised(world)


def test_a_failing_call_reverts_all_and_may_be_tried_again() -> None:
    world = deploy()
    end = world.issuers.end_agency(AGENCY, ACT)
    proposal = world.propose(end)
    world.send(MEMBERS[1], world.approval(proposal))
    assert world.attempt(MEMBERS[1], world.council.execute(proposal, end.data)).reason == "agency: unknown"
    recognise_agency(world)
    world.pass_time(1)
    world.send(MEMBERS[1], world.council.execute(proposal, end.data))
    assert not recognised(world)


def test_a_proposal_lives_thirty_days() -> None:
    world = deploy()
    proposal, data = recognition(world)
    world.send(MEMBERS[1], world.approval(proposal))
    world.pass_time(30 * DAY - 1)
    world.send(MEMBERS[1], world.council.execute(proposal, data))
    late, data = recognition(world)
    world.send(MEMBERS[1], world.approval(late))
    world.pass_time(30 * DAY)
    assert world.attempt(MEMBERS[1], world.council.execute(late, data)).reason == "council: expired"


def test_new_members_decide_and_old_ones_do_not() -> None:
    world = deploy()
    world.decide(world.council.set_members((*MEMBERS[:2], NEW_MEMBERS[0]), 2))
    proposal, data = recognition(world)
    assert world.attempt(MEMBERS[2], world.approval(proposal)).reason == "council: not a member"
    world.send(NEW_MEMBERS[0], world.approval(proposal))
    world.send(NEW_MEMBERS[0], world.council.execute(proposal, data))
    assert recognised(world)


def test_a_change_of_the_threshold_alone_voids_open_proposals() -> None:
    world = deploy(members=(*MEMBERS, STRANGER))
    waiting, data = recognition(world)
    world.send(MEMBERS[1], world.approval(waiting))
    world.decide(world.council.set_members((*MEMBERS, STRANGER), 3))
    assert world.attempt(MEMBERS[1], world.council.execute(waiting, data)).reason == "council: void"


def test_the_recovery_set_replaces_the_members_after_thirty_public_days() -> None:
    world = deploy()
    waiting, data = recognition(world)
    world.send(MEMBERS[1], world.approval(waiting))
    world.send(RECOVERY[0], world.council.propose_recovery(NEW_MEMBERS, 2))
    world.send(RECOVERY[2], world.recovery_approval(1))
    world.pass_time(30 * DAY - 1)
    early = world.attempt(RECOVERY[1], world.council.execute_recovery(1, NEW_MEMBERS, 2))
    assert early.reason == "recovery: too early"
    world.pass_time(1)
    world.send(RECOVERY[1], world.council.execute_recovery(1, NEW_MEMBERS, 2))
    assert world.ask(world.council.members()) == NEW_MEMBERS
    assert world.attempt(NEW_MEMBERS[0], world.council.execute(waiting, data)).reason == "council: void"
    assert isinstance(world.events[-1], MembersSet)


def test_the_quorum_cancels_a_recovery() -> None:
    world = deploy()
    world.send(RECOVERY[0], world.council.propose_recovery(NEW_MEMBERS, 2))
    world.send(RECOVERY[1], world.recovery_approval(1))
    world.pass_time(29 * DAY)
    world.decide(world.council.cancel_recovery(1))
    world.pass_time(DAY)
    outcome = world.attempt(RECOVERY[0], world.council.execute_recovery(1, NEW_MEMBERS, 2))
    assert outcome.reason == "recovery: closed"


def test_a_recovery_names_a_council_that_could_have_been_founded() -> None:
    world = deploy()
    for members, threshold in ((NEW_MEMBERS, 3), ((NEW_MEMBERS[0],) * 3, 2), (NEW_MEMBERS, 0)):
        outcome = world.attempt(RECOVERY[0], world.council.propose_recovery(members, threshold))
        assert outcome.reason in ("council: threshold", "council: members")


def test_a_council_without_a_recovery_set() -> None:
    world = deploy(recovery=(), recovery_threshold=0)
    assert world.ask(world.council.recovery_members()) == ()
    outcome = world.attempt(RECOVERY[0], world.council.propose_recovery(NEW_MEMBERS, 2))
    assert outcome.reason == "recovery: not a member"
