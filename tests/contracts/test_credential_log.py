"""CredentialLog on the real registry: what it takes, what it refuses and why, and that Python says the same bytes."""

from dataclasses import replace

import pytest
from acredita.anchoring.checkpoint import FIRST_HEAD, CheckpointKind, Head, unpack_head
from acredita.anchoring.entries import EntryKind, position_of, status_change
from acredita.anchoring.log import ProposedCheckpoint
from acredita.anchoring.types import Root
from acredita.contracts import slots
from acredita.contracts.bindings import CredentialLog, EpochOpened, deploy_data
from acredita.contracts.events import Anchored

from tests.contracts.harness import (
    ACT,
    AGENCY_ACCOUNT,
    MEMBERS,
    PRODUCTION_ID,
    STRANGER,
    UP,
    UT,
    Institution,
    World,
    accreditor,
    active,
    appoint_custodian,
    below,
    deploy,
    digest,
)
from tests.contracts.log_evm import account
from tests.contracts.log_writer import NO_STATUS, SOME_ROOT, SOME_WORD, Writer, call_of, credential

OPEN, STATUS_ONLY = CheckpointKind.OPEN, CheckpointKind.STATUS_ONLY
CUSTODIAN = account("custodian")


@pytest.fixture
def world() -> World:
    deployed = deploy()
    active(deployed, UT)
    return deployed


@pytest.fixture
def ut(world: World) -> Writer:
    return Writer(world, UT)


def head_of(world: World, who: Institution = UT) -> Head:
    return unpack_head(world.ask(world.log.head(who.subject)))


def word_of(world: World, epoch: int, number: int, who: Institution = UT) -> bytes:
    return world.ask(world.log.checkpoint_word(who.subject, epoch, number))


def anchored(world: World) -> Anchored:
    (event,) = [event for event in world.events if isinstance(event, Anchored)][-1:]
    return event


# --- what it keeps ---


def test_the_opening_of_epoch_1_is_computed_and_is_the_one_python_computes(world: World, ut: Writer) -> None:
    assert head_of(world) == FIRST_HEAD
    assert word_of(world, 1, 0) == ut.last.word()
    assert world.evm.storage(world.log.address, _slot(slots.checkpoint_word(UT.subject, 1, 0))) == 0
    assert world.evm.storage(world.log.address, _slot(slots.head(UT.subject))) == 0


@pytest.mark.parametrize("kind", [OPEN, STATUS_ONLY])
def test_the_first_anchor_of_either_kind_extends_the_opening(world: World, ut: Writer, kind: int) -> None:
    if kind == OPEN:
        ut.add(3)
    else:
        ut.log.append(status_change(EntryKind.REVOKED, position_of(0, 9)))
    proposal = ut.propose(kind)
    assert ut.attempt(proposal).accepted
    checkpoint = proposal.checkpoint(world.now)
    assert head_of(world) == Head(1, 1, checkpoint.size, world.now)
    assert word_of(world, 1, 1) == checkpoint.word()


def test_an_event_alone_gives_its_checkpoint(world: World, ut: Writer) -> None:
    ut.anchor(2)
    ut.log.append(status_change(EntryKind.SUSPENDED, 4))
    checkpoint = ut.anchor(1, STATUS_ONLY)
    event = anchored(world)
    assert (event.issuer, event.epoch, event.account) == (UT.subject, 1, UT.anchoring)
    fields = (event.kind, event.number, event.old_size, event.size, event.root, event.status_root, event.time)
    kept = (
        checkpoint.kind,
        checkpoint.number,
        checkpoint.old_size,
        checkpoint.size,
        checkpoint.root,
        checkpoint.status_root,
        checkpoint.time,
    )
    assert fields == kept
    assert (event.previous, event.word) == (checkpoint.previous, checkpoint.word())


