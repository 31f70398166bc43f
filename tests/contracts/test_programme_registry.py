"""Programme versions over time."""

from acredita.contracts.bindings import MAX_BATCH, ProgrammeEvent, ProgrammeState, programme_version
from eth_hash.auto import keccak

from tests.contracts.harness import (
    ACT,
    AGENCY_ACCOUNT,
    DAY,
    UP,
    UT,
    YEAR,
    World,
    apply,
    approved,
    deploy,
    digest,
    recognise_agency,
    submitted,
)

FIRST, SECOND = digest("version 1"), digest("version 2")
VERSION = programme_version(UT.subject, FIRST)


def approved_at(world: World, document: bytes, t: int) -> bool:
    return world.ask(world.programmes.approved_at(programme_version(UT.subject, document), t))


def state(world: World, document: bytes, owner: bytes = UT.subject) -> ProgrammeState:
    return world.ask(world.programmes.programme_now(programme_version(owner, document))).state


def test_a_version_is_its_owner_and_its_document() -> None:
    world = deploy()
    expected = keccak(b"acredita/programme/1" + UT.subject + FIRST)
    assert programme_version(UT.subject, FIRST) == expected
    assert world.ask(world.programmes.version_of(UT.subject, FIRST)) == expected


def test_another_owner_supersedes_nothing_of_ours() -> None:
    """Name a document that another owner has: only one's own version can be superseded."""
    world = deploy()
    apply(world)
    apply(world, UP)
    approved(world, FIRST)
    call = world.programmes.submit(UP.subject, SECOND, FIRST)
    assert world.attempt(UP.control, call).reason == "programme: unknown"


def test_an_agency_reviews_a_version_once_in_a_state_and_again_a_day_later() -> None:
    world = deploy()
    recognise_agency(world)
    apply(world)
    submitted(world, FIRST)
    call = world.programmes.review(UT.subject, FIRST, False, digest("report"))
    world.send(AGENCY_ACCOUNT, call)
    world.pass_time(DAY - 1)
    assert world.attempt(AGENCY_ACCOUNT, call).reason == "agency: too soon"
    world.pass_time(1)
    world.send(AGENCY_ACCOUNT, call)
    world.as_council(world.programmes.approve(UT.subject, FIRST, 0, ACT))
    world.send(AGENCY_ACCOUNT, call)


def test_approved_from_the_record_until_the_windows_end() -> None:
    world = deploy()
    apply(world)
    submitted(world, FIRST)
    world.pass_time(DAY)
    begun, until = world.now, world.now + YEAR
    world.decide(world.programmes.approve(UT.subject, FIRST, until, ACT))
    moments = (begun - 1, begun, until - 1, until)
    assert [approved_at(world, FIRST, t) for t in moments] == [False, True, True, False]


def test_an_expired_version_is_approved_again_by_a_new_record() -> None:
    world = deploy()
    apply(world)
    submitted(world, FIRST)
    until = world.now + DAY
    world.as_council(world.programmes.approve(UT.subject, FIRST, until, ACT))
    world.pass_time(2 * DAY)
    assert state(world, FIRST) == ProgrammeState.EXPIRED
    world.as_council(world.programmes.approve(UT.subject, FIRST, 0, ACT))
    assert not approved_at(world, FIRST, until)
    assert approved_at(world, FIRST, world.now + 100 * YEAR)


def test_a_new_version_supersedes_the_old_when_it_is_approved() -> None:
    world = deploy()
    apply(world)
    approved(world, FIRST)
    world.pass_time(DAY)
    submitted(world, SECOND, supersedes=FIRST)
    assert state(world, FIRST) == ProgrammeState.APPROVED
    world.pass_time(DAY)
    world.as_council(world.programmes.approve(UT.subject, SECOND, 0, ACT))
    assert (state(world, FIRST), state(world, SECOND)) == (ProgrammeState.SUPERSEDED, ProgrammeState.APPROVED)
    assert approved_at(world, FIRST, world.now - 1)
    assert not approved_at(world, FIRST, world.now)


