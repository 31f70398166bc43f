"""The receipt that a verdict rests on: from the log at hand, whatever was handed in; without either, an answer in words."""

from dataclasses import replace

import pytest
from acredita.anchoring.entries import EntryKind
from acredita.anchoring.receipts import Receipt
from acredita.anchoring.types import Address, BlockHash, Digest
from acredita.node.verification import files
from acredita.node.verification.report import sentences_of
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.verification.case import Moment
from acredita.registry.verification.results import Verdict, VerificationReport

from tests.registry.verification import cases
from tests.registry.verification.asking import ask, ask_offline, bundle_of
from tests.registry.world import ACT, DAY, HOUR, STATUS_ONLY, AnchoredWorld, Credential, party


def plain(report: VerificationReport) -> tuple[Verdict, str | None]:
    return report.verdict, report.code


def test_a_receipt_that_is_not_shown_is_made_from_the_log(anchored: AnchoredWorld) -> None:
    without, shown = ask(anchored.world, anchored.good), ask(anchored.world, anchored.good, anchored.receipt)
    assert without == shown
    assert (without.verdict, without.anchored_at) == (Verdict.RECOGNISED, anchored.receipt.checkpoint.time)
    anchored.world.decide(anchored.world.issuers.suspend(anchored.up.id, ACT))
    assert plain(ask(anchored.world, anchored.good)) == (Verdict.VALID_WITH_WARNINGS, "ISSUER_SUSPENDED_NOW")


def test_without_receipt_and_log_what_fails_now_is_said_first(anchored: AnchoredWorld) -> None:
    anchored.world.pass_time(HOUR)
    cases.compromise(anchored, anchored.world.now)
    anchored.world.decide(anchored.world.issuers.suspend(anchored.up.id, ACT))
    report = ask(anchored.world, anchored.good, has_log=False)
    assert plain(report) == (Verdict.INDETERMINATE, "RECEIPT_MISSING")
    assert report.fails_now == ("KEY_COMPROMISED", "ISSUER_SUSPENDED_NOW")
    assert sentences_of(report) == ["KEY_COMPROMISED", "ISSUER_SUSPENDED_NOW", "RECEIPT_MISSING"]


def edited_receipts(anchored: AnchoredWorld) -> dict[str, Receipt]:
    receipt, nothing = anchored.receipt, BlockHash(bytes(32))
    checkpoint = replace(receipt.checkpoint, time=receipt.checkpoint.time - 1)
    return {
        "another credential's": anchored.receipts[1],
        "of another chain": replace(receipt, genesis=nothing),
        "of another contract": replace(receipt, contract=Address(bytes(20))),
        "of another issuer": replace(receipt, issuer=party("somebody").id),
        "of another epoch": replace(receipt, epoch=2),
        "of another programme": replace(receipt, entry=replace(receipt.entry, programme=Digest(bytes(32)))),
        "at another index": replace(receipt, index=receipt.index + 1),
        "with another path": replace(receipt, inclusion=receipt.inclusion[:-1]),
        "at an earlier time": replace(receipt, checkpoint=checkpoint),
        "of a later checkpoint": replace(receipt, checkpoint=replace(checkpoint, time=checkpoint.time + 9 * DAY)),
    }


EDITED = (
    "another credential's",
    "of another chain",
    "of another contract",
    "of another issuer",
    "of another epoch",
    "of another programme",
    "at another index",
    "with another path",
    "at an earlier time",
    "of a later checkpoint",
)


@pytest.mark.parametrize("name", EDITED)
def test_a_receipt_changes_no_verdict_where_the_log_is_at_hand(anchored: AnchoredWorld, name: str) -> None:
    """Swap the receipt of a good credential, of a revoked one, and of one that is not anchored."""
    world, shown, revoked = anchored.world, edited_receipts(anchored)[name], anchored.credentials[2]
    world.anchor(anchored.up, changes=[(EntryKind.REVOKED, revoked.position)], kind=STATUS_ONLY)
    for credential in (anchored.good, revoked):
        report, honest = ask(world, credential, shown), ask(world, credential)
        assert (report.verdict, report.code, report.steps, report.now) == (
            honest.verdict,
            honest.code,
            honest.steps,
            honest.now,
        )
        assert [note.code for note in report.notes] == ["RECEIPT_IGNORED"]
    waiting = world.sign(anchored.up)
    assert ask(world, waiting, shown).verdict in {Verdict.PENDING_ANCHOR, Verdict.INVALID, Verdict.INDETERMINATE}