def test_every_checkpoint_stays_where_a_state_proof_finds_it(world: World, ut: Writer) -> None:
    for count in (1, 2, 5, 8):
        ut.anchor(count)
    for checkpoint in ut.checkpoints[1:]:
        slot = _slot(slots.checkpoint_word(UT.subject, 1, checkpoint.number))
        assert world.evm.storage(world.log.address, slot).to_bytes(32, "big") == checkpoint.word()
    packed = world.evm.storage(world.log.address, _slot(slots.head(UT.subject)))
    assert unpack_head(packed) == head_of(world) == Head(1, 4, ut.log.size, world.now)


def test_there_is_no_checkpoint_beyond_the_head(world: World, ut: Writer) -> None:
    ut.anchor()
    assert word_of(world, 1, 2) == word_of(world, 2, 0) == word_of(world, 0, 0) == bytes(32)


# --- who may ---


def _expect(ut: Writer, reason: str, proposal: ProposedCheckpoint | None = None, sender: bytes | None = None) -> None:
    before = head_of(ut.world)
    if proposal is None:
        ut.add()
        proposal = ut.propose()
    assert ut.attempt(proposal, sender).reason == reason
    assert head_of(ut.world) == before


@pytest.mark.parametrize("kind", [0, 3, 255])
def test_no_other_kind(ut: Writer, kind: int) -> None:
    ut.add()
    _expect(ut, "log: kind", replace(ut.propose(), kind=kind))


@pytest.mark.parametrize("kind", [OPEN, STATUS_ONLY])
@pytest.mark.parametrize(
    "sender",
    [STRANGER, UT.control, AGENCY_ACCOUNT, MEMBERS[0]],
    ids=["stranger", "control", "agency", "member"],
)
def test_only_an_anchoring_account(ut: Writer, sender: bytes, kind: int) -> None:
    ut.add()
    _expect(ut, "log: account", ut.propose(kind), sender)


@pytest.mark.parametrize("kind", [OPEN, STATUS_ONLY])
def test_an_account_that_has_ended_anchors_nothing(world: World, ut: Writer, kind: int) -> None:
    world.send(UT.control, world.issuers.end_account(UT.anchoring, ACT))
    ut.add()
    _expect(ut, "log: account", ut.propose(kind))


@pytest.mark.parametrize("kind", [OPEN, STATUS_ONLY])
def test_an_account_said_to_be_compromised_anchors_nothing(world: World, ut: Writer, kind: int) -> None:
    world.send(UT.control, world.issuers.account_compromised(UT.anchoring, world.now, ACT))
    ut.add()
    _expect(ut, "log: account", ut.propose(kind))


def test_a_suspended_issuer_issues_nothing_and_can_still_revoke(world: World, ut: Writer) -> None:
    ut.anchor(4)
    world.as_council(world.issuers.suspend(UT.subject, ACT))
    _expect(ut, "issuer: not active")
    ut.log.append(status_change(EntryKind.REVOKED, 7))
    assert ut.attempt(ut.propose(STATUS_ONLY)).accepted
    world.as_council(world.issuers.reinstate(UT.subject, ACT))
    ut.anchor(1)


def test_a_revoked_issuer_can_still_revoke(world: World, ut: Writer) -> None:
    ut.anchor(4)
    world.as_council(world.issuers.revoke(UT.subject, ACT))
    _expect(ut, "issuer: not active")
    assert ut.attempt(ut.propose(STATUS_ONLY)).accepted


def test_an_expired_issuer_can_still_revoke(world: World) -> None:
    active(world, UP, until=world.now + 10_000)
    up = Writer(world, UP)
    up.anchor()
    world.pass_time(10_000)
    up.add()
    assert up.attempt(up.propose()).reason == "issuer: not active"
    assert up.attempt(up.propose(STATUS_ONLY)).accepted


