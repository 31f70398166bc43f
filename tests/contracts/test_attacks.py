"""One attack for each threat note of docs/contracts.md, and what is left standing after it."""

import pytest
from acredita.anchoring.checkpoint import CheckpointKind
from acredita.contracts.bindings import (
    AccountPurpose,
    IssuerState,
    KeyPurpose,
    deploy_data,
)
from vyper.compiler import compile_code
from vyper.compiler.settings import Settings

from tests.contracts.harness import (
    ACT,
    AGENCY,
    AGENCY_ACCOUNT,
    DAY,
    HOUR,
    MEMBERS,
    RECOVERY,
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
    attest,
    deploy,
    digest,
    prepare,
    recognise_agency,
    replace_control,
    review,
    reviewed,
)
from tests.contracts.log_evm import account
from tests.contracts.log_writer import Writer

THIEF = account("thief")


@pytest.fixture
def world() -> World:
    world = deploy()
    active(world)
    return world


# A stolen anchoring account


def test_what_a_thief_anchors_is_void_once_the_quorum_opens_an_epoch(world: World) -> None:
    honest = Writer(world, UT)
    good = honest.anchor(3)
    word = world.ask(world.log.checkpoint_word(UT.subject, 1, good.number))
    stolen = Writer(world, UT)
    stolen.add(3)
    stolen.checkpoints = list(honest.checkpoints)
    theft = stolen.anchor(1)

    marked = world.issuers.account_compromised(UT.anchoring, theft.time, ACT)
    world.send(UT.control, marked)
    stolen.add()
    assert stolen.attempt(stolen.propose(), UT.anchoring).reason == "log: account"
    fresh = account("ut, new machine")
    add_account(world, UT, fresh)
    world.pass_time(1)
    world.decide(world.log.open_epoch(UT.subject, good.parts(), ACT))

    assert world.ask(world.log.last_good(UT.subject, 1)) == good.number < theft.number
    assert world.ask(world.log.checkpoint_word(UT.subject, 1, good.number)) == word
    head = world.ask(world.log.head(UT.subject))
    assert (head >> 128, head >> 88 & (2**40 - 1)) == (2, 0)
    assert stolen.attempt(stolen.propose(), fresh).reason == "log: previous"


def test_a_stolen_anchoring_account_can_do_nothing_in_the_registry(world: World) -> None:
    calls = (
        world.issuers.add_key(UT.subject, digest("thief's key"), KeyPurpose.ASSERTION, ACT),
        world.issuers.add_anchoring_account(UT.subject, THIEF),
        world.issuers.end_key(UT.subject, UT.key),
        world.issuers.key_compromised(UT.subject, UT.key, world.now, ACT),
        world.issuers.withdraw(UT.subject, ACT),
        world.programmes.submit(UT.subject, digest("programme")),
    )
    reasons = {world.attempt(UT.anchoring, call).reason for call in calls}
    assert reasons == {"issuer: not the control account", "programme: not the owner"}


def test_a_forged_extension_is_refused(world: World) -> None:
    honest = Writer(world, UT)
    honest.anchor(5)
    forged = Writer(world, UP)  # another history of the same length
    forged.who = UT
    forged.add(5)
    forged.checkpoints = list(honest.checkpoints)
    forged.add()
    assert forged.attempt(forged.propose()).reason == "log: consistency"


# A stolen control account