def test_the_first_entry_of_a_digest_counts_and_not_a_later_one(anchored: AnchoredWorld) -> None:
    """Anchor a credential a second time, after the key was compromised: neither receipt hides the other's time."""
    world = anchored.world
    time = world.pass_time(HOUR)
    world.chain.mine()
    cases.compromise(anchored, time)
    world.anchor_entries(anchored.up, [anchored.good.entry])
    [*_, again] = world.epoch(anchored.up).checkpoints
    later = replace(anchored.receipt, checkpoint=again)
    for shown in (None, anchored.receipt, later):
        assert plain(ask(world, anchored.good, shown)) == (Verdict.VALID_WITH_WARNINGS, "KEY_COMPROMISED_NOW")


def test_a_void_first_entry_leaves_the_first_that_counts(anchored: AnchoredWorld) -> None:
    """Make an anchor void, and anchor the credential again in the new epoch: the void receipt is left aside."""
    world = anchored.world
    late = world.sign(anchored.up)
    [void] = world.anchor(anchored.up, [late])
    world.open_epoch(anchored.up, last_good=1)
    assert plain(ask(world, late, void)) == (Verdict.INVALID, "CHECKPOINT_VOID")
    world.anchor(anchored.up, [late])
    report = ask(world, late, void)
    assert plain(report) == (Verdict.RECOGNISED, None)
    assert report.anchored_at == world.epoch(anchored.up).checkpoints[-1].time
    assert [note.code for note in report.notes] == ["RECEIPT_IGNORED"]


def test_a_revoked_credential_is_not_hidden_by_a_receipt_of_another_chain(anchored: AnchoredWorld) -> None:
    world = anchored.world
    world.anchor(anchored.up, changes=[(EntryKind.REVOKED, anchored.good.position)], kind=STATUS_ONLY)
    bundle = bundle_of(world, anchored.good, anchored.receipt)
    other = replace(bundle, receipt=replace(anchored.receipt, chain_id=1))
    assert plain(ask_offline(world, other)) == (Verdict.INVALID, "CREDENTIAL_REVOKED")


def test_at_a_past_moment_the_receipt_is_of_the_log_as_it_was(anchored: AnchoredWorld) -> None:
    """Ask as of before the anchor, after it, and before and after an epoch was closed below another."""
    world = anchored.world
    anchor_time = anchored.receipt.checkpoint.time
    late = world.sign(anchored.up)
    [void] = world.anchor(anchored.up, [late])
    world.pass_time(HOUR)
    world.chain.mine()
    before_closing, entries = world.now, world.entries_of(anchored.up.id)
    world.pass_time(HOUR)
    world.open_epoch(anchored.up, last_good=1)
    after_closing = world.now

    def at(time: int, credential: Credential) -> tuple[Verdict, str | None]:
        moment = Moment(time, given=True)
        observer = files.observe(world.trust(), world.entries_of, world.ledger, moment)
        assert not isinstance(observer, Missing)
        observer.entries_of = lambda issuer: entries
        return plain(ask(world, credential, at=time, observer=observer))

    assert at(anchor_time - 1, anchored.good)[0] is not Verdict.RECOGNISED
    assert at(anchor_time, anchored.good) == (Verdict.RECOGNISED, None)
    assert at(before_closing, late) == (Verdict.RECOGNISED, None)
    assert at(after_closing, late) == (Verdict.PENDING_ANCHOR, "PENDING_ANCHOR")
    assert void.checkpoint.number == 2