def test_an_issuer_stops_with_any_accreditor_above_it(world: World) -> None:
    ministry, agency = Institution("ministry"), Institution("regional")
    accreditor(world, ministry)
    below(world, agency, ministry)
    world.as_council(world.issuers.set_delegation(agency.subject, True, ACT))
    below(world, UP, agency)
    up = Writer(world, UP)
    up.anchor()
    for above in (agency, ministry):
        world.as_council(world.issuers.suspend(above.subject, ACT))
        up.add()
        assert up.attempt(up.propose()).reason == "issuer: not active"
        assert up.attempt(up.propose(STATUS_ONLY)).accepted
        world.as_council(world.issuers.reinstate(above.subject, ACT))
        up.anchor()


def test_a_custodian_revokes_for_an_issuer_and_never_issues(world: World, ut: Writer) -> None:
    ut.anchor(2)
    world.as_council(world.issuers.revoke(UT.subject, ACT))
    appoint_custodian(world, UT, CUSTODIAN)
    ut.log.append(status_change(EntryKind.REVOKED, 7))
    _expect(ut, "issuer: not active", ut.propose(OPEN), CUSTODIAN)
    assert ut.attempt(ut.propose(STATUS_ONLY), CUSTODIAN).accepted
    assert anchored(world).account == CUSTODIAN


# --- what extends what ---


@pytest.mark.parametrize("back", [0, 1, 5])
def test_a_log_only_grows(ut: Writer, back: int) -> None:
    ut.anchor(5)
    ut.add()
    _expect(ut, "log: size", replace(ut.propose(), size=ut.last.size - back))


def test_one_checkpoint_in_a_block_time(world: World, ut: Writer) -> None:
    ut.anchor()
    ut.add()
    outcome = world.attempt(UT.anchoring, call_of(world, ut.propose()))
    assert outcome.reason == "log: time"
    assert ut.attempt(ut.propose()).accepted


def test_the_time_of_an_opened_epoch_counts_as_well(world: World, ut: Writer) -> None:
    after = ut.next_epoch(ut.anchor(), ACT)
    after.add()
    assert world.attempt(UT.anchoring, call_of(world, after.propose())).reason == "log: time"


@pytest.mark.parametrize(
    "change",
    [
        {"kind": 2},
        {"number": 1},
        {"old_size": 3},
        {"size": 7},
        {"time": 5},
        {"root": SOME_ROOT},
        {"status_root": NO_STATUS},
        {"previous": SOME_WORD},
    ],
    ids=lambda change: next(iter(change)),
)
def test_previous_is_the_checkpoint_of_the_head_to_the_last_bit(ut: Writer, change: dict[str, object]) -> None:
    ut.anchor(3)
    ut.log.append(status_change(EntryKind.REVOKED, 1))
    ut.anchor(3)
    ut.add()
    proposal = ut.propose()
    _expect(ut, "log: previous", replace(proposal, last=replace(ut.last, **change)))
    assert ut.attempt(proposal).accepted


def test_an_earlier_checkpoint_is_not_the_head(ut: Writer) -> None:
    first = ut.anchor(3)
    ut.anchor(3)
    ut.add()
    _expect(ut, "log: previous", ut.log.propose(first, OPEN))
    _expect(ut, "log: previous", ut.log.propose(ut.checkpoints[0], OPEN))


def test_a_rewritten_log_is_refused(world: World, ut: Writer) -> None:
    ut.anchor(6)
    rewritten = Writer(world, UT)
    rewritten.log.extend([credential("slipped in"), *(credential(("ut", 1, n)) for n in range(2, 9))])
    other = rewritten.log.propose(ut.last, OPEN)
    ut.add(2)
    honest = ut.propose()
    _expect(ut, "log: consistency", other)
    _expect(ut, "log: consistency", replace(honest, root=other.root))
    _expect(ut, "log: consistency", replace(other, root=honest.root))
    assert ut.attempt(honest).accepted