def test_a_stolen_control_account_is_replaced_and_its_keys_marked_back_to_the_theft(world: World) -> None:
    world.pass_time(10 * DAY)
    stolen_at = world.now
    key, hot = digest("thief's key"), account("thief's anchoring")
    world.send(UT.control, world.issuers.add_key(UT.subject, key, KeyPurpose.ASSERTION, ACT))
    add_account(world, UT, hot)
    world.pass_time(5 * DAY)
    replaced = account("ut, new control")
    world.send(replaced, world.issuers.consent(UT.subject, AccountPurpose.CONTROL))
    world.decide(world.issuers.replace_control(UT.subject, replaced, False, stolen_at, ACT))

    assert world.ask(world.issuers.key_at(UT.subject, key, stolen_at)) == KeyPurpose.NONE
    assert not world.ask(world.issuers.anchor_rights(hot)).may_status
    assert world.ask(world.issuers.key_at(UT.subject, UT.key, world.now - 1)) == KeyPurpose.ASSERTION
    assert world.ask(world.issuers.key_at(UT.subject, UT.key, world.now)) == KeyPurpose.NONE
    assert world.ask(world.issuers.usable_accounts(UT.subject)) == ()
    refused = world.attempt(UT.control, world.issuers.end_key(UT.subject, UT.key))
    assert refused.reason == "issuer: not the control account"


def test_a_lost_control_account_is_replaced_and_keys_and_accounts_stay(world: World) -> None:
    replace_control(world, UT, account("ut, new control"), keep=True)
    assert world.ask(world.issuers.usable_keys(UT.subject)) == (UT.key,)
    assert world.ask(world.issuers.usable_accounts(UT.subject)) == (UT.anchoring,)
    assert world.ask(world.issuers.control_of(UT.subject)) == account("ut, new control")


def test_a_stolen_control_account_cannot_rewrite_the_past(world: World) -> None:
    world.pass_time(30 * DAY)
    early = world.now - 72 * HOUR
    too_early = world.issuers.key_compromised(UT.subject, UT.key, early - 1, ACT)
    assert world.attempt(UT.control, too_early).reason == "compromise: too far back"
    world.send(UT.control, world.issuers.key_compromised(UT.subject, UT.key, early, ACT))
    assert world.ask(world.issuers.key_at(UT.subject, UT.key, early - 1)) == KeyPurpose.ASSERTION


def test_a_stolen_control_account_accredits_nobody_else_and_takes_no_account(world: World) -> None:
    active(world, UP)
    assert world.attempt(UT.control, activation(world, UP)).reason == "registry: not the council"
    taken = world.issuers.add_anchoring_account(UT.subject, UP.anchoring)
    assert world.attempt(UT.control, taken).reason == "account: known"
    assert world.attempt(UT.control, world.issuers.end_account(UP.anchoring, ACT)).reason


def test_whoever_applies_in_another_institutions_name_loses_it_to_the_quorum() -> None:
    """Take everything from a stranger: application, control, key and anchoring account."""
    world = deploy()
    key, hot = digest("thief's key"), account("thief's anchoring")
    world.send(THIEF, world.issuers.apply(UT.subject, bytes(32), ACT))
    world.send(THIEF, world.issuers.add_key(UT.subject, key, KeyPurpose.ASSERTION, ACT))
    world.send(hot, world.issuers.consent(UT.subject, AccountPurpose.ANCHORING))
    world.send(THIEF, world.issuers.add_anchoring_account(UT.subject, hot))
    world.pass_time(DAY)
    replace_control(world, UT, UT.control, keep=True)

    assert world.attempt(THIEF, world.issuers.attest_quality(UT.subject, ACT)).reason
    assert world.ask(world.issuers.usable_keys(UT.subject)) == ()
    assert world.ask(world.issuers.usable_accounts(UT.subject)) == ()
    assert world.ask(world.issuers.key_at(UT.subject, key, world.now)) == KeyPurpose.NONE
    assert not world.ask(world.issuers.anchor_rights(hot)).may_status
    prepare(world)
    attest(world)
    recognise_agency(world)
    review(world)
    world.as_council(activation(world))
    assert world.ask(world.issuers.usable_keys(UT.subject)) == (UT.key,)


# One rogue member