def test_a_new_version_does_not_lift_the_olds_suspension() -> None:
    world = deploy()
    apply(world)
    approved(world, FIRST)
    world.as_council(world.programmes.suspend(UT.subject, FIRST, ACT))
    approved(world, SECOND, supersedes=FIRST)
    assert state(world, FIRST) == ProgrammeState.SUSPENDED


def test_nobody_submits_for_an_owner_without_control() -> None:
    world = deploy()
    nobody = world.programmes.submit(UT.subject, FIRST)
    assert world.attempt(bytes(20), nobody).reason == "programme: not the owner"
    apply(world)
    world.send(UT.control, world.issuers.account_compromised(UT.control, world.now, ACT))
    for sender in (bytes(20), UT.control):
        assert world.attempt(sender, nobody).reason == "programme: not the owner"


def test_a_withdrawn_version_stays_withdrawn() -> None:
    world = deploy()
    apply(world)
    approved(world, FIRST)
    world.pass_time(1)
    world.send(UT.control, world.programmes.withdraw(UT.subject, FIRST, ACT))
    assert approved_at(world, FIRST, world.now - 1)
    for call in (
        world.programmes.approve(UT.subject, FIRST, 0, ACT),
        world.programmes.reinstate(UT.subject, FIRST, ACT),
    ):
        assert world.attempt(world.council.address, call).reason == "programme: state"


def test_one_proposal_approves_two_hundred_versions() -> None:
    world = deploy()
    apply(world)
    versions = [digest(f"version {n}") for n in range(MAX_BATCH)]
    for version in versions:
        submitted(world, version)
    outcome = world.decide(world.programmes.approve_batch([(UT.subject, version) for version in versions], 0, ACT))
    assert all(state(world, version) == ProgrammeState.APPROVED for version in versions)
    assert outcome.gas < MAX_BATCH * 25_000


def test_a_batch_is_all_or_nothing() -> None:
    world = deploy()
    apply(world)
    submitted(world, FIRST)
    batch = world.programmes.approve_batch([(UT.subject, FIRST), (UT.subject, SECOND)], 0, ACT)
    assert world.attempt(world.council.address, batch).reason == "programme: unknown"
    assert state(world, FIRST) == ProgrammeState.SUBMITTED


def test_a_timeline_longer_than_one_word_reads_back() -> None:
    world = deploy()
    apply(world)
    approved(world, FIRST)
    expected = [ProgrammeState.SUBMITTED, ProgrammeState.APPROVED]
    times = [world.now, world.now]
    for _ in range(4):
        for call, after in (
            (world.programmes.suspend(UT.subject, FIRST, ACT), ProgrammeState.SUSPENDED),
            (world.programmes.reinstate(UT.subject, FIRST, ACT), ProgrammeState.APPROVED),
        ):
            world.pass_time(DAY)
            world.as_council(call)
            expected.append(after)
            times.append(world.now)
    entries = [world.ask(world.programmes.transition(VERSION, n)) for n in range(len(expected))]
    assert [entry >> 80 for entry in entries] == expected
    assert [entry & (2**40 - 1) for entry in entries] == times
    for t, after in list(zip(times, expected, strict=True))[2:]:
        assert world.ask(world.programmes.state_at(VERSION, t)) == after


def test_folding_every_record_gives_the_history_hash() -> None:
    world = deploy()
    recognise_agency(world)
    apply(world)
    submitted(world, FIRST)
    world.send(AGENCY_ACCOUNT, world.programmes.review(UT.subject, FIRST, True, digest("report")))
    world.as_council(world.programmes.approve(UT.subject, FIRST, 0, ACT))
    approved(world, SECOND, supersedes=FIRST)
    kinds = {type(event) for event in world.events}
    assert set(ProgrammeEvent.__args__) <= kinds
    for version in (VERSION, programme_version(UT.subject, SECOND)):
        folded = world.history(world.programmes.address, version)
        assert world.ask(world.programmes.history(version)) == folded != bytes(32)