def test_a_path_has_one_length(ut: Writer) -> None:
    ut.anchor(5)
    ut.add(7)
    proposal = ut.propose()
    path = proposal.consistency_path
    assert len(path) > 2
    _expect(ut, "log: path", replace(proposal, consistency_path=()))
    _expect(ut, "log: path", replace(proposal, consistency_path=path[:-1]))
    _expect(ut, "log: path", replace(proposal, consistency_path=(*path, SOME_ROOT)))
    _expect(ut, "log: path", replace(proposal, consistency_path=path + (SOME_ROOT,) * (64 - len(path))))


def test_no_path_is_longer_than_64_and_no_size_beyond_48_bits(world: World, ut: Writer) -> None:
    ut.add()
    _expect(ut, "", replace(ut.propose(), consistency_path=(SOME_ROOT,) * 65))
    data = bytearray(call_of(world, ut.propose()).data)
    data[4 + 32 + 32 - 7] = 1  # the byte above a uint48
    assert world.evm.send(UT.anchoring, world.log.address, bytes(data)).reason == ""


# --- replays ---


def test_the_same_batch_twice(world: World, ut: Writer) -> None:
    ut.add(2)
    proposal = ut.propose()
    assert ut.attempt(proposal).accepted
    _expect(ut, "log: size", proposal)
    assert head_of(world).number == 1


def test_a_batch_of_another_issuer(world: World, ut: Writer) -> None:
    active(world, UP)
    up = Writer(world, UP)
    ut.add(2)
    assert up.attempt(ut.propose()).reason == "log: previous"
    # Its own opening does not help: the foreign root does not extend it.
    foreign = replace(ut.propose(), last=up.last)
    assert up.attempt(foreign).reason == "log: consistency"


def test_a_batch_of_another_contract(world: World, ut: Writer) -> None:
    twin = world.evm.deploy(deploy_data("CredentialLog", world.issuers.address, world.council.address))
    ut.add(2)
    call = call_of(world, ut.propose())
    world.pass_time(1)
    assert world.evm.send(UT.anchoring, twin, call.data).reason == "log: previous"
    assert world.ask(CredentialLog(twin).log_id(UT.subject, 1)) != world.ask(world.log.log_id(UT.subject, 1))


def test_a_batch_of_another_chain(world: World, ut: Writer) -> None:
    elsewhere = deploy(chain_id=PRODUCTION_ID)
    active(elsewhere, UT)
    assert elsewhere.log.address == world.log.address
    there = Writer(elsewhere, UT)
    there.anchor(3)
    _expect(ut, "log: previous", there.log.propose(there.checkpoints[0], OPEN))


# --- epochs ---


def test_an_epoch_is_opened_by_decision_and_starts_from_the_last_good_checkpoint(world: World, ut: Writer) -> None:
    ut.log.append(status_change(EntryKind.REVOKED, 7))
    good = ut.anchor(3)
    stolen = ut.anchor(2)
    world.decide(world.log.open_epoch(UT.subject, good.parts(), ACT))
    event = [event for event in world.events if isinstance(event, EpochOpened)][-1]
    assert (event.issuer, event.epoch, event.last_good, event.act) == (UT.subject, 2, good.number, ACT)
    assert (event.status_root, event.previous, event.time) == (good.status_root, good.word(), world.now)
    assert head_of(world) == Head(2, 0, 1, world.now)
    assert world.ask(world.log.last_good(UT.subject, 1)) == good.number < stolen.number
    slot = _slot(slots.last_good(UT.subject, 1))
    assert world.evm.storage(world.log.address, slot) == good.number
    assert word_of(world, 2, 0) == event.word != bytes(32)