def test_a_rogue_members_suspension_lapses_by_itself(world: World) -> None:
    urgent = world.council.suspend_urgently(world.issuers.address, UT.subject, ACT)
    world.send(MEMBERS[2], urgent)
    assert not world.ask(world.issuers.anchor_rights(UT.anchoring)).may_open
    world.pass_time(72 * HOUR)
    assert world.ask(world.issuers.anchor_rights(UT.anchoring)).may_open
    assert world.attempt(MEMBERS[2], urgent).reason == "member: suspends again"


def test_the_quorum_ends_a_rogue_members_suspension_at_once(world: World) -> None:
    world.send(MEMBERS[2], world.council.suspend_urgently(world.issuers.address, UT.subject, ACT))
    world.decide(world.issuers.reinstate(UT.subject, ACT))
    assert world.ask(world.issuers.issuer_now(UT.subject)).state == IssuerState.ACTIVE


def test_a_rogue_member_alone_does_nothing_else(world: World) -> None:
    calls = (
        world.issuers.revoke(UT.subject, ACT),
        world.issuers.suspend_urgently(UT.subject, MEMBERS[0], ACT),
        world.issuers.set_void_from(UT.subject, 1, ACT),
        world.issuers.replace_control(UT.subject, THIEF, True, 0, ACT),
        world.programmes.approve(UT.subject, digest("programme"), 0, ACT),
        world.log.open_epoch(UT.subject, [bytes(32)] * 4, ACT),
        world.council.set_members((MEMBERS[0], THIEF, STRANGER), 2),
    )
    for call in calls:
        assert not world.attempt(MEMBERS[0], call).accepted
        proposal = world.propose(call)
        lone = world.attempt(MEMBERS[0], world.council.execute(proposal, call.data))
        assert lone.reason == "council: too few approvals"


def test_a_member_cannot_be_an_institution_or_an_agency(world: World) -> None:
    applied = world.issuers.apply(UP.subject, bytes(32), ACT)
    agency = world.issuers.recognise_agency(AGENCY, MEMBERS[0], world.now + YEAR, ACT)
    assert world.attempt(MEMBERS[0], applied).reason == "account: is the authority"
    assert world.attempt(world.council.address, agency).reason == "account: is the authority"


def test_a_member_who_became_one_after_applying_is_not_accredited() -> None:
    world = deploy()
    reviewed(world)
    world.decide(world.council.set_members((*MEMBERS[:2], UT.control), 2))
    assert world.attempt(world.council.address, activation(world)).reason == "account: is the authority"


REGISTRY_OF_THE_ATTACKER = """
# pragma version 0.4.3
interface Council:
    def execute(proposal: uint256, data: Bytes[8192]): nonpayable
    def set_members(members: DynArray[address, 32], threshold: uint256): nonpayable
    def suspend_urgently(registry: address, issuer: bytes32, act: bytes32): nonpayable
interface Registry:
    def revoke(issuer: bytes32, act: bytes32): nonpayable

council: public(address)
registry: address
way: uint256

@deploy
def __init__(council_: address, registry_: address, way: uint256):
    self.council = council_
    self.registry = registry_
    self.way = way

@external
def suspend_urgently(issuer: bytes32, member: address, act: bytes32):
    if self.way == 0:
        extcall Registry(self.registry).revoke(issuer, act)
    elif self.way == 1:
        extcall Council(self.council).set_members([self], 0)
    elif self.way == 2:
        extcall Council(self.council).execute(1, b"")
    else:
        extcall Council(self.council).suspend_urgently(self.registry, issuer, act)
"""


@pytest.mark.parametrize(
    ("way", "reason"),
    [
        (0, "registry: not the council"),
        (1, "council: not by proposal"),
        (2, ""),  # the lock of execute and suspend_urgently refuses without a reason
        (3, ""),
    ],
)
def test_a_false_registry_gets_no_power_from_the_council(world: World, way: int, reason: str) -> None:
    """Pass a lying contract to the urgent suspension, which takes the registry as an argument: the contract gains
    nothing.
    """
    compiled = compile_code(REGISTRY_OF_THE_ATTACKER, settings=Settings(evm_version="shanghai"))
    false = world.evm.deploy(
        bytes.fromhex(str(compiled["bytecode"])[2:]),
        ("address", "address", "uint256"),
        (world.council.address, world.issuers.address, way),
    )
    outcome = world.attempt(MEMBERS[0], world.council.suspend_urgently(false, UT.subject, ACT))
    assert outcome.reason == reason
    assert world.ask(world.issuers.issuer_now(UT.subject)).state == IssuerState.ACTIVE


