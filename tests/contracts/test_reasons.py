"""Every revert reason of the sources has a code, is reached here by a call, and is typed by what the caller should do."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from acredita.anchoring.account_signature import sign_consent
from acredita.anchoring.transaction import LocalAccount
from acredita.contracts import reasons
from acredita.contracts.account_consent import ConsentDomain
from acredita.contracts.bindings import (
    NO_SUBJECT,
    AccountPurpose,
    Call,
    ContractRefused,
    KeyPurpose,
    SignedConsent,
    deploy_data,
    refusal,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.contracts.harness import (
    ACT,
    AGENCY,
    AGENCY_ACCOUNT,
    DAY,
    HOUR,
    MEMBERS,
    PRODUCTION_ID,
    RECOVERY,
    STRANGER,
    UP,
    UT,
    Institution,
    World,
    accreditor,
    activation,
    active,
    add_account,
    apply,
    approved,
    attest,
    below,
    deploy,
    digest,
    prepare,
    recognise_agency,
    review,
    reviewed,
    submitted,
)
from tests.contracts.log_evm import Outcome, account
from tests.contracts.sources import SOURCES

Situation = Callable[[World], Outcome]
SITUATIONS: dict[str, Situation] = {}
OTHER = Institution("other")
VERSION = digest("programme")
HOT = LocalAccount(b"\x07" * 32)


def reaches(reason: str) -> Callable[[Situation], Situation]:
    def register(situation: Situation) -> Situation:
        assert reason not in SITUATIONS, reason
        SITUATIONS[reason] = situation
        return situation

    return register


def decided(world: World, call: Call) -> Outcome:
    """Propose and approve a call; return the result of its execution."""
    proposal = world.propose(call)
    world.send(MEMBERS[1], world.approval(proposal))
    return world.attempt(MEMBERS[1], world.council.execute(proposal, call.data))


def reasons_in_sources() -> set[str]:
    found: set[str] = set()
    for path in SOURCES:
        text = path.read_text(encoding="utf-8")
        found |= set(re.findall(r'(?:, |raise )"([a-z]+: [a-z ]+)"', text))
    return found


def by_council(world: World, call: Call) -> Outcome:
    return world.attempt(world.council.address, call)


def constructed(world: World, name: str, *values: object) -> Outcome:
    return world.evm.read(b"", deploy_data(name, *values), sender=STRANGER)


# Council


@reaches("council: not a member")
def _(world: World) -> Outcome:
    return world.attempt(STRANGER, world.council.propose(STRANGER, bytes(32), ACT))


@reaches("act: missing")
def _(world: World) -> Outcome:
    return world.attempt(MEMBERS[0], world.council.propose(STRANGER, bytes(32), bytes(32)))


@reaches("council: unknown proposal")
def _(world: World) -> Outcome:
    return world.attempt(MEMBERS[0], world.approval(1))


@reaches("council: already approved")
def _(world: World) -> Outcome:
    proposal = world.propose(world.issuers.end_agency(AGENCY, ACT))
    return world.attempt(MEMBERS[0], world.approval(proposal))


@reaches("council: other proposal")
def _(world: World) -> Outcome:
    proposal = world.propose(world.issuers.end_agency(AGENCY, ACT))
    stored = world.ask(world.council.proposal(proposal))
    another = world.council.approve(proposal, stored.target, digest("calldata"), stored.act)
    return world.attempt(MEMBERS[1], another)


@reaches("council: not approved")
def _(world: World) -> Outcome:
    proposal = world.propose(world.issuers.end_agency(AGENCY, ACT))
    return world.attempt(MEMBERS[1], world.council.retract(proposal))


@reaches("council: retracted")
def _(world: World) -> Outcome:
    proposal = world.propose(world.issuers.end_agency(AGENCY, ACT))
    world.send(MEMBERS[0], world.council.retract(proposal))
    return world.attempt(MEMBERS[1], world.approval(proposal))


@reaches("trust: zero")
def _(world: World) -> Outcome:
    return decided(world, world.council.record_trust(1, bytes(32)))


@reaches("trust: only upward")
def _(world: World) -> Outcome:
    world.decide(world.council.record_trust(7, digest("trust file")))
    return decided(world, world.council.record_trust(7, digest("another trust file")))


@reaches("council: executed")
def _(world: World) -> Outcome:
    call = world.issuers.record_predecessor(STRANGER, digest("state"), ACT)
    world.decide(call)
    return world.attempt(MEMBERS[0], world.council.execute(1, call.data))


@reaches("council: void")
def _(world: World) -> Outcome:
    waiting = world.propose(world.issuers.end_agency(AGENCY, ACT))
    world.decide(world.council.set_members(MEMBERS, 2))
    return world.attempt(MEMBERS[1], world.approval(waiting))


@reaches("council: expired")
def _(world: World) -> Outcome:
    proposal = world.propose(world.issuers.end_agency(AGENCY, ACT))
    world.pass_time(30 * DAY)
    return world.attempt(MEMBERS[1], world.approval(proposal))


@reaches("council: calldata")
def _(world: World) -> Outcome:
    proposal = world.propose(world.issuers.end_agency(AGENCY, ACT))
    return world.attempt(MEMBERS[0], world.council.execute(proposal, b"another"))


@reaches("council: too few approvals")
def _(world: World) -> Outcome:
    call = world.issuers.end_agency(AGENCY, ACT)
    proposal = world.propose(call)
    return world.attempt(MEMBERS[0], world.council.execute(proposal, call.data))


@reaches("council: no contract")
def _(world: World) -> Outcome:
    call = Call(STRANGER, b"")
    proposal = world.propose(call)
    world.send(MEMBERS[1], world.approval(proposal))
    return world.attempt(MEMBERS[0], world.council.execute(proposal, call.data))


@reaches("council: not by proposal")
def _(world: World) -> Outcome:
    return world.attempt(MEMBERS[0], world.council.set_members(MEMBERS, 2))


@reaches("council: members")
def _(world: World) -> Outcome:
    return constructed(world, "Council", (MEMBERS[0], MEMBERS[1], MEMBERS[0]), 2, (), 0)


@reaches("council: threshold")
def _(world: World) -> Outcome:
    return constructed(world, "Council", MEMBERS, 3, (), 0)


@reaches("council: foreign registry")
def _(world: World) -> Outcome:
    other = world.evm.deploy(deploy_data("Council", MEMBERS, 2, (), 0))
    foreign = world.evm.deploy(deploy_data("IssuerRegistry", other))
    return world.attempt(MEMBERS[0], world.council.suspend_urgently(foreign, UT.subject, ACT))


@reaches("recovery: not a member")
def _(world: World) -> Outcome:
    return world.attempt(MEMBERS[0], world.council.propose_recovery(RECOVERY, 2))


@reaches("recovery: unknown")
def _(world: World) -> Outcome:
    return world.attempt(RECOVERY[0], world.recovery_approval(1))


@reaches("recovery: already approved")
def _(world: World) -> Outcome:
    world.send(RECOVERY[0], world.council.propose_recovery(RECOVERY, 2))
    return world.attempt(RECOVERY[0], world.recovery_approval(1))


@reaches("recovery: closed")
def _(world: World) -> Outcome:
    world.send(RECOVERY[0], world.council.propose_recovery(RECOVERY, 2))
    world.decide(world.council.cancel_recovery(1))
    return world.attempt(RECOVERY[1], world.recovery_approval(1))


@reaches("recovery: void")
def _(world: World) -> Outcome:
    world.send(RECOVERY[0], world.council.propose_recovery(RECOVERY, 2))
    world.decide(world.council.set_members(MEMBERS, 2))
    return world.attempt(RECOVERY[1], world.recovery_approval(1))


@reaches("recovery: too few approvals")
def _(world: World) -> Outcome:
    world.send(RECOVERY[0], world.council.propose_recovery(RECOVERY, 2))
    world.pass_time(31 * DAY)
    return world.attempt(RECOVERY[0], world.council.execute_recovery(1, RECOVERY, 2))


def agreed_recovery(world: World) -> None:
    world.send(RECOVERY[0], world.council.propose_recovery(RECOVERY, 2))
    world.send(RECOVERY[1], world.recovery_approval(1))


@reaches("recovery: too early")
def _(world: World) -> Outcome:
    agreed_recovery(world)
    world.pass_time(30 * DAY - 1)
    return world.attempt(RECOVERY[0], world.council.execute_recovery(1, RECOVERY, 2))


@reaches("recovery: expired")
def _(world: World) -> Outcome:
    agreed_recovery(world)
    world.pass_time(60 * DAY)
    return world.attempt(RECOVERY[0], world.council.execute_recovery(1, RECOVERY, 2))


@reaches("recovery: other members")
def _(world: World) -> Outcome:
    agreed_recovery(world)
    world.pass_time(30 * DAY)
    return world.attempt(RECOVERY[0], world.council.execute_recovery(1, (STRANGER, *RECOVERY), 2))


# IssuerRegistry


@reaches("registry: not the council")
def _(world: World) -> Outcome:
    return world.attempt(MEMBERS[0], world.issuers.recognise_agency(AGENCY, AGENCY_ACCOUNT, world.now + 1, ACT))


@reaches("issuer: not the control account")
def _(world: World) -> Outcome:
    apply(world)
    return world.attempt(STRANGER, world.issuers.attest_quality(UT.subject, ACT))


@reaches("issuer: unknown")
def _(world: World) -> Outcome:
    return world.attempt(UT.control, world.issuers.attest_quality(UT.subject, ACT))


@reaches("issuer: zero")
def _(world: World) -> Outcome:
    return world.attempt(UT.control, world.issuers.apply(NO_SUBJECT, NO_SUBJECT, ACT))


@reaches("issuer: is an agency")
def _(world: World) -> Outcome:
    recognise_agency(world)
    return world.attempt(UT.control, world.issuers.apply(AGENCY, NO_SUBJECT, ACT))


@reaches("issuer: state")
def _(world: World) -> Outcome:
    apply(world)
    return by_council(world, world.issuers.reinstate(UT.subject, ACT))


@reaches("issuer: no agency review")
def _(world: World) -> Outcome:
    apply(world)
    prepare(world)
    attest(world)
    return by_council(world, activation(world))


@reaches("issuer: no assertion key")
def _(world: World) -> Outcome:
    recognise_agency(world)
    apply(world)
    attest(world)
    review(world)
    add_account(world, UT, UT.anchoring)
    world.send(UT.control, world.issuers.add_key(UT.subject, UT.key, KeyPurpose.NOTE, ACT))
    return by_council(world, activation(world))


@reaches("issuer: no anchoring account")
def _(world: World) -> Outcome:
    reviewed(world)
    world.send(UT.control, world.issuers.end_account(UT.anchoring, ACT))
    return by_council(world, activation(world))


@reaches("issuer: not active")
def _(world: World) -> Outcome:
    apply(world)
    return by_council(world, world.issuers.set_delegation(UT.subject, True, ACT))


@reaches("until: not later")
def _(world: World) -> Outcome:
    reviewed(world)
    return by_council(world, activation(world, until=world.now))


@reaches("scope: zero")
def _(world: World) -> Outcome:
    active(world)
    return by_council(world, world.issuers.amend_scope(UT.subject, bytes(32), ACT))


@reaches("agency: not recognised")
def _(world: World) -> Outcome:
    recognise_agency(world, until=world.now + DAY)
    apply(world)
    attest(world)
    world.pass_time(DAY)
    return world.attempt(AGENCY_ACCOUNT, world.issuers.review(UT.subject, True, ACT))


@reaches("agency: unknown")
def _(world: World) -> Outcome:
    return by_council(world, world.issuers.end_agency(AGENCY, ACT))


@reaches("agency: zero")
def _(world: World) -> Outcome:
    return by_council(world, world.issuers.recognise_agency(bytes(32), AGENCY_ACCOUNT, world.now + 1, ACT))


@reaches("agency: is an institution")
def _(world: World) -> Outcome:
    apply(world)
    return by_council(world, world.issuers.recognise_agency(UT.subject, AGENCY_ACCOUNT, world.now + 1, ACT))


@reaches("account: is the authority")
def _(world: World) -> Outcome:
    return world.attempt(MEMBERS[2], world.issuers.apply(UT.subject, NO_SUBJECT, ACT))


@reaches("account: zero")
def _(world: World) -> Outcome:
    apply(world)
    return world.attempt(UT.control, world.issuers.add_anchoring_account(UT.subject, bytes(20)))


@reaches("account: known")
def _(world: World) -> Outcome:
    apply(world)
    prepare(world)
    apply(world, UP)
    return world.attempt(UP.control, world.issuers.add_anchoring_account(UP.subject, UT.anchoring))


@reaches("account: unknown")
def _(world: World) -> Outcome:
    return world.attempt(UT.control, world.issuers.end_account(UT.anchoring, ACT))


@reaches("account: ended")
def _(world: World) -> Outcome:
    apply(world)
    prepare(world)
    world.send(UT.control, world.issuers.end_account(UT.anchoring, ACT))
    return world.attempt(UT.control, world.issuers.end_account(UT.anchoring, ACT))


@reaches("key: zero")
def _(world: World) -> Outcome:
    apply(world)
    return world.attempt(UT.control, world.issuers.add_key(UT.subject, UT.key, KeyPurpose.NOTE, bytes(32)))


@reaches("key: purpose")
def _(world: World) -> Outcome:
    apply(world)
    return world.attempt(UT.control, world.issuers.add_key(UT.subject, UT.key, KeyPurpose.NONE, ACT))


@reaches("key: known")
def _(world: World) -> Outcome:
    apply(world)
    prepare(world)
    return world.attempt(UT.control, world.issuers.add_key(UT.subject, UT.key, KeyPurpose.NOTE, ACT))


@reaches("key: unknown")
def _(world: World) -> Outcome:
    apply(world)
    return world.attempt(UT.control, world.issuers.end_key(UT.subject, UT.key))


@reaches("key: ended")
def _(world: World) -> Outcome:
    apply(world)
    prepare(world)
    world.send(UT.control, world.issuers.end_key(UT.subject, UT.key))
    return world.attempt(UT.control, world.issuers.end_key(UT.subject, UT.key))


@reaches("compromise: time")
def _(world: World) -> Outcome:
    apply(world)
    prepare(world)
    return by_council(world, world.issuers.key_compromised(UT.subject, UT.key, world.now + 1, ACT))


@reaches("compromise: too far back")
def _(world: World) -> Outcome:
    apply(world)
    prepare(world)
    since = world.now - 72 * HOUR - 1
    return world.attempt(UT.control, world.issuers.key_compromised(UT.subject, UT.key, since, ACT))


@reaches("compromise: only earlier")
def _(world: World) -> Outcome:
    active(world)
    world.send(UT.control, world.issuers.account_compromised(UT.anchoring, world.now, ACT))
    return world.attempt(UT.control, world.issuers.account_compromised(UT.anchoring, world.now, ACT))


@reaches("void: time")
def _(world: World) -> Outcome:
    active(world)
    return by_council(world, world.issuers.set_void_from(UT.subject, world.now + 1, ACT))


@reaches("void: only earlier")
def _(world: World) -> Outcome:
    active(world)
    world.as_council(world.issuers.set_void_from(UT.subject, world.now, ACT))
    return by_council(world, world.issuers.set_void_from(UT.subject, world.now, ACT))


@reaches("accreditor: not accredited")
def _(world: World) -> Outcome:
    accreditor(world, UP)
    reviewed(world, UT, UP.subject)
    world.as_council(world.issuers.suspend(UP.subject, ACT))
    return world.attempt(UP.control, activation(world))


@reaches("accreditor: too deep")
def _(world: World) -> Outcome:
    accreditor(world, UP)
    below(world, OTHER, UP)
    world.as_council(world.issuers.set_delegation(OTHER.subject, True, ACT))
    below(world, UT, OTHER)
    return by_council(world, world.issuers.set_delegation(UT.subject, True, ACT))


@reaches("member: suspends again")
def _(world: World) -> Outcome:
    active(world)
    suspension = world.council.suspend_urgently(world.issuers.address, UT.subject, ACT)
    world.send(MEMBERS[0], suspension)
    world.pass_time(30 * DAY - 1)
    return world.attempt(MEMBERS[0], suspension)


@reaches("member: too many open")
def _(world: World) -> Outcome:
    for name in ("a", "b", "c", "d"):
        active(world, Institution(name))
    outcomes = [
        world.attempt(
            MEMBERS[0],
            world.council.suspend_urgently(world.issuers.address, Institution(name).subject, ACT),
        )
        for name in ("a", "b", "c", "d")
    ]
    assert [outcome.accepted for outcome in outcomes] == [True, True, True, False]
    return outcomes[3]


@reaches("predecessor: recorded")
def _(world: World) -> Outcome:
    world.as_council(world.issuers.record_predecessor(STRANGER, ACT, ACT))
    return by_council(world, world.issuers.record_predecessor(STRANGER, ACT, ACT))


@reaches("predecessor: zero")
def _(world: World) -> Outcome:
    return by_council(world, world.programmes.record_predecessor(bytes(20), ACT, ACT))


# ProgrammeRegistry


@reaches("registry: no contract")
def _(world: World) -> Outcome:
    return constructed(world, "ProgrammeRegistry", world.council.address, STRANGER)


@reaches("registry: other council")
def _(world: World) -> Outcome:
    return constructed(world, "ProgrammeRegistry", STRANGER, world.issuers.address)


@reaches("programme: not the owner")
def _(world: World) -> Outcome:
    return world.attempt(UT.control, world.programmes.submit(UT.subject, VERSION))


@reaches("programme: zero")
def _(world: World) -> Outcome:
    apply(world)
    return world.attempt(UT.control, world.programmes.submit(UT.subject, bytes(32)))


@reaches("programme: known")
def _(world: World) -> Outcome:
    apply(world)
    submitted(world, VERSION)
    return world.attempt(UT.control, world.programmes.submit(UT.subject, VERSION))


def signed(world: World, account: LocalAccount, deadline: int) -> SignedConsent:
    domain = ConsentDomain(world.evm.chain_id, world.issuers.address)
    return sign_consent(account, domain, UT.subject, AccountPurpose.ANCHORING, deadline)


@reaches("consent: missing")
def _(world: World) -> Outcome:
    apply(world)
    return world.attempt(UT.control, world.issuers.add_anchoring_account(UT.subject, UT.anchoring))


@reaches("consent: deadline")
def _(world: World) -> Outcome:
    apply(world)
    late = signed(world, HOT, world.now - 1)
    return world.attempt(UT.control, world.issuers.add_anchoring_account(UT.subject, HOT.address, late))


@reaches("consent: signature")
def _(world: World) -> Outcome:
    apply(world)
    consent = signed(world, HOT, world.now)
    other = replace(consent, deadline=consent.deadline + 1)
    return world.attempt(UT.control, world.issuers.add_anchoring_account(UT.subject, HOT.address, other))


@reaches("issuer: too many")
def _(world: World) -> Outcome:
    apply(world)
    return add_keys(world, 9)


@reaches("key: too many")
def _(world: World) -> Outcome:
    active(world)
    return add_keys(world, 16)


def add_keys(world: World, count: int) -> Outcome:
    keys = [digest(f"key {number}") for number in range(count)]
    calls = [world.issuers.add_key(UT.subject, key, KeyPurpose.NOTE, ACT) for key in keys]
    *_, last = [world.attempt(UT.control, call) for call in calls]
    return last


@reaches("account: too many")
def _(world: World) -> Outcome:
    active(world)
    for number in range(7):
        add_account(world, UT, account(f"anchoring {number}"))
    return world.attempt(UT.control, world.issuers.add_anchoring_account(UT.subject, account("one more")))


@reaches("agency: too soon")
def _(world: World) -> Outcome:
    recognise_agency(world)
    apply(world)
    submitted(world, VERSION)
    call = world.programmes.review(UT.subject, VERSION, False, ACT)
    world.send(AGENCY_ACCOUNT, call)
    return world.attempt(AGENCY_ACCOUNT, call)


@reaches("programme: unknown")
def _(world: World) -> Outcome:
    return by_council(world, world.programmes.approve(UT.subject, VERSION, 0, ACT))


@reaches("programme: state")
def _(world: World) -> Outcome:
    apply(world)
    approved(world, VERSION)
    return by_council(world, world.programmes.approve(UT.subject, VERSION, 0, ACT))


@reaches("programme: no such entry")
def _(world: World) -> Outcome:
    view = world.programmes.transition(VERSION, 0)
    return world.evm.read(view.to, view.data)


# CredentialLog


def anchor(world: World, kind: int = 1, size: int = 2, **other: object) -> Call:
    given = {"root": ACT, "status_root": ACT, "previous": [bytes(32)] * 4, "consistency_path": [ACT]} | other
    return world.log.anchor(kind, size, **given)  # type: ignore[arg-type]


def first_checkpoint(world: World, who: Institution = UT) -> list[bytes]:
    """Return the fixed part, root, status root and previous word of checkpoint 0 of epoch 1."""
    entry = b"\x01\x00\xff\xff\xff\xff" + world.ask(world.log.log_id(who.subject, 1)) + bytes(32)
    status_root = digest_of(b"acredita/status/1" + bytes(4) + digest_of(b""))
    return [(1 << 40).to_bytes(32, "big"), digest_of(b"\x00" + entry), status_root, bytes(32)]


def digest_of(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


@reaches("log: registry")
def _(world: World) -> Outcome:
    return constructed(world, "CredentialLog", STRANGER, world.council.address)


@reaches("log: council")
def _(world: World) -> Outcome:
    return world.attempt(STRANGER, world.log.open_epoch(UT.subject, [bytes(32)] * 4, ACT))


@reaches("log: kind")
def _(world: World) -> Outcome:
    return world.attempt(UT.anchoring, anchor(world, kind=3))


@reaches("log: account")
def _(world: World) -> Outcome:
    return world.attempt(STRANGER, anchor(world))


@reaches("log: size")
def _(world: World) -> Outcome:
    active(world)
    return world.attempt(UT.anchoring, anchor(world, size=1))


def extension(world: World) -> Call:
    previous = first_checkpoint(world)
    root = digest_of(b"\x01" + previous[1] + ACT)
    return anchor(world, root=root, previous=previous)


@reaches("log: time")
def _(world: World) -> Outcome:
    active(world)
    world.send(UT.anchoring, extension(world))
    return world.attempt(UT.anchoring, anchor(world, size=3))


@reaches("log: previous")
def _(world: World) -> Outcome:
    active(world)
    return world.attempt(UT.anchoring, anchor(world))


@reaches("log: path")
def _(world: World) -> Outcome:
    active(world)
    previous = first_checkpoint(world)
    return world.attempt(UT.anchoring, anchor(world, previous=previous, consistency_path=[]))


@reaches("log: consistency")
def _(world: World) -> Outcome:
    active(world)
    return world.attempt(UT.anchoring, anchor(world, previous=first_checkpoint(world)))


@reaches("log: epoch")
def _(world: World) -> Outcome:
    view = world.log.last_good(UT.subject, 1)
    return world.evm.read(view.to, view.data)


# The tests


@pytest.mark.parametrize("reason", sorted(SITUATIONS))
def test_the_reason_is_reached(reason: str) -> None:
    world = deploy()
    outcome = SITUATIONS[reason](world)
    assert outcome.reason == reason
    found = refusal(outcome.output)
    assert (found.reason, found.code) == (reason, reasons.REASONS[reason])
    assert type(found) is not ContractRefused


def test_sources_table_and_situations_name_the_same_reasons() -> None:
    assert reasons_in_sources() == set(reasons.REASONS) == set(SITUATIONS)


def test_every_reason_is_in_one_group() -> None:
    groups = [set(table) for _, table in reasons._GROUPS]
    assert sum(map(len, groups)) == len(set.union(*groups)) == len(reasons.REASONS)


def test_every_assertion_in_the_sources_gives_a_reason() -> None:
    for path in SOURCES:
        text = re.sub(r"\([^()]*\)", "", path.read_text(encoding="utf-8"))
        for line in re.findall(r"^ +assert .*$", text, re.MULTILINE):
            assert re.search(r', "[a-z ]+: [a-z ]+"$', line) or line.endswith("("), f"{path.name}: {line}"


def test_a_refused_call_through_the_council_keeps_its_reason() -> None:
    world = deploy()
    call = world.issuers.reinstate(UT.subject, ACT)
    proposal = world.propose(call)
    world.send(MEMBERS[1], world.approval(proposal))
    outcome = world.attempt(MEMBERS[1], world.council.execute(proposal, call.data))
    assert refusal(outcome.output).code == "ISSUER_UNKNOWN"
    assert not world.ask(world.council.proposal(proposal)).executed


def test_one_approval_is_enough_on_the_demonstration_chain_alone() -> None:
    constructor = ("Council", MEMBERS, 1, (), 0)
    assert constructed(deploy(), *constructor).accepted
    assert constructed(deploy(PRODUCTION_ID), *constructor).reason == "council: threshold"
    recovery = ("Council", MEMBERS, 2, RECOVERY, 1)
    assert constructed(deploy(), *recovery).accepted
    assert constructed(deploy(PRODUCTION_ID), *recovery).reason == "council: threshold"


@given(st.binary(max_size=200))
@settings(max_examples=200, derandomize=True, deadline=None)
def test_any_revert_data_gives_a_refusal(data: bytes) -> None:
    assert isinstance(refusal(data), ContractRefused)
    assert isinstance(refusal(reasons.ERROR_SELECTOR + data), ContractRefused)


def test_an_unknown_reason_is_not_made_plausible() -> None:
    assert type(reasons.refused("issuer: something new")) is reasons.UnexplainedRefused
    assert refusal(b"").code == reasons.UNEXPLAINED_CODE