def test_the_log_goes_on_in_its_new_epoch_and_the_void_branch_does_not(world: World, ut: Writer) -> None:
    ut.log.append(status_change(EntryKind.REVOKED, 7))
    good = ut.anchor(3)
    ut.anchor(2)
    after = ut.next_epoch(good, ACT)
    assert word_of(world, 2, 0) == after.last.word()
    ut.add()
    _expect(ut, "log: previous", ut.propose())
    _expect(ut, "log: previous", ut.log.propose(good, OPEN))
    first = after.anchor(4)
    assert (first.number, first.old_size, first.previous) == (1, 1, after.checkpoints[0].word())
    assert word_of(world, 1, good.number) == good.word()
    assert word_of(world, 1, ut.last.number) == ut.last.word()


def test_the_branch_of_an_old_epoch_cannot_be_replayed_on_the_new_opening(ut: Writer) -> None:
    ut.add(3)
    old = ut.propose()
    assert ut.attempt(old).accepted
    after = ut.next_epoch(ut.checkpoints[0], ACT)
    _expect(after, "log: previous", old)
    _expect(after, "log: consistency", replace(old, last=after.last))


@pytest.mark.parametrize(
    "sender",
    [STRANGER, UT.control, UT.anchoring, MEMBERS[0]],
    ids=["stranger", "control", "anchoring", "member"],
)
def test_only_the_council_opens_an_epoch(world: World, ut: Writer, sender: bytes) -> None:
    call = world.log.open_epoch(UT.subject, ut.anchor().parts(), ACT)
    assert world.attempt(sender, call).reason == "log: council"


def test_an_epoch_starts_from_nothing_but_a_checkpoint_of_the_current_one(world: World, ut: Writer) -> None:
    good = ut.anchor(3)
    for wrong in (
        replace(good, root=SOME_ROOT),
        replace(good, number=good.number + 1),
        replace(good, status_root=Root(digest("forged status"))),
        replace(ut.checkpoints[0], time=1),
    ):
        call = world.log.open_epoch(UT.subject, wrong.parts(), ACT)
        assert world.attempt(world.council.address, call).reason == "log: previous"
    ut.next_epoch(good, ACT)
    again = world.log.open_epoch(UT.subject, good.parts(), ACT)
    assert world.attempt(world.council.address, again).reason == "log: previous"
    with_high_bits = [b"\xff" + good.parts()[0][1:], *good.parts()[1:]]
    call = world.log.open_epoch(UT.subject, with_high_bits, ACT)
    assert world.attempt(world.council.address, call).reason == "log: previous"


def test_epochs_follow_each_other_even_without_an_anchor(world: World, ut: Writer) -> None:
    second = ut.next_epoch(ut.last, ACT)
    third = second.next_epoch(second.last, ACT)
    third.anchor(2)
    assert head_of(world).epoch == 3
    assert [world.ask(world.log.last_good(UT.subject, epoch)) for epoch in (1, 2)] == [0, 0]


@pytest.mark.parametrize("epoch", [0, 1, 2])
def test_an_epoch_that_is_not_closed_has_no_last_good_checkpoint(world: World, ut: Writer, epoch: int) -> None:
    ut.anchor()
    view = world.log.last_good(UT.subject, epoch)
    assert world.evm.read(view.to, view.data).reason == "log: epoch"


def test_epochs_of_one_issuer_are_nothing_to_another(world: World, ut: Writer) -> None:
    active(world, UP)
    up = Writer(world, UP)
    up.anchor()
    ut.next_epoch(ut.anchor(), ACT)
    up.anchor()
    assert head_of(world, UP).epoch == 1


# --- deployment ---


@pytest.mark.parametrize(
    ("registry", "council", "reason"), [(False, True, "log: registry"), (True, False, "log: council")]
)
def test_it_is_bound_to_contracts(world: World, registry: bool, council: bool, reason: str) -> None:
    addresses = (
        world.issuers.address if registry else STRANGER,
        world.council.address if council else STRANGER,
    )
    outcome = world.evm.send(STRANGER, b"", deploy_data("CredentialLog", *addresses))
    assert outcome.reason == reason


def _slot(slot: bytes) -> int:
    return int.from_bytes(slot, "big")