# A lost quorum, a rogue recovery set, a rogue accreditor, a rogue agency


def test_a_lost_quorum_is_replaced_and_history_stays_readable(world: World) -> None:
    before = world.now
    heirs = tuple(account(f"heir {n}") for n in range(3))
    world.pass_time(DAY)
    world.send(RECOVERY[0], world.council.propose_recovery(heirs, 2))
    world.send(RECOVERY[1], world.recovery_approval(1))
    world.pass_time(30 * DAY)
    world.send(RECOVERY[0], world.council.execute_recovery(1, heirs, 2))
    proposal = world.council.propose(world.issuers.address, digest("calldata"), ACT)
    assert world.attempt(MEMBERS[0], proposal).reason == "council: not a member"
    assert world.ask(world.issuers.state_at(UT.subject, before)) == IssuerState.ACTIVE


def test_one_of_the_recovery_set_alone_recovers_nothing(world: World) -> None:
    world.send(RECOVERY[0], world.council.propose_recovery((THIEF, STRANGER, RECOVERY[0]), 2))
    world.pass_time(40 * DAY)
    lone = world.council.execute_recovery(1, (THIEF, STRANGER, RECOVERY[0]), 2)
    assert world.attempt(RECOVERY[0], lone).reason == "recovery: too few approvals"


def test_a_rogue_accreditor_stops_with_its_suspension(world: World) -> None:
    accreditor(world, UP)
    friend = Institution("friend")
    reviewed(world, friend, UP.subject)
    world.send(UP.control, activation(world, friend))
    assert world.ask(world.issuers.anchor_rights(friend.anchoring)).may_open
    world.decide(world.issuers.suspend(UP.subject, ACT))
    assert not world.ask(world.issuers.anchor_rights(friend.anchoring)).may_open
    assert world.attempt(UP.control, activation(world, friend)).reason == "accreditor: not accredited"


def test_an_agency_cannot_review_itself_or_act_for_an_institution(world: World) -> None:
    for call in (
        world.issuers.apply(digest("did:agency as institution"), bytes(32), ACT),
        world.issuers.apply(AGENCY, bytes(32), ACT),
    ):
        assert not world.attempt(AGENCY_ACCOUNT, call).accepted
    apply(world, UP)
    taken = world.issuers.add_anchoring_account(UP.subject, AGENCY_ACCOUNT)
    assert world.attempt(UP.control, taken).reason == "account: known"
    assert world.ask(world.issuers.account(AGENCY_ACCOUNT)).purpose == AccountPurpose.AGENCY
    assert world.ask(world.issuers.anchor_rights(AGENCY_ACCOUNT)).issuer == bytes(32)


# Other chains and contracts


def test_a_root_of_another_issuer_is_refused(world: World) -> None:
    active(world, UP)
    theirs = Writer(world, UP)
    theirs.add(2)
    proposal = theirs.propose(CheckpointKind.OPEN)
    world.pass_time(1)
    replay = world.log.anchor(
        proposal.kind,
        proposal.size,
        proposal.root,
        proposal.status_root,
        proposal.last.parts(),
        proposal.consistency_path,
    )
    assert world.attempt(UT.anchoring, replay).reason == "log: previous"


def test_a_registry_needs_a_council_that_is_there() -> None:
    world = deploy()
    outcome = world.evm.read(b"", deploy_data("IssuerRegistry", STRANGER), sender=STRANGER)
    assert outcome.reason == "council: no contract"
